"""Records quarter by quarter, by who counts as of a race, and by field of study."""

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import pandas as pd

from analysis.effects import (
    EventStudy,
    Scores,
    field_splits,
    group_estimates,
    race_members,
)
from analysis.effects.effect import confidence_interval, critical_value
from analysis.effects.entry_cohorts import entry_cohort_effects
from analysis.effects.event_study import PreTrend, early_effects_test, event_study
from analysis.effects.race_rules import RULES, Rule
from analysis.errors import WorkbenchError
from analysis.framework import Framework
from analysis.reports.effect_tables import AIPW
from analysis.reports.html_tables import Column
from analysis.reports.record_designs import true_effect
from analysis.reports.record_studies import AFTER, BEFORE, OUTCOME, RecordStudy
from analysis.reports.words import count_noun, number

REFERENCE = -3
RULE_COLUMNS = {
    "group": Column("Group"),
    "rule": Column("Who counts"),
    "estimate": Column("Effect (dollars a quarter)", "dollars"),
    "interval_low": Column("Interval, from", "dollars"),
    "interval_high": Column("to", "dollars"),
    "people": Column("People", "count"),
}
SPLIT_COLUMNS = {
    "pair": Column("Groups"),
    "gap": Column("Gap of gains (dollars a quarter)", "dollars"),
    "gap_low": Column("Interval, from", "dollars"),
    "gap_high": Column("to", "dollars"),
    "between": Column("Other fields (dollars)", "dollars"),
    "between_standard_error": Column("its standard error", "dollars"),
    "within": Column("More from the same field (dollars)", "dollars"),
    "within_standard_error": Column("its standard error (same field)", "dollars"),
    "people": Column("Trained people", "count"),
}


def quarter_columns(record: RecordStudy) -> dict[str, Column]:
    """Columns of the table by quarter."""
    known = {"truth": Column("Truth (dollars)", "dollars")} if record.truth is not None else {}
    return {
        "quarter": Column("Quarter"),
        "estimate": Column("Effect (dollars a quarter)", "dollars"),
        "standard_error": Column("Standard error", "dollars"),
        "simultaneous_low": Column("Band over all quarters, from", "dollars"),
        "simultaneous_high": Column("to", "dollars"),
        **known,
        "cohorts": Column("Quarters of entry", "count"),
        "n_treated": Column("Trained people", "count"),
    }


def quarters(
    record: RecordStudy, framework: Framework
) -> tuple[pd.DataFrame, EventStudy, PreTrend] | None:
    """Effects by quarter before entry and after exit, over cohorts of entry.

    Returns
    -------
    tuple or None
        Rows to be shown (``quarter``, the event study's columns, ``truth`` where known), the
        event study, and the test that the quarters before differ by chance only. None where no
        cohort is large enough. People with an unknown wage in any quarter are left out.
    """
    frame = record.trial.frame.dropna(subset=list(AFTER.values()))
    drawn_in = [name for name in record.trial.covariates if not _of_wages_or_entry(name)]
    try:
        found = entry_cohort_effects(
            frame,
            BEFORE | AFTER,
            reference=REFERENCE,
            cohort="entry_quarter",
            minimum_cell=framework.disclosure.minimum_cell,
            covariates=drawn_in,
        )
    except WorkbenchError:
        return None
    rules = framework.estimation
    study = event_study(found, rules.confidence_level, rules.seed)
    rows = study.effects.copy()
    rows["quarter"] = [_quarter_word(int(time)) for time in rows["event_time"]]
    if record.truth is not None:
        rows["truth"] = [
            true_effect(record.truth, "all", "all", int(time)) if time > 0 else 0.0
            for time in rows["event_time"]
        ]
    return rows, study, early_effects_test(study)


def _of_wages_or_entry(name: str) -> bool:
    # wages are the outcome here, and a cohort is one quarter of entry
    return "wage_before" in name or name.startswith("entry_quarter")


def _quarter_word(time: int) -> str:
    return f"{abs(time)} before entry" if time < 0 else f"{time} after exit"


def quarters_sentence(rows: pd.DataFrame, test: PreTrend, level: float) -> str:
    """What the picture by quarter says, and what its check says of it."""
    after = rows[rows["event_time"] > 0]
    last = after.iloc[-1]
    passed = test.p_value > 1 - level
    check = (
        "do not differ beyond chance, which this file can hardly tell from a small difference"
        if passed
        else "differ beyond chance, so that what follows is not the program alone"
    )
    return (
        f"In quarter {last['quarter']}, trained people earned "
        f"{number(last['estimate'], 'dollars')} more than people who only searched, beyond what "
        "set the two apart three quarters before entry. "
        f"Before entry the two groups {check} (p = {test.p_value:.3f})."
    )


