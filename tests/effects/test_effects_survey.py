"""Weights and clusters: equal to statsmodels and linearmodels, to hand sums, and in simulation."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from linearmodels.iv import IV2SLS

from analysis.effects import aipw_scores, design_shares, group_effects, group_estimates
from analysis.effects.clustered import clustered_difference, clustered_lin
from analysis.effects.cost import cost_per_dollar_gained
from analysis.effects.folds import repeated_splits
from analysis.effects.robust_variance import clustered_contrast
from analysis.effects.take_up import take_up_effect
from analysis.errors import WorkbenchError

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=15)


def people(seed: int, n: int = 240, sites: int = 24) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    site = rng.integers(0, sites, n)
    x = rng.normal(size=n)
    treated = rng.integers(0, 2, n)
    y = 3 + x + 2 * treated + rng.normal(size=sites)[site] + rng.normal(size=n)
    return pd.DataFrame(
        {"y": y, "treated": treated, "x": x, "site": site, "w": rng.uniform(0.5, 4, n)}
    )


def lin_design(frame: pd.DataFrame) -> np.ndarray:
    t = frame["treated"].to_numpy(float)
    x = (frame["x"] - np.average(frame["x"], weights=frame["w"])).to_numpy()
    return np.column_stack([np.ones(len(t)), t, x, x * t])


@pytest.mark.parametrize("seed", range(3))
def test_weighted_estimates_equal_weighted_least_squares_with_hc2(seed):
    frame = people(seed)
    plain = np.column_stack([np.ones(len(frame)), frame["treated"]])
    for found, design in (
        (clustered_difference(frame["y"], frame["treated"], weights=frame["w"]), plain),
        (
            clustered_lin(frame["y"], frame["treated"], frame[["x"]], weights=frame["w"]),
            lin_design(frame),
        ),
    ):
        twin = sm.WLS(frame["y"].to_numpy(), design, weights=frame["w"].to_numpy())
        fitted = twin.fit(cov_type="HC2")
        assert found.estimate == pytest.approx(fitted.params[1], rel=1e-9)
        assert found.standard_error == pytest.approx(fitted.bse[1], rel=1e-9)
        assert found.method.endswith(", weighted")


@pytest.mark.parametrize("seed", range(3))
def test_weights_and_clusters_together_equal_statsmodels(seed):
    frame = people(seed)
    fitted = sm.WLS(frame["y"].to_numpy(), lin_design(frame), weights=frame["w"].to_numpy()).fit(
        cov_type="cluster", cov_kwds={"groups": frame["site"].to_numpy()}
    )
    found = clustered_lin(
        frame["y"], frame["treated"], frame[["x"]], frame["site"], weights=frame["w"], errors="CR1"
    )
    assert found.estimate == pytest.approx(fitted.params[1], rel=1e-9)
    assert found.standard_error == pytest.approx(fitted.bse[1], rel=1e-8)


def test_people_as_clusters_take_the_short_way_to_the_same_numbers():
    frame = people(4, n=60)
    design, y = lin_design(frame), frame["y"].to_numpy()
    short = clustered_contrast(design, y, np.arange(60), 1, "CR2")
    # a cluster of no one beyond the others makes the general way run: numbers skip one
    general = clustered_contrast(
        np.vstack([design, np.zeros(4)]), np.append(y, 0.0), np.append(np.arange(60), 59), 1, "CR2"
    )
    assert short == pytest.approx(general, rel=1e-9)


@STEADY
@given(unit=st.floats(0.01, 1000), seed=st.integers(0, 50))
def test_the_unit_of_weights_never_matters(unit, seed):
    frame = people(seed, n=80)
    one = clustered_difference(frame["y"], frame["treated"], weights=frame["w"])
    other = clustered_difference(frame["y"], frame["treated"], weights=frame["w"] * unit)
    assert (one.estimate, one.standard_error, one.control_mean) == pytest.approx(
        (other.estimate, other.standard_error, other.control_mean), rel=1e-9
    )


def test_a_whole_weight_is_as_many_people_for_the_estimate():
    frame = people(1, n=60)
    times = np.random.default_rng(1).integers(1, 4, 60)
    weighted = clustered_difference(frame["y"], frame["treated"], weights=times.astype(float))
    repeated = frame.loc[frame.index.repeat(times)]
    plain = repeated.groupby("treated")["y"].mean()
    assert weighted.estimate == pytest.approx(plain[1] - plain[0], rel=1e-12)
    assert weighted.control_mean == pytest.approx(plain[0], rel=1e-12)


def test_shares_of_the_design_count_who_people_stand_for():
    shares = design_shares([1, 0, 0, 1], list("aabb"), weights=[3.0, 1.0, 1.0, 1.0])
    assert shares.tolist() == [0.75, 0.75, 0.5, 0.5]


def test_influence_values_are_summed_over_clusters():
    frame = people(2)
    known = np.full(len(frame), 0.5)
    scores = aipw_scores(
        frame["y"], frame["treated"], frame[["x"]], propensity=known, cluster=frame["site"]
    )
    members = [np.ones(len(frame), dtype=bool), (frame["x"] > 0).to_numpy(), (frame["x"] <= 0)]
    found = group_estimates(scores, members)
    influence = []
    for place, inside in enumerate(members):
        inside = np.asarray(inside)
        own = (scores.numerator() - found.estimates[place] * scores.share) * inside
        influence.append(
            pd.Series(own / scores.share[inside].sum()).groupby(frame["site"]).sum().to_numpy()
        )
    influence = np.array(influence)
    # clusters with people of the group that has fewer of them
    there = [frame.loc[np.asarray(inside), "site"].nunique() for inside in members]
    smaller = np.minimum.outer(there, there)
    byhand = influence @ influence.T * smaller / (smaller - 1)
    assert found.covariance == pytest.approx(byhand, rel=1e-9)
    # two groups without common people are not independent where they share sites
    assert found.covariance[1, 2] != 0
    assert found.degrees_of_freedom.tolist() == [23.0, *(found.clusters[1:] - 1.0)]
    assert found.only(np.array([2])).clusters.tolist() == [found.clusters[2]]


def test_a_cluster_never_stands_on_both_sides_of_a_split():
    frame = people(3)
    codes = frame["site"].to_numpy()
    flags = (frame["treated"] == 1).to_numpy()
    for split in repeated_splits(flags, folds=5, repetitions=4, cluster=codes):
        folds = pd.Series(split.fold()).groupby(codes).nunique()
        assert (folds == 1).all()
        sizes = pd.Series(split.fold()).groupby(codes).first().value_counts()
        assert sizes.max() - sizes.min() <= 1
    with pytest.raises(WorkbenchError, match="2 clusters for 5 folds leave an arm without people"):
        repeated_splits(np.arange(20) < 10, cluster=np.arange(20) // 10, folds=5)


def test_clustered_intervals_cover_and_plain_ones_do_not():
    covered = {"cluster": 0, "plain": 0}
    for seed in range(150):
        rng = np.random.default_rng(seed)
        site = np.repeat(np.arange(40), 15)
        treated = (np.arange(40) % 2)[site]
        x = rng.normal(size=600)
        y = x + 2 * treated + rng.normal(size=40)[site] + rng.normal(size=600)
        for kind in covered:
            scores = aipw_scores(
                y, treated, pd.DataFrame({"x": x}), propensity=np.full(600, 0.5), repetitions=1,
                cluster=site if kind == "cluster" else None, seed=seed,
            )  # fmt: skip
            one = group_estimates(scores, [np.ones(600, dtype=bool)])
            reach = 2.03 * one.standard_errors[0]
            covered[kind] += abs(one.estimates[0] - 2) < reach
    # 150 draws: standard error .018
    assert 0.90 < covered["cluster"] / 150 <= 0.99
    assert covered["plain"] / 150 < 0.6


def test_weights_undo_a_sample_that_over_represents_one_side():
    # those with large effects were sampled four times as often
    rng = np.random.default_rng(7)
    large = rng.random(4000) < 0.8
    treated = rng.integers(0, 2, 4000)
    y = treated * np.where(large, 10.0, 0.0) + rng.normal(size=4000)
    weights = np.where(large, 0.25, 1.0)
    scores = aipw_scores(
        y, treated, pd.DataFrame({"large": large.astype(float)}), weights=weights,
        propensity=np.full(4000, 0.5),
    )  # fmt: skip
    found = group_estimates(scores, [np.ones(4000, dtype=bool)])
    assert found.estimates[0] == pytest.approx(5.0, abs=4 * found.standard_errors[0])


@pytest.mark.parametrize("clustered", [False, True])
def test_weighted_two_stage_least_squares_equals_linearmodels(clustered):
    rng = np.random.default_rng(5)
    frame = people(5)
    frame["attended"] = ((frame["treated"] == 1) & (rng.random(len(frame)) < 0.7)).astype(int)
    found = take_up_effect(
        frame["y"], frame["treated"], frame["attended"], minimum_first_stage_f=10,
        covariates=frame[["x"]], weights=frame["w"], errors="HC0",
        cluster=frame["site"] if clustered else None,
    )  # fmt: skip
    exogenous = pd.DataFrame({"one": 1.0, "x": frame["x"]})
    model = IV2SLS(
        frame["y"], exogenous, frame[["attended"]], frame[["treated"]], weights=frame["w"]
    )
    twin = (
        model.fit(cov_type="clustered", clusters=frame["site"])
        if clustered
        else model.fit(cov_type="robust")
    )
    assert found.estimate == pytest.approx(twin.params["attended"], rel=1e-8)
    assert found.standard_error == pytest.approx(twin.std_errors["attended"], rel=1e-8)


def test_cost_per_dollar_keeps_to_the_strata_of_the_design():
    # within each stratum the offer costs 100 and gains 200; shares and levels differ between them
    rng = np.random.default_rng(2)
    north = rng.random(6000) < 0.5
    treated = (rng.random(6000) < np.where(north, 0.8, 0.2)).astype(int)
    cost = 100 * treated + 500 * north + rng.normal(size=6000)
    earned = 200 * treated - 900 * north + rng.normal(size=6000)
    within = cost_per_dollar_gained(
        earned, treated, cost, stratum=np.where(north, "north", "south")
    )
    assert within.estimate == pytest.approx(0.5, abs=5 * within.standard_error)
    assert cost_per_dollar_gained(earned, treated, cost).estimate < 0


def test_group_effects_with_weights_and_clusters_say_so():
    frame = people(6, n=600, sites=30).assign(race=lambda d: np.where(d["x"] > 0, "a", "b"))
    table = group_effects(
        frame, "y", minimum_cell=10, groups=[("race",)], covariates=["x"], weights="w",
        cluster="site",
    )  # fmt: skip
    assert table["status"].eq("shown").all()
    assert table["note"].str.contains("weighted; errors by site").all()
    row = table.iloc[0]
    plain = clustered_difference(frame["y"], frame["treated"], frame["site"], weights=frame["w"])
    assert (row["estimate"], row["standard_error"]) == (plain.estimate, plain.standard_error)
    assert row["control_mean"] == plain.control_mean
    with pytest.raises(WorkbenchError, match="column w: 1 weights are not above 0"):
        group_effects(
            frame.assign(w=frame["w"].where(frame.index > 0, 0.0)), "y", minimum_cell=10,
            groups=[("race",)], weights="w",
        )  # fmt: skip
    with pytest.raises(WorkbenchError, match="column w: 1 of 600 values are infinite"):
        group_effects(
            frame.assign(w=frame["w"].where(frame.index > 0, np.inf)), "y", minimum_cell=10,
            groups=[("race",)], weights="w",
        )  # fmt: skip
