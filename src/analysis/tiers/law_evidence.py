"""How far comparisons without a lottery erred where one gives the answer, beside the bias law."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.framework import Framework

PLAIN = "difference in means"


def comparison_errors(methods: pd.DataFrame, lottery: str, factor: float) -> pd.DataFrame:
    """Error of each estimate from a comparison, against the lottery's difference in means.

    Parameters
    ----------
    methods : DataFrame
        ``method``, ``trial``, ``trial_key``, ``estimate``, ``standard_error`` (dollars a year).
    lottery : str
        ``trial_key`` of the lottery on the same treated people.
    factor : float
        Turns dollars of the study into dollars of the bias law.

    Returns
    -------
    DataFrame
        ``trial``, ``trial_key``, ``method``, ``adjusted`` (bool), ``estimate``, ``answer`` (the
        lottery's), ``error`` and its ``standard_error``, all in dollars of the law.

    Raises
    ------
    WorkbenchError
        No difference in means of the lottery.

    Notes
    -----
    The error's standard error adds both variances. The treated are the same people on both
    sides, so the true one is smaller: errors look surer of zero here than they are.

    Examples
    --------
    >>> rows = pd.DataFrame({"method": ["difference in means"] * 2, "trial": ["a", "b"],
    ...     "trial_key": ["a", "b"], "estimate": [10.0, -5.0], "standard_error": [3.0, 4.0]})
    >>> comparison_errors(rows, "a", 2.0)[["error", "standard_error"]].values.tolist()
    [[-30.0, 10.0]]
    """
    mine = methods[methods["trial_key"].eq(lottery) & methods["method"].eq(PLAIN)]
    if len(mine) != 1:
        raise WorkbenchError(
            f"the lottery '{lottery}' has {len(mine)} differences in means",
            "Give the methods of the lottery beside those of its comparisons.",
        )
    answer, noise = mine[["estimate", "standard_error"]].iloc[0]
    rows = methods[methods["trial_key"].ne(lottery) & methods["estimate"].notna()]
    return pd.DataFrame(
        {
            "trial": rows["trial"],
            "trial_key": rows["trial_key"],
            "method": rows["method"],
            "adjusted": rows["method"].ne(PLAIN),
            "estimate": factor * rows["estimate"],
            "answer": factor * answer,
            "error": factor * (rows["estimate"] - answer),
            "standard_error": factor * np.hypot(rows["standard_error"], noise),
        }
    ).reset_index(drop=True)


def law_against_errors(
    errors: pd.DataFrame, rules: Framework, levels: Sequence[str], scales: Sequence[float]
) -> pd.DataFrame:
    """Bias laws, and multiples of them, beside the errors of adjusted estimates.

    Parameters
    ----------
    errors : DataFrame
        From :func:`comparison_errors`.
    rules : Framework
    levels : sequence of str
        Ids of validity levels whose laws are held against the errors.
    scales : sequence of float
        Times the mean and the standard deviation of a law; 0 is no allowance.

    Returns
    -------
    DataFrame
        ``level``, ``scale``, ``bias_mean``, ``bias_standard_deviation``, ``estimates``
        (adjusted), ``mean_error``, ``root_mean_squared_error``, ``inside`` (share within 1.96
        standard deviations of the law and the noise) and ``typical_distance`` (root mean square
        of the errors in those standard deviations; 1 where the law is right).

    Examples
    --------
    Administrative records have a law with mean and standard deviation 2,500 in the framework:
    errors without noise are 0.2 and 1.4 of them away.

    >>> from analysis.framework import load_framework
    >>> errors = pd.DataFrame({"adjusted": [True, True, False], "error": [3000.0, -1000.0, 9000.0],
    ...                        "standard_error": 0.0})
    >>> found = law_against_errors(errors, load_framework(), ["administrative"], [1.0])
    >>> found[["estimates", "mean_error", "inside", "typical_distance"]].round(6).values.tolist()
    [[2.0, 1000.0, 1.0, 1.0]]
    """
    adjusted = errors[errors["adjusted"]]
    error, noise = adjusted["error"].to_numpy(float), adjusted["standard_error"].to_numpy(float)
    rows = []
    for level_id in levels:
        level = rules.validity(level_id)
        for scale in scales:
            mean, spread = scale * level.bias_mean, scale * level.bias_standard_deviation
            distance = (error - mean) / np.hypot(noise, spread)
            rows.append(
                {
                    "level": level.name,
                    "scale": scale,
                    "bias_mean": mean,
                    "bias_standard_deviation": spread,
                    "estimates": len(error),
                    "mean_error": error.mean(),
                    "root_mean_squared_error": np.sqrt(np.mean(error**2)),
                    "inside": np.mean(np.abs(distance) <= 1.96),
                    "typical_distance": np.sqrt(np.mean(distance**2)),
                }
            )
    return pd.DataFrame(rows)
