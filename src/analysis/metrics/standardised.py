"""Shares by group as if every group had the same composition: direct standardisation."""

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from analysis.framework import Framework
from analysis.metrics.grouped_records import condition
from analysis.metrics.indicators import Population
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

    Examples
    --------
    Half of those with a low income work and all others do, women and men alike; six of everybody
    have a low income and six have none.

    >>> from analysis.framework import load_framework
    >>> people = pd.DataFrame({"sex": ["2"] * 5 + ["1"] * 7, "low_income": list("111101100000"),
    ...     "employed_q2": list("110011011111"), "reportable_individual": "0",
    ...     "entry_date": "20210105", "exit_date": "20210901", "exit_reason": "00"})
    >>> with duckdb.connect() as database:
    ...     _ = database.register("people", people)
    ...     found = standardised_shares(database, Population("people"), "gender", ["low_income"],
    ...                                 load_framework(), ["employed_q2"])
    >>> found[["group", "people", "estimate", "weight_covered"]].round(6).values.tolist()
    [['men', 7, 0.75, 1.0], ['women', 5, 0.75, 1.0]]
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


def standardised_gaps(table: pd.DataFrame, confidence_level: float) -> pd.DataFrame:
    """Gaps between groups that are left when all have everyone's composition.

    Parameters
    ----------
    table : DataFrame
        ``by``, ``group``, ``indicator``, ``people``, ``estimate`` and ``standard_error`` of
        :func:`standardised_shares`, and ``raw``, the share as it is.
    confidence_level : float

    Returns
    -------
    DataFrame
        ``by``, ``group``, ``reference``, ``indicator``, ``people``, ``raw_difference``,
        ``difference`` and ``ratio`` (group to the reference of its grouping, both standardised),
        the last two with ``_low`` and ``_high``. A grouping without its reference has none.

    Notes
    -----
    Groups are different people and everyone's weights are taken as known, so the variances of the
    two shares add; the ratio's interval is on its logarithm.

    Examples
    --------
    >>> rows = pd.DataFrame({"by": "gender", "group": ["men", "women"], "indicator": "completed",
    ...     "people": 400, "estimate": [0.6, 0.5], "standard_error": [0.03, 0.04],
    ...     "raw": [0.65, 0.45]})
    >>> found = standardised_gaps(rows, 0.95)
    >>> found[["group", "raw_difference", "difference", "difference_low"]].round(3).values.tolist()
    [['women', -0.2, -0.1, -0.198]]
    """
    references = {grouping.id: grouping.reference for grouping in wioa_layout().groups}
    rows = table.assign(reference=table["by"].map(references))
    keys = ["by", "indicator"]
    numbers = ["estimate", "standard_error", "raw"]
    beside = rows.loc[rows["group"] == rows["reference"], [*keys, *numbers]]
    both = rows[rows["group"] != rows["reference"]].merge(
        beside, on=keys, suffixes=("", "_reference"), validate="many_to_one"
    )
    z = float(stats.norm.ppf(0.5 + confidence_level / 2))
    one, two = both["estimate"], both["estimate_reference"]
    errors = both["standard_error"], both["standard_error_reference"]
    reach = z * np.hypot(*errors)
    done = both[["by", "group", "reference", "indicator", "people"]].assign(
        raw_difference=both["raw"] - both["raw_reference"],
        difference=one - two,
        difference_low=one - two - reach,
        difference_high=one - two + reach,
    )
    ratio = (one / two).where((one > 0) & (two > 0))
    factor = np.exp(z * np.hypot(errors[0] / one.where(one > 0), errors[1] / two.where(two > 0)))
    return done.assign(ratio=ratio, ratio_low=ratio / factor, ratio_high=ratio * factor)
