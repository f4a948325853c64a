"""One program's page: its outcomes in two categories of priority, by group, beside its state."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.framework import Framework
from analysis.metrics.indicators import Population
from analysis.metrics.rating import RATED, fewest_people, rating
from analysis.reports.disclosure import HIDDEN_COLUMN
from analysis.reports.html_tables import Column, interval_columns
from analysis.reports.trust_tables import trust_columns
from analysis.reports.words import HIDDEN, MISSING, interval, number
from analysis.tables.wioa_layout import wioa_layout
from analysis.tables.wioa_sql import quoted

# which of the two it is would tell a reader that the row is not small
WITHHELD = "cannot be rated: withheld, few people here or in a group beside it"
_TRAINED = "received_training = '1'"


@dataclass(frozen=True)
class Program:
    """A provider's training in one field, in one state."""

    state: str
    provider: str
    cip_code: str
    # whether the records hold other states besides
    one_of_several: bool = False

    @property
    def name(self) -> str:
        """As it is asked for: provider and CIP code."""
        return f"{self.provider} / {self.cip_code}"

    @property
    def in_state(self) -> str:
        """SQL of everyone trained in the program's state."""
        return f"{_TRAINED} AND state = '{quoted(self.state)}'"

    @property
    def sql(self) -> str:
        """SQL of the people of the program."""
        return (
            f"{self.in_state} AND provider = '{quoted(self.provider)}' "
            f"AND cip_code = '{self.cip_code}'"
        )

    @property
    def state_part(self) -> str:
        """Name of the part with everyone of the state; empty where that is everyone."""
        return f"everyone in {self.state}" if self.one_of_several else ""

    @property
    def trained_part(self) -> str:
        """Name of the part with everyone trained in the state."""
        return f"trained in {self.state}"

    @property
    def parts(self) -> dict[str, str]:
        """Parts of the population that the page is about, the larger first."""
        whole = {self.state_part: f"state = '{quoted(self.state)}'"} if self.state_part else {}
        return whole | {self.trained_part: self.in_state, self.name: self.sql}


def choose_program(
    database: duckdb.DuckDBPyConnection, everyone: Population, wanted: str
) -> Program:
    """The program that is asked for, or the one with most people who exited.

    Parameters
    ----------
    database : connection
    everyone : Population
        Its relation holds typed WIOA records with ``state``, ``provider``, ``cip_code`` and
        ``received_training``.
    wanted : str
        Provider and CIP code, as in ``City College / 51.0801``; empty for the largest program.

    Returns
    -------
    Program

    Raises
    ------
    WorkbenchError
        No record names provider and field, no such program (the nearest names are given), or one
        that stands in several states.

    Examples
    --------
    >>> database = duckdb.connect()
    >>> _ = database.execute(
    ...     "CREATE TABLE records AS SELECT 'NJ' AS state, provider, '51.0801' AS cip_code, "
    ...     "'1' AS received_training, '0' AS reportable_individual, '00' AS exit_reason, "
    ...     "DATE '2020-01-01' AS entry_date, DATE '2021-01-01' AS exit_date "
    ...     "FROM (VALUES ('City College'), ('City College'), ('Academy')) AS t(provider)"
    ... )
    >>> choose_program(database, Population("records"), "").name
    'City College / 51.0801'
    >>> choose_program(database, Population("records"), "Academy / 51.0801").state
    'NJ'
    >>> database.close()
    """
    programs = database.execute(
        f"SELECT state, provider, cip_code, count(*) AS people FROM {everyone.sql([])} "
        f"WHERE {_TRAINED} AND provider IS NOT NULL AND cip_code IS NOT NULL "
        "GROUP BY ALL ORDER BY people DESC, state, provider, cip_code"
    ).df()
    if not len(programs):
        raise WorkbenchError(
            "no record names the provider and the field (CIP) of a training",
            "Give records with elements 1301 and 1305.",
        )
    names = programs["provider"] + " / " + programs["cip_code"]
    found = programs[names == wanted] if wanted else programs.head(1)
    if not len(found):
        near = difflib.get_close_matches(wanted, list(names), n=3, cutoff=0.0)
        raise WorkbenchError(
            f"no program '{wanted}' in the records", f"Nearest: {'; '.join(near)}."
        )
    if len(found) > 1:
        raise WorkbenchError(
            f"program '{wanted}' stands in several states: {', '.join(found['state'])}",
            "Give a file with one of them.",
        )
    row = found.iloc[0]
    states = database.execute(f"SELECT count(DISTINCT state) FROM {everyone.sql([])}").fetchall()
    return Program(row["state"], row["provider"], row["cip_code"], states[0][0] > 1)


