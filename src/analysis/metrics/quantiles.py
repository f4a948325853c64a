"""Medians of amounts by group, and the outer quantiles that bound a mean, from ranks in SQL."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.framework import Framework
from analysis.metrics.grouped_records import GroupedRecords, conditions
from analysis.tables.wioa_layout import Indicator


def medians(records: GroupedRecords, indicator: Indicator, framework: Framework) -> pd.DataFrame:
    """Median, interval and bounds, as the known values at ranks.

    Parameters
    ----------
    records : GroupedRecords
    indicator : Indicator
        A median.
    framework : Framework
        Confidence level.

    Returns
    -------
    DataFrame
        One row a group: ``records.row``, the values at the ``lower_middle`` and ``upper_middle``,
        at ``limit_low`` and ``limit_high`` (of the interval) and at ``bound_low`` and
        ``bound_high`` (the missing below and above all known), their ranks ``rank_*``,
        ``of_them`` and ``n`` (people, and those known). A rank below 1 gives the lowest value, one
        above the last none.

    Examples
    --------
    >>> import duckdb
    >>> from analysis.framework import load_framework
    >>> from analysis.tables.wioa_layout import wioa_layout
    >>> people = pd.DataFrame({"employed_q2": "1", "wage_after_2": [5000.0, 6000.0, 9000.0, None]})
    >>> with duckdb.connect() as database:
    ...     _ = database.register("people", people)
    ...     found = medians(GroupedRecords(database, "people", [()], ()),
    ...                     wioa_layout().indicator("median_earnings_q2"), load_framework())
    >>> found[["group", "of_them", "n", "lower_middle", "upper_middle"]].values.tolist()
    [['all', 4, 3, 6000.0, 6000.0]]
    """
    ranks = _ranks(records, indicator, framework)
    found = _at_ranks(records, indicator, ranks, framework)
    # a rank that lies outside of the known values bounds nothing
    return found.merge(ranks, on=records.row)


def outer_quantiles(
    records: GroupedRecords, indicator: Indicator, table: pd.DataFrame, framework: Framework
) -> pd.DataFrame:
    """The outer quantiles ``low`` and ``high`` of the known, between two ranks (type 7).

    Of the types of Hyndman and Fan (1996) the one that numpy takes by default.

    Parameters
    ----------
    records : GroupedRecords
    indicator : Indicator
        A mean.
    table : DataFrame
        ``records.row`` and ``known`` (people).
    framework : Framework
        ``missing_outcomes.mean_bound_quantile``.

    Returns
    -------
    DataFrame
        ``records.row``, ``low``, ``high``, in dollars a quarter.

    Examples
    --------
    A quarter of the way from the first of three values is half way to the second.

    >>> import duckdb
    >>> from analysis.framework import load_framework
    >>> from analysis.tables.wioa_layout import wioa_layout
    >>> rules = load_framework()
    >>> outer = rules.missing_outcomes.model_copy(update={"mean_bound_quantile": 0.25})
    >>> people = pd.DataFrame({"employed_q2": "1", "wage_after_2": [5000.0, 6000.0, 9000.0]})
    >>> known = pd.DataFrame({"by": ["all"], "group": ["all"], "known": [3]})
    >>> with duckdb.connect() as database:
    ...     _ = database.register("people", people)
    ...     found = outer_quantiles(
    ...         GroupedRecords(database, "people", [()], ()),
    ...         wioa_layout().indicator("median_earnings_q2"), known,
    ...         rules.model_copy(update={"missing_outcomes": outer}),
    ...     )  # fmt: skip
    >>> found[["low", "high"]].values.tolist()
    [[5500.0, 7500.0]]
    """
    quantile = framework.missing_outcomes.mean_bound_quantile
    ends = {"low": (table["known"] - 1) * quantile, "high": (table["known"] - 1) * (1 - quantile)}
    ranks = table[records.row].copy()
    for name, place in ends.items():
        ranks[f"rank_{name}_under"] = np.floor(place) + 1
        ranks[f"rank_{name}_over"] = np.ceil(place) + 1
        ranks[f"{name}_share"] = place % 1
    found = _at_ranks(records, indicator, ranks, framework)
    found = found.merge(ranks, on=records.row)
    for name in ends:
        step = found[f"{name}_over"] - found[f"{name}_under"]
        found[name] = found[f"{name}_under"] + found[f"{name}_share"] * step
    return found[[*records.row, *ends]]


def _at_ranks(
    records: GroupedRecords, indicator: Indicator, ranks: pd.DataFrame, framework: Framework
) -> pd.DataFrame:
    """The known values at the ranks of columns ``rank_*``, from the counts of each value.

    No person is held in memory, and the counts spill to disk.
    """
    known = conditions(indicator, framework).known
    sets_with_value = ", ".join(
        "(" + ", ".join([*records.over, *(f"g_{name}" for name in grouping), "value"]) + ")"
        for grouping in records.groupings
    )
    histogram = (
        f"SELECT {records.keys}{records.names}, value, count(*) AS n FROM "
        f"(SELECT *, {indicator.value} AS value FROM {records.source} WHERE {known}) "
        f"GROUP BY GROUPING SETS ({sets_with_value})"
    )
    cells = ", ".join([*records.over, '"by"', '"group"'])
    database = records.database
    database.register("wanted_ranks", ranks)
    wanted = [name for name in ranks.columns if name.startswith("rank_")]
    picked = ", ".join(
        f"min(value) FILTER (running >= {name}) AS {name.removeprefix('rank_')}" for name in wanted
    )
    query = (
        f"WITH histogram AS ({histogram}), running AS (SELECT *, sum(n) OVER "
        f"(PARTITION BY {cells} ORDER BY value) AS running FROM histogram) "
        f"SELECT {cells}, {picked} FROM running JOIN wanted_ranks USING ({cells}) GROUP BY {cells}"
    )
    found = database.execute(query).df()
    database.unregister("wanted_ranks")
    return found


def _ranks(records: GroupedRecords, indicator: Indicator, framework: Framework) -> pd.DataFrame:
    of, known, _ = conditions(indicator, framework)
    table = records.counted(f"count(*) FILTER ({of}) AS of_them, count(*) FILTER ({known}) AS n")
    n, unknown = table["n"], table["of_them"] - table["n"]
    tail = (1 - framework.estimation.confidence_level) / 2
    low = stats.binom.ppf(tail, n, 0.5)
    table["rank_lower_middle"] = (n + 1) // 2
    table["rank_upper_middle"] = (n + 2) // 2
    table["rank_limit_low"] = low
    table["rank_limit_high"] = n - low + 1
    # the missing below all known values, and above them all
    table["rank_bound_low"] = (n + unknown + 1) // 2 - unknown
    table["rank_bound_high"] = (n + unknown + 1) // 2
    return table
