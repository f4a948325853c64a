"""Speed, growth and memory of the tier methods; ratios against a general convex solver.

Prints a table; with cvxpy installed (it is no dependency) the NPMLE is timed against it on the
same problem, and both must reach the same likelihood. Grades are compared with integer programming
over all weak orders. Writes results/tiers.csv.
"""

import argparse
import resource
import time
from collections.abc import Callable
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize, sparse

from analysis.framework import load_framework
from analysis.tiers.grades import grade_programs
from analysis.tiers.grid_prior import (
    grid_pairs,
    likelihood,
    normal_model_on_grid,
    value_grid,
)
from analysis.tiers.log_spline import fit_log_spline
from analysis.tiers.mixture_model import fit_mixture_model
from analysis.tiers.normal_model import fit_normal_model
from analysis.tiers.npmle import fit_npmle
from analysis.tiers.sweep import sweep_settings

SEED = 20261124


RECORDS: list[dict[str, object]] = []


def record(
    step: str, programs: int, against: str, own: float, other: float = np.nan, gap: float = np.nan
) -> None:
    """One row of results/tiers.csv; ``gap`` is ours less theirs in what both optimise."""
    RECORDS.append(
        {
            "step": step,
            "programs": programs,
            "seconds": own,
            "against": against,
            "their_seconds": other,
            "times_as_fast": other / own,
            "difference": gap,
            "peak_megabytes": peak_megabytes(),
        }
    )


