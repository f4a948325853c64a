"""Do sites of a trial differ? Judged by drawing the lottery again, not by a formula."""

import numpy as np
import numpy.typing as npt

from analysis.errors import WorkbenchError

Numbers = npt.NDArray[np.float64]


def randomisation_p_value(
    outcome: npt.ArrayLike,
    treated: npt.ArrayLike,
    site: npt.ArrayLike,
    *,
    draws: int = 2000,
    seed: int,
) -> float:
    """P value of Cochran's Q over sites' effects, by randomisation within sites.

    Parameters
    ----------
    outcome : array, shape (people,)
    treated : array of 0 and 1, shape (people,)
        Assigned by lottery within each site.
    site : array, shape (people,)
    draws, seed : int
        Lotteries drawn again, and the seed.

    Returns
    -------
    float
        (1 + draws with a Q at least as large) / (1 + draws).

    Raises
    ------
    WorkbenchError
        Missing numbers, a treatment that is not 0 or 1, fewer than two sites, or a site with
        fewer than two people in an arm.

    Notes
    -----
    The null hypothesis is one effect common to all: it is estimated (weighted by precision),
    taken off the treated, and the lottery is drawn again with the same numbers in each site.
    The chi-square law rejects too often with few people in an arm; this does not.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> site = np.repeat(["a", "b", "c"], 40)
    >>> treated = np.tile([0, 1], 60)
    >>> y = rng.normal(size=120) + treated * np.where(site == "a", 5.0, 0.0)
    >>> randomisation_p_value(y, treated, site, draws=199, seed=1) < 0.02
    True
    """
    y, t, codes, sites = _checked(outcome, treated, site)
    effect, variance = _effects(y[None, :], t[None, :], codes, sites)
    common = float(np.sum(effect / variance) / np.sum(1 / variance))
    observed = _q(effect, variance)[0]
    without = y - common * t
    generator = np.random.default_rng(seed)
    at_least = 0
    batch = max(1, 1_000_000 // len(y))
    for done in range(0, draws, batch):
        size = min(batch, draws - done)
        drawn = np.empty((size, len(y)))
        for index in range(sites):
            within = np.flatnonzero(codes == index)
            labels = np.broadcast_to(t[within], (size, len(within)))
            drawn[:, within] = generator.permuted(labels, axis=1)
        again = _effects(np.broadcast_to(without, drawn.shape), drawn, codes, sites)
        at_least += int((_q(*again) >= observed * (1 - 1e-12)).sum())
    return (1 + at_least) / (1 + draws)


def _checked(
    outcome: npt.ArrayLike, treated: npt.ArrayLike, site: npt.ArrayLike
) -> tuple[Numbers, Numbers, npt.NDArray[np.intp], int]:
    y, t = np.asarray(outcome, float), np.asarray(treated, float)
    names, codes = np.unique(np.asarray(site), return_inverse=True)
    if not (len(y) == len(t) == len(codes)) or not np.isfinite(y).all() or set(t) - {0.0, 1.0}:
        raise WorkbenchError(
            "outcomes, treatments and sites do not match, or one is missing or not 0 or 1",
            "Give one finite outcome, a treatment of 0 or 1 and a site for every person.",
        )
    people = np.bincount(codes)
    inside = np.bincount(codes, weights=t)
    if len(names) < 2 or (np.minimum(inside, people - inside) < 2).any():
        raise WorkbenchError(
            f"{len(names)} sites, or one with fewer than two people in an arm",
            "Leave such sites out.",
        )
    return y, t, codes.astype(np.intp), len(names)


def _effects(
    y: Numbers, t: Numbers, codes: npt.NDArray[np.intp], sites: int
) -> tuple[Numbers, Numbers]:
    """Difference in means and its variance for each draw and site."""
    effect, variance = np.empty((2, len(y), sites))
    for index in range(sites):
        within = codes == index
        a, inside = y[:, within], t[:, within]
        arms = []
        for arm in (inside, 1 - inside):
            n = arm.sum(1)
            mean = (a * arm).sum(1) / n
            spread = (arm * (a - mean[:, None]) ** 2).sum(1) / (n - 1)
            arms.append((mean, spread / n))
        effect[:, index] = arms[0][0] - arms[1][0]
        variance[:, index] = arms[0][1] + arms[1][1]
    return effect, variance


def _q(effect: Numbers, variance: Numbers) -> Numbers:
    w = 1 / variance
    centre = (w * effect).sum(1) / w.sum(1)
    return np.asarray((w * (effect - centre[:, None]) ** 2).sum(1))
