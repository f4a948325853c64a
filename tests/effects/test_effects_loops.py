"""Sums over people, groups and cells, each written out as a plain loop over persons."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.effects.coverage import _multiplier, _shares_covered, coverage_table
from analysis.effects.estimators import stratum_cells
from analysis.effects.event_study import _wald, pre_trend_test
from analysis.effects.folds import repeated_splits
from analysis.effects.groups import group_effects
from analysis.effects.joint_bands import _DRAWS, step_down_p_values
from analysis.effects.levels import group_levels, members
from analysis.effects.many_programs import many_program_effects
from analysis.effects.matched_cells import matched_effect
from analysis.effects.robust_variance import clustered_contrast, scores_by_cluster
from analysis.effects.scores import GroupEstimates, Scores, contrast, group_estimates
from analysis.effects.staggered import group_time_effects
from analysis.errors import WorkbenchError


@pytest.fixture
def scores() -> Scores:
    rng = np.random.default_rng(7)
    n = 30
    flags = np.arange(n) % 3 == 0
    treated, control = rng.normal(5, 2, n), rng.normal(3, 1, n)
    share = 0.5 + rng.random(n)
    return Scores(treated, control, share, flags, share / 2, "overlap", "AIPW", np.zeros(1))


def groups() -> list[np.ndarray]:
    """Everyone, two without common people, one across both, two pairs with nothing in common."""
    at = np.arange(30)
    return [at >= 0, at < 12, at >= 12, (at > 5) & (at < 20), at < 5, (at > 24)]


@pytest.mark.parametrize("part", ["effect", "with program", "without program"])
def test_covariance_of_groups_person_by_person(scores: Scores, part: str) -> None:
    found = group_estimates(scores, groups(), part)  # type: ignore[arg-type]
    value = {
        "effect": scores.treated - scores.control,
        "with program": scores.treated,
        "without program": scores.control,
    }[part]
    means = [value[g].sum() / scores.share[g].sum() for g in groups()]
    np.testing.assert_allclose(found.estimates, means)
    for i, j in itertools.product(range(6), repeat=2):
        one, other = groups()[i], groups()[j]
        total = sum(
            (value[k] - means[i] * scores.share[k]) * (value[k] - means[j] * scores.share[k])
            for k in range(30)
            if one[k] and other[k]
        )
        fewer = min(one.sum(), other.sum())
        expected = total * fewer / (fewer - 1) / scores.share[one].sum() / scores.share[other].sum()
        assert found.covariance[i, j] == pytest.approx(expected, abs=1e-12)
    assert found.n_treated.tolist() == [(g & scores.flags).sum() for g in groups()]
    assert found.n_control.tolist() == [(g & ~scores.flags).sum() for g in groups()]
    assert found.degrees_of_freedom.tolist() == (found.n_treated - 1).tolist()
    some = found.only(np.array([3, 1]))
    assert some.covariance[0, 1] == found.covariance[3, 1]
    assert contrast(some, [2, -1])[0] == pytest.approx(2 * means[3] - means[1])


def test_covariance_of_groups_cluster_by_cluster(scores: Scores) -> None:
    cluster = np.arange(30) // 4
    found = group_estimates(replace(scores, cluster=cluster), groups()[:5])
    value = scores.treated - scores.control
    sums = []
    for g in groups()[:5]:
        mean = value[g].sum() / scores.share[g].sum()
        sums.append(
            [
                sum(
                    value[k] - mean * scores.share[k] for k in range(30) if g[k] and cluster[k] == c
                )
                for c in range(8)
            ]
        )
    there = [len({cluster[k] for k in range(30) if g[k]}) for g in groups()]
    for i, j in itertools.product(range(5), repeat=2):
        fewer = min(there[i], there[j])
        bases = scores.share[groups()[i]].sum() * scores.share[groups()[j]].sum()
        expected = np.dot(sums[i], sums[j]) * fewer / (fewer - 1) / bases
        assert found.covariance[i, j] == pytest.approx(expected)
    arms = [
        min(
            len({cluster[k] for k in range(30) if g[k] and scores.flags[k] == arm})
            for arm in (0, 1)
        )
        for g in groups()[:5]
    ]
    assert found.clusters is not None
    assert found.clusters.tolist() == arms
    assert found.degrees_of_freedom.tolist() == [one - 1 for one in arms]


def test_groups_of_two_people_have_an_error_and_those_without_an_arm_are_named(
    scores: Scores,
) -> None:
    pair = np.isin(np.arange(30), [0, 1])
    alone = np.isin(np.arange(30), [1, 2])
    found = group_estimates(scores, [pair])
    assert (found.n_treated[0], found.n_control[0]) == (1, 1)
    assert np.isfinite(found.covariance).all()
    with pytest.raises(WorkbenchError, match="group 2 of 3: nobody in an arm"):
        group_estimates(scores, [pair, alone, ~alone])
    with pytest.raises(WorkbenchError, match="group 1 of 1: nobody in an arm"):
        group_estimates(scores, [np.arange(30) == 0])


def test_cells_of_strata_person_by_person() -> None:
    y = np.array([1.0, 4, 2, 8, 5, 7, 3, 9])
    flags = np.array([1, 0, 1, 1, 0, 0, 1, 0], dtype=bool)
    names = np.array(list("babbabab"))
    shares, means, squares, people = stratum_cells(y, flags, names)
    for (a, arm), (s, name) in itertools.product(enumerate((True, False)), enumerate("ab")):
        own = [y[k] for k in range(8) if flags[k] == arm and names[k] == name]
        assert people[a, s] == len(own)
        assert means[a, s] == pytest.approx(np.mean(own))
        assert squares[a, s] == pytest.approx(np.var(own) * len(own))
    assert shares.tolist() == [3 / 8, 5 / 8]


def test_clusters_are_summed_in_the_order_of_their_numbers() -> None:
    scores = np.arange(10.0).reshape(5, 2)
    found = scores_by_cluster(scores, np.array([2, 0, 1, 0, 2]))
    assert found.tolist() == [[8.0, 10.0], [4.0, 5.0], [8.0, 10.0]]


@pytest.mark.parametrize("dummy", [False, True])
def test_cr2_with_a_cluster_that_decides_a_column_alone(dummy: bool) -> None:
    """Bell and McCaffrey's matrices of all people, a singular one turned as far as it goes."""
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(6), [3, 4, 2, 5, 3, 3])
    n = len(cluster)
    columns = [np.ones(n), rng.normal(size=n), rng.normal(size=n)]
    design = np.column_stack([*columns, cluster == 2] if dummy else columns).astype(float)
    y = rng.normal(size=n) + cluster
    hat = design @ np.linalg.inv(design.T @ design) @ design.T
    left = np.eye(n) - hat
    pull = design @ np.linalg.inv(design.T @ design)[:, 1]
    rows = []
    for one in range(6):
        inside = cluster == one
        values, vectors = np.linalg.eigh(left[np.ix_(inside, inside)])
        root = [1 / np.sqrt(v) if v > 1e-9 else 0.0 for v in values]
        rows.append(pull[inside] @ (vectors * root) @ vectors.T @ left[inside])
    variance = sum(float(row @ y) ** 2 for row in rows)
    products = np.array([[one @ other for other in rows] for one in rows])
    freedom = np.trace(products) ** 2 / (products**2).sum()
    estimate, error, found = clustered_contrast(design, y, cluster, 1, "CR2")
    assert estimate == pytest.approx(pull @ y)
    assert error == pytest.approx(np.sqrt(variance))
    assert found == pytest.approx(freedom)


