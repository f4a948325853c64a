"""What is rated where effects are known: programs in records, and sites of a trial."""

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tiers.common_error import split_covariance


def effect_estimates(
    program_effects: pd.DataFrame, covariance: pd.DataFrame, *, periods_a_year: float
) -> tuple[pd.DataFrame, float]:
    """Effects of programs in dollars a year, ready to be rated, and the error they share.

    Parameters
    ----------
    program_effects : DataFrame
        ``program``, ``estimate`` (dollars a period), ``people``, ``validity``.
    covariance : DataFrame
        ``program`` and one column a program: covariance of the estimates.
    periods_a_year : float

    Returns
    -------
    tuple of DataFrame, float
        ``program_key``, ``estimate``, ``standard_error`` (each program's own), ``n``,
        ``validity``; and the standard error of what all share, in dollars a year.

    Raises
    ------
    WorkbenchError
        For programs that the covariance does not name, or one that is none.

    Examples
    --------
    >>> effects = pd.DataFrame({"program": ["a", "b"], "estimate": [10.0, 20.0], "people": [9, 8],
    ...                         "validity": "administrative"})
    >>> whole = pd.DataFrame({"program": ["a", "b"], "a": [5.0, 1.0], "b": [1.0, 10.0]})
    >>> found, common = effect_estimates(effects, whole, periods_a_year=4)
    >>> found[["estimate", "standard_error"]].values.tolist(), common
    ([[40.0, 8.0], [80.0, 12.0]], 4.0)
    """
    names = list(program_effects["program"])
    square = covariance.set_index("program")
    if set(names) != set(square.index) or set(names) != set(square.columns):
        raise WorkbenchError(
            "covariance of programs: not of the programs whose effects are given",
            "Give both tables of one run.",
        )
    own, common = split_covariance(square.loc[names, names].to_numpy())
    frame = pd.DataFrame(
        {
            "program_key": names,
            "estimate": program_effects["estimate"].to_numpy(float) * periods_a_year,
            "standard_error": own * periods_a_year,
            "n": program_effects["people"].to_numpy(float),
            "validity": program_effects["validity"].to_numpy(),
        }
    )
    return frame, common * periods_a_year


def site_estimates(site_effects: pd.DataFrame, *, months: float) -> pd.DataFrame:
    """Effects of a trial's sites in dollars a year, ready to be rated.

    Parameters
    ----------
    site_effects : DataFrame
        ``site``, ``estimate`` and ``standard_error`` (dollars over the follow-up), ``n_treated``
        and ``n_control``.
    months : float
        Length of the follow-up.

    Returns
    -------
    DataFrame
        ``program_key``, ``estimate``, ``standard_error``, ``n`` and ``validity``
        (randomised); the benchmark is the same people without the program.

    Examples
    --------
    >>> sites = pd.DataFrame({"site": ["CC"], "estimate": [300.0], "standard_error": [200.0],
    ...                       "n_treated": [30], "n_control": [20]})
    >>> site_estimates(sites, months=30)[["estimate", "n"]].values.tolist()
    [[120.0, 50.0]]
    """
    people = site_effects["n_treated"] + site_effects["n_control"]
    return pd.DataFrame(
        {
            "program_key": site_effects["site"].astype("str"),
            "estimate": site_effects["estimate"].astype(float) * 12 / months,
            "standard_error": site_effects["standard_error"].astype(float) * 12 / months,
            "n": people,
            "validity": "randomised",
        }
    )
