"""Where in the distribution of earnings a lottery's program worked: quantiles and thresholds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.effects.effect import Effect, critical_value
from analysis.effects.estimators import difference_in_means, stratified_difference
from analysis.effects.samples import (
    Column,
    Flags,
    Labels,
    Numbers,
    arms,
    column_name,
    labels,
    numbers,
    refuse_misaligned,
)
from analysis.errors import WorkbenchError

# people that an arm needs beyond a quantile, on its thinner side
FEWEST_BEYOND = 5


@dataclass(frozen=True)
class QuantileEffect:
    """Difference between the arms' quantiles; not the effect on a person at that quantile.

    Attributes
    ----------
    quantile : float
    treated, control : float
        The arms' quantiles.
    estimate : float
    interval : tuple of float
    at_mass : bool
        Whether an arm's quantile is a value that many people have (as zero earnings): the
        difference then moves in steps, and its interval is wide on purpose.
    n_treated, n_control : int
    """

    quantile: float
    treated: float
    control: float
    estimate: float
    interval: tuple[float, float]
    at_mass: bool
    n_treated: int
    n_control: int


def quantile_effect(
    outcome: Column,
    treated: Column,
    quantile: float,
    stratum: Labels | None = None,
    *,
    confidence_level: float = 0.95,
) -> QuantileEffect:
    """Unconditional quantile effect of assignment, within strata of the design.

    Each arm's distribution is that of all strata with everyone's shares. Its quantile has
    Woodruff's (1952) interval: where the estimated distribution crosses the quantile less and
    plus the error of a share, which needs no density and bears ties. The difference's interval
    is made of the two by Zou and Donner's (2008) rule.

    Parameters
    ----------
    outcome, treated : array of shape (n,)
        As in `difference_in_means`.
    quantile : float
        Between 0 and 1; .5 for the median.
    stratum : array of shape (n,), optional
        With two people or more in each arm of a stratum.
    confidence_level : float

    Returns
    -------
    QuantileEffect

    Raises
    ------
    WorkbenchError
        As in `difference_in_means`, and for a quantile so near 0 or 1 that an arm has fewer than
        five people beyond it.

    Examples
    --------
    >>> found = quantile_effect([*range(20), *range(10, 30)], [0] * 20 + [1] * 20, 0.5)
    >>> found.estimate, [round(bound, 1) for bound in found.interval]
    (10.0, [3.6, 16.4])
    """
    refuse_misaligned(outcome=outcome, treated=treated, stratum=stratum)
    flags, y = arms(treated), numbers(outcome, "outcome")
    fewest = int(min(flags.sum(), (~flags).sum()))
    if not 0 < quantile < 1 or min(quantile, 1 - quantile) * fewest < FEWEST_BEYOND:
        raise WorkbenchError(
            f"quantile: {quantile} of an arm of {fewest} people",
            "Take one between 0 and 1 with five people or more beyond it in each arm.",
        )
    z = critical_value(confidence_level)
    codes = np.zeros(len(y), dtype="int64")
    if stratum is not None:
        codes = pd.factorize(labels(stratum, "stratum"))[0]
    (q1, low1, high1, tie1), (q0, low0, high0, tie0) = (
        _woodruff(y, one, codes, quantile, z) for one in (flags, ~flags)
    )
    return QuantileEffect(
        quantile=quantile,
        treated=q1,
        control=q0,
        estimate=q1 - q0,
        interval=(
            q1 - q0 - float(np.hypot(q1 - low1, high0 - q0)),
            q1 - q0 + float(np.hypot(high1 - q1, q0 - low0)),
        ),
        at_mass=tie1 or tie0,
        n_treated=int(flags.sum()),
        n_control=int((~flags).sum()),
    )


def _woodruff(
    y: Numbers, inside: Flags, codes: np.ndarray, quantile: float, z: float
) -> tuple[float, float, float, bool]:
    """Quantile of an arm, its interval, and whether it lies at a mass of people."""
    everyone = np.bincount(codes) / len(codes)
    people = np.bincount(codes[inside], minlength=len(everyone))
    if (people < 2).any():
        raise WorkbenchError(
            "column stratum: fewer than 2 people in an arm of a stratum", "Use coarser strata."
        )
    value, code = y[inside], codes[inside]
    weight = (everyone / people)[code]
    order = np.argsort(value, kind="stable")
    value, weight, code = value[order], weight[order], code[order]
    # each person stands in the middle of their own weight (Hazen)
    heights = np.cumsum(weight) - weight / 2
    heights /= weight.sum()
    found = _crossing(value, heights, quantile)
    # error of the share below, stratum by stratum
    below = np.bincount(code, weights=value <= found, minlength=len(everyone)) / people
    # at a mass the share jumps past the quantile: its error is that of the quantile itself
    jump = float(weight[value == found].sum())
    at_mass = jump > max(0.02, 3 / len(value))
    shares = np.full(len(everyone), quantile) if at_mass else below
    error = float(np.sqrt((everyone**2 * shares * (1 - shares) / (people - 1)).sum()))
    low = _crossing(value, heights, quantile - z * error)
    high = _crossing(value, heights, quantile + z * error)
    return found, low, high, at_mass


def _crossing(value: Numbers, heights: Numbers, share: float) -> float:
    """Value below which the share of people lies, between neighbours by a straight line."""
    return float(np.interp(share, heights, value))


def threshold_effect(
    outcome: Column, treated: Column, threshold: float, stratum: Labels | None = None
) -> Effect:
    """Effect of assignment on the share of people at or above a threshold.

    Parameters
    ----------
    outcome, treated : array of shape (n,)
        As in `difference_in_means`.
    threshold : float
        In units of the outcome, as a living wage.
    stratum : array of shape (n,), optional
        As in `stratified_difference`; thin strata are merged.

    Returns
    -------
    Effect
        In shares of 1; ``control_mean`` is the control arm's share.

    Raises
    ------
    WorkbenchError
        As in `difference_in_means`; also where everybody or nobody is above.

    Examples
    --------
    >>> found = threshold_effect([9.0, 11, 12, 13, 8, 9, 11, 7], [1] * 4 + [0] * 4, 10.0)
    >>> found.estimate, found.control_mean
    (0.5, 0.25)
    """
    refuse_misaligned(outcome=outcome, treated=treated, stratum=stratum)
    above = (numbers(outcome, "outcome") >= threshold).astype("float64")
    if above.min() == above.max():
        raise WorkbenchError(
            f"column {column_name(outcome, 'outcome')}: everybody is on one side of {threshold:,g}",
            "Check the unit of the threshold.",
        )
    # row labels were compared above, before they are lost
    arm = np.asarray(treated)
    if stratum is None:
        return difference_in_means(above, arm)
    return stratified_difference(above, arm, np.asarray(stratum, object), thin="merge")
