"""What newcomers read is true: paths exist, commands parse, versions agree, every room is named."""

import ast
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


def imported_modules(path: Path) -> set[str]:
    """First names below ``analysis`` that a module imports from, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "analysis":
            _, _, rest = str(node.module).partition(".")
            found |= {rest.split(".")[0]} if rest else {name.name for name in node.names}
        elif isinstance(node, ast.Import):
            names = [name.name.split(".") for name in node.names]
            found |= {parts[1] for parts in names if parts[0] == "analysis" and len(parts) > 1}
    return found


def test_modules_import_only_from_their_own_row_of_the_map_and_from_floors_below() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d) \| (.*?) \|", text, re.MULTILINE)
    place = {
        Path(name).stem: (int(floor), number)
        for number, (floor, names) in enumerate(rows)
        for name in re.findall(r"`src/analysis/([\w.]+)`", names)
    }
    modules = list((ROOT / "src/analysis").rglob("*.py"))
    tops = {
        path.relative_to(ROOT / "src/analysis").parts[0].removesuffix(".py") for path in modules
    }
    assert tops - {"__init__"} <= set(place)
    faults = []
    for path in modules:
        own = path.relative_to(ROOT / "src/analysis").parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        floor, row = place[own]
        for other in imported_modules(path) & set(place):
            if place[other][1] != row and place[other][0] >= floor:
                faults.append(f"{path.name}: {other}")
    assert faults == []


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
