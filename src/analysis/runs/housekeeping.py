"""Which runs are kept, how much room they take, and cleaning up those of long ago."""

import re
import time
from datetime import timedelta
from pathlib import Path

from analysis.errors import WorkbenchError
from analysis.parameters import all_notebooks
from analysis.paths import runs_folder
from analysis.runs.locks import Lock
from analysis.runs.named import named_runs
from analysis.runs.place import run_record
from analysis.runs.store import StoredRun, all_runs, remove, run_folders, sweep_abandoned
from analysis.runs.work import Report

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _size(count: float) -> str:
    """A number of bytes in words.

    Parameters
    ----------
    count : float
        Bytes.

    Examples
    --------
    >>> _size(1_530), _size(46_400_000)
    ('1.5 kB', '46.4 MB')
    """
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError


def list_runs(report: Report) -> None:
    """Report every run that is kept: id, when, size, names and what is not by default.

    Parameters
    ----------
    report : callable
        Called with each line.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> with TemporaryDirectory() as folder, patch.dict("os.environ", WORKBENCH_OUTPUT=folder):
    ...     list_runs(print)
    0 runs, 0 bytes, in ...runs
    """
    names: dict[str, list[str]] = {}
    for name, ids in named_runs().items():
        for run_id in ids.values():
            names.setdefault(run_id, []).append(name)
    total, count = 0, 0
    for run in all_runs():
        marks = [*names.get(run.id, []), *(["current"] if _is_current(run.folder) else [])]
        about = f" [{', '.join(marks)}]" if marks else ""
        when = f"{run.record['ended'][:16].replace('T', ' ')}, {run.record['seconds']} s"
        report(f"{run.id}  {run.notebook}  {when}, {_size(run.bytes)}{about}{_given(run)}")
        total, count = total + run.bytes, count + 1
    report(f"{count} runs, {_size(total)}, in {runs_folder()}")


def _is_current(folder: Path) -> bool:
    return run_record(folder.parent.name).get("id") == folder.name


def _given(run: StoredRun) -> str:
    """Parameters that are not the notebook's defaults."""
    notebook = all_notebooks().get(run.notebook)
    declared = notebook.parameters if notebook else ()
    defaults = {parameter.name: parameter.default for parameter in declared}
    given = run.record["parameters"].items()
    words = [f"{name}={value}" for name, value in given if value != defaults.get(name)]
    return f"  {' '.join(words)}" if words else ""


def _age_of(text: str) -> timedelta:
    """A length of time from its short form.

    Raises
    ------
    WorkbenchError
        For a text that is no number with s, m, h, d or w.

    Examples
    --------
    >>> _age_of("36h")
    datetime.timedelta(days=1, seconds=43200)
    """
    match = re.fullmatch(r"(\d+)([smhdw])", text)
    if not match:
        raise WorkbenchError(
            f"--older-than {text}: no length of time",
            "Write a number and s, m, h, d or w, as in 30d.",
        )
    try:
        return timedelta(**{_UNITS[match[2]]: int(match[1])})
    except (OverflowError, ValueError):
        raise WorkbenchError(f"--older-than {text}: too long", "Write it as in 30d.") from None


def clean(older_than: str, report: Report) -> None:
    """Remove runs that were last used before some time; what lies in place or is named stays.

    Parameters
    ----------
    older_than : str
        A number and s, m, h, d or w, as in ``30d``.
    report : callable
        Receives a line on what was removed.

    Raises
    ------
    WorkbenchError
        For a length of time that is none, and while another command runs notebooks.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> with TemporaryDirectory() as folder, patch.dict("os.environ", WORKBENCH_OUTPUT=folder):
    ...     clean("30d", print)
    0 runs removed, 0 bytes freed
    >>> clean("soon", print)
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: --older-than soon: no length of time. Write a number ...
    """
    limit = time.time() - _age_of(older_than).total_seconds()
    work = Lock(runs_folder() / ".locks" / "work")
    if not work.take():
        raise WorkbenchError("notebooks are running", "Clean when they have ended.")
    try:
        left = sweep_abandoned()
        named = {run_id for ids in named_runs().values() for run_id in ids.values()}
        gone = [
            folder
            for folder in run_folders()
            if not _is_current(folder) and folder.name not in named and _used(folder) <= limit
        ]
        freed = sum(_bytes_of_its_own(folder) for folder in gone)
        for folder in gone:
            remove(folder)
        for lock in (runs_folder() / ".locks").iterdir():
            if lock.name not in ("work", "place"):
                lock.unlink(missing_ok=True)
    finally:
        work.release()
    swept = f" and {left} that a killed process had left" if left else ""
    report(f"{len(gone)} runs removed{swept}, {_size(freed)} freed")


def _used(folder: Path) -> float:
    return folder.stat().st_mtime


def _bytes_of_its_own(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.stat().st_nlink == 1)
