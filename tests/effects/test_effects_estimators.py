"""Differences: by hand, against scipy and statsmodels, under transformations, and refused."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.effects import (
    difference_in_means,
    lin_adjusted,
    stratified_difference,
    thin_strata,
)
from analysis.errors import WorkbenchError

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=60)


def trial(seed: int, people: int = 80, strata: int = 1) -> pd.DataFrame:
    """A trial with unequal variances and a chance of assignment that differs by stratum."""
    rng = np.random.default_rng(seed)
    stratum = np.arange(people) % strata
    treated = (rng.random(people) < 0.3 + 0.4 * stratum / max(strata - 1, 1)).astype(int)
    noise = rng.normal(size=people) * (1 + 2 * treated)
    return pd.DataFrame(
        {
            "earnings": 100 + 5 * stratum + 3 * treated + noise,
            "treated": treated,
            "stratum": [f"s{s}" for s in stratum],
        }
    )


def test_difference_by_hand():
    # arms 5, 7, 9 and 2, 4: means 7 and 3, variances 4 and 2
    effect = difference_in_means([5.0, 7.0, 9.0, 2.0, 4.0], [1, 1, 1, 0, 0])
    assert effect.estimate == 4.0
    assert effect.standard_error == pytest.approx(np.sqrt(4 / 3 + 2 / 2), rel=1e-15)
    assert effect.degrees_of_freedom == pytest.approx(
        (4 / 3 + 1) ** 2 / ((4 / 3) ** 2 / 2 + 1**2 / 1), rel=1e-15
    )
    assert (effect.n_treated, effect.n_control, effect.n) == (3, 2, 5)
    assert (effect.control_mean, effect.control_standard_error) == (3.0, 1.0)
    assert effect.method == "difference in means"


def test_equal_variance_by_hand():
    effect = difference_in_means([5.0, 7.0, 9.0, 2.0, 4.0], [1, 1, 1, 0, 0], variance="equal")
    pooled = (2 * 4 + 1 * 2) / 3
    assert effect.standard_error == pytest.approx(np.sqrt(pooled * (1 / 3 + 1 / 2)), rel=1e-15)
    assert effect.degrees_of_freedom == 3.0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("variance", "equal_var"), [("unequal", False), ("equal", True)])
def test_difference_is_scipys_t_test(seed, variance, equal_var):
    people = trial(seed, 45)
    y, t = people["earnings"], people["treated"]
    twin = stats.ttest_ind(y[t == 1], y[t == 0], equal_var=equal_var)
    effect = difference_in_means(y, t, variance=variance)
    assert effect.estimate / effect.standard_error == pytest.approx(twin.statistic, rel=1e-10)
    assert effect.degrees_of_freedom == pytest.approx(twin.df, rel=1e-10)
    # 45 people: Student's t
    bounds = twin.confidence_interval(0.95)
    assert effect.interval(0.95) == pytest.approx((bounds.low, bounds.high), rel=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_standard_error_is_hc2(seed):
    people = trial(seed)
    twin = sm.OLS(people["earnings"], sm.add_constant(people["treated"])).fit(cov_type="HC2")
    effect = difference_in_means(people["earnings"], people["treated"])
    assert effect.estimate == pytest.approx(twin.params["treated"], rel=1e-10)
    assert effect.standard_error == pytest.approx(twin.bse["treated"], rel=1e-10)


def test_stratified_by_hand():
    # stratum a (4 of 10 people): 4 - 2 = 2; stratum b (6 of 10): means 12 and 9, 3
    outcome = [3.0, 5.0, 1.0, 3.0, 10.0, 14.0, 12.0, 12.0, 8.0, 10.0]
    treated = [1, 1, 0, 0, 1, 1, 1, 1, 0, 0]
    effect = stratified_difference(outcome, treated, list("aaaabbbbbb"))
    assert effect.estimate == pytest.approx(0.4 * 2 + 0.6 * 3, rel=1e-15)
    terms = np.array([0.16 * 2 / 2, 0.16 * 2 / 2, 0.36 * (8 / 3) / 4, 0.36 * 2 / 2])
    assert effect.standard_error == pytest.approx(np.sqrt(terms.sum()), rel=1e-14)
    freedom = terms.sum() ** 2 / (terms**2 / np.array([1, 1, 3, 1])).sum()
    assert effect.degrees_of_freedom == pytest.approx(freedom, rel=1e-14)
    assert effect.merged == ()


@pytest.mark.parametrize("seed", range(4))
def test_stratified_is_the_saturated_regression(seed):
    people = trial(seed, 240, strata=4)
    y, t = people["earnings"], people["treated"]
    effect = stratified_difference(y, t, people["stratum"])
    centred = pd.get_dummies(people["stratum"], drop_first=True, dtype=float)
    centred = centred - centred.mean()
    design = np.column_stack([np.ones(len(y)), t, centred, centred.mul(t, axis=0)])
    twin = sm.OLS(y, design).fit(cov_type="HC2")
    assert effect.estimate == pytest.approx(twin.params["x1"], rel=1e-10)
    assert effect.standard_error == pytest.approx(twin.bse["x1"], rel=1e-10)
    ours = lin_adjusted(y, t, people[[]], people["stratum"])
    assert ours.estimate == pytest.approx(effect.estimate, rel=1e-10)
    assert ours.standard_error == pytest.approx(effect.standard_error, rel=1e-10)


def test_one_stratum_is_the_plain_difference():
    people = trial(1)
    plain = difference_in_means(people["earnings"], people["treated"])
    one = stratified_difference(people["earnings"], people["treated"], people["stratum"])
    for name in ("estimate", "standard_error", "degrees_of_freedom", "control_mean"):
        assert getattr(one, name) == pytest.approx(getattr(plain, name), rel=1e-12)


def test_stratified_undoes_the_simpson_trap():
    # everyone gains 1, but high earners are assigned less often
    outcome = [11.0, 11.5, 10.0, 10.5, 10.0, 10.5, 3.0, 3.5, 3.0, 3.5, 2.0, 2.5]
    treated = [1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0]
    assert difference_in_means(outcome, treated).estimate < 0
    effect = stratified_difference(outcome, treated, ["high"] * 6 + ["low"] * 6)
    assert effect.estimate == pytest.approx(1.0, rel=1e-14)


def test_thin_strata_are_named_or_merged():
    people = trial(3, 60, strata=2)
    thin = pd.DataFrame(
        {"earnings": [1.0, 2, 4, 3, 5, 9], "treated": [1, 0, 0, 1, 1, 0], "stratum": list("xxxyyy")}
    )
    both = pd.concat([people, thin], ignore_index=True)
    assert thin_strata(both["treated"], both["stratum"]) == ["x", "y"]
    with pytest.raises(WorkbenchError, match=r"column stratum: fewer than 2 .* of x, y"):
        stratified_difference(both["earnings"], both["treated"], both["stratum"])
    merged = stratified_difference(both["earnings"], both["treated"], both["stratum"], thin="merge")
    assert merged.merged == ("x", "y")
    by_hand = both["stratum"].replace({"x": "xy", "y": "xy"})
    twin = stratified_difference(both["earnings"], both["treated"], by_hand)
    assert merged.estimate == pytest.approx(twin.estimate, rel=1e-14)
    assert merged.standard_error == pytest.approx(twin.standard_error, rel=1e-14)
    assert merged.n == len(both)


def test_a_pool_of_thin_strata_takes_the_next_smallest_in():
    outcome = np.arange(15.0) ** 1.5
    treated = [1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1]
    stratum = ["a"] * 4 + ["b"] * 5 + ["c"] * 5 + ["single"]
    effect = stratified_difference(outcome, treated, stratum, thin="merge")
    assert effect.merged == ("a", "single")
    two = ["a"] * 4 + ["b"] * 5 + ["c"] * 5 + ["a"]
    assert effect.estimate == pytest.approx(
        stratified_difference(outcome, treated, two).estimate, rel=1e-14
    )


def test_a_stratum_with_one_arm_is_named():
    with pytest.raises(WorkbenchError, match=r"column site: fewer than 2 people in an arm of b\."):
        stratified_difference(
            [1.0, 2, 3, 4, 5, 6],
            [1, 1, 0, 0, 1, 1],
            pd.Series(list("aaaabb"), name="site"),
        )


# ---- transformations ---------------------------------------------------------------------------

quarters = st.integers(-4000, 4000).map(lambda i: i / 4)


@st.composite
def samples(draw):
    """Outcomes in quarters (exact in binary), two strata, two or more people in every arm."""
    sizes = [draw(st.integers(2, 6)) for _ in range(4)]
    rows = [
        (draw(quarters), arm, stratum)
        for size, (arm, stratum) in zip(
            sizes, [(1, "a"), (0, "a"), (1, "b"), (0, "b")], strict=True
        )
        for _ in range(size)
    ]
    frame = pd.DataFrame(rows, columns=["y", "t", "s"])
    frame.loc[0, "y"] = frame.loc[1, "y"] + 8  # some variance in every sample
    return frame


def both(frame: pd.DataFrame, y: pd.Series | None = None):
    outcome = frame["y"] if y is None else y
    return (
        difference_in_means(outcome, frame["t"]),
        stratified_difference(outcome, frame["t"], frame["s"]),
    )


@STEADY
@given(samples(), quarters)
def test_a_constant_moves_no_effect(frame, constant):
    for before, after in zip(both(frame), both(frame, frame["y"] + constant), strict=True):
        assert after.estimate == pytest.approx(before.estimate, abs=1e-9)
        assert after.standard_error == pytest.approx(before.standard_error, rel=1e-9)
        assert after.degrees_of_freedom == pytest.approx(before.degrees_of_freedom, rel=1e-9)


@STEADY
@given(samples(), st.sampled_from([-52.0, -1.0, 0.001, 3.0, 1e6]))
def test_scale_carries_over(frame, factor):
    for before, after in zip(both(frame), both(frame, frame["y"] * factor), strict=True):
        assert after.estimate == pytest.approx(factor * before.estimate, rel=1e-9, abs=1e-9)
        assert after.standard_error == pytest.approx(abs(factor) * before.standard_error, rel=1e-9)


@STEADY
@given(samples(), st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(frame, random):
    order = list(range(len(frame)))
    random.shuffle(order)
    moved = frame.iloc[order].assign(s=frame["s"].map({"a": "zulu", "b": "echo"}))
    for before, after in zip(both(frame), both(moved), strict=True):
        assert after.estimate == pytest.approx(before.estimate, abs=1e-9)
        assert after.standard_error == pytest.approx(before.standard_error, rel=1e-9)


@STEADY
@given(samples())
def test_flipping_the_arms_flips_the_sign(frame):
    for before, after in zip(both(frame), both(frame.assign(t=1 - frame["t"])), strict=True):
        assert after.estimate == pytest.approx(-before.estimate, abs=1e-12)
        assert after.standard_error == pytest.approx(before.standard_error, rel=1e-12)
        assert (after.n_treated, after.n_control) == (before.n_control, before.n_treated)


# ---- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "treated", "words"),
    [
        ([1.0, 2, 3, 4], [1, 1, 1, 1], "control arm has fewer than 2"),
        ([1.0, 2, 3, 4], [0, 0, 0, 0], "treated arm has fewer than 2"),
        ([1.0, 2, 3], [1, 1, 0], "control arm has fewer than 2"),
        ([1.0, np.nan, 3, np.nan], [1, 1, 0, 0], "2 of 4 values are missing"),
        ([1.0, np.inf, 3, 4], [1, 1, 0, 0], "1 of 4 values are infinite"),
        (["a", "b", "c", "d"], [1, 1, 0, 0], "not all values are numbers"),
        ([1.0, 2, 3, 4], [1, 2, 0, 0], "1 values are neither 0 nor 1"),
        ([1.0, 2, 3, 4], [1, np.nan, 0, 0], "1 of 4 values are missing"),
        ([7.1, 7.1, 7.1, 7.1], [1, 1, 0, 0], "no standard error"),
        ([1.0, 2, 3], [1, 1, 0, 0], "differ in length"),
    ],
)
def test_unusable_columns_are_refused(outcome, treated, words):
    with pytest.raises(WorkbenchError, match=words):
        difference_in_means(outcome, treated)


def test_the_error_names_the_column_and_counts():
    earnings = pd.Series([1.0, None, 3.0, 4.0], name="earny4")
    with pytest.raises(WorkbenchError, match="column earny4: 1 of 4 values are missing"):
        difference_in_means(earnings, [1, 1, 0, 0])


def test_rows_of_different_tables_are_refused():
    y = pd.Series([1.0, 2, 3, 4], index=[0, 1, 2, 3])
    t = pd.Series([1, 1, 0, 0], index=[3, 2, 1, 0])
    with pytest.raises(WorkbenchError, match="row labels differ"):
        difference_in_means(y, t)


def test_one_arm_without_variance_has_an_effect():
    effect = difference_in_means([5.0, 7.0, 3.0, 3.0], [1, 1, 0, 0])
    assert effect.standard_error == 1.0
    assert effect.degrees_of_freedom == 1.0
