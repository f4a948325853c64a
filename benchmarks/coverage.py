"""Do intervals of group effects hold what they promise? Simulated, with known effects.

Writes ``benchmarks/results/coverage.csv`` (with its seeds). Run: ``python benchmarks/coverage.py``;
about ten minutes on two slow cores. The cheap version is in the tests.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.effects.coverage import coverage_table

SEED = 20261124
# name of the design, what differs from the reference, people, studies
DESIGNS: list[tuple[str, dict[str, float], int, int]] = [
    ("reference", {}, 2_000, 1_000),
    ("strong selection, long tail", {"selection": 1.25, "tail": 1.0, "base": -0.8}, 2_000, 1_000),
    ("reference", {}, 20_000, 400),
    ("strong selection, long tail", {"selection": 1.25, "tail": 1.0, "base": -0.8}, 20_000, 400),
]


def one_design(design: tuple[str, dict[str, Any], int, int]) -> pd.DataFrame:
    """Coverage of one design."""
    name, changes, people, studies = design
    table = coverage_table(people, studies, SEED, **changes)
    table.insert(0, "design", name)
    return table


def main() -> None:
    """Simulate all designs, two at a time, and write the table."""
    with ProcessPoolExecutor(max_workers=2) as pool:
        tables = list(pool.map(one_design, DESIGNS))
    result = pd.concat(tables, ignore_index=True)
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    result.round(4).to_csv(folder / "coverage.csv", index=False)
    print(result.drop(columns=["selection", "tail", "base"]).round(3).to_string())


if __name__ == "__main__":
    main()
