"""How sure the top tier must be, so that it holds what it promises under truths it did not expect.

The guard is the largest chance of being no better than the benchmark that a top program may
have. Taking that chance at its word fails where the model is wrong, so the guard is chosen by
simulation: true values drawn from a normal, a mixed and a skewed law with mean and spread from
their posterior, noise of the programs' own sizes, everything fitted anew. The chance it is held
against is that of the least favourable law that the data do not rule out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tiers.labels import between_cuts, least_loss_tier, true_tier
from analysis.tiers.normal_model import NormalModel
from analysis.tiers.simulated_truths import Simulated, simulate_truths

Numbers = npt.NDArray[np.float64]


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


def choose_guard(
    simulated: Mapping[str, Simulated],
    *,
    alpha: float,
    candidates: Sequence[float],
    over_rating_weight: float = 1.0,
) -> Calibration:
    """Choose the largest guard whose top tier keeps its promise in the worst of the truths.

    No guard wider than ``alpha`` is chosen: each top program is then surer of being above the
    benchmark than the promise asks of all together, under every law that is not ruled out, and
    the simulated false share has to confirm it.

    Parameters
    ----------
    simulated : mapping of str to Simulated
        From :func:`analysis.tiers.simulated_truths.simulate_truths`; one simulation serves any
        number of choices.
    alpha : float
        Largest share of the top tier that may truly not be above the benchmark.
    candidates : sequence of float
        Guards to try, beside ``alpha`` itself; those above it are tried for comparison only.
    over_rating_weight : float
        As in :func:`analysis.tiers.labels.label_programs`.

    Returns
    -------
    Calibration

    Raises
    ------
    WorkbenchError
        No candidates, or nothing simulated.

    Examples
    --------
    A program truly below the benchmark stays out of the top where its chance of that is seen, and
    closes it where it is not.

    >>> def sets(chance):
    ...     shape = np.array([[[1.0], [1.0 - chance]]]), np.array([[0.0, chance]])
    ...     return {"x": Simulated(np.array([[9.0, -9.0]]), *shape, shape[1], (0.0,), 0.0)}
    >>> [choose_guard(sets(c), alpha=0.05, candidates=[0.02]).guard for c in (0.8, 0.01)]
    [0.05, None]
    """
    if not candidates or not simulated:
        raise WorkbenchError(
            f"truths {list(simulated)} and candidates {list(candidates)} cannot be used",
            "Give at least one guard and one simulated truth.",
        )
    guards = sorted({*candidates, alpha})
    rows = []
    for truth, sets in simulated.items():
        sums = [_sums(sets, guards, over_rating_weight, draw) for draw in range(len(sets.theta))]
        counts = np.stack(sums, axis=1)
        rows += [
            {"guard": guard, "truth": truth, **_shares(counts[i], sets.theta.shape[1])}
            for i, guard in enumerate(guards)
        ]
    return _chosen(pd.DataFrame(rows), alpha)


def calibrate_guard(
    standard_error: npt.ArrayLike,
    model: NormalModel,
    *,
    alpha: float,
    candidates: Sequence[float],
    over_rating_weight: float = 1.0,
    **simulation: Any,
) -> Calibration:
    """Simulate and choose in one step.

    Parameters
    ----------
    standard_error, model, **simulation
        As in :func:`analysis.tiers.simulated_truths.simulate_truths`.
    alpha, candidates, over_rating_weight
        As in :func:`choose_guard`.

    Returns
    -------
    Calibration

    Raises
    ------
    WorkbenchError
        As in :func:`choose_guard` and :func:`analysis.tiers.simulated_truths.simulate_truths`.

    Examples
    --------
    >>> from analysis.tiers.normal_model import fit_normal_model
    >>> model = fit_normal_model([90.0, 91.0, 92.0], [1.0, 1.0, 1.0])
    >>> found = calibrate_guard(
    ...     [1.0, 1.0, 1.0], model, alpha=0.05, candidates=[0.02], cuts=[0.0], benchmark=0.0,
    ...     law="normal", draws=2, seed=1,
    ... )  # fmt: skip
    >>> found.guard
    0.05
    """
    return choose_guard(
        simulate_truths(standard_error, model, **simulation),
        alpha=alpha,
        candidates=candidates,
        over_rating_weight=over_rating_weight,
    )


def _sums(
    sets: Simulated, guards: Sequence[float], over_rating_weight: float, draw: int
) -> Numbers:
    """Sums over programs of one data set for each guard, in the order that ``_shares`` reads."""
    probabilities = between_cuts(sets.above[draw].astype(float))
    theta, not_above, guarded = sets.theta[draw], sets.not_above[draw], sets.guarded[draw]
    truth = true_tier(theta, sets.cuts)
    # the guard only closes the top: what is best with it and without it serves every guard
    everyone, nobody = np.ones(len(theta), bool), np.zeros(len(theta), bool)
    free = least_loss_tier(probabilities, over_rating_weight, everyone)
    held = least_loss_tier(probabilities, over_rating_weight, nobody)
    return np.stack(
        [
            _counted(np.where(guarded <= guard, free, held), truth, theta, not_above, sets)
            for guard in guards
        ]
    )


def _counted(
    given: npt.NDArray[np.intp],
    truth: npt.NDArray[np.intp],
    theta: npt.NDArray[np.float32],
    not_above: npt.NDArray[np.float32],
    sets: Simulated,
) -> Numbers:
    top, off = given == 0, np.abs(given - truth)
    return np.array(
        [
            (top & (theta <= sets.benchmark)).sum(),
            top.sum(),
            not_above[top].sum(dtype=float),
            (top & (truth == 0)).sum(),
            (truth == 0).sum(),
            off.sum(),
            (off >= 2).sum(),
        ],
        dtype=float,
    )


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


def largest_guard(false_shares: Mapping[float, float], alpha: float) -> float | None:
    """The largest guard, no wider than alpha, whose false share keeps alpha; None if none does.

    Parameters
    ----------
    false_shares : mapping of float to float
        By guard, in the worst truth; missing where no program reached the top.
    alpha : float

    Returns
    -------
    float or None

    Examples
    --------
    >>> largest_guard({0.01: 0.0, 0.05: 0.04, 0.1: 0.05}, 0.05)
    0.05
    """
    kept = [guard for guard, share in false_shares.items() if guard <= alpha and share <= alpha]
    return max(kept, default=None)


def _chosen(table: pd.DataFrame, alpha: float) -> Calibration:
    """The largest guard that keeps its promise; one that lets nothing through shows nothing."""
    worst = table.groupby("guard")["false_share"].max()
    guard = largest_guard(worst.to_dict(), alpha)
    if guard is None:
        worst = worst[worst.index <= alpha]
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
    return Calibration(
        guard,
        alpha,
        table,
        f"A top program may have a chance of at most {guard:g} of not being above the benchmark: "
        f"the realised share is then {100 * worst[guard]:.1f} percent in the worst truth, within "
        f"the {100 * alpha:g} percent allowed.",
    )
