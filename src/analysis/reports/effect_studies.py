"""Which studies a report is about, and each study's effects by the framework's rules."""

from collections.abc import Sequence

import pandas as pd

from analysis import effects
from analysis.errors import WorkbenchError
from analysis.framework import Estimation, Framework
from analysis.reports.effect_hiding import hidden_groups, hide_groups
from analysis.reports.effect_tables import effect_rows
from analysis.reports.study import Study
from analysis.reports.words import joined, text
from analysis.tables.trials import Trial, trial_from_participants

# parts of a file of participants that a parameter of the same name may give a column to
_PARTS = ("stratum", "weights", "cluster", "attended", "cost")
SITE_COLUMNS = ["site", "estimate", "standard_error", "n_treated", "n_control"]


def _split_names(names: str) -> list[str]:
    """Names of a parameter that holds several, with commas between.

    Examples
    --------
    >>> _split_names("race, gender,")
    ['race', 'gender']
    """
    return [part.strip() for part in names.split(",") if part.strip()]


def chosen_trials(study: Study) -> list[Trial]:
    """The user's own participants as one trial where a file is given, else the trials at hand.

    Parameters
    ----------
    study : Study
        Its parameters name the file and the part that each column plays; several names have
        commas between them.

    Returns
    -------
    list of Trial

    Raises
    ------
    WorkbenchError
        When the file or a column of it cannot be used, or no trial measured the outcome.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> names = ["participants", "outcome", "design", "earlier", "covariates", *_PARTS]
    >>> study = SimpleNamespace(parameters=dict.fromkeys(names, ""), trials_with=lambda of: ["nsw"])
    >>> chosen_trials(study)
    ['nsw']
    >>> study.parameters["cluster"] = "site"
    >>> chosen_trials(study)
    Traceback (most recent call last):
    ...
    analysis.errors.WorkbenchError: parameter 'cluster': names a column of an own file, ...
    """
    given = {name: str(value) for name, value in study.parameters.items()}
    outcome, design, earlier = given["outcome"], given["design"], given["earlier"]
    if not given["participants"]:
        _refuse_parts_without_file(given)
        return study.trials_with(outcome)
    if not outcome:
        raise WorkbenchError(
            "parameter 'outcome': empty, and a file of participants is given",
            "Name the column of the file that holds the outcome.",
        )
    named, before = _split_names(given["groups"]), _split_names(given["covariates"])
    if earlier and earlier not in before:
        before.append(earlier)
    if design == "comparison" and not before:
        raise WorkbenchError(
            "parameter 'covariates': empty, and the design is a comparison",
            "Without a lottery people must be compared with their like: name what was known "
            "before the program.",
        )
    own = study.own_participants(
        given["participants"],
        treatment=given["treatment"],
        outcome=outcome,
        groups=named,
        covariates=before,
        missing_outcomes="leave out",
        **{part: given[part] for part in _PARTS},
    )
    stated = "randomised" if design == "randomised" else "comparison group, not randomised"
    return [trial_from_participants(own, outcome, named, before, design=stated, earlier=earlier)]


def _refuse_parts_without_file(given: dict[str, str]) -> None:
    for part in (*_PARTS, "covariates", "earlier"):
        if given[part]:
            raise WorkbenchError(
                f"parameter '{part}': names a column of an own file, and none is given",
                "Give the file as 'participants', or leave the parameter empty.",
            )


def survey_note(trials: Sequence[Trial]) -> str:
    """What is not shown for studies with weights or clusters, whose methods do not keep to them.

    Parameters
    ----------
    trials : sequence of Trial

    Returns
    -------
    str
        HTML-safe; empty where no study has weights or clusters.

    Examples
    --------
    >>> trial = Trial("t", "Own <1>", "", pd.DataFrame(), "", {}, {}, "pay", (), parts=("weight",))
    >>> survey_note([trial])[:36], survey_note([])
    ('Not shown for Own &lt;1&gt;: bounds ', '')
    """
    names = [trial.title for trial in trials if not trial.is_plain]
    if not names:
        return ""
    return (
        f"Not shown for {joined([text(name) for name in names])}: bounds for people who work, "
        "quantiles, the wage to live on, and what raw gaps are made of. Their methods here take "
        "people as independent and each for one, and this study has weights or clusters."
    )


