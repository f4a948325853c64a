"""The tutorial, word for word: its file is written, checked and becomes a report."""

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

from analysis.cli import _parser, main
from analysis.framework import framework_path
from analysis.paths import cache_folder, project_root, raw_folder
from analysis.reports.key_figures import read_key_figures
from analysis.runs.pipeline import plan

TUTORIAL = project_root() / "docs/tutorial.md"


def blocks(text: str, kind: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [block for name, block in found if name == kind]


def commands(text: str) -> list[list[str]]:
    return [shlex.split(line)[1:] for block in blocks(text, "") for line in block.splitlines()]


@pytest.fixture(scope="module")
def text() -> str:
    return TUTORIAL.read_text("utf-8")


def test_its_commands_can_be_given(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.toml").write_bytes(framework_path().read_bytes())
    found = commands(text)
    assert len(found) >= 6
    for words in found:
        options = _parser().parse_args(words)
        assert options.command != "run" or plan(options.notebooks, dict(options.parameters))


def test_its_file_becomes_a_report(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(cache_folder()))
    monkeypatch.setenv("WORKBENCH_RAW", str(raw_folder()))
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    template, check, metrics, *_ = commands(text)
    assert main(template) == 0
    headings = (tmp_path / "mine/outcomes.csv").read_text("utf-8").strip()
    (rows,) = blocks(text, "text")
    assert rows.splitlines()[0] == headings
    (tmp_path / "mine/outcomes.csv").write_text(rows, "utf-8")
    assert main(check) == 0
    capsys.readouterr()
    assert main(metrics) == 0
    report = (tmp_path / "reports/03_effectiveness_metrics.html").read_text("utf-8")
    assert "own file for outcomes: outcomes.csv" in report
    figures = {
        figure.name: figure
        for figure in read_key_figures(
            tmp_path / "data/processed/03_effectiveness_metrics/figures.json"
        )
    }
    employed = figures["employed_share.quarter_2_after_exit"]
    assert employed.n == 214 + 64 + 131
    assert employed.interval is not None
    assert 0 <= employed.interval[0] < employed.estimate < employed.interval[1] <= 1
    assert employed.estimate == pytest.approx((0.71 * 214 + 0.78 * 64 + 0.58 * 131) / 409)
    # the seven people of the welding program are nowhere
    for path in (tmp_path / "reports/03_effectiveness_metrics").glob("*.csv"):
        frame = pd.read_csv(path, dtype="str")
        assert not frame.isin(["0.81"]).to_numpy().any(), path.name
