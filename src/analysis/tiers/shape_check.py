"""Would tiers differ if true values need not be normal? Asked with the shape integrated."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.framework import Framework
from analysis.tiers.labels import between_cuts, least_loss_tier
from analysis.tiers.mixture_model import fit_mixture_model
from analysis.tiers.rating import Rating, biased_numbers, fit_in_frame


def shape_check(
    ratings: Mapping[str, Rating], rules: Framework, *, with_bias: bool = True
) -> pd.DataFrame:
    """Tiers under mixtures of normals against those of the normal model, set by set.

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
        ``leave_top`` and ``enter_top`` (programs), ``false_normal`` and ``false_mixture`` (share
        of the present top that each model expects not to be above the benchmark).

    Notes
    -----
    Means of fields and the slope on precision are those of the normal model: only the law within
    fields is freed. The guard is the present one. Sets of fewer than ten programs are left out.
    """
    rows = []
    for name, rating in ratings.items():
        frame = rating.frame
        if len(frame) < 10 or not rating.told_apart:
            continue
        y, s = biased_numbers(frame, rules, 1.0 if with_bias else 0.0)
        normal, _ = fit_in_frame(frame, y, s, rules)
        centre = normal.field_mean
        model = fit_mixture_model(y - centre, s, tau_prior=rules.tiers.tau_prior)
        descending = sorted(rules.tiers.cuts, reverse=True)
        above = np.column_stack([model.chance_above(cut - centre) for cut in descending])
        not_above = model.chance_at_or_below(-centre)
        guard = rating.calibration.guard
        allowed = np.zeros(len(y), bool) if guard is None else not_above <= guard
        place = least_loss_tier(between_cuts(above), rules.tiers.over_rating_weight, allowed)
        tier = np.asarray(rules.tiers.labels)[place]
        top = rules.tiers.labels[0]
        now = frame["tier"].eq(top).to_numpy()
        rows.append(
            {
                "compared_with": name,
                "programs": len(frame),
                "normal_probability": model.normal_probability,
                "changed": float((tier != frame["tier"]).mean()),
                "leave_top": int((now & (tier != top)).sum()),
                "enter_top": int((~now & (tier == top)).sum()),
                "false_normal": float(frame.loc[now, "chance_not_above"].mean()),
                "false_mixture": float(not_above[now].mean()) if now.any() else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS = [
    *("compared_with", "programs", "normal_probability", "changed", "leave_top", "enter_top"),
    *("false_normal", "false_mixture"),
]
