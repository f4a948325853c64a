"""Names that sets hold together, against connected components of scipy."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from analysis.joined_sets import joined

NAMES = list("abcdefgh")


@given(st.permutations(NAMES), st.lists(st.sets(st.sampled_from([*NAMES, "z"]))))
def test_groups_are_the_connected_components_in_the_order_of_the_names(
    names: list[str], sets: list[set[str]]
) -> None:
    touching = np.eye(len(names), dtype=bool)
    for one in sets:
        inside = np.array([name in one for name in names])
        touching |= np.outer(inside, inside)
    _, labels = connected_components(touching, directed=False)
    groups: dict[int, list[str]] = {}
    for name, label in zip(names, labels, strict=True):
        groups.setdefault(label, []).append(name)
    assert joined(names, sets) == list(groups.values())
