"""The national file of training providers' results (ETA-9171): programs, people, rates, earnings.

``DownloadPrograms.xlsx`` of trainingproviderresults.gov, 57 columns. It has no column for race,
sex or barriers, no stable number of a program and no program year.

No copy of the file is at hand. Which headings were seen, which are inferred from the publisher's
search service and which renamed ones are refused is in :mod:`analysis.tables.etp_headings`. Not
seen anywhere and not inferred: the numbers of WIOA participants employed. They are given by
``headings``, or by naming the column in one's copy as here (``wioa_employed_q2``);
``attrs["inferred"]`` says what was inferred, ``attrs["not_read"]`` lists the headings of the file
that nothing was read from.
"""

import math
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.cleaning import amounts, cip_from_number
from analysis.tables.etp_headings import inferred_headings, looks_like_etp, refuse_renamed
from analysis.tables.schemas import checked
from analysis.tables.text_files import read_text_table, refuse_headings
from analysis.tables.workbooks import read_sheet

NOT_REPORTED = -1
# of a spreadsheet's calendar, which ends with the year 9999
_DAYS = 2_958_466
# states that the publisher warns about
WARNED_STATES = frozenset({"CO", "NH", "NJ", "NY"})
# column here: heading (without case)
_TEXT = {
    "state": "reportingstate",
    "provider": "d101_eligible_training_provider",
    "program": "d105_program_name",
}
_NUMBERS = {
    "served": "d120_total_served",
    "completed": "d122_total_completed",
    "employed_q2": "d123_total_employed_q2",
    "denominator_q2": "de129",
    "denominator_q4": "de130",
    "wioa_denominator_q2": "de170",
    "wioa_denominator_q4": "de171",
    "published_percent_q2": "c_q2_employment_percent",
    "tuition": "d111_non_wioa_tuition_cost",
    "hours": "d113_program_length_hours",
    "weeks": "d114_program_length_weeks",
}
# numbers that the file holds under headings which were not seen
UNSEEN = (
    *("exited", "credentials", "employed_q4", "wioa_employed_q2", "wioa_employed_q4"),
    *("median_earnings_q2", "supplies"),
)
_KIND = "d104_entity_type"
_OUTCOMES = "d108_program"
_CIP = "d110_cip_code"
_DATE = "de172"
_NEEDED = (*_TEXT.values(), _CIP, "d123_total_employed_q2", "de129")


