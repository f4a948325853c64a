"""Which text vectors were computed before: a store addressed by content, shared by processes.

The store is a folder of blocks that are written once and never changed. A block is a run of
records (32 bytes of key, then the vector as little-endian float32) and its file name is the
SHA-256 of its bytes. So a writer can only add, two writers cannot lose each other's work, and a
block that was cut short or altered no longer bears its own name and is set aside, not believed.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from analysis.atomic import replacing

KEY_BYTES = 32


def _record_type(dimension: int) -> np.dtype:
    """Layout of one record of a block: a SHA-256 key and a vector of ``dimension`` numbers."""
    return np.dtype([("key", "V32"), ("vector", "<f4", (dimension,))])


def read_vectors(folder: Path, dimension: int) -> dict[bytes, np.ndarray]:
    """Read every whole block of the store.

    Parameters
    ----------
    folder : Path
        The store; it need not exist.
    dimension : int
        Numbers in a vector.

    Returns
    -------
    dict of bytes to ndarray
        Vector (float32, shape ``(dimension,)``) by key. Blocks whose bytes do not bear out their
        name, or that hold a value that is no number, are deleted and read as absent.

    Examples
    --------
    >>> read_vectors(Path("a folder that is not there"), 384)
    {}
    """
    vectors: dict[bytes, np.ndarray] = {}
    layout = _record_type(dimension)
    # a name that begins with a dot is a block that another process is still writing
    for path in sorted(folder.glob("[0-9a-f]*.vectors")):
        try:
            content = path.read_bytes()
        except OSError:  # removed by another process since the listing: absent, so recomputed
            continue
        if not _is_whole(path, content, layout):
            _discard(path)
            continue
        records = np.frombuffer(content, dtype=layout)
        keys = records["key"].tobytes()
        block = records["vector"]
        for row in range(len(records)):
            vectors[keys[row * KEY_BYTES : (row + 1) * KEY_BYTES]] = block[row]
    return vectors


def add_vectors(folder: Path, keys: Sequence[bytes], vectors: np.ndarray) -> Path | None:
    """Add one block to the store, whole or not at all.

    Parameters
    ----------
    folder : Path
        The store; made where it is missing.
    keys : sequence of bytes
        One SHA-256 digest (32 bytes) for each row of ``vectors``.
    vectors : ndarray, shape (n, dimension)
        What to keep, as float32.

    Returns
    -------
    Path or None
        The block, or None when there was nothing to keep.

    Raises
    ------
    ValueError
        When ``keys`` and ``vectors`` differ in length.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> block = add_vectors(folder, [bytes(32)], np.array([[0.5, 0.25]]))
    >>> read_vectors(folder, 2)[bytes(32)].tolist()
    [0.5, 0.25]
    """
    if len(keys) != len(vectors):
        raise ValueError(f"{len(keys)} keys for {len(vectors)} vectors")
    if not len(keys):
        return None
    records = np.empty(len(keys), dtype=_record_type(vectors.shape[1]))
    records["key"] = np.frombuffer(b"".join(keys), dtype="V32")
    records["vector"] = vectors
    content = records.tobytes()
    path = folder / f"{hashlib.sha256(content).hexdigest()}.vectors"
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # a name that stands after a power cut must have its bytes
    return path


def _is_whole(path: Path, content: bytes, layout: np.dtype) -> bool:
    if hashlib.sha256(content).hexdigest() != path.stem or len(content) % layout.itemsize:
        return False
    return bool(np.isfinite(np.frombuffer(content, dtype=layout)["vector"]).all())


def _discard(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:  # a store that may only be read still serves its whole blocks
        return
