"""Commands of right and wrong words: done or one clear error, in their project, running nothing.

Left out are calls that would do long work as asked: notebooks that run (each call here has one
word that must be refused before a kernel starts), words after ``preloaded`` (they are a command)
and addresses of schedulers and web servers.
"""

import os
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from mutations import TEXTS

from conftest import Failure
from project import said, small_project

WORDS = (
    *(text for text in TEXTS if text), "\0", "a\0b", "\udcff\udcfe", "\u0627\u0644", "-", "--",
    "-x", "--help", "@file", "*", ".", "..", "~", "/", "//", "/dev/null", "/dev/zero",
    "/proc/self/mem",
    "../outside", "../" * 40 + "etc/passwd", "link", "loop", "folder", "people.csv", "CON",
    "current", "accepted", "base", "07", "07_own", "aaaa1", "onet_tasks", "all.share", "1e3", "٣",
    "s3://", "file:///etc/passwd", "memory://x", "zip://a::b", "://", "tcp://", "a" * 200,
)  # fmt: skip
# refused whatever else is asked for: no notebook, no parameter and no file of that name
REFUSED = ("88_none", "", "../../07_gone", "07_own\n", "\u202e07")
Draw = Callable[[], str]


def _flag(chance: random.Random, name: str, draw: Draw) -> list[str]:
    return [name, draw()] if chance.random() < 0.4 else []


def _several(chance: random.Random, draw: Draw, most: int = 3) -> list[str]:
    return [draw() for _ in range(chance.randrange(most))]


def command(chance: random.Random) -> list[str]:
    """Words of one call."""

    def draw() -> str:
        return chance.choice(WORDS)

    def refused() -> str:
        return chance.choice(REFUSED)

    wrong_setting = ["-p", chance.choice(["no_such", "size"]), "no number: " + draw()]
    jobs = _flag(chance, "--jobs", lambda: chance.choice(["-1", "0", "1e9", "9" * 30, "٣", "x"]))
    calls = {
        "run": lambda: ["run", *_several(chance, draw), refused(), *jobs],
        "run with settings": lambda: [
            "run", "07", *wrong_setting, *_flag(chance, "--name", draw)],
        "fetch": lambda: ["fetch", *_several(chance, draw), refused()],
        "notebooks": lambda: ["notebooks", *_several(chance, draw, 2)],
        "guide": lambda: ["guide", "--workers", draw(), *_flag(chance, "--framework", draw)],
        "evaluate": lambda: [
            "evaluate", "similarity", chance.choice(["--pairs", "--wioa"]), draw()],
        "accept": lambda: ["accept", *_several(chance, draw, 2)],
        "check": lambda: [
            "check", draw(), *_flag(chance, "--layout", draw), *_flag(chance, "--html", draw)],
        "template": lambda: ["template", draw(), *_flag(chance, "--folder", draw)],
        "runs": lambda: ["runs", *_several(chance, draw, 2)],
        "clean": lambda: ["clean", "--older-than", chance.choice(["", "9" * 40, "3"]) + draw()],
        "diff": lambda: [
            "diff", draw(), draw(), *_several(chance, draw), *_flag(chance, "--format", draw),
            *_flag(chance, "--expected", draw), *_flag(chance, "--output", draw)],
        "sweep": lambda: [
            "sweep", chance.choice(["07", draw()]), "-p", "no_such=" + draw(),
            *_flag(chance, "-p", draw), *_flag(chance, "--framework", draw),
            *_flag(chance, "--name", draw), *jobs],
        "proposals": lambda: ["proposals", refused(), *jobs],
        "preloaded": lambda: ["preloaded", chance.choice(["../gone", "folder", "/", "\udcff"])],
        "explain": lambda: [
            "explain", draw(), *_flag(chance, "--run", draw), *["--all"] * chance.randrange(2)],
        "nothing": lambda: _several(chance, draw, 4),
    }  # fmt: skip
    return chance.choice(list(calls.values()))()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project; beside it what no command may touch."""
    made = small_project(tmp_path / "home")
    (tmp_path / "outside").write_text("untouched")
    (made / "link").symlink_to(tmp_path / "outside")
    (made / "loop").symlink_to(made / "loop")
    (made / "folder").mkdir()
    (made / "people.csv").write_text("treatment,outcome,race\n1,2,=1+1\n0,3,<b>x</b>\n")
    monkeypatch.setenv("WORKBENCH_HOME", str(made))
    for name in ("WORKBENCH_OUTPUT", "WORKBENCH_RAW", "WORKBENCH_EARLIER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKBENCH_CACHE", str(made / "cache"))
    monkeypatch.setenv("WORKBENCH_OFFLINE", "1")
    # nothing of the machine's own is at hand, so that no call goes on to long work
    monkeypatch.setenv("ANALYSIS_MIRROR", str(made / "no mirror"))
    monkeypatch.chdir(made)
    return made


def test_any_words_are_done_or_refused_and_run_nothing(
    home: Path, tmp_path: Path, failure: Failure, cases: int
) -> None:
    chance = random.Random("commands, 2026")
    elsewhere = set(os.listdir("/"))
    for number in range(round(0.06 * cases)):
        words, wrong = command(chance), ""
        # files that a call names as its output may lie anywhere that its user may write
        if any(word in ("--output", "--html", "--folder") for word in words):
            words = [home_only(word) for word in words]

        def act(words: list[str] = words) -> None:
            nonlocal wrong
            wrong = said(words)

        wrong = failure(act) or wrong
        assert not wrong, (number, [word[:80] for word in words], wrong)
    assert {path.name for path in tmp_path.iterdir()} == {"home", "outside"}
    assert (tmp_path / "outside").read_text() == "untouched"
    assert set(os.listdir("/")) == elsewhere
    assert not [path for path in tmp_path.rglob("*") if "CANARY" in path.name]


def home_only(word: str) -> str:
    """A word that names no place outside of the project."""
    return word.replace("../", "up_").replace("..", "up_").lstrip("/") or "x"
