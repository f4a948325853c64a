"""Effects by quarter over cohorts of entry: by hand, against the calendar panel, and a truth."""

import numpy as np
import pandas as pd
import pytest

from analysis.effects import group_time_effects, pre_trend_test
from analysis.effects.entry_cohorts import entry_cohort_effects
from analysis.effects.event_study import event_study
from analysis.effects.two_periods import two_period_effect
from analysis.errors import WorkbenchError

QUARTERS = {-2: "before_2", -1: "before_1", 1: "after_1", 2: "after_2"}


def cohorts(seed: int, n: int = 900, effect: float = 3.0) -> pd.DataFrame:
    """Three cohorts with their own trends; the effect grows by quarter."""
    rng = np.random.default_rng(seed)
    entered = rng.choice(["2020 quarter 1", "2020 quarter 2", "2020 quarter 3"], n)
    trend = pd.Series(entered).map({"2020 quarter 1": 1.0, "2020 quarter 2": -2.0}).fillna(0.0)
    x = rng.normal(size=n)
    treated = (rng.random(n) < 1 / (1 + np.exp(-x))).astype(int)
    level = 10 * rng.random(n) + 2 * x
    frame = pd.DataFrame({"entered": entered, "treated": treated, "x": x})
    for time, name in QUARTERS.items():
        # people with high x rise faster: a trend that the covariate must take out
        frame[name] = level + time * (trend + 0.5 * x) + rng.normal(size=n)
        frame[name] += treated * effect * max(time, 0)
    return frame


def test_one_cohort_is_the_two_period_effect():
    frame = cohorts(1).query("entered == '2020 quarter 1'").reset_index(drop=True)
    found = entry_cohort_effects(
        frame, QUARTERS, reference=-2, cohort="entered", minimum_cell=10, covariates=["x"]
    )
    x = (frame["x"] - frame["x"].mean()) / frame["x"].std(ddof=0)
    one = two_period_effect(
        (frame["after_2"] - frame["before_2"]).to_numpy(),
        (frame["treated"] == 1).to_numpy(),
        x.to_numpy()[:, None],
    )
    cell = found.cells.set_index("event_time").loc[2.0]
    assert cell["estimate"] == pytest.approx(one.estimate, rel=1e-12)
    assert cell["standard_error"] == pytest.approx(one.standard_error, rel=1e-12)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(found.cells["standard_error"])


def test_one_cohort_equals_the_calendar_panel_of_callaway_and_santanna():
    frame = cohorts(2).query("entered == '2020 quarter 2'").reset_index(drop=True)
    ours = entry_cohort_effects(
        frame, QUARTERS, reference=-1, cohort="entered", minimum_cell=10, covariates=["x"]
    )
    long = frame.assign(person=frame.index).melt(
        ["person", "treated", "x"], list(QUARTERS.values()), "column", "y"
    )
    place = {name: position for position, name in enumerate(QUARTERS.values())}
    long["period"] = long["column"].map(place)
    long["entry"] = np.where(long["treated"] == 1, 2.0, np.nan)
    theirs = group_time_effects(long, "y", minimum_cell=10, covariates=["x"])
    assert ours.cells["estimate"].to_numpy() == pytest.approx(theirs.cells["estimate"].to_numpy())
    assert ours.covariance == pytest.approx(theirs.covariance)


def test_the_average_is_weighted_by_the_trained_of_each_cohort():
    frame = cohorts(3)
    found = entry_cohort_effects(
        frame, QUARTERS, reference=-1, cohort="entered", minimum_cell=10, covariates=["x"]
    )
    last = found.cells[found.cells["event_time"] == 2]
    study = event_study(found).effects.set_index("event_time")
    byhand = np.average(last["estimate"], weights=last["n_treated"])
    assert study.loc[2.0, "estimate"] == pytest.approx(byhand, rel=1e-12)
    assert study.loc[2.0, "cohorts"] == 3


def test_the_truth_is_covered_and_trends_are_told():
    covered, passed = 0, 0
    for seed in range(100):
        frame = cohorts(100 + seed, n=600)
        found = entry_cohort_effects(
            frame, QUARTERS, reference=-2, cohort="entered", minimum_cell=10, covariates=["x"]
        )
        rows = event_study(found).effects.set_index("event_time")
        covered += rows.loc[2.0, "interval_low"] < 6 < rows.loc[2.0, "interval_high"]
        passed += pre_trend_test(found).p_value > 0.05
    # 100 draws: standard error .022
    assert covered / 100 > 0.88
    assert passed / 100 > 0.88
    plain = entry_cohort_effects(
        cohorts(5, n=6000), QUARTERS, reference=-2, cohort="entered", minimum_cell=10
    )
    assert pre_trend_test(plain).p_value < 1e-6


def test_small_cohorts_are_left_out_and_counted():
    frame = cohorts(4)
    frame.loc[frame.index[:12], "entered"] = "2021 quarter 4"
    found = entry_cohort_effects(frame, QUARTERS, reference=-1, cohort="entered", minimum_cell=10)
    assert found.left_out == ("cohorts with too few people: 1",)
    assert found.cells["cohort"].nunique() == 3


def test_what_cannot_be_done_is_said():
    frame = cohorts(1, n=30)
    with pytest.raises(WorkbenchError, match="reference quarter 0: none of -2, -1, 1, 2"):
        entry_cohort_effects(frame, QUARTERS, reference=0, cohort="entered", minimum_cell=2)
    with pytest.raises(WorkbenchError, match="no cohort has 50 trained and untrained people"):
        entry_cohort_effects(frame, QUARTERS, reference=-1, cohort="entered", minimum_cell=50)
    with pytest.raises(WorkbenchError, match="column gone: not in the table"):
        entry_cohort_effects(frame, {-1: "gone"}, reference=-1, cohort="entered", minimum_cell=2)
