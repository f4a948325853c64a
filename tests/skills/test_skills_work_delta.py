"""Tasks, activities and technologies that a target asks for beyond an origin."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_similarity

from analysis.errors import WorkbenchError
from analysis.skills.work_delta import activity_delta, task_delta, technology_delta


def tasks(n: int, start: int = 0) -> pd.DataFrame:
    numbers = range(start, start + n)
    return pd.DataFrame(
        {
            "task_id": [f"{number}" for number in numbers],
            "task": [f"task {number}" for number in numbers],
            "task_type": "Core",
        }
    )


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_best_cosine_equals_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    origin, target, centre = rng.normal(size=(5, 4)), rng.normal(size=(7, 4)), rng.normal(size=4)
    table = task_delta(tasks(5), tasks(7, 5), origin, target, centre).set_index("task_id")
    twin = cosine_similarity(target - centre, origin - centre)
    for row in range(7):
        result = table.loc[f"{5 + row}"]
        assert result["best_cosine"] == pytest.approx(twin[row].max())
        assert result["nearest_origin_task"] == f"task {twin[row].argmax()}"
    assert table["best_cosine"].is_monotonic_increasing


def test_bands_follow_their_cut_offs():
    angles = np.arccos([0.9, 0.55, 0.5, 0.41, 0.1])
    target = np.column_stack([np.cos(angles), np.sin(angles)]) + 1e-12
    table = task_delta(tasks(1), tasks(5), np.array([[1.0, 0.0]]), target, np.zeros(2))
    assert table["band"].tolist() == ["new"] + ["perhaps related"] * 2 + ["closely related"] * 2
    strict = task_delta(
        tasks(1),
        tasks(5),
        np.array([[1.0, 0.0]]),
        target,
        np.zeros(2),
        closely_related=0.95,
        perhaps_related=0.52,
    )
    assert strict["band"].tolist() == ["new"] * 3 + ["perhaps related"] * 2


def test_task_errors():
    vectors = np.ones((2, 3))
    with pytest.raises(WorkbenchError, match="origin has 0 tasks"):
        task_delta(tasks(0), tasks(2), vectors[:0], vectors, np.zeros(3))
    with pytest.raises(WorkbenchError, match="target has 2 tasks and 1 task vectors"):
        task_delta(tasks(2), tasks(2), vectors, vectors[:1], np.zeros(3))
    with pytest.raises(WorkbenchError, match=r"perhaps_related = 0\.7"):
        task_delta(tasks(2), tasks(2), vectors, vectors, np.zeros(3), perhaps_related=0.7)


ACTIVITIES = pd.DataFrame(
    [
        ("a", "1", "4.A.1.I01.D01", "Greet."),
        ("a", "2", "4.A.1.I02.D01", "Record."),
        ("b", "3", "4.A.1.I01.D01", "Greet."),
        ("b", "4", "4.A.1.I01.D02", "Inform."),
        ("b", "5", "4.A.2.I07.D01", "Draw blood."),
        ("b", "6", "4.A.2.I07.D02", "Test."),
        ("b", "7", "4.A.2.I07.D02", "Test."),
    ],
    columns=["onet_soc_code", "task_id", "dwa_id", "dwa_title"],
)


def test_activities_by_hand():
    table = activity_delta(ACTIVITIES, "a", "b")
    assert table["dwa_title"].tolist() == ["Test.", "Draw blood.", "Inform.", "Greet."]
    assert table["n_tasks"].tolist() == [2, 1, 1, 1]
    relations = ["new", "new", "same intermediate activity", "same activity"]
    assert table["relation"].tolist() == relations
    assert activity_delta(ACTIVITIES, "b", "b")["relation"].eq("same activity").all()
    assert activity_delta(ACTIVITIES, "a", "x").empty


TECHNOLOGY = pd.DataFrame(
    [
        # the origin holds two tills, one hot spreadsheet, one odd medical program
        ("a", "Till 1", "1", "Till software", False, False),
        ("a", "Till 2", "1", "Till software", False, False),
        ("a", "Excel", "2", "Spreadsheet software", True, False),
        ("a", "EMR", "3", "Medical software", False, False),
        ("b", "Till 9", "1", "Till software", True, True),
        ("b", "Calc", "2", "Spreadsheet software", True, False),
        ("b", "Epic", "3", "Medical software", True, False),
        ("b", "Ada", "3", "Medical software", False, True),
        ("b", "PACS", "4", "Imaging software", True, False),
        ("b", "Lab", "5", "Laboratory software", False, False),
        ("b", "File", "0", "Filing software", False, False),
        ("c", "File", "0", "Filing software", False, False),
        ("b", "Word", "6", "Word processing software", True, False),
        ("c", "Word", "6", "Word processing software", True, False),
        ("d", "Word", "6", "Word processing software", True, False),
    ],
    columns=[
        *("onet_soc_code", "example", "commodity_code", "commodity_title"),
        *("hot_technology", "in_demand"),
    ],
)


def test_technology_by_hand():
    table = technology_delta(TECHNOLOGY, "a", "b")
    # held: tills (two examples), spreadsheets (a hot one); common: word processing (3 of 4)
    assert table["commodity_title"].tolist() == [
        "Medical software",
        "Imaging software",
        "Laboratory software",
        "Filing software",
    ]
    assert table["in_demand"].tolist() == [True, False, False, False]
    assert table["hot_technology"].tolist() == [True, True, False, False]
    assert table["examples"].iloc[0] == ["Ada", "Epic"]
    assert table["share_of_occupations"].tolist() == [0.5, 0.25, 0.25, 0.5]


def test_technology_rules_are_arguments():
    everything = technology_delta(TECHNOLOGY, "a", "b", common_share=1.0, minimum_examples=3)
    assert set(everything["commodity_code"]) == {"0", "1", "3", "4", "5", "6"}
    odd_ones_count = technology_delta(TECHNOLOGY, "a", "b", minimum_examples=1)
    assert "3" not in set(odd_ones_count["commodity_code"])


@pytest.mark.parametrize("code", ["a", "b", "x"])
def test_technology_of_a_job_beyond_itself_is_none(code):
    assert technology_delta(TECHNOLOGY, code, code).empty
