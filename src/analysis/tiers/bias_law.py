"""Estimates less the bias that their validity level expects, with its variance added."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.framework import Framework

Numbers = npt.NDArray[np.float64]


def plain_numbers(programs: pd.DataFrame) -> tuple[Numbers, Numbers]:
    """Estimates and standard errors as they stand.

    Parameters
    ----------
    programs : DataFrame
        ``estimate`` and ``standard_error``.

    Returns
    -------
    estimate, standard_error : ndarray, shape (programs,)

    Examples
    --------
    >>> y, s = plain_numbers(pd.DataFrame({"estimate": [900], "standard_error": [100]}))
    >>> y.tolist(), s.tolist()
    ([900.0], [100.0])
    """
    return programs["estimate"].to_numpy(float), programs["standard_error"].to_numpy(float)


def biased_numbers(
    programs: pd.DataFrame, rules: Framework, scale: float = 1.0
) -> tuple[Numbers, Numbers]:
    """Estimates less the bias that their validity level expects, and its variance added.

    Parameters
    ----------
    programs : DataFrame
        ``estimate``, ``standard_error``, ``validity``.
    rules : Framework
    scale : float
        Times the mean and the standard deviation of the bias; 0 ignores it.

    Returns
    -------
    estimate, standard_error : ndarray, shape (programs,)

    Raises
    ------
    WorkbenchError
        A share of people is rated, and a law of bias is in dollars.

    Examples
    --------
    A provider's own report has a law with mean and standard deviation 5,000 in the framework.

    >>> from analysis.framework import load_framework
    >>> row = {"estimate": [9000.0], "standard_error": [12000.0], "validity": ["provider_report"]}
    >>> y, s = biased_numbers(pd.DataFrame(row), load_framework())
    >>> y.tolist(), s.tolist()
    ([4000.0], [13000.0])
    """
    y, s = plain_numbers(programs)
    mean = programs["validity"].map({lv.id: lv.bias_mean for lv in rules.validity_levels})
    spread = programs["validity"].map(
        {lv.id: lv.bias_standard_deviation for lv in rules.validity_levels}
    )
    if scale and rules.tiers.unit != "dollars a year" and (np.hypot(mean, spread) > 1).any():
        level = programs["validity"].to_numpy()[np.argmax(np.hypot(mean, spread))]
        raise WorkbenchError(
            f"the bias law of validity level '{level}' is in dollars, and a share is rated",
            "Give the law of the level in shares, or ignore bias laws.",
        )
    return y - scale * mean.to_numpy(float), np.hypot(s, scale * spread.to_numpy(float))
