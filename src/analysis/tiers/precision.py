"""Do small programs truly differ from large ones? Every tier rule assumes that they do not."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from analysis.errors import WorkbenchError

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PrecisionSlope:
    """Change of the estimate with the logarithm of its standard error.

    ``slope`` is in the unit of the estimates for each unit of log standard error (a standard
    error 2.7 times as large); ``clear`` says whether it exceeds ``clear_above`` standard errors,
    the point from which a prior mean that does not follow precision misleads. ``tau`` is the
    spread between programs that is left.
    """

    slope: float
    standard_error: float
    p_value: float
    clear: bool
    tau: float
    programs: int


def slope_on_precision(
    estimate: npt.ArrayLike, standard_error: npt.ArrayLike, *, clear_above: float = 2.0
) -> PrecisionSlope:
    """Test whether estimates depend on how precisely they are measured.

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)
        In one unit; at least three programs, standard errors that differ.
    clear_above : float
        Standard errors from which the slope counts as clear.

    Returns
    -------
    PrecisionSlope

    Raises
    ------
    WorkbenchError
        Fewer than three programs, missing numbers, or standard errors all alike.

    Notes
    -----
    Random-effects regression on log standard error: weights 1 / (standard error² + tau²), tau²
    the value at which the weighted residual sum of squares equals its degrees of freedom (Paule
    and Mandel), normal p value. The Egger-type test of meta-analysis on a log scale; Chen
    (arXiv 2212.14444) on why shrinkage needs it.

    Examples
    --------
    >>> found = slope_on_precision([3.0, 2.0, 1.0, 0.0], [1.0, 2.0, 4.0, 8.0])
    >>> round(found.slope, 4)  # one less for each doubling: 1 / log 2
    -1.4427
    """
    y, s = np.asarray(estimate, float), np.asarray(standard_error, float)
    usable = y.shape == s.shape and y.ndim == 1 and len(y) >= 3
    if not usable or not np.isfinite(y).all() or not (np.isfinite(s) & (s > 0)).all():
        raise WorkbenchError(
            "a slope on precision needs three or more estimates, each with a positive error",
            "Leave out programs that cannot be rated, or leave the test out.",
        )
    if np.ptp(np.log(s)) < 1e-9:
        raise WorkbenchError(
            "all standard errors are alike, so nothing can depend on them",
            "Leave the test out.",
        )
    tau = _residual_tau(y, s)
    slope, error, _ = _weighted_line(y, s, tau)
    return PrecisionSlope(
        slope=slope,
        standard_error=error,
        p_value=float(2 * stats.norm.sf(abs(slope) / error)),
        clear=abs(slope) > clear_above * error,
        tau=tau,
        programs=len(y),
    )


def _weighted_line(y: Numbers, s: Numbers, tau: float) -> tuple[float, float, float]:
    """Slope on log standard error, its standard error, weighted residual sum of squares."""
    w = 1 / (s**2 + tau**2)
    x = np.log(s)
    x = x - np.average(x, weights=w)
    centred = y - np.average(y, weights=w)
    information = float(np.sum(w * x**2))
    slope = float(np.sum(w * x * centred)) / information
    return slope, information**-0.5, float(np.sum(w * (centred - slope * x) ** 2))


def _residual_tau(y: Numbers, s: Numbers) -> float:
    freedom = len(y) - 2

    def excess(tau: float) -> float:
        return _weighted_line(y, s, tau)[2] - freedom

    if excess(0.0) <= 0:
        return 0.0
    high = float(np.ptp(y) + s.max())
    while excess(high) > 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high, xtol=1e-12 * high))
