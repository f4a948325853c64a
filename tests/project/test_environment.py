"""pyproject.toml is the one truth about requirements; environment.yml says the same."""

import tomllib

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
