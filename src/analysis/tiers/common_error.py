"""A posterior of true values when the estimates share an error: all may be too high at once."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import stats

from analysis.errors import WorkbenchError
from analysis.tiers.labels import Model

Numbers = npt.NDArray[np.float64]
_PARTS = 200


@dataclass(frozen=True)
class CommonError:
    """A fitted model whose estimates err together, as effects against one comparison group do.

    The common error moves every program by the same amount, so that the order of programs and
    their distances stay as they are; where a cut-off lies among them is less sure. With a flat
    prior on the mean of programs, moving all estimates moves all posteriors, and chances are
    averages over the common error's normal law: the mean of each of 200 parts of equal
    probability. Where a posterior is narrow beside the common error its chance is nearly a step,
    which these meet to .0035, and a rule of Gauss and Hermite with 15 nodes to .16 only.

    Attributes
    ----------
    model : FreeShape or NormalModel
        Fitted with each program's own error alone.
    standard_error : float
        Of the common error, in the unit of the estimates.
    """

    model: Model
    standard_error: float

    @property
    def mean(self) -> Numbers:
        """Posterior means, which the common error leaves alone."""
        return self.model.mean

    @property
    def standard_deviation(self) -> Numbers:
        """Posterior standard deviations with the common error."""
        return np.hypot(self.model.standard_deviation, self.standard_error)

    def chance_above(self, cut: float | Numbers) -> Numbers:
        """Chance that each program's true value lies above a cut."""
        return self._over_errors(self.model.chance_above, cut)

    def chance_at_or_below(self, cut: float | Numbers) -> Numbers:
        """Chance that each program's true value lies at or below a cut."""
        return self._over_errors(self.model.chance_at_or_below, cut)

    def guard_chance(self, cut: float | Numbers) -> Numbers:
        """As `chance_at_or_below`, under the law that the guard looks at."""
        return self._over_errors(self.model.guard_chance, cut)

    def _over_errors(
        self, chance: Callable[[float | Numbers], Numbers], cut: float | Numbers
    ) -> Numbers:
        # estimates too high by c put a value above the cut where they put it above cut + c
        shifts = (self.standard_error * one for one in _means_of_parts())
        found = sum(chance(np.asarray(cut) + shift) for shift in shifts)
        return np.asarray(found) / _PARTS


@cache
def _means_of_parts() -> Numbers:
    """Mean of each of the parts of equal probability of the standard normal law."""
    edges = stats.norm.ppf(np.arange(_PARTS + 1) / _PARTS)
    return -_PARTS * np.diff(stats.norm.pdf(edges))


def split_covariance(covariance: Numbers) -> tuple[Numbers, float]:
    """Each estimate's own standard error, and that of the error which all have in common.

    Parameters
    ----------
    covariance : array of shape (programs, programs)

    Returns
    -------
    tuple of array of shape (programs,), float
        The common variance is the mean covariance of two programs, at least 0; what it leaves of
        a program's variance, at least a hundredth of it, is its own.

    Raises
    ------
    WorkbenchError
        For a matrix that is no covariance of two programs or more.

    Examples
    --------
    >>> own, common = split_covariance(np.array([[5.0, 1.0], [1.0, 10.0]]))
    >>> own.tolist(), common
    ([2.0, 3.0], 1.0)
    """
    matrix = np.asarray(covariance, dtype="float64")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise WorkbenchError(
            f"covariance of programs: shape {matrix.shape}", "Give a square one of two or more."
        )
    variances = np.diag(matrix)
    if not np.isfinite(matrix).all() or variances.min() <= 0 or not np.allclose(matrix, matrix.T):
        raise WorkbenchError(
            "covariance of programs: not symmetric, not finite, or a variance is not above 0",
            "Give the covariance of the estimates.",
        )
    apart = ~np.eye(len(matrix), dtype=bool)
    common = max(float(matrix[apart].mean()), 0.0)
    own = np.maximum(variances - common, variances / 100)
    return np.sqrt(own), float(np.sqrt(common))
