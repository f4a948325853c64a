"""Do programs differ at all beyond noise, by how much, and could a difference have been seen?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from analysis.errors import WorkbenchError

Numbers = npt.NDArray[np.float64]
# numbers drawn at a time: keeps a simulation of thousands of programs within memory
_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Heterogeneity:
    """Cochran's Q test and the spread between programs with its confidence interval.

    ``p_value`` is for no difference (chi-square); ``tau`` is Paule and Mandel's (1982);
    ``tau_low`` and ``tau_high`` bound it by the Q profile (Viechtbauer 2007). Both ends are 0
    where programs agree more closely than their noise allows. With one program nothing can be
    said: ``p_value`` is 1 and ``tau_high`` infinite.
    """

    q: float
    degrees_of_freedom: int
    p_value: float
    tau: float
    tau_low: float
    tau_high: float


def generalised_q(estimate: npt.ArrayLike, standard_error: npt.ArrayLike, tau: float) -> float:
    """Weighted sum of squared deviations when true values have spread ``tau``.

    The generalised Q of DerSimonian and Kacker (2007).

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)
    tau : float
        In the unit of the estimates.

    Returns
    -------
    float
        Cochran's Q where ``tau`` is 0. With the true spread its mean is programs less one.

    Raises
    ------
    WorkbenchError
        Estimates that are missing, errors that are not positive, lengths that differ.

    Examples
    --------
    >>> generalised_q([0.0, 2.0], [1.0, 1.0], 0.0)
    2.0
    """
    y, s = _checked(estimate, standard_error)
    w = 1 / (s**2 + tau**2)
    return float(np.sum(w * (y - np.sum(w * y) / np.sum(w)) ** 2))


def heterogeneity_test(
    estimate: npt.ArrayLike, standard_error: npt.ArrayLike, confidence_level: float = 0.95
) -> Heterogeneity:
    """Test whether programs differ, and bound by how much.

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)
        In one unit; errors positive.
    confidence_level : float
        Of the interval for ``tau``.

    Returns
    -------
    Heterogeneity

    Raises
    ------
    WorkbenchError
        Missing numbers, errors that are not positive, lengths that differ.

    Examples
    --------
    >>> found = heterogeneity_test([0.0, 2.0, 4.0], [1.0, 1.0, 1.0])
    >>> found.q, round(found.tau, 4)
    (8.0, 1.7321)
    """
    y, s = _checked(estimate, standard_error)
    freedom = len(y) - 1
    if freedom == 0:
        return Heterogeneity(0.0, 0, 1.0, 0.0, 0.0, float("inf"))
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


def bootstrap_p_value(
    estimate: npt.ArrayLike,
    standard_error: npt.ArrayLike,
    degrees_of_freedom: npt.ArrayLike,
    *,
    draws: int = 10_000,
    seed: int,
) -> float:
    """P value of the Q test for few or small programs, whose errors are themselves estimates.

    The chi-square law takes standard errors as known. Here each draw has no difference between
    programs, noise of the stated sizes, and standard errors estimated anew from as few people,
    so that the p value allows for what a small program's lucky standard error does to Q.

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)
    degrees_of_freedom : array, shape (programs,)
        Behind each standard error, as by Welch and Satterthwaite; infinite where it is known.
        With all infinite the result is the chi-square p value, up to simulation noise.
    draws, seed : int

    Returns
    -------
    float
        (1 + draws with a Q at least as large) / (1 + draws).

    Raises
    ------
    WorkbenchError
        Degrees of freedom that are missing or not positive, numbers that cannot be used.

    Examples
    --------
    >>> p = bootstrap_p_value([0.0, 2.0], [1.0, 1.0], [float("inf")] * 2, seed=1)
    >>> bool(abs(p - 0.157) < 0.015)  # chi-square: 0.157
    True
    """
    y, s = _checked(estimate, standard_error)
    freedom = np.broadcast_to(np.asarray(degrees_of_freedom, float), s.shape)
    if not (freedom > 0).all():
        raise WorkbenchError(
            "degrees_of_freedom has a missing or non-positive value",
            "Give the people behind each standard error less the means estimated.",
        )
    observed = generalised_q(y, s, 0.0)
    generator = np.random.default_rng(seed)
    known = np.isinf(freedom)
    at_least = 0
    for size in _batches(draws, len(s)):
        noise = s * generator.normal(size=(size, len(s)))
        ratio = generator.chisquare(np.where(known, 1.0, freedom), (size, len(s)))
        drawn = s * np.sqrt(np.where(known, 1.0, ratio / np.where(known, 1.0, freedom)))
        at_least += int((_many_q(noise, 1 / drawn**2) >= observed).sum())
    return (1 + at_least) / (1 + draws)


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

    Parameters
    ----------
    standard_error : array, shape (programs,)
    tau : float
        Standard deviation of true values, normally distributed, in the unit of the errors.
    alpha : float
        Level of the test.
    draws, seed : int

    Returns
    -------
    float
        From 0 to 1; 0 for one program.

    Raises
    ------
    WorkbenchError
        Errors that are missing or not positive.

    Examples
    --------
    >>> bool(abs(power([1.0] * 10, 0.0, seed=1) - 0.05) < 0.01)
    True
    """
    _, s = _checked(standard_error, standard_error)
    if len(s) == 1:
        return 0.0
    generator = np.random.default_rng(seed)
    limit = stats.chi2.ppf(1 - alpha, len(s) - 1)
    found = 0
    for size in _batches(draws, len(s)):
        y = np.sqrt(s**2 + tau**2) * generator.normal(size=(size, len(s)))
        found += int((_many_q(y, 1 / s**2) > limit).sum())
    return found / draws


