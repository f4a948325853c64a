"""How far each estimate is to be believed, and what a comparison without a lottery can do."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.effects.comparison import (
    Placebo,
    Rules,
    comparison_estimates,
    propensity_scores,
)
from analysis.effects.design_grade import (
    GradeRules,
    attrition_check,
    design_checks,
    design_grade,
)
from analysis.effects.diagnostics import Diagnostics, comparison_diagnostics
from analysis.framework import Framework
from analysis.reports.attrition_tables import lost_shares
from analysis.reports.html_tables import Column
from analysis.reports.pictures import COLOURS, new_figure
from analysis.reports.study import Study
from analysis.reports.words import count_noun, number, text
from analysis.tables.trials import Trial

GRADE_COLUMNS = {
    "trial": Column("Study"),
    "grade": Column("Grade of the design"),
    "support": Column("Support"),
    "effective_size": Column("Effective size"),
    "placebo": Column("Placebo: effect on earlier earnings"),
    "attrition": Column("Attrition"),
    "largest_difference_before": Column("Largest difference before (sd)", "number"),
    "largest_difference_after": Column("after weighting (sd)", "number"),
    "robustness_value": Column("Robustness value", "number3"),
    "largest_single_influence": Column("Weight of one person", "share"),
}
METHOD_COLUMNS = {
    "method": Column("Estimate by"),
    "trial": Column("Design"),
    "estimate": Column("Effect on the treated (dollars)", "dollars"),
    "standard_error": Column("Standard error", "dollars"),
    "placebo_estimate": Column("Placebo on 1975 earnings (dollars)", "dollars"),
    "placebo_standard_error": Column("its standard error", "dollars"),
    "n_treated": Column("Treated", "count"),
    "n_control": Column("Comparison", "count"),
    "effective_n_control": Column("effective", "count"),
}
_NO_ATTRITION = {
    "published": "not known",
    "own": "passed: the outcome of everyone in the file is known",
}
_BINS = np.linspace(0.0, 1.0, 11)


def _grade_rules(framework: Framework) -> GradeRules:
    """Limits of the checks as the framework states them."""
    return GradeRules(
        framework.design.maximum_outside_support,
        framework.design.minimum_effective_people,
        framework.estimation.confidence_level,
        framework.design.weak_up_to,
        framework.design.maximum_attrition_difference,
    )


def _placebo_of(trial: Trial) -> Placebo | None:
    """What the program cannot have changed, where the study has it."""
    return Placebo(trial.earlier, trial.made_of_earlier) if trial.earlier else None


def _diagnosed(trial: Trial, outcome: str, framework: Framework) -> Diagnostics:
    """Diagnostics of a study by the framework's rules."""
    return comparison_diagnostics(
        trial.frame,
        outcome,
        trial.covariates,
        placebo=_placebo_of(trial),
        randomised=trial.design == "randomised",
        stratum="stratum" if trial.stratum_name else None,
        weights=trial.part("weight"),
        cluster=trial.part("cluster"),
        support_limit=framework.design.support_limit,
        repetitions=framework.estimation.repetitions_for(len(trial.frame)),
        seed=framework.estimation.seed,
    )


