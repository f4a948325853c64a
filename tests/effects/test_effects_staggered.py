"""Staggered entry: hand-worked cells, estimating equations as a twin, bias and coverage."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.effects import difference_in_means
from analysis.effects.event_study import event_study, pre_trend_test
from analysis.effects.staggered import group_time_effects
from analysis.effects.two_periods import two_period_effect
from analysis.errors import WorkbenchError
from analysis.reports.event_study_picture import event_study_alt, event_study_picture

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=20)
ENTRIES = np.array([3.0, 4.0, 6.0, np.nan])


def true_effect(entry: float, period: float) -> float:
    """Grows with time since entry, and differs between cohorts."""
    return (period - entry + 1) * (2.0 if entry == 3 else 1.0) if period >= entry else 0.0


def people(seed: int, n: int = 600, periods: int = 6, trend_by_x: bool = False) -> pd.DataFrame:
    """Those with more x enter more often, and (if asked) their earnings grow faster anyway."""
    rng = np.random.default_rng(seed)
    x, fixed = rng.normal(size=(2, n))
    taste = np.array([0.0, -0.2, 0.0, 0.6])
    utility = np.outer(x, [0.6, 0.3, 0.0, 0.0]) + taste + rng.gumbel(size=(n, 4))
    entry = ENTRIES[utility.argmax(axis=1)]
    parts = []
    for period in range(1, periods + 1):
        effect = np.array([true_effect(one, period) if one == one else 0.0 for one in entry])
        y = 10 + 3 * fixed + period + trend_by_x * 0.7 * period * x + effect + rng.normal(size=n)
        parts.append(
            pd.DataFrame(
                {"person": range(n), "period": period, "entry": entry, "x": x, "y": y}
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def true_event_effects(frame: pd.DataFrame) -> dict[int, float]:
    """By event time, weighted with the cohorts' shares in a very large sample."""
    counts = frame.drop_duplicates("person")["entry"].value_counts()
    found = {}
    for time in range(-5, 4):
        cohorts = [g for g in counts.index if 1 <= g + time <= 6]
        weights = np.array([counts[g] for g in cohorts])
        effects = np.array([true_effect(g, g + time) for g in cohorts])
        if len(cohorts):
            found[time] = float(weights @ effects / weights.sum())
    return found


def test_two_by_two_by_hand():
    # cohort 2: changes 3 and 5; never: 1 and 3; so 4 less 2, variance 2/2 + 2/2
    frame = pd.DataFrame(
        {
            "person": [1, 1, 2, 2, 3, 3, 4, 4],
            "period": [1, 2] * 4,
            "entry": [2, 2, 2, 2] + [None] * 4,
            "y": [1.0, 4, 2, 7, 1, 2, 3, 6],
        }
    )
    cells = group_time_effects(frame, "y", minimum_cell=2).cells
    assert cells[["estimate", "n_treated", "n_comparison"]].values.tolist() == [[2.0, 2, 2]]
    assert cells["standard_error"].iloc[0] == pytest.approx(2**0.5, rel=1e-12)


