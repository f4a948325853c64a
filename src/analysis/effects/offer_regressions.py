"""What an offer changed in several columns at once, with the covariance of these changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.effects.clustered import cluster_codes
from analysis.effects.design import (
    controls_table,
    covariate_matrix,
    names_left_out,
    standardised,
    usable_columns,
)
from analysis.effects.robust_variance import scores_by_cluster, small_sample_factor
from analysis.effects.samples import (
    Column,
    Flags,
    Labels,
    Numbers,
    above_zero,
)
from analysis.errors import WorkbenchError

Robust: TypeAlias = Literal["HC0", "HC1", "HC2"]


@dataclass(frozen=True)
class OfferRegressions:
    """Coefficients of the offer in one regression a column, all with the same controls.

    Attributes
    ----------
    estimates : array of shape (m,)
    covariance : array of shape (m, m)
    clusters : int
        0 where people are independent.
    dropped : tuple of str
        Covariates left out because they are constant or copies of others.
    """

    estimates: Numbers
    covariance: Numbers
    clusters: int
    dropped: tuple[str, ...]

    @property
    def standard_errors(self) -> Numbers:
        """Of the estimates, in their order."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def degrees_of_freedom(self) -> float:
        """Clusters less one, for Student's t; infinite where people are independent."""
        return self.clusters - 1 if self.clusters else np.inf


def offer_regressions(
    columns: Sequence[Numbers],
    offered: Flags,
    *,
    covariates: pd.DataFrame | None = None,
    stratum: Labels | None = None,
    cluster: Labels | None = None,
    weights: Column | None = None,
    errors: Robust = "HC1",
) -> OfferRegressions:
    """Regress each column on the offer and the same controls.

    Parameters
    ----------
    columns : sequence of arrays of shape (n,)
        What the offer may have changed: earnings, attendance, cost.
    offered : bool array of shape (n,)
    covariates : DataFrame of shape (n, k), optional
        Measured before assignment.
    stratum : array of shape (n,), optional
        Stratum of the design; its indicators come first among the controls.
    cluster : array of shape (n,), optional
        Clusters whose people are alike.
    weights : array of shape (n,), optional
        How many people each stands for.
    errors : {'HC0', 'HC1', 'HC2'}
        With clusters CR0 and, for the others, CR1: G/(G-1) (n-1)/(n-k).

    Returns
    -------
    OfferRegressions

    Raises
    ------
    WorkbenchError
        Where the controls determine the offer, or people or clusters are too few.

    Examples
    --------
    >>> offered = np.array([True, True, False, False])
    >>> found = offer_regressions([np.array([3.0, 5, 1, 1]), np.array([1.0, 0, 0, 0])], offered,
    ...                           errors="HC2")
    >>> found.estimates.round(6).tolist(), found.covariance.round(6).tolist()
    ([3.0, 0.5], [[1.0, -0.5], [-0.5, 0.25]])
    """
    people = len(offered)
    root = np.ones(people) if weights is None else np.sqrt(above_zero(weights))
    basis, dropped = _controls(offered, covariates, stratum, root)
    codes = None if cluster is None else cluster_codes(cluster, offered)
    groups = 0 if codes is None else int(codes.max()) + 1
    parameters = basis.shape[1] + 1
    if (groups or people) <= parameters:
        raise WorkbenchError(
            f"take-up: {groups or people} {'clusters' if groups else 'people'} for "
            f"{parameters} parameters",
            "Use fewer covariates.",
        )
    # all regressions with one set of controls: what they leave of the offer and of each column
    z = _left_of(basis, offered * root)
    length = float(z @ z)
    left = np.column_stack([_left_of(basis, one * root) for one in columns])
    estimates = z @ left / length
    residuals = left - np.outer(z, estimates)
    if errors == "HC2" and codes is None:
        residuals /= np.sqrt(np.maximum(1 - (basis**2).sum(axis=1) - z**2 / length, 1e-10))[:, None]
    factor = 1.0
    if errors != "HC0" and not (errors == "HC2" and codes is None):
        factor = small_sample_factor(people, parameters, groups or None)
    scores = residuals * z[:, None]
    sums = scores if codes is None else scores_by_cluster(scores, codes)
    covariance = sums.T @ sums * factor / length**2
    return OfferRegressions(estimates, covariance, groups, dropped)


def _controls(
    offered: Flags, covariates: pd.DataFrame | None, stratum: Labels | None, root: Numbers
) -> tuple[Numbers, tuple[str, ...]]:
    """Orthonormal basis of the intercept, strata and covariates, and names of those left out."""
    people = len(offered)
    table = controls_table(covariates, stratum, people)
    matrix = standardised(covariate_matrix(table))
    kept, _ = usable_columns(matrix, [np.ones(people, dtype=bool)])
    controls = np.column_stack([np.ones(people), matrix[:, kept]])
    basis: npt.NDArray = np.linalg.qr(controls * root[:, None])[0]
    left = _left_of(basis, offered * root)
    if float(left @ left) < 1e-9 * people:
        raise WorkbenchError(
            "take-up: the covariates or strata determine who was offered the program",
            "Leave out columns that say the same as the offer.",
        )
    return basis, names_left_out(table, kept)


def _left_of(basis: Numbers, values: Numbers) -> Numbers:
    return np.asarray(values - basis @ (basis.T @ values))
