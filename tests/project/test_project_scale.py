"""The plan for a national file rests on measured numbers alone."""

import importlib.util

import pandas as pd
import pytest

from analysis.paths import project_root


@pytest.fixture
def plan():
    path = project_root() / "docs" / "scale_plan.py"
    spec = importlib.util.spec_from_file_location("scale_plan", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_says_what_the_results_say(plan) -> None:
    written = (project_root() / "docs" / "scale.md").read_text("utf-8")
    assert written == plan.page(), "write it anew: python docs/scale_plan.py"


def test_other_results_give_other_numbers(plan, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for name in ("wioa.csv", "effects.csv", "workers.csv"):
        (tmp_path / name).write_bytes((plan.RESULTS / name).read_bytes())
    slower = pd.read_csv(tmp_path / "wioa.csv")
    # 36 seconds a million rows, at the largest size, are 3 hours of 300 million
    slower.loc[slower["step"].eq("read"), "cpu"] = 36.0 * slower["million_rows"]
    slower.to_csv(tmp_path / "wioa.csv", index=False)
    monkeypatch.setattr(plan, "RESULTS", tmp_path)
    assert "| read the text into typed Parquet | 50 | 3.00 |" in plan.page()
