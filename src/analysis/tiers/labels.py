"""Which tier each program gets, how sure that is, and what the runner-up would be."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import WorkbenchError

Numbers = npt.NDArray[np.float64]


class Model(Protocol):
    """Posterior of the programs' true values, whatever law it comes from."""

    @property
    def mean(self) -> Numbers:
        """Posterior means, shape (programs,)."""

    @property
    def standard_deviation(self) -> Numbers:
        """Posterior standard deviations, shape (programs,)."""

    def chance_above(self, cut: float | Numbers) -> Numbers:
        """Chance of a true value above a cut."""

    def chance_at_or_below(self, cut: float | Numbers) -> Numbers:
        """Chance of a true value at or below a cut."""

    def guard_chance(self, cut: float | Numbers) -> Numbers:
        """As `chance_at_or_below`, under the law that the guard looks at."""


NOT_RATED = "cannot be rated"


def tier_probabilities(model: Model, cuts: Sequence[float]) -> Numbers:
    """Chance of each tier, best first.

    Parameters
    ----------
    model : FreeShape or NormalModel
    cuts : sequence of float
        Cut-offs in the unit of the estimates, in any order: the lowest tier is at or below the
        lowest, the best above the highest.

    Returns
    -------
    ndarray, shape (programs, len(cuts) + 1)
        Rows sum to one.

    Examples
    --------
    >>> from analysis.tiers.normal_model import fit_normal_model
    >>> model = fit_normal_model([-4000.0, 1000.0, 9000.0], [1.0, 1.0, 1.0])
    >>> tier_probabilities(model, [0.0, 5000.0]).round(6).tolist()
    [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    return between_cuts(np.column_stack([model.chance_above(c) for c in _descending(cuts)]))


def between_cuts(above: Numbers) -> Numbers:
    """Chances of tiers, best first, from chances of being above each cut-off, highest first.

    Parameters
    ----------
    above : ndarray, shape (…, cuts)

    Returns
    -------
    ndarray, shape (…, cuts + 1)
        Sums to one along the last axis.

    Examples
    --------
    >>> between_cuts(np.array([[0.25, 0.75]])).tolist()
    [[0.25, 0.5, 0.25]]
    """
    edges = np.column_stack([np.zeros(len(above)), above, np.ones(len(above))])
    return np.diff(edges, axis=1)


def true_tier(value: npt.ArrayLike, cuts: Sequence[float]) -> npt.NDArray[np.intp]:
    """Tier that a known value belongs to, 0 the best; a value on a cut-off is below it.

    Parameters
    ----------
    value : array of any shape
    cuts : sequence of float
        In the unit of the values, in any order.

    Returns
    -------
    ndarray of int
        Of the shape of ``value``.

    Examples
    --------
    >>> true_tier([-1.0, 0.0, 100.0, 9000.0], [0.0, 2500.0, 5000.0]).tolist()
    [3, 3, 2, 0]
    """
    place = np.searchsorted(np.sort(np.asarray(cuts, float)), np.asarray(value), side="left")
    return np.asarray(len(cuts) - place, dtype=np.intp)


def least_loss_tier(
    probabilities: Numbers, over_rating_weight: float, top_allowed: npt.NDArray[np.bool_]
) -> npt.NDArray[np.intp]:
    """Tier with the least expected loss: steps off, over-rating weighted.

    Parameters
    ----------
    probabilities : ndarray, shape (programs, tiers)
        Best tier first.
    over_rating_weight : float
        What a step of over-rating costs against a step of under-rating. With 1 the tier is the
        posterior median; a tie goes to the lower tier.
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
    return np.asarray(tiers[-1] - np.argmin(loss[:, ::-1], axis=1), dtype=np.intp)


def reasons_not_rated(
    estimate: npt.ArrayLike,
    standard_error: npt.ArrayLike,
    n: npt.ArrayLike | None = None,
    *,
    minimum_people: int = 0,
) -> npt.NDArray[np.str_]:
    """Why a program cannot be rated; empty where it can.

    Parameters
    ----------
    estimate, standard_error : array, shape (programs,)
    n : array, shape (programs,), optional
        People behind each estimate; not asked for where left out.
    minimum_people : int
        Fewer than this many people, or an unknown number, are too few.

    Returns
    -------
    ndarray of str, shape (programs,)

    Examples
    --------
    >>> reasons_not_rated([1.0, None, 2.0], [0.5, 0.5, None], [30, 30, 4], minimum_people=10)
    array(['', 'no estimate', 'fewer than 10 people'], dtype='<U20')
    """
    y = np.asarray(pd.to_numeric(pd.Series(estimate)), float)
    s = np.asarray(pd.to_numeric(pd.Series(standard_error)), float)
    reasons = [(~np.isfinite(y), "no estimate")]
    if n is not None:
        people = np.asarray(pd.to_numeric(pd.Series(n)).astype("Float64").fillna(0), float)
        reasons.append((people < minimum_people, f"fewer than {minimum_people} people"))
    reasons.append((~np.isfinite(s) | ~(s > 0), "no standard error"))
    return np.select([where for where, _ in reasons], [text for _, text in reasons], default="")


