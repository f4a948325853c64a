"""The hooks of pre-commit are well formed, run what ``make lint`` runs, and leave notebooks be."""

import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from analysis.paths import project_root

ROOT = project_root()
TYPES = {"python", "jupyter", "toml"}


@pytest.fixture(scope="module")
def hooks() -> dict[str, dict]:
    content = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert set(content) == {"minimum_pre_commit_version", "repos"}
    (local,) = content["repos"]
    assert local["repo"] == "local"
    return {hook["id"]: hook for hook in local["hooks"]}


def test_each_hook_is_local_and_well_formed(hooks: dict[str, dict]) -> None:
    for hook in hooks.values():
        assert {"id", "name", "entry", "language"} <= set(hook)
        assert set(hook) <= {
            "id", "name", "entry", "language", "pass_filenames", "types", "types_or",
        }  # fmt: skip
        assert hook["language"] == "system"
        assert {*hook.get("types", []), *hook.get("types_or", [])} <= TYPES


def test_they_run_what_lint_runs(hooks: dict[str, dict]) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe
    wanted = [
        line.strip().replace("$(BIN)", ".venv/bin").replace(" --check", "")
        for line in recipe[1].splitlines()
    ]
    assert [hook["entry"] for hook in hooks.values()][:-1] == wanted


def test_stripping_leaves_committed_notebooks_as_they_are(
    hooks: dict[str, dict], tmp_path: Path
) -> None:
    if find_spec("nbstripout") is None:
        pytest.skip("nbstripout is not installed (extra 'lab')")
    command = [sys.executable, *hooks["nbstripout"]["entry"].split()[1:]]
    sources = sorted([*ROOT.glob("notebooks/*.ipynb"), ROOT / "tests/audit/independent.ipynb"])
    copies = [Path(shutil.copy(path, tmp_path)) for path in sources]
    subprocess.run([*command, *map(str, copies)], check=True)
    assert len(copies) == 7
    for source, copy in zip(sources, copies, strict=True):
        assert copy.read_text("utf-8") == source.read_text("utf-8")
    # and takes an output out
    spoiled = json.loads(copies[0].read_text("utf-8"))
    cell = next(cell for cell in spoiled["cells"] if cell["cell_type"] == "code")
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["a name"]}]
    copies[0].write_text(json.dumps(spoiled), "utf-8")
    subprocess.run([*command, str(copies[0])], check=True)
    assert json.loads(copies[0].read_text("utf-8")) == json.loads(sources[0].read_text("utf-8"))
