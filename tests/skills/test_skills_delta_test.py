"""Programs ordered for a move: precision and AUC by hand, the placebo, and what is covered."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.metrics import roc_auc_score

from analysis.reports.program_tables import delta_test_figures, delta_test_words
from analysis.skills.coverage import TaskSpace, coverage
from analysis.skills.covered_tasks import covered_tasks, with_coverage
from analysis.skills.delta_test import CHANCE, PLACEBO, _then, delta_test, low_zone_origins
from analysis.skills.program_labels import Labels

# the target b has a task of the origin a (x) and one that is new (z), which c has too
SPACE = TaskSpace(
    np.eye(3)[[0, 1, 0, 2, 2]], np.array(list("aabbc")), list("abc"),
    ["Greet.", "Lift.", "Greet guests.", "Draw blood.", "Take blood."],
)  # fmt: skip


def labels_of(counts: tuple[int, int, int]) -> Labels:
    truth = np.repeat(np.eye(3, dtype=bool), counts, axis=0)
    return Labels(np.arange(len(truth)), sparse.csr_matrix(truth), np.arange(len(truth)))


def table_of(seed: int = 3) -> tuple[pd.DataFrame, np.ndarray, Labels]:
    labels = labels_of((4, 12, 30))
    rng = np.random.default_rng(seed)
    chance = rng.dirichlet([1, 1, 1], 46) + 0.7 * labels.truth.toarray()
    table = delta_test(chance, rng.random((46, 3)), labels, SPACE, ["a"], seed=1)
    return table.set_index("score"), chance, labels


def test_precision_and_auc_equal_a_sort_and_scikit_learn():
    table, chance, labels = table_of()
    values = []
    for place in (1, 2):  # a has fewer than ten programs
        right = labels.truth.toarray()[:, place]
        first = np.argsort(-chance[:, place])[:10]
        values.append((right[first].mean(), roc_auc_score(right, chance[:, place])))
    # from a to c everything is new, so a placebo cannot be made: that pair is left out
    assert table.loc[CHANCE, ["precision_at_10", "auc"]].tolist() == pytest.approx(values[0])
    assert table.loc[CHANCE, ["n_pairs", "n_targets"]].tolist() == [1, 1]
    assert table.loc[CHANCE, ["precision_gain", "auc_gain"]].tolist() == [0, 0]


def test_gain_is_the_difference_from_the_chance():
    table, _, _ = table_of()
    gain = table["auc"] - table.loc[CHANCE, "auc"]
    assert table["auc_gain"].to_numpy() == pytest.approx(gain.to_numpy())


def test_placebo_scores_what_is_known_already():
    """A program for a trains the known task of b and none of the new one."""
    labels = labels_of((12, 12, 12))
    table = delta_test(
        labels.truth.toarray().astype(float), np.zeros((36, 3)), labels, SPACE, ["a"], seed=1
    ).set_index("score")
    # of a and b programs each holds the known task, of b and c each the new one: half are tied
    for name in (PLACEBO, "coverage of the delta"):
        assert table.loc[name, "auc"] == pytest.approx((1 + 0.5) / 2)
    assert table.loc["CIP crosswalk", "precision_at_10"] == pytest.approx(12 / 36)
    assert table.loc[CHANCE, "precision_at_10"] == 1


def test_ties_are_settled_by_the_second_score_alone():
    ranks = _then(np.array([0.5, 0.5, 0.9, 0.1]), np.array([0.2, 0.1, 0.0, 0.9]))
    assert ranks.argsort().tolist() == [3, 1, 0, 2]


def test_low_zone_origins_are_the_largest_of_zones_one_and_two():
    zones = pd.DataFrame({"onet_soc_code": ["a-11111.00", "b-11111.00", "c-11111.00"],
                          "job_zone": [1, 2, 4]})  # fmt: skip
    wages = pd.DataFrame(
        {"area_type": ["national"] * 3 + ["state"], "employment": [1.0, 2.0, 9.0, 99.0],
         "soc_code": ["a-11111", "b-11111", "c-11111", "a-11111"]}
    )  # fmt: skip
    codes = ["a-11111", "b-11111", "c-11111"]
    assert low_zone_origins(zones, wages, codes) == ["b-11111", "a-11111"]
    assert low_zone_origins(zones, wages, codes, most=1) == ["b-11111"]


def test_covered_tasks_are_new_and_trained():
    programs = np.eye(3)
    assert covered_tasks(programs, SPACE, "b", "a", least=0.5) == ["", "Draw blood.", "Draw blood."]
    everything = covered_tasks(programs, SPACE, "b", "", least=0.5)
    assert everything == ["Greet guests.", "Greet guests.; Draw blood.", "Draw blood."]
    assert covered_tasks(programs, SPACE, "b", "", least=0.5, most=1)[1] == "Greet guests."


def test_several_past_jobs_leave_less_to_cover():
    programs = np.eye(3)
    assert coverage(programs, SPACE, "b", ["a"]).tolist() == [0, 1, 1]
    assert np.isnan(coverage(programs, SPACE, "b", ["a", "c"])).all()
    assert covered_tasks(programs, SPACE, "b", ["a", "c"], least=0.5) == ["", "", ""]
    # past jobs without tasks of their own take nothing away
    assert coverage(programs, SPACE, "b", ["q"]).tolist() == coverage(programs, SPACE, "b").tolist()


def test_coverage_explains_and_does_not_order():
    matched = pd.DataFrame({"program_key": ["p", "q", "r"], "probability": [0.9, 0.9, 0.1]})
    table = with_coverage(
        matched, ["q", "p"], np.array([0.8, 0.2]), ["Draw blood.", ""], ["", "Greet."]
    )
    assert table["program_key"].tolist() == ["p", "q", "r"]
    assert table["coverage"].fillna(-1).tolist() == [0.2, 0.8, -1]
    assert table["covers"].tolist() == ["", "Draw blood.", ""]
    assert table["covers_activities"].tolist() == ["Greet.", "", ""]


def test_words_and_figures_come_from_the_table():
    table, _, _ = table_of()
    ordered = table.reset_index()
    assert f"{table.loc[CHANCE, 'precision_at_10']:.3f} of the first ten" in delta_test_words(
        ordered
    )
    figures = {figure["name"]: figure for figure in delta_test_figures(ordered)}
    assert len(figures) == 2 * len(ordered)
    stated = figures["delta_test.chance_of_the_target.auc"]
    assert stated["estimate"] == table.loc[CHANCE, "auc"]
    assert stated["interval"] == tuple(table.loc[CHANCE, ["auc_low", "auc_high"]])
