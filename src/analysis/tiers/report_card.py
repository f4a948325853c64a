"""Grades by pairwise chances under two priors: the order is steadier than the number of grades."""

import numpy as np
import pandas as pd

from analysis.tiers.grades import Grades, grade_programs
from analysis.tiers.grid_prior import grid_pairs, likelihood, posterior_on_grid, value_grid
from analysis.tiers.log_spline import fit_log_spline
from analysis.tiers.normal_model import fit_normal_model
from analysis.tiers.pairs import pair_probabilities


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


def _row(name: str, grades: Grades, pairs: np.ndarray) -> dict[str, object]:
    return {
        "prior": name,
        "grades": grades.count,
        "told_apart": grades.told_apart,
        "discordance": grades.discordance,
        "largest_pair": float(pairs.max()),
    }
