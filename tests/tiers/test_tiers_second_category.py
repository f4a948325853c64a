"""The second category lowers by one at most, lifts nothing, and takes missing as missing."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from analysis.errors import WorkbenchError
from analysis.framework import Floor, load_framework
from analysis.reports.tier_tables import second_intervals
from analysis.tiers.second_category import lower_by_second

RULES = load_framework()
FLOORS = [
    Floor(metric="retention_share", floor=0.5, why="x"),
    Floor(metric="completers", floor=20.0, why="x"),
    Floor(metric="debt", floor=15_000.0, why="x"),
]
ORDER = {label: place for place, label in enumerate(RULES.tiers.labels)}


def _random(count: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    generator = np.random.default_rng(seed)
    keys = [f"p{i}" for i in range(count)]
    frame = pd.DataFrame(
        {
            "program_key": keys,
            "tier": generator.choice([*RULES.tiers.labels, "cannot be rated"], count),
            "reason": "",
        }
    )
    parts = []
    for floor in FLOORS:
        middle = floor.floor * generator.uniform(0.2, 1.8, count)
        half = floor.floor * generator.uniform(0.05, 0.6, count)
        part = pd.DataFrame(
            {
                "program_key": keys,
                "metric": floor.metric,
                "interval_low": middle - half,
                "interval_high": middle + half,
            }
        )
        parts.append(part[generator.random(count) < 0.7])
    return frame, pd.concat(parts, ignore_index=True)


def test_in_ten_thousand_random_rows_nothing_is_lifted_and_one_step_is_the_most() -> None:
    frame, second = _random(10_000, 1)
    found = lower_by_second(frame, second, FLOORS, RULES)
    rated = frame["tier"].ne("cannot be rated")
    fall = found.loc[rated, "tier"].map(ORDER) - frame.loc[rated, "tier"].map(ORDER)
    assert set(fall) == {0, 1}
    assert found.loc[~rated, "tier"].eq("cannot be rated").all()
    not_lowest = rated & frame["tier"].ne("D")
    lowered = found["lowered_by"].ne("")
    assert (fall[not_lowest[rated]] == 1).equals(lowered[not_lowest])


def test_improving_any_second_metric_never_lowers_a_tier() -> None:
    frame, second = _random(10_000, 2)
    before = lower_by_second(frame, second, FLOORS, RULES)["tier"]
    generator = np.random.default_rng(3)
    better = second.copy()
    sign = np.where(better["metric"].eq("debt"), -1.0, 1.0)
    gain = sign * generator.uniform(0, 1, len(better)) * better["interval_low"].abs()
    better["interval_low"] += gain
    better["interval_high"] += gain
    after = lower_by_second(frame, better, FLOORS, RULES)["tier"]
    place = {**ORDER, "cannot be rated": -1}
    assert (after.map(place) <= before.map(place)).all()
    assert (after != before).any()


def test_missing_is_never_zero_and_is_counted() -> None:
    frame, second = _random(50, 4)
    nothing = lower_by_second(frame, second.head(0), FLOORS, RULES)
    assert nothing["tier"].equals(frame["tier"])
    assert nothing["second_missing"].eq(3).all()
    assert nothing["second_score"].isna().all()


def test_only_a_whole_interval_beyond_the_floor_lowers() -> None:
    frame = pd.DataFrame({"program_key": ["a", "b", "c"], "tier": "A", "reason": "r"})
    second = pd.DataFrame(
        {
            "program_key": ["a", "b", "c", "c"],
            "metric": ["retention_share", "retention_share", "retention_share", "debt"],
            "interval_low": [0.1, 0.3, 0.6, 16_000.0],
            "interval_high": [0.4, 0.5, 0.8, 20_000.0],
        }
    )
    found = lower_by_second(frame, second, FLOORS, RULES)
    assert found["tier"].tolist() == ["B", "A", "B"]
    assert found["lowered_by"].tolist() == ["Still employed later", "", "Debt at completion"]
    assert found["first_tier"].tolist() == ["A"] * 3
    assert found["second_score"].tolist() == [0.0, 0.0, 0.5]


def test_a_lowered_tier_has_its_own_chance_and_runner_up() -> None:
    frame = pd.DataFrame(
        {
            "program_key": ["a", "b"],
            "tier": "A",
            "reason": "r",
            "tier_probability": 0.9,
            "runner_up": "B",
            "runner_up_probability": 0.1,
            "borderline": pd.array([False, False], dtype="boolean"),
            "chance_A": 0.9,
            "chance_B": 0.1,
            "chance_C": 0.0,
            "chance_D": 0.0,
        }
    )
    second = pd.DataFrame(
        {
            "program_key": ["a"],
            "metric": "retention_share",
            "interval_low": 0.1,
            "interval_high": 0.4,
        }
    )
    found = lower_by_second(frame, second, FLOORS, RULES)
    assert found["tier"].tolist() == ["B", "A"]
    assert found["tier_probability"].tolist() == [0.1, 0.9]
    assert found["runner_up"].tolist() == ["A", "B"]
    assert found["runner_up_probability"].tolist() == [0.9, 0.1]
    assert found["borderline"].tolist() == [True, False]


def test_intervals_are_of_every_share_that_has_a_floor() -> None:
    """A floor in the framework is enough: no metric is named in code."""
    content = RULES.model_dump()
    share = {"id": "completed_share", "unit": "share of those who began"}
    content["metrics"] += [content["metrics"][-1] | share]
    content["tiers"]["floors"] = [
        {"metric": name, "floor": 0.5, "why": "x"} for name in ("completed_share", "debt")
    ]
    rules = type(RULES).model_validate(content)
    rows = pd.DataFrame(
        {
            "program_key": ["a", "a", "b", "a"],
            "metric": ["completed_share", "completed_share", "completed_share", "debt"],
            "quarter": [2, 4, 2, 4],
            "value": [0.9, 0.25, 0.5, 9_000.0],
            "n": [100.0, 100.0, 5.0, 100.0],
        }
    )
    found = second_intervals(rows, rules, 10)
    assert found[["program_key", "metric"]].to_numpy().tolist() == [["a", "completed_share"]]
    low, high = proportion_confint(25, 100, 0.05, "wilson")
    assert found[["interval_low", "interval_high"]].to_numpy()[0] == pytest.approx([low, high])


def test_bad_rows_and_floors_of_the_first_category_are_refused() -> None:
    frame, second = _random(5, 5)
    with pytest.raises(WorkbenchError, match="two rows of"):
        lower_by_second(frame, pd.concat([second, second]), FLOORS, RULES)
    content = RULES.model_dump()
    content["tiers"]["floors"] = [{"metric": "earnings", "floor": 1.0, "why": "x"}]
    with pytest.raises(ValueError, match="'earnings' is no metric of category 2"):
        type(RULES).model_validate(content)
