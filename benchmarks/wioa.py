"""Simulated WIOA records to all metrics by all groups: time, memory and growth.

Run: ``python benchmarks/wioa.py 1 10 50`` (millions of rows); writes
``benchmarks/results/wioa.csv``.
Each step runs in a process of its own on one core, so that its peak of memory is its own. Steps:

- ``simulate``: one million people, drawn anew; a larger file is copies of that million under new
  numbers of persons (``copy``), since drawing them takes longer than all that is measured;
- ``read`` (text to typed Parquet with its account), ``metrics`` (all indicators by all groups and
  barriers, with intervals and bounds);
- ``duckdb`` and ``pandas``: the *same* work on the same typed Parquet with the same labels of
  groups: people, employed in quarter 2 and median earnings of quarter 2 for everyone, by race,
  gender, both and age group. Their tables must be equal, or the run stops.

pandas has its rows and labels from the same SQL, so the difference is the counting and the memory
that the rows take; it is left out above the size at which its rows no longer fit. The text is
deleted as soon as it is read. ``cpu`` is the processor's time and ``seconds`` the wall's, which
says little where the machine was shared; a note says so. Much other work on the same core stretches
the processor's time too: the metrics of the same million took 11 and 23 seconds of it.

``python benchmarks/wioa.py 1 10 50 --only metrics`` measures the metrics anew and keeps the other
rows: the million is read once, and its typed Parquet repeated under new numbers of persons, which
spares the text of the copies.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

GROUPINGS = [(), ("race",), ("gender",), ("race", "gender"), ("age_group",)]
SEED = 1
# millions of rows; the typed columns that the same work needs must fit into memory
PANDAS_UP_TO = 10
# people drawn anew; of more, copies
DRAWN = 1_000_000
# gigabytes of text and Parquet a million rows takes while it is read
DISK_A_MILLION = 0.7
STEPS = ["simulate", "read", "metrics", "duckdb", "pandas"]
SAME = ["people", "known", "met", "median"]
COLUMNS = [
    *("million_rows", "step", "seconds", "cpu", "memory_gb", "text_gb", "rows", "used", "seed"),
    *("machine", "python", "duckdb", "pandas", "note"),
]


def main() -> None:
    """Measure all sizes; every step is written as soon as it is done."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=float, default=[1.0], help="millions of rows")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "results" / "wioa.csv")
    parser.add_argument("--only", choices=["metrics"], help="the step to measure anew")
    given = parser.parse_args()
    rows: list[dict[str, object]] = kept(given.to) if given.only else []
    for size in given.sizes:
        if (
            not given.only
            and size * DISK_A_MILLION > shutil.disk_usage(tempfile.gettempdir()).free / 1e9 - 5
        ):
            raise SystemExit(
                f"{size:g} million rows do not fit on the disk of {tempfile.gettempdir()}"
            )
        with tempfile.TemporaryDirectory() as folder:
            for row in again(size, Path(folder)) if given.only else measured(size, Path(folder)):
                same = [row["million_rows"], row["step"]]
                rows = [one for one in rows if [one["million_rows"], one["step"]] != same]
                rows.append(row)
                write(rows, given.to)


def kept(path: Path) -> list[dict[str, object]]:
    """Rows of earlier results."""
    import pandas as pd

    return pd.read_csv(path).to_dict("records") if path.exists() else []


def measured(size: float, folder: Path) -> "Iterator[dict[str, object]]":
    """One size, step by step."""
    steps = STEPS[: None if size <= PANDAS_UP_TO else -1]
    text_gb = 0.0
    for step in steps:
        row = step_alone(step, size, folder)
        text = folder / "state.csv"
        text_gb = text.stat().st_size / 1e9 if text.exists() else text_gb
        if step == "read":
            text.unlink()
        note = require_equal(folder) if step == "pandas" else ""
        if step == "simulate" and size * 1e6 > DRAWN:
            note = f"{DRAWN:,} people drawn, the others copies under new numbers"
        yield labelled(size, step, row) | {"text_gb": round(text_gb, 2), "note": note}


def again(size: float, folder: Path) -> "Iterator[dict[str, object]]":
    """The metrics of one size, from copies of the typed million."""
    drawn = min(size, DRAWN / 1e6)
    for step in ("simulate", "read"):
        step_alone(step, drawn, folder)
    text_gb = (folder / "state.csv").stat().st_size / 1e9 * size / drawn
    (folder / "state.csv").unlink()
    note = "machine shared with other work"
    if size > drawn:
        step_alone("copy", size, folder)
        note += f"; {DRAWN:,} typed rows, the others copies under new numbers"
    row = step_alone("metrics", size, folder)
    yield labelled(size, "metrics", row) | {"text_gb": round(text_gb, 2), "note": note}


