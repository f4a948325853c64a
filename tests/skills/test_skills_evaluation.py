"""Recall, reciprocal rank, baselines and intervals against brute force and known values."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.errors import WorkbenchError
from analysis.skills.baselines import (
    popularity_similarity,
    random_expectation,
    random_similarity,
)
from analysis.skills.evaluation import (
    bootstrap_interval,
    neighbour_scores,
    related_truth,
    same_minor_group_share,
)
from analysis.skills.leaderboard import leaderboard


@pytest.fixture
def small():
    """Thirty occupations with four true related ones each, and a similarity without ties."""
    rng = np.random.default_rng(4)
    codes = [f"{11 + row // 6}-{1 + row % 3}0{row:02}.00" for row in range(30)]
    pairs = [
        (code, codes[other])
        for row, code in enumerate(codes)
        for other in rng.choice([o for o in range(30) if o != row], 4, replace=False)
    ]
    truth = pd.DataFrame(pairs, columns=["onet_soc_code", "related_onet_soc_code"])
    return codes, truth, rng.random((30, 30))


def test_scores_equal_brute_force(small):
    codes, truth, similarity = small
    scores = neighbour_scores(similarity, codes, truth, neighbours=5).set_index("onet_soc_code")
    for row, code in enumerate(codes):
        related = set(truth.loc[truth["onet_soc_code"] == code, "related_onet_soc_code"])
        ranked = [o for _, o in sorted(zip(-similarity[row], codes, strict=True)) if o != code]
        first = next(place for place, other in enumerate(ranked, start=1) if other in related)
        assert scores.loc[code, "recall"] == len(related & set(ranked[:5])) / 4
        assert scores.loc[code, "reciprocal_rank"] == pytest.approx(1 / first)


def test_perfect_and_reversed_order(small):
    codes, truth, _ = small
    known = pd.crosstab(truth["onet_soc_code"], truth["related_onet_soc_code"])
    known = known.reindex(index=codes, columns=codes, fill_value=0).to_numpy()
    perfect = neighbour_scores(known, codes, truth, neighbours=4)
    assert perfect["recall"].eq(1).all()
    assert perfect["reciprocal_rank"].eq(1).all()
    assert neighbour_scores(-known, codes, truth, neighbours=4)["recall"].eq(0).all()


def test_ties_are_without_favour(small):
    """A similarity that says nothing scores what a random order is expected to."""
    codes, truth, _ = small
    scores = neighbour_scores(np.ones((30, 30)), codes, truth, neighbours=5)
    recall, reciprocal_rank = random_expectation(29, 4, neighbours=5)
    assert recall == pytest.approx(5 / 29)
    assert scores["recall"].to_numpy() == pytest.approx(recall)
    assert scores["reciprocal_rank"].to_numpy() == pytest.approx(reciprocal_rank)


def test_random_expectation_equals_simulation():
    """923 occupations, ten true: .0108 and .0501, each within four standard errors."""
    rng = np.random.default_rng(5)
    places = np.array([np.sort(rng.choice(922, 10, replace=False)) + 1 for _ in range(20_000)])
    simulated = np.column_stack([(places <= 10).mean(axis=1), 1 / places[:, 0]])
    expected = np.array(random_expectation(922, 10))
    error = simulated.std(axis=0) / np.sqrt(len(simulated))
    assert expected[0] == pytest.approx(10 / 922)
    assert (np.abs(simulated.mean(axis=0) - expected) < 4 * error).all()


def test_occupations_outside_the_list():
    truth = pd.DataFrame(
        {"onet_soc_code": ["a", "a", "x"], "related_onet_soc_code": ["b", "x", "a"]}
    )
    scores = neighbour_scores(np.eye(2), ["a", "b"], truth, neighbours=1)
    assert scores["onet_soc_code"].tolist() == ["a"]
    assert scores["recall"].tolist() == [0.5]


@pytest.mark.parametrize("similarity", [np.eye(3), np.full((2, 2), np.nan)])
def test_unfit_similarity_is_an_error(similarity):
    truth = pd.DataFrame({"onet_soc_code": ["a"], "related_onet_soc_code": ["b"]})
    with pytest.raises(WorkbenchError, match="similarity"):
        neighbour_scores(similarity, ["a", "b"], truth)


def test_popularity_leaves_out_ones_own_list(small):
    codes, truth, _ = small
    popularity = popularity_similarity(codes, truth)
    for row in (0, 7, 29):
        others = truth[truth["onet_soc_code"] != codes[row]]
        counts = others["related_onet_soc_code"].value_counts().reindex(codes, fill_value=0)
        assert popularity[row].tolist() == counts.tolist()


def test_minor_group_share_equals_brute_force(small):
    codes, _, similarity = small
    table = same_minor_group_share(similarity, codes, neighbours=3).set_index("onet_soc_code")
    for row, code in enumerate(codes):
        ranked = [o for _, o in sorted(zip(-similarity[row], codes, strict=True)) if o != code]
        assert table.loc[code, "share"] == pytest.approx(
            np.mean([other[:4] == code[:4] for other in ranked[:3]])
        )
    # two of each minor group in this list: one other in 29, and it can fill one place of three
    assert table["random_expectation"].to_numpy() == pytest.approx(1 / 29)
    assert table["largest_possible"].to_numpy() == pytest.approx(1 / 3)


def test_minor_group_share_of_noise_is_its_expectation(small):
    codes, _, _ = small
    shares = [
        same_minor_group_share(random_similarity(30, seed), codes)["share"].mean()
        for seed in range(200)
    ]
    error = np.std(shares) / np.sqrt(len(shares))
    assert abs(np.mean(shares) - 1 / 29) < 4 * error


def test_bootstrap_interval_equals_scipy():
    values = np.random.default_rng(1).beta(2, 2, size=300)
    low, high = bootstrap_interval(values, seed=3, draws=20_000)
    twin = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=3)
    width = twin.confidence_interval.high - twin.confidence_interval.low
    assert low == pytest.approx(twin.confidence_interval.low, abs=0.03 * width)
    assert high == pytest.approx(twin.confidence_interval.high, abs=0.03 * width)


def test_bootstrap_of_groups_is_wider_where_groups_differ():
    values = np.repeat(np.random.default_rng(2).normal(size=10), 20)
    groups = np.repeat([f"{group}" for group in range(10)], 20)
    single = np.subtract(*bootstrap_interval(values, seed=1))
    whole = np.subtract(*bootstrap_interval(values, seed=1, groups=groups))
    # 20 equal values in each group: the honest interval is sqrt(20) times as wide
    assert whole / single == pytest.approx(np.sqrt(20), rel=0.1)


def test_leaderboard(small):
    codes, truth, similarity = small
    known = pd.crosstab(truth["onet_soc_code"], truth["related_onet_soc_code"])
    known = known.reindex(index=codes, columns=codes, fill_value=0).to_numpy()
    board = leaderboard({"noise": similarity, "labels": known}, codes, truth, seed=9, neighbours=4)
    again = leaderboard({"noise": similarity, "labels": known}, codes, truth, seed=9, neighbours=4)
    pd.testing.assert_frame_equal(board, again)
    assert board["representation"].tolist() == [
        "labels",
        "noise",
        "popular answers of the rest",
        "random order, simulated",
        "random order, expected",
    ]
    assert board.loc[0, ["recall_at_4", "interval_low", "interval_high"]].tolist() == [1, 1, 1]
    assert board["n_occupations"].eq(30).all()
    measured = board.iloc[1:4]
    assert (measured["interval_low"] < measured["recall_at_4"]).all()
    assert (measured["recall_at_4"] < measured["interval_high"]).all()
    assert board.iloc[4]["recall_at_4"] == pytest.approx(4 / 29)


def test_related_truth_is_the_primary_ten():
    tiers = ["Primary-Short"] * 5 + ["Primary-Long"] * 5 + ["Supplemental"] * 10
    frame = pd.DataFrame(
        {
            "onet_soc_code": "11-1011.00",
            "related_onet_soc_code": [f"{row:02}" for row in range(20)],
            "tier": tiers,
            "rank": range(1, 21),
        }
    )
    assert related_truth(frame)["related_onet_soc_code"].tolist() == [f"{r:02}" for r in range(10)]
