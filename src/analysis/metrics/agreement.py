"""How far two sources agree about the earnings after the same programs: evidence for a discount."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.metrics.intervals import clustered_mean

# metric: how many of its periods make a year
_A_YEAR = {"average_quarterly_wage": 4.0, "median_annual_earnings": 1.0}
INSTITUTION = ("state", "institution", "field")
FIELD = ("state", "field")
_COLUMNS = ["matched", "first", "second", "difference", "interval_low", "interval_high", "spread"]


def earnings_cells(outcomes: pd.DataFrame, keys: Sequence[str], minimum_people: int) -> pd.Series:
    """Annual earnings of each cell of a source: its latest horizon, mean over people.

    Parameters
    ----------
    outcomes : DataFrame
        Table ``program_outcomes``.
    keys : sequence of str
        ``INSTITUTION`` (state, institution's name, four-digit CIP) or ``FIELD`` (without the
        name).
    minimum_people : int
        Cells with fewer people are left out; a source that publishes no numbers weighs its
        programs alike and is not tested.

    Returns
    -------
    Series
        Dollars a year, by ``keys``.

    Examples
    --------
    >>> rows = pd.DataFrame({"metric": "average_quarterly_wage", "value": [12_000.0, 10_000.0],
    ...     "n": [100.0, 300.0], "quarter": 4, "cip_code": ["51.0801", "51.0899"],
    ...     "provider": "Alpha College", "state": "NJ"})
    >>> earnings_cells(rows, FIELD, 10).to_dict()
    {('NJ', '51.08'): 42000.0}
    """
    rows = outcomes[outcomes["metric"].isin(list(_A_YEAR)) & outcomes["value"].notna()]
    rows = rows[rows["quarter"] == rows["quarter"].max()]
    rows = rows.assign(
        value=rows["value"] * rows["metric"].map(_A_YEAR).astype("float64"),
        field=rows["cip_code"].str[:5],
        institution=rows["provider"].fillna("").map(plain_name),
        weight=rows["n"].fillna(1.0),
    )
    for key in keys:
        rows = rows[rows[key] != ""]
    rows["product"] = rows["value"] * rows["weight"]
    cells = rows.groupby(list(keys)).agg(
        product=("product", "sum"), weight=("weight", "sum"), counted=("n", "count")
    )
    enough = (cells["counted"] == 0) | (cells["weight"] >= minimum_people)
    kept = cells[enough & (cells["weight"] > 0)]
    return (kept["product"] / kept["weight"]).rename("value")


def plain_name(name: str) -> str:
    """A provider's name as two sources may both write it.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
        Words in small letters without punctuation, ``the``, ``of``, ``at``, ``inc`` and ``llc``.

    Examples
    --------
    >>> plain_name("The Bergen Community College, Inc."), plain_name("Bergen Community College")
    ('bergen community college', 'bergen community college')
    """
    words = re.sub(r"[^a-z0-9 ]", " ", name.lower().replace("&", " and ")).split()
    return " ".join(word for word in words if word not in ("the", "inc", "llc", "of", "at"))


def pairs(first: pd.Series, second: pd.Series) -> pd.DataFrame:
    """Cells that both sources have, side by side.

    Parameters
    ----------
    first, second : Series
        From :func:`earnings_cells`, by the same keys.

    Returns
    -------
    DataFrame
        The keys, ``first``, ``second``, ``difference`` (second less first) and ``ratio``.

    Examples
    --------
    >>> one = pd.Series([30_000.0, 20_000.0], index=pd.Index(["a", "b"], name="field"))
    >>> pairs(one, one.iloc[:1] * 1.1).round(2).values.tolist()
    [['a', 30000.0, 33000.0, 3000.0, 1.1]]
    """
    both = pd.concat({"first": first, "second": second}, axis=1, join="inner").reset_index()
    difference = both["second"] - both["first"]
    return both.assign(difference=difference, ratio=both["second"] / both["first"])


def agreement(both: pd.DataFrame, cluster: str, confidence_level: float) -> dict[str, float]:
    """Mean difference of two sources over the cells of both, with its interval and spread.

    Parameters
    ----------
    both : DataFrame
        From :func:`pairs`.
    cluster : str
        Column within which cells belong together, such as ``institution``.
    confidence_level : float

    Returns
    -------
    dict
        ``matched`` (cells), means ``first`` and ``second``, ``difference`` with
        ``interval_low`` and ``interval_high`` (missing with fewer than two clusters) and
        ``spread`` (standard deviation of the differences, the noise of both included).

    Notes
    -----
    Bland and Altman (1986, Lancet): two methods agree as far as the differences of their
    readings do, not as far as they correlate. Every cell counts alike.

    Examples
    --------
    >>> both = pd.DataFrame({"field": ["a", "b"], "first": [1.0, 2.0], "second": [2.0, 5.0],
    ...                      "difference": [1.0, 3.0]})
    >>> found = agreement(both, "field", 0.95)
    >>> found["difference"], round(found["spread"], 3)
    (2.0, 1.414)
    """
    found = dict.fromkeys(_COLUMNS, np.nan) | {"matched": len(both)}
    if not len(both):
        return found
    for name in ("first", "second", "difference"):
        found[name] = float(both[name].mean())
    found["spread"] = float(both["difference"].std())
    if both[cluster].nunique() > 1:
        ones = pd.Series(1.0, index=both.index)
        mean = clustered_mean(both["difference"], ones, both[cluster], confidence_level)
        found |= {name: mean[name] for name in ("interval_low", "interval_high")}
    return found


def source_agreement(
    first: pd.DataFrame, second: pd.DataFrame, minimum_people: int, confidence_level: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Agreement over the same institution and field, and over the same field of a state.

    Parameters
    ----------
    first, second : DataFrame
        Tables ``program_outcomes`` of two sources.
    minimum_people : int
    confidence_level : float

    Returns
    -------
    tuple of DataFrame
        One row a way to match: ``match`` and what :func:`agreement` gives; and the pairs
        themselves with ``match``. Only the first is evidence on the same programs: the second
        compares what two sources say of a field, whoever taught it.

    Examples
    --------
    >>> rows = pd.DataFrame({"metric": "median_annual_earnings", "value": [40_000.0, 30_000.0],
    ...     "n": 100.0, "quarter": 4, "cip_code": "51.08", "provider": ["Alpha", "Beta"],
    ...     "state": "NJ"})
    >>> other = rows.assign(value=[42_000.0, 34_000.0], provider=["The Alpha, Inc.", "Gamma"])
    >>> found, both = source_agreement(rows, other, 10, 0.95)
    >>> found["match"].tolist()
    ['same institution and field', 'same field in the state']
    >>> found[["matched", "first", "difference"]].values.tolist()
    [[1.0, 40000.0, 2000.0], [1.0, 35000.0, 3000.0]]
    """
    rows, shown = [], []
    ways = (("same institution and field", INSTITUTION), ("same field in the state", FIELD))
    for words, keys in ways:
        sides = [earnings_cells(source, keys, minimum_people) for source in (first, second)]
        both = pairs(*sides)
        cluster = "institution" if "institution" in keys else "field"
        rows.append({"match": words, **agreement(both, cluster, confidence_level)})
        shown.append(both.assign(match=words))
    return pd.DataFrame(rows), pd.concat(shown, ignore_index=True)
