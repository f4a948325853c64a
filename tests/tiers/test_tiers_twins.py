"""Formulas of the tiers against answers that come another way: scipy, plain loops, invariances."""

from itertools import combinations, product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import integrate, optimize, special, stats

from analysis.framework import load_framework
from analysis.framework.presets import Criterion, Preset
from analysis.tiers import report_card
from analysis.tiers.case_mix import case_mix
from analysis.tiers.common_error import CommonError
from analysis.tiers.equity_guard import guard_groups
from analysis.tiers.grades import grade_programs
from analysis.tiers.grid_prior import likelihood, normal_model_on_grid, value_grid
from analysis.tiers.heterogeneity import bootstrap_p_value, heterogeneity_test, power
from analysis.tiers.labels import reasons_not_rated
from analysis.tiers.log_spline import fit_log_spline, maximum_likelihood_normal
from analysis.tiers.many_fits import chances_above
from analysis.tiers.metric_weights import sweep_weights
from analysis.tiers.mixture_model import fit_mixture_model
from analysis.tiers.normal_chance import normal_chance
from analysis.tiers.normal_model import fit_normal_model
from analysis.tiers.npmle import fit_npmle
from analysis.tiers.out_of_time import compare_predictions, does_the_mark_work, two_quarters
from analysis.tiers.pairs import pair_probabilities
from analysis.tiers.precision import slope_on_precision
from analysis.tiers.published_rules import UNKNOWN, employment_rows, under_rules
from analysis.tiers.rule_study import calibration_error, pairs_between_tiers
from analysis.tiers.shape_grid import shapes
from analysis.tiers.simulated_truths import simulate_truths
from analysis.tiers.thresholds import choose_guard
from analysis.tiers.truths import DENSITIES, TRUTHS

Numbers = np.ndarray


def _law(seed: int = 0, count: int = 12) -> tuple[Numbers, Numbers]:
    rng = np.random.default_rng(seed)
    s = 0.5 * np.exp(0.5 * rng.normal(size=count))
    return rng.normal(size=count) + s * rng.normal(size=count) + 0.4, s


# --- the normal law


def test_four_byte_chances_are_scipys() -> None:
    """Published error of the polynomial: 7.5e-8; more rows than are worked on at once."""
    z = np.linspace(-12, 12, 40_002)
    found = normal_chance(z.astype(np.float32).reshape(2, -1))
    assert found.dtype == np.float32
    assert found.shape == (2, 20_001)
    np.testing.assert_allclose(found.ravel(), stats.norm.cdf(z.astype(np.float32)), atol=2.5e-7)
    np.testing.assert_array_equal(normal_chance(z), special.ndtr(z))


def test_likelihood_is_scipys_density() -> None:
    y, s = _law()
    grid = value_grid(y, 7)
    assert grid.tolist() == pytest.approx(np.linspace(y.min(), y.max(), 7).tolist())
    assert value_grid(np.array([2.0, 2.0])).tolist() == [2.0]
    np.testing.assert_allclose(likelihood(y, s, grid), stats.norm.pdf(y[:, None], grid, s[:, None]))


# --- models of true values


def _exact_normal(
    y: Numbers, s: Numbers, highest: float, proportional: bool
) -> tuple[Numbers, ...]:
    """Posterior of the normal model by integrating over the spread with scipy."""

    def given(tau: float) -> tuple[float, Numbers, Numbers]:
        # true values and their mean (flat) as one normal law, by dense matrices
        cov = np.diag(s**2 + tau**2)
        ones = np.ones(len(y))
        precision = np.linalg.inv(cov)
        total = ones @ precision @ ones
        centre = ones @ precision @ y / total
        rest = y - centre
        log = -0.5 * (np.linalg.slogdet(cov)[1] + np.log(total) + rest @ precision @ rest)
        lean = tau**2 * precision
        mean = centre + lean @ rest
        variance = np.diag(tau**2 * np.eye(len(y)) - tau**2 * lean)
        return log, mean, variance + np.diag(np.eye(len(y)) - lean) ** 2 / total

    tau = np.linspace(0, highest, 1501)
    points = [given(t) for t in tau]
    log = np.array([p[0] for p in points])
    weight = np.exp(log - log.max()) * (tau if proportional else 1.0)
    weight /= weight.sum()
    mean, variance = (np.array([p[i] for p in points]) for i in (1, 2))
    centre = weight @ mean
    below = weight @ stats.norm.cdf(0.3, mean, np.sqrt(np.maximum(variance, 1e-300)))
    return (
        centre,
        np.sqrt(weight @ (variance + (mean - centre) ** 2)),
        below,
        weight @ (tau[:, None] ** 2 / (tau[:, None] ** 2 + s**2)),
    )


