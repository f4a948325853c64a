"""A coach's list of workers: one row a person, with the move and its limits."""

from pathlib import Path

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.cleaning import amounts
from analysis.tables.layouts import Field
from analysis.tables.text_files import read_text_table

FIELDS: tuple[Field, ...] = (
    Field("worker", "text", False, "who, as it shall stand on the page; never written elsewhere"),
    Field("origin", "text", True, "job the worker comes from: title or SOC code"),
    Field("target", "text", True, "job the worker wants: title or SOC code"),
    Field("state", "text", True, "where training is looked for, two letters"),
    Field("city", "text", False, "city of the training; empty: the whole state"),
    Field("maximum_cost", "number", False, "most that it may cost; empty: no limit", 0),
    Field("maximum_weeks", "number", False, "longest program; empty: no limit", 0),
    Field("delivery", "text", False, "In-person, Hybrid or Distance Education; empty: any"),
    Field("public_transit", "text", False, "yes where public transit must reach it"),
    Field("child_care", "text", False, "yes where child care on site is needed"),
    Field("language", "text", False, "en or es; empty: en"),
)
_YES, _NO = {"yes", "y", "1", "true", "sí", "si"}, {"", "no", "n", "0", "false"}
_DELIVERIES = ("any", "In-person", "Hybrid", "Distance Education")


def read_workers(path: Path, languages: tuple[str, ...] = ("en", "es")) -> pd.DataFrame:
    """Read a list of workers.

    Parameters
    ----------
    path : Path
        CSV (UTF-8, commas) or Parquet with the headings of ``FIELDS``.
    languages : tuple of str
        Languages that a page can be written in.

    Returns
    -------
    DataFrame
        One row a worker, index the row in the file (the heading is row 1): ``worker``,
        ``origin``, ``target``, ``state``, ``city``, ``maximum_cost`` and ``maximum_weeks`` (0: no
        limit), ``delivery``, ``public_transit`` and ``child_care`` (bool), ``language``.

    Raises
    ------
    WorkbenchError
        Naming the file, column and row. Names of workers are never part of an error.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "workers.csv"
    ...     _ = path.write_text("origin,target,state,maximum_cost\\nCashiers,Bakers,TX,500\\n")
    ...     workers = read_workers(path)
    >>> workers[["target", "maximum_cost", "maximum_weeks", "delivery", "language"]].values.tolist()
    [['Bakers', 500.0, 0.0, 'any', 'en']]
    """
    raw = read_text_table(path)
    for field in FIELDS:
        if field.name not in raw:
            if field.required:
                raise WorkbenchError(
                    f"{path.name}: no column '{field.name}' ({field.meaning})",
                    f"Headings: {', '.join(raw.columns)}.",
                )
            raw[field.name] = None
    text = raw[[field.name for field in FIELDS]].fillna("").apply(lambda column: column.str.strip())
    for name in ("origin", "target", "state"):
        _refuse(path, name, text[name].eq(""), "is empty", "Fill it in.")
    table = text.copy()
    for name in ("maximum_cost", "maximum_weeks"):
        numbers = amounts(text[name])
        wrong = text[name].ne("") & ~(numbers >= 0)
        _refuse(path, name, wrong, "is no amount", "Write a number, or leave it empty.")
        table[name] = numbers.fillna(0.0)
    for name in ("public_transit", "child_care"):
        lower = text[name].str.lower()
        _refuse(path, name, ~lower.isin(_YES | _NO), "is neither yes nor no", "Write yes or no.")
        table[name] = lower.isin(_YES)
    table["delivery"] = text["delivery"].replace("", "any")
    known = ", ".join(_DELIVERIES)
    _refuse(
        path, "delivery", ~table["delivery"].isin(_DELIVERIES), "is unknown", f"One of: {known}."
    )
    table["language"] = text["language"].str.lower().replace("", languages[0])
    known = ", ".join(languages)
    _refuse(path, "language", ~table["language"].isin(languages), "is unknown", f"One of: {known}.")
    return table


def _refuse(path: Path, column: str, wrong: pd.Series, what: str, remedy: str) -> None:
    if wrong.any():
        rows = ", ".join(str(row) for row in wrong.index[wrong][:5])
        raise WorkbenchError(f"{path.name}, column '{column}', row {rows}: {what}", remedy)
