"""How long the higher wage of the new job would take to pay for a program."""

import pandas as pd


def payback_months(cost: pd.Series, wage_step: float) -> pd.Series:
    """Months of the wage step that add up to what a program costs, rounded up.

    The step is the difference between what two jobs pay, before taxes, and nobody is promised
    it; aid would shorten the time, wages lost while learning would lengthen it.

    Parameters
    ----------
    cost : Series
        Tuition, fees and books in dollars, before aid; missing where it is not stated.
    wage_step : float
        Median wage of the new job less that of the old one, dollars a year; NaN where unknown.

    Returns
    -------
    Series of float
        Missing where the cost or the step is not known, and where the new job pays no more.

    Examples
    --------
    >>> payback_months(pd.Series([0.0, 2000.0, 5988.0, None]), 12_000.0).tolist()
    [0.0, 2.0, 6.0, nan]
    >>> payback_months(pd.Series([900.0]), -100.0).tolist()
    [nan]
    """
    if not wage_step > 0:
        return pd.Series(float("nan"), cost.index)
    months = cost.astype("float64") / (wage_step / 12)
    # a rounding error must not make a month more
    return -(-months.round(6) // 1) + 0.0
