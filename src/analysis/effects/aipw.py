"""Effects by augmented inverse-probability weighting, cross-fitted, for trials and comparisons."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.effects.clustered import cluster_codes
from analysis.effects.cross_fit import (
    OrderedPeople,
    Predictions,
    linear_predictions,
    ordered_people,
)
from analysis.effects.flexible import boosted_predictions
from analysis.effects.folds import repeated_splits, splits_from_folds
from analysis.effects.samples import (
    Column,
    Flags,
    Labels,
    Numbers,
    above_zero,
    arms,
    labels,
    numbers,
    refuse_misaligned,
)
from analysis.effects.scores import Scores, Target
from analysis.errors import WorkbenchError

_TARGETS = ("everyone", "treated", "overlap")


def design_shares(treated: Column, stratum: Labels, weights: Column | None = None) -> Numbers:
    """Share of each person's stratum that was assigned to treatment: the design's propensity.

    With weights it is the share of the people that they stand for, since an arm may have been
    sampled at another rate than the other.

    Parameters
    ----------
    treated : sequence of n values 0 or 1
    stratum : sequence of n labels
    weights : sequence of n numbers, optional
        How many people each stands for.

    Returns
    -------
    array of shape (n,)

    Raises
    ------
    WorkbenchError
        For a stratum without people in one of the arms.

    Examples
    --------
    >>> design_shares([1, 1, 0, 1, 0, 0], list("aaabbb")).round(2).tolist()
    [0.67, 0.67, 0.67, 0.33, 0.33, 0.33]
    """
    refuse_misaligned(treated=treated, stratum=stratum, weights=weights)
    flags = arms(treated)
    heavy = np.ones(len(flags)) if weights is None else above_zero(weights)
    codes, _ = pd.factorize(labels(stratum, "stratum"))
    shares = np.bincount(codes, weights=flags * heavy) / np.bincount(codes, weights=heavy)
    if ((shares <= 0) | (shares >= 1)).any():
        raise WorkbenchError(
            "stratum: one has no treated or no control people", "Use coarser strata."
        )
    return np.asarray(shares[codes])


def aipw_scores(
    outcome: Column,
    treated: Column,
    covariates: pd.DataFrame,
    *,
    target: Target = "everyone",
    propensity: Column | None = None,
    weights: Column | None = None,
    cluster: Labels | None = None,
    folds: int = 5,
    repetitions: int = 5,
    seed: int = 0,
    fold: npt.NDArray | None = None,
    clip: float | None = None,
    ridge: float = 1.0,
    logit_penalty: float = 1.0,
    learner: Literal["linear", "boosting"] = "linear",
) -> Scores:
    """Influence values of cross-fitted AIPW, from which every group's effect follows.

    With m1, m0 the predicted outcome with and without treatment and e the chance of treatment,
    each predicted by people of other folds, a person adds (Robins and Rotnitzky 1995;
    Chernozhukov et al. 2018)

    - everyone: m1 + T(y - m1)/e less m0 + (1-T)(y - m0)/(1-e), over 1;
    - treated: T y less T m0 + (1-T)(y - m0) e/(1-e), over T;
    - overlap: everyone weighted with e(1-e) (Li, Morgan and Zaslavsky 2018), with the term
      for e being estimated.

    Over repetitions of the split each person's two sums are the medians, so that one set of
    values serves all groups. For a known propensity they keep their expectation.

    Parameters
    ----------
    outcome, treated : array of shape (n,)
        Finite outcomes; 1 treated, 0 not.
    covariates : DataFrame of shape (n, k)
        Measured before treatment; they are standardised.
    target : {'everyone', 'treated', 'overlap'}
        Whose effect.
    propensity : array of shape (n,), optional
        Chance of treatment that the design states (`design_shares`); without it a logit.
    weights : array of shape (n,), optional
        Weight of each person in the population (survey weights), above 0. Predictions are
        fitted without them, the means that follow are weighted.
    cluster : array of shape (n,), optional
        Clusters whose people are alike: they share a fold, and errors are summed over them.
    folds, repetitions, seed : int
        Splits (`repeated_splits`).
    fold : int array of shape (n,), optional
        Folds that are given, from 0; then one repetition.
    clip : float, optional
        An estimated propensity is kept in [clip, 1 - clip]; .01 for everyone. For the treated
        only the upper end counts and the default is 0: a floor near the treated share would
        bias the effect (.05 moves 562 by +179 where 2 % are treated).
    ridge, logit_penalty : float
        Penalties of `linear_predictions`.
    learner : {'linear', 'boosting'}
        Ridge and logit, or gradient-boosted trees (scikit-learn), which take minutes at a
        million people where the first take a second.

    Returns
    -------
    Scores
        In the order of the rows given.

    Raises
    ------
    WorkbenchError
        For missing, infinite or non-numeric values, arms smaller than the folds, a propensity
        outside (0, 1), weights that are not above 0.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> before = pd.DataFrame({"earnings_before": rng.normal(size=400)})
    >>> assigned = np.arange(400) % 2
    >>> after = 3 * before["earnings_before"] + 2 * assigned + rng.normal(size=400)
    >>> from analysis.effects.scores import group_estimates
    >>> scores = aipw_scores(after, assigned, before, propensity=np.full(400, 0.5))
    >>> found = group_estimates(scores, [np.ones(400, dtype=bool)])
    >>> round(float(found.estimates[0]), 1), round(float(found.standard_errors[0]), 2)
    (2.1, 0.11)
    """
    refuse_misaligned(
        outcome=outcome, treated=treated, covariates=covariates, propensity=propensity,
        weights=weights, cluster=cluster,
    )  # fmt: skip
    lowest = _lowest_chance(target, clip)
    flags, y = arms(treated), numbers(outcome, "outcome")
    known = None if propensity is None else _chances(propensity)

    codes = None if cluster is None else cluster_codes(cluster, flags)
    splits = [splits_from_folds(fold)] if fold is not None else repeated_splits(
        flags, folds=folds, repetitions=repetitions, seed=seed, cluster=codes
    )  # fmt: skip
    options = _Options(target, lowest, ridge, logit_penalty, learner, seed)
    parts = [_scored(ordered_people(covariates, y, flags, one), known, options) for one in splits]
    effect, control, share, chance = _medians(parts)
    if weights is not None:
        heavy = above_zero(weights)
        effect, control, share = (heavy * one for one in (effect, control, share))
    return Scores(
        effect + control, control, share, flags, propensity=chance, target=target, cluster=codes,
        estimator="AIPW", split_estimates=np.concatenate([part[4] for part in parts]),
    )  # fmt: skip


@dataclass(frozen=True)
class _Options:
    """Arguments of `aipw_scores` that its predictions are made with."""

    target: Target
    clip: float
    ridge: float
    logit_penalty: float
    learner: Literal["linear", "boosting"]
    seed: int


Part = tuple[Numbers, Numbers, Numbers, Numbers, Numbers]


def _medians(parts: list[Part]) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Effect part, control part, share and propensity of each person over blocks of splits."""
    effect, control, share, chance = (_median([part[i] for part in parts]) for i in range(4))
    return effect, control, share, chance


