"""What a program costs for each dollar that its people earn more."""

import numpy as np

from analysis.effects.estimators import difference_in_means
from analysis.effects.ratio import Ratio, ratio_of_effects
from analysis.effects.samples import Column, arms, numbers, refuse_misaligned


def cost_per_dollar_gained(
    outcome: Column,
    treated: Column,
    cost: float | Column,
    *,
    confidence_level: float = 0.95,
) -> Ratio:
    """Net cost of an offer over the gain in the outcome that it makes.

    Parameters
    ----------
    outcome, treated : array of shape (n,)
        As in `difference_in_means`; earnings over as long a time as the cost is held against.
    cost : float or array of shape (n,)
        What one more person offered the program costs, where that is known; or what was spent
        on each person in both arms, so that what the others got elsewhere is set off.
    confidence_level : float

    Returns
    -------
    Ratio
        With the delta method's interval and Fieller's, which is the one to read where the gain
        is less than about four standard errors from 0. A negative ratio comes from a loss.

    Raises
    ------
    WorkbenchError
        As in `difference_in_means`.

    Examples
    --------
    >>> earned = [12.0, 14, 16, 18, 9, 10, 11, 10]
    >>> found = cost_per_dollar_gained(earned, [1] * 4 + [0] * 4, 2.5)
    >>> found.estimate, [round(bound, 2) for bound in found.fieller_interval]
    (0.5, [0.33, 1.07])
    """
    gain = difference_in_means(outcome, treated)
    if isinstance(cost, int | float):
        variances = (0.0, gain.standard_error**2)
        return ratio_of_effects(float(cost), gain.estimate, variances, 0.0, confidence_level)
    refuse_misaligned(outcome=outcome, treated=treated, cost=cost)
    flags, y, spent = arms(treated), numbers(outcome, "outcome"), numbers(cost, "cost")
    # the same people's costs and earnings go together
    covariance = sum(np.cov(spent[arm], y[arm]) / arm.sum() for arm in (flags, ~flags))
    difference = float(spent[flags].mean() - spent[~flags].mean())
    return ratio_of_effects(
        difference,
        gain.estimate,
        (float(covariance[0, 0]), float(covariance[1, 1])),
        float(covariance[0, 1]),
        confidence_level,
    )
