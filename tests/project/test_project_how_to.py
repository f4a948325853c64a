"""The recipes, word for word: what they quote stands in the project, what they write is run."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.cli import _parser, main
from analysis.framework import load_framework
from analysis.paths import cache_folder, project_root, raw_folder
from analysis.reports.key_figures import read_key_figures
from analysis.tables import load
from analysis.tables.wioa_layout import wioa_layout

ROOT = project_root()
BLOCK = re.compile(r"^```(\w*)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "docs/how_to.md").read_text("utf-8")


@pytest.fixture(scope="module")
def files(text: str) -> dict[str, str]:
    """Blocks by the file that they are of."""
    found = {name: content for _, name, content in BLOCK.findall(text) if name}
    assert len(found) == 9
    return found


def test_what_it_quotes_stands_in_the_project(files: dict[str, str]) -> None:
    quoted = [name for name in files if (ROOT / name).is_file()]
    assert len(quoted) == 5
    for name in quoted:
        assert files[name] in (ROOT / name).read_text("utf-8"), name


def test_every_path_it_names_exists_and_every_command_can_be_given(text: str) -> None:
    for path in re.findall(r"`((?:src|tests|docs)/[\w./]+)`", text):
        assert (ROOT / path).exists(), path
    commands = [
        line for kind, _, block in BLOCK.findall(text) if not kind for line in block.split("\n")
    ]
    given = [shlex.split(line) for line in commands if line.startswith("workbench")]
    assert len(given) >= 8
    for words in given:
        _parser().parse_args(words[1:])


def test_the_own_framework_names_what_the_layout_has(files: dict[str, str], tmp_path: Path) -> None:
    """What the report then shows: tests/notebooks/test_notebooks_framework_drives.py."""
    (tmp_path / "own.toml").write_text(files["own.toml"], "utf-8")
    own, shipped, layout = load_framework(tmp_path / "own.toml"), load_framework(), wioa_layout()
    assert set(own.wioa.indicators) - set(shipped.wioa.indicators) == {"youth_q2"}
    assert set(own.wioa.indicators) <= {indicator.id for indicator in layout.indicators}
    named = {one for crossed in own.wioa.groups for one in crossed} | set(own.wioa.page_groups)
    assert named <= {group.id for group in layout.groups}


def test_the_notebook_it_writes_runs_and_is_explained(
    files: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    zones = load("job_zones")
    if zones is None:
        pytest.skip("the table of job zones cannot be had here")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.setenv("WORKBENCH_CACHE", str(cache_folder()))
    monkeypatch.setenv("WORKBENCH_RAW", str(raw_folder()))
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    subprocess.run([sys.executable, "-c", files["new_notebook.py"]], check=True)
    assert main(["run", "07"]) == 0
    (figure,) = read_key_figures(tmp_path / "data/processed/07_little_preparation/figures.json")
    assert figure.estimate == (zones.frame["job_zone"] <= 2).mean()
    assert "ask for little preparation." in (
        tmp_path / "reports/07_little_preparation.html"
    ).read_text("utf-8")
    capsys.readouterr()
    assert main(["explain", "share"]) == 0
    assert "onet_job_zones" in capsys.readouterr().out


def test_the_estimator_passes_its_own_tests(files: dict[str, str], tmp_path: Path) -> None:
    module, tests = (name for name in files if "typical_shift" in name)
    (tmp_path / "typical_shift.py").write_text(files[module], "utf-8")
    own = files[tests].replace("analysis.effects.typical_shift", "typical_shift")
    (tmp_path / "test_it.py").write_text(own, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--doctest-modules", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "."], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout
