"""One more metric and one more group are an edit of the framework file: tables follow."""

import re
from pathlib import Path

import pandas as pd
import pytest

from analysis.cli import main
from analysis.paths import cache_folder, processed_folder, project_root


def test_a_metric_and_a_group_more_in_the_file_are_in_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(cache_folder()))
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    # the file of the recipe in docs/how_to.md, word for word
    page = (project_root() / "docs/how_to.md").read_text("utf-8")
    (text,) = re.findall(r"^```toml own\.toml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    own = tmp_path / "own.toml"
    own.write_text(text, "utf-8")
    assert main(["run", "03", "-p", "framework", str(own)]) == 0
    folder = processed_folder() / "03_effectiveness_metrics"
    for name in ("wioa_share", "program_share", "state_trained"):
        table = pd.read_parquet(folder / f"{name}.parquet")
        assert "youth_q2" in set(table["indicator"]), name
        assert {"some college", "no diploma"} <= set(table["group"]), name
    gaps = pd.read_parquet(folder / "wioa_gaps_share.parquet")
    assert "schooling_level" in set(gaps["by"])
    better = pd.read_parquet(folder / "program_better_data.parquet")
    assert any(name.startswith("Youth employed, or in education") for name in better["name"])
