"""The first sheet of a workbook (.xlsx), refused before it could fill the memory.

A workbook is a zip of XML. A few bytes of it can stand for gigabytes of text, and one cell at the
last place of a sheet makes a table of seventeen billion cells: both are counted before it is read.
"""

import re
import zipfile
from pathlib import Path
from typing import Any, NoReturn
from xml.parsers import expat

import pandas as pd

from analysis.errors import WorkbenchError

# sheets shrink some tenfold; beyond this, and this size, one is made to fill the memory
_LARGEST_RATIO = 40
_LARGEST_UNASKED = 1 << 27
_MOST_CELLS = 30_000_000
_CHUNK = 1 << 20
_PLAIN = re.compile("([A-Z]{1,3})([0-9]{1,9})").fullmatch


def read_sheet(path: Path, **options: Any) -> pd.DataFrame:
    """First sheet of a workbook.

    Parameters
    ----------
    path : Path
    **options
        As for :func:`pandas.read_excel`.

    Returns
    -------
    DataFrame
        Values only: a formula is the value that it had when the workbook was saved.

    Raises
    ------
    WorkbenchError
        No file, no workbook, or one of more cells or text than memory should hold.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "wages.xlsx"
    ...     pd.DataFrame({"soc_code": ["31-9092"], "wage": [42_000]}).to_excel(file, index=False)
    ...     read_sheet(file).values.tolist()
    [['31-9092', 42000]]
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(path, archive)
        return pd.read_excel(path, engine="calamine", **options)
    except (WorkbenchError, FileNotFoundError):
        raise
    except Exception as error:
        # a parser of foreign bytes fails in as many ways as there are bytes
        raise WorkbenchError(
            f"{path.name}: not readable as a workbook ({type(error).__name__}: {error})",
            "Fetch it again, or save it anew as .xlsx.",
        ) from None


def _refuse_bomb(path: Path, archive: zipfile.ZipFile) -> None:
    # no member gives more than it declares: reading stops there
    size = sum(member.file_size for member in archive.infolist())
    if size > max(_LARGEST_UNASKED, _LARGEST_RATIO * path.stat().st_size):
        raise WorkbenchError(
            f"{path.name} unpacks to {size:,} bytes, more than {_LARGEST_RATIO} times its size",
            "Save the sheet that is needed as CSV (UTF-8).",
        )
    for name in archive.namelist():
        if name.lower().startswith("xl/worksheets/") and name.lower().endswith(".xml"):
            rows, columns = _extent(archive, name)
            if rows * columns > _MOST_CELLS:
                raise WorkbenchError(
                    f"{path.name} has a sheet of {rows:,} rows and {columns:,} columns",
                    f"Save what is needed of it: at most {_MOST_CELLS:,} cells.",
                )


def _extent(archive: zipfile.ZipFile, name: str) -> tuple[int, int]:
    """Last row and last column that a cell of a sheet claims: all before them are filled in."""
    last = [0, 0]
    here = [0, 0]
    columns: dict[str, int] = {}

    def begin(element: str, attributes: dict[str, str]) -> None:
        if element == "v":
            return
        reference = attributes.get("r", "")
        # a million cells are named as A1 is: their columns are few
        if element == "c" and (plain := _PLAIN(reference)):
            letters, digits = plain.groups()
            column = columns.get(letters) or columns.setdefault(letters, _column(letters))
            row = int(digits)
            here[:] = row, column
            if row > last[0]:
                last[0] = row
            if column > last[1]:
                last[1] = column
            return
        kind = element.rpartition(":")[2]
        if kind == "row":
            here[0] = _number(attributes.get("r"), here[0] + 1)
            here[1] = 0
        elif kind == "c":
            letters = "".join(mark for mark in attributes.get("r", "") if mark.isalpha())
            here[1] = _column(letters) if letters else here[1] + 1
            digits = attributes.get("r", "")[len(letters) :]
            here[0] = _number(digits, here[0])
        last[:] = [max(old, new) for old, new in zip(last, here, strict=True)]

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.EntityDeclHandler = _refuse_entity
    with archive.open(name) as source:
        while piece := source.read(_CHUNK):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    return last[0], last[1]


def _number(written: str | None, otherwise: int) -> int:
    return int(written) if written and written.isdigit() and len(written) < 10 else otherwise


def _column(letters: str) -> int:
    place = 0
    for letter in letters[:4].upper():
        place = place * 26 + ord(letter) - ord("A") + 1
    return place


def _refuse_entity(*_: object) -> NoReturn:
    # no program that writes workbooks declares one; nested ones grow without end
    raise ValueError("it declares an entity")
