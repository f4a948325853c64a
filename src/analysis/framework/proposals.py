"""Proposals for the framework: only what differs, with its reason and its citation.

A file with a table ``[proposal]`` is laid over the default framework, key by key. A list replaces
the list that was there. Everything that the framework checks is checked after that.
"""

from pathlib import Path
from typing import Any

from analysis.errors import WorkbenchError

_ASKED = ("title", "reason", "citation")


def is_proposal(content: dict[str, Any]) -> bool:
    """Whether the content of a file is a proposal, and no whole framework.

    Parameters
    ----------
    content : dict
        Tables by name, as TOML gives them.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_proposal({"proposal": {"title": "t"}, "tiers": {}}), is_proposal({"tiers": {}})
    (True, False)
    """
    return "proposal" in content


def laid_over(content: dict[str, Any], default: dict[str, Any], file: str) -> dict[str, Any]:
    """The default framework with a proposal's values in it.

    Parameters
    ----------
    content, default : dict
        Of the proposal's file, and of the default framework's.
    file : str
        Name of the proposal's file, for errors.

    Returns
    -------
    dict
        Every key of the default; those that the proposal has, with its values.

    Raises
    ------
    WorkbenchError
        Where title, reason or citation is missing, or nothing is proposed.

    Examples
    --------
    >>> about = {"title": "t", "reason": "r", "citation": "c"}
    >>> laid_over({"proposal": about, "tiers": {"a": 2}}, {"tiers": {"a": 1, "b": 1}}, "x.toml")
    {'tiers': {'a': 2, 'b': 1}}
    """
    about = content["proposal"]
    for key in _ASKED:
        if not isinstance(about, dict) or not str(about.get(key, "")).strip():
            raise WorkbenchError(
                f"{file}: key 'proposal.{key}' is missing",
                "Say what is proposed, why, and on what ground.",
            )
    changes = {key: value for key, value in content.items() if key != "proposal"}
    if not changes:
        raise WorkbenchError(f"{file}: nothing is proposed", "Add the keys that should change.")
    return _merged(default, changes)


def _merged(default: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(default)
    for key, value in changes.items():
        old = merged.get(key)
        both = isinstance(value, dict) and isinstance(old, dict)
        merged[key] = _merged(old, value) if both else value  # type: ignore[arg-type]
    return merged


def proposal_files(folder: Path) -> list[Path]:
    """Files of proposals in a folder, by name.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Path
        Its ``.toml`` files; empty where there is no such folder.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("b.toml", "a.toml", "README.md"):
    ...         (Path(folder) / name).touch()
    ...     [file.name for file in proposal_files(Path(folder))]
    ['a.toml', 'b.toml']
    """
    return sorted(folder.glob("*.toml"))
