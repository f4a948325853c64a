"""Numbers of the effects on small seeded people are those on file (tests/frozen/effects.json)."""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from analysis.effects.aipw import aipw_scores, design_shares
from analysis.effects.attrition import attrition_by_arm
from analysis.effects.balance import (
    assignment_shares,
    joint_balance_test,
    standardised_differences,
)
from analysis.effects.clustered import clustered_difference, clustered_lin
from analysis.effects.comparison import Placebo, comparison_estimates, control_weights
from analysis.effects.composition import pooled_versus_within
from analysis.effects.cost import cost_per_dollar_gained
from analysis.effects.coverage import coverage_table
from analysis.effects.decomposition import decomposed_gap
from analysis.effects.design_grade import (
    GradeRules,
    attrition_check,
    design_checks,
    design_grade,
)
from analysis.effects.diagnostics import comparison_diagnostics
from analysis.effects.distribution import quantile_effect, threshold_effect
from analysis.effects.effect import critical_value, interval_degrees_of_freedom
from analysis.effects.entropy_balancing import entropy_balanced, entropy_weights
from analysis.effects.entry_cohorts import entry_cohort_effects
from analysis.effects.estimators import (
    difference_in_means,
    stratified_difference,
    thin_strata,
)
from analysis.effects.event_study import early_effects_test, event_study, pre_trend_test
from analysis.effects.field_split import field_splits
from analysis.effects.folds import repeated_splits
from analysis.effects.gaps import effect_gap, scored_gap
from analysis.effects.group_bands import simultaneous_groups
from analysis.effects.groups import group_effects
from analysis.effects.joint_bands import (
    equality_test,
    joint_bands,
    step_down_p_values,
    sup_t_critical_value,
)
from analysis.effects.lee_bounds import lee_bounds
from analysis.effects.lin import lin_adjusted
from analysis.effects.many_programs import many_program_effects
from analysis.effects.matched_cells import earnings_bands, matched_effect
from analysis.effects.multiplicity import (
    detectable_effect,
    heterogeneity_test,
    holm_adjusted,
    sidak_critical_values,
    simultaneous_bands,
    two_sided_p_values,
)
from analysis.effects.offer_regressions import offer_regressions
from analysis.effects.race_rules import RULES, race_members
from analysis.effects.ratio import ratio_of_effects
from analysis.effects.scores import group_estimates
from analysis.effects.sensitivity import regression_adjusted, robustness_value
from analysis.effects.shrinkage import shrunk_to_pooled
from analysis.effects.simulated import simulated_people
from analysis.effects.staggered import group_time_effects
from analysis.effects.take_up import take_up_effect

Case = Callable[[], object]
BEFORE = ["earlier", "age"]


def _people(n: int = 240, seed: int = 3) -> pd.DataFrame:
    """People whose chance of training and gain hang on what they were before."""
    rng = np.random.default_rng(seed)
    age, earlier = rng.normal(size=n), rng.gamma(2.0, size=n)
    site = rng.integers(0, 3, n)
    treated = (rng.random(n) < 1 / (1 + np.exp(0.3 - 0.5 * age + 0.2 * site))).astype(int)
    gain = 0.5 + 0.4 * (site == 1)
    y = 1 + earlier + 0.3 * age + gain * treated + rng.normal(size=n)
    return pd.DataFrame(
        {
            "treated": treated,
            "earnings": y,
            "age": age,
            "earlier": earlier,
            "site": np.array(list("abc"))[site],
            "race": np.array(["r1", "r2"])[rng.integers(0, 2, n)],
            "gender": np.array(["f", "m"])[rng.integers(0, 2, n)],
            "weight": 0.5 + rng.random(n),
            "cluster": np.arange(n) % 24,
            "works": (rng.random(n) < 0.6 + 0.15 * treated).astype(float),
            "attended": treated * (rng.random(n) < 0.7),
            "field": np.array(list("xyz"))[rng.integers(0, 3, n)],
        }
    )


def _means() -> object:
    p = _people()
    y, t = p["earnings"], p["treated"]
    thin = p["site"].where(p.index % 40 != 0, "d" + p["site"])
    return [
        difference_in_means(y, t),
        difference_in_means(y, t, variance="equal"),
        stratified_difference(y, t, p["site"]),
        stratified_difference(y, t, thin, thin="merge"),
        thin_strata(t, thin),
        difference_in_means(y, t).interval(),
        difference_in_means(y[:30], t[:30]).interval(0.9),
        (
            critical_value(0.9, 7),
            interval_degrees_of_freedom(59, 400),
            interval_degrees_of_freedom(60, 57.9),
        ),
        pooled_versus_within(p, "earnings", "site"),
    ]


