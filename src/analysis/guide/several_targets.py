"""Several targets side by side: each step with the programs that are there for it."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.framework import Framework
from analysis.guide.ranking import GROUP_AT_RISK, LOWEST_TIER
from analysis.guide.small_step import is_small_step

_OF_FIRST = (
    "program", "provider", "tier", "tier_probability", "runner_up", "borderline", "cost", "weeks",
)  # fmt: skip


def side_by_side(
    steps: pd.DataFrame, ranked: Mapping[str, pd.DataFrame], framework: Framework
) -> pd.DataFrame:
    """One row a target: the step, how many programs in each tier, and the first of them.

    Parameters
    ----------
    steps : DataFrame
        Table ``compared_targets`` of notebook 02, the worker's own target first.
    ranked : mapping of str to DataFrame
        Programs in their order (:func:`analysis.guide.choice.choose`) by code of the target; a
        target that is missing has none.
    framework : Framework

    Returns
    -------
    DataFrame
        ``steps`` with ``carries_over`` (share of the tasks that are not new), ``wage_step``
        (dollars a year), ``small_step`` (missing where it cannot be told), ``programs`` (those
        that may be recommended), ``tier_<label>`` and ``not_rated`` (of these), ``lowest_tier``
        and ``group_at_risk`` (left out for it), and of the first program ``first_program``,
        ``first_provider``, ``first_tier``, ``first_tier_probability``, ``first_runner_up``,
        ``first_borderline``, ``first_cost``, ``first_weeks``.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> steps = pd.DataFrame({"target_code": ["a"], "tasks": 20, "new_tasks": 12, "elements": 9,
    ...     "origin_median_wage": 30_000.0, "target_median_wage": 40_000.0})
    >>> ranked = pd.DataFrame({"program": ["Course", "Other"], "provider": "College",
    ...     "tier": ["A", "D"], "kept_back": ["", LOWEST_TIER], "recommended": [True, False]})
    >>> found = side_by_side(steps, {"a": ranked}, load_framework())
    >>> found[["carries_over", "wage_step", "programs", "first_program"]].values.tolist()
    [[0.4, 10000.0, 1, 'Course']]
    """
    table = steps.copy()
    new = (table["new_tasks"] / table["tasks"]).astype("float64")
    table["carries_over"] = 1 - new
    table["wage_step"] = table["target_median_wage"] - table["origin_median_wage"]
    small = framework.guide.small_delta_elements
    elements = table["elements"].astype("float64")
    sizes = [is_small_step(*one, small) for one in zip(elements, new, strict=True)]
    table["small_step"] = pd.array(sizes, dtype="boolean")
    counted = [_programs(ranked.get(code), framework) for code in table["target_code"]]
    return table.join(pd.DataFrame(counted, index=table.index))


def _programs(ranked: pd.DataFrame | None, framework: Framework) -> dict[str, Any]:
    recommended = framework.tiers.labels[:-1]
    if ranked is None:
        none = dict.fromkeys([f"first_{name}" for name in _OF_FIRST])
        counts = dict.fromkeys(["programs", *(f"tier_{t}" for t in recommended), "not_rated"], 0)
        return {**counts, "lowest_tier": 0, "group_at_risk": 0, **none}
    shown = ranked[ranked["recommended"]]
    first = shown.iloc[0] if len(shown) else pd.Series(dtype="object")
    return {
        "programs": len(shown),
        **{f"tier_{label}": int(shown["tier"].eq(label).sum()) for label in recommended},
        "not_rated": int(shown["tier"].isna().sum()),
        "lowest_tier": int(ranked["kept_back"].eq(LOWEST_TIER).sum()),
        "group_at_risk": int(ranked["kept_back"].eq(GROUP_AT_RISK).sum()),
        **{f"first_{name}": first.get(name) for name in _OF_FIRST},
    }
