"""``workbench explain``: what one key figure hangs on, from its value down to the bytes."""

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from analysis.errors import WorkbenchError
from analysis.paths import runs_folder
from analysis.reports.key_figures import KeyFigure, read_key_figures
from analysis.reports.study_record import read_study
from analysis.runs.named import Runs, find_runs
from analysis.runs.store import StoredRun, read_run


@dataclass(frozen=True)
class Found:
    """A key figure and the run that it is of."""

    figure: KeyFigure
    run: StoredRun


def find_figure(name: str, word: str = "current") -> Found:
    """A key figure by its name among runs.

    Parameters
    ----------
    name : str
        As in ``figures.json``; ``notebook:name`` where several notebooks have one of that name.
    word : str
        Runs to look in, as for :func:`analysis.runs.named.find_runs`.

    Returns
    -------
    Found

    Raises
    ------
    WorkbenchError
        None of that name (the nearest are suggested), or several.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> from analysis.reports.key_figures import write_key_figures
    >>> from analysis.runs.record import new_record
    >>> from analysis.runs.store import keep, new_building
    >>> figure = KeyFigure("gain", 100.0, 2.0, None, 50, "people", "dollars", ())
    >>> with TemporaryDirectory() as folder, patch.dict("os.environ", WORKBENCH_OUTPUT=folder):
    ...     building, lock = new_building("04_earnings_effects", runs_folder())
    ...     write_key_figures([figure], building / "figures.json")
    ...     run = keep(building, new_record("04_earnings_effects"))
    ...     lock.release()
    ...     found = find_figure("gain", run.id)
    >>> found.run == run, found.figure.estimate
    (True, 100.0)
    """
    runs = find_runs(word)
    notebook, colon, rest = name.partition(":")
    figures = [(run, figure) for run in runs.values() for figure in _figures_of(run)]
    wanted = [
        Found(figure, run)
        for run, figure in figures
        if figure.name == name
        or (colon and figure.name == rest and run.notebook.startswith(notebook))
    ]
    if len(wanted) == 1:
        return wanted[0]
    if wanted:
        places = ", ".join(f"{found.run.notebook}:{name}" for found in wanted)
        raise WorkbenchError(f"'{name}' is a figure of several notebooks", f"Say which: {places}.")
    near = difflib.get_close_matches(name, [figure.name for _, figure in figures], n=3, cutoff=0.3)
    if not runs:
        raise WorkbenchError(f"'{word}' has no results", "Run 'workbench run' first.")
    remedy = f"Nearest: {', '.join(near)}." if near else "'figures.json' of each notebook has them."
    raise WorkbenchError(f"no key figure '{name}' in {', '.join(runs)}", remedy)


def _figures_of(run: StoredRun) -> list[KeyFigure]:
    return read_key_figures(run.folder / "figures.json")


def explain(name: str, word: str = "current", *, everything: bool = False) -> Iterator[str]:
    """Lines on what a key figure hangs on.

    Parameters
    ----------
    name, word
        As for :func:`find_figure`.
    everything : bool
        Name each module and package with its hash or version, not only their numbers.

    Yields
    ------
    str

    Raises
    ------
    WorkbenchError
        As :func:`find_figure`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> from analysis.reports.key_figures import write_key_figures
    >>> from analysis.runs.record import new_record
    >>> from analysis.runs.store import keep, new_building
    >>> figure = KeyFigure("gain", 100.0, 2.0, None, 50, "people", "dollars", ())
    >>> with TemporaryDirectory() as folder, patch.dict("os.environ", WORKBENCH_OUTPUT=folder):
    ...     building, lock = new_building("04_earnings_effects", runs_folder())
    ...     write_key_figures([figure], building / "figures.json")
    ...     run = keep(building, new_record("04_earnings_effects"))
    ...     lock.release()
    ...     lines = explain("gain", run.id)
    ...     next(lines), next(lines)
    ('gain: 100 dollars', '  standard error 2')
    """
    found = find_figure(name, word)
    yield from _figure_lines(found.figure)
    yield from _run_lines(found.run, everything=everything, depth=0)


def _figure_lines(figure: KeyFigure) -> Iterator[str]:
    yield f"{figure.name}: {figure.estimate:.6g} {figure.unit}"
    if figure.standard_error is not None:
        yield f"  standard error {figure.standard_error:.6g}"
    if figure.interval is not None:
        yield f"  interval {figure.interval[0]:.6g} to {figure.interval[1]:.6g}"
    yield f"  from {figure.n:,} {figure.n_of}; sources {', '.join(figure.sources) or 'none'}"
    if figure.note:
        yield f"  {figure.note}"


def _run_lines(run: StoredRun, *, everything: bool, depth: int) -> Iterator[str]:
    pad, record = "  " * depth, run.record
    yield f"{pad}{run.notebook}, run {run.id}: commit {record['commit']}, seed {record['seed']}"
    yield f"{pad}  ran until {record['ended']} for {record['seconds']} s"
    given = ", ".join(f"{key} = {value!r}" for key, value in record["parameters"].items())
    yield f"{pad}  parameters: {given}"
    yield f"{pad}  framework ({record['framework']}), as far as it was read:"
    for key, value in record["traced"]["framework"].items():
        shown = json.dumps(value, ensure_ascii=False)
        yield f"{pad}    {key} = {shown if len(shown) <= 80 else shown[:79] + '…'}"
    yield f"{pad}  input files:"
    yield from (f"{pad}    {line}" for line in _input_lines(run))
    parts = record["parts"]
    if everything:
        for kind in ("modules", "data of the package", "packages"):
            yield f"{pad}  {kind}:"
            yield from (f"{pad}    {key}: {value}" for key, value in parts[kind].items())
    else:
        yield f"{pad}  modules: {_rooms(parts['modules'])}"
        yield f"{pad}  packages: {len(parts['packages'])} versions (--all names each)"
    for needed in _needed(run).values():
        yield f"{pad}  built on:"
        yield from _run_lines(needed, everything=everything, depth=depth + 2)


def _input_lines(run: StoredRun) -> Iterator[str]:
    study = read_study(run.folder)
    for source_id, entry in study["used"].items():
        release = entry["release"] or "no release"
        yield (
            f"{source_id} ({entry['form']}): {entry['title']}; {release}; "
            f"sha256 {entry['sha256'][:16]}"
        )
    if not study["used"]:
        yield "none"


def _rooms(modules: dict[str, str]) -> str:
    """Numbers of modules by room."""
    counts: dict[str, int] = {}
    for name in modules:
        parts = name.split(".")
        room = parts[1] if len(parts) > 2 else "floor"
        counts[room] = counts.get(room, 0) + 1
    return ", ".join(f"{count} of {room}" for room, count in sorted(counts.items()))


def _needed(run: StoredRun) -> Runs:
    folders = {
        name: runs_folder() / name / run_id for name, run_id in run.record["needed_runs"].items()
    }
    found = {name: read_run(folder) for name, folder in folders.items()}
    return {name: needed for name, needed in found.items() if needed}
