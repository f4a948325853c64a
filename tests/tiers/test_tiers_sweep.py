"""Sweeps: a setting is what a run with it gives; the loss surface is what its definition says."""

import numpy as np
import pandas as pd
import pytest

from analysis.framework import load_framework
from analysis.tiers.rating import rate_set
from analysis.tiers.simulated_truths import Simulated
from analysis.tiers.sweep import loss_surface, one_at_a_time, sweep_settings

RULES = load_framework().with_tiers(simulation_draws=30)


def _programs(count: int = 120) -> pd.DataFrame:
    generator = np.random.default_rng(8)
    error = 2_500 * np.exp(0.5 * generator.normal(size=count))
    return pd.DataFrame(
        {
            "program_key": [f"p{i}" for i in range(count)],
            "estimate": 5_000 + 5_000 * generator.normal(size=count) + error,
            "standard_error": error,
            "validity": "administrative",
        }
    )


@pytest.mark.parametrize(("alpha", "weight", "scale"), [(0.05, 1.0, 1.0), (0.01, 2.0, 0.0)])
def test_a_setting_of_the_sweep_is_what_a_run_with_it_gives(
    alpha: float, weight: float, scale: float
) -> None:
    programs = _programs()
    swept = sweep_settings(
        programs, RULES, alphas=[alpha], weights=[weight], bias_scales=[scale], draws=30
    ).iloc[0]
    rules = RULES.with_tiers(alpha=alpha, over_rating_weight=weight)
    rating = rate_set(programs, rules, with_bias=scale > 0)
    assert swept["guard"] == rating.calibration.guard
    for label in rules.tiers.labels:
        assert swept[f"share_{label}"] == rating.frame["tier"].eq(label).mean()


def test_the_framework_s_own_setting_changes_nothing_and_caution_only_lowers() -> None:
    swept = sweep_settings(
        _programs(), RULES, alphas=[0.01, 0.05], weights=[1.0, 3.0], bias_scales=[0.0, 1.0]
    )
    assert len(swept) == 8
    single = one_at_a_time(swept, RULES)
    assert len(single) == 4
    own = swept.query("alpha == 0.05 and weight == 1 and bias_scale == 1").iloc[0]
    assert own["changed"] == 0
    top = swept.set_index(["alpha", "weight", "bias_scale"])["top_share"]
    assert top[0.01, 1.0, 1.0] <= top[0.05, 1.0, 1.0]
    assert top[0.05, 3.0, 1.0] <= top[0.05, 1.0, 1.0] <= top[0.05, 1.0, 0.0]


def test_the_loss_surface_is_its_definition_in_a_case_by_hand() -> None:
    # three programs, two tiers, cut at 0: true values 1, -1, 1; chances of being above .9, .8, .3
    above = np.array([[[0.9], [0.8], [0.3]]], dtype=np.float32)
    sets = Simulated(
        theta=np.array([[1.0, -1.0, 1.0]], dtype=np.float32),
        above=above,
        not_above=1 - above[:, :, 0],
        guarded=1 - above[:, :, 0],
        cuts=(0.0,),
        benchmark=0.0,
    )
    surface = loss_surface(
        {"one": sets}, guards=[0.15, 0.5, 0.9], least_chances=[0.2], false_cost=3.0
    ).set_index("guard")
    # guard .15: first in; the third is one step off. .5: second in too, a false top. .9: all in
    assert surface["loss"].tolist() == pytest.approx([1 / 3, (1 + 1 + 3) / 3, (1 + 3) / 3])
    assert surface["false_share"].tolist() == pytest.approx([0.0, 0.5, 1 / 3])
    assert surface["found"].tolist() == pytest.approx([0.5, 0.5, 1.0])
