"""The guard for groups: three states, the closed form, a null that is null, bad input."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.tables.published_trials import read_jtpa_women
from analysis.tiers.equity_guard import HIDDEN, SHOWN, TOO_FEW, guard_groups
from analysis.tiers.site_groups import guard_sites, site_differences, state_counts


def _world(
    programs: int, share: float, spread: float, seed: int = 1, mean_gap: float = -0.2
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray, np.ndarray]:
    """Group rows, programs known by their other people, true group effects, whether in the top."""
    generator = np.random.default_rng([seed, programs])
    rest = 0.5 + generator.normal(size=programs)
    own = rest + mean_gap + spread * generator.normal(size=programs)
    error, error_rest = 0.5 / np.sqrt(share), 0.5 / np.sqrt(1 - share)
    y_rest = rest + error_rest * generator.normal(size=programs)
    y = own + error * generator.normal(size=programs)
    lean = 1 / (1 + error_rest**2)
    keys = [f"p{i}" for i in range(programs)]
    rows = pd.DataFrame(
        {
            "program_key": keys,
            "group": "g",
            "estimate": y,
            "standard_error": error,
            "n_treated": 50,
            "n_control": 50,
        }
    )
    known = pd.DataFrame(
        {
            "program_key": keys,
            "mean": lean * y_rest + (1 - lean) * 0.5,
            "standard_deviation": np.sqrt(lean) * error_rest,
        }
    )
    both = (1 - share) * rest + share * own
    total = (1 - share) * y_rest + share * y
    shrink = both.var() / (both.var() + 0.25)
    centre, deviation = shrink * total + (1 - shrink) * both.mean(), np.sqrt(shrink) * 0.5
    top = (centre > 1.25) & (stats.norm.cdf(-centre / deviation) <= 0.05)
    return rows, known, own, top


@pytest.mark.parametrize(
    ("share", "limit", "harm", "demoted"),
    [
        (0.15, 0.20, 0.037, 0.034),
        (0.15, 0.10, 0.024, 0.13),
        (0.15, 0.05, 0.014, 0.28),
        (0.05, 0.10, 0.041, 0.25),
    ],
)
def test_harm_let_through_and_fine_programs_demoted_are_the_closed_form(
    share: float, limit: float, harm: float, demoted: float
) -> None:
    """Published from 200,000 programs with all spreads known; here 40,000, all estimated."""
    rows, known, own, top = _world(40_000, share, 1.0)
    found = guard_groups(rows, known, limit=limit, least_reliability=1e-9)
    kept = top & found.programs["allowed"].to_numpy()
    assert (own <= 0)[kept].mean() == pytest.approx(harm, abs=0.01)
    fine = own > 0
    assert 1 - (kept & fine).sum() / (top & fine).sum() == pytest.approx(demoted, abs=0.03)
    assert (own <= 0)[kept].mean() < (own <= 0)[top].mean() - 0.005


def test_the_chance_of_harm_is_the_chance_of_harm() -> None:
    rows, known, own, _ = _world(20_000, 0.15, 1.0)
    chance = guard_groups(rows, known, least_reliability=1e-9).groups["chance_not_above"]
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 0.6), (0.6, 1.0)):
        within = chance.between(low, high)
        assert (own <= 0)[within].mean() == pytest.approx(chance[within].mean(), abs=0.015)


def test_without_a_gap_no_group_is_demoted_more_than_the_program_is() -> None:
    """Group labels that mean nothing: the guard falls to what the program itself would show."""
    rows, known, _, top = _world(4_000, 0.15, 0.0, mean_gap=0.0)
    found = guard_groups(rows, known, least_reliability=1e-9)
    demoted = ~found.programs["allowed"].to_numpy()[top]
    assert demoted.mean() < 0.01


def test_three_states_and_no_silent_pass() -> None:
    rows, known, _, _ = _world(60, 0.15, 1.5)
    rows.loc[0, "n_control"] = 9
    rows.loc[1, "standard_error"] = 40.0
    rows = rows.drop(index=2)
    found = guard_groups(rows, known, expected_groups=("g",))
    state = found.groups.set_index("program_key")["state"]
    assert state[["p0", "p1", "p3"]].tolist() == [HIDDEN, TOO_FEW, SHOWN]
    marks = found.programs.set_index("program_key")["mark"]
    assert all(marks[key] == "not shown for g" for key in ("p0", "p1", "p2"))
    assert found.programs.set_index("program_key").loc[["p0", "p1", "p2"], "allowed"].all()
    assert "g" in marks["p3"]
    # nothing of a hidden group is in what comes back
    hidden = found.groups[found.groups["state"].eq(HIDDEN)]
    numbers = ["estimate", "standard_error", "n_treated", "n_control", "shrunk", "gap"]
    assert hidden[numbers].isna().all(axis=None)


def test_a_big_group_called_small_changes_the_mark_and_never_passes_silently() -> None:
    rows, known, _, _ = _world(60, 0.3, 1.5)
    before = guard_groups(rows, known)
    harmed = before.groups.loc[before.groups["harmed"], "program_key"].iloc[0]
    rows.loc[rows["program_key"].eq(harmed), "n_treated"] = 5
    after = guard_groups(rows, known).programs.set_index("program_key")
    assert after.loc[harmed, "allowed"]
    assert after.loc[harmed, "mark"] == "not shown for g"


def test_three_groups_leave_the_answer_to_the_prior_of_the_spread() -> None:
    """Few programs do not tell the spread of gaps: a wider prior pools less."""
    rows, known, _, _ = _world(3, 0.15, 1.0, seed=4)
    first, second = (
        guard_groups(rows, known, tau_maximum=tau, least_reliability=1e-9).groups
        for tau in (0.2, 4.0)
    )
    assert (first["chance_not_above"] - second["chance_not_above"]).abs().max() > 0.02


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.assign(program_key="other"), "not among the programs"),
        (lambda r: pd.concat([r, r]), "stands twice"),
        (lambda r: r.drop(columns="n_control"), "'n_control' is missing"),
        (lambda r: r.assign(standard_error=0.0), "not positive"),
    ],
)
def test_bad_rows_are_one_clear_error(change, message: str) -> None:
    rows, known, _, _ = _world(5, 0.15, 1.0)
    with pytest.raises(WorkbenchError, match=message):
        guard_groups(change(rows), known)


def test_a_group_that_no_program_has_is_refused() -> None:
    rows, known, _, _ = _world(5, 0.15, 1.0)
    with pytest.raises(WorkbenchError, match="group 'men' is in no program"):
        guard_groups(rows, known, expected_groups=("g", "men"))


def test_sites_of_the_jtpa_trial_can_hardly_be_checked_by_race(mirror: Path) -> None:
    people = read_jtpa_women(mirror / "trials" / "jtpa_women.rda").frame
    rules = load_framework()
    guarded = guard_sites(people, "earnings_30_months", "race", rules, months=30)
    counts = state_counts(guarded).set_index("group")
    # published: fewer than ten Hispanic controls in 10 of 13 sites, Black in 5 of 15
    assert counts.loc["Hispanic", "hidden_sites"] == 10 + 3
    assert counts.loc["Black", "hidden_sites"] == 5 + 1
    assert (counts[["shown", "too_few", "hidden_sites"]].sum(axis=1) == 16).all()
    unseen = guarded[guarded["state"].ne("shown")]
    assert unseen[["shrunk", "chance_not_above"]].isna().all(axis=None)
    # a published cell, dollars a year: Black at CC 7,543 (3,071) over 30 months
    own = site_differences(people[people["race"].eq("Black")], "earnings_30_months", 30)
    cell = own.set_index("program_key").loc["CC"]
    assert cell["estimate"] * 2.5 == pytest.approx(7_543, abs=1)
    assert cell["standard_error"] * 2.5 == pytest.approx(3_071, abs=1)


def test_the_framework_states_the_limit() -> None:
    tiers = load_framework().tiers
    assert (tiers.group_limit, tiers.group_least_reliability) == (0.10, 0.20)


def _people(harmed_share: float, seed: int) -> pd.DataFrame:
    """Sites of a trial where a group gains nothing, or loses, in some; everyone else gains."""
    generator = np.random.default_rng(seed)
    sites, size = 40, 400
    site = np.repeat(np.arange(sites), size)
    treated = generator.integers(0, 2, len(site))
    of_group = generator.random(len(site)) < 0.3
    harm = (generator.random(sites) < harmed_share)[site] & of_group
    effect = np.where(harm, -2_000.0, 3_000.0)
    outcome = 10_000 + effect * treated + 4_000 * generator.normal(size=len(site))
    return pd.DataFrame(
        {
            "stratum": [f"s{i}" for i in site],
            "treated": treated,
            "y": outcome,
            "group": np.where(of_group, "g", "others"),
        }
    )


def _demoted(people: pd.DataFrame) -> float:
    guarded = guard_sites(people, "y", "group", load_framework(), months=12)
    mine = guarded[guarded["group"].eq("g")]
    return float(mine["harmed"].mean())


def test_permuting_labels_within_sites_brings_demotions_to_their_null_rate() -> None:
    true, permuted, null = [], [], []
    for seed in range(12):
        people = _people(0.4, seed)
        generator = np.random.default_rng([9, seed])
        labels = people.groupby("stratum")["group"].transform(
            lambda part, generator=generator: generator.permutation(part.to_numpy())
        )
        true.append(_demoted(people))
        permuted.append(_demoted(people.assign(group=labels)))
        # no group is harmed, and everyone gains as much as the people above do on average
        null.append(_demoted(_people(0.0, 100 + seed)))
    assert np.mean(true) > 0.3
    assert np.mean(permuted) < 0.02
    noise = np.sqrt((np.var(permuted) + np.var(null)) / 12)
    assert abs(np.mean(permuted) - np.mean(null)) <= max(3 * noise, 1 / (40 * 12))
