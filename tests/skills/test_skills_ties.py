"""Expectations over tied scores against brute force over all orders."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.skills.ties import expected_hits, expected_reciprocal_rank, first_places

CANDIDATES = st.lists(
    st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.booleans()), min_size=1, max_size=6
)


def all_sorted_orders(scores: list[float]) -> list[tuple[int, ...]]:
    return [
        order
        for order in permutations(range(len(scores)))
        if all(scores[a] >= scores[b] for a, b in pairwise(order))
    ]


@settings(max_examples=60, deadline=None)
@given(CANDIDATES, st.integers(1, 6))
def test_mean_over_all_orders(candidates, places):
    scores, hits = [score for score, _ in candidates], [hit for _, hit in candidates]
    found, reciprocal = [], []
    for order in all_sorted_orders(scores):
        in_order = [hits[row] for row in order]
        found.append(sum(in_order[:places]))
        reciprocal.append(1 / (in_order.index(True) + 1) if any(in_order) else 0.0)
    arrays = np.array(scores), np.array(hits)
    assert expected_hits(*arrays, places) == pytest.approx(np.mean(found), abs=1e-12)
    assert expected_reciprocal_rank(*arrays) == pytest.approx(np.mean(reciprocal), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_first_places_are_those_of_a_stable_sort(seed, count):
    scores = np.random.default_rng(seed).integers(0, 4, (5, 12)) / 3
    stable = np.sort(np.argsort(-scores, axis=1, kind="stable")[:, :count], axis=1)
    assert first_places(scores, count).tolist() == stable.tolist()
