"""Which studies a report is about, and each study's effects by the framework's rules."""

from collections.abc import Sequence

import pandas as pd

from analysis import effects
from analysis.framework import Framework
from analysis.reports.effect_tables import effect_rows
from analysis.reports.study import Study
from analysis.tables.trials import Trial, trial_from_participants

SITE_COLUMNS = ["site", "estimate", "standard_error", "n_treated", "n_control"]


def split_names(names: str) -> list[str]:
    """Names of a parameter that holds several, with commas between.

    Examples
    --------
    >>> split_names("race, gender,")
    ['race', 'gender']
    """
    return [part.strip() for part in names.split(",") if part.strip()]


def chosen_trials(
    study: Study,
    *,
    participants: str,
    outcome: str,
    treatment: str,
    groups: str,
    covariates: str,
    stratum: str,
) -> list[Trial]:
    """The user's own participants as one trial where a file is given, else the trials at hand.

    Parameters
    ----------
    study : Study
    participants, outcome, treatment, groups, covariates, stratum : str
        Parameters of the notebook, as written; several names have commas between them.

    Returns
    -------
    list of Trial

    Raises
    ------
    WorkbenchError
        When the file or a column of it cannot be used, or no trial measured the outcome.
    """
    if not participants:
        return study.trials_with(outcome)
    named, before = split_names(groups), split_names(covariates)
    own = study.own_participants(
        participants,
        treatment=treatment,
        outcome=outcome,
        groups=named,
        covariates=before,
        stratum=stratum,
    )
    return [trial_from_participants(own, outcome, named, before)]


def trial_effects(trial: Trial, outcome: str, framework: Framework) -> pd.DataFrame:
    """Effects of a trial by group under the framework's rules, as rows to be shown.

    Parameters
    ----------
    trial : Trial
        Race and gender as categories where their order matters.
    outcome : str
        Outcome column.
    framework : Framework

    Returns
    -------
    DataFrame
        As :func:`analysis.reports.effect_tables.effect_rows`.
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
    )
    return effect_rows(table)


def balance_rows(trials: Sequence[Trial]) -> pd.DataFrame:
    """Joint test of balance for each trial that measured something before assignment.

    Returns
    -------
    DataFrame
        ``trial``, ``people``, ``statistic``, ``p_value``; within strata where assignment was
        stratified, since a share that differs between strata is no failed lottery.
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

    Returns
    -------
    DataFrame
        ``site``, ``estimate``, ``standard_error``, ``n_treated``, ``n_control``: sites with
        enough people in both arms.
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