def trial_scores(trial: Trial, outcome: str, rules: Estimation) -> effects.Scores | None:
    """Influence values of cross-fitted AIPW for a trial or a comparison.

    Parameters
    ----------
    trial : Trial
    outcome : str
    rules : Estimation

    Returns
    -------
    Scores or None
        For a trial, of everyone with the design's chance of treatment (the share assigned by
        stratum); for a comparison, of the treated with an estimated one. None where nothing was
        measured before the program, or an arm has fewer people than there are folds.

    Raises
    ------
    WorkbenchError
        For an outcome or covariate that is missing or no number, or a stratum of a lottery with
        nobody in an arm.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rules = load_framework().estimation.model_copy(update={"repetitions": [1, 1, 1]})
    >>> people = pd.DataFrame({"age": [20.0, 30.0, 40.0, 50.0] * 20})
    >>> people["treated"] = [1] * 40 + [0] * 40
    >>> people["pay"] = 10 * people["age"] + 100 * people["treated"]
    >>> trial = Trial("t", "Trial", "", people, "year 1", {}, {}, "pay", ("age",))
    >>> scores = trial_scores(trial, "pay", rules)
    >>> round(float(scores.numerator().sum() / scores.share.sum()), 1), scores.target
    (100.0, 'everyone')
    >>> alone = Trial("t", "Trial", "", people, "year 1", {}, {}, "pay", ())
    >>> trial_scores(alone, "pay", rules) is None
    True
    """
    frame = trial.frame
    arms = frame["treated"].value_counts()
    if not trial.covariates or len(arms) < 2 or arms.min() < rules.folds:
        return None
    covariates = frame[list(trial.covariates)]
    if trial.stratum_name:
        strata = effects.stratum_indicators(frame["stratum"], "stratum").set_axis(frame.index)
        covariates = pd.concat([covariates, strata], axis=1)
    randomised = trial.design == "randomised"
    within = frame["stratum"] if trial.stratum_name else pd.Series("", index=frame.index)
    weights = frame["weight"] if trial.part("weight") else None
    known = effects.design_shares(frame["treated"], within, weights) if randomised else None
    return effects.aipw_scores(
        frame[outcome],
        frame["treated"],
        covariates,
        target="everyone" if randomised else "treated",
        propensity=known,
        folds=rules.folds,
        weights=weights,
        cluster=frame["cluster"] if trial.part("cluster") else None,
        repetitions=rules.repetitions_for(len(frame)),
        seed=rules.seed,
    )


def trial_effects(
    trial: Trial, outcome: str, framework: Framework, scores: effects.Scores | None
) -> pd.DataFrame:
    """Effects of a trial by group under the framework's rules, as rows to be shown.

    Parameters
    ----------
    trial : Trial
        Race and gender as categories where their order matters.
    outcome : str
        Outcome column.
    framework : Framework
    scores : Scores or None
        Of :func:`trial_scores`.

    Returns
    -------
    DataFrame
        As :func:`analysis.reports.effect_tables.effect_rows`.

    Raises
    ------
    WorkbenchError
        As :func:`analysis.effects.groups.group_effects`.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> people = pd.DataFrame({"treated": [1, 0] * 40, "race": ["Black"] * 30 + ["white"] * 50})
    >>> people["pay"] = 100.0 * people["treated"] + [90.0, 90.0, 110.0, 110.0] * 20
    >>> trial = Trial("t", "Trial", "", people, "year 1", {}, {}, "pay", ())
    >>> rows = trial_effects(trial, "pay", load_framework(), None)
    >>> rows[["group", "estimate", "n_treated"]].round(6).values.tolist()
    [['all', 100.0, 40.0], ['Black', 100.0, 15.0], ['white', 100.0, 25.0]]
    """
    rules = framework.estimation
    table = effects.group_effects(
        trial.frame,
        outcome,
        minimum_cell=framework.disclosure.minimum_cell,
        groups=trial.groupings,
        covariates=trial.covariates,
        after_assignment=trial.after_assignment,
        stratum="stratum" if trial.stratum_name else None,
        stratum_name=trial.stratum_name or None,
        stratified_groupings=(effects.EVERYONE,),
        confidence_level=rules.confidence_level,
        small_sample_below=rules.small_sample_below,
        minimum_people_per_parameter=rules.minimum_people_per_parameter,
        maximum_leverage=rules.maximum_leverage,
        weights=trial.part("weight"),
        cluster=trial.part("cluster"),
        scores=scores,
    )
    return effect_rows(hide_groups(table, hidden_groups(trial, outcome, framework.disclosure)))