def label_programs(
    model: Model,
    *,
    cuts: Sequence[float],
    labels: Sequence[str],
    benchmark: float,
    guard: float | None,
    over_rating_weight: float = 1.0,
    borderline_below: float = 0.80,
    top_allowed: npt.NDArray[np.bool_] | None = None,
    not_rated: npt.ArrayLike | None = None,
) -> pd.DataFrame:
    """Tier of each program with its probability, the runner-up and the chance of no gain.

    Parameters
    ----------
    model : FreeShape or NormalModel
        Fitted to the programs that can be rated.
    cuts, labels : sequence
        Cut-offs from the lowest up, and tiers best first, one more than cut-offs.
    benchmark : float
        Value at or below which a program is no better than the benchmark.
    guard : float or None
        Largest chance of being at or below the benchmark that a top program may have, in the
        least favourable law that the data do not rule out; None closes the top tier.
    over_rating_weight : float
        What a step of over-rating costs against a step of under-rating.
    borderline_below : float
        A program less sure of its own tier than this is marked borderline.
    top_allowed : ndarray of bool, shape (programs,), optional
        Whether anything but the guard lets a program into the top tier, such as its level of
        validity; all where left out.
    not_rated : array of str, shape (all programs,), optional
        From :func:`reasons_not_rated`: the model's programs are those with an empty reason, and
        the others appear in their place, without a tier, with their reason.

    Returns
    -------
    DataFrame
        One row a program: ``tier`` ("cannot be rated" for those), ``tier_probability``,
        ``runner_up``, ``runner_up_probability``, ``chance_not_above`` (the benchmark),
        ``guard_chance`` (the same as the guard sees it), ``borderline``, ``reason`` and one column
        ``chance_X`` a tier.

    Raises
    ------
    WorkbenchError
        Labels and cut-offs, or reasons and the model, that do not match.

    Examples
    --------
    >>> from analysis.tiers.normal_model import fit_normal_model
    >>> model = fit_normal_model([-4000.0, 1000.0, 9000.0], [1.0, 1.0, 1.0])
    >>> rules = {"cuts": [0.0, 5000.0], "labels": ["A", "B", "C"], "benchmark": 0.0}
    >>> label_programs(model, guard=0.05, **rules)["tier"].tolist()
    ['C', 'B', 'A']
    >>> label_programs(model, guard=None, **rules)["tier"].tolist()
    ['C', 'B', 'B']
    """
    _refuse_mismatch(labels, cuts)
    probabilities = tier_probabilities(model, cuts)
    not_above = model.chance_at_or_below(benchmark)
    guarded = model.guard_chance(benchmark)
    allowed = np.zeros(len(guarded), bool) if guard is None else guarded <= guard
    if top_allowed is not None:
        allowed &= top_allowed
    given = least_loss_tier(probabilities, over_rating_weight, allowed)
    rows = np.arange(len(given))
    second = _second_likeliest(probabilities, given)
    names = np.asarray(list(labels), dtype=str)
    own = probabilities[rows, given]
    frame = pd.DataFrame(
        {
            "tier": names[given],
            "tier_probability": own,
            "runner_up": names[second],
            "runner_up_probability": probabilities[rows, second],
            "chance_not_above": not_above,
            "guard_chance": guarded,
            "borderline": pd.array(own < borderline_below, dtype="boolean"),
            "reason": "",
        }
    )
    chances = {f"chance_{name}": probabilities[:, i] for i, name in enumerate(names)}
    frame = frame.assign(**chances)
    return frame if not_rated is None else _with_not_rated(frame, np.asarray(not_rated, str))


def _refuse_mismatch(labels: Sequence[str], cuts: Sequence[float]) -> None:
    if len(labels) != len(cuts) + 1 or len(cuts) < 1 or len(set(cuts)) < len(cuts):
        raise WorkbenchError(
            f"{len(labels)} tiers and {len(cuts)} cut-offs do not match",
            "Give different cut-offs, at least one, and one tier more than cut-offs.",
        )


def _second_likeliest(probabilities: Numbers, given: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Likeliest tier of each program beside its own; of equals the nearest, then the worse.

    Chances under a thousand millionth hang on the order in which numbers are added: the runner-up
    of a program that is sure of its tier is the one beside it.
    """
    places = np.broadcast_to(np.arange(probabilities.shape[1]), probabilities.shape)
    steps = np.abs(places - given[:, None])
    others = np.where(steps == 0, -1, np.round(probabilities, 9))
    return np.lexsort((places, -steps, others), axis=1)[:, -1]


def _with_not_rated(rated: pd.DataFrame, reasons: npt.NDArray[np.str_]) -> pd.DataFrame:
    places = np.flatnonzero(reasons == "")
    if len(places) != len(rated):
        raise WorkbenchError(
            f"{len(places)} programs have no reason against a rating, the model has {len(rated)}",
            "Fit the model to exactly the programs whose reason is empty.",
        )
    frame = rated.set_index(places).reindex(range(len(reasons)))
    missing = reasons != ""
    frame.loc[missing, "tier"] = NOT_RATED
    frame.loc[missing, "reason"] = reasons[missing]
    return frame


def _descending(cuts: Sequence[float]) -> list[float]:
    return sorted(cuts, reverse=True)
