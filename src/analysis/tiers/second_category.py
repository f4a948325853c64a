"""The second category of priority: it can lower a tier by one or break a tie, and never lift."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.framework import Floor, Framework
from analysis.tiers.labelling import own_chance


def lower_by_second(
    frame: pd.DataFrame,
    second: pd.DataFrame,
    floors: Sequence[Floor],
    rules: Framework,
) -> pd.DataFrame:
    """Lower by one tier the programs that are clearly beyond a floor of the second category.

    Parameters
    ----------
    frame : DataFrame
        ``program_key``, ``tier``, ``reason``; programs that cannot be rated stay as they are.
    second : DataFrame
        ``program_key``, ``metric``, ``interval_low``, ``interval_high``: one row a program and
        metric. A metric without a row is missing: that is never zero and lowers nothing.
    floors : sequence of Floor
        Metric, floor and reason, from the framework.
    rules : Framework
        Directions of metrics and order of tiers.

    Returns
    -------
    DataFrame
        The frame with ``tier`` lowered by at most one, ``first_tier`` (before), ``lowered_by``
        (the metrics, or empty), ``second_missing`` (how many of the floors' metrics are missing)
        and ``second_score``: share of the known metrics that are clear of their floor, to break
        ties within a tier; missing where none is known. Where the frame has chances of tiers,
        those of the own tier and the runner-up, and the mark, are of the tier after.

    Raises
    ------
    WorkbenchError
        A program and metric in two rows.

    Notes
    -----
    A metric lowers only when its whole interval lies beyond the floor. Improving any metric can
    therefore only take a reason away: no tier falls by it, and none rises above the first tier.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rules = load_framework()
    >>> floors = [Floor(metric="completion", floor=0.5, why="")]
    >>> frame = pd.DataFrame({"program_key": list("abc"), "tier": ["A", "A", "D"], "reason": ""})
    >>> second = pd.DataFrame({"program_key": ["a", "b"], "metric": "completion",
    ...                        "interval_low": [0.2, 0.3], "interval_high": [0.4, 0.6]})
    >>> found = lower_by_second(frame, second, floors, rules)
    >>> found[["tier", "first_tier", "second_missing"]].values.tolist()
    [['B', 'A', 0], ['A', 'A', 0], ['D', 'D', 1]]
    """
    known, below, clear = _sides_of_floors(frame["program_key"], second, floors, rules)
    labels = rules.tiers.labels
    place = frame["tier"].map({label: i for i, label in enumerate(labels)}).to_numpy(float)
    is_rated = np.isfinite(place)
    falls = is_rated & below.any(1)
    after = np.minimum(np.where(is_rated, place, 0) + falls, len(labels) - 1).astype(int)
    names = np.array([rules.metric(floor.metric).name for floor in floors])
    lowered = [
        "; ".join(names[row]) if fall else "" for row, fall in zip(below, falls, strict=True)
    ]
    counted = known.sum(1)
    lower = frame.assign(
        first_tier=frame["tier"],
        tier=np.where(is_rated, np.array(labels)[after], frame["tier"]),
        lowered_by=lowered,
        second_missing=len(floors) - counted,
        second_score=np.where(counted > 0, clear.sum(1) / np.maximum(counted, 1), np.nan),
        reason=np.where(
            falls, "lowered by one: clearly under the floor of the second category", frame["reason"]
        ),
    )
    if "tier_probability" in frame and falls.any():
        # the chances stand as they were: what was said of the tier before is not said of this one
        after_fall = own_chance(lower[falls], labels, rules.tiers.borderline_below)
        lower.loc[falls, _OWN] = after_fall[_OWN]
    return lower


_OWN = ["tier_probability", "runner_up", "runner_up_probability", "borderline"]
_LIMITS = ("interval_low", "interval_high")
Sides = npt.NDArray[np.bool_]


def _sides_of_floors(
    keys: pd.Series, second: pd.DataFrame, floors: Sequence[Floor], rules: Framework
) -> tuple[Sides, Sides, Sides]:
    """Whose interval is known, clearly below and clearly above; shape (programs, floors)."""
    if (repeated := second.duplicated(["program_key", "metric"])).any():
        row = second[repeated].iloc[0]
        raise WorkbenchError(
            f"program '{row['program_key']}' has two rows of {row['metric']}", "Keep one."
        )
    below = np.zeros((len(keys), len(floors)), bool)
    clear, known = below.copy(), below.copy()
    for column, floor in enumerate(floors):
        rows = second[second["metric"].eq(floor.metric)].set_index("program_key")
        low, high = (rows[name].reindex(keys).to_numpy(float) for name in _LIMITS)
        if rules.metric(floor.metric).direction == "lower":
            low, high = -high, -low
        limit = floor.floor * (1 if rules.metric(floor.metric).direction == "higher" else -1)
        known[:, column] = np.isfinite(low) & np.isfinite(high)
        below[:, column] = known[:, column] & (high < limit)
        clear[:, column] = known[:, column] & (low >= limit)
    return known, below, clear


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Programs best first; the second category breaks ties within a tier.

    Parameters
    ----------
    frame : DataFrame
        ``place`` (of the tier, 0 the best), ``chance_not_above``, ``program_key`` and, where
        there is a second category, ``second_score``.

    Returns
    -------
    DataFrame
        By tier, then by the chance of not being above the benchmark as a reader sees it (in
        percent); programs equal in both are tied, and the one that is clear of more floors comes
        first. A missing score is no low one: it stands where the average of the known ones does.

    Examples
    --------
    >>> tied = pd.DataFrame({"place": [0, 0, 1], "chance_not_above": [0.011, 0.012, 0.0],
    ...                      "program_key": ["a", "b", "c"], "second_score": [0.0, 1.0, 1.0]})
    >>> in_order(tied)["program_key"].tolist()
    ['b', 'a', 'c']
    """
    if "second_score" in frame:
        score = pd.to_numeric(frame["second_score"]).astype(float)
    else:
        score = pd.Series(np.nan, frame.index)
    neutral = score.mean() if score.notna().any() else 0.0
    chance = frame["chance_not_above"]
    # beyond the ninth decimal stands what another order of adding changes
    keyed = frame.assign(
        _tied=chance.round(2), _score=-score.fillna(neutral), _chance=chance.round(9)
    )
    ordered = keyed.sort_values(
        ["place", "_tied", "_score", "_chance", "program_key"], kind="stable"
    )
    return ordered.drop(columns=["_tied", "_score", "_chance"])
