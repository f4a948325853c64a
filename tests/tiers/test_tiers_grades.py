"""Grades: exact against brute force, invariant, and one grade where nothing can be told apart."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.tables.published_trials import read_jtpa_women
from analysis.tiers.grades import grade_programs
from analysis.tiers.grid_prior import grid_pairs, normal_model_on_grid, value_grid
from analysis.tiers.normal_model import fit_normal_model
from analysis.tiers.pairs import pair_probabilities
from analysis.tiers.randomisation import randomisation_p_value
from analysis.tiers.rating import rate_set
from analysis.tiers.report_card import set_grades, site_grades


def _pairs(programs: int, seed: int, spread: float = 2.0) -> np.ndarray:
    generator = np.random.default_rng([seed, programs])
    s = np.exp(0.5 * generator.normal(size=programs))
    y = spread * generator.normal(size=programs) + s * generator.normal(size=programs)
    return pair_probabilities(fit_normal_model(y, s, tau_prior="flat"), s)


def _loss(pairs: np.ndarray, grade: np.ndarray, lambda_: float) -> float:
    """The definition, pair by pair."""
    return sum(
        1 - (1 + lambda_) * pairs[i, j]
        for i in range(len(pairs))
        for j in range(len(pairs))
        if grade[i] < grade[j]
    )


@pytest.mark.parametrize("most", [None, 2, 4])
@pytest.mark.parametrize("lambda_", [0.1, 0.25, 0.5, 1.0])
def test_the_cut_of_the_order_is_the_best_of_all_cuts(lambda_: float, most: int | None) -> None:
    for count, seed in product((1, 2, 5, 8, 9), range(3)):
        pairs = _pairs(count, seed)
        order = np.argsort(-pairs.sum(1))
        best = np.inf
        for cuts in product([0, 1], repeat=count - 1):
            grade = np.empty(count, dtype=int)
            grade[order] = np.concatenate([[0], np.cumsum(cuts)])
            if most is None or grade.max() < most:
                best = min(best, _loss(pairs, grade, lambda_))
        found = grade_programs(pairs, lambda_, most=most)
        assert found.loss == pytest.approx(best, abs=1e-9)
        assert found.loss == pytest.approx(_loss(pairs, found.grade, lambda_), abs=1e-9)
        assert found.count == len(set(found.grade)) <= (most or count)


def test_at_lambda_one_quarter_no_other_weak_order_is_better() -> None:
    """All 541 weak orders of five programs, not only cuts of the Borda order."""
    for seed in range(20):
        pairs = _pairs(5, seed)
        orders = {tuple(np.unique(g, return_inverse=True)[1]) for g in product(range(5), repeat=5)}
        assert len(orders) == 541
        best = min(_loss(pairs, np.array(order), 0.25) for order in orders)
        assert grade_programs(pairs, 0.25).loss == pytest.approx(best, abs=1e-9)


def test_risk_and_pairs_told_apart_are_sums_over_pairs() -> None:
    pairs = _pairs(12, 3)
    found = grade_programs(pairs, 0.25)
    apart = found.grade[:, None] < found.grade[None, :]
    assert found.told_apart == pytest.approx(apart.sum() / 66)
    assert found.discordance == pytest.approx((1 - pairs)[apart].sum() / 66)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), lambda_=st.floats(0.05, 1.0))
def test_relabelling_programs_relabels_grades(seed: int, lambda_: float) -> None:
    pairs = _pairs(10, seed)
    place = np.random.default_rng(seed).permutation(10)
    once = grade_programs(pairs, lambda_).grade
    again = grade_programs(pairs[np.ix_(place, place)], lambda_).grade
    np.testing.assert_array_equal(once[place], again)


def test_a_small_lambda_leaves_ties_and_one_ranks() -> None:
    pairs = _pairs(30, 1, spread=1.0)
    counts = [grade_programs(pairs, lambda_).count for lambda_ in (0.02, 0.25, 1.0)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_pairs_on_a_grid_agree_with_the_exact_ones() -> None:
    generator = np.random.default_rng(4)
    s = np.exp(0.5 * generator.normal(size=200))
    y = 2 * generator.normal(size=200) + s * generator.normal(size=200)
    model = fit_normal_model(y, s, tau_prior="flat")
    fast = grid_pairs(normal_model_on_grid(model, value_grid(y, 600)))
    assert np.abs(fast - pair_probabilities(model, s)).max() < 0.01
    np.testing.assert_allclose(fast + fast.T, 1, atol=1e-12)


@pytest.mark.parametrize(
    ("pairs", "lambda_", "most"),
    [
        (np.ones((2, 3)) / 2, 0.25, None),
        (np.full((2, 2), np.nan), 0.25, None),
        (np.full((2, 2), 0.5), 0.0, None),
        (np.full((2, 2), 0.5), 0.25, 0),
    ],
)
def test_what_cannot_be_graded_is_refused(pairs: np.ndarray, lambda_: float, most: int) -> None:
    with pytest.raises(WorkbenchError):
        grade_programs(pairs, lambda_, most=most)


@pytest.fixture(scope="module")
def women(mirror: Path) -> pd.DataFrame:
    return read_jtpa_women(mirror / "trials" / "jtpa_women.rda").frame


def test_sites_of_the_jtpa_trial_get_one_grade_under_both_priors(women: pd.DataFrame) -> None:
    outcome = women.groupby(["stratum", "treated"])["earnings_30_months"].agg(["mean", "sem"])
    table = outcome.unstack()
    sites = pd.DataFrame(
        {
            "estimate": table["mean"][1] - table["mean"][0],
            "standard_error": np.hypot(table["sem"][1], table["sem"][0]),
        }
    )
    card = site_grades(sites, 0.25).set_index("prior")
    assert card["grades"].tolist() == [1, 1]
    # published: .71
    assert card["largest_pair"].iloc[0] == pytest.approx(0.71, abs=0.005)


def test_drawing_the_jtpa_lottery_again_gives_the_published_p_value(women: pd.DataFrame) -> None:
    p = randomisation_p_value(
        women["earnings_30_months"], women["treated"], women["stratum"], draws=4000, seed=2
    )
    # published: .725 from 2,000 draws, whose standard error is .010
    assert p == pytest.approx(0.725, abs=0.03)


def test_the_randomisation_test_keeps_its_level_with_few_people() -> None:
    generator = np.random.default_rng(9)
    rejected = []
    for _ in range(200):
        site = np.repeat(np.arange(6), 12)
        treated = np.tile([0, 1], 36)
        outcome = generator.gamma(1.0, size=72) + 0.3 * treated
        p = randomisation_p_value(outcome, treated, site, draws=99, seed=1)
        rejected.append(p <= 0.05)
    assert np.mean(rejected) < 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def test_the_randomisation_test_finds_a_planted_difference_and_refuses_bad_input() -> None:
    generator = np.random.default_rng(9)
    site, treated = np.repeat(np.arange(4), 50), np.tile([0, 1], 100)
    outcome = generator.normal(size=200) + treated * np.where(site == 0, 3.0, 0.0)
    assert randomisation_p_value(outcome, treated, site, draws=199, seed=1) < 0.02
    with pytest.raises(WorkbenchError, match="1 sites"):
        randomisation_p_value(outcome, treated, np.zeros(200), seed=1)
    with pytest.raises(WorkbenchError, match="not 0 or 1"):
        randomisation_p_value(outcome, treated + 1, site, seed=1)


def test_sets_of_programs_are_graded_as_they_are_compared_and_one_grade_where_alike() -> None:
    rules = load_framework().with_tiers(simulation_draws=10)
    generator = np.random.default_rng(9)
    frame = pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(60)],
            "estimate": 2_000 + 8_000 * generator.normal(size=60),
            "standard_error": 2_000.0,
            "validity": "administrative",
        }
    )
    alike = frame.assign(estimate=2_000 + 2_000 * generator.normal(size=60))
    single = frame.head(1)
    ratings = {
        name: rate_set(part, rules)
        for name, part in (("wide", frame), ("alike", alike), ("single", single))
    }
    found = set_grades(ratings, rules).set_index(["compared_with", "prior"])
    assert set(found.index.get_level_values(0)) == {"wide", "alike"}
    assert found.loc["alike", "grades"].eq(1).all()
    assert found.loc["wide", "grades"].gt(1).all()
    # the noise of the bias law counts: without it more pairs are told apart
    plain = set_grades(ratings, rules, with_bias=False).set_index(["compared_with", "prior"])
    assert (plain.loc["wide", "told_apart"] > found.loc["wide", "told_apart"]).all()
    assert set_grades({"single": ratings["single"]}, rules).empty
