"""One effect divided by another: dollars gained for each dollar spent, or for each who attended."""

from dataclasses import dataclass

import numpy as np

from analysis.effects.effect import critical_value
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class Ratio:
    """A ratio of two estimates with two intervals.

    Attributes
    ----------
    estimate, standard_error : float
        Ratio, and its standard error by the delta method.
    delta_interval : tuple of float
        Symmetric; too short or too long where the denominator is near 0 for its error.
    fieller_interval : tuple of float
        Fieller (1954): all ratios that a test would not reject, which is right however uncertain
        the denominator is. Infinite bounds where the denominator may be 0: all values, or, with
        ``fieller_is_outside``, those below the first and above the second.
    fieller_is_outside : bool
    """

    estimate: float
    standard_error: float
    delta_interval: tuple[float, float]
    fieller_interval: tuple[float, float]
    fieller_is_outside: bool = False


def ratio_of_effects(
    numerator: float,
    denominator: float,
    variances: tuple[float, float],
    covariance: float = 0.0,
    confidence_level: float = 0.95,
    degrees_of_freedom: float = np.inf,
) -> Ratio:
    """Ratio of two estimates with the delta method's and Fieller's interval.

    Parameters
    ----------
    numerator, denominator : float
        For cost per dollar gained, the net cost of a person offered the program and the gain.
    variances : tuple of float
        Of the numerator and of the denominator; 0 where one is known.
    covariance : float
        Of the two; 0 where different people were asked.
    confidence_level, degrees_of_freedom : float
        Of the critical value.

    Returns
    -------
    Ratio

    Raises
    ------
    WorkbenchError
        For a denominator of 0, and variances that no two estimates can have.

    Examples
    --------
    >>> found = ratio_of_effects(1000.0, 2000.0, (100.0**2, 200.0**2))
    >>> found.estimate, round(found.standard_error, 4)
    (0.5, 0.0707)
    >>> [round(bound, 3) for bound in found.fieller_interval]
    [0.377, 0.663]
    """
    if denominator == 0:
        raise WorkbenchError("ratio: the denominator is 0", "Nothing can be said for each dollar.")
    if min(variances) < 0 or covariance**2 > variances[0] * variances[1] * (1 + 1e-9):
        raise WorkbenchError(
            "ratio: no two estimates have these variances and this covariance",
            "Give squared standard errors and the covariance of the same two estimates.",
        )
    z = critical_value(confidence_level, degrees_of_freedom)
    estimate = numerator / denominator
    variance = variances[0] - 2 * estimate * covariance + estimate**2 * variances[1]
    error = float(np.sqrt(max(variance, 0.0))) / abs(denominator)
    fieller, outside = _fieller(numerator, denominator, variances, covariance, z)
    return Ratio(
        estimate=estimate,
        standard_error=error,
        delta_interval=(estimate - z * error, estimate + z * error),
        fieller_interval=fieller,
        fieller_is_outside=outside,
    )


def _fieller(
    numerator: float,
    denominator: float,
    variances: tuple[float, float],
    covariance: float,
    z: float,
) -> tuple[tuple[float, float], bool]:
    """Ratios r with (numerator - r denominator)² <= z² Var(numerator - r denominator)."""
    a = denominator**2 - z**2 * variances[1]
    b = numerator * denominator - z**2 * covariance
    c = numerator**2 - z**2 * variances[0]
    inside = b**2 - a * c
    if a == 0 or inside < 0:
        return (-np.inf, np.inf), False
    root = float(np.sqrt(inside))
    low, high = sorted(((b - root) / a, (b + root) / a))
    return (float(low), float(high)), a < 0
