"""What became of every row and cell of WIOA records: used, or rejected with a reason.

The first number of the account, the rows of the file, is the sum of the others.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from analysis.atomic import replacing
from analysis.errors import WorkbenchError
from analysis.tables.plain_text import PlainText
from analysis.tables.wioa_layout import wioa_layout
from analysis.tables.wioa_sql import quoted


@dataclass(frozen=True)
class Records:
    """Typed records on disk, and what happened to every row and cell of the file.

    Attributes
    ----------
    path : Path
        Parquet with a column for each element (absent ones are null) and ``rejected``.
    repeats : Path
        Parquet of the positions (from 0) of rows that repeat an earlier record.
    reconciliation : DataFrame
        ``what``, ``rows``: rows in, used, and rejected by reason. The first equals the sum of the
        others.
    rejected : DataFrame
        ``row`` (the heading is row 1) and ``reason``, one row each.
    unreadable : DataFrame
        ``heading``, ``column``, ``cells`` and ``first_row``: cells that hold something that is no
        value of their element, and are read as missing.
    absent : tuple of str
        Columns that the file does not have.
    """

    path: Path
    repeats: Path
    reconciliation: pd.DataFrame
    rejected: pd.DataFrame
    unreadable: pd.DataFrame
    absent: tuple[str, ...]

    @property
    def rows_in(self) -> int:
        """Rows of the file, without its heading."""
        return int(self.reconciliation["rows"].iloc[0])

    @property
    def used(self) -> int:
        """Rows that are used."""
        return int(self.reconciliation["rows"].iloc[1])


def require_usable(records: Records, largest_rejected_share: float, name: str) -> None:
    """Refuse a file of which more than a share of the rows cannot be used.

    Parameters
    ----------
    records : Records
    largest_rejected_share : float
        The framework's ``quality.largest_rejected_share``.
    name : str
        Name of the file, for the error.

    Raises
    ------
    WorkbenchError
        Naming the most frequent reason and the first row.

    Examples
    --------
    >>> rejected = pd.DataFrame({"row": [3], "reason": ["no state"]})
    >>> parts = pd.DataFrame({"what": ["rows in the file", "used"], "rows": [4, 3]})
    >>> place = Path("records.parquet")
    >>> records = Records(place, place, parts, rejected, pd.DataFrame(), ())
    >>> require_usable(records, 0.5, "state.csv")
    >>> require_usable(records, 0.1, "state.csv")
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: state.csv: 1 of 4 rows cannot be used, most for 'no state' ...
    """
    share = len(records.rejected) / records.rows_in
    if share > largest_rejected_share:
        first = records.rejected.iloc[0]
        most = records.rejected["reason"].value_counts().index[0]
        raise WorkbenchError(
            f"{name}: {len(records.rejected):,} of {records.rows_in:,} rows cannot be used, most "
            f"for '{most}' (first: row {first['row']}, {first['reason']})",
            "Mend the file; dates are written YYYYMMDD.",
        )


def account(
    database: duckdb.DuckDBPyConnection,
    written: Path,
    target: Path,
    text: PlainText,
    found: dict[str, int],
    bad_lines: list[int],
    name: str,
) -> Records:
    """What became of the rows that were written and of the lines that were not.

    Parameters
    ----------
    database : connection
    written, target : Path
        Parquet just written, and where it will stand.
    text : PlainText
        The text that was read, with its number of lines.
    found : dict of str to int
        Position of each element that the file has.
    bad_lines : list of int
        Lines that are no row of the heading's shape.
    name : str
        Name of the file, for the error.

    Returns
    -------
    Records

    Raises
    ------
    WorkbenchError
        A heading without rows.

    Examples
    --------
    Of three lines under the heading one has too few values and one repeats a record:

    >>> import tempfile
    >>> query = (
    ...     "SELECT 'TX' AS state, 'a' AS person, DATE '2023-05-01' AS exit_date, "
    ...     "CAST(NULL AS VARCHAR) AS rejected, CAST(NULL AS VARCHAR) AS cells FROM range(2)"
    ... )
    >>> with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
    ...     written = Path(folder) / "records.parquet"
    ...     _ = database.execute(f"COPY ({query}) TO '{quoted(written)}' (FORMAT parquet)")
    ...     text = PlainText(Path("state.csv"), 4)
    ...     records = account(database, written, written, text, {"state": 0}, [3], "state.csv")
    >>> records.reconciliation["rows"].tolist()
    [3, 1, 1, 1]
    >>> records.rejected.values.tolist()
    [[3, 'more or fewer values than headings'], [4, 'repeats an earlier record (state, person, ...
    """
    source = f"read_parquet('{quoted(written)}', file_row_number=true)"
    parsed = int(database.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0])
    if not parsed:
        raise WorkbenchError(f"{name} has a heading and no usable rows", "Give at least one row.")
    repeats = target.with_suffix(".repeats.parquet")
    _write_repeats(database, source, repeats)
    rejected = database.execute(
        f"SELECT file_row_number AS row, rejected AS reason FROM {source} "
        "WHERE rejected IS NOT NULL UNION ALL SELECT position, "
        "'repeats an earlier record (state, person, date of exit)' "
        f"FROM read_parquet('{quoted(repeats)}') ORDER BY 1"
    ).df()
    rejected["row"] = rows_in_file(rejected["row"], bad_lines)
    lines = pd.Series(bad_lines, dtype="int64")
    shape = pd.DataFrame({"row": lines, "reason": "more or fewer values than headings"})
    rejected = pd.concat([shape, rejected], ignore_index=True).sort_values("row")
    reasons = rejected["reason"].value_counts()
    rows_in = parsed + len(bad_lines)
    beside = text.lines - 1 - rows_in
    parts = [("rows in the file", rows_in), ("used", rows_in - len(rejected))]
    parts += [(f"rejected: {reason}", int(count)) for reason, count in reasons.items()]
    if beside:
        parts.append(("lines that are no row of their own (blank, or within quotes)", beside))
    return Records(
        path=target,
        repeats=repeats,
        reconciliation=pd.DataFrame(parts, columns=["what", "rows"]),
        rejected=rejected.reset_index(drop=True),
        unreadable=_unreadable_cells(database, source, bad_lines),
        absent=tuple(e.column for e in wioa_layout().elements if e.column not in found),
    )


def rows_in_file(positions: pd.Series, bad_lines: list[int]) -> pd.Series:
    """Row in the file of the parsed rows at these positions, bad lines between them.

    Parameters
    ----------
    positions : Series of int
        From 0, in the order of the file.
    bad_lines : list of int
        Lines of the file that were not parsed, ascending; the heading is line 1.

    Returns
    -------
    Series of int
        With the index of ``positions``.

    Examples
    --------
    >>> rows_in_file(pd.Series([0, 1, 2]), [3]).tolist()
    [2, 4, 5]
    """
    rows = positions.to_numpy().astype("int64") + 2
    for line in bad_lines:
        rows = rows + (rows >= line)
    return pd.Series(rows, index=positions.index)


def _write_repeats(database: duckdb.DuckDBPyConnection, source: str, target: Path) -> None:
    """Write the positions of rows that repeat an earlier record; the records stay as they are."""
    key = "hash(state, person, exit_date)"
    # first only the keys that repeat (a hash of 8 bytes a row), then the rows that hold them
    query = (
        f"WITH keys AS (SELECT {key} AS h FROM {source} WHERE rejected IS NULL "
        "GROUP BY 1 HAVING count(*) > 1), "
        "turns AS (SELECT file_row_number AS position, row_number() OVER "
        "(PARTITION BY state, person, exit_date ORDER BY file_row_number) AS turn "
        f"FROM {source} WHERE rejected IS NULL AND {key} IN (SELECT h FROM keys)) "
        "SELECT position FROM turns WHERE turn > 1"
    )
    with replacing(target) as temporary:
        database.execute(f"COPY ({query}) TO '{quoted(temporary)}' (FORMAT parquet)")


def _unreadable_cells(
    database: duckdb.DuckDBPyConnection, source: str, bad_lines: list[int]
) -> pd.DataFrame:
    table = database.execute(
        'SELECT "column", count(*) AS cells, min(file_row_number) AS first_row FROM '
        "(SELECT unnest(string_split(cells, ' ')) AS \"column\", file_row_number "
        f'FROM {source} WHERE cells IS NOT NULL) GROUP BY "column" ORDER BY cells DESC, "column"'
    ).df()
    table.insert(0, "heading", [wioa_layout().element(name).heading for name in table["column"]])
    return table.assign(first_row=rows_in_file(table["first_row"], bad_lines))
