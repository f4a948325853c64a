"""Effects by time since entry, with bands for all of them at once, and the check of trends."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.effects.effect import critical_value
from analysis.effects.joint_bands import sup_t_critical_value
from analysis.effects.samples import Numbers
from analysis.effects.staggered import GroupTimeEffects, influence_covariance
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class EventStudy:
    """Effects by periods since entry.

    Attributes
    ----------
    effects : DataFrame
        ``event_time``, ``estimate``, ``standard_error``, ``interval_low``, ``interval_high``,
        ``simultaneous_low``, ``simultaneous_high``, ``cohorts``, ``n_treated``.
    covariance : array of shape (event times, event times)
    average, average_standard_error : float
        Mean of the effects from entry on.
    """

    effects: pd.DataFrame
    covariance: Numbers
    average: float
    average_standard_error: float


@dataclass(frozen=True)
class PreTrend:
    """Wald test that all effects before entry are 0."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


def event_study(
    found: GroupTimeEffects,
    confidence_level: float = 0.95,
    seed: int = 0,
    draws: int = 200_000,
) -> EventStudy:
    """Average the cohorts' effects by periods since entry, weighted with their people.

    Parameters
    ----------
    found : GroupTimeEffects
    confidence_level : float
    seed, draws : int
        Of `sup_t_critical_value`.

    Returns
    -------
    EventStudy
        The weights are shares in a sample and their sampling is in the standard errors.
        Different event times may rest on different cohorts: ``cohorts`` counts them.

    Raises
    ------
    WorkbenchError
        Without a period after entry.

    Examples
    --------
    >>> from analysis.effects.staggered import group_time_effects
    >>> panel = pd.DataFrame({"person": [1, 1, 2, 2, 3, 3, 4, 4], "period": [1, 2] * 4,
    ...     "entry": [2, 2, 2, 2] + [None] * 4, "y": [1.0, 4, 2, 7, 1, 2, 3, 6]})
    >>> study = event_study(group_time_effects(panel, "y", minimum_cell=2))
    >>> study.effects[["event_time", "estimate"]].values.tolist(), study.average
    ([[0.0, 2.0]], 2.0)
    """
    times = sorted(set(found.cells["event_time"]))
    estimates, columns, rows = [], [], []
    for time in times:
        places = np.flatnonzero(found.cells["event_time"] == time)
        cells = found.cells.iloc[places]
        estimate, influence = _averaged(found, cells, places)
        estimates.append(estimate)
        columns.append(influence)
        rows.append((time, len(cells), int(cells["n_treated"].sum())))
    influence = np.column_stack(columns)
    covariance = influence_covariance(influence, found.cluster)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    effects = pd.DataFrame(rows, columns=["event_time", "cohorts", "n_treated"])
    effects["estimate"], effects["standard_error"] = estimates, errors
    reach = critical_value(confidence_level) * errors
    effects["interval_low"], effects["interval_high"] = estimates - reach, estimates + reach
    widest = sup_t_critical_value(covariance, confidence_level, seed, draws) * errors
    effects["simultaneous_low"] = estimates - widest
    effects["simultaneous_high"] = estimates + widest
    after = np.array([time >= 0 for time in times])
    if not after.any():
        raise WorkbenchError("event study: no period after entry", "Add later periods.")
    weights = after / after.sum()
    return EventStudy(
        effects,
        covariance,
        float(weights @ np.asarray(estimates)),
        float(np.sqrt(weights @ covariance @ weights)),
    )


def _averaged(
    found: GroupTimeEffects, cells: pd.DataFrame, places: np.ndarray
) -> tuple[float, Numbers]:
    """Mean of cells by their cohorts' shares, and its influence values with the shares' own."""
    member = np.column_stack([found.entry == cohort for cohort in cells["cohort"]]).astype(float)
    shares = member.mean(axis=0)
    weights = shares / shares.sum()
    estimates = cells["estimate"].to_numpy()
    mean = float(weights @ estimates)
    of_weights = (member - shares) @ (estimates - mean) / shares.sum()
    return mean, found.influence[:, places] @ weights + of_weights


def early_effects_test(study: EventStudy, anticipation: int = 0) -> PreTrend:
    """Test that the averaged effects before entry, those of the picture, are 0 together.

    Fewer and more precise than the cells of `pre_trend_test`, and blind to cohorts whose
    departures cancel.

    Parameters
    ----------
    study : EventStudy
    anticipation : int
        Periods before entry in which an effect may show already.

    Returns
    -------
    PreTrend

    Raises
    ------
    WorkbenchError
        Without a period before entry.

    Examples
    --------
    >>> effects = pd.DataFrame({"event_time": [-2.0, -1.0, 1.0], "estimate": [2.0, 0.0, 5.0]})
    >>> found = early_effects_test(EventStudy(effects, np.eye(3), 5.0, 1.0))
    >>> found.statistic, found.degrees_of_freedom, round(found.p_value, 3)
    (4.0, 2, 0.135)
    """
    before = (study.effects["event_time"] < -anticipation).to_numpy()
    if not before.any():
        raise WorkbenchError("test of early effects: no period before entry", "Add earlier ones.")
    estimates = study.effects.loc[before, "estimate"].to_numpy()
    return _wald(estimates, study.covariance[np.ix_(before, before)])


def pre_trend_test(found: GroupTimeEffects, anticipation: int = 0) -> PreTrend:
    """Test that cohorts moved as their comparison people did before they entered.

    Passing is no proof: a test that could not have seen a different trend says nothing, so read
    the bands of the early periods beside it (Roth 2022).

    Parameters
    ----------
    found : GroupTimeEffects
    anticipation : int
        As in `group_time_effects`: effects from then on are no trend.

    Returns
    -------
    PreTrend
        With as many degrees of freedom as independent effects.

    Raises
    ------
    WorkbenchError
        Where no period is left before the base period.

    Examples
    --------
    >>> from analysis.effects.staggered import group_time_effects
    >>> rng = np.random.default_rng(1)
    >>> panel = pd.DataFrame({"person": np.repeat(range(200), 3), "period": [1, 2, 3] * 200,
    ...     "entry": np.repeat(np.where(np.arange(200) < 80, 3, np.nan), 3)})
    >>> panel["y"] = rng.normal(size=600) + (panel["period"] == 3) * (panel["entry"] == 3)
    >>> test = pre_trend_test(group_time_effects(panel, "y", minimum_cell=10))
    >>> test.degrees_of_freedom, test.p_value > 0.05
    (1, True)
    """
    before = (found.cells["event_time"] < -anticipation).to_numpy()
    if not before.any():
        raise WorkbenchError(
            "pre-trend test: no period before the base period",
            "It needs two periods or more before entry; without them trends cannot be checked.",
        )
    estimates = found.cells.loc[before, "estimate"].to_numpy()
    covariance = found.covariance[np.ix_(before, before)]
    return _wald(estimates, covariance)


def _wald(estimates: Numbers, covariance: Numbers) -> PreTrend:
    values, vectors = np.linalg.eigh(covariance)
    kept = values > 1e-10 * values.max()
    statistic = float((((vectors[:, kept].T @ estimates) ** 2) / values[kept]).sum())
    freedom = int(kept.sum())
    return PreTrend(statistic, freedom, float(stats.chi2.sf(statistic, freedom)))