def page_rows(
    safe: pd.DataFrame, framework: Framework, excluded: pd.Series | None = None
) -> pd.DataFrame:
    """Rows of the page: category of priority, group in words, and whether each can be rated.

    Parameters
    ----------
    safe : DataFrame
        A program's indicators, small cells hidden
        (:func:`analysis.reports.outcome_hiding.safe_together`).
    framework : Framework
    excluded : Series of bool, optional
        Rows that findings on the state's data exclude.

    Returns
    -------
    DataFrame
        The rows with ``category``, ``divided_by`` and ``status``, category one first.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> safe = pd.DataFrame({"indicator": "employed_q2", "by": ["all", "gender"],
    ...     "group": ["all", "women"], "people": [50, None], "known": [40, None],
    ...     "coverage": [0.8, None], "hidden": [False, True]})
    >>> rows = page_rows(safe, load_framework())
    >>> rows["divided_by"].tolist(), rows["status"].str[:23].tolist()
    (['everyone', 'Gender'], ['can be rated', 'cannot be rated: withhe'])
    """
    layout = wioa_layout()
    names = {group.id: group.name for group in layout.groups}
    metric = {entry.id: framework.metric(entry.metric) for entry in layout.indicators}
    words = {int(key): f"{key}. {entry.name}" for key, entry in framework.categories.items()}
    status = rating(
        safe,
        minimum_people=fewest_people(safe["indicator"], framework),
        minimum_coverage=framework.missing_outcomes.minimum_coverage,
        excluded=excluded,
    )
    done = safe.assign(
        category=safe["indicator"].map(lambda name: words[metric[name].category]),
        divided_by=[
            " and ".join(names.get(n, "everyone") for n in by.split(" and ")) for by in safe["by"]
        ],
        status=status.mask(safe[HIDDEN_COLUMN], WITHHELD),
    )
    return done.sort_values("category", kind="stable").reset_index(drop=True)


def page_columns(kind: str, confidence_level: float) -> dict[str, Column]:
    """Columns of the page for one kind of measure (``share`` or ``dollars``).

    Parameters
    ----------
    kind : {'share', 'dollars'}
        What the numbers are; dollars are a quarter's.
    confidence_level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = page_columns("dollars", 0.95)
    >>> columns["estimate"].heading, columns["interval_low"].heading
    ('Estimate (dollars a quarter)', '95% interval, from')
    """
    unit = "share" if kind == "share" else "dollars a quarter"
    return {
        "group": Column("Group"),
        "divided_by": Column("Divided by"),
        "category": Column("Category of priority"),
        "name": Column("Metric"),
        "status": Column("Status"),
        "known": Column("People with a known outcome", "count"),
        "coverage": Column("Outcome known", "share"),
        "estimate": Column(f"Estimate ({unit})", kind),
        **interval_columns(confidence_level, kind),
        **trust_columns(kind),
    }


def at_a_glance(
    rows: pd.DataFrame, confidence_level: float, by: Sequence[str] = ("all", "race", "gender")
) -> tuple[pd.DataFrame, dict[str, Column]]:
    """The page on one screen: a row for each metric by category, a column for each group.

    Parameters
    ----------
    rows : DataFrame
        From :func:`page_rows`, groups in the order that they are to be shown in.
    confidence_level : float
    by : sequence of str
        Ways to divide people that are shown.

    Returns
    -------
    tuple
        The table and its columns. A cell is the estimate with its interval, ``[c]`` where it is
        withheld, and a dash where nobody or nothing is known. Groups of which nothing can be
        shown have no column: the whole table below says so.

    Examples
    --------
    >>> rows = pd.DataFrame({"by": ["all", "gender", "gender"], "group": ["all", "women", "men"],
    ...     "divided_by": ["everyone", "Gender", "Gender"], "category": "1. Gains",
    ...     "name": "Employed", "measure": "share", "estimate": [0.7, 0.68, None],
    ...     "interval_low": [0.6, 0.5, None], "interval_high": [0.8, 0.82, None],
    ...     "hidden": [False, False, True]})
    >>> table, columns = at_a_glance(rows, 0.95)
    >>> table.drop(columns="category").to_dict("records")
    [{'name': 'Employed', 'Everyone': '70.0% (60.0% to 80.0%)', 'women': '68.0% (50.0% to 82.0%)'}]
    >>> columns["name"].heading
    'Metric (95% interval)'
    """
    chosen = pd.concat([rows[rows["by"] == way] for way in by])
    # people of no reported race and of no reported gender are two columns
    many = chosen.drop_duplicates(["by", "group"])["group"].value_counts()
    chosen = chosen.assign(
        head=[
            "Everyone" if way == "all" else f"{group} ({divided})" if many[group] > 1 else group
            for way, group, divided in chosen[["by", "group", "divided_by"]].itertuples(index=False)
        ],
        cell=[_in_words(row) for row in chosen.to_dict("records")],
    )
    is_open = ~chosen[HIDDEN_COLUMN] & chosen["estimate"].notna()
    heads = list(dict.fromkeys(chosen.loc[is_open, "head"]))
    table = chosen.pivot(index=["category", "name"], columns="head", values="cell")
    # metrics stay in the order of the framework, not of the alphabet
    order = chosen[["category", "name"]].drop_duplicates().sort_values("category", kind="stable")
    table = table.reindex(columns=heads).reindex(pd.MultiIndex.from_frame(order)).reset_index()
    columns = {
        "category": Column("Category of priority"),
        "name": Column(f"Metric ({confidence_level:.0%} interval)"),
    }
    return table.rename_axis(columns=None), columns | {head: Column(head) for head in heads}


