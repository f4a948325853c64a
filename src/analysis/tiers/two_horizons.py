"""Early tier beside later tier: both stand, with a mark where they rank a program differently."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.tiers.labels import NOT_RATED

LATER = ["later_horizon", "later_tier", "later_tier_probability", "later_n", "later_differs"]


def beside_later(frame: pd.DataFrame, later: pd.DataFrame | None) -> pd.DataFrame:
    """Give each rated program the tier that its later outcome has.

    Parameters
    ----------
    frame : DataFrame
        Rated programs at the horizon of the report: ``program_key``, ``tier``.
    later : DataFrame or None
        The same programs rated at a later horizon: ``program_key``, ``horizon``, ``tier``,
        ``tier_probability``, ``n``; None where there is none.

    Returns
    -------
    DataFrame
        The frame with ``later_horizon`` and ``later_tier`` (empty text where the later horizon
        has no row of the program), ``later_tier_probability``, ``later_n`` (people) and
        ``later_differs`` (bool; missing unless rated at both).

    Notes
    -----
    Both tiers are against the same benchmark in dollars, so growth of earnings common to all
    moves programs up. The two outcomes share people: where they agree is no replication.

    Examples
    --------
    >>> early = pd.DataFrame({"program_key": ["a", "b"], "tier": ["A", "C"]})
    >>> late = pd.DataFrame({"program_key": ["b"], "horizon": "quarter 8", "tier": ["B"],
    ...                      "tier_probability": [0.7], "n": [40.0]})
    >>> beside_later(early, late)[["later_tier", "later_differs"]].values.tolist()
    [['', <NA>], ['B', True]]
    """
    if later is None:
        later = pd.DataFrame({"program_key": [], "horizon": [], "tier": []}, dtype="str")
    rows = later.set_index("program_key").reindex(frame["program_key"]).set_axis(frame.index)
    tier = rows["tier"].astype("object").where(rows["tier"].notna(), "")
    both = tier.ne("") & tier.ne(NOT_RATED) & frame["tier"].ne(NOT_RATED)
    differs = pd.Series(tier.ne(frame["tier"]).to_numpy(bool), frame.index, dtype="boolean")
    is_rated = tier.ne("") & tier.ne(NOT_RATED)
    numbers = {
        name: rows[column].astype(float).where(is_rated) if column in rows else np.nan
        for name, column in (("later_tier_probability", "tier_probability"), ("later_n", "n"))
    }
    return frame.assign(
        later_horizon=rows["horizon"].astype("object").where(rows["horizon"].notna(), ""),
        later_tier=tier,
        **numbers,
        later_differs=differs.where(both),
    )


def tier_by_later(frame: pd.DataFrame, labels: list[str]) -> pd.DataFrame:
    """Programs rated at both horizons, counted by early tier (rows) and later tier.

    Parameters
    ----------
    frame : DataFrame
        From :func:`beside_later`.
    labels : list of str
        Tiers, best first.

    Returns
    -------
    DataFrame
        ``tier``, ``programs``, ``higher``, ``same`` and ``lower`` later, and one column a later
        tier, ``later_A`` and so on.

    Examples
    --------
    >>> frame = pd.DataFrame({"tier": ["A", "A", "B"], "later_tier": ["A", "B", "A"],
    ...                       "later_differs": [False, True, True]})
    >>> found = tier_by_later(frame, ["A", "B"])
    >>> found[["tier", "programs", "higher", "same", "lower"]].values.tolist()
    [['A', 2, 0, 1, 1], ['B', 1, 1, 0, 0]]
    """
    both = frame[frame["later_differs"].notna()]
    place = {label: position for position, label in enumerate(labels)}
    step = both["later_tier"].map(place).astype(float) - both["tier"].map(place).astype(float)
    rows = []
    for label in labels:
        mine = both["tier"].eq(label)
        later = both.loc[mine, "later_tier"]
        rows.append(
            {
                "tier": label,
                "programs": int(mine.sum()),
                "higher": int((step[mine] < 0).sum()),
                "same": int((step[mine] == 0).sum()),
                "lower": int((step[mine] > 0).sum()),
            }
            | {f"later_{other}": int(later.eq(other).sum()) for other in labels}
        )
    return pd.DataFrame(rows)


def later_rows(
    outcomes: pd.DataFrame,
    early: pd.DataFrame,
    metrics: Sequence[str] = ("average_quarterly_wage",),
) -> pd.DataFrame | None:
    """Outcomes at the latest quarter at which a rated metric is known, where that is later.

    Parameters
    ----------
    outcomes : DataFrame
        Of all quarters.
    early : DataFrame
        Those that are rated first.
    metrics : sequence of str
        What is rated.

    Returns
    -------
    DataFrame or None
        Rows of ``outcomes``; None where there is no later quarter.

    Examples
    --------
    >>> rows = pd.DataFrame({"quarter": [2, 8], "metric": "average_quarterly_wage",
    ...                      "value": [9000.0, 9500.0]})
    >>> later_rows(rows, rows.head(1))["value"].tolist()
    [9500.0]
    >>> later_rows(rows, rows) is None
    True
    """
    known = outcomes["metric"].isin(metrics) & outcomes["value"].notna()
    last = outcomes.loc[known, "quarter"].max()
    if not last > early["quarter"].max():
        return None
    return outcomes[outcomes["quarter"].eq(last)]
