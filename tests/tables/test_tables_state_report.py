"""A state's own report (ETA-9169) is read in the form's own names, or refused naming the place."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.tables.file_checks import check_file
from analysis.tables.state_report import read_state_report

HEADING = "state,stream,period,by,group,exited,employed_q2,employed_q2_of,employed_q2_rate\n"
START = "TX,Title I Adult,PY 2023,"


def put(tmp_path: Path, rows: str, heading: str = HEADING) -> Path:
    path = tmp_path / "report.csv"
    path.write_text(heading + rows, "utf-8")
    return path


def test_groups_are_read_in_the_form_s_own_names(tmp_path: Path) -> None:
    rows = {
        "all": ["Total Statewide"],
        "Sex": ["Female", "Male"],
        "race": [
            "American Indian / Alaska Native", "Asian", "Black / African American",
            "Hispanic / Latino", "Native Hawaiian / Pacific Islander", "White",
            "More Than One Race",
        ],
        "age": ["< 16", "16 - 18", "19 - 24", "25 - 44", "45 - 54", "55 - 59", "60+"],
    }  # fmt: skip
    lines = [
        f"{START}{by},{group},500,300,400,0.75" for by, names in rows.items() for group in names
    ]
    frame = read_state_report(put(tmp_path, "\n".join(lines)))
    found = frame.groupby("by", sort=False)["group"].agg(list).to_dict()
    assert found == {
        "all": ["all"],
        "gender": ["women", "men"],
        "race": [
            "American Indian", "Asian", "Black", "Hispanic", "Pacific Islander", "white",
            "multiple races",
        ],
        "age_group": [
            "under 16", "16 to 18", "19 to 24", "25 to 44", "45 to 54", "55 to 59", "60 or more",
        ],
    }  # fmt: skip


def test_the_workbench_s_own_names_are_groups_of_the_layout() -> None:
    """Else the reference group of a report would never be found."""
    from analysis.tables.state_report import _GROUPS
    from analysis.tables.wioa_layout import wioa_layout

    for by in ("gender", "race", "age_group"):
        grouping = wioa_layout().grouping(by)
        assert grouping.reference in _GROUPS[by].values()
        for name in _GROUPS[by].values():
            assert f"'{name}'" in grouping.label


@pytest.mark.parametrize(
    ("written", "counts"),
    [
        ("300,400,0.75", (300, 400, 0.75)),
        ("300,400,", (300, 400, 0.75)),
        ("300,,0.75", (300, 400, 0.75)),
        (",400,0.75", (300, 400, 0.75)),
        # rates of a form are rounded: 305 of 407 is 74.9 percent
        ("305,,0.749", (305, 407, 0.749)),
        ("305,407,0.75", (305, 407, 0.75)),
    ],
)
def test_two_of_three_numbers_of_a_share_are_enough(
    tmp_path: Path, written: str, counts: tuple[float, float, float]
) -> None:
    frame = read_state_report(put(tmp_path, f"{START}gender,Female,500,{written}\n"))
    columns = ["employed_q2", "employed_q2_of", "employed_q2_rate"]
    assert frame.loc[0, columns].tolist() == pytest.approx(list(counts))


def test_a_rate_without_counts_stays_one_and_unknown_columns_are_missing(tmp_path: Path) -> None:
    frame = read_state_report(put(tmp_path, f"{START}gender,Female,500,,,0.75\n"))
    assert frame.loc[0, "employed_q2_rate"] == 0.75
    assert pd.isna(frame.loc[0, ["employed_q2", "employed_q2_of", "median_earnings_q2"]]).all()


def test_rows_about_barriers_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = f"{START}gender,Male,500,300,400,\n{START}low_income,Low-Income,90,40,60,\n"
    frame = read_state_report(put(tmp_path, rows))
    assert frame["group"].tolist() == ["men"]
    assert frame.attrs["left_out"] == 1


@pytest.mark.parametrize("name", ["state", "stream", "period", "by", "group"])
def test_each_key_is_required(tmp_path: Path, name: str) -> None:
    path = put(tmp_path, "x,y,z,gender,Male,1,1,1,1\n", HEADING.replace(f"{name},", "other,"))
    with pytest.raises(WorkbenchError, match=f"column '{name}' is missing"):
        read_state_report(path)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (f"{START}gender,Woman,1,1,1,1", "column 'group', row 2: 'Woman' is no group of 'gender'"),
        (f"{START}gender,Male,9,8,7,", "column 'employed_q2', row 2: '8' is above its denominator"),
        (f"{START}gender,Male,9,60,100,0.7", "contradicts the rate over its denominator"),
        (f"{START}gender,Male,9,60,100,60", "employed_q2_rate', row 2: '60' is above 1"),
        (f"{START}gender,Male,9,60,100,60%", "'60%' is not a number"),
        (f"{START}gender,Male,9,*,100,", r"'\*' is not a number"),
        (f"{START}gender,Male,9,6,9,\n{START}sex,men,9,6,9,", "row 3: 'men' stands twice"),
        ("Texas,A,B,gender,Male,9,6,9,", "state: 'Texas' fails"),
    ],
)
def test_a_fault_is_one_error_that_names_the_place(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(WorkbenchError, match=message) as caught:
        read_state_report(put(tmp_path, rows + "\n"))
    assert "report.csv" in str(caught.value)
    assert caught.value.remedy


def test_the_check_tells_what_the_reader_refuses(tmp_path: Path) -> None:
    path = put(tmp_path, f"{START}gender,Male,9,300,400,\n{START}gender,Female,9,8,7,\n")
    found = check_file(path)
    assert found.layout == "state_report"
    assert found.problems[["row", "column", "problem"]].to_numpy().tolist() == [
        [3, "employed_q2", "'8' is above its denominator"]
    ]
    assert check_file(put(tmp_path, f"{START}gender,Male,9,300,400,\n")).problems.empty
