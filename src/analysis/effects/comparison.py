"""Effects on the treated where nobody drew lots: several answers to one question, side by side."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.effects.aipw import aipw_scores
from analysis.effects.effect import Effect
from analysis.effects.entropy_balancing import (
    effective_people,
    entropy_balanced,
    entropy_weights,
)
from analysis.effects.estimators import difference_in_means
from analysis.effects.samples import Flags, Numbers, arms, refuse_unknown_columns
from analysis.effects.scores import Scores, Target, group_estimates
from analysis.effects.sensitivity import regression_adjusted
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class Placebo:
    """An earlier outcome that the program cannot have changed.

    Attributes
    ----------
    outcome : str
        Column measured before treatment.
    leaves_out : tuple of str
        Covariates that are the same thing or made of it.
    """

    outcome: str
    leaves_out: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """How the estimates of `comparison_estimates` are made."""

    trimming: Sequence[tuple[float, float]] = ((0.0, 1.0), (0.05, 0.95), (0.1, 0.9))
    repetitions: int = 11
    seed: int = 0


def propensity_scores(treated: Flags, covariates: pd.DataFrame) -> Numbers:
    """Chance of treatment by a logit over everyone, for overlap and rules of trimming.

    The penalty is next to nothing: a strong one would pull chances to the middle and hide that
    people do not overlap.

    Parameters
    ----------
    treated : bool array of shape (n,)
    covariates : DataFrame of n rows

    Returns
    -------
    array of shape (n,)

    Examples
    --------
    >>> before = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 6, 7, 8]})
    >>> propensity_scores(np.arange(8) % 4 > 1, before).round(1).tolist()
    [0.2, 0.3, 0.3, 0.4, 0.6, 0.7, 0.7, 0.8]
    """
    from sklearn.linear_model import LogisticRegression

    from analysis.effects.design import covariate_matrix, standardised

    X = standardised(covariate_matrix(covariates))
    logit = LogisticRegression(C=1e4, solver="newton-cholesky", tol=1e-9, max_iter=1000)
    return np.asarray(logit.fit(X, treated).predict_proba(X)[:, 1])


def comparison_estimates(
    frame: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str],
    *,
    placebo: Placebo | None = None,
    treated: str = "treated",
    rules: Rules | None = None,
) -> pd.DataFrame:
    """Effects on the treated by every estimator, each with its placebo on earlier outcomes.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    outcome, treated : str
    covariates : sequence of str
        Measured before treatment.
    placebo : Placebo, optional
        With it every estimator is run again on what the program cannot have changed, and a
        difference-in-differences (change since then) joins the rows.
    rules : Rules, optional
        Bounds of the propensity that AIPW keeps people within, repetitions, seed.

    Returns
    -------
    DataFrame
        ``method``, ``estimate``, ``standard_error``, ``n_treated``, ``n_control``,
        ``effective_n_control``, ``placebo_estimate``, ``placebo_standard_error``. An estimator
        that cannot answer has missing numbers and says why in ``remark``.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> people = pd.DataFrame({"before": rng.normal(size=600), "x": rng.normal(size=600)})
    >>> people["treated"] = (rng.random(600) < 0.3).astype(int)
    >>> people["after"] = people["before"] + 2 * people["treated"] + rng.normal(size=600)
    >>> found = comparison_estimates(people, "after", ["before", "x"],
    ...                              placebo=Placebo("before", ("before",)))
    >>> found["method"].tolist()[:3]
    ['difference in means', 'least squares', 'entropy balancing']
    >>> bool((abs(found["estimate"] - 2) < 0.5).all())
    True
    """
    refuse_unknown_columns(frame, [outcome, treated, *covariates])
    rules = rules or Rules()
    rows = []
    for method, estimate in _estimators(treated, rules):
        row: dict[str, object] = {"method": method, "remark": ""}
        try:
            row |= estimate(frame, outcome, list(covariates))
            if placebo is not None:
                before = [name for name in covariates if name not in placebo.leaves_out]
                earlier = estimate(frame, placebo.outcome, before)
                row["placebo_estimate"] = earlier["estimate"]
                row["placebo_standard_error"] = earlier["standard_error"]
        except WorkbenchError as error:
            row["remark"] = error.problem
        rows.append(row)
    if placebo is not None:
        change = frame[outcome] - frame[placebo.outcome]
        rows.append(
            {"method": "difference-in-differences", "remark": "", "estimate": np.nan}
            | _numbers(difference_in_means(change, frame[treated]), np.nan)
        )
    columns = ["method", "estimate", "standard_error", "n_treated", "n_control"]
    columns += ["effective_n_control", "placebo_estimate", "placebo_standard_error", "remark"]
    return pd.DataFrame(rows).reindex(columns=columns)


Estimate = Callable[[pd.DataFrame, str, list[str]], dict[str, float]]


def _estimators(treated: str, rules: Rules) -> Iterable[tuple[str, Estimate]]:
    def naive(frame: pd.DataFrame, outcome: str, _: list[str]) -> dict[str, float]:
        found = difference_in_means(frame[outcome], frame[treated])
        return _numbers(found, found.n_control)

    def least_squares(frame: pd.DataFrame, outcome: str, names: list[str]) -> dict[str, float]:
        found = regression_adjusted(frame[outcome], frame[treated], frame[names])
        return _numbers(found, found.n_control)

    def balanced(frame: pd.DataFrame, outcome: str, names: list[str]) -> dict[str, float]:
        weights = entropy_weights(frame[treated], frame[names])
        found = entropy_balanced(frame[outcome], frame[treated], frame[names])
        return _numbers(found, effective_people(weights))

    yield "difference in means", naive
    yield "least squares", least_squares
    yield "entropy balancing", balanced
    for low, high in rules.trimming:
        name = "AIPW, everyone" if (low, high) == (0, 1) else f"AIPW, {low:g} to {high:g}"
        yield name, _trimmed_aipw(treated, "treated", (low, high), rules)
    yield "AIPW, overlap weights", _trimmed_aipw(treated, "overlap", (0.0, 1.0), rules)


def _trimmed_aipw(
    treated: str, target: Target, bounds: tuple[float, float], rules: Rules
) -> Estimate:
    def estimate(frame: pd.DataFrame, outcome: str, names: list[str]) -> dict[str, float]:
        chance = propensity_scores(arms(frame[treated]), frame[names])
        kept = frame[(chance >= bounds[0]) & (chance <= bounds[1])]
        scores = aipw_scores(
            kept[outcome],
            kept[treated],
            kept[names],
            target=target,
            repetitions=rules.repetitions,
            seed=rules.seed,
        )
        found = group_estimates(scores, [np.ones(len(kept), dtype=bool)])
        return {
            "estimate": found.estimates.item(),
            "standard_error": found.standard_errors.item(),
            "n_treated": found.n_treated.item(),
            "n_control": found.n_control.item(),
            "effective_n_control": effective_people(control_weights(scores)),
        }

    return estimate


def control_weights(scores: Scores) -> Numbers:
    """Weight of each control person in an AIPW estimate: e / (1 - e) for the treated's effect,
    1 / (1 - e) for everyone's, e for that of the overlap (Li, Morgan and Zaslavsky 2018).

    Parameters
    ----------
    scores : Scores
        ``propensity`` is the chance of treatment e.

    Returns
    -------
    array of shape (n_control,)
        In the order of the people.

    Examples
    --------
    >>> none, flags = np.zeros(3), np.array([True, False, False])
    >>> chance = np.array([0.5, 0.5, 0.2])
    >>> control_weights(Scores(none, none, none, flags, chance, "treated", "AIPW", none)).tolist()
    [1.0, 0.25]
    >>> control_weights(Scores(none, none, none, flags, chance, "everyone", "AIPW", none)).tolist()
    [2.0, 1.25]
    """
    chance = scores.propensity[~scores.flags]
    if scores.target == "treated":
        return np.asarray(chance / (1 - chance))
    return np.asarray(chance if scores.target == "overlap" else 1 / (1 - chance))


def _numbers(effect: Effect, effective: float) -> dict[str, float]:
    return {
        "estimate": effect.estimate,
        "standard_error": effect.standard_error,
        "n_treated": effect.n_treated,
        "n_control": effect.n_control,
        "effective_n_control": float(effective),
    }
