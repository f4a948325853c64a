"""One set of programs rated in the framework's terms: bias, slope, gates, reasons."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.tiers.labels import NOT_RATED
from analysis.tiers.rating import rate_all, rate_set

RULES = load_framework().with_tiers(simulation_draws=20)


def _programs(count: int = 200, spread: float = 6_000.0, noise: float = 2_000.0, seed: int = 1) -> pd.DataFrame:  # fmt: skip # noqa: E501
    generator = np.random.default_rng(seed)
    error = noise * np.exp(0.5 * generator.normal(size=count))
    truth = 3_000 + spread * generator.normal(size=count)
    return pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(count)],
            "estimate": truth + error * generator.normal(size=count),
            "standard_error": error,
            "validity": "randomised",
            "truth": truth,
        }
    )


def test_top_programs_are_as_rarely_false_as_promised() -> None:
    false = top = 0
    for seed in range(10):
        frame = rate_set(_programs(seed=seed), RULES).frame
        in_top = frame["tier"].eq("A")
        false, top = false + (in_top & frame["truth"].le(0)).sum(), top + in_top.sum()
    assert top > 500
    assert false / top <= RULES.tiers.alpha


def test_a_bias_law_is_taken_off_and_added_to_the_variance() -> None:
    programs = _programs().assign(validity="administrative")
    level = RULES.validity("administrative")
    biased = rate_set(programs, RULES)
    by_hand = programs.assign(
        validity="randomised",
        estimate=programs["estimate"] - level.bias_mean,
        standard_error=np.hypot(programs["standard_error"], level.bias_standard_deviation),
    )
    np.testing.assert_allclose(biased.frame["shrunk"], rate_set(by_hand, RULES).frame["shrunk"])
    assert biased.frame["better_data"].any()
    assert not rate_set(programs.assign(validity="randomised"), RULES).frame["better_data"].any()


def test_better_data_is_marked_only_where_the_data_hold_a_program_down() -> None:
    """What keeps a program down whatever its data is no reason to ask for better ones."""
    programs = _programs().assign(validity="administrative")
    free = rate_set(programs, RULES).frame
    assert free["better_data"].any()
    harming = rate_set(programs.assign(group_allowed=False), RULES).frame
    assert not harming["tier"].eq("A").any()
    # lifted into the top tier by better data, were it not for the group: stays where it is
    unbiased = rate_set(programs.assign(validity="randomised"), RULES).frame
    only_top = harming["tier"].eq("B") & unbiased["tier"].isin(["A", "B"])
    assert (only_top & free["better_data"]).any()
    assert not harming.loc[only_top, "better_data"].any()
    # programs that share one tier with the best data too are not held down by theirs
    alike = _programs(60, spread=0.0, noise=3_000.0).assign(validity="matched_comparison")
    rating = rate_set(alike, RULES)
    best = rate_set(alike.assign(validity="randomised"), RULES)
    assert not rating.told_apart
    assert not best.told_apart
    higher = RULES.tiers.labels.index(best.frame["tier"].iloc[0])
    lifted = higher < RULES.tiers.labels.index(rating.frame["tier"].iloc[0])
    assert rating.frame["better_data"].eq(lifted).all()


def test_a_level_that_cannot_reach_the_top_is_marked_without_any_bias_law_too() -> None:
    sure = _programs(noise=100.0).assign(validity="provider_report")
    frame = rate_set(sure, RULES, with_bias=False).frame
    held = frame["reason"].eq("kept out of the top tier by the validity of its data")
    assert held.any()
    assert frame.loc[held, "better_data"].all()


def test_the_lowest_validity_cannot_reach_the_top_and_says_so() -> None:
    sure = _programs(noise=100.0).assign(validity="provider_report")
    ignoring = rate_set(sure, RULES, with_bias=False).frame
    assert not ignoring["tier"].eq("A").any()
    assert ignoring["reason"].eq("kept out of the top tier by the validity of its data").any()
    mixed = sure.assign(
        validity=np.where(np.arange(len(sure)) % 2, "randomised", "provider_report")
    )
    frame = rate_set(mixed, RULES, with_bias=False).frame
    assert set(frame.loc[frame["tier"].eq("A"), "validity"]) == {"randomised"}


def test_programs_that_do_not_differ_share_one_tier() -> None:
    one = 0
    for seed in range(20):
        rating = rate_set(_programs(60, spread=0.0, seed=seed), RULES)
        one += rating.frame["tier"].nunique() == 1
        if not rating.told_apart:
            assert rating.frame["reason"].unique().tolist() == [
                "not shown to differ: one tier for all"
            ]
    assert one >= 18


@settings(max_examples=10, deadline=None)
@given(unit=st.floats(0.01, 100.0))
def test_another_currency_moves_no_tier(unit: float) -> None:
    programs = _programs(40)
    moved = programs.assign(
        estimate=unit * programs["estimate"], standard_error=unit * programs["standard_error"]
    )
    scaled = RULES.with_tiers(cuts=[unit * cut for cut in RULES.tiers.cuts])
    expected = rate_set(programs, RULES).frame["tier"].tolist()
    assert rate_set(moved, scaled).frame["tier"].tolist() == expected


@pytest.mark.parametrize(("law", "most"), [("normal", 0.01), ("free", 0.02)])
def test_copies_of_all_programs_move_hardly_any_chance(law: str, most: float) -> None:
    """Copies look like more evidence on the law where it is free, and weigh it more sharply."""
    programs, rules = _programs(300), RULES.with_tiers(law=law)
    twice = pd.concat([programs, programs.assign(program_key="q" + programs["program_key"])])
    one, two = rate_set(programs, rules).frame, rate_set(twice, rules).frame
    difference = one["chance_not_above"].to_numpy() - two["chance_not_above"].to_numpy()[:300]
    assert np.abs(difference).max() < most
    assert (one["tier"].to_numpy() == two["tier"].to_numpy()[:300]).mean() > 0.97


def test_precision_that_tells_something_is_taken_off_before_shrinking() -> None:
    programs = _programs(400)
    tied = programs.assign(
        estimate=programs["estimate"] - 4_000 * np.log(programs["standard_error"] / 2_000)
    )
    truth = tied["truth"] - 4_000 * np.log(tied["standard_error"] / 2_000)
    rating = rate_set(tied, RULES)
    assert rating.slope is not None
    assert rating.slope.clear
    assert rating.slope.slope == pytest.approx(-4_000, abs=3 * rating.slope.standard_error)
    plain = rate_set(tied, RULES.with_tiers(slope_clear_above=1e9))
    error = ((rating.frame["shrunk"] - truth) ** 2).mean()
    assert error < ((plain.frame["shrunk"] - truth) ** 2).mean()


def test_other_tiers_need_no_change_of_code() -> None:
    five = RULES.with_tiers(
        labels=["1", "2", "3", "4", "5"],
        names=["one", "two", "three", "four", "five"],
        cuts=[0.0, 1_000.0, 4_000.0, 8_000.0],
        over_rating_weight=2.0,
    )
    frame = rate_set(_programs(), five).frame
    assert set(frame["tier"]) == {"1", "2", "3", "4", "5"}
    chances = frame[[f"chance_{label}" for label in five.tiers.labels]].sum(axis=1)
    np.testing.assert_allclose(chances, 1)


def test_one_program_and_equal_errors_have_a_stated_decision() -> None:
    single = rate_set(_programs(1), RULES)
    assert not single.told_apart
    assert single.slope is None
    equal = rate_set(_programs().assign(standard_error=2_000.0), RULES)
    assert equal.slope is None
    assert equal.told_apart


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"program_key": "same"}, "'same' stands twice"),
        ({"standard_error": 0.0}, "not positive"),
        ({"estimate": np.inf}, "infinite"),
        ({"standard_error": np.nan}, "missing"),
        ({"validity": "hearsay"}, "'hearsay' is not in the framework"),
    ],
)
def test_bad_input_is_one_clear_error(change: dict[str, object], message: str) -> None:
    with pytest.raises(WorkbenchError, match=message):
        rate_set(_programs(5).assign(**change), RULES)


def test_no_program_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="no program can be rated"):
        rate_set(_programs(5).head(0), RULES)


def test_programs_that_cannot_be_rated_stay_in_their_place_and_sets_are_apart() -> None:
    first = _programs(30).assign(compared_with="one", reason="")
    second = _programs(40, seed=2).assign(compared_with="two", reason="")
    second["program_key"] = "q" + second["program_key"]
    second.loc[3, "reason"] = "no earnings published"
    together = pd.concat([first, second], ignore_index=True)
    frame, ratings = rate_all(together, RULES)
    assert list(ratings) == ["one", "two"]
    assert frame["program_key"].tolist() == together["program_key"].tolist()
    assert frame["tier"].eq(NOT_RATED).to_numpy().nonzero()[0].tolist() == [33]
    assert frame.loc[33, "reason"] == "no earnings published"
    alone = rate_set(first, RULES).frame
    np.testing.assert_allclose(frame["shrunk"].to_numpy(float)[:30], alone["shrunk"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cuts": [5_000.0, 0.0, 2_500.0]}, "cuts must increase"),
        ({"cuts": [0.0, 2_500.0]}, "cuts has 2 values"),
        ({"labels": ["A", "A", "B", "C"]}, "labels must differ"),
    ],
)
def test_thresholds_that_contradict_themselves_are_refused(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        RULES.with_tiers(**change)


def test_a_program_that_may_harm_a_group_is_kept_out_of_the_top_and_says_so() -> None:
    programs = _programs()
    before = rate_set(programs, RULES).frame
    top = before["tier"].eq("A")
    after = rate_set(programs.assign(group_allowed=~top.to_numpy()), RULES).frame
    assert not after["tier"].eq("A").any()
    text = "kept out of the top tier: a group may be no better off"
    assert after.loc[top, "reason"].unique().tolist() == [text]
    assert after.loc[~top, "tier"].equals(before.loc[~top, "tier"])
