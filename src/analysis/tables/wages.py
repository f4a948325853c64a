"""Wages by occupation and place from the Occupational Employment and Wage Statistics."""

import gzip
import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tables.schemas import checked

_AREA_TYPES = {"N": "national", "S": "state", "M": "metropolitan"}
# columns of the release's data types
_VALUES = {
    "v01": "employment",
    "v04": "annual_mean",
    "v05": "annual_mean_rse",
    "v11": "annual_p10",
    "v12": "annual_p25",
    "v13": "annual_median",
    "v14": "annual_p75",
    "v15": "annual_p90",
}
_QUERY = """
select substr(key, 4, 1) as letter, substr(key, 5, 7) as area_code, substr(key, 18, 6) as soc,
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
        The gzipped SQLite database of the release.

    Returns
    -------
    DataFrame
        Table ``wages``, dollars a year. A wage that is withheld or above the top code is
        missing, never zero.

    Raises
    ------
    WorkbenchError
        When the file is no such database.
    """
    try:
        database = sqlite3.connect(":memory:")
        database.deserialize(gzip.decompress(path.read_bytes()))
        values = ", ".join(f"{column} as {name}" for column, name in _VALUES.items())
        frame = pd.read_sql_query(_QUERY.format(values=values), database)
    except (OSError, EOFError, sqlite3.Error, pd.errors.DatabaseError) as error:
        raise WorkbenchError(
            f"{path.name}: not readable as the wage database ({error})", "Fetch it again."
        ) from None
    for name in _VALUES.values():
        frame[name] = pd.to_numeric(frame[name], errors="coerce").astype("float64")
        frame[name] = frame[name].where(frame[name] >= 0, np.nan)
    frame["soc_code"] = frame["soc"].str[:2] + "-" + frame["soc"].str[2:]
    frame["area_type"] = frame["areatype_code"].map(_AREA_TYPES)
    # areas outside of cities carry the metropolitan letter and a code of state and number
    outside = frame["area_name"].str.contains("nonmetropolitan", case=False)
    frame.loc[outside, "area_type"] = "nonmetropolitan"
    return checked(frame, "wages", path.name)
