"""How uncertain the threshold of the top tier is, by set of programs."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.framework import Framework
from analysis.reports.html_tables import Column
from analysis.reports.tier_figures import slug, sources_of
from analysis.tiers.bias_law import biased_numbers
from analysis.tiers.rating import Rating
from analysis.tiers.set_model import fit_in_frame
from analysis.tiers.threshold_bootstrap import threshold_interval

LEVEL = 0.90
THRESHOLD_COLUMNS = {
    "compared_with": Column("Programs compared with one another"),
    "programs": Column("Programs", "count"),
    "providers": Column("Providers", "count"),
    "cut": Column("Shrunken value from which on the promise holds (dollars a year)", "dollars"),
    "interval_low": Column(f"{LEVEL:.0%} interval, from", "dollars"),
    "interval_high": Column("to", "dollars"),
    "above": Column("Programs from there on", "count"),
    "above_at_high": Column("with the upper end", "count"),
    "above_at_low": Column("with the lower end", "count"),
    "without_cut": Column("Resamples without such a value", "share"),
}


def threshold_rows(
    ratings: Mapping[str, Rating],
    rules: Framework,
    *,
    with_bias: bool = True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> pd.DataFrame:
    """Threshold of each set with its bootstrap interval over providers.

    Parameters
    ----------
    ratings : mapping of str to Rating
        Frames with ``provider_id``.
    rules : Framework
        Alpha, prior, seed, number of draws (``simulation_draws``).
    with_bias : bool
        As in the rating.
    progress : callable, optional
        Receives sets done and in all.

    Returns
    -------
    DataFrame
        The columns of :data:`THRESHOLD_COLUMNS` and ``standard_deviation``, dollars a year. ``cut``
        is the lowest shrunken value from which on the average chance of not being above the
        benchmark is within alpha; missing where no program is sure enough, or with one provider.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from analysis.framework import load_framework
    >>> rules = load_framework()
    >>> rules = rules.model_copy(update={"tiers": rules.tiers.model_copy(
    ...     update={"simulation_draws": 2})})
    >>> frame = pd.DataFrame({"estimate": [9000.0, 7000.0, 6500.0, 500.0, -3000.0, -8000.0],
    ...     "standard_error": 400.0, "validity": "randomised", "field": "51",
    ...     "provider_id": list("uuvvww")})
    >>> ratings = {"many": SimpleNamespace(frame=frame), "one": SimpleNamespace(frame=frame[:2])}
    >>> rows = threshold_rows(ratings, rules)
    >>> rows[["compared_with", "programs", "providers", "above"]].values.tolist()
    [['many', 6, 3, 4.0], ['one', 2, 1, nan]]
    """
    rows: list[dict[str, Any]] = []
    for done, (name, rating) in enumerate(ratings.items()):
        progress(done, len(ratings))
        provider = rating.frame["provider_id"].fillna("").astype("str")
        row = {"compared_with": name, "programs": len(provider), "providers": provider.nunique()}
        rows.append(
            row | (_cut(rating, rules, provider, with_bias) if row["providers"] > 1 else {})
        )
    return pd.DataFrame(rows).reindex(columns=[*THRESHOLD_COLUMNS, "standard_deviation"])


def _cut(
    rating: Rating, rules: Framework, provider: pd.Series, with_bias: bool
) -> dict[str, float]:
    y, s = biased_numbers(rating.frame, rules, 1.0 if with_bias else 0.0)
    normal, offsets = fit_in_frame(rating.frame, y, s, rules)
    found = threshold_interval(
        y,
        s,
        rating.frame.get("field"),
        benchmark=0.0,
        expected_share=rules.tiers.alpha,
        cluster=provider,
        offsets=offsets,
        tau_prior=rules.tiers.tau_prior,
        level=LEVEL,
        draws=rules.tiers.simulation_draws,
        seed=rules.estimation.seed,
    )
    value = normal.mean
    ends = {"above": found.cut, "above_at_high": found.high, "above_at_low": found.low}
    above = {k: float((value >= c).sum()) if np.isfinite(c) else np.nan for k, c in ends.items()}
    return {
        "cut": found.cut,
        "interval_low": found.low,
        "interval_high": found.high,
        "standard_deviation": found.standard_deviation,
        "without_cut": found.without_cut,
    } | above


def threshold_figures(rows: pd.DataFrame, frame: pd.DataFrame, unit: str) -> list[dict[str, Any]]:
    """The threshold of each set as a key figure; sets without one are left out.

    Parameters
    ----------
    rows : DataFrame
        Of :func:`threshold_rows`.
    frame : DataFrame
        Rated programs with ``compared_with`` and ``source_id``.
    unit : str
        Of the estimates.

    Returns
    -------
    list of dict
        Arguments of ``Study.key_figure``.

    Examples
    --------
    >>> rows = pd.DataFrame({"compared_with": ["New Jersey", "Texas"], "cut": [2100.0, None],
    ...     "standard_deviation": 300.0, "interval_low": 1500.0, "interval_high": 2700.0,
    ...     "programs": 40, "providers": 12})
    >>> frame = pd.DataFrame({"compared_with": ["New Jersey"], "source_id": ["nj"]})
    >>> [(one["name"], one["estimate"]) for one in threshold_figures(rows, frame, "dollars a year")]
    [('new_jersey.top_threshold', 2100.0)]
    """
    return [
        {
            "name": f"{slug(row.compared_with)}.top_threshold",
            "estimate": row.cut,
            "standard_error": row.standard_deviation,
            "interval": (row.interval_low, row.interval_high),
            "n": row.programs,
            "n_of": "programs",
            "unit": f"{unit} against the benchmark, shrunken",
            "note": "average chance of not being above the benchmark within alpha from there on; "
            f"percentile bootstrap over {row.providers} providers",
            "sources": sources_of(frame[frame["compared_with"].eq(row.compared_with)]),
        }
        for row in rows.dropna(subset="cut").itertuples()
    ]
