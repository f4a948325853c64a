"""Bytes kept for later under a name that they bear out: what was altered since is as good as none.

Neither Parquet nor NumPy's archives are read with their sums checked, so that a flipped bit would
be another number.
"""

import contextlib
import hashlib
from pathlib import Path

from analysis.atomic import write_bytes


def keep_bytes(stem: Path, ending: str, content: bytes) -> Path:
    """Keep bytes as ``<stem>.<start of their hash>.<ending>``; gives that path.

    Parameters
    ----------
    stem : Path
        Folder, and start of the file's name.
    ending : str
        Of the file's name, without the point.
    content : bytes

    Returns
    -------
    Path

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> stem = Path(mkdtemp()) / "table-1"
    >>> path = keep_bytes(stem, "txt", b"whole")
    >>> kept_bytes(stem, "txt")
    b'whole'
    >>> path.write_bytes(b"whale")
    5
    >>> kept_bytes(stem, "txt") is None
    True
    """
    path = stem.with_name(f"{stem.name}.{_short_hash(content)}.{ending}")
    write_bytes(path, content)
    return path


def kept_bytes(stem: Path, ending: str) -> bytes | None:
    """The bytes as they were kept; None where they were not, or were changed since.

    Parameters
    ----------
    stem : Path
        Folder, and start of the file's name, as they were given to :func:`keep_bytes`.
    ending : str
        Of the file's name, without the point.

    Returns
    -------
    bytes or None
        A file whose bytes do not have the hash in its name is removed.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = keep_bytes(Path(folder) / "table", "txt", b"whole")
    ...     kept_bytes(Path(folder) / "table", "txt"), kept_bytes(Path(folder) / "other", "txt")
    (b'whole', None)
    """
    for path in sorted(stem.parent.glob(f"{stem.name}.*.{ending}")):
        # another process may remove one that both found altered
        with contextlib.suppress(OSError):
            content = path.read_bytes()
            if path.name == f"{stem.name}.{_short_hash(content)}.{ending}":
                return content
            path.unlink()
    return None


def _short_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
