"""Expectations over tied scores against brute force over all orders."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.skills.ties import expected_hits, expected_reciprocal_rank

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
