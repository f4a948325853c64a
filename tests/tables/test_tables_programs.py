"""Lists of programs: nothing dropped, codes and texts mended, lengths believable."""

import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.tables.programs import read_scorecard_programs, read_texas_programs

TEXAS = "texas-etpl/twc_programs_2024-03-20.csv"


@pytest.fixture(scope="module")
def texas(mirror):
    return read_texas_programs(mirror / TEXAS)


@pytest.fixture(scope="module")
def raw(mirror):
    return pd.read_csv(mirror / TEXAS, dtype="str")


def test_texas_holds_every_program_of_the_list_in_its_order(texas, raw):
    assert len(texas) == 6245
    assert texas["program_key"].tolist() == ("texas:" + raw["Program ID"]).tolist()
    first = texas.iloc[0]
    assert first["cip_code"] == "46.0000"
    assert first["stated_soc_codes"] == "47-2111.00"
    assert first["cost"] == 5600 + 1983
    assert (first["weeks"], first["hours"]) == (13, 20)


def test_texas_codes_are_whole_or_missing(texas, raw):
    assert texas["cip_code"].isna().sum() == 33
    known = texas["cip_code"].notna()
    back = texas.loc[known, "cip_code"].str.replace(".", "").astype("int64")
    published = raw.loc[known, "Instructional Program (CIP) Code"].astype("float64")
    assert (back == published).all()
    stated = texas["stated_soc_codes"].str.split(";").explode()
    assert stated[stated != ""].str.fullmatch(r"\d{2}-\d{4}\.\d{2}").all()
    counts = sum(raw[f"Occupation Code (ONET {i})"].notna().sum() for i in (1, 2, 3))
    assert (stated != "").sum() == counts == 8206


def test_texas_lengths_without_a_number_or_over_the_maximum_are_missing(texas, raw, mirror):
    weeks = pd.to_numeric(raw["Length: Weeks"], errors="coerce")
    assert texas["weeks"].max() == 260
    assert texas["weeks"].isna().sum() == (weeks.isna() | (weeks == 0) | (weeks > 260)).sum()
    assert (raw.loc[weeks.isna(), "Length: Weeks"] == "ERROR").all()
    wider = read_texas_programs(mirror / TEXAS, maximum_weeks=262)
    assert wider["weeks"].max() == 262
    assert wider["weeks"].notna().sum() == texas["weeks"].notna().sum() + 1
    shorter = read_texas_programs(mirror / TEXAS, maximum_hours=100)
    assert shorter["hours"].max() == 100


def test_texas_texts_hold_no_entities(texas):
    for name in ("program", "provider", "description", "credential"):
        assert not texas[name].str.contains(r"&(?:quot|reg|#\d+);").any()


def test_html_of_a_description_becomes_text(tmp_path, raw):
    path = tmp_path / "list.csv"
    row = raw.head(1).assign(**{"Program Description": "<ul><li>Wire &amp; bend</li></ul>"})
    row.to_csv(path, index=False)
    assert read_texas_programs(path)["description"].tolist() == ["Wire & bend"]


def test_a_list_of_another_layout_is_refused_by_name(tmp_path, raw):
    path = tmp_path / "list.csv"
    for gone in ("Associted Credential Name", "Length: Weeks"):
        raw.head(1).drop(columns=gone).to_csv(path, index=False)
        with pytest.raises(WorkbenchError, match=rf"list\.csv: heading '{gone}' is missing"):
            read_texas_programs(path)


def test_scorecard_programs(carried):
    programs = read_scorecard_programs(carried("value_check.parquet"))
    assert len(programs) == 220_960
    assert programs["program_key"].is_unique
    assert programs["cip_code"].str.fullmatch(r"\d{2}\.\d{2}").all()
    first = programs.iloc[0]
    assert first["provider"] == "Orange County Community College"
    assert first["cip_code"] == "51.08"
    assert first["program"].startswith("Allied Health and Medical Assisting Services, Associate's")
    assert programs[["cost", "weeks", "hours"]].isna().all().all()
