"""What stands behind an effect without a lottery: overlap, balance, effective people, placebo."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.effects.aipw import aipw_scores
from analysis.effects.clustered import clustered_lin
from analysis.effects.comparison import Placebo, control_weights, propensity_scores
from analysis.effects.design import covariate_matrix
from analysis.effects.effect import critical_value
from analysis.effects.entropy_balancing import effective_people, entropy_balanced
from analysis.effects.estimators import difference_in_means, stratified_difference
from analysis.effects.samples import Flags, Numbers, arms, refuse_unknown_columns
from analysis.effects.scores import Scores, group_estimates
from analysis.effects.sensitivity import regression_adjusted, robustness_value
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class _Survey:
    """How many people each stands for, and clusters whose people are alike, where there are any."""

    weights: pd.Series | None
    cluster: pd.Series | None

    @property
    def is_plain(self) -> bool:
        return self.weights is None and self.cluster is None


@dataclass(frozen=True)
class Diagnostics:
    """Facts about one comparison; which of them fail is the business of `design_grade`.

    Attributes
    ----------
    n_treated, n_control : int
    treated_outside_support : float
        Share of the treated with a chance of treatment above the limit: hardly anybody of the
        comparison group resembles them.
    controls_at_the_top : int
        Comparison people above that limit.
    effective_n_control : float
        Comparison people with equal weights that would tell as much as the weighted ones.
    largest_difference_before, largest_difference_after : float
        Largest standardised difference of a covariate, unweighted and with odds weights.
    placebo_estimate, placebo_standard_error : float
        Effect on what the program cannot have changed, by AIPW or entropy balancing, whichever
        is more precise: a placebo too wide to fail says nothing. Missing without a placebo.
    placebo_degrees_of_freedom : float
    robustness_value, robustness_value_interval : float
        `robustness_value` of the regression: for the estimate, and for its interval.
    largest_single_influence : float
        Largest share of the standard error that one person accounts for (of its square).
    """

    n_treated: int
    n_control: int
    treated_outside_support: float
    controls_at_the_top: int
    effective_n_control: float
    largest_difference_before: float
    largest_difference_after: float
    placebo_estimate: float
    placebo_standard_error: float
    placebo_degrees_of_freedom: float
    robustness_value: float
    robustness_value_interval: float
    largest_single_influence: float

    def placebo_interval(self, confidence_level: float = 0.95) -> tuple[float, float]:
        """Interval of the placebo effect."""
        reach = critical_value(confidence_level, self.placebo_degrees_of_freedom)
        reach *= self.placebo_standard_error
        return self.placebo_estimate - reach, self.placebo_estimate + reach


def comparison_diagnostics(
    frame: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str],
    *,
    placebo: Placebo | None,
    treated: str = "treated",
    randomised: bool = False,
    stratum: str | None = None,
    weights: str | None = None,
    cluster: str | None = None,
    support_limit: float = 0.9,
    repetitions: int = 11,
    seed: int = 0,
) -> Diagnostics:
    """Diagnose a comparison of treated people with others.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    outcome, treated : str
    covariates : sequence of str
        Measured before treatment.
    placebo : Placebo or None
        What the program cannot have changed.
    randomised : bool
        A lottery decided: the placebo is then the plain difference, and everyone counts.
    stratum : str, optional
        Stratum of a lottery, within which its placebo is compared.
    weights, cluster : str, optional
        Columns of how many people each stands for, and of clusters whose people are alike; the
        placebo keeps to both, overlap and balance are those of the sample.
    support_limit : float
        Chance of treatment above which a treated person counts as outside the support.
    repetitions, seed : int
        Splits of the cross-fitting.

    Returns
    -------
    Diagnostics

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> people = pd.DataFrame({"before": rng.normal(size=600), "x": rng.normal(size=600)})
    >>> people["treated"] = (rng.random(600) < 0.3).astype(int)
    >>> people["after"] = people["before"] + 2 * people["treated"] + rng.normal(size=600)
    >>> found = comparison_diagnostics(people, "after", ["before", "x"],
    ...                                placebo=Placebo("before", ("before",)))
    >>> found.treated_outside_support, found.effective_n_control > 300
    (0.0, True)
    """
    refuse_unknown_columns(frame, [outcome, treated, *covariates])
    flags, X = arms(frame[treated]), frame[list(covariates)]
    chance = propensity_scores(flags, X)
    survey = _Survey(frame[weights] if weights else None, frame[cluster] if cluster else None)
    scores = aipw_scores(
        frame[outcome], frame[treated], X, target="treated", repetitions=repetitions, seed=seed,
        weights=survey.weights, cluster=survey.cluster,
    )  # fmt: skip
    odds, equal = control_weights(scores), np.ones((~flags).sum())
    return Diagnostics(
        int(flags.sum()),
        int((~flags).sum()),
        float((chance[flags] > support_limit).mean()),
        int((chance[~flags] > support_limit).sum()),
        effective_people(equal if randomised else odds),
        _largest_difference(X, flags, equal),
        _largest_difference(X, flags, odds),
        *(
            _lottery_placebo(frame, treated, placebo, stratum, survey)
            if randomised
            else _placebo(frame, treated, list(covariates), placebo, repetitions, seed, survey)
        ),
        *_robustness_values(frame[outcome], frame[treated], X),
        _largest_single_influence(scores),
    )


def _robustness_values(
    outcome: pd.Series, treated: pd.Series, covariates: pd.DataFrame
) -> tuple[float, float]:
    """Of the regression's estimate, and of its interval."""
    found = regression_adjusted(outcome, treated, covariates)
    t_value = found.estimate / found.standard_error
    return (
        robustness_value(t_value, found.degrees_of_freedom),
        robustness_value(t_value, found.degrees_of_freedom, level=0.05),
    )


