"""Quantile and threshold effects: hand-worked, equal to other libraries, right in simulation."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.effects.distribution import quantile_effect, threshold_effect
from analysis.errors import WorkbenchError

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=25)


def earnings(rng: np.random.Generator, n: int, shift: float, zero: float = 0.2) -> np.ndarray:
    return np.where(rng.random(n) < zero, 0.0, np.exp(9 + shift + 0.8 * rng.normal(size=n)))


def true_quantile(quantile: float, shift: float, zero: float = 0.2) -> float:
    inside = (quantile - zero) / (1 - zero)
    return float(np.exp(9 + shift + 0.8 * stats.norm.ppf(inside))) if inside > 0 else 0.0


def test_by_hand():
    # twenty equally spaced: the error of the share is sqrt(.25/19) = .1147, so that .5 -+ .2248
    # of twenty lie 4.496 from the median
    found = quantile_effect([*range(20), *range(10, 30)], [0] * 20 + [1] * 20, 0.5)
    assert (found.treated, found.control) == pytest.approx((19.5, 9.5), rel=1e-12)
    assert found.estimate == pytest.approx(10.0, rel=1e-12)
    reach = 20 * 1.959963984540054 * (0.25 / 19) ** 0.5 * 2**0.5
    assert found.interval == pytest.approx((10 - reach, 10 + reach), rel=1e-9)
    assert not found.at_mass


@pytest.mark.parametrize("quantile", [0.25, 0.5, 0.9])
def test_point_estimate_equals_quantile_regression(quantile):
    rng = np.random.default_rng(3)
    treated = np.arange(401) % 2
    y = earnings(rng, 401, 0.2 * treated, zero=0.0)
    fit = sm.QuantReg(y, sm.add_constant(treated.astype(float))).fit(
        q=quantile, max_iter=5_000, p_tol=1e-10
    )
    found = quantile_effect(y, treated, quantile)
    # where several values minimise the loss, both lie between neighbours in rank
    for value, twin in (
        (found.control, fit.params[0]),
        (found.treated, fit.params.sum()),
    ):
        arm = np.sort(y[treated == (value == found.treated)])
        ranks = np.searchsorted(arm, [value, twin - 1e-6])
        assert abs(int(ranks[0]) - int(ranks[1])) <= 1


def test_interval_is_as_wide_as_a_bootstraps():
    rng = np.random.default_rng(8)
    y1, y0 = earnings(rng, 1500, 0.2, 0.0), earnings(rng, 1500, 0.0, 0.0)
    found = quantile_effect(np.r_[y1, y0], [1] * 1500 + [0] * 1500, 0.5)
    twin = stats.bootstrap(
        (y1, y0), lambda a, b, axis: np.median(a, axis) - np.median(b, axis),
        n_resamples=2_000, vectorized=True, method="percentile", random_state=1,
    ).confidence_interval  # fmt: skip
    width = found.interval[1] - found.interval[0]
    assert width / (twin.high - twin.low) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("quantile", [0.5, 0.75, 0.9])
def test_intervals_cover(quantile):
    truth = true_quantile(quantile, 0.15) - true_quantile(quantile, 0.0)
    hits = 0
    for seed in range(1_000):
        rng = np.random.default_rng([seed, int(quantile * 100)])
        y = np.r_[earnings(rng, 200, 0.15), earnings(rng, 130, 0.0)]
        low, high = quantile_effect(y, [1] * 200 + [0] * 130, quantile).interval
        hits += low <= truth <= high
    # 1,000 draws: standard error .007
    assert 0.93 < hits / 1_000 < 0.975


def test_intervals_cover_within_strata_where_pooling_is_wrong():
    hits = pooled = 0
    truth = None
    rng = np.random.default_rng(5)
    many = np.r_[earnings(rng, 400_000, 0.0), earnings(rng, 400_000, 0.9)]
    more = np.r_[earnings(rng, 400_000, 0.2), earnings(rng, 400_000, 1.1)]
    truth = np.quantile(more, 0.6) - np.quantile(many, 0.6)
    for seed in range(400):
        rng = np.random.default_rng([seed, 7])
        stratum = np.repeat(["a", "b"], 300)
        treated = np.r_[rng.permutation(300) < 210, rng.permutation(300) < 90].astype(int)
        y = earnings(rng, 600, 0.2 * treated + 0.9 * (stratum == "b"))
        low, high = quantile_effect(y, treated, 0.6, stratum).interval
        hits += low <= truth <= high
        low, high = quantile_effect(y, treated, 0.6).interval
        pooled += low <= truth <= high
    assert 0.925 < hits / 400 < 0.985
    assert pooled / 400 < 0.7


def test_a_quantile_among_zero_earnings_is_marked():
    rng = np.random.default_rng(2)
    y = np.r_[earnings(rng, 300, 0.1, 0.4), earnings(rng, 300, 0.0, 0.4)]
    found = quantile_effect(y, [1] * 300 + [0] * 300, 0.25)
    assert (found.estimate, found.interval, found.at_mass) == (0.0, (0.0, 0.0), True)


@STEADY
@given(
    shift=st.floats(-1e5, 1e5), scale=st.floats(1e-2, 1e2), effect=st.floats(0, 1e4),
    seed=st.integers(0, 2**31),
)  # fmt: skip
def test_shifts_units_and_order(shift, scale, effect, seed):
    rng = np.random.default_rng(1)
    y, treated = earnings(rng, 120, 0.0, 0.0), np.arange(120) % 2
    y = y + effect * treated
    plain = quantile_effect(y, treated, 0.5)
    order = np.random.default_rng(seed).permutation(120)
    moved = quantile_effect((shift + scale * y)[order], treated[order], 0.5)
    assert moved.estimate == pytest.approx(scale * plain.estimate, rel=1e-6, abs=1e-6)
    assert moved.interval == pytest.approx(
        tuple(scale * bound for bound in plain.interval), rel=1e-6, abs=1e-6
    )


def test_share_above_a_threshold_by_hand_and_by_statsmodels():
    rng = np.random.default_rng(4)
    treated = np.arange(500) % 2
    y = earnings(rng, 500, 0.3 * treated)
    found = threshold_effect(y, treated, 8_000.0)
    above = (y >= 8_000).astype(float)
    twin = sm.OLS(above, sm.add_constant(treated.astype(float))).fit(cov_type="HC2")
    assert found.estimate == pytest.approx(twin.params[1], rel=1e-10)
    assert found.standard_error == pytest.approx(twin.bse[1], rel=1e-10)
    hand = threshold_effect([9.0, 10, 12, 13, 8, 9, 11, 7], [1] * 4 + [0] * 4, 10.0)
    assert (hand.estimate, hand.control_mean) == (0.5, 0.25)
    # shares 3/4 and 1/4: variance (3/16)/3 each
    assert hand.standard_error == pytest.approx((2 * 3 / 16 / 3) ** 0.5, rel=1e-12)


def test_refusals():
    y, treated = np.arange(40.0), np.arange(40) % 2
    with pytest.raises(WorkbenchError, match=r"quantile: 0\.1 of an arm of 20"):
        quantile_effect(y, treated, 0.1)
    with pytest.raises(WorkbenchError, match="quantile: 1"):
        quantile_effect(y, treated, 1.0)
    with pytest.raises(WorkbenchError, match="on one side of 1,000"):
        threshold_effect(pd.Series(y, name="earned"), treated, 1_000.0)
    with pytest.raises(WorkbenchError, match="fewer than 2 people in an arm of a stratum"):
        quantile_effect(y, treated, 0.5, ["a"] * 39 + ["b"])