@pytest.mark.parametrize("prior", ["flat", "proportional"])
def test_the_normal_model_is_the_integral(prior: str) -> None:
    y, s = _law(3, 6)
    model = fit_normal_model(y, s, tau_prior=prior, grid_size=200)  # type: ignore[arg-type]
    exact = _exact_normal(y, s, model.tau_maximum, prior == "proportional")
    np.testing.assert_allclose(model.mean, exact[0], rtol=2e-3)
    np.testing.assert_allclose(model.standard_deviation, exact[1], rtol=2e-3)
    np.testing.assert_allclose(model.chance_at_or_below(0.3), exact[2], atol=1e-3)
    np.testing.assert_allclose(model.own_weight, exact[3], rtol=3e-3)
    np.testing.assert_allclose(model.chance_above(0.3), 1 - model.chance_at_or_below(0.3))
    # the widest spread that is considered by default
    assert model.tau_maximum == pytest.approx(3 * max(y.std(), np.median(s)))


def _fits(y: Numbers, s: Numbers) -> list[tuple[Numbers, Numbers]]:
    """Mean and standard deviation of true values by every model, fields or none."""
    fields = np.arange(len(y)) % 3
    every = [
        fit_normal_model(y, s),
        fit_normal_model(y, s, fields, tau_prior="flat"),
        fit_mixture_model(y, s),
        fit_mixture_model(y, s, rounds=2, tau_prior="flat"),
    ]
    return [(one.mean, one.standard_deviation) for one in every]


@pytest.mark.parametrize(("factor", "shift"), [(1_000.0, 0.0), (1.0, 7.0), (0.02, -3.0)])
def test_true_values_follow_the_unit_of_the_estimates(factor: float, shift: float) -> None:
    y, s = _law(5, 9)
    for (mean, sd), (moved, other) in zip(
        _fits(y, s), _fits(factor * y + shift, factor * s), strict=True
    ):
        np.testing.assert_allclose(moved, factor * mean + shift, rtol=1e-5, atol=1e-5 * factor)
        np.testing.assert_allclose(other, factor * sd, rtol=1e-5)


def test_programs_in_another_order_say_the_same() -> None:
    y, s = _law(6, 9)
    # whole turns of the three fields
    order = np.array([3, 4, 5, 6, 7, 8, 0, 1, 2])
    for one, other in zip(_fits(y, s), _fits(y[order], s[order]), strict=True):
        np.testing.assert_allclose(other[0], one[0][order], rtol=1e-6)
        np.testing.assert_allclose(other[1], one[1][order], rtol=1e-6)


def test_many_fits_are_single_fits() -> None:
    y, s = _law(7, 9)
    sets = np.stack([y, y[::-1], 0.3 * y])
    # of several fields only two moments of their means are kept
    for codes, slack in ((np.zeros(9, dtype=np.intp), 0.005), (np.arange(9) % 3, 0.04)):
        known = 0.2 * s
        found = chances_above(
            sets, s, codes, [0.0, 0.7], tau_prior="flat", offsets=known, grid_size=80
        )
        for row, one in enumerate(sets):
            fitted = fit_normal_model(one - known, s, codes, tau_prior="flat", grid_size=80)
            single = fitted.given_back(known)
            for column, cut in enumerate((0.0, 0.7)):
                np.testing.assert_allclose(
                    found[row, :, column], single.chance_above(cut), atol=slack
                )


def test_shapes_are_standardised_laws_with_the_stated_parts() -> None:
    laws = shapes()
    share, place, variance = laws[:, :, 0], laws[:, :, 1], laws[:, :, 2]
    assert len(laws) == 1 + 5 * 3 * 3 + 2
    np.testing.assert_allclose(share.sum(1), 1)
    np.testing.assert_allclose((share * place).sum(1), 0, atol=1e-12)
    np.testing.assert_allclose((share * (variance + place**2)).sum(1), 1)
    wide = laws[1:46].reshape(5, 3, 3, 2, 3)
    second = np.array([0.1, 0.25, 0.5, 0.75, 0.9])[:, None, None]
    np.testing.assert_allclose(wide[..., 1, 0], np.broadcast_to(second, (5, 3, 3)))
    within = (wide[..., 0] * wide[..., 2]).sum(-1)
    np.testing.assert_allclose(within, np.broadcast_to([[0.15], [0.4], [0.7]], (5, 3, 3)))
    ratio = np.sqrt(wide[..., 1, 2] / wide[..., 0, 2])
    np.testing.assert_allclose(ratio, np.broadcast_to([0.5, 1.0, 2.0], (5, 3, 3)))
    assert (wide[..., 1, 1] > wide[..., 0, 1]).all()
    np.testing.assert_allclose(np.sqrt(variance[46:, 1] / variance[46:, 0]), [3.0, 2.5])