def _largest_single_influence(scores: Scores) -> float:
    everyone = [np.ones(len(scores.flags), dtype=bool)]
    effect = group_estimates(scores, everyone).estimates[0]
    influence = (scores.numerator() - effect * scores.share) ** 2
    return float(influence.max() / influence.sum())


def _lottery_placebo(
    frame: pd.DataFrame,
    treated: str,
    placebo: Placebo | None,
    stratum: str | None,
    survey: _Survey,
) -> tuple[float, float, float]:
    if placebo is None:
        return np.nan, np.nan, np.nan
    earlier, assigned = frame[placebo.outcome], frame[treated]
    if not survey.is_plain:
        within = frame[stratum] if stratum else None
        nothing = pd.DataFrame(index=frame.index)
        plain = clustered_lin(
            earlier, assigned, nothing, survey.cluster, within, weights=survey.weights
        )
    elif stratum is None:
        plain = difference_in_means(earlier, assigned)
    else:
        plain = stratified_difference(earlier, assigned, frame[stratum])
    return plain.estimate, plain.standard_error, plain.degrees_of_freedom


def _placebo(
    frame: pd.DataFrame,
    treated: str,
    covariates: list[str],
    placebo: Placebo | None,
    repetitions: int,
    seed: int,
    survey: _Survey,
) -> tuple[float, float, float]:
    if placebo is None:
        return np.nan, np.nan, np.nan
    before = frame[[name for name in covariates if name not in placebo.leaves_out]]
    earlier, assigned = frame[placebo.outcome], frame[treated]
    scores = aipw_scores(
        earlier,
        assigned,
        before,
        target="treated",
        repetitions=repetitions,
        seed=seed,
        weights=survey.weights,
        cluster=survey.cluster,
    )
    found = group_estimates(scores, [np.ones(len(frame), dtype=bool)])
    answers = [
        (found.estimates.item(), found.standard_errors.item(), found.degrees_of_freedom.item())
    ]
    if not survey.is_plain:
        return answers[0]
    try:
        balanced = entropy_balanced(earlier, assigned, before)
    except WorkbenchError:
        pass
    else:
        answers.append((balanced.estimate, balanced.standard_error, balanced.degrees_of_freedom))
    # the more precise of the two
    return min(answers, key=lambda answer: answer[1])


def _largest_difference(covariates: pd.DataFrame, flags: Flags, weights: Numbers) -> float:
    """Largest absolute difference of weighted means, in standard deviations of both arms."""
    X = covariate_matrix(covariates)
    spread = np.sqrt((X[flags].var(axis=0, ddof=1) + X[~flags].var(axis=0, ddof=1)) / 2)
    apart = X[flags].mean(axis=0) - weights @ X[~flags] / weights.sum()
    varies = spread > 0
    return float(np.abs(apart[varies] / spread[varies]).max(initial=0.0))
