"""The model of true values: analytic truths, numerical twins, and figures of a real trial."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from analysis.errors import WorkbenchError
from analysis.tables.published_trials import read_jtpa_women
from analysis.tiers.heterogeneity import bootstrap_p_value, heterogeneity_test, power
from analysis.tiers.labels import label_programs
from analysis.tiers.normal_model import fit_normal_model
from analysis.tiers.pairs import pair_probabilities
from analysis.tiers.precision import slope_on_precision


def test_with_a_wide_spread_an_estimate_stands_and_with_none_all_are_one() -> None:
    y, s = np.array([0.0, 10.0, 500.0]), np.ones(3)
    model = fit_normal_model(y, s, tau_prior="flat")
    np.testing.assert_allclose(model.mean, y, atol=0.1)
    same = fit_normal_model(np.full(40, 3.0), np.ones(40), tau_prior="flat", tau_maximum=1e-9)
    np.testing.assert_allclose(same.mean, 3.0, atol=1e-6)
    np.testing.assert_allclose(same.standard_deviation, 1 / np.sqrt(40), rtol=1e-6)


def test_the_posterior_equals_numerical_integration() -> None:
    """The mean and the spread integrated numerically, instead of one in closed form."""
    y, s, limit = np.array([1.0, -0.5, 2.5, 0.2]), np.array([0.6, 1.0, 0.8, 0.5]), 4.0
    model = fit_normal_model(y, s, tau_prior="flat", tau_maximum=limit, grid_size=400)
    mu, tau = np.linspace(-12, 14, 1301)[:, None], np.linspace(1e-9, limit, 401)[None, :]
    joint = np.ones((1301, 401))
    for estimate, error in zip(y, s, strict=True):
        joint *= stats.norm.pdf(estimate, mu, np.sqrt(error**2 + tau**2))

    def integral(values: np.ndarray) -> float:
        return float(integrate.simpson(integrate.simpson(values, x=tau[0]), x=mu[:, 0]))

    for program in range(4):
        own = tau**2 / (tau**2 + s[program] ** 2)
        mean, deviation = own * y[program] + (1 - own) * mu, np.sqrt(own) * s[program]
        for cut in (0.0, 1.0):
            below = integral(joint * stats.norm.cdf((cut - mean) / deviation)) / integral(joint)
            assert model.chance_at_or_below(cut)[program] == pytest.approx(below, abs=5e-5)
            assert model.chance_above(cut)[program] == pytest.approx(1 - below, abs=5e-5)
        first = integral(joint * mean) / integral(joint)
        second = integral(joint * (deviation**2 + mean**2)) / integral(joint)
        assert model.mean[program] == pytest.approx(first, abs=1e-4)
        spread = model.standard_deviation[program]
        assert spread == pytest.approx(np.sqrt(second - first**2), abs=1e-4)


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


def test_pairs_equal_a_direct_normal_computation() -> None:
    """True values that lean on one uncertain mean are correlated; here by inverting a matrix."""
    y, s = np.array([1.0, 2.0, 4.0, -1.0]), np.array([0.3, 3.0, 0.7, 1.5])
    model = fit_normal_model(y, s, tau_prior="flat", grid_size=30)
    expected = np.zeros((4, 4))
    for weight, tau in zip(model.weights, np.maximum(model.tau, 1e-4), strict=True):
        precision = np.diag(np.append(1 / s**2 + 1 / tau**2, 4 / tau**2))
        precision[:4, 4] = precision[4, :4] = -1 / tau**2
        covariance = np.linalg.inv(precision)[:4, :4]
        mean, own = covariance @ (y / s**2), np.diag(covariance)
        deviation = np.sqrt(own[:, None] + own[None, :] - 2 * covariance)
        np.fill_diagonal(deviation, 1.0)
        expected += weight * stats.norm.cdf((mean[:, None] - mean[None, :]) / deviation)
    np.testing.assert_allclose(pair_probabilities(model, s), expected, atol=2e-4)
    with pytest.raises(WorkbenchError, match="without fields"):
        pair_probabilities(fit_normal_model(y, s, ["a", "a", "b", "b"]), s)


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


def test_one_program_is_its_own_estimate() -> None:
    model = fit_normal_model([3.0], [2.0])
    assert model.mean[0] == pytest.approx(3.0, abs=1e-12)
    assert model.standard_deviation[0] == pytest.approx(2.0, rel=1e-12)
    assert model.chance_at_or_below(0.0)[0] == pytest.approx(stats.norm.cdf(-1.5), rel=1e-12)


def test_given_a_spread_each_point_of_the_mixture_is_the_textbook_posterior() -> None:
    y, s = np.array([1.0, -0.5, 2.5, 0.2]), np.array([0.6, 1.0, 0.8, 0.5])
    model = fit_normal_model(y, s, tau_prior="flat")
    for k in (0, len(model.tau) // 2, len(model.tau) - 1):
        tau = model.tau[k]
        precision = 1 / (s**2 + tau**2)
        centre = np.sum(precision * y) / precision.sum()
        own = tau**2 / (tau**2 + s**2)
        variance = own * s**2 + (1 - own) ** 2 / precision.sum()
        np.testing.assert_allclose(model.means[k], own * y + (1 - own) * centre, rtol=1e-12)
        np.testing.assert_allclose(model.deviations[k] ** 2, variance, rtol=1e-12)


@pytest.mark.parametrize(("tau_prior", "power_of_tau"), [("flat", 0), ("proportional", 1)])
def test_equal_errors_have_a_closed_form_in_one_integral(tau_prior: str, power_of_tau: int) -> None:
    y, s, limit = np.array([0.0, 1.0, 5.0, 2.0, -3.0]), 1.3, 8.0
    squares, count = float(np.sum((y - y.mean()) ** 2)), len(y)

    def density(tau: float) -> float:
        total = s**2 + tau**2
        return tau**power_of_tau * total ** (-(count - 1) / 2) * np.exp(-squares / (2 * total))

    whole = integrate.quad(density, 0, limit, epsabs=1e-13)[0]
    own = integrate.quad(lambda t: density(t) * t**2 / (t**2 + s**2), 0, limit, epsabs=1e-13)[0]
    model = fit_normal_model(
        y, np.full(count, s), tau_prior=tau_prior, tau_maximum=limit, grid_size=400, rounds=1
    )
    np.testing.assert_allclose(model.own_weight, own / whole, rtol=1e-4)
    np.testing.assert_allclose(model.mean, y.mean() + own / whole * (y - y.mean()), rtol=1e-3)
    middle, low, high = model.tau_interval(0.90)
    for point, share in ((low, 0.05), (middle, 0.5), (high, 0.95)):
        assert integrate.quad(density, 0, point)[0] / whole == pytest.approx(share, abs=1e-3)


def test_fields_that_differ_hold_their_programs_and_one_program_fields_lean_on_all() -> None:
    """Two clear fields: shrink to one's own; a lone program: to the middle, between both."""
    generator = np.random.default_rng(3)
    field = np.repeat(["low", "high", "alone"], [40, 40, 1])
    y = np.where(field == "low", 0.0, 10.0) + generator.normal(0, 1.2, 81)
    y[80] = 30.0
    model = fit_normal_model(y, np.full(81, 1.0), field)
    without = fit_normal_model(y[:80], np.full(80, 1.0))
    # known fields explain what otherwise looks like spread between programs
    assert model.tau_interval()[0] < 1.5 < 3 < without.tau_interval()[0]
    assert np.ptp(model.field_mean[:40]) == 0
    assert model.field_mean[0] == pytest.approx(y[:40].mean(), abs=0.15)
    assert model.field_mean[40] == pytest.approx(y[40:80].mean(), abs=0.15)
    assert y[:40].mean() < model.field_mean[80] < 30.0
    assert model.standard_deviation[80] > model.standard_deviation[0]


