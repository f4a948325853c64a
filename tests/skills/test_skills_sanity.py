"""Known moves show what a reader expects of them, on the published ratings."""

from collections.abc import Callable

import pandas as pd
import pytest

from analysis.skills.move_tables import rated_levels
from analysis.skills.sanity import known_moves
from analysis.tables import onet


@pytest.fixture(scope="module")
def moves(workbook: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    levels = rated_levels(
        workbook(onet.read_ratings, "Skills.xlsx", "skills"),
        workbook(onet.read_ratings, "Knowledge.xlsx", "knowledge"),
    )
    occupations = workbook(onet.read_occupations, "Occupation Data.xlsx")
    titles = dict(zip(occupations["onet_soc_code"], occupations["title"], strict=True))
    return known_moves(
        levels, workbook(onet.read_job_zones, "Job Zones.xlsx"), titles,
        gap_level=0.5, probability=0.8, level=0.95,
    )  # fmt: skip


def test_the_four_published_moves_lead_with_what_is_taught(moves):
    first = moves["largest"].str.split(", ").str[0].tolist()[:4]
    assert first == [
        "Medicine and Dentistry",
        "Computers and Electronics",
        "Medicine and Dentistry",
        "Mechanical",
    ]


def test_far_fewer_gaps_are_shown_than_are_positive(moves):
    real = moves.iloc[:4]
    assert (real["gaps"] <= real["positive"] / 2).all()
    assert real["gaps"].ge(8).all()


def test_a_job_and_itself_and_its_twin(moves):
    same, twin, other = moves.iloc[4], moves.iloc[5], moves.iloc[6]
    assert (same["gaps"], same["total_need"], same["largest"]) == (0, 0, "none")
    assert twin["gaps"] <= 2
    assert twin["total_need"] < 1 < 20 < other["total_need"]
