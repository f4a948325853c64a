"""Known figures of O*NET 29.2, from the files themselves: similarity, delta, look-up."""

from collections.abc import Callable

import pandas as pd
import pytest

from analysis.skills.baselines import popularity_similarity
from analysis.skills.delta import element_gaps, skill_delta
from analysis.skills.evaluation import neighbour_scores, related_truth, same_minor_group_share
from analysis.skills.foundation import foundation_step
from analysis.skills.occupation_lookup import find_occupation
from analysis.skills.rating_levels import rating_levels
from analysis.skills.representations import aligned, rating_matrix, similarity, tfidf_matrix
from analysis.skills.work_delta import activity_delta
from analysis.tables import onet

MOVES = {
    "cashier": ("41-2011.00", "31-9092.00"),
    "retail": ("41-2031.00", "15-1232.00"),
    "waiter": ("35-3031.00", "31-9091.00"),
    "laborer": ("53-7062.00", "49-9041.00"),
}


@pytest.fixture(scope="module")
def truth(workbook: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return related_truth(workbook(onet.read_related_occupations, "Related Occupations.xlsx"))


@pytest.fixture(scope="module")
def activities(workbook: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return workbook(onet.read_work_activities, "Tasks to DWAs.xlsx")


@pytest.fixture(scope="module")
def knowledge(workbook: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return workbook(onet.read_ratings, "Knowledge.xlsx", "knowledge")


@pytest.fixture(scope="module")
def levels(knowledge: pd.DataFrame) -> pd.DataFrame:
    return rating_levels(knowledge)


def test_truth_is_ten_for_each_of_923(truth):
    assert truth.groupby("onet_soc_code").size().eq(10).all()
    assert truth["onet_soc_code"].nunique() == 923
    assert set(truth["related_onet_soc_code"]) <= set(truth["onet_soc_code"])


def test_activities_find_related_occupations(truth, activities):
    """Published: recall@10 .385, mean reciprocal rank .810; chance .011; popular answers little."""
    codes = sorted(truth["onet_soc_code"].unique())
    described = tfidf_matrix(activities["onet_soc_code"], activities["dwa_id"], by="wholes")
    near = similarity(aligned(described, codes).matrix)
    scores = neighbour_scores(near, codes, truth)
    assert scores["recall"].mean() == pytest.approx(0.385, abs=0.001)
    assert scores["reciprocal_rank"].mean() == pytest.approx(0.811, abs=0.002)
    popular = neighbour_scores(popularity_similarity(codes, truth), codes, truth)
    assert popular["recall"].mean() == pytest.approx(0.036, abs=0.001)
    groups = same_minor_group_share(near, codes)
    assert groups["share"].mean() == pytest.approx(0.513, abs=0.001)
    assert groups["random_expectation"].mean() == pytest.approx(0.0197, abs=0.0001)


def test_knowledge_finds_related_occupations(truth, knowledge):
    """.319 as published breaks ties of the 44 unrated occupations by the order of their codes."""
    codes = sorted(truth["onet_soc_code"].unique())
    near = similarity(aligned(rating_matrix(knowledge), codes).matrix)
    scores = neighbour_scores(near, codes, truth).set_index("onet_soc_code")
    assert scores["recall"].mean() == pytest.approx(0.3144, abs=0.0005)
    unrated = scores.loc[sorted(set(codes) - set(knowledge["onet_soc_code"])), "recall"]
    assert len(unrated) == 44
    assert unrated.to_numpy() == pytest.approx(10 / 922)


@pytest.mark.parametrize(
    ("move", "element", "need"),
    [
        ("cashier", "Medicine and Dentistry", 2.48),
        ("cashier", "Customer and Personal Service", 1.26),
        ("cashier", "Administrative", 1.24),
        ("cashier", "Therapy and Counseling", 1.06),
        ("cashier", "English Language", 0.99),
        ("retail", "Computers and Electronics", 2.79),
        ("retail", "Telecommunications", 2.53),
        ("retail", "Mechanical", 1.83),
        ("retail", "Engineering and Technology", 1.78),
        ("retail", "Education and Training", 1.53),
        ("waiter", "Medicine and Dentistry", 3.66),
        ("waiter", "Administrative", 1.66),
        ("waiter", "Biology", 0.58),
        ("laborer", "Mechanical", 2.89),
        ("laborer", "Design", 1.73),
    ],
)
def test_needs_of_known_moves(levels, move, element, need):
    shown = skill_delta(levels, *MOVES[move]).set_index("element")
    assert round(shown.loc[element, "need"], 2) == need


def test_suppressed_gaps_of_known_moves_are_shown(levels):
    gaps = skill_delta(levels, *MOVES["cashier"]).set_index("element")
    assert gaps.index[0] == "Medicine and Dentistry"
    assert gaps.loc["Medicine and Dentistry", "flags"] == "suppressed (origin)"
    assert round(gaps.loc["Customer and Personal Service", "probability"], 2) == 0.85


def test_missing_errors_are_imputed(knowledge, levels):
    stated = knowledge.loc[knowledge["scale_id"] == "LV", "standard_error"]
    assert levels["error_imputed"].sum() == stated.isna().sum() == 7128
    assert levels["standard_error"].gt(0).all()
    assert element_gaps(levels, *MOVES["retail"])["standard_error"].gt(0).all()


def test_activities_of_a_known_move_are_new(activities):
    relations = activity_delta(activities, *MOVES["cashier"])["relation"].value_counts()
    assert relations.to_dict() == {"new": 19, "same intermediate activity": 2}


def test_foundation_of_known_moves(workbook):
    zones = workbook(onet.read_job_zones, "Job Zones.xlsx")
    for origin, target in MOVES.values():
        assert foundation_step(zones, origin, target).startswith("one job zone up: from 2")


def test_every_title_is_found_in_singular_or_plural(workbook):
    occupations = workbook(onet.read_occupations, "Occupation Data.xlsx")
    sample = occupations.iloc[::25]
    for code, title in zip(sample["onet_soc_code"], sample["title"], strict=True):
        assert find_occupation(title.upper(), occupations) == code
        assert find_occupation(title.removesuffix("s"), occupations) == code
