"""A user's CSV or Parquet file as text, row by row, or one error that names the place."""

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError

# "None" is not among them: it can be a category, such as "no barrier"
MISSING = frozenset({"", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "<NA>"})
_OTHER_DELIMITERS = (";", "\t", "|")


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
        empty heading, a row of another length than the heading.

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
        frame = pd.read_parquet(path).reset_index(drop=True)
    except (OSError, ValueError) as error:
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


def _text_of(path: Path) -> str:
    content = path.read_bytes()
    if not content.strip():
        raise WorkbenchError(f"{path.name} is empty", "Give a CSV with a heading and rows.")
    if content[:2] == b"PK" or content[:4] == b"\xd0\xcf\x11\xe0":
        raise WorkbenchError(f"{path.name} is a spreadsheet, not a CSV", "Save it as CSV (UTF-8).")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content:
        raise WorkbenchError(f"{path.name} is in UTF-16 or no text", "Save it as CSV (UTF-8).")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise WorkbenchError(
            f"{path.name}, row {row}: not in UTF-8", "Save it as CSV (UTF-8)."
        ) from None


def _from_csv(path: Path, text: str) -> pd.DataFrame:
    first = text.splitlines()[0]
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
    for position, name in enumerate(names, start=1):
        if not name:
            raise WorkbenchError(
                f"{path.name}: column {position} has no heading", "Name it or remove it."
            )
        if names.count(name) > 1:
            raise WorkbenchError(
                f"{path.name}: heading '{name}' stands twice", "Rename or remove one column."
            )
