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

from analysis.errors import WorkbenchError
from analysis.tiers.labels import between_cuts, least_loss_tier, true_tier
from analysis.tiers.many_fits import chances_above
from analysis.tiers.normal_model import NormalModel
from analysis.tiers.truths import TRUTHS

Numbers = npt.NDArray[np.float64]
# data sets fitted together: enough to be fast, few enough to report progress and spare memory
_AT_ONCE = 25


@dataclass(frozen=True)
class Calibration:
    """The chosen guard and what it rests on.

    ``guard`` is None where no candidate keeps the false share within ``alpha`` in the worst
    truth: the top tier is then closed. ``statement`` says so in words. ``table`` has one row a
    guard and truth: ``guard``, ``truth``, ``predicted_share`` (what the model believed of its
    top programs), ``false_share`` (top programs truly not above the benchmark, over all top
    programs, pooled over draws; missing where no program reached the top), its
    ``standard_error`` over draws, ``top_share`` of all programs, ``empty_share`` of draws without
    a top program, ``found`` (share of the true top programs that are in it), ``steps_off`` (mean
    tier steps off) and ``two_or_more_off`` (share of programs two tiers off or worse).
    """

    guard: float | None
    alpha: float
    table: pd.DataFrame
    statement: str


def calibrate_guard(
    standard_error: npt.ArrayLike,
    model: NormalModel,
    *,
    cuts: Sequence[float],
    benchmark: float,
    alpha: float,
    candidates: Sequence[float],
    over_rating_weight: float = 1.0,
    offsets: Numbers | None = None,
    truths: Sequence[str] = ("normal", "mixture", "gamma"),
    draws: int = 100,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Calibration:
    """Choose the largest guard whose top tier keeps its promise in the worst of the truths.

    Parameters
    ----------
    standard_error : array, shape (programs,)
        Of the programs that the model was fitted to, in its order.
    model : NormalModel
        Its field means and the median of its spread are those of the simulated truths; its
        prior is used in every fit.
    cuts, benchmark, over_rating_weight
        As in :func:`analysis.tiers.labels.label_programs`.
    offsets : ndarray, shape (programs,), optional
        As in :func:`analysis.tiers.many_fits.chances_above`; the model's field means have them.
    alpha : float
        Largest share of the top tier that may truly not be above the benchmark.
    candidates : sequence of float
        Guards to try.
    truths : sequence of str
        Names in :data:`analysis.tiers.truths.TRUTHS`.
    draws, seed : int
        Simulated data sets for each truth, and the seed of all.
    progress : callable, optional
        Receives data sets done and in all.

    Returns
    -------
    Calibration

    Raises
    ------
    WorkbenchError
        No candidates, an unknown truth, or standard errors that are not the model's.

    Notes
    -----
    The spreads are estimated anew for each data set, on a coarser grid than the model's own
    (:mod:`analysis.tiers.many_fits`). The promise is about the fitted spread; a spread that the
    data hardly know is the prior's business, not the guard's.
    """
    s = np.asarray(standard_error, float)
    _check(s, model, candidates, truths)
    guards = sorted(candidates)
    edges = sorted({*cuts, benchmark}, reverse=True)
    columns = [edges.index(cut) for cut in sorted(cuts, reverse=True)]
    tau = model.tau_interval()[0]
    rows, done = [], 0
    for truth in truths:
        parts = []
        generator = np.random.default_rng([seed, list(TRUTHS).index(truth)])
        for start in range(0, draws, _AT_ONCE):
            shape = (min(_AT_ONCE, draws - start), len(s))
            theta = model.field_mean + tau * TRUTHS[truth](generator, shape)
            above = chances_above(
                theta + s * generator.normal(size=shape),
                s,
                model.field_codes,
                edges,
                tau_prior=model.tau_prior,
                tau_maximum=model.tau_maximum,
                offsets=offsets,
            )
            not_above = 1 - above[:, :, edges.index(benchmark)]
            tiers = (theta, above[:, :, columns], not_above)
            parts.append(_tally(tiers, cuts, benchmark, guards, over_rating_weight))
            done += shape[0]
            progress(done, draws * len(truths))
        counts = np.concatenate(parts, axis=1)
        rows += [
            {"guard": guard, "truth": truth, **_shares(counts[i], len(s))}
            for i, guard in enumerate(guards)
        ]
    return _chosen(pd.DataFrame(rows), alpha)


def _check(
    s: Numbers, model: NormalModel, candidates: Sequence[float], truths: Sequence[str]
) -> None:
    if s.shape != model.field_mean.shape or not (s > 0).all():
        raise WorkbenchError(
            f"{len(s)} standard errors for a model of {len(model.field_mean)} programs",
            "Give the standard errors that the model was fitted to.",
        )
    unknown = [truth for truth in truths if truth not in TRUTHS]
    if unknown or not truths or not candidates:
        raise WorkbenchError(
            f"truths {list(truths)} and candidates {list(candidates)} cannot be used",
            f"Give at least one guard, and truths among {', '.join(TRUTHS)}.",
        )


def _tally(
    simulated: tuple[Numbers, Numbers, Numbers],
    cuts: Sequence[float],
    benchmark: float,
    guards: Sequence[float],
    over_rating_weight: float,
) -> Numbers:
    """Sums over programs for each guard and draw, in the order that ``_shares`` reads."""
    theta, above, not_above = simulated
    probabilities = between_cuts(above.reshape(-1, above.shape[2]))
    truth = true_tier(theta, cuts)
    sums = np.empty((len(guards), len(theta), 7))
    for i, guard in enumerate(guards):
        allowed = (not_above <= guard).ravel()
        given = least_loss_tier(probabilities, over_rating_weight, allowed).reshape(theta.shape)
        top, off = given == 0, np.abs(given - truth)
        parts = (
            top & (theta <= benchmark),
            top,
            np.where(top, not_above, 0.0),
            top & (truth == 0),
            truth == 0,
            off,
            off >= 2,
        )
        sums[i] = np.column_stack([part.sum(1) for part in parts])
    return sums


def _shares(sums: Numbers, programs: int) -> dict[str, float]:
    false, top, predicted, found, best, off, far = sums.T
    total, everyone = top.sum(), len(sums) * programs
    share = _ratio(false.sum(), total)
    return {
        "predicted_share": _ratio(predicted.sum(), total),
        "false_share": share,
        # ratio estimator over draws: programs of one draw share its fitted model
        "standard_error": _ratio(float(np.sqrt(np.sum((false - share * top) ** 2))), total),
        "top_share": float(total / everyone),
        "empty_share": float(np.mean(top == 0)),
        "found": _ratio(found.sum(), best.sum()),
        "steps_off": float(off.sum() / everyone),
        "two_or_more_off": float(far.sum() / everyone),
    }


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")


def _chosen(table: pd.DataFrame, alpha: float) -> Calibration:
    """The largest guard that keeps its promise; one that lets nothing through shows nothing."""
    worst = table.groupby("guard")["false_share"].max()
    kept = worst.index[worst <= alpha]
    if not len(kept):
        tried = ", ".join(f"{guard:g}" for guard in worst.index)
        reason = (
            f"the best of them let through {100 * worst.min():.1f} percent in the worst truth"
            if worst.notna().any()
            else "no simulated program reached the top tier under any of them"
        )
        return Calibration(
            None,
            alpha,
            table,
            f"No guard among {tried} keeps the share of top programs that are truly not above "
            f"the benchmark within {100 * alpha:g} percent: {reason}. The top tier is closed.",
        )
    guard = float(kept.max())
    return Calibration(
        guard,
        alpha,
        table,
        f"A top program may have a chance of at most {guard:g} of not being above the benchmark: "
        f"the realised share is then {100 * worst[guard]:.1f} percent in the worst truth, within "
        f"the {100 * alpha:g} percent allowed.",
    )