def test_laws_of_true_values_have_their_densities() -> None:
    """Mean 0 and variance 1, drawn and integrated; quantiles of the draws are the density's."""
    for name, law in TRUTHS.items():
        drawn = law(np.random.default_rng(1), (200_000,))
        assert abs(drawn.mean()) < 0.02
        assert abs(drawn.std() - 1) < 0.03
        x = np.linspace(-8, 30, 60_001)
        mass = DENSITIES[name](x)
        mass = mass / mass.sum()
        assert abs(mass @ x) < 2e-3
        assert abs(mass @ x**2 - 1) < 5e-3
        for share in (0.1, 0.5, 0.9):
            at = x[np.searchsorted(np.cumsum(mass), share)]
            assert abs(np.quantile(drawn, share) - at) < 0.03


# --- other priors


def test_likeliest_normal_is_found_by_another_search() -> None:
    y, s = _law(8)

    def loss(p: Numbers) -> float:
        return -stats.norm.logpdf(y, p[0], np.sqrt(s**2 + np.exp(2 * p[1]))).sum()

    best = optimize.minimize(loss, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-8})
    mean, tau = maximum_likelihood_normal(y, s)
    assert (mean, tau) == pytest.approx((best.x[0], np.exp(best.x[1])), rel=1e-4)
    assert maximum_likelihood_normal(np.array([1.0, 1.01]), np.ones(2))[1] == 0.0


def test_log_spline_is_the_penalised_optimum_over_natural_splines() -> None:
    """The basis as in Hastie, Tibshirani and Friedman (5.4), the search without derivatives."""
    y, s = _law(9, 20)
    grid = value_grid(y, 40)
    x = (grid - grid.mean()) / np.ptp(grid)
    knots = np.quantile(x, np.linspace(0.05, 0.95, 5))

    def d(k: int) -> Numbers:
        cubes = np.clip(x - knots[k], 0, None) ** 3 - np.clip(x - knots[-1], 0, None) ** 3
        return cubes / (knots[-1] - knots[k])

    columns = np.column_stack([x, d(0) - d(3), d(1) - d(3), d(2) - d(3)])
    centred = columns - columns.mean(0)
    basis = np.linalg.svd(centred, full_matrices=False)[0] * np.sqrt(len(grid))
    mean, tau = maximum_likelihood_normal(y, s)
    base = stats.norm.logpdf(grid, mean, tau)
    densities = stats.norm.pdf(y[:, None], grid, s[:, None])

    def loss(a: Numbers) -> float:
        prior = special.softmax(base + basis @ a)
        return -np.log(densities @ prior).sum() + 0.5 * np.sqrt(a @ a + 1e-8)

    best = min(
        (optimize.minimize(loss, start, method="BFGS") for start in (np.zeros(4), np.full(4, 0.1))),
        key=lambda one: one.fun,
    )
    found = fit_log_spline(y, s, points=grid, degrees=4, penalty=0.5)
    np.testing.assert_allclose(found.prior, special.softmax(base + basis @ best.x), atol=2e-4)
    # no more than the stated defaults
    np.testing.assert_allclose(
        fit_log_spline(y, s).prior,
        fit_log_spline(y, s, points=value_grid(y, 300), degrees=5, penalty=1.0).prior,
    )


def test_npmle_is_no_worse_than_em() -> None:
    y, s = _law(10, 15)
    grid = value_grid(y, 50)
    densities = stats.norm.pdf(y[:, None], grid, s[:, None])
    prior = np.full(50, 1 / 50)
    for _ in range(6_000):
        prior = prior * (densities / (densities @ prior)[:, None]).mean(0)
    found = fit_npmle(y, s, points=grid, tolerance=1e-6)
    em = np.log(densities @ prior).sum()
    assert em - 1e-6 <= found.log_likelihood <= em + 1e-3
    assert np.log(densities @ found.prior).sum() == pytest.approx(found.log_likelihood)
    gradient = (densities / (densities @ found.prior)[:, None]).mean(0)
    assert 15 * (gradient.max() - 1) == pytest.approx(found.duality_gap, abs=2e-6)


