"""Columns of a user's file, typed by their layout; an error names the first row that is bad."""

import difflib
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.cleaning import amounts, cip_as_written
from analysis.tables.layouts import Field


def typed_columns(raw: pd.DataFrame, fields: tuple[Field, ...], path: Path) -> pd.DataFrame:
    """The columns of a layout that a file has, typed; an error names what cannot be read.

    Parameters
    ----------
    raw : DataFrame
        Text, as from :func:`analysis.tables.text_files.read_text_table`.
    fields : tuple of Field
    path : Path
        File that it is of, for the error.

    Returns
    -------
    DataFrame
        Columns in the order of the fields, index of ``raw``: CIP codes as ``NN.NN`` or ``NN.NNNN``,
        text with "" where it is missing, numbers as floats.

    Raises
    ------
    WorkbenchError
        Naming the column and the row: a required column that is missing, a value that is none of
        its field.

    Examples
    --------
    >>> raw = pd.DataFrame({"cip": ["1.0304"], "cost": ["$1,200"]}, index=[2], dtype="str")
    >>> fields = (Field("cip", "cip", True, ""), Field("cost", "number", False, "", 0))
    >>> typed_columns(raw, fields, Path("a.csv")).values.tolist()
    [['01.0304', 1200.0]]
    >>> typed_columns(raw.assign(cost="-1"), fields, Path("a.csv"))
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: a.csv, column 'cost', row 2: '-1' is below 0. Mend the value.
    """
    require_columns(raw, [field.name for field in fields if field.required], path)
    present = [field for field in fields if field.name in raw]
    return pd.DataFrame({f.name: _typed(raw[f.name], f, path) for f in present}, index=raw.index)


def fault_of(value: str | None, field: Field, path: Path) -> tuple[str, str] | None:
    """What is wrong with one value of a field, and the remedy; None where it can be read.

    Parameters
    ----------
    value : str or None
        Text of the cell, None where it is empty.
    field : Field
    path : Path
        File that it is of.

    Returns
    -------
    tuple of (str, str) or None
        Problem and remedy.

    Examples
    --------
    >>> fault_of("x", Field("cost", "number", False, "", 0), Path("a.csv"))
    ("'x' is not a number", 'Write a number or leave it empty.')
    """
    try:
        _typed(pd.Series([value], index=[2], dtype="str"), field, path)
    except WorkbenchError as error:
        return error.problem.split("row 2: ", 1)[1], error.remedy
    return None


def require_columns(raw: pd.DataFrame, names: list[str], path: Path) -> None:
    """Refuse a file that lacks a column, with the nearest name that it has.

    Parameters
    ----------
    raw : DataFrame
        As it was read.
    names : list of str
        Columns that must be there.
    path : Path
        File that it is of, for the error.

    Raises
    ------
    WorkbenchError
        Naming the first column that is missing.

    Examples
    --------
    >>> raw = pd.DataFrame({"age": ["31"], "pay": ["9"]})
    >>> require_columns(raw, ["age"], Path("a.csv"))
    >>> require_columns(raw, ["age", "pays"], Path("a.csv"))
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: a.csv: column 'pays' is missing. Is it 'pay'? Columns there: ...
    """
    for name in names:
        if name not in raw:
            near = difflib.get_close_matches(name, list(raw.columns), n=1, cutoff=0.6)
            hint = f"Is it '{near[0]}'? " if near else ""
            raise WorkbenchError(
                f"{path.name}: column '{name}' is missing",
                f"{hint}Columns there: {', '.join(raw.columns[:12])}.",
            )


def column_numbers(column: pd.Series, name: str, path: Path) -> pd.Series:
    """A column as numbers, missing where it is empty.

    Parameters
    ----------
    column : Series of str
        Its index holds rows of the file.
    name : str
        Its heading, for the error.
    path : Path
        File that it is of, for the error.

    Returns
    -------
    Series of float
        With the index of ``column``.

    Raises
    ------
    WorkbenchError
        Naming the first row that holds no number.

    Examples
    --------
    >>> column_numbers(pd.Series(["$1,200", None], dtype="str"), "cost", Path("a.csv")).tolist()
    [1200.0, nan]
    >>> column_numbers(pd.Series(["free"], index=[2], dtype="str"), "cost", Path("a.csv"))
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: a.csv, column 'cost', row 2: 'free' is not a number. Write a ...
    """
    numbers = amounts(column)
    if (bad := numbers.isna() & column.notna()).any():
        raise at(path, name, bad, column, "is not a number", "Write a number or leave it empty.")
    return numbers


def _typed(column: pd.Series, field: Field, path: Path) -> pd.Series:
    if field.type == "cip":
        codes = column.map(cip_as_written, na_action=None).astype("str")
        if (bad := codes == "").any():
            remedy = "Write it as NN.NNNN, such as 51.0801, in a column formatted as text."
            raise at(path, field.name, bad, column, "is no CIP code", remedy)
        return codes
    if field.type == "text":
        if field.required and (bad := column.isna()).any():
            raise at(path, field.name, bad, column, "is missing", "Fill it.")
        return column.fillna("")
    numbers = column_numbers(column, field.name, path)
    faults = [
        (numbers < (-np.inf if field.low is None else field.low), f"is below {field.low}"),
        (numbers > (np.inf if field.high is None else field.high), f"is above {field.high}"),
        ((numbers % 1 > 0) & (field.type == "whole number"), "is no whole number"),
    ]
    for bad, what in faults:
        if bad.any():
            raise at(path, field.name, bad, column, what, "Mend the value.")
    return numbers


def at(
    path: Path, column: str, bad: pd.Series, values: pd.Series, what: str, remedy: str
) -> WorkbenchError:
    """The error for a column of a file: its first bad row, and how many more there are.

    Parameters
    ----------
    path : Path
    column : str
        Its heading.
    bad : Series of bool
        True in at least one row; the index holds rows of the file.
    values : Series
        What is written there, with the same index.
    what : str
        What is wrong, after the value, as in "is not a number".
    remedy : str

    Returns
    -------
    WorkbenchError

    Examples
    --------
    >>> ages = pd.Series(["old", "31", "young"], index=[2, 3, 4])
    >>> str(at(Path("a.csv"), "age", ages != "31", ages, "is not a number", "Write one."))
    "a.csv, column 'age', row 2: 'old' is not a number (and 1 more row). Write one."
    """
    row = bad.index[bad.to_numpy()][0]
    value = values.loc[row]
    shown = repr(str(value)[:40]) if isinstance(value, str) else "the value"
    others = int(bad.sum()) - 1
    more = f" (and {others} more {'row' if others == 1 else 'rows'})" if others else ""
    return WorkbenchError(
        f"{path.name}, column '{column}', row {row}: {shown} {what}{more}", remedy
    )
