"""How long the six notebooks take: plain papermill, the runner, nothing changed, one threshold.

All in the same run, with warm caches, one after another, in a folder of their own. Shares are of
six plain ``papermill`` calls. Writes ``benchmarks/results/runs.csv``.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from analysis.parameters import all_notebooks
from analysis.paths import project_root
from analysis.reports.html_tables import write_csv

RESULT = Path(__file__).parent / "results" / "runs.csv"
WORKBENCH = [sys.executable, "-m", "analysis.cli"]


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Wall time of a command that must succeed."""
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def papermill_calls(folder: Path, environment: dict[str, str]) -> float:
    """Six plain calls, one after another, as a user would give them."""
    return sum(
        seconds(
            [sys.executable, "-m", "papermill", "--no-progress-bar",
             str(project_root() / "notebooks" / f"{name}.ipynb"), str(folder / f"{name}.ipynb")],
            environment,
        )
        for name in all_notebooks()
    )  # fmt: skip


def measured() -> pd.DataFrame:
    """A row for each way: seconds, and the share of six plain papermill calls."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "WORKBENCH_OUTPUT": folder, "WORKBENCH_OFFLINE": "1"}
        runs = {
            "workbench run, everything anew": ["run"],
            "workbench run, nothing changed": ["run"],
            "workbench run 05 -p alpha 0.03, never run": ["run", "05", "-p", "alpha", "0.03"],
            "workbench run, back to the default": ["run"],
        }
        taken = {way: seconds([*WORKBENCH, *words], environment) for way, words in runs.items()}
        plain = papermill_calls(Path(folder), environment)
    rows = [{"way": "six plain papermill calls", "seconds": plain}]
    rows += [{"way": way, "seconds": value} for way, value in taken.items()]
    frame = pd.DataFrame(rows)
    frame["share_of_papermill"] = (frame["seconds"] / plain).round(3)
    frame["load_average"] = round(os.getloadavg()[1], 1)
    return frame.assign(seconds=frame["seconds"].round(1))


if __name__ == "__main__":
    found = measured()
    write_csv(found, RESULT)
    print(found.to_string(index=False))
