"""Logits of many programs against one shared pool, fitted together, without each fold."""

from dataclasses import dataclass

import numpy as np

from analysis.effects.cross_fit import (
    left_out,
    logistic,
    penalty_matrix,
    solved,
    standardised_design,
)
from analysis.effects.folds import Integers, splits_from_folds
from analysis.effects.samples import Numbers

_ROWS = 4096
_MOST_STEPS = 30
# the first Hessian is taken over one in so many pieces of the pool
_FIRST_PART = 4
# a Hessian serves further steps while these are below this, in standard deviations ...
_KEEP_BELOW = 0.05
# ... and the optimum of the whole sample is found to this: a fold's step corrects the rest
_CLOSE = 1e-3


@dataclass(frozen=True)
class Pool:
    """The pool sorted by fold, with everything that no program changes."""

    design: Numbers
    fold: Integers
    residual: Numbers
    group: Integers
    outcome_fits: Numbers
    starts: Integers


@dataclass(frozen=True)
class Participants:
    """Participants sorted by program; their covariates stay as they were given.

    Attributes
    ----------
    matrix : array of shape (n, k)
        Covariates in the caller's order.
    means, scales : array of shape (k,)
        Of the pool, for `standardised_design`.
    order : int array of shape (n,)
        Rows of ``matrix`` sorted by program; the other arrays are in this order.
    starts : int array of shape (programs + 1,)
        First row of each program.
    """

    matrix: Numbers
    means: Numbers
    scales: Numbers
    order: Integers
    outcome: Numbers
    program: Integers
    group: Integers
    fold: Integers
    starts: Integers

    def design(self, rows: slice) -> Numbers:
        """Standardised design of some rows: a second copy of everyone is never made."""
        return standardised_design(self.matrix, self.means, self.scales, self.order[rows])


def pool_without_folds(
    raw: Numbers, means: Numbers, scales: Numbers, outcome: Numbers, group: Integers,
    folds: int, seed: int, ridge: float,
) -> Pool:  # fmt: skip
    """The shared pool sorted by fold, with its outcome regressions fitted without each fold.

    Parameters
    ----------
    raw : array of shape (n, k)
        Covariates.
    means, scales : array of shape (k,)
        Of the pool, for `standardised_design`.
    outcome, group : array of shape (n,)
        The group as its number.
    folds, seed : int
    ridge : float
        Penalty on the squared coefficients, the intercept's apart.

    Returns
    -------
    Pool
        ``residual`` is the outcome less the prediction from the other folds.

    Examples
    --------
    Without a covariate that varies a prediction is the mean of the other folds.

    >>> outcome, none = np.array([0.0, 0.0, 9.0, 9.0]), np.zeros(4, dtype="int64")
    >>> pool = pool_without_folds(
    ...     np.zeros((4, 1)), np.zeros(1), np.zeros(1), outcome, none, folds=4, seed=0, ridge=1.0
    ... )
    >>> pool.starts.tolist(), sorted(pool.residual.round(6).tolist())
    ([0, 1, 2, 3, 4], [-6.0, -6.0, 6.0, 6.0])
    """
    fold = np.random.default_rng([seed, 1]).permutation(len(raw)) % folds
    order = np.argsort(fold, kind="stable")
    design = standardised_design(raw, means, scales, order)
    fold, y = fold[order], outcome[order]
    starts = np.r_[0, np.cumsum(np.bincount(fold, minlength=folds))]
    fits = _ridge_of(design, y, fold, ridge)
    residual = y - np.einsum("ij,ij->i", design, fits[fold])
    return Pool(design, fold, residual, group[order], fits, starts)


def _ridge_of(design: Numbers, outcome: Numbers, fold: Integers, penalty: float) -> Numbers:
    """Coefficients without each fold, shape (folds, columns)."""
    every = splits_from_folds(np.arange(fold.max() + 1))
    blocks = [fold == one for one in range(fold.max() + 1)]
    grams = np.array([design[inside].T @ design[inside] for inside in blocks])
    products = np.array([outcome[inside] @ design[inside] for inside in blocks])
    return solved(
        left_out(grams, every)[0] + penalty_matrix(design.shape[1], penalty),
        left_out(products, every)[0],
    )


