"""Do the key figures still say what they said? Compared by name and by the data behind them.

Expected figures stand in ``tests/expected/<notebook>.json``. A figure is looked up by its name
and its sources with their forms, so that a run on carriers alone and a run on everything each
have their own expected values, and neither is held against the other.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.parameters import all_notebooks
from analysis.paths import processed_folder, project_root
from analysis.reports.key_figures import KeyFigure, read_key_figures
from analysis.reports.words import count_noun
from analysis.runs.graph import run_record

# a figure may differ by this share of its standard error, or of itself where it has none:
# enough for another math library, far below anything that a reader could see
RELATIVE_TOLERANCE = 1e-3

Key = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Difference:
    """One figure that is not what was expected."""

    notebook: str
    figure: str
    what: str


def expected_folder() -> Path:
    """Folder of the committed expected figures."""
    return project_root() / "tests" / "expected"


def read_expected(notebook: str) -> dict[Key, KeyFigure]:
    """Expected figures of a notebook by name and sources; empty where none were accepted."""
    path = expected_folder() / f"{notebook}.json"
    if not path.is_file():
        return {}
    return {(figure.name, figure.sources): figure for figure in read_key_figures(path)}


def compare(notebook: str, figures: list[KeyFigure]) -> list[Difference]:
    """Differences between key figures and the expected ones.

    Parameters
    ----------
    notebook : str
        Name of the notebook.
    figures : list of KeyFigure
        As read from its ``figures.json``.

    Returns
    -------
    list of Difference
        Changed values (estimate, standard error, interval, n), figures that are new, and
        expected figures of the same sources that are gone. Figures from data for which none
        were ever accepted are left out.
    """
    expected = read_expected(notebook)
    actual = {(figure.name, figure.sources): figure for figure in figures}
    known_data = {key[1] for key in expected}
    found = []
    for key, figure in actual.items():
        if key not in expected:
            # other data than any that figures were accepted for: nothing to hold it against
            if expected and key[1] not in known_data:
                continue
            found.append(Difference(notebook, figure.name, "is new: no expected value"))
        elif what := _changed(expected[key], figure):
            found.append(Difference(notebook, figure.name, what))
    profiles = {figure.sources for figure in figures}
    for key, figure in expected.items():
        if key not in actual and key[1] in profiles:
            found.append(Difference(notebook, figure.name, "is gone"))
    return found


def _changed(expected: KeyFigure, actual: KeyFigure) -> str:
    size = expected.standard_error or abs(expected.estimate)
    tolerance = RELATIVE_TOLERANCE * size
    moved = abs(actual.estimate - expected.estimate)
    if moved > tolerance:
        share = f"{moved / size:.3g} " + ("standard errors" if expected.standard_error else "of it")
        return f"was {expected.estimate:.6g}, is {actual.estimate:.6g} (moved {share})"
    pairs = [("standard error", expected.standard_error, actual.standard_error)]
    for position, side in enumerate(("lower limit", "upper limit")):
        low = expected.interval[position] if expected.interval else None
        pairs.append((side, low, actual.interval[position] if actual.interval else None))
    for what, old, new in pairs:
        if (old is None) != (new is None):
            return f"{what} was {old}, is {new}"
        if old is not None and new is not None and abs(new - old) > max(tolerance, 1e-12):
            return f"{what} was {old:.6g}, is {new:.6g}"
    for what, before, after in (
        ("n", expected.n, actual.n),
        ("unit", expected.unit, actual.unit),
    ):
        if before != after:
            return f"{what} was {before}, is {after}"
    return ""


def compare_default_run() -> list[Difference]:
    """Differences of the results that lie in ``data/processed``; they must be of default runs."""
    found = []
    for name, notebook in all_notebooks().items():
        record = run_record(name)
        defaults = {parameter.name: parameter.default for parameter in notebook.parameters}
        if record.get("parameters") != defaults:
            raise WorkbenchError(
                f"the results of {name} are not those of its default parameters",
                "Run 'workbench run' without parameters first.",
            )
        found += compare(name, read_key_figures(processed_folder() / name / "figures.json"))
    return found


def accept() -> list[str]:
    """Write the present figures of the default run as expected, keeping those of other data.

    Returns
    -------
    list of str
        What changed, a line each; the diff of the files is what a reviewer reads.
    """
    lines = [f"{d.notebook}: {d.figure} {d.what}" for d in compare_default_run()]
    for name in all_notebooks():
        figures = read_key_figures(processed_folder() / name / "figures.json")
        profiles = {figure.sources for figure in figures}
        kept = [old for key, old in read_expected(name).items() if key[1] not in profiles]
        rows = sorted([*kept, *figures], key=lambda figure: (figure.sources, figure.name))
        text = json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False)
        write_text(expected_folder() / f"{name}.json", text + "\n")
    return [*lines, f"{count_noun(len(lines), 'figure')} accepted"]
