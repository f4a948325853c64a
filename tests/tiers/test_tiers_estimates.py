"""What is rated: earnings a year against the benchmark, with noise and reasons against a rating."""

import numpy as np
import pandas as pd
import pytest

from analysis import tables
from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.tiers.estimates import against_benchmark, at_quarter, named_by_field, state_benchmarks
from analysis.tiers.noise import noise_check, standard_error_of_median_wage

SETTINGS = {
    "title": "List",
    "benchmarks": pd.Series({"NJ": 30_000.0}),
    "default_benchmark": 36_000.0,
    "coefficient_of_variation": 0.7,
    "minimum_people": 10,
    "validity": "administrative",
    "rated": load_framework().tiers.rated_metrics,
}


def _rows(**columns: object) -> pd.DataFrame:
    base = {
        "program_key": ["a", "b", "c"],
        "provider_id": "p",
        "provider": None,
        "cip_code": "51.1020",
        "state": ["NJ", "TX", "NJ"],
        "quarter": 4,
        "horizon": "quarter 4 after exit",
        "metric": "average_quarterly_wage",
        "value": [9_000.0, 9_000.0, np.nan],
        "n": [100.0, 9.0, 0.0],
        "source_id": "test",
    }
    return pd.DataFrame({**base, **columns})


def test_a_year_of_wages_less_the_benchmark_of_the_state() -> None:
    found = against_benchmark(_rows(), **SETTINGS)
    assert found["estimate"].tolist()[:2] == [6_000.0, 0.0]
    assert found["reason"].tolist() == ["", "fewer than 10 people", "no earnings published"]
    # 0.7 times 36,000 a year over root 100; both programs have the same typical wage
    assert found["standard_error"].tolist()[0] == pytest.approx(0.7 * 36_000 / 10)
    assert found["compared_with"].unique().tolist() == ["List, quarter 4 after exit"]


def test_completers_stand_in_for_the_people_behind_a_median_and_say_so() -> None:
    medians = _rows(metric="median_annual_earnings", value=[40_000.0] * 3, n=np.nan)
    completers = _rows(metric="completers", value=[50.0, 5.0, np.nan], n=np.nan)
    found = against_benchmark(pd.concat([medians, completers]), **SETTINGS)
    assert found["n"].tolist()[:2] == [50.0, 5.0]
    assert found["n_of"].unique().tolist() == ["completers"]
    expected = standard_error_of_median_wage(40_000.0, 50, 0.7)
    assert found["standard_error"].tolist()[0] == pytest.approx(float(expected))
    assert found["reason"].tolist()[1:] == ["fewer than 10 people"] * 2


def test_the_error_of_a_median_is_what_simulated_medians_show() -> None:
    generator = np.random.default_rng(3)
    sigma = np.sqrt(np.log1p(0.7**2))
    medians = np.median(40_000 * np.exp(sigma * generator.normal(size=(20_000, 101))), axis=1)
    assert medians.std() == pytest.approx(
        float(standard_error_of_median_wage(40_000.0, 101, 0.7)), rel=0.02
    )


def test_a_program_in_two_rows_and_a_file_without_earnings_are_refused() -> None:
    with pytest.raises(WorkbenchError, match="'a' has two rows of earnings"):
        against_benchmark(_rows(program_key=["a", "a", "b"]), **SETTINGS)
    with pytest.raises(WorkbenchError, match="no earnings among the outcomes"):
        against_benchmark(_rows(metric="employed_share"), **SETTINGS)


def test_a_field_gives_a_program_its_name_where_it_has_none() -> None:
    rows = pd.DataFrame({"program": ["", "", "", "Welding"], "cip_code": ["51.1020", "51.1099", "99.0000", "48.0508"]})  # fmt: skip # noqa: E501
    crosswalk = pd.DataFrame({"cip_code": ["51.1020"], "cip_title": ["Exact"]})
    listed = pd.DataFrame({"cip_code": ["51.10"], "cip_title": ["Four digits"]})
    named = named_by_field(rows, crosswalk, listed)["program"].tolist()
    assert named == ["Exact", "Four digits", "field 99.0000", "Welding"]


def test_the_horizon_with_most_values_serves_where_the_quarter_is_not_there() -> None:
    rows = _rows(quarter=[0, 0, 0], horizon=["1 year", "2 years", "2 years"], value=[1.0, 2.0, 3.0])
    assert at_quarter(rows, 4)["horizon"].unique().tolist() == ["2 years"]


def test_every_college_program_below_a_bachelors_degree_is_rated_or_says_why() -> None:
    outcomes, listed = tables.load("scorecard_outcomes"), tables.load("scorecard_programs")
    if outcomes is None or listed is None:
        pytest.skip("College Scorecard is not at hand")
    college = outcomes.frame
    programs = listed.frame[listed.frame["credential"].eq("Associate's Degree")]
    rules = load_framework().tiers
    benchmarks = state_benchmarks(college)
    assert benchmarks["NJ"] == 36_976.0
    assert benchmarks["PR"] == 16_495.0
    found = against_benchmark(
        college[college["program_key"].isin(programs["program_key"])],
        programs,
        **SETTINGS | {"benchmarks": benchmarks, "default_benchmark": rules.benchmark_dollars},
    )
    assert len(found) == len(programs) == 41_769
    rated = found["reason"].eq("")
    assert rated.sum() == 7_547
    assert found.loc[rated, ["estimate", "standard_error", "n"]].notna().all(axis=None)
    assert found.loc[rated, "n"].min() >= 10
    # the noise that programs' scatter shows is near the one assumed (medians, factor included)
    check = noise_check(found, 0.7, seed=1).set_index("compared_with")
    four = check.loc["List, Associate's Degree, 4 years after completion"]
    assert four["interval_low"] < four["assumed"] < four["interval_high"] + 0.05
