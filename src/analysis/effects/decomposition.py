"""What a raw gap between two groups is made of (Kitagawa 1955, Oaxaca 1973, Blinder 1973)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.effects.design import covariate_matrix, standardised, usable_columns
from analysis.effects.samples import (
    Column,
    Flags,
    Labels,
    Numbers,
    labels,
    numbers,
    refuse_misaligned,
)
from analysis.errors import WorkbenchError


@dataclass(frozen=True)
class GapDecomposition:
    """gap = explained + unexplained, with standard errors; a description, not a cause.

    Attributes
    ----------
    gap, gap_standard_error : float
        Mean of the first group less that of the second.
    explained, explained_standard_error : float
        What different characteristics would account for, at pooled returns.
    unexplained, unexplained_standard_error : float
        The rest: other returns, and everything that was not measured.
    n_first, n_second : int
    by_covariate : DataFrame
        ``covariate`` and its part of what is explained.
    """

    gap: float
    gap_standard_error: float
    explained: float
    explained_standard_error: float
    unexplained: float
    unexplained_standard_error: float
    n_first: int
    n_second: int
    by_covariate: pd.DataFrame


def decomposed_gap(
    outcome: Column, group: Labels, covariates: pd.DataFrame, first: str, second: str
) -> GapDecomposition:
    """Take the gap between two groups apart at the returns of a pooled regression.

    The returns come from a regression over both groups with an indicator of the group (Jann
    2008), so that differences in level do not leak into the explained part.

    Parameters
    ----------
    outcome, group : array of shape (n,)
        People of other groups are left out.
    covariates : DataFrame of shape (n, k)
        Constant columns and exact copies are left out.
    first, second : str
        The two groups.

    Returns
    -------
    GapDecomposition
        Standard errors: robust for the returns, plus the sampling of the covariates' means.

    Raises
    ------
    WorkbenchError
        For a group with fewer than two people, one group twice, and a value that cannot be used.

    Examples
    --------
    >>> people = pd.DataFrame({"group": ["a"] * 4 + ["b"] * 4, "school": [12.0, 14, 12, 16, 10, 12,
    ...     11, 12], "earnings": [30.0, 36, 31, 41, 21, 26, 24, 27]})
    >>> found = decomposed_gap(people["earnings"], people["group"], people[["school"]], "a", "b")
    >>> round(found.gap, 2), round(found.explained, 2), round(found.unexplained, 2)
    (10.0, 5.97, 4.03)
    """
    refuse_misaligned(outcome=outcome, group=group, covariates=covariates)
    inside, is_first = _two_groups(labels(group, "group"), first, second)
    y = numbers(outcome, "outcome")[inside]
    raw = covariate_matrix(covariates)[inside]
    kept, _ = usable_columns(standardised(raw), [np.ones(len(y), dtype=bool)])
    X = raw[:, kept] - raw[:, kept].mean(axis=0)
    returns, covariance = _pooled_returns(y, X, is_first)
    apart = X[is_first].mean(axis=0) - X[~is_first].mean(axis=0)
    spread = sum(
        np.atleast_2d(np.cov(X[one], rowvar=False)) / one.sum() for one in (is_first, ~is_first)
    )
    gap = float(y[is_first].mean() - y[~is_first].mean())
    gap_variance = sum(float(y[one].var(ddof=1)) / one.sum() for one in (is_first, ~is_first))
    explained = float(returns @ apart)
    explained_variance = float(apart @ covariance[1:, 1:] @ apart + returns @ spread @ returns)
    return GapDecomposition(
        gap=gap,
        gap_standard_error=float(np.sqrt(gap_variance)),
        explained=explained,
        explained_standard_error=float(np.sqrt(explained_variance)),
        # what is left is the group's own coefficient in the pooled regression
        unexplained=gap - explained,
        unexplained_standard_error=float(np.sqrt(covariance[0, 0])),
        n_first=int(is_first.sum()),
        n_second=int((~is_first).sum()),
        by_covariate=pd.DataFrame(
            {
                "covariate": [str(covariates.columns[j]) for j in kept],
                "explained": returns * apart,
            }
        ),
    )


def _two_groups(names: npt.NDArray, first: str, second: str) -> tuple[Flags, Flags]:
    """Who is in either group, and which of them are in the first."""
    inside: Flags = np.isin(names, [first, second])
    is_first: Flags = names[inside] == first
    if first == second or min(is_first.sum(), (~is_first).sum()) < 2:
        raise WorkbenchError(
            f"gap of {first} and {second}: each needs two people or more, and another name",
            f"Groups are {', '.join(sorted(set(names)))}.",
        )
    return inside, is_first


def _pooled_returns(y: Numbers, X: Numbers, is_first: Flags) -> tuple[Numbers, Numbers]:
    """Returns of a regression with the group's indicator; HC1 covariance, indicator first."""
    design = np.column_stack([is_first.astype("float64"), X, np.ones(len(y))])
    inverse = np.linalg.pinv(design.T @ design)
    beta = inverse @ design.T @ y
    residual = y - design @ beta
    meat = (design * residual[:, None] ** 2).T @ design
    scale = len(y) / max(len(y) - design.shape[1], 1)
    covariance = scale * inverse @ meat @ inverse
    return np.asarray(beta[1:-1]), np.asarray(covariance[:-1, :-1])
