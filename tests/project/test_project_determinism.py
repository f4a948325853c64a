"""The comparison of runs under other settings sees what differs, and names it."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from analysis.paths import project_root
from analysis.reports.key_figures import KeyFigure
from analysis.runs.expected import RELATIVE_TOLERANCE

MEAN = KeyFigure("mean", 10.0, 2.0, (6.0, 14.0), 25, "people", "dollars", ())
COUNT = KeyFigure("count", 25.0, None, None, 25, "people", "people", ())


@pytest.fixture(scope="module")
def determinism(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("benchmarks/determinism.py")


def compared(determinism: ModuleType, *after: KeyFigure) -> dict[str, object]:
    before = {one.name: one for one in (MEAN, COUNT)}
    return determinism.figures_compared(before, {one.name: one for one in after})


def test_equal_figures_are_equal_to_the_last_bit(determinism: ModuleType) -> None:
    found = compared(determinism, MEAN, COUNT)
    assert (found["figures"], found["equal_bits"], found["within"], found["beyond"]) == (2, 2, 0, 0)
    assert (found["worst_share"], found["worst_figure"]) == (0.0, "")


def test_one_bit_is_seen_and_lies_within_the_tolerance(determinism: ModuleType) -> None:
    found = compared(determinism, replace(MEAN, estimate=float(np.nextafter(10.0, 11.0))), COUNT)
    assert (found["equal_bits"], found["within"], found["beyond"]) == (1, 1, 0)
    assert found["worst_figure"] == "mean"
    assert 0.0 < found["worst_share"] < 1e-15


def test_a_figure_beyond_the_tolerance_or_gone_is_told(determinism: ModuleType) -> None:
    moved = replace(MEAN, estimate=10.0 + 2.0 * RELATIVE_TOLERANCE * 2.0)
    found = compared(determinism, moved)
    assert (found["figures"], found["equal_bits"], found["within"], found["beyond"]) == (2, 0, 0, 2)
    assert found["worst_share"] == pytest.approx(2.0 * RELATIVE_TOLERANCE)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({"name": ["a", "b"], "value": [1.0, 2.0]}, 0.0),
        ({"name": ["a", "b"], "value": [1.0, 2.5]}, 0.2),
        ({"name": ["a", "c"], "value": [1.0, 2.0]}, np.inf),
        ({"name": ["a", "b"], "value": [1.0, np.nan]}, np.inf),
        ({"name": ["a"], "value": [1.0]}, np.inf),
        ({"name": ["a", "b"], "other": [1.0, 2.0]}, np.inf),
    ],
    ids=["same", "number", "text", "gap", "row", "column"],
)
def test_tables_are_compared_number_by_number(
    determinism: ModuleType, tmp_path: Path, after: dict[str, list], expected: float
) -> None:
    before = pd.DataFrame({"name": ["a", "b"], "value": [1.0, 2.0]})
    before.to_parquet(tmp_path / "before.parquet")
    pd.DataFrame(after).to_parquet(tmp_path / "after.parquet")
    found = determinism.table_moved(tmp_path / "before.parquet", tmp_path / "after.parquet")
    assert found == pytest.approx(expected)
    assert determinism.table_moved(tmp_path / "before.parquet", tmp_path / "none") == np.inf


def test_settings_differ_in_what_must_not_matter_and_share_no_results(
    determinism: ModuleType, tmp_path: Path
) -> None:
    first, *others = (one.environment(tmp_path / one.name) for one in determinism.SETTINGS)
    for other in others:
        for name in ("PYTHONHASHSEED", "LC_ALL", "TZ", "WORKBENCH_OUTPUT", "WORKBENCH_CACHE"):
            assert other[name] != first[name], name
    assert {"1", "2"} == {one["OPENBLAS_NUM_THREADS"] for one in (first, *others)}
    assert any("NPY_DISABLE_CPU_FEATURES" in one for one in others)


def test_a_locale_that_cannot_be_built_is_replaced_by_one_that_is_here(
    determinism: ModuleType, tmp_path: Path
) -> None:
    unknown = replace(determinism.SETTINGS[1], locale="xx_XX.UTF-8")
    setting, found = determinism.with_locale(unknown, tmp_path)
    assert (setting.locale, found) == ("C.UTF-8", {})
    plain = replace(unknown, locale="C")
    assert determinism.with_locale(plain, tmp_path) == (plain, {})


def test_the_page_says_what_was_measured(determinism: ModuleType) -> None:
    page = (project_root() / "docs/determinism.md").read_text("utf-8")
    table = pd.read_csv(determinism.RESULT, keep_default_na=False)
    rows = determinism.page_rows(table)
    assert len(rows) == 2
    assert [row for row in rows if row not in page] == []
    # what lay beyond when it was measured is named, with its cause
    assert set(table.loc[table["beyond"] > 0, "notebook"]) <= set(re.findall(r"`(\d\d_\w+)`", page))
    assert table["texts"].eq(table["texts_equal"]).all()
