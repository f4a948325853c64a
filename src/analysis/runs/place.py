"""Which run's results lie in ``data/processed`` and ``reports``, and putting another's there."""

import os
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from analysis.paths import processed_folder, reports_folder, runs_folder
from analysis.runs.locks import holding
from analysis.runs.store import RECORD, StoredRun, read_run
from analysis.runs.together import refuse_what_tells_too_much

_PAGE = "report.html"


def run_record(name: str) -> dict[str, Any]:
    """Record of the run of a notebook whose results lie in ``data/processed``, or an empty one.

    Parameters
    ----------
    name : str
        Full name of the notebook.

    Returns
    -------
    dict
        As in its ``run.json``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> with TemporaryDirectory() as folder, patch.dict(os.environ, WORKBENCH_OUTPUT=folder):
    ...     run_record("05_tier_calibration")
    {}
    """
    placed = read_run(processed_folder() / name)
    return placed.record if placed else {}


def put_in_place(runs: Iterable[StoredRun]) -> None:
    """Make the results of runs those that lie in ``data/processed`` and ``reports``.

    Files are linked, so that a second copy takes no room, and each folder is swapped whole. All
    runs of a command are put there in one go: of two commands that end at the same time, one's
    results lie there, never the first notebook of the one beside the second of the other.

    Parameters
    ----------
    runs : iterable of StoredRun

    Raises
    ------
    WorkbenchError
        Where results that would lie together give a count of few people away; nothing is moved.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> from analysis.runs.record import new_record
    >>> from analysis.runs.store import keep, new_building
    >>> with TemporaryDirectory() as folder, patch.dict(os.environ, WORKBENCH_OUTPUT=folder):
    ...     building, lock = new_building("07_own", runs_folder())
    ...     _ = (building / "report.html").write_text("<p>report</p>")
    ...     run = keep(building, new_record("07_own"))
    ...     lock.release()
    ...     put_in_place([run])
    ...     (reports_folder() / "07_own.html").read_text(), run_record("07_own")["id"] == run.id
    ('<p>report</p>', True)
    """
    with placing():
        moved = [run for run in runs if not _is_placed(run)]
        if moved:
            refuse_what_tells_too_much(_lying_after(moved))
        for run in moved:
            _put(run)


def _lying_after(moved: Iterable[StoredRun]) -> list[Path]:
    """Folders of what will lie there: of runs to be moved, and of other notebooks' that stay.

    Whether the record of a run is whole is no matter here: its tables lie there all the same.
    """
    folders = sorted(processed_folder().iterdir()) if processed_folder().is_dir() else []
    lying = {folder.name: folder for folder in folders if not folder.name.startswith(".")}
    return list((lying | {run.notebook: run.folder for run in moved}).values())


def placing() -> AbstractContextManager[None]:
    """Hold what lies in place for the block, so that no other command changes it meanwhile.

    Returns
    -------
    context manager
        It waits for the lock of what lies in place, and lets it go when the block ends.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> from analysis.runs.locks import Lock
    >>> with TemporaryDirectory() as folder, patch.dict(os.environ, WORKBENCH_OUTPUT=folder):
    ...     with placing():
    ...         Lock(runs_folder() / ".locks" / "place").take()
    False
    """
    return holding(runs_folder() / ".locks" / "place")


def _put(run: StoredRun) -> None:
    processed, reports = processed_folder(), reports_folder()
    for folder in (processed, reports):
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f".{run.notebook}-*"):
            shutil.rmtree(left, ignore_errors=True)
    names = [*run.record["outputs"], RECORD]
    _swap(run, [name for name in names if name != _PAGE], processed / run.notebook)
    _swap(run, _beside_report(names), reports / run.notebook)
    page = reports / f".{run.notebook}-page-{os.getpid()}.html"
    _link(run.folder / _PAGE, page)
    page.replace(reports / f"{run.notebook}.html")


def _is_placed(run: StoredRun) -> bool:
    """Whether the results that lie there are this run's, all of them, report included."""
    placed, reports = processed_folder() / run.notebook, reports_folder() / run.notebook
    names = [*run.record["outputs"], RECORD]
    pairs = [(name, placed / name) for name in names if name != _PAGE]
    pairs += [(name, reports / name) for name in _beside_report(names)]
    pairs.append((_PAGE, reports.with_suffix(".html")))
    return all(_stamp(run.folder / name) == _stamp(path) for name, path in pairs)


def _beside_report(names: Any) -> list[str]:
    """Files that lie beside a report: tables and data for download, pages of their own."""
    wanted = [name for name in names if name.endswith((".csv", ".html", ".json"))]
    return [name for name in wanted if name not in (_PAGE, RECORD, "study.json")]


def _stamp(path: Path) -> tuple[int, int] | None:
    """Size and time of a file, which a link and a copy share with it; None where it is not."""
    if not path.is_file():
        return None
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _swap(run: StoredRun, names: list[str], place: Path) -> None:
    beside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{run.notebook}-"))
    beside.chmod(0o755)
    for name in names:
        _link(run.folder / name, beside / name)
    if place.exists():
        old = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{run.notebook}-"))
        place.replace(old)
        beside.replace(place)
        shutil.rmtree(old, ignore_errors=True)
    else:
        beside.replace(place)


def _link(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        # another disk, or one that knows no links
        shutil.copy2(source, target)
