"""Published outcomes as a report shows them: columns of tables, rows by group, key figures."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from analysis.effects.levels import group_levels, members
from analysis.effects.suppression import hidden_levels
from analysis.framework import Framework
from analysis.metrics.intervals import mean_by_group
from analysis.reports.disclosure import HIDDEN_COLUMN
from analysis.reports.html_tables import Column, interval_columns

METRIC_COLUMNS = {
    "name": Column("Metric"),
    "priority": Column("Category of priority"),
    "definition": Column("Definition"),
    "direction": Column("Better"),
    "why": Column("Why it counts"),
}
DEFINITION_COLUMNS = {
    "name": Column("Metric"),
    "numerator": Column("Numerator"),
    "denominator": Column("Denominator"),
    "unit": Column("Unit"),
    "fewest": Column("Fewest people", "count"),
    "interval": Column("Interval"),
    "source_levels": Column("Levels that a source of it can have"),
}
_NUMBERS = ["estimate", "standard_error", "interval_low", "interval_high"]


def framework_metrics(framework: Framework) -> pd.DataFrame:
    """The framework's metrics as its file has them, the first category first.

    Parameters
    ----------
    framework : Framework
        Its ``metrics``, and the names of their categories and levels of validity.

    Returns
    -------
    DataFrame
        The columns of ``METRIC_COLUMNS`` and ``DEFINITION_COLUMNS``, and ``id``; ``fewest`` is the
        tiers' number of people where a metric has none of its own.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> framework_metrics(load_framework())[["id", "priority"]].iloc[0].tolist()
    ['earnings_effect', '1. What a worker gains']
    """
    rows = []
    for metric in sorted(framework.metrics, key=lambda entry: entry.category):
        level_names = [framework.validity(level).name for level in metric.levels]
        rows.append(
            {
                **metric.model_dump(exclude={"minimum_people", "levels"}),
                "priority": f"{metric.category}. {framework.categories[str(metric.category)].name}",
                "fewest": metric.minimum_people or framework.tiers.minimum_people,
                "source_levels": "; ".join(level_names),
            }
        )
    return pd.DataFrame(rows)


def quality_columns(minimum_people: int) -> dict[str, Column]:
    """Columns of the table of what can be rated (:func:`analysis.metrics.programs.coverage`).

    Parameters
    ----------
    minimum_people : int
        Fewest people of an outcome that is rated, for a heading.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> quality_columns(10)["too_few"].heading
    'Fewer than 10 people'
    """
    return {
        "metric_name": Column("Metric"),
        "horizon": Column("When"),
        "programs": Column("Programs", "count"),
        "rated": Column("Can be rated", "count"),
        "exempt": Column("Exempt from reporting", "count"),
        "not_reported": Column("Not reported", "count"),
        "too_few": Column(f"Fewer than {minimum_people} people", "count"),
        "rated_share": Column("Share that can be rated", "share"),
        "people": Column("People behind the rated", "count"),
    }


def outcome_columns(kind: str, unit: str, confidence_level: float) -> dict[str, Column]:
    """Columns of a table of means over programs, all in one unit (``share`` or ``dollars``).

    Parameters
    ----------
    kind : {'share', 'dollars'}
        How numbers are written.
    unit : str
        In words, for a heading.
    confidence_level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = outcome_columns("share", "share of people", 0.95)
    >>> columns["estimate"].heading, columns["interval_low"].heading, columns["tenth"].kind
    ('Mean (share of people)', '95% interval, from', 'share')
    """
    return {
        "metric_name": Column("Metric"),
        "horizon": Column("When"),
        "category": Column("Category", "count"),
        "programs": Column("Programs", "count"),
        "people": Column("People", "count"),
        "coverage": Column("Outcome known", "share"),
        "estimate": Column(f"Mean ({unit})", kind),
        **interval_columns(confidence_level, kind),
        "tenth": Column("Tenth percentile", kind),
        "ninetieth": Column("Ninetieth percentile", kind),
    }


def is_money(metric: str) -> bool:
    """Whether a metric of outcomes is paid, and no share.

    Parameters
    ----------
    metric : str
        Id of the metric, as in ``metric`` of the outcomes.

    Returns
    -------
    bool
        True where the id holds ``wage`` or ``earnings``.

    Examples
    --------
    >>> is_money("average_quarterly_wage"), is_money("employed_share")
    (True, False)
    """
    return "wage" in metric or "earnings" in metric


def money_unit(metric: str) -> str:
    """Unit of a metric that is paid: dollars a quarter, or a year where its name says so.

    Parameters
    ----------
    metric : str
        Id of a metric that is paid.

    Returns
    -------
    str

    Examples
    --------
    >>> money_unit("average_quarterly_wage"), money_unit("median_annual_earnings")
    ('dollars a quarter', 'dollars a year')
    """
    return "dollars a year" if "annual" in metric else "dollars a quarter"


def agreement_columns(confidence_level: float, first: str) -> dict[str, Column]:
    """Columns of two sources compared (:func:`analysis.metrics.agreement.source_agreement`).

    Parameters
    ----------
    confidence_level : float
        Of the intervals, between 0 and 1.
    first : str
        Name of the source beside College Scorecard, for a heading.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = agreement_columns(0.95, "New Jersey")
    >>> columns["first"].heading, columns["interval_low"].heading
    ('New Jersey (dollars a year)', '95% interval, from')
    """
    return {
        "match": Column("Matched by"),
        "matched": Column("In both", "count"),
        "first": Column(f"{first} (dollars a year)", "dollars"),
        "second": Column("College Scorecard", "dollars"),
        "difference": Column("Difference", "dollars"),
        **interval_columns(confidence_level, "dollars"),
        "spread": Column("Spread of differences", "dollars"),
    }


def agreement_figures(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Key figures of sources compared, as arguments of ``Study.key_figure``.

    Parameters
    ----------
    table : DataFrame
        From :func:`analysis.metrics.agreement.source_agreement`; rows without an interval are left
        out.

    Yields
    ------
    dict
        ``estimate`` is the difference in dollars a year, College Scorecard less the other source.

    Examples
    --------
    >>> table = pd.DataFrame({"match": ["same field", "same text"], "matched": [40, 1],
    ...     "difference": [-900.0, 50.0], "interval_low": [-1500.0, None],
    ...     "interval_high": [-300.0, None]})
    >>> [(one["name"], one["estimate"], one["n"]) for one in agreement_figures(table)]
    [('source_agreement.same_field', -900.0, 40)]
    """
    for row in table[table["interval_low"].notna()].itertuples():
        yield {
            "name": f"source_agreement.{str(row.match).replace(' ', '_')}",
            "estimate": row.difference,
            "interval": (row.interval_low, row.interval_high),
            "n": row.matched,
            "n_of": "cells that both sources have",
            "unit": "dollars a year",
            "note": "College Scorecard less the other source",
        }


