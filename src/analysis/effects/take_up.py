"""What the program changed for those who took it up because it was offered to them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.effects.effect import refuse_no_variance
from analysis.effects.offer_regressions import OfferRegressions, Robust, offer_regressions
from analysis.effects.ratio import Ratio, ratio_of_effects
from analysis.effects.samples import (
    Column,
    Labels,
    Numbers,
    arms,
    column_name,
    numbers,
    refuse_misaligned,
)
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class TakeUpEffect:
    """Effect on those who attend when offered and would not otherwise (compliers).

    Attributes
    ----------
    estimate, standard_error : float
        Two-stage least squares; Wald's ratio where there are no covariates.
    interval : tuple of float
        Estimate and critical value times the standard error.
    anderson_rubin_interval : tuple of float
        Effects that a test of the offer would not reject: right however weak the first stage.
    offer_effect, offer_standard_error : float
        Effect of the offer on the outcome (reduced form).
    take_up, take_up_standard_error : float
        Effect of the offer on attendance (first stage): the share of compliers.
    first_stage_f : float
        Robust F of the offer in the first stage.
    n_offered, n_control, clusters : int
        People, and clusters (0 where people are independent).
    dropped : tuple of str
        Covariates left out because they are constant or copies of others.
    """

    estimate: float
    standard_error: float
    interval: tuple[float, float]
    anderson_rubin_interval: tuple[float, float]
    offer_effect: float
    offer_standard_error: float
    take_up: float
    take_up_standard_error: float
    first_stage_f: float
    n_offered: int
    n_control: int
    clusters: int = 0
    dropped: tuple[str, ...] = ()


def take_up_effect(
    outcome: Column,
    offered: Column,
    attended: Column,
    *,
    minimum_first_stage_f: float,
    covariates: pd.DataFrame | None = None,
    stratum: Labels | None = None,
    cluster: Labels | None = None,
    weights: Column | None = None,
    errors: Robust = "HC1",
    confidence_level: float = 0.95,
) -> TakeUpEffect:
    """Effect on participants: the offer as instrument for attendance (Imbens and Angrist 1994).

    Parameters
    ----------
    outcome, offered : array of shape (n,)
        As in `difference_in_means`.
    attended : array of shape (n,)
        1 where the person took the program up, 0 where not; or hours of it, which gives the
        effect of one hour.
    minimum_first_stage_f : float
        Below this F of the offer the effect is refused (the framework's
        ``estimation.minimum_first_stage_f``).
    covariates : DataFrame of shape (n, k), optional
        Measured before assignment; controls of both stages.
    stratum : array of shape (n,), optional
        Stratum of the design; its indicators come first among the controls.
    cluster : array of shape (n,), optional
        Clusters whose people are alike.
    weights : array of shape (n,), optional
        How many people each stands for.
    errors : {'HC0', 'HC1', 'HC2'}
        As in `offer_regressions`.
    confidence_level : float
        Of both intervals.

    Returns
    -------
    TakeUpEffect

    Raises
    ------
    WorkbenchError
        As in `difference_in_means`, for attendance that does not vary, and a weak first stage.

    Notes
    -----
    It is the effect on compliers if the offer moves earnings through attendance alone and keeps
    nobody away. Where no one attends without an offer, these are all participants (Bloom 1984).
    With strata or covariates and different effects it is a weighted mean over them.

    Examples
    --------
    >>> offered = [1] * 6 + [0] * 6
    >>> attended = [1, 1, 1, 1, 0, 0] + [0] * 6
    >>> outcome = [9.0, 11.0, 10.0, 10.0, 5.0, 3.0, 4.0, 6.0, 5.0, 3.0, 4.0, 2.0]
    >>> found = take_up_effect(outcome, offered, attended, minimum_first_stage_f=8)
    >>> found.offer_effect, round(found.take_up, 3), round(found.estimate, 3)
    (4.0, 0.667, 6.0)
    """
    refuse_misaligned(
        outcome=outcome, offered=offered, attended=attended, covariates=covariates,
        stratum=stratum, cluster=cluster, weights=weights,
    )  # fmt: skip
    flags, y, d = arms(offered), numbers(outcome, "outcome"), numbers(attended, "attended")
    found = offer_regressions(
        [y, d], flags, covariates=covariates, stratum=stratum, cluster=cluster, weights=weights,
        errors=errors,
    )  # fmt: skip
    strength = _strength(found, d, column_name(attended, "attended"), minimum_first_stage_f)
    ratio = _outcome_per_attendance(found, confidence_level)
    refuse_no_variance(ratio.standard_error**2, y)
    return TakeUpEffect(
        estimate=ratio.estimate,
        standard_error=ratio.standard_error,
        interval=ratio.delta_interval,
        anderson_rubin_interval=ratio.fieller_interval,
        offer_effect=float(found.estimates[0]),
        offer_standard_error=float(found.standard_errors[0]),
        take_up=float(found.estimates[1]),
        take_up_standard_error=float(found.standard_errors[1]),
        first_stage_f=strength,
        n_offered=int(flags.sum()),
        n_control=int((~flags).sum()),
        clusters=found.clusters,
        dropped=found.dropped,
    )


def _outcome_per_attendance(found: OfferRegressions, confidence_level: float) -> Ratio:
    (offer, take_up), covariance = map(float, found.estimates), found.covariance
    return ratio_of_effects(
        offer, take_up, (float(covariance[0, 0]), float(covariance[1, 1])),
        float(covariance[0, 1]), confidence_level, found.degrees_of_freedom,
    )  # fmt: skip


def _strength(found: OfferRegressions, attended: Numbers, name: str, minimum: float) -> float:
    if float(np.ptp(attended)) == 0:
        raise WorkbenchError(
            f"column {name}: all values are the same", "Without a difference there is no effect."
        )
    take_up, variance = float(found.estimates[1]), float(found.covariance[1, 1])
    # where everybody keeps to the offer nothing is left to vary
    strength = float("inf") if variance < 1e-24 else take_up**2 / variance
    if strength < minimum:
        raise WorkbenchError(
            f"column {name}: the offer hardly moved attendance (F {strength:.1f}, at least "
            f"{minimum:g} needed)",
            "Report the effect of the offer; an effect on participants would be noise.",
        )
    return strength
