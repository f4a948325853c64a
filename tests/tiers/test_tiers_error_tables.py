"""Error rates beside what they cost: true top programs that the guard leaves outside."""

import numpy as np
import pandas as pd
import pytest

from analysis.framework import load_framework
from analysis.reports.tier_error_tables import error_rates
from analysis.reports.tier_words import tier_sentences
from analysis.reports.words import number
from analysis.tiers.labels import between_cuts, least_loss_tier, true_tier
from analysis.tiers.rating import rate_all

RULES = load_framework().with_tiers(simulation_draws=10)


@pytest.fixture(scope="module")
def rated() -> tuple[pd.DataFrame, dict]:
    generator = np.random.default_rng(5)
    error = 5_000 * np.exp(0.4 * generator.normal(size=80))
    noise = generator.normal(size=80)
    programs = pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(80)],
            "estimate": 2_500 + 5_000 * generator.normal(size=80) + error * noise,
            "standard_error": error,
            "validity": "randomised",
            "compared_with": "all",
            "reason": "",
        }
    )
    return rate_all(programs, RULES)


def test_what_the_guard_costs_is_what_a_tier_without_it_would_find(
    rated: tuple[pd.DataFrame, dict],
) -> None:
    row = error_rates(rated[1], RULES).iloc[0]
    found, false = [], []
    for sets in rated[1]["all"].simulated.values():
        chances = between_cuts(sets.above.reshape(-1, sets.above.shape[2]).astype(float))
        top = least_loss_tier(chances, 1.0, np.ones(len(chances), bool)) == 0
        theta = sets.theta.ravel()
        is_top = true_tier(theta, sets.cuts) == 0
        found.append((top & is_top).sum() / is_top.sum())
        false.append((top & (theta <= 0)).sum() / top.sum())
    assert row["found_without"] == pytest.approx(min(found))
    assert row["worst_without"] == pytest.approx(max(false))
    assert row["found"] < row["found_without"]
    assert row["worst"] < row["worst_without"]


def test_the_answer_states_the_cost_next_to_the_error_rate(
    rated: tuple[pd.DataFrame, dict],
) -> None:
    frame, ratings = rated
    errors = error_rates(ratings, RULES)
    sentence = tier_sentences(frame, errors, RULES, (None, None))[1]
    row = errors.iloc[0]
    for name in ("worst", "found", "found_without", "worst_without"):
        assert number(row[name], "share") in sentence
    assert sentence.index("the largest share") < sentence.index("The price") < len(sentence)
