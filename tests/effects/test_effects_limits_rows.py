"""Guards of rows, bands, gaps, ratios, cells, cohorts, fields and programs, each at its limit."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.effects.attrition import attrition_by_arm
from analysis.effects.decomposition import decomposed_gap
from analysis.effects.distribution import quantile_effect
from analysis.effects.effect import critical_value
from analysis.effects.entry_cohorts import entry_cohort_effects
from analysis.effects.field_effects import field_effects
from analysis.effects.gaps import _control_of, _gap, _gap_table, _reading, _treated_of
from analysis.effects.group_cells import hides_a_stratum
from analysis.effects.group_rows import Rules, row_estimators, scored_row
from analysis.effects.joint_bands import equality_test, joint_bands, sup_t_critical_value
from analysis.effects.lee_bounds import lee_bounds
from analysis.effects.many_programs import many_program_effects
from analysis.effects.matched_cells import earnings_bands, matched_effect
from analysis.effects.multiplicity import holm_adjusted, simultaneous_bands, two_sided_p_values
from analysis.effects.ratio import ratio_of_effects
from analysis.effects.scores import GroupEstimates, Scores
from analysis.effects.shrinkage import shrunk_to_pooled
from analysis.effects.take_up import take_up_effect
from analysis.errors import WorkbenchError


def test_attrition_passes_over_an_empty_cross_and_shows_a_grouping_that_lost_nobody() -> None:
    frame = pd.DataFrame(
        {"treated": [1, 1, 0, 0] * 3, "race": list("aaaabbbbbbbb"), "sex": list("ffffffffmmmm")}
    )
    frame["y"] = [np.nan, 1.0, np.nan, 2.0, *[3.0] * 8]
    found = attrition_by_arm(
        frame, "y", minimum_cell=1, groups=[("race",), ("race", "sex")]
    ).set_index(["grouping", "group"])
    assert found.index.tolist() == [("all", "all")]
    whole = attrition_by_arm(frame.assign(y=1.0), "y", minimum_cell=1, groups=[("race", "sex")])
    assert whole["group"].tolist() == ["all", "a, f", "b, f", "b, m"]
    assert whole["p_value"].tolist() == [1.0] * 4
    # one lost person of one arm alone is as few
    for arm in (1, 0):
        lost = frame["y"].mask((frame["treated"] != arm) & frame["y"].isna(), 1.0)
        few = attrition_by_arm(frame.assign(y=lost), "y", minimum_cell=2, groups=[("race",)])
        assert few.empty
    # and so is one person of each arm whose outcome is known
    known = frame["y"].where(frame.index.isin([1, 3])).iloc[:4]
    assert attrition_by_arm(frame.iloc[:4].assign(y=known), "y", minimum_cell=1).shape[0] == 1
    rare = pd.DataFrame({"treated": [1, 0] * 5, "y": [1.0, 2.0, *[np.nan] * 8]})
    assert attrition_by_arm(rare, "y", minimum_cell=1)["missing_treated"].tolist() == [0.8]
    assert attrition_by_arm(rare, "y", minimum_cell=2).empty
    # nobody of one arm, and nothing lost: no difference can be told
    sided = frame.assign(y=1.0, treated=np.where(frame["sex"] == "m", 1, frame["treated"]))
    found = attrition_by_arm(sided, "y", minimum_cell=1, groups=[("sex",)]).set_index("group")
    assert found.loc["m", ["n_treated", "n_control", "difference"]].tolist() == [4, 0, 0.0]
    assert found.loc["m", ["standard_error", "p_value"]].tolist() == [0.0, 1.0]
    # one of two people lost in each arm: a variance of a half in each
    pair = attrition_by_arm(frame.iloc[:4], "y", minimum_cell=1).iloc[0]
    assert (pair["standard_error"], pair["difference"]) == pytest.approx((np.sqrt(0.5), 0.0))


@pytest.mark.parametrize(
    ("control", "treated", "words"),
    [
        (2.0, 1.0, "narrows"), (-2.0, -1.0, "narrows"), (1.0, 2.0, "widens"),
        (-1.0, -2.0, "widens"), (1.0, -0.5, "reverses"), (-1.0, 3.0, "reverses"),
        (0.0, 1.0, "widens"), (1.0, 0.0, "narrows"), (1.0, 1.0, "widens"),
    ],
)  # fmt: skip
def test_a_gap_is_read_by_hand(control: float, treated: float, words: str) -> None:
    assert _reading(control, treated) == f"{words} the gap"


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_an_interval_that_just_touches_zero_establishes_no_change(sign: float) -> None:
    def reading(difference: float) -> str:
        gaps = {"control gap": (5.0, 1.0, np.inf), "treated gap": (4.0, 1.0, np.inf)}
        terms = gaps | {"difference of effects": (sign * difference, 1.0, np.inf)}
        return str(_gap_table(terms, {}, 100, 0.95, 60)["reading"].iloc[-1])

    assert reading(critical_value(0.95)) == "no change established"
    assert reading(critical_value(0.95) + 1e-9) == "narrows the gap"


def test_the_treated_mean_of_a_row_has_what_the_control_arm_leaves_of_the_error() -> None:
    row = pd.Series(
        {
            "estimate": 2.0, "standard_error": 5.0, "control_mean": 10.0,
            "control_standard_error": 3.0, "n_treated": 8, "n_control": 6,
        }
    )  # fmt: skip
    assert _treated_of(row) == (12.0, 4.0, 7.0)
    assert _treated_of(row.replace({3.0: 5.1}))[1] == 0.0
    assert _control_of(row) == (10.0, 3.0, 5.0)
    # variances 9 and 16: 25² / (9² / 5 + 16² / 7)
    assert _gap((10.0, 3.0, 5.0), (4.0, 4.0, 7.0)) == pytest.approx(
        (6.0, 5.0, 625 / (81 / 5 + 256 / 7))
    )


def test_an_empty_hidden_group_gives_no_stratum_away() -> None:
    stratum = pd.Series(list("aabb"))
    inside = np.array([True, True, False, False])
    nobody = np.zeros(4, dtype=bool)
    assert not hides_a_stratum(inside, [nobody], stratum)
    assert hides_a_stratum(inside, [nobody, inside], stratum)
    assert not hides_a_stratum(inside, [], stratum)


def test_bands_of_an_arm_of_one_person_have_one_degree_of_freedom() -> None:
    found = GroupEstimates(
        np.array([1.0, 2.0]), np.diag([1.0, 4.0]), np.array([1, 30]), np.array([9, 30])
    )
    table = joint_bands(found, draws=1_000)
    beyond = stats.norm.sf(-stats.norm.ppf((1 - np.sqrt(0.95)) / 2))
    assert table["critical_value"].tolist() == pytest.approx(
        [stats.t.isf(beyond, 1), stats.t.isf(beyond, 29)]
    )
    with pytest.raises(WorkbenchError, match="equality test: 1 group"):
        equality_test(found, [1])
    assert equality_test(found, [0, 1])[:2] == (pytest.approx(1 / 5), 1)


def test_copies_of_a_group_widen_no_band() -> None:
    """Six groups of two people's worth of chance: four eigenvalues are zero but for rounding."""
    root = np.random.default_rng(5).normal(size=(6, 2))
    root /= np.linalg.norm(root, axis=1)[:, None]
    assert sup_t_critical_value(root @ root.T, draws=2_000) < sup_t_critical_value(np.eye(6))
    same = sup_t_critical_value(np.full((4, 4), 2.0), draws=100_000)
    assert same == pytest.approx(1.96, abs=0.02)


