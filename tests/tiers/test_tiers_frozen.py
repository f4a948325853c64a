"""Numbers of the tiers on small seeded programs are those on file (tests/frozen/tiers.json)."""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from analysis.framework import load_framework
from analysis.tiers import (
    common_error,
    equity_guard,
    free_shape,
    grades,
    grid_prior,
    heterogeneity,
    law_evidence,
    log_spline,
    many_fits,
    metric_weights,
    mixture_model,
    noise,
    normal_model,
    npmle,
    out_of_time,
    pairs,
    precision,
    published_rules,
    randomisation,
    rating,
    report_card,
    rule_study,
    rules,
    second_category,
    shape_check,
    shape_grid,
    simulated_truths,
    site_groups,
    spread_grid,
    sweep,
    threshold_bootstrap,
    thresholds,
    truths,
    two_horizons,
    who_is_served,
)
from analysis.tiers.case_mix import case_mix

RULES = load_framework().with_tiers(simulation_draws=10)
Case = Callable[[], object]


def _law(seed: int = 4, count: int = 14) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimates of two kinds of programs, their errors, and their fields."""
    rng = np.random.default_rng(seed)
    s = 0.4 * np.exp(0.6 * rng.normal(size=count))
    y = np.where(np.arange(count) % 3 == 0, 2.0, 0.2) + 0.5 * rng.normal(size=count)
    return y + s * rng.normal(size=count), s, np.array(list("aabbc"))[np.arange(count) % 5]


def _programs(count: int = 24, seed: int = 2) -> pd.DataFrame:
    """In dollars, of two levels of validity and two sets."""
    y, s, field = _law(seed, count)
    return pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(count)],
            "provider_id": [f"q{i // 2}" for i in range(count)],
            "estimate": 4_000 * y,
            "standard_error": 4_000 * s,
            "validity": np.where(np.arange(count) % 4 == 0, "self_report", "randomised"),
            "field": field,
            "compared_with": np.where(np.arange(count) < count // 2 + 2, "one", "two"),
            "reason": np.where(np.arange(count) == 5, "no standard error", ""),
        }
    )


def _normal() -> object:
    y, s, field = _law()
    models = [
        normal_model.fit_normal_model(y, s, prior_field, tau_prior=prior)
        for prior_field in (None, field)
        for prior in ("flat", "proportional")
    ]
    return [
        (
            *(m.mean, m.standard_deviation, m.chance_above(1.0), m.chance_at_or_below(0.3)),
            *(m.tau_interval(), m.omega_interval(0.8)),
            *(m.own_weight, m.field_mean, m.field_variance),
        )
        for m in models
    ]


def _mixture() -> object:
    y, s, _ = _law()
    found = []
    for more in ({}, {"single": True}, {"centre_variance": 0.2 * s}, {"normal_share": 0.6}):
        m = mixture_model.fit_mixture_model(y, s, **more)  # type: ignore[arg-type]
        worst = [m.worst_chance_at_or_below(0.5, odds) for odds in (1.5, 3.0, 30.0)]
        found.append(
            (m.mean, m.standard_deviation, m.normal_probability, m.chance_above(1.0), *worst)
        )
    return found


def _free() -> object:
    y, s, field = _law()
    normal = normal_model.fit_normal_model(y, s, field)
    m = free_shape.free_shape(y, s, normal)
    few = free_shape.free_shape(y[:2], s[:2], normal_model.fit_normal_model(y[:2], s[:2]))
    whole = free_shape.free_shape(y, s, normal_model.fit_normal_model(y, s), tau_points=8)
    return [
        (m.mean, m.standard_deviation, m.guard_chance(0.2), m.chance_above(0.9)),
        (type(few).__name__, few.mean, m.tau_interval(0.5)),  # type: ignore[union-attr]
        (whole.mean, whole.guard_chance(0.0)),
    ]


def _grids() -> object:
    y, s, field = _law()
    codes = pd.factorize(field)[0]
    fields = spread_grid.fields_of(codes)
    tau, omega = np.array([0.1, 0.5, 1.1]), np.array([0.0, 0.4, 0.9])
    sets = np.stack([y, y[::-1]])
    whole = spread_grid.fields_of(np.zeros(len(y), dtype=np.intp))
    shapes = shape_grid.shape_grid(
        y, s, tau=np.linspace(0.1, 2, 6), centre=np.linspace(-1, 2, 5), proportional=True, rounds=2
    )
    return [
        spread_grid.default_maximum(sets, s),
        *(
            spread_grid._log_posterior(sets, s, one, tau, omega, prior)
            for one in (fields, whole)
            for prior in ("flat", "proportional")
        ),
        spread_grid.field_means(sets, s, fields, 0.5, omega),
        spread_grid.closer(np.arange(5.0), np.array([-60.0, -20, 0, -3, -70]), 18.0),
        shape_grid.shapes(),
        shapes,
    ]


def _priors() -> object:
    y, s, _ = _law()
    grid = grid_prior.value_grid(y, 60)
    densities = grid_prior.likelihood(y, s, grid)
    spline = log_spline.fit_log_spline(y, s, points=grid, degrees=4, penalty=0.7)
    likely = npmle.fit_npmle(y, s, points=grid, tolerance=1e-4)
    posterior = grid_prior.posterior_on_grid(densities, grid, likely.prior)
    masses = grid_prior.normal_model_on_grid(normal_model.fit_normal_model(y, s), grid)
    return [
        (spline.prior, spline.mean, spline.tau),
        log_spline.maximum_likelihood_normal(y, s),
        (likely.log_likelihood, posterior.mean),
        masses.mean,
        masses.chance_above(0.7),
        masses.chance_at_or_below(0.2),
        grid_prior.grid_pairs(masses),
    ]


def _spread() -> object:
    y, s, _ = _law()
    freedom = np.where(np.arange(len(y)) % 2 == 0, np.inf, 9.0)
    return [
        heterogeneity.generalised_q(y, s, 0.4),
        heterogeneity.heterogeneity_test(y, s),
        heterogeneity.heterogeneity_test(y, s, 0.8),
        heterogeneity.bootstrap_p_value(0.35 * y, s, freedom, draws=400, seed=3),
        heterogeneity.power(s, 0.3, draws=500, seed=1),
        heterogeneity.detectable_spread(s, draws=300, seed=1),
        precision.slope_on_precision(y + 2 * np.log(s), s),
        precision.slope_on_precision(y, s, clear_above=0.2),
    ]


def _noise() -> object:
    rng = np.random.default_rng(6)
    people = rng.integers(10, 400, 30)
    wage = 9_000 * (1 + 0.1 * rng.normal(size=30)) + 6_000 * rng.normal(size=30) / np.sqrt(people)
    field, cluster = np.arange(30) % 4, np.arange(30) // 2
    sets = pd.DataFrame(
        {
            "reason": "",
            "metric": np.where(
                np.arange(30) < 15, "average_quarterly_wage", "median_annual_earnings"
            ),
            "earnings": wage,
            "n": people,
            "field": field,
            "provider_id": cluster,
        }
    )
    sets["compared_with"] = sets["metric"]
    return [
        noise.estimate_coefficient_of_variation(wage, people, field, draws=40, seed=1),
        noise.estimate_coefficient_of_variation(
            wage, people, field, cluster=cluster, level=0.5, draws=40, seed=1
        ),
        noise.noise_check(sets, 0.7, seed=2, draws=20),
        noise.standard_error_of_median_wage([40_000.0], [30], 0.6),
    ]


def _many() -> object:
    y, s, field = _law()
    codes = pd.factorize(field)[0]
    sets = np.stack([y, 0.5 * y, -y])
    zero = np.zeros(len(y), dtype=np.intp)
    return [
        many_fits.chances_above(
            sets, s, one, [0.0, 1.0], tau_prior="proportional", offsets=offsets, grid_size=20
        )
        for one, offsets in ((zero, None), (codes, 0.3 * s))
    ]


def _truth() -> object:
    x = np.linspace(-2.5, 3.0, 9)
    drawn = {name: law(np.random.default_rng(5), (3, 4)) for name, law in truths.TRUTHS.items()}
    return [drawn, {name: density(x) for name, density in truths.DENSITIES.items()}]


def _simulated(law: str = "normal") -> dict[str, simulated_truths.Simulated]:
    y, s, field = _law()
    model = normal_model.fit_normal_model(y, s, field)
    found = simulated_truths.simulate_truths(
        s,
        model.given_back(0.2 * s),
        cuts=[0.0, 0.8, 1.6],
        benchmark=0.1,
        offsets=0.2 * s,
        law=law,  # type: ignore[arg-type]
        truths=("normal", "gamma") if law == "normal" else ("mixture",),
        most_programs=11,
        draws=30 if law == "normal" else 2,
        seed=8,
    )
    return dict(found)


def _truths_simulated() -> object:
    return {**_simulated(), **_simulated("free")}


def _guards() -> object:
    sets = _simulated()
    found = [
        thresholds.choose_guard(
            sets, alpha=alpha, candidates=[0.02, 0.1, 0.3], over_rating_weight=weight
        )
        for alpha, weight in ((0.2, 1.0), (0.3, 2.0), (0.0001, 1.0))
    ]
    surface = sweep.loss_surface(sets, guards=[0.05, 0.3], least_chances=[0.3, 0.6], false_cost=3.0)
    return [found, surface]


def _cuts() -> object:
    y, s, field = _law()
    y = y + 0.7
    return [
        threshold_bootstrap.threshold_interval(
            y, s, names, benchmark=0.3, expected_share=0.1, draws=6, seed=2, **more
        )
        for names, more in (
            (None, {}),
            (field, {"cluster": np.arange(len(y)) // 2, "offsets": 0.1 * s, "level": 0.5}),
        )
    ]


def _pairs() -> object:
    y, s, _ = _law()
    model = normal_model.fit_normal_model(y, s, tau_prior="flat")
    chances = pairs.pair_probabilities(model, s)
    return [
        chances,
        pairs.pair_probabilities(model, s, np.array([4, 1])),
        pairs.largest_pair_probability(model, s),
        pairs.largest_pair_probability(model, s, at_most=5),
        *(grades.grade_programs(chances, one) for one in (0.1, 0.25, 0.6, 1.0)),
        *(grades.grade_programs(chances, 0.6, most=most) for most in (1, 2, 3)),
        report_card.site_grades(pd.DataFrame({"estimate": y, "standard_error": s}), 0.4),
    ]


def _rated() -> object:
    found, ratings = rating.rate_all(_programs(), RULES)
    plain = rating.rate_set(
        _programs().query("reason == ''"),
        RULES.with_tiers(law="normal"),
        with_bias=False,
        p_value=0.001,
        common_standard_error=900.0,
    )
    parts = [
        (r.calibration.guard, r.heterogeneity, r.p_value, r.largest_pair, r.told_apart, r.slope)
        for r in (*ratings.values(), plain)
    ]
    cards = report_card.set_grades(ratings, RULES)
    checks = shape_check.shape_check({"plain": plain}, RULES, with_bias=False)
    return [found, plain.frame, parts, cards, checks]


def _swept() -> object:
    rows = sweep.sweep_settings(
        _programs().query("reason == ''"),
        RULES.with_tiers(law="normal"),
        alphas=[0.05, 0.3],
        weights=[1.0, 2.0],
        bias_scales=[0.0, 1.0],
        draws=6,
    )
    return [rows, sweep.one_at_a_time(rows, RULES)]


def _groups() -> object:
    y, s, _ = _law()
    keys = [f"p{i}" for i in range(len(y))]
    rows = pd.concat(
        pd.DataFrame(
            {
                "program_key": keys,
                "group": group,
                "estimate": y + shift - 0.4,
                "standard_error": 1.2 * s,
                "n_treated": np.where(np.arange(len(y)) == 3, 9, 40),
                "n_control": 50 + np.arange(len(y)),
            }
        )
        for group, shift in (("women", 0.0), ("men", 0.5))
    )
    known = pd.DataFrame({"program_key": keys, "mean": 0.8 * y, "standard_deviation": 0.5 * s})
    guards = [
        equity_guard.guard_groups(rows, known, benchmark=0.1, limit=0.2),
        equity_guard.guard_groups(
            rows.head(9),
            known.assign(shared_deviation=0.3),
            minimum_people=5,
            least_reliability=0.4,
            expected_groups=("women",),
            tau_prior="flat",
            tau_maximum=2.0,
        ),
    ]
    rng = np.random.default_rng(3)
    people = pd.DataFrame(
        {
            "stratum": np.repeat(list("abcd"), 60),
            "treated": np.tile([0, 1, 1], 80),
            "gender": np.tile(["f", "f", "m", "m", "m"], 48),
            "y": 900 * rng.normal(size=240) + 800 * np.tile([0, 1, 1], 80),
        }
    )
    sites = site_groups.guard_sites(people, "y", "gender", RULES, months=18.0)
    apart = site_groups.site_differences(people, "y", 6.0)
    return [guards, sites, site_groups.state_counts(sites), apart]


def _studied() -> object:
    cell = rule_study.Cell(programs=16, truth="mixture", ratio=0.7, draws=2)
    quick = {
        name: rule
        for name, rule in rules.RULES.items()
        if "shape" not in name and "NPMLE" not in name
    }
    return rule_study.study_cell(cell, quick, seed=3)


def _ruled() -> object:
    y, s, _ = _law()
    task = rules.Task(y, s, (0.0, 0.6, 1.4), 0.1, guard=0.15)
    chosen = [rules._normal_integrated, rules._shapes_averaged, rules._shapes_worst]
    found = [rule(task) for rule in chosen]
    plain = [rule(task) for rule in (rules._fixed_cuts, rules.quantile_tiers, rules._plug_in_means)]
    rough = [rules.report_card(task), rules._npmle_guarded(task), rules._spline_guarded(task)]
    known = rules.oracle(task, truths.DENSITIES["gamma"])
    return [
        found,
        plain,
        [(r.tier, r.chances, r.not_above) for r in (*rough, known)],  # type: ignore[arg-type]
    ]


def _later() -> object:
    rng = np.random.default_rng(9)
    level = 8_000 + 1_500 * rng.normal(size=26)
    frame = pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(26)],
            "provider_id": [f"q{i // 2}" for i in range(26)],
            "field": np.array(list("abcde"))[np.arange(26) % 5],
            "early": level + 700 * rng.normal(size=26),
            "late": 1.1 * level + 700 * rng.normal(size=26),
            "n": rng.integers(12, 90, 26),
        }
    )
    return [
        out_of_time.compare_predictions(frame, 0.7, seed=1, draws=30),
        out_of_time.compare_predictions(frame, 0.7, at_most=60, seed=1, draws=30, level=0.5),
        out_of_time.does_the_mark_work(frame, 0.7, 0.7),
    ]


def _weights() -> object:
    rng = np.random.default_rng(7)
    programs = pd.DataFrame(rng.normal(size=(40, 2)), columns=["wage", "work"])
    programs["later"] = programs["wage"] + 2 * programs["work"] + rng.normal(size=40)
    programs["provider_id"] = np.arange(40) // 2
    return [
        metric_weights.sweep_weights(
            programs, {"wage": wage, "work": 1 - wage}, step=0.25, tuned_from=tuned, seed=5
        )
        for wage, tuned in ((0.5, 20), (0.8, 20), (1.0, 500))
    ]


def _mixed() -> object:
    rng = np.random.default_rng(11)
    share = rng.random((30, 2))
    rows = pd.DataFrame(share, columns=["women", "young"]).assign(
        program_key=range(30),
        provider_id=np.arange(30) // 2,
        estimate=5 + share @ [2.0, -3.0] + rng.normal(size=30),
        standard_error=0.3 + rng.random(30),
    )
    lottery = pd.DataFrame(
        {
            "method": ["difference in means", "difference in means", "AIPW", "AIPW"],
            "trial": list("aabb"),
            "trial_key": list("abbc"),
            "estimate": [10.0, 7.0, 9.0, 14.0],
            "standard_error": [3.0, 2.0, 1.0, 2.5],
        }
    )
    errors = law_evidence.comparison_errors(lottery, "a", 3.0)
    y, s, _ = _law()
    model = common_error.CommonError(normal_model.fit_normal_model(y, s), 0.4)
    return [
        case_mix(rows, ["women", "young"], seed=2),
        case_mix(rows, ["women"], folds=4, seed=3),
        errors,
        law_evidence.law_against_errors(
            errors, RULES, ["matched_comparison", "self_report"], [0.5, 1.0]
        ),
        (model.standard_deviation, model.chance_above(0.5), model.guard_chance(0.1)),
        common_error.split_covariance(np.diag([4.0, 9.0, 2.0]) + 0.7),
    ]


def _drawn() -> object:
    rng = np.random.default_rng(12)
    site, treated = np.repeat(list("abc"), 14), np.tile([0, 1], 21)
    y = rng.normal(size=42) + 0.8 * treated * (site == "a")
    return randomisation.randomisation_p_value(y, treated, site, draws=300, seed=4)


def _second() -> object:
    frame = _programs(8).assign(
        tier=list("ABCDABCA"), chance_not_above=np.linspace(0.0, 0.7, 8), place=list(range(8))
    )
    for k, label in enumerate(RULES.tiers.labels):
        frame[f"chance_{label}"] = np.roll([0.1, 0.2, 0.3, 0.4, 0.15, 0.25, 0.35, 0.45], k)
    second = pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(6)],
            "metric": "retention_share",
            "interval_low": [0.1, 0.2, 0.6, 0.3, 0.5, np.nan],
            "interval_high": [0.3, 0.6, 0.8, 0.45, 0.9, np.nan],
        }
    )
    lowered = second_category.lower_by_second(frame, second, RULES.tiers.floors, RULES)
    later = frame[["program_key"]].assign(
        horizon="quarter 8", tier=list("BBCCAADD"), tier_probability=0.6, n=30.0
    )
    beside = two_horizons.beside_later(frame, later.head(6))
    people = pd.DataFrame(
        {
            "program_key": np.repeat([f"p{i}" for i in range(8)], 2),
            "by": "gender",
            "group": ["women", "men"] * 8,
            "n": np.arange(16) * 3.0,
        }
    )
    return [
        lowered,
        second_category.in_order(lowered)["program_key"],
        beside,
        two_horizons.tier_by_later(beside, RULES.tiers.labels),
        who_is_served.served_by_tier(frame, people, RULES.tiers.labels, 0.9),
    ]


def _judged() -> object:
    programs = pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(9)],
            "field": list("aaabbbccc"),
            "credential": "",
            "benchmark": 30_000.0,
        }
    )
    outcomes = pd.DataFrame(
        {
            "program_key": programs["program_key"],
            "metric": "employed_share",
            "value": [0.9, 0.4, 0.7, 0.0, 0.55, 0.8, 0.3, 0.65, 0.5],
            "n": [40, 60, 12, 50, 8, 90, 30, 70, 25],
        }
    )
    work = published_rules.employment_rows(outcomes, programs, minimum_people=10)
    estimates = programs.assign(
        reason="",
        metric="median_annual_earnings",
        standard_error=2_000.0,
        n=np.arange(9) * 8,
        compared_with="x",
        earnings=28_000.0 + 1_000 * np.arange(9),
    )
    values = pd.concat([work, published_rules.earnings_rows(estimates)], ignore_index=True)
    preset = {"name": "R", "vintage": "v", "citation": "c", "retrieved": "n"}
    both = [
        {"outcome": "earnings", "limit": "benchmark", "words": "pay"},
        {"outcome": "employed_share", "limit": 0.5, "words": "work"},
    ]
    presets = [
        published_rules.Preset.model_validate({"id": "all", "criteria": both, **preset}),
        published_rules.Preset.model_validate(
            {"id": "any", "criteria": both, "needed": 1, "minimum_people": 24, **preset}
        ),
    ]
    judged = published_rules.under_rules(programs, values, presets)
    return [
        work,
        judged,
        published_rules.rule_counts(judged),
        published_rules.disagreements(judged),
    ]


CASES: dict[str, Case] = {
    "normal model": _normal,
    "mixture model": _mixture,
    "free shape": _free,
    "grids": _grids,
    "priors on grids": _priors,
    "spread": _spread,
    "noise": _noise,
    "many fits": _many,
    "laws of true values": _truth,
    "simulated truths": _truths_simulated,
    "guards": _guards,
    "cut-offs": _cuts,
    "pairs and grades": _pairs,
    "rated": _rated,
    "swept": _swept,
    "groups": _groups,
    "rules studied": _studied,
    "rules": _ruled,
    "early and late": _later,
    "weights": _weights,
    "make-up and errors": _mixed,
    "lottery drawn again": _drawn,
    "beside the tier": _second,
    "published rules": _judged,
}


# numbers of four bytes, or where a search ends: less is told of them
ROUGH = {"mixture model", "priors on grids", "simulated truths", "guards", "pairs and grades"}
ROUGH |= {"rated", "swept", "rules studied", "rules"}


@pytest.mark.parametrize("name", CASES)
def test_numbers_are_those_on_file(name: str, script: Callable[[str], ModuleType]) -> None:
    slack = 2e-4 if name in ROUGH else 1e-6
    script("tests/frozen/on_file.py").compare("tiers", name, CASES[name](), slack)


def test_defaults_and_constants_are_those_on_file(script: Callable[[str], ModuleType]) -> None:
    script("tests/frozen/on_file.py").compare_declared("tiers")
