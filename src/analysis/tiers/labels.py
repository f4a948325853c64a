"""Which tier each program gets, how sure that is, and what the runner-up would be."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.tiers.normal_model import NormalModel

Numbers = npt.NDArray[np.float64]


def tier_probabilities(model: NormalModel, cuts: Sequence[float]) -> Numbers:
    """Chance of each tier, best first.

    Parameters
    ----------
    model : NormalModel
    cuts : sequence of float
        Cut-offs from the lowest up, in the unit of the estimates: the lowest tier is at or below
        the first, the best above the last.

    Returns
    -------
    ndarray, shape (programs, len(cuts) + 1)
        Rows sum to one.
    """
    above = np.column_stack([model.chance_above(cut) for cut in sorted(cuts, reverse=True)])
    edges = np.column_stack([np.zeros(len(above)), above, np.ones(len(above))])
    return np.diff(edges, axis=1)


def least_loss_tier(
    probabilities: Numbers, over_rating_weight: float, top_allowed: npt.NDArray[np.bool_]
) -> npt.NDArray[np.intp]:
    """Tier with the least expected loss: steps off, over-rating weighted.

    Parameters
    ----------
    probabilities : ndarray, shape (programs, tiers)
        Best tier first.
    over_rating_weight : float
        What a step of over-rating costs against a step of under-rating.
    top_allowed : ndarray of bool, shape (programs,)
        Whether the guard lets the program into the top tier.

    Returns
    -------
    ndarray of int, shape (programs,)
        Position of the tier, 0 the best.

    Examples
    --------
    >>> least_loss_tier(np.array([[0.6, 0.3, 0.1]]), 1.0, np.array([False]))
    array([1])
    """
    tiers = np.arange(probabilities.shape[1])
    steps = np.abs(tiers[:, None] - tiers[None, :]).astype(float)
    # row: tier given; column: true tier; a smaller number is a better tier
    steps[tiers[:, None] < tiers[None, :]] *= over_rating_weight
    loss = probabilities @ steps.T
    loss[~top_allowed, 0] = np.inf
    return np.argmin(loss, axis=1)


def label_programs(
    model: NormalModel,
    *,
    cuts: Sequence[float],
    labels: Sequence[str],
    benchmark: float,
    guard: float | None,
    over_rating_weight: float,
    borderline_below: float,
) -> pd.DataFrame:
    """Tier of each program with its probability, the runner-up and the chance of no gain.

    Parameters
    ----------
    model : NormalModel
    cuts, labels : sequence
        Cut-offs from the lowest up, and tiers best first.
    benchmark : float
        Value at or below which a program is no better than the benchmark.
    guard : float or None
        Largest chance of being at or below the benchmark that a top program may have; None
        closes the top tier.
    over_rating_weight, borderline_below : float
        As in the framework.

    Returns
    -------
    DataFrame
        ``tier``, ``tier_probability``, ``runner_up``, ``runner_up_probability``,
        ``chance_not_above`` (the benchmark), ``borderline`` and one column ``chance_X`` a tier.
    """
    probabilities = tier_probabilities(model, cuts)
    not_above = 1 - model.chance_above(benchmark)
    allowed = np.zeros(len(not_above), bool) if guard is None else not_above <= guard
    given = least_loss_tier(probabilities, over_rating_weight, allowed)
    rows = np.arange(len(given))
    others = probabilities.copy()
    others[rows, given] = -1
    second = np.argmax(others, axis=1)
    names = np.asarray(labels)
    frame = pd.DataFrame(
        {
            "tier": names[given],
            "tier_probability": probabilities[rows, given],
            "runner_up": names[second],
            "runner_up_probability": probabilities[rows, second],
            "chance_not_above": not_above,
        }
    )
    frame["borderline"] = frame["tier_probability"] < borderline_below
    chances = {f"chance_{name}": probabilities[:, i] for i, name in enumerate(labels)}
    return frame.assign(**chances)