def test_a_row_within_one_stratum_has_no_stratified_estimate() -> None:
    people = pd.DataFrame({"site": ["a", "b", "b"]})
    rules = Rules("y", "t", ("x",), "site", "place", 0.95, 60, 3, 0.9, "drop", "HC2", "error")
    stratified = ["difference in means", "stratified by place", "Lin regression"]
    assert row_estimators(people, rules, True) == stratified
    assert row_estimators(people, rules, False) == [stratified[0], stratified[2]]
    assert row_estimators(people.iloc[1:], rules, True) == [stratified[0], stratified[2]]
    bare = replace(rules, covariates=(), stratum=None)
    assert row_estimators(people, bare, True) == stratified[:1]


def test_chance_in_the_draws_lifts_no_band_above_bonferronis() -> None:
    covariance = np.eye(3) + 1e-6
    many = np.full(3, 10**7)
    found = GroupEstimates(np.zeros(3), covariance, many, many)
    bonferroni = stats.norm.isf(0.05 / 2 / 3)
    drawn = [sup_t_critical_value(covariance, seed=seed, draws=60) for seed in range(8)]
    capped = [joint_bands(found, seed=seed, draws=60)["critical_value"][0] for seed in range(8)]
    assert min(drawn) < bonferroni < max(drawn)
    assert capped == pytest.approx([min(one, bonferroni) for one in drawn], rel=1e-5)


