"""Early wages of New Jersey judged by later ones: published figures, baselines, a null."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.tables.outcomes import read_new_jersey_outcomes
from analysis.tiers.out_of_time import (
    FIELD,
    GRAND,
    RAW,
    SHRUNK,
    SHUFFLED,
    compare_predictions,
    does_the_mark_work,
    early_model,
    quarter_of,
    two_quarters,
    zeros_again,
)


@pytest.fixture(scope="module")
def outcomes(mirror: Path) -> pd.DataFrame:
    return read_new_jersey_outcomes(mirror / "new-jersey-etpl" / "outcomes_schcip.csv")


def test_new_jersey_has_its_published_figures(outcomes: pd.DataFrame) -> None:
    wages = two_quarters(outcomes, 2, 8)
    assert len(wages) == 619
    assert wages.attrs["lost"] == pytest.approx(0.32, abs=0.002)
    found = compare_predictions(wages, 0.6, seed=1).set_index("rule")
    assert found.loc[RAW, "rank_correlation"] == pytest.approx(0.803, abs=0.001)
    assert found.loc[SHRUNK, "rank_correlation"] == pytest.approx(0.815, abs=0.002)
    assert found.loc[RAW, "same_tier"] == pytest.approx(0.611, abs=0.001)
    assert found.loc[SHRUNK, "same_tier"] == pytest.approx(0.611, abs=0.006)
    assert found.loc[RAW, ["two_or_more", "top_stays"]].tolist() == pytest.approx(
        [0.060, 0.781], abs=0.002
    )
    # published 13.3 percent with growth of 1.225; 90 % by provider 8.6 to 17.6
    assert found.loc[SHRUNK, "error_saved"] == pytest.approx(0.133, abs=0.006)
    assert found.loc[SHRUNK, "interval_low"] == pytest.approx(0.086, abs=0.015)
    assert found.loc[SHRUNK, "interval_high"] == pytest.approx(0.176, abs=0.015)
    error = found["root_mean_squared_error"]
    assert error[SHRUNK] < error[RAW] < error[FIELD] < error[GRAND]
    assert found.loc[SHUFFLED, "same_tier"] == pytest.approx(0.25, abs=0.02)
    assert abs(found.loc[SHUFFLED, "rank_correlation"]) < 0.03


def test_small_programs_gain_most_and_zeros_repeat(outcomes: pd.DataFrame) -> None:
    wages = two_quarters(outcomes, 2, 8)
    small = compare_predictions(wages, 0.6, at_most=20, seed=1).set_index("rule")
    assert small["programs"].unique().tolist() == [228]
    # published: 18.5 percent, raw rank .757, shrunk .776
    assert small.loc[SHRUNK, "error_saved"] == pytest.approx(0.185, abs=0.01)
    assert small.loc[RAW, "rank_correlation"] == pytest.approx(0.757, abs=0.002)
    assert small.loc[SHRUNK, "rank_correlation"] == pytest.approx(0.776, abs=0.004)
    assert zeros_again(outcomes, 2, 8) == (765, 22, 16)


def test_programs_marked_borderline_do_move_more(outcomes: pd.DataFrame) -> None:
    marked = does_the_mark_work(two_quarters(outcomes, 2, 8), 0.6, 0.8).set_index("mark")
    # published: 57 percent of programs, .48 against .79
    assert marked.loc["borderline", "programs"] / 619 == pytest.approx(0.57, abs=0.01)
    assert marked["stays"].tolist() == pytest.approx([0.48, 0.79], abs=0.015)


def _simulated(noise: float) -> pd.DataFrame:
    generator = np.random.default_rng(4)
    truth = 6_000 + 1_000 * generator.normal(size=400)
    people = np.full(400, 25.0)
    return pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(400)],
            "provider_id": [f"v{i % 80}" for i in range(400)],
            "field": [str(i % 4) for i in range(400)],
            "early": truth + noise * generator.normal(size=400),
            "late": truth,
            "n": people,
        }
    )


def test_shrinking_saves_what_it_should_where_the_truth_is_known() -> None:
    # noise of 1,200 on a spread of 1,000: squared error of the mean falls to 1 / (1 + 1.44)
    found = compare_predictions(_simulated(1_200.0), 1_200 * 5 / 6_000, seed=1).set_index("rule")
    assert found.loc[SHRUNK, "error_saved"] == pytest.approx(1 - 1 / 2.44, abs=0.06)
    exact = compare_predictions(_simulated(0.001), 0.001, seed=1).set_index("rule")
    assert exact.loc[RAW, "same_tier"] == 1.0
    assert exact.loc[SHRUNK, "rank_correlation"] == pytest.approx(1.0)


def test_quarters_are_equal_and_too_few_programs_are_refused() -> None:
    assert np.bincount(quarter_of(np.random.default_rng(1).normal(size=100))).tolist() == [25] * 4
    with pytest.raises(WorkbenchError, match="too few"):
        early_model(_simulated(1.0).head(5), 0.7)


def test_a_rule_whose_best_quarter_is_empty_by_ties_says_nothing_of_it() -> None:
    # two fields have two means: none is above the third quartile, which is the higher one
    frame = _simulated(1_200.0).assign(field=[str(i % 2) for i in range(400)])
    found = compare_predictions(frame, 1.0, seed=1).set_index("rule")
    assert np.isnan(found.loc[FIELD, "top_stays"])
    assert found.loc[RAW, "top_stays"] > 0.25
