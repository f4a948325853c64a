"""Kept results: computed once, recomputed when damaged, and bound to the code that made them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.skills import kept_results
from analysis.skills.kept_results import identity, kept


def test_a_damaged_file_is_computed_again(tmp_path: Path):
    kept(tmp_path, "x", "k" * 30, lambda: {"a": np.arange(3)})
    (path,) = (tmp_path / "skills").iterdir()
    path.write_bytes(path.read_bytes()[:40])
    assert kept(tmp_path, "x", "k" * 30, lambda: {"a": np.arange(4)})["a"].tolist() == [0, 1, 2, 3]
    assert kept(tmp_path, "x", "k" * 30, lambda: pytest.fail("computed twice"))["a"].size == 4


def test_values_order_and_names_are_part_of_the_identity():
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    name = "analysis.skills.ties"
    others = [
        frame.iloc[::-1],
        frame.rename(columns={"b": "c"}),
        frame.assign(a=[1, 3]),
        frame[["a"]],
    ]
    identities = {identity(name, part) for part in [frame, *others, None, "x", 1.0]}
    assert len(identities) == 8


def test_code_of_imported_modules_is_part_of_the_identity():
    used = {path.stem for path in kept_results._sources("blends")}
    assert {"blends", "measures", "representations", "learned_blend", "truths"} <= used
    assert "delta" not in used
