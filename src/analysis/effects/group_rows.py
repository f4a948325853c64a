"""One row of the table by group: which estimators it has, and what each of them says or why not."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.effects.clustered import clustered_difference, clustered_lin
from analysis.effects.effect import (
    Effect,
    confidence_interval,
    interval_degrees_of_freedom,
    negligible,
)
from analysis.effects.estimators import difference_in_means, stratified_difference, thin_strata
from analysis.effects.lin import lin_adjusted
from analysis.effects.samples import Flags, arms
from analysis.effects.scores import Scores, group_estimates
from analysis.errors import WorkbenchError

DIFFERENCE = "difference in means"
LIN = "Lin regression"
AIPW = "AIPW"
STRATIFIED = "stratified by"


@dataclass(frozen=True)
class Rules:
    """Arguments of `group_effects` that every row shares."""

    outcome: str
    treated: str
    covariates: tuple[str, ...]
    stratum: str | None
    stratum_name: str | None
    confidence_level: float
    small_sample_below: int
    minimum_people_per_parameter: float
    maximum_leverage: float
    high_leverage: Literal["refuse", "drop"]
    robust: Literal["HC2", "HC3"]
    thin: Literal["error", "merge"]
    weights: str | None = None
    cluster: str | None = None


def row_estimators(people: pd.DataFrame, rules: Rules, stratified: bool) -> list[str]:
    """Estimators of a row; no stratified one where the group lies in one stratum.

    Parameters
    ----------
    people : DataFrame
        The group's people, with the column of the stratum.
    rules : Rules
    stratified : bool
        The row's grouping gets a stratified estimate.

    Returns
    -------
    list of str
        In the order of the table.

    Examples
    --------
    >>> columns = ("wage", "treated", ("age",), "site", "site")
    >>> rules = Rules(*columns, 0.95, 60, 3, 0.9, "drop", "HC2", "error")
    >>> row_estimators(pd.DataFrame({"site": ["a", "b"]}), rules, True)
    ['difference in means', 'stratified by site', 'Lin regression']
    >>> row_estimators(pd.DataFrame({"site": ["a", "a"]}), rules, True)
    ['difference in means', 'Lin regression']
    """
    found = [DIFFERENCE]
    if rules.stratum and stratified and people[rules.stratum].nunique() > 1:
        found.append(f"{STRATIFIED} {rules.stratum_name}")
    return [*found, LIN] if rules.covariates else found


def estimated_row(people: pd.DataFrame, estimator: str, rules: Rules) -> dict[str, Any]:
    """Numbers, status and note of a row that may be shown.

    Parameters
    ----------
    people : DataFrame
        The group's people, with the columns that ``rules`` names.
    estimator : str
        One of `row_estimators`.
    rules : Rules

    Returns
    -------
    dict of str to float, int or str
        Columns of `group_effects`. A refused row has its counts, the mean of the control arm and
        why, no estimate.

    Raises
    ------
    WorkbenchError
        For an arm with fewer than two people.

    Examples
    --------
    Means 6 and 2, squared error 1 / 3 + 4 / 3, and by Welch
    (5 / 3)**2 / ((1 / 3)**2 / 2 + (4 / 3)**2 / 2) degrees of freedom.

    >>> wage = [5.0, 6.0, 7.0, 0.0, 2.0, 4.0]
    >>> people = pd.DataFrame({"wage": wage, "treated": [1, 1, 1, 0, 0, 0]})
    >>> rules = Rules("wage", "treated", (), None, None, 0.95, 60, 3, 0.9, "drop", "HC2", "error")
    >>> row = estimated_row(people, DIFFERENCE, rules)
    >>> row["estimate"], row["control_mean"], row["n_treated"], row["status"]
    (4.0, 2.0, 3, 'shown')
    >>> round(row["standard_error"] ** 2, 6), round(row["degrees_of_freedom"], 2)
    (1.666667, 2.94)
    """
    flags = arms(people[rules.treated])
    controls = people.loc[~flags, rules.outcome].astype("float64")
    record: dict[str, Any] = {
        "n_treated": int(flags.sum()),
        "n_control": int((~flags).sum()),
        "control_mean": float(controls.mean()),
        "control_standard_error": float(controls.sem()),
    }
    try:
        _refuse_thin_unnamed(people, estimator, rules)
        if rules.weights or rules.cluster:
            effect = _weighted_or_clustered(people, estimator, rules)
            record["control_mean"] = effect.control_mean
            record["control_standard_error"] = effect.control_standard_error
        else:
            effect = _effect(people, estimator, rules)
        _refuse_small_regression(effect, estimator, rules)
    except WorkbenchError as error:
        return record | {"status": f"refused: {error.problem.removeprefix(LIN + ': ')}"}
    low, high = effect.interval(rules.confidence_level, rules.small_sample_below)
    return record | {
        "estimate": effect.estimate,
        "standard_error": effect.standard_error,
        "interval_low": low,
        "interval_high": high,
        "degrees_of_freedom": effect.degrees_of_freedom,
        "status": "shown",
        "note": _note(effect, rules),
    }


def scored_row(scores: Scores, inside: Flags, outcome: pd.Series, rules: Rules) -> dict[str, Any]:
    """Numbers of a row by influence values that were computed for everyone at once.

    Parameters
    ----------
    scores : Scores
        Of all n people.
    inside : bool array of shape (n,)
        The group.
    outcome : Series of n numbers
        By its size it is judged whether anything is left to vary.
    rules : Rules

    Returns
    -------
    dict of str to float, int or str
        Columns of `group_effects`; a refused row has its counts and why, no estimate.

    Examples
    --------
    >>> one, flags = np.ones(4), np.array([True, True, False, False])
    >>> treated, control = np.array([5.0, 7.0, 6.0, 8.0]), np.array([1.0, 3.0, 2.0, 2.0])
    >>> scores = Scores(treated, control, one, flags, one / 2, "everyone", "AIPW", one[:1])
    >>> rules = Rules("wage", "treated", (), None, None, 0.95, 60, 3, 0.9, "drop", "HC2", "error")
    >>> row = scored_row(scores, np.ones(4, dtype=bool), pd.Series(treated), rules)
    >>> row["estimate"], row["control_mean"], row["n_treated"], row["n_control"], row["status"]
    (4.5, 2.0, 2, 2, 'shown')
    """
    found = group_estimates(scores, [inside])
    without = group_estimates(scores, [inside], "without program")
    estimate, error = found.estimates.item(), found.standard_errors.item()
    if negligible(error**2, outcome.to_numpy(dtype="float64")):
        return {
            "n_treated": found.n_treated.item(),
            "n_control": found.n_control.item(),
            "status": "refused: nothing of the outcome is left to vary",
        }
    freedom = found.degrees_of_freedom.item()
    shown = interval_degrees_of_freedom(int(inside.sum()), freedom, rules.small_sample_below)
    low, high = confidence_interval(estimate, error, shown, rules.confidence_level)
    parts = [f"Student's t interval, {shown:.0f} degrees of freedom"] * bool(np.isfinite(shown))
    note = "; ".join([*parts, *_survey_notes(rules, found.clusters)])
    return {
        "n_treated": found.n_treated.item(),
        "n_control": found.n_control.item(),
        "control_mean": without.estimates.item(),
        "control_standard_error": without.standard_errors.item(),
        "estimate": estimate,
        "standard_error": error,
        "interval_low": low,
        "interval_high": high,
        "degrees_of_freedom": freedom,
        "status": "shown",
        "note": note,
    }


def _effect(people: pd.DataFrame, estimator: str, rules: Rules) -> Effect:
    outcome, treated = people[rules.outcome], people[rules.treated]
    if estimator == DIFFERENCE:
        return difference_in_means(outcome, treated)
    if estimator == LIN:
        return lin_adjusted(
            outcome,
            treated,
            people[list(rules.covariates)],
            people[rules.stratum] if rules.stratum else None,
            robust=rules.robust,
            minimum_people_per_parameter=rules.minimum_people_per_parameter,
            maximum_leverage=rules.maximum_leverage,
            high_leverage=rules.high_leverage,
        )
    return stratified_difference(outcome, treated, people[rules.stratum], thin=rules.thin)


def _weighted_or_clustered(people: pd.DataFrame, estimator: str, rules: Rules) -> Effect:
    """The same estimators where people stand for others, or are alike in clusters."""
    outcome, treated = people[rules.outcome], people[rules.treated]
    cluster = people[rules.cluster] if rules.cluster else None
    weights = people[rules.weights] if rules.weights else None
    if estimator == DIFFERENCE:
        return clustered_difference(outcome, treated, cluster, weights=weights)
    names = list(rules.covariates) if estimator == LIN else []
    stratum = people[rules.stratum] if rules.stratum else None
    effect = clustered_lin(outcome, treated, people[names], cluster, stratum, weights=weights)
    needed = rules.minimum_people_per_parameter * effect.parameters / 2
    if estimator == LIN and min(effect.n_treated, effect.n_control) < needed:
        raise WorkbenchError(
            f"an arm has fewer than {needed:.0f} people for {effect.parameters // 2} coefficients",
            "Use fewer covariates or take the difference in means.",
        )
    return effect


def _survey_notes(rules: Rules, clusters: Any = None) -> list[str]:
    """What a reader must know about weights and clusters of a row."""
    found = ["weighted"] if rules.weights else []
    if rules.cluster:
        count = "" if clusters is None else f" ({clusters.item()} in the smaller arm)"
        found.append(f"errors by {rules.cluster}{count}")
    return found


def _refuse_thin_unnamed(people: pd.DataFrame, estimator: str, rules: Rules) -> None:
    """Refuse thin strata without their names: a published name would say who is rare there."""
    refuses = rules.high_leverage == "refuse" if estimator == LIN else rules.thin == "error"
    if estimator == DIFFERENCE or not rules.stratum or not refuses:
        return
    if thin_strata(people[rules.treated], people[rules.stratum]):
        raise WorkbenchError(
            f"a level of {rules.stratum_name} has fewer than 2 people in an arm",
            "Use coarser strata.",
        )


def _refuse_small_regression(effect: Effect, estimator: str, rules: Rules) -> None:
    """Below the limit a regression with interactions covers too seldom (.83 to .93 of .95)."""
    if estimator == LIN and effect.n < rules.small_sample_below:
        raise WorkbenchError(
            f"fewer than {rules.small_sample_below} people in the group",
            "Take the difference in means.",
        )


def _note(effect: Effect, rules: Rules) -> str:
    """What a reader must know about the estimate; counts, never names that point to a person."""
    left_out = [*effect.dropped, *effect.dropped_for_leverage]
    strata = sum(name.startswith(f"{rules.stratum}: ") for name in left_out)
    singled = sum(not name.startswith(f"{rules.stratum}: ") for name in effect.dropped_for_leverage)
    copies = len(left_out) - strata - singled
    freedom = interval_degrees_of_freedom(
        effect.n, effect.degrees_of_freedom, rules.small_sample_below
    )
    parts = [
        (freedom < float("inf"), f"Student's t interval, {freedom:.1f} degrees of freedom"),
        (copies > 0, f"covariates left out as constant or copies: {copies}"),
        (singled > 0, f"covariates left out for leverage: {singled}"),
        (strata > 0, f"strata joined to the largest: {strata}"),
        (bool(effect.merged), f"strata merged into one: {len(effect.merged)}"),
    ]
    return "; ".join([*(text for applies, text in parts if applies), *_survey_notes(rules)])
