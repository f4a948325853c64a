"""The interacted regression: equal to statsmodels, what it leaves out, what it refuses."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.effects import difference_in_means, lin_adjusted
from analysis.errors import WorkbenchError

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=25)


def trial(seed: int, people: int = 120, covariates: int = 4) -> tuple[pd.DataFrame, list[str]]:
    """A trial whose effect and noise depend on covariates of very different scale."""
    rng = np.random.default_rng(seed)
    names = [f"x{j}" for j in range(covariates)]
    X = rng.normal(size=(people, covariates)) * 10.0 ** np.arange(covariates)
    treated = rng.permutation(np.arange(people) % 3 == 0).astype(int)
    score = (X / 10.0 ** np.arange(covariates)).sum(axis=1)
    y = 50 + score + treated * (2 + 0.5 * score) + rng.normal(size=people) * (1 + treated)
    return pd.DataFrame(X, columns=names).assign(y=y, treated=treated), names


def by_statsmodels(y, t, X: pd.DataFrame, robust: str):
    centred = X - X.mean()
    design = np.column_stack([np.ones(len(y)), t, centred, centred.mul(np.asarray(t), axis=0)])
    return sm.OLS(np.asarray(y), design).fit(cov_type=robust)


@pytest.mark.parametrize("robust", ["HC2", "HC3"])
@pytest.mark.parametrize("seed", range(4))
def test_equal_to_statsmodels(seed, robust):
    people, names = trial(seed)
    twin = by_statsmodels(people["y"], people["treated"], people[names], robust)
    effect = lin_adjusted(people["y"], people["treated"], people[names], robust=robust)
    assert effect.estimate == pytest.approx(twin.params[1], rel=1e-10)
    assert effect.standard_error == pytest.approx(twin.bse[1], rel=1e-10)
    assert effect.degrees_of_freedom == twin.df_resid == 120 - 10
    assert effect.parameters == 10
    assert effect.dropped == ()


def test_no_covariates_is_the_plain_difference():
    people, _ = trial(1)
    plain = difference_in_means(people["y"], people["treated"])
    effect = lin_adjusted(people["y"], people["treated"], people[[]])
    assert effect.estimate == pytest.approx(plain.estimate, rel=1e-12)
    assert effect.standard_error == pytest.approx(plain.standard_error, rel=1e-12)
    assert effect.degrees_of_freedom == plain.n - 2


def test_an_exact_linear_truth_is_found_whatever_the_imbalance():
    x = np.array([1.0, 2, 3, 4, 5, 6, 3, 4, 5, 6, 7, 8])
    t = np.array([1] * 6 + [0] * 6)
    # orthogonal to the intercept and to x in each arm, so it moves no coefficient
    wobble = 0.1 * np.array([1, -1, -1, 1, 0, 0] * 2)
    y = 10 + 2 * x + t * (3 + 0.5 * (x - x.mean())) + wobble
    effect = lin_adjusted(y, t, pd.DataFrame({"x": x}))
    assert effect.estimate == pytest.approx(3.0, rel=1e-13)
    assert difference_in_means(y, t).estimate == pytest.approx(-1.5, rel=1e-13)


def test_constant_and_collinear_covariates_are_dropped_by_name():
    people, names = trial(2)
    plain = lin_adjusted(people["y"], people["treated"], people[names])
    people = people.assign(
        constant=0.1, twice=2 * people["x0"] + 7, combined=people["x1"] - 3 * people["x2"]
    )
    more = ["constant", "x0", "twice", "x1", "x2", "combined", "x3"]
    effect = lin_adjusted(people["y"], people["treated"], people[more])
    assert effect.dropped == ("constant", "twice", "combined")
    assert effect.estimate == pytest.approx(plain.estimate, rel=1e-10)
    assert effect.standard_error == pytest.approx(plain.standard_error, rel=1e-10)
    assert effect.degrees_of_freedom == plain.degrees_of_freedom


def test_a_covariate_constant_in_one_arm_is_dropped():
    people, names = trial(3)
    people["only_control"] = np.where(people["treated"] == 1, 0.0, np.arange(len(people)) % 2)
    effect = lin_adjusted(people["y"], people["treated"], people[[*names, "only_control"]])
    assert effect.dropped == ("only_control",)
    plain = lin_adjusted(people["y"], people["treated"], people[names])
    assert effect.estimate == pytest.approx(plain.estimate, rel=1e-10)


def test_the_choice_among_copies_moves_nothing():
    people, names = trial(4)
    people["copy"] = 5 - people["x1"]
    one = lin_adjusted(people["y"], people["treated"], people[[*names, "copy"]])
    other = lin_adjusted(people["y"], people["treated"], people[["copy", *names]])
    assert (one.dropped, other.dropped) == (("copy",), ("x1",))
    assert one.estimate == pytest.approx(other.estimate, rel=1e-10)
    assert one.standard_error == pytest.approx(other.standard_error, rel=1e-10)


def test_nearly_collinear_covariates_stay():
    people, names = trial(5)
    rng = np.random.default_rng(5)
    people["near"] = people["x0"] + 1e-4 * rng.normal(size=len(people))
    effect = lin_adjusted(people["y"], people["treated"], people[[*names, "near"]])
    twin = by_statsmodels(people["y"], people["treated"], people[[*names, "near"]], "HC2")
    assert effect.dropped == ()
    assert effect.estimate == pytest.approx(twin.params[1], rel=1e-8)


def test_too_few_people_a_parameter_are_refused():
    people, names = trial(6, people=36, covariates=4)  # 12 treated, 5 parameters an arm
    assert people["treated"].sum() == 12
    with pytest.raises(WorkbenchError, match="12 people in the treated arm for 5 parameters"):
        lin_adjusted(people["y"], people["treated"], people[names])
    allowed = lin_adjusted(
        people["y"], people["treated"], people[names], minimum_people_per_parameter=2
    )
    assert allowed.n_treated == 12


def test_dropped_covariates_do_not_count_as_parameters():
    people, names = trial(6, people=36, covariates=3)  # 4 parameters for 12 people
    people["constant"] = 1.0
    effect = lin_adjusted(people["y"], people["treated"], people[[*names, "constant"]])
    assert effect.dropped == ("constant",)


def test_high_leverage_is_refused_or_left_out():
    people, names = trial(7)
    people["rare"] = 0.0
    people.loc[people.index[people["treated"] == 1][0], "rare"] = 1.0
    controls = people.index[people["treated"] == 0]
    people.loc[controls[:10], "rare"] = 1.0
    columns = [*names, "rare"]
    with pytest.raises(WorkbenchError, match=r"one person has leverage 1\.00 \(limit 0\.9\)"):
        lin_adjusted(people["y"], people["treated"], people[columns])
    dropped = lin_adjusted(people["y"], people["treated"], people[columns], high_leverage="drop")
    assert (dropped.dropped, dropped.dropped_for_leverage) == ((), ("rare",))
    plain = lin_adjusted(people["y"], people["treated"], people[names])
    assert dropped.estimate == pytest.approx(plain.estimate, rel=1e-12)


def test_the_leverage_limit_is_an_argument():
    people, names = trial(8)
    design = np.column_stack([np.ones(40), people.loc[people["treated"] == 1, names]])
    largest = np.diag(design @ np.linalg.inv(design.T @ design) @ design.T).max()
    arguments = people["y"], people["treated"], people[names]
    assert lin_adjusted(*arguments, maximum_leverage=largest + 1e-6).dropped == ()
    with pytest.raises(WorkbenchError, match="leverage"):
        lin_adjusted(*arguments, maximum_leverage=largest - 1e-6)
    with pytest.raises(WorkbenchError, match=r"maximum_leverage: 1\.0"):
        lin_adjusted(*arguments, maximum_leverage=1.0)


def test_strata_enter_the_regression():
    people, names = trial(9, people=300)
    people["site"] = np.where(people["x0"] > 0.5, "north", np.where(people["x1"] > 0, "east", "s"))
    indicators = pd.get_dummies(people["site"], dtype=float).drop(columns="s")
    both = pd.concat([people[names], indicators], axis=1)
    twin = by_statsmodels(people["y"], people["treated"], both, "HC2")
    effect = lin_adjusted(people["y"], people["treated"], people[names], people["site"])
    assert effect.estimate == pytest.approx(twin.params[1], rel=1e-10)
    assert effect.standard_error == pytest.approx(twin.bse[1], rel=1e-10)


def test_thin_strata_are_named_or_joined_to_the_largest():
    people, names = trial(10)
    people["site"] = "large"
    people.loc[:2, "site"] = "tiny"
    arguments = people["y"], people["treated"], people[names], people["site"]
    with pytest.raises(WorkbenchError, match="column site: fewer than 2 people in an arm of tiny"):
        lin_adjusted(*arguments)
    joined = lin_adjusted(*arguments, high_leverage="drop")
    assert joined.dropped + joined.dropped_for_leverage == ("site: tiny",)
    plain = lin_adjusted(*arguments[:3])
    assert joined.estimate == pytest.approx(plain.estimate, rel=1e-10)


def test_unusable_covariates_are_named():
    people, names = trial(11)
    for value, words in ((np.nan, "missing"), (np.inf, "infinite")):
        broken = people[names].copy()
        broken.loc[3, "x2"] = value
        with pytest.raises(WorkbenchError, match=f"column x2: 1 of 120 values are {words}"):
            lin_adjusted(people["y"], people["treated"], broken)
    with pytest.raises(WorkbenchError, match="column word: not all values are numbers"):
        lin_adjusted(people["y"], people["treated"], people[names].assign(word="a"))


def test_a_covariate_that_is_the_outcome_is_refused():
    people, names = trial(12)
    with pytest.raises(WorkbenchError, match="no standard error"):
        lin_adjusted(people["y"], people["treated"], people[[*names, "y"]])


def test_three_people_are_refused():
    with pytest.raises(WorkbenchError, match="fewer than 2 people"):
        lin_adjusted([1.0, 2.0, 3.0], [1, 0, 0], pd.DataFrame({"x": [1.0, 2.0, 4.0]}))


@STEADY
@given(
    st.integers(0, 10_000),
    st.sampled_from([-1e4, -1.0, 7.25, 1e5]),
    st.sampled_from([-3.0, 1e-3, 52.0]),
)
def test_transformations(seed, constant, factor):
    people, names = trial(seed, people=60, covariates=2)
    y, t, X = people["y"], people["treated"], people[names]
    effect = lin_adjusted(y, t, X)
    moved = lin_adjusted(factor * y + constant, t, X)
    assert moved.estimate == pytest.approx(factor * effect.estimate, rel=1e-7, abs=1e-7)
    assert moved.standard_error == pytest.approx(abs(factor) * effect.standard_error, rel=1e-6)
    flipped = lin_adjusted(y, 1 - t, X)
    assert flipped.estimate == pytest.approx(-effect.estimate, rel=1e-9)
    order = np.random.default_rng(seed).permutation(len(y))
    turned = lin_adjusted(y.iloc[order], t.iloc[order], X.iloc[order, ::-1])
    assert turned.estimate == pytest.approx(effect.estimate, rel=1e-9)
    assert turned.standard_error == pytest.approx(effect.standard_error, rel=1e-9)
    # covariates in other units say the same
    rescaled = lin_adjusted(y, t, X * 1000 - 5)
    assert rescaled.estimate == pytest.approx(effect.estimate, rel=1e-9)


@STEADY
@given(st.integers(0, 10_000))
def test_hc3_is_never_below_hc2(seed):
    people, names = trial(seed, people=60, covariates=3)
    arguments = people["y"], people["treated"], people[names]
    narrow, wide = (lin_adjusted(*arguments, robust=robust) for robust in ("HC2", "HC3"))
    assert wide.standard_error > narrow.standard_error
    assert wide.estimate == narrow.estimate
