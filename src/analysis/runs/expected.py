"""Do the key figures still say what they said? Compared by name, for the same data.

Expected figures stand in ``tests/expected/<notebook>.json``, one list for each set of data that
the notebook was run on (everything, carriers alone, …): a run is held against the figures that
were accepted for its own data, and never against others.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.parameters import all_notebooks
from analysis.paths import processed_folder, project_root
from analysis.plain_data import has_shape, read_json
from analysis.reports.key_figures import KeyFigure, key_figure_of, read_key_figures
from analysis.reports.words import count_noun
from analysis.runs.place import run_record

# a figure may differ by this share of its standard error, or of itself where it has none:
# enough for another math library, far below anything that a reader could see
RELATIVE_TOLERANCE = 1e-3

Data = tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """One figure that is not what was expected."""

    notebook: str
    figure: str
    what: str


def expected_folder() -> Path:
    """Folder of the committed expected figures.

    Returns
    -------
    Path

    Examples
    --------
    >>> expected_folder().relative_to(project_root()).as_posix()
    'tests/expected'
    """
    return project_root() / "tests" / "expected"


def read_expected(notebook: str, folder: Path | None = None) -> dict[Data, list[KeyFigure]]:
    """Expected figures of a notebook by the data that it was run on; empty where none were.

    Parameters
    ----------
    notebook : str
    folder : Path, optional
        Those of another checkout, as of the branch that a change is held against.

    Returns
    -------
    dict of tuple of str to list of KeyFigure
        Data are the sources that were used, as ``id:form``.

    Raises
    ------
    WorkbenchError
        For a file that is no list of figures by data.

    Examples
    --------
    >>> import tempfile
    >>> figure = KeyFigure("gain", 100.0, 2.0, None, 50, "people", "dollars", ())
    >>> entry = {"data": ["wages:carrier"], "figures": [asdict(figure)]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "04.json").write_text(json.dumps([entry]))
    ...     read_expected("04", Path(folder)) == {("wages:carrier",): [figure]}
    ...     read_expected("05", Path(folder))
    True
    {}
    """
    path = (folder or expected_folder()) / f"{notebook}.json"
    if not path.is_file():
        return {}
    remedy = "Restore it, or accept the figures anew."
    content = read_json(path, list, remedy)
    if not all(has_shape(entry, {"data": list, "figures": list}) for entry in content):
        raise WorkbenchError(f"{path}: an entry lacks 'data' or 'figures'", remedy)
    return {
        tuple(map(str, entry["data"])): [key_figure_of(row, path) for row in entry["figures"]]
        for entry in content
    }


def _data_of_run(notebook: str) -> Data:
    """What the last run of a notebook used: ids of sources with their forms, sorted.

    Raises
    ------
    WorkbenchError
        When the notebook has no results.
    """
    folder = processed_folder() / notebook
    if not (folder / "study.json").is_file():
        raise WorkbenchError(f"{notebook} has no results", "Run 'workbench run' first.")
    return data_of_folder(folder)


def data_of_folder(folder: Path) -> Data:
    """What the run in a folder used: ids of sources with their forms, sorted.

    Parameters
    ----------
    folder : Path
        With ``study.json``.

    Returns
    -------
    tuple of str
        As in ``wages:carrier``.

    Raises
    ------
    WorkbenchError
        Where the record of the study is missing or does not say it.

    Examples
    --------
    >>> import tempfile
    >>> used = {"wages": {"form": "carrier"}, "cip_soc": {"form": "original"}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "study.json").write_text(json.dumps({"used": used}))
    ...     data_of_folder(Path(folder))
    ('cip_soc:original', 'wages:carrier')
    """
    file, remedy = folder / "study.json", "Run the notebook again."
    used = read_json(file, dict, remedy).get("used")
    if not has_shape(used, {str: {"form": str}}):
        raise WorkbenchError(f"{file} does not say which sources were used", remedy)
    return tuple(sorted(f"{source_id}:{entry['form']}" for source_id, entry in used.items()))


def compare(notebook: str, figures: Sequence[KeyFigure], data: Data) -> list[Difference]:
    """Differences between key figures and those accepted for the same data.

    Parameters
    ----------
    notebook : str
        Name of the notebook.
    figures : sequence of KeyFigure
        As read from its ``figures.json``.
    data : tuple of str
        As :func:`data_of_folder` gives it.

    Returns
    -------
    list of Difference
        Changed values (estimate, standard error, interval, n, unit), figures that are new, and
        figures that are gone; all are new where none were accepted for these data.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from unittest.mock import patch
    >>> was = KeyFigure("gain", 100.0, 2.0, None, 50, "people", "dollars", ())
    >>> new = replace(was, name="cost")
    >>> with patch("analysis.runs.expected.read_expected", return_value={("a:original",): [was]}):
    ...     found = compare("04", [replace(was, n=51), new], ("a:original",))
    >>> [(difference.figure, difference.what) for difference in found]
    [('gain', 'n was 50, is 51'), ('cost', 'is new: no expected value')]
    """
    expected = {figure.name: figure for figure in read_expected(notebook).get(data, [])}
    actual = {figure.name: figure for figure in figures}
    found = []
    for name, figure in actual.items():
        if name not in expected:
            found.append(Difference(notebook, name, "is new: no expected value"))
        elif what := what_changed(expected[name], figure):
            found.append(Difference(notebook, name, what))
    gone = [name for name in expected if name not in actual]
    return [*found, *(Difference(notebook, name, "is gone") for name in gone)]


def what_changed(expected: KeyFigure, actual: KeyFigure) -> str:
    """What of a figure is not as expected, in words; empty within the tolerance.

    Parameters
    ----------
    expected, actual : KeyFigure

    Returns
    -------
    str
        The first of estimate, standard error, limits of the interval, n and unit that differs.
        Numbers may differ by ``RELATIVE_TOLERANCE`` of the standard error, or of the estimate where
        there is none.

    Examples
    --------
    >>> from dataclasses import replace
    >>> was = KeyFigure("gain", 100.0, 2.0, None, 50, "people", "dollars", ())
    >>> what_changed(was, replace(was, estimate=105.0))
    'was 100, is 105 (moved 2.5 standard errors)'
    >>> what_changed(was, replace(was, estimate=100.001))
    ''
    """
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
    """Differences of the results that lie in ``data/processed``; they must be of default runs.

    Returns
    -------
    list of Difference

    Raises
    ------
    WorkbenchError
        Where results of a notebook are missing or not of its default parameters.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> with TemporaryDirectory() as folder, patch.dict("os.environ", WORKBENCH_OUTPUT=folder):
    ...     compare_default_run()
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: the results of 01_skill_similarity are not those of its ...
    """
    found = []
    for name, figures in _default_figures().items():
        found += compare(name, figures, _data_of_run(name))
    return found


def data_without_figures() -> list[str]:
    """Notebooks whose results rest on data for which no figures were ever accepted.

    Returns
    -------
    list of str

    Raises
    ------
    WorkbenchError
        Where a notebook has no results.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> with TemporaryDirectory() as folder, patch.dict("os.environ", WORKBENCH_OUTPUT=folder):
    ...     data_without_figures()
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: 01_skill_similarity has no results. Run 'workbench run' first.
    """
    return [name for name in all_notebooks() if _data_of_run(name) not in read_expected(name)]


def accept() -> list[str]:
    """Write the present figures of the default run as expected, keeping those of other data.

    Returns
    -------
    list of str
        What changed, a line each; the diff of the files is what a reviewer reads.

    Raises
    ------
    WorkbenchError
        Where results of a notebook are missing or not of its default parameters.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> with TemporaryDirectory() as folder, patch.dict("os.environ", WORKBENCH_OUTPUT=folder):
    ...     accept()
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: the results of 01_skill_similarity are not those of its ...
    """
    present = _default_figures()
    lines = []
    for name, figures in present.items():
        data = _data_of_run(name)
        lines += [f"{d.notebook}: {d.figure} {d.what}" for d in compare(name, figures, data)]
        kept = read_expected(name) | {data: sorted(figures, key=lambda figure: figure.name)}
        rows = [
            {"data": list(data), "figures": [asdict(figure) for figure in kept[data]]}
            for data in sorted(kept)
        ]
        text = json.dumps(rows, indent=1, ensure_ascii=False)
        write_text(expected_folder() / f"{name}.json", text + "\n")
    return [*lines, f"{count_noun(len(lines), 'figure')} accepted"]


def _default_figures() -> dict[str, list[KeyFigure]]:
    found = {}
    for name, notebook in all_notebooks().items():
        defaults = {parameter.name: parameter.default for parameter in notebook.parameters}
        if run_record(name).get("parameters") != defaults:
            raise WorkbenchError(
                f"the results of {name} are not those of its default parameters",
                "Run 'workbench run' without parameters first.",
            )
        found[name] = read_key_figures(processed_folder() / name / "figures.json")
    return found
