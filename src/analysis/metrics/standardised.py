"""Shares by group as if every group had the same composition: direct standardisation."""

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from analysis.framework import Framework
from analysis.metrics.indicators import Population, condition
from analysis.tables.wioa_layout import wioa_layout


def standardised_shares(
    database: duckdb.DuckDBPyConnection,
    population: Population,
    grouping: str,
    strata: Sequence[str],
    framework: Framework,
    indicators: Sequence[str],
) -> pd.DataFrame:
    """Share of each group at the composition of everyone.

    Parameters
    ----------
    database : connection
    population : Population
    grouping : str
        Id of the group to compare by.
    strata : sequence of str
        Ids of the groups whose composition is held the same.
    framework : Framework
    indicators : sequence of str
        Ids of indicators that are shares.

    Returns
    -------
    DataFrame
        ``by``, ``group``, ``indicator``, ``people`` (known), ``estimate``, ``standard_error``,
        ``interval_low``, ``interval_high``, ``weight_covered`` (share of everyone who live in
        strata where the group has somebody; the rest cannot be compared and is left out).

    Notes
    -----
    ``sum(w_s p_gs) / sum(w_s)`` with the weights of everyone whose outcome is known; normal
    interval from binomial variances within strata, where a stratum without spread counts half a
    person more each way, so that it is not taken for certain.
    """
    parts = [
        _standardised(database, population, grouping, list(strata), framework, name)
        for name in indicators
    ]
    return pd.concat(parts, ignore_index=True)


def _standardised(
    database: duckdb.DuckDBPyConnection,
    population: Population,
    grouping: str,
    strata: list[str],
    framework: Framework,
    name: str,
) -> pd.DataFrame:
    entry = wioa_layout().indicator(name)
    source = population.sql([grouping, *strata])
    columns = ", ".join(f"g_{stratum}" for stratum in strata)
    cells = database.execute(
        f'SELECT g_{grouping} AS "group", {columns}, count(*) AS n, count(*) FILTER '
        f"({condition(entry.met, framework)}) AS met FROM {source} WHERE "
        f"({condition(entry.of, framework)}) AND ({condition(entry.known, framework)}) "
        "GROUP BY ALL"
    ).df()
    return standardised_cells(
        cells, [f"g_{stratum}" for stratum in strata], framework.estimation.confidence_level
    ).assign(by=grouping, indicator=name)


def standardised_cells(
    cells: pd.DataFrame, strata: list[str], confidence_level: float
) -> pd.DataFrame:
    """Standardised shares from counts.

    Parameters
    ----------
    cells : DataFrame
        ``group``, the ``strata``, ``n`` and ``met``; one row a cell with people.
    strata : list of str
    confidence_level : float

    Returns
    -------
    DataFrame
        As :func:`standardised_shares`, without ``by`` and ``indicator``.

    Examples
    --------
    >>> cells = pd.DataFrame({"group": list("aabb"), "s": [1, 2, 1, 2], "n": [80, 20, 20, 80],
    ...                       "met": [40, 18, 10, 72]})
    >>> out = standardised_cells(cells, ["s"], 0.95)
    >>> out[["group", "estimate"]].round(3).values.tolist()
    [['a', 0.7], ['b', 0.7]]
    """
    weight = cells.groupby(strata)["n"].transform("sum") / cells["n"].sum()
    share = cells["met"] / cells["n"]
    smoothed = (cells["met"] + 0.5) / (cells["n"] + 1)
    frame = cells.assign(
        w=weight,
        value=weight * share,
        variance=weight**2 * smoothed * (1 - smoothed) / cells["n"],
        people=cells["n"],
    )
    sums = frame.groupby("group")[["w", "value", "variance", "people"]].sum().reset_index()
    z = float(stats.norm.ppf(0.5 + confidence_level / 2))
    done = pd.DataFrame({"group": sums["group"], "people": sums["people"]})
    done["estimate"] = sums["value"] / sums["w"]
    done["standard_error"] = np.sqrt(sums["variance"]) / sums["w"]
    done["interval_low"] = (done["estimate"] - z * done["standard_error"]).clip(lower=0)
    done["interval_high"] = (done["estimate"] + z * done["standard_error"]).clip(upper=1)
    return done.assign(weight_covered=sums["w"])
