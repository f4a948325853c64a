"""Tiers under a law of free shape: nothing moves where it is normal, truer where it is not."""

import numpy as np
import pandas as pd
import pytest

from analysis.framework import load_framework
from analysis.tiers.rating import rate_set
from analysis.tiers.shape_check import shape_check
from analysis.tiers.truths import TRUTHS

RULES = load_framework().with_tiers(simulation_draws=20)


def _programs(truth: str, count: int = 1500) -> pd.DataFrame:
    generator = np.random.default_rng(6)
    value = 2_000 + 4_000 * TRUTHS[truth](generator, (count,))
    error = 2_000 * np.exp(0.3 * generator.normal(size=count))
    return pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(count)],
            "estimate": value + error * generator.normal(size=count),
            "standard_error": error,
            "validity": "randomised",
            "truth": value,
        }
    )


def test_a_normal_law_moves_hardly_a_tier() -> None:
    rating = rate_set(_programs("normal"), RULES)
    found = shape_check({"x": rating}, RULES).iloc[0]
    assert found["changed"] < 0.03
    assert found["normal_probability"] > 0.2
    assert found["false_free"] == pytest.approx(found["false_normal"], abs=0.005)


def test_under_a_mixed_law_the_free_shape_says_the_truer_false_share() -> None:
    rating = rate_set(_programs("mixture"), RULES)
    found = shape_check({"x": rating}, RULES).iloc[0]
    assert found["normal_probability"] < 0.01
    assert found["changed"] > 0.02
    top = rating.frame["tier"].eq("A")
    happened = rating.frame.loc[top, "truth"].le(0).mean()
    assert abs(found["false_free"] - happened) < abs(found["false_normal"] - happened)


def test_sets_that_are_small_or_share_one_tier_are_left_out() -> None:
    few = rate_set(_programs("normal", 9), RULES)
    assert not len(shape_check({"few": few}, RULES))
