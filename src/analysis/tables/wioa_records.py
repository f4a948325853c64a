"""How the text of the public WIOA Performance Records becomes typed rows, streamed to Parquet.

Memory is bounded by DuckDB, whatever the size of the file. What became of every row and cell is
told by ``wioa_account``.
"""

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from analysis.atomic import replacing
from analysis.errors import WorkbenchError
from analysis.tables.plain_text import as_plain_text
from analysis.tables.wioa_account import Records, account
from analysis.tables.wioa_layout import Element, element_number, wioa_layout
from analysis.tables.wioa_sql import quoted, typed, unreadable

_DELIMITERS = (",", "\t", ";", "|")
# the public file's has some ten kilobytes
_LONGEST_HEADING = 1 << 17
MEMORY_LIMIT = "2GB"


def connect(memory_limit: str = MEMORY_LIMIT, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """A database in memory that spills to disk above its limit.

    Parameters
    ----------
    memory_limit : str
        As DuckDB writes it.
    threads : int

    Returns
    -------
    connection
        A context manager, which closes it.

    Examples
    --------
    >>> with connect(memory_limit="100MB", threads=1) as database:
    ...     database.execute("SELECT current_setting('threads')").fetchall()
    [(1,)]
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "threads": threads,
        "temp_directory": tempfile.gettempdir(),
    }
    return duckdb.connect(config=settings)


def read_wioa_records(path: Path, target: Path) -> Records:
    """Read the public file (csv, zip or gz as published, or a state's own) into Parquet.

    Parameters
    ----------
    path : Path
        Text with a heading of element numbers (``PIRL 201``, ``PIRL201``, ``CALC4020``).
    target : Path
        Parquet file to write.

    Returns
    -------
    Records
        Whether too many rows are rejected is for the caller to say
        (:func:`analysis.tables.wioa_account.require_usable`).

    Raises
    ------
    WorkbenchError
        A file that is no such text, lacks required elements, repeats a heading or holds no
        row.

    Notes
    -----
    A row is rejected where it has more or fewer values than the heading, no person or state, no
    readable date of entry although the person is a participant, an exit before its entry, or
    repeats state, person and date of exit of an earlier row (by which the layout defines a
    record).

    Examples
    --------
    >>> row = {"PIRL 100": "a", "PIRL 201": "2", "PIRL 900": "20220105", "PIRL 901": "20220805",
    ...     "PIRL 923": "00", "PIRL 1300": "1", "PIRL 1602": "1", "PIRL 1606": "1",
    ...     "PIRL 1704": "6200", "CALC4000": "TX", "CALC4006": "0", "CALC4020": "4"}
    >>> lines = [",".join(row), ",".join(row.values()), ",".join(row.values()), "a,2"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "state.csv"
    ...     _ = path.write_text("\\n".join(lines))
    ...     records = read_wioa_records(path, Path(folder) / "typed.parquet")
    >>> records.rows_in, records.used
    (3, 1)
    >>> records.rejected["reason"].tolist()
    ['repeats an earlier record (state, person, date of exit)', 'more or fewer values than ...']
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with as_plain_text(path, target.parent) as text:
        delimiter, headings = _heading(text.path, path.name)
        found = _columns(headings, path.name)
        with replacing(target) as temporary, connect() as database:
            lines = _copy(database, text.path, delimiter, headings, found, temporary, path.name)
            return account(database, temporary, target, text, found, lines, path.name)


def used_records(records: Records) -> str:
    """SQL of the relation of used rows, for a query ``FROM``.

    Parameters
    ----------
    records : Records

    Returns
    -------
    str
        As from :func:`used_relation`.

    Examples
    --------
    >>> import pandas as pd
    >>> none = pd.DataFrame()
    >>> records = Records(Path("a.parquet"), Path("a.repeats.parquet"), none, none, none, ())
    >>> used_records(records) == used_relation(Path("a.parquet"))
    True
    """
    return used_relation(records.path)


def used_relation(target: Path) -> str:
    """As :func:`used_records`, from the Parquet file that was written.

    Parameters
    ----------
    target : Path
        As for :func:`read_wioa_records`; the positions of repeats lie beside it.

    Returns
    -------
    str
        SQL in brackets, with a column for each element of the layout.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder, connect() as database:
    ...     target = Path(folder) / "a.parquet"
    ...     rows = "(VALUES ('x', NULL, NULL), ('x', NULL, NULL), ('y', 'no state', NULL))"
    ...     for query, path in (
    ...         (f"FROM {rows} t(person, rejected, cells)", target),
    ...         ("SELECT 1 AS position", target.with_suffix(".repeats.parquet")),
    ...     ):
    ...         _ = database.execute(f"COPY ({query}) TO '{quoted(path)}' (FORMAT parquet)")
    ...     database.execute(f"FROM {used_relation(target)}").fetchall()
    [('x',)]
    """
    source = f"read_parquet('{quoted(target)}', file_row_number=true)"
    repeats = quoted(target.with_suffix(".repeats.parquet"))
    return (
        f"(SELECT * EXCLUDE (rejected, cells, file_row_number) FROM {source} WHERE rejected IS "
        f"NULL AND file_row_number NOT IN (SELECT position FROM read_parquet('{repeats}')))"
    )


def _heading(path: Path, name: str) -> tuple[str, list[str]]:
    with path.open("rb") as handle:
        line = handle.readline(_LONGEST_HEADING + 1)
    if len(line) > _LONGEST_HEADING:
        raise WorkbenchError(
            f"{name}, row 1: a heading of more than {_LONGEST_HEADING >> 10} kilobytes",
            "Give the file with the elements of the public layout.",
        )
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
