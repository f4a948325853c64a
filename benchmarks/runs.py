"""How long the six notebooks take: plain papermill, the runner, nothing changed, one threshold.

All in the same run, with warm caches, one after another, in a folder of their own. Shares are of
six plain ``papermill`` calls. ``cpu`` is the processor's time of all processes, which other work on
the machine hardly touches; ``seconds`` is the wall's. The last row is what six plain calls take for
a notebook that only loads the package: what is left of the first row is the notebooks' own work,
and no start-up however fast goes below it. Writes ``benchmarks/results/runs.csv``.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import pandas as pd

from analysis.parameters import all_notebooks
from analysis.paths import project_root
from analysis.reports.html_tables import write_csv

RESULT = Path(__file__).parent / "results" / "runs.csv"
WORKBENCH = [sys.executable, "-m", "analysis.cli"]
PLAIN = "six plain papermill calls"
Taken = tuple[float, float]


def taken(command: list[str], environment: dict[str, str]) -> Taken:
    """Seconds of the wall and of the processor that a command takes, which must succeed."""
    started, before = time.perf_counter(), os.times()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    cpu = after.children_user + after.children_system
    return time.perf_counter() - started, cpu - before.children_user - before.children_system


def papermill(source: Path, folder: Path, environment: dict[str, str]) -> Taken:
    """One plain call, as a user would give it."""
    target = str(folder / source.name)
    call = [sys.executable, "-m", "papermill", "--no-progress-bar", str(source), target]
    return taken(call, environment)


def papermill_calls(folder: Path, environment: dict[str, str]) -> Taken:
    """Six plain calls, one after another."""
    sources = [project_root() / "notebooks" / f"{name}.ipynb" for name in all_notebooks()]
    calls = [papermill(source, folder, environment) for source in sources]
    return sum(wall for wall, _ in calls), sum(cpu for _, cpu in calls)


def start_up(folder: Path, environment: dict[str, str]) -> Taken:
    """Six times a call for a notebook that loads what all of them load, and does nothing."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cell = nbformat.v4.new_code_cell("from analysis.reports.study import Study")
    source = folder / "given" / "loads.ipynb"
    source.parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), source)
    wall, cpu = papermill(source, folder, environment)
    return 6 * wall, 6 * cpu


def measured() -> pd.DataFrame:
    """A row for each way: seconds, and the share of six plain papermill calls."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, "WORKBENCH_OUTPUT": name, "WORKBENCH_OFFLINE": "1"}
        runs = {
            "workbench run, everything anew": ["run"],
            "workbench run, nothing changed": ["run"],
            "workbench run 05 -p alpha 0.03, never run": ["run", "05", "-p", "alpha", "0.03"],
            "workbench run, back to the default": ["run"],
        }
        rows = {way: taken([*WORKBENCH, *words], environment) for way, words in runs.items()}
        rows[PLAIN] = papermill_calls(folder, environment)
        rows["six plain papermill calls, loading only"] = start_up(folder, environment)
    order = [PLAIN, *runs, "six plain papermill calls, loading only"]
    frame = pd.DataFrame(
        [{"way": way, "seconds": rows[way][0], "cpu": rows[way][1]} for way in order]
    )
    for column in ("seconds", "cpu"):
        share = frame[column] / rows[PLAIN][column == "cpu"]
        frame[f"share_of_papermill_{column}"] = share.round(3)
    frame["load_average"] = round(os.getloadavg()[1], 1)
    return frame.round({"seconds": 1, "cpu": 1})


if __name__ == "__main__":
    found = measured()
    write_csv(found, RESULT)
    print(found.to_string(index=False))
