"""A user's own file: read in the workbench's layout, or refused naming the place."""

import difflib
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.cleaning import cip_from_number
from analysis.tables.layouts import LAYOUTS, Field
from analysis.tables.schemas import SCHEMAS, checked


def read_user_table(path: Path, layout: str) -> pd.DataFrame:
    """Read a user's programs or outcomes into the typed table of that name.

    Parameters
    ----------
    path : Path
        CSV (UTF-8, commas) or Parquet.
    layout : str
        ``programs`` or ``outcomes`` (:data:`analysis.tables.layouts.LAYOUTS`).

    Returns
    -------
    DataFrame
        Table ``programs`` or ``program_outcomes``.

    Raises
    ------
    WorkbenchError
        Naming the file, the column and the row (the heading is row 1) and the remedy.
    """
    raw = read_text_table(path)
    fields = LAYOUTS[layout]
    _require(raw, [field.name for field in fields if field.required], path)
    frame = pd.DataFrame(index=raw.index)
    for field in fields:
        if field.name in raw:
            frame[field.name] = _typed(raw[field.name], field, path)
    table = "program_outcomes" if layout == "outcomes" else "programs"
    return checked(_completed(frame, table, layout), table, path.name)


def read_participants(
    path: Path,
    *,
    treatment: str,
    outcome: str,
    groups: list[str],
    covariates: list[str],
    stratum: str = "",
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

    Returns
    -------
    DataFrame
        ``person``, ``trial``, ``treated``, ``stratum``, the groups as text (missing values are
        the group "not stated"), the outcome and the covariates as floats.

    Raises
    ------
    WorkbenchError
        As :func:`read_user_table`; also where treatment is not 0 or 1, an outcome is missing or
        infinite, or a person (column ``person``, where there is one) stands in two rows.
    """
    raw = read_text_table(path)
    wanted = [treatment, outcome, *groups, *covariates, *([stratum] if stratum else [])]
    _require(raw, wanted, path)
    treated = _numbers(raw[treatment], treatment, path)
    if (bad := ~treated.isin([0.0, 1.0])).any():
        raise _at(path, treatment, bad, raw[treatment], "is neither 0 nor 1", "Code it as 0 or 1.")
    if "person" in raw and (repeated := raw["person"].duplicated()).any():
        remedy = "Keep one row a person."
        raise _at(path, "person", repeated, raw["person"], "stands in an earlier row too", remedy)
    frame = pd.DataFrame(
        {
            "person": np.arange(len(raw)),
            "trial": path.stem,
            "treated": treated.astype("int64"),
            "stratum": raw[stratum].fillna("not stated") if stratum else "",
        }
    )
    for name in groups:
        frame[name] = raw[name].fillna("not stated").astype("str")
    for name in dict.fromkeys([outcome, *covariates]):
        frame[name] = _numbers(raw[name], name, path)
        if (bad := ~np.isfinite(frame[name])).any():
            remedy = "Fill it, or leave the row out and say so."
            raise _at(path, name, bad, raw[name], "is missing or infinite", remedy)
    return frame


def read_text_table(path: Path) -> pd.DataFrame:
    """Read a CSV or Parquet file as text, refusing what is not one."""
    if not path.is_file():
        raise WorkbenchError(f"file {path} does not exist", "Check the path.")
    if path.suffix == ".parquet":
        try:
            return pd.read_parquet(path).astype("str").replace({"nan": None, "None": None})
        except (OSError, ValueError) as error:
            raise WorkbenchError(
                f"{path.name}: not readable as Parquet ({error})", "Write it again."
            ) from None
    content = path.read_bytes()
    _refuse_other_formats(path, content)
    heading = content.decode("utf-8-sig").splitlines()[0]
    names = [name.strip().strip('"') for name in heading.split(",")]
    if len(names) == 1 and any(mark in heading for mark in (";", "\t", "|")):
        raise WorkbenchError(
            f"{path.name}: the heading holds no comma", "Save it with commas between columns."
        )
    if repeated := [name for name in names if names.count(name) > 1]:
        raise WorkbenchError(
            f"{path.name}: heading '{repeated[0]}' stands twice", "Rename or remove one column."
        )
    try:
        frame = pd.read_csv(path, dtype="str", encoding="utf-8-sig", skipinitialspace=True)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise WorkbenchError(f"{path.name}: {error}", "Mend the row that is named.") from None
    if not len(frame):
        raise WorkbenchError(f"{path.name} has a heading and no rows", "Give at least one row.")
    frame.columns = frame.columns.str.strip()
    return frame


def _refuse_other_formats(path: Path, content: bytes) -> None:
    if not content.strip():
        raise WorkbenchError(f"{path.name} is empty", "Give a CSV with a heading and rows.")
    if content[:2] == b"PK" or content[:4] == b"\xd0\xcf\x11\xe0":
        raise WorkbenchError(f"{path.name} is a spreadsheet, not a CSV", "Save it as CSV (UTF-8).")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise WorkbenchError(f"{path.name} is in UTF-16", "Save it as CSV (UTF-8).")
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise WorkbenchError(
            f"{path.name}, row {row}: not in UTF-8", "Save it as CSV (UTF-8)."
        ) from None


def _require(raw: pd.DataFrame, names: list[str], path: Path) -> None:
    for name in names:
        if name not in raw:
            near = difflib.get_close_matches(name, list(raw.columns), n=1, cutoff=0.6)
            hint = f"Is it '{near[0]}'? " if near else ""
            raise WorkbenchError(
                f"{path.name}: column '{name}' is missing",
                f"{hint}Columns there: {', '.join(map(str, raw.columns[:12]))}.",
            )


def _at(
    path: Path, column: str, bad: pd.Series, values: pd.Series, what: str, remedy: str
) -> WorkbenchError:
    position = int(np.flatnonzero(bad.to_numpy())[0])
    shown = str(values.iloc[position])[:40]
    others = int(bad.sum()) - 1
    more = f" (and {others} more rows)" if others else ""
    # the heading is row 1, as a spreadsheet counts
    return WorkbenchError(
        f"{path.name}, column '{column}', row {position + 2}: {shown!r} {what}{more}", remedy
    )


def _numbers(column: pd.Series, name: str, path: Path) -> pd.Series:
    text = column.astype("str").where(column.notna())
    plain = text.str.strip().str.replace(r"^\$|,(?=\d{3})", "", regex=True)
    plain = plain.mask(plain == "")
    numbers = pd.to_numeric(plain, errors="coerce").astype("float64")
    if (bad := numbers.isna() & plain.notna()).any():
        raise _at(path, name, bad, column, "is not a number", "Write a number or leave it empty.")
    return numbers


def _typed(column: pd.Series, field: Field, path: Path) -> pd.Series:
    if field.type == "cip":
        codes = column.map(cip_from_number)
        if (bad := codes == "").any():
            remedy = "Write it as NN.NNNN, such as 51.0801."
            raise _at(path, field.name, bad, column, "is no CIP code", remedy)
        return codes
    if field.type == "text":
        if field.required and (bad := column.isna()).any():
            raise _at(path, field.name, bad, column, "is missing", "Fill it.")
        return column.fillna("").astype("str").str.strip()
    numbers = _numbers(column, field.name, path)
    for limit, is_bad, what in (
        (field.low, numbers < (field.low or 0), "is below"),
        (field.high, numbers > (field.high or 0), "is above"),
    ):
        if limit is not None and is_bad.any():
            raise _at(path, field.name, is_bad, column, f"{what} {limit:g}", "Mend the value.")
    return numbers


def _completed(frame: pd.DataFrame, table: str, layout: str) -> pd.DataFrame:
    done = frame.copy()
    if table == "program_outcomes":
        done["source_id"] = "user:outcomes"
        key = done["provider_id"] + ":" + done["cip_code"]
        done["program_key"] = done.get("program_key", key)
        done["quarter"] = done["quarter"].fillna(0).astype("int64") if "quarter" in done else 0
    else:
        done["list_name"] = "user"
        done["cip_title"] = pd.Series(pd.NA, index=done.index, dtype="str")
    for name, column in SCHEMAS[table].items():
        if name not in done:
            is_number = str(column.dtype) == "float64"
            done[name] = np.nan if is_number else ""
    return done
