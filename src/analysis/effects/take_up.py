"""What the program changed for those who took it up because it was offered to them."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.effects.clustered import cluster_codes
from analysis.effects.design import (
    covariate_matrix,
    standardised,
    stratum_indicators,
    usable_columns,
)
from analysis.effects.effect import confidence_interval, refuse_no_variance
from analysis.effects.ratio import ratio_of_effects
from analysis.effects.robust_variance import scores_by_cluster, small_sample_factor
from analysis.effects.samples import (
    Column,
    Labels,
    Numbers,
    arms,
    column_name,
    labels,
    numbers,
    refuse_misaligned,
)
from analysis.errors import WorkbenchError

Robust: TypeAlias = Literal["HC0", "HC1"]


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
    errors : {'HC0', 'HC1'}
        With clusters CR0 and CR1: HC1 multiplies with n/(n-k), CR1 with G/(G-1) (n-1)/(n-k).

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
        stratum=stratum, cluster=cluster,
    )  # fmt: skip
    flags, y, d = arms(offered), numbers(outcome, "outcome"), numbers(attended, "attended")
    controls, dropped = _controls(len(y), flags, covariates, stratum)
    codes = None if cluster is None else cluster_codes(cluster, flags)
    # both stages with one set of controls: what they leave of the offer, outcome and attendance
    z, y_left, d_left = (_left_of(controls, one) for one in (flags.astype("float64"), y, d))
    groups = 0 if codes is None else int(codes.max()) + 1
    if (groups or len(y)) <= controls.shape[1] + 1:
        raise WorkbenchError(
            f"take-up: {groups or len(y)} {'clusters' if groups else 'people'} for "
            f"{controls.shape[1] + 1} parameters",
            "Use fewer covariates.",
        )
    factor = 1.0
    if errors == "HC1":
        factor = small_sample_factor(len(y), controls.shape[1] + 1, groups or None)
    length = float(z @ z)
    offer, take_up = float(z @ y_left) / length, float(z @ d_left) / length
    stages = np.column_stack([y_left - offer * z, d_left - take_up * z])
    covariance = _covariance(z, stages, codes) * factor / length**2
    name = column_name(attended, "attended")
    strength = _strength(take_up, float(covariance[1, 1]), d, name, minimum_first_stage_f)
    ratio = ratio_of_effects(
        offer, take_up, (float(covariance[0, 0]), float(covariance[1, 1])),
        float(covariance[0, 1]), confidence_level, groups - 1 if groups else np.inf,
    )  # fmt: skip
    refuse_no_variance(ratio.standard_error**2, y)
    return TakeUpEffect(
        estimate=ratio.estimate,
        standard_error=ratio.standard_error,
        interval=confidence_interval(
            ratio.estimate,
            ratio.standard_error,
            groups - 1 if groups else np.inf,
            confidence_level,
        ),
        anderson_rubin_interval=ratio.fieller_interval,
        offer_effect=offer,
        offer_standard_error=float(np.sqrt(covariance[0, 0])),
        take_up=take_up,
        take_up_standard_error=float(np.sqrt(covariance[1, 1])),
        first_stage_f=strength,
        n_offered=int(flags.sum()),
        n_control=int((~flags).sum()),
        clusters=groups,
        dropped=dropped,
    )


def _controls(
    people: int, flags: npt.NDArray, covariates: pd.DataFrame | None, stratum: Labels | None
) -> tuple[Numbers, tuple[str, ...]]:
    """Orthonormal basis of the intercept, strata and covariates, and names of those left out."""
    parts = [] if covariates is None else [covariates.reset_index(drop=True)]
    if stratum is not None:
        name = column_name(stratum, "stratum")
        parts.insert(0, stratum_indicators(labels(stratum, "stratum"), name))
    table = pd.concat(parts, axis=1) if parts else pd.DataFrame(index=range(people))
    everyone = np.ones(people, dtype=bool)
    kept, bases = usable_columns(standardised(covariate_matrix(table)), [everyone])
    left = _left_of(bases[0], flags.astype("float64"))
    if float(left @ left) < 1e-9 * people:
        raise WorkbenchError(
            "take-up: the covariates or strata determine who was offered the program",
            "Leave out columns that say the same as the offer.",
        )
    return bases[0], tuple(str(one) for j, one in enumerate(table.columns) if j not in kept)


def _left_of(basis: Numbers, values: Numbers) -> Numbers:
    return values - basis @ (basis.T @ values)


def _covariance(z: Numbers, residuals: Numbers, codes: npt.NDArray | None) -> Numbers:
    scores = residuals * z[:, None]
    sums = scores if codes is None else scores_by_cluster(scores, codes)
    return sums.T @ sums


def _strength(
    take_up: float, variance: float, attended: Numbers, name: str, minimum: float
) -> float:
    if float(np.ptp(attended)) == 0:
        raise WorkbenchError(
            f"column {name}: all values are the same", "Without a difference there is no effect."
        )
    # where everybody keeps to the offer nothing is left to vary
    strength = float("inf") if variance < 1e-24 else take_up**2 / variance
    if strength < minimum:
        raise WorkbenchError(
            f"column {name}: the offer hardly moved attendance (F {strength:.1f}, at least "
            f"{minimum:g} needed)",
            "Report the effect of the offer; an effect on participants would be noise.",
        )
    return strength
