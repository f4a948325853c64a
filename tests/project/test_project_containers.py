"""The container's files hang together: a plain user, nothing secret, and targets that exist.

No engine builds the image here: what can be told from the files is told.
"""

import json
import re
from pathlib import PurePosixPath

import pytest

from analysis.paths import project_root

ROOT = project_root()
SECRET = re.compile(r"token|passw|secret|api_?key|credential", re.IGNORECASE)
Instructions = list[tuple[str, str]]


def instructions(text: str) -> Instructions:
    """Instructions of a Dockerfile in their order, each with what stands after it."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    pairs = (line.split(None, 1) for line in whole.splitlines() if line.strip())
    return [(name, rest) for name, rest in pairs]


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text("utf-8")


def faults(text: str) -> list[str]:
    """What is wrong with a Dockerfile, in lines."""
    found = []
    stages: set[str] = set()
    user = "root"
    for name, rest in instructions(text):
        if name == "FROM":
            image, *after = rest.split()
            if image not in stages and not re.fullmatch(r"[\w./-]+:(?!latest)[\w.-]+", image):
                found.append(f"{image}: no release is named")
            user = user if image in stages else "root"
            stages |= set(after[1:])
        elif name == "USER":
            user = rest
        elif name in ("ADD", "ARG", "ENV") and (name == "ADD" or SECRET.search(rest)):
            found.append(f"{name} {rest}: files by COPY, and no secret in a layer")
        elif name == "CMD" and not re.fullmatch(r'\[("[^"]+"(, )?)+\]', rest):
            found.append(f"CMD {rest}: a list, so that signals reach the program")
        elif name == "RUN" and "apt-get install" in rest:
            for wanted in (
                "apt-get update",
                "--no-install-recommends",
                "rm -rf /var/lib/apt/lists",
            ):
                if wanted not in rest:
                    found.append(f"RUN apt-get install without {wanted}")
    if user in ("root", "0"):
        found.append("ends as root")
    return found


def test_the_image_is_made_by_the_rules(dockerfile: str) -> None:
    assert faults(dockerfile) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("python:3.11-slim", "python", "python: no release is named"),
        ("python:3.11-slim", "python:latest", "python:latest: no release is named"),
        ("USER 1000", "", "ends as root"),
        ("USER 1000", "USER root", "ends as root"),
        ("COPY --chown=worker:worker", "ADD", "ADD . .: files by COPY, and no secret in a layer"),
        ("USER 1000", "USER 1000\nENV API_KEY=x", "ENV API_KEY=x: files by COPY, and no secret"),
        ('["make", "reports"]', "make reports", "CMD make reports: a list"),
        (" --no-install-recommends", "", "without --no-install-recommends"),
    ],
)
def test_a_broken_rule_is_told(dockerfile: str, old: str, new: str, told: str) -> None:
    assert old in dockerfile
    assert told in "\n".join(faults(dockerfile.replace(old, new)))


def test_it_calls_targets_that_exist(dockerfile: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))
    given = [rest for name, rest in instructions(dockerfile) if name in ("RUN", "CMD")]
    given.append(container["postCreateCommand"])
    called = [
        words for words in (re.findall(r"[\w-]+", line) for line in given) if "make" in words[0]
    ]
    assert [words[1] for words in called] == ["install-locked", "reports", "install-locked"]
    for _, target in called:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_devcontainer_uses_a_stage_and_a_user_of_it(dockerfile: str) -> None:
    folder = ROOT / ".devcontainer"
    container = json.loads((folder / "devcontainer.json").read_text("utf-8"))
    assert set(container) <= {
        "name", "build", "remoteUser", "updateRemoteUserUID", "postCreateCommand", "forwardPorts",
        "portsAttributes", "customizations",
    }  # fmt: skip
    build = container["build"]
    assert set(build) == {"dockerfile", "context", "target"}
    assert (folder / build["dockerfile"]).resolve() == ROOT / "Dockerfile"
    assert (folder / build["context"]).resolve() == ROOT
    stages = [rest.split()[-1] for name, rest in instructions(dockerfile) if name == "FROM"]
    assert build["target"] in stages
    assert container["remoteUser"] != "root"
    assert f"useradd --create-home --uid 1000 {container['remoteUser']}" in dockerfile
    assert not SECRET.search(json.dumps(container))
    assert all(isinstance(port, int) for port in container["forwardPorts"])


def test_nothing_that_a_machine_makes_or_keeps_secret_goes_into_the_image() -> None:
    left = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    ignored = [
        line.rstrip("/")
        for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    missing = [line for line in ignored if not {line, f"**/{line}"} & set(left)]
    assert missing == []
    for line in left:
        if line.startswith("!"):
            assert (ROOT / PurePosixPath(line[1:])).is_file()
