"""Priors on a grid of values: their posterior, and which of two programs is better under it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.errors import WorkbenchError
from analysis.tiers.normal_model import NormalModel

Numbers = npt.NDArray[np.float64]
_LOG_ROOT_TWO_PI = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class GridPosterior:
    """Posterior of each program's true value on a grid.

    Attributes
    ----------
    points : ndarray, shape (k,)
        Values, increasing.
    weights : ndarray, shape (programs, k)
        Posterior probability of each value; rows sum to one.
    """

    points: Numbers
    weights: Numbers

    @property
    def mean(self) -> Numbers:
        """Posterior mean of each true value."""
        return self.weights @ self.points

    def chance_above(self, cut: float) -> Numbers:
        """Posterior probability that each true value exceeds ``cut``."""
        return self.weights[:, self.points > cut].sum(1)

    def chance_at_or_below(self, cut: float) -> Numbers:
        """Posterior probability that each true value does not exceed ``cut``."""
        return 1 - self.chance_above(cut)


def value_grid(estimate: Numbers, points: int = 300) -> Numbers:
    """Equally spaced values over the range of the estimates, which holds every likely truth.

    Parameters
    ----------
    estimate : ndarray, shape (programs,)
    points : int

    Returns
    -------
    ndarray, shape (points,)
        In the unit of the estimates; one point where all are equal.

    Examples
    --------
    >>> value_grid(np.array([4.0, 0.0, 1.0]), 5).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0]
    >>> value_grid(np.array([4.0, 4.0])).tolist()
    [4.0]
    """
    low, high = float(np.min(estimate)), float(np.max(estimate))
    return np.linspace(low, high, points) if high > low else np.array([low])


def checked(estimate: npt.ArrayLike, standard_error: npt.ArrayLike) -> tuple[Numbers, Numbers]:
    """Estimates and standard errors as arrays, or a clear error.

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)

    Returns
    -------
    estimate, standard_error : ndarray, shape (programs,)

    Raises
    ------
    WorkbenchError
        Missing or infinite estimates, errors that are not positive, lengths that differ.

    Examples
    --------
    >>> [part.tolist() for part in checked([1, 2], [0.5, 0.5])]
    [[1.0, 2.0], [0.5, 0.5]]
    >>> checked([1.0], [0.0])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: an estimate or standard error is missing, infinite or not ...
    """
    y, s = np.asarray(estimate, float), np.asarray(standard_error, float)
    usable = y.shape == s.shape and y.ndim == 1 and len(y) > 0
    if not usable or not np.isfinite(y).all() or not (np.isfinite(s) & (s > 0)).all():
        raise WorkbenchError(
            "an estimate or standard error is missing, infinite or not positive",
            "Give one finite estimate and one positive standard error for every program.",
        )
    return y, s


def likelihood(estimate: npt.ArrayLike, standard_error: npt.ArrayLike, points: Numbers) -> Numbers:
    """Normal density of each estimate at each possible true value.

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)
    points : ndarray, shape (k,)
        Possible true values.

    Returns
    -------
    ndarray, shape (programs, k)

    Raises
    ------
    WorkbenchError
        As :func:`checked`.

    Examples
    --------
    The standard normal density at 0 and 1, halved by a standard error of 2.

    >>> likelihood([0.0, 0.0], [1.0, 2.0], np.array([0.0, 1.0, 2.0])).round(4).tolist()
    [[0.3989, 0.242, 0.054], [0.1995, 0.176, 0.121]]
    """
    y, s = checked(estimate, standard_error)
    z = (y[:, None] - points) / s[:, None]
    return np.asarray(np.exp(-0.5 * z**2 - _LOG_ROOT_TWO_PI) / s[:, None])


def posterior_on_grid(densities: Numbers, points: Numbers, prior: Numbers) -> GridPosterior:
    """Posterior from likelihoods and a prior on the same grid.

    Parameters
    ----------
    densities : ndarray, shape (programs, k)
        From :func:`likelihood`.
    points, prior : ndarray, shape (k,)
        Values, and the probability of each.

    Returns
    -------
    GridPosterior

    Examples
    --------
    >>> points = np.array([0.0, 2.0])
    >>> found = posterior_on_grid(likelihood([1.0], [1.0], points), points, np.array([0.5, 0.5]))
    >>> found.mean.round(6).tolist()
    [1.0]
    """
    joint = densities * prior
    return GridPosterior(points, joint / joint.sum(1, keepdims=True))


def normal_model_on_grid(model: NormalModel, points: Numbers) -> GridPosterior:
    """The normal model's posterior as masses around grid points.

    The correlation of programs through their shared mean is left out: it falls as one over the
    number of programs, and the grid is for thousands of them.

    Parameters
    ----------
    model : NormalModel
    points : ndarray, shape (k,)
        Increasing; a point gets the mass up to half way to its neighbours.

    Returns
    -------
    GridPosterior

    Examples
    --------
    >>> from analysis.tiers.normal_model import fit_normal_model
    >>> model = fit_normal_model([-10.0, 0.0, 10.0], [1.0, 1.0, 1.0])
    >>> normal_model_on_grid(model, np.array([-10.0, 0.0, 10.0])).weights.round(2).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    edges = (points[1:] + points[:-1]) / 2
    below = np.empty((len(model.field_mean), len(points) + 1))
    below[:, 0], below[:, -1] = 0.0, 1.0
    for column, edge in enumerate(edges, start=1):
        z = (edge - model.means) / model.deviations
        below[:, column] = model.weights @ special.ndtr(z)
    return GridPosterior(points, np.maximum(np.diff(below, axis=1), 0.0))


def grid_pairs(posterior: GridPosterior) -> Numbers:
    """Chance that each program's true value exceeds each other's, taken as independent.

    Parameters
    ----------
    posterior : GridPosterior

    Returns
    -------
    ndarray, shape (programs, programs)
        Row against column; a tie on the grid counts half, so that two entries of a pair sum to
        one. One half on the diagonal.

    Examples
    --------
    >>> weights = np.array([[0.0, 1.0], [0.5, 0.5]])
    >>> grid_pairs(GridPosterior(np.array([0.0, 1.0]), weights)).tolist()
    [[0.5, 0.75], [0.25, 0.5]]
    """
    w = posterior.weights
    below = np.cumsum(w, axis=1) - w / 2
    result = w @ below.T
    np.fill_diagonal(result, 0.5)
    return result
