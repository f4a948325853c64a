"""Every command and number of the README is true: commands parse, tables are as generated."""

import re
import shlex
from pathlib import Path

import pytest

from analysis.cli import _parser
from analysis.parameters import all_notebooks, find_notebook
from analysis.paths import project_root
from analysis.runs.pipeline import plan
from analysis.runs.readme import filled


@pytest.fixture(scope="module")
def readme() -> str:
    return (project_root() / "README.md").read_text("utf-8")


def commands(text: str) -> list[list[str]]:
    blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line]


def test_the_tables_are_those_of_the_accepted_figures_and_the_catalogue(readme: str) -> None:
    assert filled(readme) == readme, "run 'workbench accept' and read the diff"


def test_make_targets_exist(readme: str) -> None:
    makefile = (project_root() / "Makefile").read_text("utf-8")
    named = set(re.findall(r"`?make ([a-z-]+)`?", readme))
    assert {"reports", "test", "lab"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_workbench_commands_parse_and_plan(readme: str) -> None:
    found = [words for words in commands(readme) if words[0] == "workbench"]
    assert found
    for words in found:
        options = _parser().parse_args(words[1:])
        assert options.command != "run" or plan(options.notebooks, dict(options.parameters))
    for name in re.findall(r"`workbench ([a-z]+)`", readme):
        _parser().parse_args([name])


def test_papermill_commands_name_a_notebook_and_its_parameters(readme: str) -> None:
    found = [words for words in commands(readme) if words[0] == "papermill"]
    assert found
    for words in found:
        assert (project_root() / words[1]).is_file()
        given = [words[i + 1] for i, word in enumerate(words) if word == "-p"]
        assert set(given) <= {p.name for p in find_notebook(words[1]).parameters}


def test_all_notebooks_are_in_the_table_and_all_links_lead_somewhere(readme: str) -> None:
    assert re.findall(r"^\| `(\d\d_\w+)`", readme, re.MULTILINE) == list(all_notebooks())
    for target in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (project_root() / Path(target)).exists(), target
