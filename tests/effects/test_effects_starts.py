"""Where the searches for coefficients begin: each start is what it is said to be."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from analysis.effects import cross_fit, program_logits
from analysis.effects.cross_fit import (
    OrderedPeople,
    _left_out_gradients,
    _logit_fits,
    _logit_sums,
    _near_optimum,
    ordered_people,
    penalty_matrix,
)
from analysis.effects.entropy_balancing import entropy_weights
from analysis.effects.folds import repeated_splits, splits_from_folds
from analysis.effects.program_logits import (
    Pool,
    _gradients,
    _own_hessians,
    _pool_hessians,
    _starting_points,
    folds_within,
    pieces,
)


@pytest.fixture
def people() -> OrderedPeople:
    rng = np.random.default_rng(12)
    x = pd.DataFrame(rng.normal(size=(240, 2)), columns=["x", "z"])
    flags = rng.random(240) < 1 / (1 + np.exp(0.5 - x["x"].to_numpy() + 0.7 * x["z"].to_numpy()))
    return ordered_people(x, rng.normal(size=240), flags, splits_from_folds(np.arange(240) % 4))


def _optimum(design: np.ndarray, flags: np.ndarray, penalty: float) -> np.ndarray:
    fit = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-12, max_iter=500)
    fit.fit(design[:, 1:], flags)
    return np.r_[fit.intercept_, fit.coef_.ravel()]


def test_the_logit_of_a_small_sample_starts_at_its_optimum(
    people: OrderedPeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = _optimum(people.design, people.flags, 3.0)
    np.testing.assert_allclose(_near_optimum(people, penalty_matrix(3, 3.0)), best, atol=1e-7)
    monkeypatch.setattr(cross_fit, "_PILOT", 240)
    np.testing.assert_allclose(_near_optimum(people, penalty_matrix(3, 3.0)), best, atol=1e-7)
    # of a pilot of eighty people with one step of everyone
    monkeypatch.setattr(cross_fit, "_PILOT", 80)
    pilot = _optimum(people.design[::3], people.flags[::3], 3.0)
    penalties = penalty_matrix(3, 3.0)
    gradients, hessians = _logit_sums(people, pilot)
    step = np.linalg.solve(
        hessians.sum(axis=0) + penalties, gradients.sum(axis=0) - penalties @ pilot
    )
    np.testing.assert_allclose(_near_optimum(people, penalties), pilot + step, atol=1e-7)
    assert np.abs(pilot + step - best).max() < np.abs(pilot - best).max() / 4


def test_arms_that_hardly_overlap_have_an_optimum_too() -> None:
    rng = np.random.default_rng(2)
    flags = np.arange(60) % 2 == 0
    x = pd.DataFrame({"x": np.where(flags, 4.0, -4.0) + rng.normal(size=60)})
    apart = ordered_people(x, np.zeros(60), flags, splits_from_folds(np.arange(60) % 3))
    best = _optimum(apart.design, apart.flags, 0.01)
    assert best[1] > 5
    np.testing.assert_allclose(_near_optimum(apart, penalty_matrix(2, 0.01)), best, rtol=1e-5)


def test_logits_without_a_fold_are_sklearns(people: OrderedPeople) -> None:
    fits = _logit_fits(people, 2.0)
    assert fits.shape == (1, 4, 3)
    fold = people.splits.fold()[people.order]
    for one in range(4):
        out = fold != one
        best = _optimum(people.design[out], people.flags[out], 2.0)
        np.testing.assert_allclose(fits[0, one], best, atol=1e-7)
        chance = 1 / (1 + np.exp(-people.design[out] @ fits[0, one]))
        gradient = (people.flags[out] - chance) @ people.design[out]
        np.testing.assert_allclose(_left_out_gradients(people, fits)[0, one], gradient, atol=1e-9)


def test_one_repetition_is_dealt_person_by_person_and_several_by_blocks() -> None:
    flags = np.arange(900) % 3 == 0
    (one,) = repeated_splits(flags, folds=5, repetitions=1, seed=2)
    assert one.fold_of_block.tolist() == [[0, 1, 2, 3, 4]]
    (two,) = repeated_splits(flags, folds=5, repetitions=2, seed=2)
    assert two.fold_of_block.shape == (2, 50)
    assert np.bincount(two.block).tolist() == [18] * 50
    assert np.bincount(two.fold_of_block[1]).tolist() == [10] * 5


@pytest.fixture
def pool() -> Pool:
    rng = np.random.default_rng(3)
    design = np.column_stack([np.ones(50), rng.normal(size=(50, 2))])
    none = np.zeros(50, dtype="int64")
    fold = np.repeat([0, 1, 2], [15, 20, 15])
    return Pool(design, fold, np.zeros(50), none, np.zeros((3, 3)), np.array([0, 15, 35, 50]))


def test_curvature_of_the_pool_row_by_row(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_logits, "_ROWS", 6)
    assert [(k, rows.start, rows.stop) for k, rows in pieces(pool)] == [
        (0, 0, 6), (0, 6, 12), (0, 12, 15), (1, 15, 21), (1, 21, 27), (1, 27, 33), (1, 33, 35),
        (2, 35, 41), (2, 41, 47), (2, 47, 50),
    ]  # fmt: skip
    beta = np.array([[-0.5, 0.3, 0.2], [0.1, -1.0, 0.4]])

    def curvature(rows: list[int], program: int) -> np.ndarray:
        total = np.zeros((3, 3))
        for row in pool.design[rows]:
            chance = 1 / (1 + np.exp(-row @ beta[program]))
            total += chance * (1 - chance) * np.outer(row, row)
        return total

    whole = _pool_hessians(pool, beta, 1)
    some = _pool_hessians(pool, beta, 4)
    # every fourth piece, and the first of each fold, stand for their fold
    kept = [list(range(6)), list(range(15, 27)), list(range(35, 47))]
    for program in (0, 1):
        for k in range(3):
            inside = np.flatnonzero(pool.fold == k).tolist()
            np.testing.assert_allclose(whole[program, k], curvature(inside, program), rtol=1e-5)
            np.testing.assert_allclose(
                some[program, k],
                curvature(kept[k], program) * len(inside) / len(kept[k]),
                rtol=1e-5,
            )


def test_slopes_and_curvature_of_programs_person_by_person(pool: Pool) -> None:
    rng = np.random.default_rng(6)
    beta = np.array([[-0.5, 0.3, 0.2], [0.1, -1.0, 0.4]])
    own = [
        (np.column_stack([np.ones(7), rng.normal(size=(7, 2))]), np.arange(7) % 3),
        (np.column_stack([np.ones(5), rng.normal(size=(5, 2))]), np.arange(5) % 3),
    ]
    gradients, hessians = _gradients(pool, own, beta), _own_hessians(own, beta, 3)
    for i, (mine, fold) in enumerate(own):
        for k in range(3):
            slope, curve = np.zeros(3), np.zeros((3, 3))
            for row in pool.design[pool.fold == k]:
                slope -= row / (1 + np.exp(-row @ beta[i]))
            for row in mine[fold == k]:
                chance = 1 / (1 + np.exp(-row @ beta[i]))
                slope += (1 - chance) * row
                curve += chance * (1 - chance) * np.outer(row, row)
            np.testing.assert_allclose(gradients[i, k], slope)
            np.testing.assert_allclose(hessians[i, k], curve)


def test_each_program_fills_its_first_folds_first() -> None:
    program = np.repeat([0, 1, 2], [3, 5, 6])
    fold = folds_within(program, np.array([3, 5, 6]), 4, 7)
    counts = [np.bincount(fold[program == one], minlength=4).tolist() for one in range(3)]
    assert counts == [[1, 1, 1, 0], [2, 1, 1, 1], [2, 2, 1, 1]]


def test_programs_start_at_fishers_discriminant(pool: Pool) -> None:
    rng = np.random.default_rng(1)
    program = np.array([0, 1, 0, 0, 1])
    X = np.column_stack([np.ones(5), rng.normal(1, 1, size=(5, 2))])
    start = _starting_points(pool, X, program, 2, penalty_matrix(3, 5.0))
    base = pool.design[:, 1:]
    spread = np.cov(base.T, bias=True)
    for i in (0, 1):
        mine = X[program == i][:, 1:]
        slope = np.linalg.solve(
            spread + np.eye(2) * 5.0 / 50, mine.mean(axis=0) - base.mean(axis=0)
        )
        level = np.log(len(mine) / 50) - slope @ spread @ slope / 2 - slope @ base.mean(axis=0)
        np.testing.assert_allclose(start[i], [level, *slope])


def test_weights_are_found_where_a_whole_step_overshoots() -> None:
    x = np.r_[np.full(3, 30.0), np.arange(40.0), 45.0, 60.0]
    treated = np.r_[np.full(3, 1), np.full(42, 0)]
    for target in (2.0, 38.0, 50.0, 59.0):
        before = pd.DataFrame({"x": np.r_[np.full(3, target), x[3:]]})
        weights = entropy_weights(treated, before)
        assert weights @ before["x"] == pytest.approx(target, abs=1e-5)
        assert weights.sum() == pytest.approx(1.0)
        # the logarithm of the weights is a straight line
        lines = np.log(weights[3:])
        slopes = np.diff(lines) / np.diff(x[3:])
        np.testing.assert_allclose(slopes, slopes[0], rtol=1e-4)
