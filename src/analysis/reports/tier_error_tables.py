"""How sure tiers are, as tables: error rates, what can be told apart, what settings change."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from analysis.framework import Framework
from analysis.reports.html_tables import Column, interval_columns
from analysis.tiers.rating import Rating
from analysis.tiers.thresholds import choose_guard

SWEEP_COLUMNS = {
    "alpha": Column("False share allowed", "share"),
    "weight": Column("Cost of over-rating by a step", "number"),
    "bias_scale": Column("Times the bias law", "number"),
    "guard": Column("Guard", "number"),
    "top_share": Column("Share in the top tier", "share"),
    "worst_false_share": Column("False share of the top, worst truth", "share"),
    "steps_off": Column("Mean tier steps off, worst truth", "number3"),
    "changed": Column("Programs whose tier changes", "share"),
}
WEIGHT_COLUMNS = {
    "weight_average_quarterly_wage": Column("Weight of the wage", "share"),
    "weight_employed_share": Column("Weight of the share employed", "share"),
    "rank_correlation": Column("Rank correlation with the fixed weights", "number3"),
    "changed": Column("Programs that enter or leave the best quarter", "share"),
    "gain": Column("Later gain of the best quarter (dollars a quarter)", "dollars"),
    "gain_error": Column("Standard error of its difference from the fixed", "dollars"),
}
SHAPE_COLUMNS = {
    "compared_with": Column("Programs compared with one another"),
    "programs": Column("Programs", "count"),
    "normal_probability": Column("Chance that the law is normal", "probability"),
    "changed": Column("Programs whose tier changes", "share"),
    "leave_top": Column("Leave the top tier when the law is freed", "count"),
    "enter_top": Column("Enter it", "count"),
    "false_normal": Column("False share of the normal law's top, as it expects", "share"),
    "false_free": Column("As the law of free shape expects", "share"),
}
STUDY_COLUMNS = {
    "rule": Column("Rule"),
    "steps_off": Column("Mean tier steps off", "number3"),
    "two_or_more_off": Column("Two or more tiers off", "share"),
    "pairs_wrong": Column("Pairs in the wrong order", "share"),
    "false_top": Column("False share of the top", "share"),
    "found": Column("True top programs found", "share"),
    "top_against_best": Column("Value of the top over the best possible", "number"),
    "empty_top": Column("Draws with an empty top", "share"),
    "off_top": Column("Chance of the top off by", "number3"),
    "off_not_above": Column("Chance of no gain off by", "number3"),
}
TIME_COLUMNS = {
    "rule": Column("What is taken for the later wage"),
    "programs": Column("Programs", "count"),
    "rank_correlation": Column("Rank correlation", "number3"),
    "same_tier": Column("Same quarter later", "share"),
    "two_or_more": Column("Two quarters off or more", "share"),
    "top_stays": Column("Top quarter stays top", "share"),
    "root_mean_squared_error": Column("Typical error (dollars a quarter)", "dollars"),
    "error_saved": Column("Squared error saved", "share"),
    "interval_low": Column("90% interval, from", "share"),
    "interval_high": Column("to", "share"),
}
MARK_COLUMNS = {
    "mark": Column("Mark"),
    "programs": Column("Programs", "count"),
    "said": Column("Chance of the own tier, mean", "share"),
    "stays": Column("In the same quarter later", "share"),
    "standard_error": Column("Standard error", "share"),
}
GRADE_COLUMNS = {
    "prior": Column("Prior"),
    "grades": Column("Grades", "count"),
    "told_apart": Column("Pairs told apart", "share"),
    "discordance": Column("Pairs expected in the wrong order", "share"),
    "largest_pair": Column("Surest pair", "probability"),
}
SET_GRADE_COLUMNS = {
    "compared_with": Column("Programs compared with one another"),
    "programs": Column("Programs", "count"),
} | GRADE_COLUMNS


def difference_columns(level: float) -> dict[str, Column]:
    """Columns of the table of what can be told apart, with the level of its interval.

    Parameters
    ----------
    level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    dict of str to Column
        By column of the table, from left to right.

    Examples
    --------
    >>> columns = difference_columns(0.95)
    >>> columns["tau"].heading, columns["tau_low"].heading
    ('Spread between true values (dollars a year)', '95% interval, from')
    """
    return {
        "compared_with": Column("Programs compared with one another"),
        "programs": Column("Programs", "count"),
        "tau": Column("Spread between true values (dollars a year)", "dollars"),
        **interval_columns(level, "dollars", "tau"),
        "p_value": Column("p-value of no difference", "p_value"),
        "largest_pair": Column("Surest pair", "probability"),
        "slope": Column("Slope on log standard error", "dollars"),
        "slope_p_value": Column("its p-value", "p_value"),
    }


def error_rates(ratings: Mapping[str, Rating], rules: Framework) -> pd.DataFrame:
    """What the top tier of each set promises: the guard, and error rates in the worst truth.

    Parameters
    ----------
    ratings : mapping of str to Rating
        From :func:`analysis.tiers.rating.rate_all`.
    rules : Framework

    Returns
    -------
    DataFrame
        One row a set: ``guard`` (missing where the top tier is closed), ``predicted`` and
        ``worst`` false share with its interval, ``truth`` in which it is worst, ``found`` (share
        of true top programs that reach it), ``worst_without`` and ``found_without`` (the same
        if nothing guarded the top, which is what the guard saves and costs), ``steps_off``,
        ``two_or_more_off``, spread between programs with its interval, ``largest_pair``,
        ``slope`` on precision.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> from analysis.tiers.rating import rate_set
    >>> rules = load_framework()
    >>> rules = rules.model_copy(update={"tiers": rules.tiers.model_copy(
    ...     update={"simulation_draws": 2, "law": "normal"})})
    >>> programs = pd.DataFrame({"program_key": list("abcdef"), "standard_error": 400.0,
    ...     "estimate": [9000.0, 7000.0, 6500.0, 500.0, -3000.0, -8000.0],
    ...     "validity": "randomised"})
    >>> table = error_rates({"a set": rate_set(programs, rules)}, rules)
    >>> table[["compared_with", "programs", "guard", "worst", "found"]].values.tolist()
    [['a set', 6, 0.05, 0.0, 1.0]]
    """
    z = stats.norm.ppf(0.5 + rules.estimation.confidence_level / 2)
    rows = []
    for name, rating in ratings.items():
        table = rating.calibration.table
        guard = rating.calibration.guard
        # where the top tier is closed, the strictest guard shows what it would have let through
        shown = table[table["guard"].eq(table["guard"].min() if guard is None else guard)]
        has_top = shown["false_share"].notna().any()
        worst = shown.loc[shown["false_share"].idxmax()] if has_top else shown.iloc[0]
        tau, tau_low, tau_high = rating.model.tau_interval(rules.estimation.confidence_level)
        error = worst["standard_error"]
        rows.append(
            {
                "compared_with": name,
                "programs": len(rating.frame),
                "guard": np.nan if guard is None else guard,
                "predicted": worst["predicted_share"],
                "worst": worst["false_share"],
                "worst_standard_error": error,
                "worst_low": max(worst["false_share"] - z * error, 0.0),
                "worst_high": worst["false_share"] + z * error,
                "truth": worst["truth"],
                "found": shown["found"].min(),
                **_without_guard(rating, rules),
                "steps_off": shown["steps_off"].max(),
                "two_or_more_off": shown["two_or_more_off"].max(),
                "tau": tau,
                "tau_low": tau_low,
                "tau_high": tau_high,
                "p_value": rating.p_value,
                "largest_pair": rating.largest_pair,
                "told_apart": rating.told_apart,
                "slope": np.nan if rating.slope is None else rating.slope.slope,
                "slope_p_value": np.nan if rating.slope is None else rating.slope.p_value,
            }
        )
    return pd.DataFrame(rows)


def _without_guard(rating: Rating, rules: Framework) -> dict[str, float]:
    """False share of the top and true top programs found, had nothing guarded it."""
    table = choose_guard(
        rating.simulated,
        alpha=rules.tiers.alpha,
        candidates=[1.0],
        over_rating_weight=rules.tiers.over_rating_weight,
    ).table
    free = table[table["guard"].eq(1.0)]
    return {"worst_without": free["false_share"].max(), "found_without": free["found"].min()}
