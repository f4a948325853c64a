"""Coverage of a delta by programs, and the contrast of target and origin, by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from analysis.skills.contrast_test import ALL_OF_TARGET, EITHER, RELATED, contrast_test
from analysis.skills.coverage import TaskSpace, coverage, reach, task_space
from analysis.skills.covered_activities import covered_activities
from analysis.skills.program_labels import Labels

# tasks: two of job a (x, y), two of job b (x, z), one of job c (z)
UNIT = np.eye(3)[[0, 1, 0, 2, 2]]
SPACE = TaskSpace(UNIT, np.array(["a", "a", "b", "b", "c"]), ["a", "b", "c"])


def test_reach_by_hand():
    assert reach(SPACE, "b").tolist() == [[1, 1, 0], [0, 1, 1]]


def test_only_what_is_new_counts():
    """From a to b only z is new; a program for a trains none of it, one for c all of it."""
    programs = np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [0.5, 0, 0.5]])
    assert coverage(programs, SPACE, "b", "a").tolist() == [0, 1, 1, 0.5]
    assert coverage(programs, SPACE, "b").tolist() == [0.5, 1, 0.5, 0.5]


def test_a_job_and_itself_has_nothing_to_cover():
    assert np.isnan(coverage(np.eye(3), SPACE, "b", "b")).all()


def test_only_the_ten_likeliest_occupations_count():
    soc = [f"{n:02}" for n in range(12)]
    space = TaskSpace(np.eye(12), np.array(soc), soc)
    chance = np.array([[0.9, *[0.01] * 9, 0.005, 0.005]])
    assert coverage(chance, space, "11")[0] == 0
    assert coverage(chance, space, "00")[0] == pytest.approx(0.9 / 0.99)


def test_a_better_cosine_reaches_more():
    angle = np.arccos([0.2, 0.45, 0.7])
    unit = np.vstack([[1, 0], np.column_stack([np.cos(angle), np.sin(angle)])])
    space = TaskSpace(unit, np.array(list("abcd")), list("abcd"))
    assert reach(space, "a")[0] == pytest.approx([1, 0, 0.5, 1])


def test_contrast_tells_programs_of_target_and_origin_apart():
    """Six programs state a, six b; chances that know it reach an AUC of 1, none tell .5."""
    truth = np.zeros((12, 3), dtype=bool)
    truth[:6, 0] = truth[6:, 1] = True
    labels = Labels(np.arange(12), sparse.csr_matrix(truth), np.arange(12))
    related = pd.DataFrame({"soc_code": ["a", "b"], "related_soc_code": ["b", "a"]})
    told = np.where(truth, 0.8, 0.1)
    table = contrast_test(told, np.zeros((12, 3)), labels, SPACE, related, seed=1)
    auc = table[table["definition"] == EITHER].set_index("score")["auc"]
    assert auc["chance of the target less chance of the origin"] == 1
    assert auc["coverage of the delta"] == 1
    assert auc["CIP crosswalk"] == 0.5
    assert table["n_pairs"].eq(2).all()


def test_definitions_of_the_contrast_differ_in_programs_of_both_and_of_jobs_nearby():
    """Five programs state a alone, five b alone, five both, four c, which is near b."""
    truth = np.repeat(np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]], dtype=bool), 5, axis=0)
    truth = truth[:19]  # too few of c to be an origin itself
    labels = Labels(np.arange(19), sparse.csr_matrix(truth), np.arange(19))
    related = pd.DataFrame({"soc_code": ["a", "b"], "related_soc_code": ["b", "c"]})
    chance = np.zeros((19, 3))
    chance[:, 0] = np.repeat([0.9, 0.3, 0.2, 0.5], 5)[:19]  # of the target a
    table = contrast_test(chance, np.zeros((19, 3)), labels, SPACE, related, seed=1)
    auc = table[table["score"] == "chance of the target"].set_index("definition")["auc"]
    assert auc[EITHER] == 1  # a (.9) before b (.3)
    assert auc[ALL_OF_TARGET] == 0.5  # those of both (.2) come after b
    assert auc[RELATED] == 0.5  # a (.9) before b, c; those of both after both


def test_activities_that_likely_jobs_list_and_the_origin_does_not():
    listed = pd.DataFrame(
        {"onet_soc_code": ["o", "t", "t", "t", "u"], "dwa_id": ["1", "1", "2", "3", "3"],
         "dwa_title": ["Greet", "Greet", "Draw blood", "Give injections", "Give injections"]}
    )  # fmt: skip
    chance = np.array([[0.0, 0.2, 0.8], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    named = covered_activities(chance, ["o", "t", "u"], listed, "t", ["o"], least=0.5)
    assert named == ["Give injections", "Draw blood; Give injections", ""]
    assert covered_activities(chance, ["o", "t", "u"], None, "t", ["o"], least=0.5) == [""] * 3


def test_task_space_is_ordered_by_code_and_centred():
    tasks = pd.DataFrame({"onet_soc_code": ["b-11111.00", "a-11111.00"], "task": ["z", "x"]})
    of = {"z": [1.0, 0.0], "x": [0.0, 1.0]}
    space = task_space(
        tasks, lambda texts: np.array([of[t] for t in texts]), ["a-11111", "b-11111"]
    )
    assert space.soc.tolist() == ["a-11111", "b-11111"]
    assert space.unit == pytest.approx(np.array([[-1, 1], [1, -1]]) / np.sqrt(2))
