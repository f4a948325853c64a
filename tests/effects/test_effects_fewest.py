"""The fewest that each estimate asks for: so many are enough, one fewer is told."""

import numpy as np
import pandas as pd
import pytest

from analysis.effects.comparison import control_weights
from analysis.effects.design import stratum_indicators, usable_columns
from analysis.effects.design_grade import Check, GradeRules, attrition_check, design_grade
from analysis.effects.distribution import quantile_effect, threshold_effect
from analysis.effects.effect import critical_value, interval_degrees_of_freedom
from analysis.effects.estimators import stratified_difference, thin_strata
from analysis.effects.folds import repeated_splits
from analysis.effects.groups import group_effects
from analysis.effects.lee_bounds import lee_bounds
from analysis.effects.lin import lin_adjusted
from analysis.effects.matched_cells import matched_effect
from analysis.effects.multiplicity import (
    detectable_effect,
    heterogeneity_test,
    holm_adjusted,
    sidak_critical_values,
)
from analysis.effects.samples import above_zero, arms, numbers, refuse_misaligned
from analysis.effects.scores import Scores
from analysis.effects.sensitivity import robustness_value
from analysis.errors import WorkbenchError


def test_people_in_an_arm() -> None:
    assert arms([1, 1, 0, 0]).tolist() == [True, True, False, False]
    assert arms([1, 0], minimum=1).tolist() == [True, False]
    for treated, arm in (([1, 0, 0], "treated"), ([1, 1, 0], "control")):
        with pytest.raises(WorkbenchError, match=f"{arm} arm has fewer than 2"):
            arms(treated)
    assert thin_strata([1, 1, 0, 0, 1, 1, 0], list("aaaabbb")) == ["b"]
    assert thin_strata([1, 1, 0, 0, 1, 1, 0], list("aaaabbb"), minimum=1) == []
    with pytest.raises(WorkbenchError, match="neither 0 nor 1"):
        arms([0, 1, 2, 0, 1])
    with pytest.raises(WorkbenchError, match="1 of 2 values are missing"):
        numbers([1.0, None], "x")  # type: ignore[list-item]
    with pytest.raises(WorkbenchError, match="2 weights are not above 0"):
        above_zero([1.0, 0.0, -1.0])
    with pytest.raises(WorkbenchError, match="y has 2"):
        refuse_misaligned(x=[1.0], y=[1.0, 2.0])


def test_people_beyond_a_quantile() -> None:
    y, t = np.arange(40.0), np.repeat([1, 0], 20)
    assert quantile_effect(y, t, 0.25).estimate == pytest.approx(-20.0)
    assert quantile_effect(y, t, 0.75).n_control == 20
    for at in (0.24, 0.76, 0.0, 1.0):
        with pytest.raises(WorkbenchError, match="five people or more beyond"):
            quantile_effect(y, t, at)
    assert threshold_effect([1.0, 2, 3, 1, 2, 1], [1] * 3 + [0] * 3, 2.0).estimate == pytest.approx(1 / 3)  # fmt: skip # noqa: E501
    with pytest.raises(WorkbenchError, match="on one side"):
        threshold_effect([1.0, 2, 3, 4], [1, 1, 0, 0], 1.0)


def test_people_and_folds() -> None:
    flags = np.arange(12) < 4
    assert len(repeated_splits(flags, folds=4, repetitions=1)) == 1
    for fewer in (flags, ~flags):
        with pytest.raises(WorkbenchError, match="4 people for 5 folds"):
            repeated_splits(fewer, folds=5)
    for folds, repetitions in ((1, 1), (2, 0)):
        with pytest.raises(WorkbenchError, match="at least 2 folds"):
            repeated_splits(flags, folds=folds, repetitions=repetitions)
    # from four people of the smaller arm in each of ten blocks a fold, blocks are shared
    for smaller, shared in ((80, True), (79, False)):
        found = repeated_splits(np.arange(400) < smaller, folds=2, repetitions=3)
        assert (len(found) == 1) == shared
        assert sum(one.repetitions for one in found) == 3
        assert all(one.folds == 2 for one in found)


def test_people_for_each_parameter() -> None:
    x = pd.DataFrame({"x": np.array([1.0, 4, 2, 8, 5, 7, 3, 9, 6, 2, 5, 1])})
    y = np.array([1.0, 3, 2, 7, 6, 6, 1, 5, 3, 1, 2, 0])
    t = np.tile([1, 0], 6)
    assert lin_adjusted(y, t, x).parameters == 4
    with pytest.raises(WorkbenchError, match=r"6 people .* for 2 parameters"):
        lin_adjusted(y, t, x, minimum_people_per_parameter=3.01)
    for arm, missing in (("treated", 10), ("control", 11)):
        kept = np.arange(12) != missing
        with pytest.raises(WorkbenchError, match=f"5 people in the {arm} arm for 2 parameters"):
            lin_adjusted(y[kept], t[kept], x[kept])
    for limit in (0.0, 1.0):
        with pytest.raises(WorkbenchError, match="maximum_leverage"):
            lin_adjusted(y, t, x, maximum_leverage=limit)
    with pytest.raises(WorkbenchError, match="leverage"):
        lin_adjusted(y, t, x, maximum_leverage=0.3)


