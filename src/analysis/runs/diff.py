"""``workbench diff``: what two or more runs were made from and what came out, where they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.parameters import all_notebooks
from analysis.reports.key_figures import KeyFigure, read_key_figures
from analysis.runs.changes import between_runs
from analysis.runs.expected import data_of_folder, read_expected, what_changed
from analysis.runs.named import Runs, find_runs
from analysis.runs.programs_moved import programs_moved
from analysis.runs.store import StoredRun

ACCEPTED = "accepted"
_FIGURE_COLUMNS = [
    "notebook", "figure", "unit", "run", "before", "after", "change", "standard_errors", "what",
]  # fmt: skip


@dataclass(frozen=True)
class Diff:
    """What differs between a first run and others.

    Attributes
    ----------
    labels : tuple of str
        What the runs were called; the first is what the others are held against.
    inputs : DataFrame
        ``notebook, run, kind, name, before, after``, a row for each input that differs; against
        accepted figures, for each parameter that is not the default.
    figures : DataFrame
        ``notebook, figure, unit, run, before, after, change, standard_errors, what``: key figures
        outside of the tolerance; change in standard errors of the first run.
    programs : DataFrame
        Programs in another tier (:func:`analysis.runs.programs_moved.programs_moved`).
    compared : int
        Key figures that were compared.
    """

    labels: tuple[str, ...]
    inputs: pd.DataFrame
    figures: pd.DataFrame
    programs: pd.DataFrame
    compared: int

    @property
    def changed(self) -> bool:
        """Whether any result differs; other inputs with the same results are no change."""
        return bool(len(self.figures) or len(self.programs))


def diff_runs(words: Sequence[str], expected: Path | None = None) -> Diff:
    """Compare runs with the first of them.

    Parameters
    ----------
    words : sequence of str
        Two or more, each as for :func:`analysis.runs.named.find_runs`; the first may also be
        ``accepted``, the figures in ``tests/expected`` for the same data.
    expected : Path, optional
        Folder of accepted figures, in place of this checkout's.

    Returns
    -------
    Diff

    Raises
    ------
    WorkbenchError
        Fewer than two, an unknown run, or runs that have no notebook in common.

    Examples
    --------
    >>> diff_runs(["current"])
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: a difference needs two runs. Name two or more.
    """
    if len(words) < 2:
        raise WorkbenchError("a difference needs two runs", "Name two or more.")
    base = None if words[0] == ACCEPTED else find_runs(words[0])
    others = {word: find_runs(word) for word in words[1:]}
    return compare_runs(words[0], base, others, expected)


def compare_runs(
    first: str, base: Runs | None, others: Mapping[str, Runs], expected: Path | None = None
) -> Diff:
    """Compare runs with a first one, each by notebook.

    Parameters
    ----------
    first : str
        What the first is called.
    base : dict of str to StoredRun or None
        Its run of each notebook; None for accepted figures.
    others : mapping of str to dict
        Runs by notebook, by what they are called.
    expected : Path, optional
        Folder of accepted figures, in place of this checkout's.

    Returns
    -------
    Diff

    Raises
    ------
    WorkbenchError
        Where one of them has no results, or none of a notebook of the first.

    Examples
    --------
    >>> import tempfile
    >>> from analysis.reports.key_figures import write_key_figures
    >>> from analysis.runs.record import new_record
    >>> def run(place: Path, estimate: float) -> StoredRun:
    ...     figure = KeyFigure("gain", estimate, 2.0, None, 50, "people", "dollars", ())
    ...     write_key_figures([figure], place / "figures.json")
    ...     _ = (place / "framework.json").write_text("{}")
    ...     return StoredRun("04", place.name, place, new_record("04"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     one, two = run(Path(folder) / "a", 100.0), run(Path(folder) / "b", 105.0)
    ...     found = compare_runs("a", {"04": one}, {"b": {"04": two}})
    >>> found.figures[["figure", "change", "standard_errors"]].values.tolist()
    [['gain', 5.0, 2.5]]
    """
    inputs, figures, programs, compared = [], [], [], 0
    named = others if base is None else {first: base, **others}
    for label, runs in named.items():
        if not runs:
            raise WorkbenchError(f"'{label}' has no results", "Run 'workbench run' first.")
    for label, other in others.items():
        common = [name for name in other if base is None or name in base]
        if not common:
            raise WorkbenchError(
                f"runs '{first}' and '{label}' are of different notebooks",
                "Compare runs of one notebook.",
            )
        for name in common:
            after = _figures(other, name)
            before = _accepted(other, name, expected) if base is None else _figures(base, name)
            compared += len(after)
            figures += [{"notebook": name, "run": label, **row} for row in rows(before, after)]
            if base is None:
                inputs += [{"notebook": name, "run": label, **row} for row in _given(other[name])]
                continue
            inputs += [
                {"notebook": name, "run": label, "kind": c.kind, "name": c.name, "before": c.before,
                 "after": c.after}
                for c in between_runs(base[name], other[name])
            ]  # fmt: skip
            moved = programs_moved(base[name].folder, other[name].folder)
            programs.append(moved.assign(notebook=name, run=label))
    return Diff(
        (first, *others),
        pd.DataFrame(inputs, columns=["notebook", "run", "kind", "name", "before", "after"]),
        pd.DataFrame(figures, columns=_FIGURE_COLUMNS),
        pd.concat(programs, ignore_index=True) if programs else pd.DataFrame(),
        compared,
    )


def _figures(runs: Runs, notebook: str) -> dict[str, KeyFigure]:
    found = read_key_figures(runs[notebook].folder / "figures.json")
    return {figure.name: figure for figure in found}


def _accepted(runs: Runs, notebook: str, folder: Path | None) -> dict[str, KeyFigure]:
    """The figures that were accepted for the data of a run."""
    data = data_of_folder(runs[notebook].folder)
    return {figure.name: figure for figure in read_expected(notebook, folder).get(data, [])}


def _given(run: StoredRun) -> list[dict[str, object]]:
    """Parameters of a run that accepted figures, which are of defaults, were not made with."""
    notebook = all_notebooks().get(run.notebook)
    return [
        {"kind": "parameter", "name": one.name, "before": one.default, "after": value}
        for one in (notebook.parameters if notebook else ())
        if (value := run.record["parameters"].get(one.name, one.default)) != one.default
    ]


def rows(before: dict[str, KeyFigure], after: dict[str, KeyFigure]) -> list[dict[str, object]]:
    """A row for each figure that is new, gone or outside of the tolerance, the largest first.

    Parameters
    ----------
    before, after : dict of str to KeyFigure
        Figures by name.

    Returns
    -------
    list of dict
        ``figure``, ``unit``, ``before``, ``after``, ``change`` (in the unit), ``standard_errors``
        (the change in standard errors of ``before``; None where it has none) and ``what``.

    Examples
    --------
    >>> one = KeyFigure("gain", 100.0, 2.0, None, 50, "people", "dollars", ())
    >>> two = KeyFigure("gain", 105.0, 2.0, None, 50, "people", "dollars", ())
    >>> found = rows({"gain": one, "old": one}, {"gain": two})
    >>> [(row["figure"], row["change"], row["standard_errors"], row["what"]) for row in found]
    [('gain', 5.0, 2.5, 'was 100, is 105 (moved 2.5 standard errors)'), ('old', None, None, 'gone')]
    """
    found = []
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        if old and new:
            if what := what_changed(old, new):
                change = new.estimate - old.estimate
                found.append(_row(name, old, new, what, change))
        else:
            found.append(_row(name, old, new, "new" if new else "gone", None))
    return sorted(found, key=lambda row: -abs(float(row["standard_errors"] or 0.0)))  # type: ignore[arg-type]


def _row(
    name: str, old: KeyFigure | None, new: KeyFigure | None, what: str, change: float | None
) -> dict[str, object]:
    error = old.standard_error if old else None
    one = new or old
    return {
        "figure": name,
        "unit": one.unit if one else "",
        "before": old.estimate if old else None,
        "after": new.estimate if new else None,
        "change": change,
        "standard_errors": change / error if change is not None and error else None,
        "what": what,
    }