def participants_by_program(
    matrix: Numbers, means: Numbers, scales: Numbers, outcome: Numbers, group: Integers,
    program: Integers, folds: int, seed: int,
) -> Participants:  # fmt: skip
    """Participants sorted by program, dealt into folds within each.

    Parameters
    ----------
    matrix : array of shape (n, k)
        Covariates.
    means, scales : array of shape (k,)
        Of the pool, for `standardised_design`.
    outcome, group, program : array of shape (n,)
        Group and program as their numbers.
    folds, seed : int

    Returns
    -------
    Participants

    Examples
    --------
    >>> program, none = np.array([1, 0, 1, 0]), np.zeros(1)
    >>> own = participants_by_program(
    ...     np.zeros((4, 1)), none, none, np.array([5.0, 6.0, 7.0, 8.0]), program, program, 2, 0
    ... )
    >>> own.outcome.tolist(), own.starts.tolist(), sorted(own.fold[:2].tolist())
    ([6.0, 8.0, 5.0, 7.0], [0, 2, 4], [0, 1])
    """
    order = np.argsort(program, kind="stable")
    sizes = np.bincount(program)
    fold = folds_within(program[order], sizes, folds, seed)
    return Participants(
        matrix, means, scales, order, outcome[order], program[order], group[order], fold,
        np.r_[0, np.cumsum(sizes)],
    )  # fmt: skip


def folds_within(program: Integers, sizes: Integers, folds: int, seed: int) -> Integers:
    """Deal the participants of every program into folds of equal size.

    Parameters
    ----------
    program : int array of shape (n,)
        Number of each person's program.
    sizes : int array of shape (programs,)
        People of each program.
    folds, seed : int

    Returns
    -------
    int array of shape (n,)
        Fold of each person, from 0.

    Examples
    --------
    >>> program = np.array([0, 0, 0, 0, 1, 1])
    >>> fold = folds_within(program, np.array([4, 2]), folds=2, seed=0)
    >>> sorted(fold[:4].tolist()), sorted(fold[4:].tolist())
    ([0, 0, 1, 1], [0, 1])
    """
    shuffled = np.random.default_rng([seed, 2]).random(len(program))
    rank = np.empty(len(program), dtype="int64")
    rank[np.lexsort((shuffled, program))] = np.arange(len(program))
    first = np.r_[0, np.cumsum(sizes)][:-1]
    return (rank - first[program]) % folds


def pieces(base: Pool) -> list[tuple[int, slice]]:
    """Fold and rows of the pool, a piece that fits the cache at a time.

    Parameters
    ----------
    base : Pool
        ``starts`` holds the first row of each fold.

    Returns
    -------
    list of (int, slice)

    Examples
    --------
    >>> none, fold = np.zeros(0), np.zeros(0, dtype="int64")
    >>> pieces(Pool(none, fold, none, fold, none, np.array([0, 5000, 9000])))
    [(0, slice(0, 4096, None)), (0, slice(4096, 5000, None)), (1, slice(5000, 9000, None))]
    """
    return [
        (fold, slice(row, min(row + _ROWS, int(base.starts[fold + 1]))))
        for fold in range(len(base.starts) - 1)
        for row in range(int(base.starts[fold]), int(base.starts[fold + 1]), _ROWS)
    ]


def program_logits(base: Pool, own: Participants, first: int, last: int, penalty: float) -> Numbers:
    """Coefficients of each program's logit against the pool, without each fold.

    Newton's method for all programs at once. The first Hessian is one of a part of the pool, the
    second one whole; later steps keep it while they shrink fast. From the whole sample's
    optimum each left-out fold takes one step with its own gradient.

    Parameters
    ----------
    base : Pool
    own : Participants
    first, last : int
        Programs from ``first`` up to and without ``last``.
    penalty : float
        Half of it times the squared coefficients, the intercept's apart, is added to the negative
        log likelihood.

    Returns
    -------
    array of shape (programs, folds, 1 + k)
        Intercept first.

    Examples
    --------
    Without a covariate that varies the intercept is the log of participants over pool; leaving out
    half of both does not change it.

    >>> none, fold = np.zeros(8), np.repeat([0, 1], 4)
    >>> code = np.zeros(8, dtype="int64")
    >>> design = np.column_stack([np.ones(8), none])
    >>> pool = Pool(design, fold, none, code, np.zeros((2, 2)), np.array([0, 4, 8]))
    >>> own = Participants(
    ...     np.zeros((4, 1)), np.zeros(1), np.zeros(1), np.arange(4), none[:4], code[:4], code[:4],
    ...     np.array([0, 0, 1, 1]), np.array([0, 4]),
    ... )  # fmt: skip
    >>> np.exp(program_logits(pool, own, 0, 1, penalty=1.0)[0, :, 0]).round(4).tolist()
    [0.5, 0.5]
    """
    width, folds = base.design.shape[1], len(base.starts) - 1
    penalties = penalty_matrix(width, penalty)
    rows = slice(int(own.starts[first]), int(own.starts[last]))
    X, fold = own.design(rows), own.fold[rows]
    program = own.program[rows] - first
    beta = _starting_points(base, X, program, last - first, penalties)
    people = [(X[program == i], fold[program == i]) for i in range(last - first)]
    hessians = np.empty(0)
    previous = np.inf
    for attempt in range(_MOST_STEPS):
        if attempt < 2 or previous > _KEEP_BELOW:
            hessians = _pool_hessians(base, beta, _FIRST_PART if attempt == 0 else 1)
            hessians += _own_hessians(people, beta, folds)
        gradients = _gradients(base, people, beta)
        step = solved(hessians.sum(axis=1) + penalties, gradients.sum(axis=1) - beta @ penalties)
        largest = np.abs(step).max(axis=1, keepdims=True)
        beta = beta + step * np.minimum(1.0, 3.0 / np.maximum(largest, 1e-300))
        previous = float(largest.max())
        if attempt > 0 and previous < _CLOSE:
            break
    every = splits_from_folds(np.arange(folds))
    gradients = _gradients(base, people, beta)
    fits = [
        beta[i]
        + solved(
            left_out(hessians[i], every)[0] + penalties,
            left_out(gradients[i], every)[0] - penalties @ beta[i],
        )
        for i in range(last - first)
    ]
    return np.array(fits)


