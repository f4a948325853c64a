"""Sweeps: every combination once, what was computed before is taken, a failure costs nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

from analysis.cli import main
from analysis.errors import WorkbenchError
from analysis.reports.sweep_page import main_effects, most_moved, moved_figures, sweep_page
from analysis.runs.sweep import combinations, read_grid, sweep

PARAMETERS = "size: int = 1  # from 0 to 9\nweight: float = 1.0  # from 0.0 to 9.0"
FIGURES = (
    "study.key_figure('sum', 10 * size + weight, n=20, n_of='people', unit='dollars',"
    " standard_error=2.0)\n"
    "study.key_figure('fixed', 3.0, n=20, n_of='people', unit='dollars', note='counted')"
)


def long_table(*values: tuple[float, float, float]) -> pd.DataFrame:
    rows = [
        {"size": s, "weight": w, "run": "r", "figure": "sum", "estimate": e, "standard_error": 2.0,
         "unit": "dollars"}
        for s, w, e in values
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_the_grid_is_read_and_every_combination_is_made() -> None:
    grid = read_grid(["size=1,2", "weight=0.5"], ["default", "b.toml"])
    made = combinations(grid)
    assert len(made) == 4
    assert made[1] == {"size": "1", "weight": "0.5", "framework": "b.toml"}
    for words in (["size"], ["size=1,"], ["size=1,1"], ["size=1", "size=2"], []):
        with pytest.raises(WorkbenchError):
            read_grid(words, [])


def test_what_matters_most_is_counted_by_hand() -> None:
    table = long_table((1, 0, 10.0), (1, 4, 14.0), (2, 0, 20.0), (2, 4, 24.0))
    effects = main_effects(table, ["weight", "size"], "sum")
    assert effects[["parameter", "low", "high", "range"]].to_numpy().tolist() == [
        ["size", 12.0, 22.0, 10.0], ["weight", 15.0, 19.0, 4.0],
    ]  # fmt: skip
    assert effects.loc[0, ["low_at", "high_at"]].tolist() == ["1", "2"]
    moved = moved_figures(table, ["size", "weight"])
    assert moved["moved"].tolist() == [0.0, 2.0, 5.0, 7.0]
    assert most_moved(moved) == ["sum"]


def test_a_page_escapes_what_comes_from_data_and_names_failures() -> None:
    table = long_table((1, 0, 10.0), (2, 0, 30.0)).assign(figure="<i>sum")
    failures = pd.DataFrame([{"size": "7", "error": "<b>broken"}])
    page = sweep_page("05_x", ["size"], table, failures, commit="c")
    assert "<i>" not in page
    assert "<b>" not in page
    assert "&lt;b&gt;broken" in page
    assert page.count("<figure>") == page.count('<img alt="') == 2
    still = long_table((1, 0, 10.0), (2, 0, 10.0))
    assert "0 of 1 key figure depend" in sweep_page(
        "05_x", ["size"], still, pd.DataFrame(), commit="c"
    )


def test_a_sweep_goes_through_the_store_and_a_failure_is_listed_at_the_end(
    write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    table = "import pandas as pd\nstudy.publish('t', pd.DataFrame({'x': [1]}))"
    write("01_base", f"open({str(log)!r}, 'a').write('b')", table, parameters="other: int = 1")
    broken = "if size == 3:\n    raise ValueError('three is too many')"
    write(
        "02_swept", f"open({str(log)!r}, 'a').write('s')", "study.earlier('01_base', 't')",
        broken, FIGURES, needs=("01_base",), parameters=PARAMETERS,
    )  # fmt: skip
    words = ["sweep", "02", "-p", "size=1,2,3", "-p", "weight=1", "--name", "mine"]
    assert main(words) == 1
    said = capsys.readouterr().out.splitlines()
    assert "3 settings, 4 notebooks to run or to take from the store" in said
    assert any("started (4 of 4, " in line for line in said)
    assert said[-3].startswith("failed: size=3 weight=1: ValueError in cell")
    assert said[-2] == "2 of 3 settings done"
    # what all settings share was computed once
    assert sorted(log.read_text()) == ["b", "s", "s", "s"]
    folder = tmp_path / "reports/sweeps/mine"
    found = pd.read_parquet(folder / "figures.parquet")
    pd.testing.assert_frame_equal(found, pd.read_csv(folder / "figures.csv"), check_dtype=False)
    sums = found[found["figure"] == "sum"].set_index("size")["estimate"].to_dict()
    assert sums == {1: 11.0, 2: 21.0}
    assert found["run"].nunique() == 2
    assert "three is too many" in (folder / "index.html").read_text("utf-8")
    # what lies in place stays as it is
    assert not (tmp_path / "data/processed/02_swept").exists()
    # only the failed one runs again
    assert main(words) == 1
    assert sorted(log.read_text()) == ["b", "s", "s", "s", "s"]
    with pytest.raises(WorkbenchError, match="out of range"):
        sweep("02", {"size": ["10"]}, print)
    with pytest.raises(WorkbenchError, match="no parameter 'sise'"):
        sweep("02", {"sise": ["1"]}, print)
    assert main([*words[:6], "--figure", "none"]) == 2


def test_a_killed_sweep_goes_on_where_it_stood(write, tmp_path: Path) -> None:
    log = tmp_path / "log"
    mark = f"file = open({str(log)!r}, 'a')\nfile.write(str(size))\nfile.close()"
    wait = "import time\ntime.sleep(60 if size == 3 else 0)"
    # the third setting hangs, so that the kill comes when two are done
    hanging = write("01_swept", FIGURES, mark, wait, parameters=PARAMETERS)
    command = [sys.executable, "-m", "analysis.cli", "sweep", "01", "-p", "size=1,2,3", "--jobs"]
    process = subprocess.Popen([*command, "1"], stdout=subprocess.DEVNULL, env=dict(os.environ))
    while not log.exists() or "3" not in log.read_text():
        assert process.poll() is None
        time.sleep(0.05)
    children = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert log.read_text() == "123"
    text = hanging.read_text()
    assert sweep("01", {"size": ["1", "2"]}, print).settings == 2
    assert log.read_text() == "123", "what was done before the kill is taken from the store"
    hanging.write_text(text.replace("60 if size == 3 else 0", "0"))
    done = sweep("01", {"size": ["1", "2", "3"]}, print)
    assert done.failures.empty
    assert done.figures.query("figure == 'sum'")["estimate"].tolist() == [11.0, 21.0, 31.0]
