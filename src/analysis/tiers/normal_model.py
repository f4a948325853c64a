"""True values behind noisy estimates: a normal model with everything uncertain integrated out.

A program's estimate is its true value plus noise of known size; true values vary around the mean
of their field with spread ``tau``, and field means around a grand mean with spread ``omega``.
Neither spread is plugged in: both are integrated over a grid, and the means analytically, since a
plug-in spread is falsely certain exactly where caution matters.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analysis.errors import WorkbenchError
from analysis.tiers.spread_grid import (
    Fields,
    SpreadPrior,
    default_maximum,
    field_means,
    fields_of,
    refined_grid,
)

Numbers = npt.NDArray[np.float64]
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
    field_mean, field_variance : ndarray, shape (programs,)
        Posterior mean and variance of the mean of the program's field.
    field_codes : ndarray of int, shape (programs,)
        Number of the program's field, 0 for all where none was given.
    tau_prior, tau_maximum
        What was assumed of ``tau``.
    """

    weights: Numbers
    tau: Numbers
    omega: Numbers
    means: Numbers
    deviations: Numbers
    own_weight: Numbers
    field_mean: Numbers
    field_variance: Numbers
    field_codes: npt.NDArray[np.intp]
    tau_prior: SpreadPrior
    tau_maximum: float

    @property
    def mean(self) -> Numbers:
        """Posterior mean of each true value."""
        return self.weights @ self.means

    @property
    def standard_deviation(self) -> Numbers:
        """Posterior standard deviation of each true value."""
        centre = self.mean
        return np.sqrt(self.weights @ (self.deviations**2 + (self.means - centre) ** 2))

    def chance_above(self, cut: float | Numbers) -> Numbers:
        """Chance that each true value exceeds ``cut`` (one, or one a program), exact."""
        return self.weights @ special.ndtr((self.means - cut) / self.deviations)

    def chance_at_or_below(self, cut: float | Numbers) -> Numbers:
        """Chance that each true value does not exceed ``cut`` (one, or one a program)."""
        return self.weights @ special.ndtr((cut - self.means) / self.deviations)

    def guard_chance(self, cut: float | Numbers) -> Numbers:
        """The chance that guards look at: here the same, since no other law is considered."""
        return self.chance_at_or_below(cut)

    def given_back(self, known: Numbers) -> "NormalModel":
        """The same posterior with a known part, taken off every estimate before, given back."""
        return replace(self, means=self.means + known, field_mean=self.field_mean + known)

    def tau_interval(self, level: float = 0.95) -> tuple[float, float, float]:
        """Posterior median of the spread between programs, and its interval's ends."""
        return _quantiles(self.tau, self.weights, level)

    def omega_interval(self, level: float = 0.95) -> tuple[float, float, float]:
        """Posterior median of the spread between fields, and its interval's ends."""
        return _quantiles(self.omega, self.weights, level)


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
    """Fit the model: what each program's true value is, given all estimates.

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)
        In one unit; errors positive.
    field : array of str, shape (programs,), optional
        Field of each program; all one field when left out. A field of one program is well
        behaved: it leans on the grand mean.
    tau_prior : {"proportional", "flat"}
        Prior of the spread between programs: proportional to it (no mass at zero; cautious for
        statements that a program is not above a benchmark) or flat (cautious for telling
        programs apart).
    tau_maximum : float, optional
        Largest spread considered. By default three standard deviations of the estimates, and at
        least three median standard errors. Below about four programs the data do not end the
        range, so that the result hangs on this number: state it.
    grid_size : int
        Points of ``tau`` in each round (half as many, at least 12, of ``omega``); rounds after
        the first close in on the posterior.
    rounds : int

    Returns
    -------
    NormalModel

    Raises
    ------
    WorkbenchError
        Missing or infinite estimates, errors that are not positive, lengths that differ, a
        field that is missing, a maximum that is not positive.

    Notes
    -----
    Normal-normal hierarchical model with the hyperparameters integrated (Gelman and others,
    Bayesian Data Analysis, section 5.4), two levels. ``omega`` is integrated with a flat prior
    from 0 to three standard deviations of the estimates: flat is proper on that range, stays
    finite at zero, and with two or three fields pools them less rather than more.

    Examples
    --------
    >>> model = fit_normal_model([0.0, 0.0, 6.0], [1.0, 1.0, 1.0], tau_prior="flat")
    >>> bool(model.mean[2] < 6.0), bool(model.mean[0] > 0.0)
    (True, True)

    Equally precise programs are drawn to their plain mean, each by the same share.

    >>> share = (model.mean - 2.0) / (np.array([0.0, 0.0, 6.0]) - 2.0)
    >>> round(float(model.mean.mean()), 6), round(float(np.ptp(share)), 6)
    (2.0, 0.0)
    """
    y, s, codes = _checked(estimate, standard_error, field)
    widest = default_maximum(y, s)
    highest = widest if tau_maximum is None else float(tau_maximum)
    if not highest > 0 or tau_prior not in ("flat", "proportional"):
        raise WorkbenchError(
            f"tau_maximum {tau_maximum} or tau_prior '{tau_prior}' cannot be used",
            "Give a positive number, and 'flat' or 'proportional'.",
        )
    fields = fields_of(codes)
    tau, omega, weight = refined_grid(
        y[None, :],
        s,
        fields,
        tau_prior=tau_prior,
        tau_maximum=highest,
        omega_maximum=widest,
        grid_size=grid_size,
        rounds=rounds,
        log_range=_LOG_RANGE,
    )
    return _posterior(y, s, fields, (tau, omega, weight[0]), tau_prior, highest)


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
    codes, _ = pd.factorize(pd.Series(field).array)
    if len(codes) != len(y) or (codes < 0).any():
        raise WorkbenchError(
            f"{(codes >= 0).sum()} fields for {len(y)} programs",
            "Give every program a field, or leave fields out.",
        )
    return y, s, codes.astype(np.intp)


