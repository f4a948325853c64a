"""Effects of many programs on a cluster: the same to the last digit, also when a worker dies."""

import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from analysis.effects.many_programs import many_program_effects
from analysis.errors import WorkbenchError
from analysis.spread import SCHEDULER, spread

from .test_effects_many_programs import study

distributed = pytest.importorskip("distributed")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch):
    """A cluster of this machine of so many workers, which every spread then uses."""
    made = []

    def start(workers: int):
        one = distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=":0", memory_limit=0
        )
        made.append(one)
        monkeypatch.setenv(SCHEDULER, one.scheduler_address)
        return one

    yield start
    for one in made:
        one.close()


def test_the_same_to_the_last_digit_here_and_with_one_or_two_workers(cluster) -> None:
    base, y0, people, y1, labels, groups, _ = study(120, 20, 2_000)

    def effects():
        told: list[int] = []
        found = many_program_effects(
            base, y0, people, y1, labels, pool_group=groups[0], group=groups[1],
            covariance=True, report=lambda done, total: told.append(done),
        )  # fmt: skip
        return found, told

    here, told = effects()
    assert told == [50, 100, 120]
    for workers in (1, 2):
        made = cluster(workers)
        there, told_there = effects()
        made.close()
        assert told_there == told
        for name in ("estimates", "standard_errors", "n_treated", "shared_covariance"):
            np.testing.assert_array_equal(getattr(here, name), getattr(there, name))


def slow_square(folder: str, part: int) -> int:
    """Tells who computes it, and waits for leave the first time."""
    Path(folder, f"begun-{part}-{os.getpid()}").touch()
    while Path(folder, "hold").exists():
        time.sleep(0.02)
    return part**2


def test_a_part_whose_worker_is_killed_goes_to_another(cluster, tmp_path: Path) -> None:
    cluster(2)
    (tmp_path / "hold").touch()
    results = spread(slow_square, str(tmp_path), [1, 2, 3, 4])
    found: list[int] = []
    waiting = threading.Thread(target=lambda: found.extend(results))
    waiting.start()
    while not (begun := list(tmp_path.glob("begun-*"))):
        time.sleep(0.02)
    victim = psutil.Process(int(begun[0].name.rpartition("-")[2]))
    os.kill(victim.pid, signal.SIGKILL)
    psutil.wait_procs([victim], timeout=20)
    (tmp_path / "hold").unlink()
    waiting.join(timeout=120)
    assert found == [1, 4, 9, 16]
    parts = [path.name.split("-")[1] for path in tmp_path.glob("begun-*")]
    assert len(parts) > len(set(parts)), "what the dead worker had begun was begun again"


def test_a_scheduler_that_does_not_answer_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.spread._SECONDS", 1)
    monkeypatch.setenv(SCHEDULER, "tcp://127.0.0.1:1")
    with pytest.raises(WorkbenchError, match="no dask scheduler answers at 'tcp://127"):
        list(spread(slow_square, "", [1, 2]))


def test_nothing_is_left_in_the_cache(cluster, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    cluster(1)
    assert list(spread(slow_square, str(tmp_path), [2, 3])) == [4, 9]
    assert list((tmp_path / "cache").iterdir()) == []
