"""Which levels of a table by group are hidden so that no small cell can be had from the rest."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from analysis.effects.levels import Level
from analysis.effects.samples import Flags
from analysis.joined_sets import joined


def hidden_levels(
    levels: Sequence[Level],
    n_treated: Sequence[int],
    n_control: Sequence[int],
    minimum_cell: int,
) -> tuple[Flags, Flags]:
    """Levels that are hidden for their own size, and all levels that are hidden.

    A level with fewer than ``minimum_cell`` people in an arm is hidden. Then, recursively: where
    exactly one entry of an identity 'total = sum of its levels' is hidden (a margin's levels, or
    the total itself next to shown levels), the shown level with the fewest people in it is hidden
    as well. At last every hidden level is tested exactly: if it is a linear combination of shown
    ones, more levels are hidden until none is. The row of everyone is hidden only for its own size.

    Parameters
    ----------
    levels : sequence of mapping
        What defines each row: ``{}`` for everyone, ``{"race": "Black"}``, or
        ``{"race": "Black", "gender": "women"}``. Rows that share their keys are levels of one
        grouping and must be complete (a cell without people is a row with zeros).
    n_treated, n_control : sequence of int
        People by arm in each row.
    minimum_cell : int
        Fewest people in an arm that a shown row rests on.

    Returns
    -------
    tuple of bool arrays of shape (rows,)
        Hidden for their own size; hidden in all.

    Notes
    -----
    Counts, sums and squared sums of the outcome by arm all add up over disjoint groups, and with
    the count they give mean, effect and standard error. One test of the row space therefore
    protects all of them. Not protected: bounds that follow from counts being non-negative, and
    combination with tables published elsewhere. Complementary suppression: Willenborg and
    de Waal (2001), Elements of Statistical Disclosure Control.

    Examples
    --------
    >>> levels = [{}, {"site": "a"}, {"site": "b"}, {"site": "c"}]
    >>> own, hidden = hidden_levels(levels, [55, 4, 21, 30], [60, 9, 25, 26], 10)
    >>> own.tolist(), hidden.tolist()
    ([False, True, False, False], [False, True, True, False])
    """
    smallest = np.minimum(n_treated, n_control)
    people = np.add(n_treated, n_control)
    own: Flags = smallest < minimum_cell
    hidden = own.copy()
    open_rows = np.array([bool(level) for level in levels], dtype=bool)
    while True:
        choice = _exposed_by_one_sum(levels, hidden, people)
        if choice is None:
            choice = _exposed_by_algebra(levels, hidden, people, open_rows)
        if choice is None:
            return own, hidden
        hidden[choice] = True


def _exposed_by_one_sum(levels: Sequence[Level], hidden: Flags, people: npt.NDArray) -> int | None:
    """Smallest shown level of the first identity with exactly one hidden entry."""
    keys = [frozenset(level) for level in levels]
    for total, level in enumerate(levels):
        for finer in dict.fromkeys(key for key in keys if key > keys[total]):
            parts = [
                row
                for row, key in enumerate(keys)
                if key == finer and all(levels[row][name] == level[name] for name in level)
            ]
            if hidden[total] + hidden[parts].sum() != 1:
                continue
            shown = [row for row in parts if not hidden[row]]
            if shown:
                return min(shown, key=lambda row: (people[row], row))
    return None


def _exposed_by_algebra(
    levels: Sequence[Level], hidden: Flags, people: npt.NDArray, open_rows: Flags
) -> int | None:
    """Smallest level whose hiding leaves fewest hidden rows a combination of shown ones."""
    incidence = _incidence(levels)
    if not _recoverable(incidence, hidden):
        return None
    candidates = np.flatnonzero(~hidden & open_rows)

    def exposed_without(row: int) -> int:
        trial = hidden.copy()
        trial[row] = True
        return _recoverable(incidence, trial)

    # no candidate is left only when a hidden row equals the row of everyone, as when a grouping
    # has one level: then nothing of it is hidden that everyone's row does not show
    return min(
        map(int, candidates), key=lambda row: (exposed_without(row), people[row], row), default=None
    )


def _incidence(levels: Sequence[Level]) -> npt.NDArray[np.float64]:
    """Each row as a vector, so that rows have the linear relations that their sums have.

    Variables that no row crosses share the row of everyone and nothing else. So a row is its mean
    over the finest cross of its own variables, and where in that cross it differs from the mean;
    the cross of all variables, which may be a thousand times larger, is not needed.
    """
    parts = [np.ones((len(levels), 1))]
    # variables that no row crosses have no cell in common
    every = sorted({name for level in levels for name in level})
    for names in joined(every, levels):
        values = [sorted({level[name] for level in levels if name in level}) for name in names]
        cells = [dict(zip(names, one, strict=True)) for one in product(*values)]
        part = np.zeros((len(levels), len(cells)))
        for row, level in enumerate(levels):
            if not level.keys() <= set(names) or not level:
                continue
            inside = np.array([all(cell[k] == v for k, v in level.items()) for cell in cells])
            parts[0][row] = inside.mean()
            part[row] = inside - inside.mean()
        parts.append(part)
    return np.hstack(parts)


def _recoverable(incidence: npt.NDArray[np.float64], hidden: Flags) -> int:
    """Number of hidden rows that are linear combinations of shown rows."""
    if not hidden.any() or hidden.all():
        return 0
    shown = incidence[~hidden].T
    solution = np.linalg.lstsq(shown, incidence[hidden].T, rcond=None)[0]
    left = np.abs(shown @ solution - incidence[hidden].T).max(axis=0)
    return int((left < 1e-9).sum())
