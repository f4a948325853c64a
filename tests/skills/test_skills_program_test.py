"""The labelled test of program matching: labels, features, weights, ranks and calibration."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from analysis.skills import program_features as features
from analysis.skills.choice_weights import fit_weights, probabilities
from analysis.skills.program_calibration import calibrated, calibration_error
from analysis.skills.program_labels import Labels, labelled_programs, provider_folds
from analysis.skills.program_ranking import (
    best_ranks,
    cross_validated,
    hit_table,
)
from analysis.skills.program_test import with_probability
from analysis.tables import crosswalks, onet, programs


def test_old_codes_become_the_codes_that_replaced_them():
    frame = pd.DataFrame(
        {"stated_soc_codes": ["15-1142.00", "31-9092.00;31-9092.01", "99-9999.00", ""],
         "provider_id": list("abca")}
    )  # fmt: skip
    later = pd.DataFrame({"soc_2010_code": ["15-1142"] * 2, "soc_2018_code": ["15-1244", "x"]})
    found = labelled_programs(frame, ["15-1244", "31-9092"], later)
    assert found.rows.tolist() == [0, 1]
    assert found.truth.toarray().tolist() == [[True, False], [False, True]]
    assert len(set(found.providers)) == 2


def test_folds_hold_whole_providers_and_like_numbers():
    providers = np.repeat(np.arange(40), np.arange(1, 41))
    folds = provider_folds(providers, 5, seed=1)
    assert pd.DataFrame({"p": providers, "f": folds}).groupby("p")["f"].nunique().eq(1).all()
    assert np.ptp(np.bincount(folds)) <= 40


def test_a_program_never_hears_its_own_provider():
    """Two providers; each one's programs agree among themselves and with nobody else."""
    frame = pd.DataFrame(
        {"program": ["Welding"] * 4, "description": "", "provider_id": ["a", "a", "b", "b"],
         "cip_code": "48.0508"}
    )  # fmt: skip
    truth = sparse.csr_matrix(np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=bool))
    labels = Labels(np.arange(4), truth, np.array([0, 0, 1, 1]))
    found = features.features_of_others(frame, labels, lambda texts: np.ones((len(texts), 2)))
    opposite = [[0, 1], [0, 1], [1, 0], [1, 0]]
    assert found[features.LEARNED_CIP].tolist() == opposite
    assert found[features.LEARNED_WIDE_CIP].tolist() == opposite


def test_a_program_without_a_field_hears_no_field():
    frame = pd.DataFrame(
        {"program": ["x", "y"], "description": "", "provider_id": ["a", "b"],
         "cip_code": [None, None]}
    ).astype({"cip_code": "str"})  # fmt: skip
    labels = Labels(np.arange(2), sparse.csr_matrix(np.eye(2, dtype=bool)), np.arange(2))
    found = features.features_of_others(frame, labels, None)
    assert list(found) == [features.LEARNED_CIP, features.LEARNED_WIDE_CIP]
    assert found[features.LEARNED_CIP].sum() == 0


def drawn_choices(weight: float, n: int, seed: int) -> tuple[dict[str, np.ndarray], Labels]:
    rng = np.random.default_rng(seed)
    told, noise = rng.normal(size=(2, n, 12))
    chance = probabilities({"told": told}, np.array([weight]))
    chosen = np.array([rng.choice(12, p=row) for row in chance])
    truth = sparse.csr_matrix((np.ones(n, dtype=bool), (np.arange(n), chosen)), shape=(n, 12))
    return {"told": told, "noise": noise}, Labels(np.arange(n), truth, np.arange(n) // 4)


def test_weights_of_a_known_choice_model_come_out():
    given, labels = drawn_choices(weight=1.5, n=1600, seed=2)
    weights = fit_weights(given, labels.truth, np.arange(1600))
    assert weights == pytest.approx([1.5, 0.0], abs=0.12)


def test_probabilities_of_the_true_model_are_calibrated_and_inflated_ones_are_mended():
    given, labels = drawn_choices(weight=1.5, n=1600, seed=3)
    folds = provider_folds(labels.providers, 4, seed=1)
    chance, _ = cross_validated(given, labels, folds)
    inflated = chance**3 / (chance**3).sum(axis=1, keepdims=True)
    _, mended = calibrated(inflated, inflated, labels, folds)
    first = inflated.argmax(axis=1)
    row = np.arange(len(first))
    true = np.asarray(labels.truth[row, first]).ravel()
    assert inflated[row, first].mean() > true.mean() + 0.1
    assert mended[row, first].mean() == pytest.approx(true.mean(), abs=0.02)


def test_ranks_and_hits_by_hand():
    truth = sparse.csr_matrix(np.array([[0, 0, 1], [1, 0, 0]], dtype=bool))
    scores = np.array([[0.9, 0.5, 0.7], [0.3, 0.2, 0.1]])
    ranks = best_ranks(scores, truth, seed=1)
    assert ranks.tolist() == [2, 1]
    row = hit_table({"x": ranks}, np.array([0, 0]), seed=1).iloc[0]
    assert (row["hit_1"], row["hit_5"], row["reciprocal_rank"]) == (0.5, 1.0, 0.75)
    # one provider: drawing it again changes nothing
    assert row["hit_1_low"] == row["hit_1_high"] == 0.5


def test_tied_scores_gain_nothing():
    truth = sparse.csr_matrix(np.tile([True] + [False] * 9, (4000, 1)))
    ranks = best_ranks(np.zeros((4000, 10)), truth, seed=1)
    assert ranks.mean() == pytest.approx(5.5, abs=0.2)


def test_calibration_error_by_hand():
    frame = pd.DataFrame(
        {"kind": "x", "said": [0.9, 0.5], "true_share": [0.8, 0.5], "n_programs": [30, 10]}
    )
    assert calibration_error(frame)["x"] == pytest.approx(0.075)


def test_without_a_test_no_chance_is_shown():
    matched = pd.DataFrame({"program_key": ["p"], "match": ["CIP crosswalk"]})
    assert with_probability(matched, None, None, "31-9092.00")["probability"].isna().all()


def test_published_counts_of_texas_and_its_crosswalk_ranking(mirror: Path):
    """5,853 labelled programs of 582 providers, 867 candidates; crosswalk alone .340 first."""
    listed = programs.read_texas_programs(mirror / "texas-etpl" / "twc_programs_2024-03-20.csv")
    occupations = onet.read_occupations(mirror / "onet-29.2" / "Occupation Data.xlsx")
    codes = sorted(set(occupations["onet_soc_code"].str[:7]))
    assert len(codes) == 867
    changes = crosswalks.read_soc_2010_to_2018(
        mirror / "crosswalks" / "soc2010_to_2018_crosswalk.csv"
    )
    labels = labelled_programs(listed, codes, changes)
    assert len(labels.rows) == 5853
    assert labels.providers.max() + 1 == 582
    links = crosswalks.read_cip_soc(mirror / "crosswalks" / "soc2018_cip2020_crosswalk.csv")
    share = features.linked_share(listed.iloc[labels.rows], links, codes)
    ranks = best_ranks(share, labels.truth, seed=1)
    assert (ranks == 1).mean() == pytest.approx(0.340, abs=0.01)
    assert (ranks <= 5).mean() == pytest.approx(0.681, abs=0.01)
    assert (ranks <= 10).mean() == pytest.approx(0.724, abs=0.01)