def test_one_field_for_all_is_no_field() -> None:
    y, s = np.array([1.0, -0.5, 2.5, 0.2]), np.array([0.6, 1.0, 0.8, 0.5])
    plain, named = fit_normal_model(y, s), fit_normal_model(y, s, ["a"] * 4)
    np.testing.assert_array_equal(plain.mean, named.mean)
    np.testing.assert_array_equal(named.omega, 0.0)


def test_the_grid_is_fine_enough_and_five_thousand_programs_are_no_trouble() -> None:
    generator = np.random.default_rng(11)
    s = np.exp(0.5 * generator.normal(size=5000))
    field = generator.integers(0, 40, 5000).astype(str)
    y = 0.5 + generator.normal(size=5000) + s * generator.normal(size=5000)
    coarse = fit_normal_model(y, s, field)
    fine = fit_normal_model(y, s, field, grid_size=80, rounds=4)
    np.testing.assert_allclose(coarse.chance_above(0.0), fine.chance_above(0.0), atol=2e-4)
    assert coarse.tau_interval()[0] == pytest.approx(1.0, abs=0.06)


def test_agreement_by_chance_is_no_certainty_that_all_are_equal() -> None:
    """Two estimates that happen to agree say little about a spread that noise would hide."""
    model = fit_normal_model([1000.0, 1001.0], [1000.0, 1000.0])
    assert model.tau_interval()[2] > 1000
    assert model.standard_deviation[0] > 1000 / np.sqrt(2)


