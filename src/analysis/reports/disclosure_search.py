"""What an attacker can tell of the counts of one family of groups, as more of them is hidden."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.reports.disclosure_facts import Cell, Fact
from analysis.reports.disclosure_system import Attacker, System, Terms
from analysis.reports.linear_bounds import Extreme

_SLACK = 1e-6
# which group, which parts of the population, which outcome, and what of it is counted
Key = tuple[Cell, tuple[int, ...], str, str]
Range = tuple[float, float]


@dataclass(frozen=True)
class Leak:
    """A count that is known too well: what it counts, and the facts that give it away."""

    cell: Cell
    parts: str
    outcome: str
    count: str
    facts: tuple[Fact, ...]

    def rows(self) -> set[tuple[str, object]]:
        """Rows of tables that give it away, each a pair of the table's name and the row's."""
        return {(fact.table, fact.row) for fact in self.facts}

    def words(self) -> str:
        """The cell in words, without its number."""
        group = ", ".join(f"{name} {value}" for name, value in self.cell) or "everyone"
        which = f" ({self.parts})" if self.parts else ""
        return f"'{self.count}' of {self.outcome} for {group}{which}"


class Search:
    """What an attacker can tell of one family of groups and outcomes, as more is hidden.

    Notes
    -----
    Every solution is a world that the attacker must reckon with for all counts, and stays one when
    a fact is hidden: so most counts need no search of their own. What forces a count to be large
    holds for as long as none of it is hidden.
    """

    def __init__(
        self, system: System, facts: Sequence[Fact], cells: Sequence[Cell], minimum: int
    ) -> None:
        self._system, self._facts, self._minimum = system, facts, minimum
        self._known = set(range(len(facts)))
        self._secrets = _secrets(system, facts, cells)
        self._sums = system.matrix([terms for _, terms in self._secrets])
        self._low = np.full(len(self._secrets), np.inf)
        self._high = np.full(len(self._secrets), -np.inf)
        # counts that facts force to be large, with the facts that do
        self._floors: dict[int, set[int]] = {}
        self._attacker: Attacker | None = None
        self._searched = False

    def forget(self, rows: Container[tuple[str, object]]) -> None:
        """Hide rows of tables, each a pair of the table's name and the row's."""
        gone = {at for at in self._known if (self._facts[at].table, self._facts[at].row) in rows}
        if not gone:
            return
        self._known -= gone
        self._searched = False
        self._floors = {at: forcing for at, forcing in self._floors.items() if not forcing & gone}
        if self._attacker is not None:
            for fact in sorted(gone):
                self._attacker.forget(fact)

    def leak(self) -> Leak | None:
        """A count that is known too well, or none."""
        if self._searched:
            return None
        doubtful = self._doubtful()
        if doubtful and self._attacker is None:
            self._start_attack()
        for place in doubtful:
            if place in self._floors or self._is_wide(place):
                continue
            goal = self._sums[[place]].toarray()[0]
            least = self._look(goal)
            if least.value >= self._minimum - _SLACK:
                self._floors[place] = set(least.forcing)
                continue
            most = self._look(-goal)
            self._high[place] = max(self._high[place], -most.value)
            if not self._is_wide(place):
                return self._told(place, [*most.forcing, *least.forcing])
        self._searched = True
        return None

    def _doubtful(self) -> list[int]:
        """Counts that are not plainly large: neither shown nor one shown count less another."""
        shown: dict[Key, Range] = {}
        for at in sorted(self._known):
            fact = self._facts[at]
            parts = tuple(self._system.part_and_within(fact.part))
            shown[fact.cell, parts, fact.outcome, fact.count] = (fact.low, fact.high)
        last = len(self._system.linked.parts) - 1
        return [
            place
            for place, (key, _) in enumerate(self._secrets)
            if not self._is_wide(place) and _plain(shown, key, last)[0] < self._minimum
        ]

    def _start_attack(self) -> None:
        """Give the attacker all that is still shown; what is hidden later he forgets."""
        self._facts = [self._facts[at] for at in sorted(self._known)]
        self._known = set(range(len(self._facts)))
        self._attacker = Attacker(self._system, self._facts)

    def _look(self, goal: npt.NDArray[np.float64]) -> Extreme:
        assert self._attacker is not None
        found = self._attacker.smallest(goal)
        if found.world is not None:
            seen = self._sums @ found.world
            np.minimum(self._low, seen, out=self._low)
            np.maximum(self._high, seen, out=self._high)
        return found

    def _is_wide(self, place: int) -> bool:
        low = np.ceil(self._low[place] - _SLACK)
        high = np.floor(self._high[place] + _SLACK)
        return bool(high - low >= self._minimum and high >= self._minimum)

    def _told(self, place: int, forcing: Sequence[int]) -> Leak:
        (cell, parts, outcome, count), _ = self._secrets[place]
        facts = tuple(self._facts[at] for at in dict.fromkeys(forcing))
        return Leak(cell, _part_words(self._system, parts), outcome, count, facts)


def _secrets(
    system: System, facts: Sequence[Fact], cells: Sequence[Cell]
) -> list[tuple[Key, Terms]]:
    """Counts that must not be known too well, in each part and in each part less the next."""
    shares = {fact.outcome for fact in facts if fact.count == "met"}
    parts = range(len(system.linked.parts))
    rings = [*(tuple(parts[start:]) for start in parts), *((part,) for part in parts[:-1])]
    found = []
    for cell in cells:
        for outcome in system.outcomes:
            counts = ["people", "known", *(["met", "missed"] if outcome in shares else [])]
            for ring in rings:
                for count in counts:
                    terms = system.terms(cell, ring, outcome, count)
                    if len(terms[0]):
                        found.append(((cell, ring, outcome, count), terms))
    return found


def _plain(shown: Mapping[Key, Range], key: Key, last: int) -> Range:
    """Bounds that need no search: shown itself, or one shown count less another."""
    cell, parts, outcome, count = key
    if key in shown:
        return shown[key]
    if count == "missed":
        known = _plain(shown, (cell, parts, outcome, "known"), last)
        met = _plain(shown, (cell, parts, outcome, "met"), last)
        return known[0] - met[1], known[1] - met[0]
    if parts[-1] != last:
        larger = tuple(range(parts[0], last + 1))
        all_of_it = _plain(shown, (cell, larger, outcome, count), last)
        inside = _plain(shown, (cell, larger[1:], outcome, count), last)
        return all_of_it[0] - inside[1], all_of_it[1] - inside[0]
    return -np.inf, np.inf


def _part_words(system: System, parts: tuple[int, ...]) -> str:
    names = system.linked.parts
    if parts[-1] == len(names) - 1:
        return names[parts[0]]
    return f"{names[parts[0]] or 'all'} without {names[parts[0] + 1]}"
