"""``workbench sweep``: a notebook under every combination of settings, and what came out of each.

Every combination goes through the store of runs: what was computed before is taken from there, and
a sweep that was killed goes on where it stood.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.parameters import all_notebooks, find_notebook
from analysis.paths import reports_folder, runs_folder
from analysis.reports.html_tables import write_csv, write_parquet
from analysis.reports.key_figures import read_key_figures
from analysis.runs.identity import hash_of
from analysis.runs.local_run import Starter, this_machine
from analysis.runs.locks import holding
from analysis.runs.pipeline import fetch_for, plan
from analysis.runs.store import StoredRun, sweep_abandoned
from analysis.runs.together import refuse_what_tells_too_much
from analysis.runs.work import Job, Report, work_off

Setting = dict[str, str]
_MOST = 1000
_NUMBERS = ("estimate", "standard_error", "interval_low", "interval_high")


@dataclass(frozen=True)
class Sweep:
    """What a sweep gave.

    Attributes
    ----------
    notebook : str
    names : list of str
        Parameters that were varied, in the order given.
    figures : DataFrame
        A row for each key figure of each setting: the settings, ``run``, ``figure``, ``estimate``,
        ``standard_error``, ``interval_low``, ``interval_high``, ``n``, ``unit``.
    failures : DataFrame
        The settings that failed, with ``error``.
    folder : Path
        Where the table and the page lie.
    settings : int
        Combinations in all.
    runs : list of (StoredRun or None)
        The run of each, in their order; None where it failed.
    lacking : list of bool
        Whether each failed for nothing but lack of data.
    """

    notebook: str
    names: list[str]
    figures: pd.DataFrame
    failures: pd.DataFrame
    folder: Path
    settings: int
    runs: list[StoredRun | None]
    lacking: list[bool]


def read_grid(words: Sequence[str], frameworks: Sequence[str]) -> dict[str, list[str]]:
    """Values of each varied parameter.

    Parameters
    ----------
    words : sequence of str
        As in ``alpha=0.01,0.05``.
    frameworks : sequence of str
        Framework files; ``default`` for the one that ships with the package.

    Returns
    -------
    dict of str to list of str
        Values as text, by parameter in the order given; the default framework is "".

    Raises
    ------
    WorkbenchError
        For a word that is no list of values, a parameter or a value that stands twice, and where
        nothing varies.

    Examples
    --------
    >>> read_grid(["alpha=0.01,0.05", "quarter=4"], [])
    {'alpha': ['0.01', '0.05'], 'quarter': ['4']}
    """
    grid: dict[str, list[str]] = {}
    for word in words:
        name, sign, values = word.partition("=")
        name = name.strip()
        listed = [value.strip() for value in values.split(",")]
        if not sign or not name or "" in listed:
            raise WorkbenchError(f"-p {word}: no list of values", "Write it as name=a,b,c.")
        if name in grid or len(set(listed)) != len(listed):
            raise WorkbenchError(f"-p {word}: given twice", "Name each parameter and value once.")
        grid[name] = listed
    if frameworks:
        grid["framework"] = ["" if file == "default" else file for file in frameworks]
    if not grid:
        raise WorkbenchError("nothing to vary", "Give -p name=a,b,c or --framework a.toml b.toml.")
    return grid


def combinations(grid: Mapping[str, Sequence[str]]) -> list[Setting]:
    """Every combination of values, the last parameter varying fastest.

    Parameters
    ----------
    grid : mapping of str to sequence of str
        Values of each varied parameter.

    Returns
    -------
    list of dict
        One value of each parameter.

    Examples
    --------
    >>> combinations({"a": ["1", "2"], "b": ["x"]})
    [{'a': '1', 'b': 'x'}, {'a': '2', 'b': 'x'}]
    """
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def sweep(
    notebook: str, grid: Mapping[str, Sequence[str]], report: Report, *, jobs: int = 0,
    name: str = "", scheduler: str = "",
) -> Sweep:  # fmt: skip
    """Run a notebook, and what it needs, under every combination of settings.

    Parameters
    ----------
    notebook : str
        Name or number.
    grid : mapping
        Values of each varied parameter (:func:`read_grid`).
    report : callable
        Receives lines of progress.
    jobs : int
        Notebooks at a time; 0 for the number of cores, at most 4.
    name : str
        Name of the folder in ``reports/sweeps``; by default it is made of notebook and grid.
    scheduler : str
        Address of a dask scheduler whose workers run the notebooks, or ``local`` for a cluster of
        this machine; empty for plain processes.

    Returns
    -------
    Sweep
        A setting that fails costs the others nothing. What lies in ``data/processed`` stays.

    Raises
    ------
    WorkbenchError
        Too many combinations, or a value that a notebook does not take: before anything runs.
        Settings whose tables together give a count of few people away: before anything is shown.

    Examples
    --------
    >>> sweep("05", {"alpha": [f"0.{number:04}" for number in range(1, 1002)]}, print)
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: 1,001 combinations. Ask for at most 1,000.
    """
    target = find_notebook(notebook).name
    if (count := math.prod(map(len, grid.values()))) > _MOST:
        # counted before they are made
        raise WorkbenchError(f"{count:,} combinations", f"Ask for at most {_MOST:,}.")
    settings = combinations(grid)
    plans = [plan([target], setting) for setting in settings]
    fetch_for(plans[0], report)
    work: dict[str, Job] = {}
    ends = [_add_jobs(work, one, setting) for one, setting in zip(plans, settings, strict=True)]
    report(f"{len(settings)} settings, {len(work)} notebooks to run or to take from the store")
    with holding(runs_folder() / ".locks" / "work", shared=True):
        sweep_abandoned()
        with _place(scheduler, jobs) as place:
            work_off(list(work.values()), report, place)
        # what a worker that died had begun
        sweep_abandoned()
    refuse_what_tells_too_much(dict.fromkeys(job.run.folder for job in ends if job.run))
    rows = [row for job, s in zip(ends, settings, strict=True) for row in _rows(job, s)]
    table = pd.DataFrame(rows)
    if rows:
        # where no figure has an interval the column would hold no numbers at all
        table[list(_NUMBERS)] = table[list(_NUMBERS)].astype("float64")
    failed = [
        {**setting, "error": _error(job)}
        for job, setting in zip(ends, settings, strict=True)
        if job.run is None
    ]
    folder = reports_folder() / "sweeps" / (name or f"{target}_{hash_of(dict(grid))[:8]}")
    runs, lacking = [job.run for job in ends], [_lacks_data(job) for job in ends]
    failures = pd.DataFrame(failed)
    done = Sweep(target, list(grid), table, failures, folder, len(settings), runs, lacking)
    if rows:
        write_csv(done.figures, folder / "figures.csv")
        write_parquet(done.figures, folder / "figures.parquet")
    return done


def _place(scheduler: str, jobs: int) -> AbstractContextManager[Starter]:
    if not scheduler:
        return this_machine(jobs)
    from analysis.runs.cluster import workers_of

    return workers_of(scheduler, jobs)


def _add_jobs(work: dict[str, Job], planned: Mapping[str, dict], setting: Setting) -> Job:
    """Jobs of one setting; one that another setting has too is shared."""
    known = all_notebooks()
    keys: dict[str, str] = {}
    label = " ".join(f"{name}={value}" for name, value in setting.items())
    for name, values in planned.items():
        needed = [keys[other] for other in known[name].needs]
        keys[name] = key = hash_of([name, values, needed])
        if key not in work:
            varied = {p.name for p in known[name].parameters} & set(setting)
            about = f"{name} {label}" if varied else name
            work[key] = Job(known[name], values, [work[other] for other in needed], label=about)
    return work[key]


def _error(job: Job) -> str:
    """Why a job has no run: its own error or that of what it needs."""
    if job.error:
        return job.error
    causes = [f"{need.notebook.name}: {_error(need)}" for need in job.needs if need.run is None]
    return "; ".join(causes)


def _lacks_data(job: Job) -> bool:
    """Whether a job, or every job that it needs and that failed, lacks nothing but data."""
    failed = [need for need in job.needs if need.run is None]
    return job.lacks_data or (bool(failed) and all(map(_lacks_data, failed)))


def _rows(job: Job, setting: Setting) -> list[dict[str, object]]:
    if job.run is None:
        return []
    return [
        {
            **{name: job.values.get(name, value) for name, value in setting.items()},
            "run": job.run.id,
            "figure": figure.name,
            "estimate": figure.estimate,
            "standard_error": figure.standard_error,
            "interval_low": figure.interval[0] if figure.interval else None,
            "interval_high": figure.interval[1] if figure.interval else None,
            "n": figure.n,
            "unit": figure.unit,
        }
        for figure in read_key_figures(job.run.folder / "figures.json")
    ]
