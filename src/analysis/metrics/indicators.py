"""WIOA's indicators by group: people, known outcomes, estimate, interval and bounds."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from analysis.framework import Framework
from analysis.metrics.estimates import estimated
from analysis.metrics.grouped_records import GroupedRecords, conditions
from analysis.metrics.quantiles import medians, outer_quantiles
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

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> people = pd.DataFrame({"sex": ["1", "1", "2", "2"], "employed_q2": ["1", "0", "1", ""],
    ...     "reportable_individual": "0", "entry_date": "20210105", "exit_date": "20210901",
    ...     "exit_reason": "00"})
    >>> with duckdb.connect() as database:
    ...     _ = database.register("people", people)
    ...     found = indicator_table(database, Population("people"), [(), ("gender",)],
    ...                             load_framework(), indicators=["employed_q2"])
    >>> found[["group", "people", "known", "met", "estimate"]].round(3).values.tolist()
    [['all', 4, 3, 2, 0.667], ['men', 2, 2, 1, 0.5], ['women', 2, 1, 1, 1.0]]
    """
    chosen = [wioa_layout().indicator(name) for name in indicators] or list(
        wioa_layout().indicators
    )
    sets = [tuple(grouping) for grouping in groupings]
    groups = list(dict.fromkeys(name for grouping in sets for name in grouping))
    records = GroupedRecords(database, population.sql(groups), sets, over)
    counted = _in_order(_counts(records, chosen, framework), records)
    tables = []
    for indicator in chosen:
        table = counted[[*over, *groups, "by", "group"]].copy()
        for name in ("people", "known", "met", "mean", "spread", *_OF_AMOUNTS):
            table[name] = counted.get(f"{indicator.id}__{name}", np.nan)
        if indicator.measure == "median":
            found = medians(records, indicator, framework)
            table = table.merge(found, on=records.row, how="left")
        elif indicator.measure == "mean":
            outer = outer_quantiles(records, indicator, table, framework)
            table = table.merge(outer, on=records.row, how="left")
        tables.append(estimated(table, indicator, framework, [*over, *groups]))
    done = pd.concat(tables, ignore_index=True)
    return done.sort_values([*over], kind="stable").reset_index(drop=True) if over else done


def _in_order(counted: pd.DataFrame, records: GroupedRecords) -> pd.DataFrame:
    """Rows in the order of the groupings: a database gives them in another one each time."""
    place = {" and ".join(grouping) or "all": i for i, grouping in enumerate(records.groupings)}
    keyed = counted.assign(place=counted["by"].map(place))
    ordered = keyed.sort_values(["place", *records.groups, *records.over], kind="stable")
    return ordered.drop(columns="place").reset_index(drop=True)


def _counts(
    records: GroupedRecords, indicators: Sequence[Indicator], framework: Framework
) -> pd.DataFrame:
    """All counts, means and spreads of all indicators and groups in one pass over the records."""
    parts = []
    for entry in indicators:
        of, known, met = conditions(entry, framework)
        parts.append(f"count(*) FILTER ({of}) AS {entry.id}__people")
        parts.append(f"count(*) FILTER ({known}) AS {entry.id}__known")
        if entry.measure == "share":
            parts.append(f"count(*) FILTER ({met}) AS {entry.id}__met")
        elif entry.measure == "mean":
            parts.append(f"avg({entry.value}) FILTER ({known}) AS {entry.id}__mean")
            parts.append(f"stddev_samp({entry.value}) FILTER ({known}) AS {entry.id}__spread")
            parts += _amounts(entry, known)
    return records.counted(", ".join(parts), with_groups=True)


def _amounts(entry: Indicator, known: str) -> list[str]:
    """What the rule of dominance needs: the sum of the sizes, and the two largest."""
    size = f"abs({entry.value})"
    return [
        f"sum({size}) FILTER ({known}) AS {entry.id}__sum",
        f"list_extract(max({size}, 2) FILTER ({known}), 1) AS {entry.id}__first",
        f"list_extract(max({size}, 2) FILTER ({known}), 2) AS {entry.id}__second",
    ]