def test_normal_model_on_a_grid_is_its_own_chances() -> None:
    y, s = _law(11)
    model = fit_normal_model(y, s)
    grid = np.linspace(-4, 5, 1_001)
    held = normal_model_on_grid(model, grid)
    np.testing.assert_allclose(held.weights.sum(1), 1)
    np.testing.assert_allclose(held.mean, model.mean, atol=2e-3)
    np.testing.assert_allclose(held.chance_above(0.5), model.chance_above(0.5), atol=6e-3)
    np.testing.assert_allclose(held.chance_at_or_below(0.5), 1 - held.chance_above(0.5))


# --- do programs differ


def test_spread_is_that_of_the_equation() -> None:
    y, s = _law(12, 15)
    y = 2 * y
    found = heterogeneity_test(y, s, 0.9)

    def q(tau: float) -> float:
        w = 1 / (s**2 + tau**2)
        return float(np.sum(w * (y - np.average(y, weights=w)) ** 2))

    assert found.q == pytest.approx(q(0.0))
    assert found.p_value == pytest.approx(stats.chi2.sf(q(0.0), 14))
    assert q(found.tau) == pytest.approx(14, rel=1e-6)
    assert q(found.tau_low) == pytest.approx(stats.chi2.ppf(0.95, 14), rel=1e-6)
    assert q(found.tau_high) == pytest.approx(stats.chi2.ppf(0.05, 14), rel=1e-6)
    # power by the law of Q where errors are alike
    limit = stats.chi2.ppf(0.95, 9)
    assert power(np.ones(10), 1.0, draws=20_000, seed=1) == pytest.approx(
        stats.chi2.sf(limit / 2, 9), abs=0.012
    )
    known = bootstrap_p_value(0.8 * y[:5], s[:5], np.full(5, np.inf), draws=20_000, seed=2)
    assert known == pytest.approx(heterogeneity_test(0.8 * y[:5], s[:5]).p_value, abs=0.012)


def test_slope_on_precision_is_weighted_least_squares() -> None:
    y, s = _law(13, 20)
    y = y + 1.3 * np.log(s)
    found = slope_on_precision(y, s)
    fit = sm.WLS(y, sm.add_constant(np.log(s)), weights=1 / (s**2 + found.tau**2)).fit()
    assert found.slope == pytest.approx(fit.params[1])
    assert np.sum(fit.model.weights * fit.resid**2) == pytest.approx(18, rel=1e-6)
    error = np.sqrt(np.linalg.inv((fit.model.exog.T * fit.model.weights) @ fit.model.exog)[1, 1])
    assert found.standard_error == pytest.approx(error)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(found.slope) / error))
    assert found.programs == 20
    assert found.clear == (abs(found.slope) > 2 * error)


def test_case_mix_is_weighted_least_squares_clustered_by_provider() -> None:
    rng = np.random.default_rng(2)
    rows = pd.DataFrame(rng.random((36, 2)), columns=["women", "young"]).assign(
        program_key=range(36),
        provider_id=np.arange(36) // 2,
        estimate=rng.normal(size=36) * 2,
        standard_error=0.3 + rng.random(36),
    )
    found = case_mix(rows, ["women", "young"], folds=3, seed=4)
    assert sorted(found["fold"].unique()) == [0, 1, 2]
    assert found.groupby(rows["provider_id"])["fold"].nunique().eq(1).all()
    for fold, mine in found.groupby("fold"):
        others = rows[found["fold"].ne(fold)]
        spread = mine["spread"].iloc[0]
        weights = 1 / (others["standard_error"] ** 2 + spread**2)
        x = sm.add_constant(others[["women", "young"]])
        fit = sm.WLS(others["estimate"], x, weights=weights).fit()
        assert np.sum(weights * fit.resid**2) == pytest.approx(len(x) - 3, rel=1e-6)
        robust = fit.get_robustcov_results(
            "cluster", groups=pd.factorize(others["provider_id"])[0], df_correction=True
        ).cov_params()
        own = sm.add_constant(rows.loc[mine.index, ["women", "young"]])
        np.testing.assert_allclose(mine["expected"], own @ fit.params.to_numpy())
        error = np.sqrt(np.diag(own.to_numpy() @ robust @ own.to_numpy().T))
        np.testing.assert_allclose(mine["expected_standard_error"], error)
        np.testing.assert_allclose(
            mine["difference_standard_error"], np.hypot(mine["standard_error"], error)
        )
        np.testing.assert_allclose(mine["difference"], mine["actual"] - mine["expected"])


