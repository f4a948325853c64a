"""The national training results: what -1, floats, concatenated codes and denominators mean.

No copy of the file is at hand: headings and traps are those described by others who read it.
"""

from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.metrics.programs import coverage, exempt_programs, rating_status
from analysis.tables.etp_bulk import program_outcomes, read_etp_bulk
from analysis.tables.user_files import read_user_table

ROW = {
    "reportingstate": "CA",
    "d101_eligible_training_provider": "College",
    "d105_program_name": "Welding",
    "d108_program": "169",
    "d110_cip_code": "48.0508",
    "d120_total_served": "60",
    "d123_total_employed_q2": "30",
    "de129": "40",
    "de130": "38",
    "de172": "45473",
    "c_q2_employment_percent": "75",
}


def read(tmp_path: Path, *changes: dict[str, str], name: str = "d.xlsx") -> pd.DataFrame:
    frame = pd.DataFrame([{**ROW, **change} for change in changes])
    if name.endswith("csv"):
        frame.to_csv(tmp_path / name, index=False)
    else:
        frame.to_excel(tmp_path / name, index=False)
    return read_etp_bulk(tmp_path / name)


@pytest.mark.parametrize("name", ["d.xlsx", "d.csv"])
def test_a_whole_row(tmp_path: Path, name: str) -> None:
    row = read(tmp_path, {}, name=name).iloc[0]
    assert (row["share_q2"], row["denominator_q4"], row["served"]) == (0.75, 38, 60)
    assert (row["potential_outcomes"], row["listed"]) == ("1 6 9", "2024-06-30")
    assert not row["warned"]


def test_minus_one_is_missing_and_never_zero(tmp_path: Path) -> None:
    table = read(tmp_path, {"d123_total_employed_q2": "-1"}, {"d123_total_employed_q2": "0",
                 "c_q2_employment_percent": "0"}, {"de129": "-1"})  # fmt: skip
    assert table["employed_q2"].isna().tolist() == [True, False, False]
    assert table["share_q2"].isna().tolist() == [True, False, True]
    assert table["share_q2"].iloc[1] == 0


def test_cip_codes_are_mended(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        {"d110_cip_code": "11.020099999999999"},
        {"d110_cip_code": "1.0505"},
        {"d110_cip_code": "-1"},
    )
    assert table["cip_code"].tolist()[:2] == ["11.0201", "01.0505"]
    assert pd.isna(table["cip_code"].iloc[2])


def test_employed_over_exited_is_no_rate_and_a_wrong_denominator_is_not_used(
    tmp_path: Path,
) -> None:
    table = read(
        tmp_path,
        {"c_q2_employment_percent": "60"},
        {"c_q2_employment_percent": "-1"},
        {"c_q2_employment_percent": "0.75"},
        {"d123_total_employed_q2": "65", "c_q2_employment_percent": "-1"},
    )
    assert table["share_q2"].isna().tolist() == [True, False, False, True]


def test_states_with_warnings_are_marked(tmp_path: Path) -> None:
    states = ["CO", "NH", "NJ", "NY", "TX"]
    table = read(tmp_path, *({"reportingstate": state} for state in states))
    assert table["warned"].tolist() == [True, True, True, True, False]


def test_the_search_service_s_layout_is_refused(tmp_path: Path) -> None:
    pd.DataFrame([ROW]).drop(columns="de129").to_excel(tmp_path / "d.xlsx", index=False)
    with pytest.raises(WorkbenchError, match="columns are missing: de129"):
        read_etp_bulk(tmp_path / "d.xlsx")


WHOLE = {
    "d104_entity_type": "Public",
    "d111_non_wioa_tuition_cost": "1200",
    "d113_program_length_hours": "300",
    "d114_program_length_weeks": "-1",
    "d122_total_completed": "45",
    "de170": "20",
    "de171": "16",
    "exits (heading of this test)": "50",
    "quarter 4 (heading of this test)": "19",
    "median (heading of this test)": "9000",
    "wioa 2 (heading of this test)": "15",
}
GIVEN = {
    "exited": "exits (heading of this test)",
    "employed_q4": "quarter 4 (heading of this test)",
    "median_earnings_q2": "median (heading of this test)",
    "wioa_employed_q2": "wioa 2 (heading of this test)",
}


def test_headings_that_nobody_described_are_listed_and_never_guessed(tmp_path: Path) -> None:
    pd.DataFrame([{**ROW, **WHOLE}]).to_excel(tmp_path / "d.xlsx", index=False)
    table = read_etp_bulk(tmp_path / "d.xlsx")
    assert sorted(table.attrs["not_read"]) == sorted(GIVEN.values())
    row = table.iloc[0]
    assert row[list(GIVEN)].isna().all()
    assert pd.isna(row["share_q4"])
    assert (row["completed"], row["cost"], row["hours"]) == (45, 1200, 300)
    assert pd.isna(row["weeks"])


def test_headings_given_by_the_reader_fill_the_rest(tmp_path: Path) -> None:
    pd.DataFrame([{**ROW, **WHOLE}]).to_excel(tmp_path / "d.xlsx", index=False)
    table = read_etp_bulk(tmp_path / "d.xlsx", GIVEN)
    row = table.iloc[0]
    # by hand: 30 of 40, 19 of 38, 15 of 20
    assert (row["share_q2"], row["share_q4"], row["wioa_share_q2"]) == (0.75, 0.5, 0.75)
    assert pd.isna(row["wioa_share_q4"])
    assert (row["exited"], row["median_earnings_q2"]) == (50, 9000)
    assert table.attrs["not_read"] == []
    out = program_outcomes(table).set_index(["metric", "quarter"])
    assert out.loc[("employed_share", 4), ["value", "n"]].tolist() == [0.5, 38]
    # the median rests on the 30 who were employed; a year is four quarters
    assert out.loc[("median_annual_earnings", 2), ["value", "n"]].tolist() == [36_000, 30]
    assert out.loc[("cost", 0), "value"] == 1200


@pytest.mark.parametrize(
    ("headings", "message"),
    [
        ({"race": "de129"}, "'race' is no column"),
        ({"exited": "d121"}, "'d121' for 'exited' is not"),
    ],
)
def test_wrong_headings_are_refused(tmp_path: Path, headings: dict[str, str], message: str) -> None:
    pd.DataFrame([ROW]).to_excel(tmp_path / "d.xlsx", index=False)
    with pytest.raises(WorkbenchError, match=message):
        read_etp_bulk(tmp_path / "d.xlsx", headings)


def test_apprenticeships_are_exempt(tmp_path: Path) -> None:
    kinds = ["Public", "National Apprenticeship"]
    table = read(tmp_path, *({"d104_entity_type": kind} for kind in kinds))
    assert table["exempt"].tolist() == [False, True]


@pytest.mark.parametrize("name", ["d.xlsx", "d.csv"])
def test_the_national_file_can_be_given_as_outcomes(tmp_path: Path, name: str) -> None:
    read(tmp_path, {}, {}, {"d110_cip_code": "-1"}, name=name)
    out = read_user_table(tmp_path / name, "outcomes")
    assert out["program_key"].tolist() == [
        "etp:CA:College:Welding:48.0508",
        "etp:CA:College:Welding:48.0508:2",
    ]
    assert out.attrs["left_out"] == 1
    assert set(out["source_id"]) == {"user:outcomes"}
    assert out[["value", "n"]].to_numpy().tolist() == [[0.75, 40.0], [0.75, 40.0]]


def test_a_column_named_as_here_is_read_and_makes_earnings_for_the_tiers(tmp_path: Path) -> None:
    row = {**ROW, "median_earnings_q2": "9000"}
    pd.DataFrame([row]).to_csv(tmp_path / "d.csv", index=False)
    out = read_user_table(tmp_path / "d.csv", "outcomes").set_index("metric")
    assert out.loc["median_annual_earnings", ["value", "n"]].tolist() == [36_000, 30]


