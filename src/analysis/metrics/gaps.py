"""Gaps between groups: difference and ratio to the reference group, with intervals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from analysis.tables.wioa_layout import wioa_layout


def gaps(table: pd.DataFrame, confidence_level: float, over: Sequence[str] = ()) -> pd.DataFrame:
    """Each group beside the reference group of its grouping.

    Parameters
    ----------
    table : DataFrame
        From :func:`analysis.metrics.indicators.indicator_table`.
    confidence_level : float
    over : sequence of str
        Columns within which groups are compared.

    Returns
    -------
    DataFrame
        ``over``, ``by``, ``group``, ``reference``, ``indicator``, ``measure``, ``people`` and
        ``reference_people`` (known outcomes), ``difference`` (group less reference) and ``ratio``
        (group over reference), each with ``_low`` and ``_high``.

    Notes
    -----
    Difference of shares: Newcombe's hybrid of Wilson's intervals (Newcombe 1998, method 10).
    Ratio of shares: logarithm with its standard error (Katz et al. 1978), missing where a count
    is zero. Means and medians: normal, from the standard errors.

    Examples
    --------
    >>> rows = pd.DataFrame({"by": "gender", "group": ["men", "women"], "indicator": "employed_q2",
    ...     "measure": "share", "known": [80, 70], "met": [56, 48], "estimate": [0.7, 48 / 70],
    ...     "standard_error": 0.05, "interval_low": [0.5923, 0.5707],
    ...     "interval_high": [0.7893, 0.7826]})
    >>> out = gaps(rows, 0.95)
    >>> out[["group", "reference"]].values.tolist(), float(out["difference"].iloc[0].round(4))
    ([['women', 'men']], -0.0143)
    """
    references = {grouping.id: grouping.reference for grouping in wioa_layout().groups}
    parts = table[table["by"] != "all"].copy()
    parts["reference"] = parts["by"].map(
        lambda by: " ".join(references[name] for name in by.split(" and "))
    )
    keys = [*over, "by", "indicator"]
    beside = parts[parts["group"] == parts["reference"]]
    numbers = ["known", "met", "estimate", "standard_error", "interval_low", "interval_high"]
    pairs = parts[parts["group"] != parts["reference"]].merge(
        beside[[*keys, *numbers]], on=keys, suffixes=("", "_reference")
    )
    z = float(stats.norm.ppf(0.5 + confidence_level / 2))
    return _ratios(_differences(pairs, z), z)[
        [*over, "by", "group", "reference", "indicator", "measure", "people", "reference_people"]
        + [f"{name}{end}" for name in ("difference", "ratio") for end in ("", "_low", "_high")]
    ]


def _differences(pairs: pd.DataFrame, z: float) -> pd.DataFrame:
    done = pairs.assign(people=pairs["known"], reference_people=pairs["known_reference"])
    one, two = pairs["estimate"], pairs["estimate_reference"]
    share = pairs["measure"] == "share"
    down = np.hypot(one - pairs["interval_low"], pairs["interval_high_reference"] - two)
    up = np.hypot(pairs["interval_high"] - one, two - pairs["interval_low_reference"])
    normal = z * np.hypot(pairs["standard_error"], pairs["standard_error_reference"])
    done["difference"] = one - two
    done["difference_low"] = done["difference"] - down.where(share, normal)
    done["difference_high"] = done["difference"] + up.where(share, normal)
    return done


def _ratios(pairs: pd.DataFrame, z: float) -> pd.DataFrame:
    done = pairs.copy()
    one, two = pairs["estimate"], pairs["estimate_reference"]
    share = pairs["measure"] == "share"
    counts = (pairs["met"] > 0) & (pairs["met_reference"] > 0)
    usable = counts.where(share, (one > 0) & (two > 0))
    relative = {
        end: np.where(
            share,
            1 / pairs[f"met{end}"].where(pairs[f"met{end}"] > 0) - 1 / pairs[f"known{end}"],
            (pairs[f"standard_error{end}"] / pairs[f"estimate{end}"]) ** 2,
        )
        for end in ("", "_reference")
    }
    error = np.sqrt(relative[""] + relative["_reference"])
    done["ratio"] = (one / two.where(two > 0)).where(usable)
    done["ratio_low"] = done["ratio"] * np.exp(-z * error)
    done["ratio_high"] = done["ratio"] * np.exp(z * error)
    return done
