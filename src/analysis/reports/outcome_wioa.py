"""Metrics from WIOA records as a report shows them: columns, rated programs, key figures."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analysis.metrics.rating import headline, rating
from analysis.reports.disclosure import HIDDEN_COLUMN
from analysis.reports.html_tables import Column, interval_columns
from analysis.reports.trust_tables import trust_columns


def indicator_columns(kind: str, confidence_level: float) -> dict[str, Column]:
    """Columns of a table of one kind of indicator (``share`` or ``dollars``).

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
    >>> columns = indicator_columns("dollars", 0.95)
    >>> columns["estimate"].heading, columns["interval_low"].heading, columns["discount"].kind
    ('Estimate (dollars a quarter)', '95% interval, from', 'dollars')
    """
    unit = "share" if kind == "share" else "dollars a quarter"
    return {
        "group": Column("Group"),
        "by": Column("Divided by"),
        "name": Column("Metric"),
        "people": Column("People", "count"),
        "coverage": Column("Outcome known", "share"),
        "estimate": Column(f"Estimate ({unit})", kind),
        **interval_columns(confidence_level, kind),
        "bound_low": Column("If the unknown all fall short", kind),
        "bound_high": Column("If they all meet it", kind),
        **trust_columns(kind),
    }


def adjusted_columns(confidence_level: float) -> dict[str, Column]:
    """Columns of shares at everyone's composition, beside the shares as they are.

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
    >>> columns = adjusted_columns(0.95)
    >>> columns["raw"].heading, columns["estimate"].heading, "discount" in columns
    ('Share as it is', "Share at everyone's composition", False)
    """
    return {
        "group": Column("Group"),
        "by": Column("Divided by"),
        "name": Column("Metric"),
        "people": Column("People", "count"),
        "raw": Column("Share as it is", "share"),
        "estimate": Column("Share at everyone's composition", "share"),
        **interval_columns(confidence_level, "share"),
        "weight_covered": Column("Of everyone, in comparable strata", "share"),
        **trust_columns("share", discounted=False),
    }


# a group, and the one that it is held against
_BESIDE = {
    "group": Column("Group"),
    "by": Column("Divided by"),
    "reference": Column("Beside"),
    "name": Column("Metric"),
    "people": Column("People", "count"),
}


def gap_columns(kind: str, confidence_level: float) -> dict[str, Column]:
    """Columns of a table of gaps (:func:`analysis.metrics.gaps.gaps`).

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
    >>> columns = gap_columns("share", 0.95)
    >>> columns["difference_low"].heading, columns["ratio"].kind, "discount" in columns
    ('95% interval, from', 'number', False)
    """
    return {
        **_BESIDE,
        "difference": Column("Difference", kind),
        **interval_columns(confidence_level, kind, "difference"),
        "ratio": Column("Ratio", "number"),
        **interval_columns(confidence_level, "number", "ratio"),
        **trust_columns(kind, discounted=False),
    }


def adjusted_gap_columns(confidence_level: float) -> dict[str, Column]:
    """Columns of :func:`analysis.metrics.standardised.standardised_gaps`.

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
    >>> list(adjusted_gap_columns(0.95))[5:8]
    ['raw_difference', 'difference', 'difference_low']
    """
    return {
        **_BESIDE,
        "raw_difference": Column("Difference as it is", "share"),
        "difference": Column("At everyone's composition", "share"),
        **interval_columns(confidence_level, "share", "difference"),
        "ratio": Column("Ratio at everyone's composition", "number"),
        **interval_columns(confidence_level, "number", "ratio"),
        **trust_columns("share", discounted=False),
    }


def program_headline(
    table: pd.DataFrame,
    minimum_people: int | pd.Series,
    minimum_coverage: float,
    *,
    smallest_cell: int,
    excluded: pd.Series | None = None,
    exempt: pd.Series | None = None,
) -> pd.DataFrame:
    """Programs that can be rated, and why others cannot, for each group; counts of programs.

    Parameters
    ----------
    table : DataFrame
        Indicators over ``state``, ``provider`` and ``cip_code``.
    minimum_people : int or Series of int
        Fewest people with a known outcome; a Series has one for each row.
    minimum_coverage : float
        Smallest share of people whose outcome is known.
    smallest_cell : int
        Fewest people that a number may be shown about.
    excluded, exempt : Series of bool, optional
        Rows that findings exclude (:func:`analysis.metrics.validity.excluded_rows`), and rows of
        programs that need not report (:func:`analysis.metrics.exempt.exempt_rows`).

    Returns
    -------
    DataFrame
        ``by``, ``group``, ``name``, ``status``, ``programs``, ``share_of_programs``; for everyone
        also ``people`` (trained and exited, in programs of that status) and ``share_of_people``.
        People are not counted by group: sums over small programs would give some of them away.

    Examples
    --------
    >>> table = pd.DataFrame({"by": "all", "group": "all", "name": "Employed",
    ...     "known": [40, 30, 4], "people": [50, 40, 5], "coverage": [0.8, 0.75, 0.8]})
    >>> counts = program_headline(table, 10, 0.7, smallest_cell=10)
    >>> counts[["status", "programs", "people"]].values.tolist()
    [['can be rated', 2, nan], ['cannot be rated: too few people', 1, nan]]
    """
    status = rating(
        table,
        minimum_people=minimum_people,
        minimum_coverage=minimum_coverage,
        excluded=excluded,
        exempt=exempt,
    )
    counts = headline(table, status, ["by", "group", "name"])
    shown = counts["people"].where(counts["by"] == "all")
    for _, part in counts[counts["by"] == "all"].groupby("name"):
        if part["people"].lt(smallest_cell).any():
            # the small one, and the next, or it could be had from the total
            shown[part["people"].nsmallest(2).index] = float("nan")
    counts["people"] = shown
    counts["share_of_people"] = counts["share_of_people"].where(shown.notna())
    columns = ["by", "group", "name", "status", "programs", "share_of_programs"]
    return counts[[*columns, "people", "share_of_people"]]


def wioa_figures(table: pd.DataFrame, prefix: str) -> Iterator[dict[str, Any]]:
    """Key figures of the rows that are shown, as arguments of ``Study.key_figure``.

    Parameters
    ----------
    table : DataFrame
        One of :func:`analysis.reports.outcome_hiding.safe_together`, with
        :func:`analysis.metrics.trust.with_trust`.
    prefix : str
        First part of the figures' names.

    Yields
    ------
    dict
        Shares of 1; money in dollars a quarter. ``n`` counts people with a known outcome.

    Examples
    --------
    >>> row = {"indicator": "employed_q2", "by": "gender", "group": "women", "hidden": False,
    ...        "estimate": 0.7, "standard_error": 0.05, "interval_low": 0.6, "interval_high": 0.8,
    ...        "known": 80, "people": 100, "measure": "share", "coverage": 0.8, "level_rank": 3,
    ...        "age_years": 4.5, "discount": 0.05}
    >>> table = pd.DataFrame([row, row | {"group": "men", "hidden": True}])
    >>> [(one["name"], one["estimate"], one["n"]) for one in wioa_figures(table, "wioa")]
    [('wioa.employed_q2.gender.women', 0.7, 80)]
    """
    for row in table[~table[HIDDEN_COLUMN] & table["estimate"].notna()].itertuples():
        yield {
            "name": f"{prefix}.{row.indicator}.{row.by}.{row.group}".replace(" ", "_"),
            "estimate": row.estimate,
            "standard_error": row.standard_error,
            "interval": (row.interval_low, row.interval_high),
            "n": row.known,
            "n_of": "people",
            "unit": "share" if row.measure == "share" else "dollars a quarter",
            "note": f"known for {row.coverage:.0%} of {row.people:.0f} people; validity level "
            f"{row.level_rank}, {row.age_years:.1f} years old, {row.discount:.4g} to be taken off "
            "before it is read as an effect",
        }


def quality_summary(verdicts: pd.DataFrame) -> pd.DataFrame:
    """States by metric or group and consequence, from the publisher's findings.

    Parameters
    ----------
    verdicts : DataFrame
        From :func:`analysis.metrics.validity.by_state`.

    Returns
    -------
    DataFrame
        ``name``, ``consequence``, ``states`` (how many), ``which`` (abbreviations), for what is
        excluded or lowered.

    Examples
    --------
    >>> verdicts = pd.DataFrame({"state": ["NJ", "TX", "NJ"], "kind": "metric", "name": "Debt",
    ...                          "consequence": ["lowered", "lowered", "noted"]})
    >>> quality_summary(verdicts).values.tolist()
    [['Debt', 'lowered', 2, 'NJ, TX']]
    """
    strong = verdicts[verdicts["consequence"] != "noted"]
    grouped = strong.groupby(["kind", "name", "consequence"], sort=False)["state"]
    table = grouped.agg(states="nunique", which=lambda s: ", ".join(sorted(set(s)))).reset_index()
    ordered = table.sort_values(["consequence", "states"], ascending=[True, False], kind="stable")
    return ordered[["name", "consequence", "states", "which"]].reset_index(drop=True)
