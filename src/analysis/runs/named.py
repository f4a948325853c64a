"""Finding runs again: by id, by notebook, or by a name that a command gave them."""

import json
import re
from pathlib import Path

from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.parameters import all_notebooks, find_notebook
from analysis.paths import processed_folder, runs_folder
from analysis.plain_data import has_shape, read_json
from analysis.runs.store import StoredRun, all_runs, read_run

Runs = dict[str, StoredRun]
_LOST = "only the name is lost, the runs that it stood for are not."


def _names_folder() -> Path:
    """Folder of the names: one file each, with the id of each notebook's run."""
    return runs_folder() / ".names"


def check_name(name: str) -> None:
    """Refuse a name that cannot be one, before anything runs.

    Parameters
    ----------
    name : str

    Raises
    ------
    WorkbenchError
        For other than 1 to 61 letters, digits, ``-``, ``_`` and ``.`` with a letter first, and for
        the name of a notebook, ``accepted`` and ``current``.

    Examples
    --------
    >>> check_name("before-the-change")
    >>> check_name("2026")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: '2026' cannot name a run. Use letters, digits, ...
    """
    taken = (*all_notebooks(), "accepted", "current")
    if not re.fullmatch(r"[A-Za-z][\w.-]{0,60}", name) or name in taken:
        raise WorkbenchError(
            f"'{name}' cannot name a run",
            "Use letters, digits, '-', '_' and '.', begin with a letter, and take no name of a "
            "notebook, nor 'accepted' or 'current'.",
        )


def write_name(name: str, ids: dict[str, str]) -> None:
    """Give a name to the runs of a command, in place of what the name stood for.

    Parameters
    ----------
    name : str
    ids : dict of str to str
        Id of the run of each notebook.

    Raises
    ------
    WorkbenchError
        For a name that cannot be one (:func:`check_name`).

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> with TemporaryDirectory() as folder, patch.dict("os.environ", WORKBENCH_OUTPUT=folder):
    ...     write_name("baseline", {"05_tier_calibration": "a1"})
    ...     write_name("baseline", {"05_tier_calibration": "b2"})
    ...     named_runs()
    {'baseline': {'05_tier_calibration': 'b2'}}
    """
    check_name(name)
    write_text(_names_folder() / f"{name}.json", json.dumps(ids, indent=1))


def named_runs() -> dict[str, dict[str, str]]:
    """Ids of runs by notebook, by name.

    Returns
    -------
    dict of str to dict of str to str
        For each name the id of the run by notebook.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> with TemporaryDirectory() as folder, patch.dict("os.environ", WORKBENCH_OUTPUT=folder):
    ...     write_name("baseline", {"05_tier_calibration": "a1"})
    ...     named_runs()
    {'baseline': {'05_tier_calibration': 'a1'}}
    """
    return {
        path.stem: ids
        for path in sorted(_names_folder().glob("*.json"))
        if has_shape(ids := read_json(path, dict, f"Remove it: {_LOST}"), {str: str})
    }


def find_runs(word: str) -> Runs:
    """Runs that a word stands for, by notebook.

    Parameters
    ----------
    word : str
        ``current`` (what lies in ``data/processed``), a name given by ``--name``, a notebook (its
        run in ``data/processed``), or the first letters of an id.

    Returns
    -------
    dict of str to StoredRun

    Raises
    ------
    WorkbenchError
        When nothing, or more than one run, is meant.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> from analysis.runs.record import new_record
    >>> from analysis.runs.store import keep, new_building
    >>> with TemporaryDirectory() as folder, patch.dict("os.environ", WORKBENCH_OUTPUT=folder):
    ...     building, lock = new_building("05_tier_calibration", runs_folder())
    ...     run = keep(building, new_record("05_tier_calibration"))
    ...     lock.release()
    ...     write_name("baseline", {run.notebook: run.id})
    ...     find_runs("baseline") == find_runs(run.id[:6]) == {"05_tier_calibration": run}
    True
    >>> find_runs("no such run")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: 'no such run' is no run. See 'workbench runs'; names: current...
    """
    if word == "current":
        return {name: run for name in all_notebooks() if (run := _placed(name))}
    if ids := named_runs().get(word):
        found = {name: read_run(runs_folder() / name / run_id) for name, run_id in ids.items()}
        if lost := [name for name, run in found.items() if run is None]:
            raise WorkbenchError(
                f"run '{word}' has lost {', '.join(lost)}",
                "It was cleaned away or spoiled: run it again.",
            )
        return {name: run for name, run in found.items() if run}
    if re.fullmatch(r"\d\d(_\w+)?", word):
        notebook = find_notebook(word).name
        if run := _placed(notebook):
            return {notebook: run}
        raise WorkbenchError(f"{notebook} has no results", f"Run it: workbench run {word}.")
    matches = [run for run in all_runs() if run.id.startswith(word)] if len(word) >= 4 else []
    if len(matches) == 1:
        return {matches[0].notebook: matches[0]}
    known = ", ".join(["current", *named_runs()])
    problem = f"'{word}' is {'more than one' if matches else 'no'} run"
    raise WorkbenchError(problem, f"See 'workbench runs'; names: {known}.")


def _placed(notebook: str) -> StoredRun | None:
    placed = read_run(processed_folder() / notebook)
    if placed is None:
        return None
    # the store's own folder, where it is still there, has the report too
    return read_run(runs_folder() / notebook / placed.id) or placed
