"""Metrics of each program: value, interval, people behind it, and whether it may be rated."""

import numpy as np
import pandas as pd

from analysis.metrics.intervals import clustered_mean, wilson_interval

_SHARES = ("employed_share", "retention_share")


def with_intervals(outcomes: pd.DataFrame, confidence_level: float) -> pd.DataFrame:
    """Add intervals to published outcomes where the people behind them are published too.

    Parameters
    ----------
    outcomes : DataFrame
        The typed table ``program_outcomes``.
    confidence_level : float

    Returns
    -------
    DataFrame
        With ``interval_low`` and ``interval_high``: Wilson's interval for shares; missing for
        means and medians, whose spread between people the publishers do not give.

    Examples
    --------
    >>> rows = pd.DataFrame({"metric": ["employed_share", "average_quarterly_wage"],
    ...                      "value": [0.5, 9000.0], "n": [96.0, 96.0]})
    >>> with_intervals(rows, 0.95)[["interval_low", "interval_high"]].round(3).values.tolist()
    [[0.402, 0.598], [nan, nan]]
    """
    is_share = outcomes["metric"].isin(_SHARES)
    table = outcomes.copy()
    limits = wilson_interval(
        table["value"].where(is_share), table["n"].where(is_share), confidence_level
    )
    return table.assign(**{name: limits[name] for name in limits})


def exempt_programs(outcomes: pd.DataFrame) -> pd.Series:
    """Rows of programs that need not report (20 CFR 677.230(b)), where the file tells which.

    Parameters
    ----------
    outcomes : DataFrame
        Table ``program_outcomes``; ``attrs["exempt"]`` holds keys of such programs.

    Returns
    -------
    Series of bool
        By row of ``outcomes``; False throughout where the file does not tell.

    Examples
    --------
    >>> rows = pd.DataFrame({"program_key": ["a", "b"]})
    >>> rows.attrs["exempt"] = ["b"]
    >>> exempt_programs(rows).tolist()
    [False, True]
    """
    keys = outcomes.attrs.get("exempt", [])
    free = outcomes["program_key"].isin(keys) if keys else False
    return pd.Series(free, index=outcomes.index)


def rating_status(
    outcomes: pd.DataFrame, minimum_people: int, exempt: pd.Series | None = None
) -> pd.Series:
    """Whether a program's outcome can be rated, and why not.

    Parameters
    ----------
    outcomes : DataFrame
        The typed table ``program_outcomes``.
    minimum_people : int
        Fewest people that an outcome may rest on.
    exempt : Series of bool, optional
        Rows of programs that need not report.

    Returns
    -------
    Series of str
        ``can be rated``, or ``cannot be rated:`` with ``exempt``, ``not reported`` or ``too few
        people``.
        "Cannot be rated" is a result of its own: it is not "does not meet".

    Examples
    --------
    >>> rows = pd.DataFrame({"value": [0.5, float("nan"), 0.5], "n": [40.0, 0.0, 4.0]})
    >>> rating_status(rows, 10).tolist()[1:]
    ['cannot be rated: not reported', 'cannot be rated: too few people']
    """
    free = pd.Series(False, index=outcomes.index) if exempt is None else exempt
    status = np.select(
        [free, outcomes["value"].isna(), outcomes["n"] < minimum_people],
        [f"cannot be rated: {why}" for why in ("exempt", "not reported", "too few people")],
        "can be rated",
    )
    return pd.Series(status, index=outcomes.index)


def coverage(outcomes: pd.DataFrame, minimum_people: int) -> pd.DataFrame:
    """How many programs and people each metric can be rated for: data quality comes first.

    Parameters
    ----------
    outcomes : DataFrame
        The typed table ``program_outcomes``.
    minimum_people : int

    Returns
    -------
    DataFrame
        ``metric``, ``horizon``, ``programs``, ``rated``, ``exempt``, ``not_reported``,
        ``too_few``, ``rated_share``, ``people`` (behind the rated ones).

    Examples
    --------
    >>> rows = pd.DataFrame({"program_key": list("abc"), "metric": "employed_share",
    ...     "horizon": "q2", "value": [0.5, None, 0.5], "n": [40.0, None, 4.0]})
    >>> found = coverage(rows, 10)
    >>> found[["programs", "rated", "not_reported", "too_few", "people"]].values.tolist()
    [[3.0, 1.0, 1.0, 1.0, 40.0]]
    """
    status = rating_status(outcomes, minimum_people, exempt_programs(outcomes))
    marked = outcomes.assign(
        rated=status.eq("can be rated"),
        exempt=status.str.endswith("exempt"),
        not_reported=status.str.endswith("not reported"),
        too_few=status.str.endswith("too few people"),
        people=outcomes["n"].where(status.eq("can be rated")),
    )
    keys = ["metric", "horizon"]
    table = marked.groupby(keys, sort=False, observed=True).agg(
        programs=("value", "size"),
        rated=("rated", "sum"),
        exempt=("exempt", "sum"),
        not_reported=("not_reported", "sum"),
        too_few=("too_few", "sum"),
        people=("people", "sum"),
    )
    table["rated_share"] = table["rated"] / table["programs"]
    return table.reset_index()