@pytest.mark.parametrize("programs", [8, 60])
def test_no_differences_planted_gives_no_false_certainty(programs: int) -> None:
    """All true values 0: a plug-in spread of 0 flags every program in 5 draws of 100."""
    flagged, plugged = [], []
    for draw in range(300):
        y = np.random.default_rng([21, programs, draw]).normal(size=programs)
        model = fit_normal_model(y, np.ones(programs), grid_size=24, rounds=2)
        flagged.append(np.mean(model.chance_at_or_below(0.0) <= 0.05))
        plugged.append(float(stats.norm.cdf(-y.mean() * np.sqrt(programs)) <= 0.05))
    assert np.mean(flagged) < 0.025 < np.mean(plugged)


@pytest.fixture(scope="module")
def sites(mirror: Path) -> pd.DataFrame:
    people = read_jtpa_women(mirror / "trials" / "jtpa_women.rda").frame
    outcome = people.groupby(["stratum", "treated"])["earnings_30_months"]
    table = outcome.agg(["mean", "var", "count"]).unstack()
    variance = table["var"] / table["count"]
    # Welch and Satterthwaite
    freedom = variance.sum(axis=1) ** 2 / (variance**2 / (table["count"] - 1)).sum(axis=1)
    effect = table["mean"][1] - table["mean"][0]
    return pd.DataFrame({"effect": effect, "se": np.sqrt(variance.sum(axis=1)), "freedom": freedom})


def test_sites_of_the_jtpa_trial_are_not_shown_to_differ(sites: pd.DataFrame) -> None:
    found = heterogeneity_test(sites["effect"], sites["se"])
    assert found.q == pytest.approx(11.46, abs=0.005)
    assert found.p_value == pytest.approx(0.72, abs=0.005)
    assert (found.tau, found.tau_low) == (0.0, 0.0)
    # published as 1,755 from a grid of steps of 5
    assert found.tau_high == pytest.approx(1755, abs=5)
    for tau, expected in ((500, 0.11), (1000, 0.33), (1500, 0.68), (2000, 0.89)):
        assert power(sites["se"], tau, seed=1) == pytest.approx(expected, abs=0.012)
    # published by re-drawing the treatment within sites: .725
    few = bootstrap_p_value(sites["effect"], sites["se"], sites["freedom"], seed=1)
    assert few == pytest.approx(0.725, abs=0.015)
    assert not slope_on_precision(sites["effect"], sites["se"]).clear


