"""Candidates ordered anew by a network: what it can learn, and what it must never hear."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from analysis.skills import program_features as f
from analysis.skills.choice_network import fit_network, network_chance
from analysis.skills.choice_weights import fit_weights, probabilities
from analysis.skills.program_labels import Labels
from analysis.skills.program_ranking import hit_gain
from analysis.skills.program_rerank import CANDIDATES, Listing, reranked
from analysis.skills.program_words import CREDENTIAL_TITLES, TFIDF_CREDENTIAL, word_features


def drawn_by_context(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The first ground is right where the context is 1, the second where it is 0."""
    rng = np.random.default_rng(seed)
    grounds = rng.normal(size=(n, 6, 2))
    context = rng.integers(0, 2, size=n)
    told = np.where(context[:, None] == 1, grounds[:, :, 0], grounds[:, :, 1])
    repeated = np.broadcast_to(context[:, None, None], (n, 6, 1))
    true = (told == told.max(axis=1, keepdims=True)).astype(np.float32)
    return np.concatenate([grounds, repeated], axis=2).astype(np.float32), true


def test_the_network_learns_which_ground_to_believe_and_a_straight_line_cannot():
    X, Y = drawn_by_context(3000, seed=1)
    chance = network_chance(fit_network(X[:2000], Y[:2000], seed=1, members=2), X[2000:])
    right = (chance.argmax(axis=1) == Y[2000:].argmax(axis=1)).mean()
    straight = {"a": X[:, :, 0], "b": X[:, :, 1]}
    weights = fit_weights(straight, sparse.csr_matrix(Y), np.arange(2000))
    line = probabilities({name: values[2000:] for name, values in straight.items()}, weights)
    assert (line.argmax(axis=1) == Y[2000:].argmax(axis=1)).mean() < 0.75
    assert right > 0.85
    assert chance.sum(axis=1) == pytest.approx(1)


def test_the_same_seed_gives_the_same_chances():
    X, Y = drawn_by_context(300, seed=2)
    first, again = (network_chance(fit_network(X, Y, seed=5, members=1), X) for _ in range(2))
    assert (first == again).all()
    assert (first != network_chance(fit_network(X, Y, seed=6, members=1), X)).any()


def test_programs_without_a_candidate_that_is_true_teach_nothing():
    X, Y = drawn_by_context(300, seed=3)
    blank = np.concatenate([Y, np.zeros_like(Y)])
    with_blank = fit_network(np.concatenate([X, X]), blank, seed=1, members=1)
    alone = fit_network(X, Y, seed=1, members=1)
    assert network_chance(with_blank, X) == pytest.approx(network_chance(alone, X), abs=1e-4)


def small_listing(stated_by_last: int) -> tuple[Listing, np.ndarray]:
    """Five providers; only what the last one states differs from call to call."""
    rng = np.random.default_rng(4)
    n, candidates = 100, CANDIDATES + 4
    providers = np.repeat(np.arange(5), 20)
    codes = rng.integers(0, 8, size=n)
    told = rng.random((n, candidates)).astype(np.float32)
    told[np.arange(n), codes] += 0.5
    stated = np.where(providers == 4, stated_by_last, codes)
    programs = pd.DataFrame(
        {"program": [f"job {code}" for code in codes], "description": "", "credential": "",
         "cip_code": [f"51.080{code}" for code in codes], "provider_id": providers.astype(str)}
    )  # fmt: skip
    truth = sparse.csr_matrix(
        (np.ones(n, dtype=bool), (np.arange(n), stated)), shape=(n, candidates)
    )
    kinds = np.eye(8, 12, dtype=np.float32)
    features = {f.MINILM: told, f.LINKED: np.zeros_like(told)}
    blended = (f.MINILM, f.LINKED, *f.OF_OTHERS)
    return (
        Listing(programs, Labels(np.arange(n), truth, providers), features, blended,
                lambda texts: kinds[[int(text.split()[1].rstrip(".")) for text in texts]],
                kinds[codes].astype(float)),
        providers,
    )  # fmt: skip


def test_no_chance_of_a_provider_knows_its_own_labels():
    """One fold is the last provider alone: whatever it states, its chances stay to the bit."""
    listing, folds = small_listing(stated_by_last=0)
    other, _ = small_listing(stated_by_last=7)
    chance, changed = (reranked(given, folds, seed=1) for given in (listing, other))
    assert (chance[folds == 4] == changed[folds == 4]).all()
    assert (chance[folds == 0] != changed[folds == 0]).any()  # the others do hear it
    assert chance.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_gain_is_paired():
    gain = hit_gain(np.array([1, 1, 3]), np.array([1, 4, 9]), np.array([0, 1, 2]), seed=1)
    by_measure = gain.set_index("measure")["gain"]
    assert by_measure["hit_1"] == pytest.approx(1 / 3)
    assert by_measure["hit_5"] == pytest.approx(1 / 3)
    assert by_measure["hit_10"] == 0
    assert by_measure["reciprocal_rank"] == pytest.approx((0 + 3 / 4 + 2 / 9) / 3)


def test_an_absent_credential_is_like_no_job():
    programs = pd.DataFrame(
        {"program": ["x", "x"], "description": ["", ""], "credential": ["Nurse", ""]}
    )
    occupations = pd.DataFrame(
        {"onet_soc_code": ["29-1141.00"], "title": ["Nurse"], "description": ["Care for people"]}
    )
    found = word_features(
        programs, ["29-1141", "31-9092"], occupations, None, lambda texts: np.ones((len(texts), 2))
    )
    assert found[TFIDF_CREDENTIAL].tolist() == [[1, 0], [0, 0]]
    assert found[CREDENTIAL_TITLES][1].tolist() == [0, 0]
