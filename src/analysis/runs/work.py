"""Working off notebooks that need one another: what is there is taken, the rest is run."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis.errors import DISK_FULL, is_disk_full
from analysis.parameters import Notebook, Value
from analysis.paths import processed_folder, runs_folder
from analysis.runs.changes import in_short, why_stale
from analysis.runs.identity import Identity, framework_stamp, hash_of, identity_of
from analysis.runs.local_run import Starter, Under
from analysis.runs.locks import Lock
from analysis.runs.place import run_record
from analysis.runs.store import StoredRun, find, read_run

Report = Callable[[str], None]


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
    # whether the data at hand were all that it failed for
    lacks_data: bool = False
    identity: Identity | None = None
    under: Under | None = None
    locks: list[Lock] = field(default_factory=list)
    started: float = 0.0
    progress: str = ""
    waits: bool = False

    @property
    def framework_file(self) -> str:
        """Framework of the request; empty for the default one."""
        return str(self.values.get("framework", ""))


def work_off(jobs: Sequence[Job], report: Report, place: Starter, *, force: bool = False) -> None:
    """Bring every job to an end: ``fresh``, ``done``, ``failed`` or ``skipped``.

    Parameters
    ----------
    jobs : sequence of Job
        Each after what it needs.
    report : callable
        Receives lines of progress.
    place : Starter
        Where notebooks are run, and how many at a time.
    force : bool
        Run also what is there.

    Examples
    --------
    >>> import errno
    >>> class FullDisk:
    ...     at_once = 1
    ...     def start(self, request, held):
    ...         raise OSError(errno.ENOSPC, "no room")
    >>> notebook = Notebook("07_own", Path("07_own.ipynb"), "Own", (), (), (), "")
    >>> first = Job(notebook, {}, [], label="first")
    >>> second = Job(notebook, {}, [first], label="second")
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> with TemporaryDirectory() as folder, patch.dict("os.environ", WORKBENCH_OUTPUT=folder):
    ...     work_off([first, second], print, FullDisk())
    first: FAILED. the disk is full; ...
    second: skipped, since a notebook that it needs failed
    >>> first.state, second.state
    ('failed', 'skipped')
    """
    try:
        while unfinished := [job for job in jobs if job.state in ("waiting", "running")]:
            for job in unfinished:
                if job.state == "running":
                    _collect(job, report)
                elif any(need.state in ("failed", "skipped") for need in job.needs):
                    job.state = "skipped"
                    report(f"{job.label}: skipped, since a notebook that it needs failed")
                elif all(need.state in ("done", "fresh") for need in job.needs):
                    _take_or_start(job, jobs, report, place, force=force)
            time.sleep(0.05 if any(job.state == "running" for job in jobs) else 0.001)
    finally:
        for job in jobs:
            _clear(job)


def _take_or_start(
    job: Job, jobs: Sequence[Job], report: Report, place: Starter, *, force: bool
) -> None:
    if job.identity is None:
        needed = {need.notebook.name: need.run.result for need in job.needs if need.run}
        job.identity = identity_of(job.notebook, job.values, needed)
        if not force and _is_there(job, report):
            return
    if sum(other.state == "running" for other in jobs) >= place.at_once:
        return
    # runs of two frameworks have one base, and need not wait for each other
    whole = hash_of([job.identity.base, framework_stamp(job.framework_file)])
    lock = Lock(runs_folder() / ".locks" / whole)
    if not lock.take():
        if not job.waits:
            report(f"{job.label}: the same run is under way in another process; waiting for it")
            job.waits = True
        return
    job.locks.append(lock)
    # another process may have completed it since we looked
    if force or not _is_there(job, report):
        _start(job, jobs, report, place)
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


def _start(job: Job, jobs: Sequence[Job], report: Report, place: Starter) -> None:
    assert job.identity is not None
    request = {
        "name": job.notebook.name,
        "values": job.values,
        "parts": job.identity.parts,
        "framework_stamp": framework_stamp(job.framework_file),
        "earlier": {n.notebook.name: str(n.run.folder) for n in job.needs if n.run},
        "runs": str(runs_folder()),
        # files of a user's own are named from where the command was given
        "folder": str(Path.cwd()),
    }
    try:
        job.under = place.start(request, [lock.handle for lock in job.locks])
    except OSError as error:
        if not is_disk_full(error):
            raise
        _fail(job, report, DISK_FULL)
        return
    job.started, job.state = time.monotonic(), "running"
    begun = sum(other.state != "waiting" for other in jobs)
    left = _seconds_left([j for j in jobs if j.state in ("waiting", "running")], place.at_once)
    report(f"{job.label}: started ({begun} of {len(jobs)}{left}){_since(job)}")


def _since(job: Job) -> str:
    """Why the results that lie there no longer stand, where some do."""
    last = read_run(processed_folder() / job.notebook.name)
    if last is None or job.identity is None:
        return ""
    changed = why_stale(last, job.identity, job.framework_file)
    return f", since {in_short(changed)}" if changed else ""


def _seconds_left(jobs: list[Job], at_once: int) -> str:
    """How long the rest takes by what each took last, or that one has never run here."""
    records = [run_record(job.notebook.name) for job in jobs]
    # a first run may read thousands of texts: a guess would be wrong by minutes
    if not all(records):
        return ", time left known after a first run"
    return f", about {sum(float(record['seconds']) for record in records) / at_once:.0f} s left"


def _collect(job: Job, report: Report) -> None:
    assert job.under is not None
    # the folder of a run that has just ended is gone, and with it the line
    if (line := job.under.progress()) and line != job.progress:
        job.progress = line
        report(f"{job.label}: {line}")
    if not job.under.has_ended():
        return
    outcome = job.under.outcome()
    seconds = time.monotonic() - job.started
    job.run = read_run(Path(outcome["folder"])) if outcome["ok"] else None
    if job.run:
        job.state = "done"
        report(f"{job.label}: done in {seconds:.1f} s")
        if job.run.record["differs"]:
            report(f"{job.label}: the same inputs gave other results before: it is not repeatable")
    else:
        job.lacks_data = bool(outcome.get("lacking"))
        unseen = f"its results in {outcome.get('folder')} cannot be seen from here"
        _fail(job, report, outcome.get("error", unseen), f" after {seconds:.1f} s")
    _clear(job)


def _fail(job: Job, report: Report, error: str, when: str = "") -> None:
    job.state, job.error = "failed", error
    report(f"{job.label}: FAILED{when}. {error}")
    _clear(job)


def _clear(job: Job) -> None:
    if job.under:
        job.under.close()
        job.under = None
    for lock in job.locks:
        lock.release()
    job.locks = []
