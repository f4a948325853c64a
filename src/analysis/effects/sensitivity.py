"""How strong a hidden confounder would have to be to explain an estimate away."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.effects.design import covariate_matrix, standardised, usable_columns
from analysis.effects.effect import Effect, people_by_arm, refuse_no_variance
from analysis.effects.samples import Column, arms, numbers, refuse_misaligned
from analysis.errors import WorkbenchError


def regression_adjusted(outcome: Column, treated: Column, covariates: pd.DataFrame) -> Effect:
    """Coefficient of treatment in a least-squares fit with covariates, HC2 standard error.

    Parameters
    ----------
    outcome, treated : array of shape (n,)
    covariates : DataFrame of shape (n, k)
        Constant columns and exact copies are left out.

    Returns
    -------
    Effect
        Under one effect for everyone; with n - k degrees of freedom.

    Raises
    ------
    WorkbenchError
        For covariates that determine who was treated, and for a value that cannot be used.

    Examples
    --------
    >>> before = pd.DataFrame({"x": [1.0, 2, 3, 4, 1, 2, 3, 5]})
    >>> after = [3.1, 3.9, 5.2, 6.0, 1.0, 2.1, 2.9, 5.1]
    >>> round(regression_adjusted(after, [1] * 4 + [0] * 4, before).estimate, 3)
    2.027
    """
    refuse_misaligned(outcome=outcome, treated=treated, covariates=covariates)
    y, flags = numbers(outcome, "outcome"), arms(treated)
    everyone = np.ones(len(y), dtype=bool)
    _, [basis] = usable_columns(standardised(covariate_matrix(covariates)), [everyone])
    assigned = flags.astype("float64")
    Q, R = np.linalg.qr(np.column_stack([basis, assigned]))
    left = Q[:, -1] * R[-1, -1]
    length = float(left @ left)
    if length < 1e-9 * float(assigned @ assigned):
        raise WorkbenchError(
            "regression: the covariates say exactly who was treated",
            "Leave out the covariate that stands for the treatment.",
        )
    weights = left / length
    leverage = (basis**2).sum(axis=1) + left**2 / length
    residual = y - basis @ (basis.T @ y)
    estimate = float(weights @ y)
    residual = residual - estimate * left
    variance = float((weights**2 * residual**2 / np.maximum(1 - leverage, 1e-9)).sum())
    refuse_no_variance(variance, y)
    return Effect(
        estimate=estimate,
        standard_error=float(np.sqrt(variance)),
        degrees_of_freedom=float(len(y) - basis.shape[1] - 1),
        **people_by_arm(y, flags),
        method="least squares",
        parameters=basis.shape[1] + 1,
    )


def robustness_value(
    t_value: float, degrees_of_freedom: float, *, share: float = 1.0, level: float | None = None
) -> float:
    """Share of variance that a hidden confounder must explain to take an estimate away.

    A confounder that explains this share of what is left of both treatment and outcome, after
    all covariates, would bring the estimate to zero (Cinelli and Hazlett 2020).

    Parameters
    ----------
    t_value : float
        Estimate over its standard error.
    degrees_of_freedom : float
        Of the regression.
    share : float
        Part of the estimate that is taken away; 1 for all of it.
    level : float, optional
        With .05, the value that would bring the interval of 95 % to touch zero.

    Returns
    -------
    float
        Between 0 and 1; 0 where the interval holds zero already.

    Raises
    ------
    WorkbenchError
        For a share outside of (0, 1] and for one degree of freedom or fewer.

    Examples
    --------
    The published example (Darfur: t = 4.18, 783 degrees of freedom) has 13.9 and 7.6 percent.

    >>> round(robustness_value(4.18, 783), 3), round(robustness_value(4.18, 783, level=0.05), 3)
    (0.139, 0.076)
    """
    if not 0 < share <= 1 or degrees_of_freedom <= 1:
        raise WorkbenchError(
            f"robustness value: share {share}, {degrees_of_freedom} degrees of freedom",
            "Give a share in (0, 1] and more people than parameters.",
        )
    distance = share * abs(t_value) / np.sqrt(degrees_of_freedom)
    if level is not None:
        reach = float(stats.t.isf(level / 2, degrees_of_freedom - 1))
        distance -= reach / np.sqrt(degrees_of_freedom - 1)
    if distance <= 0:
        return 0.0
    square = distance**2
    return float((np.sqrt(square**2 + 4 * square) - square) / 2)
