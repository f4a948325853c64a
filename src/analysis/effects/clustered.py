"""What assignment changed where people come in clusters, or stand for others by a weight."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.effects.design import (
    controls_table,
    covariate_matrix,
    names_left_out,
    standardised,
    usable_columns,
)
from analysis.effects.effect import Effect, refuse_no_variance
from analysis.effects.robust_variance import Clustered, clustered_contrast
from analysis.effects.samples import (
    Column,
    Flags,
    Labels,
    above_zero,
    arms,
    column_name,
    labels,
    numbers,
    refuse_misaligned,
)
from analysis.errors import WorkbenchError


def clustered_difference(
    outcome: Column,
    treated: Column,
    cluster: Labels | None = None,
    *,
    weights: Column | None = None,
    errors: Clustered = "CR2",
) -> Effect:
    """Difference in means whose standard error allows people of a cluster to be alike.

    Parameters
    ----------
    outcome, treated : array of shape (n,)
        As in `difference_in_means`.
    cluster : array of shape (n,), optional
        Cluster of each person: where assignment was drawn for whole clusters, these. Without
        them each person is one, and CR2 is HC2.
    weights : array of shape (n,), optional
        How many people each stands for, above 0; their unit does not matter.
    errors : {'CR0', 'CR1', 'CR2'}
        As in `clustered_contrast`; CR2 keeps coverage with few clusters.

    Returns
    -------
    Effect
        With the degrees of freedom of the clusters, not of the people, and with the control
        mean weighted.

    Raises
    ------
    WorkbenchError
        As in `difference_in_means`, and for fewer than two clusters in an arm.

    Examples
    --------
    >>> outcome = [3.0, 5.0, 7.0, 9.0, 1.0, 3.0, 2.0, 4.0]
    >>> found = clustered_difference(outcome, [1] * 4 + [0] * 4, list("aabbccdd"))
    >>> round(found.estimate, 3), round(found.standard_error, 3), round(found.degrees_of_freedom, 2)
    (3.5, 2.062, 2.0)
    """
    refuse_misaligned(outcome=outcome, treated=treated, cluster=cluster, weights=weights)
    nothing = pd.DataFrame(index=range(len(outcome)))
    return _fitted(outcome, treated, nothing, (cluster, weights), errors, "difference in means")


def clustered_lin(
    outcome: Column,
    treated: Column,
    covariates: pd.DataFrame,
    cluster: Labels | None = None,
    stratum: Labels | None = None,
    *,
    weights: Column | None = None,
    errors: Clustered = "CR2",
) -> Effect:
    """Lin's (2013) regression with standard errors that allow people of a cluster to be alike.

    Parameters
    ----------
    outcome, treated, covariates, stratum
        As in `lin_adjusted`; assignment need not follow the clusters.
    cluster, weights, errors
        As in `clustered_difference`; covariates are centred at their weighted means.

    Returns
    -------
    Effect

    Raises
    ------
    WorkbenchError
        As in `clustered_difference`; and where there are no more clusters than parameters.

    Notes
    -----
    Without covariates, strata alone make it the difference within strata, averaged with each
    stratum's share of the weights.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> site = np.repeat(np.arange(20), 10)
    >>> before = pd.DataFrame({"earnings_before": rng.normal(size=200)})
    >>> arm = site % 2
    >>> after = before["earnings_before"] + 2 * arm + rng.normal(size=20)[site]
    >>> found = clustered_lin(after, arm, before, site)
    >>> round(found.estimate, 2), round(found.standard_error, 2)
    (2.32, 0.38)
    """
    refuse_misaligned(
        outcome=outcome, treated=treated, covariates=covariates, cluster=cluster,
        stratum=stratum, weights=weights,
    )  # fmt: skip
    table = controls_table(covariates, stratum, len(outcome))
    return _fitted(outcome, treated, table, (cluster, weights), errors, "Lin regression")


def cluster_codes(cluster: Labels, flags: Flags) -> npt.NDArray[np.int64]:
    """Clusters numbered from 0; each arm must hold two of them.

    Parameters
    ----------
    cluster : sequence of n labels
    flags : bool array of shape (n,)
        True in the treated arm.

    Returns
    -------
    int array of shape (n,)

    Raises
    ------
    WorkbenchError
        For an arm with fewer than two clusters, and for a missing label.

    Examples
    --------
    >>> cluster_codes(list("bbaac"), np.array([True, False, True, False, True])).tolist()
    [0, 0, 1, 1, 2]
    """
    name = column_name(cluster, "cluster")
    codes, _ = pd.factorize(labels(cluster, "cluster"))
    for arm, rows in (("treated", flags), ("control", ~flags)):
        if len(set(codes[rows])) < 2:
            raise WorkbenchError(
                f"column {name}: the {arm} arm has fewer than 2 clusters",
                "With one cluster the program cannot be told from the cluster.",
            )
    return np.asarray(codes, dtype="int64")


def _fitted(
    outcome: Column,
    treated: Column,
    table: pd.DataFrame,
    people: tuple[Labels | None, Column | None],
    errors: Clustered,
    method: str,
) -> Effect:
    cluster, weights = people
    flags, y = arms(treated), numbers(outcome, "outcome")
    heavy = np.ones(len(y)) if weights is None else above_zero(weights)
    codes = np.arange(len(y)) if cluster is None else cluster_codes(cluster, flags)
    matrix = standardised(covariate_matrix(table))
    kept, _ = usable_columns(matrix, [flags, ~flags])
    plain = np.column_stack([np.ones(len(y)), flags])
    x = matrix[:, kept]
    x = x - heavy @ x / heavy.sum()
    root = np.sqrt(heavy)
    design = np.column_stack([plain, x, x * flags[:, None]]) * root[:, None]
    groups = int(codes.max()) + 1
    name = column_name(cluster, "cluster") if cluster is not None else ""
    _refuse_few(groups, design.shape[1], name)
    estimate, error, freedom = clustered_contrast(design, y * root, codes, 1, errors)
    refuse_no_variance(error**2, y)
    by = f", errors {errors} by {name} ({groups} clusters)" if name else ""
    return Effect(
        estimate=estimate,
        standard_error=error,
        degrees_of_freedom=freedom,
        n_treated=int(flags.sum()),
        n_control=int((~flags).sum()),
        control_mean=float(np.average(y[~flags], weights=heavy[~flags])),
        control_standard_error=clustered_contrast(
            plain * root[:, None], y * root, codes, 0, errors
        )[1],
        method=method + (", weighted" if weights is not None else "") + by,
        parameters=design.shape[1],
        dropped=names_left_out(table, kept),
    )


def _refuse_few(groups: int, parameters: int, name: str) -> None:
    """Clusters, or people where no column of clusters is named."""
    if groups < parameters:
        counted = f"column {name}: {groups} clusters" if name else f"{groups} people"
        raise WorkbenchError(
            f"{counted} for {parameters} parameters",
            "Use fewer covariates or take the difference in means.",
        )
