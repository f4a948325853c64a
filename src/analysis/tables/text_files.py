"""A user's CSV or Parquet file as text, row by row, or one error that names the place."""

import csv
import io
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from analysis.errors import WorkbenchError
from analysis.tables.plain_text import refuse_no_text

# "None" is not among them: it can be a category, such as "no barrier"
MISSING = frozenset({"", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "<NA>"})
_OTHER_DELIMITERS = (";", "\t", "|")
# such a table is held in memory as text: some tens of bytes a cell
_LARGEST_FILE = 1 << 31
_MOST_CELLS = 1 << 28
_MOST_COLUMNS = 10_000


def read_text_table(path: Path) -> pd.DataFrame:
    """Read a CSV (UTF-8, commas) or Parquet file with every value as text.

    Parameters
    ----------
    path : Path

    Returns
    -------
    DataFrame
        Columns of ``str``, indexed by the row in the file (the heading is row 1, and empty rows
        count). Cells that are empty or hold a word of ``MISSING`` are missing. Rows without any
        value, which spreadsheets leave at the end, are skipped.

    Raises
    ------
    WorkbenchError
        Missing or empty file, spreadsheet under another name, not UTF-8, no commas, repeated or
        empty heading, a row of another length than the heading, more than memory should hold.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "people.csv"
    ...     _ = path.write_text("code,age\\n01,N/A\\n,\\n02,31\\n")
    ...     table = read_text_table(path)
    >>> table.index.tolist(), table.values.tolist()
    ([2, 4], [['01', nan], ['02', '31']])
    """
    if not path.is_file():
        raise WorkbenchError(f"file {path} does not exist", "Check the path.")
    if path.suffix.lower() == ".parquet":
        frame = _from_parquet(path)
    else:
        frame = _from_csv(path, _text_of(path))
    frame = frame.mask(frame.isin(MISSING)).dropna(how="all")
    if not len(frame):
        raise WorkbenchError(f"{path.name} has a heading and no rows", "Give at least one row.")
    return frame


def _from_parquet(path: Path) -> pd.DataFrame:
    try:
        with pq.ParquetFile(path) as file:
            _refuse_size(path, file.metadata.num_columns, file.metadata.num_rows)
        frame = pd.read_parquet(path).reset_index(drop=True)
    except WorkbenchError:
        raise
    except Exception as error:
        # a library of foreign bytes fails in many ways
        raise WorkbenchError(
            f"{path.name}: not readable as Parquet ({error})", "Write it again."
        ) from None
    frame.columns = frame.columns.astype("str").str.strip()
    refuse_headings(path, list(frame.columns))
    frame.index = frame.index + 2
    for name in frame:
        column = frame[name]
        # a missing value turns whole numbers into 17.0: codes would not match the same CSV
        whole = column.dropna()
        if column.dtype.kind == "f" and np.isfinite(whole).all() and (whole % 1 == 0).all():
            column = column.astype("Int64")
        frame[name] = column.astype("object").map(str, na_action="ignore").astype("str")
    return frame


def _refuse_size(path: Path, columns: int, rows: int) -> None:
    """Refuse more than memory should hold, before it is read."""
    if columns > _MOST_COLUMNS or columns * rows > _MOST_CELLS:
        raise WorkbenchError(
            f"{path.name} has {rows:,} rows of {columns:,} columns",
            f"Give at most {_MOST_COLUMNS:,} columns and {_MOST_CELLS:,} cells.",
        )


def _text_of(path: Path) -> str:
    if path.stat().st_size > _LARGEST_FILE:
        raise WorkbenchError(
            f"{path.name} is larger than {_LARGEST_FILE >> 30} gigabytes",
            "Give only the columns that are needed, or several files one after the other.",
        )
    with path.open("rb") as handle:
        start = handle.read(4)
    if start[:2] == b"PK" or start == b"\xd0\xcf\x11\xe0":
        raise WorkbenchError(f"{path.name} is a spreadsheet, not a CSV", "Save it as CSV (UTF-8).")
    # a piece at a time, before the whole of it is taken into memory
    refuse_no_text(path)
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise WorkbenchError(
            f"{path.name}, row {row}: not in UTF-8", "Save it as CSV (UTF-8)."
        ) from None
    if not text.strip():
        raise WorkbenchError(f"{path.name} is empty", "Give a CSV with a heading and rows.")
    return text


def _from_csv(path: Path, text: str) -> pd.DataFrame:
    first = re.match(r"[^\r\n]*", text)[0]  # type: ignore[index]
    if any(first.count(mark) > first.count(",") for mark in _OTHER_DELIMITERS):
        raise WorkbenchError(
            f"{path.name}: the heading is not divided by commas",
            "Save it with commas between columns.",
        )
    rows: list[list[str]] = []
    places: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True)
    try:
        names = [name.strip() for name in next(reader)]
        _refuse_size(path, len(names), 1)
        refuse_headings(path, names)
        for place, cells in enumerate(reader, start=2):
            if cells:
                rows.append(_fitted(path, place, cells, len(names)))
                places.append(place)
    except csv.Error as error:
        place = len(places) and places[-1]
        raise WorkbenchError(
            f"{path.name}, after row {max(place, 1)}: {error}", "Mend the quotation marks there."
        ) from None
    return pd.DataFrame(rows, index=places, columns=names, dtype="str")


def _fitted(path: Path, place: int, cells: list[str], width: int) -> list[str]:
    stripped = [cell.strip() for cell in cells]
    while len(stripped) > width and not stripped[-1]:
        stripped.pop()
    if len(stripped) != width:
        raise WorkbenchError(
            f"{path.name}, row {place}: {len(stripped)} values under {width} headings",
            "Put values that hold a comma in quotation marks, and fill up short rows.",
        )
    return stripped


def refuse_headings(path: Path, names: list[str]) -> None:
    """Refuse a heading that is empty or stands twice.

    Parameters
    ----------
    path : Path
        File that they are of, for the error.
    names : list of str

    Raises
    ------
    WorkbenchError
        Naming the place of the empty one, or the one that stands twice.

    Examples
    --------
    >>> refuse_headings(Path("a.csv"), ["age", "race"])
    >>> refuse_headings(Path("a.csv"), ["age", "age"])
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: a.csv: heading 'age' stands twice. Rename or remove one column.
    """
    times = Counter(names)
    for position, name in enumerate(names, start=1):
        if not name:
            raise WorkbenchError(
                f"{path.name}: column {position} has no heading", "Name it or remove it."
            )
        if times[name] > 1:
            raise WorkbenchError(
                f"{path.name}: heading '{name}' stands twice", "Rename or remove one column."
            )
