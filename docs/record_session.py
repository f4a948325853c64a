"""Records a researcher's session with the real notebooks as text: ``docs/session.md``.

Run it from a checkout whose notebooks have run: ``python docs/record_session.py``. What depends on
the machine and the hour (seconds, ids, folders) is left out of the text; every number is printed by
the command above it.
"""

import json
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from analysis.atomic import write_text
from analysis.paths import project_root
from analysis.runs.expected import data_of_folder
from analysis.runs.named import find_runs

PROPOSAL = "frameworks/proposals/stricter_top_tier.toml"
_KEPT_LINES = 14
STEPS = (
    (
        "The framework as it is: nothing runs that has run before.",
        "workbench run 05 --name before",
    ),
    (
        "A second framework, as a proposal: only what differs, why, and on what ground.",
        f"cat {PROPOSAL}",
    ),
    (
        "Its run, through the notebooks that take a framework.",
        f"workbench run 05 -p framework {PROPOSAL} --name stricter",
    ),
    ("Which programs moved, and why.", "workbench diff before stricter"),
    (
        "How much hangs on this one number?",
        "workbench sweep 05 -p alpha=0.01,0.02,0.05 --name alpha",
    ),
    ("What a figure hangs on.", "workbench explain all.tier_A --run stricter"),
    (
        "A reviewer, on a branch where one number changed, sees which one and by how much.",
        "workbench diff accepted before --expected {changed}",
    ),
)


def changed_figures(folder: Path) -> Path:
    """The figures of the first run as accepted ones, one estimate moved by a tenth."""
    for name, run in find_runs("before").items():
        figures = json.loads((run.folder / "figures.json").read_text("utf-8"))
        for figure in figures:
            if figure["name"] == "all.tier_A":
                figure["estimate"] *= 1.1
        entry = {"data": list(data_of_folder(run.folder)), "figures": figures}
        (folder / f"{name}.json").write_text(json.dumps([entry]))
    return folder


def said_by(command: str) -> tuple[str, int]:
    """What a command prints, and its exit code."""
    words = shlex.split(command)
    if words[0] == "workbench":
        words = [sys.executable, "-m", "analysis.cli", *words[1:]]
    done = subprocess.run(words, cwd=project_root(), capture_output=True, text=True, check=False)
    return done.stdout + done.stderr, done.returncode


def plain(text: str, root: Path) -> list[str]:
    """Lines without what depends on the machine or the hour, long lists cut."""
    text = text.replace(f"{root}/", "")
    text = re.sub(r"\d+\.\d s\b", "… s", text)
    text = re.sub(r"about \d+ s left", "about … s left", text)
    text = re.sub(r"\b[0-9a-f]{16}\b", "(id)", text)
    text = re.sub(r"ran until \S+", "ran until …", text)
    text = re.sub(r"commit \S+,", "commit …,", text)
    lines = [
        line for line in text.splitlines() if not re.search(r"\d+ of [\d,]+, \d+ s left", line)
    ]
    lines = [line if len(line) <= 150 else f"{line[:149]}…" for line in lines]
    if len(lines) > 2 * _KEPT_LINES:
        cut = len(lines) - 2 * _KEPT_LINES
        lines = [*lines[:_KEPT_LINES], f"… {cut} lines …", *lines[-_KEPT_LINES:]]
    return lines


def recorded() -> str:
    """The session as Markdown."""
    parts = [
        "# A session: what if one top program in a hundred may be wrong, not one in twenty?",
        "Recorded by `docs/record_session.py` on all data; nothing is written by hand below.",
    ]
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder)
        for words, command in STEPS:
            if "{changed}" in command:
                changed_figures(changed)
            text, code = said_by(command.format(changed=changed))
            shown = command.format(changed="changed/tests/expected")
            lines = plain(text.replace(str(changed), "changed/tests/expected"), project_root())
            block = "\n".join([f"$ {shown}", *lines])
            ends = f"\n\nExit code {code}." if code else ""
            parts.append(f"{words}\n\n```text\n{block}\n```{ends}")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    write_text(project_root() / "docs" / "session.md", recorded())
