"""A user's own file: read in the workbench's layout, or refused naming the place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.columns import at, column_numbers, require_columns, typed_columns
from analysis.tables.etp_bulk import is_etp_bulk, program_outcomes, read_etp_bulk
from analysis.tables.layouts import LAYOUTS
from analysis.tables.schemas import SCHEMAS, checked
from analysis.tables.text_files import read_text_table

_TABLE_OF = {
    "outcomes": "program_outcomes",
    "programs": "programs",
    "group_outcomes": "program_group_outcomes",
}
# columns that the table of participants makes itself
_OWN_HEADINGS = ("person", "trial", "treated", "stratum")


def read_user_table(path: Path, layout: str) -> pd.DataFrame:
    """Read a user's programs or outcomes into the typed table of that name.

    Parameters
    ----------
    path : Path
        CSV (UTF-8, commas) or Parquet; for outcomes the national file of training results too.
    layout : str
        ``programs``, ``outcomes`` or ``group_outcomes``
        (:data:`analysis.tables.layouts.LAYOUTS`).

    Returns
    -------
    DataFrame
        Table ``programs``, ``program_outcomes`` or ``program_group_outcomes``. What was repaired
        on the way, such as a leading zero given back to a CIP code, stands as sentences in
        ``attrs["repairs"]``.

    Raises
    ------
    WorkbenchError
        Naming the file, the column and the row (the heading is row 1) and the remedy.

    Examples
    --------
    >>> import tempfile
    >>> lines = ["program_key,provider,program,cip_code,state,cost",
    ...          "a,College,Farming,1.0304,CA,\\"$1,200\\""]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "programs.csv"
    ...     _ = path.write_text("\\n".join(lines))
    ...     programs = read_user_table(path, "programs")
    >>> programs[["cip_code", "cost", "weeks"]].values.tolist()
    [['01.0304', 1200.0, nan]]
    >>> programs.attrs["repairs"][0].split("; ")[1]
    "row 2: '1.0304' is read as 01.0304"
    """
    if layout not in _TABLE_OF:
        raise WorkbenchError(f"'{layout}' is no layout", f"Layouts: {', '.join(_TABLE_OF)}.")
    if layout == "outcomes" and path.suffix.lower() in (".csv", ".xlsx") and is_etp_bulk(path):
        programs = read_etp_bulk(path)
        done = program_outcomes(programs, "user:outcomes")
        left = done.attrs["left_out"]
        repairs = [f"{left} programs have no CIP code and are left out"] * bool(left)
        done.attrs["repairs"] = repairs + programs.attrs["unreadable"] + programs.attrs["inferred"]
        return done
    raw = read_text_table(path)
    frame = typed_columns(raw, LAYOUTS[layout], path)
    _refuse_contradictions(frame, raw, layout, path)
    table = _TABLE_OF[layout]
    done = checked(_completed(frame, table), table, path.name)
    done.attrs["repairs"] = _repairs(raw["cip_code"], frame["cip_code"])
    return done


def read_participants(
    path: Path,
    *,
    treatment: str,
    outcome: str,
    groups: list[str],
    covariates: list[str],
    stratum: str | None = None,
    weights: str | None = None,
    cluster: str | None = None,
    attended: str | None = None,
    cost: str | None = None,
    missing_outcomes: Literal["refuse", "leave out"] = "refuse",
) -> pd.DataFrame:
    """Read a user's participants: one row a person.

    Parameters
    ----------
    path : Path
        CSV or Parquet.
    treatment : str
        Column of 0 and 1: whether the person was assigned to the program.
    outcome : str
        Column of numbers.
    groups, covariates : list of str
        Columns that make groups (text) and that were measured before assignment (numbers).
    stratum : str, optional
        Column within which assignment was drawn.
    weights : str, optional
        Column of how many people each stands for, above 0.
    cluster : str, optional
        Column of clusters (sites, classes) whose people are alike.
    attended : str, optional
        Column of 0 and 1: whether the person took the program up.
    cost : str, optional
        Column of what was spent on the person, in either arm, in the outcome's money.
    missing_outcomes : {'refuse', 'leave out'}
        Whether a person without an outcome is an error, or keeps a missing one for the caller
        to leave out and to count.

    Returns
    -------
    DataFrame
        ``person``, ``trial``, ``treated``, ``stratum``, the groups as text (missing values are
        the group "not stated"), the outcome and the covariates as floats; ``weight``,
        ``cluster``, ``attended`` and ``cost`` where they are named. No row is dropped.

    Raises
    ------
    WorkbenchError
        As :func:`read_user_table`; also where treatment is not 0 or 1, an outcome or covariate is
        missing, one column plays two parts, or a person stands in two rows.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "people.csv"
    ...     _ = path.write_text("offered,pay,race\\n1,900,Black\\n0,850,\\n")
    ...     people = read_participants(
    ...         path, treatment="offered", outcome="pay", groups=["race"], covariates=[]
    ...     )
    >>> people[["person", "trial", "treated", "race", "pay"]].values.tolist()
    [[0, 'people', 1, 'Black', 900.0], [1, 'people', 0, 'not stated', 850.0]]
    """
    raw = read_text_table(path)
    numeric = {"weight": weights, "attended": attended, "cost": cost}
    others = {part: name for part, name in (numeric | {"cluster": cluster}).items() if name}
    _refuse_double_parts(path, treatment, outcome, groups, covariates, others)
    named = [treatment, outcome, *groups, *covariates, *others.values()]
    require_columns(raw, [*named, *([stratum] if stratum else [])], path)
    treated = _zero_or_one(raw[treatment], treatment, path)
    _refuse_people_twice(raw, path)
    frame = pd.DataFrame({"person": np.arange(len(raw)), "trial": path.stem}, index=raw.index)
    frame["treated"] = treated.astype("int64")
    frame["stratum"] = raw[stratum].fillna("not stated") if stratum else ""
    for name in groups:
        frame[name] = raw[name].fillna("not stated")
    numbers = {name: name for name in [outcome, *covariates]}
    numbers |= {part: name for part, name in numeric.items() if name}
    for part, name in numbers.items():
        frame[part] = column_numbers(raw[name], name, path)
        bad = frame[part].isna()
        if bad.any() and not (name == outcome and missing_outcomes == "leave out"):
            remedy = "Fill it, or leave the row out and say so."
            raise at(path, name, bad, raw[name], "is missing", remedy)
    if cluster:
        frame["cluster"] = raw[cluster]
    _refuse_unusable_parts(frame, raw, others, path)
    return frame.reset_index(drop=True)


def _refuse_double_parts(
    path: Path,
    treatment: str,
    outcome: str,
    groups: list[str],
    covariates: list[str],
    others: Mapping[str, str],
) -> None:
    # weights and clusters may be what people are grouped by or adjusted for as well
    apart = [name for part, name in others.items() if part in ("attended", "cost")]
    parts = [treatment, outcome, *groups, *covariates, *apart]
    for name in parts:
        if parts.count(name) > 1:
            raise WorkbenchError(
                f"{path.name}: column '{name}' is named for two parts",
                "Treatment, outcome, groups and covariates must be different columns.",
            )
    taken = [*_OWN_HEADINGS, *others]
    for name in [outcome, *groups, *covariates]:
        if name in taken:
            raise WorkbenchError(
                f"{path.name}: heading '{name}' is one that the workbench makes itself",
                f"Rename the column: {', '.join(taken)} are taken.",
            )


def _zero_or_one(column: pd.Series, name: str, path: Path) -> pd.Series:
    numbers = column_numbers(column, name, path)
    if (bad := ~numbers.isin([0.0, 1.0])).any():
        raise at(path, name, bad, column, "is neither 0 nor 1", "Code it as 0 or 1.")
    return numbers


def _refuse_people_twice(raw: pd.DataFrame, path: Path) -> None:
    if "person" in raw and (repeated := raw["person"].dropna().duplicated()).any():
        remedy = "Keep one row a person."
        people = raw["person"].dropna()
        raise at(path, "person", repeated, people, "stands in an earlier row too", remedy)


def _refuse_unusable_parts(
    frame: pd.DataFrame, raw: pd.DataFrame, parts: Mapping[str, str], path: Path
) -> None:
    """Values that a weight, attendance or a cluster may not have."""
    faults = {
        "weight": (lambda part: part <= 0, "is no weight above 0", "Leave the row out."),
        "attended": (
            lambda part: ~part.isin([0.0, 1.0]), "is neither 0 nor 1", "Code it as 0 or 1."
        ),
        "cluster": (pd.Series.isna, "is missing", "Name each one's cluster."),
    }  # fmt: skip
    for part, (is_bad, what, remedy) in faults.items():
        if part in parts and (bad := is_bad(frame[part])).any():
            name = parts[part]
            raise at(path, name, bad, raw[name], what, remedy)


def _refuse_contradictions(frame: pd.DataFrame, raw: pd.DataFrame, layout: str, path: Path) -> None:
    if layout != "programs":
        bad = frame["metric"].str.endswith("_share") & (frame["value"] > 1)
        if bad.any():
            remedy = "Write 0.62 for 62 percent."
            raise at(path, "value", bad, raw["value"], "is a share above 1", remedy)
    elif (bad := frame["program_key"].duplicated()).any():
        remedy = "Give each program a key of its own."
        raise at(path, "program_key", bad, raw["program_key"], "stands twice", remedy)


def _completed(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    done = frame.copy()
    if table != "programs":
        done["source_id"] = "user:outcomes"
        key = done["provider_id"] + ":" + done["cip_code"]
        stated = done.get("program_key", key)
        done["program_key"] = stated.where(stated != "", key)
        done["quarter"] = done["quarter"].fillna(0).astype("int64") if "quarter" in done else 0
    else:
        done["list_name"] = "user"
        done["cip_title"] = pd.Series(pd.NA, index=done.index, dtype="str")
    for name, column in SCHEMAS[table].items():
        if name not in done:
            done[name] = np.nan if str(column.dtype) == "float64" else ""
    return done


def _repairs(written: pd.Series, codes: pd.Series) -> list[str]:
    changed = written.ne(codes)
    if not changed.any():
        return []
    row = changed.index[changed][0]
    return [
        f"cip_code: {int(changed.sum())} of {len(codes)} codes were not written as NN.NNNN; "
        f"row {row}: '{written.loc[row]}' is read as {codes.loc[row]}"
    ]
