"""How fast are group effects, and in how much memory, beside DoubleML and EconML?

Every measurement is the best of three fresh processes with one BLAS thread: imports and making
the data are left out of the time, the peak of memory is that of the whole process. Ratios are
taken within one run. A package that is not installed is left out (EconML is in no requirement of
the workbench; give the Python of an environment that has it with ``--python``).

Run: ``python benchmarks/effects.py [--quick] [--python PYTHON]``. Writes
``benchmarks/results/effects.csv``; about ten minutes on two slow cores.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

# this folder holds a coverage.py, which libraries would take for the package of that name
sys.path = [folder for folder in sys.path if Path(folder or ".").resolve() != Path(__file__).parent]

SEED = 20261124
TRIES = 3
COVARIATES = 20
GROUPS = 8
FOLDS = 5


def one_study(n: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Covariates, treatment, outcome and group of one simulated study."""
    rng = np.random.default_rng(SEED)
    X = rng.normal(size=(n, COVARIATES))
    treated = (rng.random(n) < 1 / (1 + np.exp(-0.4 * X[:, 0] + 0.3 * X[:, 1]))).astype("int64")
    outcome = X @ rng.normal(size=COVARIATES) + treated + rng.normal(size=n)
    names = [f"x{i}" for i in range(COVARIATES)]
    return pd.DataFrame(X, columns=names), treated, outcome, rng.integers(0, GROUPS, n)


def ours(n: int, repetitions: int = 1) -> Callable[[], float]:
    """Our AIPW with all group effects."""
    from analysis.effects import aipw_scores, group_estimates

    X, treated, outcome, group = one_study(n)

    def run() -> float:
        scores = aipw_scores(outcome, treated, X, repetitions=repetitions, seed=SEED)
        members = [np.ones(n, dtype=bool), *(group == g for g in range(GROUPS))]
        return float(group_estimates(scores, members).estimates[0])

    return run


def ours_five_times(n: int) -> Callable[[], float]:
    """The same with five repetitions of the split."""
    return ours(n, 5)


def ours_boosted(n: int) -> Callable[[], float]:
    """The same with gradient-boosted trees."""
    from analysis.effects import aipw_scores

    X, treated, outcome, _ = one_study(n)
    return lambda: float(
        aipw_scores(
            outcome, treated, X, repetitions=1, seed=SEED, learner="boosting"
        ).split_estimates[0]
    )


def doubleml(n: int) -> Callable[[], float]:
    """DoubleML's IRM with ridge and logit, and its group effects."""
    import doubleml as dml
    from sklearn.linear_model import LogisticRegression, Ridge

    X, treated, outcome, group = one_study(n)

    def run() -> float:
        data = dml.DoubleMLData.from_arrays(X.to_numpy(), outcome, treated.astype(float))
        np.random.seed(SEED)
        logit = LogisticRegression(C=1.0, solver="newton-cholesky")
        model = dml.DoubleMLIRM(data, Ridge(1.0), logit, n_folds=FOLDS).fit()
        model.gate(groups=pd.DataFrame({f"g{g}": group == g for g in range(GROUPS)}))
        return float(model.coef[0])

    return run


def econml(n: int) -> Callable[[], float]:
    """EconML's LinearDRLearner on indicators of the groups."""
    from econml.dr import LinearDRLearner
    from sklearn.linear_model import LogisticRegression, Ridge

    X, treated, outcome, group = one_study(n)
    cells = np.eye(GROUPS)[group][:, 1:]

    def run() -> float:
        learner = LinearDRLearner(
            model_propensity=LogisticRegression(C=1.0, solver="newton-cholesky"),
            model_regression=Ridge(1.0),
            cv=FOLDS,
            random_state=SEED,
        )
        learner.fit(outcome, treated, X=cells, W=X.to_numpy())
        return float(learner.ate(cells))

    return run


def many_programs(programs: int, each: int = 1_000, pool: int = 100_000) -> tuple[Any, ...]:
    """Participants of many programs and a shared pool."""
    rng = np.random.default_rng(SEED)
    names = [f"x{i}" for i in range(COVARIATES)]
    base = pd.DataFrame(rng.normal(size=(pool, COVARIATES)), columns=names)
    beta = 0.3 * rng.normal(size=COVARIATES)
    y0 = base.to_numpy() @ beta + rng.normal(size=pool)
    shift = rng.normal(0, 0.25, (programs, COVARIATES)).repeat(each, axis=0)
    X = shift
    X += rng.normal(size=X.shape)
    y1 = X @ beta + 0.5 + rng.normal(size=len(X))
    groups = rng.integers(0, GROUPS, pool), rng.integers(0, GROUPS, len(X))
    people = pd.DataFrame(X, columns=names, copy=False)
    return base, y0, people, y1, np.arange(programs).repeat(each), groups


