"""The national training results: what -1, floats, concatenated codes and denominators mean.

No copy of the file is at hand: headings and traps are those described by others who read it.
"""

from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.tables.etp_bulk import read_etp_bulk

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
