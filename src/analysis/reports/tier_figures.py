"""Key figures on tiers, from the same objects as the tables."""

import re
from typing import Any

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from analysis.framework import Framework
from analysis.reports.tier_tables import what_is_rated
from analysis.tiers.labels import NOT_RATED
from analysis.tiers.out_of_time import SHRUNK
from analysis.tiers.rating import Rating


def slug(name: str) -> str:
    """A set's name as part of a figure's name.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
        Small letters, digits and underscores.

    Examples
    --------
    >>> slug("College Scorecard, Associate's Degree, 1 year after completion")
    'college_scorecard_associates_degree_1_year_after_completion'
    """
    return re.sub(r"[^a-z0-9]+", "_", name.lower().replace("'", "")).strip("_")


def tier_figures(
    frame: pd.DataFrame,
    counts: pd.DataFrame,
    errors: pd.DataFrame,
    noise: pd.DataFrame,
    sites: tuple[Rating | None, float | None],
    later: tuple[pd.DataFrame | None, pd.DataFrame | None],
    rules: Framework,
) -> list[dict[str, Any]]:
    """Figures as arguments of ``Study.key_figure``: overall, by set, later, of a trial's sites.

    Parameters
    ----------
    frame : DataFrame
        From :func:`analysis.tiers.rating.rate_all`.
    counts : DataFrame
        Of :func:`analysis.reports.tier_tables.tier_counts`.
    errors : DataFrame
        Of :func:`analysis.reports.tier_error_tables.error_rates`.
    noise : DataFrame
        From :func:`analysis.tiers.noise.noise_check`: noise that the data show by set, as a
        standard deviation over the mean.
    sites : (Rating or None, float or None)
        Sites of a trial, and the spread between them found with 80 percent power (dollars a year).
    later : (DataFrame or None, DataFrame or None)
        Predictions of the later wage
        (:func:`analysis.tiers.out_of_time.compare_predictions`), and how often a mark stays.
    rules : Framework

    Returns
    -------
    list of dict

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> frame = pd.DataFrame({"tier": ["A", "D", NOT_RATED, NOT_RATED], "compared_with": "set",
    ...                       "borderline": [True, False, None, None], "source_id": "nj"})
    >>> counts = pd.DataFrame({"compared_with": ["set"], "tier": ["A"], "share": [0.5],
    ...                        "interval_low": [0.09], "interval_high": [0.91], "rated": [2]})
    >>> errors = pd.DataFrame({"compared_with": ["set"], "programs": [2], "tau": [900.0],
    ...     "tau_low": [400.0], "tau_high": [1500.0], "worst": [float("nan")]})
    >>> noise = pd.DataFrame({"estimate": []})
    >>> figures = tier_figures(frame, counts, errors, noise, (None, None), (None, None),
    ...                        load_framework())
    >>> by_name = {one["name"]: one["estimate"] for one in figures}
    >>> by_name["all.cannot_be_rated"], by_name["set.tier_A"]
    (0.5, 0.5)
    """
    overall = [line | {"sources": sources_of(frame)} for line in _overall(frame, rules)]
    by_set: dict[str, list[dict[str, Any]]] = {name: [] for name in errors["compared_with"]}
    for row in counts.itertuples():
        by_set[row.compared_with].append(_of_counts(row, what_is_rated(rules)))
    for row in errors.itertuples():
        by_set[row.compared_with] += _of_errors(row, rules.tiers.unit)
    for row in noise.dropna(subset="estimate").itertuples():
        by_set[row.compared_with].append(_of_noise(row))
    for name, lines in by_set.items():
        ids = sources_of(frame[frame["compared_with"].eq(name)])
        overall += [line | {"sources": ids} for line in lines]
    overall += _of_later(*later)
    rating, detectable = sites
    return [*overall, *([] if rating is None else _of_sites(rating, detectable))]


