"""True values behind noisy estimates when their law need not be normal: shape integrated too.

The normal model's chance of no gain is off by up to .12 where true values are skewed or mixed.
Here the law of true values is one of many two-part mixtures of normals (skewed, two-humped,
heavy-tailed) or the normal itself; its shape, spread and centre are all integrated, none is
plugged in. Where data say nothing of the shape, the answer averages over shapes, which is the
honest width of a tail.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.errors import WorkbenchError
from analysis.tiers.normal_model import fit_normal_model
from analysis.tiers.spread_grid import SpreadPrior

Numbers = npt.NDArray[np.float64]
_NEGLIGIBLE = 1e-5
# share of the upper part, of the variance within parts, and how wide the upper part is
_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
_WITHIN = (0.15, 0.4, 0.7)
_RATIOS = (0.5, 1.0, 2.0)


@dataclass(frozen=True)
class MixtureModel:
    """Posterior of each true value: a mixture of normals over shapes, spreads, centres, parts.

    Attributes
    ----------
    weights, means, deviations : ndarray, shape (k, programs)
        Weight, mean and standard deviation of each component; weights of a program sum to one.
    tau : ndarray
        Spread of true values at each grid point with weight, and ``tau_weights`` its posterior.
    normal_probability : float
        Posterior probability that the law of true values is the normal one.
    """

    weights: Numbers
    means: Numbers
    deviations: Numbers
    tau: Numbers
    tau_weights: Numbers
    normal_probability: float

    @property
    def mean(self) -> Numbers:
        """Posterior mean of each true value."""
        return np.asarray((self.weights * self.means).sum(0))

    def chance_above(self, cut: float | Numbers) -> Numbers:
        """Chance that each true value exceeds ``cut`` (one, or one a program)."""
        z = (self.means - cut) / self.deviations
        return np.asarray((self.weights * special.ndtr(z)).sum(0))

    def chance_at_or_below(self, cut: float | Numbers) -> Numbers:
        """Chance that each true value does not exceed ``cut`` (one, or one a program)."""
        return 1 - self.chance_above(cut)


def shapes() -> Numbers:
    """Standardised two-part laws: share, place and variance of each part.

    Returns
    -------
    ndarray, shape (shapes, 2, 3)
        The first is the normal law; each has mean 0 and variance 1.

    Examples
    --------
    >>> laws = shapes()
    >>> bool(np.allclose((laws[:, :, 0] * laws[:, :, 1]).sum(1), 0))
    True
    """
    laws = [[[0.5, 0.0, 1.0], [0.5, 0.0, 1.0]]]
    for share in _SHARES:
        for within in _WITHIN:
            for ratio in _RATIOS:
                apart = np.sqrt((1 - within) / (share * (1 - share)))
                # variances of the parts have this mean and their standard deviations this ratio
                low = within / (1 - share + share * ratio**2)
                laws.append(
                    [
                        [1 - share, -apart * share, low],
                        [share, apart * (1 - share), low * ratio**2],
                    ]
                )
    # one centre, few far out: heavy tails on both sides
    for share, ratio in ((0.1, 3.0), (0.25, 2.5)):
        low = 1 / (1 - share + share * ratio**2)
        laws.append([[1 - share, 0.0, low], [share, 0.0, low * ratio**2]])
    return np.asarray(laws)


def fit_mixture_model(
    estimate: npt.ArrayLike,
    standard_error: npt.ArrayLike,
    *,
    tau_prior: SpreadPrior = "proportional",
    normal_share: float = 0.25,
    tau_points: int = 14,
    centre_points: int = 9,
) -> MixtureModel:
    """Fit the model, shape and all, by summing over a grid.

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)
        In one unit; at least two programs.
    tau_prior : {"proportional", "flat"}
        Of the spread, as in :func:`analysis.tiers.normal_model.fit_normal_model`.
    normal_share : float
        Prior probability of the normal shape; the others share the rest evenly.
    tau_points, centre_points : int
        Of the grids of spread and centre, laid around the normal model's posterior.

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
    normal = fit_normal_model(y, s, tau_prior=tau_prior)
    middle, low, high = normal.tau_interval(0.998)
    tau = np.linspace(0.5 * low + 1e-3 * middle, 1.5 * high, tau_points)
    w = 1 / (s**2 + middle**2)
    reach = 4 * max(float(w.sum() ** -0.5), 0.3 * middle)
    centre = float(np.sum(w * y) / w.sum()) + np.linspace(-reach, reach, centre_points)
    laws = shapes()
    log_weight = np.empty((len(laws), tau_points, centre_points))
    for index, law in enumerate(laws):
        log_weight[index] = _log_likelihood(y, s, law, tau, centre)
    log_weight[1:] += np.log((1 - normal_share) / (len(laws) - 1))
    log_weight[0] += np.log(normal_share)
    if tau_prior == "proportional":
        log_weight += np.log(tau)[:, None]
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    return _posterior(y, s, laws, tau, centre, weight)


def _log_likelihood(y: Numbers, s: Numbers, law: Numbers, tau: Numbers, centre: Numbers) -> Numbers:
    """Log-likelihood at each spread and centre, shape (spreads, centres)."""
    result = np.empty((len(tau), len(centre)))
    for row, value in enumerate(tau):
        density = np.zeros((len(centre), len(y)))
        for share, place, variance in law:
            v = s**2 + value**2 * variance
            z = (y - (centre + value * place)[:, None]) ** 2 / v
            density += share * np.exp(-0.5 * z) / np.sqrt(v)
        result[row] = np.log(np.maximum(density, 1e-300)).sum(1)
    return result


def _posterior(
    y: Numbers, s: Numbers, laws: Numbers, tau: Numbers, centre: Numbers, weight: Numbers
) -> MixtureModel:
    kept = np.argwhere(weight > _NEGLIGIBLE * weight.max())
    grid_weight = weight[tuple(kept.T)]
    grid_weight = grid_weight / grid_weight.sum()
    law, value, middle = laws[kept[:, 0]], tau[kept[:, 1]], centre[kept[:, 2]]
    parts = []
    for part in (0, 1):
        share, place, variance = law[:, part].T
        own = value[:, None] ** 2 * variance[:, None]
        at = (middle + value * place)[:, None]
        total = s**2 + own
        lean = own / total
        density = share[:, None] * np.exp(-0.5 * (y - at) ** 2 / total) / np.sqrt(total)
        parts.append((density, at + lean * (y - at), np.sqrt(lean) * s))
    density = np.stack([part[0] for part in parts])
    chance = density / np.maximum(density.sum(0), 1e-300) * grid_weight[:, None]
    return MixtureModel(
        weights=chance.reshape(-1, len(y)),
        means=np.concatenate([part[1] for part in parts]),
        deviations=np.maximum(np.concatenate([part[2] for part in parts]), 1e-12),
        tau=tau,
        tau_weights=weight.sum((0, 2)),
        normal_probability=float(weight[0].sum()),
    )
