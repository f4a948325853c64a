"""The runner: what is stale runs, what is fresh does not, and a failure costs nothing else."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.runs.graph import with_ancestors
from analysis.runs.pipeline import plan, run

FIGURE = "study.key_figure('size', size, n=20, n_of='people', unit='people', note='counted')"
TABLE = "import pandas as pd\nstudy.publish('t', pd.DataFrame({'size': [size]}))"
USE = "found = study.earlier('01_first', 't')\nstudy.publish('twice', found * 2)"


def lines_of(*names: str, **given: object) -> tuple[bool, list[str]]:
    said: list[str] = []
    return run(list(names), dict(given), said.append), said


def test_a_run_leaves_tables_figures_report_and_index(write, tmp_path: Path) -> None:
    write("01_first", FIGURE, TABLE)
    write("02_second", USE, needs=("01_first",))
    done, _ = lines_of()
    assert done
    figures = json.loads((tmp_path / "data/processed/01_first/figures.json").read_text())
    assert [(f["name"], f["estimate"], f["n"]) for f in figures] == [("size", 1.0, 20)]
    twice = pd.read_parquet(tmp_path / "data/processed/02_second/twice.parquet")
    assert twice["size"].tolist() == [2]
    assert (tmp_path / "reports/02_second/twice.csv").read_text() == "size\n2\n"
    page = (tmp_path / "reports/01_first.html").read_text()
    assert "Done." in page
    assert "study.answer" not in page
    assert "01_first.html" in (tmp_path / "reports/index.html").read_text()


def test_nothing_changed_runs_nothing_and_a_change_runs_what_hangs_on_it(write) -> None:
    write("01_first", TABLE)
    write("02_second", USE, needs=("01_first",))
    write("03_third")
    assert lines_of()[0]
    done, said = lines_of()
    assert done
    assert said == [f"{name}: nothing changed" for name in ("01_first", "02_second", "03_third")]
    write("02_second", USE, "1 + 1", needs=("01_first",))
    said = lines_of()[1]
    assert "01_first: nothing changed" in said
    assert any(line.startswith("02_second: done") for line in said)
    assert "03_third: nothing changed" in said


def test_progress_is_told_once_and_nothing_empty_after_it(write) -> None:
    step = (
        "import time\n(study.folder / 'progress.txt').write_text('half, 1 s left')\ntime.sleep(1)"
    )
    write("01_first", step, TABLE)
    said = lines_of()[1]
    assert said.count("01_first: half, 1 s left") == 1
    assert not [line for line in said if line.endswith(": ")]


def test_the_time_left_is_told_only_where_every_notebook_has_run_before(write) -> None:
    write("01_first", TABLE)
    write("02_second", USE, needs=("01_first",))
    assert "01_first: started (1 of 2, time left known after a first run)" in lines_of()[1]
    write("01_first", TABLE, "1 + 1")
    said = lines_of("02", size="3")[1]
    assert any(re.match(r"01_first: started \(1 of 2, about \d+ s left\)", line) for line in said)


def test_a_parameter_goes_to_who_declares_it_and_down_the_graph(write, tmp_path: Path) -> None:
    write("01_first", TABLE)
    write("02_second", USE, needs=("01_first",), parameters="label: str = ''")
    assert lines_of("02", size="21")[0]
    twice = pd.read_parquet(tmp_path / "data/processed/02_second/twice.parquet")
    assert twice["size"].tolist() == [42]


def test_a_failure_keeps_earlier_results_and_skips_only_what_needs_it(
    write, tmp_path: Path
) -> None:
    write("01_first", TABLE, FIGURE)
    write("02_second", USE, needs=("01_first",))
    assert lines_of()[0]
    before = {p: p.read_bytes() for p in (tmp_path / "data/processed/01_first").iterdir()}
    report = (tmp_path / "reports/01_first.html").read_bytes()
    write("01_first", TABLE, "raise ValueError('the file is broken')")
    write("03_third")
    done, said = lines_of()
    assert not done
    assert any("01_first: FAILED" in line and "the file is broken" in line for line in said)
    assert "02_second: skipped, since a notebook that it needs failed" in said
    assert any(line.startswith("03_third: done") for line in said)
    assert {p: p.read_bytes() for p in (tmp_path / "data/processed/01_first").iterdir()} == before
    assert (tmp_path / "reports/01_first.html").read_bytes() == report
    left = [p.name for p in (tmp_path / "data/processed").iterdir() if p.name.startswith(".")]
    assert set(left) <= {".cache"}


def test_an_error_of_ours_reaches_the_user_as_its_own_words(write) -> None:
    write("01_first", "study.needed('no_such_table')")
    done, said = lines_of()
    assert not done
    (failure,) = [line for line in said if "FAILED" in line]
    assert "'no_such_table' is no table" in failure
    assert "cell" not in failure


def test_a_bad_parameter_is_refused_before_a_kernel_starts(write, tmp_path: Path) -> None:
    write("01_first", TABLE)
    for given, words in (({"sise": 1}, "Did you mean 'size'"), ({"size": "big"}, "not of type")):
        with pytest.raises(WorkbenchError, match=words):
            plan(["01_first"], given)
    assert not (tmp_path / "data").exists()


def test_notebooks_in_a_circle_or_without_what_they_need_are_named(write) -> None:
    write("01_first", needs=("02_second",))
    write("02_second", needs=("01_first",))
    with pytest.raises(WorkbenchError, match="01_first -> 02_second -> 01_first"):
        with_ancestors(["01_first"])
    write("01_first", needs=("09_none",))
    with pytest.raises(WorkbenchError, match="needs '09_none', which does not exist"):
        with_ancestors(["01_first"])


def test_a_small_cell_stops_at_the_door(write) -> None:
    write("01_first", "study.key_figure('x', 1.0, n=4, n_of='people', unit='dollars')")
    done, said = lines_of()
    assert not done
    assert any("key figure 'x' rests on fewer than 10 people" in line for line in said)


def test_plain_papermill_works_from_any_folder(write, tmp_path: Path) -> None:
    path = write("01_first", TABLE, FIGURE)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = [sys.executable, "-m", "papermill", str(path), "out.ipynb", "-p", "size", "5"]
    finished = subprocess.run(
        command, cwd=elsewhere, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    figures = json.loads((tmp_path / "data/processed/plain/01_first/figures.json").read_text())
    assert figures[0]["estimate"] == 5.0
    refused = subprocess.run(
        [*command[:-1], "many"], cwd=elsewhere, env=dict(os.environ), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert refused.returncode != 0
    assert "parameter 'size': 'many' is not of type int" in refused.stderr


@pytest.mark.parametrize("value", ["records.csv", "RECORDS.CSV", "folder/people.parquet"])
def test_an_own_file_that_is_not_there_is_told_before_anything_is_fetched(
    write, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("looked for sources")

    write("01_first", parameters='file: str = ""  # own file; empty: none')
    monkeypatch.setattr("analysis.sources.at_hand", refuse)
    monkeypatch.setattr("analysis.sources.fetch", refuse)
    with pytest.raises(WorkbenchError, match=f"file {value} does not exist"):
        lines_of("01", file=value)
