"""The same program on other outcomes: year by year, earnings of those who work, raw gaps."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.effects.decomposition import decomposed_gap
from analysis.effects.lee_bounds import lee_bounds
from analysis.framework import Framework
from analysis.reports.effect_hiding import all_shown, hidden_groups
from analysis.reports.effect_studies import trial_effects, trial_scores
from analysis.reports.effect_tables import AIPW, gap_pairs
from analysis.reports.html_tables import Column
from analysis.reports.words import joined, text
from analysis.tables.trials import Trial

YEAR_COLUMNS = {
    "outcome": Column("Outcome"),
    "trial": Column("Study"),
    "group": Column("Group"),
    "estimate": Column("Effect", "number"),
    "interval_low": Column("Interval, from", "number"),
    "interval_high": Column("to", "number"),
    "people": Column("People", "count"),
}
LEE_COLUMNS = {
    "group": Column("Group"),
    "trial": Column("Study"),
    "naive": Column("Workers compared as they are (dollars)", "cents"),
    "low": Column("Effect at least (dollars)", "cents"),
    "high": Column("at most", "cents"),
    "interval_low": Column("Interval, from", "cents"),
    "interval_high": Column("to", "cents"),
    "working_treated": Column("Work with the program", "share"),
    "working_control": Column("Work without", "share"),
    "trimmed_arm": Column("Trimmed side"),
    "people": Column("People", "count"),
}
GAP_PART_COLUMNS = {
    "pair": Column("Groups"),
    "trial": Column("Study"),
    "gap": Column("Raw gap (dollars)", "cents"),
    "explained": Column("Characteristics (dollars)", "cents"),
    "explained_standard_error": Column("its standard error", "cents"),
    "unexplained": Column("Not explained (dollars)", "cents"),
    "unexplained_standard_error": Column("its standard error", "cents"),
    "people": Column("People", "count"),
}


def rows_by_outcome(trials: Sequence[Trial], framework: Framework) -> pd.DataFrame:
    """Adjusted effects on every outcome of each trial, for everyone and by first grouping.

    Parameters
    ----------
    trials : sequence of Trial
        Those without covariates, or with fewer people in an arm than there are folds, give no rows.
    framework : Framework

    Returns
    -------
    DataFrame
        ``trial``, ``trial_key``, ``column``, ``outcome`` (label), ``grouping``, ``group``,
        ``estimate``, ``standard_error``, ``interval_low``, ``interval_high``, ``people``: shown
        rows only, in the unit of the outcome.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis.framework import load_framework
    >>> treated, before = np.repeat([0, 1], 40), np.arange(80) % 20 / 10
    >>> people = pd.DataFrame({"treated": treated, "race": "white", "stratum": "", "before": before,
    ...     "wage": before + 5 * treated + np.tile([0.1, -0.1], 40)})
    >>> trial = Trial("demo", "A trial", "", people, "year 1", {"wage": "dollars"}, {"wage": 1.0},
    ...               "wage", ("before",))
    >>> rows = rows_by_outcome([trial], load_framework()).round({"estimate": 1})
    >>> rows[["outcome", "group", "estimate", "people"]].values.tolist()
    [['dollars', 'all', 5.0, 80.0], ['dollars', 'white', 5.0, 80.0]]
    """
    parts = []
    for trial in trials:
        for column, label in trial.outcomes.items():
            scores = trial_scores(trial, column, framework.estimation)
            if scores is None:
                continue
            table = trial_effects(trial, column, framework, scores)
            kinds = ["all", *(" x ".join(kind) for kind in trial.groupings[:2] if len(kind) == 1)]
            rows = table[
                (table["estimator"] == AIPW)
                & (table["status"] == "shown")
                & table["grouping"].isin(kinds)
            ]
            named = {"trial": trial.title, "trial_key": trial.key, "column": column}
            parts.append(rows.assign(**named, outcome=label))
    if not parts:
        return pd.DataFrame()
    every = pd.concat(parts, ignore_index=True)
    every["people"] = every["n_treated"] + every["n_control"]
    names = ["trial", "trial_key", "column", "outcome", "grouping", "group", "estimate"]
    return every[[*names, "standard_error", "interval_low", "interval_high", "people"]]


def reversal_sentence(rows: pd.DataFrame, trial: Trial, early: str, late: str) -> str:
    """Whether the order of groups turns around between an early and a late year.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`rows_by_outcome`.
    trial : Trial
    early, late : str
        Outcome columns of the two years.

    Returns
    -------
    str
        HTML-safe; names pairs whose order turns, whether or not chance could do it. Empty where
        fewer than two groups are shown in both years.

    Examples
    --------
    >>> labels = {"y1": "year 1", "y4": "year 4"}
    >>> trial = Trial("demo", "A trial", "", pd.DataFrame(), "", labels, {}, "y1", ())
    >>> rows = pd.DataFrame({"trial_key": "demo", "grouping": "race",
    ...     "group": ["Black", "white"] * 2, "column": ["y1", "y1", "y4", "y4"],
    ...     "estimate": [900.0, 300.0, 200.0, 800.0]})
    >>> reversal_sentence(rows, trial, "y1", "y4")[:89]
    'A trial: between year 1 and year 4 the order of effects turns around for Black and white.'
    """
    mine = rows[(rows["trial_key"] == trial.key) & (rows["grouping"] == "race")]
    by = mine.pivot(index="group", columns="column", values="estimate")
    if early not in by or late not in by or len(by) < 2:
        return ""
    names = list(by.index)
    turned = [
        f"{text(a)} and {text(b)}"
        for place, a in enumerate(names)
        for b in names[place + 1 :]
        if (by.at[a, early] - by.at[b, early]) * (by.at[a, late] - by.at[b, late]) < 0
    ]
    years = f"{text(trial.outcomes[early])} and {text(trial.outcomes[late])}"
    if not turned:
        return f"{text(trial.title)}: the order of groups is the same for {years}."
    return (
        f"{text(trial.title)}: between {years} the order of effects turns around for "
        f"{joined(turned)}. An effect of one year is no verdict on a program."
    )


def lee_rows(
    trials: Sequence[Trial], outcomes: Mapping[str, str], framework: Framework
) -> pd.DataFrame:
    """Bounds of the effect on earnings among people who would work either way.

    Parameters
    ----------
    trials : sequence of Trial
        Weighted or clustered ones are left out.
    outcomes : mapping of str to str
        Outcome column of each trial, by its key.
    framework : Framework

    Returns
    -------
    DataFrame
        One row a group of the first grouping (and everyone) whose arms hold enough workers, with
        the columns of ``LEE_COLUMNS`` and ``trial_key``, dollars as the outcome has them; empty
        where no trial says who worked.

    Notes
    -----
    Bounds of Lee (2009, Review of Economic Studies 76), see
    :func:`analysis.effects.lee_bounds.lee_bounds`.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis.framework import load_framework
    >>> wage = np.where(np.arange(80) % 4, 100.0 + np.arange(80) % 10, 0.0)
    >>> people = pd.DataFrame({"treated": np.repeat([0, 1], 40), "race": "white", "stratum": "",
    ...     "wage": wage + 7 * np.repeat([0, 1], 40) * (wage > 0), "works": wage > 0})
    >>> trial = Trial("demo", "A trial", "", people, "", {"wage": "dollars"}, {}, "wage", (),
    ...               work={"wage": "works"})
    >>> rows = lee_rows([trial], {"demo": "wage"}, load_framework()).round(6)
    >>> rows[["group", "low", "high", "working_treated"]].values.tolist()[0]
    ['all', 7.0, 7.0, 0.75]
    """
    rows: list[dict[str, Any]] = []
    level = framework.estimation.confidence_level
    for trial in trials:
        works_column = trial.work.get(outcomes[trial.key])
        if not works_column or not trial.is_plain:
            continue
        works = trial.frame[works_column] > 0
        groups = _groups_with_workers(trial.frame, works, framework.disclosure.minimum_cell)
        hidden = hidden_groups(trial, outcomes[trial.key], framework.disclosure)
        if not all_shown("race", hidden):
            groups = {name: inside for name, inside in groups.items() if name == "all"}
        named = {"trial": trial.title, "trial_key": trial.key}
        for name, inside in groups.items():
            people = trial.frame[inside]
            row = _lee_row(people, works[inside], outcomes[trial.key], level)
            rows.append(named | {"group": name} | row)
    return pd.DataFrame(rows)


def _groups_with_workers(
    frame: pd.DataFrame, works: pd.Series, minimum: int
) -> dict[str, pd.Series]:
    """Everyone, and the races: all of them, or none where one has too few in a cell.

    Shares that work add up over groups, so that a single group left out could be had back.
    """
    race = frame["race"].astype(str)
    everyone = pd.Series(True, index=frame.index)
    groups = {name: race == name for name in sorted(set(race))}
    enough = {
        name: cells.shape == (2, 2) and cells.to_numpy().min() >= minimum
        for name, inside in ({"all": everyone} | groups).items()
        for cells in [pd.crosstab(frame.loc[inside, "treated"], works[inside])]
    }
    if not enough["all"]:
        return {}
    return {"all": everyone} | (groups if all(enough.values()) else {})


def _lee_row(frame: pd.DataFrame, works: pd.Series, column: str, level: float) -> dict[str, Any]:
    found = lee_bounds(
        frame[column], frame["treated"], works.astype("int64"), confidence_level=level
    )
    return {
        "naive": found.naive,
        "low": found.low,
        "high": found.high,
        "interval_low": found.interval[0],
        "interval_high": found.interval[1],
        "working_treated": found.working_treated,
        "working_control": found.working_control,
        "trimmed_arm": found.trimmed_arm,
        "people": len(frame),
    }


def gap_part_rows(
    trials: Sequence[Trial], tables: Mapping[str, pd.DataFrame], outcomes: Mapping[str, str]
) -> pd.DataFrame:
    """What the raw gaps between groups are made of, among people without the program.

    Parameters
    ----------
    trials : sequence of Trial
        Weighted or clustered ones are left out.
    tables : mapping of str to DataFrame
        Effects of each trial (:func:`analysis.reports.effect_studies.trial_effects`), by its key.
    outcomes : mapping of str to str
        Outcome column of each trial, by its key.

    Returns
    -------
    DataFrame
        One row a pair of shown groups of a trial with covariates, with the columns of
        ``GAP_PART_COLUMNS`` and ``trial_key``, dollars as the outcome has them. Covariates that say
        which group a person is of are left out.

    Examples
    --------
    >>> schooling = [9.0, 10.0, 11.0, 12.0] * 5 + [11.0, 12.0, 13.0, 14.0] * 5
    >>> people = pd.DataFrame({"treated": 0, "race": ["Black"] * 20 + ["white"] * 20,
    ...     "schooling": schooling, "wage": [1000.0 * years for years in schooling]})
    >>> trial = Trial("demo", "A trial", "", people, "", {"wage": "dollars"}, {}, "wage",
    ...               ("schooling",))
    >>> shown = pd.DataFrame({"grouping": "race", "group": ["Black", "white"],
    ...     "estimator": "difference in means", "status": "shown"})
    >>> rows = gap_part_rows([trial], {"demo": shown}, {"demo": "wage"})
    >>> rows[["pair", "gap", "explained", "people"]].round(6).values.tolist()
    [['white less Black', 2000.0, 2000.0, 40]]
    """
    rows: list[dict[str, Any]] = []
    for trial in (trial for trial in trials if trial.is_plain):
        controls = trial.frame[trial.frame["treated"] == 0]
        for first, second, grouping in gap_pairs(tables[trial.key]):
            pair = controls[controls[grouping].isin([first, second])]
            spread = pair[list(trial.covariates)].groupby(pair[grouping].astype(str)).nunique()
            kept = [name for name in trial.covariates if spread[name].max() > 1]
            if not kept:
                continue
            found = decomposed_gap(
                pair[outcomes[trial.key]], pair[grouping].astype(str), pair[kept], first, second
            )
            rows.append(
                {
                    "pair": f"{first} less {second}",
                    "trial": trial.title,
                    "trial_key": trial.key,
                    "gap": found.gap,
                    "explained": found.explained,
                    "explained_standard_error": found.explained_standard_error,
                    "unexplained": found.unexplained,
                    "unexplained_standard_error": found.unexplained_standard_error,
                    "people": found.n_first + found.n_second,
                }
            )
    return pd.DataFrame(rows)
