"""How far several effects may be read at once: bands, adjusted p-values, differences, power."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.effects.effect import critical_value
from analysis.effects.samples import Column, Numbers
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class Heterogeneity:
    """Cochran's Q: is one effect for all groups enough to explain their estimates?"""

    statistic: float
    degrees_of_freedom: int
    p_value: float
    pooled_estimate: float
    pooled_standard_error: float
    groups: int


def sidak_critical_values(degrees_of_freedom: Column, confidence_level: float = 0.95) -> Numbers:
    """Critical values so that all intervals of disjoint groups hold at once.

    Estimates of disjoint groups of a randomised trial are independent, so all m intervals hold
    with probability level when each holds with level^(1/m) (Šidák 1967): for a common
    distribution this is exactly the quantile of the largest absolute t (sup-t).

    Parameters
    ----------
    degrees_of_freedom : array of shape (m,)
        One a group; infinite for the normal distribution.
    confidence_level : float
        Chance that all intervals cover.

    Returns
    -------
    array of shape (m,)

    Examples
    --------
    >>> sidak_critical_values([float("inf")] * 8).round(3).tolist()[:1]
    [2.727]
    """
    freedom = np.asarray(degrees_of_freedom, dtype="float64")
    critical_value(confidence_level)  # refuses a level outside (0, 1)
    each = confidence_level ** (1 / max(len(freedom), 1))
    return np.array([critical_value(each, one) for one in freedom], dtype="float64")


def simultaneous_bands(
    estimates: Column,
    standard_errors: Column,
    degrees_of_freedom: Column | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Intervals of disjoint groups that all cover at once with the stated chance.

    Parameters
    ----------
    estimates, standard_errors : array of shape (m,)
        One a group, none missing. The groups must not share people: a total and its parts, or
        race and gender margins together, are not independent.
    degrees_of_freedom : array of shape (m,), optional
        For Student's t; without it the normal distribution.
    confidence_level : float
        Chance that all intervals cover.

    Returns
    -------
    DataFrame
        Columns ``simultaneous_low``, ``simultaneous_high``, ``critical_value``; one row a group.

    Raises
    ------
    WorkbenchError
        For an estimate that is missing or infinite, and a standard error that is not above 0.

    Examples
    --------
    >>> simultaneous_bands([23.29, 18.13], [5.71, 5.55]).round(1).values.tolist()
    [[10.5, 36.1, 2.2], [5.7, 30.5, 2.2]]
    """
    values, errors = _pairs(estimates, standard_errors)
    freedom = np.full(len(values), np.inf) if degrees_of_freedom is None else degrees_of_freedom
    critical = sidak_critical_values(freedom, confidence_level)
    return pd.DataFrame(
        {
            "simultaneous_low": values - critical * errors,
            "simultaneous_high": values + critical * errors,
            "critical_value": critical,
        }
    )


def two_sided_p_values(
    estimates: Column, standard_errors: Column, degrees_of_freedom: Column | None = None
) -> Numbers:
    """Two-sided p-values of the hypotheses that each effect is zero.

    Parameters
    ----------
    estimates, standard_errors : array of shape (m,)
    degrees_of_freedom : array of shape (m,), optional
        Of Student's t; the normal distribution without.

    Returns
    -------
    array of shape (m,)

    Raises
    ------
    WorkbenchError
        For an estimate that is missing or infinite, and a standard error that is not above 0.

    Examples
    --------
    >>> two_sided_p_values([1.96], [1.0]).round(3).tolist()
    [0.05]
    """
    values, errors = _pairs(estimates, standard_errors)
    freedom = np.inf if degrees_of_freedom is None else np.asarray(degrees_of_freedom, dtype=float)
    return np.asarray(2 * stats.t.sf(np.abs(values / errors), freedom), dtype="float64")


def holm_adjusted(p_values: Column) -> Numbers:
    """P-values adjusted for how many there are (Holm 1979); valid under any dependence.

    Parameters
    ----------
    p_values : array of shape (m,)
        Between 0 and 1, none missing.

    Returns
    -------
    array of shape (m,)

    Raises
    ------
    WorkbenchError
        For values that are missing or outside [0, 1].

    Examples
    --------
    >>> holm_adjusted([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype="float64")
    if not ((p >= 0) & (p <= 1)).all():
        raise WorkbenchError(
            "p_values: some are missing or not between 0 and 1", "Leave out groups without one."
        )
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def heterogeneity_test(estimates: Column, standard_errors: Column) -> Heterogeneity:
    """Test that the effect is the same in all of several disjoint groups (Cochran's Q, 1954).

    Q is the sum of ((estimate - pooled) / standard error)², pooled with inverse variances;
    under one common effect it is chi-squared with m - 1 degrees of freedom in large groups.

    Parameters
    ----------
    estimates, standard_errors : array of shape (m,)
        One a group, at least two, no shared people.

    Returns
    -------
    Heterogeneity

    Raises
    ------
    WorkbenchError
        For fewer than two groups.

    Notes
    -----
    A large p-value is no sign that effects are equal: see `detectable_effect` for what the
    groups could have shown.

    Examples
    --------
    >>> test = heterogeneity_test([23.29, 18.13], [5.71, 5.55])
    >>> round(test.statistic, 2), test.degrees_of_freedom, round(test.p_value, 2)
    (0.42, 1, 0.52)
    """
    values, errors = _pairs(estimates, standard_errors)
    if len(values) < 2:
        raise WorkbenchError(
            f"heterogeneity test: {len(values)} group", "Give the estimates of two groups or more."
        )
    weights = errors**-2
    pooled = float((weights * values).sum() / weights.sum())
    statistic = float((weights * (values - pooled) ** 2).sum())
    return Heterogeneity(
        statistic=statistic,
        degrees_of_freedom=len(values) - 1,
        p_value=float(stats.chi2.sf(statistic, len(values) - 1)),
        pooled_estimate=pooled,
        pooled_standard_error=float(weights.sum() ** -0.5),
        groups=len(values),
    )


def detectable_effect(
    standard_error: float, power: float = 0.8, confidence_level: float = 0.95
) -> float:
    """True effect that a group would show as significant with the stated power.

    (z of the level + z of the power) x standard error: 2.8 standard errors at 5 % and 80 %
    (Bloom 1995), with the standard error taken as known.

    Parameters
    ----------
    standard_error : float
        Of the group's estimate.
    power : float
        Chance that the group is then significant, strictly between 0 and 1.
    confidence_level : float
        Of the two-sided interval that must leave out zero, strictly between 0 and 1.

    Returns
    -------
    float
        In units of the outcome.

    Raises
    ------
    WorkbenchError
        For a power or a level that is not between 0 and 1.

    Examples
    --------
    >>> round(detectable_effect(1.0), 2)
    2.8
    """
    if not 0 < power < 1:
        raise WorkbenchError(f"power: {power} is not between 0 and 1", "Write 0.8 for 80 %.")
    return (critical_value(confidence_level) + float(stats.norm.ppf(power))) * standard_error


def _pairs(estimates: Column, standard_errors: Column) -> tuple[Numbers, Numbers]:
    values = np.asarray(estimates, dtype="float64")
    errors = np.asarray(standard_errors, dtype="float64")
    usable = np.isfinite(values) & np.isfinite(errors) & (errors > 0)
    if values.shape != errors.shape or not usable.all():
        raise WorkbenchError(
            "estimates: each needs a finite value and a standard error above 0",
            "Leave out groups that are hidden or refused.",
        )
    return values, errors
