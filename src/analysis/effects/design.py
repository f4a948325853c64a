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
    """Covariates as an array, each checked to be finite and none missing.

    Parameters
    ----------
    covariates : DataFrame of n rows and k columns

    Returns
    -------
    array of shape (n, k)

    Raises
    ------
    WorkbenchError
        For a column with a missing or infinite value or with what is no number.

    Examples
    --------
    >>> covariate_matrix(pd.DataFrame({"age": [20, 40], "married": [1, 0]})).tolist()
    [[20.0, 1.0], [40.0, 0.0]]
    >>> covariate_matrix(pd.DataFrame({"age": [20, np.inf]}))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: column age: 1 of 2 values are infinite. ...
    """
    columns = [numbers(covariates[name], str(name)) for name in covariates.columns]
    return np.column_stack(columns) if columns else np.empty((len(covariates), 0))


def stratum_indicators(stratum: pd.Series | npt.NDArray | Sequence[str], name: str) -> pd.DataFrame:
    """One 0/1 column a stratum; the largest has none, so that a dropped one joins the largest.

    Parameters
    ----------
    stratum : sequence of n labels
    name : str
        What the stratum is, for the names of the columns.

    Returns
    -------
    DataFrame of n rows
        Columns ``name: label`` in alphabetical order. Of strata of one size the last by alphabet
        has none.

    Raises
    ------
    WorkbenchError
        For a missing label.

    Examples
    --------
    >>> stratum_indicators(["north", "south", "south", "east"], "site").to_dict("list")
    {'site: east': [0.0, 0.0, 0.0, 1.0], 'site: north': [1.0, 0.0, 0.0, 0.0]}
    """
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
    covariates : DataFrame of shape (people, k), or None
    stratum : array of shape (people,), or None
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
    """Columns with mean 0 and standard deviation 1; exact zeros where a column does not vary.

    Parameters
    ----------
    matrix : array of shape (n, k)

    Returns
    -------
    array of shape (n, k)

    Examples
    --------
    >>> standardised(np.array([[1.0, 7.0], [5.0, 7.0]])).tolist()
    [[-1.0, 0.0], [1.0, 0.0]]
    """
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

    Examples
    --------
    The second column is twice the first; the third varies in the first sample only.

    >>> matrix = np.array([[1, 2, 0], [2, 4, 1], [3, 6, 0], [1, 2, 5], [2, 4, 5], [4, 8, 5.0]])
    >>> first = np.array([True, True, True, False, False, False])
    >>> kept, bases = usable_columns(matrix, [first, ~first])
    >>> kept, [basis.shape for basis in bases]
    ([0], [(3, 2), (3, 2)])
    >>> usable_columns(matrix, [first])[0]
    [0, 2]

    The last column singles the first person out of three, whose leverage would be 1.

    >>> usable_columns(np.array([[1.0], [0.0], [0.0]]), [np.ones(3, dtype=bool)], 0.9)[0]
    []
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

    Parameters
    ----------
    table : DataFrame
    kept : sequence of int
        Positions of columns.
    among : sequence of int, optional
        Positions of the columns asked about; all where left out.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> names_left_out(pd.DataFrame({"age": [1], "married": [1], "school": [1]}), [0])
    ('married', 'school')
    """
    places = range(table.shape[1]) if among is None else among
    return tuple(str(table.columns[j]) for j in places if j not in kept)
