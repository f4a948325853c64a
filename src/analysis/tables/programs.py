"""Lists of training programs: the Texas list and College Scorecard's fields of study."""

from pathlib import Path

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.cleaning import (
    cip_from_number,
    number_from_text,
    onet_code_from_number,
    plain_text,
)
from analysis.tables.schemas import checked

_TEXAS_TEXT = {
    "Provider ID": "provider_id",
    "ProviderName": "provider",
    "Program Name": "program",
    "Program Description": "description",
    "Associted Credential Name": "credential",
    "Delivery Method": "delivery",
    "Campus City": "city",
    "Campus County": "county",
    "Campus State": "state",
    "Information: Public Transit": "public_transit",
    "Information: Onsite Childcare": "child_care",
}
_TEXAS_NUMBERS = (
    "Program ID",
    "Instructional Program (CIP) Code",
    *(f"Occupation Code (ONET {i})" for i in (1, 2, 3)),
    "Required Cost: Tuition & Fees",
    "Required Cost: Books & Supplies",
    "Length: Weeks",
    "Length: Contact Hours",
)


def read_texas_programs(
    path: Path, maximum_weeks: float = 260.0, maximum_hours: float = 10_000.0
) -> pd.DataFrame:
    """Approved programs of the Texas Eligible Training Provider List.

    Parameters
    ----------
    path : Path
        CSV of the list; its headings are misspelt as the state has them.
    maximum_weeks, maximum_hours : float, optional
        Longest length taken as real. The list writes 99,999 weeks where none is fixed (17
        programs), and one holds a spreadsheet's date (44,481); the next is 262 weeks.

    Returns
    -------
    DataFrame
        Table ``programs``, one row a program, none dropped. ``cost`` is tuition and fees with
        required books and supplies, in dollars; a cost of 0 stands as stated. A length over the
        maximum, of zero, or without a number (the list writes ``ERROR``) is missing. 33 programs
        have no CIP code. Of the stated O*NET codes 2,522 of 8,206 are of older O*NET releases:
        they are kept as stated.

    Raises
    ------
    WorkbenchError
        When a heading is missing or a value breaks the table's schema.

    Examples
    --------
    >>> import tempfile
    >>> row = dict.fromkeys([*_TEXAS_TEXT, *_TEXAS_NUMBERS], "") | {
    ...     "Program ID": "12", "Program Name": "<b>Welding</b>", "Campus State": "TX",
    ...     "Instructional Program (CIP) Code": "480508", "Length: Weeks": "99999",
    ...     "Required Cost: Tuition & Fees": "$1,200", "Required Cost: Books & Supplies": "300"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "list.csv"
    ...     pd.DataFrame([row]).to_csv(path, index=False)
    ...     frame = read_texas_programs(path)
    >>> frame[["program_key", "program", "cip_code", "cost", "weeks"]].values.tolist()
    [['texas:12', 'Welding', '48.0508', 1500.0, nan]]
    """
    raw = pd.read_csv(path, dtype="str", encoding="utf-8")
    if absent := [name for name in (*_TEXAS_TEXT, *_TEXAS_NUMBERS) if name not in raw]:
        raise WorkbenchError(
            f"{path.name}: heading '{absent[0]}' is missing", "The list has another layout."
        )
    frame = pd.DataFrame({new: raw[old].map(plain_text) for old, new in _TEXAS_TEXT.items()})
    frame["program_key"] = "texas:" + raw["Program ID"]
    frame["list_name"] = "texas_etpl"
    cip = raw["Instructional Program (CIP) Code"].map(cip_from_number)
    frame["cip_code"] = cip.where(cip != "")
    frame["cip_title"] = pd.Series(pd.NA, index=frame.index, dtype="str")
    stated = [raw[f"Occupation Code (ONET {i})"].map(onet_code_from_number) for i in (1, 2, 3)]
    frame["stated_soc_codes"] = [
        ";".join(code for code in codes if code) for codes in zip(*stated, strict=True)
    ]
    tuition = raw["Required Cost: Tuition & Fees"].map(number_from_text)
    books = raw["Required Cost: Books & Supplies"].map(number_from_text)
    frame["cost"] = (tuition + books.fillna(0)).where(tuition >= 0)
    weeks = raw["Length: Weeks"].map(number_from_text)
    frame["weeks"] = weeks.where((weeks > 0) & (weeks <= maximum_weeks))
    hours = raw["Length: Contact Hours"].map(number_from_text)
    frame["hours"] = hours.where((hours > 0) & (hours <= maximum_hours))
    return checked(frame, "programs", path.name)


