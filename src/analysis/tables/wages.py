"""Wages by occupation and place from the Occupational Employment and Wage Statistics."""

import gzip
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.schemas import checked

# the release unpacks to less than a tenth of this
_LARGEST = 1 << 30
_AREA_TYPES = {"N": "national", "S": "state", "M": "metropolitan"}
# the release's data types (its table ``datatype``) and the columns they become
_VALUES = {
    "01": "employment",
    "04": "annual_mean",
    "05": "annual_mean_rse",
    "11": "annual_p10",
    "12": "annual_p25",
    "13": "annual_median",
    "14": "annual_p75",
    "15": "annual_p90",
}
# its table ``footnote``, in our words
_REASONS = {
    "4": "published as an hourly wage only",
    "5": "at or above the top code of 239,200 dollars a year",
    "8": "not released",
}
_QUERY = """
select substr(key, 5, 7) as area_code, substr(key, 18, 6) as soc,
       area_name, state_code as state_fips, occupation_name as occupation_title,
       areatype_code, {values}
from cell join area on area_code = substr(key, 5, 7)
          join occupation on occupation_code = substr(key, 18, 6)
where substr(key, 12, 6) = '000000' and display_level = 3
"""


def read_wages(path: Path) -> pd.DataFrame:
    """Annual wages of detailed occupations, all industries together, by area.

    Parameters
    ----------
    path : Path
        The gzipped SQLite database of the release; it is unpacked in memory only.

    Returns
    -------
    DataFrame
        Table ``wages``, 223,174 rows, dollars a year. A wage that is withheld, hourly only or
        above the top code is missing, never zero (:func:`read_missing_wages` says which). Totals
        and groups of occupations are left out, but for the seven broad occupations that the
        release publishes in place of their parts (such as 31-1120 for 31-1121 and 31-1122).

    Raises
    ------
    WorkbenchError
        When the file is no such database.

    Examples
    --------
    >>> import tempfile
    >>> values = ", ".join(f"v{number}, f{number}" for number in _VALUES)
    >>> with closing(sqlite3.connect(":memory:")) as database:
    ...     _ = database.executescript(
    ...         "create table area (area_code, area_name, state_code, areatype_code);"
    ...         "create table occupation (occupation_code, occupation_name, display_level);"
    ...         f"create table cell (key, {values});"
    ...         "insert into area values ('0600000', 'California', '06', 'S');"
    ...         "insert into occupation values ('513011', 'Bakers', 3);"
    ...         "insert into cell (key, v04, v13, f13) values"
    ...         " ('OEUS060000000000051301104', '41000', '-', '5')"
    ...     )
    ...     content = gzip.compress(database.serialize())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "wages.db.gz"
    ...     _ = path.write_bytes(content)
    ...     frame = read_wages(path)
    >>> frame[["area_type", "soc_code", "annual_mean", "annual_median"]].values.tolist()
    [['state', '51-3011', 41000.0, nan]]
    """
    frame = _rows(path, [f"v{number} as {name}" for number, name in _VALUES.items()])
    for name in _VALUES.values():
        # "-" stands where a footnote says why there is no number
        numbers = pd.to_numeric(frame[name].mask(frame[name] == "-"), errors="coerce")
        if (odd := numbers.isna() & frame[name].notna() & frame[name].ne("-")).any():
            raise WorkbenchError(
                f"{path.name}, {name}: {frame.loc[odd, name].iloc[0]!r} is neither number nor '-'",
                "The release has another layout than the catalogue's.",
            )
        frame[name] = numbers.astype("float64")
    frame["area_type"] = frame["areatype_code"].map(_AREA_TYPES)
    # areas outside of cities carry the metropolitan letter too
    outside = frame["area_name"].str.contains("nonmetropolitan", case=False)
    frame.loc[outside, "area_type"] = "nonmetropolitan"
    return checked(frame, "wages", path.name)


def read_missing_wages(path: Path) -> pd.DataFrame:
    """Why a value of the table ``wages`` is missing, by area, occupation and column.

    Parameters
    ----------
    path : Path
        As for :func:`read_wages`.

    Returns
    -------
    DataFrame
        ``area_code``, ``soc_code``, ``column`` (of ``wages``) and ``reason`` in words, one row a
        missing value. A median at the top code is high, not unknown: leaving such rows out of a
        comparison makes occupations look worse paid than they are.

    Raises
    ------
    WorkbenchError
        When the file is no such database.

    Examples
    --------
    >>> import tempfile
    >>> values = ", ".join(f"v{number}, f{number}" for number in _VALUES)
    >>> with closing(sqlite3.connect(":memory:")) as database:
    ...     _ = database.executescript(
    ...         "create table area (area_code, area_name, state_code, areatype_code);"
    ...         "create table occupation (occupation_code, occupation_name, display_level);"
    ...         f"create table cell (key, {values});"
    ...         "insert into area values ('0600000', 'California', '06', 'S');"
    ...         "insert into occupation values ('291141', 'Surgeons', 3);"
    ...         "insert into cell (key, v13, f13) values ('OEUS060000000000029114113', '-', '5')"
    ...     )
    ...     content = gzip.compress(database.serialize())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "wages.db.gz"
    ...     _ = path.write_bytes(content)
    ...     read_missing_wages(path)[["soc_code", "column", "reason"]].values.tolist()
    [['29-1141', 'annual_median', 'at or above the top code of 239,200 dollars a year']]
    """
    columns = [f"v{n} as {name}, f{n} as why_{name}" for n, name in _VALUES.items()]
    frame = _rows(path, columns)
    parts = []
    for name in _VALUES.values():
        missing = frame[frame[name] == "-"]
        part = missing[["area_code", "soc_code"]].assign(column=name)
        parts.append(part.assign(reason=missing[f"why_{name}"].map(_reason)))
    return pd.concat(parts, ignore_index=True).astype("str")


def _reason(footnotes: object) -> str:
    known = [_REASONS[code] for code in str(footnotes).split(",") if code in _REASONS]
    return "; ".join(known) or "no reason published"


def _rows(path: Path, columns: list[str]) -> pd.DataFrame:
    try:
        with gzip.open(path) as source:
            content = source.read(_LARGEST + 1)
        if not content or len(content) > _LARGEST:
            raise EOFError("it is empty" if not content else "it unpacks to gigabytes")
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(content)
            frame = pd.read_sql_query(_QUERY.format(values=", ".join(columns)), database)
    except (OSError, EOFError, zlib.error, sqlite3.Error, pd.errors.DatabaseError) as error:
        raise WorkbenchError(
            f"{path.name}: not readable as the wage database ({error})", "Fetch it again."
        ) from None
    frame["soc_code"] = frame["soc"].str[:2] + "-" + frame["soc"].str[2:]
    return frame.replace({None: np.nan})
