"""Random sets of linked tables, and an attacker by scipy who tells what can be derived."""

from collections.abc import Callable
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

Maker = Callable[[np.random.Generator], tuple[pd.DataFrame, list[str]]]
Attack = Callable[[pd.DataFrame, list[str], "pd.Series[bool]", str], pd.DataFrame]


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


@pytest.fixture
def derived() -> Attack:
    """Interval that an attacker derives for each hidden count of linked tables."""
    return _derived


def _derived(
    cells: pd.DataFrame, variables: list[str], hidden: "pd.Series[bool]", count: str
) -> pd.DataFrame:
    """The audit of Fischetti and Salazar (2001), each bound solved anew by scipy.

    ``low``, ``high`` in whole people for the hidden rows, and ``recovered``: whether only one
    number lies between them. Equal rows of two tables are one cell.
    """
    values = [sorted(set(cells[name]) - {""}) for name in variables]
    atoms = np.array(list(product(*values)))
    keys = cells[variables].to_numpy()
    sums = np.array([((key == "") | (atoms == key)).all(axis=1) for key in keys]).astype(float)
    shown = ~hidden.to_numpy()
    right = cells[count].to_numpy(dtype=float)[shown]
    rows = {}
    for place in np.flatnonzero(hidden):
        ends = []
        for sign in (1.0, -1.0):
            goal = sign * sums[place]
            done = linprog(goal, A_eq=sums[shown], b_eq=right)
            ends.append(done.fun if done.status == 0 else -np.inf)
        rows[cells.index[place]] = np.ceil(ends[0] - 1e-6), np.floor(-ends[1] + 1e-6)
    found = pd.DataFrame.from_dict(rows, orient="index", columns=["low", "high"])
    return found.assign(recovered=found["high"] <= found["low"])
