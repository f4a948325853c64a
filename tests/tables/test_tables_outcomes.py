"""Published outcomes in long form: the publisher's numbers, its gaps, nothing added or dropped."""

import pandas as pd
import pytest

from analysis.tables.outcomes import read_new_jersey_outcomes, read_scorecard_outcomes

FILE = "new-jersey-etpl/outcomes_schcip.csv"


@pytest.fixture(scope="module")
def new_jersey(mirror):
    return read_new_jersey_outcomes(mirror / FILE)


@pytest.fixture(scope="module")
def raw(mirror):
    return pd.read_csv(mirror / FILE)


@pytest.fixture(scope="module")
def scorecard(carried):
    return read_scorecard_outcomes(carried("value_check.parquet"))


def test_new_jersey_has_a_row_for_every_program_metric_and_quarter(new_jersey):
    assert len(new_jersey) == 1565 * 8
    assert not new_jersey.duplicated(["program_key", "metric", "quarter"]).any()
    assert new_jersey["provider_id"].nunique() == 417


def test_new_jersey_wages(new_jersey):
    wages = new_jersey[new_jersey["metric"] == "average_quarterly_wage"]
    known = wages[wages["value"].notna()].groupby("quarter").size()
    assert known.to_dict() == {2: 909, 4: 863, 8: 648}
    # the publisher hides the wage of fewer than five people
    assert wages.loc[wages["value"].notna(), "n"].min() >= 5


@pytest.mark.parametrize(
    ("metric", "quarter", "value", "people"),
    [
        ("employed_share", 2, "PerEmployed2", "NumCompleted2"),
        ("average_quarterly_wage", 8, "AvgQuarterlyWage8", "NumUsedWageCalc8"),
        ("retention_share", 4, "PerRetention4", "NumUsedRetentionCalc4"),
    ],
)
def test_new_jersey_numbers_are_the_publishers(new_jersey, raw, metric, quarter, value, people):
    rows = new_jersey[(new_jersey["metric"] == metric) & (new_jersey["quarter"] == quarter)]
    published = raw[value].where(raw[value] != -99999)
    pd.testing.assert_series_equal(
        rows["value"].reset_index(drop=True), published, check_names=False, check_dtype=False
    )
    assert rows["n"].tolist() == raw[people].tolist()
    assert (rows["horizon"] == f"quarter {quarter} after exit").all()


def test_new_jersey_completers_and_shares(new_jersey):
    employed = new_jersey[new_jersey["metric"] == "employed_share"]
    assert employed.loc[employed["quarter"] == 2, "n"].sum() == 61_752
    assert employed["value"].max() <= 1
    assert new_jersey["value"].min() >= 0


def test_new_jersey_zeros_of_employment_are_kept(new_jersey):
    """The 22 zeros of 765 that are zero again at quarter 8 in 16 cases: kept, not believed."""
    employed = new_jersey[new_jersey["metric"] == "employed_share"]
    wide = employed.pivot(index="program_key", columns="quarter", values="value")[[2, 8]].dropna()
    assert len(wide) == 765
    zero = wide[2] == 0
    assert zero.sum() == 22
    assert (wide.loc[zero, 8] == 0).sum() == 16


def test_scorecard_rows_and_earnings(scorecard):
    metrics = scorecard.groupby("metric")["value"].agg(["size", "count"])
    assert (metrics["size"] == 220_960).all()
    assert metrics.loc["median_annual_earnings", "count"] == 61_926
    earnings = scorecard[scorecard["metric"] == "median_annual_earnings"]
    horizons = earnings.loc[earnings["value"].notna(), "horizon"].value_counts().to_dict()
    assert horizons == {"4 years after completion": 57_172, "1 year after completion": 4754}


def test_scorecard_states_no_number_of_people_behind_earnings(scorecard):
    assert scorecard["n"].isna().all()


def test_scorecard_benchmark_is_the_states(scorecard):
    threshold = scorecard[scorecard["metric"] == "high_school_earnings"]
    # one threshold a state: the typical high-school graduate's earnings
    assert threshold[threshold["state"] == "NY"]["value"].dropna().unique().tolist() == [35_746]
