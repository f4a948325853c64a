"""Cost per dollar gained: hand-worked, twin by 2SLS, coverage where the gain is small."""

import numpy as np
import pytest
from linearmodels.iv import IV2SLS

from analysis.effects.cost import cost_per_dollar_gained
from analysis.errors import WorkbenchError


def test_by_hand_with_a_known_cost():
    # arms' means 15 and 10: 2.5 over 5; variances 20/3/4 and 2/3/4, so 5.5/3
    found = cost_per_dollar_gained([12.0, 14, 16, 18, 9, 10, 11, 10], [1] * 4 + [0] * 4, 2.5)
    assert found.estimate == 0.5
    assert found.standard_error == pytest.approx(0.5 * (5.5 / 3) ** 0.5 / 5, rel=1e-12)
    # Fieller with a known numerator: cost over the gain's own interval
    reach = 1.959963984540054 * (5.5 / 3) ** 0.5
    assert found.fieller_interval == pytest.approx((2.5 / (5 + reach), 2.5 / (5 - reach)))


def test_equal_to_two_stage_least_squares():
    rng = np.random.default_rng(1)
    treated = np.arange(300) % 2
    cost = 500 + 3_000 * treated * rng.random(300)
    earned = 9_000 + 2_000 * treated + 0.5 * cost + 1_000 * rng.normal(size=300)
    found = cost_per_dollar_gained(earned, treated, cost)
    twin = IV2SLS(cost, np.ones(300), earned, treated.astype(float)).fit(cov_type="robust")
    assert found.estimate == pytest.approx(twin.params.iloc[1], rel=1e-8)
    # n/(n - 1) in each arm of 150
    assert found.standard_error == pytest.approx(
        twin.std_errors.iloc[1] * (150 / 149) ** 0.5, rel=1e-8
    )


def test_fieller_covers_where_the_delta_method_does_not():
    fieller = delta = 0
    for seed in range(1_000):
        rng = np.random.default_rng(seed)
        treated = np.arange(200) % 2
        cost = 3_000 * treated + 200 * rng.normal(size=200)
        # a gain of two standard errors
        earned = 1_000 * treated + 3_500 * rng.normal(size=200)
        found = cost_per_dollar_gained(earned, treated, cost)
        low, high = found.fieller_interval
        inside = low <= 3 <= high
        fieller += (not low < 3 < high) if found.fieller_is_outside else inside
        delta += found.delta_interval[0] <= 3 <= found.delta_interval[1]
    # 1,000 draws: standard error .007
    assert 0.93 < fieller / 1_000 < 0.97
    assert abs(fieller / 1_000 - 0.95) < abs(delta / 1_000 - 0.95)


def test_no_gain_is_refused_and_a_misfit_is_named():
    with pytest.raises(WorkbenchError, match="denominator is 0"):
        cost_per_dollar_gained([1.0, 3, 1, 3], [1, 1, 0, 0], 5.0)
    with pytest.raises(WorkbenchError, match="differ in length"):
        cost_per_dollar_gained([1.0, 3, 1, 4], [1, 1, 0, 0], [1.0, 2.0])
