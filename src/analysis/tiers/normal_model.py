"""True values behind noisy estimates: a normal model with everything uncertain integrated out.

A program's estimate is its true value plus noise of known size; true values vary around the mean
of their field with spread ``tau``, and field means around a grand mean with spread ``omega``.
Neither spread is plugged in: both are integrated over a grid, and the means analytically, since a
plug-in spread is falsely certain exactly where caution matters.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analysis.errors import WorkbenchError

Numbers = npt.NDArray[np.float64]
SpreadPrior = Literal["flat", "proportional"]
# grid points whose posterior weight is below this change no printed digit
_NEGLIGIBLE = 1e-7
_LOG_RANGE = 18.0


@dataclass(frozen=True)
class NormalModel:
    """Posterior of each program's true value: a mixture of normals over the grid of spreads.

    Attributes
    ----------
    weights : ndarray, shape (k,)
        Posterior weight of each grid point.
    tau, omega : ndarray, shape (k,)
        Spread between programs of a field, and between fields, at each grid point.
    means, deviations : ndarray, shape (k, programs)
        Mean and standard deviation of each true value given the grid point.
    own_weight : ndarray, shape (programs,)
        Share of the program's own estimate in its posterior mean.
    """

    weights: Numbers
    tau: Numbers
    omega: Numbers
    means: Numbers
    deviations: Numbers
    own_weight: Numbers

    @property
    def mean(self) -> Numbers:
        """Posterior mean of each true value."""
        return self.weights @ self.means

    @property
    def standard_deviation(self) -> Numbers:
        """Posterior standard deviation of each true value."""
        second = self.weights @ (self.deviations**2 + self.means**2)
        return np.sqrt(np.maximum(second - self.mean**2, 0.0))

    def chance_above(self, cut: float) -> Numbers:
        """Posterior probability that each true value exceeds ``cut``, exact under the mixture."""
        spread = np.maximum(self.deviations, 1e-12)
        return self.weights @ special.ndtr((self.means - cut) / spread)

    def tau_interval(self, level: float = 0.95) -> tuple[float, float, float]:
        """Posterior median of the spread between programs, and its interval."""
        order = np.argsort(self.tau)
        cumulated = np.cumsum(self.weights[order])
        low, middle, high = np.searchsorted(cumulated, [0.5 - level / 2, 0.5, 0.5 + level / 2])
        last = len(order) - 1
        tau = self.tau[order]
        return float(tau[middle]), float(tau[low]), float(tau[min(high, last)])


def fit_normal_model(
    estimate: npt.ArrayLike,
    standard_error: npt.ArrayLike,
    field: npt.ArrayLike | None = None,
    *,
    tau_prior: SpreadPrior = "proportional",
    tau_maximum: float | None = None,
    grid_size: int = 40,
    rounds: int = 3,
) -> NormalModel:
    """Fit the model.

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)
        In one unit; errors positive.
    field : array of str, shape (programs,), optional
        Field of each program; all one field when left out.
    tau_prior : {"proportional", "flat"}
        Prior of the spread between programs: proportional to it (no mass at zero; cautious for
        statements that a program is not above a benchmark) or flat (cautious for telling
        programs apart). The spread between fields has a flat prior.
    tau_maximum : float, optional
        Largest spread considered; three standard deviations of the estimates by default.
    grid_size : int
        Points of each spread in each round; rounds after the first close in on the posterior.
    rounds : int

    Returns
    -------
    NormalModel

    Raises
    ------
    WorkbenchError
        Missing or infinite estimates, errors that are not positive, lengths that differ.

    Notes
    -----
    Normal-normal hierarchical model with the hyperparameters integrated (Gelman and others,
    Bayesian Data Analysis, section 5.4), two levels.

    Examples
    --------
    >>> model = fit_normal_model([0.0, 0.0, 6.0], [1.0, 1.0, 1.0], tau_prior="flat")
    >>> bool(model.mean[2] < 6.0), bool(model.mean[0] > 0.0)
    (True, True)
    """
    y, s, codes = _checked(estimate, standard_error, field)
    spread = float(np.std(y)) or float(np.mean(s))
    top_tau = 3 * spread if tau_maximum is None else tau_maximum
    several = codes.max() > 0
    tau = np.linspace(0.0, top_tau, grid_size)
    omega = np.linspace(0.0, 3 * spread, max(12, grid_size // 2)) if several else np.zeros(1)
    log_weight = _log_posterior(y, s, codes, tau, omega, tau_prior)
    for _ in range(rounds - 1):
        tau, omega = _closer(tau, log_weight.max(1)), _closer(omega, log_weight.max(0))
        log_weight = _log_posterior(y, s, codes, tau, omega, tau_prior)
    weight = np.exp(log_weight - log_weight.max())
    # end points of a grid stand for half an interval
    weight[[0, -1], :] *= 0.5
    if several:
        weight[:, [0, -1]] *= 0.5
    weight /= weight.sum()
    rows, columns = np.nonzero(weight > _NEGLIGIBLE)
    return _posterior(y, s, codes, tau[rows], omega[columns], weight[rows, columns])


def _checked(
    estimate: npt.ArrayLike, standard_error: npt.ArrayLike, field: npt.ArrayLike | None
) -> tuple[Numbers, Numbers, npt.NDArray[np.intp]]:
    y = np.asarray(estimate, dtype=float)
    s = np.asarray(standard_error, dtype=float)
    if y.shape != s.shape or y.ndim != 1 or not len(y):
        raise WorkbenchError(
            f"{y.shape} estimates and {s.shape} standard errors do not match",
            "Give one of each for every program, and at least one program.",
        )
    if not np.isfinite(y).all() or not np.isfinite(s).all() or (s <= 0).any():
        raise WorkbenchError(
            "an estimate or standard error is missing, infinite or not positive",
            "Leave programs that cannot be rated out before the model is fitted.",
        )
    if field is None:
        return y, s, np.zeros(len(y), dtype=np.intp)
    codes, _ = pd.factorize(np.asarray(field, dtype=str))
    return y, s, codes


def _closer(grid: Numbers, profile: Numbers) -> Numbers:
    """A finer grid over the stretch where the posterior is not negligible."""
    if len(grid) == 1:
        return grid
    inside = np.flatnonzero(profile > profile.max() - _LOG_RANGE)
    low, high = grid[max(inside[0] - 1, 0)], grid[min(inside[-1] + 1, len(grid) - 1)]
    return np.linspace(low, high, len(grid))


def _by_field(y: Numbers, w: Numbers, codes: npt.NDArray[np.intp]) -> tuple[Numbers, Numbers]:
    total = np.bincount(codes, weights=w).astype(float)
    return total, np.bincount(codes, weights=w * y).astype(float) / total


def _log_posterior(
    y: Numbers,
    s: Numbers,
    codes: npt.NDArray[np.intp],
    tau: Numbers,
    omega: Numbers,
    tau_prior: SpreadPrior,
) -> Numbers:
    result = np.empty((len(tau), len(omega)))
    for row, value in enumerate(tau):
        w = 1 / (s**2 + value**2)
        total, centre = _by_field(y, w, codes)
        within = 0.5 * np.log(w).sum() - 0.5 * (w * (y - centre[codes]) ** 2).sum()
        within -= 0.5 * np.log(total).sum()
        u = 1 / (1 / total + omega[:, None] ** 2)
        grand = (u * centre).sum(1) / u.sum(1)
        between = 0.5 * np.log(u).sum(1) - 0.5 * (u * (centre - grand[:, None]) ** 2).sum(1)
        result[row] = within + between - 0.5 * np.log(u.sum(1))
    if tau_prior == "flat":
        return result
    with np.errstate(divide="ignore"):
        return np.asarray(result + np.log(tau)[:, None])


def _posterior(
    y: Numbers,
    s: Numbers,
    codes: npt.NDArray[np.intp],
    tau: Numbers,
    omega: Numbers,
    weights: Numbers,
) -> NormalModel:
    means = np.empty((len(tau), len(y)))
    deviations = np.empty_like(means)
    own = np.zeros(len(y))
    for k in range(len(tau)):
        w = 1 / (s**2 + tau[k] ** 2)
        total, centre = _by_field(y, w, codes)
        u = 1 / (1 / total + omega[k] ** 2)
        grand = (u * centre).sum() / u.sum()
        lean = total * omega[k] ** 2 / (total * omega[k] ** 2 + 1)
        field_mean = lean * centre + (1 - lean) * grand
        field_variance = omega[k] ** 2 / (total * omega[k] ** 2 + 1) + (1 - lean) ** 2 / u.sum()
        share = tau[k] ** 2 * w
        means[k] = share * y + (1 - share) * field_mean[codes]
        variance = tau[k] ** 2 * s**2 * w + (1 - share) ** 2 * field_variance[codes]
        deviations[k] = np.sqrt(variance)
        own += weights[k] * share
    return NormalModel(weights / weights.sum(), tau, omega, means, deviations, own)
