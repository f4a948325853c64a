"""The check at the door on what is really published: the tables of runs that lie together.

Reads the Parquet tables of the folders of runs, tells by ``counted_tables.toml`` whom they count,
and lets the attacker of :mod:`analysis.reports.disclosure_run` look at all tables of the same
people at once, whichever notebook or run they are of.

What he is taken to know besides: a kind of group divides everyone, so what its shown rows leave of
a shown total are the people of no shown group; all people of a sample were assigned. How many
people have no known outcome, or no field, is told on purpose and not protected.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pandas as pd
from pyarrow.parquet import read_schema

from analysis.errors import WorkbenchError
from analysis.reports.counted_tables import COUNTS, CountedTable, entries_for
from analysis.reports.disclosure_facts import EVERYONE, Cell, Fact, Linked
from analysis.reports.disclosure_ledger import Ledger
from analysis.reports.disclosure_system import families

OTHERS = "in no shown group"
# whose hash says that two runs are about the same people
_OWN = {"own": "user:participants", "wioa": "user:wioa", "group_outcomes": "user:group_outcomes"}
# parameters of an own file that name columns without which a person is left out
_COLUMNS = (
    *("outcome", "treatment", "covariates", "stratum", "weights", "cluster", "attended", "cost"),
    "earlier",
)
# everyone counted in the first is counted in the second, of samples by what they begin with
_WITHIN = (
    ("sample.met", "assigned.met"), ("sample.missed", "assigned.missed"),
    ("trained.known", "sample.met"), ("sample.met", "trained.known"),
    ("every_quarter.known", "trained.known"), ("with_field.known", "trained.known"),
)  # fmt: skip


@dataclass
class Seen:
    """What the tables of one population show, and the groups that they speak of."""

    facts: dict[tuple[Cell, str, str], Fact] = field(default_factory=dict)
    spoken: set[tuple[Cell, str]] = field(default_factory=set)


def check_together(
    runs: Iterable[tuple[Path, Mapping[str, Any]]], minimum: int, only: Iterable[str] = ()
) -> dict[str, list[str]]:
    """Refuse runs whose published tables together give a count of few people away.

    Parameters
    ----------
    runs : iterable of (Path, mapping)
        Folder of the Parquet tables of each run, and its record as in ``study.json``
        (``notebook``, ``parameters``, ``used``, ``tables``).
    minimum : int
        Fewest people that anything is shown about.
    only : iterable of str
        Populations that are checked; all if none is named.

    Returns
    -------
    dict
        Population to the names of its tables, as ``04_earnings_effects/effects_nsw``.

    Raises
    ------
    WorkbenchError
        Naming the tables and the group, never the count; or where tables contradict one another.

    Examples
    --------
    Everyone less the programs that are shown leaves two people of some other program:

    >>> from tempfile import TemporaryDirectory
    >>> record = {"notebook": "04_earnings_effects", "parameters": {}, "used": {}}
    >>> record["tables"] = ["record_designs", "program_effects"]
    >>> everyone = pd.DataFrame({"grouping": ["all"], "group": ["all"], "people": [90]})
    >>> programs = pd.DataFrame({"program": ["a", "b"], "people": [30, 40]})
    >>> with TemporaryDirectory() as folder:
    ...     everyone.to_parquet(Path(folder) / "record_designs.parquet")
    ...     programs.to_parquet(Path(folder) / "program_effects.parquet")
    ...     check_together([(Path(folder), record)], minimum=10)
    {'wioa': ['04_earnings_effects/program_effects', '04_earnings_effects/record_designs']}
    >>> with TemporaryDirectory() as folder:
    ...     everyone.assign(people=72).to_parquet(Path(folder) / "record_designs.parquet")
    ...     programs.to_parquet(Path(folder) / "program_effects.parquet")
    ...     check_together([(Path(folder), record)], minimum=10)
    Traceback (most recent call last):
    ...
    analysis.errors.WorkbenchError: tables '04_earnings_effects/program_effects' and ...
    """
    populations: dict[str, Seen] = {}
    for folder, record in runs:
        _read_folder(folder, record, populations)
    chosen = set(only) or set(populations)
    for key, seen in populations.items():
        if key in chosen:
            _check(key, seen, minimum)
    return {
        key: sorted({fact.table for fact in seen.facts.values()})
        for key, seen in populations.items()
    }


def _read_folder(folder: Path, record: Mapping[str, Any], populations: dict[str, Seen]) -> None:
    """Add what the tables of one run show to what is known of each population.

    Raises
    ------
    WorkbenchError
        A table counts people and nothing says whom, or shows another number for a group that
        another table shows.
    """
    paths = {name: folder / f"{name}.parquet" for name in record["tables"]}
    # a table without a column of counts need not be read
    frames = {
        name: pd.read_parquet(path)
        for name, path in paths.items()
        if COUNTS & set(read_schema(path).names)
    }
    firsts = {name: _first_grouping(frame) for name, frame in frames.items()}
    for name, frame in frames.items():
        for entry in entries_for(record["notebook"], name, frame):
            if entry.unchecked:
                continue
            for place, row in enumerate(frame.to_dict("records")):
                if not entry.reads(row):
                    continue
                key = entry.key_of(name, row)
                people = populations.setdefault(_people(key, record), Seen())
                first = firsts.get(f"effects_{key}", "")
                table = f"{record['notebook']}/{name}"
                _add(people, entry, table, (folder, place), row, first, record)


def _first_grouping(frame: pd.DataFrame) -> str:
    kinds = frame["grouping"].unique() if "grouping" in frame else []
    return next((kind for kind in kinds if kind != "all" and " x " not in kind), "")


def _people(key: str, record: Mapping[str, Any]) -> str:
    """Name of a population: a trial, or the hash of the file that its people are from."""
    used = record["used"]
    source = _OWN.get(key, "")
    if source in used:
        return f"{key}:{used[source]['sha256']}"
    if key == "wioa" and "simulated:wioa" in used:
        return f"{key}:{used['simulated:wioa']['sha256']}"
    return key


def _add(
    seen: Seen,
    entry: CountedTable,
    table: str,
    place: tuple[Path, int],
    row: dict[str, Any],
    first: str,
    record: Mapping[str, Any],
) -> None:
    outcome = entry.outcome_of(row)
    if outcome in ("sample", "assigned"):
        outcome = f"{outcome}{_reading(record)}"
    cell = tuple(sorted(entry.cell_of(row, first)))
    for column, count in entry.counts.items():
        whole_tier = column == "people_of_tier"
        where = tuple(one for one in cell if one[0] == "tier") if whole_tier else cell
        seen.spoken.add((where, outcome))
        value = row.get(column)
        if value is None or pd.isna(value):
            continue
        step = record.get("round_to", 1) if entry.rounded else 1
        reach = step / 2 if step > 1 else 0.0
        fact = Fact(table, place, where, "", outcome, count, max(value - reach, 0.0), value + reach)
        known = seen.facts.setdefault((where, outcome, count), fact)
        same_run = isinstance(known.row, tuple) and known.row[0] == place[0]
        if known.low != fact.low and same_run:
            raise WorkbenchError(
                f"tables '{known.table}' and '{table}' show different numbers of people for "
                f"{', '.join(value for _, value in cell) or 'everyone'}",
                "Count the same people in both, or give them different outcomes.",
            )
        # two runs may round otherwise, and both are known
        low, high = max(known.low, fact.low), min(known.high, fact.high)
        if low <= high:
            seen.facts[where, outcome, count] = replace(known, low=low, high=high)


def _reading(record: Mapping[str, Any]) -> str:
    """What makes two samples of one own file different: the columns that people must have."""
    given = record["parameters"]
    chosen = [f"{name} {given[name]}" for name in _COLUMNS if given.get(name)]
    return f" ({', '.join(chosen)})" if given.get("participants") else ""


def _check(key: str, seen: Seen, minimum: int) -> None:
    """Check the families of groups that no table crosses one by one, with what they speak of."""
    _with_arms_added(seen)
    _with_others(seen)
    for family in _families(seen):
        inside = {(c, of) for c, of in seen.spoken if c and {name for name, _ in c} <= family}
        outcomes = sorted({of for _, of in inside}) or sorted({of for _, of in seen.spoken})
        ledger = Ledger(minimum)
        ledger.linked[key] = Linked(("",), _implied(outcomes))
        ledger.facts[key] = [
            fact
            for fact in seen.facts.values()
            if fact.outcome in [*outcomes, EVERYONE] and {name for name, _ in fact.cell} <= family
        ]
        ledger.spoken[key] = sorted(inside | {((), of) for of in outcomes})
        ledger.check()


def _families(seen: Seen) -> list[set[str]]:
    names = sorted({name for cell, _ in seen.spoken for name, _ in cell})
    if not names:
        return [set()]
    rows = pd.DataFrame([{**dict.fromkeys(names, ""), **dict(cell)} for cell, _ in seen.spoken])
    return [set(family) for family in families(rows, names)]


def _implied(outcomes: Sequence[str]) -> tuple[tuple[str, str], ...]:
    implied = [("all", f"{outcome}.people") for outcome in outcomes]
    for less, more in _WITHIN:
        (inner, count), (outer, other) = less.split("."), more.split(".")
        implied += [
            (f"{one}.{count}", f"{two}.{other}")
            for one, two in product(outcomes, outcomes)
            if one.split(" ")[0] == inner and two.split(" ")[0] == outer
        ]
    return tuple(implied)


def _with_arms_added(seen: Seen) -> None:
    """Both arms shown are their sum shown."""
    for (cell, outcome, count), fact in list(seen.facts.items()):
        other = seen.facts.get((cell, outcome, "missed"))
        if count == "met" and other is not None and (cell, outcome, "known") not in seen.facts:
            both = fact.low + other.low
            seen.facts[cell, outcome, "known"] = Fact(
                fact.table, fact.row, cell, "", outcome, "known", both, both
            )


def _with_others(seen: Seen) -> None:
    """People of no shown group: speak of them where a kind of group leaves some of a total.

    A group that is left out of a table, and not shown as hidden, is hidden all the same; crosses
    that are left out likewise.
    """
    for outcome in {outcome for _, outcome in seen.spoken}:
        cells = {cell for cell, of in seen.spoken if of == outcome}
        values: dict[str, set[str]] = {}
        for cell in cells:
            for name, value in cell:
                values.setdefault(name, set()).add(value)
        for name, found in values.items():
            if _leaves_some(seen, outcome, name, found):
                found.add(OTHERS)
                seen.spoken.add((((name, OTHERS),), outcome))
        for names in {tuple(name for name, _ in cell) for cell in cells if len(cell) > 1}:
            for kept in [names, *combinations(names, len(names) - 1)]:
                for key in product(*(sorted(values[name]) for name in kept)):
                    seen.spoken.add((tuple(zip(kept, key, strict=True)), outcome))


def _leaves_some(seen: Seen, outcome: str, name: str, values: Sequence[str] | set[str]) -> bool:
    """Whether all rows of a kind of group are shown, and yet hold fewer than the total."""
    for count in ("people", "known", "met", "missed"):
        total = seen.facts.get(((), outcome, count))
        parts = [seen.facts.get((((name, value),), outcome, count)) for value in values]
        if total is not None and total.low == total.high and all(parts):
            shown = sum(part.low for part in parts if part is not None)
            if shown < total.low:
                return True
    return False
