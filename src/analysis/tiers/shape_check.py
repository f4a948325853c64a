"""Would tiers differ if true values were taken for normal? The law of free shape says."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.framework import Framework
from analysis.tiers.bias_law import biased_numbers
from analysis.tiers.free_shape import free_shape
from analysis.tiers.labels import least_loss_tier, tier_probabilities
from analysis.tiers.rating import Rating
from analysis.tiers.set_model import fit_in_frame


def shape_check(
    ratings: Mapping[str, Rating], rules: Framework, *, with_bias: bool = True
) -> pd.DataFrame:
    """Tiers under the normal law against those under mixtures of normals, set by set.

    Parameters
    ----------
    ratings : mapping of str to Rating
        From :func:`analysis.tiers.rating.rate_all`.
    rules : Framework
    with_bias : bool
        As the ratings were made.

    Returns
    -------
    DataFrame
        ``compared_with``, ``programs``, ``normal_probability`` (posterior chance that the law of
        true values within fields is normal), ``changed`` (share of programs whose tier differs),
        ``leave_top`` and ``enter_top`` (programs, when the law is freed), ``false_normal`` and
        ``false_free`` (share of the top under the normal law that each expects not to be above
        the benchmark).

    Notes
    -----
    Both start from the same means of fields, slope on precision and guard. Sets of fewer than ten
    programs, or that cannot be told apart, are left out.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> from analysis.tiers.thresholds import Calibration
    >>> frame = pd.DataFrame({"estimate": [-9000.0, 9000.0] * 5, "standard_error": 500.0,
    ...                       "validity": "randomised"})
    >>> calibration = Calibration(0.05, 0.05, pd.DataFrame(), "")
    >>> rating = Rating(frame, None, calibration, None, 0.001, 1.0, True, None, {})
    >>> found = shape_check({"all": rating}, load_framework())
    >>> found[["programs", "changed", "leave_top", "false_normal"]].round(6).values.tolist()
    [[10.0, 0.0, 0.0, 0.0]]
    """
    rows = []
    for name, rating in ratings.items():
        frame = rating.frame
        if len(frame) < 10 or not rating.told_apart:
            continue
        y, s = biased_numbers(frame, rules, 1.0 if with_bias else 0.0)
        normal, _ = fit_in_frame(frame, y, s, rules)
        freed = free_shape(y, s, normal, ruled_out_at=rules.tiers.law_ruled_out_at)
        guard = -1.0 if rating.calibration.guard is None else rating.calibration.guard
        tiers = [
            least_loss_tier(
                tier_probabilities(model, rules.tiers.cuts),
                rules.tiers.over_rating_weight,
                model.guard_chance(0.0) <= guard,
            )
            for model in (normal, freed)
        ]
        before, after = tiers[0] == 0, tiers[1] == 0
        law = getattr(freed, "law", None)
        rows.append(
            {
                "compared_with": name,
                "programs": len(frame),
                "normal_probability": 1.0 if law is None else law.normal_probability,
                "changed": float((tiers[0] != tiers[1]).mean()),
                "leave_top": int((before & ~after).sum()),
                "enter_top": int((~before & after).sum()),
                "false_normal": _expected(normal.chance_at_or_below(0.0), before),
                "false_free": _expected(freed.chance_at_or_below(0.0), before),
            }
        )
    return pd.DataFrame(rows, columns=_COLUMNS)


def _expected(chance: np.ndarray, top: np.ndarray) -> float:
    return float(chance[top].mean()) if top.any() else float("nan")


_COLUMNS = [
    *("compared_with", "programs", "normal_probability", "changed", "leave_top", "enter_top"),
    *("false_normal", "false_free"),
]
