"""What newcomers read is true: paths exist, commands parse, versions agree, every room is named."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml

from analysis.cli import _parser
from analysis.paths import project_root

ROOT = project_root()
DOCUMENTS = ("CONTRIBUTING.md", "CHANGELOG.md")


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_that_is_named_exists(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    top = "src|tests|notebooks|frameworks|benchmarks|docs"
    named = {path for path in re.findall(rf"`((?:{top})[\w./-]*)`", text) if "NN_" not in path}
    named |= set(re.findall(r"pytest (tests/[\w./]+)", text))
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_command_can_be_given() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    commands = [shlex.split(line) for block in blocks for line in block.splitlines() if line]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for program, *given in commands:
        if program == "make":
            assert re.search(rf"^{given[0]}:", makefile, re.MULTILINE)
        elif program == "workbench":
            _parser().parse_args(given)
        else:
            assert program.removeprefix(".venv/bin/") in ("python", "ruff", "mypy", "pre-commit")


def test_every_room_is_on_the_map() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rooms = [
        path.name for path in (ROOT / "src/analysis").iterdir() if (path / "__init__.py").is_file()
    ]
    assert len(rooms) >= 9
    assert [room for room in rooms if f"`src/analysis/{room}`" not in text] == []


def test_every_module_beside_the_rooms_is_on_the_map() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    beside = {path.name for path in (ROOT / "src/analysis").glob("*.py")} - {"__init__.py"}
    assert [name for name in sorted(beside) if f"`src/analysis/{name}`" not in text] == []


def test_the_citation_is_of_this_version(project: dict) -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors", "version"} <= set(citation)
    assert str(citation["version"]) == project["version"]
    assert citation["license"] == project["license"]


def test_the_changes_of_this_version_are_told(project: dict) -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## {re.escape(project['version'])}\b", text, re.MULTILINE)


def test_modules_say_which_question_they_answer() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in Path(ROOT / "src/analysis").rglob("*.py")
        if path.name != "__init__.py" and not path.read_text("utf-8").startswith('"""')
    ]
    assert silent == []
