"""What a notebook may be given: names, types, ranges and meanings, read from its own first cell.

The cell tagged ``parameters`` holds one line for each parameter::

    alpha: float = 0.05  # largest false share of the top tier; from 0.001 to 0.5
    loss: str = "steps"  # what an error costs; one of: steps, squares

It is read with Python's own ``ast``, so nothing of it runs, and every value is checked before a
kernel starts.
"""

import ast
import difflib
import io
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from analysis.errors import WorkbenchError
from analysis.paths import project_root
from analysis.plain_data import read_json

Value = str | int | float | bool
_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """One declared parameter of a notebook."""

    name: str
    type: str
    default: Value
    meaning: str
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Notebook:
    """A notebook of the workbench and what it declares."""

    name: str
    path: Path
    title: str
    needs: tuple[str, ...]
    tables: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    code: str
    code_cells: tuple[str, ...] = ()


def notebook_folder() -> Path:
    """Folder of the notebooks.

    Returns
    -------
    Path

    Examples
    --------
    >>> notebook_folder() == project_root() / "notebooks"
    True
    """
    return project_root() / "notebooks"


def all_notebooks() -> dict[str, Notebook]:
    """Every notebook of the project by name, in the order of their numbers.

    Returns
    -------
    dict of str to Notebook

    Raises
    ------
    WorkbenchError
        For a file among them that cannot be read as a notebook of the workbench.

    Examples
    --------
    >>> "04_earnings_effects" in all_notebooks()
    True
    """
    return {path.stem: read_notebook(path) for path in sorted(notebook_folder().glob("*.ipynb"))}


def find_notebook(name: str) -> Notebook:
    """Notebook by its name, its number or its path.

    Parameters
    ----------
    name : str
        As in ``05_tier_calibration``, ``05`` or ``notebooks/05_tier_calibration.ipynb``.

    Returns
    -------
    Notebook

    Raises
    ------
    WorkbenchError
        For an unknown one; the nearest names are suggested.

    Examples
    --------
    >>> find_notebook("05").name, find_notebook("notebooks/06_training_guide.ipynb").name
    ('05_tier_calibration', '06_training_guide')
    >>> find_notebook("tier_calibraton")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: unknown notebook 'tier_calibraton'. Did you mean 05_tier_cal...
    """
    known = all_notebooks()
    stem = Path(name).stem
    matches = [entry for entry in known if entry == stem or entry.split("_")[0] == stem]
    if len(matches) == 1:
        return known[matches[0]]
    near = difflib.get_close_matches(stem, known, n=2, cutoff=0.4)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise WorkbenchError(f"unknown notebook '{name}'", f"{hint}Notebooks: {', '.join(known)}.")


def read_notebook(path: Path) -> Notebook:
    """Read what a notebook declares, without running it.

    Parameters
    ----------
    path : Path
        The ``.ipynb`` file. Its metadata hold ``workbench: {needs, tables}`` and ``title``.

    Returns
    -------
    Notebook

    Raises
    ------
    WorkbenchError
        When it is no notebook, has no cell tagged ``parameters`` or an undeclarable line there.

    Examples
    --------
    >>> import json, tempfile
    >>> code = {"cell_type": "code", "source": "seed: int = 7  # of the draws; from 1 to 99",
    ...         "metadata": {"tags": ["parameters"]}}
    >>> about = {"title": "My question", "workbench": {"needs": [], "tables": ["wages"]}}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "07_own.ipynb"
    ...     _ = path.write_text(json.dumps({"nbformat": 4, "metadata": about, "cells": [code]}))
    ...     notebook = read_notebook(path)
    >>> notebook.name, notebook.title, notebook.tables, notebook.parameters[0].default
    ('07_own', 'My question', ('wages',), 7)
    """
    cells, metadata = _cells_and_metadata(path)
    tagged = [cell for cell in cells if "parameters" in cell.tags]
    if len(tagged) != 1:
        raise WorkbenchError(
            f"{path.name}: {len(tagged)} cells are tagged 'parameters'",
            "Exactly one must be: without it values given from outside are overwritten.",
        )
    declared = _declarations(metadata, path.name)
    code_cells = tuple(cell.source for cell in cells if cell.kind == "code")
    words = "\n".join(cell.source for cell in cells if cell.kind != "code")
    return Notebook(
        name=path.stem,
        path=path,
        title=metadata.get("title", path.stem),
        needs=tuple(declared["needs"]),
        tables=tuple(declared["tables"]),
        parameters=read_parameters(tagged[0].source, path.name),
        code_cells=code_cells,
        code="\n".join(code_cells) + words,
    )


