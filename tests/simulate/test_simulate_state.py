"""The simulated state: reproducible, in the public layout, with the stated errors and effects."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.simulate.design import default_design
from analysis.simulate.outcomes import draw_outcomes
from analysis.simulate.people import draw_people, draw_programs
from analysis.simulate.state import SimulatedState, simulate_state
from analysis.tables.wioa_layout import wioa_layout
from analysis.tables.wioa_records import Records, read_wioa_records


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> SimulatedState:
    return simulate_state(tmp_path_factory.mktemp("state") / "state.csv", 20_000, seed=7)


@pytest.fixture(scope="module")
def records(state: SimulatedState) -> Records:
    return read_wioa_records(state.path, state.path.parent / "state.parquet")


def test_the_same_seed_gives_the_same_file(state: SimulatedState, tmp_path: Path) -> None:
    again = simulate_state(tmp_path / "again.csv", 20_000, seed=7)
    assert again.path.read_bytes() == state.path.read_bytes()
    other = simulate_state(tmp_path / "other.csv", 20_000, seed=8)
    assert other.path.read_bytes() != state.path.read_bytes()


def test_the_heading_is_the_layout_s(state: SimulatedState) -> None:
    with state.path.open() as handle:
        headings = handle.readline().strip().split(",")
    numbers = [heading.removeprefix("PIRL ") for heading in headings]
    assert numbers == list(wioa_layout().about.numbers)


def test_the_reader_finds_every_error_that_was_put_in(
    state: SimulatedState, records: Records
) -> None:
    counted = dict(records.reconciliation.itertuples(index=False))
    assert counted["rows in the file"] == state.rows
    assert counted["rejected: exit before entry"] == state.errors["exit before entry"]
    assert (
        counted["rejected: participant without a readable date of entry"]
        == state.errors["unreadable date of entry"]
    )
    assert (
        counted["rejected: repeats an earlier record (state, person, date of exit)"]
        == state.errors["repeated records"]
    )
    unread = records.unreadable.set_index("column")["cells"]
    assert unread["sex"] == state.errors["impossible sex code"]
    assert unread["entry_date"] == state.errors["unreadable date of entry"]
    assert set(unread.index) == {"sex", "entry_date"}
    assert counted["used"] + len(records.rejected) == state.rows


def test_wages_dip_before_entry_and_the_trained_are_selected() -> None:
    design = default_design()
    random = np.random.default_rng(1)
    programs = draw_programs(design, 1)
    people = draw_people(design, programs, 50_000, random)
    outcomes = draw_outcomes(design, people, programs, random)
    before = outcomes.before.mean(axis=0)
    assert before[0] > before[1] > before[2]
    assert before[2] < 0.5 * before[0]
    wage = people.permanent_wage
    assert wage[people.trained].mean() < wage[~people.trained].mean()
    # without training, wages come back by themselves: a gain from before is no effect
    assert outcomes.without_training[:, 3].mean() > outcomes.before[:, 2].mean()


def test_true_effects_add_up_and_follow_the_design(state: SimulatedState) -> None:
    table = state.effects.set_index(["race", "gender"])
    crossed = state.effects[(state.effects["race"] != "all") & (state.effects["gender"] != "all")]
    total = (crossed["effect_q4"] * crossed["people"]).sum() / crossed["people"].sum()
    assert table.loc[("all", "all"), "effect_q4"] == pytest.approx(total, rel=1e-12)
    assert table.loc[("white", "men"), "effect_q4"] > table.loc[("Black", "women"), "effect_q4"]


def test_true_effects_are_the_mean_difference_of_the_two_worlds(state: SimulatedState) -> None:
    """Drawn again from the stated seed, and averaged by hand."""
    design, programs = default_design(), draw_programs(default_design(), 7)
    random = np.random.default_rng([7, 2, 0])
    people = draw_people(design, programs, 20_000, random)
    outcomes = draw_outcomes(design, people, programs, random)
    frame = pd.DataFrame(
        {
            "gain": outcomes.with_training[:, 1] - outcomes.without_training[:, 1],
            "counts": people.trained & ~people.reportable & people.woman & (people.race == 2),
        }
    )
    stated = state.effects.set_index(["race", "gender"]).loc[("Black", "women")]
    by_hand = frame.loc[frame["counts"], "gain"]
    assert stated["people"] == len(by_hand)
    assert stated["effect_q2"] == pytest.approx(by_hand.mean(), rel=1e-12)