def _posterior(
    y: Numbers,
    s: Numbers,
    fields: Fields,
    grid: tuple[Numbers, Numbers, Numbers],
    tau_prior: SpreadPrior,
    tau_maximum: float,
) -> NormalModel:
    rows, columns = np.nonzero(grid[2] > _NEGLIGIBLE)
    tau, omega, weights = grid[0][rows], grid[1][columns], grid[2][rows, columns]
    weights = weights / weights.sum()
    if fields.count == 1:
        return _one_field(y, s, tau, weights, tau_prior, tau_maximum)
    means, deviations = np.empty((2, len(tau), len(y)))
    centre, second = np.zeros((2, fields.count))
    for row in np.unique(rows):
        at = np.flatnonzero(rows == row)
        own = tau[at[0]] ** 2 / (s**2 + tau[at[0]] ** 2)
        mean, spread = field_means(y[None, :], s, fields, float(tau[at[0]]), omega[at])
        means[at] = own * y + (1 - own) * mean[0][:, fields.codes]
        variance = own * s**2 + (1 - own) ** 2 * spread[:, fields.codes]
        deviations[at] = np.sqrt(variance)
        centre += weights[at] @ mean[0]
        second += weights[at] @ (mean[0] ** 2 + spread)
    own_weight = weights @ (tau[:, None] ** 2 / (s**2 + tau[:, None] ** 2))
    return NormalModel(
        weights,
        tau,
        omega,
        means,
        deviations,
        own_weight,
        centre[fields.codes],
        np.maximum(second - centre**2, 0.0)[fields.codes],
        fields.codes,
        tau_prior,
        tau_maximum,
    )


def _one_field(
    y: Numbers,
    s: Numbers,
    tau: Numbers,
    weights: Numbers,
    tau_prior: SpreadPrior,
    tau_maximum: float,
) -> NormalModel:
    """Posterior with programs of one field: every point of the grid at once."""
    variance = s**2 + tau[:, None] ** 2
    total = (1 / variance).sum(1)
    mean = (y / variance).sum(1) / total
    own = tau[:, None] ** 2 / variance
    lean = 1 - own
    centre = float(weights @ mean)
    spread = max(float(weights @ (mean**2 + 1 / total)) - centre**2, 0.0)
    return NormalModel(
        weights,
        tau,
        np.zeros(len(tau)),
        own * y + lean * mean[:, None],
        np.sqrt(own * s**2 + lean**2 / total[:, None]),
        weights @ own,
        np.full(len(y), centre),
        np.full(len(y), spread),
        np.zeros(len(y), dtype=np.intp),
        tau_prior,
        tau_maximum,
    )


def _quantiles(values: Numbers, weights: Numbers, level: float) -> tuple[float, float, float]:
    """Median and interval of a posterior on a grid, between points by straight lines."""
    points, which = np.unique(values, return_inverse=True)
    mass = np.bincount(which, weights=weights)
    # a point's weight belongs half to each side of it, an end point's all to the inside
    below = np.cumsum(mass) - mass / 2
    below[0], below[-1] = 0.0, 1.0
    wanted = [0.5, 0.5 - level / 2, 0.5 + level / 2]
    middle, low, high = (float(np.interp(share, below, points)) for share in wanted)
    return middle, low, high
