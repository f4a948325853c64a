"""Many programs against one pool: the same numbers as one at a time, and honest errors."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from analysis.effects.many_programs import many_program_effects
from analysis.effects.program_logits import folds_within
from analysis.errors import WorkbenchError

GROUPS = np.array(["x", "y", "z"])


def study(programs: int, each: int, pool: int, seed: int = 1, gap: float = 0.4):
    rng = np.random.default_rng(seed)
    names = list("abc")
    base = pd.DataFrame(rng.exponential(size=(pool, 3)), columns=names)
    people = pd.DataFrame(rng.exponential(size=(programs * each, 3)), columns=names)
    people["a"] *= 1 + gap * rng.random(programs).repeat(each)
    beta = np.array([1.0, -0.5, 0.3])
    y0 = base.to_numpy() @ beta + rng.normal(size=pool)
    truth = rng.normal(0.5, 0.2, programs)
    y1 = people.to_numpy() @ beta + truth.repeat(each) + rng.normal(size=len(people))
    labels = np.array([f"p{i:03d}" for i in range(programs)]).repeat(each)
    groups = GROUPS[rng.integers(0, 3, pool)], GROUPS[rng.integers(0, 3, len(people))]
    return base, y0, people, y1, labels, groups, truth


def test_equals_one_program_at_a_time():
    # without penalties the units of covariates do not matter, so scikit-learn needs no scaling
    base, y0, people, y1, labels, groups, _ = study(4, 300, 3_000)
    found = many_program_effects(
        base, y0, people, y1, labels, pool_group=groups[0], group=groups[1], seed=5,
        ridge=0.0, logit_penalty=0.0,
    )  # fmt: skip
    assert found.groups == ["all", "x", "y", "z"]
    pool_fold = np.random.default_rng([5, 1]).permutation(len(base)) % 5
    codes, sizes = pd.factorize(labels)[0], np.full(4, 300)
    fold = folds_within(codes, sizes, 5, 5)
    for i, name in enumerate(found.programs):
        mine = labels == name
        residual, gain = np.empty(len(base)), np.empty(mine.sum())
        odds = np.empty(len(base))
        for k in range(5):
            out, inside = pool_fold != k, pool_fold == k
            line = LinearRegression().fit(base[out], y0[out])
            residual[inside] = y0[inside] - line.predict(base[inside])
            here = fold[mine] == k
            gain[here] = y1[mine][here] - line.predict(people[mine][here])
            X = pd.concat([base[out], people[mine][~here]])
            t = np.r_[np.zeros(out.sum()), np.ones((~here).sum())]
            logit = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12, max_iter=500)
            e = logit.fit(X, t).predict_proba(base[inside])[:, 1]
            odds[inside] = e / (1 - e)
        for column, group in enumerate(found.groups):
            of_pool = groups[0] == group if column else np.ones(len(base), bool)
            of_mine = groups[1][mine] == group if column else np.ones(mine.sum(), bool)
            count = of_mine.sum()
            effect = (gain[of_mine].sum() - (odds * residual)[of_pool].sum()) / count
            squares = ((gain[of_mine] - effect) ** 2).sum() + (
                (odds * residual)[of_pool] ** 2
            ).sum()
            error = np.sqrt(squares * count / (count - 1)) / count
            assert found.n_treated[i, column] == count
            # one Newton step without a fold
            assert abs(found.estimates[i, column] - effect) < 1.5e-3 * error
            assert found.standard_errors[i, column] == pytest.approx(error, rel=2e-3)


def test_errors_are_honest_and_groups_add_up():
    base, y0, people, y1, labels, groups, truth = study(150, 80, 6_000, seed=3)
    told = []
    found = many_program_effects(
        base, y0, people, y1, labels, pool_group=groups[0], group=groups[1],
        report=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == [(50, 150), (100, 150), (150, 150)]
    off = (found.estimates - truth[:, None]) / found.standard_errors
    assert 0.9 < off[:, 0].std() < 1.15
    assert 0.9 < off[:, 1:].std() < 1.15
    # a program's effect is the mean of its groups' effects, each with its people
    weights = found.n_treated[:, 1:] / found.n_treated[:, :1]
    assert (weights * found.estimates[:, 1:]).sum(axis=1) == pytest.approx(found.estimates[:, 0])


def test_the_pools_noise_moves_programs_together():
    # the same programs against 60 pools: their estimates move as the shared covariance says
    drawn, told = [], []
    for seed in range(60):
        base, y0, *_ = study(6, 200, 800, seed=100 + seed)
        _, _, people, y1, labels, _, _ = study(6, 200, 800, seed=1)
        found = many_program_effects(base, y0, people, y1, labels, covariance=True)
        drawn.append(found.estimates[:, 0])
        told.append(found.shared_covariance)
    seen, stated = np.cov(np.array(drawn).T), np.mean(told, axis=0)
    off = ~np.eye(6, dtype=bool)
    assert seen[off].mean() == pytest.approx(stated[off].mean(), rel=0.35)
    assert stated[off].min() > 0


def test_few_people_and_other_columns_are_refused():
    base, y0, people, y1, labels, _, _ = study(3, 50, 500)
    keep = np.r_[0:3, 50:150]
    with pytest.raises(WorkbenchError, match="program p000: 3 participants for 5 folds"):
        many_program_effects(base, y0, people.iloc[keep], y1[keep], labels[keep])
    with pytest.raises(WorkbenchError, match="not those of the pool"):
        many_program_effects(base, y0, people.rename(columns={"a": "d"}), y1, labels)


def test_a_group_with_one_participant_has_no_estimate():
    base, y0, people, y1, labels, groups, _ = study(2, 60, 500)
    mine = np.where(np.arange(120) == 0, "x", "y")
    found = many_program_effects(base, y0, people, y1, labels, pool_group=groups[0], group=mine)
    assert found.n_treated[0].tolist() == [60, 1, 59, 0]
    assert np.isnan(found.estimates[0]).tolist() == [False, True, False, True]
