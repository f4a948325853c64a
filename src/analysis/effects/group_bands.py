"""The rows of one grouping read at once: bands, adjusted p-values and what they could show."""

import pandas as pd

from analysis.effects.effect import interval_degrees_of_freedom
from analysis.effects.multiplicity import (
    detectable_effect,
    holm_adjusted,
    simultaneous_bands,
    two_sided_p_values,
)


def simultaneous_groups(
    effects: pd.DataFrame,
    grouping: str,
    *,
    estimator: str = "difference in means",
    confidence_level: float = 0.95,
    small_sample_below: int = 60,
    power: float = 0.8,
) -> pd.DataFrame:
    """Rows of a table by group that are read at once, with bands, p-values and power.

    Parameters
    ----------
    effects : DataFrame
        Result of `group_effects`.
    grouping, estimator : str
        Which rows; only those shown count, and their number enters the adjustment.
    confidence_level, small_sample_below, power
        As in `simultaneous_bands`, `interval_degrees_of_freedom` and `detectable_effect`.

    Returns
    -------
    DataFrame
        The rows, with ``simultaneous_low``, ``simultaneous_high``, ``critical_value``,
        ``p_value``, ``p_value_holm`` and ``detectable_effect``.

    Examples
    --------
    >>> from analysis.effects import group_effects
    >>> people = pd.DataFrame({"treated": [1, 1, 0, 0] * 6, "gender": ["women", "men"] * 12,
    ...                        "earnings": [float(i % 7) for i in range(24)]})
    >>> table = group_effects(people, "earnings", groups=[("gender",)], minimum_cell=3)
    >>> simultaneous_groups(table, "gender")["p_value_holm"].round(2).tolist()
    [1.0, 1.0]
    """
    rows = effects[
        (effects["grouping"] == grouping)
        & (effects["estimator"] == estimator)
        & (effects["status"] == "shown")
    ].reset_index(drop=True)
    freedom = [
        interval_degrees_of_freedom(int(n1 + n0), own, small_sample_below)
        for n1, n0, own in zip(
            rows["n_treated"], rows["n_control"], rows["degrees_of_freedom"], strict=True
        )
    ]
    p_values = two_sided_p_values(rows["estimate"], rows["standard_error"], freedom)
    bands = simultaneous_bands(rows["estimate"], rows["standard_error"], freedom, confidence_level)
    return pd.concat([rows, bands], axis=1).assign(
        p_value=p_values,
        p_value_holm=holm_adjusted(p_values),
        detectable_effect=[
            detectable_effect(one, power, confidence_level) for one in rows["standard_error"]
        ],
    )
