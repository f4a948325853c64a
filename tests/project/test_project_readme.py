"""Every command and number of the README is true: commands parse, tables are as generated."""

import re
import shlex
from pathlib import Path

import pytest

from analysis.cli import _parser
from analysis.parameters import all_notebooks, find_notebook
from analysis.paths import project_root
from analysis.reports.file_check import write_template
from analysis.reports.words import joined, number
from analysis.runs.expected import read_expected
from analysis.runs.pipeline import plan
from analysis.runs.readme import filled
from analysis.sources import source


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


def test_the_estimates_that_the_report_leads_with_are_the_accepted_ones(readme: str) -> None:
    accepted = read_expected("04_earnings_effects")
    figures = {figure.name: figure.estimate for figure in accepted[max(accepted, key=len)]}
    names = [f"{trial}.all.all.AIPW" for trial in ("job_corps", "jtpa_women", "nsw")]
    assert joined([number(figures[name], "dollars") for name in names]) in " ".join(readme.split())


def test_own_files_go_where_the_table_says(readme: str, tmp_path: Path) -> None:
    found = re.findall(r"^\| `(\w+)` \| ([\d, ]+) \|.*\| (?:`(\w+)` )?\|$", readme, re.MULTILINE)
    assert len(found) >= 7
    for parameter, numbers, template in found:
        takers = [
            notebook.name[:2]
            for notebook in all_notebooks().values()
            if parameter in {known.name for known in notebook.parameters}
        ]
        assert numbers.split(", ") == takers, parameter
        assert not template or write_template(template, tmp_path)


def test_runs_that_are_compared_were_named_before(readme: str) -> None:
    named = {"current", "accepted"}
    for words in commands(readme):
        if words[:2] == ["workbench", "diff"]:
            assert set(words[2:]) <= named
            # what ran last lies in place: it differs from itself in nothing
            assert "current" not in words
        elif "--name" in words:
            named.add(words[words.index("--name") + 1])


def test_what_is_said_to_have_no_package_has_none(readme: str) -> None:
    assert "have no package there" in readme
    named = ("trial_job_corps", "trial_jtpa_women", "new_jersey_outcomes", "texas_programs")
    for source_id in (*named, "onet_skills", "onet_knowledge"):
        assert source(source_id).carrier is None
