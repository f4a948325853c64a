"""Simulated WIOA records to all metrics by all groups: time, memory and growth.

Run: ``python benchmarks/wioa.py 1 10`` (millions of rows). Each step runs in a process of its own,
so that its peak of memory is its own. Steps:

- ``simulate``, ``read`` (text to typed Parquet with its account), ``metrics`` (all indicators by
  all groups and barriers, with intervals and bounds);
- ``duckdb`` and ``pandas``: the *same* work on the same typed Parquet with the same labels of
  groups: people, employed in quarter 2 and median earnings of quarter 2 for everyone, by race,
  gender, both and age group. Their tables must be equal, or the run stops.

pandas has its rows and labels from the same SQL, so the difference is the counting and the memory
that the rows take. Measured on two shared cores (OPENBLAS_NUM_THREADS=1), both equal in all 42
groups: 1 million rows 1.8 s and 0.24 GB with DuckDB, 3.1 s and 0.49 GB with pandas (1.7 times);
4 million rows 4.8 s and 0.34 GB, 12.5 s and 1.27 GB (2.6 times). The times are of a machine under
other load; the ratio within a run is what to look at.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

GROUPINGS = [(), ("race",), ("gender",), ("race", "gender"), ("age_group",)]
# millions of rows; the typed columns that the same work needs must fit into memory
PANDAS_UP_TO = 4
SAME = ["people", "known", "met", "median"]


def main(sizes: list[float]) -> None:
    """Print a table of the sizes."""
    print("million rows | step | seconds | rows a second | peak memory (GB) | text (GB)")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            steps = ["simulate", "read", "metrics", "duckdb"] + ["pandas"] * (size <= PANDAS_UP_TO)
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
            require_equal(Path(folder))


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
    elif step == "duckdb":
        with_duckdb(target).to_pickle(folder / "duckdb.pkl")
    else:
        with_pandas(target).to_pickle(folder / "pandas.pkl")
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


def labels() -> str:
    """SQL of the columns that both read: the labels of groups."""
    from analysis.tables.wioa_layout import wioa_layout

    layout = wioa_layout()
    names = dict.fromkeys(name for grouping in GROUPINGS for name in grouping)
    return ", ".join(
        f"coalesce({layout.grouping(name).label}, 'not reported') AS {name}" for name in names
    )


def source(target: Path) -> str:
    """SQL of the people who count, with labels: where both begin."""
    from analysis.tables.wioa_layout import wioa_layout
    from analysis.tables.wioa_records import used_relation

    universe = wioa_layout().universe
    return (
        f"SELECT {labels()}, employed_q2, wage_after_2 FROM {used_relation(target)} WHERE "
        f"({universe.participant}) AND ({universe.exiter}) AND NOT ({universe.exclusion})"
    )


def with_duckdb(target: Path) -> "pd.DataFrame":
    """People, known, employed and median earnings by all groupings, by DuckDB."""
    from analysis.tables.wioa_records import connect

    names = dict.fromkeys(name for grouping in GROUPINGS for name in grouping)
    keys = ", ".join(f"coalesce({name}, '') AS {name}" for name in names)
    sets = ", ".join(f"({', '.join(grouping)})" for grouping in GROUPINGS)
    query = (
        f"SELECT {keys}, count(*) AS people, "
        "count(*) FILTER (employed_q2 IN ('0', '1')) AS known, "
        "count(*) FILTER (employed_q2 = '1') AS met, "
        "median(wage_after_2) FILTER (employed_q2 = '1' AND wage_after_2 > 0) AS median "
        f"FROM ({source(target)}) GROUP BY GROUPING SETS ({sets})"
    )
    with connect() as database:
        return database.execute(query).df()


def with_pandas(target: Path) -> "pd.DataFrame":
    """The same by pandas; the rows and their labels come from the same SQL."""
    import pandas as pd

    from analysis.tables.wioa_records import connect

    with connect() as database:
        frame = database.execute(source(target)).df()
    frame["known"] = frame["employed_q2"].isin(["0", "1"])
    frame["met"] = frame["employed_q2"].eq("1")
    frame["paid"] = frame["wage_after_2"].where(frame["met"] & (frame["wage_after_2"] > 0))
    frame["everyone"] = ""
    names = dict.fromkeys(name for grouping in GROUPINGS for name in grouping)
    parts = []
    for grouping in GROUPINGS:
        groups = frame.groupby(list(grouping) or ["everyone"])
        part = groups.agg(
            people=("known", "size"),
            known=("known", "sum"),
            met=("met", "sum"),
            median=("paid", "median"),
        ).reset_index()
        parts.append(part.assign(**{name: "" for name in names if name not in grouping}))
    return pd.concat(parts)[[*names, *SAME]]


def require_equal(folder: Path) -> None:
    """Stop where DuckDB and pandas did not find the same numbers."""
    import pandas as pd

    files = [folder / "duckdb.pkl", folder / "pandas.pkl"]
    if not all(file.exists() for file in files):
        return
    tables = [pd.read_pickle(file) for file in files]
    keys = [name for name in tables[0] if name not in SAME]
    one, two = (table.sort_values(keys).reset_index(drop=True) for table in tables)
    pd.testing.assert_frame_equal(one, two, check_dtype=False)
    print(f"equal in all {len(one)} groups", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        run_step(sys.argv[2], float(sys.argv[3]), Path(sys.argv[4]))
    else:
        main([float(size) for size in sys.argv[1:]] or [1.0])
