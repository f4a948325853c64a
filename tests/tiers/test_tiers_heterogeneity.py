"""Whether programs differ, how small ones change the test, and whether precision matters."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from analysis.errors import WorkbenchError
from analysis.tiers.heterogeneity import (
    bootstrap_p_value,
    generalised_q,
    heterogeneity_test,
    power,
)
from analysis.tiers.precision import slope_on_precision

Y = np.array([0.0, 3.0, 6.0, 1.0, 2.5])
S = np.array([1.0, 1.2, 0.8, 1.0, 1.4])


def test_q_and_its_profile_agree_with_their_definition() -> None:
    found = heterogeneity_test(Y, S)
    assert generalised_q(Y, S, found.tau) == pytest.approx(4.0, abs=1e-8)
    assert generalised_q(Y, S, found.tau_high) == pytest.approx(stats.chi2.ppf(0.025, 4), abs=1e-8)
    assert generalised_q(Y, S, found.tau_low) == pytest.approx(stats.chi2.ppf(0.975, 4), abs=1e-8)


def test_q_and_tau_equal_statsmodels() -> None:
    twin = combine_effects(Y, S**2, method_re="iterated", atol=1e-12)
    found = heterogeneity_test(Y, S)
    assert found.q == pytest.approx(twin.q, rel=1e-12)
    assert found.p_value == pytest.approx(twin.test_homogeneity().pvalue, rel=1e-12)
    assert found.tau**2 == pytest.approx(twin.tau2, rel=1e-6)


def test_units_and_shifts_move_the_spread_as_they_should() -> None:
    found, moved = heterogeneity_test(Y, S), heterogeneity_test(7 + 1e5 * Y, 1e5 * S)
    assert moved.q == pytest.approx(found.q, rel=1e-9)
    assert moved.tau == pytest.approx(1e5 * found.tau, rel=1e-9)
    assert moved.tau_high == pytest.approx(1e5 * found.tau_high, rel=1e-9)


def test_one_program_says_nothing() -> None:
    found = heterogeneity_test([5.0], [1.0])
    assert (found.p_value, found.tau_low, found.tau_high) == (1.0, 0.0, float("inf"))
    assert power([1.0], 10.0, seed=1) == 0.0


def test_the_profile_interval_covers_as_stated() -> None:
    generator = np.random.default_rng(8)
    s = np.exp(0.5 * generator.normal(size=12))
    inside = 0
    for _ in range(400):
        y = generator.normal(size=12) + s * generator.normal(size=12)
        found = heterogeneity_test(y, s)
        inside += found.tau_low <= 1.0 <= found.tau_high
    # two Monte Carlo standard errors of .95 in 400 draws are .022
    assert inside / 400 == pytest.approx(0.95, abs=0.022)


def test_known_errors_bring_the_bootstrap_back_to_chi_square() -> None:
    p = bootstrap_p_value(Y / 2, S, [np.inf] * 5, seed=3, draws=40_000)
    assert p == pytest.approx(heterogeneity_test(Y / 2, S).p_value, abs=0.008)


def test_few_people_need_the_bootstrap() -> None:
    """Eight programs with errors on 4 degrees of freedom and no differences."""
    generator = np.random.default_rng(12)
    chi, boot = 0, 0
    for draw in range(200):
        y = generator.normal(size=8)
        s = np.sqrt(generator.chisquare(4, 8) / 4)
        chi += heterogeneity_test(y, s).p_value <= 0.05
        boot += bootstrap_p_value(y, s, [4.0] * 8, draws=400, seed=draw) <= 0.05
    assert chi / 200 > 0.20
    assert boot / 200 < 0.10


def test_power_has_its_closed_form_when_errors_are_equal() -> None:
    limit = stats.chi2.ppf(0.95, 9)
    for tau in (0.0, 0.5, 1.0, 2.0):
        exact = stats.chi2.sf(limit / (1 + tau**2), 9)
        assert power(np.ones(10), tau, seed=4) == pytest.approx(exact, abs=0.011)


def test_simulated_power_does_not_depend_on_how_it_is_cut_into_batches() -> None:
    """Many programs: drawn in parts to spare memory, and close to the normal limit."""
    found = power(np.ones(3000), 0.2, seed=5, draws=3000)
    exact = stats.chi2.sf(stats.chi2.ppf(0.95, 2999) / 1.04, 2999)
    assert found == pytest.approx(exact, abs=0.03)


def test_bad_input_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="do not match"):
        heterogeneity_test([1.0, 2.0], [1.0])
    with pytest.raises(WorkbenchError, match="degrees_of_freedom"):
        bootstrap_p_value([1.0, 2.0], [1.0, 1.0], [0.0, 3.0], seed=1)
    with pytest.raises(WorkbenchError, match="three or more"):
        slope_on_precision([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(WorkbenchError, match="all standard errors are alike"):
        slope_on_precision([1.0, 2.0, 3.0], [1.0, 1.0, 1.0])


def test_slope_on_precision_is_the_weighted_regression_of_statsmodels() -> None:
    generator = np.random.default_rng(2)
    s = np.exp(0.5 * generator.normal(size=25))
    y = 1 + 0.8 * np.log(s) + generator.normal(size=25) * np.sqrt(1 + s**2)
    found = slope_on_precision(y, s)
    weights = 1 / (s**2 + found.tau**2)
    twin = sm.WLS(y, sm.add_constant(np.log(s)), weights=weights).fit(
        cov_type="fixed scale", use_t=False
    )
    assert found.slope == pytest.approx(twin.params[1], rel=1e-9)
    assert found.standard_error == pytest.approx(twin.bse[1], rel=1e-9)
    assert found.p_value == pytest.approx(twin.pvalues[1], rel=1e-7)
    # the spread that is left makes the weighted residuals as large as their degrees of freedom
    assert np.sum(weights * twin.resid**2) == pytest.approx(23, abs=1e-6)


def test_slope_is_rarely_clear_without_one_and_mostly_with_one() -> None:
    clear = {0.0: 0, -0.7: 0}
    for correlation in clear:
        for draw in range(300):
            generator = np.random.default_rng([9, draw])
            log_error = generator.normal(size=200)
            s = np.exp(0.5 * log_error)
            theta = correlation * log_error
            theta += np.sqrt(1 - correlation**2) * generator.normal(size=200)
            clear[correlation] += slope_on_precision(
                theta + s * generator.normal(size=200), s
            ).clear
    assert clear[0.0] / 300 == pytest.approx(0.046, abs=0.025)
    assert clear[-0.7] / 300 > 0.95
