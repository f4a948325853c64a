"""All groups of a study read at once: joint bands, adjusted p-values, shrunk estimates, power."""

import numpy as np
import pandas as pd

from analysis import effects
from analysis.effects.joint_bands import joint_bands, step_down_p_values
from analysis.effects.shrinkage import SHRUNK, shrunk_to_pooled
from analysis.framework import Estimation
from analysis.reports.effect_tables import AIPW, level_members
from analysis.reports.html_tables import Column
from analysis.tables.trials import Trial


def columns(confidence_level: float) -> dict[str, Column]:
    """Columns of the table of groups read at once.

    Parameters
    ----------
    confidence_level : float
        Of the bands, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns(0.9)["simultaneous_low"].heading
    '90% band over all groups, from'
    """
    return {
        "group": Column("Group"),
        "estimate": Column("Effect (dollars)", "cents"),
        "simultaneous_low": Column(f"{confidence_level:.0%} band over all groups, from", "cents"),
        "simultaneous_high": Column("to", "cents"),
        "p_value": Column("p-value", "p_value"),
        "p_value_holm": Column("p-value, Holm", "p_value"),
        "p_value_step_down": Column("p-value, step-down", "p_value"),
        "shrunk_estimate": Column("Shrunk to the pooled effect (dollars)", "cents"),
        "shrunk_standard_error": Column("its standard error", "cents"),
        "detectable_effect": Column("Effect found 4 times in 5 (dollars)", "cents"),
        "people": Column("People", "count"),
    }


def read_at_once(
    trial: Trial, table: pd.DataFrame, scores: effects.Scores | None, rules: Estimation
) -> pd.DataFrame:
    """Adjusted effects of every shown group, read together.

    Parameters
    ----------
    trial : Trial
    table : DataFrame
        Rows of effects of the trial.
    scores : Scores or None
        Influence values behind its adjusted estimates.
    rules : Estimation

    Returns
    -------
    DataFrame
        One row a shown group, everyone first, with the columns of :func:`columns` in the unit of
        the outcome. The band covers all rows at once although groups overlap; Holm's and the
        step-down p-values count the groups of one kind; shrinkage is within one kind. Empty without
        scores.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> race, treated = np.repeat(["Black", "white"], 40), np.tile([0.0, 1.0], 40)
    >>> wage = 1000 + 300 * treated + 10 * np.cos(np.arange(80))
    >>> people = pd.DataFrame({"race": race, "treated": treated, "wage": wage})
    >>> trial = Trial("demo", "", "", people, "", {"wage": ""}, {}, "wage", ())
    >>> scores = effects.Scores(2 * wage * treated / 80, 2 * wage * (1 - treated) / 80,
    ...     np.full(80, 1 / 80), treated == 1, np.full(80, 0.5), "everyone", AIPW, np.zeros(1))
    >>> members = [np.ones(80, bool), race == "Black", race == "white"]
    >>> found = effects.group_estimates(scores, members)
    >>> names = ["all", "Black", "white"]
    >>> table = pd.DataFrame({"grouping": ["all", "race", "race"], "group": names, "race": names,
    ...     "estimator": AIPW, "status": "shown", "estimate": found.estimates,
    ...     "standard_error": found.standard_errors, "degrees_of_freedom": np.inf})
    >>> rows = read_at_once(trial, table, scores, load_framework().estimation)
    >>> rows[["group", "estimate", "people"]].round(-1).values.tolist()
    [['all', 300.0, 80], ['Black', 300.0, 40], ['white', 300.0, 40]]
    >>> bool((rows["p_value_holm"] >= rows["p_value"]).all())
    True
    """
    shown = table[(table["estimator"] == AIPW) & (table["status"] == "shown")]
    if scores is None or shown.empty:
        return pd.DataFrame()
    shown = shown.reset_index(drop=True)
    found = effects.group_estimates(scores, level_members(trial, shown))
    bands = joint_bands(found, rules.confidence_level, rules.seed)
    rows = shown[["grouping", "group", "estimate", "standard_error", "degrees_of_freedom"]].join(
        bands
    )
    freedom = rows["degrees_of_freedom"].to_numpy()
    rows["p_value"] = effects.two_sided_p_values(rows["estimate"], rows["standard_error"], freedom)
    # where no group but everyone may be shown there is nothing to shrink
    rows[list(SHRUNK)] = np.nan
    for kind, part in rows.groupby("grouping", sort=False):
        chosen = part.index.to_numpy()
        within = found.only(chosen)
        rows.loc[chosen, "p_value_holm"] = effects.holm_adjusted(part["p_value"])
        rows.loc[chosen, "p_value_step_down"] = step_down_p_values(within, rules.seed)
        if kind != effects.EVERYONE:
            shrunk = shrunk_to_pooled(
                part["estimate"], part["standard_error"], rules.confidence_level
            ).set_index(chosen)
            rows.loc[chosen, shrunk.columns] = shrunk
    rows["detectable_effect"] = [
        effects.detectable_effect(error, confidence_level=rules.confidence_level)
        for error in rows["standard_error"]
    ]
    return rows.assign(people=found.n_treated + found.n_control)
