"""The bias law beside what comparisons without a lottery erred by."""

from typing import Any

import pandas as pd

from analysis.framework import Framework
from analysis.reports.html_tables import Column
from analysis.reports.words import number

SOURCES = ["trial_nsw", "comparison_cps", "comparison_psid"]
ERROR_COLUMNS = {
    "method": Column("Estimate by"),
    "trial": Column("Comparison"),
    "estimate": Column("Estimate (dollars a year)", "dollars"),
    "answer": Column("The lottery's answer", "dollars"),
    "error": Column("Error", "dollars"),
    "standard_error": Column("its standard error, at most", "dollars"),
}
LAW_COLUMNS = {
    "level": Column("Level of validity"),
    "scale": Column("Times its bias law", "number"),
    "bias_mean": Column("Bias assumed: mean", "dollars"),
    "bias_standard_deviation": Column("standard deviation", "dollars"),
    "estimates": Column("Adjusted estimates", "count"),
    "mean_error": Column("Their mean error", "dollars"),
    "root_mean_squared_error": Column("Typical error", "dollars"),
    "inside": Column("Within the law's 95%", "share"),
    "typical_distance": Column("Typical distance (1: the law is right)", "number"),
}


def law_figures(errors: pd.DataFrame) -> list[dict[str, Any]]:
    """Typical and largest error of adjusted estimates, by comparison.

    Parameters
    ----------
    errors : DataFrame
        From :func:`analysis.tiers.law_evidence.comparison_errors`: ``trial_key``, ``method``,
        ``adjusted`` (bool), ``error`` and ``standard_error`` (dollars a year, estimate less the
        lottery's answer).

    Returns
    -------
    list of dict
        Two a comparison, as arguments of ``Study.key_figure``. The interval of the largest error is
        normal, at 95%.

    Examples
    --------
    >>> errors = pd.DataFrame({"trial_key": "cps", "method": ["naive", "matched", "AIPW"],
    ...     "adjusted": [False, True, True], "error": [-9000.0, -300.0, 400.0],
    ...     "standard_error": [500.0, 600.0, 700.0]})
    >>> [(one["name"], round(one["estimate"])) for one in law_figures(errors)]
    [('law.cps_typical_error', 354), ('law.cps_largest_error', 400)]
    """
    figures: list[dict[str, Any]] = []
    for key, part in errors[errors["adjusted"]].groupby("trial_key", sort=False):
        worst = part.loc[part["error"].abs().idxmax()]
        base = {"n": len(part), "n_of": "adjusted estimates", "sources": SOURCES}
        reach = 1.96 * worst["standard_error"]
        figures += [
            {
                "name": f"law.{key}_typical_error",
                "estimate": float((part["error"] ** 2).mean() ** 0.5),
                "unit": "dollars a year of 2024",
                "note": "root mean squared; the estimates share people, so no interval",
                **base,
            },
            {
                "name": f"law.{key}_largest_error",
                "estimate": float(worst["error"]),
                "standard_error": float(worst["standard_error"]),
                "interval": (worst["error"] - reach, worst["error"] + reach),
                "unit": "dollars a year of 2024",
                "note": f"{worst['method']} less the lottery's answer",
                **base,
            },
        ]
    return figures


def law_sentence(errors: pd.DataFrame, laws: pd.DataFrame, rules: Framework) -> str:
    """What the errors say of the laws, in plain words.

    Parameters
    ----------
    errors : DataFrame
        As for :func:`law_figures`.
    laws : DataFrame
        From :func:`analysis.tiers.law_evidence.law_against_errors`: ``level`` (name), ``scale``
        (times the bias law; 0 is noise alone), ``inside`` (share of errors within the law's 95%)
        and ``typical_distance``.
    rules : Framework
        Its level ``matched_comparison``.

    Returns
    -------
    str

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rules = load_framework()
    >>> errors = pd.DataFrame({"adjusted": [True, True], "error": [-300.0, 400.0]})
    >>> level = rules.validity("matched_comparison").name
    >>> laws = pd.DataFrame({"level": level, "scale": [0.0, 1.0], "inside": [0.5, 1.0],
    ...                      "typical_distance": [1.9, 0.6]})
    >>> said = law_sentence(errors, laws, rules)
    >>> said[:58], "would hold 50.0%" in said, "do not contradict" in said
    ('Adjusted comparisons of one program erred by −$300 to $400', True, True)
    """
    adjusted = errors[errors["adjusted"]]
    level = rules.validity("matched_comparison")
    own = laws[laws["level"].eq(level.name) & laws["scale"].eq(1.0)].iloc[0]
    verdict = (
        "a law that is too narrow for these comparisons"
        if own["typical_distance"] > 1.2
        else "which these comparisons do not contradict"
    )
    return (
        f"Adjusted comparisons of one program erred by {number(adjusted['error'].min(), 'dollars')}"
        f" to {number(adjusted['error'].max(), 'dollars')} a year (dollars of 2024), "
        f"{(adjusted['error'] < 0).sum()} of {len(adjusted)} below the lottery’s answer. For "
        f"matched records the framework assumes {number(level.bias_mean, 'dollars')} above it, "
        f"give or take {number(level.bias_standard_deviation, 'dollars')}: "
        f"{number(own['inside'], 'share')} of the errors lie within that and their noise, "
        f"{verdict}.{_without_law(laws, level.name)} One program and two comparisons that fail "
        "their checks are little evidence."
    )


def _without_law(laws: pd.DataFrame, level: str) -> str:
    none = laws[laws["level"].eq(level) & laws["scale"].eq(0.0)]
    if none.empty:
        return ""
    return f" Noise alone, with no law, would hold {number(none['inside'].iloc[0], 'share')}."