People = list[tuple[Numbers, Integers]]


def _gradients(base: Pool, people: People, beta: Numbers) -> Numbers:
    """Gradients of the log likelihood, shape (programs, folds, columns), penalty left out."""
    folds = len(base.starts) - 1
    gradients = np.zeros((len(beta), folds, beta.shape[1]))
    for fold, rows in pieces(base):
        piece = base.design[rows]
        gradients[:, fold] -= logistic(piece @ beta.T).T @ piece
    for i, (mine, own_fold) in enumerate(people):
        missing = (1 - logistic(mine @ beta[i]))[:, None] * mine
        gradients[i] += [missing[own_fold == k].sum(axis=0) for k in range(folds)]
    return gradients


def _own_hessians(people: People, beta: Numbers, folds: int) -> Numbers:
    found = []
    for i, (mine, fold) in enumerate(people):
        chance = logistic(mine @ beta[i])
        weighted = mine * (chance * (1 - chance))[:, None]
        found.append([weighted[fold == k].T @ mine[fold == k] for k in range(folds)])
    return np.array(found)


def _pool_hessians(base: Pool, beta: Numbers, every: int) -> Numbers:
    """Pool's part of the Hessians, shape (programs, folds, columns, columns).

    One product of weights with all pairs of columns, in single precision, over one in ``every``
    pieces of the pool: a Newton step needs an exact gradient, and no more than a good Hessian.
    """
    count, width = beta.shape
    folds = len(base.starts) - 1
    upper = np.triu_indices(width)
    packed = np.zeros((count, folds, len(upper[0])))
    seen = np.zeros(folds)
    for place, (fold, rows) in enumerate(pieces(base)):
        if place % every and seen[fold]:
            continue
        small = base.design[rows].astype("float32")
        seen[fold] += len(small)
        chance = logistic(small @ beta.T.astype("float32"))
        chance *= 1 - chance
        packed[:, fold] += chance.T @ (small[:, upper[0]] * small[:, upper[1]])
    packed *= (np.diff(base.starts) / seen)[None, :, None]
    hessians = np.zeros((count, folds, width, width))
    hessians[:, :, upper[0], upper[1]] = packed
    hessians[:, :, upper[1], upper[0]] = packed
    return hessians


def _starting_points(
    base: Pool, X: Numbers, program: Integers, count: int, penalties: Numbers
) -> Numbers:
    """Discriminant functions: the pool's covariance and each program's means."""
    scatter = base.design.T @ base.design / len(base.design)
    sizes = np.bincount(program, minlength=count)
    means = np.array(
        [np.bincount(program, weights=column, minlength=count) / sizes for column in X.T]
    ).T
    centre = base.design.mean(axis=0)
    spread = scatter[1:, 1:] - np.outer(centre[1:], centre[1:])
    # a tilt of pull d lifts the mean by spread x d
    slopes = np.linalg.solve(spread + penalties[1:, 1:] / len(base.design), (means - centre).T[1:])
    inside = ((slopes.T @ spread) * slopes.T).sum(axis=1) / 2
    level = np.log(sizes / len(base.design)) - inside - slopes.T @ centre[1:]
    return np.column_stack([level, slopes.T])
