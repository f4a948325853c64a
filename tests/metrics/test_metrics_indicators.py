"""WIOA's indicators: worked examples of each rule, and equality with another way to count."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from analysis.framework import load_framework
from analysis.metrics.indicators import Population, indicator_table
from analysis.tables.wioa_layout import wioa_layout
from analysis.tables.wioa_records import Records, connect, read_wioa_records, used_records

FRAMEWORK = load_framework()
PERSON = {
    "state": "TX",
    "sex": "2",
    "race_ethnicity": "3",
    "entry_date": "20210105",
    "exit_date": "20210901",
    "exit_reason": "00",
    "reportable_individual": "0",
    "received_training": "1",
    "training_type": "06",
    "training_completed": "1",
    "training_occupation": "311131",
    "credential": "0",
    "employed_q1": "0",
    "employed_q2": "1",
    "employed_q3": "0",
    "employed_q4": "1",
    "wage_before_3": "5000",
    "wage_after_2": "8000",
    "wage_after_4": "9000",
}

Table = Callable[..., pd.DataFrame]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Indicators of a handful of people, each a change to one person."""

    def made(*people: dict[str, str]) -> pd.DataFrame:
        elements = wioa_layout().elements
        rows = [{**PERSON, "person": f"p{place}", **change} for place, change in enumerate(people)]
        frame = pd.DataFrame([{e.heading: row.get(e.column, "") for e in elements} for row in rows])
        frame.to_csv(tmp_path / "w.csv", index=False)
        records = read_wioa_records(tmp_path / "w.csv", tmp_path / "w.parquet")
        with connect() as database:
            population = Population(used_records(records))
            found = indicator_table(database, population, [()], FRAMEWORK)
        return found.set_index("indicator")

    return made


def counts(table: pd.DataFrame, indicator: str) -> tuple[int, int, int]:
    row = table.loc[indicator]
    return int(row["met"]), int(row["known"]), int(row["people"])


def test_employment_counts_exiters_less_exclusions_and_leaves_unknown_out(table: Table) -> None:
    """Met, not met, not yet available; excluded, still in the program, reportable: not counted."""
    found = table(
        {},
        {},
        {"employed_q2": "0"},
        {"employed_q2": "9"},
        {"employed_q2": ""},
        {"exit_reason": "03"},
        {"exit_date": ""},
        {"reportable_individual": "1"},
    )
    assert counts(found, "employed_q2") == (2, 3, 5)
    assert counts(found, "employed_q4") == (5, 5, 5)
    row = found.loc["employed_q2"]
    assert row["estimate"] == 2 / 3
    assert row["coverage"] == 3 / 5
    # both unknown unemployed, both employed, and at three quarters of the known rate
    assert (row["bound_low"], row["bound_high"]) == (2 / 5, 4 / 5)
    assert row["assumed"] == pytest.approx((2 + 0.75 * (2 / 3) * 2) / 5)


def test_every_exclusion_of_the_layout_is_one(table: Table) -> None:
    reasons = [f"0{code}" for code in range(8)]
    found = table(*({"exit_reason": reason} for reason in reasons))
    assert counts(found, "employed_q2") == (1, 1, 1)


def test_median_earnings_are_of_the_employed_with_wages(table: Table) -> None:
    found = table(
        {"wage_after_2": "4000"},
        {"wage_after_2": "7000"},
        {"wage_after_2": "6000"},
        {"wage_after_2": "1000"},
        {"wage_after_2": "0"},
        {"wage_after_2": ""},
        {"employed_q2": "0", "wage_after_2": "99"},
    )
    row = found.loc["median_earnings_q2"]
    assert (row["known"], row["people"], row["estimate"]) == (4, 6, 5000)
    # two unknown below all (third of six is then 1,000) or above all (third of six: 6,000)
    assert (row["bound_low"], row["bound_high"]) == (1000, 6000)


def test_credentials_count_within_a_year_and_not_for_on_the_job_training(table: Table) -> None:
    found = table(
        {"credential": "6", "credential_date": "20210801"},
        {"credential": "2", "credential_date": "20220901"},
        {"credential": "2", "credential_date": "20220902"},
        {"credential": "0"},
        {"credential": ""},
        {"training_type": "01", "credential": "6", "credential_date": "20210801"},
        {"training_type": "05"},
        {"received_training": "0", "training_type": "00"},
        {"received_training": "0", "training_type": "00", "secondary_enrolled": "1"},
    )
    assert counts(found, "credential") == (2, 5, 6)


