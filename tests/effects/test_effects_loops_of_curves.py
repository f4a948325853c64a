"""Quantiles and event studies, each number of theirs written out as a plain loop."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from analysis.effects.comparison import comparison_estimates
from analysis.effects.coverage import _critical_values
from analysis.effects.distribution import quantile_effect
from analysis.effects.entropy_balancing import effective_people, entropy_weights
from analysis.effects.event_study import early_effects_test, event_study
from analysis.effects.scores import GroupEstimates
from analysis.effects.staggered import GroupTimeEffects, influence_covariance


def _quantile(y: np.ndarray, site: np.ndarray, share: dict[str, float], at: float, z: float):
    """Value, bounds and whether many people share it, person by person in order of the outcome."""
    order = sorted(range(len(y)), key=lambda i: y[i])
    counts = {s: int((site == s).sum()) for s in share}
    heights, done = [], 0.0
    for i in order:
        own = share[site[i]] / counts[site[i]]
        heights.append(done + own / 2)
        done += own
    values = [y[i] for i in order]
    found = float(np.interp(at, heights, values))
    tied = sum(share[site[i]] / counts[site[i]] for i in order if y[i] == found)
    mass = tied > 0.02 and tied > 3 / len(y)
    variance = 0.0
    for s, weight in share.items():
        below = at if mass else np.mean([y[i] <= found for i in order if site[i] == s])
        variance += weight**2 * below * (1 - below) / (counts[s] - 1)
    reach = z * variance**0.5
    low, high = (float(np.interp(at + sign * reach, heights, values)) for sign in (-1, 1))
    return found, low, high, mass


@pytest.mark.parametrize("at", [0.2, 0.5, 0.85])
@pytest.mark.parametrize("zeros", [False, True])
def test_quantiles_within_strata_person_by_person(at: float, zeros: bool) -> None:
    rng = np.random.default_rng(4)
    n = 160
    site = np.array(list("abc"))[rng.integers(0, 3, n)]
    treated = rng.integers(0, 2, n)
    y = np.round(rng.gamma(2.0, size=n) + 0.5 * treated + (site == "b"), 6)
    if zeros:
        y[rng.random(n) < 0.3] = 0.0
    share = {s: float((site == s).mean()) for s in "abc"}
    found = quantile_effect(y, treated, at, site, confidence_level=0.9)
    z = NormalDist().inv_cdf(0.95)
    one, other = (
        _quantile(y[treated == arm], site[treated == arm], share, at, z) for arm in (1, 0)
    )
    assert (found.treated, found.control) == pytest.approx((one[0], other[0]))
    assert found.estimate == pytest.approx(one[0] - other[0])
    assert found.at_mass == (one[3] or other[3])
    low = found.estimate - np.hypot(one[0] - one[1], other[2] - other[0])
    high = found.estimate + np.hypot(one[2] - one[0], other[0] - other[1])
    assert found.interval == pytest.approx((low, high))


def test_a_person_exactly_at_the_quantile_is_counted_as_below_it() -> None:
    y = np.r_[np.arange(16.0), np.arange(16.0) + 0.5]
    # sixteen heights, which are exact in binary; the ninth person stands at 8.5 of them
    found = quantile_effect(y, [1] * 16 + [0] * 16, 8.5 / 16)
    assert (found.treated, found.control, found.at_mass) == (8.0, 8.5, False)
    reach = np.sqrt(2) * NormalDist().inv_cdf(0.975) * np.sqrt(9 * 7 / 16**2 / 15) * 16
    assert found.interval == pytest.approx((-0.5 - reach, -0.5 + reach))


@pytest.fixture
def effects() -> GroupTimeEffects:
    rng = np.random.default_rng(8)
    entry = np.repeat([3.0, 4.0, np.inf], [5, 8, 7])
    rows = [(g, t, t - g) for g in (3.0, 4.0) for t in (1.0, 2.0, 4.0, 5.0)]
    cells = pd.DataFrame(rows, columns=["cohort", "period", "event_time"])
    cells["estimate"] = rng.normal(size=8)
    cells["n_treated"] = cells["cohort"].map({3.0: 5, 4.0: 8})
    return GroupTimeEffects(cells, rng.normal(size=(20, 8)), entry, None, {}, ())


def test_event_times_average_cohorts_with_the_shares_uncertain(effects: GroupTimeEffects) -> None:
    study = event_study(effects, 0.9, draws=2_000)
    columns = []
    for row in study.effects.itertuples():
        places = [i for i, time in enumerate(effects.cells["event_time"]) if time == row.event_time]
        cohorts = effects.cells["cohort"].iloc[places].tolist()
        estimates = effects.cells["estimate"].iloc[places].tolist()
        people = [float((effects.entry == g).mean()) for g in cohorts]
        mean = sum(p * e for p, e in zip(people, estimates, strict=True)) / sum(people)
        assert row.estimate == pytest.approx(mean)
        assert row.cohorts == len(places)
        assert row.n_treated == sum(p * 20 for p in people)
        influence = [
            sum(
                p * effects.influence[k, i] + ((effects.entry[k] == g) - p) * (e - mean)
                for p, i, g, e in zip(people, places, cohorts, estimates, strict=True)
            )
            / sum(people)
            for k in range(20)
        ]
        columns.append(influence)
        error = np.sqrt(np.square(influence).sum()) / 20
        assert row.standard_error == pytest.approx(error)
        reach = NormalDist().inv_cdf(0.95) * error
        assert (row.interval_low, row.interval_high) == pytest.approx((mean - reach, mean + reach))
        assert row.simultaneous_high - mean == pytest.approx(mean - row.simultaneous_low)
        assert row.simultaneous_high > row.interval_high
    late = study.effects["event_time"].to_numpy() >= 0
    assert study.average == pytest.approx(study.effects.loc[late, "estimate"].mean())
    both = np.mean([columns[i] for i in np.flatnonzero(late)], axis=0)
    assert study.average_standard_error == pytest.approx(np.sqrt((both**2).sum()) / 20)
    # two times before entry are left where one was foreseen
    for foreseen in (0, 1):
        early = study.effects["event_time"].to_numpy() < -foreseen
        values = study.effects.loc[early, "estimate"]
        wald = values @ np.linalg.solve(study.covariance[np.ix_(early, early)], values)
        test = early_effects_test(study, foreseen)
        assert (test.statistic, test.degrees_of_freedom) == (pytest.approx(wald), early.sum())


def test_influence_values_are_summed_over_clusters_with_few_of_them_counted() -> None:
    influence = np.arange(12.0).reshape(6, 2) - 4
    cluster = np.array([0, 1, 2, 0, 1, 2])
    plain = influence_covariance(influence, None)
    assert plain == pytest.approx(sum(np.outer(row, row) for row in influence) / 36)
    sums = [influence[cluster == one].sum(axis=0) for one in range(3)]
    found = influence_covariance(influence, cluster)
    assert found == pytest.approx(sum(np.outer(one, one) for one in sums) / 36 * 3 / 2)


def test_balanced_controls_are_as_many_as_their_weights_say() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"treated": np.arange(80) % 2, "x": rng.normal(size=80)})
    frame["y"] = frame["x"] + rng.normal(size=80)
    rows = comparison_estimates(frame, "y", ["x"]).set_index("method")
    weights = entropy_weights(frame["treated"], frame[["x"]])
    expected = 1 / (weights**2).sum()
    assert rows.loc["entropy balancing", "effective_n_control"] == pytest.approx(expected)
    assert effective_people(3 * weights) == pytest.approx(expected)
    assert rows["n_treated"].tolist() == [40] * len(rows)


def test_critical_values_of_seven_ways_stand_in_their_order() -> None:
    found = GroupEstimates(np.zeros(2), np.diag([1.0, 4.0]), np.array([10, 50]), np.array([12, 50]))
    centred = [np.array([1.0, -1.0, 2.0]), np.array([2.0, 0.5])]
    ways = _critical_values(found, centred, np.random.default_rng(1))
    normal = NormalDist()
    assert ways["pointwise, normal"].tolist() == pytest.approx([normal.inv_cdf(0.975)] * 2)
    assert ways["Bonferroni, normal"].tolist() == pytest.approx([normal.inv_cdf(0.9875)] * 2)
    sidak = normal.inv_cdf((1 + np.sqrt(0.95)) / 2)
    assert ways["sup-t, normal"].tolist() == pytest.approx([sidak] * 2)
    students = [ways[name] for name in ("pointwise, Student's t", "Bonferroni, Student's t")]
    assert students[0].tolist() == pytest.approx([2.262157, 2.009575], abs=1e-5)
    assert (students[1] > students[0]).all()
    # of few values whose signs are drawn no |t| is above the root of their number
    assert 1.0 < ways["sup-t, multiplier bootstrap"][0] <= np.sqrt(3)