def test_scores_that_do_not_vary_are_refused_with_their_people() -> None:
    flags = np.arange(20) % 2 == 0
    none, ones = np.zeros(20), np.ones(20)
    scores = Scores(3 * ones, ones, ones, flags, ones / 2, "everyone", "AIPW", none)
    rules = Rules("y", "t", (), None, None, 0.95, 60, 3, 0.9, "drop", "HC2", "error")
    found = scored_row(scores, flags | (np.arange(20) < 10), pd.Series(ones), rules)
    assert found == {
        "n_treated": 10, "n_control": 5,
        "status": "refused: nothing of the outcome is left to vary",
    }  # fmt: skip


def test_pairs_of_estimates_and_errors_that_cannot_be_read() -> None:
    for values, errors in (
        ([np.nan, 1.0], [1.0, 1.0]),
        ([1.0, 1.0], [1.0, np.inf]),
        ([1.0, 1.0], [1.0, 0.0]),
        ([1.0, 1.0], [1.0]),
    ):
        with pytest.raises(WorkbenchError, match="a finite value and a standard error above 0"):
            two_sided_p_values(values, errors)
        with pytest.raises(WorkbenchError, match="a finite value and a standard error above 0"):
            simultaneous_bands(values, errors)
    for wrong in (-0.01, 1.01, np.nan):
        with pytest.raises(WorkbenchError, match="p_values"):
            holm_adjusted([0.5, wrong])


def test_shrinkage_needs_two_groups_and_errors_above_zero() -> None:
    assert shrunk_to_pooled([1.0, np.nan], [1.0, np.nan]).isna().all().all()
    two = shrunk_to_pooled([1.0, np.nan, 3.0], [1.0, np.nan, 1.0])
    # spread 2 of the estimates less 1: half the way to the middle
    assert two["weight_of_pooled"].tolist() == pytest.approx([0.5, np.nan, 0.5], nan_ok=True)
    assert two["shrunk_estimate"].tolist() == pytest.approx([1.5, np.nan, 2.5], nan_ok=True)
    # half the variance, a quarter of the pooled one's (1), and Morris's 2 / (2 - 1) x 1/4 x 1
    assert two["shrunk_standard_error"].iloc[0] == pytest.approx(np.sqrt(0.5 + 0.25 + 0.5))
    for wrong in (0.0, -1.0):
        with pytest.raises(WorkbenchError, match="a standard error above 0"):
            shrunk_to_pooled([1.0, 2.0], [1.0, wrong])
    with pytest.raises((WorkbenchError, ValueError)):
        shrunk_to_pooled([1.0, 2.0], [1.0, 1.0, 1.0])


# --- ratios, cells, cohorts, fields and programs


def test_variances_and_covariance_of_a_ratio_must_go_together() -> None:
    edge = ratio_of_effects(2.0, 4.0, (1.0, 0.25), 0.5)
    assert edge.standard_error == pytest.approx(abs(1 - 0.5 * 0.5) / 4)
    known = ratio_of_effects(2.0, 4.0, (0.0, 1.0))
    assert known.standard_error == pytest.approx(0.5 / 4)
    for variances, covariance in (((1.0, 0.25), 0.5001), ((-0.1, 1.0), 0.0), ((1.0, -0.1), 0.0)):
        with pytest.raises(WorkbenchError, match="no two estimates"):
            ratio_of_effects(2.0, 4.0, variances, covariance)
    with pytest.raises(WorkbenchError, match="the denominator is 0"):
        ratio_of_effects(2.0, 0.0, (1.0, 1.0))
    assert ratio_of_effects(2.0, -4.0, (1.0, 0.0)).standard_error == 0.25
    # the denominator is just clear of 0, or just not: the ratios that fit lie within, or without
    for variance, outside in ((0.249, False), (0.251, True)):
        found = ratio_of_effects(3.0, 1.0, (0.01, variance), confidence_level=0.9544997)
        assert found.fieller_is_outside == outside
        for bound in found.fieller_interval:
            assert abs(3 - bound) == pytest.approx(
                2 * np.sqrt(0.01 + bound**2 * variance), rel=1e-5
            )