def data(programs: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng([SEED, programs])
    error = np.exp(0.5 * generator.normal(size=programs))
    truth = 0.5 + (generator.gamma(2.0, size=programs) - 2) / np.sqrt(2)
    return truth + error * generator.normal(size=programs), error


def seconds(step: Callable[[], object], repeats: int = 3) -> float:
    """Processor time of one thread, least of a few runs: what other work disturbs least."""
    best = np.inf
    for _ in range(repeats):
        started = time.process_time()
        step()
        best = min(best, time.process_time() - started)
    return best


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def growth_line(programs: int) -> str:
    y, s = data(programs)
    repeats = 3 if programs <= 5000 else 1
    line = {
        "normal integrated": seconds(lambda: fit_normal_model(y, s), repeats),
        "NPMLE": seconds(lambda: fit_npmle(y, s), repeats),
        "log-spline": seconds(lambda: fit_log_spline(y, s), repeats),
        "shape integrated": seconds(lambda: fit_mixture_model(y, s), 1),
    }
    if programs <= 5000:
        model = fit_normal_model(y, s, tau_prior="flat")
        posterior = normal_model_on_grid(model, value_grid(y))
        pairs = grid_pairs(posterior)
        line["pairs"] = seconds(lambda: grid_pairs(posterior))
        line["grades, at most 4"] = seconds(lambda: grade_programs(pairs, 0.25, most=4))
        line["grades, free"] = seconds(lambda: grade_programs(pairs, 0.25))
    for name, value in line.items():
        record(name, programs, "", value)
    shown = ", ".join(f"{name} {value:.4f}" for name, value in line.items())
    return f"{programs:>6} programs: {shown}; peak memory so far {peak_megabytes():.0f} MB"


def against_cvxpy(programs: int) -> str:
    try:
        import cvxpy
    except ImportError:
        return "cvxpy is not installed: no ratio for the NPMLE"
    y, s = data(programs)
    points = value_grid(y)
    densities = likelihood(y, s, points)
    weights = cvxpy.Variable(len(points), nonneg=True)
    goal = cvxpy.Maximize(cvxpy.sum(cvxpy.log(densities @ weights)))
    problem = cvxpy.Problem(goal, [cvxpy.sum(weights) == 1])
    general = seconds(lambda: problem.solve(solver=cvxpy.CLARABEL), 1)
    own = seconds(lambda: fit_npmle(y, s))
    found = fit_npmle(y, s)
    other = np.maximum(weights.value, 0)
    value = float(np.log(densities @ (other / other.sum())).sum())
    record("NPMLE", programs, "cvxpy, Clarabel", own, general, found.log_likelihood - value)
    return (
        f"NPMLE, {programs} programs: {general / own:.0f} times as fast as cvxpy with Clarabel "
        f"({own:.4f} against {general:.3f} s); log-likelihood ours less theirs "
        f"{found.log_likelihood - value:+.5f}, duality gap {found.duality_gap:.5f}"
    )


def against_integer_programming(programs: int) -> None:
    """Grades against all weak orders, by integer programming (scipy's milp, which is HiGHS)."""
    y, s = data(programs)
    pairs = grid_pairs(normal_model_on_grid(fit_normal_model(y, s), value_grid(y)))
    # r[i, j] = 1 where i is graded at least as well as j; i is strictly better where r[j, i] = 0
    cost = (1 - 1.25 * pairs) * (1 - np.eye(programs))
    place = np.arange(programs**2).reshape(programs, programs)
    rows, low, high = [], [], []
    for i, j in combinations(range(programs), 2):
        rows.append({place[i, j]: 1, place[j, i]: 1})
        low.append(1)
        high.append(2)
    for i, j, k in permutations(range(programs), 3):
        rows.append({place[i, j]: 1, place[j, k]: 1, place[i, k]: -1})
        low.append(-np.inf)
        high.append(1)
    matrix = sparse.lil_matrix((len(rows), programs**2))
    for number, row in enumerate(rows):
        for column, value in row.items():
            matrix[number, column] = value
    limits = optimize.LinearConstraint(matrix.tocsr(), low, high)
    found: list[optimize.OptimizeResult] = []

    def solve() -> None:
        found.append(
            optimize.milp(
                -cost.T.ravel(), constraints=limits, integrality=1, bounds=optimize.Bounds(0, 1)
            )
        )

    general = seconds(solve, 1)
    own = seconds(lambda: grade_programs(pairs, 0.25))
    best = float(cost.sum() + found[0].fun)
    record("grades", programs, "scipy milp", own, general, grade_programs(pairs, 0.25).loss - best)
    print(
        f"grades, {programs} programs: {general / own:.0f} times as fast as integer programming "
        f"over all weak orders ({own:.5f} against {general:.2f} s); loss ours less theirs "
        f"{grade_programs(pairs, 0.25).loss - best:+.1e}"
    )


def thousand_settings() -> None:
    generator = np.random.default_rng(SEED)
    count = 641
    error = 3_000 * np.exp(0.5 * generator.normal(size=count))
    programs = pd.DataFrame(
        {
            "program_key": np.arange(count).astype(str),
            "estimate": 3_000 + 9_000 * generator.normal(size=count) + error,
            "standard_error": error,
            "validity": "administrative",
            "field": generator.integers(0, 25, count).astype(str),
        }
    )
    started = time.process_time()
    swept = sweep_settings(
        programs,
        load_framework(),
        alphas=np.linspace(0.01, 0.1, 10).tolist(),
        weights=np.linspace(1, 4, 10).tolist(),
        bias_scales=np.linspace(0, 2, 10).tolist(),
        draws=10,
    )
    spent = time.process_time() - started
    record(f"sweep of {len(swept)} settings", count, "", spent)
    print(f"{len(swept)} settings of {count} programs: {spent:.1f} processor seconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=50_000, help="programs in the growth table")
    parser.add_argument("--to", type=Path, default=Path(__file__).parent / "results")
    given = parser.parse_args()
    print("processor seconds, one thread, gamma truth, noise over spread 1")
    for programs in (60, 500, 5_000, 50_000):
        if programs <= given.largest:
            print(growth_line(programs), flush=True)
    for programs in (60, 500):
        print(against_cvxpy(programs), flush=True)
    for programs in (8, 12):
        against_integer_programming(programs)
    thousand_settings()
    table = pd.DataFrame(RECORDS)
    given.to.mkdir(parents=True, exist_ok=True)
    table.to_csv(given.to / "tiers.csv", index=False, float_format="%.6g")


if __name__ == "__main__":
    main()
