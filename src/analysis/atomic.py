"""Writing files so that a reader sees the old one or the new one, never half of either."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; move it over ``path`` if the block succeeds.

    Parameters
    ----------
    path : Path
        File to write. Its folder is made where it is missing.

    Yields
    ------
    Path
        Where to write. Deleted when the block raises, so that an earlier file stays whole.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> with replacing(folder / "a.txt") as temporary:
    ...     _ = temporary.write_text("whole")
    >>> (folder / "a.txt").read_text(), len(list(folder.iterdir()))
    ('whole', 1)
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes private files; results are to be read by others like any other file
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` to ``path`` in UTF-8, whole or not at all.

    Parameters
    ----------
    path : Path
        File to write or replace; its folder is made where it is missing.
    text : str

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_text(Path(folder) / "made" / "a.txt", "sí")
    ...     (Path(folder) / "made" / "a.txt").read_bytes()
    b's\\xc3\\xad'
    """
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, whole or not at all.

    Parameters
    ----------
    path : Path
        File to write or replace; its folder is made where it is missing.
    content : bytes

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(Path(folder) / "made" / "a.bin", b"\\x00\\x01")
    ...     (Path(folder) / "made" / "a.bin").read_bytes()
    b'\\x00\\x01'
    """
    with replacing(path) as temporary:
        temporary.write_bytes(content)
