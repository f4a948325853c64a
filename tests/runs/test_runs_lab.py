"""In JupyterLab a notebook gets the parameters that a run would give it, and edits are seen."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.errors import WorkbenchError
from analysis.lab import values_from
from analysis.runs.pipeline import plan


def test_a_line_gives_what_a_run_gives() -> None:
    line = "06 origin=Cashiers target='Medical Assistants' state=NJ"
    given = {"origin": "Cashiers", "target": "Medical Assistants", "state": "NJ"}
    assert values_from(line) == plan(["06"], given)["06_training_guide"]
    for wrong, words in (
        ("", "no notebook"),
        ("05 alpha", "no setting"),
        ("05 alfa=1", "Did you mean 'alpha'"),
        ("05 alpha=7", "out of range"),
    ):
        with pytest.raises(WorkbenchError, match=words):
            values_from(wrong)


def test_the_extension_sets_parameters_and_picks_up_edits(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("answer = 1\n")
    script = f"""
import json, sys, time
from IPython.terminal.interactiveshell import TerminalInteractiveShell
sys.path.insert(0, {str(tmp_path)!r})
shell = TerminalInteractiveShell.instance(colors="NoColor", simple_prompt=True)
for line in ("%load_ext analysis", "%parameters 05 alpha=0.02", "import mine"):
    shell.run_cell(line).raise_error()
time.sleep(1.1)
open({str(tmp_path / "mine.py")!r}, "w").write("answer = 22\\n")
shell.run_cell("found = mine.answer").raise_error()
space = shell.user_ns
print(json.dumps([space["alpha"], space["quarter"], space["found"]]))
"""
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [0.02, 4, 22]
