"""Bands, p-values and tests for groups that may overlap, from their joint covariance."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from analysis.effects.effect import critical_value
from analysis.effects.samples import Numbers
from analysis.effects.scores import GroupEstimates
from analysis.errors import WorkbenchError

_DRAWS = 200_000


def sup_t_critical_value(
    covariance: npt.NDArray,
    confidence_level: float = 0.95,
    seed: int = 0,
    draws: int = _DRAWS,
) -> float:
    """Critical value with which all normal intervals of these estimates cover at once.

    The quantile of the largest absolute Z for Z normal with the estimates' correlation (Montiel
    Olea and Plagborg-Møller 2019), by seeded draws (200,000: within .01);
    for groups without common people it is Šidák's, exactly. The multiplier bootstrap would
    make it too small: influence values of earnings are skewed.

    Parameters
    ----------
    covariance : array of shape (m, m)
    confidence_level : float
    seed, draws : int

    Returns
    -------
    float

    Examples
    --------
    >>> round(sup_t_critical_value(np.eye(8)), 3), round(sup_t_critical_value(np.ones((3, 3))), 2)
    (2.727, 1.96)
    """
    critical_value(confidence_level)  # refuses a level outside (0, 1)
    errors = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(errors, errors)
    if not (correlation - np.diag(np.diag(correlation))).any():
        # disjoint groups are independent: Šidák's value is exact
        each = confidence_level ** (1 / len(errors))
        return float(stats.norm.isf((1 - each) / 2))
    drawn = _drawn(correlation, draws, seed)
    return float(np.quantile(np.abs(drawn).max(axis=1), confidence_level))


def _drawn(correlation: npt.NDArray, draws: int, seed: int) -> npt.NDArray:
    """Seeded draws of a normal law, shape (draws, m), the same on every machine.

    By the symmetric square root, of which there is one; the signs of eigenvectors are the choice of
    the math library, and another choice makes other draws of the same seed.
    """
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.clip(values, 0.0, None)) @ vectors.T
    return np.asarray(np.random.default_rng(seed).standard_normal((draws, len(values))) @ root)


def joint_bands(
    found: GroupEstimates, confidence_level: float = 0.95, seed: int = 0, draws: int = _DRAWS
) -> pd.DataFrame:
    """Intervals of all groups, overlapping or not, that cover at once with the stated chance.

    The sup-t value of the joint normal law is turned into one of Student's t for each group: its
    tail probability stays, the degrees of freedom are the people of the group's smaller arm less
    one. In the simulation (benchmarks/coverage.py) that brings the chance that all eight groups
    are covered to .95 at 2,000 people, with bands inside Bonferroni's for the same t.

    Parameters
    ----------
    found : GroupEstimates
    confidence_level : float
    seed, draws : int
        Of `sup_t_critical_value`.

    Returns
    -------
    DataFrame
        ``simultaneous_low``, ``simultaneous_high``, ``critical_value``; one row a group.

    Examples
    --------
    >>> two = GroupEstimates(np.array([23.3, 18.1]), np.diag([32.6, 30.8]),
    ...                      np.array([2960, 2617]), np.array([2220, 1443]))
    >>> joint_bands(two).round(1).values.tolist()
    [[10.5, 36.1, 2.2], [5.7, 30.5, 2.2]]
    """
    # Bonferroni's value always holds, so chance in the draws cannot lift the band above it
    bonferroni = float(stats.norm.isf((1 - confidence_level) / 2 / len(found.estimates)))
    normal = sup_t_critical_value(found.covariance, confidence_level, seed, draws)
    normal = min(normal, bonferroni)
    critical = stats.t.isf(stats.norm.sf(normal), np.maximum(found.degrees_of_freedom, 1.0))
    reach = critical * found.standard_errors
    return pd.DataFrame(
        {
            "simultaneous_low": found.estimates - reach,
            "simultaneous_high": found.estimates + reach,
            "critical_value": critical,
        }
    )


def step_down_p_values(found: GroupEstimates, seed: int = 0) -> Numbers:
    """P-values adjusted for how many groups are read, by the joint law (Romano and Wolf 2005).

    Step-down max-t: never larger than Holm's, and smaller where groups overlap.

    Parameters
    ----------
    found : GroupEstimates
    seed : int

    Returns
    -------
    array of shape (groups,)

    Examples
    --------
    >>> two = GroupEstimates(np.array([3.0, 2.0]), np.eye(2), np.full(2, 500), np.full(2, 500))
    >>> step_down_p_values(two).round(3).tolist()
    [0.006, 0.045]
    """
    errors = found.standard_errors
    distance = np.abs(found.estimates / errors)
    draws = np.abs(_drawn(found.covariance / np.outer(errors, errors), _DRAWS, seed))
    adjusted = np.empty(len(errors))
    order = np.argsort(-distance, kind="stable")
    largest = 0.0
    for place, group in enumerate(order):
        left = draws[:, order[place:]].max(axis=1)
        # one more draw than was made, so that no p-value is zero
        largest = max(largest, float((1 + (left >= distance[group]).sum()) / (1 + _DRAWS)))
        adjusted[group] = largest
    return adjusted


def equality_test(found: GroupEstimates, groups: Sequence[int]) -> tuple[float, int, float]:
    """Wald test that disjoint groups have one effect, with their joint covariance.

    Parameters
    ----------
    found : GroupEstimates
    groups : sequence of int
        Positions of two or more groups without common people.

    Returns
    -------
    tuple of float, int, float
        Statistic, degrees of freedom, p-value (chi-squared).

    Raises
    ------
    WorkbenchError
        For fewer than two groups.

    Examples
    --------
    >>> two = GroupEstimates(np.array([23.29, 18.13]), np.diag([5.71**2, 5.55**2]),
    ...                      np.array([2960, 2617]), np.array([2220, 1443]))
    >>> statistic, freedom, p_value = equality_test(two, [0, 1])
    >>> round(statistic, 2), freedom, round(p_value, 2)
    (0.42, 1, 0.52)
    """
    chosen = list(groups)
    if len(chosen) < 2:
        raise WorkbenchError(
            f"equality test: {len(chosen)} group", "Give the positions of two groups or more."
        )
    apart = np.eye(len(chosen))[1:] - np.eye(len(chosen))[:1]
    difference = apart @ found.estimates[chosen]
    covariance = apart @ found.covariance[np.ix_(chosen, chosen)] @ apart.T
    statistic = float(difference @ np.linalg.solve(covariance, difference))
    freedom = len(chosen) - 1
    return statistic, freedom, float(stats.chi2.sf(statistic, freedom))
