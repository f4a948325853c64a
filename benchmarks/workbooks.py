"""Workbooks: how fast calamine reads the publishers' sheets, against openpyxl, and whether alike.

Each ``.xlsx`` that is at hand is read by both in turns in this process; the table
(``benchmarks/results/workbooks.csv``) has the seconds of the processor of the faster of two rounds,
their ratio and how many cells differ. One cell of the federal layout does: openpyxl leaves an
escaped carriage return (``_x000D_``) as it is written, calamine reads it.

Run: ``python benchmarks/workbooks.py``. A busy machine blurs seconds; ratios are of ways that met
the same machine.
"""

import platform
import time
from pathlib import Path

import pandas as pd

from analysis import sources
from analysis.paths import project_root

ENGINES = ("openpyxl", "calamine")
ROUNDS = 2


def both_ways(path: Path) -> dict[str, object]:
    """Shape, seconds of each engine, their ratio, and cells that differ."""
    seconds: dict[str, list[float]] = {engine: [] for engine in ENGINES}
    frames: dict[str, pd.DataFrame] = {}
    for _ in range(ROUNDS):
        for engine in ENGINES:
            begun = time.process_time()
            frames[engine] = pd.read_excel(path, engine=engine, dtype="str", header=None)
            seconds[engine].append(time.process_time() - begun)
    slow, quick = (min(seconds[engine]) for engine in ENGINES)
    first, second = (frames[engine].fillna("") for engine in ENGINES)
    return {
        "rows": len(first),
        "columns": first.shape[1],
        "openpyxl_seconds": round(slow, 3),
        "calamine_seconds": round(quick, 3),
        "ratio": round(slow / quick, 1),
        "cells_that_differ": int((first != second).to_numpy().sum()),
    }


def main() -> None:
    """Read every workbook of the catalogue that is at hand."""
    rows = []
    for source_id in sources.catalogue():
        located = sources.locate(source_id)
        if located is not None and located.path.suffix == ".xlsx":
            rows.append({"source": source_id, **both_ways(located.path)})
            print(rows[-1], flush=True)
    table = pd.DataFrame(rows).assign(
        rounds=ROUNDS, machine=platform.machine(), python=platform.python_version()
    )
    table.to_csv(project_root() / "benchmarks/results/workbooks.csv", index=False)


if __name__ == "__main__":
    main()
