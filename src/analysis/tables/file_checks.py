"""Every problem of a user's file at once: where it is, what it is and what to do about it."""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.columns import fault_of
from analysis.tables.layouts import LAYOUTS, PARTICIPANT_TEMPLATE, Field
from analysis.tables.state_report import read_state_report
from analysis.tables.text_files import read_text_table
from analysis.tables.wioa_account import Records, rows_in_file
from analysis.tables.wioa_layout import element_number, wioa_layout
from analysis.tables.wioa_records import connect, read_wioa_records
from analysis.tables.wioa_sql import quoted
from analysis.tables.workers import FIELDS as WORKERS_LIST

COLUMNS = ["row", "column", "problem", "rows", "remedy"]
# of one kind of problem in one column, this many rows are listed
_LISTED = 5


@dataclass(frozen=True)
class FileCheck:
    """What a check found.

    Attributes
    ----------
    file, layout : str
    rows : int
        Rows of the file, without its heading.
    problems : DataFrame
        ``row`` (the heading is row 1; 0 is the whole file), ``column``, ``problem``, ``rows``
        (how many rows have it), ``remedy``. Of each kind the first few rows are listed.
    """

    file: str
    layout: str
    rows: int
    problems: pd.DataFrame


def layout_names() -> list[str]:
    """Names of the layouts that a file can be checked against.

    Returns
    -------
    list of str

    Examples
    --------
    >>> layout_names()[0], layout_names()[-1]
    ('programs', 'wioa')
    """
    return ["programs", "participants", "outcomes", "group_outcomes", "state_report", "wioa"]


def layout_fields(name: str) -> tuple[Field, ...]:
    """Fields of a plain layout (all but ``wioa``).

    Parameters
    ----------
    name : str
        One of `layout_names`, without ``wioa``.

    Returns
    -------
    tuple of Field
        In the order of the template; each with its type, range and whether it must be there.

    Raises
    ------
    WorkbenchError
        For a name that is no plain layout.

    Examples
    --------
    >>> [field.name for field in layout_fields("programs") if field.required]
    ['program_key', 'provider', 'program', 'cip_code', 'state']
    """
    if name == "participants":
        return PARTICIPANT_TEMPLATE
    if name not in LAYOUTS:
        raise WorkbenchError(f"'{name}' is no layout", f"Layouts: {', '.join(layout_names())}.")
    return LAYOUTS[name]


def check_file(path: Path, layout: str = "") -> FileCheck:
    """Check a file against a layout and list its problems.

    Parameters
    ----------
    path : Path
        CSV or Parquet of a plain layout; csv, zip or gz of the WIOA records.
    layout : str, optional
        Found from the headings where none is named.

    Returns
    -------
    FileCheck

    Raises
    ------
    WorkbenchError
        A file that cannot be read as a table at all, an unknown layout, or headings of none.

    Examples
    --------
    >>> headings = "program_key,provider,program,cip_code,state,cost"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "programs.csv"
    ...     _ = path.write_text(headings + "\\na,College,Welding,48.0508,CA,x\\n")
    ...     found = check_file(path)
    >>> found.layout, found.problems[["row", "column", "problem"]].values.tolist()
    ('programs', [[2, 'cost', "'x' is not a number"]])
    """
    if layout == "wioa" or (not layout and _is_wioa(path)):
        return _check_wioa(path)
    named = layout_fields(layout) if layout else ()
    raw = read_text_table(path)
    chosen = layout or _layout_of(raw, path.name)
    fields = named or layout_fields(chosen)
    found = [_missing_columns(raw, fields)]
    found += [_column_problems(raw[f.name], f, path) for f in fields if f.name in raw]
    if chosen == "state_report" and not any(found):
        found.append(_refused_report(path))
    return FileCheck(path.name, chosen, len(raw), _joined(found))


def _is_wioa(path: Path) -> bool:
    """Whether a file's first line names elements of the WIOA records; it is not read on."""
    if path.suffix.lower() in (".zip", ".gz"):
        return True
    if not path.is_file():
        raise WorkbenchError(f"file {path} does not exist", "Check the path.")
    if path.suffix.lower() == ".parquet":
        return False
    with path.open("rb") as handle:
        # a file without line ends is not taken into memory for its first one
        first = handle.readline(1 << 20).decode("utf-8-sig", errors="replace")
    cells = ([cell.strip('" \r\n') for cell in first.split(mark)] for mark in ",;\t|")
    return any(len({*map(element_number, named)} - {""}) > 2 for named in cells)


