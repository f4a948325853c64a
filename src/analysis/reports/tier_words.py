"""The answer on tiers in sentences, made from the same objects as the tables."""

import pandas as pd

from analysis.framework import Framework
from analysis.reports.words import count_noun, interval, joined, number, text
from analysis.tiers.labels import NOT_RATED
from analysis.tiers.rating import Rating


def thresholds_in_words(rules: Framework) -> str:
    """Tiers with their thresholds, dollars or shares, best first.

    Parameters
    ----------
    rules : Framework
        Its ``tiers``: labels, cuts and unit.

    Returns
    -------
    str

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> thresholds_in_words(load_framework())
    'A more than $5,000, B more than $2,500, C more than $0 and D the rest'
    """
    cuts = sorted(rules.tiers.cuts, reverse=True)
    named = zip(rules.tiers.labels, cuts, strict=False)
    kind = "dollars" if rules.tiers.unit == "dollars a year" else "share"
    parts = [f"{label} more than {number(cut, kind)}" for label, cut in named]
    return joined([*parts, f"{rules.tiers.labels[-1]} the rest"])


def floors_in_words(rules: Framework) -> str:
    """Floors of the second category, by the metrics' names.

    Parameters
    ----------
    rules : Framework
        Its ``tiers.floors``; a floor up to 1 is read as a share, a higher one as dollars.

    Returns
    -------
    str
        Empty without floors.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> floors_in_words(load_framework())
    'Still employed later at least 50.0%'
    """
    kinds = {
        floor.metric: "share" if floor.floor <= 1 else "dollars" for floor in rules.tiers.floors
    }
    return joined(
        [
            f"{rules.metric(floor.metric).name} at least {number(floor.floor, kinds[floor.metric])}"
            for floor in rules.tiers.floors
        ]
    )


def tier_sentences(
    frame: pd.DataFrame,
    errors: pd.DataFrame,
    rules: Framework,
    sites: tuple[Rating | None, float | None],
) -> list[str]:
    """Three sentences: tiers and thresholds, error rates, and what these numbers are not.

    Parameters
    ----------
    frame : DataFrame
        From :func:`analysis.tiers.rating.rate_all`.
    errors : DataFrame
        From :func:`analysis.reports.tier_error_tables.error_rates`.
    rules : Framework
    sites : (Rating or None, float or None)
        Sites of a randomised trial, where they are at hand, and the spread between them that
        would have been found with 80 percent power.

    Returns
    -------
    list of str
        HTML-safe.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> frame = pd.DataFrame({"tier": ["A", "D", NOT_RATED], "borderline": [True, False, None]})
    >>> errors = pd.DataFrame({"guard": [None], "worst": [None]})
    >>> first, second, third = tier_sentences(frame, errors, load_framework(), (None, None))
    >>> first[:49], "50.0% A, 0.0% B, 0.0% C and 50.0% D" in first
    ('Of 3 programs, 2 can be rated on earnings; measur', True)
    >>> second[:17], third[-67:]
    ('Tier A is closed:', 'race or gender; no study of effects by site is at hand beside them.')
    """
    rated = frame[frame["tier"].ne(NOT_RATED)]
    labels = rules.tiers.labels
    shares = [f"{number(rated['tier'].eq(label).mean(), 'share')} {label}" for label in labels]
    unsure = rated["borderline"].mean()
    unit = rules.tiers.unit
    what = "earnings" if unit == "dollars a year" else "a share of people"
    first = (
        f"Of {count_noun(len(frame), 'program')}, {len(rated):,} can be rated on {what}; "
        f"measured in {unit} above {_benchmark_in_words(rules)} "
        f"({thresholds_in_words(rules)}), {joined(shares)}, and "
        f"{number(unsure, 'share')} of the rated are borderline: less than "
        f"{number(rules.tiers.borderline_below, 'share')} sure of their own tier."
        + _alike_in_words(rated)
    )
    return [
        first,
        _errors_in_words(errors, rules),
        _limits_in_words(_groups_in_words(frame), *sites),
    ]


def _alike_in_words(rated: pd.DataFrame) -> str:
    """How many programs share a tier because none of their set can be told from another."""
    reasons = rated["reason"] if "reason" in rated else pd.Series("", rated.index)
    alike = int(reasons.str.startswith("not shown to differ").sum())
    if not alike:
        return ""
    whose = "None" if alike == len(rated) else f"{len(rated) - alike:,}"
    return (
        f" {whose} of them can be told from others that it is compared with: where none can, all "
        "share one tier, which says nothing about one against another."
    )


def _groups_in_words(frame: pd.DataFrame) -> str:
    """How many rated programs the guard for groups could check."""
    rated = frame[frame["tier"].ne(NOT_RATED)]
    said = rated["group_guard"] if "group_guard" in rated else pd.Series("", rated.index)
    checked = int(said.str.startswith(("checked", "may leave")).sum())
    if not checked:
        return "none could be checked by race or gender"
    kept = int(said.str.startswith("may leave").sum())
    return (
        f"{checked:,} of {len(rated):,} could be checked by race or gender, and {kept:,} of those "
        "may leave a group no better off and are kept out of the top tier"
    )


def _benchmark_in_words(rules: Framework) -> str:
    chosen = rules.tiers.chosen_benchmark("earnings")
    if chosen is None:
        return "typical high-school graduates of the state"
    return f"the benchmark “{text(chosen.name)}”"


def _errors_in_words(errors: pd.DataFrame, rules: Framework) -> str:
    top = rules.tiers.labels[0]
    promised = number(rules.tiers.alpha, "share")
    # the set whose promise is weakest stands for all
    open_sets = errors[errors["guard"].notna() & errors["worst"].notna()]
    if not len(open_sets):
        return (
            f"Tier {top} is closed: no guard keeps the share of its programs that are truly not "
            f"above the benchmark within {promised}."
        )
    worst = open_sets.loc[open_sets["worst"].idxmax()]
    least = open_sets.loc[open_sets["found"].idxmin()]
    spread = interval(worst["worst_low"], worst["worst_high"], "share")
    return (
        f"At most {promised} of tier {top} may truly not lie above the benchmark (no program in "
        f"it may have a larger chance of that itself, under any law of true values that the data "
        f"do not rule out): simulated under normal, mixed and skewed truths the largest share is "
        f"{number(worst['worst'], 'share')} "
        f"({rules.estimation.confidence_level:.0%} interval {spread}; "
        f"{text(worst['compared_with'])}). The price: tier {top} then finds at least "
        f"{number(least['found'], 'share')} of the programs that truly belong there, where "
        f"without a guard it would find {number(least['found_without'], 'share')} and up to "
        f"{number(least['worst_without'], 'share')} of it would be false "
        f"({text(least['compared_with'])})."
    )


def _limits_in_words(groups: str, sites: Rating | None, power: float | None) -> str:
    levels = (
        "These are levels against a benchmark, not effects: they mix what a program did "
        f"with who enrolled, and {groups}"
    )
    if sites is None:
        return f"{levels}; no study of effects by site is at hand beside them."
    if sites.told_apart:
        tiers = ", ".join(sorted(set(sites.frame["tier"])))
        return f"{levels}; effects of the trial's {len(sites.frame)} sites fall into tiers {tiers}."
    return (
        f"{levels}; where effects are known, at {len(sites.frame)} sites of the JTPA trial, sites "
        f"are not shown to differ (p = {sites.p_value:.2f}, surest pair "
        f"{number(sites.largest_pair, 'probability')}), so all get one tier, "
        f"{sites.frame['tier'].iloc[0]}; a spread under {number(power, 'dollars')} a year "
        "could have been missed."
    )