def test_a_secondary_diploma_counts_only_with_employment_within_the_year(table: Table) -> None:
    diploma = {"credential": "1", "credential_date": "20210801"}
    idle = {"employed_q2": "0", "employed_q4": "0"}
    found = table(diploma, {**diploma, **idle}, {**diploma, **idle, "employed_q3": "1"})
    assert counts(found, "credential") == (2, 3, 3)


def test_any_of_three_credentials_and_of_three_trainings_counts(table: Table) -> None:
    on_the_job = {"training_type": "01", "credential": "0"}
    within, late = "20210801", "20220902"
    found = table(
        {"credential_2": "5", "credential_2_date": within},
        {
            "credential": "6",
            "credential_date": late,
            "credential_3": "4",
            "credential_3_date": within,
        },
        {"credential_2": "5", "credential_2_date": late},
        {**on_the_job, "training_type_2": "06"},
        {**on_the_job, "training_type_2": "05", "training_type_3": "09"},
        on_the_job,
    )
    assert counts(found, "credential") == (2, 5, 5)


def test_education_counts_with_or_without_training(table: Table) -> None:
    """Postsecondary education always (PIRL 1332); secondary only without a diploma at entry."""
    untrained = {"received_training": "0", "training_type": "00"}
    secondary = {**untrained, "secondary_enrolled": "1"}
    found = table(
        {
            **untrained,
            "postsecondary_enrolled": "1",
            "credential": "2",
            "credential_date": "20210801",
        },
        {**untrained, "postsecondary_enrolled": "0"},
        {**secondary, "schooling": "0"},
        {**secondary, "schooling": "3"},
        {**secondary, "schooling": "1"},
        {**secondary, "schooling": ""},
    )
    assert counts(found, "credential") == (1, 4, 4)


def test_a_diploma_counts_with_enrolment_within_the_year(table: Table) -> None:
    diploma = {"credential": "1", "credential_date": "20210801"}
    idle = {**diploma, "employed_q2": "0", "employed_q4": "0"}
    found = table(
        {**idle, "enrolled_after_exit": "20220901"},
        {**idle, "enrolled_after_exit": "20220902"},
        idle,
    )
    assert counts(found, "credential") == (1, 3, 3)


def test_youth_count_education_like_employment(table: Table) -> None:
    youth = {"youth_stream": "1"}
    found = table(
        {**youth, "employed_q2": "1", "youth_placement_q2": "0", "wage_after_2": "3000"},
        {**youth, "employed_q2": "0", "youth_placement_q2": "2"},
        {**youth, "employed_q2": "9", "youth_placement_q2": "1"},
        {**youth, "employed_q2": "0", "youth_placement_q2": "0"},
        {**youth, "employed_q2": "9", "youth_placement_q2": "0"},
        {"youth_stream": "0"},
        {},
    )
    assert counts(found, "youth_q2") == (3, 4, 5)
    row = found.loc["youth_median_earnings_q2"]
    assert (row["known"], row["people"], row["estimate"]) == (1, 1, 3000)


def test_completion_retention_and_related_occupation(table: Table) -> None:
    found = table(
        {"occupation_q2": "311120"},
        {"occupation_q2": "311000", "employed_q4": "0"},
        {"occupation_q2": "412031", "training_completed": "0"},
        {"occupation_after": "311131", "training_completed": ""},
        {"employed_q4": "9"},
        {"employed_q2": "0"},
        {"received_training": "0"},
    )
    assert counts(found, "completed") == (4, 5, 6)
    assert counts(found, "retained_q4") == (4, 5, 6)
    assert counts(found, "related_occupation") == (3, 4, 5)


def test_wage_changes_are_means_over_those_with_both_wages(table: Table) -> None:
    found = table(
        {},
        {"wage_after_4": "8400"},
        {"wage_after_4": ""},
        {"wage_before_3": ""},
        {"employed_q2": "0", "wage_after_2": "0"},
    )
    assert found.loc["wage_progression", "estimate"] == (1000 + 400 + 1000) / 3
    assert found.loc["wage_progression", "known"] == 3
    change = found.loc["wage_change_from_before"]
    assert (change["estimate"], change["known"]) == ((3000 * 3 - 5000) / 4, 4)
    spread = np.std([3000, 3000, 3000, -5000], ddof=1) / 2
    assert change["standard_error"] == pytest.approx(spread)
    reach = stats.t.ppf(0.975, 3) * spread
    assert change["interval_low"] == pytest.approx(change["estimate"] - reach)


