"""From the counts and amounts of an indicator to its estimate, interval, bounds and dominance."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.framework import Framework, MissingOutcomes
from analysis.metrics.intervals import wilson_interval
from analysis.tables.wioa_layout import Indicator


def estimated(
    table: pd.DataFrame, indicator: Indicator, framework: Framework, keys: list[str]
) -> pd.DataFrame:
    """Estimates of one indicator from what was counted.

    Parameters
    ----------
    table : DataFrame
        ``keys``, ``by``, ``group``, ``people``, ``known``, ``sum``, ``first`` and ``second`` (of
        all amounts and the two largest; missing unless it is a mean), and of a share ``met``; of
        a mean ``mean`` and ``spread``; of a median its ranks and the values at them.
    indicator : Indicator
    framework : Framework
    keys : list of str
        Columns that stand before ``by``.

    Returns
    -------
    DataFrame
        Columns of :func:`analysis.metrics.indicators.indicator_table`.

    Examples
    --------
    Four of eight known are employed; two more of ten may be, or may not.

    >>> from analysis.framework import load_framework
    >>> from analysis.tables.wioa_layout import wioa_layout
    >>> table = pd.DataFrame({"by": ["all"], "group": "all", "people": 10, "known": 8, "met": 4})
    >>> table[["sum", "first", "second"]] = np.nan
    >>> found = estimated(table, wioa_layout().indicator("employed_q2"), load_framework(), [])
    >>> found[["estimate", "coverage", "bound_low", "bound_high"]].values.tolist()
    [[0.5, 0.8, 0.4, 0.6]]
    """
    level = framework.estimation.confidence_level
    if indicator.measure == "share":
        done = _share(table, level, framework.missing_outcomes.assumed_ratio)
    elif indicator.measure == "mean":
        done = _mean(table, level, framework.missing_outcomes)
    else:
        done = _median(table, level)
    done["coverage"] = done["known"] / done["people"].where(done["people"] > 0)
    done["dominated"] = dominated(done, framework.disclosure.dominance_percent)
    done = done.assign(indicator=indicator.id, name=indicator.name, measure=indicator.measure)
    return done[
        [
            *keys,
            *("by", "group", "indicator", "name", "measure", "people", "known", "met"),
            *("estimate", "standard_error", "interval_low", "interval_high", "coverage"),
            *("bound_low", "bound_high", "assumed", "dominated"),
        ]
    ]


def _share(table: pd.DataFrame, level: float, ratio: float) -> pd.DataFrame:
    known = table["known"].where(table["known"] > 0)
    people = table["people"].where(table["people"] > 0)
    share = table["met"] / known
    missing = table["people"] - table["known"]
    done = table.assign(estimate=share, standard_error=np.sqrt(share * (1 - share) / known))
    limits = wilson_interval(share, known, level)
    done[["interval_low", "interval_high"]] = limits
    done["bound_low"] = table["met"] / people
    done["bound_high"] = (table["met"] + missing) / people
    done["assumed"] = (table["met"] + ratio * share * missing) / people
    return done


def _mean(table: pd.DataFrame, level: float, missing: MissingOutcomes) -> pd.DataFrame:
    known = table["known"].where(table["known"] > 1)
    error = table["spread"] / np.sqrt(known)
    reach = stats.t.ppf(0.5 + level / 2, known - 1) * error
    done = table.assign(estimate=table["mean"], standard_error=error)
    done["interval_low"], done["interval_high"] = done["mean"] - reach, done["mean"] + reach
    lacking = table["people"] - table["known"]
    people = table["people"].where(table["people"] > 0)
    total = table["known"] * table["mean"]
    # amounts have no worst case: the missing lie at outer quantiles of the known
    done["bound_low"] = (total + lacking * table["low"]) / people
    done["bound_high"] = (total + lacking * table["high"]) / people
    done["assumed"] = (total + lacking * missing.assumed_ratio * table["mean"]) / people
    return done


def dominated(table: pd.DataFrame, percent: float) -> pd.Series:
    """Whether a sum of amounts gives its largest away to the person with the second largest.

    Parameters
    ----------
    table : DataFrame
        ``sum`` of the amounts' sizes, and the ``first`` and ``second`` largest of them.
    percent : float
        The p% rule: the others must come to at least this percentage of the largest.

    Returns
    -------
    Series of bool
        By row of ``table``; True where the sum must not be shown.

    Notes
    -----
    Who has the second amount subtracts it from the sum and knows the first up to the others
    (Hundepool et al. 2012, Statistical Disclosure Control, section 4.2.2).

    Examples
    --------
    >>> amounts = pd.DataFrame({"sum": [1300.0, 1030.0], "first": 1000.0, "second": 20.0})
    >>> dominated(amounts, 10.0).tolist()
    [False, True]
    """
    others = table["sum"] - table["first"] - table["second"].fillna(0.0)
    # sums of floating numbers differ in their last digits
    return others.lt(percent / 100 * table["first"] - 1e-9) & table["first"].gt(0)


def _median(table: pd.DataFrame, level: float) -> pd.DataFrame:
    z = stats.norm.ppf(0.5 + level / 2)
    done = table.assign(estimate=(table["lower_middle"] + table["upper_middle"]) / 2)
    enough = table["rank_limit_low"] >= 1
    done["interval_low"] = table["limit_low"].where(enough)
    done["interval_high"] = table["limit_high"].where(enough)
    done["standard_error"] = (done["interval_high"] - done["interval_low"]) / (2 * z)
    done["bound_low"] = table["bound_low"].where(table["rank_bound_low"] >= 1, 0.0)
    done["bound_high"] = table["bound_high"].where(table["rank_bound_high"] <= table["known"])
    return done.assign(assumed=np.nan)