def _scorecard_key(raw: pd.DataFrame) -> pd.Series:
    """Key of a field of study: institution, field and credential level."""
    return "scorecard:" + raw["unitid"] + ":" + raw["cip_code"] + ":" + raw["credential_level"]


def read_scorecard(path: Path) -> pd.DataFrame:
    """College Scorecard fields of study as the cleaned table has them, with a key for each row.

    The few institutions without a ``unitid`` are told apart by their ``opeid6``, and repeated
    rows of one key by their order.

    Parameters
    ----------
    path : Path
        Parquet with ``unitid``, ``opeid6``, ``cip_code`` (four digits) and ``credential_level`` as
        text.

    Returns
    -------
    DataFrame
        All columns of the file, ``cip_code`` as ``NN.NN``, with ``program_key`` (unique) and
        ``provider_id``.

    Raises
    ------
    KeyError
        When a column is missing.

    Examples
    --------
    >>> import tempfile
    >>> rows = {"unitid": ["100", "100", None], "opeid6": ["001", "001", "002"],
    ...         "cip_code": "4805", "credential_level": "1"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "programs.parquet"
    ...     pd.DataFrame(rows).to_parquet(path)
    ...     read_scorecard(path)["program_key"].tolist()
    ['scorecard:100:4805:1', 'scorecard:100:4805:1:2', 'scorecard:opeid-002:4805:1']
    """
    raw = pd.read_parquet(path)
    institution = raw["unitid"].fillna("opeid-" + raw["opeid6"].fillna("none"))
    key = _scorecard_key(raw.assign(unitid=institution))
    repeat = key.groupby(key).cumcount()
    raw["program_key"] = key + repeat.map(lambda count: f":{count + 1}" if count else "")
    raw["provider_id"] = institution
    raw["cip_code"] = raw["cip_code"].str[:2] + "." + raw["cip_code"].str[2:]
    return raw


def read_scorecard_programs(path: Path) -> pd.DataFrame:
    """College Scorecard fields of study as a list of programs (four-digit CIP, no cost).

    Parameters
    ----------
    path : Path
        As for :func:`read_scorecard`, with ``inst_name``, ``cip_desc``, ``credential_desc`` and
        ``state``.

    Returns
    -------
    DataFrame
        Table ``programs``. The city, length and cost are not in this file and stay empty.

    Raises
    ------
    WorkbenchError
        When a value breaks the table's schema.
    KeyError
        When a column is missing.

    Examples
    --------
    >>> import tempfile
    >>> row = {"unitid": "100", "opeid6": "001", "cip_code": "4805", "credential_level": "1",
    ...     "inst_name": "College", "cip_desc": "Precision Metal Working.", "state": "CA",
    ...     "credential_desc": "Certificate"}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "programs.parquet"
    ...     pd.DataFrame([row]).to_parquet(path)
    ...     frame = read_scorecard_programs(path)
    >>> frame[["provider", "program", "cip_code", "cost"]].values.tolist()
    [['College', 'Precision Metal Working, Certificate', '48.05', nan]]
    """
    raw = read_scorecard(path)
    missing = pd.Series(float("nan"), index=raw.index)
    title = raw["cip_desc"].str.rstrip(". ")
    frame = pd.DataFrame(
        {
            "program_key": raw["program_key"],
            "list_name": "college_scorecard",
            "provider_id": raw["provider_id"],
            "provider": raw["inst_name"].fillna(""),
            "program": title + ", " + raw["credential_desc"],
            "description": "",
            "cip_code": raw["cip_code"],
            "cip_title": title,
            "stated_soc_codes": "",
            "credential": raw["credential_desc"],
            "cost": missing,
            "weeks": missing,
            "hours": missing,
            "delivery": "",
            "city": "",
            "county": "",
            "state": raw["state"].fillna(""),
            "public_transit": "",
            "child_care": "",
        }
    )
    return checked(frame, "programs", path.name)
