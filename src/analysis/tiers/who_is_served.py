"""Who is served by the programs of each tier: people by group, tier by tier."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import WorkbenchError
from analysis.tiers.labels import NOT_RATED

ALL = "all rated"


def served_by_tier(
    frame: pd.DataFrame, groups: pd.DataFrame, labels: list[str], level: float
) -> pd.DataFrame:
    """People of each group among those that the programs of a tier serve.

    Parameters
    ----------
    frame : DataFrame
        Rated programs: ``program_key``, ``provider_id``, ``tier``.
    groups : DataFrame
        ``program_key``, ``by`` (what makes the groups), ``group`` and ``n`` (people); where a
        group of a program has several rows (metrics, quarters), the largest count stands for it.
    labels : list of str
        Tiers, best first.
    level : float
        Of the interval.

    Returns
    -------
    DataFrame
        ``by``, ``group``, ``tier`` (each one, and "all rated"), ``programs`` (with people of any
        group), ``people`` (of the group), ``people_of_tier``, ``share`` and its interval. Nothing
        is hidden here: the report does that.

    Raises
    ------
    WorkbenchError
        No program of the groups is rated.

    Notes
    -----
    The share is a ratio of sums; its standard error is clustered by provider (linearised, with
    Student's t on providers less one). With one provider there is no interval.

    Examples
    --------
    >>> rated = pd.DataFrame({"program_key": ["a", "b"], "provider_id": ["p", "q"],
    ...                       "tier": ["A", "B"]})
    >>> people = pd.DataFrame({"program_key": ["a", "a", "b", "b"], "by": "gender",
    ...                        "group": ["women", "men"] * 2, "n": [30.0, 10.0, 20.0, 20.0]})
    >>> found = served_by_tier(rated, people, ["A", "B"], 0.95)
    >>> found[found["group"].eq("women")]["share"].tolist()
    [0.75, 0.5, 0.625]
    """
    rated = frame[frame["tier"].ne(NOT_RATED)].set_index("program_key")
    counted = groups.groupby(["by", "group", "program_key"], sort=False)["n"].max().reset_index()
    counted = counted[counted["program_key"].isin(rated.index) & counted["n"].gt(0)]
    if not len(counted):
        raise WorkbenchError(
            "no program of the outcomes by group is among those that can be rated",
            "Give both files the same program_key.",
        )
    for column in ("tier", "provider_id"):
        counted[column] = counted["program_key"].map(rated[column])
    rows = []
    for by, mine in counted.groupby("by", sort=False):
        for group in dict.fromkeys(mine["group"]):
            for tier in [*labels, ALL]:
                part = mine if tier == ALL else mine[mine["tier"].eq(tier)]
                rows.append({"by": by, "group": group, "tier": tier} | _share(part, group, level))
    return pd.DataFrame(rows)


def _share(part: pd.DataFrame, group: str, level: float) -> dict[str, float]:
    own = part["n"].where(part["group"].eq(group), 0.0)
    total, people = float(part["n"].sum()), float(own.sum())
    share = people / total if total else np.nan
    sums = (own - share * part["n"]).groupby(part["provider_id"]).sum()
    low = high = np.nan
    if (count := len(sums)) > 1:
        error = np.sqrt(count / (count - 1) * np.sum(sums**2)) / total
        reach = stats.t.ppf(0.5 + level / 2, count - 1) * error
        low, high = max(share - reach, 0.0), min(share + reach, 1.0)
    return {
        "programs": part["program_key"].nunique(),
        "people": people,
        "people_of_tier": total,
        "share": share,
        "interval_low": low,
        "interval_high": high,
    }
