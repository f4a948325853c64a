"""Which levels of a table by group may be shown, and which would give a small one away."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.effects.levels import Level, group_levels, members
from analysis.effects.samples import Flags
from analysis.effects.suppression import hidden_levels
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class Cell:
    """People of one level, whether they are hidden, and what a hidden row of theirs says."""

    level: Level
    members: Flags
    is_hidden: bool
    hidden_status: str


def group_cells(
    frame: pd.DataFrame, groups: Sequence[Sequence[str]], flags: Flags, minimum_cell: int
) -> list[Cell]:
    """Everyone and every level of the groupings, those too small marked as hidden.

    Parameters
    ----------
    frame : DataFrame of n rows
        One row a person, with the columns of the groupings.
    groups : sequence of sequences of str
        Groupings; two columns mean their cross.
    flags : bool array of shape (n,)
        True in the treated arm.
    minimum_cell : int
        Fewest people in an arm that anything is shown about.

    Returns
    -------
    list of Cell
        Everyone first.

    Raises
    ------
    WorkbenchError
        For a ``minimum_cell`` below 2.

    Examples
    --------
    The one small race hides the next one too, which the total would give away.

    >>> people = pd.DataFrame({"race": ["a"] * 2 + ["b"] * 8 + ["c"] * 20})
    >>> for cell in group_cells(people, [["race"]], np.arange(30) % 2 == 0, 3):
    ...     print(dict(cell.level), cell.hidden_status if cell.is_hidden else "is shown")
    {} is shown
    {'race': 'a'} hidden: fewer than 3 people in an arm
    {'race': 'b'} hidden: would reveal a group with fewer than 3 people in an arm
    {'race': 'c'} is shown
    """
    if minimum_cell < 2:
        raise WorkbenchError(
            f"minimum_cell: {minimum_cell} is below 2", "An effect needs two people in each arm."
        )
    distinct = {frozenset(group): tuple(group) for group in groups}
    levels = group_levels(frame, list(distinct.values()))
    rows = [members(frame, level) for level in levels]
    n_treated = [int((flags & inside).sum()) for inside in rows]
    n_control = [int((~flags & inside).sum()) for inside in rows]
    own, hidden = hidden_levels(levels, n_treated, n_control, minimum_cell)
    return [
        Cell(level, inside, bool(hides), _hidden_status(bool(small), minimum_cell))
        for level, inside, hides, small in zip(levels, rows, hidden, own, strict=True)
    ]


def hides_a_stratum(group: Flags, hidden: Sequence[Flags], stratum: pd.Series) -> bool:
    """Whether some hidden row is this group within one level of the stratum.

    People are compared, not names: the stratum may be a grouping column under another name.

    Parameters
    ----------
    group : bool array of shape (n,)
    hidden : sequence of bool arrays of shape (n,)
        People of the hidden rows.
    stratum : Series of n labels

    Returns
    -------
    bool
        True where the group's row would publish what a hidden row hides.

    Examples
    --------
    >>> everyone, site = np.ones(3, dtype=bool), pd.Series(["a", "a", "b"])
    >>> hides_a_stratum(everyone, [np.array([True, True, False])], site)
    True
    >>> hides_a_stratum(everyone, [np.array([True, False, False])], site)
    False
    """
    within = [group & (stratum == level).to_numpy(dtype=bool) for level in stratum.unique()]
    return any(bool(np.array_equal(one, other)) for one in hidden for other in within if one.any())


def _hidden_status(own: bool, minimum_cell: int) -> str:
    reason = f"fewer than {minimum_cell} people in an arm"
    return f"hidden: {reason}" if own else f"hidden: would reveal a group with {reason}"
