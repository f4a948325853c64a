"""What several ways of reading the federal records say, beside the truth where it is known."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.effects import Scores, difference_in_means, group_estimates
from analysis.effects.effect import confidence_interval
from analysis.effects.matched_cells import matched_effect
from analysis.errors import WorkbenchError
from analysis.framework import Framework
from analysis.reports.effect_tables import AIPW, level_members
from analysis.reports.html_tables import Column
from analysis.reports.record_studies import BEFORE, OUTCOME, RecordStudy
from analysis.reports.words import number

BEFORE_AFTER = "gain from before to after"
PLAIN = "trained less job search only"
IN_THE_DIP = "difference-in-differences, from the last quarter before"
BEFORE_THE_DIP = "difference-in-differences, from three quarters before"
MATCHED = "matched contrast"
ADJUSTED = "AIPW"


def design_columns(record: RecordStudy) -> dict[str, Column]:
    """Columns of the table of readings; with the truth where records are simulated.

    Parameters
    ----------
    record : RecordStudy
        With ``truth`` where the records are simulated.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> from analysis.reports.record_studies import RecordStudy
    >>> list(design_columns(RecordStudy(None, None)))
    ['method', 'group', 'estimate', 'interval_low', 'interval_high', 'unmatched_share', 'people']
    >>> design_columns(RecordStudy(None, pd.DataFrame()))["truth"].heading
    'Truth (dollars a quarter)'
    """
    known = {
        "truth": Column("Truth (dollars a quarter)", "dollars"),
        "error": Column("Errs by (dollars)", "dollars"),
    }
    return {
        "method": Column("Read by"),
        "group": Column("Group"),
        "estimate": Column("Says (dollars a quarter)", "dollars"),
        "interval_low": Column("Interval, from", "dollars"),
        "interval_high": Column("to", "dollars"),
        **(known if record.truth is not None else {}),
        "unmatched_share": Column("Trained people left out", "share"),
        "people": Column("Trained people", "count"),
    }


def _shown_groups(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table of effects for everyone, race and gender that may be shown."""
    kinds = table["grouping"].isin(["all", "race", "gender"])
    one = table[kinds & (table["estimator"] == AIPW) & (table["status"] == "shown")]
    return one.reset_index(drop=True)


def record_rows(
    record: RecordStudy, table: pd.DataFrame, scores: Scores, framework: Framework
) -> pd.DataFrame:
    """Six readings of the same people, for everyone and by race and gender.

    The matched contrast has no estimate for a group of which too many could not be matched.

    Parameters
    ----------
    record : RecordStudy
    table : DataFrame
        Effects of its trial by group; groups hidden there are left out here.
    scores : Scores
        Influence values behind its adjusted estimates.
    framework : Framework

    Returns
    -------
    DataFrame
        ``method``, ``group``, ``estimate``, ``standard_error``, ``interval_low``,
        ``interval_high``, ``unmatched_share`` (missing where too few people are left out or
        kept), ``people``; ``truth`` and ``error`` for a simulated state, whose truth counts all
        trained people, also those whose outcome is not known.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> from analysis.reports.effect_studies import trial_effects
    >>> from analysis.tables.trials import Trial
    >>> n, rules = 40, load_framework()
    >>> people = pd.DataFrame({"treated": np.repeat([0, 1], n), "race": "white", "stratum": "",
    ...     **{name: 1000.0 for name in BEFORE.values()}})
    >>> people[OUTCOME] = 1500.0 + 300 * people["treated"] + np.tile([10.0, -10.0], n)
    >>> people[[*rules.record_matching.cells, "earnings_band", "last_quarter_band"]] = 0
    >>> trial = Trial("wioa", "", "", people, "", {OUTCOME: ""}, {}, OUTCOME, (BEFORE[-1],))
    >>> flags, means = people["treated"].to_numpy() == 1, people[OUTCOME].to_numpy() / n
    >>> scores = Scores(means * flags, means * ~flags, np.full(2 * n, 0.5 / n), flags,
    ...                 np.full(2 * n, 0.5), "treated", "AIPW", np.zeros(1))
    >>> table = trial_effects(trial, OUTCOME, rules, scores)
    >>> rows = record_rows(RecordStudy(trial, None), table, scores, rules).round(1)
    >>> rows[["method", "group", "estimate"]].head(2).values.tolist()
    [['gain from before to after', 'all', 800.0], ['trained less job search only', 'all', 300.0]]
    """
    shown = _shown_groups(table)
    frame, rows = record.trial.frame, []
    for row, inside in zip(shown.itertuples(), level_members(record.trial, shown), strict=True):
        part = frame[inside]
        trained = int(part["treated"].sum())
        named = {"group": row.group, "grouping": row.grouping, "people": trained}
        adjusted = group_estimates(scores, [inside])
        found = [
            *_readings(part, framework),
            (ADJUSTED, float(adjusted.estimates[0]), float(adjusted.standard_errors[0]), np.nan),
        ]
        for method, estimate, error, left_out in found:
            low, high = confidence_interval(
                estimate, error, confidence_level=framework.estimation.confidence_level
            )
            rows.append(
                named
                | {"method": method, "estimate": estimate, "standard_error": error}
                | {"interval_low": low, "interval_high": high, "unmatched_share": left_out}
                | _against_truth(record, str(row.grouping), str(row.group), estimate)
            )
    return pd.DataFrame(rows)


