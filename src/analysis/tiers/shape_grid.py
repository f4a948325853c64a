"""How probable each shape, spread and centre of the law of true values is, on grids of its own.

The engine of :mod:`analysis.tiers.mixture_model`: the laws that are tried, and for each of them a
grid of spread and centre that closes in on its posterior, so that a law is judged as fairly with
five thousand programs as with ten.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
# share of the upper part, of the variance within parts, and how wide the upper part is
_SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
_WITHIN = (0.15, 0.4, 0.7)
_RATIOS = (0.5, 1.0, 2.0)
# numbers worked on at once: enough to be fast, few enough to stay in the processor's cache
_AT_ONCE = 60_000
# laws further below the best than this change no printed digit
_HOPELESS = 12.0
# how far below its peak a law's posterior counts as negligible
_NEGLIGIBLE_BELOW = 9.0


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


@dataclass(frozen=True)
class ShapeGrid:
    """Grids of spread and centre of each law that is kept, with their posterior.

    Attributes
    ----------
    shape : ndarray of int, shape (kept,)
        Position of each kept law in :func:`shapes`; the normal law is always kept.
    tau : ndarray, shape (kept, spreads)
    centre : ndarray, shape (kept, centres)
    log_weight : ndarray, shape (kept, spreads, centres)
        Log of likelihood times prior of the spread.
    log_evidence : ndarray, shape (shapes,)
        Log of the same, summed over a law's grid; minus infinity for laws not kept.
    """

    shape: npt.NDArray[np.intp]
    tau: Numbers
    centre: Numbers
    log_weight: Numbers
    log_evidence: Numbers


def shape_grid(
    y: Numbers,
    s: Numbers,
    *,
    tau: Numbers,
    centre: Numbers,
    proportional: bool,
    rounds: int,
    single: bool = False,
) -> ShapeGrid:
    """Judge every law on a first grid, and the ones not hopeless on grids that close in.

    Parameters
    ----------
    y, s : ndarray, shape (programs,)
    tau, centre : ndarray
        First grid, for every law alike.
    proportional : bool
        Whether the prior of the spread is proportional to it; flat otherwise.
    rounds : int
        How often grids close in after the first.
    single : bool
        Four bytes a number: log-likelihoods move by less than 1e-3.

    Returns
    -------
    ShapeGrid

    Examples
    --------
    Programs in two clumps: the normal law is kept, and another is more probable.

    >>> y, s = np.array([-9.0, -9.1, -8.9, 8.9, 9.0, 9.1]), np.ones(6)
    >>> tau, centre = np.linspace(0.5, 20.0, 8), np.linspace(-9.0, 9.0, 7)
    >>> found = shape_grid(y, s, tau=tau, centre=centre, proportional=True, rounds=1)
    >>> int(found.shape[0]), bool(found.log_evidence.argmax() > 0)
    (0, True)
    """
    laws = shapes()
    if single:
        y, s = y.astype(np.float32), s.astype(np.float32)
    kept = np.arange(len(laws))
    taus, centres = np.tile(tau, (len(laws), 1)), np.tile(centre, (len(laws), 1))
    log_weight = _log_weight(y, s, laws, taus, centres, proportional)
    for _ in range(rounds):
        best = log_weight.max((1, 2))
        within = best + _between_points(log_weight) > best.max() - _HOPELESS
        within[0] = True
        kept, log_weight = kept[within], log_weight[within]
        taus = _closer(taus[within], log_weight.max(2))
        centres = _closer(centres[within], log_weight.max(1))
        log_weight = _log_weight(y, s, laws[kept], taus, centres, proportional)
    cell = _step(taus) * _step(centres)
    peak = log_weight.max((1, 2))
    total = np.exp(log_weight - peak[:, None, None]).sum((1, 2))
    evidence = np.full(len(laws), -np.inf)
    evidence[kept] = peak + np.log(total * cell)
    return ShapeGrid(kept, taus, centres, log_weight, evidence)


def _log_weight(
    y: Numbers, s: Numbers, laws: Numbers, tau: Numbers, centre: Numbers, proportional: bool
) -> Numbers:
    """Log-likelihood at each law, spread and centre, with the prior of the spread."""
    result = np.empty((len(laws), tau.shape[1], centre.shape[1]))
    at_once = max(1, _AT_ONCE // (result[0].size * len(y)))
    least = max(1e-300, float(np.finfo(y.dtype).tiny))
    for start in range(0, len(laws), at_once):
        part = slice(start, start + at_once)
        spread, middle = tau[part, :, None, None], centre[part, None, :, None]
        density: Numbers | float = 0.0
        for column in (0, 1):
            share, place, variance = (laws[part, column, i, None, None, None] for i in range(3))
            precision = 1 / (s**2 + (spread**2 * variance).astype(y.dtype))
            scale = share.astype(y.dtype) * np.sqrt(precision)
            z = y - (middle + spread * place).astype(y.dtype)
            z *= z
            z *= precision * y.dtype.type(-0.5)
            density = density + scale * np.exp(z, out=z)
        result[part] = np.log(np.maximum(density, least)).sum(3, dtype=float)
    return result + np.log(tau)[:, :, None] if proportional else result


def _between_points(log_weight: Numbers) -> Numbers:
    """How far a law's peak may rise above its best grid point: a quarter of the steepest step.

    Exact for a parabola, which a log posterior resembles near its peak.
    """
    laws = np.arange(len(log_weight))
    i, j = np.unravel_index(log_weight.reshape(len(laws), -1).argmax(1), log_weight.shape[1:])
    peak = log_weight[laws, i, j]
    margin = np.zeros(len(laws))
    for line, at in ((log_weight[laws, :, j], i), (log_weight[laws, i], j)):
        # an end point stands for the neighbour that it lacks
        near = [line[laws, np.clip(at + step, 0, line.shape[1] - 1)] for step in (-1, 1)]
        margin += 0.25 * (peak - np.minimum(*near))
    return margin


def _closer(grids: Numbers, profile: Numbers) -> Numbers:
    """Each law's grid, closed in on where its posterior is not negligible."""
    last = grids.shape[1] - 1
    inside = profile > profile.max(1, keepdims=True) - _NEGLIGIBLE_BELOW
    rows = np.arange(len(grids))
    low = grids[rows, np.maximum(inside.argmax(1) - 1, 0)]
    high = grids[rows, np.minimum(last - inside[:, ::-1].argmax(1) + 1, last)]
    return np.linspace(low, high, last + 1, axis=1)


def _step(grids: Numbers) -> Numbers:
    return grids[:, 1] - grids[:, 0]
