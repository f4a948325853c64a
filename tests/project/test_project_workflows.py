"""The workflow files and the issue form are what the forges expect, and call what exists."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from analysis.cli import _parser
from analysis.framework import load_framework
from analysis.paths import project_root

FILES = {
    ".github/workflows/check.yml": "github-workflows",
    ".github/ISSUE_TEMPLATE/framework_proposal.yml": "github-issue-forms",
    ".github/ISSUE_TEMPLATE/bug_report.yml": "github-issue-forms",
    ".github/ISSUE_TEMPLATE/wrong_number.yml": "github-issue-forms",
    ".gitlab-ci.yml": "gitlab-ci",
}


def check(path: Path, schema: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    return subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("file", "schema"), FILES.items())
def test_a_file_follows_its_published_schema_and_a_broken_one_does_not(
    tmp_path: Path, file: str, schema: str
) -> None:
    if find_spec("check_jsonschema") is None:
        pytest.skip("check-jsonschema is not installed (extra 'test')")
    path = project_root() / file
    found = check(path, schema)
    assert found.returncode == 0, found.stdout + found.stderr
    content = yaml.safe_load(path.read_text("utf-8"))
    broken = {"jobs": 3, "check": 3, "body": 3}
    (tmp_path / "broken.yml").write_text(json.dumps({**content, **broken}, default=str))
    assert check(tmp_path / "broken.yml", schema).returncode != 0


@pytest.mark.parametrize("file", FILES)
def test_every_workbench_command_in_it_parses(file: str) -> None:
    text = (project_root() / file).read_text("utf-8").replace("\\\n", " ")
    yaml.safe_load(text)
    words = r"workbench ((?:diff|run|explain|check|sources)\b[^\n|`]*(?:\n +--format[^\n|`]*)?)"
    found = re.findall(words, text)
    assert found or "proposal" in file
    for words in found:
        _parser().parse_args(shlex.split(words.split(">")[0]))
    for script in re.findall(r"(?<!\w)\.ci/\w+", text):
        assert (project_root() / script).is_file()


def test_forms_ask_for_what_a_mistake_is_found_by() -> None:
    forms = {
        path.stem: yaml.safe_load(path.read_text("utf-8"))
        for path in (project_root() / ".github/ISSUE_TEMPLATE").glob("*.yml")
    }
    assert {f".github/ISSUE_TEMPLATE/{name}.yml" for name in forms} < set(FILES)
    asked = {
        name: {one["id"] for one in form["body"] if one.get("validations", {}).get("required")}
        for name, form in forms.items()
    }
    assert {"command", "output", "expected"} <= asked["bug_report"]
    assert {"figure", "command", "numbers", "chain"} <= asked["wrong_number"]
    # nobody is asked for, or led to give, records of people
    assert "Never attach records of people" in forms["bug_report"]["body"][0]["attributes"]["value"]


def test_the_form_proposes_a_file_that_can_be_used(tmp_path: Path) -> None:
    form = yaml.safe_load((project_root() / list(FILES)[1]).read_text("utf-8"))
    (value,) = [b["attributes"]["value"] for b in form["body"] if b.get("id") == "file"]
    assert set(tomllib.loads(value)["proposal"]) == {"title", "reason", "citation"}
    (tmp_path / "x.toml").write_text(value.replace('""', '"stated"').replace("0.05", "0.02"))
    assert load_framework(tmp_path / "x.toml").tiers.alpha == 0.02
