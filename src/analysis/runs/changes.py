"""What differs between what two runs were made from, and only that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.framework.reads import values_at
from analysis.plain_data import read_json
from analysis.runs.identity import Identity, framework_values
from analysis.runs.store import StoredRun

# kinds in the order in which a reader wants them; a module's hash says only that it changed
_PLAIN = ("parameters", "packages")


@dataclass(frozen=True)
class Change:
    """One input that is not the same: kind, name, and both values where they say something."""

    kind: str
    name: str
    before: Any = None
    after: Any = None

    @property
    def words(self) -> str:
        """The change in one line.

        Examples
        --------
        >>> Change("framework", "tiers.alpha", 0.05, 0.01).words
        'framework tiers.alpha: 0.05 → 0.01'
        >>> Change("module", "analysis.tiers.rating").words
        'module analysis.tiers.rating changed'
        """
        if self.before is None and self.after is None:
            return f"{self.kind} {self.name} changed"
        return f"{self.kind} {self.name}: {_short(self.before)} → {_short(self.after)}"


def _short(value: Any) -> str:
    text = "(none)" if value is None else value if isinstance(value, str) and value else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


_SINGULAR = {
    "notebook": "notebook",
    "parameters": "parameter",
    "files": "own file",
    "sources": "source",
    "results needed": "results of",
    "modules": "module",
    "data of the package": "data file",
    "packages": "package",
}


def _between_parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Differences of two identities' parts, kind by kind.

    Examples
    --------
    >>> [c.words for c in _between_parts({"parameters": {"a": 1}}, {"parameters": {"a": 2}})]
    ['parameter a: 1 → 2']
    """
    found = []
    for kind, word in _SINGULAR.items():
        old, new = before.get(kind, {}), after.get(kind, {})
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                values = (old.get(name), new.get(name)) if kind in _PLAIN else (None, None)
                found.append(Change(word, name, *values))
    return found


def _between_frameworks(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Differences of framework values at the same places."""
    return [
        Change("framework", key, before.get(key), after.get(key))
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]


def between_runs(before: StoredRun, after: StoredRun) -> list[Change]:
    """Differences of what two runs of a notebook were made from.

    The framework is compared wherever one of them read it, in the file that each run keeps.

    Parameters
    ----------
    before, after : StoredRun
        Each with ``framework.json`` in its folder.

    Returns
    -------
    list of Change
        The framework first, then what was known before the run, then sources that it used besides.

    Examples
    --------
    >>> import json, tempfile
    >>> from pathlib import Path
    >>> from analysis.runs.record import new_record
    >>> def run(place: Path, alpha: float) -> StoredRun:
    ...     place.mkdir()
    ...     _ = (place / "framework.json").write_text(json.dumps({"tiers": {"alpha": alpha}}))
    ...     record = new_record("05", traced={"framework": {"tiers.alpha": alpha}})
    ...     return StoredRun("05", place.name, place, record)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     one, two = run(Path(folder) / "a", 0.05), run(Path(folder) / "b", 0.01)
    ...     [change.words for change in between_runs(one, two)]
    ['framework tiers.alpha: 0.05 → 0.01']
    """
    keys = sorted({*before.record["traced"]["framework"], *after.record["traced"]["framework"]})
    wholes = (
        read_json(run.folder / "framework.json", dict, "Run the notebook again.")
        for run in (before, after)
    )
    values = [values_at(whole, keys) for whole in wholes]
    return [
        *_between_frameworks(*values),
        *_between_parts(before.record["parts"], after.record["parts"]),
        *_between_traced(before, after),
    ]


def _between_traced(before: StoredRun, after: StoredRun) -> list[Change]:
    old, new = before.record["traced"]["sources"], after.record["traced"]["sources"]
    return [Change("source", n) for n in sorted({*old} & {*new}) if old[n] != new[n]]


def why_stale(last: StoredRun, identity: Identity, framework_file: str) -> list[Change]:
    """What changed since a run whose results no longer stand for a request.

    Parameters
    ----------
    last : StoredRun
    identity : Identity
        Of the request.
    framework_file : str
        Of the request; empty for the default one.

    Returns
    -------
    list of Change

    Examples
    --------
    >>> from pathlib import Path
    >>> from analysis.runs.record import new_record
    >>> record = new_record("05", traced={"framework": {"tiers.labels": ["A", "B"]}})
    >>> last = StoredRun("05", "a1", Path("a1"), record)
    >>> [change.words for change in why_stale(last, Identity({"parameters": {"alpha": 0.01}}), "")]
    ["framework tiers.labels: ['A', 'B'] → ['A', 'B', 'C', 'D']", 'parameter alpha: (none) → 0.01']
    """
    traced = last.record["traced"]["framework"]
    return [
        *_between_frameworks(traced, framework_values(framework_file, list(traced))),
        *_between_parts(last.record["parts"], identity.parts),
    ]


def in_short(changes: Sequence[Change], most: int = 2) -> str:
    """The first changes in words, and how many more there are.

    Parameters
    ----------
    changes : sequence of Change
    most : int
        How many are written out.

    Returns
    -------
    str

    Examples
    --------
    >>> in_short([Change("module", "a"), Change("module", "b"), Change("module", "c")])
    'module a changed; module b changed; 1 more'
    """
    words = [change.words for change in changes[:most]]
    return "; ".join([*words, *([f"{len(changes) - most} more"] if len(changes) > most else [])])
