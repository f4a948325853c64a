"""What is rated: each program's earnings a year against the benchmark, with its noise.

These are levels of earnings against a benchmark, not effects: they mix what a program did with
who enrolled in it. The validity level of each row says so, and its bias law enters the rating.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.framework import RatedMetric
from analysis.tiers.labels import reasons_not_rated
from analysis.tiers.noise import (
    standard_error_of_mean_wage,
    standard_error_of_median_wage,
)

COLUMNS = [
    "program_key",
    "list_name",
    "provider_id",
    "provider",
    "program",
    "cip_code",
    "state",
    "credential",
    "metric",
    "horizon",
    "field",
    "compared_with",
    "earnings",
    "benchmark",
    "benchmark_of",
    "estimate",
    "standard_error",
    "n",
    "n_of",
    "validity",
    "reason",
    "source_id",
]


def state_benchmarks(outcomes: pd.DataFrame) -> pd.Series:
    """Earnings of high-school graduates by state, from College Scorecard's own threshold.

    Parameters
    ----------
    outcomes : DataFrame
        Table ``program_outcomes`` with rows of metric ``high_school_earnings``.

    Returns
    -------
    Series
        Dollars a year by two-letter state.

    Examples
    --------
    >>> rows = pd.DataFrame({"metric": ["high_school_earnings"] * 2, "state": ["NJ", "NJ"],
    ...                      "value": [36976.0, 36976.0]})
    >>> state_benchmarks(rows).to_dict()
    {'NJ': 36976.0}
    """
    rows = outcomes[outcomes["metric"].eq("high_school_earnings") & outcomes["value"].notna()]
    return rows[rows["state"].ne("")].groupby("state")["value"].median()


def against_benchmark(
    outcomes: pd.DataFrame,
    programs: pd.DataFrame | None = None,
    *,
    title: str,
    benchmarks: pd.Series,
    default_benchmark: float,
    coefficient_of_variation: float,
    minimum_people: int,
    validity: str,
    rated: Sequence[RatedMetric],
) -> pd.DataFrame:
    """Earnings a year less the benchmark, with a standard error, for one row a program.

    Parameters
    ----------
    outcomes : DataFrame
        Table ``program_outcomes``; one earnings metric a program, any horizon. A metric
        ``completers`` stands in for the people behind a median where they are not published.
    programs : DataFrame, optional
        Table ``programs``, for names and credentials; programs not in it keep empty ones.
    title : str
        Name of the source, first part of ``compared_with``.
    benchmarks : Series
        Dollars a year by state.
    default_benchmark : float
        Dollars a year for states without one.
    coefficient_of_variation : float
        Spread of earnings between people over their mean (an assumption of the framework).
    minimum_people : int
        A program with fewer, or with an unknown number, cannot be rated.
    validity : str
        Id of the validity level of this source.
    rated : sequence of RatedMetric
        Metrics that are rated, how many periods make a year, and whether each is a mean, a
        median or a share of people (framework: ``tiers.rated_metrics``).

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`; ``compared_with`` names the set of programs that is fitted
        together (source, credential and horizon), ``benchmark_of`` whether the benchmark is that
        of the program's ``state`` or the default, ``reason`` why a row cannot be rated.

    Raises
    ------
    WorkbenchError
        No earnings in the file, or a program that stands in two rows of them.

    Notes
    -----
    The standard error uses one typical wage for all programs of a set (their mean weighted by
    people), so that a wage that is low by chance does not look precise.

    Examples
    --------
    >>> rows = pd.DataFrame({"program_key": ["a"], "provider_id": ["p"], "provider": ["P"],
    ...     "cip_code": ["51.0801"], "state": ["NJ"], "metric": ["average_quarterly_wage"],
    ...     "horizon": ["quarter 4"], "value": [12_000.0], "n": [100.0], "source_id": ["own"]})
    >>> found = against_benchmark(
    ...     rows, title="Own file", benchmarks=pd.Series({"NJ": 36_000.0}),
    ...     default_benchmark=30_000.0, coefficient_of_variation=0.7, minimum_people=10,
    ...     validity="administrative",
    ...     rated=[RatedMetric(metric="average_quarterly_wage", periods_a_year=4.0, kind="mean")],
    ... )  # fmt: skip
    >>> found[["compared_with", "earnings", "estimate", "standard_error"]].values.tolist()
    [['Own file, quarter 4', 48000.0, 12000.0, 3360.0]]
    """
    periods = {entry.metric: entry.periods_a_year for entry in rated}
    rows = _rated_rows(outcomes, list(periods))
    completers = outcomes[outcomes["metric"].eq("completers")].set_index("program_key")["value"]
    stand_in = rows["program_key"].map(completers) if len(completers) else np.nan
    rows["n_of"] = np.where(rows["n"].isna() & bool(len(completers)), "completers", "people")
    # nothing rests on the people of a program without earnings
    rows["n"] = rows["n"].fillna(stand_in).where(rows["value"].notna())
    rows["earnings"] = rows["value"] * rows["metric"].map(periods)
    rows = _against(rows, benchmarks, default_benchmark)
    rows["field"] = rows["cip_code"].str[:2]
    rows["validity"] = validity
    rows = _named(rows, programs)
    credential = rows["credential"].where(rows["credential"].eq(""), ", " + rows["credential"])
    rows["compared_with"] = title + credential + ", " + rows["horizon"]
    rows["standard_error"] = np.nan
    for _, part in rows.groupby("compared_with"):
        known = part[part["earnings"].notna() & part["n"].gt(0)]
        if len(known):
            rows.loc[known.index, "standard_error"] = _errors(
                known, coefficient_of_variation, rated
            )
    reason = reasons_not_rated(
        rows["estimate"], rows["standard_error"], rows["n"], minimum_people=minimum_people
    )
    rows["reason"] = np.where(reason == "no estimate", "no earnings published", reason)
    return rows[COLUMNS].reset_index(drop=True)


def _against(rows: pd.DataFrame, benchmarks: pd.Series, default: float) -> pd.DataFrame:
    """Rows with the benchmark of their state, or the default, and what they earn beyond it."""
    of_state = rows["state"].map(benchmarks)
    benchmark = of_state.fillna(default)
    return rows.assign(
        benchmark=benchmark,
        benchmark_of=np.where(of_state.notna(), "state", "default"),
        estimate=rows["earnings"] - benchmark,
    )


def _rated_rows(outcomes: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """The one row of each program that is rated."""
    rows = outcomes[outcomes["metric"].isin(metrics)].copy()
    if not len(rows):
        found = ", ".join(sorted(set(outcomes["metric"])))
        raise WorkbenchError(
            f"no earnings among the outcomes (metrics: {found or 'none'})",
            f"Give rows of metric {' or '.join(metrics)}.",
        )
    if (repeated := rows["program_key"].duplicated()).any():
        key = rows.loc[repeated, "program_key"].iloc[0]
        raise WorkbenchError(
            f"program '{key}' has two rows of earnings", "Keep one earnings row a program."
        )
    return rows


def _errors(
    known: pd.DataFrame, coefficient_of_variation: float, rated: Sequence[RatedMetric]
) -> pd.Series:
    """Noise of each program's value, by whether a mean, a median or a share is published."""
    typical = np.full(len(known), np.average(known["earnings"], weights=known["n"]))
    people = known["n"].to_numpy(float)
    # two successes and two failures added (Agresti and Coull 1998): a share of 1 is not certain
    share = (np.clip(known["value"].to_numpy(float), 0, 1) * people + 2) / (people + 4)
    by_kind = {
        "mean": standard_error_of_mean_wage(typical, known["n"], coefficient_of_variation),
        "median": standard_error_of_median_wage(typical, known["n"], coefficient_of_variation),
        "share": np.sqrt(share * (1 - share) / (people + 4)),
    }
    kind = known["metric"].map({entry.metric: entry.kind for entry in rated})
    chosen = np.select([kind.eq(name) for name in by_kind], list(by_kind.values()))
    return pd.Series(chosen, known.index)


def _named(rows: pd.DataFrame, programs: pd.DataFrame | None) -> pd.DataFrame:
    """Names and credentials from the list of programs, where there is one."""
    if programs is None:
        empty = {"program": "", "credential": ""}
        return rows.assign(
            **empty, list_name=rows["source_id"], provider=rows["provider"].fillna("")
        )
    listed = programs.set_index("program_key")[["list_name", "program", "credential", "provider"]]
    found = listed.reindex(rows["program_key"]).set_axis(rows.index)
    return rows.assign(
        program=found["program"].fillna(""),
        credential=found["credential"].fillna(""),
        list_name=found["list_name"].fillna(rows["source_id"]),
        provider=rows["provider"].fillna(found["provider"]).fillna(""),
    )


def named_by_field(
    rows: pd.DataFrame, cip_soc: pd.DataFrame | None, programs: pd.DataFrame
) -> pd.DataFrame:
    """Rows without a program's name get the title of their field of study.

    Parameters
    ----------
    rows : DataFrame
        ``program`` and ``cip_code`` (six digits).
    cip_soc : DataFrame or None
        Table ``cip_soc``: titles of six-digit fields.
    programs : DataFrame
        Table ``programs`` with titles of four-digit fields, for codes that the first lacks.

    Returns
    -------
    DataFrame
        The rows with every ``program`` named; "field" and the code where no title is known.

    Examples
    --------
    >>> rows = pd.DataFrame({"program": ["", "", "Welding"],
    ...                      "cip_code": ["51.0801", "01.0000", "48.0508"]})
    >>> listed = pd.DataFrame({"cip_code": ["51.08"], "cip_title": ["Allied Health"]})
    >>> named_by_field(rows, None, listed)["program"].tolist()
    ['Allied Health', 'field 01.0000', 'Welding']
    """
    titles = programs.drop_duplicates("cip_code").set_index("cip_code")["cip_title"]
    found = rows["cip_code"].str[:5].map(titles)
    if cip_soc is not None:
        exact = cip_soc.drop_duplicates("cip_code").set_index("cip_code")["cip_title"]
        found = rows["cip_code"].map(exact).fillna(found)
    named = rows["program"].where(rows["program"].ne(""), found)
    return rows.assign(program=named.fillna("field " + rows["cip_code"]))


def at_quarter(outcomes: pd.DataFrame, quarter: int) -> pd.DataFrame:
    """Outcomes at one quarter after exit, or of the horizon with most values where none has it.

    Parameters
    ----------
    outcomes : DataFrame
        Table ``program_outcomes``.
    quarter : int

    Returns
    -------
    DataFrame
        Rows of the table.

    Examples
    --------
    >>> rows = pd.DataFrame({"quarter": [2, 4], "horizon": ["q2", "q4"], "value": [1.0, 2.0]})
    >>> at_quarter(rows, 4)["value"].tolist(), at_quarter(rows, 8)["value"].tolist()
    ([2.0], [1.0])
    """
    if outcomes["quarter"].eq(quarter).any():
        return outcomes[outcomes["quarter"].eq(quarter)]
    most = outcomes.groupby("horizon", sort=True)["value"].count().idxmax()
    return outcomes[outcomes["horizon"].eq(most)]