def test_columns_that_can_be_told_apart() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 20))
    matrix = np.column_stack([a, 2 * a + 3, np.ones(20), b, np.arange(20) == 3])
    everyone, half = np.ones(20, dtype=bool), np.arange(20) > 5
    kept, (basis,) = usable_columns(matrix, [everyone])
    assert kept == [0, 3, 4]
    np.testing.assert_allclose(basis.T @ basis, np.eye(4), atol=1e-12)
    # the one person is not in the half
    assert usable_columns(matrix, [everyone, half])[0] == [0, 3]
    assert usable_columns(matrix, [everyone], 0.9)[0] == [0, 3]
    found = stratum_indicators(["b", "a", "b", "c", "a", "b"], "site")
    assert found.columns.tolist() == ["site: a", "site: c"]
    assert found["site: a"].tolist() == [0.0, 1.0, 0.0, 0.0, 1.0, 0.0]


def test_rows_of_a_group_at_the_least() -> None:
    frame = pd.DataFrame({"treated": [1, 1, 0, 0] * 2, "g": list("aaaabbbb")})
    frame["y"] = [3.0, 1, 2, 5, 4, 6, 1, 2]
    assert group_effects(frame, "y", groups=[("g",)], minimum_cell=2)["status"].eq("shown").all()
    hidden = group_effects(frame, "y", groups=[("g",)], minimum_cell=3)
    assert hidden["status"].str.startswith("hidden").tolist() == [False, True, True]
    with pytest.raises(WorkbenchError, match="is below 2"):
        group_effects(frame, "y", groups=[("g",)], minimum_cell=1)
    merged = stratified_difference(frame["y"], frame["treated"], list("aaaabbbc"), thin="merge")
    assert merged.merged == ("b", "c")


def test_limits_of_single_numbers() -> None:
    assert critical_value(0.95) == pytest.approx(1.959964, abs=1e-6)
    for level in (0.0, 1.0):
        with pytest.raises(WorkbenchError, match="confidence_level"):
            critical_value(level)
        with pytest.raises(WorkbenchError, match="power"):
            detectable_effect(1.0, level)
    assert [interval_degrees_of_freedom(n, f) for n, f in ((59, 99.0), (60, 58.0), (60, 57.9))] == [
        99.0,
        np.inf,
        57.9,
    ]
    with pytest.raises(WorkbenchError, match="1 group"):
        heterogeneity_test([1.0], [1.0])
    assert heterogeneity_test([1.0, 2.0], [1.0, 1.0]).groups == 2
    assert holm_adjusted([0.0, 1.0]).tolist() == [0.0, 1.0]
    for share, freedom in ((0.0, 9), (1.1, 9), (1.0, 1)):
        with pytest.raises(WorkbenchError, match="robustness value"):
            robustness_value(3.0, freedom, share=share)
    assert robustness_value(3.0, 1.5) > robustness_value(3.0, 100) > robustness_value(0.0, 100) == 0


def test_grades_of_a_design_at_their_limits() -> None:
    rules = GradeRules(0.1, 100.0, 0.95)
    assert attrition_check((0.10, 0.15), rules).passed
    assert attrition_check((0.15, 0.10), rules).passed
    assert not attrition_check((0.10, 0.151), rules).passed
    failed, passed = Check("a", "", False), Check("b", "", True)
    grades = [design_grade([failed] * n + [passed], rules, randomised=False) for n in (0, 1, 2)]
    assert grades == ["comparison_passes", "comparison_weak", "descriptive"]


def test_bounds_of_those_who_work_and_cells_of_one_person() -> None:
    y, t = [1.0, 2, 3, 4, 5, 6], [1] * 3 + [0] * 3
    same = lee_bounds(y, t, [1, 1, 0, 1, 1, 0])
    assert (same.low, same.high, same.trimmed_arm, same.trimmed_share) == (-3.0, -3.0, "none", 0.0)
    assert (same.working_treated, same.working_control) == pytest.approx((2 / 3, 2 / 3))
    with pytest.raises(WorkbenchError, match="fewer than 2 workers"):
        lee_bounds(y, t, [1, 1, 1, 1, 0, 0])
    frame = pd.DataFrame(
        {"treated": [1, 0, 1, 1, 0, 0], "c": list("aabbbb"), "y": [5.0, 1, 2, 4, 3, 7]}
    )
    found = matched_effect(frame, "y", ["c"])
    # cell a has one person in each arm: the variance of b stands in
    assert found.effect.estimate == pytest.approx((4 * 1 + (3 - 5) * 2) / 3)
    variance = (1 / 9) * (2 + 8) + (4 / 9) * (2 / 2 + 8 / 2)
    assert found.effect.standard_error == pytest.approx(np.sqrt(variance))
    flags = np.array([True, False, False])
    shares = np.array([0.5, 0.2, 0.4])
    weights = {
        target: control_weights(Scores(shares, shares, shares, flags, shares, target, "", shares))  # type: ignore[arg-type]
        for target in ("everyone", "treated", "overlap")
    }
    assert weights["everyone"].tolist() == pytest.approx([1 / 0.8, 1 / 0.6])
    assert weights["treated"].tolist() == pytest.approx([0.25, 2 / 3])
    assert weights["overlap"].tolist() == [0.2, 0.4]


def test_one_group_read_alone_has_its_own_interval() -> None:
    assert sidak_critical_values([7.0], 0.9).tolist() == pytest.approx([critical_value(0.9, 7.0)])
