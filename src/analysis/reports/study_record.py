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
    "used": {str: _USED},
    "lacking": {str: str},
}
# what runs of an earlier workbench may not have
_LATER = {"minimum_cell": int, "tables": list, "answer": list, "checked_as_published": dict}


def read_study(folder: Path) -> dict[str, Any]:
    """Record of the study whose results lie in a folder.

    Parameters
    ----------
    folder : Path
        With ``study.json``.

    Returns
    -------
    dict of str to object
        ``notebook``, ``title``, ``parameters``, ``used`` (publisher, release, form and hash by
        source) and ``lacking`` (why, by source); of later workbenches also ``minimum_cell``,
        ``tables``, ``answer`` and ``checked_as_published``.

    Raises
    ------
    WorkbenchError
        None is there, or what is there is no whole record.

    Examples
    --------
    >>> import json
    >>> from tempfile import TemporaryDirectory
    >>> record = {"notebook": "05", "title": "Tiers", "parameters": {}, "used": {}, "lacking": {}}
    >>> with TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "study.json").write_text(json.dumps(record))
    ...     read_study(Path(folder))["title"]
    'Tiers'
    """
    file = folder / "study.json"
    record: dict[str, Any] = read_json(file, dict, "Run the notebook again: workbench run.")
    later = {name: kind for name, kind in _LATER.items() if name in record}
    if record.get("checked_as_published"):
        # without these two nothing could be checked again
        later = _LATER
    if not has_shape(record, {**_SHAPE, **later}):
        raise WorkbenchError(f"{file} is no whole record of a study", "Run the notebook again.")
    return record
