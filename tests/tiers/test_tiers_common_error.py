"""A shared error: by the normal law, by simulation, and as it comes from a covariance."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.tiers.common_error import CommonError, split_covariance
from analysis.tiers.effect_estimates import effect_estimates
from analysis.tiers.normal_model import fit_normal_model
from analysis.tiers.rating import rate_set


class Normal:
    """A posterior that is known in closed form."""

    mean = np.array([-1.0, 0.0, 2.0])
    standard_deviation = np.array([1.0, 0.5, 2.0])

    def chance_above(self, cut):
        return stats.norm.sf(cut, self.mean, self.standard_deviation)

    def chance_at_or_below(self, cut):
        return stats.norm.cdf(cut, self.mean, self.standard_deviation)

    guard_chance = chance_at_or_below


@given(error=st.floats(0.0, 1.0), cut=st.floats(-4, 4))
def test_a_normal_posterior_stays_one_with_the_variances_added(error, cut):
    whole = CommonError(Normal(), error)
    wide = np.hypot(Normal.standard_deviation, error)
    assert whole.standard_deviation == pytest.approx(wide)
    assert whole.chance_above(cut) == pytest.approx(stats.norm.sf(cut, Normal.mean, wide), abs=1e-3)
    assert whole.guard_chance(cut) == pytest.approx(1 - whole.chance_above(cut), abs=1e-12)
    assert whole.mean.tolist() == Normal.mean.tolist()


@pytest.mark.parametrize("error", [2.0, 20.0, 1000.0])
def test_a_posterior_that_is_narrow_beside_the_common_error_is_met_too(error):
    whole = CommonError(Normal(), error)
    wide = np.hypot(Normal.standard_deviation, error)
    for cut in error * np.linspace(-2.5, 2.5, 101):
        exact = stats.norm.sf(cut, Normal.mean, wide)
        assert whole.chance_above(cut) == pytest.approx(exact, abs=0.0035)


def test_no_common_error_changes_nothing():
    model = fit_normal_model(np.array([1.0, 5.0, 9.0, 2.0]), np.array([1.0, 2.0, 1.0, 1.5]))
    same = CommonError(model, 0.0)
    for cut in (0.0, 3.0):
        assert same.chance_above(cut) == pytest.approx(model.chance_above(cut), rel=1e-9)


def test_chances_are_true_where_an_error_is_shared_and_too_sure_without_it():
    # one comparison group: its luck moves all 40 programs at once, in each of 600 studies whose
    # mean may be anything, as the flat prior says
    rng = np.random.default_rng(1)
    said, told, true = [], [], []
    for _ in range(600):
        values = rng.normal(rng.uniform(-5.0, 5.0), 1.0, 40)
        common = rng.normal(0.0, 1.0)
        own = rng.uniform(0.5, 1.5, 40)
        seen = values + common + rng.normal(0.0, own)
        model = fit_normal_model(seen, own, tau_prior="flat")
        said.append(CommonError(model, 1.0).chance_above(0.0))
        told.append(model.chance_above(0.0))
        true.append(values > 0)
    said, told, true = (np.concatenate(one) for one in (said, told, true))
    sure = told > 0.95
    assert true[sure & (said < 0.9)].mean() < 0.9
    for low, high in ((0.0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.0)):
        inside = (said >= low) & (said < high)
        # programs of one study share their error: 600 studies, standard error about .02
        assert true[inside].mean() == pytest.approx(said[inside].mean(), abs=0.06)


def test_a_covariance_is_split_into_own_and_common():
    own, common = np.array([1.0, 2.0, 3.0]), 0.7
    matrix = np.diag(own**2) + common**2
    found = split_covariance(matrix)
    assert found[0] == pytest.approx(own)
    assert found[1] == pytest.approx(common)
    # what two programs share below zero is no common error
    assert split_covariance(np.array([[1.0, -0.5], [-0.5, 1.0]]))[1] == 0.0


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (np.ones((2, 3)), r"shape \(2, 3\)"),
        (np.eye(1), r"shape \(1, 1\)"),
        (np.array([[1.0, 0.2], [0.3, 1.0]]), "not symmetric"),
        (np.array([[0.0, 0.0], [0.0, 1.0]]), "a variance is not above 0"),
        (np.array([[np.inf, 0.0], [0.0, 1.0]]), "not finite"),
    ],
)
def test_what_is_no_covariance_is_refused(matrix, words):
    with pytest.raises(WorkbenchError, match=words):
        split_covariance(matrix)


def test_programs_and_covariance_of_two_runs_are_refused():
    effects = pd.DataFrame(
        {"program": ["a", "b"], "estimate": 1.0, "people": 20, "validity": "administrative"}
    )
    other = pd.DataFrame({"program": ["a", "c"], "a": [1.0, 0.0], "c": [0.0, 1.0]})
    with pytest.raises(WorkbenchError, match="not of the programs whose effects are given"):
        effect_estimates(effects, other, periods_a_year=4)


def test_rating_with_a_shared_error_is_less_sure_and_keeps_the_order():
    rng = np.random.default_rng(2)
    rules = load_framework()
    programs = pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(40)],
            "estimate": rng.normal(3000, 2500, 40),
            "standard_error": rng.uniform(400, 900, 40),
            "n": 100.0,
            "validity": "randomised",
        }
    )
    alone = rate_set(programs, rules).frame
    together = rate_set(programs, rules, common_standard_error=1500.0).frame
    assert together["shrunk"].tolist() == pytest.approx(alone["shrunk"].tolist())
    top = alone["estimate"].idxmax()
    bottom = alone["estimate"].idxmin()
    assert together.loc[top, "chance_not_above"] > alone.loc[top, "chance_not_above"]
    assert together.loc[bottom, "chance_not_above"] < alone.loc[bottom, "chance_not_above"]
    assert together["tier_probability"].mean() < alone["tier_probability"].mean()


def test_parts_of_the_common_error_are_worked_out_once(monkeypatch):
    one = CommonError(fit_normal_model(np.array([1.0, 2.0, 4.0]), np.ones(3)), 0.5)
    first = one.chance_above(2.0)
    monkeypatch.setattr(stats.norm, "ppf", lambda *_: pytest.fail("worked out again"))
    assert one.chance_above(2.0).tolist() == first.tolist()
