"""Published outcomes by group feed the guard: planted harm, hidden groups, too few, nothing."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.framework import load_framework
from analysis.tiers.estimates import against_benchmark
from analysis.tiers.published_groups import guard_counts, guard_published, with_groups
from analysis.tiers.rating import rate_set

RULES = load_framework().with_tiers(simulation_draws=15)
SETTINGS: dict[str, Any] = {
    "benchmarks": pd.Series({"NJ": 36_000.0}),
    "default_benchmark": 36_000.0,
    "coefficient_of_variation": 0.7,
    "minimum_people": 10,
    "rated": RULES.tiers.rated_metrics,
}
MORE = {"title": "Own file", "validity": "randomised"}


def _rows(value: np.ndarray, people: np.ndarray | float, **more: str) -> pd.DataFrame:
    keys = [f"p{i}" for i in range(len(value))]
    return pd.DataFrame(
        {
            "program_key": keys,
            "provider_id": keys,
            "provider": keys,
            "cip_code": "51.0801",
            "state": "NJ",
            "metric": "average_quarterly_wage",
            "horizon": "quarter 4 after exit",
            "quarter": 4,
            "value": value,
            "n": people,
            "source_id": "test",
            **more,
        }
    )


def _state(count: int = 60) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Programs of 1,200 people, half women; women earn as men but for the first two programs."""
    generator = np.random.default_rng(3)
    level = 12_000 + 2_000 * generator.normal(size=count)
    level[:3] = 16_000
    women = level + 600 * generator.normal(size=count)
    men = level + 600 * generator.normal(size=count)
    women[:2] = 8_000
    groups = pd.concat(
        [
            _rows(women, 600.0, by="gender", group="women"),
            _rows(men, 600.0, by="gender", group="men"),
        ],
        ignore_index=True,
    )
    whole = against_benchmark(_rows((women + men) / 2, 1_200.0), **MORE, **SETTINGS)
    return whole, groups


def _checked(programs: pd.DataFrame, groups: pd.DataFrame, **options: Any) -> pd.DataFrame:
    return guard_published(groups, programs, RULES, SETTINGS, **MORE, **options)


def test_planted_harm_keeps_the_program_from_the_top_and_nobody_else() -> None:
    programs, groups = _state()
    # the benchmark is 9,000 dollars a quarter: women of two programs earn 8,000, all earn 12,000
    checked = _checked(programs, groups)
    harmed = checked[checked["harmed"]]
    assert {"p0", "p1"} <= set(harmed.loc[harmed["group"].eq("women"), "program_key"])
    marked = with_groups(programs, checked)
    rated = rate_set(marked, RULES).frame.set_index("program_key")
    free = rate_set(programs, RULES).frame.set_index("program_key")
    assert free.loc[["p0", "p1", "p2"], "tier"].eq("A").all()
    assert rated.loc[["p0", "p1"], "tier"].eq("B").all()
    assert rated.loc["p0", "reason"] == "kept out of the top tier: a group may be no better off"
    assert rated.loc["p2", "tier"] == "A"
    assert rated.loc["p2", "group_guard"] == "checked for women, men"
    assert rated.loc["p0", "group_guard"].startswith("may leave no better off: women")
    counts = guard_counts(checked).set_index("group")
    assert counts.loc["women", ["programs", "shown", "hidden_programs"]].tolist() == [60, 60, 0]


def test_a_hidden_group_is_named_and_is_never_a_silent_pass() -> None:
    programs, groups = _state()
    first = groups["program_key"].isin(["p0", "p2"]) & groups["group"].eq("women")
    withheld = groups.assign(value=groups["value"].mask(first), n=groups["n"].mask(first))
    marked = with_groups(programs, _checked(programs, withheld)).set_index("program_key")
    # nothing is known of men's program beside them either: both are not shown
    assert marked.loc["p2", "group_guard"] == "not shown for women, men"
    assert marked.loc["p0", "group_allowed"]
    assert not marked.loc["p1", "group_allowed"]


def test_a_group_that_a_program_has_no_row_for_is_named_and_same_names_are_told_apart() -> None:
    programs, groups = _state()
    few = groups[~(groups["program_key"].eq("p5") & groups["group"].eq("men"))]
    other = groups.assign(by="race", group=groups["group"].map({"women": "white", "men": "men"}))
    checked = _checked(programs, pd.concat([few, other], ignore_index=True))
    mark = with_groups(programs, checked).set_index("program_key").loc["p5", "group_guard"]
    assert "men (race)" in mark.split("not shown for")[0]
    assert mark.endswith("not shown for women, men (gender)")
    assert len(checked) == 60 * 4


def test_few_people_are_too_few_to_tell_and_demote_nobody() -> None:
    programs, groups = _state()
    even = groups.assign(value=12_000.0, n=12.0)
    checked = _checked(programs, even)
    assert checked["state"].eq("too few to tell").all()
    assert checked[["shrunk", "n"]].isna().all(axis=None)
    marked = with_groups(programs, checked)
    assert marked["group_allowed"].all()
    assert marked["group_guard"].eq("too few to tell for women, men").all()


def test_a_bias_shared_with_the_program_makes_a_group_s_chance_less_sure_not_its_gap() -> None:
    programs, groups = _state()
    weak = dict(MORE, validity="matched_comparison")
    plain = guard_published(groups, programs, RULES, SETTINGS, **MORE)
    biased = guard_published(groups, programs, RULES, SETTINGS, **weak)
    level = RULES.validity_levels[1]
    np.testing.assert_allclose(biased["shrunk"], plain["shrunk"] - level.bias_mean, atol=1.0)
    clear = plain["shrunk"] > 2 * level.bias_mean
    assert (biased["chance_not_above"] > plain["chance_not_above"])[clear].all()
    ignored = guard_published(groups, programs, RULES, SETTINGS, **weak, with_bias=False)
    pd.testing.assert_frame_equal(ignored, plain)


@pytest.mark.parametrize("nothing", ["no earnings", "other programs", "no file"])
def test_where_nothing_can_be_checked_the_tier_says_so(nothing: str) -> None:
    programs, groups = _state(10)
    if nothing == "no earnings":
        checked = _checked(programs, groups.assign(metric="employed_share"))
    elif nothing == "other programs":
        checked = _checked(programs, groups.assign(program_key="z" + groups["program_key"]))
    else:
        checked = None
    marked = with_groups(programs, checked)
    assert marked["group_allowed"].all()
    assert marked["group_guard"].eq("not checked: no outcomes by group").all()
