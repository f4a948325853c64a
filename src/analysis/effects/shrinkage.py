"""What a small group's effect probably is, given the others: shrunk to the pooled effect."""

import numpy as np
import pandas as pd
from scipy import optimize, stats

from analysis.effects.samples import Column, Numbers
from analysis.errors import WorkbenchError

SHRUNK = (
    "shrunk_estimate", "shrunk_standard_error", "shrunk_low", "shrunk_high", "weight_of_pooled",
)  # fmt: skip


def shrunk_to_pooled(
    estimates: Column, standard_errors: Column, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Empirical-Bayes estimates of disjoint groups, never in place of the plain ones.

    With true effects normal about one mean m with variance t2, a group's effect is weighted
    B m + (1 - B) estimate, B = s2/(s2 + t2). t2 is Paule and Mandel's (1982): the value at which
    the weighted squared deviations equal their degrees of freedom (0 where chance explains all).

    Parameters
    ----------
    estimates, standard_errors : array of shape (m,)
        Of groups without common people; missing ones stay missing.
    confidence_level : float

    Returns
    -------
    DataFrame
        ``shrunk_estimate``, ``shrunk_standard_error``, ``shrunk_low``, ``shrunk_high``,
        ``weight_of_pooled`` (B). The standard error counts that m is estimated, and adds for t2
        being estimated (Morris 1983).

    Raises
    ------
    WorkbenchError
        For an estimate without a standard error above 0.

    Examples
    --------
    >>> shrunk_to_pooled([20.0, -3.0, 34.0], [5.0, 10.0, 8.0])[
    ...     ["shrunk_estimate", "weight_of_pooled"]].round(2).values.tolist()
    [[19.81, 0.09], [2.69, 0.27], [30.84, 0.19]]
    """
    values = np.asarray(estimates, dtype="float64")
    errors = np.asarray(standard_errors, dtype="float64")
    there = np.isfinite(values) & np.isfinite(errors)
    if (errors[there] <= 0).any() or values.shape != errors.shape:
        raise WorkbenchError(
            "shrinkage: each estimate needs a standard error above 0",
            "Leave out groups without one.",
        )
    table = pd.DataFrame(np.nan, index=range(len(values)), columns=list(SHRUNK))
    if there.sum() >= 2:
        table.loc[there] = _shrunk(values[there], errors[there], confidence_level)
    return table


def between_variance(values: Numbers, errors: Numbers) -> float:
    """Variance of true effects between groups (Paule and Mandel 1982); at least 0.

    Parameters
    ----------
    values, errors : array of shape (groups,)
        Estimates and their standard errors.

    Returns
    -------
    float
        In squared units of the values; with equal errors the variance of the estimates less the
        errors' square.

    Examples
    --------
    >>> round(between_variance(np.array([0.0, 2.0, 4.0]), np.ones(3)), 6)
    3.0
    >>> between_variance(np.array([0.0, 1.0]), np.ones(2))
    0.0
    """

    def excess(variance: float) -> float:
        weights = 1.0 / (errors**2 + variance)
        mean = (weights @ values) / weights.sum()
        return float(weights @ (values - mean) ** 2) - (len(values) - 1)

    if excess(0.0) <= 0:
        return 0.0
    top = float(((values - values.mean()) ** 2).sum()) + 1.0
    return float(optimize.brentq(excess, 0.0, top, xtol=1e-12 * top, rtol=1e-12))


def _shrunk(values: Numbers, errors: Numbers, confidence_level: float) -> Numbers:
    m = len(values)
    variance = between_variance(values, errors)
    precision = 1.0 / (errors**2 + variance)
    pooled = float(precision @ values / precision.sum())
    pull = errors**2 * precision
    estimate = pull * pooled + (1 - pull) * values
    # the last term, Morris's: t2 is estimated from m groups, so the pull itself is uncertain
    spread = (
        (1 - pull) * errors**2
        + pull**2 / precision.sum()
        + 2.0 / (m - 1) * pull**2 * (values - pooled) ** 2 * (variance > 0)
    )
    error = np.sqrt(spread)
    reach = stats.norm.isf((1 - confidence_level) / 2) * error
    return np.column_stack([estimate, error, estimate - reach, estimate + reach, pull])
