"""One set of programs rated together: fit, what can be told apart, calibrated guard, labels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.errors import WorkbenchError
from analysis.framework import Framework
from analysis.tiers.bias_law import biased_numbers, plain_numbers
from analysis.tiers.common_error import CommonError
from analysis.tiers.free_shape import FreeShape
from analysis.tiers.heterogeneity import Heterogeneity, heterogeneity_test
from analysis.tiers.labelling import labelled
from analysis.tiers.labels import NOT_RATED
from analysis.tiers.normal_model import NormalModel, fit_normal_model
from analysis.tiers.pairs import largest_pair_probability
from analysis.tiers.precision import PrecisionSlope
from analysis.tiers.set_model import fit_in_frame, freed, simulated_for, slope_of
from analysis.tiers.simulated_truths import Simulated
from analysis.tiers.thresholds import Calibration, choose_guard

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rating:
    """What came out for one set of programs.

    Attributes
    ----------
    frame : DataFrame
        The rated programs with their tiers (see :func:`rate_set`).
    model : FreeShape or NormalModel
        Posterior of the true values, given back what the precision explains.
    calibration : Calibration
        The guard and the error rates that it was chosen by.
    heterogeneity : Heterogeneity
        Q test and the spread between programs.
    p_value : float
        Of no differences: as stated, or by the chi-square law.
    largest_pair : float
        Chance of the surest statement that one program is better than another.
    told_apart : bool
        Whether more than one tier is warranted.
    slope : PrecisionSlope or None
        Dependence of estimates on their precision; None where it cannot be tested.
    simulated : mapping of str to Simulated
        The data sets that the guard was chosen on, for other choices on the same ones.
    """

    frame: pd.DataFrame
    model: FreeShape | NormalModel
    calibration: Calibration
    heterogeneity: Heterogeneity
    p_value: float
    largest_pair: float
    told_apart: bool
    slope: PrecisionSlope | None
    simulated: Mapping[str, Simulated]


def rate_set(
    programs: pd.DataFrame,
    rules: Framework,
    *,
    with_bias: bool = True,
    p_value: float | None = None,
    common_standard_error: float = 0.0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Rating:
    """Rate programs that are compared with one another.

    Parameters
    ----------
    programs : DataFrame
        ``program_key``, ``estimate`` (dollars a year against the benchmark),
        ``standard_error``, ``validity`` (id of a level) and, optionally, ``field``; every row
        can be rated.
    rules : Framework
        Tiers, cut-offs, loss, validity levels.
    with_bias : bool
        Whether the bias law of the validity level enters.
    p_value : float, optional
        Of no differences, where a better test than the chi-square is at hand: few or small
        sites of a trial ask for :func:`analysis.tiers.randomisation.randomisation_p_value`.
    common_standard_error : float
        Of an error that all estimates share, which ``standard_error`` then leaves out
        (:mod:`analysis.tiers.common_error`): chances of tiers count it, the choice of the guard
        does not.
    progress : callable, optional
        Receives simulated data sets done and in all.

    Returns
    -------
    Rating
        Its frame has, beside the rows given, ``shrunk`` and its interval, ``tier`` and the other
        columns of :func:`~analysis.tiers.labels.label_programs`, ``reason`` in words, and
        ``better_data``: whether the tier would be better were the data of the best validity,
        with the same noise and all else that decides a tier.

    Raises
    ------
    WorkbenchError
        A program that stands twice, an unknown validity level, no program, or numbers that
        cannot be used.

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rules = load_framework().with_tiers(law="normal", simulation_draws=10)
    >>> programs = pd.DataFrame({"program_key": list("abcd"), "standard_error": 500.0,
    ...     "estimate": [-9000.0, -6000.0, 9000.0, 12_000.0], "validity": "randomised"})
    >>> found = rate_set(programs, rules)
    >>> found.frame["tier"].tolist(), found.told_apart
    (['D', 'D', 'A', 'A'], True)
    """
    _check(programs, rules)
    tiers = rules.tiers
    y, s = biased_numbers(programs, rules, 1.0 if with_bias else 0.0)
    slope = slope_of(y, s, tiers.slope_clear_above)
    normal, offsets = fit_in_frame(programs, y, s, rules)
    model = freed(y, s, normal, rules)
    simulated = simulated_for(s, normal, offsets, rules, progress=progress)
    calibration = choose_guard(
        simulated,
        alpha=tiers.alpha,
        candidates=tiers.guard_candidates,
        over_rating_weight=tiers.over_rating_weight,
    )
    found = heterogeneity_test(y - offsets, s, rules.estimation.confidence_level)
    stated = found.p_value if p_value is None else p_value
    pair, apart = _told_apart(y - offsets, s, stated, rules)
    frame = labelled(
        programs,
        rules,
        _with_common(model, common_standard_error),
        calibration.guard,
        told_apart=apart,
    )
    better = _without_bias(programs, rules, calibration.guard, p_value, common_standard_error)
    place = {label: position for position, label in enumerate(tiers.labels)}
    frame["better_data"] = better.map(place).to_numpy() < frame["tier"].map(place).to_numpy()
    return Rating(frame, model, calibration, found, stated, pair, apart, slope, simulated)


def _check(programs: pd.DataFrame, rules: Framework) -> None:
    if not len(programs):
        raise WorkbenchError("no program can be rated", "Give at least one that can.")
    if (repeated := programs["program_key"].duplicated()).any():
        key = programs.loc[repeated, "program_key"].iloc[0]
        raise WorkbenchError(f"program '{key}' stands twice", "Keep one row a program.")
    y, s = plain_numbers(programs)
    faults = [
        (~np.isfinite(y), "a missing or infinite estimate"),
        (~np.isfinite(s), "a missing or infinite standard error"),
        (~(s > 0), "a standard error that is not positive"),
    ]
    for bad, what in faults:
        if bad.any():
            raise WorkbenchError(
                f"program '{programs['program_key'].to_numpy()[bad][0]}' has {what}",
                "Leave programs that cannot be rated out, with their reason.",
            )
    known = {level.id for level in rules.validity_levels}
    if unknown := sorted(set(programs["validity"]) - known):
        raise WorkbenchError(
            f"validity level '{unknown[0]}' is not in the framework",
            f"Levels: {', '.join(sorted(known))}.",
        )


def _told_apart(y: Numbers, s: Numbers, p_value: float, rules: Framework) -> tuple[float, bool]:
    """Chance of the surest pair, and whether more than one tier is warranted."""
    flat = fit_normal_model(y, s, tau_prior="flat")
    pair = largest_pair_probability(flat, s) if len(y) > 1 else 0.5
    needed = 1 / (1 + rules.tiers.tell_apart_lambda)
    return pair, bool(p_value <= rules.tiers.tell_apart_level and pair >= needed)


def _with_common(
    model: FreeShape | NormalModel, standard_error: float
) -> FreeShape | NormalModel | CommonError:
    return CommonError(model, standard_error) if standard_error else model


def _without_bias(
    programs: pd.DataFrame,
    rules: Framework,
    guard: float | None,
    p_value: float | None,
    common_standard_error: float,
) -> pd.Series:
    """Tier of each program, were its data of the best validity with the same noise.

    Everything else that decides a tier stays: the guard for groups, the guard of the top tier,
    and whether programs can be told apart at all.
    """
    y, s = plain_numbers(programs)
    normal, offsets = fit_in_frame(programs, y, s, rules)
    if p_value is None:
        level = rules.estimation.confidence_level
        p_value = heterogeneity_test(y - offsets, s, level).p_value
    return labelled(
        programs,
        rules,
        _with_common(freed(y, s, normal, rules), common_standard_error),
        guard,
        told_apart=_told_apart(y - offsets, s, p_value, rules)[1],
        any_validity=True,
    )["tier"]


def rate_all(
    estimates: pd.DataFrame,
    rules: Framework,
    *,
    with_bias: bool = True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[pd.DataFrame, dict[str, Rating]]:
    """Rate every set of programs, and put those that cannot be rated back in their place.

    Parameters
    ----------
    estimates : DataFrame
        As from :func:`analysis.tiers.estimates.against_benchmark`.
    rules, with_bias, progress
        As in :func:`rate_set`.

    Returns
    -------
    frame : DataFrame
        All rows in their order, with tiers; "cannot be rated" with its reason where it cannot.
    ratings : dict of str to Rating
        By the name of the set (``compared_with``).

    Examples
    --------
    >>> from analysis.framework import load_framework
    >>> rules = load_framework().with_tiers(law="normal", simulation_draws=10)
    >>> estimates = pd.DataFrame({"program_key": list("abc"), "standard_error": 500.0,
    ...     "estimate": [-9000.0, 9000.0, None], "validity": "randomised", "compared_with": "all",
    ...     "reason": ["", "", "no earnings published"]})
    >>> frame, ratings = rate_all(estimates, rules)
    >>> frame["tier"].tolist(), list(ratings)
    (['D', 'A', 'cannot be rated'], ['all'])
    """
    rated = estimates[estimates["reason"].eq("")]
    sets = list(rated.groupby("compared_with", sort=False))
    ratings = {}
    for position, (name, part) in enumerate(sets):

        def step(done: int, total: int, before: int = position) -> None:
            progress(before * total + done, len(sets) * total)

        ratings[str(name)] = rate_set(part, rules, with_bias=with_bias, progress=step)
    parts = [
        rating.frame.set_axis(part.index)
        for rating, (_, part) in zip(ratings.values(), sets, strict=True)
    ]
    missing = estimates[estimates["reason"].ne("")].assign(tier=NOT_RATED)
    return pd.concat([*parts, missing]).loc[estimates.index], ratings
