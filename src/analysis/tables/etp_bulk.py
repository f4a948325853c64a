"""The national file of training providers' results (ETA-9171): programs, people, rates, earnings.

``DownloadPrograms.xlsx`` of trainingproviderresults.gov, 57 columns. It has no column for race,
sex or barriers, no stable number of a program and no program year.
"""

import math
from pathlib import Path

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.cleaning import cip_from_number
from analysis.tables.schemas import checked

NOT_REPORTED = -1
# states that the publisher warns about
WARNED_STATES = frozenset({"CO", "NH", "NJ", "NY"})
# heading (without case): column here
_TEXT = {
    "reportingstate": "state",
    "d101_eligible_training_provider": "provider",
    "d105_program_name": "program",
}
_NUMBERS = {
    "d120_total_served": "served",
    "d123_total_employed_q2": "employed_q2",
    "de129": "denominator_q2",
    "de130": "denominator_q4",
    "de170": "wioa_denominator_q2",
    "de171": "wioa_denominator_q4",
    "c_q2_employment_percent": "published_percent_q2",
}
_OUTCOMES = "d108_program"
_CIP = "d110_cip_code"
_DATE = "de172"


def read_etp_bulk(path: Path) -> pd.DataFrame:
    """Read the national spreadsheet.

    Parameters
    ----------
    path : Path
        The publisher's workbook, or a CSV of it.

    Returns
    -------
    DataFrame
        Table ``etp_programs``: a row a program, counts missing where -1 says not reported or
        suppressed (never zero), ``cip_code`` mended from what floats made of it,
        ``potential_outcomes`` as single codes joined by a blank ("169" is 1, 6 and 9),
        ``share_q2`` over the denominator ``de129``, shown only where that denominator reproduces
        the publisher's own percentage or none is published, ``listed`` (date of the list) and
        ``warned`` (the publisher warns about the state).

    Raises
    ------
    WorkbenchError
        Missing headings or an unreadable file.
    """
    raw = _read(path)
    needed = [*_TEXT, _CIP, "d123_total_employed_q2", "de129"]
    if missing := [name for name in needed if name not in raw]:
        raise WorkbenchError(
            f"{path.name}: columns are missing: {', '.join(missing)}",
            "Give the bulk file (57 columns); the search service lacks the denominators.",
        )
    frame = pd.DataFrame({new: raw[old].fillna("").str.strip() for old, new in _TEXT.items()})
    for old, new in _NUMBERS.items():
        numbers = pd.to_numeric(raw[old], errors="coerce") if old in raw else math.nan
        frame[new] = pd.Series(numbers, index=raw.index, dtype="float64")
        frame[new] = frame[new].where(frame[new] >= 0)
    frame["cip_code"] = raw[_CIP].map(cip_from_number, na_action=None)
    frame["cip_code"] = frame["cip_code"].where(frame["cip_code"] != "")
    codes = raw[_OUTCOMES] if _OUTCOMES in raw else pd.Series("", index=raw.index)
    frame["potential_outcomes"] = codes.map(separate_codes, na_action=None)
    dates = raw[_DATE] if _DATE in raw else pd.Series(math.nan, index=raw.index)
    frame["listed"] = dates.map(date_of_serial, na_action=None)
    frame["share_q2"] = _share(frame)
    frame["warned"] = frame["state"].isin(WARNED_STATES)
    return checked(frame, "etp_programs", path.name)


def separate_codes(written: object) -> str:
    """Single codes of a concatenated entry.

    Examples
    --------
    >>> separate_codes("169"), separate_codes("169.0"), separate_codes(-1), separate_codes(None)
    ('1 6 9', '1 6 9', '', '')
    """
    text = "" if written is None or written != written else str(written).strip()
    text = text.removesuffix(".0")
    return " ".join(text) if text.isdigit() else ""


def date_of_serial(written: object) -> str:
    """Date of a spreadsheet's serial number, as YYYY-MM-DD; empty where it is none.

    Examples
    --------
    >>> date_of_serial("45473"), date_of_serial("-1")
    ('2024-06-30', '')
    """
    number = pd.to_numeric(pd.Series([written]), errors="coerce").iloc[0]
    if not number > 0:
        return ""
    return str((pd.Timestamp("1899-12-30") + pd.Timedelta(days=int(number))).date())


def _read(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.lower() == ".csv":
            raw = pd.read_csv(path, dtype="str")
        else:
            raw = pd.read_excel(path, dtype="str")
    except (OSError, ValueError, KeyError) as error:
        raise WorkbenchError(
            f"{path.name}: not readable as a workbook ({error})", "Fetch it again."
        ) from None
    raw.columns = raw.columns.str.strip().str.lower()
    return raw


def _share(frame: pd.DataFrame) -> pd.Series:
    """Employed over the published denominator; missing where it contradicts the publisher."""
    denominator = frame["denominator_q2"].where(frame["denominator_q2"] > 0)
    share = frame["employed_q2"] / denominator
    # the publisher writes shares in some releases and percentages in others
    percent = frame["published_percent_q2"]
    stated = percent.where(percent <= 1, percent / 100)
    agrees = stated.isna() | ((share - stated).abs() <= 0.01)
    return share.where(agrees & (share <= 1))