def test_a_common_error_is_integrated() -> None:
    y, s = _law(14)
    s = s + 0.3
    model = fit_normal_model(y, s)
    both = CommonError(model, 0.3)
    for ours, plain in (
        (both.chance_above, model.chance_above),
        (both.chance_at_or_below, model.chance_at_or_below),
        (both.guard_chance, model.guard_chance),
    ):
        exact = integrate.quad_vec(lambda c, f=plain: stats.norm.pdf(c, 0, 0.3) * f(0.2 + c), -2, 2)
        np.testing.assert_allclose(ours(0.2), exact[0], atol=1e-4)
    np.testing.assert_allclose(both.standard_deviation, np.sqrt(model.standard_deviation**2 + 0.09))


# --- pairs, grades, weights


def test_pairs_by_drawing_from_the_posterior() -> None:
    y, s = _law(15, 4)
    model = fit_normal_model(y, s, tau_prior="flat")
    rng = np.random.default_rng(1)
    tau = rng.choice(model.tau, 60_000, p=model.weights)[:, None]
    w = 1 / (s**2 + tau**2)
    centre = (w * y).sum(1, keepdims=True) / w.sum(1, keepdims=True)
    centre = centre + rng.normal(size=centre.shape) / np.sqrt(w.sum(1, keepdims=True))
    own = tau**2 * w
    theta = own * y + (1 - own) * centre + np.sqrt(own) * s * rng.normal(size=(60_000, 4))
    drawn = (theta[:, :, None] > theta[:, None, :]).mean(0)
    found = pair_probabilities(model, s)
    off = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose(found[off], drawn[off], atol=0.01)
    np.testing.assert_allclose(found + found.T, 1)
    np.testing.assert_allclose(
        pair_probabilities(model, s, np.array([2, 0])), found[np.ix_([2, 0], [2, 0])]
    )


@pytest.mark.parametrize("lambda_", [0.2, 0.5])
@pytest.mark.parametrize("most", [None, 1, 2, 3])
def test_grades_are_the_best_of_all_cuts(lambda_: float, most: int | None) -> None:
    rng = np.random.default_rng(3)
    theta = rng.normal(size=6)
    pairs = stats.norm.cdf(2 * (theta[:, None] - theta[None, :]))
    order = np.argsort(-theta)
    found = grade_programs(pairs, lambda_, most=most)

    def loss(grade: Numbers) -> float:
        return sum(
            1 - (1 + lambda_) * pairs[i, j]
            for i, j in product(range(6), repeat=2)
            if grade[i] < grade[j]
        )

    best = np.inf
    for count in range(min(most or 6, 6)):
        for cuts in combinations(range(1, 6), count):
            grade = np.empty(6, int)
            grade[order] = np.searchsorted(cuts, np.arange(6), side="right")
            best = min(best, loss(grade))
    assert found.loss == pytest.approx(best)
    assert loss(found.grade) == pytest.approx(best)
    apart = [(i, j) for i, j in product(range(6), repeat=2) if found.grade[i] < found.grade[j]]
    assert found.told_apart == pytest.approx(len(apart) / 15)
    assert found.discordance == pytest.approx(sum(1 - pairs[i, j] for i, j in apart) / 15)
    assert found.count == len(set(found.grade))


def test_gains_of_weights_by_hand() -> None:
    rng = np.random.default_rng(4)
    programs = pd.DataFrame(rng.normal(size=(20, 2)), columns=["a", "b"]).assign(
        later=rng.normal(size=20), provider_id=np.arange(20) // 2
    )
    found = sweep_weights(programs, {"a": 0.5, "b": 0.5}, step=0.5, tuned_from=99, seed=1)
    table = found.table
    assert table["weight_a"].tolist() == [0.0, 0.5, 1.0]
    assert table["fixed"].tolist() == [False, True, False]
    fixed = set(np.argsort(-(programs["a"] + programs["b"]).to_numpy())[:5])
    for row in table.to_dict("records"):
        score = (row["weight_a"] * programs["a"] + row["weight_b"] * programs["b"]).to_numpy()
        top = set(np.argsort(-score)[:5])
        gain = programs["later"].iloc[list(top)].mean() - programs["later"].mean()
        assert row["gain"] == pytest.approx(gain)
        assert row["changed"] == pytest.approx(len(top ^ fixed) / 20)
        plain = (programs["a"] + programs["b"]).to_numpy()
        assert row["rank_correlation"] == pytest.approx(stats.spearmanr(score, plain)[0])
        centred = (programs["later"] - programs["later"].mean()).to_numpy()
        each = np.array([((i in top) - (i in fixed)) * centred[i] / 5 for i in range(20)])
        sums = each.reshape(10, 2).sum(1)
        assert row["gain_error"] == pytest.approx(np.sqrt(10) * sums.std(ddof=1))


