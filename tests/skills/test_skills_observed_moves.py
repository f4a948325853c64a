"""Similarity against observed moves: hand-checked AUC and lift, the baseline, bad files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from analysis.errors import WorkbenchError
from analysis.reports.skill_tables import moves_sentence
from analysis.skills.observed_moves import SIZE, score_moves
from analysis.tables.moves import read_moves

CODES = [f"{major}-{minor}000.00" for major in (11, 13, 15, 17, 19) for minor in range(1, 7)]


def moves_of(rng: np.random.Generator, told: np.ndarray, weight: float) -> pd.DataFrame:
    rows = []
    for origin in range(len(CODES)):
        chance = np.exp(weight * told[origin])
        chance[origin] = 0
        for target in rng.choice(len(CODES), size=12, p=chance / chance.sum()):
            rows.append((CODES[origin][:7], CODES[target][:7], 1.0))
    return pd.DataFrame(rows, columns=["origin", "target", "weight"]).groupby(
        ["origin", "target"], as_index=False
    )["weight"].sum()  # fmt: skip


def test_auc_equals_scikit_learn_for_one_origin():
    rng = np.random.default_rng(1)
    near = rng.normal(size=(30, 30)).round(1)  # ties
    moved = rng.integers(0, 4, 30).astype(float)
    moved[0] = 0
    moves = pd.DataFrame(
        {"origin": CODES[0][:7], "target": [code[:7] for code in CODES], "weight": moved}
    )
    row = score_moves({"near": near}, CODES, moves, seed=1).set_index("measure").loc["near"]
    weights = np.where(moved[1:] > 0, moved[1:], 1.0)
    twin = roc_auc_score(moved[1:] > 0, near[0, 1:], sample_weight=weights)
    assert row["auc"] == pytest.approx(twin)
    # all moves of one origin: drawing origins again changes nothing
    assert row["auc_low"] == row["auc_high"] == pytest.approx(twin)


def test_lift_by_hand():
    near = np.zeros((30, 30))
    near[0, 1:11] = np.arange(10, 0, -1)
    moves = pd.DataFrame(
        {"origin": CODES[0][:7], "target": [CODES[1][:7], CODES[20][:7]], "weight": [3.0, 1.0]}
    )
    row = score_moves({"near": near}, CODES, moves, seed=1).set_index("measure").loc["near"]
    assert row["lift"] == pytest.approx(0.75 * 29 / 10)


def test_where_moves_follow_similarity_it_beats_the_size_of_destinations():
    rng = np.random.default_rng(2)
    told, noise = rng.normal(size=(2, 30, 30))
    board = score_moves({"told": told, "noise": noise}, CODES, moves_of(rng, told, 1.5), seed=1)
    verdict = board.set_index("measure")["verdict"]
    assert verdict["told"] == "beats the baseline"
    assert verdict[SIZE] == "the baseline"
    assert verdict["noise"] != "beats the baseline"


def test_where_moves_follow_size_alone_similarity_is_reported_as_no_better():
    rng = np.random.default_rng(3)
    size = np.tile(rng.normal(size=30), (30, 1))
    board = score_moves(
        {"noise": rng.normal(size=(30, 30))}, CODES, moves_of(rng, size, 1.5), seed=1
    )
    assert board.set_index("measure").loc["noise", "verdict"] == "does NOT beat the baseline"
    assert board["measure"].iloc[0] == SIZE


def test_the_answer_says_when_a_measure_does_not_beat_size():
    rng = np.random.default_rng(3)
    told, noise, size = (rng.normal(size=(30, 30)) for _ in range(3))
    size[:] = size[0]
    no_better = "says nothing of where workers go beyond how large a job is"
    by_size = score_moves({"noise": noise}, CODES, moves_of(rng, size, 1.5), seed=1)
    assert "does NOT beat the baseline" in moves_sentence(by_size, "noise")
    assert no_better in moves_sentence(by_size, "noise")
    by_likeness = score_moves({"told": told}, CODES, moves_of(rng, told, 1.5), seed=1)
    assert no_better not in moves_sentence(by_likeness, "told")


def test_moves_between_unknown_occupations_are_one_error():
    moves = pd.DataFrame({"origin": ["99-1000"], "target": ["98-1000"], "weight": [1.0]})
    with pytest.raises(WorkbenchError, match="no move is between two occupations"):
        score_moves({"near": np.eye(30)}, CODES, moves, seed=1)


def test_repeated_pairs_are_summed_and_staying_is_no_move(tmp_path: Path):
    path = tmp_path / "moves.csv"
    path.write_text("origin,target,weight\n41-2011,31-9092.00,2\n41-2011.00,31-9092,3\n"
                    "41-2011,41-2011,9\n")  # fmt: skip
    assert read_moves(path).to_dict("records") == [
        {"origin": "41-2011", "target": "31-9092", "weight": 5.0}
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("from,target\n41-2011,31-9092\n", "column 'origin' is missing"),
        ("origin,target\ncashier,31-9092\n", "column 'origin', row 2: 'cashier' is no occupation"),
        ("origin,target,weight\n41-2011,31-9092,-1\n", "column 'weight', row 2: '-1' is no count"),
        ("origin,target\n41-2011,41-2011\n", "holds no move from one occupation to another"),
    ],
)
def test_bad_files_of_moves_name_the_place(tmp_path: Path, text: str, message: str):
    path = tmp_path / "moves.csv"
    path.write_text(text)
    with pytest.raises(WorkbenchError, match=message):
        read_moves(path)
