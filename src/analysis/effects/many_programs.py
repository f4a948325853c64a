"""Effects of many programs against one shared pool, by group, in a few passes over the pool.

What depends on the pool alone (regressions of the outcome without each fold, residuals) is
computed once; logits of all programs are fitted together, a block of programs at a time. Blocks
are independent, so a dask cluster may share them (`analysis.spread`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.effects.cross_fit import checked_matrix, means_and_scales
from analysis.effects.folds import Integers
from analysis.effects.program_logits import (
    Participants,
    Pool,
    participants_by_program,
    pieces,
    pool_without_folds,
    program_logits,
)
from analysis.effects.samples import (
    Column,
    Labels,
    Numbers,
    numbers,
    refuse_misaligned,
    refuse_missing,
)
from analysis.errors import WorkbenchError
from analysis.spread import spread

_PROGRAMS = 50


@dataclass(frozen=True)
class ProgramEffects:
    """Effects on the treated of many programs, for everyone and by group.

    Attributes
    ----------
    programs, groups : list of str
        Names of the rows and columns; the first group is 'all'.
    estimates, standard_errors : array of shape (programs, groups)
        Missing where a program has fewer than two participants of a group.
    n_treated : int array of shape (programs, groups)
    shared_covariance : array of shape (programs, programs) or None
        Covariance of the effects on everyone that comes from the shared pool: what makes all
        programs look better or worse together. Ranking is safe from it; "all are above zero"
        is not. Add the participants' own variances on the diagonal to get the whole.
    """

    programs: list[str]
    groups: list[str]
    estimates: Numbers
    standard_errors: Numbers
    n_treated: npt.NDArray[np.int64]
    shared_covariance: Numbers | None


def many_program_effects(
    pool: pd.DataFrame,
    pool_outcome: Column,
    participants: pd.DataFrame,
    outcome: Column,
    program: Labels,
    *,
    pool_group: Labels | None = None,
    group: Labels | None = None,
    folds: int = 5,
    seed: int = 0,
    ridge: float = 1.0,
    logit_penalty: float = 1.0,
    covariance: bool = False,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> ProgramEffects:
    """Cross-fitted AIPW effect on the participants of every program against one pool.

    The effect in a group is the mean of y - m0(x) over its participants, less the pool's
    residuals of that group weighted with the odds of being in the program. m0 is a ridge
    regression in the pool and the odds come from a logit of each program against the pool, both
    without the person's own fold. The logit without a fold is one Newton step from the whole
    sample's: .0015 standard errors from the exact one.

    Parameters
    ----------
    pool, participants : DataFrame of shape (N, k) and (n, k)
        Covariates, the same columns in the same order.
    pool_outcome, outcome : array of shape (N,) and (n,)
    program : array of shape (n,)
        Program of each participant.
    pool_group, group : array of shape (N,) and (n,), optional
        Disjoint groups.
    folds, seed, ridge, logit_penalty
        As in `aipw_scores`; covariates are standardised over the pool.
    covariance : bool
        Also compute ``shared_covariance``; it takes about as long as all the rest.
    report : callable
        Told how many programs are done, of how many.

    Returns
    -------
    ProgramEffects

    Raises
    ------
    WorkbenchError
        For columns that differ, unusable values, or a program with fewer people than folds.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> pool = pd.DataFrame({"x": rng.normal(size=2000)})
    >>> people = pd.DataFrame({"x": rng.normal(size=200) - 0.5})
    >>> found = many_program_effects(
    ...     pool, 3 * pool["x"] + rng.normal(size=2000), people,
    ...     3 * people["x"] + 1 + rng.normal(size=200), np.repeat(["a", "b"], 100))
    >>> found.programs, bool((abs(found.estimates[:, 0] - 1) < 0.4).all())
    (['a', 'b'], True)
    """
    refuse_misaligned(pool=pool, pool_outcome=pool_outcome, pool_group=pool_group)
    refuse_misaligned(participants=participants, outcome=outcome, program=program, group=group)
    _refuse_other_covariates(pool, participants)
    refuse_missing(program, "program")
    program_code, programs = pd.factorize(np.asarray(program), sort=True)
    both_groups, names = _group_codes(pool_group, group, len(pool), len(participants))
    raw = checked_matrix(pool)
    means, scales = means_and_scales(raw)
    base = pool_without_folds(
        raw, means, scales, numbers(pool_outcome, "pool_outcome"), both_groups[0],
        folds, seed, ridge,
    )  # fmt: skip
    _refuse_few_participants(program_code, programs, folds)
    own = participants_by_program(
        checked_matrix(participants), means, scales, numbers(outcome, "outcome"), both_groups[1],
        program_code, folds, seed,
    )  # fmt: skip
    fits, estimates, errors, treated = _in_blocks(
        (base, own, logit_penalty, len(names)), len(programs), report
    )
    shared = _shared_covariance(base, fits, np.diff(own.starts)) if covariance else None
    return ProgramEffects(
        [str(one) for one in programs], names, estimates, errors, treated.astype("int64"), shared
    )


def _refuse_other_covariates(pool: pd.DataFrame, participants: pd.DataFrame) -> None:
    if list(pool.columns) != list(participants.columns):
        raise WorkbenchError(
            "participants: their covariates are not those of the pool",
            "Give the same columns in the same order.",
        )


def _refuse_few_participants(program: Integers, names: pd.Index, folds: int) -> None:
    sizes = np.bincount(program)
    if sizes.min() < folds:
        raise WorkbenchError(
            f"program {names[sizes.argmin()]}: {sizes.min()} participants for {folds} folds",
            "Leave out programs with so few people, or take fewer folds.",
        )


Shared = tuple[Pool, Participants, float, int]
Block = tuple[Numbers, Numbers, Numbers, Numbers]


def _in_blocks(shared: Shared, programs: int, report: Callable[[int, int], None]) -> Block:
    """What `_block` gives, for all programs."""
    blocks = [(i, min(i + _PROGRAMS, programs)) for i in range(0, programs, _PROGRAMS)]
    parts = []
    for part in spread(_block, shared, blocks):
        parts.append(part)
        report(min(len(parts) * _PROGRAMS, programs), programs)
    fits, estimates, errors, treated = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return fits, estimates, errors, treated


def _block(shared: Shared, block: tuple[int, int]) -> Block:
    """Coefficients, estimates, standard errors and participants of a block of programs."""
    base, own, logit_penalty, columns = shared
    fits = program_logits(base, own, *block, logit_penalty)
    return fits, *_effects(base, own, fits, block[0], columns)


def _group_codes(
    pool_group: Labels | None, group: Labels | None, pool: int, people: int
) -> tuple[tuple[Integers, Integers], list[str]]:
    if pool_group is None or group is None:
        return (np.zeros(pool, dtype="int64"), np.zeros(people, dtype="int64")), ["all"]
    for values, name in ((pool_group, "pool_group"), (group, "group")):
        refuse_missing(values, name)
    both = np.concatenate([np.asarray(pool_group), np.asarray(group)])
    codes, names = pd.factorize(both, sort=True)
    return (codes[:pool], codes[pool:]), ["all", *(str(name) for name in names)]


def _effects(
    base: Pool, own: Participants, fits: Numbers, first: int, columns: int
) -> tuple[Numbers, Numbers, Numbers]:
    """Estimates, standard errors and participants, each of shape (programs, 1 + groups)."""
    count, groups = len(fits), max(columns - 1, 1)
    sums, squares = np.zeros((count, groups)), np.zeros((count, groups))
    for fold, rows in pieces(base):
        pull = np.exp(base.design[rows] @ fits[:, fold].T) * base.residual[rows, None]
        member = np.zeros((pull.shape[0], groups))
        member[np.arange(pull.shape[0]), base.group[rows]] = 1.0
        sums += pull.T @ member
        squares += (pull**2).T @ member
    rows_ = slice(int(own.starts[first]), int(own.starts[first + count]))
    gain = own.outcome[rows_] - np.einsum(
        "ij,ij->i", own.design(rows_), base.outcome_fits[own.fold[rows_]]
    )
    cell = (own.program[rows_] - first) * groups + own.group[rows_]
    shape = (count, groups)
    people, gains, gain_squares = (
        np.bincount(cell, weights=w, minlength=count * groups).reshape(shape).astype("float64")
        for w in (np.ones(len(cell)), gain, gain**2)
    )
    treated = _with_total(people, columns)
    with np.errstate(invalid="ignore", divide="ignore"):
        estimates = (_with_total(gains, columns) - _with_total(sums, columns)) / treated
        spread = (
            _with_total(gain_squares, columns)
            - 2 * estimates * _with_total(gains, columns)
            + treated * estimates**2
            + _with_total(squares, columns)
        )
        errors = np.sqrt(spread * treated / (treated - 1)) / treated
    few = treated < 2
    return np.where(few, np.nan, estimates), np.where(few, np.nan, errors), treated


def _with_total(values: Numbers, columns: int) -> Numbers:
    total = values.sum(axis=1, keepdims=True)
    return total if columns == 1 else np.column_stack([total, values])


def _shared_covariance(base: Pool, fits: Numbers, sizes: Integers) -> Numbers:
    """Products of the pool's weighted residuals over all pairs of programs."""
    total = np.zeros((len(fits), len(fits)), dtype="float64")
    for fold, rows in pieces(base):
        pull = np.exp(base.design[rows] @ fits[:, fold].T) * base.residual[rows, None]
        single = pull.astype("float32")
        total += single.T @ single
    return total / np.outer(sizes, sizes)
