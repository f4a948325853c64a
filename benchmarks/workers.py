"""One worker against two: effects of many programs against one pool, on a cluster of this machine.

Run: ``python benchmarks/workers.py``; writes ``benchmarks/results/workers.csv``. The same call is
made without a cluster, with one worker and with two, each worker a process of one thread; the
results must be equal to the last digit, or the run stops. ``seconds`` are the wall's: that is what
a second worker is for. Each way is measured as often as ``--rounds`` says, in turns, and the
quickest counts. ``start`` is what a cluster takes to start, which a long-lived one does not pay.
"""

import argparse
import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
from distributed import LocalCluster

from analysis.effects.many_programs import ProgramEffects, many_program_effects
from analysis.reports.html_tables import write_csv
from analysis.spread import SCHEDULER

RESULT = Path(__file__).parent / "results" / "workers.csv"
POOL, EACH, COVARIATES, SEED = 100_000, 100, 10, 20261130


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    people = drawn(given.programs)
    taken: dict[int, list[float]] = {0: [], 1: [], 2: []}
    starts = dict.fromkeys(taken, 0.0)
    first: ProgramEffects | None = None
    for _ in range(given.rounds):
        for workers in taken:
            seconds, starts[workers], found = timed(workers, people)
            taken[workers].append(seconds)
            first = first or found
            for name in ("estimates", "standard_errors", "shared_covariance"):
                np.testing.assert_array_equal(getattr(first, name), getattr(found, name))
    one = min(taken[1])
    rows = [
        {
            "workers": workers,
            "programs": given.programs,
            "people_in_pool": POOL,
            "seconds": round(min(seconds), 2),
            "share_of_one_worker": round(min(seconds) / one, 3),
            "start": round(starts[workers], 2),
            "cores": os.cpu_count(),
            "load_average": round(os.getloadavg()[1], 1),
        }
        for workers, seconds in taken.items()
    ]
    frame = pd.DataFrame(rows)
    write_csv(frame, RESULT)
    print(frame.to_string(index=False))


def drawn(programs: int) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame, np.ndarray, np.ndarray]:
    """Pool, its outcome, participants, their outcome, and the program of each."""
    random = np.random.default_rng(SEED)
    names = [f"x{place}" for place in range(COVARIATES)]
    pool = pd.DataFrame(random.exponential(size=(POOL, COVARIATES)), columns=names)
    inside = pd.DataFrame(random.exponential(size=(programs * EACH, COVARIATES)), columns=names)
    slope = random.normal(size=COVARIATES)
    outcome = pool.to_numpy() @ slope + random.normal(size=POOL)
    after = inside.to_numpy() @ slope + 0.3 + random.normal(size=len(inside))
    return pool, outcome, inside, after, np.arange(programs).repeat(EACH)


def timed(workers: int, people: tuple) -> tuple[float, float, ProgramEffects]:
    """Seconds of the call and of starting a cluster, and what was found; no cluster for zero."""
    began = time.perf_counter()
    cluster = (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=":0", memory_limit=0
        )
        if workers
        else None
    )
    start = time.perf_counter() - began
    if cluster is not None:
        os.environ[SCHEDULER] = cluster.scheduler_address
    began = time.perf_counter()
    found = many_program_effects(*people, covariance=True)
    seconds = time.perf_counter() - began
    if cluster is not None:
        del os.environ[SCHEDULER]
        cluster.close()
    return seconds, start if cluster else 0.0, found


if __name__ == "__main__":
    main()
