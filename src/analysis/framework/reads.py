"""Which keys of the framework a process has read: what its results hang on, and what not.

Every read of a value is noted under its place in the file (``tiers.alpha``, ``metrics``). Whatever
takes a whole table at once (a dump, a copy, a comparison, pickling for another process) counts as a
read of all of it, so that a key can be noted without being used but never be used without a note.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import FunctionType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

_read: set[str] = set()
_files: set[str] = set()
_silent: ContextVar[bool] = ContextVar("framework_reads_silent", default=False)
_places: dict[type, str] = {}
_harmless: dict[type, frozenset[str]] = {}


def keys_read() -> list[str]:
    """Places that this process has read, sorted; ``tiers.*`` is a whole table, ``*`` the file.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from unittest.mock import patch
    >>> from analysis.framework import load_framework
    >>> rules = load_framework()
    >>> with patch("analysis.framework.reads._read", set()):
    ...     _ = rules.tiers.alpha, rules.metrics
    ...     keys_read()
    ['metrics', 'tiers.alpha']
    """
    return sorted(_read)


def files_loaded() -> list[Path]:
    """Framework files that this process has loaded.

    Returns
    -------
    list of Path
        Absolute, sorted.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> from analysis.framework import framework_path, load_framework
    >>> with patch("analysis.framework.reads._files", set()):
    ...     _ = load_framework()
    ...     files_loaded() == [framework_path().resolve()]
    True
    """
    return [Path(name) for name in sorted(_files)]


def note_file(path: Path) -> None:
    """Note that a framework file was loaded.

    Parameters
    ----------
    path : Path
        It is noted in full, whatever the working folder.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch("analysis.framework.reads._files", set()):
    ...     note_file(Path("own.toml"))
    ...     files_loaded() == [Path.cwd() / "own.toml"]
    True
    """
    _files.add(str(path.resolve()))


def values_at(whole: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Values of a whole framework at places such as `keys_read` gives.

    Parameters
    ----------
    whole : mapping
        Tables by name, as JSON holds them.
    keys : iterable of str

    Returns
    -------
    dict
        By place; None for one that is not there, or below a value that is no table.

    Examples
    --------
    >>> values_at({"tiers": {"alpha": 0.05}}, ["tiers.alpha", "tiers.*", "tiers.old", "money"])
    {'tiers.alpha': 0.05, 'tiers.*': {'alpha': 0.05}, 'tiers.old': None, 'money': None}
    """
    found: dict[str, Any] = {}
    for key in keys:
        table, _, name = key.partition(".")
        if key == "*":
            found[key] = whole
        elif not name:
            found[key] = whole.get(table)
        else:
            content = whole.get(table)
            below = content.get(name) if isinstance(content, Mapping) else None
            found[key] = content if name == "*" else below
    return found


@contextmanager
def unnoted() -> Iterator[None]:
    """Let a block read without notes: checks while loading, and copies that give nothing away.

    Yields
    ------
    None
        Reads of this thread within the block leave no note; before and after they do.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> from analysis.framework import load_framework
    >>> rules = load_framework()
    >>> with patch("analysis.framework.reads._read", set()):
    ...     with unnoted():
    ...         _ = rules.tiers.model_dump()
    ...     keys_read()
    []
    """
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def name_places(whole: type[BaseModel]) -> None:
    """Take the places of all tables from the type of the file; each type stands in one place.

    Parameters
    ----------
    whole : type of BaseModel
        A field for each table of the file.

    Raises
    ------
    TypeError
        Where one type stands in two places: reads of the two could not be told apart.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> class Rule(NotedReads):
    ...     limit: int
    >>> class File(NotedReads):
    ...     one: Rule
    ...     two: Rule
    >>> with patch.dict("analysis.framework.reads._places"):
    ...     name_places(File)
    Traceback (most recent call last):
    TypeError: Rule stands in two places of File
    """
    _places[whole] = ""
    for name, field in whole.model_fields.items():
        # one table, or one that may be missing; lists and mappings of tables are handed out whole
        union = get_origin(field.annotation) in (Union, UnionType)
        for kind in get_args(field.annotation) if union else (field.annotation,):
            if isinstance(kind, type) and issubclass(kind, NotedReads):
                if kind in _places:
                    raise TypeError(f"{kind.__name__} stands in two places of {whole.__name__}")
                _places[kind] = name


class NotedReads(BaseModel):
    """A table of the framework whose values note that they were read."""

    def __getattribute__(self, name: str) -> Any:
        kind = type(self)
        if kind in _places and not _silent.get():
            _note(kind, name)
        return super().__getattribute__(name)


def _note(kind: type[BaseModel], name: str) -> None:
    place = _places[kind]
    fields = kind.__pydantic_fields__
    if name in fields:
        if place:
            _read.add(f"{place}.{name}")
        elif name not in _places.values():
            _read.add(name)
    elif name not in _own_names(kind):
        _read.add(f"{place}.*" if place else "*")


def _own_names(kind: type[BaseModel]) -> frozenset[str]:
    """Methods and properties of the type itself, whose reads are noted as they read."""
    if kind not in _harmless:
        own = {
            name
            for one in kind.__mro__
            if issubclass(one, NotedReads) and one is not NotedReads
            for name, value in vars(one).items()
            if isinstance(value, FunctionType | property) and not name.startswith("__")
        }
        _harmless[kind] = frozenset(own | {"__class__", "__doc__", "__module__"})
    return _harmless[kind]
