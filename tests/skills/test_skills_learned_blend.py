"""Learned blends: weights against an independent fit, no leak between families, the truths."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.skills.evaluation import neighbour_scores
from analysis.skills.leaderboard import truth_board
from analysis.skills.learned_blend import (
    NEIGHBOURS,
    _candidates,
    learned_blend,
    log_rank,
    tree_closeness,
    zone_closeness,
)
from analysis.skills.truths import Truth, essential_skills_truth, shared_field_truth
from analysis.tables import crosswalks, esco, workforce

CODES = [f"{family}-{member}000.00" for family in (11, 13, 15, 17) for member in range(1, 9)]


def world(seed: int) -> tuple[dict[str, np.ndarray], pd.DataFrame]:
    """Two features; related pairs follow the first one, never the second."""
    rng = np.random.default_rng(seed)
    told, noise = rng.normal(size=(2, len(CODES), len(CODES)))
    chosen = np.argsort(-(told - 99 * np.eye(len(CODES))), axis=1)[:, :5]
    names = np.array(CODES)
    pairs = pd.DataFrame(
        {"onet_soc_code": np.repeat(names, 5), "related_onet_soc_code": names[chosen.ravel()]}
    )
    return {"told": log_rank(told), "noise": log_rank(noise)}, pairs


def truth_of(pairs: pd.DataFrame) -> Truth:
    return Truth("pairs", pairs, tuple(CODES))


def test_weights_maximise_the_chance_of_the_related_ones():
    """Fold of a single family held out: no other weights make its training pairs likelier."""
    features, pairs = world(seed=3)
    rng = np.random.default_rng(4)
    # related pairs are mixed up a little, so that weights stay finite
    anybody = rng.choice(CODES, len(pairs))
    mixed = np.where(rng.random(len(pairs)) < 0.4, anybody, pairs["related_onet_soc_code"])
    pairs = pairs.assign(related_onet_soc_code=mixed)
    pairs = pairs[pairs["onet_soc_code"] != pairs["related_onet_soc_code"]].drop_duplicates()
    found = learned_blend(features, CODES, truth_of(pairs), folds=4, seed=0)
    best = []
    grid = np.linspace(0, 2, 401)
    for family in ("11", "13", "15", "17"):
        rows = [row for row, code in enumerate(CODES) if code[:2] != family]
        likelihood = np.zeros(len(grid))
        for row in rows:
            others = [other for other in rows if other != row]
            named = pairs.loc[pairs["onet_soc_code"] == CODES[row], "related_onet_soc_code"]
            right = np.isin([CODES[other] for other in others], named)
            if right.any():
                score = grid[:, None] * features["told"][row, others][None, :]
                chance = score - np.log(np.exp(score).sum(axis=1, keepdims=True))
                likelihood += chance[:, right].mean(axis=1)
        best.append(grid[likelihood.argmax()])
    told = found.weights.set_index("feature").loc["told"]
    assert told["weight"] == pytest.approx(np.mean(best), rel=0.03)
    assert told["share"] > 0.9


@pytest.mark.parametrize("twice", [False, True])
def test_labels_of_a_family_do_not_touch_its_own_scores(twice: bool):
    features, pairs = world(seed=5)
    first = learned_blend(features, CODES, truth_of(pairs), folds=4, twice=twice)
    own = pairs["onet_soc_code"].str.startswith("11") | pairs[
        "related_onet_soc_code"
    ].str.startswith("11")
    without = learned_blend(features, CODES, truth_of(pairs[~own]), folds=4, twice=twice)
    rows = [row for row, code in enumerate(CODES) if code.startswith("11")]
    off = ~np.eye(len(CODES), dtype=bool)[rows]
    assert first.similarity[rows][off] == pytest.approx(without.similarity[rows][off])


def test_learning_twice_weighs_what_neighbours_share():
    """Related are those of one hidden group, which the noisy measure tells better by neighbours."""
    rng = np.random.default_rng(6)
    group = np.tile(np.arange(4), 8)
    same = (group[:, None] == group[None, :]) & ~np.eye(32, dtype=bool)
    names = np.array(CODES)
    asking, answer = np.nonzero(same)
    pairs = pd.DataFrame({"onet_soc_code": names[asking], "related_onet_soc_code": names[answer]})
    noisy = {"noisy": log_rank(same + rng.normal(size=(32, 32)))}
    recalls = []
    for twice in (False, True):
        found = learned_blend(noisy, CODES, truth_of(pairs), folds=4, twice=twice)
        recalls.append(neighbour_scores(found.similarity, CODES, pairs, 7)["recall"].mean())
    assert found.weights["feature"].tolist() == ["noisy", NEIGHBOURS]
    assert recalls[1] > recalls[0] + 0.05


def test_candidates_are_asked_and_of_another_code_where_the_truth_says_so():
    codes = ["11-1000.00", "11-1000.01", "13-1000.00", "15-1000.00"]
    asked = tuple(codes[:3])
    assert _candidates(codes, Truth("t", pd.DataFrame(), asked)).sum(axis=1).tolist() == [
        2,
        2,
        2,
        0,
    ]
    other = _candidates(codes, Truth("t", pd.DataFrame(), asked, other_soc_only=True))
    assert other.sum(axis=1).tolist() == [1, 1, 2, 0]


def test_without_related_pairs_nothing_is_learned():
    features, pairs = world(seed=5)
    found = learned_blend(features, CODES, truth_of(pairs.head(0)), folds=4)
    assert found.weights["weight"].tolist() == [0, 0]


def test_too_few_families_is_one_error():
    features, pairs = world(seed=5)
    with pytest.raises(WorkbenchError, match="4 major groups cannot make 8 folds"):
        learned_blend(features, CODES, truth_of(pairs))


def test_closeness_by_hand():
    zones = pd.DataFrame({"onet_soc_code": ["a", "b"], "job_zone": [2, 4]})
    assert zone_closeness(["a", "b", "c"], zones)[2].tolist() == [-1, -1, 0]
    assert tree_closeness(["11-1011.00", "11-1011.03", "11-1021.00"])[0].tolist() == [4, 4, 2]


def test_a_field_that_serves_many_relates_nobody():
    links = pd.DataFrame(
        [("01.01", f"11-{n}000") for n in range(1, 8)]
        + [("02.02", "11-1000"), ("02.02", "13-1000")],
        columns=["cip_code", "soc_code"],
    )
    truth = shared_field_truth(links, ["11-1000.00", "11-1000.01", "11-2000.00", "13-1000.00"])
    related = truth.pairs.groupby("onet_soc_code")["related_onet_soc_code"].agg(list).to_dict()
    assert related == {
        "11-1000.00": ["13-1000.00"],
        "11-1000.01": ["13-1000.00"],
        "13-1000.00": ["11-1000.00", "11-1000.01"],
    }


def test_own_soc_code_is_no_candidate_and_recall_is_capped():
    codes = ["11-1000.00", "11-1000.01", "13-1000.00", "15-1000.00"]
    near = np.array([[9, 8, 7, 6], [8, 9, 7, 6], [1, 1, 9, 0], [0, 0, 0, 9]], dtype=float)
    pairs = pd.DataFrame(
        {"onet_soc_code": codes[0], "related_onet_soc_code": ["13-1000.00", "15-1000.00"]}
    )
    open_to_all = neighbour_scores(near, codes, pairs, neighbours=1)
    assert open_to_all["recall"].tolist() == [0]
    board = truth_board(
        {"near": near}, codes, Truth("t", pairs, tuple(codes), True), seed=1, neighbours=1
    )
    assert board.set_index("representation").loc["near", "recall"] == 1


@pytest.fixture(scope="module")
def listed(workbook: Callable[..., pd.DataFrame]) -> list[str]:
    from analysis.tables import onet

    frame = workbook(onet.read_related_occupations, "Related Occupations.xlsx")
    return sorted(frame["onet_soc_code"].unique())


def test_published_sizes_of_the_independent_truths(mirror: Path, listed: list[str]):
    """687 occupations share a narrow field; about 500 are in the ESCO crosswalk."""
    links = crosswalks.read_cip_soc(mirror / "crosswalks" / "soc2018_cip2020_crosswalk.csv")
    fields = shared_field_truth(links, listed)
    assert fields.pairs["onet_soc_code"].nunique() == 687
    skills = esco.read_esco_skills(mirror / "esco-1.2.0" / "esco_occupation_profiles.parquet")
    assert len(skills) == pytest.approx(67_622, abs=300)
    linked = esco.read_esco_onet(mirror / "crosswalks" / "esco_onet_crosswalk_nov2020.csv")
    truth = essential_skills_truth(linked, skills, listed)
    assert 500 <= len(truth.codes) <= 520
    assert truth.pairs.groupby("onet_soc_code").size().eq(10).all()


def test_workforce_table_as_published(mirror: Path):
    frame = workforce.read_workforce(mirror / "bls" / "cpsaat11.xlsx").set_index("occupation_title")
    total = frame.loc["Total, 16 years and over"]
    assert total.tolist() == pytest.approx([158_291_000, 0.468, 0.77, 0.126, 0.067, 0.185])
    assert frame.loc["Pumping station operators", "women":].isna().all()


def test_layouts_of_other_files_are_one_error(tmp_path: Path):
    pd.DataFrame({"a": range(9)}).to_excel(tmp_path / "cpsaat11.xlsx")
    with pytest.raises(WorkbenchError, match=r"cpsaat11\.xlsx: headings are not Women"):
        workforce.read_workforce(tmp_path / "cpsaat11.xlsx")
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(WorkbenchError, match="heading 'concept_uri' is missing"):
        esco.read_esco_onet(tmp_path / "x.csv")
    with pytest.raises(WorkbenchError, match=r"x\.csv: not readable as ESCO profiles"):
        esco.read_esco_skills(tmp_path / "x.csv")