def _in_words(row: Mapping[str, Any]) -> str:
    if row[HIDDEN_COLUMN]:
        return HIDDEN
    if pd.isna(row["estimate"]):
        return MISSING
    kind = "share" if row["measure"] == "share" else "dollars"
    low, high = row["interval_low"], row["interval_high"]
    return f"{number(row['estimate'], kind)} ({interval(low, high, kind)})"


_NEED = {
    WITHHELD: "more years pooled, or groups taken together",
    "cannot be rated: too few people": "more years pooled, or groups taken together",
    "cannot be rated: not reported": "the element to be reported at all",
    "cannot be rated: too many outcomes unknown": "wage records of other states and federal jobs",
    "cannot be rated: quality of the state's report": "the state's report mended and sent again",
    "cannot be rated: exempt": "nothing by law; a voluntary report of the sponsor",
}


def better_data(rows: pd.DataFrame) -> pd.DataFrame:
    """What would be needed to rate what cannot be rated now.

    Parameters
    ----------
    rows : DataFrame
        From :func:`page_rows`.

    Returns
    -------
    DataFrame
        ``name``, ``divided_by``, ``reason``, ``groups`` (how many cannot be rated), ``of`` (how
        many there are) and ``needed``; what can be rated throughout is left out.

    Examples
    --------
    >>> rows = pd.DataFrame({"name": "Employed", "divided_by": "Race",
    ...                      "status": ["can be rated", "cannot be rated: too few people"]})
    >>> better_data(rows)[["groups", "of", "needed"]].values.tolist()
    [[1, 2, 'more years pooled, or groups taken together']]
    """
    of = rows.groupby(["name", "divided_by"], sort=False)["status"].transform("size")
    lacking = rows.assign(of=of)[rows["status"] != RATED]
    counts = lacking.groupby(["name", "divided_by", "status", "of"], sort=False).size()
    table = counts.rename("groups").reset_index()
    table["reason"] = table["status"].str.removeprefix("cannot be rated: ")
    table["needed"] = table["status"].map(_NEED)
    return table[["name", "divided_by", "reason", "groups", "of", "needed"]]


def shown_standardised(standardised: pd.DataFrame, safe: pd.DataFrame) -> pd.DataFrame:
    """Standardised shares of the groups whose own row is shown; the others are left out.

    Parameters
    ----------
    standardised : DataFrame
        From :func:`analysis.metrics.standardised.standardised_shares`.
    safe : DataFrame
        The same groups and indicators with small cells hidden.

    Returns
    -------
    DataFrame
        With ``name`` and ``raw`` (the share as it is).

    Examples
    --------
    >>> keys = {"by": "gender", "group": ["women", "men"], "indicator": "employed_q2"}
    >>> shares = pd.DataFrame(keys | {"share": [0.71, 0.7]})
    >>> safe = pd.DataFrame(keys | {"name": "Employed", "estimate": [0.68, None],
    ...                             "hidden": [False, True]})
    >>> shown_standardised(shares, safe)[["group", "share", "raw"]].values.tolist()
    [['women', 0.71, 0.68]]
    """
    shown = safe[~safe[HIDDEN_COLUMN]]
    keys: Sequence[str] = ["by", "group", "indicator"]
    raw = shown[[*keys, "name", "estimate"]].rename(columns={"estimate": "raw"})
    return standardised.merge(raw, on=list(keys))