def test_people_as_clusters_have_bell_and_mccaffreys_freedom() -> None:
    rng = np.random.default_rng(4)
    design = np.column_stack([np.ones(12), rng.normal(size=12), np.arange(12) % 2])
    y = rng.normal(size=12)
    left = np.eye(12) - design @ np.linalg.inv(design.T @ design) @ design.T
    pull = design @ np.linalg.inv(design.T @ design)[:, 2]
    rows = (pull / np.sqrt(np.diag(left)))[:, None] * left
    products = rows @ rows.T
    estimate, error, freedom = clustered_contrast(design, y, np.arange(12), 2, "CR2")
    assert estimate == pytest.approx(pull @ y)
    assert error == pytest.approx(np.sqrt(((rows @ y) ** 2).sum()))
    assert freedom == pytest.approx(np.trace(products) ** 2 / (products**2).sum())


def test_levels_keep_to_the_order_of_categories_and_leave_absent_ones_out() -> None:
    frame = pd.DataFrame({"sex": ["m", "f", "m"]})
    frame["race"] = pd.Categorical(["c", "a", "c"], categories=["c", "b", "a"])
    levels = group_levels(frame, [("race",), ("sex", "race")])
    assert levels == [
        {},
        {"race": "c"},
        {"race": "a"},
        {"sex": "f", "race": "c"},
        {"sex": "f", "race": "a"},
        {"sex": "m", "race": "c"},
        {"sex": "m", "race": "a"},
    ]
    assert [members(frame, one).tolist() for one in levels[3:]] == [
        [False] * 3,
        [False, True, False],
        [True, False, True],
        [False] * 3,
    ]


