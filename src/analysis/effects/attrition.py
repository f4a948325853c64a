"""Whose outcome is not known: by arm and group, and whether the arms differ in it."""

from collections.abc import Sequence
from typing import TypeAlias

import pandas as pd
from scipy import stats

from analysis.effects.levels import group_levels, members
from analysis.effects.samples import arms, refuse_missing, refuse_unknown_columns

Counts: TypeAlias = tuple[int, int]
# grouping, group, and people and people without an outcome of each arm
Counted: TypeAlias = tuple[str, str, Counts, Counts]


def attrition_by_arm(
    frame: pd.DataFrame,
    outcome: str,
    *,
    minimum_cell: int,
    treated: str = "treated",
    groups: Sequence[tuple[str, ...]] = (),
) -> pd.DataFrame:
    """Shares of people without an outcome, by arm, for everyone and by group.

    Parameters
    ----------
    frame : DataFrame
        Everyone who was assigned, with missing outcomes left missing.
    outcome, treated : str
    minimum_cell : int
        Where any group of a grouping has an arm with fewer people, or fewer people with or
        without an outcome (none without is fine if it holds for all), none of that grouping is
        shown: a single one left out could be had back from the sum.
    groups : sequence of tuple of str
        Columns, alone or crossed.

    Returns
    -------
    DataFrame
        ``grouping``, ``group``, ``n_treated``, ``n_control``, ``missing_treated``,
        ``missing_control`` (shares), ``difference``, ``standard_error``, ``p_value`` (normal,
        of no difference). Empty where the outcome of nearly all is known.

    Raises
    ------
    WorkbenchError
        For a lacking column, a missing group or arm.

    Examples
    --------
    >>> people = pd.DataFrame({"treated": [1] * 40 + [0] * 40,
    ...     "earnings": [None] * 10 + [1.0] * 30 + [None] * 20 + [1.0] * 20})
    >>> found = attrition_by_arm(people, "earnings", minimum_cell=10)
    >>> found[["missing_treated", "missing_control", "difference"]].values.tolist()
    [[0.25, 0.5, -0.25]]
    """
    refuse_unknown_columns(frame, [outcome, treated, *(name for one in groups for name in one)])
    flags = arms(frame[treated])
    for name in {name for one in groups for name in one}:
        refuse_missing(frame[name], name)
    missing = frame[outcome].isna().to_numpy()
    rows: list[Counted] = []
    for level in group_levels(frame, groups):
        inside = members(frame, level)
        first, second = (
            (int((inside & arm).sum()), int((inside & arm & missing).sum()))
            for arm in (flags, ~flags)
        )
        if first[0] + second[0] == 0:
            continue
        kind, name = " x ".join(level), ", ".join(level.values())
        rows.append((kind or "all", name or "all", first, second))
    shown = [
        one
        for one in rows
        if all(_enough(other, minimum_cell) for other in rows if other[0] == one[0])
        or not any(other[2][1] + other[3][1] for other in rows if other[0] == one[0])
    ]
    return pd.DataFrame(
        [_row(*one) for one in shown],
        columns=[
            "grouping", "group", "n_treated", "n_control", "missing_treated", "missing_control",
            "difference", "standard_error", "p_value",
        ],
    )  # fmt: skip


def _enough(row: Counted, minimum: int) -> bool:
    return all(min(lost, people - lost) >= minimum for people, lost in row[2:])


def _row(grouping: str, group: str, one: Counts, other: Counts) -> tuple[object, ...]:
    first, second = one[1] / max(one[0], 1), other[1] / max(other[0], 1)
    error = sum(
        share * (1 - share) / max(people - 1, 1)
        for share, people in ((first, one[0]), (second, other[0]))
    )
    error = error**0.5
    p_value = float(2 * stats.norm.sf(abs(first - second) / error)) if error else 1.0
    return (
        grouping, group, one[0], other[0], first, second, first - second, error, p_value
    )  # fmt: skip
