"""Random sets of linked tables, for the tests of what can be derived from them."""

from collections.abc import Callable
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

Maker = Callable[[np.random.Generator], tuple[pd.DataFrame, list[str]]]


@pytest.fixture
def linked_tables() -> Maker:
    """All margins of a random cross, or some two-way tables of three variables with theirs."""
    return _linked_tables


def _linked_tables(random: np.random.Generator) -> tuple[pd.DataFrame, list[str]]:
    """All margins of a random cross, or some two-way tables of three variables with theirs."""
    names = ["race", "gender", "age"][: random.integers(1, 4)]
    sizes = [int(random.integers(2, 4)) for _ in names]
    values = [
        [f"{name}{place}" for place in range(k)] for name, k in zip(names, sizes, strict=True)
    ]
    atoms = pd.DataFrame(list(product(*values)), columns=names)
    atoms["people"] = random.negative_binomial(1, random.choice([0.02, 0.05, 0.1]), len(atoms))
    atoms["known"] = random.binomial(atoms["people"], 0.85)
    sets = [set(c) for k in range(min(len(names), 2) + 1) for c in combinations(names, k)]
    if len(names) == 3 and random.random() < 0.5:
        sets.remove({"race", "age"})
    rows = []
    for chosen in sets:
        keys = [name for name in names if name in chosen]
        if keys:
            part = atoms.groupby(keys, as_index=False)[["people", "known"]].sum()
        else:
            part = atoms[["people", "known"]].sum().to_frame().T
        rows.append(part.assign(**{name: "" for name in names if name not in chosen}))
    return pd.concat(rows, ignore_index=True), names
