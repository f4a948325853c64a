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
    """Everyone and every level of the groupings, those too small marked as hidden."""
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
    """
    within = [group & (stratum == level).to_numpy(dtype=bool) for level in stratum.unique()]
    return any(bool(np.array_equal(one, other)) for one in hidden for other in within if one.any())


def _hidden_status(own: bool, minimum_cell: int) -> str:
    reason = f"fewer than {minimum_cell} people in an arm"
    return f"hidden: {reason}" if own else f"hidden: would reveal a group with {reason}"