def test_errors_of_a_rule_by_counting() -> None:
    rng = np.random.default_rng(5)
    given, theta = rng.integers(0, 3, 30), rng.normal(size=30)
    pairs = [(i, j) for i, j in product(range(30), repeat=2) if given[i] < given[j]]
    wrong = sum(theta[i] < theta[j] for i, j in pairs)
    assert pairs_between_tiers(given, theta) == (wrong, len(pairs))
    said, happened = rng.random(200), rng.integers(0, 2, 200).astype(float)
    bins = pd.cut(said, np.linspace(0, 1, 21), right=False, labels=False)
    gap = pd.Series(said - happened).groupby(bins).sum().abs().sum() / 200
    assert calibration_error(said, happened) == pytest.approx(gap)
    assert calibration_error(np.array([1.0]), np.array([1.0])) == 0.0


# --- the guard of groups


def test_the_guard_of_groups_in_plain_loops() -> None:
    y, s = _law(16, 7)
    rng = np.random.default_rng(6)
    known = pd.DataFrame(
        {"program_key": list("abcdefg"), "mean": y + 0.4, "standard_deviation": 0.2 + rng.random(7)}
    ).assign(shared_deviation=0.3)
    rows = pd.DataFrame({"program_key": list("abcdefg"), "group": "women", "estimate": y})
    rows = rows.assign(standard_error=s, n_treated=50, n_control=60)
    found = guard_groups(rows, known, benchmark=0.2, limit=0.3, least_reliability=0.0).groups
    gap = y - known["mean"].to_numpy()
    v = known["standard_deviation"].to_numpy() ** 2
    model = fit_normal_model(gap, np.sqrt(s**2 + v))
    shrunk, chance = np.zeros(7), np.zeros(7)
    for weight, tau in zip(model.weights, model.tau, strict=True):
        total = sum(1 / (s[j] ** 2 + v[j] + tau**2) for j in range(7))
        centre = sum(gap[j] / (s[j] ** 2 + v[j] + tau**2) for j in range(7)) / total
        for i in range(7):
            # what is known of the group before its own estimate: the program and the usual gap
            before, spread = known["mean"][i] + centre, v[i] + tau**2 + 1 / total
            precision = 1 / spread + 1 / s[i] ** 2
            value = (before / spread + y[i] / s[i] ** 2) / precision
            shrunk[i] += weight * value
            chance[i] += weight * stats.norm.cdf(0.2, value, np.sqrt(1 / precision + 0.09))
    np.testing.assert_allclose(found["shrunk"], shrunk)
    np.testing.assert_allclose(found["gap"], shrunk - known["mean"])
    np.testing.assert_allclose(found["chance_not_above"], chance)
    assert found["harmed"].tolist() == (chance > 0.3).tolist()
    tau = model.tau_interval()[0]
    limit = np.sort(tau**2 / (tau**2 + s**2 + v))[3]
    few = guard_groups(rows, known, least_reliability=limit + 1e-9).groups
    assert few["state"].eq("too few to tell").sum() == 4
    people = rows.assign(
        n_treated=[10, 9, 50, 50, 50, 50, 50], n_control=[10, 50, 9, 50, 50, 50, 50]
    )
    states = guard_groups(people, known, least_reliability=0.0).groups["state"]
    assert states.eq("hidden").tolist() == [False, True, True] + [False] * 4


# --- simulated truths and guards


@pytest.mark.parametrize("law", ["normal", "free"])
def test_what_is_known_of_each_program_moves_everything_with_it(law: str) -> None:
    """A known part that is the same for all: cut-offs that move with it say the same."""
    y, s = _law(17, 6)
    model = fit_normal_model(y, s)

    def simulated(known: float) -> list[Numbers]:
        found = simulate_truths(
            s,
            model.given_back(np.full(6, known)),
            cuts=[known, known + 1.0],
            benchmark=known,
            offsets=np.full(6, known),
            truths=["mixture"],
            law=law,  # type: ignore[arg-type]
            draws=2,
            seed=1,
        )["mixture"]
        return [found.theta - known, found.above, found.not_above, found.guarded]

    for one, other in zip(simulated(0.0), simulated(2.0), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-3)


