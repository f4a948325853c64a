"""Spoiled results, records and caches: computed anew, or one clear error; never believed."""

import hashlib
import json
import random
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import asked, sources
from analysis.kept_bytes import keep_bytes, kept_bytes
from analysis.reports.key_figures import read_key_figures
from analysis.runs import code_reach
from analysis.skills.kept_results import kept
from analysis.skills.vector_store import add_vectors, read_vectors

sys.path.append(str(Path(__file__).parent))
from mutations import mutated

from conftest import Failure
from project import said, small_project

COMMANDS = (
    ("runs",), ("notebooks",), ("diff", "base", "current"), ("diff", "accepted", "current"),
    ("diff", "aaaaa", "bbbbb", "--format", "html"), ("diff", "base", "07", "--format", "json"),
    ("explain", "all.share"), ("explain", "07:all.count", "--run", "base", "--all"),
    ("clean", "--older-than", "9w"), ("accept",), ("run", "07", "-p", "size", "12"),
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project, in which commands work."""
    made = small_project(tmp_path / "home")
    monkeypatch.setenv("WORKBENCH_HOME", str(made))
    for name in ("WORKBENCH_OUTPUT", "WORKBENCH_RAW", "WORKBENCH_EARLIER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("WORKBENCH_OFFLINE", "1")
    monkeypatch.chdir(made)
    return made


def test_commands_do_their_work_on_the_project_as_it_is(home: Path) -> None:
    assert [said(words) for words in COMMANDS] == [""] * len(COMMANDS)
    assert [figure.name for figure in read_key_figures(home / "data/processed/07_own/figures.json")]


def test_a_command_on_spoiled_results_is_done_or_one_error(
    home: Path, failure: Failure, cases: int
) -> None:
    chance = random.Random("results, 2026")
    files = [path for path in sorted(home.rglob("*")) if path.is_file() and path.name != "work"]
    good = {path: path.read_bytes() for path in files}
    for number in range(cases // 10):
        path = chance.choice(files)
        kind = path.with_suffix(".txt").name if chance.random() < 0.3 else path.name
        path.write_bytes(mutated(kind, good[path], chance))
        words, wrong = chance.choice(COMMANDS), ""

        def act(words: tuple[str, ...] = words) -> None:
            nonlocal wrong
            wrong = said(words)

        wrong = failure(act) or wrong
        assert not wrong, (number, path.name, words, path.read_bytes()[:2000])
        for one, content in good.items():
            if not one.is_file() or one.read_bytes() != content:
                one.parent.mkdir(parents=True, exist_ok=True)
                one.write_bytes(content)


def _table(folder: Path) -> Path:
    content = BytesIO()
    pd.DataFrame({"a": ["x", "y"] * 20, "n": range(40)}).to_parquet(content)
    return keep_bytes(folder / "tables" / "t-1", "parquet", content.getvalue())


def _arrays(folder: Path) -> Path:
    kept(folder, "square", "ab" * 16, lambda: {"x": np.arange(40.0)})
    return next((folder / "skills").iterdir())


def _vectors(folder: Path) -> Path:
    keys = [hashlib.sha256(bytes([n])).digest() for n in range(4)]
    made = add_vectors(folder / "v", keys, np.ones((4, 8), dtype=np.float32))
    assert made
    return made


def _read_table(folder: Path) -> object:
    return kept_bytes(folder / "tables" / "t-1", "parquet")


def _read_arrays(folder: Path) -> object:
    return kept(folder, "square", "ab" * 16, lambda: {"x": np.arange(40.0)})["x"].tolist()


def _read_vectors(folder: Path) -> object:
    return {key: one.tolist() for key, one in read_vectors(folder / "v", 8).items()}


@pytest.mark.parametrize(
    ("make", "read", "absent"),
    [(_table, _read_table, None), (_arrays, _read_arrays, ...), (_vectors, _read_vectors, {})],
)
def test_a_spoiled_cache_is_as_good_as_none(
    make, read, absent, tmp_path: Path, failure: Failure, cases: int
) -> None:
    chance = random.Random(f"{make.__name__}, 2026")
    good = read(tmp_path) if (path := make(tmp_path)) else None
    data = path.read_bytes()
    for number in range(cases // 60):
        path.write_bytes(content := mutated(path.name, data, chance))
        found: list[object] = []
        wrong = failure(lambda found=found: found.append(read(tmp_path)))
        assert not wrong, (number, wrong)
        # what was altered is never believed
        assert found[0] in ((good,) if content == data or absent is ... else (good, absent)), number
        path.unlink(missing_ok=True)
        path = make(tmp_path)


def test_notes_of_the_workbench_s_own_are_forgotten_where_they_are_spoiled(
    home: Path, failure: Failure, cases: int
) -> None:
    chance = random.Random("notes, 2026")
    code_reach.reached_modules(["import analysis.errors"])
    raw = home / "data" / "raw" / "file.csv"
    beside = raw.with_name("file.csv.provenance.json")
    beside.write_text(json.dumps({"origin": "mirror", "source": "s"}))
    readers = {
        code_reach._kept_file(): lambda: code_reach.reached_modules(["import analysis.sources"]),
        asked._file(): lambda: asked.in_vain_lately({"onet_tasks": ""}),
        beside: lambda: sources._recorded_origin(raw),
    }
    for path, read in readers.items():
        good = path.read_bytes()
        for number in range(cases // 150):
            path.write_bytes(mutated("note.json", good, chance))
            assert not (wrong := failure(read)), (path.name, number, wrong)


def test_a_spoiled_model_or_tokenizer_is_one_error(tmp_path: Path, cases: int) -> None:
    # a library of compiled code may end its whole process, so it is asked in one of its own
    script = Path(__file__).with_name("spoiled_models.py")
    count = str(max(cases // 50, 20))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script), str(tmp_path), count],
        capture_output=True, text=True, check=False, timeout=60 + cases,
    )  # fmt: skip
    assert done.returncode == 0, (done.returncode, done.stdout[-500:], done.stderr[-1500:])