def grade_rows(
    trials: Sequence[Trial], outcomes: Mapping[str, str], framework: Framework
) -> pd.DataFrame:
    """Grade of each study's design, with the checks that it rests on.

    Parameters
    ----------
    trials : sequence of Trial
    outcomes : mapping of str to str
        Outcome column by key of the trial.
    framework : Framework
        Limits of the checks, grades, seed and repetitions.

    Returns
    -------
    DataFrame
        ``trial``, ``trial_key``, ``grade_id``, ``grade``, ``validity_level``, one column a
        check in words, and the diagnostics as numbers. The robustness value is left out for
        trials, where no confounder is at work. Studies without covariates are left out.

    Raises
    ------
    WorkbenchError
        For a covariate or outcome that is missing or no number.

    Examples
    --------
    The arms are alike, but nothing from before the program is known to test that by:

    >>> from analysis.framework import load_framework
    >>> half = pd.DataFrame({"age": [20.0, 30.0, 40.0, 50.0, 35.0] * 24})
    >>> people = pd.concat([half.assign(treated=1), half.assign(treated=0)], ignore_index=True)
    >>> people["pay"] = 10 * people["age"] + 100 * people["treated"] + [-5.0, 5.0] * 120
    >>> trial = Trial("t", "Trial", "", people, "year 1", {}, {}, "pay", ("age",), groupings=())
    >>> row = grade_rows([trial], {"t": "pay"}, load_framework()).iloc[0]
    >>> row["grade"], row["placebo"]
    ('weak: comparison group that fails a check', 'failed: no outcome from before the program')
    >>> float(row["largest_difference_before"])
    0.0
    """
    rules = _grade_rules(framework)
    rows: list[dict[str, Any]] = []
    for trial in trials:
        if not trial.covariates:
            continue
        randomised = trial.design == "randomised"
        found = _diagnosed(trial, outcomes[trial.key], framework)
        checks = design_checks(found, rules)
        if trial.assigned is not None:
            checks.append(attrition_check(lost_shares(trial, outcomes[trial.key]), rules))
        grade = framework.grade(design_grade(checks, rules, randomised=randomised))
        words = {
            check.name.replace(" ", "_"): ("passed: " if check.passed else "failed: ") + check.found
            for check in checks
        }
        rows.append(
            {"trial": trial.title, "trial_key": trial.key, "grade_id": grade.id}
            | {"attrition": _NO_ATTRITION["own" if trial.key == "own" else "published"]}
            | {"grade": grade.name, "validity_level": grade.validity_level, **words}
            | {
                "treated_outside_support": found.treated_outside_support,
                "effective_n_control": found.effective_n_control,
                "placebo_estimate": found.placebo_estimate,
                "placebo_standard_error": found.placebo_standard_error,
                "largest_difference_before": found.largest_difference_before,
                "largest_difference_after": found.largest_difference_after,
                "robustness_value": np.nan if randomised else found.robustness_value,
                "largest_single_influence": found.largest_single_influence,
                "people": found.n_treated + found.n_control,
            }
        )
    return pd.DataFrame(rows)


def method_rows(trials: Sequence[Trial], framework: Framework) -> pd.DataFrame:
    """Every estimator on every design of the lesson, with its placebo.

    Parameters
    ----------
    trials : sequence of Trial
        With covariates; at least one.
    framework : Framework
        Rules of trimming, seed and repetitions.

    Returns
    -------
    DataFrame
        Rows of :func:`analysis.effects.comparison.comparison_estimates` with ``trial`` and
        ``trial_key``.

    Raises
    ------
    ValueError
        Without a trial.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> half = pd.DataFrame({"age": [20.0, 30.0, 40.0, 50.0, 35.0] * 24})
    >>> people = pd.concat([half.assign(treated=1), half.assign(treated=0)], ignore_index=True)
    >>> people["pay"] = 10 * people["age"] + 100 * people["treated"] + [-5.0, 5.0] * 120
    >>> trial = Trial("t", "Trial", "", people, "year 1", {}, {}, "pay", ("age",), groupings=())
    >>> framework = load_framework()
    >>> once = framework.estimation.model_copy(update={"repetitions": [1, 1, 1]})
    >>> rows = method_rows([trial], framework.model_copy(update={"estimation": once}))
    >>> rows.loc[:1, ["method", "estimate"]].round(6).values.tolist()
    [['difference in means', 100.0], ['least squares', 100.0]]
    """
    rules = Rules(
        trimming=[(low, high) for low, high in framework.design.trimming],
        repetitions=framework.estimation.repetitions_for(1),
        seed=framework.estimation.seed,
    )
    parts = [
        comparison_estimates(
            trial.frame,
            trial.default_outcome,
            trial.covariates,
            placebo=_placebo_of(trial),
            rules=rules,
        ).assign(trial=trial.title, trial_key=trial.key)
        for trial in trials
    ]
    return pd.concat(parts, ignore_index=True)