def balance_rows(trials: Sequence[Trial]) -> pd.DataFrame:
    """Joint test of balance for each trial that measured something before assignment.

    Parameters
    ----------
    trials : sequence of Trial
        Those without covariates are left out.

    Returns
    -------
    DataFrame
        ``trial``, ``people``, ``statistic``, ``p_value``; within strata where assignment was
        stratified, since a share that differs between strata is no failed lottery.

    Raises
    ------
    WorkbenchError
        As :func:`analysis.effects.balance.joint_balance_test`.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [20.0, 30.0, 40.0, 50.0] * 20})
    >>> people["treated"] = [1] * 40 + [0] * 40
    >>> trial = Trial("t", "Trial", "", people, "year 1", {}, {}, "pay", ("age",))
    >>> balance_rows([trial])[["people", "p_value"]].round(6).values.tolist()
    [[80.0, 1.0]]
    """
    rows = []
    for trial in trials:
        if trial.covariates:
            stratum = "stratum" if trial.stratum_name else None
            joint = effects.joint_balance_test(trial.frame, list(trial.covariates), stratum=stratum)
            rows.append((trial.title, len(trial.frame), joint.statistic, joint.p_value))
    return pd.DataFrame(rows, columns=["trial", "people", "statistic", "p_value"])


def site_rows(trials: Sequence[Trial], outcome: str, minimum_cell: int) -> pd.DataFrame:
    """Effects by site of the JTPA study, for the calibration of tiers; empty without it.

    Parameters
    ----------
    trials : sequence of Trial
        Only the one with key ``jtpa_women`` is read; its strata are the sites.
    outcome : str
        Outcome column; the trial's own default if empty.
    minimum_cell : int
        Fewest people in an arm of a site that is shown.

    Returns
    -------
    DataFrame
        ``site``, ``estimate``, ``standard_error``, ``n_treated``, ``n_control``: sites with
        enough people in both arms.

    Raises
    ------
    WorkbenchError
        As :func:`analysis.effects.groups.group_effects`.

    Examples
    --------
    Sites b and c have six people in each arm:

    >>> people = pd.DataFrame({"treated": [1, 0] * 32})
    >>> people["stratum"] = ["a"] * 40 + ["b"] * 12 + ["c"] * 12
    >>> people["pay"] = 100.0 * people["treated"] + [90.0, 90.0, 110.0, 110.0] * 16
    >>> trial = Trial("jtpa_women", "JTPA", "", people, "", {}, {}, "pay", ())
    >>> site_rows([trial], "", 10).drop(columns="standard_error").round(6).values.tolist()
    [['a', 100.0, 20, 20]]
    """
    women = next((trial for trial in trials if trial.key == "jtpa_women"), None)
    if women is None:
        return pd.DataFrame(columns=SITE_COLUMNS)
    by_site = effects.group_effects(
        women.frame,
        outcome or women.default_outcome,
        minimum_cell=minimum_cell,
        groups=[("stratum",)],
    )
    shown = by_site[(by_site["grouping"] == "stratum") & (by_site["status"] == "shown")]
    return shown.rename(columns={"group": "site"})[SITE_COLUMNS].reset_index(drop=True)
