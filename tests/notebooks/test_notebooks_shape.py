"""Notebooks are thin, declared, free of outputs, and open with a question."""

import re

import nbformat
import pytest

from analysis.parameters import Notebook, all_notebooks
from analysis.tables import sources_of

NOTEBOOKS = list(all_notebooks().values())


@pytest.fixture(params=NOTEBOOKS, ids=lambda notebook: notebook.name)
def notebook(request: pytest.FixtureRequest) -> Notebook:
    return request.param


@pytest.fixture
def cells(notebook: Notebook) -> list[nbformat.NotebookNode]:
    return nbformat.read(notebook.path, as_version=4).cells


def test_no_output_is_committed(cells: list[nbformat.NotebookNode]) -> None:
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


def test_the_title_is_the_question_of_the_first_cell(
    notebook: Notebook, cells: list[nbformat.NotebookNode]
) -> None:
    assert cells[0].source == f"# {notebook.title}"
    assert notebook.title.endswith("?")


def test_every_parameter_says_what_it_means(notebook: Notebook) -> None:
    assert notebook.parameters
    assert all(len(parameter.meaning) > 10 for parameter in notebook.parameters)
    assert "framework" in {parameter.name for parameter in notebook.parameters}


def test_no_asterisk_inside_a_word_is_left_to_become_italics(
    cells: list[nbformat.NotebookNode],
) -> None:
    r"""Two of them in a paragraph pair up: O*NET is written O\*NET."""
    text = [cell.source for cell in cells if cell.cell_type == "markdown"]
    found = [word for source in text for word in re.findall(r"\w+(?<!\\)\*\w+", source)]
    assert found == []


def test_what_is_declared_exists(notebook: Notebook) -> None:
    assert set(notebook.needs) < set(all_notebooks())
    assert all(sources_of(name) for name in notebook.tables)


def test_the_last_cell_closes_the_study_and_one_cell_answers(
    cells: list[nbformat.NotebookNode],
) -> None:
    assert cells[-1].source == "study.finish()"
    assert sum("answer" in cell.metadata.get("tags", []) for cell in cells) == 1


def test_cells_are_short(cells: list[nbformat.NotebookNode]) -> None:
    long = [c.source for c in cells if c.cell_type == "code" and len(c.source.splitlines()) > 25]
    assert long == []


def test_the_same_parameter_means_the_same_in_every_notebook() -> None:
    """The runner gives a value to each notebook that declares it, so defaults must agree."""
    known: dict[str, tuple[str, object]] = {}
    for notebook in NOTEBOOKS:
        for parameter in notebook.parameters:
            stated = (parameter.type, parameter.default)
            assert known.setdefault(parameter.name, stated) == stated, parameter.name