def overlap_rows(trials: Sequence[Trial], minimum_cell: int) -> pd.DataFrame:
    """Where the treated and the others lie by their chance of treatment, in tenths.

    Parameters
    ----------
    trials : sequence of Trial
        With covariates.
    minimum_cell : int
        Fewest people of an arm that a bar may stand for.

    Returns
    -------
    DataFrame
        ``trial``, ``trial_key``, ``low``, ``high``, ``treated_share``, ``control_share``.
        Tenths with fewer people of an arm than the minimum, and more than none, are set to the
        minimum over the arm's people: a bar then says no more than 'few'.

    Raises
    ------
    WorkbenchError
        For a covariate that is missing or no number.

    Examples
    --------
    Age says nothing of who is treated, so that everyone's chance is 3 in 4:

    >>> people = pd.DataFrame({"age": [20.0] * 40 + [30.0] * 40, "treated": [1, 1, 1, 0] * 20})
    >>> trial = Trial("t", "Trial", "", people, "year 1", {}, {}, "pay", ("age",))
    >>> rows = overlap_rows([trial], 10)
    >>> len(rows), rows.loc[rows["treated_share"] > 0, ["low", "high"]].round(1).values.tolist()
    (10, [[0.7, 0.8]])
    """
    rows = []
    for trial in trials:
        flags = trial.frame["treated"].to_numpy() == 1
        chance = propensity_scores(flags, trial.frame[list(trial.covariates)])
        shares = []
        for arm in (flags, ~flags):
            counts = np.histogram(chance[arm], _BINS)[0]
            few = (counts > 0) & (counts < minimum_cell)
            shares.append(np.where(few, minimum_cell, counts) / arm.sum())
        for low, high, one, other in zip(_BINS[:-1], _BINS[1:], *shares, strict=True):
            rows.append((trial.title, trial.key, low, high, one, other))
    names = ["trial", "trial_key", "low", "high", "treated_share", "control_share"]
    return pd.DataFrame(rows, columns=names)


def overlap_picture(rows: pd.DataFrame, grades: pd.DataFrame) -> Figure:
    """One panel a design: the treated upwards, the others downwards, by chance of treatment.

    Parameters
    ----------
    rows : DataFrame
        From :func:`overlap_rows`.
    grades : DataFrame
        From :func:`grade_rows`: ``trial_key`` and ``effective_n_control`` are read.

    Returns
    -------
    Figure

    Examples
    --------
    >>> from matplotlib import pyplot
    >>> rows = pd.DataFrame({"trial_key": "nsw", "low": [0.0, 0.1], "high": [0.1, 0.2],
    ...                      "treated_share": [0.25, 0.75], "control_share": [0.5, 0.5]})
    >>> grades = pd.DataFrame({"trial_key": ["nsw"], "effective_n_control": [260.0]})
    >>> figure = overlap_picture(rows, grades)
    >>> figure.axes[0].get_title(loc="left").splitlines()
    ['lottery', '260 effective others']
    >>> pyplot.close(figure)
    """
    keys = list(dict.fromkeys(rows["trial_key"]))
    figure, axes = new_figure(height=3.6, columns=len(keys))
    named = {"nsw": "lottery", "nsw_cps": "population survey", "nsw_psid": "household survey"}
    for axis, key in zip(axes, keys, strict=True):
        part = rows[rows["trial_key"] == key]
        centre = (part["low"] + part["high"]) / 2
        axis.bar(centre, part["treated_share"], 0.09, color=COLOURS[1], label="treated")
        axis.bar(centre, -part["control_share"], 0.09, color=COLOURS[0], hatch="//", label="others")
        axis.axhline(0, color="#555555", linewidth=1)
        axis.set_ylim(-1, 1)
        axis.set_yticks([-1, -0.5, 0, 0.5, 1], ["100%", "50%", "0", "50%", "100%"])
        axis.set_xticks([0, 0.5, 1])
        effective = grades.loc[grades["trial_key"] == key, "effective_n_control"].iloc[0]
        axis.set_title(f"{named.get(key, key)}\n{effective:,.0f} effective others")
        axis.set_xlabel("chance of treatment")
    axes[0].set_ylabel("share of each group")
    axes[0].legend(loc="upper right", fontsize=9)
    return figure


