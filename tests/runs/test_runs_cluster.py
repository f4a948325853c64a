"""Sweeps on a dask cluster: the same numbers whoever computes them, also when a worker dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import psutil
import pytest

from analysis.cli import main
from analysis.runs.cluster import run_there
from analysis.runs.store import all_runs, is_whole

pytest.importorskip("distributed")
BASE = "import pandas as pd\nstudy.publish('t', pd.DataFrame({'x': [0.1]}))"
# sums whose last digit would tell another order or another number of threads
FIGURES = (
    "import numpy as np\n"
    "drawn = np.random.default_rng(study.framework.estimation.seed).normal(size=(300, 300))\n"
    "base = study.earlier('01_base', 't')['x'].sum()\n"
    "value = float(np.linalg.svd(drawn * size)[1].sum() + base)\n"
    "study.key_figure('sum', value, n=20, n_of='people', unit='dollars', note='counted')"
)
PARAMETERS = "size: int = 1  # from 0 to 9"


def swept(name: str, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "analysis.cli", "sweep", "02", "-p", "size=1,2,3"]
    return subprocess.Popen(
        [*command, "--name", name, *words], env=dict(os.environ), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def figures(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / "reports/sweeps" / name / "figures.parquet")


@pytest.fixture
def project(write, tmp_path: Path) -> Path:
    write("01_base", BASE, parameters="other: int = 1")
    slow = f"import os, time\nopen({str(tmp_path)!r} + f'/begun-{{size}}-{{os.getpid()}}', 'w')"
    wait = f"while os.path.exists({str(tmp_path / 'hold')!r}):\n    time.sleep(0.05)"
    write("02_swept", slow, wait, FIGURES, needs=("01_base",), parameters=PARAMETERS)
    return tmp_path


@pytest.fixture
def elsewhere(project: Path, monkeypatch: pytest.MonkeyPatch):
    """Results of each sweep in a folder of their own, so that nothing is taken from the store."""

    def chosen(name: str) -> Path:
        folder = project / name
        monkeypatch.setenv("WORKBENCH_OUTPUT", str(folder))
        return folder

    return chosen


def ended(process: "subprocess.Popen[str]") -> None:
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said


def test_the_same_to_the_last_digit_here_and_with_one_or_two_workers(elsewhere) -> None:
    found = []
    for name, words in {
        "here": [],
        "one": ["--scheduler", "local", "--jobs", "1"],
        "two": ["--scheduler", "local", "--jobs", "2"],
    }.items():
        folder = elsewhere(name)
        ended(swept("s", *words))
        found.append(figures(folder, "s"))
    for other in found[1:]:
        pd.testing.assert_frame_equal(found[0], other, check_exact=True)
    assert found[0]["estimate"].nunique() == 3


def test_a_worker_that_is_killed_costs_nothing_but_time(project: Path) -> None:
    (project / "hold").touch()
    process = swept("killed", "--scheduler", "local", "--jobs", "2")
    while not (begun := list(project.glob("begun-*"))):
        assert process.poll() is None
        time.sleep(0.05)
    # from the kernel up to the worker: the fork's server is a child of it
    kernel = psutil.Process(int(begun[0].name.rpartition("-")[2]))
    worker = kernel.parent().parent()
    os.kill(worker.pid, signal.SIGKILL)
    psutil.wait_procs([kernel], timeout=20)
    (project / "hold").unlink()
    ended(process)
    assert figures(project, "killed")["estimate"].nunique() == 3
    settings = [path.name.split("-")[1] for path in project.glob("begun-*")]
    assert len(settings) > len(set(settings)), "what the dead worker had begun was begun again"
    assert all(is_whole(run) for run in all_runs())
    assert not list(project.glob("data/runs/*/.building-*"))


@pytest.fixture
def address(project: Path) -> Iterator[str]:
    """A scheduler with one worker, started as a user would, with no setting of ours."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("WORKBENCH_")}
    options = ["--host", "127.0.0.1", "--no-dashboard"]
    file = project / "scheduler.json"
    starting = {
        "scheduler": [*options, "--port", "0", "--scheduler-file", str(file)],
        "worker": [*options, "--nthreads", "2", "--no-nanny", "--scheduler-file", str(file)],
    }
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "dask", name, *words], env=plain, cwd=project,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for name, words in starting.items()
    ]  # fmt: skip
    while not file.is_file() or not file.read_text():
        assert all(process.poll() is None for process in started)
        time.sleep(0.05)
    yield pd.read_json(file, typ="series")["address"]
    for process in started:
        process.kill()
        process.wait()


def test_an_address_of_a_scheduler(project: Path, address: str) -> None:
    ended(swept("there", "--scheduler", address))
    assert figures(project, "there")["estimate"].nunique() == 3


def test_a_run_gives_parts_of_its_work_to_the_workers(write, tmp_path: Path) -> None:
    asked = (
        "import os\nfrom analysis.spread import SCHEDULER, spread\n"
        "assert os.environ[SCHEDULER].startswith('tcp://')\n"
        "others = set(spread(pow, os.getpid(), [1, 1])) | set(spread(max, 0, [3, 4]))\n"
        f"open({str(tmp_path / 'found')!r}, 'w').write(str(others == {{os.getpid(), 3, 4}}))"
    )
    write("01_base", asked)
    assert main(["run", "01", "--scheduler", "local"]) == 0
    assert (tmp_path / "found").read_text() == "True"


def test_what_cannot_be_used_is_one_line_with_its_remedy(
    write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("02_swept", parameters=PARAMETERS)
    words = ["sweep", "02", "-p", "size=1,2", "--scheduler"]
    for address in ("tcp://127.0.0.1:1", "nonsense://x"):
        monkeypatch.setattr("analysis.spread._SECONDS", 1)
        assert main([*words, address]) == 2
        assert "no dask scheduler answers at" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main([*words, "local"]) == 2
    assert "pip install -e '.[scale]'" in capsys.readouterr().err


def test_a_worker_that_does_not_see_the_folders_says_so(tmp_path: Path) -> None:
    request = {"folder": str(tmp_path)}
    places = {"WORKBENCH_HOME": str(tmp_path), "WORKBENCH_OUTPUT": str(tmp_path / "none")}
    outcome = run_there(request, places)
    assert not outcome["ok"]
    assert f"does not see {tmp_path / 'none'}" in outcome["error"]
