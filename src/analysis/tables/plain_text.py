"""A published text file as plain text: out of its zip or gz, and refused where it is none."""

import codecs
import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from analysis.atomic import replacing
from analysis.errors import WorkbenchError, is_disk_full

_CHUNK = 1 << 22
# deflate shrinks a constant a thousandfold and a wide table of mostly empty columns less than a
# hundredfold: beyond this, and this size, an archive is made to fill the disk
_LARGEST_RATIO = 400
_LARGEST_UNASKED = 1 << 28
# a row of the widest layout has some ten thousand characters
_LONGEST_ROW = 1 << 25


@dataclass(frozen=True)
class PlainText:
    """A plain text file and its number of lines, the last one counted with or without its end."""

    path: Path
    lines: int


@contextmanager
def as_plain_text(path: Path, folder: Path) -> Iterator[PlainText]:
    """Give a text file's plain form; a compressed one is unpacked beside the results meanwhile.

    Parameters
    ----------
    path : Path
        A text file, a ``.gz`` of one or a ``.zip`` with one.
    folder : Path
        Where an unpacked copy may lie while the block runs. Memory stays at a few megabytes.

    Yields
    ------
    PlainText

    Raises
    ------
    WorkbenchError
        Missing or empty file, spreadsheet, UTF-16, broken archive, an archive of several files or
        one that unpacks to hundreds of times its size, a row of many megabytes.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     packed = Path(folder) / "people.csv.gz"
    ...     _ = packed.write_bytes(gzip.compress(b"name\\n1\\n2"))
    ...     with as_plain_text(packed, Path(folder)) as plain:
    ...         plain.lines, plain.path.read_bytes() == b"name\\n1\\n2"
    ...     sorted(path.name for path in Path(folder).iterdir())
    (3, True)
    ['people.csv.gz']
    """
    if not path.is_file():
        raise WorkbenchError(f"file {path} does not exist", "Check the path.")
    with path.open("rb") as handle:
        start = handle.read(4)
    if not start:
        raise WorkbenchError(f"{path.name} is empty", "Give a file with a heading and rows.")
    if start == b"\xd0\xcf\x11\xe0":
        raise WorkbenchError(f"{path.name} is a spreadsheet, not a CSV", "Save it as CSV (UTF-8).")
    if start[:2] != b"PK" and start[:2] != b"\x1f\x8b":
        with path.open("rb") as source:
            yield PlainText(path, _copied(source, None, path.name, 0))
        return
    with replacing(folder / f"{path.stem}.unpacked") as temporary:
        try:
            with _opened(path, start) as source, temporary.open("wb") as target:
                lines = _copied(source, target, path.name, path.stat().st_size)
        except (NotImplementedError, RuntimeError) as error:
            raise WorkbenchError(
                f"{path.name}: the archive cannot be opened ({error})",
                "Give it without a password, packed as an ordinary zip.",
            ) from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            if is_disk_full(error):
                raise
            raise WorkbenchError(
                f"{path.name}: the archive is broken ({error})", "Fetch it again."
            ) from None
        yield PlainText(temporary, lines)
    (folder / f"{path.stem}.unpacked").unlink(missing_ok=True)


def refuse_no_text(path: Path) -> None:
    """Refuse a file with bytes or rows that no table of text has; memory stays at megabytes.

    Parameters
    ----------
    path : Path
        A text that is not packed.

    Raises
    ------
    WorkbenchError
        UTF-16, zero bytes, a row of many megabytes.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "wide.csv").write_text("a,b", "utf-16")
    ...     refuse_no_text(Path(folder) / "wide.csv")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: wide.csv is in UTF-16. Save it as CSV (UTF-8).
    """
    with path.open("rb") as source:
        _copied(source, None, path.name, 0)


@contextmanager
def _opened(path: Path, start: bytes) -> Iterator[IO[bytes]]:
    if start[:2] == b"\x1f\x8b":
        with gzip.open(path) as source:
            yield source  # type: ignore[misc]
        return
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        if "[Content_Types].xml" in names:
            raise WorkbenchError(
                f"{path.name} is a spreadsheet, not a CSV", "Save it as CSV (UTF-8)."
            )
        if len(names) != 1:
            raise WorkbenchError(
                f"{path.name} holds {len(names)} files", "Give an archive with one text file."
            )
        with archive.open(names[0]) as source:
            yield source


def _copied(source: IO[bytes], target: IO[bytes] | None, name: str, packed: int) -> int:
    """Copy (or only count) in pieces; refuse what is no text, a bomb, or a row without an end."""
    lines, last, first, size, row = 0, b"\n", True, 0, 0
    while piece := source.read(_CHUNK):
        if first and piece[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise WorkbenchError(f"{name} is in UTF-16", "Save it as CSV (UTF-8).")
        if b"\0" in piece:
            raise WorkbenchError(f"{name} is in UTF-16 or no text", "Save it as CSV (UTF-8).")
        size += len(piece)
        row = row + len(piece) if b"\n" not in piece else len(piece) - piece.rfind(b"\n")
        if row > _LONGEST_ROW:
            raise WorkbenchError(
                f"{name}, row {lines + 1}: longer than {_LONGEST_ROW >> 20} megabytes",
                "Give a table with one line a row.",
            )
        if target is not None:
            if size > max(_LARGEST_UNASKED, _LARGEST_RATIO * packed):
                raise WorkbenchError(
                    f"{name} unpacks to more than {_LARGEST_RATIO} times its size",
                    "Unpack it yourself if you trust it, and give the text file.",
                )
            target.write(piece)
        lines, last, first = lines + piece.count(b"\n"), piece[-1:], False
    return lines + (last != b"\n")