def test_an_exempt_program_cannot_be_rated_and_says_why(tmp_path: Path) -> None:
    """Whatever it reports, and never as one that does not report or is too small."""
    programs = read(
        tmp_path,
        {},
        {"d104_entity_type": "Registered Apprenticeship", "d105_program_name": "Lineworker"},
        {"d105_program_name": "Small", "de129": "4", "d123_total_employed_q2": "3"},
    )
    outcomes = program_outcomes(programs)
    rows = outcomes[(outcomes["metric"] == "employed_share") & (outcomes["quarter"] == 2)]
    status = rating_status(rows, 10, exempt_programs(rows))
    assert status.tolist() == [
        "can be rated",
        "cannot be rated: exempt",
        "cannot be rated: too few people",
    ]
    found = coverage(outcomes, 10)
    counts = found[found["horizon"] == "quarter 2 after exit"].iloc[0]
    assert counts[["programs", "rated", "exempt", "too_few"]].tolist() == [3, 1, 1, 1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("de129", "de129_denominator"),
        ("d123_total_employed_q2", "d123_employed_second_quarter"),
        ("d120_total_served", "c_total_served"),
        ("de130", "de 130"),
        ("d110_cip_code", "d110"),
        ("reportingstate", "reporting_state"),
    ],
)
@pytest.mark.parametrize("name", ["d.xlsx", "d.csv"])
def test_a_renamed_heading_is_one_error_that_names_both(
    tmp_path: Path, old: str, new: str, name: str
) -> None:
    """Else a rate would read as one that nobody reports."""
    frame = pd.DataFrame([ROW]).rename(columns={old: new})
    writer = frame.to_csv if name.endswith("csv") else frame.to_excel
    writer(tmp_path / name, index=False)
    message = f"{name}: heading '{old}' is missing, and '{new}' is not known"
    for reader in (read_etp_bulk, lambda path: read_user_table(path, "outcomes")):
        with pytest.raises(WorkbenchError, match=message):
            reader(tmp_path / name)


def test_unseen_headings_are_read_by_the_search_service_s_names_and_told(tmp_path: Path) -> None:
    numbers = {
        "d121_total_exited": "50",
        "d124_total_employed_q4": "19",
        "c_median_earnings": "9000",
        "d112_non_wioa_supplies_cost": "100",
        "d111_non_wioa_tuition_cost": "1200",
        "d126_wioa_median_earnings": "1",
    }
    pd.DataFrame([ROW | numbers]).to_csv(tmp_path / "d.csv", index=False)
    table = read_etp_bulk(tmp_path / "d.csv")
    row = table.iloc[0]
    assert (row["exited"], row["share_q4"], row["median_earnings_q2"]) == (50, 0.5, 9000)
    assert row["cost"] == 1300
    assert table.attrs["not_read"] == ["d126_wioa_median_earnings"]
    assert table.attrs["inferred"][0] == (
        "heading 'd121_total_exited' is read as exited, by the name that the search service has "
        "for it"
    )
    repairs = read_user_table(tmp_path / "d.csv", "outcomes").attrs["repairs"]
    assert len([told for told in repairs if "by the name that the search service" in told]) == 4


def test_a_heading_given_goes_before_an_inferred_one(tmp_path: Path) -> None:
    pd.DataFrame([ROW | {"d121_total_exited": "50", "left": "45"}]).to_csv(
        tmp_path / "d.csv", index=False
    )
    table = read_etp_bulk(tmp_path / "d.csv", {"exited": "left"})
    assert table["exited"].tolist() == [45]
    assert table.attrs["not_read"] == ["d121_total_exited"]


def test_every_heading_that_is_read_is_in_the_dictionary() -> None:
    from analysis.tables import etp_bulk
    from analysis.tables.etp_headings import INFERRED, SEEN

    texts, numbers = etp_bulk._TEXT.values(), etp_bulk._NUMBERS.values()
    assert {*texts, *numbers, etp_bulk._KIND, etp_bulk._OUTCOMES, etp_bulk._CIP} <= set(SEEN)
    assert set(INFERRED.values()) <= set(etp_bulk.UNSEEN)
    assert len(SEEN) == 31