def _layout_of(raw: pd.DataFrame, file: str) -> str:
    """The plain layout that has most of a table's headings."""
    headings = set(raw.columns)
    plain = {name: layout_fields(name) for name in layout_names()[:-1]}
    shared = {name: len(headings & {f.name for f in fields}) for name, fields in plain.items()}
    if len(headings & {field.name for field in WORKERS_LIST}) > max(shared.values()):
        raise WorkbenchError(
            f"{file} is a list of workers", "'workbench guide' says what is wrong in it."
        )
    if not any(shared.values()):
        raise WorkbenchError(
            f"{file}: no layout has any of its headings",
            f"Name one by --layout ({', '.join(layout_names())}); 'workbench template' writes an "
            "empty file of it. A worker's record is checked by 'workbench run 06 -p worker FILE'.",
        )
    return max(shared, key=lambda name: shared[name])


def _missing_columns(raw: pd.DataFrame, fields: tuple[Field, ...]) -> list[dict[str, object]]:
    return [
        {
            "row": 1,
            "column": field.name,
            "problem": "the column is missing",
            "rows": len(raw),
            "remedy": f"Add it: {field.meaning}.",
        }
        for field in fields
        if field.required and field.name not in raw
    ]


def _refused_report(path: Path) -> list[dict[str, object]]:
    """What contradicts itself within a row of a state's report: the first that the reader meets."""
    try:
        read_state_report(path)
    except WorkbenchError as error:
        place = re.search(r"column '(\w+)', row (\d+): (.*)", error.problem)
        row, column, problem = (int(place[2]), place[1], place[3]) if place else (0, "", str(error))
        return [
            {"row": row, "column": column, "problem": problem, "rows": 1, "remedy": error.remedy}
        ]
    return []


def _column_problems(column: pd.Series, field: Field, path: Path) -> list[dict[str, object]]:
    """Problems of a column, each distinct value judged once, by the reader's own rules."""
    values = list(column.dropna().unique()) + ([None] if column.isna().any() else [])
    found = []
    for value in values:
        fault = fault_of(value, field, path)
        if fault is None:
            continue
        where = column.index[column.isna() if value is None else column == value]
        found += [
            {
                "row": int(row),
                "column": field.name,
                "problem": fault[0],
                "rows": len(where),
                "remedy": fault[1],
            }
            for row in where[:_LISTED]
        ]
    return found


def _check_wioa(path: Path) -> FileCheck:
    with tempfile.TemporaryDirectory() as folder:
        records = read_wioa_records(path, Path(folder) / "records.parquet")
        rejected = [
            {
                "row": int(row),
                "column": "",
                "problem": f"row rejected: {reason}",
                "rows": len(part),
                "remedy": "Mend the row; it is used for nothing.",
            }
            for reason, part in records.rejected.groupby("reason", sort=False)
            for row in part["row"].head(_LISTED)
        ]
        cells = [
            {
                "row": int(entry.first_row),
                "column": entry.heading,
                "problem": "the value is none of this element",
                "rows": int(entry.cells),
                "remedy": _expected(str(entry.column)),
            }
            for entry in records.unreadable.itertuples()
        ]
        edits = _edit_problems(records)
    return FileCheck(path.name, "wioa", records.rows_in, _joined([rejected, cells, edits]))


def _expected(column: str) -> str:
    element = wioa_layout().element(column)
    forms = {
        "date": "Write YYYYMMDD.",
        "money": "Write dollars as a number.",
        "occupation": "Write the O*NET-SOC code, six or eight digits.",
        "cip": "Write the CIP code, six digits.",
    }
    if element.kind == "code":
        return f"Codes: {', '.join(element.codes)}."
    return forms.get(element.kind, f"See {element.name} in the record layout.")


def _edit_problems(records: Records) -> list[dict[str, object]]:
    bad = records.rejected["reason"].eq("more or fewer values than headings")
    bad_lines = records.rejected.loc[bad, "row"].tolist()
    source = f"read_parquet('{quoted(records.path)}', file_row_number=true)"
    found: list[dict[str, object]] = []
    with connect() as database:
        for check in wioa_layout().edit_checks:
            fault = f"rejected IS NULL AND ({check.fault})"
            count = database.execute(f"SELECT count(*) FROM {source} WHERE {fault}").fetchall()
            first = database.execute(
                f"SELECT file_row_number AS row FROM {source} WHERE {fault} ORDER BY 1 "
                f"LIMIT {_LISTED}"
            ).df()
            found += [
                {
                    "row": int(row),
                    "column": check.columns,
                    "problem": check.problem,
                    "rows": int(count[0][0]),
                    "remedy": check.remedy,
                }
                for row in rows_in_file(first["row"], bad_lines)
            ]
    return found


def _joined(parts: list[list[dict[str, object]]]) -> pd.DataFrame:
    rows = [row for part in parts for row in part]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(["row", "column"], kind="stable").reset_index(drop=True)