def test_a_good_job_is_the_framework_s(table: Table) -> None:
    quarter = 42_000 * 1.1577 / 4
    found = table(
        {"wage_after_2": str(int(quarter))},
        {"wage_after_2": str(int(quarter) + 1)},
        {"employed_q2": "0", "wage_after_2": ""},
        {"employed_q2": "9", "wage_after_2": ""},
    )
    assert counts(found, "good_job_earnings") == (1, 3, 4)


# ---- the simulated state, counted by pandas from its text -------------------------------------

RACES = dict(
    zip(
        "1234567",
        [
            "Hispanic",
            "Asian",
            "Black",
            "Pacific Islander",
            "American Indian",
            "white",
            "multiple races",
        ],
        strict=True,
    )
)


def by_hand(text: pd.DataFrame) -> pd.DataFrame:
    counted = (
        (text["reportable_individual"] == "0")
        & text["leave"].notna()
        & (text["exit_reason"] == "00")
    )
    people = text[counted].copy()
    people["race"] = people["race_ethnicity"].map(RACES).fillna("not reported")
    people["gender"] = people["sex"].map({"1": "men", "2": "women"}).fillna("not reported")
    return people


@pytest.fixture(scope="module")
def metrics(simulated_records: Records) -> pd.DataFrame:
    sets = [(), ("race",), ("gender",), ("race", "gender"), ("single_parent",)]
    with connect() as database:
        population = Population(used_records(simulated_records))
        return indicator_table(database, population, sets, FRAMEWORK)


@pytest.mark.parametrize("keys", [["race"], ["gender"], ["race", "gender"]])
def test_every_group_s_employment_and_earnings_equal_the_hand_count(
    simulated_text: pd.DataFrame, metrics: pd.DataFrame, keys: list[str]
) -> None:
    people = by_hand(simulated_text)
    found = metrics[metrics["by"] == " and ".join(keys)].set_index(["indicator", "group"])
    groups = people.groupby(keys)
    assert len(found.loc["employed_q2"]) == groups.ngroups
    for key, part in groups:
        group = " ".join(key)
        known = part[part["employed_q2"].isin(["0", "1"])]
        row = found.loc[("employed_q2", group)]
        met = int((known["employed_q2"] == "1").sum())
        assert (row["people"], row["known"], row["met"]) == (len(part), len(known), met)
        assert row["estimate"] == met / len(known)
        limits = proportion_confint(met, len(known), method="wilson")
        assert (row["interval_low"], row["interval_high"]) == pytest.approx(limits, rel=1e-12)
        wages = known.loc[known["employed_q2"] == "1", "wage_after_2"].astype(float)
        row = found.loc[("median_earnings_q2", group)]
        assert row["estimate"] == wages.median()
        assert row["known"] == len(wages)
        change = (part["wage_after_2"].astype(float) - part["wage_before_3"].astype(float)).dropna()
        row = found.loc[("wage_change_from_before", group)]
        assert row["estimate"] == pytest.approx(change.mean(), rel=1e-12)
        assert row["known"] == len(change)


def test_the_median_s_interval_is_the_binomial_s(
    simulated_text: pd.DataFrame, metrics: pd.DataFrame
) -> None:
    people = by_hand(simulated_text)
    wages = np.sort(people.loc[people["employed_q2"] == "1", "wage_after_2"].astype(float))
    row = metrics[metrics["by"] == "all"].set_index("indicator").loc["median_earnings_q2"]
    rank = int(stats.binom.ppf(0.025, len(wages), 0.5))
    assert row["interval_low"] == wages[rank - 1]
    assert row["interval_high"] == wages[len(wages) - rank]
    assert stats.binom.cdf(rank - 1, len(wages), 0.5) <= 0.025


def test_groups_add_up_to_everyone_with_the_not_reported(metrics: pd.DataFrame) -> None:
    for _, part in metrics.groupby("indicator"):
        everyone = part.loc[part["by"] == "all", "people"].iloc[0]
        sums = part[part["by"] != "all"].groupby("by")["people"].sum()
        assert (sums == everyone).all()
    assert {"not reported"} <= set(metrics.loc[metrics["by"] == "race", "group"])


