"""Every number carries its level, its age and its discount, by the framework's own data."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.framework import framework_path, load_framework
from analysis.metrics.indicators import Population
from analysis.metrics.trust import (
    exits,
    mean_coverage,
    of_states,
    program_coverage,
    release_date,
    with_trust,
)
from analysis.reports.trust_tables import trusted_outcomes, trusted_programs, with_levels
from analysis.tables.wioa_records import Records, connect, used_records

FRAMEWORK = load_framework()
ROWS = pd.DataFrame(
    {
        "indicator": ["employed_q2", "median_earnings_q2", "employed_q2", "completed"],
        "by": ["all", "all", "race and gender", "race"],
        "group": ["all", "all", "Black women", "Black"],
        "measure": ["share", "median", "share", "share"],
        "estimate": [0.6, 6000.0, np.nan, 0.8],
    }
)


def test_level_age_and_discount_are_the_framework_s() -> None:
    found = with_trust(ROWS, FRAMEWORK, "user:wioa", measured="2022-05-31")
    level = FRAMEWORK.validity("administrative")
    assert found["level"].unique().tolist() == ["administrative"]
    assert found["level_rank"].unique().tolist() == [level.rank]
    assert found["age_years"].unique().tolist() == [4.5]
    part = level.bias_mean / FRAMEWORK.tiers.benchmark_dollars
    expected = [0.6 * part, level.bias_mean / 4, np.nan, 0.8 * part]
    assert found["discount"].tolist() == pytest.approx(expected, nan_ok=True)


def test_findings_lower_single_metrics_and_groups_and_never_lift_a_level() -> None:
    verdicts = pd.DataFrame(
        {
            "state": ["TX", "ALL", "OK", "TX"],
            "id": ["median_earnings_q2", "race", "completed", "employed_q2"],
            "consequence": ["level lowered", "excluded", "excluded", "noted"],
        }
    )
    lower = FRAMEWORK.quality.lowered_level
    here = of_states(verdicts, ["TX"])
    found = with_trust(ROWS, FRAMEWORK, "user:wioa", verdicts=here)
    assert found["level"].tolist() == ["administrative", lower, lower, lower]
    assert found["discount"].iloc[1] == FRAMEWORK.validity(lower).bias_mean / 4
    assert found["age_years"].isna().all()
    worse = with_trust(ROWS, FRAMEWORK, "user:outcomes", verdicts=here)
    assert worse["level"].unique().tolist() == ["provider_report"]
    assert of_states(None, ["TX"]) is None


def test_a_source_s_level_is_an_edit_of_data(tmp_path) -> None:
    text = framework_path().read_text("utf-8")
    old = '"user:outcomes" = "provider_report"'
    assert text.count(old) == 1
    path = tmp_path / "own.toml"
    path.write_text(text.replace(old, '"user:outcomes" = "randomised"'), "utf-8")
    found = with_trust(ROWS, load_framework(path), "user:outcomes")
    assert found["level_rank"].unique().tolist() == [1]
    assert found["discount"].dropna().unique().tolist() == [0.0]
    path.write_text(text.replace(old, '"user:outcomes" = "sworn"'), "utf-8")
    with pytest.raises(WorkbenchError, match="'sworn' is no validity level"):
        load_framework(path)


def test_the_day_until_which_half_of_the_people_had_left(simulated_records: Records) -> None:
    with connect() as database:
        everyone = Population(used_records(simulated_records))
        states, day = exits(database, everyone)
        days = database.execute(f"SELECT exit_date FROM {everyone.sql([])}").df()["exit_date"]
    assert states == ["ZZ"]
    assert abs((pd.Timestamp(str(day)) - days.median()).days) <= 1


@pytest.mark.parametrize(
    ("release", "day"),
    [
        ("Occupational Employment and Wage Statistics, May 2025", "2025-05-31"),
        ("Eligible Training Provider List, 20 March 2024", "2024-03-20"),
        ("CIP 2020 to SOC 2018", None),
        ("", None),
    ],
)
def test_releases_name_their_month_or_day(release: str, day: str | None) -> None:
    found = release_date(release)
    assert (found if found is None else str(found.date())) == day


def outcomes() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "program_key": ["a", "a", "a", "b", "b"],
            "quarter": [2, 2, 4, 2, 2],
            "metric": ["employed_share", "average_quarterly_wage", "average_quarterly_wage",
                       "average_quarterly_wage", "completers"],
            "value": [0.5, 8000.0, np.nan, 7000.0, 40.0],
            "n": [40.0, 20.0, 10.0, 12.0, np.nan],
        }
    )  # fmt: skip


def test_published_outcomes_carry_coverage_where_the_source_tells_it() -> None:
    assert program_coverage(outcomes()).tolist() == pytest.approx(
        [1.0, 0.5, np.nan, np.nan, np.nan], nan_ok=True
    )
    used = {"new_jersey_outcomes": {"release": "snapshot of March 2024"}}
    found = trusted_programs(outcomes(), FRAMEWORK, "new_jersey_outcomes", used)
    assert found["age_years"].unique().tolist() == [2.7]
    bias = FRAMEWORK.validity("administrative").bias_mean
    expected = [0.5 * bias / FRAMEWORK.tiers.benchmark_dollars, bias / 4, np.nan, bias / 4, np.nan]
    assert found["discount"].tolist() == pytest.approx(expected, nan_ok=True)


def test_coverage_of_a_mean_is_over_the_people_of_all_its_programs() -> None:
    more = pd.DataFrame(
        {
            "program_key": ["c", "c"],
            "quarter": 2,
            "metric": ["employed_share", "average_quarterly_wage"],
            "value": [0.5, 6000.0],
            "n": [60.0, 45.0],
        }
    )
    rows = pd.concat([outcomes(), more], ignore_index=True)
    rows["horizon"] = "quarter " + rows["quarter"].astype(str)
    means = pd.DataFrame(
        {"metric": ["average_quarterly_wage", "completers"], "horizon": "quarter 2"}
    )
    # 20 of 40 and 45 of 60; program b does not tell who completed
    assert mean_coverage(rows, means).tolist() == pytest.approx([0.65, np.nan], nan_ok=True)


def test_annual_money_has_the_whole_year_s_discount() -> None:
    rows = pd.DataFrame({"metric": ["median_annual_earnings", "debt"], "estimate": [30e3, 9e3]})
    found = trusted_outcomes(rows, FRAMEWORK, "scorecard_programs", {})
    bias = FRAMEWORK.validity("administrative").bias_mean
    assert found["discount"].tolist() == pytest.approx([bias, np.nan], nan_ok=True)
    assert found["age_years"].isna().all()


def test_a_gap_has_the_level_of_its_group() -> None:
    trusted = with_trust(ROWS, FRAMEWORK, "user:wioa", measured="2022-05-31")
    gap = pd.DataFrame({"by": "race", "group": ["Black", "Asian"], "indicator": "completed"})
    found = with_levels(gap, trusted)
    assert found["level"].fillna("").tolist() == ["administrative", ""]
