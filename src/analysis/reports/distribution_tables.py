"""Where in the distribution of earnings a program worked: rows of quantiles and of a threshold."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.effects.distribution import (
    FEWEST_BEYOND,
    QuantileEffect,
    quantile_effect,
    threshold_effect,
)
from analysis.effects.effect import Effect
from analysis.framework import Framework
from analysis.reports.effect_hiding import hidden_groups
from analysis.reports.html_tables import Column
from analysis.tables.trials import Trial

QUANTILE_COLUMNS = {
    "group": Column("Group"),
    "trial": Column("Study"),
    "quantile": Column("Share who earn less", "share"),
    "treated": Column("Earned with the program (dollars)", "cents"),
    "control": Column("without", "cents"),
    "estimate": Column("Difference (dollars)", "cents"),
    "interval_low": Column("Interval, from", "cents"),
    "interval_high": Column("to", "cents"),
    "remark": Column("Remark"),
    "people": Column("People", "count"),
}
THRESHOLD_COLUMNS = {
    "group": Column("Group"),
    "trial": Column("Study"),
    "threshold": Column("Line (dollars a year)", "dollars"),
    "control_share": Column("At or above it without the program", "share"),
    "estimate": Column("Effect on that share (percentage points)", "points"),
    "interval_low": Column("Interval, from", "points"),
    "interval_high": Column("to", "points"),
    "people": Column("People", "count"),
}


def _lotteries(trials: Sequence[Trial]) -> list[Trial]:
    return [trial for trial in trials if trial.design == "randomised" and trial.is_plain]


def _groups(trial: Trial) -> dict[str, pd.DataFrame]:
    """Everyone, and the levels of the first grouping of one column."""
    found = {"all": trial.frame}
    if (single := _single(trial)) is not None:
        labelled = trial.frame.groupby(trial.frame[single].astype(str))
        found |= {str(name): part for name, part in labelled}
    return found


def _groups_in_effects(
    trial: Trial, outcomes: Mapping[str, str], framework: Framework
) -> dict[str, pd.DataFrame]:
    """Those groups that the table of effects shows: another would give the hidden ones away."""
    hidden = hidden_groups(trial, outcomes[trial.key], framework.disclosure)
    withheld = {group for grouping, group in hidden if grouping == _single(trial) or group == "all"}
    return {name: people for name, people in _groups(trial).items() if name not in withheld}


def _single(trial: Trial) -> str | None:
    return next((kind[0] for kind in trial.groupings if len(kind) == 1), None)


def _stratum(trial: Trial, people: pd.DataFrame) -> pd.Series | None:
    """Strata of the design that hold two people in each arm; the others are one stratum."""
    if not trial.stratum_name:
        return None
    stratum = people["stratum"].astype(str)
    cells = pd.crosstab(stratum, people["treated"]).reindex(columns=[0, 1], fill_value=0)
    thin = cells.index[cells.min(axis=1) < 2]
    if len(thin):
        # they join the largest one, so that no thin stratum is left
        stratum = stratum.where(~stratum.isin(thin), str(cells.sum(axis=1).idxmax()))
    return stratum if stratum.nunique() > 1 else None


def quantile_rows(
    trials: Sequence[Trial], outcomes: Mapping[str, str], framework: Framework
) -> pd.DataFrame:
    """Quantile effects of the lotteries, for everyone and by the first grouping.

    Parameters
    ----------
    trials : sequence of Trial
        Only lotteries without weights or clusters are read.
    outcomes : mapping of str to str
        Outcome column by key of the trial.
    framework : Framework
        Quantiles, confidence level, smallest cell, digits of a quantile.

    Returns
    -------
    DataFrame
        One row a study, group and quantile with ``minimum_cell`` people beyond it in each arm,
        and amounts in steps, so that no row tells what single people earn: ``trial``,
        ``trial_key``, ``group``, ``quantile``, ``treated``, ``control``, ``estimate``,
        ``interval_low``, ``interval_high``, ``remark``, ``people``.

    Examples
    --------
    Work pays 700 or 720 dollars, and 100 more with the program; a third of each arm has none:

    >>> from analysis.framework import load_framework
    >>> people = pd.DataFrame({"treated": [1] * 60 + [0] * 60, "pay": [0.0, 700.0, 720.0] * 40})
    >>> people["pay"] += 100.0 * people["treated"] * (people["pay"] > 0)
    >>> trial = Trial("t", "Trial", "", people, "year 1", {}, {}, "pay", (), groupings=())
    >>> rows = quantile_rows([trial], {"t": "pay"}, load_framework())
    >>> rows[["quantile", "treated", "control", "estimate"]].values.tolist()
    [[0.25, 0.0, 0.0, 0.0], [0.5, 800.0, 700.0, 100.0], [0.75, 820.0, 720.0, 100.0]]
    """
    rows: list[dict[str, Any]] = []
    minimum = max(framework.disclosure.minimum_cell, FEWEST_BEYOND)
    for trial in _lotteries(trials):
        for name, people in _groups_in_effects(trial, outcomes, framework).items():
            fewest = people["treated"].value_counts().reindex([0, 1], fill_value=0).min()
            for quantile in framework.estimation.quantiles:
                if min(quantile, 1 - quantile) * fewest < minimum:
                    continue
                found = quantile_effect(
                    people[outcomes[trial.key]],
                    people["treated"],
                    quantile,
                    _stratum(trial, people),
                    confidence_level=framework.estimation.confidence_level,
                )
                rows.append(
                    {
                        "trial": trial.title,
                        "trial_key": trial.key,
                        "group": name,
                        "quantile": quantile,
                        **_rounded(found, framework.disclosure.quantile_digits),
                        "remark": "many people at one value" if found.at_mass else "",
                        "people": found.n_treated + found.n_control,
                    }
                )
    return pd.DataFrame(rows)


def _rounded(found: QuantileEffect, digits: int) -> dict[str, float]:
    """The arms' quantiles, of which each may be one person's earnings, in steps that hide whose.

    The step is that of the larger one's last significant digit, the same for the difference and
    its interval: else one quantile and a finer difference would give the other away.
    """
    largest = max(abs(found.treated), abs(found.control))
    step = 10.0 ** (np.floor(np.log10(largest)) - digits + 1) if largest > 0 else 1.0
    low, high = found.interval
    exact = {
        "treated": found.treated,
        "control": found.control,
        "estimate": found.estimate,
        "interval_low": low,
        "interval_high": high,
    }
    # through text, since a multiple of .1 is not exact in binary
    return {name: float(f"{np.round(value / step) * step:.12g}") for name, value in exact.items()}


def threshold_rows(
    trials: Sequence[Trial], outcomes: Mapping[str, str], framework: Framework
) -> pd.DataFrame:
    """Effects on the share of people above the framework's line, by the first grouping.

    Parameters
    ----------
    trials : sequence of Trial
        Only lotteries without weights or clusters are read.
    outcomes : mapping of str to str
        Outcome column by key of the trial.
    framework : Framework
        Line of earnings, confidence level, smallest cell.

    Returns
    -------
    DataFrame
        Studies whose outcome's dollars have a line; groups all or none, since shares add up and
        a single group left out could be had back: ``trial``, ``trial_key``, ``group``,
        ``threshold`` (dollars a year), ``control_share``, ``estimate``, ``standard_error``,
        ``interval_low``, ``interval_high``, ``people``.

    Examples
    --------
    Half of those with the program earn more than the line, a quarter of the others:

    >>> from analysis.framework import load_framework
    >>> people = pd.DataFrame({"treated": [1] * 80 + [0] * 80})
    >>> people["re78"] = [9000.0, 1000.0] * 40 + [9000.0, 1000.0, 1000.0, 1000.0] * 20
    >>> trial = Trial("t", "Trial", "", people, "1978", {}, {"re78": 1.0}, "re78", (), groupings=())
    >>> rows = threshold_rows([trial], {"t": "re78"}, load_framework())
    >>> rows[["threshold", "control_share", "estimate", "people"]].values.tolist()
    [[7351.5, 0.25, 0.25, 160.0]]
    """
    rows: list[dict[str, Any]] = []
    line, rules = framework.earnings_threshold, framework.estimation
    for trial in _lotteries(trials):
        column = outcomes[trial.key]
        yearly = line.dollars_a_year(column) if line else None
        if yearly is None or column not in trial.per_year:
            continue
        threshold = yearly / trial.per_year[column]
        for name, people in _shown_groups(trial, column, threshold, framework).items():
            found = threshold_effect(
                people[column], people["treated"], threshold, _stratum(trial, people)
            )
            named = {"trial": trial.title, "trial_key": trial.key, "group": name}
            low, high = found.interval(rules.confidence_level, rules.small_sample_below)
            rows.append(
                named | {"threshold": yearly} | _share_row(found)
                | {"interval_low": low, "interval_high": high}
            )  # fmt: skip
    return pd.DataFrame(rows)


def _share_row(found: Effect) -> dict[str, float]:
    return {
        "control_share": found.control_mean,
        "estimate": found.estimate,
        "standard_error": found.standard_error,
        "people": found.n,
    }


def _shown_groups(
    trial: Trial, column: str, threshold: float, framework: Framework
) -> dict[str, pd.DataFrame]:
    minimum = framework.disclosure.minimum_cell
    groups = _groups(trial)
    shown = _groups_in_effects(trial, {trial.key: column}, framework)
    enough = dict.fromkeys(groups, False)
    for name, people in shown.items():
        cells = pd.crosstab(people["treated"], people[column] >= threshold)
        enough[name] = cells.shape == (2, 2) and bool(cells.to_numpy().min() >= minimum)
    if not enough["all"]:
        return {}
    return groups if all(enough.values()) else {"all": groups["all"]}


def threshold_note(framework: Framework) -> str:
    """What the line is, why, and where its dollars are from.

    Parameters
    ----------
    framework : Framework
        Its ``earnings_threshold`` is read.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> threshold_note(load_framework().model_copy(update={"earnings_threshold": None}))
    'The framework states no line.'
    >>> threshold_note(load_framework())[:85]
    'The line: 150 percent of the poverty line of one person, in the dollars of each study'
    """
    line = framework.earnings_threshold
    if line is None:
        return "The framework states no line."
    return (
        f"The line: {line.name}, in the dollars of each study. {line.reason} Poverty lines: "
        f"{line.source}."
    )
