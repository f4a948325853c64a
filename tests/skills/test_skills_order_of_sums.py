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
from analysis.skills.learned_blend import log_rank
from analysis.skills.measures import best_match
from analysis.skills.program_labels import Labels


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
