"""The public WIOA Performance Records, streamed to Parquet, with a log of all that was rejected.

Memory is bounded by DuckDB, whatever the size of the file; every row of the file is either used
or rejected with a reason, and the sum is checked against the lines of the text.
"""

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from analysis.atomic import replacing
from analysis.errors import WorkbenchError
from analysis.tables.plain_text import PlainText, as_plain_text
from analysis.tables.wioa_layout import Element, element_number, wioa_layout
from analysis.tables.wioa_sql import typed, unreadable

_DELIMITERS = (",", "\t", ";", "|")
# a file of which more than this share of rows cannot be used is of another layout than it says
LARGEST_REJECTED_SHARE = 0.05
MEMORY_LIMIT = "2GB"


@dataclass(frozen=True)
class Records:
    """Typed records on disk, and what happened to every row and cell of the file.

    Attributes
    ----------
    path : Path
        Parquet with a column for each element (absent ones are null) and ``rejected``.
    repeats : Path
        Parquet of the positions (from 0) of rows that repeat an earlier record.
    reconciliation : DataFrame
        ``what``, ``rows``: rows in, used, and rejected by reason. The first equals the sum of the
        others.
    rejected : DataFrame
        ``row`` (the heading is row 1) and ``reason``, one row each.
    unreadable : DataFrame
        ``heading``, ``column``, ``cells`` and ``first_row``: cells that hold something that is no
        value of their element, and are read as missing.
    absent : tuple of str
        Columns that the file does not have.
    """

    path: Path
    repeats: Path
    reconciliation: pd.DataFrame
    rejected: pd.DataFrame
    unreadable: pd.DataFrame
    absent: tuple[str, ...]

    @property
    def rows_in(self) -> int:
        """Rows of the file, without its heading."""
        return int(self.reconciliation["rows"].iloc[0])

    @property
    def used(self) -> int:
        """Rows that are used."""
        return int(self.reconciliation["rows"].iloc[1])


