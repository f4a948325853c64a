"""A worker's own record: past jobs with years, and skills held with levels."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.text_files import read_text_table

COLUMNS = ("kind", "name", "level", "years", "years_ago")
KINDS = ("job", "skill")
_LARGEST = 1 << 24
_LIMITS = {"level": (0, 7), "years": (0, 80), "years_ago": (0, 80)}
_HOW = f"Columns: {', '.join(COLUMNS)}; 'kind' is job or skill, and only 'name' must be filled too."


def read_worker_record(path: Path) -> pd.DataFrame:
    """Read what a worker brings.

    Parameters
    ----------
    path : Path
        CSV (UTF-8, commas) with the columns ``kind`` ('job' or 'skill'), ``name`` (title or SOC
        code of a job; a skill, a task or a product in the worker's words) and, if known,
        ``level`` (of a skill, O*NET's 0 to 7), ``years`` (that a job was held) and ``years_ago``
        (since it ended; 0 or empty: it is held now, or this is not known). Or JSON: a list of
        objects with these keys, or ``{"jobs": [...], "skills": [...]}`` without ``kind``.

    Returns
    -------
    DataFrame
        The five columns in the order of the file, index the row in the file (of JSON: from 1);
        numbers are missing where they are not given.

    Raises
    ------
    WorkbenchError
        Naming the file, the column and the row. What the worker wrote is never part of an error.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "record.json"
    ...     _ = path.write_text('{"jobs": [{"name": "Baker", "years": 3}], "skills": []}')
    ...     read_worker_record(path).values.tolist()
    [['job', 'Baker', nan, 3.0, nan]]
    """
    raw = _from_json(path) if path.suffix.lower() == ".json" else read_text_table(path)
    unknown = [name for name in raw if name not in COLUMNS]
    if unknown:
        raise WorkbenchError(f"{path.name}: column '{unknown[0]}' is unknown", _HOW)
    for name in ("kind", "name"):
        if name not in raw:
            raise WorkbenchError(f"{path.name}: column '{name}' is missing", _HOW)
    raw = raw.assign(**{name: "" for name in COLUMNS if name not in raw})
    text = raw[list(COLUMNS)].fillna("").apply(lambda column: column.str.strip())
    text["kind"] = text["kind"].str.lower()
    _refuse(path, "kind", ~text["kind"].isin(KINDS), "is neither 'job' nor 'skill'")
    _refuse(path, "name", text["name"].eq(""), "is empty")
    table = text[["kind", "name"]].copy()
    for name, (low, high) in _LIMITS.items():
        numbers = pd.to_numeric(text[name], errors="coerce")
        wrong = text[name].ne("") & ~numbers.between(low, high)
        _refuse(path, name, wrong, f"is no number from {low} to {high}")
        table[name] = numbers.astype(float)
    return table


def _from_json(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise WorkbenchError(f"file {path} does not exist", "Check the path.")
    try:
        if path.stat().st_size > _LARGEST:
            raise WorkbenchError(f"{path.name} is no worker's record: it is too long", _HOW)
        content: Any = json.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise WorkbenchError(f"{path.name}: not in UTF-8", "Save it as UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise WorkbenchError(f"{path.name} is no JSON ({error})", "Mend it there.") from None
    if isinstance(content, dict):
        unknown = sorted(set(content) - {"jobs", "skills"})
        if unknown:
            raise WorkbenchError(f"{path.name}: key '{unknown[0]}' is unknown", _HOW)
        parts = {kind: content.get(f"{kind}s", []) for kind in KINDS}
        if not all(isinstance(part, list) for part in parts.values()):
            raise WorkbenchError(f"{path.name}: 'jobs' and 'skills' are lists", _HOW)
        content = [
            {"kind": kind, **row} if isinstance(row, dict) else row
            for kind, part in parts.items()
            for row in part
        ]
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise WorkbenchError(f"{path.name} is no list of jobs and skills", _HOW)
    if not content:
        raise WorkbenchError(f"{path.name} holds no job and no skill", "Give at least one.")
    rows = [{k: "" if v is None else str(v) for k, v in row.items()} for row in content]
    return pd.DataFrame(rows, index=range(1, len(rows) + 1), dtype="str")


def _refuse(path: Path, column: str, wrong: pd.Series, what: str) -> None:
    if wrong.any():
        row = wrong.index[wrong.to_numpy()][0]
        raise WorkbenchError(f"{path.name}, column '{column}', row {row}: {what}", _HOW)