def check_columns(confidence_level: float) -> dict[str, Column]:
    """Columns of the earnings check (:func:`analysis.metrics.programs.check_counts`).

    Parameters
    ----------
    confidence_level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> [column.kind for column in check_columns(0.95).values()]
    ['text', 'count', 'count', 'count', 'share', 'share', 'share']
    """
    return {
        "credential": Column("Credential"),
        "meets": Column("Meets", "count"),
        "does not meet": Column("Does not meet", "count"),
        "cannot be rated": Column("Cannot be rated", "count"),
        "share": Column("Share of the rated that does not meet", "share"),
        **interval_columns(confidence_level, "share"),
    }


def group_means(
    people: pd.DataFrame,
    outcome: str,
    groupings: Sequence[Sequence[str]],
    *,
    minimum_cell: int,
    confidence_level: float,
) -> pd.DataFrame:
    """Mean outcome of people by race, by gender and by both, with small cells hidden.

    Parameters
    ----------
    people : DataFrame
        One row a person.
    outcome : str
        Column to average.
    groupings : sequence of sequences of str
        Columns, alone or crossed.
    minimum_cell : int
        Fewest people that anything is shown about. More is hidden where a total less its shown
        parts would give a hidden group away (`analysis.effects.suppression`).
    confidence_level : float

    Returns
    -------
    DataFrame
        ``by``, ``group``, ``estimate``, ``standard_error``, ``interval_low``,
        ``interval_high``, ``people``, ``hidden``.

    Examples
    --------
    >>> sites = ["a"] * 24 + ["b"] * 3 + ["c"] * 12
    >>> frame = pd.DataFrame({"site": sites, "wage": [1.0, 3.0, 2.0] * 13})
    >>> table = group_means(frame, "wage", [["site"]], minimum_cell=10, confidence_level=0.95)
    >>> table[["group", "estimate", "hidden"]].values.tolist()
    [['a', 2.0, False], ['b', nan, True], ['c', nan, True]]
    """
    levels = group_levels(people, [tuple(columns) for columns in groupings])
    counts = [int(people.loc[members(people, level), outcome].count()) for level in levels]
    _, hidden = hidden_levels(levels, counts, counts, minimum_cell)
    table = pd.DataFrame({"group": [" ".join(level.values()) for level in levels]})
    table["by"] = [" and ".join(level) for level in levels]
    table[HIDDEN_COLUMN] = hidden
    parts = []
    for columns in groupings:
        part = mean_by_group(people, outcome, list(columns), confidence_level)
        part["group"] = part[list(columns)].astype("str").agg(" ".join, axis=1)
        parts.append(part.assign(by=" and ".join(columns)))
    # a combination without people has a row too: leaving it out would say that it is empty
    table = table[table["by"] != ""].merge(pd.concat(parts), on=["by", "group"], how="left")
    shown = [*_NUMBERS, "people"]
    table[shown] = table[shown].mask(table[HIDDEN_COLUMN])
    return table[["by", "group", *shown, HIDDEN_COLUMN]]


