"""Results that are costly to compute, kept by the content of what they were computed from."""

import ast
import hashlib
import io
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.kept_bytes import keep_bytes, kept_bytes

Arrays = dict[str, np.ndarray]


def identity(module: str, *parts: pd.DataFrame | np.ndarray | str | bytes | float | None) -> str:
    """Hexadecimal hash of frames, arrays and plain values, and of the code that works on them.

    Parameters
    ----------
    module : str
        ``__name__`` of the module that computes: its code and that of every module of this room
        that it imports, directly or not, are part of the identity.
    *parts
        What is computed on. Two frames with the same values in the same order have the same
        hash, whatever file they came from.

    Returns
    -------
    str
        64 digits of a sha256.

    Examples
    --------
    >>> frame = pd.DataFrame({"task": ["Draw blood."]})
    >>> name = "analysis.skills.ties"
    >>> identity(name, frame, 1.0) == identity(name, frame.copy(), 1.0)
    True
    >>> identity(name, frame) == identity("analysis.skills.blending", frame)
    False
    """
    digest = hashlib.sha256(_code_hash(module).encode())
    for part in parts:
        digest.update(type(part).__name__.encode())
        if isinstance(part, pd.DataFrame):
            digest.update("\n".join(map(str, part.columns)).encode())
            digest.update(pd.util.hash_pandas_object(part, index=False).to_numpy().tobytes())
        elif isinstance(part, np.ndarray):
            digest.update(str((part.shape, part.dtype)).encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(part if isinstance(part, bytes) else repr(part).encode())
    return digest.hexdigest()


def kept(folder: Path, name: str, key: str, compute: Callable[[], Arrays]) -> Arrays:
    """Named arrays from the folder where they were computed before, else computed and kept.

    Parameters
    ----------
    folder : Path
        Where results are kept (callers pass ``analysis.paths.cache_folder()``).
    name, key : str
        What it is, and `identity` of all that it depends on.
    compute : callable
        Gives the arrays.

    Returns
    -------
    dict of str to ndarray
        What was cut short or altered is computed again.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> first = kept(folder, "square", "ab", lambda: {"x": np.array([4])})
    >>> kept(folder, "square", "ab", lambda: {"x": np.array([5])})["x"].tolist()
    [4]
    """
    stem = folder / "skills" / f"{name}-{key[:24]}"
    if (content := kept_bytes(stem, "npz")) is not None:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return {entry: stored[entry] for entry in stored.files}
    arrays = compute()
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    keep_bytes(stem, "npz", buffer.getvalue())
    return arrays


def kept_table(
    folder: Path,
    name: str,
    key: str,
    compute: Callable[[], pd.DataFrame],
    *,
    texts: Collection[str],
    counts: Collection[str],
) -> pd.DataFrame:
    """A table kept as `kept` keeps arrays; columns are texts, counts, or else numbers.

    Parameters
    ----------
    folder, name, key
        As for `kept`.
    compute : callable
        Gives the table.
    texts, counts : collection of str
        Columns that are text, and whole numbers.

    Returns
    -------
    DataFrame

    Examples
    --------
    >>> import tempfile
    >>> table = pd.DataFrame({"score": ["chance"], "auc": [0.7], "n_pairs": [3]})
    >>> kept_table(Path(tempfile.mkdtemp()), "test", "ab", lambda: table, texts=["score"],
    ...            counts=["n_pairs"]).values.tolist()
    [['chance', 0.7, 3]]
    """

    def arrays() -> Arrays:
        table = compute()
        return {one: table[one].to_numpy(dtype="U" if one in texts else float) for one in table}

    stored = pd.DataFrame(kept(folder, name, key, arrays))
    return stored.astype(dict.fromkeys(texts, "str") | dict.fromkeys(counts, int))


@cache
def _code_hash(module: str) -> str:
    digest = hashlib.sha256()
    for path in sorted(_sources(module.rpartition(".")[2])):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources(name: str) -> set[Path]:
    """Files of a module and of all modules of its package that it imports, in the end."""
    folder, found, waiting = Path(__file__).parent, set(), [name]
    while waiting:
        path = folder / f"{waiting.pop()}.py"
        if path in found or not path.is_file():
            continue
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                package, _, inner = node.module.partition("analysis.skills")
                if not package:
                    waiting += [inner.lstrip(".")] if inner else [n.name for n in node.names]
    return found