def _declarations(metadata: dict[str, Any], file: str) -> dict[str, list[str]]:
    """What a notebook needs, out of its metadata; each a list of names."""
    declared = metadata.get("workbench", {})
    found = {
        key: declared.get(key, []) if isinstance(declared, dict) else None
        for key in ("needs", "tables")
    }
    for key, names in found.items():
        whole = isinstance(names, list) and all(isinstance(name, str) for name in names)
        if not whole or not isinstance(metadata.get("title", ""), str):
            raise WorkbenchError(
                f"{file}: metadata 'title' or 'workbench.{key}' are no text and no list of names",
                "Mend the metadata of the notebook.",
            )
    return found  # type: ignore[return-value]


class _Cell(NamedTuple):
    kind: str
    source: str
    tags: list[str]


def _cells_and_metadata(path: Path) -> tuple[list[_Cell], dict[str, Any]]:
    """Cells and metadata, straight from the JSON: a reader of the format loads for seconds."""
    if not path.exists():
        raise WorkbenchError(f"notebook {path} does not exist", "Check the name.")
    try:
        content = read_json(path, dict, "Restore the file.")
        if content["nbformat"] != 4:
            raise ValueError("a notebook of another format")
        cells = [
            _Cell(cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", []))
            for cell in content["cells"]
        ]
        if not isinstance(content["metadata"], dict) or not all(map(_is_plain, cells)):
            raise ValueError("a part of it is of another kind")
        return cells, content["metadata"]
    except WorkbenchError:
        raise
    except Exception as error:
        raise WorkbenchError(
            f"{path.name}: not readable as a notebook ({type(error).__name__})", "Restore the file."
        ) from error


def _is_plain(cell: _Cell) -> bool:
    return isinstance(cell.kind, str) and isinstance(cell.tags, list)


def read_parameters(cell: str, file: str) -> tuple[Parameter, ...]:
    """Read the declarations of a parameters cell.

    Parameters
    ----------
    cell : str
        Source of the cell.
    file : str
        Name of the notebook, for errors.

    Returns
    -------
    tuple of Parameter
        In the order of the lines.

    Raises
    ------
    WorkbenchError
        For a line that is no Python, no declaration with type and default, or whose default is no
        plain value: the error names the line.

    Examples
    --------
    >>> read_parameters("alpha: float = 0.05  # false share; from 0.01 to 0.5", "x.ipynb")[0].high
    0.5
    """
    try:
        body = ast.parse(cell).body
        comments = {
            token.start[0]: token.string.lstrip("# ")
            for token in tokenize.generate_tokens(io.StringIO(cell).readline)
            if token.type == tokenize.COMMENT
        }
    except (SyntaxError, ValueError, tokenize.TokenError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        raise WorkbenchError(
            f"{file}, parameters cell, line {line}: no Python", "Mend the line."
        ) from None
    found = []
    for node in body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            found.append(_declared(node, comments.get(node.lineno, ""), file))
        else:
            raise WorkbenchError(
                f"{file}, parameters cell, line {node.lineno}: no declaration",
                "Write each line as: name: type = default  # meaning",
            )
    return tuple(found)


def _declared(node: ast.AnnAssign, comment: str, file: str) -> Parameter:
    assert isinstance(node.target, ast.Name)
    assert node.value is not None
    try:
        kind = ast.unparse(node.annotation)
        default = ast.literal_eval(node.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise WorkbenchError(
            f"{file}, parameters cell, line {node.lineno}: the default of '{node.target.id}' is no "
            "plain value",
            "Write a number, a text or True or False.",
        ) from None
    if kind not in _TYPES or not isinstance(default, str | int | float):
        raise WorkbenchError(
            f"{file}, parameters cell, line {node.lineno}: '{node.target.id}' is of no known type",
            f"Types: {', '.join(_TYPES)}; the default is one plain value.",
        )
    choices = re.search(r"one of: ([\w, .-]+)", comment)
    limits = re.search(r"from (-?\d+\.?\d*) to (-?\d+\.?\d*)", comment)
    return Parameter(
        name=node.target.id,
        type=kind,
        default=default,
        meaning=comment,
        choices=tuple(part.strip() for part in choices[1].split(",")) if choices else (),
        low=float(limits[1]) if limits else None,
        high=float(limits[2]) if limits else None,
    )


def checked_values(notebook: Notebook, given: Mapping[str, Any]) -> dict[str, Value]:
    """All parameters of a notebook, with the given values converted to their declared types.

    Parameters
    ----------
    notebook : Notebook
        What may be given.
    given : mapping of str to object
        Values by name, as text from a command line or as Python values.

    Returns
    -------
    dict
        Every declared parameter with its value.

    Raises
    ------
    WorkbenchError
        For an unknown name (the nearest is suggested), a value of another type, outside its
        range or not among its choices.

    Examples
    --------
    >>> declared = read_parameters("alpha: float = 0.05  # false share; from 0.001 to 0.5", "x")
    >>> notebook = Notebook("x", Path("x.ipynb"), "X", (), (), declared, "")
    >>> checked_values(notebook, {}), checked_values(notebook, {"alpha": "0.01"})
    ({'alpha': 0.05}, {'alpha': 0.01})
    >>> checked_values(notebook, {"alpha": 2})
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: notebook x, parameter 'alpha': 2 is out of range. Give ...
    """
    names = [parameter.name for parameter in notebook.parameters]
    for name in given:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"Did you mean '{near[0]}'? " if near else ""
            raise WorkbenchError(
                f"notebook {notebook.name} has no parameter '{name}'",
                f"{hint}Its parameters: {', '.join(names)}.",
            )
    return {
        parameter.name: _converted(notebook, parameter, given[parameter.name])
        if parameter.name in given
        else parameter.default
        for parameter in notebook.parameters
    }


def _converted(notebook: Notebook, parameter: Parameter, value: Any) -> Value:
    where = f"notebook {notebook.name}, parameter '{parameter.name}'"
    try:
        converted = _as_type(parameter.type, value)
    except (ValueError, TypeError):
        raise WorkbenchError(
            f"{where}: {value!r} is not of type {parameter.type}",
            f"Its meaning: {parameter.meaning or 'not stated'}.",
        ) from None
    if parameter.choices and str(converted) not in parameter.choices:
        raise WorkbenchError(
            f"{where}: {value!r} is no choice", f"Choices: {', '.join(parameter.choices)}."
        )
    if parameter.low is not None and parameter.high is not None:
        # a whole number of any length can be compared, and not every one be made a float
        inside = isinstance(converted, int | float) and parameter.low <= converted <= parameter.high
        if not inside:
            raise WorkbenchError(
                f"{where}: {value!r} is out of range",
                f"Give a value from {parameter.low:g} to {parameter.high:g}.",
            )
    return converted


def _as_type(type_name: str, value: Any) -> Value:
    if type_name == "bool":
        texts = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if isinstance(value, bool):
            return value
        if str(value).lower() not in texts:
            raise ValueError(value)
        return texts[str(value).lower()]
    if type_name == "str":
        if not isinstance(value, str):
            raise TypeError(value)
        return value
    if isinstance(value, bool):
        raise TypeError(value)
    if type_name == "int" and isinstance(value, float) and not value.is_integer():
        raise ValueError(value)
    number = _TYPES[type_name](value)
    if isinstance(number, float) and number != number:
        raise ValueError(value)
    return number


def without_place(values: Mapping[str, Value]) -> dict[str, Value]:
    """Parameters as results are known by: of an own framework its values, not where it lies.

    Parameters
    ----------
    values : mapping
        All parameters of a notebook.

    Returns
    -------
    dict
        The same, with ``own file`` in the place of a framework's path.

    Examples
    --------
    >>> without_place({"framework": "mine.toml", "state": "TX"})
    {'framework': 'own file', 'state': 'TX'}
    >>> without_place({"framework": ""})
    {'framework': ''}
    """
    return {**values, **({"framework": "own file"} if values.get("framework") else {})}
