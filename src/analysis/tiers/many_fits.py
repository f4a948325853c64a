"""The normal model fitted to many simulated data sets of the same programs at once.

Coarser than :mod:`analysis.tiers.normal_model`: one grid of spreads serves all data sets, and
where fields are given, the field mean's law given the spread between programs is replaced by a
normal with the same mean and variance. Both move a tail probability by less than the noise of a
simulation; the tests compare the two.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.tiers.spread_grid import (
    SpreadPrior,
    default_maximum,
    field_means,
    fields_of,
    refined_grid,
)

Numbers = npt.NDArray[np.float64]

# a grid point with less posterior weight than this is left out of a data set
_NEGLIGIBLE = 1e-4


def chances_above(
    estimates: Numbers,
    standard_error: Numbers,
    field_codes: npt.NDArray[np.intp],
    cuts: Sequence[float],
    *,
    tau_prior: SpreadPrior,
    tau_maximum: float | None = None,
    offsets: Numbers | None = None,
    grid_size: int = 32,
) -> Numbers:
    """Posterior probability that each true value exceeds each cut-off, data set by data set.

    Parameters
    ----------
    estimates : ndarray, shape (data sets, programs)
    standard_error : ndarray, shape (programs,)
    field_codes : ndarray of int, shape (programs,)
        All 0 where programs are of one field.
    cuts : sequence of float
    tau_prior, tau_maximum
        As in :func:`analysis.tiers.normal_model.fit_normal_model`.
    offsets : ndarray, shape (programs,), optional
        Known part of each estimate (the line on its precision), taken off before the fit and
        given back to the true value.
    grid_size : int
        Points of the one grid of the spread between programs.

    Returns
    -------
    ndarray, shape (data sets, programs, cuts)

    Examples
    --------
    >>> data = np.array([[0.0, 0.0, 6.0], [1.0, 1.0, 1.0]])
    >>> codes = np.zeros(3, dtype=np.intp)
    >>> chances_above(data, np.ones(3), codes, [0.0], tau_prior="flat").shape
    (2, 3, 1)
    """
    known = np.zeros(len(standard_error)) if offsets is None else offsets
    estimates = estimates - known
    fields = fields_of(field_codes)
    widest = default_maximum(estimates, standard_error)
    tau, omega, weight = refined_grid(
        estimates, standard_error, fields, tau_prior=tau_prior, omega_maximum=widest,
        tau_maximum=widest if tau_maximum is None else tau_maximum,
        grid_size=grid_size, rounds=2, log_range=10.0,
    )  # fmt: skip
    result = np.zeros((*estimates.shape, len(cuts)))
    of_tau = _counted(weight.sum(2))
    for k, value in enumerate(tau):
        sets = np.flatnonzero(of_tau[:, k])
        if not len(sets):
            continue
        y, of_omega = estimates[sets], weight[sets, k] / weight[sets, k].sum(1, keepdims=True)
        given, variance = field_means(y, standard_error, fields, float(value), omega)
        mean, spread = _over_omega(of_omega, given, variance)
        own = value**2 / (value**2 + standard_error**2)
        theta = own * y + (1 - own) * mean[:, field_codes]
        deviation = np.sqrt(own * standard_error**2 + (1 - own) ** 2 * spread[:, field_codes])
        for column, cut in enumerate(cuts):
            chance = special.ndtr((theta + known - cut) / deviation)
            result[sets, :, column] += of_tau[sets, k][:, None] * chance
    return result


def _counted(weight: Numbers) -> Numbers:
    """Weights of the grid points of each data set that are not negligible, to the sum of one."""
    kept = np.where(weight > _NEGLIGIBLE, weight, 0.0)
    kept /= kept.sum(1, keepdims=True)
    return kept


def _over_omega(of_omega: Numbers, given: Numbers, variance: Numbers) -> tuple[Numbers, Numbers]:
    """Mean and variance of each field's mean over the spread between fields."""
    mean = np.einsum("do,dof->df", of_omega, given)
    second = np.einsum("do,dof->df", of_omega, given**2 + variance)
    return mean, np.maximum(second - mean**2, 0.0)
