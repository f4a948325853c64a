"""The law of true values freed: reduces to the normal model, sees shapes, guards by the worst."""

import itertools

import numpy as np
import pytest
from scipy import integrate, special, stats

from analysis.tiers.free_shape import FreeShape, free_shape
from analysis.tiers.mixture_model import MixtureModel, fit_mixture_model
from analysis.tiers.normal_chance import normal_chance
from analysis.tiers.normal_model import NormalModel, fit_normal_model
from analysis.tiers.shape_grid import shapes
from analysis.tiers.truths import TRUTHS


def _data(programs: int, ratio: float, seed: int, truth: str) -> tuple[np.ndarray, ...]:
    generator = np.random.default_rng([seed, programs])
    theta = 0.5 + TRUTHS[truth](generator, (programs,))
    s = ratio * np.exp(0.5 * generator.normal(size=programs))
    return theta + s * generator.normal(size=programs), s, theta


def _freed(y: np.ndarray, s: np.ndarray, **options: float) -> FreeShape:
    found = free_shape(y, s, fit_normal_model(y, s), **options)
    assert isinstance(found, FreeShape)
    return found


def test_the_chance_of_each_law_is_that_of_a_slow_integral() -> None:
    """Three programs, two laws, spread and centre integrated by quadrature: an independent twin."""
    y, s = np.array([-0.4, 0.3, 2.5]), np.array([0.5, 0.8, 0.6])
    model = fit_mixture_model(y, s, tau_points=60, centre_points=41, rounds=2)
    normal = fit_normal_model(y, s)
    middle, low, high = normal.tau_interval(0.998)
    w = 1 / (s**2 + middle**2)
    reach = 4 * max(w.sum() ** -0.5, 0.3 * middle)
    centre = (w * y).sum() / w.sum()

    def evidence(law: np.ndarray) -> float:
        def density(c: float, tau: float) -> float:
            parts = [
                share * stats.norm.pdf(y, c + tau * place, np.sqrt(s**2 + tau**2 * variance))
                for share, place, variance in law
            ]
            return float(tau * np.prod(sum(parts)))

        ends = (0.5 * low + 1e-3 * middle, 1.5 * high)
        return float(integrate.dblquad(density, *ends, centre - reach, centre + reach)[0])

    ours = model.log_evidence[[0, 5]]
    slow = np.log([evidence(law) for law in shapes()[[0, 5]]])
    assert ours[1] - ours[0] == pytest.approx(slow[1] - slow[0], abs=0.02)


def test_no_law_is_freed_where_the_framework_or_the_data_do_not_allow_it() -> None:
    y, s, _ = _data(20, 1.0, 1, "normal")
    normal = fit_normal_model(y, s)
    assert free_shape(y, s, normal, law="normal") is normal
    few = fit_normal_model(y[:2], s[:2])
    assert isinstance(free_shape(y[:2], s[:2], few), NormalModel)
    np.testing.assert_array_equal(normal.guard_chance(0.0), normal.chance_at_or_below(0.0))


def test_the_guard_is_never_surer_than_the_average_and_looks_at_more_laws_the_wider_it_asks() -> (
    None
):
    y, s, _ = _data(60, 1.5, 2, "mixture")
    chances = [_freed(y, s, ruled_out_at=at).guard_chance(0.0) for at in (1.0001, 3.0, 20.0, 1e9)]
    for narrow, wide in itertools.pairwise(chances):
        assert (wide >= narrow - 1e-12).all()
    assert (chances[0] >= _freed(y, s).chance_at_or_below(0.0) - 1e-12).all()
    law = _freed(y, s).law
    best = int(np.argmax(law.log_evidence))
    z = stats.norm.cdf((0.0 - law.means) / law.deviations)
    of_best = (law.responsibility * z * law.within[:, None])[law.shape == best].sum(0)
    expected = np.maximum(of_best, law.chance_at_or_below(0.0))
    np.testing.assert_allclose(law.worst_chance_at_or_below(0.0, 1.0001), expected)


def test_with_much_data_the_shape_is_seen_and_the_chance_of_no_gain_is_right() -> None:
    y, s, theta = _data(2_000, 0.5, 3, "mixture")
    freed, normal = _freed(y, s), fit_normal_model(y, s)
    assert freed.law.normal_probability < 1e-6
    for low, high in ((0.1, 0.3), (0.3, 0.6)):
        said = freed.chance_at_or_below(0.0)
        inside = (said > low) & (said <= high)
        assert said[inside].mean() == pytest.approx((theta <= 0)[inside].mean(), abs=0.06)
    error = ((freed.mean - theta) ** 2).mean()
    assert error < ((normal.mean - theta) ** 2).mean()


def test_fields_shift_the_law_and_their_uncertainty_widens_it() -> None:
    y, s, _ = _data(90, 0.8, 4, "normal")
    field = np.arange(90) % 3
    moved = y + 4.0 * field
    model = fit_normal_model(moved, s, field.astype(str))
    freed = free_shape(moved, s, model)
    assert isinstance(freed, FreeShape)
    # where the normal law is right, the normal model's own posterior comes back
    np.testing.assert_allclose(freed.mean, model.mean, atol=0.25)
    np.testing.assert_allclose(freed.standard_deviation, model.standard_deviation, rtol=0.25)
    sure = fit_mixture_model(moved - model.field_mean, s, normal=model)
    unsure = fit_mixture_model(moved - model.field_mean, s, normal=model, centre_variance=0.25)
    assert (unsure.standard_deviation > sure.standard_deviation).all()


def test_shift_and_unit_move_nothing() -> None:
    y, s, _ = _data(40, 1.0, 5, "gamma")
    once, moved = _freed(y, s), _freed(1_000 * y + 70, 1_000 * s)
    np.testing.assert_allclose(once.guard_chance(0.2), moved.guard_chance(270.0), atol=1e-8)
    assert isinstance(once.law, MixtureModel)
    np.testing.assert_allclose(once.law.weights.sum(0), 1)


def test_chances_of_four_bytes_are_those_of_eight() -> None:
    z = np.append(np.linspace(-12, 12, 100_001), [-np.inf, np.inf, 0.0])
    fast = normal_chance(z.astype(np.float32))
    assert fast.dtype == np.float32
    np.testing.assert_allclose(fast, stats.norm.cdf(z), atol=3e-7)
    np.testing.assert_array_equal(normal_chance(z), special.ndtr(z))
    np.testing.assert_array_equal(normal_chance(z[:12].reshape(3, 4)).shape, (3, 4))


@pytest.mark.parametrize("truth", ["normal", "mixture", "gamma"])
@pytest.mark.parametrize("unit", [1.0, 8_000.0])
def test_a_fit_of_four_bytes_says_what_one_of_eight_says(truth: str, unit: float) -> None:
    for programs, ratio in ((30, 2.0), (300, 0.5)):
        y, s, _ = _data(programs, ratio, 9, truth)
        exact, fast = (_freed(unit * y, unit * s, single=single) for single in (False, True))
        for cut in (0.0, 1.25 * unit):
            np.testing.assert_allclose(
                fast.chance_above(cut), exact.chance_above(cut), rtol=0, atol=1e-3
            )
        np.testing.assert_allclose(
            fast.guard_chance(0.0), exact.guard_chance(0.0), rtol=0, atol=1e-3
        )
