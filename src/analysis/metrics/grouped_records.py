"""Records counted by several groupings in one pass: the SQL that all indicators share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import duckdb
import pandas as pd

from analysis.framework import Framework
from analysis.tables.wioa_layout import Indicator


class Conditions(NamedTuple):
    """SQL of whom an indicator asks about, whose outcome is known, and who met it."""

    of: str
    known: str
    met: str


def condition(sql: str, framework: Framework) -> str:
    """A rule of the layout with the framework's numbers in it.

    Parameters
    ----------
    sql : str
        Condition over the columns of the records; ``{good_job_quarter}`` stands for the pay of a
        good job.
    framework : Framework
        Its ``good_job``: minimum pay in dollars a year, and the factor to dollars of today.

    Returns
    -------
    str
        SQL with the quarter's pay in dollars in that place.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rules = load_framework()
    >>> own = {"minimum_annual_earnings": 40_000.0, "inflation_factor": 1.1}
    >>> job = rules.good_job.model_copy(update=own)
    >>> condition("wage_after_2 >= {good_job_quarter}", rules.model_copy(update={"good_job": job}))
    'wage_after_2 >= 11000.0'
    """
    job = framework.good_job
    quarter = job.minimum_annual_earnings * job.inflation_factor / 4
    return sql.replace("{good_job_quarter}", repr(quarter))


def conditions(indicator: Indicator, framework: Framework) -> Conditions:
    """The three rules of an indicator, each within the one before it.

    Parameters
    ----------
    indicator : Indicator
        From the layout of the records.
    framework : Framework

    Returns
    -------
    Conditions

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> from analysis.tables.wioa_layout import wioa_layout
    >>> found = conditions(wioa_layout().indicator("employed_q2"), load_framework())
    >>> found.known
    "(true) AND (employed_q2 IN ('0', '1'))"
    >>> found.met == f"{found.known} AND (employed_q2 = '1')"
    True
    """
    of = condition(indicator.of, framework)
    known = f"({of}) AND ({condition(indicator.known, framework)})"
    return Conditions(of, known, f"{known} AND ({condition(indicator.met, framework)})")


@dataclass(frozen=True)
class GroupedRecords:
    """Rows of a population, and the groupings that they are counted by.

    Attributes
    ----------
    database : connection
    source : str
        SQL of the rows, with a column ``g_<id>`` for each group.
    groupings : sequence of tuple of str
        Ids of groups, alone or crossed; ``()`` is everyone.
    over : tuple of str
        Columns within which all is counted.
    """

    database: duckdb.DuckDBPyConnection
    source: str
    groupings: Sequence[tuple[str, ...]]
    over: tuple[str, ...]

    @property
    def groups(self) -> list[str]:
        """Ids of the groups of all groupings, each once."""
        return list(dict.fromkeys(name for grouping in self.groupings for name in grouping))

    @property
    def row(self) -> list[str]:
        """Columns that a row of a result is known by."""
        return [*self.over, "by", "group"]

    def counted(self, measures: str, with_groups: bool = False) -> pd.DataFrame:
        """SQL measures of each row, with the groups' own columns where asked for."""
        # empty where the row is a total over the group
        groups = "".join(f"coalesce(g_{name}, '') AS {name}, " for name in self.groups)
        sets = [", ".join([*self.over, *(f"g_{name}" for name in one)]) for one in self.groupings]
        return self.database.execute(
            f"SELECT {self.keys}{groups if with_groups else ''}{self.names}, {measures} FROM "
            f"{self.source} GROUP BY GROUPING SETS ({', '.join(f'({one})' for one in sets)})"
        ).df()

    @property
    def keys(self) -> str:
        """SQL of the columns ``over``, each with its comma."""
        return "".join(f"{name}, " for name in self.over)

    @property
    def names(self) -> str:
        """SQL of the columns ``by`` and ``group``."""
        names, values = ["CASE"], ["CASE"]
        for grouping in self.groupings:
            test = " AND ".join(
                f"grouping(g_{name}) = {0 if name in grouping else 1}" for name in self.groups
            )
            words = " || ' ' || ".join(f"g_{name}" for name in grouping) or "'all'"
            by = " and ".join(grouping) or "all"
            names.append(f"WHEN {test or 'true'} THEN '{by}'")
            values.append(f"WHEN {test or 'true'} THEN {words}")
        return f'{" ".join(names)} END AS "by", {" ".join(values)} END AS "group"'
