"""Weights that make comparison people look like the treated on average (Hainmueller 2012)."""

import numpy as np
import pandas as pd

from analysis.effects.design import covariate_matrix, standardised, usable_columns
from analysis.effects.effect import Effect, mean_and_variance
from analysis.effects.samples import Column, Flags, Numbers, arms, numbers, refuse_misaligned
from analysis.errors import WorkbenchError

_MOST_STEPS = 200
# means of standardised covariates are balanced to this precision
_PRECISION = 1e-9


def entropy_weights(treated: Column, covariates: pd.DataFrame) -> Numbers:
    """Weights of comparison people with the treated's covariate means, closest to equal ones.

    They solve: minimise sum of w log w over weights that add to one and give every covariate the
    treated's mean; w is proportional to exp(x'b), and b is found by Newton's method.

    Parameters
    ----------
    treated : array of shape (n,)
        1 treated, 0 comparison.
    covariates : DataFrame of shape (n, k)
        Constant columns and exact copies are left out.

    Returns
    -------
    array of shape (n,)
        0 for the treated; the others' weights add to 1.

    Raises
    ------
    WorkbenchError
        When no weights can do it: the treated's means lie beyond the comparison people.

    Examples
    --------
    >>> before = pd.DataFrame({"earnings": [4.0, 4.0, 1.0, 3.0, 5.0]})
    >>> weights = entropy_weights([1, 1, 0, 0, 0], before)
    >>> weights.round(3).tolist(), round(float(weights @ before["earnings"]), 6)
    ([0.0, 0.0, 0.116, 0.268, 0.616], 4.0)
    """
    refuse_misaligned(treated=treated, covariates=covariates)
    flags = arms(treated)
    X = _told_apart(covariates, flags)
    centred = X[~flags] - X[flags].mean(axis=0)
    tilt = np.zeros(X.shape[1])
    for _ in range(_MOST_STEPS):
        weights, level = _tilted(centred, tilt)
        gradient = weights @ centred
        if float(np.abs(gradient).max(initial=0.0)) < _PRECISION:
            break
        hessian = (centred * weights[:, None]).T @ centred - np.outer(gradient, gradient)
        step = np.linalg.lstsq(hessian, gradient, rcond=1e-12)[0]
        size = 1.0
        # halve the step while the dual does not fall
        while _tilted(centred, tilt - size * step)[1] > level - 1e-4 * size * gradient @ step:
            size /= 2
            if size < 1e-10:
                break
        tilt = tilt - size * step
        if float(np.abs(tilt).max()) > 1e4:
            break
    weights, _ = _tilted(centred, tilt)
    if float(np.abs(weights @ centred).max(initial=0.0)) > 1e-6:
        raise WorkbenchError(
            "entropy balancing: no weights give the comparison people the treated's means",
            "Take fewer covariates, or leave out treated people whom nobody resembles.",
        )
    found = np.zeros(len(flags))
    found[~flags] = weights
    return found


def entropy_balanced(outcome: Column, treated: Column, covariates: pd.DataFrame) -> Effect:
    """Effect on the treated: their mean less the entropy-weighted mean of the others.

    Parameters
    ----------
    outcome, treated : array of shape (n,)
    covariates : DataFrame of shape (n, k)

    Returns
    -------
    Effect
        The standard error is that of a doubly robust estimate: with r the residual of a weighted
        regression among the comparison people, var(r | treated)/n1 + sum of w^2 r^2 (Zhao and
        Percival 2017). ``control_mean`` is the weighted mean.

    Raises
    ------
    WorkbenchError
        As `entropy_weights`, where no weights balance the covariates.

    Examples
    --------
    >>> before = pd.DataFrame({"x": [4.0, 4.5, 1.0, 3.0, 5.0, 6.0, 2.0]})
    >>> after = [9.0, 10.5, 2.0, 6.5, 9.5, 12.0, 4.0]
    >>> round(entropy_balanced(after, [1, 1, 0, 0, 0, 0, 0], before).estimate, 2)
    1.3
    """
    y, flags = numbers(outcome, "outcome"), arms(treated)
    weights = entropy_weights(treated, covariates)
    X = np.column_stack([np.ones(len(y)), _told_apart(covariates, flags)])
    root = np.sqrt(weights[~flags])
    slope = np.linalg.lstsq(X[~flags] * root[:, None], y[~flags] * root, rcond=None)[0]
    residual = y - X @ slope
    _, variance1 = mean_and_variance(residual[flags])
    spread = float((weights[~flags] ** 2 * residual[~flags] ** 2).sum())
    control = float(weights @ y)
    effective = effective_people(weights[~flags])
    return Effect(
        estimate=float(y[flags].mean()) - control,
        standard_error=float(np.sqrt(variance1 / flags.sum() + spread)),
        degrees_of_freedom=min(float(flags.sum()), effective) - 1.0,
        n_treated=int(flags.sum()),
        n_control=int((~flags).sum()),
        control_mean=control,
        control_standard_error=float(np.sqrt(spread)),
        method="entropy balancing",
        parameters=X.shape[1],
    )


def effective_people(weights: Numbers) -> float:
    """People with equal weights that would tell as much: (sum w)^2 / sum w^2 (Kish 1965).

    Parameters
    ----------
    weights : array of shape (n,)

    Returns
    -------
    float
        From 1 (one person has all the weight) to n (all weights equal).

    Examples
    --------
    >>> round(effective_people(np.array([0.5, 0.25, 0.25])), 2)
    2.67
    """
    return float(weights.sum() ** 2 / (weights**2).sum())


def _told_apart(covariates: pd.DataFrame, flags: Flags) -> Numbers:
    matrix = standardised(covariate_matrix(covariates))
    kept, _ = usable_columns(matrix, [~flags])
    return matrix[:, kept]


def _tilted(centred: Numbers, tilt: Numbers) -> tuple[Numbers, float]:
    """Weights proportional to exp(x'b), and the logarithm of their sum (the dual)."""
    lines = centred @ tilt
    top = float(lines.max())
    raw = np.exp(lines - top)
    total = float(raw.sum())
    return raw / total, top + float(np.log(total))
