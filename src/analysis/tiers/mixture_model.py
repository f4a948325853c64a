"""True values behind noisy estimates when their law need not be normal: shape integrated too.

The normal model's chance of no gain is off by up to .12 where true values are skewed or mixed.
Here the law of true values is one of many two-part mixtures of normals (skewed, two-humped,
heavy-tailed) or the normal itself; its shape, spread and centre are all integrated, none is
plugged in. Where data say nothing of the shape, the answer averages over shapes; what the least
favourable of the shapes says that data do not rule out is at hand too, for guards.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.errors import WorkbenchError
from analysis.tiers.normal_chance import normal_chance
from analysis.tiers.normal_model import NormalModel, fit_normal_model
from analysis.tiers.shape_grid import ShapeGrid, shape_grid, shapes
from analysis.tiers.spread_grid import SpreadPrior

Numbers = npt.NDArray[np.float64]
# grid points of a law with less weight than this, over its best, are left out
_NEGLIGIBLE = 1e-4
_HOPELESS = 1e-7
_HOPELESS_SINGLE = 1e-5


@dataclass(frozen=True)
class MixtureModel:
    """Posterior of each true value: a mixture of normals over shapes, spreads, centres, parts.

    Attributes
    ----------
    responsibility, means, deviations : ndarray, shape (k, programs)
        For each grid point and part of its law: chance of the part given the point, mean and
        standard deviation. Points are in the order of their laws; all first parts come before all
        second ones.
    shape : ndarray of int, shape (k,)
        Law of each component, its position in :func:`analysis.tiers.shape_grid.shapes`.
    within : ndarray, shape (k,)
        Weight of its grid point among those of its law.
    shape_probability : ndarray, shape (shapes,)
        Posterior probability of each law.
    log_evidence : ndarray, shape (shapes,)
        Log of how well each law foretells the estimates, its spread and centre integrated.
    """

    responsibility: Numbers
    means: Numbers
    deviations: Numbers
    shape: npt.NDArray[np.intp]
    within: Numbers
    shape_probability: Numbers
    log_evidence: Numbers

    @property
    def weights(self) -> Numbers:
        """Weight of each component for each program, shape (k, programs); sums to one."""
        point = self.shape_probability[self.shape] * self.within
        return self.responsibility * point[:, None]

    @property
    def mean(self) -> Numbers:
        """Posterior mean of each true value."""
        return np.asarray((self.weights * self.means).sum(0))

    @property
    def standard_deviation(self) -> Numbers:
        """Posterior standard deviation of each true value."""
        second = (self.weights * (self.deviations**2 + (self.means - self.mean) ** 2)).sum(0)
        return np.asarray(np.sqrt(second))

    @property
    def normal_probability(self) -> float:
        """Posterior probability that the law of true values is the normal one."""
        return float(self.shape_probability[0])

    def chance_above(self, cut: float | Numbers) -> Numbers:
        """Chance that each true value exceeds ``cut`` (one, or one a program)."""
        return np.asarray(self.shape_probability @ self._by_law(cut, -1))

    def chance_at_or_below(self, cut: float | Numbers) -> Numbers:
        """Chance that each true value does not exceed ``cut`` (one, or one a program)."""
        return np.asarray(self.shape_probability @ self._by_law(cut, 1))

    def worst_chance_at_or_below(self, cut: float | Numbers, ruled_out_at: float) -> Numbers:
        """The largest such chance among laws that the data do not rule out, or that on average.

        Parameters
        ----------
        cut : float or ndarray, shape (programs,)
        ruled_out_at : float
            A law is ruled out when another foretells the estimates this many times better
            (Bayes factor).
        """
        by_law = self._by_law(cut, 1)
        limit = self.log_evidence.max() - np.log(ruled_out_at)
        possible = (self.log_evidence >= limit) & (self.shape_probability > 0)
        return np.asarray(np.maximum(by_law[possible].max(0), self.shape_probability @ by_law))

    def _by_law(self, cut: float | Numbers, side: int) -> Numbers:
        """Chance under each law of lying below the cut (side 1) or above (-1); 0 if left out."""
        z = (np.asarray(cut, self.means.dtype) - self.means) / self.deviations
        part = normal_chance(side * z)
        part *= self.responsibility
        # both parts of a law, then all of its grid points, which follow one another
        both = np.add(*part.reshape(2, -1, part.shape[1]))
        both *= self.within[: len(both), None]
        starts = np.flatnonzero(np.diff(self.shape[: len(both)], prepend=-1))
        result = np.zeros((len(self.shape_probability), part.shape[1]))
        result[self.shape[starts]] = np.add.reduceat(both, starts)
        return result


def fit_mixture_model(
    estimate: npt.ArrayLike,
    standard_error: npt.ArrayLike,
    *,
    tau_prior: SpreadPrior = "proportional",
    normal_share: float = 0.25,
    centre_variance: npt.ArrayLike = 0.0,
    normal: NormalModel | None = None,
    tau_points: int = 10,
    centre_points: int = 7,
    rounds: int = 1,
    single: bool = False,
) -> MixtureModel:
    """Fit the model, shape and all, by summing over grids.

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)
        In one unit; at least two programs.
    tau_prior : {"proportional", "flat"}
        Of the spread, as in :func:`analysis.tiers.normal_model.fit_normal_model`.
    normal_share : float
        Prior probability of the normal shape; the others share the rest evenly.
    centre_variance : float or array, shape (programs,)
        Of what was taken off each estimate before, such as the mean of its field: true values
        are that much less certain.
    normal : NormalModel, optional
        The normal model of the same estimates, where it is at hand.
    tau_points, centre_points, rounds : int
        Of the grids of spread and centre, laid around the normal model's posterior, and how
        often they close in on each law's own.
    single : bool
        Four bytes a number, for simulations: chances move by less than 1e-3.

    Returns
    -------
    MixtureModel

    Raises
    ------
    WorkbenchError
        As the normal model; or a share outside 0 to 1.

    Examples
    --------
    >>> model = fit_mixture_model([0.0, 0.1, 0.2, 6.0], [1.0, 1.0, 1.0, 1.0])
    >>> bool((np.diff(model.mean) > 0).all())
    True
    """
    if not 0 < normal_share < 1:
        raise WorkbenchError(
            f"normal_share {normal_share} is not between 0 and 1", "Give a share, such as 0.25."
        )
    y, s = np.asarray(estimate, float), np.asarray(standard_error, float)
    normal = normal or fit_normal_model(y, s, tau_prior=tau_prior)
    middle, low, high = normal.tau_interval(0.998)
    w = 1 / (s**2 + middle**2)
    reach = 4 * max(float(w.sum() ** -0.5), 0.3 * middle)
    grid = shape_grid(
        y,
        s,
        tau=np.linspace(0.5 * low + 1e-3 * middle, 1.5 * high, tau_points),
        centre=float(np.sum(w * y) / w.sum()) + np.linspace(-reach, reach, centre_points),
        proportional=tau_prior == "proportional",
        rounds=rounds,
        single=single,
    )
    prior = np.full(len(grid.log_evidence), (1 - normal_share) / (len(grid.log_evidence) - 1))
    prior[0] = normal_share
    probability = prior * np.exp(grid.log_evidence - grid.log_evidence.max())
    # such laws would change no printed digit; the normal one stays, to be spoken of
    probability[1:][probability[1:] < (_HOPELESS_SINGLE if single else _HOPELESS)] = 0.0
    probability /= probability.sum()
    kind = np.float32 if single else np.float64
    return _posterior(y, s, grid, probability, np.asarray(centre_variance), kind)


def _posterior(
    y: Numbers,
    s: Numbers,
    grid: ShapeGrid,
    probability: Numbers,
    centre_variance: Numbers,
    kind: type[np.floating[Any]],
) -> MixtureModel:
    relative = np.exp(grid.log_weight - grid.log_weight.max((1, 2), keepdims=True))
    relative[relative < _NEGLIGIBLE] = 0.0
    relative[probability[grid.shape] == 0] = 0.0
    row, at_tau, at_centre = np.nonzero(relative)
    point = relative[row, at_tau, at_centre]
    within = point / np.bincount(row, weights=point)[row]
    value, middle = grid.tau[row, at_tau], grid.centre[row, at_centre]
    share, place, variance = shapes()[grid.shape[row]].transpose(2, 1, 0).reshape(3, -1)
    own = (np.tile(value, 2) ** 2 * variance)[:, None].astype(kind)
    at = (np.tile(middle, 2) + np.tile(value, 2) * place)[:, None].astype(kind)
    known = (s**2).astype(kind)
    precision = 1 / (known + own)
    gap = y.astype(kind) - at
    density = np.sqrt(precision) * np.exp(gap * gap * precision * kind(-0.5))
    density = np.maximum(density * share[:, None].astype(kind), np.finfo(kind).tiny)
    both = density.reshape(2, -1, len(y))
    lean = own * precision
    spread = lean * known
    if centre_variance.any():
        spread += (1 - lean) ** 2 * centre_variance.astype(kind)
    return MixtureModel(
        responsibility=(both / both.sum(0)).reshape(density.shape),
        means=at + lean * gap,
        deviations=np.maximum(np.sqrt(spread), kind(1e-12)),
        shape=np.tile(grid.shape[row], 2),
        within=np.tile(within, 2).astype(kind),
        shape_probability=probability,
        log_evidence=grid.log_evidence,
    )
