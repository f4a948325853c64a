"""Grades by pairwise chances under two priors: the order is steadier than the number of grades."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.framework import Framework
from analysis.tiers.bias_law import biased_numbers
from analysis.tiers.grades import Grades, grade_programs
from analysis.tiers.grid_prior import grid_pairs, likelihood, posterior_on_grid, value_grid
from analysis.tiers.log_spline import fit_log_spline
from analysis.tiers.normal_model import fit_normal_model
from analysis.tiers.pairs import pair_probabilities
from analysis.tiers.rating import Rating

# all pairs of more programs than this are not compared under two priors in a report's time
_MOST = 2_000


def site_grades(programs: pd.DataFrame, lambda_: float) -> pd.DataFrame:
    """What the report card of Kline, Rose and Walters says under two priors.

    Parameters
    ----------
    programs : DataFrame
        ``estimate`` and ``standard_error``.
    lambda_ : float
        What telling a pair apart is worth.

    Returns
    -------
    DataFrame
        One row a prior: ``grades``, ``told_apart`` (share of pairs), ``discordance`` (share of
        pairs expected in the wrong order), ``largest_pair`` (surest pair).

    Examples
    --------
    >>> frame = pd.DataFrame({"estimate": [0.0, 0.1, 9.0], "standard_error": [1.0, 1.0, 1.0]})
    >>> site_grades(frame, 0.25)["grades"].tolist()[0]
    2
    """
    y = programs["estimate"].to_numpy(float)
    s = programs["standard_error"].to_numpy(float)
    normal = pair_probabilities(fit_normal_model(y, s, tau_prior="flat"), s)
    points = value_grid(y)
    spline = fit_log_spline(y, s, points=points)
    smooth = grid_pairs(posterior_on_grid(likelihood(y, s, points), points, spline.prior))
    named = {"normal, spread integrated": normal, "log-spline, spread plugged in": smooth}
    rows = [_row(name, grade_programs(pairs, lambda_), pairs) for name, pairs in named.items()]
    return pd.DataFrame(rows)


def set_grades(
    ratings: Mapping[str, Rating], rules: Framework, *, with_bias: bool = True
) -> pd.DataFrame:
    """The same for every set of rated programs, one grade where nothing can be told apart.

    Parameters
    ----------
    ratings : mapping of str to Rating
        Sets of more than two thousand programs, and of one, are left out.
    rules : Framework
    with_bias : bool
        As in the rating.

    Returns
    -------
    DataFrame
        As :func:`site_grades`, with ``compared_with`` and ``programs``; no rows where every set
        is left out.

    Notes
    -----
    Programs are compared as they are, whatever their field: fields and precision, which the tiers
    lean on, are not taken off.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> frame = pd.DataFrame({"estimate": [0.0, 100.0, 9000.0], "standard_error": 1000.0,
    ...                       "validity": "randomised"})
    >>> rating = Rating(frame, None, None, None, 0.001, 1.0, True, None, {})
    >>> found = set_grades({"all": rating}, load_framework())
    >>> found[["compared_with", "programs", "grades"]].values.tolist()[0]
    ['all', 3, 2]
    """
    parts = []
    for name, rating in ratings.items():
        if not 1 < len(rating.frame) <= _MOST:
            continue
        y, s = biased_numbers(rating.frame, rules, 1.0 if with_bias else 0.0)
        numbers = pd.DataFrame({"estimate": y, "standard_error": s})
        card = site_grades(numbers, rules.tiers.tell_apart_lambda)
        if not rating.told_apart:
            card = card.assign(grades=1, told_apart=0.0, discordance=0.0)
        parts.append(card.assign(compared_with=name, programs=len(y)))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _row(name: str, grades: Grades, pairs: np.ndarray) -> dict[str, object]:
    return {
        "prior": name,
        "grades": grades.count,
        "told_apart": grades.told_apart,
        "discordance": grades.discordance,
        "largest_pair": float(pairs.max()),
    }
