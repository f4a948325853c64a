"""Which covariates a regression can hold: none constant, none a copy of others, none one person."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.effects.samples import Flags, Labels, Numbers, column_name, labels, numbers

# a column that keeps less than this of its length next to the others is an exact combination
# of them: rounding leaves about 1e-15, the closest real covariates more than 1e-6
_COLLINEAR = 1e-9


def covariate_matrix(covariates: pd.DataFrame) -> Numbers:
    """Covariates as an array of shape (n, k), each checked to be finite and none missing."""
    columns = [numbers(covariates[name], str(name)) for name in covariates.columns]
    return np.column_stack(columns) if columns else np.empty((len(covariates), 0))


def stratum_indicators(stratum: pd.Series | npt.NDArray | Sequence[str], name: str) -> pd.DataFrame:
    """One 0/1 column a stratum; the largest has none, so that a dropped one joins the largest."""
    values = pd.Series(labels(stratum, name))
    counts = values.value_counts()
    rest = sorted(set(counts.index) - {max(sorted(counts.index), key=lambda one: counts[one])})
    return pd.DataFrame(
        {f"{name}: {one}": (values == one).to_numpy(dtype=float) for one in rest},
        index=range(len(values)),
    )


def controls_table(
    covariates: pd.DataFrame | None, stratum: Labels | None, people: int
) -> pd.DataFrame:
    """Controls of a regression in the order in which they are kept: strata first.

    Parameters
    ----------
    covariates : DataFrame of shape (people, k), optional
    stratum : array of shape (people,), optional
        Stratum of the design: one indicator each, but for the largest.
    people : int

    Returns
    -------
    DataFrame
        One row a person; no column where there is neither.

    Examples
    --------
    >>> before = pd.DataFrame({"age": [30.0, 40.0, 50.0]})
    >>> list(controls_table(before, pd.Series(["a", "b", "a"], name="site"), 3))
    ['site: b', 'age']
    """
    parts = [pd.DataFrame(index=range(people))]
    if stratum is not None:
        name = column_name(stratum, "stratum")
        parts.append(stratum_indicators(labels(stratum, name), name))
    if covariates is not None:
        parts.append(covariates.reset_index(drop=True))
    return pd.concat(parts, axis=1)


def standardised(matrix: Numbers) -> Numbers:
    """Columns with mean 0 and standard deviation 1; exact zeros where a column does not vary."""
    centred = matrix - matrix.mean(axis=0)
    spread = centred.std(axis=0)
    varies = spread > 1e-12 * np.abs(matrix).max(axis=0, initial=0.0)
    return np.where(varies, centred / np.where(varies, spread, 1.0), 0.0)


def usable_columns(
    matrix: Numbers, samples: Sequence[Flags], maximum_leverage: float = np.inf
) -> tuple[list[int], list[Numbers]]:
    """Covariates that, in the order given, each sample can tell apart, and a basis of them.

    A column is kept when in every sample (each arm of a trial) it is no exact combination of the
    intercept and the columns kept before it, and keeping it gives no one a leverage above
    ``maximum_leverage``. Outcomes play no part in the choice. It is a QR decomposition by
    Gram-Schmidt, made twice for each column so that the basis is orthonormal to rounding, and an
    order of magnitude faster than LAPACK's where its threads compete for cores.

    Parameters
    ----------
    matrix : array of shape (n, k)
        Standardised covariates.
    samples : sequence of bool arrays of shape (n,)
        Rows of each sample.
    maximum_leverage : float
        Infinite where leverage shall not matter.

    Returns
    -------
    list of int, list of arrays
        Positions kept; for each sample an orthonormal basis (people x (1 + kept)) of the
        intercept and the columns kept.
    """
    bases = [np.full((int(rows.sum()), 1), rows.sum() ** -0.5) for rows in samples]
    kept: list[int] = []
    for j in range(matrix.shape[1]):
        directions = []
        for rows, basis in zip(samples, bases, strict=True):
            column = matrix[rows, j]
            left = column - basis @ (basis.T @ column)
            left = left - basis @ (basis.T @ left)
            length = float(np.linalg.norm(left))
            if length <= _COLLINEAR * float(np.linalg.norm(column)):
                break
            direction = left / length
            if ((basis**2).sum(axis=1) + direction**2).max() > maximum_leverage:
                break
            directions.append(direction)
        if len(directions) == len(bases):
            bases = [np.column_stack(pair) for pair in zip(bases, directions, strict=True)]
            kept.append(j)
    return kept, bases


def names_left_out(
    table: pd.DataFrame, kept: Sequence[int], among: Sequence[int] | None = None
) -> tuple[str, ...]:
    """Names of the columns (or of some of them) that were not kept.

    Examples
    --------
    >>> names_left_out(pd.DataFrame({"age": [1], "married": [1], "school": [1]}), [0])
    ('married', 'school')
    """
    places = range(table.shape[1]) if among is None else among
    return tuple(str(table.columns[j]) for j in places if j not in kept)
