"""People who trained against people like them who only got help with their job search.

The design of the best recent study of the federal WIOA records (NBER working paper 34174):
comparisons are made within state, quarter of entry, education, age, barriers, earlier occupation
and bands of earlier earnings, and never across them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.effects.design import covariate_matrix
from analysis.effects.effect import Effect
from analysis.effects.samples import Numbers, arms, numbers, refuse_unknown_columns
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class MatchedEffect:
    """Effect on the matched treated, and how many could not be matched.

    Attributes
    ----------
    effect : Effect
    cells : int
        Cells that hold people of both kinds.
    unmatched_share : float
        Share of the treated in cells without anyone to be compared with; they are left out, and
        the effect says nothing about them.
    """

    effect: Effect
    cells: int
    unmatched_share: float


def earnings_bands(earnings: pd.Series, bands: int = 5) -> pd.Series:
    """Bands of earlier earnings: none, and equal shares of those who earned.

    Parameters
    ----------
    earnings : Series
        Dollars before the program.
    bands : int
        Of those who earned.

    Returns
    -------
    Series of int
        0 for none, then 1 to ``bands`` from the lowest up.

    Examples
    --------
    >>> earnings_bands(pd.Series([0.0, 10, 20, 30, 40]), 2).tolist()
    [0, 1, 1, 2, 2]
    """
    above = earnings > 0
    rank = earnings[above].rank(method="first")
    found = pd.Series(0, index=earnings.index, dtype="int64")
    found[above] = np.ceil(rank / len(rank) * bands).astype("int64")
    return found


def matched_effect(
    frame: pd.DataFrame,
    outcome: str,
    cells: Sequence[str],
    *,
    adjust: Sequence[str] = (),
    treated: str = "treated",
) -> MatchedEffect:
    """Effect on the treated within cells that hold both kinds of people.

    The estimate is the sum over cells of (treated in it / matched treated) x (their mean less the
    others' mean). Its variance adds, over cells, the treated's variance and the others' variance
    times the squared weight; a cell with one person of a kind borrows the variance pooled over
    all cells.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    outcome, treated : str
    cells : sequence of str
        Columns whose values must be equal.
    adjust : sequence of str
        Numbers that still differ within cells, such as earlier earnings: the outcome is
        corrected for them with slopes from the others' deviations within cells (Abadie and
        Imbens 2011). The standard error takes these slopes as known.

    Returns
    -------
    MatchedEffect

    Raises
    ------
    WorkbenchError
        For unusable columns, or when no cell holds both kinds.

    Examples
    --------
    >>> people = pd.DataFrame({"treated": [1, 1, 0, 0, 1, 0, 0, 1], "site": list("aaaabbbc"),
    ...                        "earnings": [5.0, 7, 3, 5, 9, 6, 8, 50]})
    >>> found = matched_effect(people, "earnings", ["site"])
    >>> found.effect.estimate, found.cells, found.unmatched_share
    (2.0, 2, 0.25)
    """
    refuse_unknown_columns(frame, [outcome, treated, *cells, *adjust])
    flags, y = arms(frame[treated]), numbers(frame[outcome], outcome)
    by_cell = frame.groupby(list(cells), observed=True, dropna=False)
    code, count = by_cell.ngroup().to_numpy(), by_cell.ngroups
    if adjust:
        X = covariate_matrix(frame[list(adjust)])
        y = y - X @ _slopes_within(X[~flags], y[~flags], code[~flags], count)
    n1 = np.bincount(code[flags], minlength=count).astype("float64")
    n0 = np.bincount(code[~flags], minlength=count).astype("float64")
    both = (n1 > 0) & (n0 > 0)
    _refuse_nobody_matched(both, cells)
    (mean1, variance1), (mean0, variance0) = (
        _cell_moments(y[one], code[one], people, both)
        for one, people in ((flags, n1), (~flags, n0))
    )
    weights = np.where(both, n1, 0.0) / n1[both].sum()
    of_controls = variance0[both] / n0[both]
    variance = float(weights[both] ** 2 @ (variance1[both] / n1[both] + of_controls))
    effect = Effect(
        estimate=float(weights @ (mean1 - mean0)),
        standard_error=float(np.sqrt(variance)),
        degrees_of_freedom=float(n1[both].sum() + n0[both].sum() - 2 * both.sum()),
        n_treated=int(n1[both].sum()),
        n_control=int(n0[both].sum()),
        control_mean=float(weights @ mean0),
        control_standard_error=float(np.sqrt(weights[both] ** 2 @ of_controls)),
        method="matched cells",
        parameters=2 * int(both.sum()),
    )
    return MatchedEffect(effect, int(both.sum()), float(1 - n1[both].sum() / n1.sum()))


def _cell_means(values: Numbers, code: np.ndarray, count: int) -> Numbers:
    people = np.maximum(np.bincount(code, minlength=count), 1)
    return np.asarray(np.bincount(code, weights=values, minlength=count) / people)


def _refuse_nobody_matched(both: np.ndarray, cells: Sequence[str]) -> None:
    if not both.any():
        raise WorkbenchError(
            f"matching on {', '.join(cells)}: no cell holds treated and others",
            "Match on fewer columns, or on coarser bands.",
        )


def _cell_moments(
    values: Numbers, code: np.ndarray, people: Numbers, both: np.ndarray
) -> tuple[Numbers, Numbers]:
    """Mean and variance in each cell of one kind of people."""
    means = _cell_means(values, code, len(people))
    squared = (values - means[code]) ** 2
    squares = np.bincount(code, weights=squared, minlength=len(people)).astype("float64")
    return means, _cell_variances(squares, people, both)


def _slopes_within(X: Numbers, y: Numbers, code: np.ndarray, count: int) -> Numbers:
    """Least-squares slopes of deviations from cell means."""
    apart = np.column_stack([column - _cell_means(column, code, count)[code] for column in X.T])
    return np.asarray(np.linalg.lstsq(apart, y - _cell_means(y, code, count)[code], rcond=None)[0])


def _cell_variances(squares: Numbers, people: Numbers, both: np.ndarray) -> Numbers:
    """Variance by cell; where a cell has one person, the variance pooled over cells."""
    inside = both & (people > 1)
    freedom = float((people[inside] - 1).sum())
    pooled = float(squares[inside].sum()) / freedom if freedom else np.nan
    return np.where(people > 1, squares / np.maximum(people - 1, 1), pooled)