def rule_rows(record: RecordStudy, scores: Scores, framework: Framework) -> pd.DataFrame:
    """Effects by race under each rule of who counts as of a race, from one set of scores.

    Returns
    -------
    DataFrame
        ``group``, ``rule``, ``estimate``, ``standard_error``, ``interval_low``,
        ``interval_high``, ``people``. Rules nest: a group is shown only under rules whose people
        differ from those of every other shown rule by none, or by enough people in each arm that
        nothing follows from the difference.
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


def split_pairs(table: pd.DataFrame) -> list[tuple[str | Sequence[str], str, str]]:
    """Pairs of groups whose gap is split by field: those that a table of effects shows."""
    shown = table[(table["estimator"] == AIPW) & (table["status"] == "shown")]
    kinds = (
        ("race", "white", ("race",)),
        ("gender", "men", ("gender",)),
        ("race x gender", "white, men", ("race", "gender")),
    )
    pairs: list[tuple[str | Sequence[str], str, str]] = []
    for kind, first, columns in kinds:
        present = shown.loc[shown["grouping"] == kind, "group"].tolist()
        if first in present:
            others = [one for one in present if one != first and "not reported" not in one]
            column = columns[0] if len(columns) == 1 else list(columns)
            pairs += [(column, first, other) for other in others]
    return pairs


def split_rows(record: RecordStudy, table: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Gaps of gains between groups, split into other fields and more from the same field.

    Returns
    -------
    DataFrame
        Rows of :func:`analysis.effects.field_split.field_splits` with ``pair``, ``gap_low``,
        ``gap_high`` and ``people``; pairs that cannot be split (too few people, no two fields)
        are left out.
    """
    trial = record.trial
    people = trial.frame[(trial.frame["treated"] == 0) | (trial.frame["field"] != "")]
    drawn_in = [name for name in trial.covariates if not name.startswith("entry_quarter")]
    parts = []
    for pair in split_pairs(table):
        try:
            parts.append(
                field_splits(
                    people,
                    OUTCOME,
                    [pair],
                    minimum_cell=framework.disclosure.minimum_cell,
                    covariates=drawn_in,
                )
            )
        except WorkbenchError:
            continue
    if not parts:
        return pd.DataFrame()
    rows = pd.concat(parts, ignore_index=True)
    reach = critical_value(framework.estimation.confidence_level) * rows["gap_standard_error"]
    return rows.assign(
        pair=(rows["first"] + " less " + rows["second"]).str.replace(", ", " "),
        gap_low=rows["gap"] - reach,
        gap_high=rows["gap"] + reach,
        people=rows["n_first"] + rows["n_second"],
    )


def split_sentence(rows: pd.DataFrame, level: float) -> str:
    """How many gaps come from other fields, and how many from the same field, beyond chance."""
    reach = critical_value(level)
    between = int((rows["between"].abs() > reach * rows["between_standard_error"]).sum())
    within = int((rows["within"].abs() > reach * rows["within_standard_error"]).sum())
    return (
        f"Of {count_noun(len(rows), 'gap')}, {between or 'none'} is beyond chance because groups "
        f"train for other fields, {within or 'none'} because one group gains more from training "
        f"in the same field; of so many about {(1 - level) * len(rows):.1f} would be by chance "
        "alone."
    )


def rule_sentence(rows: pd.DataFrame) -> str:
    """How far a group's effect moves with the rule of who counts."""
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


def prefix(record: RecordStudy) -> str:
    """First part of the names of key figures: simulated ones are never taken for others."""
    return "records" if record.truth is None else "simulated_records"


def record_figures(
    record: RecordStudy,
    readings: pd.DataFrame,
    by_quarter: tuple[pd.DataFrame, EventStudy, PreTrend] | None,
    splits: pd.DataFrame,
) -> list[dict[str, Any]]:
    """Key figures of the records, as arguments of ``Study.key_figure``."""
    start = prefix(record)
    unit = "dollars a quarter"
    figures: list[dict[str, Any]] = [
        {
            "name": f"{start}.{row.method}.{row.grouping}.{row.group}".replace(", ", "_").replace(
                " ", "_"
            ),
            "estimate": row.estimate,
            "standard_error": row.standard_error,
            "interval": (row.interval_low, row.interval_high),
            "n": row.people,
            "n_of": "people trained",
            "unit": unit,
        }
        for row in readings.dropna(subset=["estimate"]).itertuples()
    ]
    if by_quarter is not None:
        rows, _, test = by_quarter
        last = rows.iloc[-1]
        figures.append(
            {
                "name": f"{start}.by_quarter.{last['quarter']}".replace(" ", "_"),
                "estimate": last["estimate"],
                "standard_error": last["standard_error"],
                "interval": (last["interval_low"], last["interval_high"]),
                "n": int(last["n_treated"]),
                "n_of": "people trained",
                "unit": unit,
                "note": f"quarters before entry alike: p = {test.p_value:.3f}",
            }
        )
    for row in splits.itertuples() if len(splits) else []:
        for part in ("between", "within"):
            figures.append(
                {
                    "name": f"{start}.field_split.{row.pair}.{part}".replace(" ", "_"),
                    "estimate": getattr(row, part),
                    "standard_error": getattr(row, f"{part}_standard_error"),
                    "n": row.people,
                    "n_of": "people trained",
                    "unit": unit,
                }
            )
    return figures
