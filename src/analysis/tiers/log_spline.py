"""A smooth prior of free shape: the fitted normal, tilted by a spline (Efron 2016).

The second opinion on what the shape of the prior does to tiers and grades. It collapses to the
normal when the data are weak; its spread is plugged in, so its tail probabilities are no safer
than any plug-in's. Defaults take the normal model.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from analysis.tiers.grid_prior import likelihood, value_grid

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LogSpline:
    """Prior on a grid; ``tau`` is the normal's spread that it was tilted from."""

    points: Numbers
    prior: Numbers
    mean: float
    tau: float


def fit_log_spline(
    estimate: npt.ArrayLike,
    standard_error: npt.ArrayLike,
    *,
    points: Numbers | None = None,
    degrees: int = 5,
    penalty: float = 1.0,
) -> LogSpline:
    """Fit the prior by penalised maximum likelihood.

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)
    points : ndarray, optional
        Grid of possible true values; by default 300 over the range of the estimates.
    degrees : int
        Spline basis functions, centred and scaled on the grid.
    penalty : float
        Times the length of the coefficients, in units of log-likelihood (Efron's c0).

    Returns
    -------
    LogSpline

    Notes
    -----
    Efron (2016), Biometrika 103: log prior = log fitted normal + basis times coefficients, the
    basis natural cubic with knots at quantiles of the grid. The fitted normal is by maximum
    likelihood, its spread kept at one grid step or more.

    Examples
    --------
    >>> found = fit_log_spline([0.0, 1.0, 2.0, 3.0], [1.0, 1.0, 1.0, 1.0])
    >>> round(float(found.prior.sum()), 9), round(float(found.prior @ found.points), 2)
    (1.0, 1.5)
    """
    y, s = np.asarray(estimate, float), np.asarray(standard_error, float)
    grid = value_grid(y) if points is None else points
    densities = likelihood(y, s, grid)
    if len(grid) == 1:
        return LogSpline(grid, np.ones(1), float(grid[0]), 0.0)
    mean, tau = maximum_likelihood_normal(y, s)
    tau = max(tau, float(grid[1] - grid[0]))
    base = -0.5 * ((grid - mean) / tau) ** 2
    basis = _natural_spline(grid, degrees)
    scaled = densities / densities.max(1, keepdims=True)

    def loss(coefficients: Numbers) -> tuple[float, Numbers]:
        log_prior = base + basis @ coefficients
        prior = special.softmax(log_prior)
        joint = scaled * prior
        mixture = joint.sum(1)
        # derivative of log mixture: posterior less prior mean of each basis function
        gradient = (joint / mixture[:, None]).sum(0) @ basis - len(y) * (prior @ basis)
        length = float(np.sqrt(coefficients @ coefficients + 1e-8))
        value = -float(np.log(mixture).sum()) + penalty * length
        return value, -gradient + penalty * coefficients / length

    found = optimize.minimize(loss, np.zeros(degrees), jac=True, method="BFGS")
    return LogSpline(grid, special.softmax(base + basis @ found.x), mean, tau)


def maximum_likelihood_normal(estimate: Numbers, standard_error: Numbers) -> tuple[float, float]:
    """Mean and spread of a normal prior by maximum likelihood.

    Parameters
    ----------
    estimate, standard_error : ndarray, shape (programs,)

    Returns
    -------
    tuple of float
        In the unit of the estimates.

    Examples
    --------
    >>> mean, tau = maximum_likelihood_normal(np.array([-3.0, 3.0]), np.array([1.0, 1.0]))
    >>> round(mean, 6), round(tau**2, 4)
    (0.0, 8.0)
    """

    def weighted(tau: float) -> tuple[Numbers, float]:
        w = 1 / (standard_error**2 + tau**2)
        return w, float(np.sum(w * estimate) / np.sum(w))

    def loss(tau: float) -> float:
        w, mean = weighted(tau)
        return float(-0.5 * np.log(w).sum() + 0.5 * np.sum(w * (estimate - mean) ** 2))

    highest = float(np.ptp(estimate)) + 1e-12
    tau = float(
        optimize.minimize_scalar(
            loss, bounds=(0.0, highest), method="bounded", options={"xatol": 1e-7 * highest}
        ).x
    )
    tau = tau if loss(tau) < loss(0.0) else 0.0
    return weighted(tau)[1], tau


def _natural_spline(grid: Numbers, degrees: int) -> Numbers:
    """Natural cubic spline basis with ``degrees`` functions, centred and of equal size."""
    x = (grid - grid.mean()) / (grid[-1] - grid[0])
    knots = np.quantile(x, np.linspace(0.05, 0.95, degrees + 1))

    def hinge(knot: float) -> Numbers:
        last = np.maximum(x - knots[-1], 0) ** 3
        return np.asarray((np.maximum(x - knot, 0) ** 3 - last) / (knots[-1] - knot))

    reference = hinge(float(knots[-2]))
    columns = [x, *(hinge(float(knot)) - reference for knot in knots[:-2])]
    basis = np.column_stack(columns)
    basis = basis - basis.mean(0)
    basis, _ = np.linalg.qr(basis)
    return np.asarray(basis * np.sqrt(len(grid)))
