"""Tiers where one provider, one tie or one step decides, each by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.tiers.case_mix import case_mix
from analysis.tiers.labels import label_programs
from analysis.tiers.randomisation import randomisation_p_value
from analysis.tiers.rule_study import _calibration, _shares, _tally
from analysis.tiers.rules import Task
from analysis.tiers.shape_grid import _closer, shapes
from analysis.tiers.simulated_truths import Simulated
from analysis.tiers.sweep import _guards, loss_surface
from analysis.tiers.truths import DENSITIES


def test_as_many_other_providers_as_asked_for_are_enough() -> None:
    """Ten providers in five parts leave eight: four for each of two coefficients."""
    share = np.tile([0.0, 0.5, 1.0, 0.25], 5)
    programs = pd.DataFrame(
        {"program_key": range(20), "provider_id": np.arange(20) // 2, "estimate": 10 - 4 * share}
    ).assign(standard_error=1.0, women=share)
    found = case_mix(programs, ["women"], folds=5, minimum_per_parameter=4, seed=1)
    assert found["expected"].tolist() == pytest.approx((10 - 4 * share).tolist())
    with pytest.raises(WorkbenchError, match="10 providers are too few for 2 coefficients"):
        case_mix(programs, ["women"], folds=5, minimum_per_parameter=5, seed=1)


def test_a_program_kept_from_the_top_is_held_at_its_likelier_tier() -> None:
    """Middle with chance .6, low with .4: middle, though over-rating may cost more elsewhere."""
    sets = Simulated(
        theta=np.array([[0.5]], dtype=np.float32),
        above=np.array([[[0.0, 0.6]]], dtype=np.float32),
        not_above=np.array([[0.4]], dtype=np.float32),
        guarded=np.array([[0.4]], dtype=np.float32),
        cuts=(1.0, 0.0),
        benchmark=0.0,
    )
    surface = loss_surface({"one": sets}, guards=[0.05], least_chances=[0.2], false_cost=3.0)
    assert surface["loss"].tolist() == [0.0]
    assert surface["found"].tolist() == [0.0]
    assert surface["false_share"].isna().all()


def test_what_two_sorted_sets_of_four_programs_are_worth_by_hand() -> None:
    """True tiers 0, 2, 1, 0. First set: a false top and a top left last. Second: only that one."""
    theta = np.array([3.0, -1.0, 1.0, 2.0])
    task = Task(theta, np.ones(4), (1.5, 0.0), 0.0)
    sets = [_tally(np.array(given), theta, task) for given in ([0, 0, 1, 2], [0, 2, 1, 2])]
    assert [one["wrong"] for one in sets] == [3, 1]
    assert [one["apart"] for one in sets] == [5, 5]
    assert _shares(pd.DataFrame(sets)) == pytest.approx(
        {
            "steps_off": (4 / 4 + 2 / 4) / 2,
            "steps_off_se": 0.25,
            "one_or_more_off": 3 / 8,
            "two_or_more_off": 3 / 8,
            "pairs_wrong": 4 / 12,
            "pairs_apart": 10 / 12,
            "top_share": 3 / 8,
            "false_top": 1 / 3,
            # a ratio's: of each set what is false less a third of its top
            "false_top_se": np.sqrt(2 / 9) / 3,
            "top_against_best": (2 + 3) / (5 + 3),
            "found": 2 / 4,
            "empty_top": 0.0,
        }
    )


class Surely:
    """One program whose chances are given: .7 of at or below the lower cut-off, .3 above it."""

    def chance_at_or_below(self, value: float) -> np.ndarray:
        return np.array([0.7 if value == 0.0 else 1.0])

    def chance_above(self, value: float) -> np.ndarray:
        return 1 - self.chance_at_or_below(value)

    def guard_chance(self, value: float) -> np.ndarray:
        return self.chance_at_or_below(value)


def test_without_a_weight_a_step_too_high_costs_as_much_as_one_too_low() -> None:
    given = {"cuts": (0.0, 1.0), "labels": ("A", "B", "C"), "benchmark": 0.0, "guard": 0.05}
    tiers = [
        label_programs(Surely(), **given, **weight)["tier"].iloc[0]
        for weight in ({}, {"over_rating_weight": 1.0}, {"over_rating_weight": 0.1})
    ]
    # too high costs .7, too low .3; at a tenth of the weight .07 against .3
    assert tiers == ["C", "C", "B"]


def test_what_was_said_of_flagged_programs_and_what_was_true_of_them_by_hand() -> None:
    """Chance and truth of the top tier, chance and truth of no gain: two programs are flagged."""
    said = np.array([[0.9, 1, 0.05, 1], [0.6, 0, 0.03, 0], [0.1, 0, 0.30, 1], [0.1, 0, 0.60, 0]])
    found = _calibration(said)
    assert found["flagged"] == 0.5
    assert found["flagged_said"] == pytest.approx(0.04)
    assert found["flagged_true"] == 0.5
    # bins of a twentieth: .9 and 1, .6 and 0, twice .1 and 0
    assert found["off_top"] == pytest.approx((0.1 + 0.6 + 0.2) / 4)
    assert found["off_not_above"] == pytest.approx((0.95 + 0.03 + 0.7 + 0.6) / 4)
    nobody = _calibration(said[2:])
    assert nobody["flagged"] == 0
    assert np.isnan(nobody["flagged_said"])
    assert np.isnan(nobody["flagged_true"])


def test_a_grid_of_spreads_closes_in_and_keeps_its_ends_where_they_count() -> None:
    """Not negligible: first, the end at zero; second, the middle; third, the far end."""
    far = -1e3
    profile = np.array(
        [[0.0, -1.0, far, far, far], [far, far, 0.0, far, far], [far, far, far, -1.0, 0.0]]
    )
    grids = np.tile(np.arange(5.0), (3, 1))
    found = _closer(grids, profile)
    assert found[:, 0].tolist() == [0.0, 1.0, 2.0]
    assert found[:, -1].tolist() == [2.0, 3.0, 4.0]
    assert np.diff(found, axis=1) == pytest.approx(0.5)


@pytest.mark.parametrize("arm", [0, 1])
def test_two_people_in_each_arm_of_a_site_are_enough_and_one_is_not(arm: int) -> None:
    outcome, site = [1.0, 2.0, 4.0, 3.0, 5.0, 6.0, 8.0, 9.0], list("aaaabbbb")
    treated = np.array([0, 1, 0, 1, 0, 1, 0, 1])
    assert 0 < randomisation_p_value(outcome, treated, site, draws=19, seed=1) <= 1
    treated[np.flatnonzero(treated == arm)[0]] = 1 - arm
    with pytest.raises(WorkbenchError, match="fewer than two people in an arm"):
        randomisation_p_value(outcome, treated, site, draws=19, seed=1)


def test_the_truths_that_an_oracle_knows_have_mean_0_and_variance_1() -> None:
    x = np.linspace(-12.0, 60.0, 400_001)
    for name, density in DENSITIES.items():
        weight = density(x) / density(x).sum()
        assert weight @ x == pytest.approx(0.0, abs=2e-3), name
        assert weight @ x**2 == pytest.approx(1.0, abs=2e-3), name


def test_all_two_part_laws_have_mean_0_and_variance_1() -> None:
    share, place, variance = np.moveaxis(shapes(), 2, 0)
    assert share.sum(1) == pytest.approx(1.0)
    assert (share * place).sum(1) == pytest.approx(0.0)
    assert (share * (variance + place**2)).sum(1) == pytest.approx(1.0)
    # the first is the normal law: both parts alike
    assert place[0].tolist() == [0.0, 0.0]
    assert variance[0].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("alpha", "found"), [(0.5, True), (1e-6, False)])
def test_a_guard_is_told_with_what_it_costs_and_no_guard_without(alpha: float, found: bool) -> None:
    """One program in the top by chance .9 that is truly no better than the benchmark."""
    sets = Simulated(
        theta=np.array([[-0.5, 3.0]], dtype=np.float32),
        above=np.array([[[0.9], [0.9]]], dtype=np.float32),
        not_above=np.array([[0.0, 0.0]], dtype=np.float32),
        guarded=np.array([[0.0, 0.0]], dtype=np.float32),
        cuts=(1.0,),
        benchmark=0.0,
    )
    ((asked, guard, figures),) = _guards({"one": sets}, [alpha], 1.0, load_framework())
    assert asked == alpha
    assert (guard is not None) == found
    # both are given the top: one of two is false, and one step off
    assert figures == ((0.5, 0.5) if found else None)
