"""One more metric and one more group are an edit of the framework file: tables follow."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.cli import main
from analysis.framework import framework_path
from analysis.paths import cache_folder, processed_folder


def test_a_metric_and_a_group_more_in_the_file_are_in_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(cache_folder()))
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    text = framework_path().read_text("utf-8")
    own = tmp_path / "own.toml"
    edits = {
        '"completed", "credential"]\n': '"completed", "credential", "retained_q4"]\n',
        '[["race"], ["gender"], ["race", "gender"]]': '[["gender"], ["schooling_level"]]',
        '["race", "gender", "age_group", ': '["gender", "schooling_level"]\n# ',
    }
    for old, new in edits.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    own.write_text(text, "utf-8")
    assert main(["run", "03", "-p", "framework", str(own)]) == 0
    folder = processed_folder() / "03_effectiveness_metrics"
    for name in ("wioa_share", "program_share", "state_trained"):
        table = pd.read_parquet(folder / f"{name}.parquet")
        assert "retained_q4" in set(table["indicator"]), name
        assert {"some college", "no diploma"} <= set(table["group"]), name
    gaps = pd.read_parquet(folder / "wioa_gaps_share.parquet")
    assert "schooling_level" in set(gaps["by"])
    better = pd.read_parquet(folder / "program_better_data.parquet")
    assert "Still employed in the 4th quarter" in set(better["name"])
