"""Intervals and metrics against hand calculation and independent libraries."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

from analysis.errors import WorkbenchError
from analysis.metrics.intervals import clustered_mean, mean_by_group, wilson_interval
from analysis.metrics.programs import coverage, earnings_check, rating_status, summary


def test_wilson_equals_statsmodels() -> None:
    people = pd.Series([10.0, 37.0, 250.0, 12.0])
    share = pd.Series([0.0, 12 / 37, 0.9, 1.0])
    ours = wilson_interval(share, people, 0.9)
    low, high = proportion_confint((share * people).round(), people, 0.1, "wilson")
    np.testing.assert_allclose(ours["interval_low"], low, atol=1e-12)
    np.testing.assert_allclose(ours["interval_high"], high, atol=1e-12)


def test_the_clustered_mean_equals_weighted_regression_on_a_constant() -> None:
    generator = np.random.default_rng(7)
    value = pd.Series(generator.uniform(0, 1, 40))
    people = pd.Series(generator.integers(5, 90, 40).astype(float))
    provider = pd.Series(generator.integers(0, 9, 40))
    ours = clustered_mean(value, people, provider)
    fit = sm.WLS(value, np.ones(40), weights=people).fit(
        cov_type="cluster", cov_kwds={"groups": provider, "use_correction": False}
    )
    clusters = provider.nunique()
    twin = float(fit.bse.iloc[0]) * np.sqrt(clusters / (clusters - 1))
    assert ours["estimate"] == pytest.approx(float(fit.params.iloc[0]), rel=1e-12)
    assert ours["standard_error"] == pytest.approx(twin, rel=1e-10)


def test_one_provider_has_no_interval() -> None:
    with pytest.raises(WorkbenchError, match="over 1 provider has no interval"):
        clustered_mean(pd.Series([0.5]), pd.Series([10.0]), pd.Series(["a"]))


def test_means_by_group_by_hand() -> None:
    frame = pd.DataFrame({"race": ["x"] * 3 + ["y"], "y": [1.0, 2.0, 3.0, np.nan]})
    table = mean_by_group(frame, "y", ["race"]).set_index("race")
    assert table.loc["x", "standard_error"] == pytest.approx(1 / np.sqrt(3))
    assert table.loc["y", "people"] == 0


def test_missing_is_never_zero_and_has_its_own_status() -> None:
    rows = pd.DataFrame(
        {
            "metric": "employed_share",
            "horizon": "quarter 2 after exit",
            "provider_id": ["a", "b", "c", "d"],
            "value": [0.5, np.nan, 0.7, 0.1],
            "n": [40.0, np.nan, 9.0, 10.0],
        }
    )
    assert rating_status(rows, 10).tolist() == [
        "can be rated",
        "cannot be rated: not reported",
        "cannot be rated: too few people",
        "can be rated",
    ]
    quality = coverage(rows, 10).iloc[0]
    assert (quality["programs"], quality["rated"], quality["people"]) == (4, 2, 50)
    mean = summary(rows, 10, 0.95).iloc[0]
    assert mean["estimate"] == pytest.approx((0.5 * 40 + 0.1 * 10) / 50)
    # two providers say next to nothing: all that is possible, and nothing beyond it
    assert (mean["interval_low"], mean["interval_high"]) == (0.0, 1.0)


def test_the_earnings_check_has_three_outcomes() -> None:
    rows = [
        ("a", "median_annual_earnings", 40_000.0),
        ("a", "high_school_earnings", 36_000.0),
        ("b", "median_annual_earnings", 30_000.0),
        ("b", "high_school_earnings", 36_000.0),
        ("c", "median_annual_earnings", np.nan),
        ("c", "high_school_earnings", 36_000.0),
    ]
    frame = pd.DataFrame(rows, columns=["program_key", "metric", "value"])
    frame = frame.assign(provider_id="p", cip_code="51.08", state="NJ")
    checks = earnings_check(frame).set_index("program_key")["check"]
    assert checks.to_dict() == {"a": "meets", "b": "does not meet", "c": "cannot be rated"}


def test_the_threshold_is_that_of_the_state_where_a_program_stands_without_it() -> None:
    earned = {"a": ("NJ", 40_000.0), "b": ("NJ", 30_000.0), "c": ("PR", 40_000.0), "d": ("", 1.0)}
    rows = [(key, s, "median_annual_earnings", value) for key, (s, value) in earned.items()]
    rows.append(("a", "NJ", "high_school_earnings", 36_000.0))
    frame = pd.DataFrame(rows, columns=["program_key", "state", "metric", "value"])
    checks = earnings_check(frame.assign(provider_id="p", cip_code="51.08"))
    assert checks["check"].tolist() == ["meets", "does not meet"] + ["cannot be rated"] * 2
    assert checks["threshold"].tolist()[:2] == [36_000.0, 36_000.0]
