"""What is believed of one set of programs' true values: slope, spread, law, and data like them."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.framework import Framework
from analysis.tiers.free_shape import FreeShape, free_shape
from analysis.tiers.normal_model import NormalModel, fit_normal_model
from analysis.tiers.precision import PrecisionSlope, slope_on_precision
from analysis.tiers.simulated_truths import Simulated, simulate_truths

Numbers = npt.NDArray[np.float64]


def fit_in_frame(
    programs: pd.DataFrame, y: Numbers, s: Numbers, rules: Framework
) -> tuple[NormalModel, Numbers]:
    """Normal model of the programs, freed of a clear slope on precision, which is given back.

    Parameters
    ----------
    programs : DataFrame
        ``field``, where there is one.
    y, s : ndarray, shape (programs,)
        Estimates and standard errors.
    rules : Framework

    Returns
    -------
    model : NormalModel
    offsets : ndarray, shape (programs,)
        What the slope explains of each program; 0 where it is not clear.

    Examples
    --------
    Programs of one precision have no slope on it.

    >>> from analysis.framework import load_framework
    >>> y, s = np.array([-90.0, 0.0, 90.0]), np.ones(3)
    >>> model, offsets = fit_in_frame(pd.DataFrame(index=range(3)), y, s, load_framework())
    >>> model.mean.round().tolist(), offsets.tolist()
    ([-90.0, 0.0, 90.0], [0.0, 0.0, 0.0])
    """
    offsets = _offsets(s, slope_of(y, s, rules.tiers.slope_clear_above))
    fitted = fit_normal_model(
        y - offsets, s, programs.get("field"), tau_prior=rules.tiers.tau_prior
    )
    return fitted.given_back(offsets), offsets


def freed(y: Numbers, s: Numbers, normal: NormalModel, rules: Framework) -> FreeShape | NormalModel:
    """The model with the law within fields as the framework asks for it: free, or normal.

    Parameters
    ----------
    y, s : ndarray, shape (programs,)
        Estimates and standard errors.
    normal : NormalModel
        Fitted to them.
    rules : Framework
        ``tiers.law`` and ``tiers.law_ruled_out_at``.

    Returns
    -------
    FreeShape or NormalModel

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> y, s = np.array([-90.0, 0.0, 90.0]), np.ones(3)
    >>> model = fit_normal_model(y, s)
    >>> freed(y, s, model, load_framework().with_tiers(law="normal")) is model
    True
    """
    return free_shape(y, s, normal, law=rules.tiers.law, ruled_out_at=rules.tiers.law_ruled_out_at)


def simulated_for(
    s: Numbers,
    normal: NormalModel,
    offsets: Numbers,
    rules: Framework,
    *,
    draws: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Mapping[str, Simulated]:
    """Data sets like these programs under every truth, by the framework's settings.

    Parameters
    ----------
    s : ndarray, shape (programs,)
        Standard errors.
    normal, offsets
        From :func:`fit_in_frame`.
    rules : Framework
    draws : int, optional
        Data sets a truth; the framework's where left out.
    progress : callable, optional
        Receives data sets done and in all.

    Returns
    -------
    mapping of str to Simulated
        By truth.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rules = load_framework().with_tiers(law="normal")
    >>> model = fit_normal_model([-90.0, 0.0, 90.0], [1.0, 1.0, 1.0])
    >>> found = simulated_for(np.ones(3), model, np.zeros(3), rules, draws=2)
    >>> {truth: sets.theta.shape for truth, sets in found.items()}
    {'normal': (2, 3), 'mixture': (2, 3), 'gamma': (2, 3)}
    """
    tiers = rules.tiers
    return simulate_truths(
        s,
        normal,
        cuts=tiers.cuts,
        benchmark=0.0,
        offsets=offsets,
        law=tiers.law,
        ruled_out_at=tiers.law_ruled_out_at,
        most_programs=tiers.simulation_programs,
        draws=draws or tiers.simulation_draws,
        seed=rules.estimation.seed,
        progress=progress,
    )


def slope_of(y: Numbers, s: Numbers, clear_above: float) -> PrecisionSlope | None:
    """Dependence of estimates on their precision; None where it cannot be tested.

    Parameters
    ----------
    y, s : ndarray, shape (programs,)
        Estimates and standard errors.
    clear_above : float
        As in :func:`analysis.tiers.precision.slope_on_precision`.

    Returns
    -------
    PrecisionSlope or None
        None for fewer than three programs, and where all are equally precise.

    Examples
    --------
    >>> slope_of(np.array([1.0, 2.0, 3.0]), np.ones(3), 2.0) is None
    True
    >>> found = slope_of(np.array([0.0, 1.0, 2.0, 3.0]), np.exp([0.0, 1.0, 2.0, 3.0]), 2.0)
    >>> round(found.slope, 2)
    1.0
    """
    if len(y) < 3 or np.ptp(np.log(s)) < 1e-9:
        return None
    return slope_on_precision(y, s, clear_above=clear_above)


def _offsets(s: Numbers, slope: PrecisionSlope | None) -> Numbers:
    """What a program's precision says about its value, around the average program."""
    if slope is None or not slope.clear:
        return np.zeros(len(s))
    logs = np.log(s)
    return np.asarray(slope.slope * (logs - logs.mean()))