def _scored(people: OrderedPeople, known: Numbers | None, options: _Options) -> Part:
    """Effect part, control part, share and propensity by person; effect by repetition.

    Medians are taken of the effect's part and of the control's, so that a constant added to the
    outcome, which drops out of the former in every repetition, drops out of its median.
    """
    n, repetitions = len(people.outcome), people.splits.repetitions
    kept = [np.empty(n) for _ in range(4)]
    totals = np.zeros((2, repetitions))
    for rows, predicted in _predictions(people, known is None, options):
        where = people.order[rows]
        chance = predicted[2] if known is None else known[where][None, :]
        if known is None:
            lowest = options.clip if options.target == "everyone" else 0.0
            chance = np.clip(chance, lowest, 1 - options.clip)
        flags, y = people.flags[rows], people.outcome[rows]
        one = _contributions(options.target, flags, y, predicted[0], predicted[1], chance)
        effect, control, share = one[0] - one[1], one[1], one[2]
        totals += [effect.sum(axis=1), np.broadcast_to(share, effect.shape).sum(axis=1)]
        for values, part in zip(kept, (effect, control, share, chance), strict=True):
            values[where] = _median(part)
    return kept[0], kept[1], kept[2], kept[3], totals[0] / totals[1]


def _predictions(
    people: OrderedPeople, with_logit: bool, options: _Options
) -> Iterator[Predictions]:
    if options.learner == "boosting":
        return boosted_predictions(people, with_logit=with_logit, seed=options.seed)
    return linear_predictions(
        people,
        ridge=options.ridge,
        logit_penalty=options.logit_penalty,
        with_logit=with_logit,
    )


def _contributions(
    target: Target, flags: Flags, y: Numbers, m1: Numbers, m0: Numbers, e: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Treated part, control part and share, each of shape (repetitions or 1, rows)."""
    if target == "everyone":
        treated = m1 + np.where(flags, (y - m1) / e, 0.0)
        control = m0 + np.where(flags, 0.0, (y - m0) / (1 - e))
        return treated, control, np.ones((1, len(y)))
    if target == "treated":
        # the odds of controls only: a treated person's may be infinite and is not used
        odds = np.where(flags, 0.0, e) / np.where(flags, 1.0, 1 - e)
        control = np.where(flags, m0, odds * (y - m0))
        treated = np.broadcast_to(np.where(flags, y, 0.0), control.shape)
        return treated, control, flags[None, :].astype("float64")
    weight = np.where(flags, (1 - e) ** 2, e**2)
    treated = weight * m1 + np.where(flags, (1 - e) * (y - m1), 0.0)
    control = weight * m0 + np.where(flags, 0.0, e * (y - m0))
    return treated, control, weight


def _median(values: Numbers | list[Numbers]) -> Numbers:
    """Median over the rows, equal to numpy's, which partitions column by column ten times slower.

    Whole rows are exchanged, largest first, until the upper half is in order.
    """
    rows, count = list(values), len(values)
    for last in range(count - 1, (count - 1) // 2 - 1, -1):
        for i in range(last):
            rows[i], rows[i + 1] = (
                np.minimum(rows[i], rows[i + 1]),
                np.maximum(rows[i], rows[i + 1]),
            )
    middle = rows[count // 2]
    return middle if count % 2 else (rows[count // 2 - 1] + middle) / 2


def _lowest_chance(target: Target, clip: float | None) -> float:
    if target not in _TARGETS:
        raise WorkbenchError(f"target: '{target}' is none", f"Targets: {', '.join(_TARGETS)}.")
    if clip is None:
        return 0.01 if target == "everyone" else 0.0
    return clip


def _chances(propensity: Column) -> Numbers:
    values = numbers(propensity, "propensity")
    if ((values <= 0) | (values >= 1)).any():
        raise WorkbenchError(
            "propensity: some values are not between 0 and 1",
            "People who could only be treated, or never, tell nothing about the effect.",
        )
    return values
