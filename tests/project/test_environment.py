"""pyproject.toml is the one truth about requirements; environment.yml says the same."""

import subprocess
import sys
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from rattler import MatchSpec

from analysis.paths import project_root

# where conda-forge's name differs from the package index's
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "matplotlib": "matplotlib-base",
    "nbconvert": "nbconvert-core",
}


def from_pyproject() -> dict[str, str]:
    project = tomllib.loads((project_root() / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [line for extra in (project["dependencies"], *extras.values()) for line in extra]
    wanted = {"python": project["requires-python"]}
    for line in lines:
        requirement = Requirement(line)
        wanted[CONDA_NAMES.get(requirement.name, requirement.name)] = str(requirement.specifier)
    return wanted


def from_environment() -> dict[str, str]:
    content = yaml.safe_load((project_root() / "environment.yml").read_text("utf-8"))
    specs = [MatchSpec(line) for line in content["dependencies"] if isinstance(line, str)]
    found = {spec.name.normalized: str(spec.version) for spec in specs}
    # packages that conda-forge does not have come from the package index
    (from_index,) = [line["pip"] for line in content["dependencies"] if isinstance(line, dict)]
    required = [Requirement(line) for line in from_index if not line.startswith("--editable")]
    return found | {one.name: str(one.specifier) for one in required}


def test_both_files_name_the_same_packages_and_ranges() -> None:
    assert from_environment() == from_pyproject()


def test_a_python_that_is_too_old_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "import sys; sys.version_info = (3, 10, 4); $2"\n'
    )
    old.chmod(0o755)
    given = [f"PYTHON={old}", f"VENV={tmp_path / 'venv'}"]
    done = subprocess.run(
        ["make", "reports", *given], cwd=project_root(), capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed: make PYTHON=python3.12" in done.stderr
    assert not (tmp_path / "venv").exists()
