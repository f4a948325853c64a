"""Intervals of shares and of means that are published for groups of people."""

import math

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import WorkbenchError


def wilson_interval(
    share: pd.Series, people: pd.Series, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Wilson's score interval of a share.

    Parameters
    ----------
    share : Series of float
        Shares between 0 and 1.
    people : Series of float
        People behind each share.
    confidence_level : float

    Returns
    -------
    DataFrame
        Columns ``interval_low`` and ``interval_high``, same index; missing where an input is.

    Notes
    -----
    Wilson (1927), JASA 22. It keeps its coverage near 0 and 1, where the textbook interval fails.

    Examples
    --------
    >>> wilson_interval(pd.Series([0.5]), pd.Series([100.0])).round(4).to_dict("list")
    {'interval_low': [0.4038], 'interval_high': [0.5962]}
    """
    z = stats.norm.ppf(0.5 + confidence_level / 2)
    p, n = share.astype(float), people.astype(float).where(lambda count: count > 0)
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return pd.DataFrame({"interval_low": centre - half, "interval_high": centre + half})


def clustered_mean(
    value: pd.Series, people: pd.Series, cluster: pd.Series, confidence_level: float = 0.95
) -> dict[str, float]:
    """Mean over people of values published by program, with an interval clustered by provider.

    Parameters
    ----------
    value : Series of float
        A program's share or mean.
    people : Series of float
        People behind it (the weight).
    cluster : Series
        Provider of the program: programs of one provider rise and fall together.
    confidence_level : float

    Returns
    -------
    dict
        ``estimate``, ``standard_error``, ``interval_low``, ``interval_high``, ``people``,
        ``programs``, ``clusters``.

    Raises
    ------
    WorkbenchError
        With fewer than two clusters, since nothing can then be said about the spread.

    Notes
    -----
    Ratio estimator with linearised clustered variance and Student's t with clusters − 1 degrees
    of freedom (Cochran 1977, chapter 6). The interval speaks of providers like these, and is
    wider than one that would take every person for independent.

    Examples
    --------
    >>> out = clustered_mean(pd.Series([0.4, 0.6]), pd.Series([10, 10]), pd.Series(["a", "b"]))
    >>> round(out["estimate"], 3), round(out["standard_error"], 3)
    (0.5, 0.1)
    """
    known = value.notna() & people.notna() & (people > 0)
    v, n = value[known].to_numpy(float), people[known].to_numpy(float)
    groups, index = np.unique(cluster[known].to_numpy(str), return_inverse=True)
    if len(groups) < 2:
        raise WorkbenchError(
            f"a mean over {len(groups)} provider has no interval",
            "Give outcomes of at least two providers.",
        )
    estimate = float(np.sum(n * v) / np.sum(n))
    scores = np.bincount(index, weights=n * (v - estimate))
    count = len(groups)
    variance = count / (count - 1) * np.sum(scores**2) / np.sum(n) ** 2
    error = math.sqrt(variance)
    reach = float(stats.t.ppf(0.5 + confidence_level / 2, count - 1)) * error
    return {
        "estimate": estimate,
        "standard_error": error,
        "interval_low": estimate - reach,
        "interval_high": estimate + reach,
        "people": float(np.sum(n)),
        "programs": float(len(v)),
        "clusters": float(count),
    }


def mean_by_group(
    frame: pd.DataFrame, outcome: str, by: list[str], confidence_level: float = 0.95
) -> pd.DataFrame:
    """Mean of an outcome over people in each group, with Student's t interval.

    Parameters
    ----------
    frame : DataFrame
        One row a person.
    outcome : str
        Column to average; missing values are left out and counted out of ``people``.
    by : list of str
        Columns that make the groups.
    confidence_level : float

    Returns
    -------
    DataFrame
        ``by`` and ``estimate``, ``standard_error``, ``interval_low``, ``interval_high``,
        ``people``; one row a group.

    Examples
    --------
    >>> people = pd.DataFrame({"g": ["a", "a", "b", "b"], "y": [1.0, 3.0, 5.0, 5.0]})
    >>> mean_by_group(people, "y", ["g"])[["estimate", "people"]].values.tolist()
    [[2.0, 2.0], [5.0, 2.0]]
    """
    grouped = frame.groupby(by, observed=True)[outcome]
    table = grouped.agg(estimate="mean", spread="std", people="count").reset_index()
    table["standard_error"] = table["spread"] / np.sqrt(table["people"])
    freedom = (table["people"] - 1).clip(lower=1)
    reach = stats.t.ppf(0.5 + confidence_level / 2, freedom) * table["standard_error"]
    table["interval_low"] = table["estimate"] - reach
    table["interval_high"] = table["estimate"] + reach
    return table.drop(columns="spread")
