"""Effects where one person, one degree of freedom or one stratum decides, each by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from analysis.effects.aipw import _contributions
from analysis.effects.balance import joint_balance_test
from analysis.effects.comparison import control_weights
from analysis.effects.effect import Effect, critical_value
from analysis.effects.estimators import stratified_difference
from analysis.effects.group_rows import Rules, _note
from analysis.effects.ratio import _fieller
from analysis.effects.sensitivity import robustness_value
from analysis.errors import WorkbenchError


@pytest.mark.parametrize(("t_value", "freedom"), [(4.0, 4), (-3.5, 6), (6.0, 3)])
def test_robustness_of_an_interval_leaves_a_t_value_at_its_critical_value(
    t_value: float, freedom: int
) -> None:
    """A confounder of that strength moves the estimate and costs one degree of freedom."""
    share = robustness_value(t_value, freedom, level=0.05)
    assert 0 < share < 1
    # in units of the standard error: what is left of the estimate, and its error with it
    estimate = abs(t_value) - np.sqrt(freedom) * share / np.sqrt(1 - share)
    error = np.sqrt(freedom / (freedom - 1))
    assert estimate / error == pytest.approx(stats.t.ppf(0.975, freedom - 1), rel=1e-9)


def rules(**given: object) -> Rules:
    usual = {
        "outcome": "pay",
        "treated": "treated",
        "covariates": ("age",),
        "stratum": "site",
        "stratum_name": "site",
        "confidence_level": 0.95,
        "small_sample_below": 60,
        "minimum_people_per_parameter": 3.0,
        "maximum_leverage": 0.9,
        "high_leverage": "drop",
        "robust": "HC3",
        "thin": "merge",
    }
    return Rules(**usual | given)


def test_a_note_tells_of_every_covariate_that_was_left_out_and_of_one_too() -> None:
    plain = Effect(1.0, 0.5, 198.0, 100, 100, 9.0, 0.3, "Lin regression")
    assert _note(plain, rules()) == ""
    one = {
        "site: a": "strata joined to the largest: 1",
        "age": "covariates left out for leverage: 1",
    }
    for name, words in one.items():
        effect = Effect(1.0, 0.5, 198.0, 100, 100, 9.0, 0.3, "Lin", dropped_for_leverage=(name,))
        assert _note(effect, rules()) == words
    copy = Effect(1.0, 0.5, 198.0, 100, 100, 9.0, 0.3, "Lin", dropped=("age",), merged=("a", "b"))
    assert _note(copy, rules()) == (
        "covariates left out as constant or copies: 1; strata merged into one: 2"
    )
    few = Effect(1.0, 0.5, 12.0, 29, 30, 9.0, 0.3, "Lin")
    assert _note(few, rules()) == "Student's t interval, 12.0 degrees of freedom"
    enough = Effect(1.0, 0.5, 60.0, 30, 30, 9.0, 0.3, "Lin")
    assert _note(enough, rules()) == ""


def test_two_strata_have_four_means() -> None:
    outcome = [3.0, 5.0, 1.0, 3.0, 10.0, 14.0, 12.0, 8.0]
    effect = stratified_difference(outcome, [1, 1, 0, 0] * 2, list("aaaabbbb"))
    assert effect.parameters == 4


@pytest.mark.parametrize("level", [0.0, 1.0, 1.5, -0.1])
def test_no_interval_is_surely_right_or_surely_wrong(level: float) -> None:
    with pytest.raises(WorkbenchError, match="confidence"):
        critical_value(level, 10.0)


def test_balance_of_four_people_with_one_degree_of_freedom_left() -> None:
    people = pd.DataFrame({"treated": [1, 0, 1, 0], "age": [20, 31, 45, 52], "kids": [0, 2, 1, 1]})
    found = joint_balance_test(people, ["age", "kids"])
    twin = sm.OLS(people["treated"], sm.add_constant(people[["age", "kids"]])).fit()
    assert found.degrees_of_freedom == (2, 1)
    assert found.statistic == pytest.approx(twin.fvalue)
    assert found.p_value == pytest.approx(twin.f_pvalue)
    with pytest.raises(WorkbenchError, match="3 covariates vary among 4 people"):
        joint_balance_test(people.assign(health=[1, 0, 0, 1]), ["age", "kids", "health"])


def test_a_denominator_exactly_at_its_limit_says_nothing_of_the_ratio() -> None:
    """2 with standard error 1, twice over: zero is just inside, and nothing is divided by it."""
    assert _fieller(1.0, 2.0, (0.1, 1.0), 0.0, 2.0) == ((-np.inf, np.inf), False)
    (low, high), outside = _fieller(1.0, 2.0, (0.1, 0.75), 0.0, 2.0)
    # (1 - 2 r)² = 4 (.1 + .75 r²), that is r² - 4 r + .6 = 0
    assert (low, high) == pytest.approx((2 - np.sqrt(3.4), 2 + np.sqrt(3.4)))
    assert not outside


@pytest.mark.parametrize(
    ("target", "expected"),
    [("treated", [0.25, 1.0]), ("everyone", [1.25, 2.0]), ("overlap", [0.2, 0.5])],
)
def test_what_a_control_person_weighs_by_hand(target: str, expected: list[float]) -> None:
    """Chances of .2 and .5: odds for the treated, one over the chance of control for everyone."""
    scores = SimpleNamespace(
        propensity=np.array([0.2, 0.9, 0.5]), flags=np.array([False, True, False]), target=target
    )
    assert control_weights(scores).tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("target", "treated", "control", "share"),
    [
        # 8 + 2 / .25 and 7; 3 and 5 - 1 / .5
        ("everyone", [16.0, 7.0], [3.0, 3.0], [1.0, 1.0]),
        # what is observed; the model, and odds of 1 times a residual of -1
        ("treated", [10.0, 0.0], [3.0, -1.0], [1.0, 0.0]),
        # .75² 8 + .75 2 and .5² 7; .75² 3 and .5² 5 - .5 1
        ("overlap", [6.0, 1.75], [1.6875, 0.75], [0.5625, 0.25]),
    ],
)
def test_what_one_person_of_each_arm_adds_by_hand(
    target: str, treated: list[float], control: list[float], share: list[float]
) -> None:
    found = _contributions(
        target,
        np.array([True, False]),
        np.array([10.0, 4.0]),
        np.array([[8.0, 7.0]]),
        np.array([[3.0, 5.0]]),
        np.array([[0.25, 0.5]]),
    )
    assert [part.ravel().tolist() for part in found] == [treated, control, share]