@pytest.mark.parametrize("comparison", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize("base", ["universal", "varying"])
def test_every_cell_is_the_simple_difference_in_differences(comparison, base):
    frame = people(1)
    found = group_time_effects(frame, "y", minimum_cell=10, comparison=comparison, base=base)
    wide = frame.pivot(index="person", columns="period", values="y")
    entry = frame.drop_duplicates("person").set_index("person")["entry"].fillna(np.inf)
    assert len(found.cells) == 15
    for cell in found.cells.itertuples():
        g, t = cell.cohort, cell.period
        since = g - 1 if base == "universal" or t >= g else t - 1
        if comparison == "never_treated":
            others = np.isinf(entry)
        else:
            others = (entry > max(t, since)) & (entry != g)
        rows = (entry == g) | others
        simple = difference_in_means((wide[t] - wide[since])[rows], (entry == g)[rows].astype(int))
        assert cell.estimate == pytest.approx(simple.estimate, rel=1e-9, abs=1e-12)
        assert cell.standard_error == pytest.approx(simple.standard_error, rel=1e-9)
        assert (cell.n_treated, cell.n_comparison) == (simple.n_treated, simple.n_control)


def by_estimating_equations(change, treated, X):
    """Estimate by statsmodels' regressions; error from all equations' numerical derivatives."""
    X, d, n = np.column_stack([np.ones(len(X)), X]), treated.astype(float), len(change)
    k = X.shape[1]
    fits = sm.OLS(change[~treated], X[~treated]).fit(), sm.Logit(d, X).fit(disp=0, tol=1e-12)

    def equations(theta):
        returns, logit, own, other = theta[:k], theta[k : 2 * k], theta[-2], theta[-1]
        chance = 1 / (1 + np.exp(-X @ logit))
        left, odds = change - X @ returns, (1 - d) * chance / (1 - chance)
        parts = [((1 - d) * left)[:, None] * X, (d - chance)[:, None] * X]
        return np.column_stack([*parts, d * (left - own), odds * (left - other)])

    left = change - X @ fits[0].params
    chance = fits[1].predict(X)
    odds = (1 - d) * chance / (1 - chance)
    own, other = left[treated].mean(), (odds @ left) / odds.sum()
    theta = np.concatenate([fits[0].params, fits[1].params, [own, other]])
    slopes = np.empty((len(theta), len(theta)))
    for j in range(len(theta)):
        step = np.zeros(len(theta))
        step[j] = 1e-5
        apart = equations(theta + step) - equations(theta - step)
        slopes[:, j] = apart.mean(axis=0) / 2e-5
    influence = -np.linalg.solve(slopes, equations(theta).T).T
    return own - other, np.sqrt(((influence[:, -2] - influence[:, -1]) ** 2).sum()) / n


@pytest.mark.parametrize("seed", range(4))
def test_doubly_robust_form_equals_its_estimating_equations(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(300, 2))
    treated = rng.random(300) < 1 / (1 + np.exp(-X[:, 0]))
    change = 1 + X @ [1.0, -0.5] + 2 * treated + rng.normal(size=300)
    estimate, error = by_estimating_equations(change, treated, X)
    found = two_period_effect(change, treated, X)
    assert found.estimate == pytest.approx(estimate, rel=1e-8)
    # without the two small-sample factors it is the sandwich of all equations
    n1, n0 = treated.sum(), (~treated).sum()
    plain = found.influence / np.sqrt(np.where(treated, n1 / (n1 - 1), n0 / (n0 - 3)))
    assert np.sqrt((plain**2).sum()) / 300 == pytest.approx(error, rel=1e-6)
    assert plain.mean() == pytest.approx(0.0, abs=1e-9)


def test_right_where_trends_differ_with_what_is_known():
    frame = people(7, n=20_000, trend_by_x=True)
    plain = group_time_effects(frame, "y", minimum_cell=10)
    adjusted = group_time_effects(frame, "y", minimum_cell=10, covariates=["x"])
    truth = [true_effect(one.cohort, one.period) for one in adjusted.cells.itertuples()]
    z = (adjusted.cells["estimate"] - truth) / adjusted.cells["standard_error"]
    assert np.abs(z).max() < 3.5
    off = (plain.cells["estimate"] - truth) / plain.cells["standard_error"]
    assert np.abs(off).max() > 6
    assert pre_trend_test(plain).p_value < 1e-6
    assert pre_trend_test(adjusted).p_value > 0.01


def test_bias_and_coverage_by_event_time():
    truth = true_event_effects(people(0, n=200_000, periods=1))
    errors, inside, at_once, rejected = [], [], [], 0
    for seed in range(200):
        frame = people(5_000 + seed, n=500)
        found = group_time_effects(frame, "y", minimum_cell=10, comparison="not_yet_treated")
        effects = event_study(found, draws=5_000).effects
        expected = effects["event_time"].map(truth)
        errors.append((effects["estimate"] - expected).to_numpy())
        inside.append(expected.between(effects["interval_low"], effects["interval_high"]))
        both = expected.between(effects["simultaneous_low"], effects["simultaneous_high"])
        at_once.append(both.all())
        rejected += pre_trend_test(found).p_value < 0.05
    z = np.mean(errors, axis=0) / (np.std(errors, axis=0) / 200**0.5)
    assert np.abs(z).max() < 3.5, z
    # 200 draws: standard error of .95 is .015, of .05 the same
    assert 0.935 < np.mean(inside) < 0.965
    assert np.mean(at_once) > 0.9
    assert rejected / 200 < 0.1


def test_event_study_is_the_weighted_mean_of_cohorts():
    frame = people(3)
    found = group_time_effects(frame, "y", minimum_cell=10)
    study = event_study(found)
    sizes = frame.drop_duplicates("person")["entry"].value_counts()
    first = found.cells[found.cells["event_time"] == 0]
    weights = first["cohort"].map(sizes)
    expected = (first["estimate"] * weights).sum() / weights.sum()
    row = study.effects[study.effects["event_time"] == 0].iloc[0]
    assert row["estimate"] == pytest.approx(expected, rel=1e-12)
    assert (row["cohorts"], row["n_treated"]) == (3, weights.sum())
    wide, narrow = (
        row["simultaneous_high"] - row["estimate"], row["interval_high"] - row["estimate"]
    )  # fmt: skip
    assert wide > narrow
    after = study.effects[study.effects["event_time"] >= 0]
    assert study.average == pytest.approx(after["estimate"].mean(), rel=1e-12)
    assert -1 not in set(study.effects["event_time"])


def test_clusters_of_one_person_change_next_to_nothing_and_copies_do():
    frame = people(2, n=300)
    plain = group_time_effects(frame, "y", minimum_cell=10)
    single = group_time_effects(frame, "y", minimum_cell=10, cluster="person")
    ratio = single.cells["standard_error"] / plain.cells["standard_error"]
    assert np.allclose(ratio, (300 / 299) ** 0.5, rtol=1e-9)
    twin = frame.assign(person=frame["person"] + 300)
    both = pd.concat([frame, twin]).assign(family=lambda f: f["person"] % 300)
    copied = group_time_effects(both, "y", minimum_cell=10, cluster="family")
    assert copied.cells["estimate"].tolist() == pytest.approx(plain.cells["estimate"].tolist())
    naive = group_time_effects(both, "y", minimum_cell=10)
    assert (naive.cells["standard_error"] < 0.75 * copied.cells["standard_error"]).all()


@STEADY
@given(shift=st.floats(-100, 100), trend=st.floats(-10, 10), seed=st.integers(0, 2**31))
def test_levels_common_trends_and_order_do_not_matter(shift, trend, seed):
    frame = people(4, n=200)
    plain = group_time_effects(frame, "y", minimum_cell=5, covariates=["x"])
    moved = frame.assign(y=frame["y"] + shift + trend * frame["period"] + 5 * frame["person"])
    moved = moved.sample(frac=1, random_state=seed % 2**32)
    found = group_time_effects(moved, "y", minimum_cell=5, covariates=["x"])
    assert np.allclose(found.cells["estimate"], plain.cells["estimate"], atol=1e-8)
    assert np.allclose(found.cells["standard_error"], plain.cells["standard_error"], atol=1e-8)


def test_bad_panels_are_refused_by_name_and_small_cohorts_are_named():
    frame = people(1, n=100)
    with pytest.raises(WorkbenchError, match="1 people lack a period of 6"):
        group_time_effects(frame.iloc[1:], "y", minimum_cell=5)
    with pytest.raises(WorkbenchError, match="stands twice"):
        group_time_effects(pd.concat([frame, frame.iloc[:1]]), "y", minimum_cell=5)
    changed = frame.copy()
    changed.loc[0, "x"] = 99.0
    with pytest.raises(WorkbenchError, match="column x: differs between periods"):
        group_time_effects(changed, "y", minimum_cell=5, covariates=["x"])
    with pytest.raises(WorkbenchError, match="no cohort can be compared"):
        group_time_effects(frame.assign(entry=3.0), "y", minimum_cell=5)
    few = frame[
        (frame["entry"] != 4) | (frame["person"] == frame["person"][frame["entry"] == 4].min())
    ]
    found = group_time_effects(few, "y", minimum_cell=5)
    assert found.left_out == ("entry 4: 1 people",)
    early = frame.assign(entry=frame["entry"].replace(3.0, 1.0))
    assert "entry 1: no period before" in group_time_effects(early, "y", minimum_cell=5).left_out
    apart = frame.assign(x=frame["entry"].eq(3).astype(float))
    with pytest.raises(WorkbenchError, match="tell treated and comparison people apart"):
        two_period_effect(np.arange(8.0), np.arange(8) < 4, (np.arange(8.0)[:, None] - 3.5))
    # constant among the comparison people: it cannot say anything about their trend
    assert np.isfinite(
        group_time_effects(apart, "y", minimum_cell=5, covariates=["x"]).cells["estimate"]
    ).all()


def test_anticipation_moves_the_base_period():
    frame = people(9)
    frame["y"] += 3.0 * (frame["period"] == frame["entry"] - 1)
    moved = group_time_effects(frame, "y", minimum_cell=10, anticipation=1)
    assert moved.reference == {3.0: 1.0, 4.0: 2.0, 6.0: 4.0}
    truth = [
        true_effect(c.cohort, c.period) + 3.0 * (c.period == c.cohort - 1)
        for c in moved.cells.itertuples()
    ]
    z = (moved.cells["estimate"] - truth) / moved.cells["standard_error"]
    assert np.abs(z).max() < 3.5


def test_the_picture_marks_what_came_before():
    effects = event_study(group_time_effects(people(3), "y", minimum_cell=10)).effects
    figure = event_study_picture(effects, ylabel="Effect (dollars a quarter)")
    axis = figure.axes[0]
    drawn = {line.get_label(): len(line.get_xdata()) for line in axis.get_lines()}
    assert drawn["before entry (a check)"] == (effects["event_time"] < 0).sum()
    assert drawn["since entry"] == (effects["event_time"] >= 0).sum()
    assert "bands before lack 0" in event_study_alt(effects, "dollars")
    with pytest.raises(WorkbenchError, match="no period"):
        event_study_picture(effects.iloc[:0], ylabel="")
