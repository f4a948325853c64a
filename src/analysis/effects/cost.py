"""What a program costs for each dollar that its people earn more."""

import numpy as np

from analysis.effects.offer_regressions import offer_regressions
from analysis.effects.ratio import Ratio, ratio_of_effects
from analysis.effects.samples import Column, Labels, arms, numbers, refuse_misaligned


def cost_per_dollar_gained(
    outcome: Column,
    treated: Column,
    cost: float | Column,
    *,
    stratum: Labels | None = None,
    cluster: Labels | None = None,
    weights: Column | None = None,
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
    stratum, cluster, weights : array of shape (n,), optional
        As in `offer_regressions`: both differences are then those of regressions on the offer
        and the strata, whose chance of assignment may differ.
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
    >>> round(found.estimate, 6), [round(bound, 2) for bound in found.fieller_interval]
    (0.5, [0.33, 1.07])
    """
    refuse_misaligned(
        outcome=outcome, treated=treated, stratum=stratum, cluster=cluster, weights=weights,
        cost=None if isinstance(cost, int | float) else cost,
    )  # fmt: skip
    flags, y = arms(treated), numbers(outcome, "outcome")
    known = isinstance(cost, int | float)
    if isinstance(cost, int | float):
        spent = np.asarray(float(cost) * flags, dtype="float64")
    else:
        spent = numbers(cost, "cost")
    # the same people's costs and earnings go together
    found = offer_regressions(
        [spent, y], flags, stratum=stratum, cluster=cluster, weights=weights, errors="HC2"
    )
    variances = (0.0 if known else float(found.covariance[0, 0]), float(found.covariance[1, 1]))
    return ratio_of_effects(
        float(found.estimates[0]),
        float(found.estimates[1]),
        variances,
        0.0 if known else float(found.covariance[0, 1]),
        confidence_level,
        found.degrees_of_freedom,
    )