def test_an_offer_that_just_reaches_the_minimum_is_strong_enough() -> None:
    rng = np.random.default_rng(1)
    offered = np.arange(80) % 2
    attended = offered * (rng.random(80) < 0.5)
    y = attended + rng.normal(size=80)
    found = take_up_effect(y, offered, attended, minimum_first_stage_f=1.0)
    strength = found.first_stage_f
    same = take_up_effect(y, offered, attended, minimum_first_stage_f=strength)
    assert same.estimate == found.estimate
    with pytest.raises(WorkbenchError, match="the offer hardly moved attendance"):
        take_up_effect(y, offered, attended, minimum_first_stage_f=strength * 1.0001)
    with pytest.raises(WorkbenchError, match="all values are the same"):
        take_up_effect(y, offered, np.ones(80), minimum_first_stage_f=1.0)
    # of a constant outcome only rounding is left to vary
    with pytest.raises(WorkbenchError, match="nothing of the outcome is left"):
        take_up_effect(np.full(80, 7.3), offered, attended, minimum_first_stage_f=1.0)
    whole = take_up_effect(y, offered, offered, minimum_first_stage_f=1e9)
    assert whole.first_stage_f == np.inf


def test_bands_of_earnings_where_nobody_or_everybody_earned() -> None:
    assert earnings_bands(pd.Series([0.0, 0.0])).tolist() == [0, 0]
    assert earnings_bands(pd.Series([5.0, 1.0, 3.0, 2.0]), 2).tolist() == [2, 1, 2, 1]
    assert earnings_bands(pd.Series([0.5, 0.0]), 1).tolist() == [1, 0]


def test_a_missing_value_is_a_cell_of_its_own() -> None:
    frame = pd.DataFrame(
        {"treated": [1, 0, 1, 0], "c": ["a", "a", None, None], "y": [3.0, 1.0, 9.0, 5.0]}
    )
    frame = pd.concat([frame, frame.assign(y=frame["y"] + [1.0, 0.0, 1.0, 0.0])])
    found = matched_effect(frame, "y", ["c"])
    assert (found.cells, found.effect.n, found.unmatched_share) == (2, 8, 0.0)
    assert found.effect.estimate == pytest.approx((2.5 + 4.5) / 2)
    with pytest.raises(WorkbenchError, match="matching on c: no cell holds"):
        matched_effect(frame.assign(c=frame["treated"]), "y", ["c"])


def test_a_small_cohort_is_passed_over_and_the_next_one_read() -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"treated": [1, 1, 1, 0, 0, 0, 0] * 2 + [1, 1, 0, 0], "before": 0.0})
    frame["cohort"] = ["b"] * 7 + ["c"] * 7 + ["a"] * 4
    frame["after"] = rng.normal(size=18)
    rules = {"reference": -1, "cohort": "cohort"}
    quarters = {-1: "before", 1: "after"}
    found = entry_cohort_effects(frame, quarters, minimum_cell=3, **rules)  # type: ignore[arg-type]
    assert found.cells["cohort"].tolist() == [1.0, 2.0]
    assert found.left_out == ("cohorts with too few people: 1",)
    every = entry_cohort_effects(frame, quarters, minimum_cell=2, **rules)  # type: ignore[arg-type]
    assert every.cells["n_treated"].tolist() == [2, 3, 3]
    assert every.cells["n_comparison"].tolist() == [2, 4, 4]
    assert every.left_out == ()
    with pytest.raises(WorkbenchError, match="no cohort has 4 trained and untrained"):
        entry_cohort_effects(frame, quarters, minimum_cell=4, **rules)  # type: ignore[arg-type]