def test_a_guard_by_counting() -> None:
    rng = np.random.default_rng(7)
    s = np.full(10, 0.6)
    sets = simulate_truths(
        s,
        fit_normal_model(rng.normal(size=10) + 0.3, s),
        cuts=[0.0, 1.0],
        benchmark=0.0,
        law="normal",
        truths=["normal", "gamma"],
        draws=40,
        seed=2,
    )
    found = choose_guard(sets, alpha=0.2, candidates=[0.05, 0.1])
    assert sorted(found.table["guard"].unique()) == [0.05, 0.1, 0.2]
    for row in found.table.to_dict("records"):
        one = sets[row["truth"]]
        # chances of the three tiers, best first, and the tier with the fewest steps off
        chances = np.stack(
            [one.above[..., 0], one.above[..., 1] - one.above[..., 0], 1 - one.above[..., 1]], -1
        ).astype(float)
        steps = np.abs(np.arange(3)[:, None] - np.arange(3))
        loss = chances @ steps
        loss[one.guarded > row["guard"], 0] = np.inf
        tier = 2 - np.argmin(loss[..., ::-1], axis=-1)
        truth = 2 - (one.theta > 0) - (one.theta > 1)
        top = tier == 0
        assert row["false_share"] == pytest.approx((top & (one.theta <= 0)).sum() / top.sum())
        assert row["predicted_share"] == pytest.approx(one.not_above[top].mean(), rel=1e-4)
        assert row["top_share"] == pytest.approx(top.mean())
        assert row["empty_share"] == pytest.approx((top.sum(1) == 0).mean())
        assert row["found"] == pytest.approx((top & (truth == 0)).sum() / (truth == 0).sum())
        assert row["steps_off"] == pytest.approx(np.abs(tier - truth).mean())
        assert row["two_or_more_off"] == pytest.approx((np.abs(tier - truth) >= 2).mean())
        spread = (top & (one.theta <= 0)).sum(1) - row["false_share"] * top.sum(1)
        assert row["standard_error"] == pytest.approx(np.sqrt((spread**2).sum()) / top.sum())
    worst = found.table.groupby("guard")["false_share"].max()
    assert found.guard == max((g for g, share in worst.items() if share <= 0.2), default=None)


# --- early and late


def _two() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    level = 9_000 + 1_500 * rng.normal(size=40)
    return pd.DataFrame(
        {
            "program_key": range(40),
            "provider_id": np.arange(40) // 2,
            "field": np.array(list("abcde"))[np.arange(40) % 5],
            "early": level + 500 * rng.normal(size=40),
            "late": 1.1 * level + 500 * rng.normal(size=40),
            "n": rng.integers(10, 80, 40),
        }
    )


def test_predictions_of_later_wages_by_pandas() -> None:
    frame = _two()
    found = compare_predictions(frame, 0.7, at_most=60, seed=1, draws=50).set_index("rule")
    judged = frame["n"].le(60)
    growth = (frame["n"] * frame["late"]).sum() / (frame["n"] * frame["early"]).sum()
    late = pd.qcut(frame["late"], 4, labels=False)
    raw = np.mean((growth * frame["early"] - frame["late"])[judged] ** 2)
    for rule, value in (
        ("own early wage", frame["early"]),
        ("mean of its field", frame.groupby("field")["early"].transform("mean")),
        ("mean of all", pd.Series(frame["early"].mean(), frame.index)),
    ):
        row = found.loc[rule]
        squared = np.mean((growth * value - frame["late"])[judged] ** 2)
        assert row["root_mean_squared_error"] == pytest.approx(np.sqrt(squared))
        assert row["error_saved"] == pytest.approx(1 - squared / raw)
        assert row["programs"] == judged.sum()
        assert row["interval_low"] <= row["interval_high"]
    own = pd.qcut(frame["early"], 4, labels=False)[judged]
    row, later = found.loc["own early wage"], late[judged]
    assert row["same_tier"] == pytest.approx((own == later).mean())
    assert row["two_or_more"] == pytest.approx((abs(own - later) >= 2).mean())
    assert row["top_stays"] == pytest.approx((later[own == 3] == 3).mean())
    spearman = frame.loc[judged, ["early", "late"]].corr("spearman").iloc[0, 1]
    assert row["rank_correlation"] == pytest.approx(spearman)
    # who says the same of all is right as often as two draws of four
    four = [(a, b) for a in range(4) for b in range(4)]
    chance = found.loc["mean of all"]
    assert chance["same_tier"] == np.mean([a == b for a, b in four])
    assert chance["two_or_more"] == np.mean([abs(a - b) >= 2 for a, b in four])
    assert chance["top_stays"] == 1 / 4
    assert np.isnan(chance["rank_correlation"])


