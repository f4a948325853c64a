"""Working off notebooks that need one another: what is there is taken, the rest is run."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.errors import DISK_FULL, is_disk_full
from analysis.parameters import Notebook, Value
from analysis.paths import processed_folder, runs_folder
from analysis.runs.changes import in_short, why_stale
from analysis.runs.forks import Forks, forks
from analysis.runs.identity import Identity, framework_stamp, identity_of
from analysis.runs.locks import Lock
from analysis.runs.place import run_record
from analysis.runs.store import StoredRun, find, new_building, read_run

Report = Callable[[str], None]
_GUESS_SECONDS = 20.0


@dataclass(eq=False)
class Job:
    """A notebook with its parameters, what it needs, and how far it has come."""

    notebook: Notebook
    values: dict[str, Value]
    needs: list["Job"]
    label: str
    state: str = "waiting"
    run: StoredRun | None = None
    error: str = ""
    identity: Identity | None = None
    building: Path | None = None
    locks: list[Lock] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    progress: str = ""
    waits: bool = False

    @property
    def framework_file(self) -> str:
        """Framework of the request; empty for the default one."""
        return str(self.values.get("framework", ""))


def work_off(jobs: Sequence[Job], report: Report, at_once: int, *, force: bool = False) -> None:
    """Bring every job to an end: ``fresh``, ``done``, ``failed`` or ``skipped``.

    Parameters
    ----------
    jobs : sequence of Job
        Each after what it needs.
    report : callable
        Receives lines of progress.
    at_once : int
        Notebooks at a time.
    force : bool
        Run also what is there.
    """
    with forks({**os.environ, "WORKBENCH_OFFLINE": "1"}) as processes:
        try:
            while unfinished := [job for job in jobs if job.state in ("waiting", "running")]:
                for job in unfinished:
                    if job.state == "running":
                        _collect(job, report)
                    elif any(need.state in ("failed", "skipped") for need in job.needs):
                        job.state = "skipped"
                        report(f"{job.label}: skipped, since a notebook that it needs failed")
                    elif all(need.state in ("done", "fresh") for need in job.needs):
                        _take_or_start(job, jobs, report, at_once, processes, force=force)
                time.sleep(0.05 if any(job.state == "running" for job in jobs) else 0.001)
        finally:
            for job in jobs:
                if job.process and job.state == "running":
                    job.process.kill()
                    job.process.wait()
                _clear(job)


def _take_or_start(
    job: Job, jobs: Sequence[Job], report: Report, at_once: int, processes: Forks, *, force: bool
) -> None:
    if job.identity is None:
        needed = {need.notebook.name: need.run.result for need in job.needs if need.run}
        job.identity = identity_of(job.notebook, job.values, needed)
        if not force and _is_there(job, report):
            return
    if sum(other.state == "running" for other in jobs) >= at_once:
        return
    lock = Lock(runs_folder() / ".locks" / job.identity.base)
    if not lock.take():
        if not job.waits:
            report(f"{job.label}: the same run is under way in another process; waiting for it")
            job.waits = True
        return
    job.locks.append(lock)
    # another process may have completed it since we looked
    if force or not _is_there(job, report):
        _start(job, jobs, report, at_once, processes)
    else:
        _clear(job)


def _is_there(job: Job, report: Report) -> bool:
    assert job.identity is not None
    job.run = find(job.notebook.name, job.identity.base, job.framework_file)
    if job.run is None:
        return False
    job.state = "fresh"
    same = run_record(job.notebook.name).get("id") == job.run.id
    report(f"{job.label}: " + ("nothing changed" if same else f"as in run {job.run.id}"))
    return True


def _start(
    job: Job, jobs: Sequence[Job], report: Report, at_once: int, processes: Forks
) -> None:
    assert job.identity is not None
    try:
        job.building, lock = new_building(job.notebook.name)
    except OSError as error:
        if not is_disk_full(error):
            raise
        _fail(job, report, DISK_FULL)
        return
    job.locks.append(lock)
    request = {
        "name": job.notebook.name,
        "values": job.values,
        "parts": job.identity.parts,
        "framework_stamp": framework_stamp(job.framework_file),
        "building": str(job.building),
        "earlier": {n.notebook.name: str(n.run.folder) for n in job.needs if n.run},
    }
    job.started, job.state = time.monotonic(), "running"
    # the process shares our locks: they fall when both have ended
    held = [lock.handle for lock in job.locks]
    processes.start()
    job.process = subprocess.Popen(
        processes.command("analysis.runs.execute", held=held),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=processes.environment,
        pass_fds=held,
    )
    assert job.process.stdin is not None
    job.process.stdin.write(json.dumps(request))
    job.process.stdin.close()
    job.process.stdin = None
    begun = sum(other.state != "waiting" for other in jobs)
    left = _seconds_left([j for j in jobs if j.state in ("waiting", "running")], at_once)
    report(f"{job.label}: started ({begun} of {len(jobs)}, {left}){_since(job)}")


def _since(job: Job) -> str:
    """Why the results that lie there no longer stand, where some do."""
    last = read_run(processed_folder() / job.notebook.name)
    if last is None or job.identity is None:
        return ""
    changed = why_stale(last, job.identity, job.framework_file)
    return f", since {in_short(changed)}" if changed else ""


def _seconds_left(jobs: list[Job], at_once: int) -> str:
    expected = sum(
        float(run_record(job.notebook.name).get("seconds", _GUESS_SECONDS)) for job in jobs
    )
    return f"at most {expected / at_once:.0f} s left"


def _collect(job: Job, report: Report) -> None:
    assert job.process is not None
    assert job.building is not None
    progress = job.building / "progress.txt"
    if progress.is_file() and (line := progress.read_text("utf-8")) != job.progress:
        job.progress = line
        report(f"{job.label}: {line}")
    if job.process.poll() is None:
        return
    output, errors = job.process.communicate()
    outcome = _outcome(output, errors)
    seconds = time.monotonic() - job.started
    if outcome["ok"]:
        job.state, job.run = "done", read_run(Path(outcome["folder"]))
        assert job.run is not None
        report(f"{job.label}: done in {seconds:.1f} s")
        if job.run.record["differs"]:
            report(f"{job.label}: the same inputs gave other results before: it is not repeatable")
    else:
        _fail(job, report, outcome["error"], f" after {seconds:.1f} s")
    _clear(job)


def _fail(job: Job, report: Report, error: str, when: str = "") -> None:
    job.state, job.error = "failed", error
    report(f"{job.label}: FAILED{when}. {error}")
    _clear(job)


def _clear(job: Job) -> None:
    if job.building is not None and job.state != "done":
        shutil.rmtree(job.building, ignore_errors=True)
    for lock in job.locks:
        lock.release()
    job.locks = []


def _outcome(output: str, errors: str) -> dict[str, Any]:
    try:
        return dict(json.loads(output.strip().splitlines()[-1]))
    except (IndexError, ValueError):
        last = (errors.strip().splitlines() or ["no message"])[-1]
        return {"ok": False, "error": f"the process of the notebook ended: {last}"}
