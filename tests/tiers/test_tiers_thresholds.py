"""Calibrated guards, the fast many-data-set fit behind them, and cut-offs under resampling."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.errors import WorkbenchError
from analysis.tiers.free_shape import free_shape
from analysis.tiers.labels import least_loss_tier, tier_probabilities, true_tier
from analysis.tiers.many_fits import chances_above
from analysis.tiers.normal_model import NormalModel, fit_normal_model
from analysis.tiers.simulated_truths import Simulated
from analysis.tiers.threshold_bootstrap import posterior_mean_cut, threshold_interval
from analysis.tiers.thresholds import Calibration, calibrate_guard, choose_guard
from analysis.tiers.truths import TRUTHS

CUTS = [0.0, 0.5, 1.25]
GUARDS = [0.01, 0.02, 0.05, 0.10, 0.20, 0.50]


def _data(programs: int, ratio: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng([seed, programs])
    s = ratio * np.exp(0.5 * generator.normal(size=programs))
    return 0.5 + generator.normal(size=programs) + s * generator.normal(size=programs), s


def _calibrated(model: NormalModel, s: np.ndarray, **options: object) -> Calibration:
    settings = {"cuts": CUTS, "benchmark": 0.0, "alpha": 0.05, "candidates": GUARDS, "seed": 1}
    return calibrate_guard(s, model, **{**settings, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", list(TRUTHS))
def test_each_truth_has_mean_0_and_variance_1(name: str) -> None:
    value = TRUTHS[name](np.random.default_rng(1), (400_000,))
    assert value.mean() == pytest.approx(0.0, abs=0.005)
    assert value.var() == pytest.approx(1.0, abs=0.015)


@pytest.mark.parametrize("with_fields", [False, True])
def test_the_fast_fit_agrees_with_the_exact_one(with_fields: bool) -> None:
    names = np.arange(60) % 7
    for seed in range(5):
        y, s = _data(60, 1.0, seed)
        field = names.astype(str) if with_fields else None
        exact = fit_normal_model(y, s, field)
        fast = chances_above(
            np.vstack([y, y + 3]), s, exact.field_codes, [0.0, 1.25], tau_prior="proportional"
        )
        # with fields the law of a field's mean is replaced by a normal
        tolerance = 0.01 if with_fields else 2e-4
        for column, cut in enumerate((0.0, 1.25)):
            np.testing.assert_allclose(fast[0, :, column], exact.chance_above(cut), atol=tolerance)
            np.testing.assert_allclose(
                fast[1, :, column], exact.chance_above(cut - 3), atol=tolerance
            )


@pytest.fixture(scope="module")
def noisy() -> tuple[NormalModel, np.ndarray, Calibration]:
    y, s = _data(60, 2.0, 4)
    model = fit_normal_model(y, s)
    return model, s, _calibrated(model, s, draws=200)


def test_the_chosen_guard_is_the_largest_that_keeps_the_promise_in_the_worst_truth(
    noisy: tuple[NormalModel, np.ndarray, Calibration],
) -> None:
    _, _, found = noisy
    worst = found.table.groupby("guard")["false_share"].max()
    assert found.guard in GUARDS
    assert worst[found.guard] <= 0.05
    # no guard wider than alpha is ever chosen, however well it does in simulation
    assert (worst[[guard for guard in GUARDS if found.guard < guard <= 0.05]] > 0.05).all()
    assert f"at most {found.guard:g} " in found.statement
    assert len(found.table) == len(GUARDS) * 3


def test_a_wider_guard_lets_more_and_worse_through(
    noisy: tuple[NormalModel, np.ndarray, Calibration],
) -> None:
    for _, part in noisy[2].table.groupby("truth"):
        assert part["guard"].is_monotonic_increasing
        for column in ("top_share", "found", "predicted_share"):
            assert part[column].is_monotonic_increasing
        assert part["empty_share"].is_monotonic_decreasing
        assert part["false_share"].iloc[-1] > part["false_share"].iloc[0]


def test_realised_shares_equal_a_slow_simulation_with_fresh_seeds(
    noisy: tuple[NormalModel, np.ndarray, Calibration],
) -> None:
    """Spread and mean drawn from their posterior, the law freed, the worst law guarding."""
    model, s, found = noisy
    rows = []
    for draw in range(300):
        generator = np.random.default_rng([77, draw])
        tau = generator.choice(model.tau, p=model.weights)
        centre = model.field_mean[0] + np.sqrt(model.field_variance[0]) * generator.normal()
        theta = centre + tau * TRUTHS["gamma"](generator, (60,))
        y = theta + s * generator.normal(size=60)
        fitted = free_shape(y, s, fit_normal_model(y, s))
        allowed = fitted.guard_chance(0.0) <= 0.20
        tier = least_loss_tier(tier_probabilities(fitted, CUTS), 1.0, allowed)
        off = np.abs(tier - true_tier(theta, CUTS))
        top = tier == 0
        rows.append(((top & (theta <= 0)).sum(), top.sum(), off.mean()))
    slow = pd.DataFrame(rows, columns=["false", "top", "steps"])
    share = slow["false"].sum() / slow["top"].sum()
    error = np.sqrt(((slow["false"] - share * slow["top"]) ** 2).sum()) / slow["top"].sum()
    fast = found.table.set_index(["guard", "truth"]).loc[(0.20, "gamma")]
    assert fast["false_share"] == pytest.approx(
        share, abs=2.5 * float(np.hypot(error, fast["standard_error"]))
    )
    assert fast["steps_off"] == pytest.approx(
        slow["steps"].mean(), abs=2.5 * slow["steps"].std() * np.sqrt(1 / 300 + 1 / 200)
    )


def test_simulated_truths_have_the_fitted_mean_and_spread() -> None:
    """Without noise every program lands in its true tier, so the top has its normal share."""
    y, _ = _data(400, 0.0, 3)
    s = np.full(400, 0.01)
    model = fit_normal_model(y, s)
    table = _calibrated(model, s, truths=["normal"], draws=150).table
    expected = stats.norm.sf((1.25 - model.field_mean[0]) / model.tau_interval()[0])
    assert table["top_share"].iloc[-1] == pytest.approx(expected, abs=0.006)
    assert table["steps_off"].max() < 0.02
    assert table["false_share"].max() == 0.0


def test_no_guard_good_enough_closes_the_top_tier_and_says_so() -> None:
    """Ten programs said to be sure, by hand; the guard sees .01, and one in ten is false."""
    theta = np.full((4, 10), 2.0, np.float32)
    theta[:, 0] = -1.0
    sure = np.full((4, 10), 0.01, np.float32)
    above = np.stack([1 - sure] * 3, axis=2)
    sets = Simulated(theta, above, sure, sure, (0.0, 0.5, 1.25), 0.0)
    found = choose_guard({"by hand": sets}, alpha=0.05, candidates=[0.01, 0.2])
    assert found.guard is None
    assert found.table["false_share"].tolist() == pytest.approx([0.1] * 3)
    assert "No guard among 0.01, 0.05 keeps" in found.statement
    assert "The top tier is closed" in found.statement
    kept = choose_guard({"by hand": sets}, alpha=0.11, candidates=[0.01, 0.2])
    assert kept.guard == 0.11
    y, s = _data(60, 2.0, 4)
    hopeless = _calibrated(fit_normal_model(y - 50, s), s, draws=10)
    assert hopeless.guard is None
    assert "no simulated program reached the top tier" in hopeless.statement
    assert hopeless.table["false_share"].isna().all()


def test_seeds_repeat_and_a_truth_alone_is_the_same_as_among_others() -> None:
    y, s = _data(40, 1.0, 6)
    model = fit_normal_model(y, s, (np.arange(40) % 5).astype(str))
    seen: list[tuple[int, int]] = []
    one = _calibrated(model, s, draws=30, progress=lambda done, total: seen.append((done, total)))
    again = _calibrated(model, s, draws=30)
    alone = _calibrated(model, s, draws=30, truths=["gamma"])
    pd.testing.assert_frame_equal(one.table, again.table)
    gamma = one.table[one.table["truth"] == "gamma"].reset_index(drop=True)
    pd.testing.assert_frame_equal(gamma, alone.table)
    assert seen[-1] == (90, 90)


def test_what_cannot_be_calibrated_is_refused() -> None:
    y, s = _data(20, 1.0, 6)
    model = fit_normal_model(y, s)
    with pytest.raises(WorkbenchError, match="19 standard errors for a model of 20"):
        _calibrated(model, s[1:])
    with pytest.raises(WorkbenchError, match="cauchy"):
        _calibrated(model, s, truths=["cauchy"])
    with pytest.raises(WorkbenchError, match="candidates"):
        _calibrated(model, s, candidates=[])


def test_the_cut_holds_the_share_it_is_made_for() -> None:
    y, s = _data(300, 1.0, 2)
    model = fit_normal_model(y, s)
    cut = posterior_mean_cut(model, 0.0, 0.05)
    none = model.chance_at_or_below(0.0)
    kept = none[model.mean >= cut].mean()
    below = np.sort(model.mean[model.mean < cut])[-1]
    assert kept <= 0.05 < none[model.mean >= below].mean()
    assert np.isnan(posterior_mean_cut(model, 50.0, 0.05))
    assert posterior_mean_cut(model, -50.0, 0.05) == model.mean.min()


def test_copies_of_all_programs_move_no_cut() -> None:
    """More of the same programs are surer of the spread, and no threshold lies elsewhere."""
    generator = np.random.default_rng(12)
    s = np.exp(0.4 * generator.normal(size=300))
    y = 0.5 + 1.5 * generator.normal(size=300) + s * generator.normal(size=300)
    once = posterior_mean_cut(fit_normal_model(y, s), 0.0, 0.05)
    twice = posterior_mean_cut(fit_normal_model(np.tile(y, 2), np.tile(s, 2)), 0.0, 0.05)
    assert once > 0
    # a hundredth of the spread between programs
    assert twice == pytest.approx(once, abs=0.015)


def test_bootstrap_spread_of_the_cut_matches_its_true_spread_and_shrinks_with_programs() -> None:
    """Measured: true spread .10 at 60 programs and .03 at 500, bootstrap .14 and .04."""
    for programs, true, wide in ((60, 0.10, 0.14), (500, 0.03, 0.04)):
        cuts, spreads = [], []
        for seed in range(60):
            y, s = _data(programs, 1.0, 100 + seed)
            model = fit_normal_model(y, s, tau_prior="flat", grid_size=20, rounds=2)
            cuts.append(posterior_mean_cut(model, 0.0, 0.05))
            if seed < 8:
                found = threshold_interval(
                    y, s, benchmark=0.0, expected_share=0.05, tau_prior="flat", draws=50, seed=seed
                )
                assert found.low < found.cut < found.high
                spreads.append(found.standard_deviation)
        assert np.std(cuts) == pytest.approx(true, rel=0.2)
        assert np.mean(spreads) == pytest.approx(wide, rel=0.2)


def test_whole_providers_are_resampled() -> None:
    """Copies of one program under one provider add no information."""
    y, s = _data(40, 1.0, 9)
    options = {"benchmark": 0.0, "expected_share": 0.05, "draws": 60, "seed": 2}
    copies, errors, provider = np.repeat(y, 6), np.repeat(s, 6), np.repeat(np.arange(40), 6)
    alone = threshold_interval(copies, errors, **options)
    whole = threshold_interval(copies, errors, cluster=provider.astype(str), **options)
    assert whole.standard_deviation > 1.5 * alone.standard_deviation
    # all programs of a drawn provider come along: five resamples by hand
    options["draws"] = 5
    sizes = np.arange(40) // 13
    found = threshold_interval(y, s, cluster=sizes.astype(str), **options)
    generator, cuts = np.random.default_rng(2), []
    for _ in range(5):
        rows = np.concatenate([np.flatnonzero(sizes == i) for i in generator.integers(0, 4, 4)])
        cuts.append(posterior_mean_cut(fit_normal_model(y[rows], s[rows]), 0.0, 0.05))
    assert found.standard_deviation == pytest.approx(np.nanstd(cuts), rel=0.01)
    with pytest.raises(WorkbenchError, match="1 clusters"):
        threshold_interval(y, s, cluster=["a"] * 40, **options)
