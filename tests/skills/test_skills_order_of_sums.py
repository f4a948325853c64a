"""What is learned and compared does not hang on the order in which numbers are added.

Another math library adds in another order; here the terms of the sums themselves are put into
another one, which changes nothing in truth.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from analysis.skills import program_features as features
from analysis.skills.choice_network import fit_network, network_chance
from analysis.skills.choice_weights import fit_weights
from analysis.skills.coverage import coverage, likeliest, task_space
from analysis.skills.covered_tasks import covered_tasks
from analysis.skills.learned_blend import log_rank
from analysis.skills.measures import best_match
from analysis.skills.program_calibration import calibrated
from analysis.skills.program_labels import Labels
from analysis.skills.program_ranking import best_ranks
from analysis.skills.program_rerank import pair_features
from analysis.skills.program_text import text_scores
from analysis.skills.reachable import new_task_shares
from analysis.skills.ties import settled
from analysis.skills.work_delta import task_delta
from analysis.skills.worker_match import _likeness


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def unit_vectors(rng, n):
    found = rng.normal(size=(n, 384))
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def test_a_network_does_not_mind_the_order_of_candidates(rng):
    X = rng.normal(size=(600, 20, 6)).astype(np.float32)
    X[:, :, 5] = X[:, :1, 5]  # of the program, the same for all its candidates
    Y = (X[:, :, 0] == X[:, :, 0].max(axis=1, keepdims=True)).astype(float)
    order = rng.permutation(20)
    plain = network_chance(fit_network(X, Y, seed=1, members=1), X)
    turned = network_chance(fit_network(X[:, order], Y[:, order], seed=1, members=1), X)
    np.testing.assert_allclose(turned, plain, atol=1e-9)


def test_weights_do_not_mind_the_order_of_candidates_and_askers(rng):
    known = {"a": rng.normal(size=(300, 40)), "b": rng.normal(size=(300, 40))}
    chosen = (known["a"] + 0.5 * known["b"] + rng.gumbel(size=(300, 40))).argmax(axis=1)
    truth = sparse.csr_matrix(np.arange(40) == chosen[:, None])
    askers, order = rng.permutation(300), rng.permutation(40)
    turned = {name: values[askers][:, order] for name, values in known.items()}
    weights = fit_weights(known, truth, np.arange(300))
    again = fit_weights(turned, truth[askers][:, order], np.arange(300))
    assert (weights > 0.3).all()
    np.testing.assert_allclose(again, weights, atol=1e-9)


def test_cosines_do_not_mind_the_order_of_dimensions(rng):
    left, right = unit_vectors(rng, 40), unit_vectors(rng, 90)
    order, columns = rng.permutation(384), np.arange(90) % 30
    plain = features.best_cosines(left, right, columns, 30)
    turned = features.best_cosines(left[:, order], right[:, order], columns, 30)
    assert plain.tolist() == turned.tolist()


def test_best_matches_do_not_mind_the_order_of_dimensions(rng):
    vectors, order = unit_vectors(rng, 120), rng.permutation(384)
    codes = [f"occupation {row % 30}" for row in range(120)]
    listed = sorted(set(codes))
    plain = best_match(codes, vectors, listed)
    assert best_match(codes, vectors[:, order], listed).tolist() == plain.tolist()


def test_what_others_say_does_not_mind_the_order_of_dimensions(rng):
    vectors, order = unit_vectors(rng, 60), rng.permutation(384)
    names = [f"program {row}" for row in range(60)]
    programs = pd.DataFrame(
        {"program": names, "description": "", "provider_id": [f"{row % 6}" for row in range(60)],
         "cip_code": "48.0508"}
    )  # fmt: skip
    truth = sparse.csr_matrix(np.eye(9, dtype=bool)[rng.integers(0, 9, 60)])
    labels = Labels(np.arange(60), truth, np.arange(60) % 6)

    def said(dimensions):
        def embed(texts):
            return vectors[[int(text.split()[-1]) for text in texts]][:, dimensions]

        found = features.features_of_others(programs, labels, embed)
        return {name: matrix.tolist() for name, matrix in found.items()}

    assert said(np.arange(384)) == said(order)


def test_ranks_take_for_a_tie_what_differs_by_rounding_only():
    near = np.array([[0, 0.3, 0.1 + 0.2], [0.3, 0, 0.5], [0.3, 0.5, 0]])
    assert near[0, 1] != near[0, 2]
    assert log_rank(near)[0, 1] == log_rank(near)[0, 2]


def test_what_is_settled_does_not_mind_the_order_of_dimensions(rng):
    left, right = (unit_vectors(rng, 900).astype(float) for _ in range(2))
    order = rng.permutation(384)
    assert settled(left @ right.T).tolist() == settled(left[:, order] @ right[:, order].T).tolist()


def last_digits(rng, shape):
    return 1 + rng.choice([-1, 0, 1], size=shape) * 1e-12


@pytest.fixture
def shared_chances(rng):
    """Sixty chances of each of 200 programs, twenty kinds of program, half of which state it."""
    kinds = rng.dirichlet(np.full(60, 0.2), size=20)
    chance = kinds[rng.integers(0, 20, 200)]
    truth = np.zeros(chance.shape, dtype=bool)
    truth[np.arange(200), chance.argmax(axis=1)] = rng.random(200) < 0.5
    truth[np.arange(200), rng.integers(0, 60, 200)] = True
    return chance, Labels(np.arange(200), sparse.csr_matrix(truth), np.arange(200) % 5)


def test_calibration_does_not_mind_the_last_digits(rng, shared_chances):
    chance, labels = shared_chances
    noisy = chance * last_digits(rng, chance.shape)
    folds = labels.providers
    plain, turned = (
        calibrated(chance, chance, labels, folds),
        calibrated(noisy, noisy, labels, folds),
    )
    for one, other in zip(plain, turned, strict=True):
        assert one.tolist() == other.tolist()


def test_the_likeliest_jobs_are_those_of_equal_calibrated_chance(rng, shared_chances):
    chance, labels = shared_chances
    noisy = chance * last_digits(rng, chance.shape)
    kept = [likeliest(calibrated(one, one, labels, labels.providers)[0]) for one in (chance, noisy)]
    np.testing.assert_allclose(kept[0], kept[1], atol=1e-9)
    assert ((kept[0] > 0).sum(axis=1) > 10).any()


def test_places_do_not_mind_the_last_digits(rng):
    scores = rng.integers(0, 5, size=(80, 30)) / 7
    truth = sparse.csr_matrix(rng.random((80, 30)) < 0.1)
    noisy = scores * last_digits(rng, scores.shape)
    assert best_ranks(noisy, truth, seed=1).tolist() == best_ranks(scores, truth, seed=1).tolist()


def test_what_the_network_sees_moves_by_last_digits_only(rng):
    blend = np.log(rng.random((40, 90)))
    first = np.argsort(-blend, axis=1)[:, :60]
    plain, turned = (
        pair_features({"blend": np.round(values, 9)}, first, np.zeros((40, 1)))
        for values in (blend, blend * last_digits(rng, blend.shape))
    )
    assert np.abs(turned - plain).max() <= 2e-9


@pytest.fixture
def listed_tasks(rng):
    found = rng.normal(size=(90, 12)) @ rng.normal(size=(12, 384))
    vectors = (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)
    vectors[60:] = vectors[:30]  # thirty tasks are said twice
    tasks = pd.DataFrame(
        {"onet_soc_code": [f"11-10{row % 9}1.00" for row in range(90)], "task_type": "Core",
         "task": [f"task {row}" for row in range(90)], "task_id": [str(row) for row in range(90)]}
    )  # fmt: skip
    return tasks, vectors


def reader(vectors, dimensions):
    return lambda texts: vectors[[int(text.split()[-1]) for text in texts]][:, dimensions]


def test_coverage_does_not_mind_the_order_of_dimensions(rng, listed_tasks):
    tasks, vectors = listed_tasks
    codes = sorted(set(tasks["onet_soc_code"].str[:7]))
    chance = rng.dirichlet(np.ones(len(codes)), size=50)
    plain, turned = (
        coverage(chance, task_space(tasks, reader(vectors, order), codes), codes[0], codes[1])
        for order in (np.arange(384), rng.permutation(384))
    )
    np.testing.assert_allclose(turned, plain, rtol=0, atol=1e-12)


def test_new_tasks_do_not_mind_the_order_of_dimensions(rng, listed_tasks):
    tasks, vectors = listed_tasks
    order = rng.permutation(384)
    of_origin, of_target = tasks.iloc[:40], tasks.iloc[40:]
    exact = vectors.astype(float)
    plain, turned = (
        task_delta(of_origin, of_target, exact[:40, o], exact[40:, o], exact[:, o].mean(axis=0))
        for o in (np.arange(384), order)
    )
    assert turned.drop(columns="best_cosine").equals(plain.drop(columns="best_cosine"))
    # the edge is the likeness of a task to another: single precision puts it on either side
    likest = float(plain["best_cosine"].iloc[3]) + 1e-11
    shares = [
        new_task_shares(tasks, "11-1001.00", reader(vectors, o), likest).to_dict()
        for o in (np.arange(384), order)
    ]
    assert shares[0] == shares[1]


def test_nearest_programs_do_not_mind_the_order_of_dimensions(rng):
    vectors, order = unit_vectors(rng, 300), rng.permutation(384)
    vectors[150:] = vectors[:150]  # half the programs have the text of another
    plain, turned = (text_scores(vectors[:, o], vectors[7, o]) for o in (np.arange(384), order))
    assert turned.tolist() == plain.tolist()


def test_what_a_worker_says_does_not_mind_the_order_of_dimensions(rng):
    vectors, order = unit_vectors(rng, 200), rng.permutation(384)
    said, texts = [f"said {row}" for row in range(20)], [f"text {row}" for row in range(20, 200)]
    plain, turned = (
        _likeness(said, texts, reader(vectors, dimensions))
        for dimensions in (np.arange(384), order)
    )
    assert turned.tolist() == plain.tolist()


def test_covered_tasks_that_add_as_much_stay_in_order(rng, listed_tasks):
    tasks, vectors = listed_tasks
    exact = vectors.astype(float)
    exact[20:30] = exact[11]  # tasks of one wording
    codes = sorted(set(tasks["onet_soc_code"].str[:7]))
    chance = rng.dirichlet(np.ones(len(codes)), size=50)
    plain, turned = (
        covered_tasks(chance, task_space(tasks, reader(one, np.arange(384)), codes), codes[2],
                      codes[1], least=0.01)
        for one in (exact, exact * last_digits(rng, exact.shape))
    )  # fmt: skip
    assert turned == plain
    assert any(plain)
