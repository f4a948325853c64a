"""What jobs pay in a place: the wage step from an origin to a target."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError

NATION = "United States"
# postal codes of the areas in the wage release's state table
STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia",
    "FL": "Florida", "GA": "Georgia", "GU": "Guam", "HI": "Hawaii", "ID": "Idaho",
    "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts",
    "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri",
    "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina",
    "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VI": "Virgin Islands", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia",
    "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip


def state_name(state: str) -> str:
    """Name of a state by its two letters; empty for the nation.

    Parameters
    ----------
    state : str
        Its two letters, small or capital, or nothing.

    Returns
    -------
    str

    Raises
    ------
    WorkbenchError
        For letters of no state.

    Examples
    --------
    >>> state_name("tx"), state_name("")
    ('Texas', '')
    """
    letters = state.strip().upper()
    if letters and letters not in STATES:
        raise WorkbenchError(
            f"state = {state!r} is no state of the United States",
            "Write its two letters, as in TX, or nothing for the whole nation.",
        )
    return STATES.get(letters, "")


def wages_in(wages: pd.DataFrame, codes: Sequence[str], state: str = "") -> pd.DataFrame:
    """Median wage and employment of occupations in a state, or in the nation.

    Parameters
    ----------
    wages : DataFrame
        Table ``wages``.
    codes : sequence of str
        O*NET-SOC or SOC codes; the six digits are looked up, then the broad occupation
        ('31-1120' for '31-1121') that the release publishes in place of its parts.
    state : str
        Two letters; empty for the nation.

    Returns
    -------
    DataFrame
        One row a code in its order: ``code``, ``annual_median`` (dollars a year; missing where
        withheld, hourly only or above the top code), ``annual_p25``, ``annual_p75``,
        ``employment`` (jobs), ``area``.

    Raises
    ------
    WorkbenchError
        For a state that is none.

    Examples
    --------
    >>> frame = pd.DataFrame({"area_name": "Texas", "area_type": "state", "soc_code": ["31-9092"],
    ...     "annual_median": [40000.0], "annual_p25": 1.0, "annual_p75": 2.0, "employment": 5.0})
    >>> wages_in(frame, ["31-9092.00", "99-1111.00"], "TX")["annual_median"].tolist()
    [40000.0, nan]
    """
    name = state_name(state)
    kind = wages["area_type"].eq("state") & wages["area_name"].eq(name)
    place = wages[kind if name else wages["area_type"].eq("national")]
    columns = ["annual_median", "annual_p25", "annual_p75", "employment"]
    table = place.drop_duplicates("soc_code").set_index("soc_code")[columns]
    soc = pd.Series(codes, dtype="str").str[:7]
    found = soc.where(soc.isin(table.index), soc.str[:6] + "0")
    rows = table.reindex(found).reset_index(drop=True)
    return rows.assign(code=list(codes), area=name or NATION)[["code", *columns, "area"]]


def wage_step(wages: pd.DataFrame | None, origin: str, target: str, state: str) -> pd.DataFrame:
    """Wages of the two jobs of a move, both in the state where it publishes both, else nation.

    Without an origin (empty) only the target's has to be published.

    Parameters
    ----------
    wages : DataFrame or None
        Table ``wages``.
    origin, target : str
        O*NET-SOC codes; an empty origin is none.
    state : str
        Two letters; empty for the nation.

    Returns
    -------
    DataFrame
        Two rows of `wages_in`, origin first; all missing without the table.

    Raises
    ------
    WorkbenchError
        For a state that is none, where there is a table.

    Examples
    --------
    >>> frame = pd.DataFrame({"area_name": "Texas", "area_type": "state", "soc_code": ["31-9092",
    ...     "41-2011"], "annual_median": [40_000.0, 30_000.0], "annual_p25": 1.0,
    ...     "annual_p75": 2.0, "employment": 5.0})
    >>> wage_step(frame, "41-2011.00", "31-9092.00", "TX")["annual_median"].tolist()
    [30000.0, 40000.0]
    """
    if wages is None:
        columns = ["annual_median", "annual_p25", "annual_p75", "employment"]
        return pd.DataFrame({"code": [origin, target], "area": ""} | dict.fromkeys(columns, np.nan))
    local = wages_in(wages, [origin, target], state)
    known = local["annual_median"].notna()
    if known.iloc[1] and (known.iloc[0] or not origin):
        return local
    national = wages_in(wages, [origin, target])
    return national if national["annual_median"].notna().sum() else local


def jobs_in_place(wages: pd.DataFrame | None, origin: str, target: str, state: str) -> pd.DataFrame:
    """How many jobs of origin and target a place has, and of how many in all.

    Parameters
    ----------
    wages, origin, target, state
        As for `wage_step`.

    Returns
    -------
    DataFrame
        Two rows, origin first: ``jobs`` (employment), ``jobs_per_1000`` (of the published
        employment of all detailed occupations there, which leaves out withheld ones), ``area``.
        Missing where the release withholds the number, or without the table.

    Raises
    ------
    WorkbenchError
        For a state that is none.

    Examples
    --------
    >>> frame = pd.DataFrame({"area_name": "Texas", "area_type": "state", "soc_code": ["31-9092",
    ...     "41-2011"], "annual_median": 1.0, "annual_p25": 1.0, "annual_p75": 2.0,
    ...     "employment": [10.0, 30.0]})
    >>> jobs_in_place(frame, "41-2011.00", "31-9092.00", "TX")["jobs_per_1000"].tolist()
    [750.0, 250.0]
    """
    if wages is None:
        return pd.DataFrame({"jobs": [np.nan] * 2, "jobs_per_1000": np.nan, "area": ""})
    here = wages_in(wages, [origin, target], state)
    name = state_name(state)
    kind = wages["area_type"].eq("state") & wages["area_name"].eq(name)
    place = wages[kind if name else wages["area_type"].eq("national")]
    total = place.drop_duplicates("soc_code")["employment"].sum()
    share = 1000 * here["employment"] / total if total > 0 else np.nan
    return pd.DataFrame({"jobs": here["employment"], "jobs_per_1000": share, "area": here["area"]})
