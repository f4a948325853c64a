"""Typical education by hand, and of the release itself."""

from pathlib import Path

import pandas as pd

from analysis.reports.delta_words import pair_facts
from analysis.skills.education_step import CATEGORIES, UNKNOWN, education_step, typical_education
from analysis.skills.move import Move, pair_row
from analysis.tables.onet import read_education

EDUCATION = pd.DataFrame(
    {"onet_soc_code": ["a", "a", "b", "b", "c"], "category": [2, 1, 5, 3, 2],
     "percent": [50.0, 50.0, 20.0, 80.0, 0.0]}
)  # fmt: skip


def test_the_most_named_category_and_of_two_the_lower():
    assert education_step(EDUCATION, "a", "b") == (
        "less than a high school diploma (50% of answers)",
        "certificate after high school (80% of answers)",
    )


def test_what_nobody_named_is_not_known():
    assert typical_education(EDUCATION, "c") == typical_education(EDUCATION, "z") == UNKNOWN
    assert education_step(None, "a", "b") is None


def test_it_stands_beside_zone_and_wage():
    row = pair_row(
        Move("a", "b", "A", "B"), job_zones=None, wages=None, state="TX",
        similarity_percentile=0.5, rests_on="",
    ).iloc[0]  # fmt: skip
    assert len(pair_facts(row)) == 5  # code, zone, wage, jobs there and of 1,000
    facts = pair_facts(row, ("x", "y")).set_index("fact")
    assert facts.loc["Education that most name as required"].tolist() == ["x", "y"]


def test_education_of_the_release(mirror: Path):
    frame = read_education(mirror / "onet-29.2" / "Education, Training, and Experience.xlsx")
    assert frame["onet_soc_code"].nunique() == 858
    assert set(frame["category"]) == set(CATEGORIES)
    total = frame.groupby("onet_soc_code")["percent"].sum()
    assert total.between(99.5, 100.5).all()
    assert typical_education(frame, "29-1141.00").split(" (")[0] in {
        "associate's degree", "bachelor's degree",
    }  # fmt: skip
    assert typical_education(frame, "23-1011.00").startswith("doctoral degree (77%")