def sources_of(frame: pd.DataFrame) -> list[str]:
    """Sources behind rated programs: their own, and College Scorecard's for the benchmark.

    Parameters
    ----------
    frame : DataFrame
        With ``source_id``.

    Returns
    -------
    list of str
        Ids, sorted, each once.

    Examples
    --------
    >>> sources_of(pd.DataFrame({"source_id": ["new_jersey_outcomes"] * 2}))
    ['new_jersey_outcomes', 'scorecard_programs']
    """
    return sorted({*frame["source_id"], "scorecard_programs"})


def _share(name: str, part: pd.Series, rules: Framework, unit: str, note: str) -> dict[str, Any]:
    outside = 1 - rules.estimation.confidence_level
    low, high = proportion_confint(part.sum(), len(part), outside, "wilson")
    return {
        "name": name,
        "estimate": float(part.mean()),
        "interval": (low, high),
        "n": len(part),
        "n_of": "programs",
        "unit": unit,
        "note": f"{note}; Wilson interval over programs",
    }


def _overall(frame: pd.DataFrame, rules: Framework) -> list[dict[str, Any]]:
    is_rated = frame["tier"].ne(NOT_RATED)
    rated = frame[is_rated]
    levels = what_is_rated(rules)
    figures = [
        _share("all.cannot_be_rated", ~is_rated, rules, "share of programs", levels),
        _share(
            "all.borderline", rated["borderline"].astype(bool), rules, "share of rated programs",
            "less sure of their own tier than the framework asks",
        ),
    ]  # fmt: skip
    if "better_data" in rated:
        figures.append(
            _share(
                "all.better_data_would_move_up", rated["better_data"].astype(bool), rules,
                "share of rated programs", "tier without the validity level's bias is better",
            )
        )  # fmt: skip
    for label in rules.tiers.labels:
        within = rated["tier"].eq(label)
        figures.append(
            _share(f"all.tier_{label}", within, rules, "share of rated programs", levels)
        )
    return figures


def _of_counts(row: Any, levels: str) -> dict[str, Any]:
    return {
        "name": f"{slug(row.compared_with)}.tier_{row.tier}",
        "estimate": row.share,
        "interval": (row.interval_low, row.interval_high),
        "n": row.rated,
        "n_of": "programs",
        "unit": "share of rated programs",
        "note": f"Wilson interval over programs; {levels}",
    }


def _of_errors(row: Any, unit: str) -> list[dict[str, Any]]:
    base = {"n": row.programs, "n_of": "programs"}
    figures = [
        {
            "name": f"{slug(row.compared_with)}.spread_between_programs",
            "estimate": row.tau,
            "interval": (row.tau_low, row.tau_high),
            "unit": unit,
            "note": "posterior median of the spread within fields",
            **base,
        }
    ]
    if row.worst == row.worst:
        figures.append(
            {
                "name": f"{slug(row.compared_with)}.false_share_of_top",
                "estimate": row.worst,
                "standard_error": row.worst_standard_error,
                "interval": (row.worst_low, row.worst_high),
                "unit": "share of the top tier",
                "note": f"worst of three simulated truths: {row.truth}; guard {row.guard}",
                **base,
            }
        )
    return figures


def _of_noise(row: Any) -> dict[str, Any]:
    return {
        "name": f"{slug(row.compared_with)}.noise_shown_by_data",
        "estimate": row.estimate,
        "interval": (row.interval_low, row.interval_high),
        "n": row.programs,
        "n_of": "programs",
        "unit": "standard deviation over mean",
        "note": f"assumed: {row.assumed:.2f}; 90 percent bootstrap interval over providers",
    }


