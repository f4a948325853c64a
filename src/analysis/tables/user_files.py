"""A user's own file: read in the workbench's layout, or refused naming the place."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.cleaning import amounts, cip_as_written
from analysis.tables.etp_bulk import is_etp_bulk, program_outcomes, read_etp_bulk
from analysis.tables.layouts import LAYOUTS, Field
from analysis.tables.schemas import SCHEMAS, checked
from analysis.tables.text_files import read_text_table

_TABLE_OF = {
    "outcomes": "program_outcomes",
    "programs": "programs",
    "group_outcomes": "program_group_outcomes",
}
# columns that the table of participants makes itself
_OWN_HEADINGS = ("person", "trial", "treated", "stratum")


def read_user_table(path: Path, layout: str) -> pd.DataFrame:
    """Read a user's programs or outcomes into the typed table of that name.

    Parameters
    ----------
    path : Path
        CSV (UTF-8, commas) or Parquet; for outcomes the national file of training results too.
    layout : str
        ``programs``, ``outcomes`` or ``group_outcomes``
        (:data:`analysis.tables.layouts.LAYOUTS`).

    Returns
    -------
    DataFrame
        Table ``programs``, ``program_outcomes`` or ``program_group_outcomes``. What was repaired
        on the way, such as a leading zero given back to a CIP code, stands as sentences in
        ``attrs["repairs"]``.

    Raises
    ------
    WorkbenchError
        Naming the file, the column and the row (the heading is row 1) and the remedy.

    Examples
    --------
    >>> import tempfile
    >>> lines = ["program_key,provider,program,cip_code,state,cost",
    ...          "a,College,Farming,1.0304,CA,\\"$1,200\\""]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "programs.csv"
    ...     _ = path.write_text("\\n".join(lines))
    ...     programs = read_user_table(path, "programs")
    >>> programs[["cip_code", "cost", "weeks"]].values.tolist()
    [['01.0304', 1200.0, nan]]
    >>> programs.attrs["repairs"][0].split("; ")[1]
    "row 2: '1.0304' is read as 01.0304"
    """
    if layout not in _TABLE_OF:
        raise WorkbenchError(f"'{layout}' is no layout", f"Layouts: {', '.join(_TABLE_OF)}.")
    if layout == "outcomes" and path.suffix.lower() in (".csv", ".xlsx") and is_etp_bulk(path):
        programs = read_etp_bulk(path)
        done = program_outcomes(programs, "user:outcomes")
        left = done.attrs["left_out"]
        repairs = [f"{left} programs have no CIP code and are left out"] * bool(left)
        done.attrs["repairs"] = repairs + programs.attrs["unreadable"] + programs.attrs["inferred"]
        return done
    raw = read_text_table(path)
    frame = typed_columns(raw, LAYOUTS[layout], path)
    _refuse_contradictions(frame, raw, layout, path)
    table = _TABLE_OF[layout]
    done = checked(_completed(frame, table), table, path.name)
    done.attrs["repairs"] = _repairs(raw["cip_code"], frame["cip_code"])
    return done


def read_participants(
    path: Path,
    *,
    treatment: str,
    outcome: str,
    groups: list[str],
    covariates: list[str],
    stratum: str | None = None,
    weights: str | None = None,
    cluster: str | None = None,
    attended: str | None = None,
    cost: str | None = None,
    missing_outcomes: Literal["refuse", "leave out"] = "refuse",
) -> pd.DataFrame:
    """Read a user's participants: one row a person.

    Parameters
    ----------
    path : Path
        CSV or Parquet.
    treatment : str
        Column of 0 and 1: whether the person was assigned to the program.
    outcome : str
        Column of numbers.
    groups, covariates : list of str
        Columns that make groups (text) and that were measured before assignment (numbers).
    stratum : str, optional
        Column within which assignment was drawn.
    weights : str, optional
        Column of how many people each stands for, above 0.
    cluster : str, optional
        Column of clusters (sites, classes) whose people are alike.
    attended : str, optional
        Column of 0 and 1: whether the person took the program up.
    cost : str, optional
        Column of what was spent on the person, in either arm, in the outcome's money.
    missing_outcomes : {'refuse', 'leave out'}
        Whether a person without an outcome is an error, or keeps a missing one for the caller
        to leave out and to count.

    Returns
    -------
    DataFrame
        ``person``, ``trial``, ``treated``, ``stratum``, the groups as text (missing values are
        the group "not stated"), the outcome and the covariates as floats; ``weight``,
        ``cluster``, ``attended`` and ``cost`` where they are named. No row is dropped.

    Raises
    ------
    WorkbenchError
        As :func:`read_user_table`; also where treatment is not 0 or 1, an outcome or covariate is
        missing, one column plays two parts, or a person stands in two rows.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "people.csv"
    ...     _ = path.write_text("offered,pay,race\\n1,900,Black\\n0,850,\\n")
    ...     people = read_participants(
    ...         path, treatment="offered", outcome="pay", groups=["race"], covariates=[]
    ...     )
    >>> people[["person", "trial", "treated", "race", "pay"]].values.tolist()
    [[0, 'people', 1, 'Black', 900.0], [1, 'people', 0, 'not stated', 850.0]]
    """
    raw = read_text_table(path)
    numeric = {"weight": weights, "attended": attended, "cost": cost}
    others = {part: name for part, name in (numeric | {"cluster": cluster}).items() if name}
    _refuse_double_parts(path, treatment, outcome, groups, covariates, others)
    named = [treatment, outcome, *groups, *covariates, *others.values()]
    _require(raw, [*named, *([stratum] if stratum else [])], path)
    treated = _numbers(raw[treatment], treatment, path)
    if (bad := ~treated.isin([0.0, 1.0])).any():
        raise at(path, treatment, bad, raw[treatment], "is neither 0 nor 1", "Code it as 0 or 1.")
    if "person" in raw and (repeated := raw["person"].dropna().duplicated()).any():
        remedy = "Keep one row a person."
        people = raw["person"].dropna()
        raise at(path, "person", repeated, people, "stands in an earlier row too", remedy)
    frame = pd.DataFrame({"person": np.arange(len(raw)), "trial": path.stem}, index=raw.index)
    frame["treated"] = treated.astype("int64")
    frame["stratum"] = raw[stratum].fillna("not stated") if stratum else ""
    for name in groups:
        frame[name] = raw[name].fillna("not stated")
    numbers = {name: name for name in [outcome, *covariates]}
    numbers |= {part: name for part, name in numeric.items() if name}
    for part, name in numbers.items():
        frame[part] = _numbers(raw[name], name, path)
        bad = frame[part].isna()
        if bad.any() and not (name == outcome and missing_outcomes == "leave out"):
            remedy = "Fill it, or leave the row out and say so."
            raise at(path, name, bad, raw[name], "is missing", remedy)
    if weights and (bad := frame["weight"] <= 0).any():
        raise at(path, weights, bad, raw[weights], "is no weight above 0", "Leave the row out.")
    if attended and (bad := ~frame["attended"].isin([0.0, 1.0])).any():
        raise at(path, attended, bad, raw[attended], "is neither 0 nor 1", "Code it as 0 or 1.")
    if cluster:
        frame["cluster"] = raw[cluster]
        if (bad := raw[cluster].isna()).any():
            raise at(path, cluster, bad, raw[cluster], "is missing", "Name each one's cluster.")
    return frame.reset_index(drop=True)


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
    _require(raw, [field.name for field in fields if field.required], path)
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


def _refuse_double_parts(
    path: Path,
    treatment: str,
    outcome: str,
    groups: list[str],
    covariates: list[str],
    others: Mapping[str, str],
) -> None:
    # weights and clusters may be what people are grouped by or adjusted for as well
    apart = [name for part, name in others.items() if part in ("attended", "cost")]
    parts = [treatment, outcome, *groups, *covariates, *apart]
    for name in parts:
        if parts.count(name) > 1:
            raise WorkbenchError(
                f"{path.name}: column '{name}' is named for two parts",
                "Treatment, outcome, groups and covariates must be different columns.",
            )
    taken = [*_OWN_HEADINGS, *others]
    for name in [outcome, *groups, *covariates]:
        if name in taken:
            raise WorkbenchError(
                f"{path.name}: heading '{name}' is one that the workbench makes itself",
                f"Rename the column: {', '.join(taken)} are taken.",
            )


def _require(raw: pd.DataFrame, names: list[str], path: Path) -> None:
    for name in names:
        if name not in raw:
            near = difflib.get_close_matches(name, list(raw.columns), n=1, cutoff=0.6)
            hint = f"Is it '{near[0]}'? " if near else ""
            raise WorkbenchError(
                f"{path.name}: column '{name}' is missing",
                f"{hint}Columns there: {', '.join(raw.columns[:12])}.",
            )


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


def _numbers(column: pd.Series, name: str, path: Path) -> pd.Series:
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
    numbers = _numbers(column, field.name, path)
    faults = [
        (numbers < (-np.inf if field.low is None else field.low), f"is below {field.low}"),
        (numbers > (np.inf if field.high is None else field.high), f"is above {field.high}"),
        ((numbers % 1 > 0) & (field.type == "whole number"), "is no whole number"),
    ]
    for bad, what in faults:
        if bad.any():
            raise at(path, field.name, bad, column, what, "Mend the value.")
    return numbers


def _refuse_contradictions(frame: pd.DataFrame, raw: pd.DataFrame, layout: str, path: Path) -> None:
    if layout != "programs":
        bad = frame["metric"].str.endswith("_share") & (frame["value"] > 1)
        if bad.any():
            remedy = "Write 0.62 for 62 percent."
            raise at(path, "value", bad, raw["value"], "is a share above 1", remedy)
    elif (bad := frame["program_key"].duplicated()).any():
        remedy = "Give each program a key of its own."
        raise at(path, "program_key", bad, raw["program_key"], "stands twice", remedy)


def _completed(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    done = frame.copy()
    if table != "programs":
        done["source_id"] = "user:outcomes"
        key = done["provider_id"] + ":" + done["cip_code"]
        stated = done.get("program_key", key)
        done["program_key"] = stated.where(stated != "", key)
        done["quarter"] = done["quarter"].fillna(0).astype("int64") if "quarter" in done else 0
    else:
        done["list_name"] = "user"
        done["cip_title"] = pd.Series(pd.NA, index=done.index, dtype="str")
    for name, column in SCHEMAS[table].items():
        if name not in done:
            done[name] = np.nan if str(column.dtype) == "float64" else ""
    return done


def _repairs(written: pd.Series, codes: pd.Series) -> list[str]:
    changed = written.ne(codes)
    if not changed.any():
        return []
    row = changed.index[changed][0]
    return [
        f"cip_code: {int(changed.sum())} of {len(codes)} codes were not written as NN.NNNN; "
        f"row {row}: '{written.loc[row]}' is read as {codes.loc[row]}"
    ]
