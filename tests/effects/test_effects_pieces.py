"""How many rows or programs are worked on at once changes no result, nor does a pilot sample."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.effects import cross_fit, many_programs, program_logits
from analysis.effects.aipw import _median, aipw_scores
from analysis.effects.folds import splits_from_folds
from analysis.effects.many_programs import ProgramEffects, many_program_effects


@pytest.fixture
def people() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n = 203
    x, z = rng.normal(3.0, 2.0, n), rng.gamma(2.0, size=n) * np.linspace(1, 3, n)
    treated = rng.random(n) < 1 / (1 + np.exp(0.5 - 0.4 * x + 0.2 * z))
    return pd.DataFrame({"x": x, "z": z, "treated": treated * 1, "y": x + z + rng.normal(size=n)})


def test_rows_at_once_change_no_score(
    people: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> list[np.ndarray]:
        one = aipw_scores(
            people["y"], people["treated"], people[["x", "z"]], fold=np.arange(203) % 3
        )
        return [one.treated, one.control, one.propensity, one.split_estimates]

    whole = found()
    monkeypatch.setattr(cross_fit, "_ROWS", 7)
    for one, other in zip(whole, found(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9)
    monkeypatch.setattr(cross_fit, "_PILOT", 40)
    for one, other in zip(whole, found(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-7)


def test_every_row_is_in_one_piece_of_its_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_fit, "_ROWS", 4)
    flags = np.array([1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0], dtype=bool)
    fold = np.array([0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0])
    outcome = np.arange(11.0)
    people = cross_fit.ordered_people(
        pd.DataFrame({"x": outcome}), outcome, flags, splits_from_folds(fold)
    )
    assert people.order.tolist() == [0, 4, 6, 7, 8, 9, 1, 10, 3, 2, 5]
    assert people.starts.tolist() == [0, 6, 8, 9, 11]
    assert [(block, rows.start, rows.stop) for block, rows in people.pieces()] == [
        (0, 0, 4),
        (0, 4, 8),
        (1, 8, 11),
    ]
    assert [(block, arm, rows.start, rows.stop) for block, arm, rows in people.arm_pieces()] == [
        (0, 1, 0, 4),
        (0, 1, 4, 6),
        (0, 0, 6, 8),
        (1, 1, 8, 9),
        (1, 0, 9, 11),
    ]


def test_means_and_spreads_are_numpys_at_any_size_of_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matrix = np.random.default_rng(2).gamma(1.0, size=(50, 3)) + np.array([0.0, 1e6, -3.0])
    matrix = np.column_stack([matrix, np.full(50, 0.1), np.full(50, -1e9)])
    for rows in (7, 50, 64):
        monkeypatch.setattr(cross_fit, "_ROWS", rows)
        means, scales = cross_fit.means_and_scales(matrix)
        np.testing.assert_allclose(means, matrix.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(scales[:3], 1 / matrix[:, :3].std(axis=0), rtol=1e-7)
        assert scales[3:].tolist() == [0.0, 0.0]


@pytest.fixture
def programs() -> Callable[..., ProgramEffects]:
    rng = np.random.default_rng(9)
    pool = pd.DataFrame(rng.normal(size=(300, 2)), columns=["x", "z"])
    people = pd.DataFrame(rng.normal(0.3, 1, size=(70, 2)), columns=["x", "z"])
    after, own = pool["x"] + rng.normal(size=300), people["x"] + 1 + rng.normal(size=70)

    def found(**more: object) -> ProgramEffects:
        return many_program_effects(
            pool, after, people, own, np.repeat(list("abcde"), 14), folds=3, covariance=True,
            pool_group=np.arange(300) % 2, group=np.arange(70) % 2, **more,  # type: ignore[arg-type]
        )  # fmt: skip

    return found


def test_programs_and_rows_at_once_change_no_effect(
    programs: Callable[..., ProgramEffects], monkeypatch: pytest.MonkeyPatch
) -> None:
    # otherwise the search ends a thousandth of a spread off, wherever it came from
    monkeypatch.setattr(program_logits, "_CLOSE", 1e-9)
    monkeypatch.setattr(program_logits, "_KEEP_BELOW", 0.0)
    whole = programs()
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(many_programs, "_PROGRAMS", 2)
    monkeypatch.setattr(program_logits, "_ROWS", 17)
    monkeypatch.setattr(cross_fit, "_ROWS", 11)
    parts = programs(report=lambda done, total: told.append((done, total)))
    assert told == [(2, 5), (4, 5), (5, 5)]
    assert parts.programs == whole.programs == list("abcde")
    np.testing.assert_allclose(parts.estimates, whole.estimates, rtol=1e-6)
    np.testing.assert_allclose(parts.standard_errors, whole.standard_errors, rtol=1e-6)
    np.testing.assert_allclose(parts.shared_covariance, whole.shared_covariance, rtol=1e-5)
    assert parts.n_treated.tolist() == whole.n_treated.tolist() == [[14, 7, 7]] * 5


@pytest.mark.parametrize("count", range(1, 8))
def test_medians_over_repetitions_are_numpys(count: int) -> None:
    values = np.random.default_rng(count).normal(size=(count, 40))
    assert _median(values).tolist() == np.median(values, axis=0).tolist()
    assert _median(list(values)).tolist() == np.median(values, axis=0).tolist()
