"""Every run in a folder of its own, found again by what it was made from.

``data/runs/<notebook>/<id>`` holds tables, figures, report, the framework file and ``run.json``
(parameters, framework values that were read, hashes of data and code, package versions, commit,
seed, times). A run is built in a folder beside it and moved into place whole; what a killed process
left behind is swept away by the next one.
"""

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import sources
from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.paths import runs_folder
from analysis.plain_data import read_json
from analysis.runs.identity import hash_of, still_stands
from analysis.runs.locks import Lock, holding
from analysis.runs.record import is_whole_record

RECORD = "run.json"
_BUILDING = ".building-"
_LOCK = "building.lock"
# what another notebook may read of a run
_RESULTS = (".parquet", "figures.json", "study.json")


@dataclass(frozen=True)
class StoredRun:
    """A run that was completed."""

    notebook: str
    id: str
    folder: Path
    record: dict[str, Any]

    @property
    def result(self) -> str:
        """Hash of its results (tables, figures, record of the study)."""
        return str(self.record["result"])

    @property
    def bytes(self) -> int:
        """Size of its folder."""
        return sum(path.stat().st_size for path in self.folder.iterdir())


def new_building(notebook: str, runs: Path) -> tuple[Path, Lock]:
    """Empty folder for a run under way, with the lock that says that somebody is at work in it.

    Parameters
    ----------
    notebook : str
    runs : Path
        Folder of all runs.

    Returns
    -------
    tuple of (Path, Lock)
        The lock is taken.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder, lock = new_building("07_own", Path(place))
    ...     folder.parent.name, Lock(folder / "building.lock").take()
    ...     lock.release()
    ('07_own', False)
    """
    place = runs / notebook
    place.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=place, prefix=_BUILDING))
    lock = Lock(folder / _LOCK)
    lock.take()
    return folder, lock


def sweep_abandoned() -> int:
    """Remove folders of runs whose process was killed; gives their number.

    Returns
    -------
    int

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as place, patch.dict(os.environ, WORKBENCH_OUTPUT=place):
    ...     _, lock = new_building("07_own", runs_folder())
    ...     at_work = sweep_abandoned()
    ...     lock.release()
    ...     at_work, sweep_abandoned()
    (0, 1)
    """
    count = 0
    for folder in runs_folder().glob(f"*/{_BUILDING}*"):
        lock = Lock(folder / _LOCK)
        # one that was made a moment ago may not have its lock yet
        age = time.time() - folder.stat().st_mtime if folder.is_dir() else 0.0
        if ((folder / _LOCK).exists() or age > 60) and lock.take():
            shutil.rmtree(folder, ignore_errors=True)
            lock.release()
            count += 1
    return count


def _result_hash(folder: Path) -> str:
    """Hash of what another notebook may read of a run: its tables, figures and study."""
    files = sorted(p for p in folder.iterdir() if p.name.endswith(_RESULTS))
    return hash_of([[path.name, sources.sha256_of(path)] for path in files])


def run_id(base: str, traced: dict[str, Any]) -> str:
    """Id of a run: ten letters of what was known before, six of what was read.

    Parameters
    ----------
    base : str
        Hash of its identity.
    traced : dict
        As :func:`analysis.runs.identity.traced_by` gives it.

    Returns
    -------
    str

    Examples
    --------
    >>> run_id("0123456789abcdef", {})
    '012345678944136f'
    """
    return base[:10] + hash_of(traced)[:6]


def keep(folder: Path, record: dict[str, Any]) -> StoredRun:
    """Complete a run's record and move its folder to its place, whole.

    Parameters
    ----------
    folder : Path
        As :func:`new_building` gave it, with all results.
    record : dict
        As :func:`analysis.runs.record.new_record` gives it.

    Returns
    -------
    StoredRun
        ``record["differs"]`` is True where a run with the same identity was there with other
        results; it gives way to the new one.

    Examples
    --------
    >>> from analysis.runs.record import new_record
    >>> record = new_record("07_own")
    >>> with tempfile.TemporaryDirectory() as place:
    ...     for estimate in ("1", "1", "2"):
    ...         folder, lock = new_building("07_own", Path(place))
    ...         _ = (folder / "figures.json").write_text(estimate)
    ...         run = keep(folder, record)
    ...         lock.release()
    ...         run.id[:10] == record["base"][:10], run.record["differs"]
    (True, False)
    (True, False)
    (True, True)
    """
    identity = run_id(record["base"], record["traced"])
    # two frameworks that differ in nothing that was read may give one run at the same moment
    with holding(folder.parents[1] / ".locks" / f"keep-{identity}"):
        return _moved(folder, {**record, "id": identity})


def _moved(folder: Path, record: dict[str, Any]) -> StoredRun:
    target = folder.with_name(record["id"])
    result = _result_hash(folder)
    earlier = read_run(target)
    outputs = {
        path.name: {"bytes": path.stat().st_size, "sha256": sources.sha256_of(path)}
        for path in sorted(folder.iterdir())
        if path.name not in (_LOCK, RECORD)
    }
    differs = earlier is not None and earlier.result != result
    whole = {**record, "result": result, "differs": differs, "outputs": outputs}
    write_text(folder / RECORD, json.dumps(whole, indent=1, ensure_ascii=False))
    (folder / _LOCK).unlink(missing_ok=True)
    folder.chmod(0o755)
    if target.exists():
        old = Path(tempfile.mkdtemp(dir=folder.parent, prefix=_BUILDING))
        target.replace(old)
        folder.replace(target)
        shutil.rmtree(old, ignore_errors=True)
    else:
        folder.replace(target)
    return StoredRun(record["notebook"], record["id"], target, whole)