def _regressions() -> object:
    p = _people()
    y, t, x = p["earnings"], p["treated"], p[BEFORE].assign(copy=2 * p["age"])
    return [
        lin_adjusted(y, t, x),
        lin_adjusted(y, t, x, p["site"], robust="HC3"),
        lin_adjusted(y, t, x.assign(one=(p.index == 3) * 1.0), high_leverage="drop"),
        regression_adjusted(y, t, x),
        *(clustered_difference(y, t, p["cluster"], errors=kind) for kind in ("CR0", "CR1", "CR2")),
        clustered_difference(y, t, weights=p["weight"]),
        clustered_lin(y, t, x, p["cluster"], p["site"], weights=p["weight"]),
        clustered_lin(y, t, x, errors="CR1"),
        [
            offer_regressions(
                [y.to_numpy(), p["attended"].to_numpy(float)],
                t.to_numpy() == 1,
                covariates=x,
                errors=kind,
                **more,
            )
            for kind in ("HC0", "HC1", "HC2")
            for more in (
                {},
                {"cluster": p["cluster"]},
                {"weights": p["weight"], "stratum": p["site"]},
            )
        ],
        [
            robustness_value(3.1, 90.0, share=share, level=level)
            for share in (1.0, 0.4)
            for level in (None, 0.1)
        ],
    ]


def _weighted() -> object:
    p = _people(400)
    y, t = p["earnings"], p["treated"]
    half = (p["gender"] == "f").to_numpy()
    found = []
    for more in (
        {},
        {"target": "treated", "repetitions": 2, "seed": 4},
        {"target": "overlap", "repetitions": 1, "weights": p["weight"]},
        {"propensity": design_shares(t, p["site"]), "folds": 3},
        {"target": "treated", "cluster": p["cluster"], "repetitions": 2, "folds": 4},
        {"clip": 0.3, "ridge": 20.0, "logit_penalty": 30.0, "repetitions": 1},
        {"fold": np.arange(400) % 7},
    ):
        scores = aipw_scores(y, t, p[BEFORE], **more)  # type: ignore[arg-type]
        groups = [np.ones(400, dtype=bool), half, ~half, (p["site"] == "a").to_numpy()]
        one = group_estimates(scores, groups)
        found.append(
            (
                *(one.estimates, one.covariance, one.degrees_of_freedom, scores.propensity),
                *(scores.split_estimates, control_weights(scores)),
                scored_gap(scores, half, ~half, ("f", "m")),
            )
        )
    return [found, design_shares(t, p["site"], p["weight"])]


def _trees() -> object:
    p = _people(120)
    scores = aipw_scores(
        p["earnings"], p["treated"], p[BEFORE], learner="boosting", folds=2, repetitions=1
    )
    return group_estimates(scores, [np.ones(120, dtype=bool)])