def _readings(
    part: pd.DataFrame, framework: Framework
) -> Iterator[tuple[str, float, float, float]]:
    trained = part[part["treated"] == 1]
    gain = trained[OUTCOME] - trained[BEFORE[-1]]
    yield BEFORE_AFTER, float(gain.mean()), float(gain.sem()), np.nan
    plain = difference_in_means(part[OUTCOME], part["treated"])
    yield PLAIN, plain.estimate, plain.standard_error, np.nan
    for name, quarter in ((IN_THE_DIP, -1), (BEFORE_THE_DIP, -3)):
        change = difference_in_means(part[OUTCOME] - part[BEFORE[quarter]], part["treated"])
        yield name, change.estimate, change.standard_error, np.nan
    rules = framework.record_matching
    cells = [*rules.cells, "earnings_band", "last_quarter_band"]
    try:
        matched = matched_effect(part, OUTCOME, cells, adjust=list(BEFORE.values()))
    except WorkbenchError:
        # nobody of the group is like anybody else of it
        yield MATCHED, np.nan, np.nan, 1.0
        return
    minimum = framework.disclosure.minimum_cell
    lost = round(matched.unmatched_share * len(trained))
    told = lost == 0 or minimum <= lost <= len(trained) - minimum
    left_out = matched.unmatched_share if told else np.nan
    if matched.unmatched_share > framework.record_matching.largest_unmatched_share:
        # an effect on the few who could be matched says little about the group
        yield MATCHED, np.nan, np.nan, left_out
    else:
        yield MATCHED, matched.effect.estimate, matched.effect.standard_error, left_out


def _against_truth(
    record: RecordStudy, grouping: str, group: str, estimate: float
) -> dict[str, float]:
    if record.truth is None:
        return {}
    truth = true_effect(record.truth, grouping, group)
    return {"truth": truth, "error": estimate - truth}


def true_effect(truth: pd.DataFrame, grouping: str, group: str, quarter: int = 4) -> float:
    """True mean effect of training on the trained of a group, where the simulation knows it.

    Parameters
    ----------
    truth : DataFrame
        As of :class:`analysis.reports.record_studies.RecordStudy`.
    grouping, group : str
        ``race`` or ``gender`` and one of its groups; anything else is everyone.
    quarter : int
        After exit, 1 to 4.

    Returns
    -------
    float
        Dollars a quarter; NaN where the simulation has no such group.

    Examples
    --------
    >>> truth = pd.DataFrame({"race": ["all", "white"], "gender": "all", "effect_q4": [9.0, 8.0]})
    >>> true_effect(truth, "race", "white")
    8.0
    """
    race = group if grouping == "race" else "all"
    gender = group if grouping == "gender" else "all"
    row = truth[(truth["race"] == race) & (truth["gender"] == gender)]
    return float(row[f"effect_q{quarter}"].iloc[0]) if len(row) else np.nan


def record_sentence(rows: pd.DataFrame) -> str:
    """What the table says in words, with mean reversion explained.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`record_rows`.

    Returns
    -------
    str

    Examples
    --------
    >>> rows = pd.DataFrame({"group": "all", "method": [BEFORE_AFTER, MATCHED],
    ...                      "estimate": [2600.0, 400.0], "truth": 350.0, "error": [2250.0, 50.0]})
    >>> said = record_sentence(rows)
    >>> "$2,600 a quarter, is mostly the way back" in said, "Nearest here comes: matched" in said
    (True, True)
    >>> record_sentence(rows.drop(columns=["truth", "error"]))[-33:]
    'checks say how far to believe it.'
    """
    every = rows[rows["group"] == "all"].set_index("method")
    raw, matched = every.loc[BEFORE_AFTER], every.loc[MATCHED]
    told = (
        "People come for help after a bad quarter, and most of it would have passed without any "
        "program. So the gain from before to after, "
        f"{number(raw['estimate'], 'dollars')} a quarter, is mostly the way back and not the "
        "program. Comparing trained people with others of the same state, quarter, schooling, "
        "age, barriers, earlier occupation and earlier earnings says "
        f"{number(matched['estimate'], 'dollars')}"
    )
    if "truth" not in rows:
        return f"{told}; what is right nobody knows, and the checks say how far to believe it."
    best = every["error"].abs().idxmin()
    return (
        f"{told}; the truth of this simulated state is {number(raw['truth'], 'dollars')}. Nearest "
        f"here comes: {best}. That depends on how people were selected, so nearness in a "
        "simulation is no reason to prefer it elsewhere."
    )
