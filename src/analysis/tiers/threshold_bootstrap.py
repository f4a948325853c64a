"""How uncertain a tier's cut-off is, because the programs that set it are a sample."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.tiers.normal_model import NormalModel, fit_normal_model
from analysis.tiers.spread_grid import SpreadPrior

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ThresholdInterval:
    """A cut-off on the posterior mean with its bootstrap percentile interval.

    All three are missing where no program is sure enough; ``without_cut`` is the share of
    resamples in which that was so (they are left out of the interval).
    """

    cut: float
    low: float
    high: float
    standard_deviation: float
    without_cut: float
    draws: int


def posterior_mean_cut(model: NormalModel, benchmark: float, expected_share: float) -> float:
    """Lowest posterior mean from which on the average chance of no gain stays within a share.

    Parameters
    ----------
    model : NormalModel
    benchmark : float
        Value at or below which a program is no better than the benchmark.
    expected_share : float
        Average chance of that which programs at or above the cut may have.

    Returns
    -------
    float
        Between programs by a straight line; missing where not even the best program is within,
        the lowest posterior mean where all are.

    Examples
    --------
    >>> model = fit_normal_model([9.0, 9.0, 9.0], [1.0, 1.0, 1.0])
    >>> round(posterior_mean_cut(model, 0.0, 0.05), 2)
    9.0
    """
    order = np.argsort(-model.mean, kind="stable")
    mean = model.mean[order]
    average = np.cumsum(model.chance_at_or_below(benchmark)[order]) / np.arange(1, len(mean) + 1)
    beyond = np.flatnonzero(average > expected_share)
    if not len(beyond):
        return float(mean[-1])
    first = int(beyond[0])
    if first == 0:
        return float("nan")
    pair = slice(first - 1, first + 1)
    return float(np.interp(expected_share, average[pair], mean[pair]))


def threshold_interval(
    estimate: npt.ArrayLike,
    standard_error: npt.ArrayLike,
    field: npt.ArrayLike | None = None,
    *,
    benchmark: float,
    expected_share: float,
    cluster: npt.ArrayLike | None = None,
    offsets: npt.ArrayLike | None = None,
    tau_prior: SpreadPrior = "proportional",
    level: float = 0.90,
    draws: int = 200,
    seed: int,
) -> ThresholdInterval:
    """Bootstrap interval of the cut-off that :func:`posterior_mean_cut` implies.

    Parameters
    ----------
    estimate, standard_error, field, tau_prior
        As in :func:`analysis.tiers.normal_model.fit_normal_model`.
    benchmark, expected_share
        As in :func:`posterior_mean_cut`.
    cluster : array of str, shape (programs,), optional
        Provider, resampled whole; programs are resampled where it is left out.
    offsets : array of float, shape (programs,), optional
        What a program's precision says about its value (see
        :func:`analysis.tiers.set_model.fit_in_frame`): taken off before fitting and given back.
        Held fixed over resamples.
    level, draws, seed
        Of the percentile interval.

    Returns
    -------
    ThresholdInterval

    Raises
    ------
    WorkbenchError
        Fewer than two clusters, or a program without one.

    Notes
    -----
    Percentile interval, each resample fitted anew on a coarser grid (20 points, two rounds). It
    covers sampling of programs only: a true law other than the normal moves the cut by more,
    which :func:`analysis.tiers.thresholds.calibrate_guard` shows and no bootstrap does.

    Examples
    --------
    >>> found = threshold_interval(
    ...     [9.0] * 4, [1.0] * 4, benchmark=0.0, expected_share=0.05, draws=5, seed=1
    ... )
    >>> round(found.cut, 2), round(found.low, 2), round(found.high, 2), found.without_cut
    (9.0, 9.0, 9.0, 0.0)
    """
    y, s = np.asarray(estimate, float), np.asarray(standard_error, float)
    known = np.zeros(len(y)) if offsets is None else np.asarray(offsets, float)
    names = None if field is None else np.asarray(pd.Series(field).array)
    model = fit_normal_model(y - known, s, names, tau_prior=tau_prior).given_back(known)
    members = _members(np.arange(len(y)) if cluster is None else cluster)
    generator = np.random.default_rng(seed)
    cuts = np.empty(draws)
    for draw in range(draws):
        chosen = generator.integers(0, len(members), len(members))
        rows = np.concatenate([members[i] for i in chosen])
        fitted = fit_normal_model(
            (y - known)[rows],
            s[rows],
            None if names is None else names[rows],
            tau_prior=tau_prior,
            tau_maximum=model.tau_maximum,
            grid_size=20,
            rounds=2,
        )
        cuts[draw] = posterior_mean_cut(fitted.given_back(known[rows]), benchmark, expected_share)
    return _percentiles(posterior_mean_cut(model, benchmark, expected_share), cuts, level)


def _members(cluster: npt.ArrayLike) -> list[npt.NDArray[np.intp]]:
    """Places of the programs of each cluster."""
    codes, found = pd.factorize(pd.Series(cluster).array)
    if len(found) < 2 or (codes < 0).any():
        raise WorkbenchError(
            f"{len(found)} clusters cannot be resampled, or a program has none",
            "Give at least two clusters, and every program one.",
        )
    return [np.flatnonzero(codes == i) for i in range(len(found))]


def _percentiles(cut: float, resampled: Numbers, level: float) -> ThresholdInterval:
    """Interval of a cut-off from its resamples, without those that have none."""
    usable = resampled[~np.isnan(resampled)]
    without, draws = float(np.isnan(resampled).mean()), len(resampled)
    if np.isnan(cut) or len(usable) < 2:
        missing = float("nan")
        return ThresholdInterval(missing, missing, missing, missing, without, draws)
    low, high = np.quantile(usable, [0.5 - level / 2, 0.5 + level / 2])
    return ThresholdInterval(cut, float(low), float(high), float(usable.std()), without, draws)
