"""Guards of each estimate: the last case that passes, the first that does not, and what is said."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.effects.aipw import aipw_scores, design_shares
from analysis.effects.balance import (
    assignment_shares,
    joint_balance_test,
    standardised_differences,
)
from analysis.effects.clustered import _refuse_few, cluster_codes, clustered_difference
from analysis.effects.comparison import Placebo, comparison_estimates
from analysis.effects.composition import pooled_versus_within
from analysis.effects.cross_fit import checked_matrix
from analysis.effects.design import (
    controls_table,
    names_left_out,
    standardised,
    stratum_indicators,
    usable_columns,
)
from analysis.effects.design_grade import GradeRules, design_checks
from analysis.effects.diagnostics import Diagnostics, comparison_diagnostics
from analysis.effects.effect import negligible, refuse_no_variance
from analysis.effects.entropy_balancing import (
    effective_people,
    entropy_balanced,
    entropy_weights,
)
from analysis.effects.estimators import stratified_difference
from analysis.effects.offer_regressions import offer_regressions
from analysis.effects.race_rules import _yes
from analysis.effects.samples import (
    arms,
    numbers,
    refuse_misaligned,
    refuse_repeated_people,
    refuse_unknown_columns,
)
from analysis.effects.scores import group_estimates
from analysis.effects.sensitivity import regression_adjusted
from analysis.errors import WorkbenchError


@pytest.fixture
def people() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    n = 120
    x, z = rng.normal(size=n), rng.gamma(2.0, size=n)
    treated = (rng.random(n) < 1 / (1 + np.exp(0.4 - 1.5 * x))).astype(int)
    return pd.DataFrame(
        {"treated": treated, "x": x, "z": z, "y": x + z + treated + rng.normal(size=n)}
    )


# --- columns


def test_what_is_wrong_with_a_column_is_counted() -> None:
    with pytest.raises(WorkbenchError, match="column pay: has 2 dimensions"):
        numbers(np.zeros((3, 2)), "pay")
    with pytest.raises(WorkbenchError, match="column pay: 1 of 3 values are infinite"):
        numbers([1.0, -np.inf, 2.0], "pay")
    with pytest.raises(WorkbenchError, match="column pay: not all values are numbers"):
        numbers(["1", "two"], "pay")  # type: ignore[list-item]
    with pytest.raises(WorkbenchError, match="column treated: 2 values are neither"):
        arms([0, 1, 0, 1, 2, 0.5])
    assert arms([1.0, 0.0, 0.0], minimum=1).tolist() == [True, False, False]
    with pytest.raises(WorkbenchError, match="control arm has fewer than 1"):
        arms([1, 1], minimum=1)
    with pytest.raises(WorkbenchError, match=r"column a, c: not in the table"):
        refuse_unknown_columns(pd.DataFrame({"b": [1]}), ["c", "b", "a"])


def test_rows_of_three_columns_must_be_the_same_people() -> None:
    one = pd.Series([1.0, 2.0], index=[0, 1])
    refuse_misaligned(a=one, b=one, c=[1.0, 2.0], d=None)
    with pytest.raises(WorkbenchError, match="columns a and c: their row labels differ"):
        refuse_misaligned(a=one, b=one, c=one.iloc[::-1])
    with pytest.raises(WorkbenchError, match="a has 2, b has 1"):
        refuse_misaligned(a=one, b=[1.0])


def test_people_who_stand_twice_are_counted_once_and_the_first_row_named() -> None:
    frame = pd.DataFrame({"person": [4, 1, 2, 1, 3, 2, 1]})
    with pytest.raises(WorkbenchError, match="column person, row 1: 2 people stand in more"):
        refuse_repeated_people(frame, "person")
    refuse_repeated_people(frame.drop_duplicates(), "person")
    refuse_repeated_people(frame, "nobody")


def test_answers_of_a_code_column_and_the_row_of_a_wrong_one() -> None:
    coded = pd.Series(["1", " 1 ", "1.0", "0", "9", "", None])
    assert _yes(coded).tolist() == [True, True, True, False, False, False, False]
    with pytest.raises(WorkbenchError, match="column hispanic, row 2: '2' is no code"):
        _yes(pd.Series([1, 0, 2, 3], name="hispanic"))


def test_covariates_that_are_no_numbers_are_named() -> None:
    sound = pd.DataFrame({"x": [1.0, 2.0], "z": [3, 4]})
    assert checked_matrix(sound).tolist() == [[1.0, 3.0], [2.0, 4.0]]
    for wrong, words in ((["a", "b"], "not all values"), ([1.0, np.nan], "1 of 2 values are")):
        with pytest.raises(WorkbenchError, match=f"column z: {words}"):
            checked_matrix(sound.assign(z=wrong))
    with pytest.raises(WorkbenchError, match="column z: 2 of 2 values are infinite"):
        checked_matrix(sound.assign(z=[np.inf, -np.inf]))


def test_a_column_of_one_value_is_exactly_zero_and_near_copies_stay_at_right_angles() -> None:
    rng = np.random.default_rng(4)
    matrix = np.column_stack([np.full(30, 0.1), np.full(30, -1e7), rng.normal(size=30)])
    assert not standardised(matrix)[:, :2].any()
    assert standardised(matrix)[:, 2].std() == pytest.approx(1.0)
    near = np.column_stack([matrix[:, 2], matrix[:, 2] + 1e-7 * rng.normal(size=30)])
    kept, (basis,) = usable_columns(near, [np.ones(30, dtype=bool)])
    assert kept == [0, 1]
    np.testing.assert_allclose(basis.T @ basis, np.eye(3), atol=1e-14)


def test_nothing_left_to_vary_is_refused_at_zero_too() -> None:
    assert negligible(0.0, np.zeros(3))
    assert negligible(1e-26, np.array([1.0, -0.5]))
    assert not negligible(1.1e-26, np.array([1.0, -0.5]))
    assert not negligible(1.1e-26, np.array([0.5, -1.0]))
    with pytest.raises(WorkbenchError, match="nothing of the outcome is left"):
        refuse_no_variance(0.0, np.zeros(3))


# --- arms, strata and clusters


def test_a_stratum_that_is_all_treated_or_all_control_has_no_share() -> None:
    assert (
        design_shares([1, 0, 0, 0, 1, 1, 1, 0], list("aaaabbbb")).tolist()
        == [0.25] * 4 + [0.75] * 4
    )
    assert design_shares([1, 0, 1, 0], list("aabb"), [3.0, 1.0, 1.0, 3.0]).tolist() == [
        0.75, 0.75, 0.25, 0.25,
    ]  # fmt: skip
    for arm in ([1, 0, 1, 1], [1, 0, 0, 0]):
        with pytest.raises(WorkbenchError, match="stratum: one has no treated or no control"):
            design_shares([*arm, 1, 0], [*list("aabb"), "a", "a"])


def test_shares_assigned_by_hand_where_an_arm_is_empty() -> None:
    frame = pd.DataFrame({"site": list("abbb"), "treated": [1, 1, 1, 0]})
    table = assignment_shares(frame, "site").set_index("stratum")
    assert table["n_control"].to_dict() == {"a": 0, "b": 1, "all": 1}
    assert table["share_assigned"].tolist() == pytest.approx([1.0, 2 / 3, 0.75])
    assert table["share_of_people"].tolist() == [0.25, 0.75, 1.0]
    nobody = assignment_shares(frame.assign(treated=0), "site")
    assert nobody["share_assigned"].tolist() == [0.0, 0.0, 0.0]


def test_joint_balance_names_the_covariates_that_say_nothing_and_no_stratum() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"one": 1.0, "x": rng.normal(size=40), "treated": np.arange(40) % 2})
    frame = frame.assign(site=list("aabbccdd") * 5, copy=2 * frame["x"])
    frame["where"] = (frame["site"] == "a") * 1.0
    found = joint_balance_test(frame, ["one", "x", "copy", "where"], stratum="site")
    assert found.dropped == ("one", "copy", "where")
    assert found.degrees_of_freedom == (1, 40 - 1 - 3 - 1)
    first = joint_balance_test(frame, ["x", "one"])
    assert (first.dropped, first.degrees_of_freedom) == (("one",), (1, 38))
    with pytest.raises(WorkbenchError, match="0 covariates vary among 40 people"):
        joint_balance_test(frame, ["one"], stratum="site")


def test_balance_needs_two_people_in_each_arm_of_a_stratum() -> None:
    frame = pd.DataFrame({"treated": [1, 1, 0, 0, 1, 1, 0], "x": [1.0, 2, 3, 5, 2, 1, 1]})
    frame["site"] = list("aaaabbb")
    with pytest.raises(WorkbenchError, match="column site: fewer than 2 people in an arm of b"):
        standardised_differences(frame, ["x"], stratum="site")
    found = standardised_differences(frame.iloc[:4], ["x"], stratum="site")
    assert found["difference"].tolist() == [-2.5]


def test_a_stratum_with_one_person_in_an_arm_can_be_taken_apart() -> None:
    frame = pd.DataFrame({"treated": [1, 0, 1, 1, 0], "s": list("aabbb"), "y": [3.0, 1, 5, 7, 2]})
    parts = pooled_versus_within(frame, "y", "s")
    assert parts.pooled == pytest.approx(5 - 1.5)
    assert parts.within == pytest.approx(0.4 * 2 + 0.6 * 4)
    assert parts.composition == pytest.approx(parts.pooled - parts.within)
    # where zero lies changes no part
    moved = pooled_versus_within(frame.assign(y=frame["y"] + 100), "y", "s")
    column = "composition_part"
    assert moved.by_stratum[column].tolist() == pytest.approx(parts.by_stratum[column].tolist())
    with pytest.raises(WorkbenchError, match="column s: nobody in an arm of c"):
        pooled_versus_within(frame.assign(s=list("aabcb")), "y", "s")


def test_one_control_in_all_can_be_taken_apart_and_none_is_said() -> None:
    frame = pd.DataFrame({"treated": [1, 1, 0], "s": "a", "y": [3.0, 5.0, 1.0]})
    assert pooled_versus_within(frame, "y", "s").composition == pytest.approx(0.0)
    with pytest.raises(WorkbenchError, match="the control arm has fewer than 1 people"):
        pooled_versus_within(frame.assign(treated=1), "y", "s")


def test_thin_strata_take_the_smallest_others_in_and_of_equal_ones_the_first_by_name() -> None:
    names = ["thin", *["d"] * 4, *["b"] * 4, *["c"] * 6]
    treated = [1, *[1, 1, 0, 0] * 2, *[1, 1, 1, 0, 0, 0]]
    y = np.arange(15.0) ** 2
    assert stratified_difference(y, treated, names, thin="merge").merged == ("b", "thin")
    # two thin ones that have two people in each arm together take nobody in
    names = ["t1", "t1", "t1", "t2", *["b"] * 4]
    found = stratified_difference(y[:8], [1, 1, 0, 0, 1, 1, 0, 0], names, thin="merge")
    assert found.merged == ("t1", "t2")


def test_each_arm_needs_two_clusters_and_a_regression_as_many_as_parameters() -> None:
    flags = np.array([True, True, False, False])
    assert cluster_codes(list("abab"), flags).tolist() == [0, 1, 0, 1]
    for labels, arm in (("aabc", "treated"), ("abcc", "control")):
        with pytest.raises(WorkbenchError, match=f"the {arm} arm has fewer than 2 clusters"):
            cluster_codes(list(labels), flags)
    _refuse_few(4, 4, "site")
    with pytest.raises(WorkbenchError, match="column site: 3 clusters for 4 parameters"):
        _refuse_few(3, 4, "site")
    with pytest.raises(WorkbenchError, match=r"^3 people for 4 parameters"):
        _refuse_few(3, 4, "")


def test_control_means_have_errors_of_their_own_arm(people: pd.DataFrame) -> None:
    y, t = people["y"], people["treated"]
    found = clustered_difference(y, t)
    assert found.method == "difference in means"
    assert found.control_mean == pytest.approx(y[t == 0].mean())
    assert found.control_standard_error == pytest.approx(y[t == 0].sem())
    assert found.standard_error == pytest.approx(np.hypot(y[t == 0].sem(), y[t == 1].sem()))
    site = pd.Series(np.arange(120) % 15, name="site")
    clustered = clustered_difference(y, t, site, weights=pd.Series(np.ones(120)))
    assert clustered.method == ("difference in means, weighted, errors CR2 by site (15 clusters)")
    assert clustered.estimate == pytest.approx(found.estimate)


def test_the_largest_stratum_has_no_column_and_of_equal_ones_the_first_by_name() -> None:
    assert stratum_indicators(["b", "a", "b", "a", "c"], "s").columns.tolist() == ["s: b", "s: c"]
    table = controls_table(pd.DataFrame({"x": [1.0, 2.0]}, index=[7, 9]), ["b", "a"], 2)
    assert table.columns.tolist() == ["stratum: b", "x"]
    assert table.to_numpy().tolist() == [[1.0, 1.0], [0.0, 2.0]]
    assert names_left_out(table, [1]) == ("stratum: b",)
    assert names_left_out(table, [1], [1]) == ()


def test_offers_need_more_people_or_clusters_than_parameters() -> None:
    offered, y = np.array([True, False] * 3), np.array([1.0, 3, 2, 5, 4, 4])
    table = pd.DataFrame({"x": [1.0, 2, 4, 3, 2, 6], "z": [2.0, 1, 1, 5, 3, 3]})
    assert np.isfinite(offer_regressions([y], offered, covariates=table).estimates).all()
    with pytest.raises(WorkbenchError, match="4 people for 4 parameters"):
        offer_regressions([y[:4]], offered[:4], covariates=table[:4])
    with pytest.raises(WorkbenchError, match="3 clusters for 3 parameters"):
        offer_regressions([y], offered, covariates=table[["x"]], cluster=list("aabbcc"))
    assert offer_regressions([y], offered, cluster=list("aabbcc")).degrees_of_freedom == 2
    assert offer_regressions([y], offered).degrees_of_freedom == np.inf
    with pytest.raises(WorkbenchError, match="determine who was offered"):
        offer_regressions([y], offered, covariates=pd.DataFrame({"x": offered * 3.0}))


# --- chances of treatment


def test_estimated_chances_are_kept_within_their_bounds(people: pd.DataFrame) -> None:
    three = people["y"], people["treated"], people[["x", "z"]]
    far = people.assign(x=3 * people["x"] + 4 * people["treated"])
    strong = far["y"], far["treated"], far[["x", "z"]]
    usual = aipw_scores(*strong, repetitions=1).propensity
    assert (usual.min(), usual.max()) == (0.01, 0.99)
    free = aipw_scores(*strong, repetitions=1, target="treated").propensity
    assert free.min() < 0.01
    assert free.max() > 0.99
    both = aipw_scores(*three, repetitions=1, clip=0.3).propensity
    assert (both.min(), both.max()) == (0.3, 0.7)
    upper = aipw_scores(*three, repetitions=1, clip=0.3, target="treated").propensity
    assert upper.min() < 0.3
    assert upper.max() == 0.7


def test_one_split_says_what_its_scores_say(people: pd.DataFrame) -> None:
    for target in ("everyone", "treated", "overlap"):
        scores = aipw_scores(
            people["y"], people["treated"], people[["x"]], target=target, fold=np.arange(120) % 3
        )
        found = group_estimates(scores, [np.ones(120, dtype=bool)])
        assert scores.split_estimates.tolist() == pytest.approx([found.estimates.item()])
        # splits differ by less than chance in the people
        several = aipw_scores(
            people["y"], people["treated"], people[["x"]], target=target, repetitions=3, seed=4
        )
        assert several.split_estimates.shape == (3,)
        assert np.ptp(several.split_estimates) < found.standard_errors.item()


def test_a_stated_chance_is_above_0_and_below_1(people: pd.DataFrame) -> None:
    three = people["y"], people["treated"], people[["x"]]
    found = aipw_scores(*three, propensity=np.full(120, 1e-6), repetitions=1)
    assert (found.propensity == 1e-6).all()
    for wrong in (0.0, 1.0):
        with pytest.raises(WorkbenchError, match="some values are not between 0 and 1"):
            aipw_scores(*three, propensity=np.r_[wrong, np.full(119, 0.5)])
    with pytest.raises(WorkbenchError, match="target: 'nobody' is none"):
        aipw_scores(*three, target="nobody")  # type: ignore[arg-type]


# --- comparisons


@pytest.mark.parametrize("noise", [0.05, 3.0])
def test_a_plain_placebo_is_the_more_precise_of_two_and_a_weighted_one_the_first(
    people: pd.DataFrame, noise: float
) -> None:
    rng = np.random.default_rng(6)
    people["earlier"] = people["x"] ** 2 + noise * rng.normal(size=120)
    people["w"] = 1.0
    placebo = Placebo("earlier", ("z",))
    three = people["earlier"], people["treated"], people[["x"]]
    scores = aipw_scores(*three, target="treated", repetitions=2, seed=1)
    one = group_estimates(scores, [np.ones(120, dtype=bool)])
    other = entropy_balanced(*three)
    answers = [
        (one.standard_errors[0], one.estimates[0], one.degrees_of_freedom[0]),
        (other.standard_error, other.estimate, other.degrees_of_freedom),
    ]
    rules = {"placebo": placebo, "repetitions": 2, "seed": 1}
    plain = comparison_diagnostics(people, "y", ["x", "z"], **rules)  # type: ignore[arg-type]
    weighted = comparison_diagnostics(people, "y", ["x", "z"], weights="w", **rules)  # type: ignore[arg-type]
    for found, (error, estimate, freedom) in ((plain, min(answers)), (weighted, answers[0])):
        assert found.placebo_standard_error == pytest.approx(error)
        assert found.placebo_estimate == pytest.approx(estimate)
        assert found.placebo_degrees_of_freedom == pytest.approx(freedom)


def test_a_placebo_that_cannot_be_balanced_has_one_answer() -> None:
    rng = np.random.default_rng(8)
    x = np.r_[rng.normal(4, 0.3, 30), rng.normal(0, 1, 40)]
    frame = pd.DataFrame({"x": x, "treated": [1] * 30 + [0] * 40, "y": rng.normal(size=70)})
    frame["earlier"] = rng.normal(size=70)
    with pytest.raises(WorkbenchError, match="no weights give"):
        entropy_weights(frame["treated"], frame[["x"]])
    found = comparison_diagnostics(frame, "y", ["x"], placebo=Placebo("earlier", ()), repetitions=1)
    assert np.isfinite(found.placebo_estimate)
    assert found.placebo_degrees_of_freedom == 29.0
    rows = comparison_estimates(frame, "y", ["x"]).set_index("method")
    assert rows.loc["entropy balancing", "remark"].startswith("entropy balancing: no weights")
    assert np.isnan(rows.loc["entropy balancing", "estimate"])


def test_checks_of_a_design_pass_at_their_limits() -> None:
    rules = GradeRules(0.1, 100.0, 0.95)
    sound = Diagnostics(50, 200, 0.1, 0, 100.0, 0.1, 0.0, 0.0, 0.0, 40.0, 0.2, 0.1, 0.01)
    assert [check.passed for check in design_checks(sound, rules)] == [True] * 3
    changes = [
        {"treated_outside_support": 0.101},
        {"effective_n_control": 99.9},
        {"placebo_estimate": 1e-9},
        {"placebo_estimate": -1e-9},
        {"placebo_estimate": np.nan},
    ]
    passed = [
        [check.passed for check in design_checks(replace(sound, **one), rules)]  # type: ignore[arg-type]
        for one in changes
    ]
    assert passed == [[False, True, True], [True, False, True], *[[True, True, False]] * 3]
    assert replace(sound, placebo_estimate=3.0, placebo_standard_error=2.0).placebo_interval(
        0.9
    ) == pytest.approx((3 - 2 * stats.t.ppf(0.95, 40), 3 + 2 * stats.t.ppf(0.95, 40)))


def test_freedom_of_balanced_people_is_that_of_the_fewer() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=60)
    for count in (5, 40):
        treated = np.arange(60) < count
        found = entropy_balanced(x + rng.normal(size=60), treated * 1, pd.DataFrame({"x": x}))
        weights = entropy_weights(treated * 1, pd.DataFrame({"x": x}))
        effective = effective_people(weights[~treated])
        assert found.degrees_of_freedom == pytest.approx(min(count, effective) - 1)
        assert (found.parameters, found.n_treated, found.n_control) == (2, count, 60 - count)


def test_a_regression_bears_a_covariate_that_nearly_says_who_was_treated(
    people: pd.DataFrame,
) -> None:
    close = people["treated"] + 1e-3 * people["x"]
    found = regression_adjusted(people["y"], people["treated"], pd.DataFrame({"c": close}))
    design = np.column_stack([np.ones(120), close, people["treated"]])
    assert found.estimate == pytest.approx(
        np.linalg.lstsq(design, people["y"], rcond=None)[0][2], rel=1e-6
    )
    # a thousandth of the people, or a thousand times as many, changes no limit
    with pytest.raises(WorkbenchError, match="say exactly who was treated"):
        regression_adjusted(people["y"], people["treated"], people[["treated"]] * 5.0)
