"""Runs are kept whole: through kills, two commands at once, a full disk and a careless edit."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import psutil
import pytest

from analysis.cli import main
from analysis.errors import DISK_FULL, WorkbenchError
from analysis.paths import runs_folder
from analysis.runs import housekeeping, place
from analysis.runs.named import find_runs
from analysis.runs.pipeline import run
from analysis.runs.record import new_record
from analysis.runs.store import all_runs, find, is_whole, keep, new_building, read_run

TABLE = "import pandas as pd\nstudy.publish('t', pd.DataFrame({'size': [size]}))"
USE = "found = study.earlier('01_first', 't')\nstudy.publish('twice', found * 2)"
SLOW = "import time\ntime.sleep(1.5)"
COMMAND = [sys.executable, "-m", "analysis.cli"]


def lines_of(*names: str, **given: object) -> list[str]:
    said: list[str] = []
    assert run(list(names), dict(given), said.append), said
    return said


def start(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=dict(os.environ), start_new_session=True,
    )  # fmt: skip


def whole(folder: Path) -> bool:
    """Every run in the store is as it was written, and nothing under way is left."""
    left = list(folder.glob("data/runs/*/.building-*"))
    return all(is_whole(found) for found in all_runs()) and not left


def test_a_run_is_a_folder_with_all_that_it_was_made_from(write, tmp_path: Path) -> None:
    write("01_first", TABLE)
    write("02_second", USE, needs=("01_first",))
    lines_of(size=3)
    first, second = sorted(all_runs(), key=lambda found: found.notebook)
    record = second.record
    assert first.record["parameters"] == {"size": 3}
    assert record["needed_runs"] == {"01_first": first.id}
    assert record["parts"]["results needed"] == {"01_first": first.result}
    assert {"analysis.reports.study", "analysis.framework"} <= set(record["parts"]["modules"])
    assert record["parts"]["packages"]["pandas"] == pd.__version__
    assert record["seed"] == record["traced"]["framework"]["estimation.seed"]
    assert record["seconds"] > 0
    assert record["commit"]
    files = {path.name for path in second.folder.iterdir()}
    kept = {
        "run.json",
        "framework.toml",
        "framework.json",
        "figures.json",
        "study.json",
        "report.html",
    }
    assert files == kept | {"twice.parquet", "twice.csv"}
    # a placed table is the stored one, not a copy that takes room again
    placed = tmp_path / "data/processed/02_second/twice.csv"
    assert placed.samefile(second.folder / "twice.csv")


def test_results_come_back_without_running(write, tmp_path: Path) -> None:
    write("01_first", TABLE)
    lines_of(size=1)
    lines_of(size=2)
    (earlier,) = [found for found in all_runs() if found.record["parameters"] == {"size": 1}]
    assert lines_of(size=1)[0] == f"01_first: as in run {earlier.id}"
    assert (tmp_path / "reports/01_first/t.csv").read_text() == "size\n1\n"
    shutil.rmtree(tmp_path / "reports")
    shutil.rmtree(tmp_path / "data/processed")
    assert lines_of(size=1)[0] == f"01_first: as in run {earlier.id}"
    assert (tmp_path / "reports/01_first.html").is_file()


def test_a_result_that_was_edited_by_hand_is_computed_again(write, tmp_path: Path) -> None:
    write("01_first", TABLE)
    lines_of(size=1)
    for text in ("size\n9\n", "size\n99999\n"):
        time.sleep(0.02)
        # in place, as a spreadsheet would: the stored file is the same one
        (tmp_path / "data/processed/01_first/t.csv").write_text(text)
        assert any("done" in line for line in lines_of(size=1))
        assert (tmp_path / "data/processed/01_first/t.csv").read_text() == "size\n1\n"


def test_a_notebook_that_is_not_repeatable_is_named(write) -> None:
    write("01_first", TABLE.replace("[size]", "[__import__('time').time()]"))
    lines_of()
    said: list[str] = []
    assert run([], {}, said.append, force=True)
    assert any("gave other results before" in line for line in said)


def test_names_listing_and_cleaning(
    write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write("01_first", TABLE)
    for size in (1, 2, 3):
        assert (
            main(["run", "-p", "size", str(size), *(["--name", "two"] if size == 2 else [])]) == 0
        )
    capsys.readouterr()
    assert main(["runs"]) == 0
    listed = capsys.readouterr().out
    assert "[current]  size=3" in listed
    assert "[two]  size=2" in listed
    assert "3 runs, " in listed
    assert find_runs("two")["01_first"].record["parameters"] == {"size": 2}
    (by_id,) = find_runs(find_runs("01")["01_first"].id[:8]).values()
    assert by_id.record["parameters"] == {"size": 3}
    assert main(["clean", "--older-than", "1d"]) == 0
    assert "0 runs removed" in capsys.readouterr().out
    assert main(["clean", "--older-than", "0s"]) == 0
    # what lies in place and what has a name stays
    assert "1 runs removed" in capsys.readouterr().out
    assert {found.record["parameters"]["size"] for found in all_runs()} == {2, 3}
    assert (tmp_path / "data/processed/01_first/t.csv").read_text() == "size\n3\n"
    for words, message in (("none", "is no run"), ("02", "unknown notebook")):
        with pytest.raises(WorkbenchError, match=message):
            find_runs(words)
    with pytest.raises(WorkbenchError, match="no length of time"):
        housekeeping.clean("soon", print)
    assert main(["run", "--name", "../x"]) == 2


def test_a_record_that_lacks_anything_is_no_run_and_is_cleaned_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    folder, lock = new_building("07_own", runs_folder())
    stored = keep(folder, new_record("07_own"))
    lock.release()
    assert read_run(stored.folder) == stored
    record = stored.folder / "run.json"
    inner = [{**stored.record, "parts": {"files": "x"}}, {**stored.record, "outputs": {"t": 1}}]
    lacking = [{k: v for k, v in stored.record.items() if k != name} for name in stored.record]
    for spoiled in (*lacking, *inner):
        record.write_text(json.dumps(spoiled))
        assert read_run(stored.folder) is None
    assert list(all_runs()) == []
    assert find("07_own", stored.record["base"], "") is None
    with pytest.raises(WorkbenchError, match="is no run"):
        find_runs(stored.id)
    assert main(["clean", "--older-than", "0s"]) == 0
    assert "1 runs removed" in capsys.readouterr().out
    assert not stored.folder.exists()


def test_runs_that_turn_out_the_same_are_kept_at_the_same_moment(tmp_path: Path) -> None:
    """Two frameworks that differ in nothing that was read give one run, each when it ends."""
    built = []
    for _ in range(40):
        folder, lock = new_building("07_own", tmp_path)
        (folder / "figures.json").write_text("[]")
        lock.release()
        built.append(folder)
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda folder: keep(folder, new_record("07_own")), built))
    (one,) = {found.folder for found in kept}
    assert is_whole(kept[-1])
    assert [path.name for path in (tmp_path / "07_own").iterdir()] == [one.name]


def test_two_commands_at_once_do_not_disturb_each_other(write, tmp_path: Path) -> None:
    write("01_first", SLOW, TABLE)
    write("02_second", SLOW, USE, needs=("01_first",))
    both = [start("run", "-p", "size", size, "--name", f"s{size}") for size in ("5", "7")]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    for size in (5, 7):
        found = find_runs(f"s{size}")
        assert pd.read_parquet(found["02_second"].folder / "twice.parquet")["size"][0] == 2 * size
    # what lies in place is one command's, all of it
    placed = tmp_path / "data/processed"
    first = pd.read_parquet(placed / "01_first/t.parquet")["size"][0]
    assert pd.read_parquet(placed / "02_second/twice.parquet")["size"][0] == 2 * first
    assert whole(tmp_path)


def test_what_lies_in_place_is_one_commands_whole(
    write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two commands that end at the same moment take turns for all notebooks, not for each."""
    write("01_first", TABLE)
    write("02_second", USE, needs=("01_first",))
    commands = []
    for size in (5, 7):
        lines_of(size=size)
        commands.append(find_runs("current"))
    assert [len(runs) for runs in commands] == [2, 2]
    swap = place._swap
    # slower than the wait between two tries for the lock, so that both get their turn in between
    monkeypatch.setattr(place, "_swap", lambda *given: (time.sleep(0.03), swap(*given)))
    with ThreadPoolExecutor() as pool:
        for _ in range(4):
            list(pool.map(lambda runs: place.put_in_place(runs.values()), commands))
            placed = [tmp_path / "data/processed" / name for name in ("01_first", "02_second")]
            once, twice = (pd.read_parquet(next(path.glob("*.parquet"))) for path in placed)
            assert twice["size"][0] == 2 * once["size"][0]