def outcome_figures(means: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Key figures of the means over programs, as arguments of ``Study.key_figure``.

    Parameters
    ----------
    means : DataFrame
        From :func:`analysis.metrics.programs.summary`.

    Yields
    ------
    dict
        Shares of 1; money in dollars a quarter or a year, as the metric's name says.

    Examples
    --------
    >>> means = pd.DataFrame({"metric": ["employed_share"], "horizon": ["quarter 2"],
    ...     "estimate": [0.7], "standard_error": [0.01], "interval_low": [0.68],
    ...     "interval_high": [0.72], "people": [900], "programs": [31]})
    >>> figure = next(outcome_figures(means))
    >>> figure["name"], figure["estimate"], figure["interval"], figure["unit"]
    ('employed_share.quarter_2', 0.7, (0.68, 0.72), 'share')
    """
    for row in means.itertuples():
        yield {
            "name": f"{row.metric}.{str(row.horizon).replace(' ', '_')}",
            **_limits(row),
            "n": row.people,
            "n_of": "people",
            "unit": money_unit(str(row.metric)) if is_money(str(row.metric)) else "share",
            "note": f"mean over people, {row.programs:.0f} programs, clustered by provider",
        }


def group_figures(groups: pd.DataFrame, key: str, unit: str) -> Iterator[dict[str, Any]]:
    """Key figures of the groups that are shown, as arguments of ``Study.key_figure``.

    Parameters
    ----------
    groups : DataFrame
        From :func:`group_means`.
    key : str
        Short name of the study, for the figures' names.
    unit : str
        Of the outcome.

    Yields
    ------
    dict
        One a group that is not hidden.

    Examples
    --------
    >>> groups = pd.DataFrame({"group": ["Black women", "white men"], "hidden": [False, True],
    ...     "estimate": [4000.0, None], "standard_error": [300.0, None],
    ...     "interval_low": [3400.0, None], "interval_high": [4600.0, None], "people": [40, None]})
    >>> [(one["name"], one["estimate"]) for one in group_figures(groups, "nsw", "dollars")]
    [('controls.nsw.Black_women', 4000.0)]
    """
    for row in groups[~groups[HIDDEN_COLUMN]].itertuples():
        yield {
            "name": f"controls.{key}.{str(row.group).replace(' ', '_')}",
            **_limits(row),
            "n": row.people,
            "n_of": "people",
            "unit": unit,
        }


def check_figures(counts: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Key figures of the earnings check, as arguments of ``Study.key_figure``.

    Parameters
    ----------
    counts : DataFrame
        From :func:`analysis.metrics.programs.check_counts`.

    Yields
    ------
    dict
        ``estimate`` is the share of the rated programs that does not meet the check.

    Examples
    --------
    >>> counts = pd.DataFrame({"credential": ["Certificate programs"], "share": [0.25],
    ...     "interval_low": [0.2], "interval_high": [0.3], "rated": [400]})
    >>> [(one["name"], one["estimate"], one["n"]) for one in check_figures(counts)]
    [('earnings_check.certificate.does_not_meet', 0.25, 400)]
    """
    for row in counts.itertuples():
        yield {
            "name": f"earnings_check.{str(row.credential).split()[0].lower()}.does_not_meet",
            "estimate": row.share,
            "interval": (row.interval_low, row.interval_high),
            "n": row.rated,
            "n_of": "programs",
            "unit": "share of rated programs",
            "note": "Wilson interval over programs",
        }


def _limits(row: Any) -> dict[str, Any]:
    return {
        "estimate": row.estimate,
        "standard_error": row.standard_error,
        "interval": (row.interval_low, row.interval_high),
    }
