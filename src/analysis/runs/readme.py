"""The parts of the README that are made from results and from the catalogue, never by hand."""

from pathlib import Path

from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.paths import project_root
from analysis.reports.key_figures import KeyFigure
from analysis.reports.words import interval, number
from analysis.runs.expected import read_expected
from analysis.sources import catalogue

# rows of the first table: figure of notebook 04, study, people
_EFFECTS = (
    ("job_corps.all.all.Lin_regression", "Job Corps, ages 16–24", "everyone"),
    ("job_corps.race_x_gender.Black_women.Lin_regression", "", "Black women"),
    ("job_corps.race_x_gender.Black_men.Lin_regression", "", "Black men"),
    ("job_corps.race_x_gender.Hispanic_women.Lin_regression", "", "Hispanic women"),
    ("job_corps.race_x_gender.Hispanic_men.Lin_regression", "", "Hispanic men"),
    ("job_corps.race_x_gender.white_women.Lin_regression", "", "white women"),
    ("job_corps.race_x_gender.white_men.Lin_regression", "", "white men"),
    ("jtpa_women.all.all.Lin_regression", "JTPA, adult women", "everyone"),
    ("jtpa_women.race.Black.Lin_regression", "", "Black women"),
    ("jtpa_women.race.Hispanic.Lin_regression", "", "Hispanic women"),
    ("jtpa_women.race.white_or_other.Lin_regression", "", "white or other women"),
    ("nsw.all.all.difference_in_means", "National Supported Work", "men"),
)


def _effects_table() -> str:
    """Markdown table of effects by group, from the accepted figures of notebook 04.

    Raises
    ------
    WorkbenchError
        When a figure was never accepted.
    """
    accepted = read_expected("04_earnings_effects")
    # the run on most data knows all studies
    most = max(accepted, key=len, default=())
    figures = {figure.name: figure for figure in accepted.get(most, [])}
    lines = [
        "| study | who | effect of being offered training | 95% interval | people |",
        "|---|---|---:|---:|---:|",
    ]
    for name, study, who in _EFFECTS:
        if name not in figures:
            raise WorkbenchError(
                f"README: key figure '{name}' of 04_earnings_effects was never accepted",
                "Run 'workbench run' on all data, then 'workbench accept'.",
            )
        lines.append(_effect_line(figures[name], study, who))
    return "\n".join(lines)


def _effect_line(figure: KeyFigure, study: str, who: str) -> str:
    low, high = figure.interval or (float("nan"), float("nan"))
    unit = figure.unit.removeprefix("dollars ")
    return (
        f"| {study} | {who} | {number(figure.estimate, 'dollars')} {unit} | "
        f"{interval(low, high, 'dollars')} | {figure.n:,} |"
    )


def _sources_table() -> str:
    """Markdown table of all sources: what, from whom, release, licence."""
    titles: dict[str, list[str]] = {}
    entries = {}
    for entry in catalogue().values():
        titles.setdefault(entry.collection, []).append(entry.title)
        entries[entry.collection] = entry
    lines = ["| publisher | release | what | licence |", "|---|---|---|---|"]
    for collection, names in titles.items():
        entry = entries[collection]
        lines.append(
            f"| {entry.publisher} | {entry.release} | {'; '.join(names)} | {entry.licence} |"
        )
    return "\n".join(lines)


_BLOCKS = {"effects": _effects_table, "sources": _sources_table}


def filled(text: str) -> str:
    """README text with every generated block as it should be now.

    Parameters
    ----------
    text : str
        Holds a pair of markers for each block: ``<!-- effects -->`` … ``<!-- end effects -->``.

    Returns
    -------
    str

    Raises
    ------
    WorkbenchError
        When a marker is missing.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch("analysis.runs.readme._BLOCKS", {"effects": lambda: "new"}):
    ...     print(filled("<!-- effects -->\\nold\\n<!-- end effects -->"))
    <!-- effects -->
    new
    <!-- end effects -->
    >>> filled("no markers")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: README.md: no block 'effects'. Restore its two markers.
    """
    for name, make in _BLOCKS.items():
        before, found, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"\n<!-- end {name} -->")
        if not found or not end:
            raise WorkbenchError(f"README.md: no block '{name}'", "Restore its two markers.")
        text = before + found + make() + end + after
    return text


def _readme_path() -> Path:
    """The project's README."""
    return project_root() / "README.md"


def update_readme() -> bool:
    """Write the generated blocks anew.

    Returns
    -------
    bool
        True when something changed.

    Raises
    ------
    WorkbenchError
        When a marker or an accepted figure is missing.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> blocks = patch("analysis.runs.readme._BLOCKS", {"effects": lambda: "new"})
    >>> with blocks, TemporaryDirectory() as home, patch.dict("os.environ", WORKBENCH_HOME=home):
    ...     (Path(home) / "notebooks").mkdir()
    ...     write_text(Path(home) / "README.md", "<!-- effects -->\\nold\\n<!-- end effects -->")
    ...     update_readme(), update_readme()
    (True, False)
    """
    before = _readme_path().read_text("utf-8")
    after = filled(before)
    if after != before:
        write_text(_readme_path(), after)
    return after != before