def detectable_spread(
    standard_error: npt.ArrayLike,
    *,
    wanted: float = 0.8,
    alpha: float = 0.05,
    draws: int = 4000,
    seed: int,
) -> float:
    """Spread between programs that the Q test would find with the power wanted.

    Parameters
    ----------
    standard_error : array, shape (programs,)
    wanted, alpha : float
        Power, and level of the test.
    draws, seed : int
        Of the simulation.

    Returns
    -------
    float
        Standard deviation of true values in the unit of the errors; infinite for one program.

    Raises
    ------
    WorkbenchError
        Errors that are missing or not positive.

    Examples
    --------
    With equal errors Q over 1 + tau² is chi-square with 9 degrees of freedom: above the test's
    16.92 in 80 percent of cases where 16.92 / (1 + tau²) is the law's 20th percentile, 5.38.

    >>> bool(abs(detectable_spread([1.0] * 10, seed=1) - (16.92 / 5.38 - 1) ** 0.5) < 0.1)
    True
    """
    _, s = _checked(standard_error, standard_error)
    if len(s) == 1:
        return float("inf")

    def short(tau: float) -> float:
        return power(s, tau, alpha=alpha, draws=draws, seed=seed) - wanted

    high = float(np.median(s))
    while short(high) < 0:
        high *= 2
    return float(optimize.brentq(short, 0.0, high, xtol=1e-3 * high))


def _checked(estimate: npt.ArrayLike, standard_error: npt.ArrayLike) -> tuple[Numbers, Numbers]:
    y, s = np.asarray(estimate, float), np.asarray(standard_error, float)
    usable = y.shape == s.shape and y.ndim == 1 and len(y) > 0
    if not usable or not np.isfinite(y).all() or not (np.isfinite(s) & (s > 0)).all():
        raise WorkbenchError(
            "estimates and standard errors do not match, or one is missing or not positive",
            "Give one finite estimate and one positive standard error for every program.",
        )
    return y, s


def _batches(draws: int, programs: int) -> Iterator[int]:
    size = max(1, _AT_ONCE // programs)
    for done in range(0, draws, size):
        yield min(size, draws - done)


def _many_q(y: Numbers, w: Numbers) -> Numbers:
    centre = (w * y).sum(1) / np.broadcast_to(w, y.shape).sum(1)
    return np.asarray((w * (y - centre[:, None]) ** 2).sum(1))


def _tau_at(y: Numbers, s: Numbers, wanted: float) -> float:
    """Spread at which the generalised Q equals ``wanted``; 0 when it is below that already."""
    if generalised_q(y, s, 0.0) <= wanted:
        return 0.0
    high = float(np.ptp(y) + s.max())
    while generalised_q(y, s, high) > wanted:
        high *= 2
    # a tolerance in the unit of the data: the same answer in dollars and in cents
    root = optimize.brentq(
        lambda tau: generalised_q(y, s, tau) - wanted, 0.0, high, xtol=1e-12 * high
    )
    return float(root)