def test_the_same_request_twice_at_once_is_computed_once(write, tmp_path: Path) -> None:
    log = tmp_path / "log"
    write("01_first", f"open({str(log)!r}, 'a').write('x')", SLOW, TABLE)
    both = [start("run") for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert log.read_text() == "x"
    assert sum("under way in another process" in text for text in said) == 1


def test_killed_at_any_moment_the_next_run_is_right(write, tmp_path: Path) -> None:
    """SIGKILL of the command, at random moments and in the middle of a write."""
    mark = tmp_path / "writing"
    half = (
        "import time\nfrom pathlib import Path\n"
        "with open(study.folder / 'half.parquet', 'wb') as file:\n"
        "    file.write(b'PAR1' + bytes(1_000_000))\n    file.flush()\n"
        f"    if Path({str(mark)!r}).exists():\n"
        f"        Path({str(mark)!r}).unlink()\n        time.sleep(60)\n"
        "(study.folder / 'half.parquet').unlink()"
    )
    write("01_first", TABLE)
    lines_of(size=1)
    write("02_second", half, USE, needs=("01_first",))
    chance = random.Random(4)
    for moment in (*(chance.uniform(0.2, 6.0) for _ in range(3)), None):
        command = start("run", "-p", "size", "4")
        if moment is None:
            mark.touch()
            while mark.exists():
                time.sleep(0.05)
        else:
            time.sleep(moment)
        children = psutil.Process(command.pid).children(recursive=True)
        os.kill(command.pid, signal.SIGKILL)
        command.communicate()
        _, alive = psutil.wait_procs(children, timeout=10)
        assert not alive, "a killed command leaves no process behind"
        assert all(is_whole(found) for found in all_runs())
        shown = (tmp_path / "data/processed/01_first/t.csv").read_text()
        assert shown in ("size\n1\n", "size\n4\n")
    lines_of(size=4)
    twice = pd.read_parquet(tmp_path / "data/processed/02_second/twice.parquet")
    assert twice["size"].tolist() == [8]
    assert whole(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this user may not mount a small disk")
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(folder))
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_a_full_disk_is_one_clear_error_and_costs_nothing_else(
    write, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    many = "pd.DataFrame({'size': __import__('numpy').random.default_rng(1).random(size)})"
    write("01_first", TABLE.replace("pd.DataFrame({'size': [size]})", many))
    assert main(["run", "-p", "size", "100"]) == 0
    before = {p: p.read_bytes() for p in small_disk.rglob("*") if p.is_file()}
    capsys.readouterr()
    assert main(["run", "-p", "size", "2000000"]) == 1
    said = capsys.readouterr()
    assert DISK_FULL in said.out + said.err
    assert "Traceback" not in said.out + said.err
    after = {p: p.read_bytes() for p in small_disk.rglob("*") if p.is_file()}
    assert {p: b for p, b in after.items() if p.parent.name != ".locks"} == {
        p: b for p, b in before.items() if p.parent.name != ".locks"
    }
    # no room for even a folder's record: still no traceback
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space"):
        fill(filler)
    assert main(["run", "-p", "size", "200"]) == 1
    assert DISK_FULL in (capsys.readouterr().out)
    filler.unlink()
    assert main(["run", "-p", "size", "200"]) == 0
    assert json.loads((small_disk / "data/processed/01_first/run.json").read_text())["id"]
