"""The attacker at the door: what all tables of one run together give away about few people.

The stated rule. For every group of people that the tables speak of, for the outcomes they show and
for the parts of the population they are about, the attacker bounds the number of people, of those
whose outcome is known, of those who met it and of those who did not. Each such interval must start
at the minimum or above (then the count is not small), or hold at least as many people as the
minimum and reach it (then he can neither name the count nor conclude that it is small).

He knows all that is shown (within its rounding), that people are whole and never negative, how
groups, parts and outcomes hang together, and which outcomes imply others. How many outcomes are
*unknown* is told on purpose and not protected.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.reports.disclosure_attacker import families
from analysis.reports.disclosure_system import EVERYONE, Attacker, Cell, Fact, Linked, System

_SLACK = 1e-6
# directions that are tried before any count is searched by itself
_WORLDS = 24
_COUNTS = ("people", "known", "met")


@dataclass(frozen=True)
class Counted:
    """How the rows of a published table count people.

    Attributes
    ----------
    population : str
        Tables of one population share people and are checked together.
    groups : tuple of str
        Columns that divide people; an empty value is a total over the column.
    part : str
        The part of the population that the table is about; empty for all of it.
    """

    population: str
    groups: tuple[str, ...]
    part: str = ""


@dataclass(frozen=True)
class Leak:
    """A count that is known too well: what it counts, and the facts that give it away."""

    cell: Cell
    parts: str
    outcome: str
    count: str
    facts: tuple[Fact, ...]

    def words(self) -> str:
        """The cell in words, without its number."""
        group = ", ".join(f"{name} {value}" for name, value in self.cell) or "everyone"
        which = f" ({self.parts})" if self.parts else ""
        return f"'{self.count}' of {self.outcome} for {group}{which}"


def facts_of(name: str, frame: pd.DataFrame, counted: Counted, round_to: int = 1) -> list[Fact]:
    """Counts that a table shows; a shown share gives its numerator."""
    if "measure" in frame and {"estimate", "known"} <= set(frame) and "met" not in frame:
        met = (frame["estimate"] * frame["known"]).where(frame["measure"] == "share")
        frame = frame.assign(met=met.round())
    reach = (round_to / 2) if round_to > 1 else 0.0
    found = []
    for row, entry in zip(frame.index, frame.to_dict("records"), strict=True):
        cell = tuple((g, str(entry[g])) for g in counted.groups if entry[g] != "")
        for count in _COUNTS:
            value = entry.get(count)
            if value is not None and value == value:
                outcome = str(entry.get("indicator", "people"))
                low, high = max(float(value) - reach, 0.0), float(value) + reach
                found.append(Fact(name, row, cell, counted.part, outcome, count, low, high))
    return found


def leaks(
    facts: Sequence[Fact],
    spoken: Sequence[tuple[Cell, str]],
    linked: Linked,
    minimum: int,
    passed: set[tuple[object, ...]] | None = None,
) -> Iterator[Leak]:
    """Counts that are known too well, the first of each family of groups and outcomes.

    Parameters
    ----------
    facts : sequence of Fact
        All that is shown.
    spoken : sequence of (cell, outcome)
        Cells that the tables have a row for, shown or not.
    linked : Linked
    minimum : int
    passed : set, optional
        Counts that need no check (known from an earlier call with at least these facts); those
        that pass are added.

    Notes
    -----
    Families of groups that no table crosses are searched apart, and so are outcomes that imply
    nothing of one another; they restrict each other through shown totals alone. Every solution is
    a world that the attacker must reckon with for all counts, so most need no search of their own.
    """
    done = set() if passed is None else passed
    linked = _present(linked, {fact.part for fact in facts})
    names = list(dict.fromkeys(name for cell, _ in spoken for name, _ in cell))
    values = {
        name: sorted({dict(cell)[name] for cell, _ in spoken if name in dict(cell)})
        for name in names
    }
    keys = pd.DataFrame([{**dict.fromkeys(names, ""), **dict(cell)} for cell, _ in spoken])
    outcomes = list(dict.fromkeys(outcome for _, outcome in spoken))
    for family in families(keys, names) if names else [[]]:
        inside = {cell for cell, _ in spoken if {name for name, _ in cell} <= set(family)}
        cells = sorted(inside, key=lambda cell: (len(cell), cell))
        for together in _components(outcomes, linked):
            own = [
                shared
                for fact in facts
                if fact.cell in inside and (shared := _shared(fact, together, linked))
            ]
            system = System(linked, {name: values[name] for name in family}, together)
            yield from _leaks_of(system, own, cells, minimum, done, passed is None)


def _components(outcomes: Sequence[str], linked: Linked) -> list[list[str]]:
    """Outcomes that imply one another, directly or through others; the rest by themselves."""
    groups = [{name} for name in outcomes]
    for pair in linked.implied:
        names = {side.rpartition(".")[0] for side in pair} & set(outcomes)
        joined = [group for group in groups if group & names]
        if len(joined) > 1:
            groups = [group for group in groups if not group & names] + [set().union(*joined)]
    return [[name for name in outcomes if name in group] for group in groups]


def _shared(fact: Fact, together: Sequence[str], linked: Linked) -> Fact | None:
    """A fact as these outcomes see it: of another outcome they see the number of all people."""
    if fact.outcome in together:
        return fact
    everyone = fact.count == "people" and (
        fact.outcome == EVERYONE or ("all", f"{fact.outcome}.people") in linked.implied
    )
    return replace(fact, outcome=together[0], count="all") if everyone else None


def _leaks_of(
    system: System,
    facts: Sequence[Fact],
    cells: Sequence[Cell],
    minimum: int,
    done: set[tuple[object, ...]],
    search_all: bool,
) -> Iterator[Leak]:
    secrets = _secrets(system, facts, cells, minimum, done)
    if not secrets:
        return
    attacker = Attacker(system, facts)
    sums = system.matrix([people for _, people in secrets])
    low, high = np.full(len(secrets), np.inf), np.full(len(secrets), -np.inf)

    def look(goal: "np.ndarray") -> tuple[float, tuple[int, ...]]:
        found = attacker.smallest(goal)
        if found.world is not None:
            seen = sums @ found.world
            np.minimum(low, seen, out=low)
            np.maximum(high, seen, out=high)
        return found.value, found.forcing

    # worlds in many directions at once spare most counts a search of their own
    random = np.random.default_rng(len(secrets))
    for _ in range(_WORLDS if search_all and len(secrets) > 10 * _WORLDS else 0):
        look(random.choice([-1.0, 0.0, 1.0], len(secrets)) @ sums)
    for place, (key, people) in enumerate(secrets):
        if not _wide(low[place], high[place], minimum):
            goal = np.zeros(sums.shape[1])
            goal[people] = 1.0
            least, below = look(goal)
            if least < minimum - _SLACK:
                most, above = look(-goal)
                if not _wide(least, -most, minimum):
                    forcing = tuple(facts[i] for i in dict.fromkeys([*above, *below]))
                    cell, parts, outcome, count = key
                    yield Leak(cell, _part_words(system, parts), outcome, count, forcing)
                    return
        done.add((key, *system.values))


def _wide(low: float, high: float, minimum: int) -> bool:
    whole_low, whole_high = np.ceil(low - _SLACK), np.floor(high + _SLACK)
    return bool(whole_high - whole_low >= minimum and whole_high >= minimum)


Key = tuple[Cell, tuple[int, ...], str, str]
Range = tuple[float, float]


def _secrets(
    system: System,
    facts: Sequence[Fact],
    cells: Sequence[Cell],
    minimum: int,
    done: set[tuple[object, ...]],
) -> list[tuple[Key, "np.ndarray"]]:
    """Counts that are not plainly large: those that must be searched."""
    shown = {
        (f.cell, tuple(system.part_and_within(f.part)), f.outcome, f.count): (f.low, f.high)
        for f in facts
    }
    shares = {f.outcome for f in facts if f.count == "met"}
    parts = range(len(system.linked.parts))
    whole = [tuple(parts[start:]) for start in parts]
    rest = [(part,) for part in parts[:-1]]
    found = []
    for cell in cells:
        for outcome in system.outcomes:
            counts = ["people", "known", *(["met", "missed"] if outcome in shares else [])]
            for some in [*whole, *rest]:
                for count in counts:
                    key = (cell, some, outcome, count)
                    if (key, *system.values) in done:
                        continue
                    if _plain(shown, key, whole)[0] >= minimum:
                        continue
                    people = system.people(cell, some, outcome, count)
                    if len(people):
                        found.append((key, people))
    return found


def _plain(shown: Mapping[Key, Range], key: Key, whole: Sequence[tuple[int, ...]]) -> Range:
    """Bounds that need no search: shown itself, or one shown count less another."""
    cell, parts, outcome, count = key
    if key in shown:
        return shown[key]
    if count == "missed":
        known = _plain(shown, (cell, parts, outcome, "known"), whole)
        met = _plain(shown, (cell, parts, outcome, "met"), whole)
        return known[0] - met[1], known[1] - met[0]
    if parts not in whole:
        larger = next(some for some in whole if some[0] == parts[0])
        all_of_it = _plain(shown, (cell, larger, outcome, count), whole)
        inside = _plain(shown, (cell, larger[1:], outcome, count), whole)
        return all_of_it[0] - inside[1], all_of_it[1] - inside[0]
    return -np.inf, np.inf


def _part_words(system: System, parts: tuple[int, ...]) -> str:
    names = system.linked.parts
    if parts[-1] == len(names) - 1:
        return names[parts[0]]
    return f"{names[parts[0]] or 'all'} without {names[parts[0] + 1]}"


def spoken_of(frame: pd.DataFrame, counted: Counted) -> list[tuple[Cell, str]]:
    """Cells and outcomes that a table has a row for, shown or not."""
    return [
        (
            tuple((g, str(row[g])) for g in counted.groups if row[g] != ""),
            str(row.get("indicator", "people")),
        )
        for row in frame.to_dict("records")
    ]


def _present(linked: Linked, parts: set[str]) -> Linked:
    """Without the parts that no table is about: what lies within them lies in the next larger."""
    kept = tuple(part for part in linked.parts if part == linked.parts[0] or part in parts)
    within = {}
    for count, home in linked.within.items():
        larger = [p for p in linked.parts[: linked.parts.index(home) + 1] if p in kept]
        within[count] = larger[-1]
    return Linked(kept, linked.implied, within)
