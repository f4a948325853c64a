"""How far each number is to be trusted: its level of validity, its age, and what to take off it."""

import re
from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from analysis.framework import Framework
from analysis.metrics.indicators import Population
from analysis.metrics.validity import EXCLUDED, LOWERED

_MONTHS = "January February March April May June July August September October November December"


def with_trust(
    table: pd.DataFrame,
    framework: Framework,
    source: str,
    *,
    measured: object = None,
    periods_a_year: float | pd.Series = 4.0,
    verdicts: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Give every number of a table its level, its age in years and its discount.

    Parameters
    ----------
    table : DataFrame
        ``estimate`` and ``measure`` (``share``; ``median``, ``mean`` or ``money`` for amounts; of
        anything else nothing is taken off); ``indicator`` and ``by``
        where findings are to lower single rows.
    framework : Framework
        Levels of validity, the level of each source, the date that ages are counted to.
    source : str
        Id of the source, as in the framework's ``source_levels``.
    measured : date, optional
        When half of the people had left the program, or when the source was published; the age is
        missing without it.
    periods_a_year : float or Series of float
        How many of the amounts' periods make a year.
    verdicts : DataFrame, optional
        Findings on the data (:func:`analysis.metrics.validity.by_state`) of the states that the
        table is about. A metric or a group that they lower, or exclude, counts as of the
        framework's lower level.

    Returns
    -------
    DataFrame
        With ``level`` (id), ``level_rank`` (1 is the most to be trusted), ``age_years`` and
        ``discount`` (in the unit of the estimate).

    Notes
    -----
    The discount is what the framework takes off a number of that level before it is read as what
    a program caused: a level's mean bias, dollars a year, over the periods of the amount; of a
    share the same part that this bias is of the benchmark's earnings. The rule for shares is
    ours: no evidence on it is at hand.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rows = pd.DataFrame({"measure": ["share", "median"], "estimate": [0.7, 8000.0]})
    >>> found = with_trust(rows, load_framework(), "user:wioa", measured=pd.Timestamp(2022, 5, 31))
    >>> found[["level", "age_years", "discount"]].round(3).values.tolist()
    [['administrative', 4.5, 0.049], ['administrative', 4.5, 625.0]]
    """
    own = framework.source_levels[source]
    lowered = _lowered(table, verdicts)
    level = pd.Series(own, index=table.index).mask(lowered, framework.quality.lowered_level)
    # a finding can lower a level and never lift it
    rank = level.map({entry.id: entry.rank for entry in framework.validity_levels})
    level = level.mask(rank < framework.validity(own).rank, own)
    done = table.assign(
        level=level,
        level_rank=level.map({entry.id: entry.rank for entry in framework.validity_levels}),
        age_years=age_years(measured, framework),
    )
    bias = level.map({entry.id: entry.bias_mean for entry in framework.validity_levels})
    part = bias / framework.tiers.benchmark_dollars
    money = (bias / periods_a_year).where(table["measure"].isin(["median", "mean", "money"]))
    discount = money.where(table["measure"] != "share", part * table["estimate"])
    return done.assign(discount=discount.where(table["estimate"].notna()))


def _lowered(table: pd.DataFrame, verdicts: pd.DataFrame | None) -> pd.Series:
    if verdicts is None or "indicator" not in table:
        return pd.Series(False, index=table.index)
    bad = set(verdicts.loc[verdicts["consequence"].isin([EXCLUDED, LOWERED]), "id"])
    used = zip(table["indicator"], table["by"], strict=True)
    flags = [bool(bad & {metric, *by.split(" and ")}) for metric, by in used]
    return pd.Series(flags, index=table.index)


def of_states(verdicts: pd.DataFrame | None, states: Sequence[str]) -> pd.DataFrame | None:
    """Findings on these states, those on all states among them.

    Parameters
    ----------
    verdicts : DataFrame or None
        From :func:`analysis.metrics.validity.by_state`.
    states : sequence of str
        Postal abbreviations.

    Returns
    -------
    DataFrame or None
        None where no findings are at hand.

    Examples
    --------
    >>> of_states(pd.DataFrame({"state": ["TX", "NJ", "ALL"]}), ["NJ"])["state"].tolist()
    ['NJ', 'ALL']
    """
    if verdicts is None:
        return None
    return verdicts[verdicts["state"].isin([*states, "ALL"])]


def exits(database: duckdb.DuckDBPyConnection, everyone: Population) -> tuple[list[str], object]:
    """States of the records, and the day until which half of the people had left.

    Parameters
    ----------
    database : connection
    everyone : Population

    Returns
    -------
    tuple of list of str and date
        None instead of the day where nobody has left.

    Examples
    --------
    >>> with duckdb.connect() as database:
    ...     _ = database.execute(
    ...         "CREATE TABLE people AS SELECT 'TX' AS state, '0' AS reportable_individual, "
    ...         "DATE '2021-01-05' AS entry_date, unnest([DATE '2021-03-01', DATE '2021-03-03', "
    ...         "DATE '2021-09-01']) AS exit_date, '00' AS exit_reason"
    ...     )
    ...     states, day = exits(database, Population("people"))
    >>> states, str(day)[:10]
    (['TX'], '2021-03-03')
    """
    row = database.execute(
        f"SELECT list_sort(list(DISTINCT state)), median(exit_date) FROM {everyone.sql([])}"
    ).fetchall()[0]
    return list(row[0] or []), row[1]


def age_years(measured: object, framework: Framework) -> float:
    """Years from when it was measured to the month that the framework speaks of.

    Parameters
    ----------
    measured : date, str or None
    framework : Framework
        ``about.as_of``; the last day of that month counts.

    Returns
    -------
    float
        To a tenth of a year; missing where it is not known when it was measured.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> framework = SimpleNamespace(about=SimpleNamespace(as_of="2026-06"))
    >>> age_years("2024-06-30", framework), age_years(None, framework)
    (2.0, nan)
    """
    if measured is None:
        return float("nan")
    today = pd.Timestamp(framework.about.as_of) + pd.offsets.MonthEnd(0)
    return round((today - pd.Timestamp(str(measured))).days / 365.25, 1)


def release_date(release: str) -> pd.Timestamp | None:
    """Month or day that a release names, or None where it names none.

    What was measured is older than its release by an unknown time, so the age of it is a least.

    Parameters
    ----------
    release : str
        As the catalogue of sources names it, months in English.

    Returns
    -------
    Timestamp or None
        The day; the month's last one where only a month is named.

    Examples
    --------
    >>> str(release_date("College Scorecard release of 10 June 2026, cohorts").date())
    '2026-06-10'
    >>> str(release_date("repository snapshot of March 2024").date()), release_date("0.1.4")
    ('2024-03-31', None)
    """
    found = re.search(rf"(\d{{1,2}} )?({_MONTHS.replace(' ', '|')}) (\d{{4}})", release)
    if found is None:
        return None
    if found[1]:
        return pd.Timestamp(f"{found[1]}{found[2]} {found[3]}")
    return pd.Timestamp(f"{found[2]} {found[3]}") + pd.offsets.MonthEnd(0)


def program_coverage(outcomes: pd.DataFrame) -> pd.Series:
    """People behind each published outcome over all who completed, where both are published.

    Parameters
    ----------
    outcomes : DataFrame
        Table ``program_outcomes``.

    Returns
    -------
    Series of float
        ``n`` over the ``n`` of the share employed of the same program and quarter, which counts
        whoever is not found in wage records as not employed; missing without that.

    Examples
    --------
    >>> rows = pd.DataFrame({"program_key": "a", "quarter": 2, "n": [40.0, 30.0],
    ...                      "metric": ["employed_share", "average_quarterly_wage"]})
    >>> program_coverage(rows).tolist()
    [1.0, 0.75]
    """
    keys = ["program_key", "quarter"]
    shares = outcomes[outcomes["metric"] == "employed_share"].drop_duplicates(keys)
    whole = outcomes[keys].merge(shares[[*keys, "n"]], on=keys, how="left")["n"].to_numpy()
    share = outcomes["n"] / np.where(whole > 0, whole, np.nan)
    return share.where(share <= 1)


def mean_coverage(outcomes: pd.DataFrame, means: pd.DataFrame) -> pd.Series:
    """Coverage of each mean over programs: its people over all who completed, programs together.

    Parameters
    ----------
    outcomes : DataFrame
        Table ``program_outcomes``.
    means : DataFrame
        With ``metric`` and ``horizon``, as of :func:`analysis.metrics.programs.summary`.

    Returns
    -------
    Series of float
        Missing where the source does not tell who completed.

    Examples
    --------
    >>> rows = pd.DataFrame({"program_key": "a", "quarter": 2, "horizon": "q2", "n": [40.0, 30.0],
    ...                      "metric": ["employed_share", "average_quarterly_wage"]})
    >>> means = pd.DataFrame({"metric": ["average_quarterly_wage", "cost"], "horizon": "q2"})
    >>> mean_coverage(rows, means).tolist()
    [0.75, nan]
    """
    covered = outcomes.assign(share=program_coverage(outcomes))
    known = covered[covered["share"].gt(0)]
    known = known.assign(whole=known["n"] / known["share"])
    sums = known.groupby(["metric", "horizon"])[["n", "whole"]].sum()
    found = (sums["n"] / sums["whole"]).rename("coverage").reset_index()
    both = means[["metric", "horizon"]].merge(found, on=["metric", "horizon"], how="left")
    return pd.Series(both["coverage"].to_numpy(), index=means.index)
