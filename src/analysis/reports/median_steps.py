"""Medians in steps, so that none is one person's wage to the dollar."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.framework import Framework


def stepped_medians(table: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Medians, their intervals and their bounds in steps.

    Parameters
    ----------
    table : DataFrame
        Indicators with ``measure``, ``estimate``, ``standard_error``, ``interval_low``,
        ``interval_high``, ``bound_low`` and ``bound_high``.
    framework : Framework
        Its ``disclosure``: significant digits of a quantile, and the smallest step.

    Returns
    -------
    DataFrame
        Rows of other measures as they were.

    Notes
    -----
    With an odd number of people the median is the wage of one of them; the limits of its
    interval and its bounds are wages of single people always. All are rounded to one step, that
    of the median's last significant digit and no finer than the smallest step, limits outwards
    so that the interval keeps its coverage. The standard error is that of the rounded interval:
    an exact one would give the distance of two wages away.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> row = {"measure": "median", "estimate": 5123.0, "standard_error": 23.0,
    ...        "interval_low": 5077.0, "interval_high": 5168.0, "bound_low": 4999.0,
    ...        "bound_high": 5301.0}
    >>> found = stepped_medians(pd.DataFrame([row]), load_framework())
    >>> found[["estimate", "interval_low", "interval_high", "bound_low"]].values.tolist()
    [[5120.0, 5070.0, 5170.0, 4990.0]]
    """
    done, rule = table.copy(), framework.disclosure
    median = table["measure"].eq("median")
    size = table["estimate"].abs()
    digits = np.floor(np.log10(size.where(size > 0, 1.0))) - rule.quantile_digits + 1
    step = np.maximum(10.0**digits, rule.quantile_step)
    for name in ("estimate", "interval_low", "interval_high", "bound_low", "bound_high"):
        steps = table[name] / step
        if name == "estimate":
            whole = steps.round()
        else:
            whole = np.floor(steps) if name.endswith("low") else np.ceil(steps)
        done[name] = table[name].mask(median, whole * step)
    z = stats.norm.ppf(0.5 + framework.estimation.confidence_level / 2)
    reach = (done["interval_high"] - done["interval_low"]) / (2 * z)
    done["standard_error"] = table["standard_error"].mask(median, reach)
    return done
