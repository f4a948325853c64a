"""O*NET ratings: every row with its error and flags (a file of its own: the workbooks are slow)."""

import pytest

from analysis.tables import onet


@pytest.fixture(scope="module")
def skills(workbook):
    return workbook(onet.read_ratings, "Skills.xlsx", "skills")


def test_skills_keep_every_row_with_its_flags(skills):
    assert len(skills) == 61_530
    assert skills["onet_soc_code"].nunique() == 879
    assert skills["element_id"].nunique() == 35
    assert skills["domain"].eq("skills").all()
    assert skills["n"].eq(8).all()
    level = skills[skills["scale_id"] == "LV"]
    assert (level["recommend_suppress"].sum(), level["not_relevant"].sum()) == (124, 3302)
    # the flag is for levels only: on importance it is missing, not "no"
    assert skills.loc[skills["scale_id"] == "IM", "not_relevant"].isna().all()
    assert level["standard_error"].eq(0).mean() == pytest.approx(0.208, abs=0.0005)


def test_knowledge_keeps_rows_without_error_number_or_flag(workbook):
    knowledge = workbook(onet.read_ratings, "Knowledge.xlsx", "knowledge")
    assert len(knowledge) == 58_014
    assert knowledge["element_id"].nunique() == 33
    level = knowledge[knowledge["scale_id"] == "LV"]
    assert level["recommend_suppress"].sum() == 4778
    suppressed = level["recommend_suppress"].fillna(False)
    assert (suppressed & level["not_relevant"].fillna(False)).sum() == 3727
    assert knowledge["recommend_suppress"].isna().sum() == 13_002
    assert knowledge["standard_error"].isna().sum() == 12_870 + 1386
    assert knowledge["n"].isna().sum() == 1386
