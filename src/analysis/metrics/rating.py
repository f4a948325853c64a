"""Whether a metric can be rated, and why not: a result of its own, counted by group."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.framework import Framework
from analysis.metrics.indicators import NOT_REPORTED
from analysis.tables.wioa_layout import wioa_layout

RATED = "can be rated"
REASONS = (
    "exempt",
    "quality of the state's report",
    "not reported",
    "too few people",
    "too many outcomes unknown",
)


def rating(
    table: pd.DataFrame,
    *,
    minimum_people: int | pd.Series,
    minimum_coverage: float,
    excluded: pd.Series | None = None,
    exempt: pd.Series | None = None,
) -> pd.Series:
    """Status of each row of a table of indicators.

    Parameters
    ----------
    table : DataFrame
        From :func:`analysis.metrics.indicators.indicator_table`.
    minimum_people : int or Series of int
        Fewest people with a known outcome (:func:`fewest_people`).
    minimum_coverage : float
        Smallest share of people whose outcome is known.
    excluded, exempt : Series of bool, optional
        Rows that a finding on the state's data excludes; rows whose provider need not report
        (registered apprenticeships, 20 CFR 677.230(b)).

    Returns
    -------
    Series of str
        ``can be rated``, or ``cannot be rated: `` and one of ``REASONS``, the first that holds.

    Examples
    --------
    >>> rows = pd.DataFrame({"known": [40, 0, 4, 40], "people": [50, 30, 5, 90],
    ...                      "coverage": [0.8, 0.0, 0.8, 0.44]})
    >>> rating(rows, minimum_people=10, minimum_coverage=0.7).str[17:].tolist()
    ['', 'not reported', 'too few people', 'too many outcomes unknown']
    """
    nobody = pd.Series(False, index=table.index)
    tests = [
        nobody if exempt is None else exempt,
        nobody if excluded is None else excluded,
        # nobody in the denominator is too few people, and no fault of the report
        (table["known"] == 0) & (table["people"] >= minimum_people),
        table["known"] < minimum_people,
        table["coverage"] < minimum_coverage,
    ]
    words = [f"cannot be rated: {reason}" for reason in REASONS]
    status = np.select([np.asarray(test, dtype=bool) for test in tests], words, RATED)
    return pd.Series(status, index=table.index, name="status")


def fewest_people(indicators: pd.Series, framework: Framework) -> pd.Series:
    """Fewest people that each indicator may rest on: its metric's own number, or the tiers'.

    Parameters
    ----------
    indicators : Series of str
        Ids in the layout.
    framework : Framework

    Returns
    -------
    Series of int
        One for each of ``indicators``, with their index.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> fewest_people(pd.Series(["employed_q2"]), load_framework()).tolist()
    [10]
    """
    fewest = {}
    for entry in wioa_layout().indicators:
        own = framework.metric(entry.metric).minimum_people
        fewest[entry.id] = own or framework.tiers.minimum_people
    return indicators.map(fewest)


def headline(table: pd.DataFrame, status: pd.Series, keys: Sequence[str]) -> pd.DataFrame:
    """How many programs and people can be rated, and for what reason the others cannot.

    Parameters
    ----------
    table : DataFrame
        One row a program, group and indicator, with ``people``.
    status : Series of str
        From :func:`rating`.
    keys : sequence of str
        Columns to count by, such as ``("indicator", "by", "group")``.

    Returns
    -------
    DataFrame
        ``keys``, ``status``, ``programs``, ``people``, ``share_of_programs`` and
        ``share_of_people`` within the keys.

    Examples
    --------
    >>> rows = pd.DataFrame({"indicator": "employed_q2", "people": [30, 10]})
    >>> status = pd.Series(["can be rated", "cannot be rated: exempt"])
    >>> found = headline(rows, status, ["indicator"])
    >>> found[["status", "programs", "share_of_people"]].values.tolist()
    [['can be rated', 1, 0.75], ['cannot be rated: exempt', 1, 0.25]]
    """
    counts = (
        table.assign(status=status)
        .groupby([*keys, "status"], sort=False, observed=True)
        .agg(programs=("people", "size"), people=("people", "sum"))
        .reset_index()
    )
    for name in ("programs", "people"):
        total = counts.groupby(list(keys), sort=False, observed=True)[name].transform("sum")
        counts[f"share_of_{name}"] = counts[name] / total.where(total > 0)
    return counts


def not_reported_share(table: pd.DataFrame) -> pd.DataFrame:
    """People whose group is not known, for each way to divide them.

    Parameters
    ----------
    table : DataFrame
        From :func:`analysis.metrics.indicators.indicator_table`, one indicator.

    Returns
    -------
    DataFrame
        ``by``, ``people``, ``not_reported`` and ``share``, one row a single grouping.

    Examples
    --------
    >>> rows = pd.DataFrame({"by": ["all", "race", "race"], "people": [40, 30, 10],
    ...                      "group": ["all", "Black", "not reported"]})
    >>> not_reported_share(rows).values.tolist()
    [['race', 40, 10, 0.25]]
    """
    single = table[(table["by"] != "all") & ~table["by"].str.contains(" and ")]
    unknown = single["people"].where(single["group"] == NOT_REPORTED, 0)
    sums = single.assign(not_reported=unknown).groupby("by", sort=False)
    done = sums[["people", "not_reported"]].sum().reset_index()
    return done.assign(share=done["not_reported"] / done["people"])