def lesson_sentence(methods: pd.DataFrame, grades: pd.DataFrame) -> str:
    """What the lesson says in plain words, from its tables.

    Parameters
    ----------
    methods : DataFrame
        From :func:`method_rows`, with the trial ``nsw``.
    grades : DataFrame
        From :func:`grade_rows`.

    Returns
    -------
    str
        HTML-safe.

    Examples
    --------
    >>> methods = pd.DataFrame({"trial_key": ["nsw", "nsw_psid", "nsw_psid", "nsw_psid"],
    ...     "method": ["difference in means", "difference in means", "regression", "AIPW"],
    ...     "estimate": [1800.0, -15000.0, 700.0, 2000.0], "placebo_estimate": [0, 0, 900.0, 10.0],
    ...     "placebo_standard_error": [1, 1, 100.0, 100.0]})
    >>> grades = pd.DataFrame({"trial_key": ["nsw_psid"], "grade": ["not credible"]})
    >>> sentence = lesson_sentence(methods, grades)
    >>> sentence[:30]
    'The lottery’s answer is $1,800'
    >>> sentence.split("; ")[1][:71]
    '1 of 2 placebos find an effect on earnings of a year before the program'
    """
    trial = _naive(methods, "nsw")
    parts = [f"The lottery’s answer is {number(trial, 'dollars')}."]
    for key, name in (("nsw_cps", "population survey"), ("nsw_psid", "household survey")):
        mine = methods[(methods["trial_key"] == key) & methods["estimate"].notna()]
        if mine.empty:
            continue
        adjusted = mine[mine["method"] != "difference in means"]
        grade = grades.loc[grades["trial_key"] == key, "grade"].iloc[0]
        placebos = adjusted["placebo_estimate"].dropna()
        errors = adjusted.loc[placebos.index, "placebo_standard_error"]
        failed = int((placebos.abs() > 1.96 * errors).sum())
        parts.append(
            f"Against men of the {name} the plain difference is "
            f"{number(_naive(methods, key), 'dollars')}, and adjusted estimates lie between "
            f"{number(adjusted['estimate'].min(), 'dollars')} and "
            f"{number(adjusted['estimate'].max(), 'dollars')}; {failed} of "
            f"{count_noun(len(placebos), 'placebo')} find an effect on earnings of a year before "
            f"the program. Grade: {text(grade)}, even where a number lands near the lottery’s."
        )
    return " ".join(parts)


def _naive(methods: pd.DataFrame, key: str) -> float:
    row = methods[(methods["trial_key"] == key) & (methods["method"] == "difference in means")]
    return float(row["estimate"].iloc[0])


def lesson_trials(study: Study, trials: Sequence[Trial]) -> list[Trial]:
    """Supported Work's trial and its two comparisons, as far as they are at hand.

    Parameters
    ----------
    study : Study
        Reads the comparisons, and records what it read.
    trials : sequence of Trial
        Those that the report is about.

    Returns
    -------
    list of Trial
        Empty without the trial: its answer is what the others are judged by.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> lottery = Trial("nsw", "", "", pd.DataFrame(), "", {}, {}, "re78", ())
    >>> at_hand = {"nsw_psid": Trial("nsw_psid", "", "", pd.DataFrame(), "", {}, {}, "re78", ())}
    >>> study = SimpleNamespace(comparison=at_hand.get)
    >>> [trial.key for trial in lesson_trials(study, [lottery])]
    ['nsw', 'nsw_psid']
    >>> lesson_trials(study, [])
    []
    """
    lottery = next((trial for trial in trials if trial.key == "nsw"), None)
    if lottery is None:
        return []
    others = [study.comparison(key) for key in ("nsw_cps", "nsw_psid")]
    return [lottery, *(trial for trial in others if trial is not None)]


def overlap_alt(rows: pd.DataFrame, grades: pd.DataFrame) -> str:
    """Text alternative of the picture of overlap: who lies where, in numbers.

    Parameters
    ----------
    rows : DataFrame
        From :func:`overlap_rows`.
    grades : DataFrame
        From :func:`grade_rows`: ``trial_key`` and ``grade`` are read.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> rows = pd.DataFrame({"trial": "Survey", "trial_key": "p", "treated_share": [0.1, 0.6],
    ...                      "control_share": [0.9, 0.0]})
    >>> grades = pd.DataFrame({"trial_key": ["p"], "grade": ["not credible"]})
    >>> overlap_alt(rows, grades)[47:100]
    'Survey: 90% of the others have a chance below a tenth'
    """
    parts = []
    for key, part in rows.groupby("trial_key", sort=False):
        bottom, top = part.iloc[0], part.iloc[-1]
        grade = grades.loc[grades["trial_key"] == key, "grade"].iloc[0]
        parts.append(
            f"{part['trial'].iloc[0]}: {bottom['control_share']:.0%} of the others have a chance "
            f"below a tenth and {top['treated_share']:.0%} of the treated one above nine tenths "
            f"({grade})"
        )
    return "Chance of being in the program, three designs. " + "; ".join(parts) + "."
