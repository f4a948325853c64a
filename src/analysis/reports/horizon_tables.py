"""Early tiers beside later ones: the table, the key figures and the sentence."""

from typing import Any

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from analysis.framework import Framework
from analysis.reports.html_tables import Column
from analysis.reports.words import count_noun, number, text
from analysis.tiers.two_horizons import tier_by_later


def horizon_columns(labels: list[str]) -> dict[str, Column]:
    """Columns of the table of early against later tiers.

    Parameters
    ----------
    labels : list of str
        Tiers, best first.

    Returns
    -------
    dict of str to Column
        Columns of :func:`analysis.tiers.two_horizons.tier_by_later`, as they are shown.

    Examples
    --------
    >>> list(horizon_columns(["A", "B"]))[-2:]
    ['later_A', 'later_B']
    """
    return {
        "tier": Column("Tier at the horizon rated"),
        "programs": Column("Programs rated at both", "count"),
        "higher": Column("Higher tier later", "count"),
        "same": Column("Same tier", "count"),
        "lower": Column("Lower tier later", "count"),
    } | {f"later_{label}": Column(f"Later {label}", "count") for label in labels}


def horizon_figures(frame: pd.DataFrame, rules: Framework) -> list[dict[str, Any]]:
    """Shares of programs whose later tier is another, higher or lower; none without two horizons.

    Parameters
    ----------
    frame : DataFrame
        From :func:`analysis.tiers.two_horizons.beside_later`.
    rules : Framework

    Returns
    -------
    list of dict
        Arguments of ``Study.key_figure``: estimates are shares with Wilson intervals.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> both = pd.DataFrame({"tier": ["A", "B", "C", "C"], "later_tier": ["A", "A", "C", "D"],
    ...     "later_differs": pd.array([False, True, False, True], "boolean"), "source_id": "list",
    ...     "horizon": "quarter 2", "later_horizon": "quarter 8"})
    >>> for figure in horizon_figures(both, load_framework()):
    ...     print(figure["name"], figure["estimate"], figure["n"])
    all.later_tier_differs 0.5 4
    all.later_tier_higher 0.25 4
    all.later_tier_lower 0.25 4
    """
    counts = tier_by_later(frame, rules.tiers.labels)
    total = int(counts["programs"].sum())
    if not total:
        return []
    both = frame[frame["later_differs"].notna()]
    found = {
        "differs": total - counts["same"].sum(),
        "higher": counts["higher"].sum(),
        "lower": counts["lower"].sum(),
    }
    outside = 1 - rules.estimation.confidence_level
    return [
        {
            "name": f"all.later_tier_{what}",
            "estimate": float(count / total),
            "interval": proportion_confint(count, total, outside, "wilson"),
            "n": total,
            "n_of": "programs",
            "unit": "share of programs rated at both horizons",
            "note": f"{_joined_horizons(both)}, one benchmark; Wilson interval",
            "sources": sorted({*both["source_id"], "scorecard_programs"}),
        }
        for what, count in found.items()
    ]


def _joined_horizons(both: pd.DataFrame) -> str:
    """Which horizon is set against which, in words."""
    early = ", ".join(sorted(set(both["horizon"])))
    return f"{early} against {', '.join(sorted(set(both['later_horizon'])))}"


def horizon_sentence(frame: pd.DataFrame, rules: Framework) -> str:
    """How many programs have another tier later, in plain words (HTML-safe).

    Parameters
    ----------
    frame : DataFrame
        From :func:`analysis.tiers.two_horizons.beside_later`, with ``tier_probability``.
    rules : Framework
        Tiers, and below which chance a tier is not sure.

    Returns
    -------
    str
        HTML-safe.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> both = pd.DataFrame({"tier": ["A", "B", "C", "C"], "later_tier": ["A", "A", "C", "D"],
    ...     "later_differs": pd.array([False, True, False, True], "boolean"),
    ...     "tier_probability": 0.95, "later_tier_probability": [0.95, 0.95, 0.95, 0.5],
    ...     "horizon": "quarter 2", "later_horizon": "quarter 8"})
    >>> sentence = horizon_sentence(both, load_framework())
    >>> sentence[:67]
    'Of 4 programs rated at both horizons (quarter 2 against quarter 8),'
    >>> sentence[68:131]
    '50.0% have another tier later: 1 a higher one and 1 a lower one'
    """
    counts = tier_by_later(frame, rules.tiers.labels)
    total = int(counts["programs"].sum())
    if not total:
        return "No program is rated at two horizons: a tier holds for the horizon that it names."
    both = frame[frame["later_differs"].notna()]
    clear = both[both["later_differs"] & both["tier_probability"].ge(rules.tiers.borderline_below)]
    clear = clear[clear["later_tier_probability"].ge(rules.tiers.borderline_below)]
    share = (total - counts["same"].sum()) / total
    return (
        f"Of {count_noun(total, 'program')} rated at both horizons "
        f"({text(_joined_horizons(both))}), {number(share, 'share')} have another tier later: "
        f"{counts['higher'].sum()} a higher one and "
        f"{counts['lower'].sum()} a lower one; {len(clear)} of these "
        f"{'is' if len(clear) == 1 else 'are'} sure of both tiers. "
        "Earnings of nearly all rise with time against a benchmark that stays, which lifts tiers."
    )
