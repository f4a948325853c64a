"""The main job: fetch what is needed, run what is stale, in parallel where the graph allows."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis import sources, tables
from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.parameters import Notebook, Value, all_notebooks, checked_values, find_notebook
from analysis.paths import processed_folder, reports_folder
from analysis.runs.graph import fingerprint, is_fresh, package_hash, run_record, with_ancestors

Report = Callable[[str], None]
_GUESS_SECONDS = 20.0


@dataclass
class Job:
    """A notebook to run: its values and identity, and its process while it runs."""

    notebook: Notebook
    values: dict[str, Value]
    identity: str
    staging: Path = field(default_factory=Path)
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    progress: str = ""


def plan(names: list[str], given: dict[str, Any]) -> dict[str, dict[str, Value]]:
    """Which notebooks a request covers, and every parameter of each.

    Parameters
    ----------
    names : list of str
        Names, numbers or paths; empty for all. What they need is added.
    given : dict
        Parameters by name: each goes to every covered notebook that declares it.

    Returns
    -------
    dict of str to dict
        In the order of the graph.

    Raises
    ------
    WorkbenchError
        Unknown notebook, a parameter that none of them declares, a bad value.
    """
    wanted = [find_notebook(name).name for name in names] or list(all_notebooks())
    known = all_notebooks()
    covered = with_ancestors(wanted)
    declared = {p.name for name in covered for p in known[name].parameters}
    if unknown := [name for name in given if name not in declared]:
        # the error for the notebook that was asked for lists what it does declare
        checked_values(known[wanted[-1]], {unknown[0]: given[unknown[0]]})
    result = {}
    for name in covered:
        own = {p.name for p in known[name].parameters}
        result[name] = checked_values(known[name], {k: v for k, v in given.items() if k in own})
    for values in result.values():
        load_framework(str(values.get("framework", "")))
    return result


def run(
    names: list[str],
    given: dict[str, Any],
    report: Report,
    *,
    force: bool = False,
    jobs: int = 0,
) -> bool:
    """Run what is stale among the named notebooks and what they need.

    Parameters
    ----------
    names, given
        As for :func:`plan`.
    report : callable
        Receives lines of progress.
    force : bool
        Run also what is fresh.
    jobs : int
        Notebooks at a time; 0 for the number of cores, at most 4.

    Returns
    -------
    bool
        True when all succeeded. A failure leaves that notebook's earlier results as they were,
        skips only what needs it, and the rest goes on.
    """
    planned = plan(names, given)
    known = all_notebooks()
    wanted = dict.fromkeys(
        s for name in planned for t in known[name].tables for s in tables.sources_of(t)
    )
    if missing := [s for s in wanted if not sources.at_hand(s)]:
        report(f"Fetching {len(missing)} of {len(wanted)} sources")
        sources.fetch(missing, report)
    package = package_hash()
    state: dict[str, str] = {}
    waiting: dict[str, Job] = {}
    identities: dict[str, str] = {}
    for name, values in planned.items():
        needed = {other: identities[other] for other in known[name].needs}
        identities[name] = fingerprint(known[name], values, needed, package)
        if not force and is_fresh(name, identities[name]):
            state[name] = "fresh"
            report(f"{name}: nothing changed")
        else:
            waiting[name] = Job(known[name], values, identities[name])
    _work_off(waiting, state, report, jobs or min(4, os.cpu_count() or 1))
    if "done" in state.values() or ("fresh" in state.values() and not _index_path().is_file()):
        write_index()
        report(f"Index: {_index_path()}")
    return all(outcome in ("done", "fresh") for outcome in state.values())


def _work_off(waiting: dict[str, Job], state: dict[str, str], report: Report, jobs: int) -> None:
    running: dict[str, Job] = {}
    total = len(waiting)
    try:
        while waiting or running:
            for name in list(waiting):
                needs = [state.get(other, "waiting") for other in waiting[name].notebook.needs]
                if "failed" in needs or "skipped" in needs:
                    state[name] = "skipped"
                    report(f"{name}: skipped, since a notebook that it needs failed")
                    del waiting[name]
                elif len(running) < jobs and all(n in ("done", "fresh") for n in needs):
                    running[name] = _start(waiting.pop(name))
                    left = _seconds_left([*waiting.values(), *running.values()], jobs)
                    report(f"{name}: started ({total - len(waiting)} of {total}, {left})")
            _collect(running, state, report)
            time.sleep(0.05)
    finally:
        for job in running.values():
            if job.process:
                job.process.kill()
            shutil.rmtree(job.staging, ignore_errors=True)


def _seconds_left(jobs: list[Job], at_once: int) -> str:
    expected = sum(
        float(run_record(job.notebook.name).get("seconds", _GUESS_SECONDS)) for job in jobs
    )
    return f"about {expected / at_once:.0f} s left"


def _start(job: Job) -> Job:
    processed_folder().mkdir(parents=True, exist_ok=True)
    job.staging = Path(tempfile.mkdtemp(dir=processed_folder(), prefix=f".{job.notebook.name}-"))
    request = {
        "name": job.notebook.name,
        "values": job.values,
        "fingerprint": job.identity,
        "staging": str(job.staging),
    }
    handle, path = tempfile.mkstemp(suffix=".json")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(request, file)
    environment = {
        **os.environ,
        "WORKBENCH_OFFLINE": "1",
        "MPLBACKEND": "agg",
        # several kernels share the cores; spinning threads of a math library slow all of them
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    job.started = time.monotonic()
    job.process = subprocess.Popen(
        [sys.executable, "-m", "analysis.runs.execute", path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    return job


def _collect(running: dict[str, Job], state: dict[str, str], report: Report) -> None:
    for name, job in list(running.items()):
        assert job.process is not None
        progress = job.staging / "progress.txt"
        if progress.is_file() and (line := progress.read_text("utf-8")) != job.progress:
            job.progress = line
            report(f"{name}: {line}")
        if job.process.poll() is None:
            continue
        output, errors = job.process.communicate()
        outcome = _outcome(output, errors)
        state[name] = "done" if outcome["ok"] else "failed"
        seconds = time.monotonic() - job.started
        if outcome["ok"]:
            report(f"{name}: done in {seconds:.1f} s")
        else:
            report(f"{name}: FAILED after {seconds:.1f} s. {outcome['error']}")
        shutil.rmtree(job.staging, ignore_errors=True)
        Path(job.process.args[-1]).unlink(missing_ok=True)  # type: ignore[index, arg-type]
        del running[name]


def _outcome(output: str, errors: str) -> dict[str, Any]:
    try:
        return dict(json.loads(output.strip().splitlines()[-1]))
    except (IndexError, ValueError):
        last = (errors.strip().splitlines() or ["no message"])[-1]
        return {"ok": False, "error": f"the process of the notebook ended: {last}"}


def _index_path() -> Path:
    return reports_folder() / "index.html"


def write_index() -> None:
    """Write ``reports/index.html`` over all notebooks that have results."""
    from analysis.reports.page import code_version, render_index

    records = []
    for name in all_notebooks():
        path = processed_folder() / name / "study.json"
        if path.is_file():
            records.append(json.loads(path.read_text("utf-8")))
    if not records:
        raise WorkbenchError("no notebook has results", "Run 'workbench run' first.")
    write_text(_index_path(), render_index(records, code_version()))
