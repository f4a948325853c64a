"""Predictions of outcomes and of treatment for people whom the fit has not seen, in few passes.

Ridge regressions of the outcome in each arm and a logit of treatment are fitted without each
fold. Sums over blocks of people (Gram matrices; gradients and Hessians of the logit) are taken
once, and those of a left-out fold are subtracted, so that k folds cost about as much as one fit
and repetitions nearly nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import pandas as pd

from analysis.effects.design import covariate_matrix
from analysis.effects.folds import Integers, Splits
from analysis.effects.samples import Flags, Numbers

# rows handled at a time: small enough that a piece of a design stays in the processor's cache
_ROWS = 8192
# people that the logit is first fitted to in a large sample; only a starting point
_PILOT = 4_000
# coefficients of standardised covariates are found to this precision
_PRECISION = 1e-9
_MOST_STEPS = 60

Predictions: TypeAlias = tuple[slice, Numbers]


@dataclass(frozen=True)
class OrderedPeople:
    """People sorted by block and arm, with a standardised design (intercept first)."""

    design: Numbers
    outcome: Numbers
    flags: Flags
    order: Integers
    splits: Splits
    # first row of each block's treated people, of its controls, and so on
    starts: Integers

    def pieces(self) -> Iterator[tuple[int, slice]]:
        """Block and rows, a piece at a time."""
        return _pieces(self.starts[::2])

    def arm_pieces(self) -> Iterator[tuple[int, int, slice]]:
        """Block, arm (1 treated, 0 control) and rows, a piece at a time."""
        for cell, rows in _pieces(self.starts):
            yield cell // 2, 1 - cell % 2, rows


def _pieces(starts: Integers) -> Iterator[tuple[int, slice]]:
    for part, (first, last) in enumerate(pairwise(starts)):
        for row in range(int(first), int(last), _ROWS):
            yield part, slice(row, min(row + _ROWS, int(last)))


def ordered_people(
    covariates: pd.DataFrame, outcome: Numbers, flags: Flags, splits: Splits
) -> OrderedPeople:
    """Sort people by block and arm, and standardise their covariates over everyone.

    Parameters
    ----------
    covariates : DataFrame of n rows
        Columns of numbers.
    outcome : array of shape (n,)
    flags : bool array of shape (n,)
        True in the treated arm.
    splits : Splits

    Returns
    -------
    OrderedPeople
        By block; within one the treated come first.

    Examples
    --------
    >>> from analysis.effects.folds import splits_from_folds
    >>> age = pd.DataFrame({"age": [20.0, 40.0, 20.0, 40.0]})
    >>> flags = np.array([False, True, True, False])
    >>> splits = splits_from_folds(np.array([0, 0, 1, 1]))
    >>> people = ordered_people(age, np.array([5.0, 6.0, 7.0, 8.0]), flags, splits)
    >>> people.order.tolist(), people.outcome.tolist(), people.starts.tolist()
    ([1, 0, 2, 3], [6.0, 5.0, 7.0, 8.0], [0, 1, 2, 3, 4])
    >>> people.design.tolist()
    [[1.0, 1.0], [1.0, -1.0], [1.0, -1.0], [1.0, 1.0]]
    """
    blocks = splits.fold_of_block.shape[1]
    # few cells as small numbers are sorted in a fraction of the time
    cell = (2 * splits.block + ~flags).astype(np.min_scalar_type(2 * blocks))
    order = np.argsort(cell, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=2 * blocks))])
    matrix = checked_matrix(covariates)
    means, scales = means_and_scales(matrix)
    design = standardised_design(matrix, means, scales, order)
    return OrderedPeople(design, outcome[order], flags[order], order, splits, starts)


def checked_matrix(covariates: pd.DataFrame) -> Numbers:
    """Covariates as one array of finite numbers; a column at fault is named.

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
    >>> checked_matrix(pd.DataFrame({"age": [20, 40], "married": [True, False]})).tolist()
    [[20.0, 1.0], [40.0, 0.0]]
    >>> checked_matrix(pd.DataFrame({"age": [20, None]}))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    analysis.errors.WorkbenchError: column age: 1 of 2 values are missing. ...
    """
    try:
        matrix = covariates.to_numpy(dtype="float64")
    except (TypeError, ValueError):
        return covariate_matrix(covariates)
    with np.errstate(invalid="ignore"):
        finite = np.isfinite(np.ones(len(matrix)) @ matrix).all()
    return matrix if finite else covariate_matrix(covariates)


def means_and_scales(matrix: Numbers) -> tuple[Numbers, Numbers]:
    """Means of columns and one over their standard deviations; 0 where a column does not vary.

    One pass: squares are taken about the means of the first rows, which are close enough to
    the means of all that little cancels.

    Parameters
    ----------
    matrix : array of shape (n, k)

    Returns
    -------
    array of shape (k,), array of shape (k,)
        The deviations are those of the people at hand (divided by n).

    Examples
    --------
    >>> means, scales = means_and_scales(np.array([[1.0, 7.0], [5.0, 7.0]]))
    >>> means.tolist(), scales.tolist()
    ([3.0, 7.0], [0.5, 0.0])
    """
    n, about = len(matrix), matrix[:_ROWS].mean(axis=0)
    sums, squares = np.zeros(len(about)), np.zeros(len(about))
    for row in range(0, n, _ROWS):
        piece = matrix[row : row + _ROWS] - about
        sums += np.ones(len(piece)) @ piece
        squares += np.einsum("ij,ij->j", piece, piece)
    shift = sums / n
    spread = np.sqrt(np.maximum(squares / n - shift**2, 0.0))
    means = about + shift
    # rounding leaves about 1e-16 of a column's size where it does not vary
    varies = spread > 1e-12 * np.abs(means)
    return means, np.where(varies, 1.0 / np.where(varies, spread, 1.0), 0.0)


def standardised_design(
    matrix: Numbers, means: Numbers, scales: Numbers, order: Integers
) -> Numbers:
    """Intercept and standardised covariates of people in another order, without a second copy.

    Parameters
    ----------
    matrix : array of shape (n, k)
    means, scales : array of shape (k,)
        Of `means_and_scales`.
    order : int array of shape (m,)
        Rows of ``matrix``.

    Returns
    -------
    array of shape (m, 1 + k)

    Examples
    --------
    >>> ages = np.array([[20.0], [40.0]])
    >>> standardised_design(ages, np.array([30.0]), np.array([0.1]), np.array([1, 0])).tolist()
    [[1.0, 1.0], [1.0, -1.0]]
    """
    design = np.empty((len(order), matrix.shape[1] + 1))
    design[:, 0] = 1.0
    for row in range(0, len(order), _ROWS):
        piece = matrix[order[row : row + _ROWS]]
        piece -= means
        piece *= scales
        design[row : row + _ROWS, 1:] = piece
    return design


def linear_predictions(
    people: OrderedPeople, *, ridge: float, logit_penalty: float, with_logit: bool
) -> Iterator[Predictions]:
    """Cross-fitted predictions by ridge regressions of the outcome and a logit of treatment.

    Parameters
    ----------
    people : OrderedPeople
    ridge : float
        Penalty on the squared coefficients of an arm's regression (scikit-learn's ``alpha``).
    logit_penalty : float
        Half of it times the squared coefficients is added to the negative log likelihood
        (one over scikit-learn's ``C``). Intercepts are free in both.
    with_logit : bool
        False where the design states the chance of treatment.

    Yields
    ------
    tuple of slice, array of shape (2 or 3, repetitions, rows)
        Rows of ``people``, and predictions for them from the other folds: outcome if treated,
        outcome if not, chance of treatment.

    Examples
    --------
    Without a covariate that varies a prediction is the mean of the arm in the other fold.

    >>> from analysis.effects.folds import splits_from_folds
    >>> flags = np.array([True, True, False, False] * 2)
    >>> outcome = np.array([1.0, 3.0, 0.0, 0.0, 5.0, 7.0, 2.0, 4.0])
    >>> splits = splits_from_folds(np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    >>> people = ordered_people(pd.DataFrame({"x": np.zeros(8)}), outcome, flags, splits)
    >>> rules = {"ridge": 1.0, "logit_penalty": 1.0, "with_logit": True}
    >>> for rows, found in linear_predictions(people, **rules):
    ...     print(rows.start, rows.stop, found[:, 0, 0].round(6).tolist())
    0 4 [6.0, 3.0, 0.5]
    4 8 [2.0, 0.0, 0.5]
    """
    fits = [*_ridge_fits(people, ridge)]
    if with_logit:
        fits.append(_logit_fits(people, logit_penalty))
    every = np.arange(people.splits.repetitions)
    for block, rows in people.pieces():
        # coefficients that have not seen this block, of all fits and repetitions side by side
        own = np.stack([fit[every, people.splits.fold_of_block[:, block]] for fit in fits])
        found = own @ people.design[rows].T
        if with_logit:
            found[2] = logistic(found[2])
        yield rows, found


def _ridge_fits(people: OrderedPeople, penalty: float) -> tuple[Numbers, Numbers]:
    """Coefficients by arm (treated, control), each of shape (repetitions, folds, columns)."""
    way = people.splits.fold_of_block
    width = people.design.shape[1]
    grams = np.zeros((2, way.shape[1], width, width))
    products = np.zeros((2, way.shape[1], width))
    for block, arm, rows in people.arm_pieces():
        piece = people.design[rows]
        grams[1 - arm, block] += piece.T @ piece
        products[1 - arm, block] += people.outcome[rows] @ piece
    penalties = penalty_matrix(width, penalty)
    treated, control = (
        solved(
            left_out(grams[arm], people.splits) + penalties,
            left_out(products[arm], people.splits),
        )
        for arm in (0, 1)
    )
    return treated, control


def _logit_fits(people: OrderedPeople, penalty: float) -> Numbers:
    """Coefficients of the logit without each fold, shape (repetitions, folds, columns).

    Newton's step from one common point close to all of them, then steps with the same Hessians
    and exact gradients until nothing moves.
    """
    penalties = penalty_matrix(people.design.shape[1], penalty)
    start = _near_optimum(people, penalties)
    gradients, hessians = _logit_sums(people, start)
    hessians = left_out(hessians, people.splits) + penalties
    fits = start + solved(hessians, left_out(gradients, people.splits) - penalties @ start)
    before = float(np.abs(fits - start).max())
    for _ in range(_MOST_STEPS):
        step = solved(hessians, _left_out_gradients(people, fits) - fits @ penalties)
        fits = fits + step
        size = float(np.abs(step).max())
        # steps shrink by a constant factor, so the next one can be told from the last two
        if size * min(size / max(before, 1e-300), 1.0) < _PRECISION:
            break
        before = size
    return fits


def _near_optimum(people: OrderedPeople, penalties: Numbers) -> Numbers:
    """A point close to the optimum for everyone: a pilot sample's optimum and one full step."""
    n, width = people.design.shape
    beta = np.zeros(width)
    rows = slice(None, None, max(1, n // _PILOT))
    pilot, flags = np.ascontiguousarray(people.design[rows]), people.flags[rows]
    for _ in range(_MOST_STEPS):
        chance = logistic(pilot @ beta)
        gradient = (flags - chance) @ pilot - penalties @ beta
        hessian = pilot.T @ (pilot * (chance * (1 - chance))[:, None]) + penalties
        step = np.linalg.solve(hessian, gradient)
        # a full step may overshoot where arms hardly overlap
        beta = beta + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        if float(np.abs(step).max()) < 1e-6:
            break
    if len(pilot) < n:
        gradients, hessians = _logit_sums(people, beta)
        gradient = gradients.sum(axis=0) - penalties @ beta
        beta = beta + np.linalg.solve(hessians.sum(axis=0) + penalties, gradient)
    return beta


def _logit_sums(people: OrderedPeople, beta: Numbers) -> tuple[Numbers, Numbers]:
    """Gradient and (negative) Hessian of the log likelihood by block."""
    blocks, width = people.splits.fold_of_block.shape[1], people.design.shape[1]
    gradients, hessians = np.zeros((blocks, width)), np.zeros((blocks, width, width))
    for block, rows in people.pieces():
        piece = people.design[rows]
        chance = logistic(piece @ beta)
        gradients[block] += (people.flags[rows] - chance) @ piece
        hessians[block] += piece.T @ (piece * (chance * (1 - chance))[:, None])
    return gradients, hessians


def _left_out_gradients(people: OrderedPeople, fits: Numbers) -> Numbers:
    """Gradient of each fit over the people outside of its fold."""
    repetitions = len(fits)
    stacked = fits.reshape(-1, fits.shape[2])
    sums = np.zeros_like(fits)
    way = people.splits.fold_of_block
    for block, rows in people.pieces():
        piece = people.design[rows]
        part = ((people.flags[rows] - logistic(stacked @ piece.T)) @ piece).reshape(fits.shape)
        part[np.arange(repetitions), way[:, block]] = 0.0
        sums += part
    return sums


def left_out(by_block: Numbers, splits: Splits) -> Numbers:
    """Sums over all blocks but those of a fold.

    Parameters
    ----------
    by_block : array of shape (blocks, …)
        Sums over the people of each block.
    splits : Splits

    Returns
    -------
    array of shape (repetitions, folds, …)

    Examples
    --------
    >>> from analysis.effects.folds import splits_from_folds
    >>> left_out(np.array([1.0, 10.0, 100.0]), splits_from_folds(np.array([0, 1, 2]))).tolist()
    [[110.0, 101.0, 11.0]]
    """
    outside = splits.fold_of_block[:, None, :] != np.arange(splits.folds)[None, :, None]
    return np.asarray(np.tensordot(outside.astype("float64"), by_block, axes=1))


def solved(matrices: Numbers, products: Numbers) -> Numbers:
    """Solutions of many linear systems.

    Parameters
    ----------
    matrices : array of shape (…, k, k)
    products : array of shape (…, k)

    Returns
    -------
    array of shape (…, k)

    Raises
    ------
    numpy.linalg.LinAlgError
        For a singular matrix.

    Examples
    --------
    >>> solved(np.array([[[2.0]], [[4.0]]]), np.array([[6.0], [6.0]])).tolist()
    [[3.0], [1.5]]
    """
    return np.asarray(np.linalg.solve(matrices, products[..., None])[..., 0], dtype="float64")


def penalty_matrix(width: int, penalty: float) -> Numbers:
    """Diagonal ridge penalty of shape (width, width) that leaves the intercept free.

    Parameters
    ----------
    width : int
        Columns of the design, the intercept first.
    penalty : float
        Ridge penalty of every other coefficient.

    Returns
    -------
    array of shape (width, width)

    Examples
    --------
    >>> penalty_matrix(3, 0.5).tolist()
    [[0.0, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 0.5]]
    """
    diagonal = np.full(width, penalty)
    diagonal[0] = 0.0
    return np.diag(diagonal)


def logistic(values: Numbers) -> Numbers:
    """Chance 1 / (1 + exp(-value)) of each value; a very negative one gives 0 without warning.

    Parameters
    ----------
    values : array of any shape

    Returns
    -------
    array
        Of the shape of ``values``.

    Examples
    --------
    >>> logistic(np.array([0.0, np.log(3.0), -1000.0])).round(12).tolist()
    [0.5, 0.75, 0.0]
    """
    with np.errstate(over="ignore"):
        chance = np.exp(-values)
    chance += 1.0
    return np.reciprocal(chance, out=chance)