def read_etp_bulk(path: Path, headings: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Read the national spreadsheet.

    Parameters
    ----------
    path : Path
        The publisher's workbook, or a CSV of it.
    headings : mapping of str to str, optional
        For columns of ``UNSEEN``: the heading in the file, such as ``{"exited": "d121_…"}``.

    Returns
    -------
    DataFrame
        Table ``etp_programs``: a row a program, numbers missing where -1 says not reported or
        suppressed (never zero; of a length: fixed by competence), ``cip_code`` mended from what
        floats made of it, ``potential_outcomes`` as single codes joined by a blank ("169" is 1, 6
        and 9), shares over the published denominators (``share_q2`` shown only where that
        denominator reproduces the publisher's own percentage or none is published),
        ``median_earnings_q2`` in dollars a quarter, ``cost`` (tuition, with supplies where
        both are known), ``exempt`` (apprenticeships need not report, 20 CFR 677.230(b)),
        ``listed`` (date of the list) and ``warned`` (the publisher warns about the state).
        ``attrs["unreadable"]`` has a sentence for each heading with cells that are no number,
        ``attrs["inferred"]`` one for each column that was read by inference.

    Raises
    ------
    WorkbenchError
        Missing or renamed headings, a heading for an unknown column, or an unreadable file.

    Examples
    --------
    >>> import tempfile
    >>> row = {"reportingstate": "CA", "d101_eligible_training_provider": "College",
    ...     "d105_program_name": "Welding", "d110_cip_code": "480508.0",
    ...     "d123_total_employed_q2": 30, "de129": 40, "d120_total_served": -1, "de172": 45473}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "programs.csv"
    ...     pd.DataFrame([row]).to_csv(path, index=False)
    ...     frame = read_etp_bulk(path)
    >>> frame[["cip_code", "share_q2", "served", "listed"]].values.tolist()
    [['48.0508', 0.75, nan, '2024-06-30']]
    """
    raw = _read(path)
    own = {name: name for name in UNSEEN if name in raw}
    asked = own | {name: old.strip().lower() for name, old in (headings or {}).items()}
    inferred = {n: old for n, old in inferred_headings(raw.columns).items() if n not in asked}
    given = inferred | asked
    _refuse_headings(raw, given, path.name)
    unreadable: list[str] = []
    frame = pd.DataFrame({new: raw[old].fillna("").str.strip() for new, old in _TEXT.items()})
    for new, old in {**_NUMBERS, **dict.fromkeys(UNSEEN, ""), **given}.items():
        frame[new] = amounts(raw[old]) if old in raw else math.nan
        if old in raw and (bad := frame[new].isna() & raw[old].notna()).any():
            unreadable.append(_unreadable(old, bad))
        frame[new] = frame[new].where(frame[new] >= 0)
    frame["cip_code"] = raw[_CIP].map(cip_from_number, na_action=None)
    frame["cip_code"] = frame["cip_code"].where(frame["cip_code"] != "")
    frame["potential_outcomes"] = _of(raw, _OUTCOMES).map(_separate_codes, na_action=None)
    frame["listed"] = _of(raw, _DATE).map(_date_of_serial, na_action=None)
    frame["kind"] = _of(raw, _KIND).fillna("").str.strip()
    frame["exempt"] = frame["kind"].str.contains("apprenticeship", case=False)
    # a sum without its known part of unknown size would be a cost too low
    frame["cost"] = frame["tuition"] + (frame["supplies"] if "supplies" in given else 0)
    frame["share_q2"] = _agreeing(frame, _rate(frame["employed_q2"], frame["denominator_q2"]))
    frame["share_q4"] = _rate(frame["employed_q4"], frame["denominator_q4"])
    for quarter in ("q2", "q4"):
        over = frame[f"wioa_denominator_{quarter}"]
        frame[f"wioa_share_{quarter}"] = _rate(frame[f"wioa_employed_{quarter}"], over)
    frame["warned"] = frame["state"].isin(WARNED_STATES)
    done = checked(frame, "etp_programs", path.name)
    read = {*_TEXT.values(), *_NUMBERS.values(), *given.values(), _KIND, _OUTCOMES, _CIP, _DATE}
    done.attrs["unreadable"] = unreadable
    done.attrs["inferred"] = [
        f"heading '{old}' is read as {name}, by the name that the search service has for it"
        for name, old in inferred.items()
    ]
    done.attrs["not_read"] = [name for name in raw.columns if name not in read]
    return done


def _unreadable(heading: str, bad: pd.Series) -> str:
    return (
        f"{heading}: {int(bad.sum())} of {len(bad)} cells are no number and read as missing; "
        f"the first is in row {bad.index[bad.to_numpy()][0]}"
    )


def is_etp_bulk(path: Path) -> bool:
    """Whether a workbook or CSV has headings of the national file, if not all that are needed.

    A file that cannot be read is none.

    Parameters
    ----------
    path : Path
        CSV by its ending, else taken for a workbook.

    Returns
    -------
    bool

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "programs.csv"
    ...     _ = path.write_text("ReportingState,D105_Program_Name,DE129,DE130\\nCA,A,40,40\\n")
    ...     is_etp_bulk(path), is_etp_bulk(Path(folder) / "none.csv")
    (True, False)
    """
    try:
        return looks_like_etp(_read(path).columns)
    except WorkbenchError:
        return False


def program_outcomes(programs: pd.DataFrame, source_id: str = "etp_bulk") -> pd.DataFrame:
    """Outcomes with the people behind them, as the metrics and the tiers take them.

    Parameters
    ----------
    programs : DataFrame
        Table ``etp_programs``.
    source_id : str

    Returns
    -------
    DataFrame
        Table ``program_outcomes``: ``employed_share`` in quarters 2 and 4 with the published
        denominators as ``n``; ``median_annual_earnings`` (four times the median of quarter 2)
        with the number employed as ``n``; ``completers`` and ``cost`` without one, as they are
        no estimates. Programs without a CIP code cannot be placed: ``attrs["left_out"]``; keys of
        programs that need not report are in ``attrs["exempt"]``.

    Notes
    -----
    The key is state, provider, program and CIP code, numbered where it repeats: the file has no
    number of a program.

    Examples
    --------
    >>> columns = ["served", "completed", "employed_q2", "denominator_q2", "denominator_q4",
    ...            "share_q2", "share_q4", "median_earnings_q2", "cost"]
    >>> row = dict.fromkeys(columns, 40.0) | {"share_q2": 0.75, "share_q4": 0.5, "state": "CA",
    ...     "provider": "College", "program": "Welding", "cip_code": "48.0508"}
    >>> out = program_outcomes(pd.DataFrame([row]))
    >>> out[["metric", "quarter", "value", "n"]].values.tolist()[0]
    ['employed_share', 2, 0.75, 40.0]
    """
    placed = programs[programs["cip_code"].notna()]
    provider = placed["state"] + ":" + placed["provider"]
    key = provider + ":" + placed["program"] + ":" + placed["cip_code"]
    repeat = key.groupby(key).cumcount().map(lambda count: f":{count + 1}" if count else "")
    none = pd.Series(math.nan, index=placed.index)
    after = "quarter {} after exit"
    parts = [
        ("employed_share", 2, after.format(2), placed["share_q2"], placed["denominator_q2"]),
        ("employed_share", 4, after.format(4), placed["share_q4"], placed["denominator_q4"]),
        (
            *("median_annual_earnings", 2, "quarter 2 after exit, times four"),
            *(4 * placed["median_earnings_q2"], placed["employed_q2"]),
        ),
        ("completers", 0, "as listed", placed["completed"], none),
        ("cost", 0, "as listed", placed["cost"], none),
    ]
    shared = pd.DataFrame(
        {
            "program_key": "etp:" + key + repeat,
            "provider_id": provider,
            "provider": placed["provider"],
            "cip_code": placed["cip_code"],
            "state": placed["state"],
            "source_id": source_id,
        }
    )
    frames = [
        shared.assign(metric=metric, quarter=quarter, horizon=horizon, value=value, n=n)
        for metric, quarter, horizon, value, n in parts
        if value.notna().any()
    ] or [shared.iloc[:0].assign(metric="", quarter=0, horizon="", value=0.0, n=0.0)]
    done = checked(pd.concat(frames), "program_outcomes", "national training results")
    done.attrs["left_out"] = len(programs) - len(placed)
    exempt = placed["exempt"] if "exempt" in placed else pd.Series(False, index=placed.index)
    done.attrs["exempt"] = sorted(set(shared.loc[exempt, "program_key"]))
    return done


def _separate_codes(written: object) -> str:
    """Single codes of a concatenated entry.

    Examples
    --------
    >>> _separate_codes("169"), _separate_codes("169.0"), _separate_codes(-1), _separate_codes(None)
    ('1 6 9', '1 6 9', '', '')
    """
    text = "" if written is None or written != written else str(written).strip()
    text = text.removesuffix(".0")
    return " ".join(text) if text.isdigit() else ""


def _date_of_serial(written: object) -> str:
    """Date of a spreadsheet's serial number, as YYYY-MM-DD; empty where it is none.

    Examples
    --------
    >>> _date_of_serial("45473"), _date_of_serial("-1"), _date_of_serial("1e999")
    ('2024-06-30', '', '')
    """
    number = pd.to_numeric(pd.Series([written]), errors="coerce").iloc[0]
    if not 0 < number < _DAYS:
        return ""
    return str(date(1899, 12, 30) + timedelta(days=int(number)))


def _read(path: Path) -> pd.DataFrame:
    """Text of the workbook or CSV, indexed by the row in the file, headings in small letters."""
    if path.suffix.lower() == ".csv":
        raw = read_text_table(path)
    else:
        cells = read_sheet(path, dtype="str", header=None)
        if len(cells) < 2:
            raise WorkbenchError(f"{path.name} has a heading and no rows", "Give at least one row.")
        raw = cells.iloc[1:].set_axis(cells.iloc[0].fillna("").astype("str"), axis=1)
        raw.index = raw.index + 1
    raw.columns = raw.columns.astype("str").str.strip().str.lower()
    refuse_headings(path, list(raw.columns))
    return raw.rename_axis(columns=None)


def _refuse_headings(raw: pd.DataFrame, given: dict[str, str], name: str) -> None:
    unknown = [heading for heading in raw.columns if heading not in given.values()]
    read = [*_TEXT.values(), *_NUMBERS.values(), _KIND, _OUTCOMES, _CIP, _DATE]
    refuse_renamed([*unknown, *(h for h in read if h in raw)], read, name)
    if missing := [heading for heading in _NEEDED if heading not in raw]:
        raise WorkbenchError(
            f"{name}: columns are missing: {', '.join(missing)}",
            "Give the bulk file (57 columns); the search service lacks the denominators.",
        )
    for column, heading in given.items():
        if column not in UNSEEN:
            raise WorkbenchError(
                f"'{column}' is no column whose heading is asked for",
                f"Columns: {', '.join(UNSEEN)}.",
            )
        if heading not in raw:
            raise WorkbenchError(
                f"{name}: heading '{heading}' for '{column}' is not in the file",
                f"Headings: {', '.join(raw.columns)}.",
            )


def _of(raw: pd.DataFrame, heading: str) -> pd.Series:
    return raw[heading] if heading in raw else pd.Series("", index=raw.index, dtype="str")


def _rate(employed: pd.Series, over: pd.Series) -> pd.Series:
    share = employed / over.where(over > 0)
    return share.where(share <= 1)


def _agreeing(frame: pd.DataFrame, share: pd.Series) -> pd.Series:
    """Missing where the denominator contradicts the publisher's own rate."""
    # the publisher writes shares in some releases and percentages in others
    percent = frame["published_percent_q2"]
    stated = percent.where(percent <= 1, percent / 100)
    return share.where(stated.isna() | ((share - stated).abs() <= 0.01))
