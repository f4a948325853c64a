"""Do intervals of effects by time since entry hold what they promise? Simulated, known effects.

Three cohorts enter at different times, with effects that grow and differ; people with better
prospects enter more often. Writes ``benchmarks/results/staggered.csv`` (with its seed). Run:
``python benchmarks/staggered.py``; about four minutes on two slow cores. The cheap version is in
the tests.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.effects import group_time_effects, pre_trend_test
from analysis.effects.event_study import event_study

SEED = 20261124
LEVEL = 0.95
ENTRIES = np.array([3.0, 4.0, 6.0, np.nan])
PERIODS = 6
# people, studies
DESIGNS = [(500, 1_000), (2_000, 1_000)]


def true_effect(entry: float, period: float) -> float:
    """Grows with time since entry, twice as fast in the first cohort."""
    return (period - entry + 1) * (2.0 if entry == 3 else 1.0) if period >= entry else 0.0


def drawn_entries(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Period of entry; missing for those who never enter."""
    utility = np.outer(x, [0.6, 0.3, 0.0, 0.0]) + np.array([0.0, -0.2, 0.0, 0.6])
    return ENTRIES[(utility + rng.gumbel(size=utility.shape)).argmax(axis=1)]


def panel(people: int, rng: np.random.Generator) -> pd.DataFrame:
    """People by periods; earnings grow faster for those with better prospects."""
    x, fixed = rng.normal(size=(2, people))
    entry = drawn_entries(x, rng)
    parts = []
    for period in range(1, PERIODS + 1):
        effect = np.array([0.0 if np.isnan(one) else true_effect(one, period) for one in entry])
        y = 10 + 3 * fixed + period + 0.7 * period * x + effect + rng.normal(size=people)
        parts.append(
            pd.DataFrame({"person": np.arange(people), "period": period, "entry": entry,
                          "x": x, "y": y})
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def truth() -> dict[float, float]:
    """Effects by time since entry, weighted with the cohorts' shares in a million people."""
    rng = np.random.default_rng([SEED, 0])
    entry = drawn_entries(rng.normal(size=1_000_000), rng)
    shares = pd.Series(entry).value_counts()
    found = {}
    for time in range(1 - int(np.nanmax(ENTRIES)), PERIODS):
        cohorts = [one for one in shares.index if 1 <= one + time <= PERIODS]
        if cohorts:
            effects = [true_effect(one, one + time) for one in cohorts]
            found[float(time)] = float(np.average(effects, weights=shares[cohorts]))
    return found


def one_study(work: tuple[int, int]) -> dict[str, float]:
    """Which intervals of one study hold, and whether its check of trends rejects."""
    people, place = work
    frame = panel(people, np.random.default_rng([SEED, people, place]))
    found = group_time_effects(frame, "y", minimum_cell=10, covariates=["x"])
    rows = event_study(found, LEVEL, draws=50_000).effects
    expected = rows["event_time"].map(TRUTH)
    each = expected.between(rows["interval_low"], rows["interval_high"])
    at_once = expected.between(rows["simultaneous_low"], rows["simultaneous_high"])
    return {
        "people": people,
        "covered_each": float(each.mean()),
        "covered_at_once": float(at_once.all()),
        "covered_at_once_by_single_intervals": float(each.all()),
        "trend_rejected": float(pre_trend_test(found).p_value < 1 - LEVEL),
        "largest_error": float(
            ((rows["estimate"] - expected) / rows["standard_error"]).abs().max()
        ),
    }


TRUTH = truth()


def main() -> None:
    """Simulate and write the table."""
    rows = []
    for people, studies in DESIGNS:
        with ProcessPoolExecutor(max_workers=2) as pool:
            done = []
            for row in pool.map(one_study, [(people, i) for i in range(studies)], chunksize=25):
                done.append(row)
                if len(done) % 250 == 0:
                    print(f"{people} people: {len(done)} of {studies}", file=sys.stderr)
        rows.append(
            pd.DataFrame(done).mean().to_dict()
            | {
                "studies": studies,
                "seed": SEED,
                "monte_carlo_error": (0.05 * 0.95 / studies) ** 0.5,
            }
        )
    result = pd.DataFrame(rows).round(4)
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    result.to_csv(folder / "staggered.csv", index=False)
    print(result.to_string())


if __name__ == "__main__":
    main()
