"""People of a population as the unknowns of linear equations: groups, parts, outcomes.

The unknowns are people in the finest cross of some groups, in each part of the population, who
were counted in something: in the population at all, under an outcome, with it known, with it met.
Every published count is a sum of unknowns, or a difference of two such sums.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import compress

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array, vstack

from analysis.errors import WorkbenchError
from analysis.joined_sets import joined
from analysis.reports.disclosure_facts import EVERYONE, NESTED, Cell, Fact, Linked
from analysis.reports.linear_bounds import Extreme, Worlds

_LARGEST = 200_000
# places of unknowns and the sign that each has in a sum
Terms = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]


class System:
    """The equations of one family of groups of one population.

    Parameters
    ----------
    linked : Linked
    values : mapping of str to sequence of str
        Values of each variable of the family.
    outcomes : sequence of str
        Outcomes that the tables speak of.

    Notes
    -----
    Counts of exactly the same people are one unknown, and of all the counts that another lies
    within only the nearest are kept as rules: the others follow.
    """

    def __init__(
        self, linked: Linked, values: Mapping[str, Sequence[str]], outcomes: Sequence[str]
    ) -> None:
        self.linked, self.values, self.outcomes = linked, values, list(outcomes)
        names, inside = _within_each_other(self.outcomes, linked)
        # counts of the same people share the unknowns of the first of them
        same = [int(np.argmax(row)) for row in inside & inside.T]
        self._event = dict(zip(names, same, strict=True))
        strictly = inside & ~inside.T
        nearest = strictly & ~(strictly @ strictly)
        first = sorted(set(same))
        self._nearest = [(a, b) for a in first for b in first if nearest[a, b]]
        shape = tuple(len(options) for options in values.values())
        size = int(np.prod(shape)) * len(linked.parts) * len(first)
        if size > _LARGEST:
            raise WorkbenchError(
                f"tables that cross {', '.join(values)} have {size:,} unknowns in all",
                "Publish fewer crosses in one run, or coarser groups.",
            )
        homes = np.array([linked.parts.index(linked.within.get(n, linked.parts[0])) for n in names])
        possible = np.zeros((*shape, len(linked.parts), len(names)), dtype=bool)
        for event in first:
            # who is counted in something that lies within a part is in that part
            possible[..., homes[inside[event]].max() :, event] = True
        self.unknowns = int(possible.sum())
        # nobody can be where the place is -1
        self._place = np.where(possible, possible.cumsum().reshape(possible.shape) - 1, -1)
        self._at = {
            name: {value: at for at, value in enumerate(options)}
            for name, options in values.items()
        }

    def terms(self, cell: Cell, parts: Sequence[int], outcome: str, count: str) -> Terms:
        """Unknowns that make a count, and the sign of each."""
        name = "all" if count == "all" else f"{outcome}.{count}"
        if name not in self._event:
            known, met = (self.terms(cell, parts, outcome, one) for one in ("known", "met"))
            return np.concatenate([known[0], met[0]]), np.concatenate([known[1], -met[1]])
        wanted = dict(cell)
        where = tuple(
            at[wanted[one]] if one in wanted else slice(None) for one, at in self._at.items()
        )
        found = self._place[(*where, slice(None), self._event[name])][..., list(parts)].ravel()
        found = found[found >= 0]
        return found, np.ones(len(found))

    def part_and_within(self, part: str) -> range:
        """Parts that a table about one part counts: it and all within it."""
        return range(self.linked.parts.index(part), len(self.linked.parts))

    def matrix(self, rows: Sequence[Terms]) -> csr_array:
        """Sums as a matrix: shape (sums, unknowns)."""
        start = np.concatenate([[0], np.cumsum([len(places) for places, _ in rows])])
        places = np.concatenate([*(places for places, _ in rows), np.zeros(0, dtype="int64")])
        signs = np.concatenate([*(signs for _, signs in rows), np.zeros(0)])
        matrix = csr_array((signs, places, start), shape=(len(rows), self.unknowns))
        # known less met, where both are the same people
        matrix.sum_duplicates()
        return matrix

    def rules(self) -> tuple[csr_array, csr_array]:
        """What holds whatever is published: sums that are zero, and sums that are no larger.

        Both are matrices whose product with the unknowns is zero, or at most zero.
        """
        smaller = [self._row_each([(less, 1.0), (more, -1.0)]) for less, more in self._nearest]
        equal = [
            self._row_each(
                [
                    (self._event[f"{outcome}.{count}"], sign)
                    for count, sign in (("known", 1.0), ("met", -1.0), ("missed", -1.0))
                ]
            )
            for outcome in self.outcomes
            if f"{outcome}.missed" in self._event
        ]
        none = csr_array((0, self.unknowns))
        return csr_array(vstack([none, *equal])), csr_array(vstack([none, *smaller]))

    def _row_each(self, events: Sequence[tuple[int, float]]) -> csr_array:
        """The same signed sum of events in each cell and part where there is any of it."""
        places = np.stack([self._place[..., event].ravel() for event, _ in events])
        places = places[:, (places >= 0).any(axis=0)]
        signs = np.repeat([sign for _, sign in events], places.shape[1])
        row = np.tile(np.arange(places.shape[1]), len(events))
        there = places.ravel() >= 0
        matrix = csr_array(
            (signs[there], (row[there], places.ravel()[there])),
            shape=(places.shape[1], self.unknowns),
        )
        matrix.sum_duplicates()
        return matrix


def _within_each_other(
    outcomes: Sequence[str], linked: Linked
) -> tuple[list[str], npt.NDArray[np.bool_]]:
    """Names of all counts, and which lies within which: entry (a, b) is true where a is in b."""
    spoken = {side for pair in linked.implied for side in pair} | set(linked.within)
    names = ["all"]
    pairs = []
    for outcome in outcomes:
        people, known, met, missed = (f"{outcome}.{c}" for c in (*NESTED, "missed"))
        names += [people, known, met]
        pairs += [(people, "all"), (known, people), (met, known)]
        if outcome == EVERYONE:
            pairs.append(("all", people))
        if missed in spoken:
            names.append(missed)
            pairs.append((missed, known))
    at = {name: place for place, name in enumerate(names)}
    inside = np.eye(len(names), dtype=bool)
    for less, more in (*pairs, *linked.implied):
        if less in at and more in at:
            inside[at[less], at[more]] = True
    for middle in range(len(names)):
        inside |= np.outer(inside[:, middle], inside[middle])
    return names, inside


def families(cells: pd.DataFrame, variables: Sequence[str]) -> list[list[str]]:
    """Variables that some table crosses, directly or through others.

    Parameters
    ----------
    cells : DataFrame
        One row a cell; a variable that it does not name is empty text.
    variables : sequence of str
        Columns of ``cells``.

    Returns
    -------
    list of list of str
        Each variable is in exactly one.

    Examples
    --------
    >>> rows = pd.DataFrame({"race": ["a", ""], "gender": ["b", ""], "age": ["", "c"]})
    >>> families(rows, ["race", "gender", "age"])
    [['race', 'gender'], ['age']]
    """
    used = cells[list(variables)].ne("").drop_duplicates().to_numpy()
    return joined(variables, (compress(variables, row) for row in used))


class Attacker:
    """Finds the smallest value that a weighted sum of unknowns can have, given facts."""

    def __init__(self, system: System, facts: Sequence[Fact]) -> None:
        sums = system.matrix(
            [
                system.terms(f.cell, system.part_and_within(f.part), f.outcome, f.count)
                for f in facts
            ]
        )
        equal, smaller = system.rules()
        zeros = np.zeros(equal.shape[0])
        below = np.full(smaller.shape[0], -np.inf)
        self._facts = len(facts)
        self._worlds = Worlds(
            csr_array(vstack([sums, equal, smaller])),
            np.concatenate([[fact.low for fact in facts], zeros, below]),
            np.concatenate([[fact.high for fact in facts], zeros, np.zeros(len(below))]),
        )

    def forget(self, fact: int) -> None:
        """Attack without a fact: it is hidden now."""
        self._worlds.let_go(fact)

    def smallest(self, goal: npt.NDArray[np.float64]) -> Extreme:
        """Smallest value of a weighted sum of unknowns, and the facts that force it."""
        found = self._worlds.smallest(goal)
        return replace(found, forcing=tuple(row for row in found.forcing if row < self._facts))