def ours_many(programs: int, covariance: bool = False) -> Callable[[], float]:
    """All programs at once, with group effects."""
    from analysis.effects.many_programs import many_program_effects

    base, y0, people, y1, labels, groups = many_programs(programs)

    def run() -> float:
        found = many_program_effects(
            base, y0, people, y1, labels, pool_group=groups[0], group=groups[1], seed=SEED,
            covariance=covariance,
        )  # fmt: skip
        return float(found.estimates[:, 0].mean())

    return run


def ours_many_with_covariance(programs: int) -> Callable[[], float]:
    """The same with the covariance that the pool puts between programs."""
    return ours_many(programs, covariance=True)


def doubleml_many(programs: int) -> Callable[[], float]:
    """A loop of DoubleML over programs: overall effects only, it has none by group here."""
    import doubleml as dml
    from sklearn.linear_model import LogisticRegression, Ridge

    base, y0, people, y1, labels, _ = many_programs(programs)

    def run() -> float:
        effects = []
        for program in range(programs):
            mine = labels == program
            X = np.vstack([base.to_numpy(), people[mine].to_numpy()])
            treated = np.r_[np.zeros(len(base)), np.ones(mine.sum())]
            data = dml.DoubleMLData.from_arrays(X, np.r_[y0, y1[mine]], treated)
            clip = dml.utils.PSProcessorConfig(clipping_threshold=1e-12)
            logit = LogisticRegression(C=1.0, solver="newton-cholesky")
            model = dml.DoubleMLIRM(
                data, Ridge(1.0), logit, n_folds=FOLDS, score="ATTE", ps_processor_config=clip
            )
            effects.append(model.fit().coef[0])
        return float(np.mean(effects))

    return run


JOBS = {
    job.__name__: job
    for job in (ours, ours_five_times, ours_boosted, doubleml, econml, ours_many,
                ours_many_with_covariance, doubleml_many)
}  # fmt: skip


def child(job: str, size: int) -> None:
    """Measure one job in this process and print it as JSON."""
    run = JOBS[job](size)
    wall, cpu = time.perf_counter(), time.process_time()
    answer = run()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "megabytes": peak, "answer": answer}))


def measured(job: str, size: int, python: str) -> dict[str, Any] | None:
    """Best of some fresh processes, or None where a package is missing."""
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR")}
    best: dict[str, Any] | None = None
    for _ in range(TRIES):
        done = subprocess.run(
            [python, "-W", "ignore", __file__, "--child", job, str(size)],
            capture_output=True, text=True, env=os.environ | threads, check=False,
        )  # fmt: skip
        if done.returncode:
            if "ModuleNotFoundError" in done.stderr:
                return None
            raise RuntimeError(done.stderr)
        found = json.loads(done.stdout.splitlines()[-1])
        if best is None or found["cpu"] < best["cpu"]:
            best = found
    return best


def table(python: str, quick: bool) -> pd.DataFrame:
    """All measurements, with ratios to ours of the same size."""
    sizes = [10_000, 100_000] if quick else [10_000, 100_000, 1_000_000]
    plan = [(job, n, n, "ours") for n in sizes for job in ("ours", "ours_five_times", "doubleml")]
    plan += [("econml", n, n, "ours") for n in sizes]
    plan += [("ours_boosted", 100_000, 100_000, "ours")]
    programs, few = (100, 2) if quick else (1_000, 5)
    plan += [("ours_many", programs, programs, "ours_many")]
    plan += [("ours_many_with_covariance", programs, programs, "ours_many")]
    # the loop is timed on a few programs and scaled up to all of them
    plan += [("doubleml_many", few, programs, "ours_many")]
    rows: list[dict[str, Any]] = []
    for job, run_size, size, against in plan:
        found = measured(job, run_size, python)
        if found is None:
            continue
        found["cpu"] *= size / run_size
        found["wall"] *= size / run_size
        rows.append({"job": job, "size": size, "timed_on": run_size, "against": against} | found)
        print(rows[-1], flush=True)
    result = pd.DataFrame(rows)
    base = result.set_index(["job", "size"])
    keys = list(zip(result["against"], result["size"], strict=True))
    result["cpu_ratio"] = result["cpu"] / base.loc[keys, "cpu"].to_numpy()
    result["memory_ratio"] = result["megabytes"] / base.loc[keys, "megabytes"].to_numpy()
    return result


def main() -> None:
    """Measure everything and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes")
    parser.add_argument("--python", default=sys.executable, help="Python to measure with")
    parser.add_argument("--child", nargs=2, metavar=("JOB", "SIZE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child[0], int(options.child[1]))
        return
    result = table(options.python, options.quick)
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    if not options.quick:
        result.drop(columns=["against", "answer"]).round(3).to_csv(
            folder / "effects.csv", index=False
        )
    print(result.round(3).to_string())


if __name__ == "__main__":
    main()
