"""Early and later tiers side by side: joined by program, marked where they differ, counted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.framework import load_framework
from analysis.reports.horizon_tables import horizon_columns, horizon_figures, horizon_sentence
from analysis.reports.tier_tables import program_tiers
from analysis.tables.outcomes import read_new_jersey_outcomes
from analysis.tiers import estimates, rating
from analysis.tiers.labels import NOT_RATED
from analysis.tiers.two_horizons import beside_later, tier_by_later

RULES = load_framework().with_tiers(simulation_draws=20)


def _early() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "program_key": ["a", "b", "c", "d", "e"],
            "tier": ["A", "B", "C", NOT_RATED, "D"],
            "tier_probability": [0.9, 0.9, 0.5, np.nan, 0.9],
            "horizon": "quarter 4 after exit",
            "source_id": "test",
        }
    )


def _late() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "program_key": ["d", "c", "b", "a"],
            "tier": ["A", "B", NOT_RATED, "C"],
            "tier_probability": [0.9, 0.6, np.nan, 0.85],
            "n": [30.0, 20.0, 4.0, 50.0],
            "horizon": "quarter 8 after exit",
        }
    )


def test_a_later_tier_stands_beside_the_early_one_by_program() -> None:
    both = beside_later(_early(), _late()).set_index("program_key")
    assert both["later_tier"].tolist() == ["C", NOT_RATED, "B", "A", ""]
    assert both["later_differs"].fillna(False).tolist() == [True, False, True, False, False]
    # a program that is not rated at both has no answer, which is not "agrees"
    assert both["later_differs"].isna().tolist() == [False, True, False, True, True]
    # no number of people is shown where the later outcome rests on too few
    assert both["later_n"].isna().tolist() == [False, True, False, False, True]


def test_counts_are_by_hand() -> None:
    counts = tier_by_later(beside_later(_early(), _late()), RULES.tiers.labels)
    by = counts.set_index("tier")
    assert by["programs"].tolist() == [1, 0, 1, 0]
    assert by.loc["A", ["higher", "same", "lower", "later_C"]].tolist() == [0, 0, 1, 1]
    assert by.loc["C", ["higher", "same", "lower", "later_B"]].tolist() == [1, 0, 0, 1]
    assert set(horizon_columns(RULES.tiers.labels)) == set(counts.columns)


def test_figures_and_sentence_say_the_same() -> None:
    both = beside_later(_early(), _late())
    figures = {f["name"]: f for f in horizon_figures(both, RULES)}
    assert figures["all.later_tier_differs"]["estimate"] == 1.0
    assert figures["all.later_tier_lower"]["estimate"] == 0.5
    sentence = horizon_sentence(both, RULES)
    assert "Of 2 programs" in sentence
    assert "1 of these is sure of both" in sentence


def test_without_a_second_horizon_nothing_is_claimed() -> None:
    alone = beside_later(_early(), None)
    assert alone["later_tier"].eq("").all()
    assert alone["later_differs"].isna().all()
    assert horizon_figures(alone, RULES) == []
    assert horizon_sentence(alone, RULES).startswith("No program is rated at two horizons")


@pytest.fixture(scope="module")
def jersey(mirror: Path) -> pd.DataFrame:
    outcomes = read_new_jersey_outcomes(mirror / "new-jersey-etpl" / "outcomes_schcip.csv")
    settings = {
        "title": "New Jersey",
        "benchmarks": pd.Series({"NJ": 36_976.0}),
        "default_benchmark": 36_082.0,
        "coefficient_of_variation": 0.7,
        "minimum_people": 10,
        "validity": "administrative",
        "rated": RULES.tiers.rated_metrics,
    }
    early, late = (
        rating.rate_all(
            estimates.against_benchmark(estimates.at_quarter(outcomes, q), **settings), RULES
        )[0]
        for q in (4, 8)
    )
    return beside_later(early, late)


def test_new_jersey_s_quarter_4_and_8_both_stand_in_the_table(jersey: pd.DataFrame) -> None:
    counts = tier_by_later(jersey, RULES.tiers.labels)
    total = counts["programs"].sum()
    assert total > 400
    # wages grow between the quarters by a fifth or so, so tiers rise more often than they fall
    assert counts["higher"].sum() > counts["lower"].sum()
    table = program_tiers(jersey, RULES)
    assert table["differs"].isin(["differ", "agree", ""]).all()
    assert table["differs"].eq("differ").sum() == total - counts["same"].sum()
    known = table["later_tier"].isin(RULES.tiers.labels)
    assert table.loc[known, "later_tier_probability"].between(0, 1).all()
    assert (table.loc[known, "later_n"] >= RULES.disclosure.minimum_cell).all()
