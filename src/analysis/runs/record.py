"""What the record of a run (``run.json``) holds, and whether one is whole."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from analysis.plain_data import has_shape
from analysis.runs.identity import hash_of

# what is known of a run before it, and what it read beyond that
_PARTS = (
    "notebook", "parameters", "files", "sources", "results needed", "modules",
    "data of the package", "packages",
)  # fmt: skip
_TRACED = ("framework", "sources", "framework files", "modules")
_SHAPE: dict[str, Any] = {
    **dict.fromkeys(("notebook", "id", "base", "result", "framework", "commit", "ended"), str),
    "seed": int,
    "seconds": float,
    "differs": bool,
    "parameters": dict,
    "needed_runs": {str: str},
    "outputs": {str: {"bytes": int, "sha256": str}},
    "traced": dict.fromkeys(_TRACED, dict),
    "parts": dict.fromkeys(_PARTS, dict),
}


def new_record(
    notebook: str,
    parts: Mapping[str, Any] | None = None,
    traced: Mapping[str, Any] | None = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    needed_runs: Mapping[str, str] | None = None,
    framework: str = "",
    seed: int = 0,
    commit: str = "",
    seconds: float = 0.0,
) -> dict[str, Any]:
    """Record of a run that has just ended; what is not given is empty.

    Parameters
    ----------
    notebook : str
    parts, traced : mapping, optional
        As :func:`analysis.runs.identity.identity_of` and :func:`analysis.runs.identity.traced_by`
        give them; kinds that lack are empty.
    parameters : mapping, optional
    needed_runs : mapping of str to str, optional
        Id of the run of each notebook that it was built on.
    framework, seed, commit, seconds
        Title of the framework, seed, commit of the code, and how long it took.

    Returns
    -------
    dict
        Whole but for what :func:`analysis.runs.store.keep` adds: id, outputs, hash of the results.

    Examples
    --------
    >>> record = new_record("07_own", {"parameters": {"size": 3}})
    >>> record["parts"]["parameters"], record["traced"]["sources"], len(record["base"])
    ({'size': 3}, {}, 64)
    """
    whole_parts = {**{kind: {} for kind in _PARTS}, **(parts or {})}
    return {
        "notebook": notebook,
        "base": hash_of(whole_parts),
        "parameters": dict(parameters or {}),
        "framework": framework,
        "seed": seed,
        "commit": commit,
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "traced": {**{kind: {} for kind in _TRACED}, **(traced or {})},
        "parts": whole_parts,
        "needed_runs": dict(needed_runs or {}),
    }


def is_whole_record(record: object) -> bool:
    """Whether a record has all that this workbench writes, each of its kind.

    Parameters
    ----------
    record : object
        What a run's ``run.json`` holds.

    Returns
    -------
    bool

    Examples
    --------
    >>> kept = {"id": "a1", "result": "b2", "differs": False, "outputs": {}}
    >>> is_whole_record({**new_record("07_own"), **kept}), is_whole_record({"notebook": "07_own"})
    (True, False)
    """
    return has_shape(record, _SHAPE)
