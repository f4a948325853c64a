"""Effects by race in the records, under each rule of who counts as of a race."""

from typing import Any, get_args

import numpy as np
import pandas as pd

from analysis.effects import Scores, group_estimates, race_members
from analysis.effects.effect import confidence_interval
from analysis.effects.race_rules import RULES, Rule
from analysis.framework import Framework
from analysis.reports.html_tables import Column
from analysis.reports.record_studies import RecordStudy
from analysis.reports.words import number

RULE_COLUMNS = {
    "group": Column("Group"),
    "rule": Column("Who counts"),
    "estimate": Column("Effect (dollars a quarter)", "dollars"),
    "interval_low": Column("Interval, from", "dollars"),
    "interval_high": Column("to", "dollars"),
    "people": Column("People", "count"),
}


def rule_rows(record: RecordStudy, scores: Scores, framework: Framework) -> pd.DataFrame:
    """Effects by race under each rule of who counts as of a race, from one set of scores.

    Parameters
    ----------
    record : RecordStudy
        Its people with their answers on race (PIRL 210 to 215).
    scores : Scores
        Influence values of everyone in it.
    framework : Framework

    Returns
    -------
    DataFrame
        ``group``, ``rule`` (in words), ``rule_id``, ``estimate``, ``standard_error``,
        ``interval_low``, ``interval_high`` (dollars a quarter), ``people``. Rules nest: a group is
        shown only under rules whose people differ from those of every other shown rule by none, or
        by enough people in each arm that nothing follows from the difference.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> from analysis.tables.trials import Trial
    >>> answers = dict.fromkeys(["hispanic", "asian", "pacific_islander", "american_indian"], 0)
    >>> black, treated = np.repeat([1, 0], 40), np.tile([0, 1], 40)
    >>> people = pd.DataFrame(answers | {"black": black, "white": 1 - black, "treated": treated})
    >>> trial = Trial("wioa", "", "", people, "", {}, {}, "", ())
    >>> scores = Scores(500.0 * treated, 400.0 * (1 - treated), np.full(80, 0.5), treated == 1,
    ...                 np.full(80, 0.5), "treated", "AIPW", np.zeros(1))
    >>> rows = rule_rows(RecordStudy(trial, None), scores, load_framework())
    >>> rows[["group", "rule_id", "estimate", "people"]].values.tolist()[:2]
    [['Black', 'alone', 100.0, 40], ['Black', 'alone or in combination', 100.0, 40]]
    """
    minimum, treated = framework.disclosure.minimum_cell, record.trial.frame["treated"] == 1
    rules: tuple[Rule, ...] = get_args(Rule)
    found = {rule: race_members(record.trial.frame, rule) for rule in rules}
    rows: list[dict[str, Any]] = []
    names = dict.fromkeys(name for members in found.values() for name in members)
    for name in names:
        kept: list[tuple[Rule, pd.Series]] = []
        for rule, members in found.items():
            if name not in members:
                continue
            inside = members[name]
            if _enough(inside, treated, minimum, empty=False) and all(
                _enough(inside ^ other, treated, minimum, empty=True) for _, other in kept
            ):
                kept.append((rule, inside))
        for rule, inside in kept:
            one = group_estimates(scores, [inside.to_numpy()])
            estimate, error = float(one.estimates[0]), float(one.standard_errors[0])
            low, high = confidence_interval(
                estimate, error, confidence_level=framework.estimation.confidence_level
            )
            rows.append(
                {"group": name, "rule": RULES[rule], "rule_id": rule, "estimate": estimate}
                | {"standard_error": error, "interval_low": low, "interval_high": high}
                | {"people": int(inside.sum())}
            )
    return pd.DataFrame(rows)


def _enough(inside: pd.Series, treated: pd.Series, minimum: int, *, empty: bool) -> bool:
    counts = [int((inside & arm).sum()) for arm in (treated, ~treated)]
    return all(count >= minimum or (empty and count == 0) for count in counts)


def rule_sentence(rows: pd.DataFrame) -> str:
    """How far a group's effect moves with the rule of who counts.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`rule_rows`.

    Returns
    -------
    str

    Examples
    --------
    >>> rows = pd.DataFrame({"group": ["Black", "Black", "white"],
    ...                      "estimate": [300.0, 380.0, 90.0]})
    >>> rule_sentence(rows)[:64]
    "The rule moves a group's effect by up to $80 a quarter (Black); "
    >>> rule_sentence(rows.drop(index=1))
    'No group may be shown under more than one rule.'
    """
    several = rows.groupby("group")["estimate"].agg(["min", "max", "count"])
    several = several[several["count"] > 1]
    if several.empty:
        return "No group may be shown under more than one rule."
    apart = several["max"] - several["min"]
    widest = str(apart.idxmax())
    return (
        f"The rule moves a group's effect by up to {number(float(np.max(apart)), 'dollars')} a "
        f"quarter ({widest}); everywhere else this report uses the federal record's single answer."
    )