def summary(outcomes: pd.DataFrame, minimum_people: int, confidence_level: float) -> pd.DataFrame:
    """Mean over people and spread over programs of each metric, for programs that can be rated.

    Parameters
    ----------
    outcomes : DataFrame
        The typed table ``program_outcomes`` with ``n`` known.
    minimum_people : int
    confidence_level : float

    Returns
    -------
    DataFrame
        ``metric``, ``horizon`` and what :func:`~analysis.metrics.intervals.clustered_mean`
        gives, with ``tenth`` and ``ninetieth`` (percentiles over programs). The interval of a
        share ends at 0 and 1.

    Examples
    --------
    >>> rows = pd.DataFrame({"program_key": ["a", "b"], "provider_id": ["p", "q"], "horizon": "q2",
    ...     "metric": "employed_share", "value": [0.4, 0.8], "n": [30.0, 10.0]})
    >>> found = summary(rows, 10, 0.95)
    >>> found[["estimate", "tenth", "ninetieth"]].round(2).values.tolist()
    [[0.5, 0.44, 0.76]]
    """
    status = rating_status(outcomes, minimum_people, exempt_programs(outcomes))
    rated = outcomes[status.eq("can be rated")]
    rows = []
    for (metric, horizon), part in rated.groupby(["metric", "horizon"], sort=False, observed=True):
        if part["provider_id"].nunique() < 2 or part["n"].isna().all():
            continue
        mean = clustered_mean(part["value"], part["n"], part["provider_id"], confidence_level)
        if metric in _SHARES:
            # few providers leave nearly nothing certain, but a share is never below 0 or above 1
            limits = ("interval_low", "interval_high")
            mean |= {name: min(max(mean[name], 0.0), 1.0) for name in limits}
        tenth, ninetieth = np.quantile(part["value"], [0.1, 0.9])
        rows.append(
            {"metric": metric, "horizon": horizon, **mean, "tenth": tenth, "ninetieth": ninetieth}
        )
    return pd.DataFrame(rows)


def earnings_check(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Each program's median earnings against those of high-school graduates in its state.

    Parameters
    ----------
    outcomes : DataFrame
        Rows of metrics ``median_annual_earnings`` and ``high_school_earnings`` by program.

    Returns
    -------
    DataFrame
        One row a program: ``program_key``, ``provider_id``, ``cip_code``, ``state``,
        ``earnings``, ``threshold``, ``premium`` (USD a year) and ``check`` (``meets``,
        ``does not meet``, ``cannot be rated``).

    Notes
    -----
    The College Scorecard's earnings-premium comparison: a published rule with three outcomes. The
    threshold is one of a state; a program that stands without it takes that of the other programs
    of its state, as tiers do.

    Examples
    --------
    >>> rows = pd.DataFrame({"program_key": ["a", "a", "b", "c"], "provider_id": "p",
    ...     "cip_code": "51.08", "state": ["NJ", "NJ", "PR", "NJ"],
    ...     "value": [40_000.0, 36_000.0, 50_000.0, 30_000.0],
    ...     "metric": ["median_annual_earnings", "high_school_earnings",
    ...                "median_annual_earnings", "median_annual_earnings"]})
    >>> for row in earnings_check(rows)[["program_key", "premium", "check"]].values.tolist():
    ...     print(row)
    ['a', 4000.0, 'meets']
    ['b', nan, 'cannot be rated']
    ['c', -6000.0, 'does not meet']
    """
    keys = ["program_key", "provider_id", "cip_code", "state"]
    is_earnings = outcomes["metric"] == "median_annual_earnings"
    is_threshold = outcomes["metric"] == "high_school_earnings"
    earnings = outcomes.loc[is_earnings, [*keys, "value"]].rename(columns={"value": "earnings"})
    threshold = outcomes.loc[is_threshold, ["program_key", "value"]]
    threshold = threshold.rename(columns={"value": "threshold"})
    table = earnings.merge(threshold, on="program_key", how="left", validate="one_to_one")
    of_state = table[table["state"].ne("")].groupby("state")["threshold"].median()
    table["threshold"] = table["threshold"].fillna(table["state"].map(of_state))
    table["premium"] = table["earnings"] - table["threshold"]
    table["check"] = np.select(
        [table["premium"].isna(), table["premium"] >= 0],
        ["cannot be rated", "meets"],
        "does not meet",
    )
    return table


def check_counts(
    check: pd.DataFrame, credentials: list[str], confidence_level: float
) -> pd.DataFrame:
    """How many programs meet the earnings check, do not, or cannot be rated, by credential.

    Parameters
    ----------
    check : DataFrame
        From :func:`earnings_check`, with the column ``credential``.
    credentials : list of str
        Which to count, in this order.
    confidence_level : float

    Returns
    -------
    DataFrame
        ``credential``, ``meets``, ``does not meet``, ``cannot be rated``, ``rated`` (programs),
        ``share`` (of the rated that does not meet), ``interval_low``, ``interval_high``
        (Wilson's, over programs like these).

    Examples
    --------
    >>> rows = pd.DataFrame({"credential": "c", "check": ["meets", "meets", "does not meet"]})
    >>> check_counts(rows, ["c"], 0.95)[["meets", "cannot be rated", "rated"]].values.tolist()
    [[2, 0, 3]]
    """
    answers = ["meets", "does not meet", "cannot be rated"]
    counts = pd.crosstab(check["credential"], check["check"])
    counts = counts.reindex(index=credentials, columns=answers, fill_value=0)
    counts = counts.rename_axis(columns=None).rename_axis("credential").reset_index()
    counts["rated"] = counts["meets"] + counts["does not meet"]
    counts["share"] = counts["does not meet"] / counts["rated"]
    limits = wilson_interval(counts["share"], counts["rated"], confidence_level)
    return counts.assign(**{name: limits[name] for name in limits})