def test_posterior_of_the_jtpa_sites_has_its_published_values(sites: pd.DataFrame) -> None:
    effect, error = sites["effect"], sites["se"]
    model = fit_normal_model(effect, error, tau_prior="flat", tau_maximum=4000, grid_size=200)
    mean = pd.Series(model.mean, index=sites.index)
    assert (mean.idxmin(), mean.idxmax()) == ("CC", "PR")
    assert mean["CC"] == pytest.approx(920, abs=1)
    assert mean["PR"] == pytest.approx(1425, abs=1)
    none = pd.Series(model.chance_at_or_below(0.0), index=sites.index)
    assert none["IN"] == pytest.approx(0.005, abs=0.0005)
    assert none["OH"] == pytest.approx(0.095, abs=0.0005)
    assert (none <= 0.05).sum() == 11
    # the published 95 % is one-sided: the upper end of a 90 % interval
    assert model.tau_interval(0.90)[0] == pytest.approx(406, abs=5)
    assert model.tau_interval(0.90)[2] == pytest.approx(1287, abs=5)
    pairs = pair_probabilities(model, error)
    assert pairs.max() == pytest.approx(0.71, abs=0.005)
    np.testing.assert_allclose(pairs + pairs.T, 1.0, atol=1e-12)
    p_value = heterogeneity_test(effect, error).p_value
    assert p_value > 0.05


def test_the_cautious_prior_passes_fewer_jtpa_sites_and_labels_one_tier(
    sites: pd.DataFrame,
) -> None:
    effect, error = sites["effect"], sites["se"]
    cautious = fit_normal_model(effect, error, tau_maximum=4000, grid_size=200)
    none = cautious.chance_at_or_below(0.0)
    assert none.min() == pytest.approx(0.010, abs=0.0005)
    assert none.max() == pytest.approx(0.203, abs=0.0005)
    assert (none <= 0.05).sum() == 6
    assert cautious.tau_interval()[0] == pytest.approx(753, abs=8)
    assert pair_probabilities(cautious, error).max() == pytest.approx(0.805, abs=0.001)
    tiers = label_programs(
        cautious,
        cuts=[0.0, 2500.0, 5000.0],
        labels=["A", "B", "C", "D"],
        benchmark=0.0,
        guard=0.05,
    )
    assert set(tiers["tier"]) == {"C"}


@pytest.mark.parametrize(("maximum", "expected"), [(1000, 0.037), (2000, 0.082), (4000, 0.111)])
def test_three_groups_leave_the_answer_to_the_prior(maximum: float, expected: float) -> None:
    """Effects of the JTPA trial on Black, white and Hispanic women, as published."""
    model = fit_normal_model(
        [1744.0, 1179.0, 484.0],
        [658.0, 472.0, 953.0],
        tau_prior="flat",
        tau_maximum=maximum,
        grid_size=200,
    )
    assert model.chance_at_or_below(0.0)[2] == pytest.approx(expected, abs=0.001)


def test_how_sure_the_mean_of_a_field_is_does_not_hang_on_where_it_lies() -> None:
    """By the law of total variance over the grid, and the same after a shift."""
    y, s = np.array([1.0, -0.5, 2.5, 0.2]), np.array([0.6, 1.0, 0.8, 0.5])
    found, moved = fit_normal_model(y, s), fit_normal_model(y + 40.0, s)
    precision = 1 / (s**2 + found.tau[:, None] ** 2)
    mean = (precision @ y) / precision.sum(1)
    centre = found.weights @ mean
    expected = found.weights @ (1 / precision.sum(1) + (mean - centre) ** 2)
    np.testing.assert_allclose(found.field_mean, centre, rtol=1e-12)
    np.testing.assert_allclose(found.field_variance, expected, rtol=1e-9)
    np.testing.assert_allclose(moved.field_variance, expected, rtol=1e-9)
    # two fields, one of them far off: the same for each
    fields = ["a", "a", "b", "b"]
    two, other = (fit_normal_model(y + shift, s, fields) for shift in (0.0, 40.0))
    assert (two.field_variance > 0).all()
    np.testing.assert_allclose(other.field_variance, two.field_variance, rtol=1e-6)