def _folded() -> object:
    flags = np.arange(500) % 3 == 0
    few = repeated_splits(flags[:60], folds=4, repetitions=2, seed=5)
    whole = repeated_splits(flags, folds=2, repetitions=3, seed=5)
    clusters = repeated_splits(flags, folds=3, repetitions=2, seed=5, cluster=np.arange(500) // 20)
    every = [*few, *whole, *clusters]
    return [one.fold(at) for one in every for at in range(one.repetitions)]


def _balanced() -> object:
    p = _people()
    return [
        standardised_differences(p, BEFORE),
        standardised_differences(p, BEFORE, stratum="site"),
        joint_balance_test(p, BEFORE),
        joint_balance_test(p, [*BEFORE, "weight"], stratum="site"),
        assignment_shares(p, "site"),
        entropy_weights(p["treated"], p[BEFORE]),
        entropy_balanced(p["earnings"], p["treated"], p[BEFORE]),
        decomposed_gap(p["earnings"], p["site"], p[BEFORE], "a", "b"),
    ]


def _compared() -> object:
    p = _people(300)
    placebo = Placebo("earlier", ("earlier",))
    return comparison_estimates(p, "earnings", BEFORE, placebo=placebo)


def _diagnosed() -> object:
    p = _people(200)
    placebo = Placebo("earlier", ("earlier",))
    found = [
        comparison_diagnostics(
            p, "earnings", BEFORE, placebo=placebo, support_limit=0.6, repetitions=3, **more
        )
        for more in (
            {},
            {"randomised": True},
            {"randomised": True, "stratum": "site"},
            {"randomised": True, "weights": "weight", "cluster": "cluster", "stratum": "site"},
            {"weights": "weight", "cluster": "cluster"},
        )
    ]
    rules = GradeRules(0.1, 60.0, 0.95)
    checks = [design_checks(one, rules) for one in found]
    return [
        found,
        [one.placebo_interval(0.8) for one in found],
        checks,
        [design_grade(one, rules, randomised=False) for one in checks],
        [attrition_check((0.2, lost), rules) for lost in (0.15, 0.149, 0.26)],
    ]


def _shape() -> object:
    p = _people()
    y, t = p["earnings"], p["treated"]
    masses = y.where(y > 2.2, 2.0)
    return [
        *(quantile_effect(y, t, at) for at in (0.1, 0.5, 0.9)),
        quantile_effect(y, t, 0.3, p["site"], confidence_level=0.8),
        quantile_effect(masses, t, 0.2, p["site"]),
        threshold_effect(y, t, 3.0),
        threshold_effect(y, t, 3.0, p["site"]),
        lee_bounds(y, t, p["works"]),
        lee_bounds(y, 1 - t, p["works"], confidence_level=0.8),
    ]


def _grouped() -> object:
    p = _people(400)
    plain = group_effects(p, "earnings", minimum_cell=10, covariates=BEFORE, stratum="site")
    odd = group_effects(
        p,
        "earnings",
        minimum_cell=35,
        groups=[("site",), ("site", "gender")],
        covariates=["age"],
        weights="weight",
        cluster="cluster",
    )
    scores = aipw_scores(p["earnings"], p["treated"], p[BEFORE], repetitions=1)
    scored = group_effects(p, "earnings", minimum_cell=20, groups=[("race",)], scores=scores)
    return [
        plain,
        odd,
        scored,
        effect_gap(plain, "r1", "r2", grouping="race"),
        effect_gap(
            plain, "f", "m", grouping="gender", estimator="Lin regression", confidence_level=0.8
        ),
        simultaneous_groups(plain, "gender"),
        simultaneous_groups(plain, "race", confidence_level=0.8, power=0.5),
    ]


def _at_once() -> object:
    p = _people(300)
    scores = aipw_scores(p["earnings"], p["treated"], p[BEFORE], repetitions=1)
    groups = [(p["site"] == one).to_numpy() for one in "abc"] + [(p["race"] == "r1").to_numpy()]
    found = group_estimates(scores, groups)
    values, errors = [3.0, -1.0, 2.0, 0.4], [1.0, 0.8, 2.0, 0.3]
    return [
        sup_t_critical_value(found.covariance, 0.9, 2, 4_000),
        sup_t_critical_value(np.diag([1.0, 4.0, 9.0]), 0.9),
        joint_bands(found, 0.9, draws=4_000),
        step_down_p_values(found.only(np.array([0, 3]))),
        equality_test(found, [0, 1, 2]),
        sidak_critical_values([5.0, np.inf], 0.9),
        simultaneous_bands(values, errors, [3.0, 9.0, 20.0, np.inf]),
        two_sided_p_values(values, errors, [3.0, 9.0, 20.0, np.inf]),
        holm_adjusted([0.3, 0.01, 0.02, 0.9]),
        heterogeneity_test(values, errors),
        detectable_effect(2.0, 0.7, 0.9),
        shrunk_to_pooled([*values, np.nan], [*errors, np.nan]),
        shrunk_to_pooled([1.0, 1.1], [1.0, 2.0], 0.8),
    ]


def _panel() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    n, periods = 90, 5
    entry = np.array([3.0, 4.0, np.nan])[np.arange(n) % 3]
    x = rng.normal(size=n)
    rows = pd.DataFrame(
        {
            "person": np.repeat(np.arange(n), periods),
            "period": np.tile(np.arange(1, periods + 1), n),
            "entry": np.repeat(entry, periods),
            "x": np.repeat(x, periods),
            "site": np.repeat(np.arange(n) // 6, periods),
        }
    )
    rows["y"] = (
        rng.normal(size=n * periods)
        + rows["x"] * rows["period"] / 3
        + 1.5 * (rows["period"] >= rows["entry"])
    )
    return rows


def _entered() -> object:
    panel = _panel()
    found = []
    for more in (
        {},
        {"covariates": ["x"], "comparison": "not_yet_treated", "base": "varying"},
        {"anticipation": 1, "cluster": "site"},
        {"minimum_cell": 31},
    ):
        try:
            one = group_time_effects(panel, "y", **{"minimum_cell": 10, **more})  # type: ignore[arg-type]
        except Exception as error:
            found.append(type(error).__name__)
            continue
        study = event_study(one, 0.9, draws=2_000)
        found.append((one.cells, one.left_out, one.reference, study, pre_trend_test(one)))
        found.append(early_effects_test(study))
    wide = _people(120)
    wide["q1"], wide["q2"] = wide["earnings"] - wide["age"], wide["earnings"] + wide["treated"]
    cohorts = entry_cohort_effects(
        wide,
        {-1: "earlier", 1: "q1", 2: "q2"},
        reference=-1,
        cohort="site",
        minimum_cell=10,
        covariates=["age"],
    )
    return [found, cohorts.cells, cohorts.influence.sum(0), event_study(cohorts, draws=2_000)]


def _offered() -> object:
    p = _people()
    y, t = p["earnings"], p["treated"]
    return [
        take_up_effect(y, t, p["attended"], minimum_first_stage_f=10),
        take_up_effect(
            y,
            t,
            p["attended"],
            minimum_first_stage_f=10,
            covariates=p[BEFORE],
            stratum=p["site"],
            cluster=p["cluster"],
            weights=p["weight"],
            confidence_level=0.8,
        ),
        cost_per_dollar_gained(y, t, 2.0),
        cost_per_dollar_gained(
            y, t, 0.3 * p["age"] + 2 * t, stratum=p["site"], cluster=p["cluster"]
        ),
        ratio_of_effects(2.0, 1.0, (1.0, 0.4), 0.2),
        ratio_of_effects(2.0, 1.0, (0.1, 0.02), 0.01, 0.9, 12.0),
    ]


def _matched() -> object:
    p = _people()
    p["band"] = earnings_bands(p["earlier"].where(p["earlier"] > 0.8, 0.0), 3)
    return [
        p["band"],
        matched_effect(p, "earnings", ["site", "band"]),
        matched_effect(p, "earnings", ["site", "cluster"], adjust=["age"]),
        attrition_by_arm(
            p.assign(earnings=p["earnings"].where(p["age"] < 0.6)),
            "earnings",
            minimum_cell=3,
            groups=[("gender",), ("race", "gender")],
        ),
        field_splits(
            p,
            "earnings",
            [("race", "r1", "r2"), (["race", "gender"], "r1, f", "r2, m")],
            minimum_cell=4,
            covariates=["age"],
        ),
    ]


def _programs() -> object:
    rng = np.random.default_rng(10)
    pool = pd.DataFrame(rng.normal(size=(600, 2)), columns=["x", "z"])
    people = pd.DataFrame(rng.normal(size=(90, 2)) + 0.3, columns=["x", "z"])
    after = pool["x"] + rng.normal(size=600)
    own = people["x"] + 1 + rng.normal(size=90)
    code = np.array(list("abc"))[np.arange(90) % 3]
    groups = {"pool_group": np.arange(600) % 2, "group": np.arange(90) % 2}
    return [
        many_program_effects(pool, after, people, own, code, folds=3, covariance=True),
        many_program_effects(pool, after, people, own, code, seed=2, ridge=30.0, **groups),
        many_program_effects(pool, after, people, own, code, logit_penalty=40.0),
    ]


def _races() -> object:
    rng = np.random.default_rng(2)
    names = ["hispanic", "asian", "black", "pacific_islander", "american_indian", "white"]
    people = pd.DataFrame(rng.integers(0, 2, (40, 6)), columns=names)
    kinds = ("any race", "apart")
    return [race_members(people, rule, hispanic=kind).sum() for rule in RULES for kind in kinds]


def _simulated() -> object:
    return [
        simulated_people(200, np.random.default_rng(1)),
        coverage_table(400, 2, 1, splits=1),
    ]


CASES: dict[str, Case] = {
    "means": _means,
    "regressions": _regressions,
    "weighted": _weighted,
    "trees": _trees,
    "folds": _folded,
    "balance": _balanced,
    "comparison": _compared,
    "diagnostics": _diagnosed,
    "distribution": _shape,
    "groups": _grouped,
    "many at once": _at_once,
    "entered at times": _entered,
    "offers and costs": _offered,
    "cells and fields": _matched,
    "many programs": _programs,
    "race rules": _races,
    "simulated": _simulated,
}


@pytest.mark.parametrize("name", CASES)
def test_numbers_are_those_on_file(name: str, script: Callable[[str], ModuleType]) -> None:
    # the logits of many programs are fitted with four bytes a number on the way
    slack = 2e-4 if name == "many programs" else 1e-6
    script("tests/frozen/on_file.py").compare("effects", name, CASES[name](), slack)


def test_defaults_and_constants_are_those_on_file(script: Callable[[str], ModuleType]) -> None:
    script("tests/frozen/on_file.py").compare_declared("effects")