def test_the_mark_by_pandas() -> None:
    frame = _two()
    found = does_the_mark_work(frame, 0.7, 0.75).set_index("mark")
    assert found["programs"].sum() == 40
    for row in found.itertuples():
        assert row.standard_error == pytest.approx(
            np.sqrt(row.stays * (1 - row.stays) / row.programs)
        )
    assert found.loc["clear", "said"] > 0.75 > found.loc["borderline", "said"]
    rows = pd.DataFrame(
        {
            "program_key": list("aabbcc"),
            "provider_id": "p",
            "cip_code": "51.01",
            "metric": ["average_quarterly_wage"] * 5 + ["employed_share"],
            "quarter": [2, 8, 2, 4, 2, 8],
            "value": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "n": 20,
        }
    )
    both = two_quarters(rows, 2, 8)
    assert both[["program_key", "field", "early", "late"]].values.tolist() == [
        ["a", "51", 1.0, 2.0]
    ]
    assert both.attrs["lost"] == pytest.approx(2 / 3)


# --- small rules and their edges


def _sets(*told: bool) -> dict[str, SimpleNamespace]:
    """Sets of one, three and more programs, as `set_grades` reads ratings."""
    y, s = _law(18, 3)
    frame = pd.DataFrame({"estimate": 9 * y, "standard_error": s, "validity": "randomised"})
    sizes = (1, 3, 3)
    return {
        str(i): SimpleNamespace(frame=frame.head(size), told_apart=one)
        for i, (size, one) in enumerate(zip(sizes, told, strict=True))
    }


def test_a_set_of_one_program_has_no_card_and_stops_no_other() -> None:
    rules = load_framework()
    found = report_card.set_grades(_sets(True, True, False), rules)  # type: ignore[arg-type]
    assert found["compared_with"].unique().tolist() == ["1", "2"]
    assert found["programs"].eq(3).all()
    apart = found[found["compared_with"].eq("1")]
    assert (apart["grades"] > 1).all()
    same = found[found["compared_with"].eq("2")]
    assert same[["grades", "told_apart", "discordance"]].values.tolist() == [[1, 0.0, 0.0]] * 2
    assert report_card.set_grades({}, rules).empty


def test_people_that_are_not_known_are_nobody() -> None:
    assert reasons_not_rated([1.0, 1.0], [1.0, 1.0], [None, 1], minimum_people=1).tolist() == [
        "fewer than 1 people",
        "",
    ]
    assert reasons_not_rated([1.0], [1.0], [0]).tolist() == [""]


@pytest.mark.parametrize(("minimum", "unknown"), [(None, []), (10, ["a"]), (11, ["a", "b"])])
def test_people_that_a_published_rule_asks_for(minimum: int | None, unknown: list[str]) -> None:
    programs = pd.DataFrame({"program_key": list("abc"), "credential": "", "benchmark": 1.0})
    values = pd.DataFrame(
        {
            "program_key": list("abc"),
            "outcome": "earnings",
            "value": 2.0,
            "standard_error": 1.0,
            "n": [0.0, 10.0, 11.0],
            "field": "x",
            "compared_with": "y",
        }
    )
    rule = Preset(
        id="r", name="r", vintage="", citation="", retrieved="", minimum_people=minimum,
        criteria=[Criterion(outcome="earnings", limit=1.5, words="pay")],
    )  # fmt: skip
    found = under_rules(programs, values, [rule])
    assert found.loc[found["status"].eq(UNKNOWN), "program_key"].tolist() == unknown


def test_shares_employed_with_two_added_to_each_side() -> None:
    programs = pd.DataFrame({"program_key": list("abcd"), "field": ["x", "x", None, "y"]})
    rows = pd.DataFrame(
        {
            "program_key": list("abcda"),
            "metric": "employed_share",
            "value": [0.5, 0.9, 0.4, 0.0, 0.1],
            "n": [20, 9, 30, 40, 50],
        }
    )
    found = employment_rows(rows, programs, minimum_people=10)
    assert found["program_key"].tolist() == ["a"]
    share = 12 / 24
    assert found["standard_error"].tolist() == [pytest.approx(np.sqrt(share * (1 - share) / 24))]
