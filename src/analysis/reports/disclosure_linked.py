"""Which cells of linked tables are hidden, so that no small count can be derived from the rest."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.framework import DisclosurePreset
from analysis.reports.disclosure_attacker import derived_intervals, too_well_known


def protected(
    cells: pd.DataFrame, variables: Sequence[str], counts: Sequence[str], minimum: int
) -> pd.Series:
    """Rows to hide: small ones, and enough besides that the attacker learns no small count.

    Parameters
    ----------
    cells : DataFrame
        All cells of all tables of a run, as for
        :func:`analysis.reports.disclosure_attacker.derived_intervals`. A cross is complete: a
        cell without people is a row with zero.
    variables : sequence of str
    counts : sequence of str
        Columns of counts that are published with a row and withheld with it. The smallest
        decides; each is protected.
    minimum : int
        Fewest people that a shown row rests on.

    Returns
    -------
    Series of bool
        The row of everyone is hidden only for its own size, and then all is.

    Notes
    -----
    The stated rule for "wide enough": for every small count the attacker's interval spans at
    least ``minimum`` people and reaches up to ``minimum`` or more, so that he can neither name the
    count nor conclude that it is small; for every row hidden for the sake of others it holds more
    than one whole number. While a row fails, the smallest shown row that shares a sum with it is
    hidden as well; at last rows hidden for others are shown again, largest first, where the rule
    still holds without them.

    Examples
    --------
    >>> cells = pd.DataFrame({"site": ["", "a", "b", "c"], "n": [55, 4, 21, 30]})
    >>> protected(cells, ["site"], ["n"], 10).tolist()
    [False, True, True, False]
    """
    order = cells.index
    # equal choices are settled by the names of the cells, never by the order that they came in
    cells = cells.sort_values(list(variables), kind="stable")
    smallest = cells[list(counts)].min(axis=1)
    small = smallest < minimum
    hidden = _equal_rows(cells, variables, small)
    if hidden[cells[list(variables)].eq("").all(axis=1)].any():
        # too few people in all: nothing is shown about them
        return pd.Series(True, index=order)
    while failing := _failing(cells, variables, counts, hidden, small, minimum):
        choice = _next(cells, variables, smallest, hidden, failing[0], minimum)
        if choice is None:
            break
        hidden = _equal_rows(cells, variables, hidden | (cells.index == choice))
    extra = smallest[hidden & ~small].sort_values(ascending=False, kind="stable").index
    for row in extra:
        trial = hidden.copy()
        trial[_same(cells, variables, row)] = False
        if not _failing(cells, variables, counts, trial, small, minimum):
            hidden = trial
    return hidden.loc[order]


def rounded(counts: pd.Series, preset: DisclosurePreset) -> pd.Series:
    """Counts under a preset: small ones missing, the others rounded.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rule = load_framework().disclosure.preset("opensafely")
    >>> rounded(pd.Series([3, 7, 8, 12, 13]), rule).tolist()
    [nan, nan, 10.0, 10.0, 15.0]
    """
    shown = counts.where(counts >= preset.minimum_cell)
    return (shown / preset.round_to).round() * preset.round_to


def audit(
    cells: pd.DataFrame,
    variables: Sequence[str],
    counts: Sequence[str],
    hidden: pd.Series,
    minimum: int,
) -> pd.DataFrame:
    """What the attacker derives from what is really published.

    Returns
    -------
    DataFrame
        For each column of counts: ``count``, ``cells``, ``hidden``, ``small``, ``recovered`` and
        ``narrowest`` (people between the ends of the narrowest interval of a small count; missing
        where none is small).
    """
    rows = []
    for count in counts:
        small = hidden & (cells[count] < minimum)
        found = derived_intervals(cells, variables, hidden, count)
        width = (found["high"] - found["low"])[small[hidden]]
        rows.append(
            {
                "count": count,
                "cells": len(cells),
                "hidden": int(hidden.sum()),
                "small": int(small.sum()),
                "recovered": int(found["recovered"].sum()),
                "narrowest": float(width.min()) if len(width) else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _failing(
    cells: pd.DataFrame,
    variables: Sequence[str],
    counts: Sequence[str],
    hidden: pd.Series,
    small: pd.Series,
    minimum: int,
) -> list[object]:
    """A hidden row that the attacker knows too well, or none."""
    for count in counts:
        found = too_well_known(cells, variables, hidden, count, small, minimum)
        if found:
            return found
    return []


def _next(
    cells: pd.DataFrame,
    variables: Sequence[str],
    smallest: pd.Series,
    hidden: pd.Series,
    row: object,
    minimum: int,
) -> object | None:
    """Row to hide for the sake of one that is known too well.

    A sum gives a row away where little else of it is hidden. Of the first such sum, the row
    chosen is one whose other sums hide something already (it costs nothing more), and the
    smallest of those.
    """
    # a cell hidden for another's sake helps only while its own sums hide something too
    for known in [row, *(other for other in cells.index[hidden] if other != row)]:
        for name in variables:
            line = _line(cells, variables, known, name)
            together = smallest[hidden & line].sum()
            # the others of the sum give it room up to what all of them hold together
            if together >= minimum and together > smallest[known]:
                continue
            options = smallest[line & ~hidden]
            if len(options):
                lonely = [
                    sum(
                        not (hidden & _line(cells, variables, option, other)).any()
                        for other in variables
                        if other != name and cells.loc[option, other]
                    )
                    for option in options.index
                ]
                order = np.lexsort((options.to_numpy(), lonely))
                return options.index[order[0]]
    everyone = cells[list(variables)].eq("").all(axis=1)
    rest = smallest[~(hidden | everyone)]
    return rest.idxmin() if len(rest) else None


def _line(cells: pd.DataFrame, variables: Sequence[str], row: object, name: str) -> pd.Series:
    """Rows that make one shown sum with a row, over one variable; none where the sum is no row."""
    keys = cells[list(variables)]
    others = [other for other in variables if other != name]
    along = keys[others].eq(keys.loc[row, others]).all(axis=1)
    if not keys.loc[row, name] or not (along & keys[name].eq("")).any():
        return pd.Series(False, index=cells.index)
    return along & keys[name].ne("")


def _same(cells: pd.DataFrame, variables: Sequence[str], row: object) -> pd.Series:
    keys = cells[list(variables)]
    return keys.eq(keys.loc[row]).all(axis=1)


def _equal_rows(cells: pd.DataFrame, variables: Sequence[str], chosen: pd.Series) -> pd.Series:
    """A cell that is hidden in one table is hidden in every table."""
    keys = cells[list(variables)].agg("\x1f".join, axis=1)
    return keys.isin(set(keys[chosen]))
