"""The O*NET tables: all rows there, codes whole, flags kept."""

import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.tables import onet


@pytest.fixture(scope="module")
def occupations(workbook):
    return workbook(onet.read_occupations, "Occupation Data.xlsx")


def test_occupations(occupations):
    assert len(occupations) == 1016
    assert occupations.iloc[0].tolist()[:2] == ["11-1011.00", "Chief Executives"]
    assert occupations["title"].is_unique


def test_both_forms_of_the_occupations_are_the_same_table(occupations, carried):
    text = onet.read_occupations_text(carried("Occupation Data.txt"))
    pd.testing.assert_frame_equal(text, occupations)


def test_tasks(workbook):
    tasks = workbook(onet.read_tasks, "Task Statements.xlsx")
    assert len(tasks) == 18_796
    assert tasks["onet_soc_code"].nunique() == 923
    assert set(tasks["task_type"].dropna()) == {"Core", "Supplemental"}
    assert tasks["task_type"].isna().sum() == 1157
    assert tasks["task_id"].str.fullmatch(r"\d+").all()


def test_tasks_of_the_carrier_get_their_codes_from_titles(carried, occupations):
    tasks = onet.read_tasks_text(carried("task_taxonomy.csv"), occupations)
    assert len(tasks) == 18_796
    assert tasks["onet_soc_code"].nunique() == 923
    assert tasks["task_id"].isna().all()
    first = tasks.iloc[0]
    assert first["onet_soc_code"] == "11-1011.00"
    assert first["task"].startswith("Direct or coordinate an organization's financial")
    assert not tasks["task"].str.startswith("Chief Executives |").any()


def test_a_task_of_no_known_title_is_refused_and_not_dropped(tmp_path):
    path = tmp_path / "tasks.csv"
    path.write_text(
        "name,description,taxonomy\nx,Welder | Weld | cut.,onet_task\ny,Y | y,esco_task\n"
    )
    known = pd.DataFrame({"onet_soc_code": ["51-4121.00"], "title": ["Welder"]}, dtype="str")
    assert onet.read_tasks_text(path, known)["task"].tolist() == ["Weld | cut."]
    with pytest.raises(WorkbenchError, match="'Welder' is no title"):
        onet.read_tasks_text(path, known.assign(title="Cook"))


def test_related_occupations(workbook):
    related = workbook(onet.read_related_occupations, "Related Occupations.xlsx")
    assert len(related) == 18_460
    counts = related.groupby("onet_soc_code")["tier"].value_counts().unstack()
    assert len(counts) == 923
    for tier, count in (("Primary-Short", 5), ("Primary-Long", 5), ("Supplemental", 10)):
        assert counts[tier].eq(count).all()
    ranks = related.groupby("onet_soc_code")["rank"].agg(lambda rank: sorted(rank))
    assert ranks.map(lambda rank: rank == list(range(1, 21))).all()
    assert not related["onet_soc_code"].eq(related["related_onet_soc_code"]).any()


@pytest.mark.parametrize(
    ("reader", "file", "rows"),
    [
        (onet.read_job_zones, "Job Zones.xlsx", 923),
        (onet.read_alternate_titles, "Alternate Titles.xlsx", 56_560),
        (onet.read_work_activities, "Tasks to DWAs.xlsx", 23_233),
        (onet.read_technology_skills, "Technology Skills.xlsx", 32_627),
    ],
)
def test_row_counts_of_the_release_and_codes_of_known_occupations(
    workbook, occupations, reader, file, rows
):
    frame = workbook(reader, file)
    assert len(frame) == rows
    assert frame["onet_soc_code"].isin(occupations["onet_soc_code"]).all()
    assert not frame.isna().any().any()


def test_a_workbook_of_another_layout_is_refused_by_name(tmp_path):
    path = tmp_path / "Job Zones.xlsx"
    pd.DataFrame({"O*NET-SOC Code": ["11-1011.00"], "Zone": [5]}).to_excel(path, index=False)
    with pytest.raises(WorkbenchError, match=r"Job Zones\.xlsx: heading 'Job Zone' is missing"):
        onet.read_job_zones(path)


def test_a_damaged_code_is_refused_with_column_and_value(tmp_path):
    path = tmp_path / "Job Zones.xlsx"
    rows = pd.DataFrame({"O*NET-SOC Code": ["11-1011"], "Job Zone": [5]})
    rows.to_excel(path, index=False)
    with pytest.raises(WorkbenchError, match="column onet_soc_code: '11-1011' fails"):
        onet.read_job_zones(path)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("Job Zone", 7, r"column job_zone: 7 fails in_range\(1, 5\) \(1 fault in all\)"),
        ("O*NET-SOC Code", "x", r"onet_soc_code: 'x' fails .*\([2-9] faults in all\)"),
    ],
)
def test_a_fault_is_told_as_the_file_holds_it(tmp_path, column, value, words):
    path = tmp_path / "Job Zones.xlsx"
    rows = pd.DataFrame({"O*NET-SOC Code": ["11-1011.00", "11-1021.00"], "Job Zone": [5, 5]})
    rows.loc[: 0 if column == "Job Zone" else 1, column] = value
    rows.to_excel(path, index=False)
    with pytest.raises(WorkbenchError, match=words):
        onet.read_job_zones(path)


def test_occupations_in_text_have_three_columns_or_one_error(tmp_path):
    path = tmp_path / "occupations.txt"
    path.write_text("Code\tTitle\n51-3011.00\tBakers\n")
    with pytest.raises(
        WorkbenchError, match=r"occupations\.txt: 2 columns .*not 3\. It holds code"
    ):
        onet.read_occupations_text(path)