def test_bounds_hold_the_truth_that_missing_reports_hide(
    simulated_records: Records, simulated_text: pd.DataFrame
) -> None:
    """People without work are reported less often: the known share is too high, bounds hold."""
    from analysis.simulate.design import default_design
    from analysis.simulate.outcomes import draw_outcomes
    from analysis.simulate.people import draw_people, draw_programs

    design, programs = default_design(), draw_programs(default_design(), 11)
    random = np.random.default_rng([11, 2, 0])
    people = draw_people(design, programs, 30_000, random)
    outcomes = draw_outcomes(design, people, programs, random)
    counted = set(by_hand(simulated_text)["person"].astype("int64"))
    inside = np.array([place in counted for place in range(30_000)])
    truth = (outcomes.after[inside, 1] > 0).mean()
    with connect() as database:
        population = Population(used_records(simulated_records))
        row = indicator_table(
            database, population, [()], FRAMEWORK, indicators=["employed_q2"]
        ).iloc[0]
    assert row["bound_low"] <= truth <= row["bound_high"]
    assert row["estimate"] > row["interval_low"] > truth


def test_indicators_agree_with_the_publisher_s_own(
    simulated_records: Records, simulated_text: pd.DataFrame
) -> None:
    """CALC4013, 4017 and 4019 stand in the file: another count of the same rule."""
    people = by_hand(simulated_text)
    with connect() as database:
        population = Population(used_records(simulated_records))
        found = indicator_table(database, population, [()], FRAMEWORK).set_index("indicator")
    for name in ("employed_q2", "employed_q4", "credential"):
        column = people[f"{name}_indicator"].dropna()
        row = found.loc[name]
        assert (row["known"], row["met"]) == (len(column), int((column == "1").sum()))


def test_a_new_metric_and_a_new_group_are_edits_of_data(
    simulated_records: Records, simulated_text: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    import analysis.metrics.indicators as module
    from analysis.tables.wioa_layout import Grouping, Indicator

    layout = wioa_layout()
    metric = Indicator(
        id="employed_q1", metric="employed_share", name="Employed, 1st quarter", measure="share",
        of="true", known="employed_q1 IN ('0', '1')", met="employed_q1 = '1'", rule="", citation="",
    )  # fmt: skip
    group = Grouping(
        id="college", name="College", reference="no",
        label="CASE WHEN schooling >= '4' THEN 'yes' ELSE 'no' END",
    )  # fmt: skip
    larger = layout.model_copy(update={"indicators": (metric,), "groups": (*layout.groups, group)})
    monkeypatch.setattr(module, "wioa_layout", lambda: larger)
    with connect() as database:
        population = Population(used_records(simulated_records))
        found = indicator_table(database, population, [("college",)], FRAMEWORK)
    people = by_hand(simulated_text)
    college = people[people["schooling"] >= "4"]
    row = found.set_index("group").loc["yes"]
    assert row["people"] == len(college)
    assert row["met"] == (college["employed_q1"] == "1").sum()


def test_bounds_of_a_mean_and_its_dominance_by_hand(table: Table) -> None:
    """Ten people with wage changes, two of unknown wages: bounds by the quantiles of the known."""
    changes = [0, 10, 20, 30, 40, 50, 60, 70, 80, 5000]
    rows = [
        {
            "employed_q2": "1",
            "employed_q4": "1",
            "wage_after_2": "1000",
            "wage_after_4": f"{1000 + c}",
        }
        for c in changes
    ]
    rows += [rows[0] | {"wage_after_4": ""}] * 2
    row = table(*rows).loc["wage_progression"]
    quantile = FRAMEWORK.missing_outcomes.mean_bound_quantile
    low, high = np.quantile(changes, [quantile, 1 - quantile])
    assert (row["people"], row["known"], row["estimate"]) == (12, 10, 536)
    assert row["bound_low"] == pytest.approx((5360 + 2 * low) / 12)
    assert row["bound_high"] == pytest.approx((5360 + 2 * high) / 12)
    ratio = FRAMEWORK.missing_outcomes.assumed_ratio
    assert row["assumed"] == pytest.approx((5360 + 2 * ratio * 536) / 12)
    # the eight others come to 280: less than a tenth of 5,000
    assert row["dominated"]
    assert not table(*rows[:9]).loc["wage_progression", "dominated"]


def test_rows_stand_in_the_order_of_groupings_and_groups(simulated_records: Records) -> None:
    sets = [("gender",), (), ("race", "gender")]
    with connect() as database:
        population = Population(used_records(simulated_records))
        table = indicator_table(database, population, sets, load_framework())
    for _, part in table.groupby("indicator"):
        assert list(dict.fromkeys(part["by"])) == ["gender", "all", "race and gender"]
        crossed = part[part["by"] == "race and gender"]
        # by the groups in the order in which the groupings name them
        assert crossed[["gender", "race"]].apply(tuple, axis=1).is_monotonic_increasing
