"""Gaps of gains between groups in the records: other fields, or more from the same field?"""

from collections.abc import Sequence

import pandas as pd

from analysis.effects import field_splits
from analysis.effects.effect import critical_value
from analysis.errors import WorkbenchError
from analysis.framework import Framework
from analysis.reports.effect_tables import AIPW
from analysis.reports.html_tables import Column
from analysis.reports.record_studies import OUTCOME, RecordStudy
from analysis.reports.words import count_noun

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


def _split_pairs(table: pd.DataFrame) -> list[tuple[str | Sequence[str], str, str]]:
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

    Parameters
    ----------
    record : RecordStudy
    table : DataFrame
        Effects of its trial by group; pairs of groups that it shows are split.
    framework : Framework

    Returns
    -------
    DataFrame
        Rows of :func:`analysis.effects.field_split.field_splits` with ``pair``, ``gap_low``,
        ``gap_high`` and ``people``, dollars a quarter; pairs that cannot be split (too few people,
        no two fields) are left out.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> from analysis.tables.trials import Trial
    >>> people = pd.DataFrame({"treated": [0, 1] * 80, "gender": ["women"] * 80 + ["men"] * 80,
    ...     "field": ["", "51"] * 30 + ["", "47"] * 10 + ["", "51"] * 10 + ["", "47"] * 30})
    >>> gain = 200.0 + 300.0 * (people["field"] == "47")
    >>> people[OUTCOME] = 1000 + gain * people["treated"] + [5.0, 5.0, -5.0, -5.0] * 40
    >>> trial = Trial("wioa", "", "", people, "", {OUTCOME: ""}, {}, OUTCOME, ())
    >>> shown = pd.DataFrame({"grouping": "gender", "group": ["women", "men"], "estimator": AIPW,
    ...                       "status": "shown"})
    >>> rows = split_rows(RecordStudy(trial, None), shown, load_framework()).round(6)
    >>> rows[["pair", "gap", "between", "people"]].values.tolist()
    [['men less women', 150.0, 150.0, 80]]
    """
    trial = record.trial
    people = trial.frame[(trial.frame["treated"] == 0) | (trial.frame["field"] != "")]
    drawn_in = [name for name in trial.covariates if not name.startswith("entry_quarter")]
    parts = []
    for pair in _split_pairs(table):
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
    """How many gaps come from other fields, and how many from the same field, beyond chance.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`split_rows`.
    level : float
        Confidence level at which a part is beyond chance.

    Returns
    -------
    str

    Examples
    --------
    >>> rows = pd.DataFrame({"between": [90.0, 5.0], "between_standard_error": 10.0,
    ...                      "within": [5.0, 5.0], "within_standard_error": 10.0})
    >>> split_sentence(rows, 0.95)[:36]
    'Of 2 gaps, 1 is beyond chance becaus'
    """
    reach = critical_value(level)
    between = int((rows["between"].abs() > reach * rows["between_standard_error"]).sum())
    within = int((rows["within"].abs() > reach * rows["within_standard_error"]).sum())
    return (
        f"Of {count_noun(len(rows), 'gap')}, {between or 'none'} is beyond chance because groups "
        f"train for other fields, {within or 'none'} because one group gains more from training "
        f"in the same field; of so many about {(1 - level) * len(rows):.1f} would be by chance "
        "alone."
    )
