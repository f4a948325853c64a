"""The fewest that each model of the tiers asks for: so many are enough, one fewer is told."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.tiers.heterogeneity import (
    Heterogeneity,
    detectable_spread,
    heterogeneity_test,
    power,
)
from analysis.tiers.metric_weights import sweep_weights
from analysis.tiers.noise import estimate_coefficient_of_variation, standard_error_of_mean_wage
from analysis.tiers.out_of_time import early_model
from analysis.tiers.precision import slope_on_precision
from analysis.tiers.randomisation import randomisation_p_value
from analysis.tiers.threshold_bootstrap import posterior_mean_cut, threshold_interval


def test_of_one_program_nothing_can_be_said() -> None:
    said = heterogeneity_test([3.0], [1.0])
    assert said == Heterogeneity(0.0, 0, 1.0, 0.0, 0.0, float("inf"))
    assert power([1.0], 5.0, seed=1) == 0.0
    assert detectable_spread([1.0], seed=1) == float("inf")
    alike = heterogeneity_test([1.0, 1.0], [1.0, 1.0])
    assert (alike.tau, alike.tau_low, alike.tau_high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("count", "enough"), [(10, True), (9, False)])
def test_programs_behind_a_spread_between_people(count: int, enough: bool) -> None:
    wages = 100 + np.arange(count) % 3
    people = 10 + np.arange(count)
    if enough:
        found = estimate_coefficient_of_variation(wages, people, ["a"] * count, draws=5, seed=1)
        assert (found.programs, found.clusters) == (10, 10)
    else:
        with pytest.raises(WorkbenchError, match="9 usable programs"):
            estimate_coefficient_of_variation(wages, people, ["a"] * count, draws=5, seed=1)
    with pytest.raises(WorkbenchError, match="of 1 sizes"):
        estimate_coefficient_of_variation(np.arange(12) + 1.0, [5] * 12, ["a"] * 12, seed=1)
    # a field of one program tells nothing
    names = ["b"] + ["a"] * 9
    with pytest.raises(WorkbenchError, match="9 usable"):
        estimate_coefficient_of_variation(np.arange(10) + 1.0, np.arange(10) + 5, names, seed=1)
    with pytest.raises(WorkbenchError, match="no people behind it"):
        standard_error_of_mean_wage([1.0], [0], 0.5)
    with pytest.raises(WorkbenchError, match="not positive"):
        standard_error_of_mean_wage([1.0], [1], 0.0)


@pytest.mark.parametrize(
    ("count", "fields", "enough"), [(8, 2, True), (7, 2, False), (8, 1, False)]
)
def test_programs_behind_early_and_late(count: int, fields: int, enough: bool) -> None:
    early = 9_000 + 500.0 * (np.arange(count) % 5)
    frame = pd.DataFrame({"early": early, "n": 20, "field": np.arange(count) % fields})
    if enough:
        model = early_model(frame, 0.7)
        assert len(model.mean) == 8
        assert model.tau_prior == "flat"
    else:
        with pytest.raises(WorkbenchError, match="too few"):
            early_model(frame, 0.7)


@pytest.mark.parametrize(("count", "enough"), [(8, True), (7, False)])
def test_programs_behind_weights(count: int, enough: bool) -> None:
    rng = np.random.default_rng(1)
    programs = pd.DataFrame(rng.normal(size=(count, 3)), columns=["a", "b", "later"])
    programs["provider_id"] = np.arange(count)
    fixed = {"a": 0.5, "b": 0.5}
    if not enough:
        with pytest.raises(WorkbenchError, match="7 programs"):
            sweep_weights(programs, fixed, step=0.5, tuned_from=5, seed=1)
        return
    found = sweep_weights(programs, fixed, step=0.5, tuned_from=8, seed=1)
    assert found.programs == 8
    assert np.isfinite(found.tuned_gain)
    with pytest.raises(WorkbenchError, match="do not add up"):
        sweep_weights(programs, {"a": 0.5, "b": 0.4}, step=0.5, tuned_from=5, seed=1)
    with pytest.raises(WorkbenchError, match="do not add up"):
        sweep_weights(programs, fixed, step=0.4, tuned_from=5, seed=1)


def test_programs_behind_a_slope() -> None:
    assert slope_on_precision([1.0, 2.0, 4.0], [1.0, 2.0, 3.0]).programs == 3
    with pytest.raises(WorkbenchError, match="three or more"):
        slope_on_precision([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(WorkbenchError, match="alike"):
        slope_on_precision([1.0, 2.0, 3.0], [1.0, 1.0, 1.0])


def test_people_behind_a_lottery_drawn_again() -> None:
    y, treated = np.arange(8.0) % 3, np.tile([0, 1], 4)
    site = np.repeat(["a", "b"], 4)
    assert 0 < randomisation_p_value(y, treated, site, draws=19, seed=1) <= 1
    with pytest.raises(WorkbenchError, match="fewer than two people in an arm"):
        randomisation_p_value(y[1:], treated[1:], site[1:], draws=19, seed=1)
    with pytest.raises(WorkbenchError, match="1 sites"):
        randomisation_p_value(y, treated, np.repeat("a", 8), draws=19, seed=1)
    with pytest.raises(WorkbenchError, match="not 0 or 1"):
        randomisation_p_value(y, treated * 2, site, draws=19, seed=1)


class _Said:
    """A model with posterior means and chances that are given."""

    mean = np.array([5.0, 4.0, 3.0, 2.0])

    def __init__(self, *chances: float) -> None:
        self.chances = np.array(chances)

    def chance_at_or_below(self, cut: float) -> np.ndarray:
        return self.chances + 0 * cut


def test_the_cut_off_between_two_programs_by_hand() -> None:
    # averages .02, .04, .10, .20: a share of .07 lies half way from 4 to 3
    model = _Said(0.02, 0.06, 0.22, 0.50)
    assert posterior_mean_cut(model, 0.0, 0.07) == pytest.approx(3.5)  # type: ignore[arg-type]
    assert posterior_mean_cut(model, 0.0, 0.5) == 2.0  # type: ignore[arg-type]
    assert np.isnan(posterior_mean_cut(model, 0.0, 0.01))  # type: ignore[arg-type]
    y, s = [3.0, 2.0, 0.1, -1.0], [1.0] * 4
    found = threshold_interval(
        y, s, benchmark=0.0, expected_share=0.2, cluster=list("aabb"), draws=5, seed=1
    )
    assert found.draws == 5
    with pytest.raises(WorkbenchError, match="1 clusters"):
        threshold_interval(y, s, benchmark=0.0, expected_share=0.2, cluster=["a"] * 4, seed=1)
