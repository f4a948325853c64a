"""Simulated WIOA records to all metrics by all groups: time, memory and growth.

Run: ``python benchmarks/wioa.py 1 10`` (millions of rows). Each size runs in a process of its own,
so that its peak of memory is its own. pandas does the same counting (employment and median
earnings by race, gender and both) where the text fits into memory.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GROUPINGS = [(), ("race",), ("gender",), ("race", "gender"), ("age_group",)]
PANDAS_UP_TO = 1


def main(sizes: list[float]) -> None:
    """Print a table of the sizes."""
    print("million rows | step | seconds | rows a second | peak memory (GB) | text (GB)")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            steps = ["simulate", "read", "metrics"] + ["pandas"] * (size <= PANDAS_UP_TO)
            for step in steps:
                command = [sys.executable, __file__, "--step", step, str(size), folder]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                row = json.loads(done.stdout.splitlines()[-1])
                text = Path(folder, "state.csv").stat().st_size / 1e9
                print(
                    f"{size:g} | {step} | {row['seconds']:.1f} | "
                    f"{size * 1e6 / row['seconds']:,.0f} | {row['memory']:.2f} | {text:.2f}",
                    flush=True,
                )


def run_step(step: str, size: float, folder: Path) -> None:
    """Run one step in this process and print its time and peak memory."""
    text, target = folder / "state.csv", folder / "state.parquet"
    start = time.perf_counter()
    if step == "simulate":
        from analysis.simulate.state import simulate_state

        simulate_state(text, int(size * 1e6), seed=1)
    elif step == "read":
        from analysis.tables.wioa_records import read_wioa_records

        records = read_wioa_records(text, target)
        print(records.reconciliation.to_string(index=False))
    elif step == "metrics":
        metrics(target)
    else:
        with_pandas(text)
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": seconds, "memory": memory}))


def metrics(target: Path) -> None:
    """All indicators by all groups and barriers, with intervals and bounds."""
    from analysis.framework import load_framework
    from analysis.metrics.gaps import gaps
    from analysis.metrics.indicators import Population, indicator_table
    from analysis.tables.wioa_layout import wioa_layout
    from analysis.tables.wioa_records import connect, used_relation

    barriers = [(group.id,) for group in wioa_layout().groups if group.barrier]
    framework = load_framework()
    with connect() as database:
        population = Population(used_relation(target))
        table = indicator_table(database, population, [*GROUPINGS, *barriers], framework)
    gaps(table, framework.estimation.confidence_level)


def with_pandas(text: Path) -> None:
    """Employment and median earnings by race, gender and both, from the text by pandas."""
    import pandas as pd

    columns = {
        "PIRL 201": "sex",
        "CALC4020": "race",
        "PIRL 901": "leave",
        "PIRL 923": "reason",
        "CALC4006": "reportable",
        "PIRL 1602": "employed",
        "PIRL 1704": "wage",
    }
    frame = pd.read_csv(text, usecols=list(columns), dtype="str").rename(columns=columns)
    people = frame[
        (frame["reportable"] == "0") & frame["leave"].notna() & (frame["reason"] == "00")
    ]
    people = people.assign(wage=people["wage"].astype(float), met=people["employed"] == "1")
    for keys in (["race"], ["sex"], ["race", "sex"]):
        people[people["employed"].isin(["0", "1"])].groupby(keys)["met"].mean()
        people[people["met"]].groupby(keys)["wage"].median()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        run_step(sys.argv[2], float(sys.argv[3]), Path(sys.argv[4]))
    else:
        main([float(size) for size in sys.argv[1:]] or [1.0])
