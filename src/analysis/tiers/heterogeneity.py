"""Do programs differ at all beyond noise, by how much, and could a difference have been seen?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Heterogeneity:
    """Cochran's Q test and the spread between programs with its confidence interval.

    ``p_value`` is for no difference; ``tau`` is Paule and Mandel's estimate; ``tau_low`` and
    ``tau_high`` bound it by the Q profile (Viechtbauer 2007).
    """

    q: float
    degrees_of_freedom: int
    p_value: float
    tau: float
    tau_low: float
    tau_high: float


def generalised_q(estimate: npt.ArrayLike, standard_error: npt.ArrayLike, tau: float) -> float:
    """Weighted sum of squared deviations when true values have spread ``tau``.

    Examples
    --------
    >>> generalised_q([0.0, 2.0], [1.0, 1.0], 0.0)
    2.0
    """
    y, s = np.asarray(estimate, float), np.asarray(standard_error, float)
    w = 1 / (s**2 + tau**2)
    return float(np.sum(w * (y - np.sum(w * y) / np.sum(w)) ** 2))


def heterogeneity_test(
    estimate: npt.ArrayLike, standard_error: npt.ArrayLike, confidence_level: float = 0.95
) -> Heterogeneity:
    """Test whether programs differ, and bound by how much.

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)
    confidence_level : float

    Returns
    -------
    Heterogeneity
    """
    y, s = np.asarray(estimate, float), np.asarray(standard_error, float)
    freedom = len(y) - 1
    q = generalised_q(y, s, 0.0)
    tail = (1 - confidence_level) / 2
    return Heterogeneity(
        q=q,
        degrees_of_freedom=freedom,
        p_value=float(stats.chi2.sf(q, freedom)),
        tau=_tau_at(y, s, float(freedom)),
        tau_low=_tau_at(y, s, float(stats.chi2.ppf(1 - tail, freedom))),
        tau_high=_tau_at(y, s, float(stats.chi2.ppf(tail, freedom))),
    )


def _tau_at(y: Numbers, s: Numbers, wanted: float) -> float:
    """Spread at which the generalised Q equals ``wanted``; 0 when it is below that already."""
    if generalised_q(y, s, 0.0) <= wanted:
        return 0.0
    high = float(np.ptp(y) + s.max())
    while generalised_q(y, s, high) > wanted:
        high *= 2
    root = optimize.brentq(lambda tau: generalised_q(y, s, tau) - wanted, 0.0, high, xtol=1e-9)
    return float(root)


def power(
    standard_error: npt.ArrayLike,
    tau: float,
    *,
    alpha: float = 0.05,
    draws: int = 20_000,
    seed: int,
) -> float:
    """Chance that the Q test finds a spread ``tau``, by seeded simulation.

    "Not shown to differ" is not "equal": this says how large a difference would be missed.
    """
    s = np.asarray(standard_error, float)
    generator = np.random.default_rng(seed)
    y = generator.normal(0, np.sqrt(s**2 + tau**2), (draws, len(s)))
    w = 1 / s**2
    centre = (y @ w / w.sum())[:, None]
    q = ((y - centre) ** 2) @ w
    return float(np.mean(q > stats.chi2.ppf(1 - alpha, len(s) - 1)))
