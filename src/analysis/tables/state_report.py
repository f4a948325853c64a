"""A state's own report to the federal government (ETA-9169): outcomes by sex, age and race.

The form is published as a workbook for people to read: a row a group, and for each indicator the
number, in its newer edition the denominator, and the rate. No machine-readable release of it is at
hand, so what is read is a plain layout of ours with one row a group and the form's columns by name
(``workbench template state_report``); the form's own names of groups are understood. Rows and
columns are those of the form under OMB control number 1205-0526 (editions of 2016, 2020 and 2024);
the layout is a reconstruction and no publisher's file.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.tables.columns import at, typed_columns
from analysis.tables.layouts import LAYOUTS
from analysis.tables.schemas import checked
from analysis.tables.text_files import read_text_table

# shares of the form, each with its numerator, denominator and rate
SHARES = ("employed_q2", "employed_q4", "credential", "skill_gains")
KEYS = ["state", "stream", "period", "by", "group"]
# half of a whole percent: rates are published as such or finer
_ROUNDED = 0.0051
# the form's names of groups, in small letters without blanks: ours
_GROUPS = {
    "gender": {"female": "women", "male": "men"},
    "race": {
        "americanindian/alaskanative": "American Indian",
        "asian": "Asian",
        "black/africanamerican": "Black",
        "hispanic/latino": "Hispanic",
        "nativehawaiian/pacificislander": "Pacific Islander",
        "nativehawaiian/otherpacificislander": "Pacific Islander",
        "white": "white",
        "morethanonerace": "multiple races",
    },
    "age_group": {
        "<16": "under 16",
        "16-18": "16 to 18",
        "19-24": "19 to 24",
        "25-44": "25 to 44",
        "45-54": "45 to 54",
        "55-59": "55 to 59",
        "60+": "60 or more",
    },
    "all": {"totalstatewide": "all"},
}


def read_state_report(path: Path) -> pd.DataFrame:
    """Read a state's report by group.

    Parameters
    ----------
    path : Path
        CSV (UTF-8, commas) or Parquet in the layout ``state_report``. Of a share's numerator,
        denominator and rate two are enough: the third is computed, the counts rounded.

    Returns
    -------
    DataFrame
        Table ``state_report``: ``state``, ``stream``, ``period``, ``by`` (``all``, ``gender``,
        ``race`` or ``age_group``), ``group`` (our name), ``served``, ``exited`` (people), for each
        share its numerator, ``_of`` and ``_rate`` (of 1), and ``median_earnings_q2`` (dollars a
        quarter). Rows of other kinds of groups are left out and counted in
        ``attrs["left_out"]``: the form has a row for who has a barrier and none for who has not.

    Raises
    ------
    WorkbenchError
        Naming the file, the column and the row: what cannot be read, an unknown group, a group
        that stands twice, a numerator above its denominator, a rate that contradicts both.

    Examples
    --------
    >>> import tempfile
    >>> lines = [
    ...     "state,stream,period,by,group,served,exited,employed_q2,employed_q2_of",
    ...     "TX,Title I Adult,PY 2023,sex,Female,80,60,30,40",
    ...     "TX,Title I Adult,PY 2023,low_income,Low income,50,40,20,30",
    ... ]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "report.csv"
    ...     _ = path.write_text("\\n".join(lines))
    ...     report = read_state_report(path)
    >>> report[["by", "group", "employed_q2_rate"]].values.tolist(), report.attrs["left_out"]
    ([['gender', 'women', 0.75]], 1)
    """
    raw = read_text_table(path)
    frame = typed_columns(raw, LAYOUTS["state_report"], path)
    for field in LAYOUTS["state_report"]:
        if field.name not in frame:
            frame[field.name] = np.nan
    kinds = frame["by"].str.strip().str.lower()
    frame["by"] = kinds.replace({"sex": "gender", "age": "age_group", "race_ethnicity": "race"})
    known = frame["by"].isin(list(_GROUPS))
    left_out, frame, raw = int((~known).sum()), frame[known].copy(), raw[known]
    frame["group"] = _own_names(frame, raw, path)
    if (bad := frame[KEYS].duplicated()).any():
        remedy = "Give one row for each state, stream, period and group."
        raise at(path, "group", bad, raw["group"], "stands twice", remedy)
    for share in SHARES:
        _complete_share(frame, raw, share, path)
    done = checked(frame, "state_report", path.name)
    done.attrs["left_out"] = left_out
    return done


def _own_names(frame: pd.DataFrame, raw: pd.DataFrame, path: Path) -> pd.Series:
    plain = frame["group"].map(lambda name: re.sub(r"[^a-z0-9/<+\-]", "", name.lower()))
    named = pd.Series(pd.NA, index=frame.index, dtype="object")
    for by, ours in _GROUPS.items():
        own = {re.sub(r"[^a-z0-9/<+\-]", "", name.lower()): name for name in ours.values()}
        rows = frame["by"] == by
        named[rows] = plain[rows].map({**own, **ours})
    if (bad := named.isna()).any():
        kind = frame.loc[bad, "by"].iloc[0]
        remedy = f"Groups of '{kind}': {', '.join(dict.fromkeys(_GROUPS[kind].values()))}."
        raise at(path, "group", bad, raw["group"], f"is no group of '{kind}'", remedy)
    return named.astype("str")


def _complete_share(frame: pd.DataFrame, raw: pd.DataFrame, share: str, path: Path) -> None:
    """Fill in the third of numerator, denominator and rate, or refuse what contradicts itself."""
    met, of, rate = frame[share], frame[f"{share}_of"], frame[f"{share}_rate"]
    written = raw[share] if share in raw else raw["group"]
    faults = (
        (met > of, "is above its denominator", "Mend the two counts."),
        (
            (met / of.where(of > 0) - rate).abs() > _ROUNDED,
            "contradicts the rate over its denominator",
            "Mend the counts or the rate.",
        ),
    )
    for bad, what, remedy in faults:
        if bad.any():
            raise at(path, share, bad, written, what, remedy)
    frame[share] = met.fillna((of * rate).round())
    frame[f"{share}_of"] = of.fillna((met / rate.where(rate > 0)).round())
    frame[f"{share}_rate"] = rate.fillna(met / of.where(of > 0))
