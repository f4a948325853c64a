"""WIOA's indicators by group: people, known outcomes, estimate, interval and bounds."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from analysis.framework import Framework
from analysis.metrics.estimates import estimated
from analysis.tables.wioa_layout import Indicator, wioa_layout

NOT_REPORTED = "not reported"
_OF_AMOUNTS = ("sum", "first", "second")


@dataclass(frozen=True)
class Population:
    """Participants who exited and are not excluded, with their group labels, as SQL.

    Attributes
    ----------
    relation : str
        SQL of the typed records (:func:`analysis.tables.wioa_records.used_records`).
    only : str
        A further condition, such as ``received_training = '1'``.
    """

    relation: str
    only: str = "true"

    def sql(self, labels: Sequence[str]) -> str:
        """Rows that count, with a column ``g_<id>`` for each group."""
        layout = wioa_layout()
        chosen = ", ".join(
            f"coalesce({layout.grouping(name).label}, '{NOT_REPORTED}') AS g_{name}"
            for name in labels
        )
        universe = layout.universe
        return (
            f"(SELECT *{', ' + chosen if chosen else ''} FROM {self.relation} WHERE "
            f"({universe.participant}) AND ({universe.exiter}) AND NOT ({universe.exclusion}) "
            f"AND ({self.only}))"
        )


def indicator_table(
    database: duckdb.DuckDBPyConnection,
    population: Population,
    groupings: Sequence[tuple[str, ...]],
    framework: Framework,
    *,
    over: tuple[str, ...] = (),
    indicators: Sequence[str] = (),
) -> pd.DataFrame:
    """Every indicator for everyone, and by each grouping.

    Parameters
    ----------
    database : connection
    population : Population
    groupings : sequence of tuple of str
        Ids of groups, alone or crossed; ``()`` is everyone. "Not reported" is a group.
    framework : Framework
        Confidence level, the good job's minimum, the assumption about missing outcomes.
    over : tuple of str
        Columns within which all is counted, such as ``("state",)`` or
        ``("provider", "cip_code")``.
    indicators : sequence of str
        Ids in the layout; all if none.

    Returns
    -------
    DataFrame
        ``over``, a column for each group (empty in rows that are a total over it), ``by``,
        ``group``, ``indicator``, ``name``, ``measure``, ``people`` (the
        denominator before missing outcomes), ``known``, ``met`` (shares), ``estimate``,
        ``standard_error``, ``interval_low``, ``interval_high``, ``coverage`` (known over people),
        ``bound_low``, ``bound_high`` (worst cases of what is missing; of a mean the framework's
        quantiles), ``assumed`` (under the framework's assumption) and ``dominated`` (a mean that
        gives one person's amount away). Shares are of 1, money is dollars a quarter.

    Notes
    -----
    Shares: Wilson's interval over the known. Means: Student's t. Medians: order statistics by
    the binomial, exact for any distribution (Conover 1999, section 3.2). Bounds: Manski (1989).
    They bound what the missing outcomes can do; the interval speaks of chance alone.
    """
    chosen = [wioa_layout().indicator(name) for name in indicators] or list(
        wioa_layout().indicators
    )
    sets = [tuple(grouping) for grouping in groupings]
    labels = list(dict.fromkeys(name for grouping in sets for name in grouping))
    source = population.sql(labels)
    counted = _in_order(
        _counts(database, source, sets, labels, over, chosen, framework), sets, labels, over
    )
    tables = []
    for indicator in chosen:
        table = counted[[*over, *labels, "by", "group"]].copy()
        for name in ("people", "known", "met", "mean", "spread", *_OF_AMOUNTS):
            table[name] = counted.get(f"{indicator.id}__{name}", np.nan)
        if indicator.measure == "median":
            extra = _medians(database, source, sets, labels, over, indicator, framework)
            table = table.merge(extra, on=[*over, "by", "group"], how="left")
        elif indicator.measure == "mean":
            outer = _outer(database, source, sets, labels, over, indicator, table, framework)
            table = table.merge(outer, on=[*over, "by", "group"], how="left")
        tables.append(estimated(table, indicator, framework, [*over, *labels]))
    done = pd.concat(tables, ignore_index=True)
    return done.sort_values([*over], kind="stable").reset_index(drop=True) if over else done


def _in_order(
    counted: pd.DataFrame,
    sets: Sequence[tuple[str, ...]],
    labels: Sequence[str],
    over: Sequence[str],
) -> pd.DataFrame:
    """Rows in the order of the groupings: a database gives them in another one each time."""
    place = {" and ".join(grouping) or "all": i for i, grouping in enumerate(sets)}
    keyed = counted.assign(place=counted["by"].map(place))
    ordered = keyed.sort_values(["place", *labels, *over], kind="stable")
    return ordered.drop(columns="place").reset_index(drop=True)


def condition(sql: str, framework: Framework) -> str:
    """A rule of the layout with the framework's numbers in it."""
    job = framework.good_job
    quarter = job.minimum_annual_earnings * job.inflation_factor / 4
    return sql.replace("{good_job_quarter}", repr(quarter))


def grouped(
    sets: Sequence[tuple[str, ...]], labels: Sequence[str], over: Sequence[str]
) -> tuple[str, str]:
    """SQL of the columns ``by`` and ``group``, and of the grouping sets that make them."""
    names, values = ["CASE"], ["CASE"]
    for grouping in sets:
        test = " AND ".join(
            f"grouping(g_{name}) = {0 if name in grouping else 1}" for name in labels
        )
        words = " || ' ' || ".join(f"g_{name}" for name in grouping) or "'all'"
        by = " and ".join(grouping) or "all"
        names.append(f"WHEN {test or 'true'} THEN '{by}'")
        values.append(f"WHEN {test or 'true'} THEN {words}")
    columns = f'{" ".join(names)} END AS "by", {" ".join(values)} END AS "group"'
    parts = [", ".join([*over, *(f"g_{name}" for name in grouping)]) for grouping in sets]
    return columns, "GROUPING SETS (" + ", ".join(f"({part})" for part in parts) + ")"


def _counts(
    database: duckdb.DuckDBPyConnection,
    source: str,
    sets: Sequence[tuple[str, ...]],
    labels: Sequence[str],
    over: Sequence[str],
    indicators: Sequence[Indicator],
    framework: Framework,
) -> pd.DataFrame:
    """All counts, means and spreads of all indicators and groups in one pass over the records."""
    parts = []
    for entry in indicators:
        of = condition(entry.of, framework)
        known = f"({of}) AND ({condition(entry.known, framework)})"
        parts.append(f"count(*) FILTER ({of}) AS {entry.id}__people")
        parts.append(f"count(*) FILTER ({known}) AS {entry.id}__known")
        if entry.measure == "share":
            met = f"{known} AND ({condition(entry.met, framework)})"
            parts.append(f"count(*) FILTER ({met}) AS {entry.id}__met")
        elif entry.measure == "mean":
            parts.append(f"avg({entry.value}) FILTER ({known}) AS {entry.id}__mean")
            parts.append(f"stddev_samp({entry.value}) FILTER ({known}) AS {entry.id}__spread")
            parts += _amounts(entry, known)
    columns, by = grouped(sets, labels, over)
    keys = "".join(f"{name}, " for name in over)
    # empty where the row is a total over the group
    own = "".join(f"coalesce(g_{name}, '') AS {name}, " for name in labels)
    query = f"SELECT {keys}{own}{columns}, {', '.join(parts)} FROM {source} GROUP BY {by}"
    return database.execute(query).df()


def _amounts(entry: Indicator, known: str) -> list[str]:
    """What the rule of dominance needs: the sum of the sizes, and the two largest."""
    size = f"abs({entry.value})"
    return [
        f"sum({size}) FILTER ({known}) AS {entry.id}__sum",
        f"list_extract(max({size}, 2) FILTER ({known}), 1) AS {entry.id}__first",
        f"list_extract(max({size}, 2) FILTER ({known}), 2) AS {entry.id}__second",
    ]


def _medians(
    database: duckdb.DuckDBPyConnection,
    source: str,
    sets: Sequence[tuple[str, ...]],
    labels: Sequence[str],
    over: Sequence[str],
    indicator: Indicator,
    framework: Framework,
) -> pd.DataFrame:
    """Median, interval and bounds."""
    ranks = _ranks(database, source, sets, labels, over, indicator, framework)
    found = _at_ranks(database, source, sets, labels, over, indicator, ranks, framework)
    # a rank that lies outside of the known values bounds nothing
    return found.merge(ranks, on=[*over, "by", "group"])


def _outer(
    database: duckdb.DuckDBPyConnection,
    source: str,
    sets: Sequence[tuple[str, ...]],
    labels: Sequence[str],
    over: Sequence[str],
    indicator: Indicator,
    table: pd.DataFrame,
    framework: Framework,
) -> pd.DataFrame:
    """The outer quantiles ``low`` and ``high`` of the known, between two ranks (Hyndman's 7)."""
    quantile = framework.missing_outcomes.mean_bound_quantile
    ends = {"low": (table["known"] - 1) * quantile, "high": (table["known"] - 1) * (1 - quantile)}
    ranks = table[[*over, "by", "group"]].copy()
    for name, place in ends.items():
        ranks[f"rank_{name}_under"] = np.floor(place) + 1
        ranks[f"rank_{name}_over"] = np.ceil(place) + 1
        ranks[f"{name}_share"] = place % 1
    found = _at_ranks(database, source, sets, labels, over, indicator, ranks, framework)
    found = found.merge(ranks, on=[*over, "by", "group"])
    for name in ends:
        step = found[f"{name}_over"] - found[f"{name}_under"]
        found[name] = found[f"{name}_under"] + found[f"{name}_share"] * step
    return found[[*over, "by", "group", *ends]]


def _at_ranks(
    database: duckdb.DuckDBPyConnection,
    source: str,
    sets: Sequence[tuple[str, ...]],
    labels: Sequence[str],
    over: Sequence[str],
    indicator: Indicator,
    ranks: pd.DataFrame,
    framework: Framework,
) -> pd.DataFrame:
    """The known values at the ranks of columns ``rank_*``, from the counts of each value.

    No person is held in memory, and the counts spill to disk.
    """
    of = condition(indicator.of, framework)
    known = f"({of}) AND ({condition(indicator.known, framework)})"
    columns, _ = grouped(sets, labels, over)
    keys = "".join(f"{name}, " for name in over)
    sets_with_value = ", ".join(
        "(" + ", ".join([*over, *(f"g_{name}" for name in grouping), "value"]) + ")"
        for grouping in sets
    )
    histogram = (
        f"SELECT {keys}{columns}, value, count(*) AS n FROM "
        f"(SELECT *, {indicator.value} AS value FROM {source} WHERE {known}) "
        f"GROUP BY GROUPING SETS ({sets_with_value})"
    )
    cells = ", ".join([*over, '"by"', '"group"'])
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


def _ranks(
    database: duckdb.DuckDBPyConnection,
    source: str,
    sets: Sequence[tuple[str, ...]],
    labels: Sequence[str],
    over: Sequence[str],
    indicator: Indicator,
    framework: Framework,
) -> pd.DataFrame:
    of = condition(indicator.of, framework)
    known = f"({of}) AND ({condition(indicator.known, framework)})"
    columns, by = grouped(sets, labels, over)
    keys = "".join(f"{name}, " for name in over)
    table = database.execute(
        f"SELECT {keys}{columns}, count(*) FILTER ({of}) AS of_them, count(*) FILTER ({known}) "
        f"AS n FROM {source} GROUP BY {by}"
    ).df()
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