def _of_sites(sites: Rating, detectable: float | None) -> list[dict[str, Any]]:
    base = {"n": len(sites.frame), "n_of": "sites", "sources": ["trial_jtpa_women"]}
    found = sites.heterogeneity
    figures = [
        {
            "name": "p_value",
            "estimate": sites.p_value,
            "unit": "p-value",
            "note": "no difference between sites, by redrawing the lottery; a test, so no interval",
        },
        {
            "name": "spread",
            "estimate": found.tau,
            "interval": (found.tau_low, found.tau_high),
            "unit": "dollars a year",
            "note": "Paule-Mandel estimate and Q profile interval",
        },
        {
            "name": "largest_pair_probability",
            "estimate": sites.largest_pair,
            "unit": "probability",
            "note": "chance of the surest statement that one site is better; a posterior chance",
        },
        {
            "name": "spread_found_with_80_percent_power",
            "estimate": float("nan") if detectable is None else detectable,
            "unit": "dollars a year",
            "note": "by simulation; a smaller spread would be missed more often; no interval",
        },
        {
            "name": "tiers",
            "estimate": float(sites.frame["tier"].nunique()),
            "unit": "tiers",
            "note": "one tier for all where sites are not shown to differ; exact count",
        },
    ]
    return [base | one | {"name": f"jtpa_sites.{one['name']}"} for one in figures]


def _of_later(later: pd.DataFrame | None, mark: pd.DataFrame | None) -> list[dict[str, Any]]:
    if later is None or mark is None:
        return []
    by = later.set_index("rule")
    base = {"n_of": "programs", "sources": ["new_jersey_outcomes"]}
    shrunk = by.loc[SHRUNK]
    figures: list[dict[str, Any]] = [
        {
            "name": "later.squared_error_saved_by_shrinking",
            "estimate": shrunk["error_saved"],
            "interval": (shrunk["interval_low"], shrunk["interval_high"]),
            "n": shrunk["programs"],
            "unit": "share of the squared error of the own early wage",
            "note": "quarter 2 against quarter 8; 90 percent bootstrap interval over providers",
            **base,
        }
    ]
    for row in mark.itertuples():
        reach = 1.96 * row.standard_error
        figures.append(
            {
                "name": f"later.{row.mark}_stays",
                "estimate": row.stays,
                "standard_error": row.standard_error,
                "interval": (row.stays - reach, row.stays + reach),
                "n": row.programs,
                "unit": "share of programs in the same quarter later",
                "note": f"chance said {row.said:.2f}; binomial 95 percent interval",
                **base,
            }
        )
    return figures


def shape_figures(shape: pd.DataFrame, frame: pd.DataFrame, level: float) -> list[dict[str, Any]]:
    """Share of programs whose tier changes when the law of true values may have any shape.

    Parameters
    ----------
    shape : DataFrame
        From :func:`analysis.tiers.shape_check.shape_check`.
    frame : DataFrame
        Rated programs with ``compared_with`` and ``source_id``.
    level : float
        Of Wilson's interval over programs.

    Returns
    -------
    list of dict
        Arguments of ``Study.key_figure``.

    Examples
    --------
    >>> shape = pd.DataFrame({"compared_with": ["Texas"], "programs": [40], "changed": [0.1],
    ...                       "normal_probability": [0.6]})
    >>> frame = pd.DataFrame({"compared_with": ["Texas"], "source_id": ["texas_programs"]})
    >>> [(one["name"], one["estimate"], one["n"]) for one in shape_figures(shape, frame, 0.95)]
    [('texas.tier_changes_with_free_shape', 0.1, 40)]
    """
    figures = []
    for row in shape.itertuples():
        changed = round(row.changed * row.programs)
        figures.append(
            {
                "name": f"{slug(row.compared_with)}.tier_changes_with_free_shape",
                "estimate": row.changed,
                "interval": proportion_confint(changed, row.programs, 1 - level, "wilson"),
                "n": row.programs,
                "n_of": "programs",
                "unit": "share of rated programs",
                "note": f"chance that the law is normal {row.normal_probability:.1g}; Wilson",
                "sources": sources_of(frame[frame["compared_with"].eq(row.compared_with)]),
            }
        )
    return figures
