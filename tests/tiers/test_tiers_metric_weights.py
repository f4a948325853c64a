"""Weights of metrics: swept for sensitivity, chosen only where data prove them."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.tiers.metric_weights import sweep_weights, weighed_programs

FIXED = {"wage": 1.0, "share": 0.0}
OPTIONS = {"step": 0.1, "tuned_from": 500, "seed": 4}


def _programs(count: int, seed: int, worth: tuple[float, float] = (0.3, 0.7)) -> pd.DataFrame:
    """Later value is worth[0] of the first metric's truth and worth[1] of the second's."""
    generator = np.random.default_rng(seed)
    truth = generator.normal(size=(count, 2))
    seen = truth + 0.5 * generator.normal(size=(count, 2))
    return pd.DataFrame(
        {
            "program_key": np.arange(count).astype(str),
            "provider_id": (np.arange(count) % (count // 4)).astype(str),
            "wage": seen[:, 0] / seen[:, 0].std(),
            "share": seen[:, 1] / seen[:, 1].std(),
            "later": truth @ worth + 0.8 * generator.normal(size=count),
        }
    )


def test_fixed_weights_change_nothing_and_others_are_what_they_are_by_hand() -> None:
    programs = _programs(60, 1)
    found = sweep_weights(programs, FIXED, **OPTIONS)
    assert len(found.table) == 11
    own = found.table[found.table["fixed"]].iloc[0]
    assert own[["changed", "gain_error"]].tolist() == [0, 0]
    assert own["rank_correlation"] == pytest.approx(1)
    other = found.table[found.table["weight_share"].eq(1.0)].iloc[0]
    best = programs["share"].rank(ascending=False) <= 15
    assert other["gain"] == pytest.approx(
        programs.loc[best, "later"].mean() - programs["later"].mean()
    )
    first = programs["wage"].rank(ascending=False) <= 15
    assert other["changed"] == pytest.approx((best != first).mean())


def test_few_programs_keep_their_fixed_weights_whatever_the_data_say() -> None:
    found = sweep_weights(_programs(200, 2, (0.0, 3.0)), FIXED, **OPTIONS)
    assert found.tuned_gain > found.fixed_gain
    assert found.chosen == FIXED
    assert found.statement.startswith("Fixed weights kept: 200 programs are fewer than the 500")


def test_many_programs_choose_weights_that_prove_themselves_on_other_providers() -> None:
    found = sweep_weights(_programs(2_000, 3), FIXED, **OPTIONS)
    assert found.statement.startswith("Tuned weights would do better")
    # later = .3 and .7 of two metrics that are as precise as each other
    assert found.chosen["share"] == pytest.approx(0.7, abs=0.12)
    assert sum(found.chosen.values()) == pytest.approx(1, abs=1e-5)
    assert found.tuned_gain > found.fixed_gain + 0.1


@pytest.mark.parametrize("seed", range(4))
def test_where_later_values_are_chance_nothing_is_chosen(seed: int) -> None:
    programs = _programs(800, seed)
    programs["later"] = np.random.default_rng(seed).permutation(programs["later"])
    found = sweep_weights(programs, FIXED, **OPTIONS)
    assert found.chosen == FIXED
    assert found.tuned_gain < found.shuffled_gain


def test_programs_need_every_metric_and_somebody_employed() -> None:
    rows = [
        (key, metric, quarter, value)
        for key, early in (("a", 0.5), ("b", 0.7), ("c", 0.0))
        for metric, quarter, value in (
            ("average_quarterly_wage", 2, 8_000.0),
            ("employed_share", 2, early),
            ("average_quarterly_wage", 8, 10_000.0),
            ("employed_share", 8, 0.8),
        )
    ]
    outcomes = pd.DataFrame(rows, columns=["program_key", "metric", "quarter", "value"])
    outcomes = outcomes.assign(provider_id=outcomes["program_key"])
    metrics = ["average_quarterly_wage", "employed_share"]
    found = weighed_programs(outcomes, metrics, quarter=2, later=8)
    assert found["program_key"].tolist() == ["a", "b"]
    assert found["later"].tolist() == [8_000.0, 8_000.0]
    np.testing.assert_allclose(found["employed_share"], [-1, 1])
    assert not len(weighed_programs(outcomes, metrics, quarter=4, later=8))


@pytest.mark.parametrize(("weights", "step"), [({"wage": 0.5, "share": 0.4}, 0.1), (FIXED, 0.3)])
def test_weights_that_do_not_add_up_are_refused(weights: dict[str, float], step: float) -> None:
    with pytest.raises(WorkbenchError, match="do not add up to one"):
        sweep_weights(_programs(20, 1), weights, step=step, tuned_from=500, seed=1)
    with pytest.raises(WorkbenchError, match="at least eight"):
        sweep_weights(_programs(20, 1).head(7), FIXED, **OPTIONS)