def read_run(folder: Path) -> StoredRun | None:
    """The run of a folder, or None where none lies there with a whole record.

    Parameters
    ----------
    folder : Path
        With ``run.json``.

    Returns
    -------
    StoredRun or None
        None also for a run that an earlier workbench recorded in another way, or whose record was
        spoiled: there is nothing to hold against it, and it is run anew.

    Examples
    --------
    >>> from analysis.runs.record import new_record
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder, lock = new_building("07_own", Path(place))
    ...     run = keep(folder, new_record("07_own"))
    ...     lock.release()
    ...     whole = read_run(run.folder) == run
    ...     _ = (run.folder / "run.json").write_text('{"notebook": "07_own", "id": "a1"}')
    ...     whole, read_run(run.folder)
    (True, None)
    """
    try:
        record = read_json(folder / RECORD, dict, "Run again.")
    except WorkbenchError:
        return None
    if not is_whole_record(record):
        return None
    return StoredRun(record["notebook"], record["id"], folder, record)


def find(notebook: str, base: str, framework_file: str) -> StoredRun | None:
    """A whole run with this identity whose every reading still stands, or None.

    A run whose files were changed since is removed: it cannot be relied on.

    Parameters
    ----------
    notebook : str
    base : str
        Hash of the identity (:attr:`analysis.runs.identity.Identity.base`).
    framework_file : str
        Of the request; empty for the default one.

    Returns
    -------
    StoredRun or None

    Examples
    --------
    >>> from unittest.mock import patch
    >>> from analysis.runs.record import new_record
    >>> record = new_record("07_own")
    >>> with tempfile.TemporaryDirectory() as place, patch.dict(os.environ, WORKBENCH_OUTPUT=place):
    ...     folder, lock = new_building("07_own", runs_folder())
    ...     run = keep(folder, record)
    ...     lock.release()
    ...     find("07_own", record["base"], "") == run, find("07_own", "1" * 64, "")
    (True, None)
    """
    for folder in sorted((runs_folder() / notebook).glob(f"{base[:10]}*")):
        run = read_run(folder)
        if run is None or run.record["base"] != base:
            continue
        if not still_stands(run.record["traced"], framework_file):
            continue
        if is_whole(run):
            os.utime(folder)
            return run
        remove(run.folder)
    return None


def is_whole(run: StoredRun) -> bool:
    """Whether every file of a run is there as it was written.

    Parameters
    ----------
    run : StoredRun

    Returns
    -------
    bool
        A file is read again only where it is younger than the record.

    Examples
    --------
    >>> from analysis.runs.record import new_record
    >>> record = new_record("07_own")
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder, lock = new_building("07_own", Path(place))
    ...     _ = (folder / "table.csv").write_text("people\\n40\\n")
    ...     run = keep(folder, record)
    ...     lock.release()
    ...     before = is_whole(run)
    ...     _ = (run.folder / "table.csv").write_text("people\\n4\\n")
    ...     before, is_whole(run)
    (True, False)
    """
    written = (run.folder / RECORD).stat().st_mtime_ns
    for name, expected in run.record["outputs"].items():
        path = run.folder / name
        if not path.is_file() or path.stat().st_size != expected["bytes"]:
            return False
        if path.stat().st_mtime_ns > written and sources.sha256_of(path) != expected["sha256"]:
            return False
    return True


def all_runs() -> Iterator[StoredRun]:
    """Every completed run, by notebook, the one used last first.

    Yields
    ------
    StoredRun

    Examples
    --------
    >>> from unittest.mock import patch
    >>> from analysis.runs.record import new_record
    >>> with tempfile.TemporaryDirectory() as place, patch.dict(os.environ, WORKBENCH_OUTPUT=place):
    ...     for name in ("07_own", "08_more"):
    ...         folder, lock = new_building(name, runs_folder())
    ...         _ = keep(folder, new_record(name))
    ...         lock.release()
    ...     [run.notebook for run in all_runs()]
    ['07_own', '08_more']
    """
    for folder in run_folders():
        if run := read_run(folder):
            yield run


def run_folders() -> Iterator[Path]:
    """Folder of everything in the store that was kept, whether its record is whole or not.

    Yields
    ------
    Path
        By notebook, the one used last first; named by the id of the run.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with tempfile.TemporaryDirectory() as place, patch.dict(os.environ, WORKBENCH_OUTPUT=place):
    ...     write_text(runs_folder() / "07_own" / "a1" / "run.json", "{}")
    ...     [folder.name for folder in run_folders()], list(all_runs())
    (['a1'], [])
    """
    for place in sorted(path for path in runs_folder().glob("*") if path.is_dir()):
        folders = [file.parent for file in place.glob(f"*/{RECORD}") if file.is_file()]
        kept = [folder for folder in folders if not folder.name.startswith(".")]
        yield from sorted(kept, key=lambda folder: -folder.stat().st_mtime)


def remove(folder: Path) -> None:
    """Remove the folder of a run: first out of sight, then from the disk.

    Parameters
    ----------
    folder : Path
        One that is gone already is no error.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder = Path(place) / "a1"
    ...     folder.mkdir()
    ...     remove(folder)
    ...     folder.exists()
    False
    """
    with contextlib.suppress(FileNotFoundError):
        gone = folder.with_name(f"{_BUILDING}{folder.name}-{os.getpid()}")
        folder.replace(gone)
        shutil.rmtree(gone, ignore_errors=True)