def test_a_group_needs_three_untrained_people_a_parameter() -> None:
    y, none = np.array([4.0, 6, 1, 2, 3]), np.empty((5, 0))
    place = np.array([0, 0, -1, -1, -1])
    found = field_effects(y, place, np.ones(5, dtype=bool), none, 1, "x")
    assert found.effects.tolist() == [3.0]
    # Neyman's errors of both arms
    assert (found.of_effects**2).sum() == pytest.approx(2 / 2 + 1 / 3)
    with pytest.raises(WorkbenchError, match="group x: 2 untrained people for 1 parameters"):
        field_effects(y[:4], place[:4], np.ones(4, dtype=bool), none[:4], 1, "x")
    place, age = np.array([0, 0, *[-1] * 6]), np.arange(8.0)[:, None] ** 2
    enough = field_effects(age[:, 0] + 3, place, np.ones(8, dtype=bool), age, 1, "x")
    assert enough.effects == pytest.approx([0.0], abs=1e-9)
    with pytest.raises(WorkbenchError, match="group x: 5 untrained people for 2 parameters"):
        field_effects(age[:7, 0], place[:7], np.ones(7, dtype=bool), age[:7], 1, "x")


def test_groups_of_two_can_be_taken_apart_and_of_one_not() -> None:
    y, group = [1.0, 3.0, 2.0, 7.0, 5.0], ["a", "a", "b", "b", "c"]
    x = pd.DataFrame({"x": [0.0, 1.0, 1.0, 3.0, 9.0]})
    found = decomposed_gap(y, group, x, "a", "b")
    assert (found.n_first, found.n_second, found.gap) == (2, 2, -2.5)
    assert found.explained + found.unexplained == pytest.approx(-2.5)
    for pair in (("a", "c"), ("c", "a"), ("a", "a")):
        with pytest.raises(WorkbenchError, match="each needs two people or more"):
            decomposed_gap(y, group, x, *pair)


def test_a_program_needs_as_many_people_as_folds() -> None:
    rng = np.random.default_rng(1)
    pool, people = (pd.DataFrame({"x": rng.normal(size=n)}) for n in (60, 7))
    outcomes = rng.normal(size=60), rng.normal(size=7)
    program = list("aaabbbb")
    found = many_program_effects(pool, outcomes[0], people, outcomes[1], program, folds=3)
    assert found.n_treated.tolist() == [[3], [4]]
    assert found.groups == ["all"]
    with pytest.raises(WorkbenchError, match="program a: 3 participants for 4 folds"):
        many_program_effects(pool, outcomes[0], people, outcomes[1], program, folds=4)


@pytest.mark.parametrize(
    ("size", "ties", "expected"), [(200, 5, True), (200, 3, False), (50, 4, True), (50, 2, False)]
)
def test_a_quantile_is_at_a_mass_of_more_than_two_in_a_hundred_and_three_people(
    size: int, ties: int, expected: bool
) -> None:
    arm = np.arange(float(size))
    start = (size - ties) // 2
    arm[start : start + ties] = arm[start]
    found = quantile_effect(np.r_[arm, np.arange(size) + 0.5], [1] * size + [0] * size, 0.5)
    assert found.treated == arm[start]
    assert found.at_mass == expected
    turned = quantile_effect(np.r_[arm, np.arange(size) + 0.5], [0] * size + [1] * size, 0.5)
    assert turned.at_mass == expected


def test_a_quantile_needs_two_people_in_each_arm_of_a_stratum() -> None:
    y, t = np.arange(24.0), np.tile([1, 0], 12)
    sites = ["a"] * 20 + ["b"] * 4
    assert np.isfinite(quantile_effect(y, t, 0.5, sites).interval).all()
    with pytest.raises(WorkbenchError, match="fewer than 2 people in an arm of a stratum"):
        quantile_effect(y, t, 0.5, ["a"] * 21 + ["b"] * 3)


def test_bounds_of_equal_shares_of_workers_have_neymans_error() -> None:
    y, t = [1.0, 2, 4, 4, 5, 9], [1] * 3 + [0] * 3
    found = lee_bounds(y, t, [1] * 6)
    assert (found.low, found.high, found.trimmed_arm) == (7 / 3 - 6, 7 / 3 - 6, "none")
    # of the arm that would be trimmed the variance is that of its people themselves
    own, other = np.var([1, 2, 4]) / 3, np.var([4, 5, 9], ddof=1) / 3
    assert found.low_standard_error == pytest.approx(np.sqrt(own + other))
    assert found.high_standard_error == pytest.approx(np.sqrt(own + other))
    assert found.interval == pytest.approx(
        tuple(
            found.low + sign * critical_value(0.95) * found.low_standard_error for sign in (-1, 1)
        )
    )
