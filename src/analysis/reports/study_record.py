"""What a study wrote about itself (``study.json``): sources used and lacking, tables, answer."""

from pathlib import Path
from typing import Any

from analysis.errors import WorkbenchError
from analysis.plain_data import has_shape, read_json

_USED = dict.fromkeys(("title", "publisher", "release", "form", "sha256"), str)
_SHAPE = {
    "notebook": str,
    "title": str,
    "parameters": dict,
    "minimum_cell": int,
    "used": {str: _USED},
    "lacking": {str: str},
    "tables": list,
    "answer": list,
}


def read_study(folder: Path) -> dict[str, Any]:
    """Record of the study whose results lie in a folder.

    Raises
    ------
    WorkbenchError
        None is there, or what is there is no whole record.
    """
    file = folder / "study.json"
    record: dict[str, Any] = read_json(file, dict, "Run the notebook again: workbench run.")
    if not has_shape(record, _SHAPE):
        raise WorkbenchError(f"{file} is no whole record of a study", "Run the notebook again.")
    return record