def connect(memory_limit: str = MEMORY_LIMIT, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """A database in memory that spills to disk above its limit."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "threads": threads,
        "temp_directory": tempfile.gettempdir(),
    }
    return duckdb.connect(config=settings)


def read_wioa_records(path: Path, target: Path, *, refuse: bool = True) -> Records:
    """Read the public file (csv, zip or gz as published, or a state's own) into Parquet.

    Parameters
    ----------
    path : Path
        Text with a heading of element numbers (``PIRL 201``, ``PIRL201``, ``CALC4020``).
    target : Path
        Parquet file to write.
    refuse : bool
        Whether a file with too many unusable rows is an error (a check lists them instead).

    Returns
    -------
    Records

    Raises
    ------
    WorkbenchError
        A file that is no such text, lacks required elements or repeats a heading, holds no row,
        or of which more than ``LARGEST_REJECTED_SHARE`` of the rows cannot be used.

    Notes
    -----
    A row is rejected where it has more or fewer values than the heading, no person or state, no
    readable date of entry although the person is a participant, an exit before its entry, or
    repeats state, person and date of exit of an earlier row (by which the layout defines a
    record).
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with as_plain_text(path, target.parent) as text:
        delimiter, headings = _heading(text.path, path.name)
        found = _columns(headings, path.name)
        with replacing(target) as temporary, connect() as database:
            lines = _copy(database, text.path, delimiter, headings, found, temporary, path.name)
            records = _account(database, temporary, target, text, found, lines, path.name)
    if refuse:
        _refuse_many_rejected(records, path.name)
    return records


def used_records(records: Records) -> str:
    """SQL of the relation of used rows, for a query ``FROM``."""
    return used_relation(records.path)


def used_relation(target: Path) -> str:
    """As :func:`used_records`, from the Parquet file that was written."""
    source = f"read_parquet('{quoted(target)}', file_row_number=true)"
    repeats = quoted(target.with_suffix(".repeats.parquet"))
    return (
        f"(SELECT * EXCLUDE (rejected, cells, file_row_number) FROM {source} WHERE rejected IS "
        f"NULL AND file_row_number NOT IN (SELECT position FROM read_parquet('{repeats}')))"
    )


def quoted(path: Path | str) -> str:
    """A path or text inside an SQL literal."""
    return str(path).replace("'", "''")


def _heading(path: Path, name: str) -> tuple[str, list[str]]:
    with path.open("rb") as handle:
        line = handle.readline()
    try:
        first = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise WorkbenchError(f"{name}, row 1: not in UTF-8", "Save it as CSV (UTF-8).") from None
    readings = [(mark, next(csv.reader([first], delimiter=mark), [])) for mark in _DELIMITERS]
    delimiter, headings = max(
        readings, key=lambda reading: sum(bool(element_number(h)) for h in reading[1])
    )
    return delimiter, headings


def _columns(headings: Sequence[str], name: str) -> dict[str, int]:
    """Position of each element of the layout that the file has."""
    numbers = [element_number(heading) for heading in headings]
    known = {element.number: element for element in wioa_layout().elements}
    if not any(number in known for number in numbers):
        raise WorkbenchError(
            f"{name}: no heading names an element of the WIOA Performance Records",
            f"Headings are like 'PIRL 201' or 'CALC4020'; found: {', '.join(headings[:5])}.",
        )
    for number in numbers:
        if number in known and numbers.count(number) > 1:
            raise WorkbenchError(
                f"{name}: element {number} stands under two headings", "Remove one of them."
            )
    missing = [e.heading for e in known.values() if e.required and e.number not in numbers]
    if missing:
        raise WorkbenchError(
            f"{name}: required elements are missing: {', '.join(missing)}",
            "Give the file with all elements of the public layout.",
        )
    return {known[number].column: place for place, number in enumerate(numbers) if number in known}


def _copy(
    database: duckdb.DuckDBPyConnection,
    path: Path,
    delimiter: str,
    headings: Sequence[str],
    found: dict[str, int],
    target: Path,
    name: str,
) -> list[int]:
    """Write the typed Parquet; lines of the text that are no row of the heading's shape."""
    names = [f"c{place}" for place in range(len(headings))]
    columns = ", ".join(f"'{column}': 'VARCHAR'" for column in names)
    source = (
        f"read_csv('{quoted(path)}', delim='{delimiter}', header=true, auto_detect=false, "
        f"columns={{{columns}}}, quote='\"', escape='\"', store_rejects=true, rejects_limit=0, "
        "strict_mode=true, null_padding=false)"
    )
    try:
        database.execute(
            f"COPY ({_selection(source, found)}) TO '{quoted(target)}' "
            "(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 200000)"
        )
    except duckdb.Error as error:
        raise WorkbenchError(
            f"{name}: not readable as a table ({str(error).splitlines()[0]})",
            "Save it as CSV (UTF-8) with one row a line.",
        ) from None
    rows = database.execute("SELECT DISTINCT line FROM reject_errors ORDER BY 1").fetchall()
    return [int(line) for (line,) in rows]


def _selection(source: str, found: dict[str, int]) -> str:
    elements = wioa_layout().elements
    trimmed = ", ".join(f"nullif(trim(c{place}), '') AS t{place}" for place in found.values())
    values, marks = [], []
    for element in elements:
        value = _value(element, found)
        values.append(f"{value} AS {element.column}")
        if element.column in found:
            text = f"t{found[element.column]}"
            mark = unreadable(element, text, element.column)
            marks.append(f"CASE WHEN {mark} THEN '{element.column}' END")
    inner = f"SELECT {trimmed} FROM {source}"
    middle = f"SELECT *, {', '.join(values)} FROM ({inner})"
    names = ", ".join(element.column for element in elements)
    return f"SELECT {names}, {_joined(marks)} AS cells, {_reason()} AS rejected FROM ({middle})"


def _joined(marks: Sequence[str]) -> str:
    """Names of the columns whose cell could not be read, null where all could."""
    return f"nullif(concat_ws(' ', {', '.join(marks)}), '')"


def _value(element: Element, found: dict[str, int]) -> str:
    if element.column in found:
        return typed(element, f"t{found[element.column]}")
    kinds = {"date": "DATE", "money": "DOUBLE", "age": "SMALLINT", "year": "SMALLINT"}
    return f"CAST(NULL AS {kinds.get(element.kind, 'VARCHAR')})"


def _reason() -> str:
    return (
        "CASE WHEN state IS NULL THEN 'no state' "
        "WHEN person IS NULL THEN 'no person' "
        "WHEN entry_date IS NULL AND coalesce(reportable_individual, '0') <> '1' "
        "THEN 'participant without a readable date of entry' "
        "WHEN exit_date < entry_date THEN 'exit before entry' END"
    )


def _account(
    database: duckdb.DuckDBPyConnection,
    written: Path,
    target: Path,
    text: PlainText,
    found: dict[str, int],
    bad_lines: list[int],
    name: str,
) -> Records:
    source = f"read_parquet('{quoted(written)}', file_row_number=true)"
    parsed = int(database.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0])
    if not parsed:
        raise WorkbenchError(f"{name} has a heading and no usable rows", "Give at least one row.")
    repeats = target.with_suffix(".repeats.parquet")
    _write_repeats(database, source, repeats)
    rejected = database.execute(
        f"SELECT file_row_number AS row, rejected AS reason FROM {source} "
        "WHERE rejected IS NOT NULL UNION ALL SELECT position, "
        "'repeats an earlier record (state, person, date of exit)' "
        f"FROM read_parquet('{quoted(repeats)}') ORDER BY 1"
    ).df()
    rejected["row"] = rows_in_file(rejected["row"], bad_lines)
    shape = pd.DataFrame({"row": bad_lines, "reason": "more or fewer values than headings"})
    rejected = pd.concat([shape, rejected], ignore_index=True).sort_values("row")
    reasons = rejected["reason"].value_counts()
    rows_in = parsed + len(bad_lines)
    used = rows_in - len(rejected)
    beside = text.lines - 1 - rows_in
    parts = [("rows in the file", rows_in), ("used", used)]
    parts += [(f"rejected: {reason}", int(count)) for reason, count in reasons.items()]
    if beside:
        parts.append(("lines that are no row of their own (blank, or within quotes)", beside))
    return Records(
        path=target,
        repeats=repeats,
        reconciliation=pd.DataFrame(parts, columns=["what", "rows"]),
        rejected=rejected.reset_index(drop=True),
        unreadable=_unreadable_cells(database, source, bad_lines),
        absent=tuple(e.column for e in wioa_layout().elements if e.column not in found),
    )


def rows_in_file(positions: pd.Series, bad_lines: list[int]) -> pd.Series:
    """Row in the file of the parsed rows at these positions (from 0), bad lines between them."""
    rows = positions.to_numpy().astype("int64") + 2
    for line in bad_lines:
        rows = rows + (rows >= line)
    return pd.Series(rows, index=positions.index)


def _write_repeats(database: duckdb.DuckDBPyConnection, source: str, target: Path) -> None:
    """Write the positions of rows that repeat an earlier record; the records stay as they are."""
    key = "hash(state, person, exit_date)"
    # first only the keys that repeat (a hash of 8 bytes a row), then the rows that hold them
    query = (
        f"WITH keys AS (SELECT {key} AS h FROM {source} WHERE rejected IS NULL "
        "GROUP BY 1 HAVING count(*) > 1), "
        "turns AS (SELECT file_row_number AS position, row_number() OVER "
        "(PARTITION BY state, person, exit_date ORDER BY file_row_number) AS turn "
        f"FROM {source} WHERE rejected IS NULL AND {key} IN (SELECT h FROM keys)) "
        "SELECT position FROM turns WHERE turn > 1"
    )
    with replacing(target) as temporary:
        database.execute(f"COPY ({query}) TO '{quoted(temporary)}' (FORMAT parquet)")


def _unreadable_cells(
    database: duckdb.DuckDBPyConnection, source: str, bad_lines: list[int]
) -> pd.DataFrame:
    table = database.execute(
        'SELECT "column", count(*) AS cells, min(file_row_number) AS first_row FROM '
        "(SELECT unnest(string_split(cells, ' ')) AS \"column\", file_row_number "
        f'FROM {source} WHERE cells IS NOT NULL) GROUP BY "column" ORDER BY cells DESC, "column"'
    ).df()
    table.insert(0, "heading", [wioa_layout().element(name).heading for name in table["column"]])
    return table.assign(first_row=rows_in_file(table["first_row"], bad_lines))


def _refuse_many_rejected(records: Records, name: str) -> None:
    share = len(records.rejected) / records.rows_in
    if share > LARGEST_REJECTED_SHARE:
        first = records.rejected.iloc[0]
        most = records.rejected["reason"].value_counts().index[0]
        raise WorkbenchError(
            f"{name}: {len(records.rejected):,} of {records.rows_in:,} rows cannot be used, most "
            f"for '{most}' (first: row {first['row']}, {first['reason']})",
            "Mend the file; dates are written YYYYMMDD.",
        )