def step_alone(step: str, size: float, folder: Path) -> dict[str, object]:
    """What one step took in a process of its own."""
    command = [sys.executable, __file__, "--step", step, str(size), str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def labelled(size: float, step: str, row: dict[str, object]) -> dict[str, object]:
    """A measured step with what it was measured on."""
    return {
        "million_rows": size,
        "step": step,
        "seed": SEED,
        "machine": machine(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("duckdb", "pandas")},
        **row,
    }


def machine() -> str:
    """Processor and memory, in words."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"one core of {len(names)} ({names[0] if names else platform.machine()}), {memory:.0f} GB"
    )


def write(rows: list[dict[str, object]], to: Path) -> None:
    """Write what is measured so far, and print the last of it."""
    import pandas as pd

    to.parent.mkdir(parents=True, exist_ok=True)
    order = {step: place for place, step in enumerate(STEPS)}
    table = pd.DataFrame(rows).reindex(columns=COLUMNS)
    table = table.sort_values(["million_rows", "step"], key=lambda of: of.replace(order))
    table.astype({"rows": "Int64", "used": "Int64"}).to_csv(to, index=False)
    print(" | ".join(str(rows[-1].get(name, "")) for name in COLUMNS[:8]), flush=True)


def run_step(step: str, size: float, folder: Path) -> None:
    """Run one step in this process, on one core, and print its time and peak memory."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    text, target = folder / "state.csv", folder / "state.parquet"
    start, found = time.perf_counter(), {}
    if step == "simulate":
        write_text(text, int(size * 1e6))
    elif step == "read":
        from analysis.tables.wioa_records import read_wioa_records

        records = read_wioa_records(text, target)
        parts = records.reconciliation["rows"]
        if parts.iloc[0] != parts.iloc[1:].sum():
            raise SystemExit("rows in are not the rows used and rejected")
        found = {"rows": records.rows_in, "used": records.used}
    elif step == "copy":
        copy_typed(target, int(size * 1e6))
    elif step == "metrics":
        metrics(target)
    elif step == "duckdb":
        with_duckdb(target).to_pickle(folder / "duckdb.pkl")
    else:
        with_pandas(target).to_pickle(folder / "pandas.pkl")
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    taken = {"seconds": round(seconds, 1), "cpu": round(used.ru_utime + used.ru_stime, 1)}
    print(json.dumps({**taken, "memory_gb": round(used.ru_maxrss / 1e6, 3), **found}))


def write_text(text: Path, people: int) -> None:
    """Draw up to a million people, and copy their records under new numbers up to ``people``."""
    import numpy as np

    from analysis.simulate.state import simulate_state

    simulate_state(text, min(people, DRAWN), seed=SEED)
    if people <= DRAWN:
        return
    drawn = text.read_bytes()
    rows = np.frombuffer(drawn, dtype=np.uint8).copy()
    starts = np.flatnonzero(rows == ord("\n"))[:-1] + 1
    # the first element is the person, within quotes: twelve digits, the last six of the drawn
    if not drawn[starts[1] + 1 : starts[1] + 13].isdigit():
        raise SystemExit("the first element is no number of twelve digits")
    with text.open("ab") as handle:
        for copy in range(1, people // DRAWN):
            for place, digit in enumerate(f"{copy:06d}"):
                rows[starts + 1 + place] = ord(digit)
            handle.write(rows[starts[0] :].data)


def copy_typed(target: Path, people: int) -> None:
    """Repeat the typed rows of a million, and the places of its repeats, up to ``people``."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    repeats = target.with_suffix(".repeats.parquet")
    positions, copies = pq.read_table(repeats), range(people // DRAWN)
    one = pq.read_table(target)
    rows = one.num_rows
    places = pc.cast(positions["position"], pa.int64())
    shifted = [positions.set_column(0, "position", pc.add(places, rows * n)) for n in copies]
    pq.write_table(pa.concat_tables(shifted), repeats)
    number = one.schema.get_field_index("person")
    with pq.ParquetWriter(target, one.schema, compression="snappy") as writer:
        for copy in copies:
            person = pc.utf8_replace_slice(one["person"], 0, 6, f"{copy:06d}")
            writer.write_table(one.set_column(number, "person", person), row_group_size=200_000)


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
    with connect("3GB", threads=1) as database:
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


def require_equal(folder: Path) -> str:
    """Stop where DuckDB and pandas did not find the same numbers; else say so."""
    import pandas as pd

    tables = [pd.read_pickle(folder / f"{name}.pkl") for name in ("duckdb", "pandas")]
    keys = [name for name in tables[0] if name not in SAME]
    one, two = (table.sort_values(keys).reset_index(drop=True) for table in tables)
    pd.testing.assert_frame_equal(one, two, check_dtype=False)
    return f"equal to duckdb in all {len(one)} groups"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        run_step(sys.argv[2], float(sys.argv[3]), Path(sys.argv[4]))
    else:
        main()