def test_clusters_and_arms_are_spread_over_folds() -> None:
    cluster = np.repeat(np.arange(20), 5)
    flags = cluster % 4 == 0
    for one in repeated_splits(flags, folds=5, repetitions=3, seed=1, cluster=cluster):
        fold = one.fold()
        for k in range(20):
            assert len(set(fold[cluster == k])) == 1
        # five treated clusters, one a fold, and four clusters a fold in all
        assert [len(set(cluster[(fold == f) & flags])) for f in range(5)] == [1] * 5
        assert [len(set(cluster[fold == f])) for f in range(5)] == [4] * 5
    with pytest.raises(WorkbenchError, match="3 clusters for 2 folds leave an arm without"):
        repeated_splits(
            np.arange(9) < 3, folds=2, repetitions=1, cluster=np.repeat(np.arange(3), 3)
        )


def test_adjusted_cells_person_by_person() -> None:
    rng = np.random.default_rng(9)
    frame = pd.DataFrame({"treated": np.arange(40) % 2, "c": np.arange(40) // 8})
    frame["x"], frame["z"] = rng.normal(size=40), rng.normal(size=40)
    frame["y"] = 2 * frame["x"] - frame["z"] + frame["c"] + frame["treated"] + rng.normal(size=40)
    controls = frame[frame["treated"] == 0]
    inside = controls.groupby("c")[["y", "x", "z"]].transform("mean")
    apart = controls[["y", "x", "z"]] - inside
    slopes = np.linalg.lstsq(apart[["x", "z"]], apart["y"], rcond=None)[0]
    left = frame.assign(y=frame["y"] - frame[["x", "z"]] @ slopes)
    found = matched_effect(frame, "y", ["c"], adjust=["x", "z"]).effect
    means = left.groupby(["c", "treated"])["y"].mean().unstack()
    assert found.estimate == pytest.approx((means[1] - means[0]).mean())
    variances = left.groupby(["c", "treated"])["y"].var().unstack()
    assert found.standard_error == pytest.approx(np.sqrt((variances / 4).to_numpy().sum()) / 5)
    assert found.control_standard_error == pytest.approx(np.sqrt((variances[0] / 4).sum()) / 5)
    assert (found.degrees_of_freedom, found.parameters) == (30.0, 10)


def test_step_down_p_values_draw_by_draw() -> None:
    found = GroupEstimates(
        np.array([0.4, -2.5, 1.0]),
        np.diag([1.0, 1.0, 0.25]),
        np.array([50, 50, 50]),
        np.array([50, 50, 50]),
    )
    drawn = np.abs(np.random.default_rng(2).standard_normal((_DRAWS, 3)))
    distance = [0.4, 2.5, 2.0]
    first = (1 + (drawn.max(axis=1) >= 2.5).sum()) / (1 + _DRAWS)
    second = max(first, (1 + (drawn[:, [0, 2]].max(axis=1) >= 2.0).sum()) / (1 + _DRAWS))
    third = max(second, (1 + (drawn[:, 0] >= 0.4).sum()) / (1 + _DRAWS))
    assert distance[0] < distance[2] < distance[1]
    np.testing.assert_allclose(step_down_p_values(found, seed=2), [third, first, second])


def test_shares_of_studies_that_hold_the_truth() -> None:
    inside = np.array([[True, True], [True, False], [True, True], [False, True]])
    found = _shares_covered(inside)
    assert (found["per_group"], found["per_group_lowest"], found["per_group_highest"]) == (
        0.75,
        0.75,
        0.75,
    )
    assert (found["all_groups"], found["all_groups_error"]) == (0.5, 0.25)
    told: list[int] = []
    table = coverage_table(300, 2, 1, splits=1, report=told.append)
    assert told == [1, 2]
    assert table["people"].tolist() == [300] * 7
    # one group of one person: its sign is all that is drawn
    assert _multiplier([np.array([3.0])], np.random.default_rng(1)) == 1.0


def test_a_group_with_one_participant_of_a_program_has_no_error_and_others_do() -> None:
    rng = np.random.default_rng(3)
    pool, people = (pd.DataFrame({"x": rng.normal(size=n)}) for n in (60, 6))
    found = many_program_effects(
        pool, rng.normal(size=60), people, rng.normal(size=6), ["p"] * 6, folds=2,
        pool_group=np.array(list("ab") * 30), group=np.array(list("abbccc")),
    )  # fmt: skip
    assert found.groups == ["all", "a", "b", "c"]
    assert found.n_treated.tolist() == [[6, 1, 2, 3]]
    assert np.isnan(found.estimates[0]).tolist() == [False, True, False, False]
    assert np.isnan(found.standard_errors[0]).tolist() == [False, True, False, False]
    assert found.shared_covariance is None


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    entry = [2.0] * 3 + [3.0] * 4 + [5.0] * 4 + [np.nan] * 4
    rows = [
        {"person": i, "period": t, "entry": e, "y": rng.normal() + (t >= e)}
        for i, e in enumerate(entry)
        for t in range(1, 5)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("anticipation", [0, 1])
@pytest.mark.parametrize("base", ["universal", "varying"])
def test_not_yet_treated_people_cell_by_cell(base: str, anticipation: int) -> None:
    frame = panel()
    found = group_time_effects(
        frame, "y", minimum_cell=3, comparison="not_yet_treated", base=base,  # type: ignore[arg-type]
        anticipation=anticipation,
    )  # fmt: skip
    wide = frame.pivot(index="person", columns="period", values="y").to_numpy()
    # who enters after the last period is seen without the program throughout
    entry = np.array([2.0] * 3 + [3.0] * 4 + [np.inf] * 8)
    expected = []
    for cohort in (2, 3):
        last = cohort - anticipation - 1
        if last < 1:
            continue
        for t in range(1, 5):
            since = last if base == "universal" or t > last else t - 1
            if since in (0, t):
                continue
            others = (entry > max(t, since) + anticipation) & (entry != cohort)
            change = wide[:, t - 1] - wide[:, since - 1]
            effect = change[entry == cohort].mean() - change[others].mean()
            expected.append((cohort, t, t - cohort, effect, (entry == cohort).sum(), others.sum()))
    cells = found.cells[["cohort", "period", "event_time", "estimate", "n_treated", "n_comparison"]]
    np.testing.assert_allclose(cells.to_numpy(dtype=float), np.array(expected, dtype=float))
    assert found.left_out == (("entry 2: no period before",) if anticipation else ())
    few = group_time_effects(frame, "y", minimum_cell=4, comparison="not_yet_treated")
    assert few.left_out == ("entry 2: 3 people",)
    assert set(few.cells["cohort"]) == {3.0}


def test_periods_with_too_few_to_compare_with_are_named_and_later_ones_read() -> None:
    frame = panel()
    frame["entry"] = frame["entry"].where(frame["entry"] != 5.0, 4.0).fillna(4.0)
    found = group_time_effects(frame, "y", minimum_cell=3, comparison="not_yet_treated")
    assert found.left_out == (
        "entry 2, period 4: 0 people to compare with",
        "entry 3, period 4: 0 people to compare with",
        *(f"entry 4, period {one}: 0 people to compare with" for one in (1, 2, 4)),
    )
    assert found.cells.groupby("cohort")["period"].agg(list).to_dict() == {
        2.0: [2.0, 3.0],
        3.0: [1.0, 3.0],
    }


def test_a_cell_of_a_panel_needs_two_people_more_than_covariates() -> None:
    frame = panel()
    rng = np.random.default_rng(4)
    frame["u"] = np.repeat(rng.normal(size=15), 4)
    never = frame["entry"].isna()
    kept = frame[~never | frame["person"].isin([11, 12, 13])]
    assert group_time_effects(kept, "y", minimum_cell=2, covariates=["u"]).left_out == ()
    few = kept[(kept["entry"] != 5.0) & (kept["person"] != 13)]
    with pytest.raises(WorkbenchError, match="entry 3, period 4: 2 people to compare with"):
        group_time_effects(few, "y", minimum_cell=2, covariates=["u"])
    assert len(group_time_effects(few, "y", minimum_cell=2).cells) == 6
    with pytest.raises(WorkbenchError, match="0 people lack a period of 1"):
        group_time_effects(frame[frame["period"] == 1], "y", minimum_cell=2)


@pytest.mark.parametrize("anticipation", [0, 1])
def test_effects_before_entry_are_tested_together_by_wald(anticipation: int) -> None:
    found = group_time_effects(panel(), "y", minimum_cell=3, base="varying")
    cells = found.cells
    early = (cells["event_time"] < -anticipation).to_numpy()
    if anticipation:
        assert not early.any()
        with pytest.raises(WorkbenchError, match="no period before the base period"):
            pre_trend_test(found, anticipation)
        return
    estimates, covariance = cells["estimate"][early], found.covariance[np.ix_(early, early)]
    wald = estimates @ np.linalg.solve(covariance, estimates)
    test = pre_trend_test(found)
    assert (test.statistic, test.degrees_of_freedom) == (pytest.approx(wald), early.sum())
    assert test.p_value == pytest.approx(stats.chi2.sf(wald, early.sum()))


def test_a_direction_without_variance_is_not_tested() -> None:
    test = _wald(np.array([1.0, 4.0, 0.0]), np.diag([1.0, 4.0, 0.0]))
    assert (test.statistic, test.degrees_of_freedom) == (5.0, 2)
    assert test.p_value == pytest.approx(stats.chi2.sf(5, 2))


def test_lin_is_shown_from_sixty_people_on_and_with_three_a_coefficient() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"treated": np.arange(60) % 2, "x": rng.normal(size=60)})
    frame["y"], frame["w"] = rng.normal(size=60), 1.0

    def status(people: pd.DataFrame, **more: object) -> str:
        table = group_effects(people, "y", groups=[], covariates=["x"], minimum_cell=5, **more)  # type: ignore[arg-type]
        return str(table.set_index("estimator").loc["Lin regression", "status"])

    assert status(frame) == "shown"
    assert status(frame.iloc[:59]) == "refused: fewer than 60 people in the group"
    # with weights the regression of two coefficients an arm needs the same people a parameter
    assert status(frame, weights="w", minimum_people_per_parameter=15) == "shown"
    assert status(frame, weights="w", minimum_people_per_parameter=15.5) == (
        "refused: an arm has fewer than 31 people for 2 coefficients"
    )
