"""The chain from a figure to the bytes is complete, through every notebook that it builds on."""

import hashlib
from pathlib import Path

import pytest

from analysis.cli import main
from analysis.errors import WorkbenchError
from analysis.runs.explain import find_figure
from analysis.runs.store import all_runs

FIGURE = "study.key_figure('{}', {}, n=20, n_of='people', unit='dollars', note='counted')"


def test_a_figure_is_explained_down_to_the_bytes(
    write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.csv"
    own.write_text("x\n1\n")
    table = "import pandas as pd\nstudy.publish('t', pd.DataFrame({'x': [size]}))"
    take = "if outcomes:\n    study._user_file(outcomes, 'outcomes')"
    first = "size: int = 1\noutcomes: str = ''"
    write("01_first", table, take, FIGURE.format("shared", 1.0), parameters=first)
    read = "cut = study.framework.tiers.alpha"
    write(
        "02_second", "study.earlier('01_first', 't')", read, FIGURE.format("shared", 2.0),
        FIGURE.format("wage.all", 1234.5), needs=("01_first",), parameters="label: str = 'a'",
    )  # fmt: skip
    assert main(["run", "-p", "outcomes", str(own), "-p", "size", "3"]) == 0
    capsys.readouterr()
    assert main(["explain", "wage.all"]) == 0
    said = capsys.readouterr().out
    runs = {run.notebook: run for run in all_runs()}
    for words in (
        "wage.all: 1234.5 dollars",
        "from 20 people",
        f"02_second, run {runs['02_second'].id}: commit ",
        "tiers.alpha = 0.05",
        "label = 'a'",
        f"01_first, run {runs['01_first'].id}: commit ",
        "size = 3",
        f"sha256 {hashlib.sha256(own.read_bytes()).hexdigest()[:16]}",
        f"seed {runs['01_first'].record['seed']}",
        "of tables",
    ):
        assert words in said, words
    # a key that only the second notebook read stands under it alone
    assert said.count("tiers.alpha") == 1
    assert main(["explain", "wage.all", "--all"]) == 0
    module, digest = next(iter(runs["02_second"].record["parts"]["modules"].items()))
    assert f"{module}: {digest}" in capsys.readouterr().out
    with pytest.raises(WorkbenchError, match=r"several notebooks\. Say which: 01_first:shared"):
        find_figure("shared")
    assert find_figure("02_second:shared").figure.estimate == 2.0
    with pytest.raises(WorkbenchError, match=r"Nearest: wage\.all"):
        find_figure("wage.al")
