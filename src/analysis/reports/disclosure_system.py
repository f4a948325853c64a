"""People of a population as the unknowns of linear equations: groups, parts, outcomes.

The unknowns are people in the finest cross of some groups, in each part of the population, by
what became of them under each outcome. Every published count is a sum of unknowns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array

from analysis.errors import WorkbenchError

# what each published count sums over, of the four fates of a person under an outcome
FATES = ("not asked", "unknown", "missed", "met")
COUNTED_FATES = {
    "all": FATES,
    "people": FATES[1:],
    "known": FATES[2:],
    "missed": FATES[2:3],
    "met": FATES[3:],
}
# the outcome of a table that counts people and nothing else
EVERYONE = "people"
_LARGEST = 200_000
_SLACK = 1e-6
Cell = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Linked:
    """What is known of a population beside its tables.

    Attributes
    ----------
    parts : tuple of str
        Parts that tables are about, each within the one before it, the whole (``""``) first.
    implied : tuple of pairs
        Counts of outcomes, as ``("median_earnings_q2.people", "employed_q2.met")``: everyone
        counted in the first is counted in the second. ``all`` is everyone.
    within : mapping
        Count of an outcome to the part that all of its people belong to.
    """

    parts: tuple[str, ...] = ("",)
    implied: tuple[tuple[str, str], ...] = ()
    within: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fact:
    """A published count: which people, and between which numbers the attacker knows it to lie."""

    table: str
    row: object
    cell: Cell
    part: str
    outcome: str
    count: str
    low: float
    high: float


class System:
    """The equations of one family of groups of one population.

    Parameters
    ----------
    linked : Linked
    values : mapping of str to sequence of str
        Values of each variable of the family.
    outcomes : sequence of str
        Outcomes that the tables speak of.
    """

    def __init__(
        self, linked: Linked, values: Mapping[str, Sequence[str]], outcomes: Sequence[str]
    ) -> None:
        self.linked, self.values, self.outcomes = linked, values, list(outcomes)
        self.cells = [tuple(zip(values, one, strict=True)) for one in product(*values.values())]
        size = len(self.cells) * len(linked.parts) * len(self.outcomes) * len(FATES)
        if size > _LARGEST:
            raise WorkbenchError(
                f"tables that cross {', '.join(values)} have {size:,} unknowns in all",
                "Publish fewer crosses in one run, or coarser groups.",
            )
        self.column: dict[tuple[int, int, str, str], int] = {}
        for key in product(range(len(self.cells)), range(len(linked.parts)), outcomes, FATES):
            if not self._impossible(*key[1:]):
                self.column[key] = len(self.column)

    def _impossible(self, part: int, outcome: str, fate: str) -> bool:
        """Whether nobody can be there: outside of the part that a count belongs to."""
        if fate == "not asked":
            return outcome == EVERYONE or ("all", f"{outcome}.people") in self.linked.implied
        for count, fates in COUNTED_FATES.items():
            home = self.linked.within.get(f"{outcome}.{count}")
            if home is not None and fate in fates and part < self.linked.parts.index(home):
                return True
        return False

    def people(
        self, cell: Cell, parts: Iterable[int], outcome: str, count: str
    ) -> npt.NDArray[np.int64]:
        """Unknowns whose sum is a count."""
        wanted = dict(cell)
        inside = [
            place
            for place, own in enumerate(self.cells)
            if all(wanted.get(name, value) == value for name, value in own)
        ]
        keys = product(inside, parts, [outcome], COUNTED_FATES[count])
        return np.array([self.column[key] for key in keys if key in self.column], dtype="int64")

    def part_and_within(self, part: str) -> range:
        """Parts that a table about one part counts: it and all within it."""
        return range(self.linked.parts.index(part), len(self.linked.parts))

    def matrix(self, rows: Sequence[npt.NDArray[np.int64]]) -> csr_array:
        """Sums as a matrix of ones: shape (sums, unknowns)."""
        lengths = [len(row) for row in rows]
        place = np.concatenate([*rows, np.zeros(0, dtype="int64")])
        start = np.concatenate([[0], np.cumsum(lengths)])
        return csr_array((np.ones(len(place)), place, start), shape=(len(rows), len(self.column)))

    def rules(self) -> tuple[csr_array, csr_array]:
        """What holds whatever is published: sums that are equal, and sums that are no larger.

        Both are matrices whose product with the unknowns is zero, or at most zero.
        """
        one_cell = [(cell, [part]) for cell in self.cells for part in range(len(self.linked.parts))]
        equal = [
            (self.people(cell, part, first, "all"), self.people(cell, part, other, "all"))
            for first, other in zip(self.outcomes, self.outcomes[1:], strict=False)
            for cell, part in one_cell
        ]
        both = set(self.linked.implied)
        smaller = []
        for less, more in self.linked.implied:
            sides = [side.rpartition(".")[::2] for side in (less, more)]
            if any(outcome not in self.outcomes for outcome, _ in sides):
                continue
            pairs = [
                (self.people(cell, part, *sides[0]), self.people(cell, part, *sides[1]))
                for cell, part in one_cell
            ]
            if (more, less) not in both:
                smaller += pairs
            elif less < more:
                equal += pairs
        return self._differences(equal), self._differences(smaller)

    def _differences(self, pairs: Sequence[tuple[npt.NDArray[np.int64], ...]]) -> csr_array:
        left, right = ([pair[side] for pair in pairs] for side in (0, 1))
        return csr_array(self.matrix(left) - self.matrix(right))


@dataclass(frozen=True)
class Extreme:
    """Smallest value of a sum: a world that shows it, and the facts that force it."""

    value: float
    world: npt.NDArray[np.float64] | None
    forcing: tuple[int, ...]


class Attacker:
    """Finds the smallest value that a weighted sum of unknowns can have."""

    def __init__(self, system: System, facts: Sequence[Fact]) -> None:
        self.system = system
        sums = system.matrix(
            [
                system.people(f.cell, system.part_and_within(f.part), f.outcome, f.count)
                for f in facts
            ]
        )
        low, high = np.array([f.low for f in facts]), np.array([f.high for f in facts])
        exact = low == high
        self._exact, self._loose = np.flatnonzero(exact), np.flatnonzero(~exact)
        equal, smaller = system.rules()
        self._equal = _stacked(sums[self._exact], equal)
        self._equals = np.concatenate([low[exact], np.zeros(equal.shape[0])])
        loose = sums[self._loose]
        self._most = _stacked(loose, -loose, smaller)
        self._mosts = np.concatenate([high[~exact], -low[~exact], np.zeros(smaller.shape[0])])

    def smallest(self, goal: npt.NDArray[np.float64]) -> Extreme:
        """Smallest value of a weighted sum of unknowns; minus infinity where nothing holds it."""
        solved = linprog(
            goal,
            A_eq=self._equal,
            b_eq=self._equals,
            A_ub=self._most,
            b_ub=self._mosts,
            bounds=(0, None),
            method="highs",
        )
        if solved.status != 0:
            if solved.status == 2 or (goal >= 0).all():
                raise WorkbenchError(
                    "the published counts of a run contradict one another",
                    "Check that the tables of one population count the same people.",
                )
            return Extreme(-np.inf, None, ())
        count = len(self._exact)
        forcing = list(self._exact[np.abs(solved.eqlin.marginals[:count]) > _SLACK])
        loose = len(self._loose)
        if loose:
            bites = np.abs(solved.ineqlin.marginals[: 2 * loose]) > _SLACK
            forcing += list(self._loose[bites[:loose] | bites[loose:]])
        return Extreme(float(solved.fun), np.asarray(solved.x), tuple(map(int, forcing)))


def _stacked(*parts: csr_array) -> csr_array:
    from scipy.sparse import vstack

    return csr_array(vstack(parts))
