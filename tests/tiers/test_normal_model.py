"""The model of true values: analytic truths, numerical twins, and figures of a real trial."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from analysis.errors import WorkbenchError
from analysis.tables.trials import read_jtpa_women
from analysis.tiers.heterogeneity import generalised_q, heterogeneity_test, power
from analysis.tiers.normal_model import fit_normal_model
from analysis.tiers.pairs import can_be_told_apart, pair_probabilities


def test_with_a_wide_spread_an_estimate_stands_and_with_none_all_are_one() -> None:
    y, s = np.array([0.0, 10.0, 500.0]), np.ones(3)
    model = fit_normal_model(y, s, tau_prior="flat")
    np.testing.assert_allclose(model.mean, y, atol=0.1)
    same = fit_normal_model(np.full(40, 3.0), np.ones(40), tau_prior="flat", tau_maximum=1e-9)
    np.testing.assert_allclose(same.mean, 3.0, atol=1e-6)
    np.testing.assert_allclose(same.standard_deviation, 1 / np.sqrt(40), rtol=1e-6)


def test_the_posterior_equals_numerical_integration() -> None:
    y, s = np.array([1.0, -0.5, 2.5, 0.2]), np.array([0.6, 1.0, 0.8, 0.5])
    limit = 4.0
    model = fit_normal_model(y, s, tau_prior="flat", tau_maximum=limit, grid_size=400)

    def joint(mu: float, tau: float) -> float:
        return float(np.prod(stats.norm.pdf(y, mu, np.sqrt(s**2 + tau**2))))

    def chance(mu: float, tau: float, cut: float) -> float:
        own = tau**2 / (tau**2 + s[0] ** 2)
        mean, sd = own * y[0] + (1 - own) * mu, np.sqrt(own) * s[0]
        above = float(stats.norm.sf((cut - mean) / sd)) if sd > 0 else float(mean > cut)
        return joint(mu, tau) * above

    options = {"epsabs": 1e-9, "epsrel": 1e-7}
    total = integrate.dblquad(joint, 0, limit, -8, 10, **options)[0]
    for cut in (0.0, 1.0):
        part = integrate.dblquad(
            lambda m, t, c=cut: chance(m, t, c), 1e-9, limit, -8, 10, **options
        )
        assert model.chance_above(cut)[0] == pytest.approx(part[0] / total, abs=2e-4)


def test_two_levels_equal_a_direct_normal_computation() -> None:
    """At fixed spreads the posterior is a plain multivariate normal, computed here by inversion."""
    y = np.array([1.0, 2.0, 4.0, -1.0, 0.5])
    s = np.array([0.5, 1.0, 0.7, 0.9, 0.4])
    field = np.array(["a", "a", "b", "b", "c"])
    model = fit_normal_model(y, s, field, tau_prior="flat", grid_size=12, rounds=1)
    k = int(np.argmax(model.weights))
    tau, omega = model.tau[k], model.omega[k]
    # unknowns: five true values, three field means, one grand mean with a flat prior
    precision = np.zeros((9, 9))
    precision[range(5), range(5)] += 1 / s**2
    links = [(j, 5 + "abc".index(name), tau) for j, name in enumerate(field)]
    links += [(5 + f, 8, omega) for f in range(3)]
    for one, other, spread in links:
        for i, j, sign in ((one, one, 1), (other, other, 1), (one, other, -1), (other, one, -1)):
            precision[i, j] += sign / spread**2
    covariance = np.linalg.inv(precision)
    expected = covariance[:, :5] @ (y / s**2)
    np.testing.assert_allclose(model.means[k], expected[:5], atol=1e-9)
    np.testing.assert_allclose(model.deviations[k], np.sqrt(np.diag(covariance))[:5], rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-50, 50), min_size=3, max_size=12),
    st.floats(-1000, 1000),
    st.floats(0.01, 100),
)
def test_shift_and_unit_change_nothing_but_shift_and_unit(
    values: list[float], shift: float, unit: float
) -> None:
    y = np.array(values)
    s = np.linspace(1.0, 2.0, len(y))
    plain = fit_normal_model(y, s, grid_size=20)
    moved = fit_normal_model(shift + unit * y, unit * s, grid_size=20)
    np.testing.assert_allclose(
        moved.mean, shift + unit * plain.mean, atol=1e-5 * (unit + abs(shift))
    )
    chances = plain.chance_above(3.0), moved.chance_above(shift + unit * 3.0)
    np.testing.assert_allclose(chances[0], chances[1], atol=1e-5)


def test_bad_input_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="not positive"):
        fit_normal_model([1.0, 2.0], [1.0, 0.0])
    with pytest.raises(WorkbenchError, match="do not match"):
        fit_normal_model([1.0, 2.0], [1.0])
    with pytest.raises(WorkbenchError, match="missing, infinite"):
        fit_normal_model([1.0, np.nan], [1.0, 1.0])


def test_q_and_its_profile_agree_with_their_definition() -> None:
    y, s = np.array([0.0, 3.0, 6.0, 1.0]), np.array([1.0, 1.2, 0.8, 1.0])
    found = heterogeneity_test(y, s)
    assert generalised_q(y, s, found.tau) == pytest.approx(3.0, abs=1e-6)
    assert generalised_q(y, s, found.tau_high) == pytest.approx(stats.chi2.ppf(0.025, 3), abs=1e-6)
    assert generalised_q(y, s, found.tau_low) == pytest.approx(stats.chi2.ppf(0.975, 3), abs=1e-6)


@pytest.fixture(scope="module")
def sites(mirror: Path) -> pd.DataFrame:
    people = read_jtpa_women(mirror / "trials" / "jtpa_women.rda").frame
    outcome = people.groupby(["stratum", "treated"])["earnings_30_months"]
    table = outcome.agg(["mean", "var", "count"]).unstack()
    return pd.DataFrame(
        {
            "effect": table["mean"][1] - table["mean"][0],
            "se": np.sqrt(
                table["var"][1] / table["count"][1] + table["var"][0] / table["count"][0]
            ),
        }
    )


def test_sites_of_the_jtpa_trial_cannot_be_told_apart(sites: pd.DataFrame) -> None:
    found = heterogeneity_test(sites["effect"], sites["se"])
    assert found.q == pytest.approx(11.46, abs=0.005)
    assert found.p_value == pytest.approx(0.72, abs=0.005)
    assert found.tau == 0.0
    # published as 1,755 from a grid of steps of 5
    assert found.tau_high == pytest.approx(1755, abs=5)
    for tau, expected in ((500, 0.11), (1000, 0.33), (1500, 0.68), (2000, 0.89)):
        assert power(sites["se"], tau, seed=1) == pytest.approx(expected, abs=0.015)
    model = fit_normal_model(
        sites["effect"], sites["se"], tau_prior="flat", tau_maximum=4000, grid_size=200
    )
    mean = pd.Series(model.mean, index=sites.index)
    assert mean["CC"] == pytest.approx(920, abs=2)
    assert mean["PR"] == pytest.approx(1425, abs=2)
    none = pd.Series(1 - model.chance_above(0.0), index=sites.index)
    assert none["IN"] == pytest.approx(0.005, abs=0.001)
    assert none["OH"] == pytest.approx(0.095, abs=0.001)
    assert (none <= 0.05).sum() == 11
    assert model.tau_interval()[0] == pytest.approx(406, abs=10)
    pairs = pair_probabilities(model, sites["se"])
    assert pairs.max() == pytest.approx(0.71, abs=0.01)
    assert not can_be_told_apart(pairs, found.p_value, alpha=0.05, needed=0.8)
    cautious = fit_normal_model(sites["effect"], sites["se"], tau_maximum=4000, grid_size=200)
    assert (1 - cautious.chance_above(0.0) <= 0.05).sum() == 6
