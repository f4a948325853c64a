"""How probable each spread between programs and between fields is, for many data sets at once.

The engine of :mod:`analysis.tiers.normal_model` (one data set) and
:mod:`analysis.tiers.many_fits` (all data sets of a simulation): the marginal posterior of the
two spreads on a grid, with all means integrated out in closed form.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
SpreadPrior = Literal["flat", "proportional"]


@dataclass(frozen=True)
class Fields:
    """Which program belongs to which field, ready for fast sums.

    ``codes`` numbers each program's field from 0; ``order`` sorts programs by field and
    ``starts`` says where each field begins in that order.
    """

    codes: npt.NDArray[np.intp]
    order: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]

    @property
    def count(self) -> int:
        """Number of fields."""
        return len(self.starts)

    def sums(self, values: Numbers) -> Numbers:
        """Sum over the programs of each field, along the last axis."""
        if self.count == 1:
            return values.sum(-1, keepdims=True)
        return np.add.reduceat(values[..., self.order], self.starts, axis=-1)


def fields_of(codes: npt.NDArray[np.intp]) -> Fields:
    """Prepare sums by field.

    Parameters
    ----------
    codes : ndarray of int, shape (programs,)
        Fields numbered from 0.

    Returns
    -------
    Fields

    Examples
    --------
    >>> fields_of(np.array([0, 1, 0])).sums(np.array([1.0, 5.0, 2.0])).tolist()
    [3.0, 5.0]
    """
    order = np.argsort(codes, kind="stable")
    return Fields(codes, order, np.searchsorted(codes[order], np.arange(codes.max() + 1)))


def default_maximum(estimate: Numbers, standard_error: Numbers) -> float:
    """Largest spread considered when none is stated: three times what the estimates show.

    Three times the standard deviation of the estimates, and not less than three median standard
    errors: estimates that agree by chance must not close the range to differences that their
    noise would hide.

    Parameters
    ----------
    estimate : ndarray, shape (programs,) or (data sets, programs)
        Of several data sets the widest counts.
    standard_error : ndarray, shape (programs,)

    Returns
    -------
    float
        In the unit of the estimates.

    Examples
    --------
    >>> default_maximum(np.array([0.0, 2.0]), np.array([0.5, 0.5]))
    3.0
    >>> default_maximum(np.array([1.0, 1.0]), np.array([0.5, 0.5]))
    1.5
    """
    return 3.0 * max(float(np.max(np.std(estimate, axis=-1))), float(np.median(standard_error)))


def _log_posterior(
    y: Numbers,
    s: Numbers,
    fields: Fields,
    tau: Numbers,
    omega: Numbers,
    tau_prior: SpreadPrior,
) -> Numbers:
    """Log posterior of the spreads, up to a constant for each data set.

    Parameters
    ----------
    y : ndarray, shape (data sets, programs)
    s : ndarray, shape (programs,)
    fields : Fields
    tau, omega : ndarray
        Grids of the spread between programs of a field, and between fields.
    tau_prior : {"flat", "proportional"}

    Returns
    -------
    ndarray, shape (data sets, tau, omega)
    """
    if fields.count == 1:
        return _one_field(y, s, tau, tau_prior)[:, :, None]
    # deviations from plain field means keep the sums of squares free of cancellation
    size = np.diff(np.append(fields.starts, len(s)))
    rough = fields.sums(y) / size
    rest = y - rough[:, fields.codes]
    squares = rest**2 @ (1 / (s**2 + tau[:, None] ** 2)).T
    result = np.empty((len(y), len(tau), len(omega)))
    for k, value in enumerate(tau):
        w = 1 / (s**2 + value**2)
        total = fields.sums(w)
        shift = fields.sums(rest * w) / total
        within = -0.5 * (squares[:, k] - (total * shift**2).sum(1))
        within += 0.5 * (np.log(w).sum() - np.log(total).sum())
        result[:, k] = within[:, None] + _between(rough + shift, total, omega)
    if tau_prior == "proportional":
        with np.errstate(divide="ignore"):
            result += np.log(tau)[:, None]
    return result


def _one_field(y: Numbers, s: Numbers, tau: Numbers, tau_prior: SpreadPrior) -> Numbers:
    """The same with programs of one field, whose mean is the grand mean: all spreads at once."""
    w = 1 / (s**2 + tau[:, None] ** 2)
    total = w.sum(1)
    rest = y - y.mean(1, keepdims=True)
    shift = rest @ w.T / total
    result = 0.5 * (total * shift**2 - rest**2 @ w.T + np.log(w).sum(1) - np.log(total))
    if tau_prior == "proportional":
        with np.errstate(divide="ignore"):
            result += np.log(tau)
    return np.asarray(result)


def _between(centre: Numbers, total: Numbers, omega: Numbers) -> Numbers:
    """Log density of the field means with the grand mean integrated, (data sets, omega)."""
    centre = centre - centre.mean(1, keepdims=True)
    u = 1 / (1 / total + omega[:, None] ** 2)
    grand = centre @ u.T / u.sum(1)
    squares = centre**2 @ u.T - u.sum(1) * grand**2
    return -0.5 * squares + 0.5 * (np.log(u).sum(1) - np.log(u.sum(1)))


def field_means(
    y: Numbers, s: Numbers, fields: Fields, tau: float, omega: Numbers
) -> tuple[Numbers, Numbers]:
    """Mean and variance of each field's mean, given the spreads.

    Parameters
    ----------
    y : ndarray, shape (data sets, programs)
    s : ndarray, shape (programs,)
    fields : Fields
    tau : float
    omega : ndarray, shape (k,)

    Returns
    -------
    mean : ndarray, shape (data sets, k, fields)
    variance : ndarray, shape (k, fields)

    Examples
    --------
    Without spread between fields both are their common mean; with one as large as the noise each is
    half way to it.

    >>> y, fields = np.array([[0.0, 4.0]]), fields_of(np.array([0, 1]))
    >>> mean, variance = field_means(y, np.ones(2), fields, 0.0, np.array([0.0, 1.0]))
    >>> mean.tolist(), variance.tolist()
    ([[[2.0, 2.0], [1.0, 3.0]]], [[0.5, 0.5], [0.75, 0.75]])
    """
    w = 1 / (s**2 + tau**2)
    total = fields.sums(w)
    centre = fields.sums(y * w) / total
    between = omega[:, None] ** 2
    u = 1 / (1 / total + between)
    grand = centre @ u.T / u.sum(1)
    lean = total * between / (total * between + 1)
    mean = lean * centre[:, None, :] + (1 - lean) * grand[:, :, None]
    variance = between / (total * between + 1) + (1 - lean) ** 2 / u.sum(1)[:, None]
    return mean, variance


def closer(grid: Numbers, profile: Numbers, log_range: float) -> Numbers:
    """A finer grid of as many points over the stretch where the posterior is not negligible.

    Parameters
    ----------
    grid : ndarray, shape (k,)
    profile : ndarray, shape (k,)
        Highest log posterior at each point, 0 at the peak.
    log_range : float
        How far below the peak counts as negligible.

    Returns
    -------
    ndarray, shape (k,)

    Examples
    --------
    >>> closer(np.array([0.0, 1.0, 2.0, 3.0]), np.array([-9.0, 0.0, -50.0, -60.0]), 18).tolist()
    [0.0, 0.6666666666666666, 1.3333333333333333, 2.0]
    """
    if len(grid) == 1:
        return grid
    inside = np.flatnonzero(profile > -log_range)
    low, high = grid[max(inside[0] - 1, 0)], grid[min(inside[-1] + 1, len(grid) - 1)]
    return np.linspace(low, high, len(grid))


def refined_grid(
    y: Numbers,
    s: Numbers,
    fields: Fields,
    *,
    tau_prior: SpreadPrior,
    tau_maximum: float,
    omega_maximum: float,
    grid_size: int,
    rounds: int,
    log_range: float,
) -> tuple[Numbers, Numbers, Numbers]:
    """Grids of both spreads, closed in on the posterior of all data sets, and their weights.

    Parameters
    ----------
    y : ndarray, shape (data sets, programs)
    s : ndarray, shape (programs,)
    fields : Fields
    tau_prior : {"flat", "proportional"}
    tau_maximum, omega_maximum : float
        Ends of the first grids, which begin at 0.
    grid_size, rounds : int
        Points of the grid of ``tau`` (half as many of ``omega``), and how often grids are made.
    log_range : float
        As in :func:`closer`.

    Returns
    -------
    tau, omega : ndarray of one dimension
        ``omega`` is 0 alone where all programs are of one field.
    weight : ndarray, shape (data sets, tau, omega)
        Sums to one for each data set (trapezium rule).

    Examples
    --------
    Two hundred precise estimates of 3 and -3 have a spread of 3, with a single field none between.

    >>> fields = fields_of(np.zeros(200, dtype=int))
    >>> tau, omega, weight = refined_grid(
    ...     np.array([[-3.0, 3.0] * 100]), np.full(200, 0.1), fields, tau_prior="flat",
    ...     tau_maximum=9.0, omega_maximum=9.0, grid_size=20, rounds=2, log_range=18.0,
    ... )  # fmt: skip
    >>> round(float(tau @ weight[0, :, 0]), 1), omega.tolist()
    (3.0, [0.0])
    """
    several = fields.count > 1
    tau = np.linspace(0.0, tau_maximum, grid_size)
    omega = np.linspace(0.0, omega_maximum, max(12, grid_size // 2)) if several else np.zeros(1)
    log_weight = _log_posterior(y, s, fields, tau, omega, tau_prior)
    log_weight -= log_weight.max((1, 2), keepdims=True)
    for _ in range(rounds - 1):
        tau = closer(tau, log_weight.max((0, 2)), log_range)
        omega = closer(omega, log_weight.max((0, 1)), log_range)
        log_weight = _log_posterior(y, s, fields, tau, omega, tau_prior)
        log_weight -= log_weight.max((1, 2), keepdims=True)
    weight = np.exp(log_weight)
    # end points of a grid stand for half an interval
    weight[:, [0, -1]] *= 0.5
    if several:
        weight[:, :, [0, -1]] *= 0.5
    return tau, omega, weight / weight.sum((1, 2), keepdims=True)
