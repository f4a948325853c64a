"""What a program changed when people entered at different times: effects by cohort and period."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.effects.design import covariate_matrix, standardised, usable_columns
from analysis.effects.samples import (
    Flags,
    Numbers,
    labels,
    numbers,
    refuse_missing,
    refuse_unknown_columns,
)
from analysis.effects.two_periods import two_period_effect
from analysis.errors import WorkbenchError

Comparison: TypeAlias = Literal["never_treated", "not_yet_treated"]
Base: TypeAlias = Literal["universal", "varying"]


@dataclass(frozen=True)
class GroupTimeEffects:
    """Effects on each cohort in each period, with the influence of every person on each.

    Attributes
    ----------
    cells : DataFrame
        ``cohort`` (period of entry), ``period``, ``event_time`` (periods since entry, counted in
        periods of the panel), ``estimate``, ``standard_error``, ``n_treated``, ``n_comparison``.
    influence : array of shape (n or clusters, cells)
        The estimates' covariance is their cross-product over the square of their number.
    entry : array of shape (n,)
        Entry of each person; infinite: never.
    cluster : int array of shape (n,) or None
    reference : dict of float to float
        Base period of each cohort where one base serves all periods.
    left_out : tuple of str
        Cohorts and cells that could not be estimated, in words.
    """

    cells: pd.DataFrame
    influence: Numbers
    entry: Numbers
    cluster: npt.NDArray | None
    reference: dict[float, float]
    left_out: tuple[str, ...]

    @property
    def covariance(self) -> Numbers:
        """Of the estimates; cohorts share their comparison people."""
        return influence_covariance(self.influence, self.cluster)


@dataclass(frozen=True)
class Panel:
    """People by periods: outcomes, entry, covariates."""

    periods: Numbers
    outcome: Numbers
    entry: Numbers
    covariates: Numbers
    cluster: npt.NDArray | None


def influence_covariance(influence: Numbers, cluster: npt.NDArray | None) -> Numbers:
    """Covariance of estimates from influence values, summed over clusters where there are any.

    Parameters
    ----------
    influence : array of shape (n, k)
    cluster : int array of shape (n,) or None

    Returns
    -------
    array of shape (k, k)

    Examples
    --------
    >>> influence_covariance(np.array([[2.0], [-2.0], [2.0], [-2.0]]), None).tolist()
    [[1.0]]
    """
    n = len(influence)
    if cluster is None:
        return np.asarray(influence.T @ influence / n**2)
    groups = int(cluster.max()) + 1
    sums = np.zeros((groups, influence.shape[1]))
    np.add.at(sums, cluster, influence)
    return np.asarray(sums.T @ sums / n**2 * groups / (groups - 1))


def group_time_effects(
    frame: pd.DataFrame,
    outcome: str,
    *,
    minimum_cell: int,
    person: str = "person",
    period: str = "period",
    entry: str = "entry",
    covariates: Sequence[str] = (),
    comparison: Comparison = "never_treated",
    base: Base = "universal",
    anticipation: int = 0,
    cluster: str | None = None,
) -> GroupTimeEffects:
    """Group-time effects after Callaway and Sant'Anna (2021).

    Each cohort's change since before its entry is compared with that of people who had not
    entered, by `two_period_effect`. Nobody who has entered ever serves as a comparison, which is
    what two-way fixed effects do and where they go wrong.

    Parameters
    ----------
    frame : DataFrame
        One row a person and period, every person in every period.
    outcome, person, period, entry : str
        Columns. ``entry`` is the period of entry, missing for people who never entered.
    minimum_cell : int
        Smaller cohorts, and cells with fewer comparison people, are left out and named.
    covariates : sequence of str
        Measured before, the same in all periods: trends may differ with them.
    comparison : {'never_treated', 'not_yet_treated'}
        The second also takes those who enter later than the periods compared.
    base : {'universal', 'varying'}
        'universal': all periods against the last one before entry. 'varying': periods before
        entry against the one just before each, as the R package ``did`` by default.
    anticipation : int
        Periods before entry in which people may already react (the dip before enrolment).
    cluster : str, optional
        Column of clusters whose people are alike.

    Returns
    -------
    GroupTimeEffects

    Raises
    ------
    WorkbenchError
        For people with a missing or repeated period, entries or covariates that change, no
        people to compare with.

    Examples
    --------
    >>> panel = pd.DataFrame({"person": [1, 1, 2, 2, 3, 3, 4, 4], "period": [1, 2] * 4,
    ...     "entry": [2, 2, 2, 2] + [None] * 4, "y": [1.0, 4, 2, 7, 1, 2, 3, 6]})
    >>> found = group_time_effects(panel, "y", minimum_cell=2)
    >>> found.cells[["cohort", "period", "estimate"]].values.tolist()
    [[2.0, 2.0, 2.0]]
    """
    refuse_unknown_columns(
        frame, [outcome, person, period, entry, *covariates, *([cluster] if cluster else [])]
    )
    panel = _panel(frame, outcome, (person, period, entry), list(covariates), cluster)
    rules = _Rules(minimum_cell, comparison, base, anticipation)
    cells: list[_Cell] = []
    left_out, reference = [], {}
    for cohort in sorted(set(panel.entry[np.isfinite(panel.entry)])):
        inside = panel.entry == cohort
        before = np.flatnonzero(panel.periods < cohort - anticipation)
        if not len(before) or inside.sum() < minimum_cell:
            why = "no period before" if not len(before) else f"{int(inside.sum())} people"
            left_out.append(f"entry {cohort:g}: {why}")
            continue
        if base == "universal":
            reference[float(cohort)] = float(panel.periods[before[-1]])
        found, lacking = _cohort_cells(panel, cohort, int(before[-1]), rules)
        cells += found
        left_out += lacking
    if not cells:
        raise WorkbenchError(
            f"columns {entry} and {period}: no cohort can be compared "
            f"({'; '.join(left_out) or 'nobody entered'})",
            "A cohort needs a period before its entry and people who had not entered.",
        )
    return _with_errors(panel, cells, reference, left_out)


@dataclass(frozen=True)
class _Rules:
    """Arguments of `group_time_effects` that say who is compared with whom, and when."""

    minimum_cell: int
    comparison: Comparison
    base: Base
    anticipation: int


_Cell = tuple[dict[str, float], Numbers]


def _cohort_cells(
    panel: Panel, cohort: float, last_before: int, rules: _Rules
) -> tuple[list[_Cell], list[str]]:
    """Effects on one cohort, period by period, and the periods that are left out."""
    cells, left_out = [], []
    for at in range(len(panel.periods)):
        universal = rules.base == "universal" or at > last_before
        since = last_before if universal else at - 1
        if since < 0 or since == at:
            continue
        others = _others(panel, cohort, (at, since), rules)
        if others.sum() < max(rules.minimum_cell, panel.covariates.shape[1] + 2):
            left_out.append(
                f"entry {cohort:g}, period {panel.periods[at]:g}: "
                f"{int(others.sum())} people to compare with"
            )
            continue
        row, influence = _cell(panel, panel.entry == cohort, others, at, since)
        row |= {"cohort": cohort, "event_time": _since_entry(panel, cohort, at)}
        cells.append((row, influence))
    return cells, left_out


def _with_errors(
    panel: Panel, cells: list[_Cell], reference: dict[float, float], left_out: list[str]
) -> GroupTimeEffects:
    influence = np.column_stack([column for _, column in cells])
    table = pd.DataFrame([row for row, _ in cells])
    variances = np.diag(influence_covariance(influence, panel.cluster))
    table["standard_error"] = np.sqrt(np.maximum(variances, 0.0))
    names = ["cohort", "period", "event_time", "estimate", "standard_error", "n_treated"]
    return GroupTimeEffects(
        table[[*names, "n_comparison"]],
        influence, panel.entry, panel.cluster, reference, tuple(left_out),
    )  # fmt: skip


def _since_entry(panel: Panel, cohort: float, at: int) -> int:
    """Periods of the panel from entry; 0 is the first period at or after it."""
    return at - int(np.searchsorted(panel.periods, cohort))


def _others(panel: Panel, cohort: float, places: tuple[int, int], rules: _Rules) -> Flags:
    never = np.isinf(panel.entry)
    if rules.comparison == "never_treated":
        return never
    last = panel.periods[max(places)] + rules.anticipation
    later: Flags = (panel.entry > last) & (panel.entry != cohort)
    return later


def _cell(panel: Panel, inside: Flags, others: Flags, at: int, since: int) -> _Cell:
    """One effect, and influence values over everyone: 0 for people outside of the comparison."""
    rows = inside | others
    change = panel.outcome[rows, at] - panel.outcome[rows, since]
    X = standardised(panel.covariates[rows])
    # a covariate must vary among the comparison people, from whom the trend is learnt
    kept, _ = usable_columns(X, [np.ones(int(rows.sum()), dtype=bool), others[rows]])
    found = two_period_effect(change, inside[rows], X[:, kept])
    return {
        "period": float(panel.periods[at]),
        "estimate": found.estimate,
        "n_treated": int(inside.sum()),
        "n_comparison": int(others.sum()),
    }, found.influence_on_all(rows)


def _panel(
    frame: pd.DataFrame,
    outcome: str,
    names: tuple[str, str, str],
    covariates: list[str],
    cluster: str | None,
) -> Panel:
    person, period, entry = names
    refuse_missing(frame[person], person)
    times = numbers(frame[period], period)
    if frame.assign(**{period: times}).duplicated([person, period]).any():
        raise WorkbenchError(
            f"columns {person} and {period}: a person stands twice in a period",
            "Give one row a person and period.",
        )
    numbers(frame[outcome], outcome)
    wide = frame.pivot(index=person, columns=period, values=outcome)
    lacking = int(wide.isna().any(axis=1).sum())
    if lacking or wide.shape[1] < 2:
        raise WorkbenchError(
            f"column {period}: {lacking:,} people lack a period of {wide.shape[1]}",
            "Give everyone the same two or more periods; who is left out is part of the result.",
        )
    fixed = [entry, *covariates, *([cluster] if cluster else [])]
    changing = frame[fixed].groupby(frame[person].to_numpy()).nunique(dropna=False).max()
    if (changing > 1).any():
        raise WorkbenchError(
            f"column {changing.idxmax()}: differs between periods of one person",
            "Entry and covariates are fixed before the program.",
        )
    people = frame.drop_duplicates(person).set_index(person, drop=False).loc[wide.index, fixed]
    entered = people[entry].fillna(np.inf).to_numpy(dtype="float64")
    return Panel(
        periods=wide.columns.to_numpy(dtype="float64"),
        outcome=wide.to_numpy(dtype="float64"),
        # who enters after the last period has not entered in any that is seen
        entry=np.where(entered > times.max(), np.inf, entered),
        covariates=covariate_matrix(people[covariates]),
        cluster=None if not cluster else pd.factorize(labels(people[cluster], cluster))[0],
    )
