"""The lock names each package that any extra needs, for every Python and machine, with hashes."""

import re
import tomllib
from collections.abc import Iterable

import pytest
from packaging.requirements import Requirement

from analysis.paths import project_root

ROOT = project_root()
MACHINES = {
    "Linux": {"sys_platform": "linux", "os_name": "posix", "platform_machine": "x86_64"},
    "macOS": {"sys_platform": "darwin", "os_name": "posix", "platform_machine": "arm64"},
    "Windows": {"sys_platform": "win32", "os_name": "nt", "platform_machine": "AMD64"},
}
Places = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def lock() -> str:
    return (ROOT / "requirements.lock").read_text("utf-8")


@pytest.fixture(scope="module")
def required() -> list[Requirement]:
    content = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = content["project"]["optional-dependencies"].values()
    lines = [*content["build-system"]["requires"], *content["project"]["dependencies"]]
    return [Requirement(line) for line in (*lines, *(one for extra in extras for one in extra))]


def places() -> Places:
    """Environments that the README promises to run in, by name."""
    return {
        f"Python {python} on {name}": {
            **machine,
            "python_version": python,
            "python_full_version": f"{python}.9",
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
        }
        for python in ("3.11", "3.12", "3.13")
        for name, machine in MACHINES.items()
    }


def entries(text: str) -> dict[Requirement, list[str]]:
    """What a lock names, with the hashes of each."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found: dict[Requirement, list[str]] = {}
    for line in "\n".join(lines).replace(" \\\n", " ").splitlines():
        wanted, *hashes = re.split(r"\s+--hash=", line)
        found[Requirement(wanted)] = hashes
    return found


def name_of(requirement: Requirement) -> str:
    return re.sub(r"[-_.]+", "-", requirement.name).lower()


def problems(text: str, required: Iterable[Requirement]) -> list[str]:
    """What is wrong with a lock, in lines; none where it can be relied on."""
    found = []
    named = entries(text)
    for entry, hashes in named.items():
        if not re.fullmatch(r"==[\w.!+]+", str(entry.specifier)):
            found.append(f"{entry.name}: not pinned")
        if not hashes or not all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes):
            found.append(f"{entry.name}: no sha256")
    for place, environment in places().items():
        here = [one for one in named if one.marker is None or one.marker.evaluate(environment)]
        for wanted in required:
            if wanted.marker and not wanted.marker.evaluate(environment):
                continue
            pins = [one for one in here if name_of(one) == name_of(wanted)]
            versions = [pin.version for one in pins for pin in one.specifier]
            if len(versions) != 1 or not wanted.specifier.contains(versions[0]):
                found.append(f"{wanted} on {place}: {versions or 'not named'}")
    return found


def test_the_lock_satisfies_every_requirement_everywhere(
    lock: str, required: list[Requirement]
) -> None:
    assert problems(lock, required) == [], "write it anew: make lock"
    assert len(entries(lock)) > 150


def test_no_index_address_or_folder_stands_in_it(lock: str) -> None:
    assert not re.search(r"://|@ |^-|^\s+--(?!hash=sha256:)|(?<!\\)\s/\w", lock, re.MULTILINE)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (r"^pandas==[\d.]+", "pandas==2.3.3", "pandas>=3.0 on Python 3.11 on Linux: ['2.3.3']"),
        (r"^ruff==[^#]*?\n(?=\w)", "", "ruff>=0.8 on Python 3.13 on macOS: not named"),
        (r"^tqdm==", "tqdm>=", "tqdm: not pinned"),
        (r"^(six==\S+) \\\n(    --hash\S+( \\)?\n)+", r"\1\n", "six: no sha256"),
    ],
    ids=["too old", "gone", "a range", "no hash"],
)
def test_a_lock_that_cannot_be_relied_on_is_told(
    lock: str, required: list[Requirement], old: str, new: str, told: str
) -> None:
    spoiled, count = re.subn(old, new, lock, flags=re.MULTILINE)
    assert count == 1
    assert told in problems(spoiled, required)
