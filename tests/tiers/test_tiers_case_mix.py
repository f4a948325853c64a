"""Case mix: simulated truth, a twin, nobody held against itself, the simulated state, bad input."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.simulate.design import default_design
from analysis.simulate.outcomes import draw_outcomes
from analysis.simulate.people import draw_people, draw_programs
from analysis.tiers.case_mix import case_mix
from analysis.tiers.rating import rate_set

NAMES = ["women", "schooling"]


def _programs(seed: int, count: int = 300, providers: int = 60) -> pd.DataFrame:
    """True value: 9,000 for a man without schooling, less for women, more with schooling."""
    generator = np.random.default_rng(seed)
    provider = generator.integers(0, providers, count)
    women, schooling = generator.beta(2, 2, count), generator.beta(3, 2, count)
    merit = 800 * generator.normal(size=providers)[provider]
    merit = merit + 1_200 * generator.normal(size=count)
    error = 900 * np.exp(0.5 * generator.normal(size=count))
    truth = 9_000 - 6_000 * women + 8_000 * schooling + merit
    return pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(count)],
            "provider_id": provider,
            "estimate": truth + error * generator.normal(size=count),
            "standard_error": error,
            "women": women,
            "schooling": schooling,
            "merit": merit,
        }
    )


def test_the_bias_of_make_up_is_gone_and_the_interval_covers() -> None:
    covered, errors, slopes, raw = [], [], [], []
    for seed in range(40):
        programs = _programs(seed)
        found = case_mix(programs, NAMES, seed=seed)
        off = found["difference"] - programs["merit"]
        covered.append((off.abs() <= 1.96 * found["difference_standard_error"]).mean())
        errors.append(off.mean())
        shares = sm.add_constant(programs[NAMES])
        slopes.append(sm.OLS(off, shares).fit().params[NAMES])
        raw.append(sm.OLS(programs["estimate"] - programs["merit"], shares).fit().params[NAMES])
    assert np.mean(covered) == pytest.approx(0.95, abs=0.012)
    # unbiased within three Monte Carlo standard errors, on the whole and along the make-up
    assert abs(np.mean(errors)) < 3 * np.std(errors, ddof=1) / np.sqrt(len(errors))
    slope = pd.DataFrame(slopes)
    assert (slope.mean().abs() < 3 * slope.std() / np.sqrt(len(slope))).all()
    np.testing.assert_allclose(pd.DataFrame(raw).mean(), [-6_000, 8_000], rtol=0.05)


def test_statsmodels_gives_the_same_expected_values_and_errors() -> None:
    programs = _programs(1)
    found = case_mix(programs, NAMES, seed=1)
    x = sm.add_constant(programs[NAMES])
    for part in range(10):
        mine = found["fold"].eq(part)
        others = programs[~mine]
        weights = 1 / (others["standard_error"] ** 2 + found.loc[mine, "spread"].iloc[0] ** 2)
        twin = sm.WLS(others["estimate"], x[~mine], weights=weights).fit(
            cov_type="cluster", cov_kwds={"groups": others["provider_id"]}
        )
        predicted = twin.get_prediction(x[mine])
        np.testing.assert_allclose(found.loc[mine, "expected"], predicted.predicted_mean)
        np.testing.assert_allclose(found.loc[mine, "expected_standard_error"], predicted.se_mean)
        # the spread is the one at which the weighted squares are as many as they should be
        assert weights @ twin.resid**2 == pytest.approx(twin.df_resid, rel=1e-6)


def test_no_program_is_held_against_itself_or_its_provider() -> None:
    programs = _programs(2)
    before = case_mix(programs, NAMES, seed=2)
    own = programs["provider_id"].eq(programs["provider_id"].iloc[0])
    changed = programs.assign(estimate=programs["estimate"].where(~own, 1e6))
    after = case_mix(changed, NAMES, seed=2)
    pd.testing.assert_series_equal(after["expected"][own], before["expected"][own])
    assert not np.allclose(after["expected"], before["expected"])


def test_without_make_up_all_are_held_against_the_same_mean_of_the_others() -> None:
    programs = _programs(3)
    found = case_mix(programs, [], seed=3)
    assert (found.groupby("fold")["expected"].nunique() == 1).all()
    assert found["difference"].mean() == pytest.approx(0, abs=200)


@pytest.fixture(scope="module")
def state() -> pd.DataFrame:
    """Programs of the simulated state (synthetic): outcomes, who came, and the true merit."""
    design, random = default_design(), np.random.default_rng(3)
    programs = draw_programs(design, 3)
    people = draw_people(design, programs, 1_000_000, random)
    outcomes = draw_outcomes(design, people, programs, random)
    rows = pd.DataFrame(
        {
            "program_key": people.program,
            "wage": 4 * outcomes.after[:, 3],
            "without": 4 * outcomes.without_training[:, 3],
            "women": people.woman.astype(float),
            "wage_before": outcomes.before[:, 0],
            "schooling": np.isin(people.schooling, [0]).astype(float),
            "disability": people.barriers["disability"].astype(float),
        }
        | {f"race_{race}": (people.race == race).astype(float) for race in (0, 2)}
    )[people.trained]
    table = rows.groupby("program_key").mean()
    spread = rows.groupby("program_key")["wage"].agg(["std", "size"])
    return table.assign(
        estimate=table["wage"],
        standard_error=spread["std"] / np.sqrt(spread["size"]),
        provider_id=programs.provider[table.index],
        merit=4 * programs.effect[table.index],
    ).reset_index()


MAKE_UP = ["women", "wage_before", "schooling", "disability", "race_0", "race_2"]


def test_in_the_simulated_state_merit_shows_better_than_in_raw_wages(state: pd.DataFrame) -> None:
    found = case_mix(state, MAKE_UP, seed=1)
    raw = state["estimate"].corr(state["merit"], method="spearman")
    adjusted = found["difference"].corr(state["merit"], method="spearman")
    assert adjusted > raw + 0.1
    # what its people would have earned anyway stands in the raw wage, hardly in the difference
    assert state["estimate"].corr(state["without"]) > 0.7
    assert abs(found["difference"].corr(state["without"])) < 0.5 * state["estimate"].corr(
        state["without"]
    )


def test_differences_can_be_tiered_like_any_other_estimate(state: pd.DataFrame) -> None:
    found = case_mix(state, MAKE_UP, seed=1)
    rules = load_framework().with_tiers(simulation_draws=20, cuts=[0.0, 500.0, 1_500.0])
    programs = found.assign(
        estimate=found["difference"],
        standard_error=found["difference_standard_error"],
        validity="randomised",
    )
    rated = rate_set(programs, rules).frame
    merit = state["merit"].groupby(rated["tier"].to_numpy()).mean()
    assert merit.iloc[0] > merit.iloc[-1]


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda p: p.drop(columns="women"), "column 'women' is missing"),
        (lambda p: p.assign(women=p["women"].where(p.index > 0)), "program 'p0' has no value"),
        (lambda p: p.assign(program_key="p0"), "program 'p0' stands twice"),
        (lambda p: p.assign(standard_error=0.0), "not positive"),
        (lambda p: p.assign(schooling=1 - p["women"]), "repeat one another"),
        (lambda p: p.assign(provider_id=p["provider_id"] % 5), "5 providers are too few"),
    ],
)
def test_bad_input_is_named(spoil: Callable[[pd.DataFrame], pd.DataFrame], what: str) -> None:
    with pytest.raises(WorkbenchError, match=what):
        case_mix(spoil(_programs(4)), NAMES, seed=1)


def test_another_unit_changes_nothing_but_the_unit() -> None:
    """In ten thousands of dollars, where squared errors are far below one."""
    programs = _programs(3)
    money = ["estimate", "standard_error"]
    found = case_mix(programs, NAMES, seed=3)
    other = case_mix(programs.assign(**programs[money] / 1e4), NAMES, seed=3)
    assert (found["spread"] > 0).all()
    for name in ("expected", "expected_standard_error", "difference", "spread"):
        np.testing.assert_allclose(other[name] * 1e4, found[name], rtol=1e-6)
