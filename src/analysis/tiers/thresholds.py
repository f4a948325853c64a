"""How sure the top tier must be, so that it holds what it promises under truths it did not expect.

The guard is the largest chance of being no better than the benchmark that a top program may
have. Taking that chance at its word fails where the model is wrong, so the guard is chosen by
simulation: true values drawn from a normal, a mixed and a skewed law with the fitted mean and
spread, noise of the programs' own sizes, everything fitted anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.tiers.labels import least_loss_tier, tier_probabilities
from analysis.tiers.normal_model import NormalModel, fit_normal_model

Numbers = npt.NDArray[np.float64]


def _normal(generator: np.random.Generator, size: int) -> Numbers:
    return generator.normal(size=size)


def _mixture(generator: np.random.Generator, size: int) -> Numbers:
    # seven in ten near one low value, three in ten near a high one
    high = generator.random(size) < 0.3
    value = np.where(high, 1.4, -0.6) + 0.4 * generator.normal(size=size)
    return value / np.sqrt(0.3 * 1.4**2 + 0.7 * 0.6**2 + 0.4**2)


def _gamma(generator: np.random.Generator, size: int) -> Numbers:
    # many small gains, few large ones: skewness 1.41
    return (generator.gamma(2.0, size=size) - 2.0) / np.sqrt(2.0)


TRUTHS: dict[str, Callable[[np.random.Generator, int], Numbers]] = {
    "normal": _normal,
    "mixture": _mixture,
    "gamma": _gamma,
}


@dataclass(frozen=True)
class Calibration:
    """The chosen guard and what it rests on.

    ``guard`` is None where no candidate keeps the false share within ``alpha`` in the worst
    truth: the top tier is then closed. ``table`` has one row a guard and truth: ``guard``,
    ``truth``, ``false_share`` (top programs that are truly not above the benchmark, over all top
    programs), its ``standard_error`` over draws, ``top_share`` of all programs, ``found`` (share
    of the true top programs that are in it) and ``steps_off`` (mean tier steps off).
    """

    guard: float | None
    alpha: float
    table: pd.DataFrame


def calibrate_guard(
    model: NormalModel,
    estimate: npt.ArrayLike,
    standard_error: npt.ArrayLike,
    field: npt.ArrayLike | None,
    *,
    cuts: Sequence[float],
    benchmark: float,
    alpha: float,
    candidates: Sequence[float],
    over_rating_weight: float,
    draws: int,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Calibration:
    """Choose the largest guard whose top tier keeps its promise in the worst of three truths.

    Parameters
    ----------
    model : NormalModel
        Fitted to the estimates; its field means and spread are those of the simulated truth.
    estimate, standard_error, field
        What the model was fitted to.
    cuts, benchmark, over_rating_weight
        As in :func:`analysis.tiers.labels.label_programs`.
    alpha : float
        Largest share of the top tier that may truly not be above the benchmark.
    candidates : sequence of float
        Guards to try.
    draws, seed : int
        Simulated data sets for each truth, and the seed of all.
    progress : callable, optional
        Receives data sets done and in all.

    Returns
    -------
    Calibration

    Notes
    -----
    The model is fitted anew to each data set on a coarser grid (16 points a spread, two rounds),
    which moves posterior probabilities by less than the noise between draws.
    """
    y, s = np.asarray(estimate, float), np.asarray(standard_error, float)
    centre = _field_centres(model, y, s)
    tau = model.tau_interval()[0]
    rows = []
    total, done = draws * len(TRUTHS), 0
    for truth_position, (truth, law) in enumerate(TRUTHS.items()):
        counts = np.zeros((len(candidates), draws, 4))
        for draw in range(draws):
            generator = np.random.default_rng([seed, truth_position, draw])
            theta = centre + tau * law(generator, len(y))
            noisy = theta + s * generator.normal(size=len(y))
            fitted = fit_normal_model(noisy, s, field, grid_size=16, rounds=2)
            counts[:, draw] = _tally(fitted, theta, cuts, benchmark, candidates, over_rating_weight)
            done += 1
            progress(done, total)
        rows += [
            {"guard": guard, "truth": truth, **_shares(counts[i], len(y))}
            for i, guard in enumerate(candidates)
        ]
    table = pd.DataFrame(rows)
    worst = table.groupby("guard")["false_share"].max()
    kept = worst.index[worst <= alpha]
    return Calibration(float(kept.max()) if len(kept) else None, alpha, table)


def _field_centres(model: NormalModel, y: Numbers, s: Numbers) -> Numbers:
    """Posterior mean of the mean of each program's field, read back from the shrinkage."""
    share = np.array([tau**2 / (tau**2 + s**2) for tau in model.tau])
    centre = (model.means - share * y) / (1 - share)
    return model.weights @ centre


def _tally(
    fitted: NormalModel,
    theta: Numbers,
    cuts: Sequence[float],
    benchmark: float,
    candidates: Sequence[float],
    over_rating_weight: float,
) -> Numbers:
    """For each guard: false top programs, top programs, true top programs found, steps off."""
    probabilities = tier_probabilities(fitted, cuts)
    not_above = 1 - fitted.chance_above(benchmark)
    true_tier = len(cuts) - np.searchsorted(np.asarray(cuts), theta, side="left")
    rows = []
    for guard in candidates:
        given = least_loss_tier(probabilities, over_rating_weight, not_above <= guard)
        top = given == 0
        found = (top & (true_tier == 0)).sum() / max((true_tier == 0).sum(), 1)
        off = np.abs(given - true_tier).mean()
        rows.append([(top & (theta <= benchmark)).sum(), top.sum(), found, off])
    return np.array(rows, float)


def _shares(counts: Numbers, programs: int) -> dict[str, float]:
    false, top = counts[:, 0], counts[:, 1]
    total = top.sum()
    share = false.sum() / total if total else 0.0
    # ratio estimator over draws: programs of one draw share its fitted model
    error = np.sqrt(np.sum((false - share * top) ** 2)) / total if total else 0.0
    return {
        "false_share": float(share),
        "standard_error": float(error),
        "top_share": float(total / (len(counts) * programs)),
        "found": float(counts[:, 2].mean()),
        "steps_off": float(counts[:, 3].mean()),
    }
