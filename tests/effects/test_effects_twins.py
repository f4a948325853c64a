"""Formulas of the effects against statsmodels, scikit-learn, plain loops and invariances."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import optimize, stats
from sklearn.linear_model import LogisticRegression, Ridge
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from analysis.effects.aipw import aipw_scores
from analysis.effects.attrition import attrition_by_arm
from analysis.effects.balance import joint_balance_test, standardised_differences
from analysis.effects.clustered import clustered_difference, clustered_lin
from analysis.effects.comparison import Rules, comparison_estimates, propensity_scores
from analysis.effects.decomposition import decomposed_gap
from analysis.effects.diagnostics import comparison_diagnostics
from analysis.effects.effect import Effect, confidence_interval
from analysis.effects.entropy_balancing import effective_people, entropy_weights
from analysis.effects.estimators import difference_in_means, stratified_difference
from analysis.effects.event_study import event_study, pre_trend_test
from analysis.effects.field_split import field_split
from analysis.effects.folds import repeated_splits
from analysis.effects.joint_bands import equality_test
from analysis.effects.lin import lin_adjusted
from analysis.effects.many_programs import many_program_effects
from analysis.effects.matched_cells import earnings_bands, matched_effect
from analysis.effects.multiplicity import holm_adjusted, sidak_critical_values
from analysis.effects.offer_regressions import offer_regressions
from analysis.effects.ratio import ratio_of_effects
from analysis.effects.scores import contrast, group_estimates
from analysis.effects.sensitivity import regression_adjusted
from analysis.effects.shrinkage import between_variance, shrunk_to_pooled
from analysis.effects.simulated import GROUP_EFFECTS, simulated_people
from analysis.effects.staggered import group_time_effects
from analysis.effects.take_up import take_up_effect
from analysis.effects.two_periods import two_period_effect

Numbers = np.ndarray
BEFORE = ["x", "z"]


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(21)
    n = 180
    frame = pd.DataFrame(rng.normal(size=(n, 2)), columns=BEFORE)
    chance = 1 / (1 + np.exp(0.3 - 0.6 * frame["x"]))
    frame["treated"] = (rng.random(n) < chance).astype(int)
    frame["y"] = 2 + frame["x"] - frame["z"] + 0.7 * frame["treated"] + rng.normal(size=n)
    frame["site"] = np.array(list("abc"))[np.arange(n) % 3]
    frame["cluster"] = np.arange(n) // 6
    frame["weight"] = 0.5 + rng.random(n)
    frame["took"] = frame["treated"] * (rng.random(n) < 0.7)
    return frame


# --- means and regressions


def test_difference_in_means_is_welchs(people: pd.DataFrame) -> None:
    y, t = people["y"], people["treated"].eq(1)
    both = CompareMeans(DescrStatsW(y[t]), DescrStatsW(y[~t]))
    for kind, name in (("unequal", "unequal"), ("equal", "pooled")):
        found = difference_in_means(y, people["treated"], variance=kind)  # type: ignore[arg-type]
        test = both.ttest_ind(usevar=name)
        assert found.estimate / found.standard_error == pytest.approx(test[0])
        assert found.degrees_of_freedom == pytest.approx(test[2])
        low, high = both.tconfint_diff(usevar=name)
        own = confidence_interval(found.estimate, found.standard_error, found.degrees_of_freedom)
        assert own == pytest.approx((low, high))
    assert found.control_mean == pytest.approx(y[~t].mean())
    assert found.control_standard_error == pytest.approx(y[~t].sem())
    assert (found.n_treated, found.n_control, found.n) == (t.sum(), (~t).sum(), 180)


def test_stratified_difference_by_pandas(people: pd.DataFrame) -> None:
    found = stratified_difference(people["y"], people["treated"], people["site"])
    cells = people.groupby(["site", "treated"])["y"].agg(["mean", "var", "count"]).unstack()
    share = cells["count"].sum(axis=1) / 180
    assert found.estimate == pytest.approx((share * (cells["mean"][1] - cells["mean"][0])).sum())
    terms = (cells["var"] / cells["count"]).mul(share**2, axis=0)
    assert found.standard_error == pytest.approx(np.sqrt(terms.sum().sum()))
    freedom = terms.sum().sum() ** 2 / (terms**2 / (cells["count"] - 1)).sum().sum()
    assert found.degrees_of_freedom == pytest.approx(freedom)
    assert found.parameters == 6


@pytest.mark.parametrize("kind", ["HC2", "HC3"])
def test_lin_is_a_regression_with_interactions(people: pd.DataFrame, kind: str) -> None:
    found = lin_adjusted(people["y"], people["treated"], people[BEFORE], robust=kind)  # type: ignore[arg-type]
    x = people[BEFORE] - people[BEFORE].mean()
    t = people["treated"]
    design = sm.add_constant(np.column_stack([t, x, x.mul(t, axis=0)]))
    fit = sm.OLS(people["y"], design).fit(cov_type=kind)
    assert found.estimate == pytest.approx(fit.params.iloc[1])
    assert found.standard_error == pytest.approx(fit.bse.iloc[1])
    assert found.degrees_of_freedom == fit.df_resid
    plain = sm.OLS(people["y"], sm.add_constant(np.column_stack([t, people[BEFORE]])))
    ours = regression_adjusted(people["y"], t, people[BEFORE])
    hc2 = plain.fit(cov_type="HC2")
    assert (ours.estimate, ours.standard_error) == pytest.approx(
        (hc2.params.iloc[1], hc2.bse.iloc[1])
    )
    assert (ours.degrees_of_freedom, ours.parameters) == (hc2.df_resid, 4)


def test_clustered_errors_are_statsmodels(people: pd.DataFrame) -> None:
    t, w = people["treated"], people["weight"] / people["weight"].mean()
    fit = sm.WLS(people["y"], sm.add_constant(t.astype(float)), weights=w).fit()
    for kind, corrected in (("CR0", False), ("CR1", True)):
        found = clustered_difference(
            people["y"],
            t,
            people["cluster"],
            weights=people["weight"],
            errors=kind,  # type: ignore[arg-type]
        )
        robust = fit.get_robustcov_results(
            "cluster", groups=people["cluster"], use_correction=corrected
        )
        assert found.estimate == pytest.approx(robust.params[1])
        assert found.standard_error == pytest.approx(robust.bse[1])
        assert found.degrees_of_freedom == 29
    # people alone: Welch's error, as HC2 of a difference is
    alone, plain = clustered_difference(people["y"], t), difference_in_means(people["y"], t)
    assert alone.standard_error == pytest.approx(plain.standard_error)
    # CR2 by its definition: residuals of a cluster through the inverse root of what is left
    found = clustered_lin(people["y"], t, people[["x"]], people["cluster"])
    x = people["x"] - people["x"].mean()
    design = np.column_stack([np.ones(180), t, x, x * t])
    bread = np.linalg.inv(design.T @ design)
    residual = people["y"].to_numpy() - design @ bread @ design.T @ people["y"].to_numpy()
    hat = design @ bread @ design.T
    pulls = []
    for one in range(30):
        rows = np.flatnonzero(people["cluster"] == one)
        values, vectors = np.linalg.eigh(np.eye(len(rows)) - hat[np.ix_(rows, rows)])
        root = vectors / np.sqrt(values) @ vectors.T
        weights = np.zeros(180)
        weights[rows] = root @ (design[rows] @ bread[1])
        pulls.append(weights @ (np.eye(180) - hat))
    spread = [(p @ people["y"]) ** 2 for p in np.array(pulls)]
    assert found.standard_error == pytest.approx(np.sqrt(np.sum(spread)))
    assert np.abs(residual).max() > 0
    products = np.array(pulls) @ np.array(pulls).T
    freedom = np.trace(products) ** 2 / (products**2).sum()
    assert found.degrees_of_freedom == pytest.approx(freedom)


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2"])
def test_offers_are_regressions(people: pd.DataFrame, kind: str) -> None:
    t = people["treated"]
    found = offer_regressions(
        [people["y"].to_numpy(), people["took"].to_numpy(float)],
        t.eq(1).to_numpy(),
        covariates=people[BEFORE],
        errors=kind,  # type: ignore[arg-type]
    )
    design = sm.add_constant(np.column_stack([t, people[BEFORE]]))
    fits = [sm.OLS(people[name], design).fit(cov_type=kind) for name in ("y", "took")]
    np.testing.assert_allclose(found.estimates, [fit.params.iloc[1] for fit in fits])
    np.testing.assert_allclose(
        np.sqrt(np.diag(found.covariance)), [fit.bse.iloc[1] for fit in fits]
    )
    both = sm.OLS(people["y"] - 2 * people["took"], design).fit(cov_type=kind)
    direction = np.array([1.0, -2.0])
    assert direction @ found.covariance @ direction == pytest.approx(both.bse.iloc[1] ** 2)


def test_take_up_is_two_stage_least_squares(people: pd.DataFrame) -> None:
    found = take_up_effect(
        people["y"], people["treated"], people["took"], minimum_first_stage_f=1, errors="HC0"
    )
    z = np.column_stack([np.ones(180), people["treated"]])
    d = np.column_stack([np.ones(180), people["took"]])
    first = z @ np.linalg.lstsq(z, d, rcond=None)[0]
    beta = np.linalg.solve(first.T @ d, first.T @ people["y"])
    residual = people["y"] - d @ beta
    bread = np.linalg.inv(first.T @ first)
    meat = (first * residual.to_numpy()[:, None] ** 2).T @ first
    assert found.estimate == pytest.approx(beta[1])
    assert found.standard_error == pytest.approx(np.sqrt((bread @ meat @ bread)[1, 1]))
    assert found.first_stage_f == pytest.approx(
        sm.OLS(people["took"], z).fit(cov_type="HC0").tvalues.iloc[1] ** 2
    )
    low, high = found.anderson_rubin_interval
    for bound in (low, high):
        fit = sm.OLS(people["y"] - bound * people["took"], z).fit(cov_type="HC0")
        assert abs(fit.tvalues.iloc[1]) == pytest.approx(stats.norm.ppf(0.975))


# --- balance


def test_balance_by_scipy(people: pd.DataFrame) -> None:
    found = standardised_differences(people.assign(same=3.0), [*BEFORE, "same"]).set_index(
        "covariate"
    )
    t = people["treated"].eq(1)
    for name in BEFORE:
        one, other = people.loc[t, name], people.loc[~t, name]
        row = found.loc[name]
        assert row["difference"] == pytest.approx(one.mean() - other.mean())
        spread = np.sqrt((one.var() + other.var()) / 2)
        assert row["standardised_difference"] == pytest.approx(row["difference"] / spread)
        assert row["p_value"] == pytest.approx(stats.ttest_ind(one, other, equal_var=False).pvalue)
        # a hundredth of the unit is as far apart
        small = standardised_differences(people.assign(**{name: people[name] / 1_000}), [name])
        assert small["standardised_difference"].iloc[0] == pytest.approx(
            row["standardised_difference"]
        )
    assert found.loc["same", ["standardised_difference", "p_value"]].isna().all()
    joint = joint_balance_test(people, BEFORE, stratum="site")
    strata = pd.get_dummies(people["site"], drop_first=True).astype(float)
    small_fit = sm.OLS(people["treated"], sm.add_constant(strata)).fit()
    large = sm.OLS(
        people["treated"], sm.add_constant(pd.concat([strata, people[BEFORE]], axis=1))
    ).fit()
    statistic, p_value, added = large.compare_f_test(small_fit)
    assert (joint.statistic, joint.p_value) == pytest.approx((statistic, p_value))
    assert joint.degrees_of_freedom == (added, large.df_resid)


def test_attrition_by_arm_is_a_test_of_shares() -> None:
    frame = pd.DataFrame({"treated": [1] * 50 + [0] * 70})
    frame["y"] = [np.nan] * 12 + [1.0] * 38 + [np.nan] * 25 + [1.0] * 45
    row = attrition_by_arm(frame, "y", minimum_cell=10).iloc[0]
    first, second = 12 / 50, 25 / 70
    error = np.sqrt(
        np.var([1] * 12 + [0] * 38, ddof=1) / 50 + np.var([1] * 25 + [0] * 45, ddof=1) / 70
    )
    assert row["standard_error"] == pytest.approx(error)
    assert row["p_value"] == pytest.approx(2 * stats.norm.sf(abs(first - second) / error))
    assert (row["n_treated"], row["n_control"]) == (50, 70)
    # of eleven and ten lost people both are shown, of nine none
    assert len(attrition_by_arm(frame, "y", minimum_cell=12)) == 1
    assert len(attrition_by_arm(frame, "y", minimum_cell=13)) == 0


# --- without a lottery


@pytest.mark.parametrize("target", ["everyone", "treated", "overlap"])
def test_aipw_by_sklearn_and_loops(people: pd.DataFrame, target: str) -> None:
    y, t = people["y"].to_numpy(), people["treated"].to_numpy()
    fold = np.arange(180) % 4
    x = people[BEFORE].to_numpy()
    scaled = (x - x.mean(0)) / x.std(0)
    scores = aipw_scores(
        *(people["y"], people["treated"], people[BEFORE]),
        target=target,  # type: ignore[arg-type]
        fold=fold,
        ridge=2.0,
        logit_penalty=3.0,
    )
    parts = np.zeros((3, 180))
    for one in range(4):
        out, own = fold != one, fold == one
        m1, m0 = (
            Ridge(2.0).fit(scaled[out & (t == arm)], y[out & (t == arm)]).predict(scaled[own])
            for arm in (1, 0)
        )
        # an intercept without a penalty moves with the mean of the arm, as here
        logit = LogisticRegression(C=1 / 3.0, tol=1e-12, max_iter=5_000).fit(scaled[out], t[out])
        e = logit.predict_proba(scaled[own])[:, 1]
        for i, at in enumerate(np.flatnonzero(own)):
            if target == "everyone":
                one_part = m1[i] + t[at] * (y[at] - m1[i]) / e[i]
                zero = m0[i] + (1 - t[at]) * (y[at] - m0[i]) / (1 - e[i])
                weight = 1.0
            elif target == "treated":
                one_part = t[at] * y[at]
                zero = t[at] * m0[i] + (1 - t[at]) * e[i] / (1 - e[i]) * (y[at] - m0[i])
                weight = t[at]
            else:
                weight = (t[at] - e[i]) ** 2
                one_part = weight * m1[i] + t[at] * (1 - e[i]) * (y[at] - m1[i])
                zero = weight * m0[i] + (1 - t[at]) * e[i] * (y[at] - m0[i])
            parts[:, at] = one_part, zero, weight
    np.testing.assert_allclose(scores.propensity.mean(), t.mean(), atol=0.05)
    np.testing.assert_allclose(scores.treated, parts[0], atol=2e-3)
    np.testing.assert_allclose(scores.control, parts[1], atol=2e-3)
    np.testing.assert_allclose(scores.share, parts[2], atol=2e-4)
    group = [np.ones(180, dtype=bool), np.arange(180) % 2 == 0]
    found = group_estimates(scores, group)
    effect = scores.treated - scores.control
    influence = []
    for inside, estimate in zip(group, found.estimates, strict=True):
        assert estimate == pytest.approx(effect[inside].sum() / scores.share[inside].sum())
        influence.append((effect - estimate * scores.share) * inside / scores.share[inside].sum())
    for i, j in ((0, 0), (1, 1), (0, 1)):
        n = min(group[i].sum(), group[j].sum())
        assert found.covariance[i, j] == pytest.approx(influence[i] @ influence[j] * n / (n - 1))
    gap, error = contrast(found, [1, -1])
    assert gap == pytest.approx(found.estimates[0] - found.estimates[1])
    both = found.covariance
    assert error == pytest.approx(np.sqrt(both[0, 0] + both[1, 1] - 2 * both[0, 1]))


@pytest.mark.parametrize("target", ["everyone", "treated", "overlap"])
def test_adjusted_effects_follow_the_outcome_and_not_the_covariates(
    people: pd.DataFrame, target: str
) -> None:
    def effect(outcome: pd.Series, before: pd.DataFrame) -> tuple[float, float]:
        fold = np.arange(180) % 3
        scores = aipw_scores(outcome, people["treated"], before, target=target, fold=fold)  # type: ignore[arg-type]
        found = group_estimates(scores, [np.ones(180, dtype=bool)])
        return float(found.estimates[0]), float(found.standard_errors[0])

    plain = effect(people["y"], people[BEFORE])
    assert effect(1_000 * people["y"] - 70, people[BEFORE]) == pytest.approx(
        (1_000 * plain[0], 1_000 * plain[1])
    )
    assert effect(people["y"], 9 - 4 * people[BEFORE]) == pytest.approx(plain)


def test_propensity_is_statsmodels_logit(people: pd.DataFrame) -> None:
    chance = propensity_scores(people["treated"].eq(1).to_numpy(), people[BEFORE])
    fit = sm.Logit(people["treated"], sm.add_constant(people[BEFORE])).fit(disp=0)
    np.testing.assert_allclose(chance, fit.predict(), atol=1e-4)


def test_entropy_weights_are_the_closest_to_even_ones(people: pd.DataFrame) -> None:
    t = people["treated"].eq(1).to_numpy()
    weights = entropy_weights(people["treated"], people[BEFORE])
    x = people.loc[~t, BEFORE].to_numpy()
    mean = people.loc[t, BEFORE].mean().to_numpy()
    np.testing.assert_allclose(weights[~t] @ x, mean, atol=1e-7)
    dual = optimize.minimize(lambda b: np.log(np.exp((x - mean) @ b).sum()), np.zeros(2), tol=1e-12)
    tilted = np.exp((x - mean) @ dual.x)
    np.testing.assert_allclose(weights[~t], tilted / tilted.sum(), rtol=1e-4)
    assert (weights[t] == 0).all()
    assert effective_people(np.ones(7)) == pytest.approx(7)


def test_diagnostics_by_hand(people: pd.DataFrame) -> None:
    found = comparison_diagnostics(
        people, "y", BEFORE, placebo=None, support_limit=0.55, repetitions=1, seed=3
    )
    t = people["treated"].eq(1).to_numpy()
    chance = propensity_scores(t, people[BEFORE])
    assert found.treated_outside_support == pytest.approx((chance[t] > 0.55).mean())
    assert found.controls_at_the_top == (chance[~t] > 0.55).sum()
    three = people["y"], people["treated"], people[BEFORE]
    scores = aipw_scores(*three, target="treated", repetitions=1, seed=3)
    odds = scores.propensity[~t] / (1 - scores.propensity[~t])
    assert found.effective_n_control == pytest.approx(odds.sum() ** 2 / (odds**2).sum())
    for size, weights in (
        (found.largest_difference_before, np.ones((~t).sum())),
        (found.largest_difference_after, odds),
    ):
        apart = [
            abs(people.loc[t, n].mean() - np.average(people.loc[~t, n], weights=weights))
            / np.sqrt((people.loc[t, n].var() + people.loc[~t, n].var()) / 2)
            for n in BEFORE
        ]
        assert size == pytest.approx(max(apart))
    effect = scores.treated - scores.control
    influence = (effect - effect.sum() / scores.share.sum() * scores.share) ** 2
    assert found.largest_single_influence == pytest.approx(influence.max() / influence.sum())
    assert np.isnan(found.placebo_estimate)


def test_comparison_rows_keep_to_the_trimming(people: pd.DataFrame) -> None:
    chance = propensity_scores(people["treated"].eq(1).to_numpy(), people[BEFORE])
    rules = Rules(trimming=((0.0, 1.0), (0.2, 0.7)), repetitions=1)
    found = comparison_estimates(people, "y", BEFORE, rules=rules).set_index("method")
    inside = (chance >= 0.2) & (chance <= 0.7)
    row = found.loc["AIPW, 0.2 to 0.7"]
    assert row["n_treated"] == (inside & people["treated"].eq(1)).sum()
    assert row["n_control"] == (inside & people["treated"].eq(0)).sum()
    assert found.loc["AIPW, everyone", "n_treated"] == people["treated"].sum()
    assert found.loc["difference in means", "effective_n_control"] == people["treated"].eq(0).sum()
    assert found["placebo_estimate"].isna().all()


def test_matched_cells_by_pandas(people: pd.DataFrame) -> None:
    found = matched_effect(people, "y", ["site", "cluster"])
    cells = (
        people.groupby(["site", "cluster", "treated"])["y"].agg(["mean", "var", "count"]).unstack()
    )
    both = cells[cells["count"].notna().all(axis=1)]
    weights = both["count"][1] / both["count"][1].sum()
    assert found.effect.estimate == pytest.approx(
        (weights * (both["mean"][1] - both["mean"][0])).sum()
    )
    assert found.cells == len(both)
    assert found.unmatched_share == pytest.approx(
        1 - both["count"][1].sum() / people["treated"].sum()
    )
    assert found.effect.control_mean == pytest.approx((weights * both["mean"][0]).sum())
    counts = earnings_bands(pd.Series([0.0, 0, *range(1, 13)]), 4).value_counts().sort_index()
    assert counts.tolist() == [2, 3, 3, 3, 3]


def test_gap_of_groups_by_statsmodels(people: pd.DataFrame) -> None:
    kept = people[people["site"].isin(["a", "b"])]
    found = decomposed_gap(people["y"], people["site"], people[BEFORE], "a", "b")
    first = kept["site"].eq("a")
    design = np.column_stack([np.ones(len(kept)), first, kept[BEFORE]]).astype(float)
    fit = sm.OLS(kept["y"], design).fit(cov_type="HC1")
    assert found.unexplained == pytest.approx(fit.params.iloc[1])
    assert found.unexplained_standard_error == pytest.approx(fit.bse.iloc[1])
    assert found.gap == pytest.approx(kept.loc[first, "y"].mean() - kept.loc[~first, "y"].mean())
    errors = [kept.loc[one, "y"].sem() for one in (first, ~first)]
    assert found.gap_standard_error == pytest.approx(np.hypot(*errors))
    apart = (kept.loc[first, BEFORE].mean() - kept.loc[~first, BEFORE].mean()).to_numpy()
    returns, cov = fit.params.iloc[2:].to_numpy(), fit.cov_params().iloc[2:, 2:].to_numpy()
    assert found.explained == pytest.approx(returns @ apart)
    spread = sum(kept.loc[one, BEFORE].cov() / one.sum() for one in (first, ~first))
    assert found.explained_standard_error == pytest.approx(
        np.sqrt(apart @ cov @ apart + returns @ spread.to_numpy() @ returns)
    )
    assert (found.n_first, found.n_second) == (first.sum(), (~first).sum())


# --- panels


def test_two_periods_are_reweighted_regressions(people: pd.DataFrame) -> None:
    """Without covariates Welch's difference; with them doubly robust, as Sant'Anna and Zhao."""
    t = people["treated"].eq(1).to_numpy()
    change = people["y"].to_numpy()
    plain = two_period_effect(change, t, np.empty((180, 0)))
    welch = difference_in_means(change, people["treated"])
    assert plain.estimate == pytest.approx(welch.estimate)
    assert plain.standard_error == pytest.approx(welch.standard_error)
    x = people[BEFORE].to_numpy()
    found = two_period_effect(change, t, x)
    chance = sm.Logit(t.astype(float), sm.add_constant(x)).fit(disp=0, tol=1e-12).predict()
    line = sm.OLS(change[~t], sm.add_constant(x[~t])).fit()
    left = change - line.predict(sm.add_constant(x))
    odds = (chance / (1 - chance))[~t]
    assert found.estimate == pytest.approx(left[t].mean() - np.average(left[~t], weights=odds))
    assert found.influence.mean() == pytest.approx(0, abs=1e-6)


def panel() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n = 60
    rows = pd.DataFrame({"person": np.repeat(np.arange(n), 4), "period": np.tile([1, 2, 3, 4], n)})
    rows["entry"] = np.repeat(np.array([2.0, 3.0, np.nan])[np.arange(n) % 3], 4)
    rows["y"] = rng.normal(size=4 * n) + (rows["period"] >= rows["entry"])
    return rows


@pytest.mark.parametrize("comparison", ["never_treated", "not_yet_treated"])
def test_cells_of_a_panel_are_differences_of_changes(comparison: str) -> None:
    rows = panel()
    wide = rows.pivot(index="person", columns="period", values="y")
    entry = rows.groupby("person")["entry"].first()
    found = group_time_effects(rows, "y", minimum_cell=5, comparison=comparison)  # type: ignore[arg-type]
    assert sorted(map(tuple, found.cells[["cohort", "period"]].values.tolist())) == [
        (g, t) for g in (2.0, 3.0) for t in (1.0, 2.0, 3.0, 4.0) if t != g - 1
    ]
    for cell in found.cells.to_dict("records"):
        change = wide[cell["period"]] - wide[cell["cohort"] - 1]
        others = entry.isna()
        if comparison == "not_yet_treated":
            later = entry > max(cell["period"], cell["cohort"] - 1)
            others = (others | later) & entry.ne(cell["cohort"])
        one, other = change[entry.eq(cell["cohort"])], change[others]
        assert cell["estimate"] == pytest.approx(one.mean() - other.mean())
        assert cell["standard_error"] == pytest.approx(np.hypot(one.sem(), other.sem()))
        assert (cell["n_treated"], cell["n_comparison"]) == (len(one), len(other))
        assert cell["event_time"] == cell["period"] - cell["cohort"]
    study = event_study(found, draws=500)
    for row in study.effects.to_dict("records"):
        mine = found.cells[found.cells["event_time"].eq(row["event_time"])]
        # cohorts are of one size
        assert row["estimate"] == pytest.approx(mine["estimate"].mean())
        assert row["cohorts"] == len(mine)
    after = study.effects[study.effects["event_time"].ge(0)]
    assert study.average == pytest.approx(after["estimate"].mean())
    early = found.cells["event_time"].lt(0).to_numpy()
    test = pre_trend_test(found)
    own = found.cells.loc[early, "estimate"].to_numpy()
    statistic = own @ np.linalg.solve(found.covariance[np.ix_(early, early)], own)
    assert test.statistic == pytest.approx(statistic)
    assert test.degrees_of_freedom == early.sum()
    assert test.p_value == pytest.approx(stats.chi2.sf(statistic, early.sum()))


# --- several at once


def test_many_estimates_by_statsmodels_and_scipy() -> None:
    p = np.array([0.04, 0.01, 0.3, 0.012, 0.9])
    np.testing.assert_allclose(holm_adjusted(p), multipletests(p, method="holm")[1])
    for freedom in (3.0, np.inf):
        (one, *_) = sidak_critical_values([freedom] * 4, 0.9)
        assert (1 - 2 * stats.t.sf(one, freedom)) ** 4 == pytest.approx(0.9)
    values, errors = np.array([3.0, -1.0, 2.0, 0.4]), np.array([1.0, 0.8, 1.3, 0.3])
    variance = between_variance(values, errors)
    w = 1 / (errors**2 + variance)
    assert w @ (values - np.average(values, weights=w)) ** 2 == pytest.approx(3)
    found = shrunk_to_pooled(values, errors)
    pooled = np.average(values, weights=w)
    own = variance / (variance + errors**2)
    np.testing.assert_allclose(found["shrunk_estimate"], own * values + (1 - own) * pooled)
    np.testing.assert_allclose(found["weight_of_pooled"], 1 - own)
    width = found["shrunk_high"] - found["shrunk_low"]
    np.testing.assert_allclose(width, 2 * stats.norm.ppf(0.975) * found["shrunk_standard_error"])


def test_equality_of_groups_is_a_wald_test(people: pd.DataFrame) -> None:
    scores = aipw_scores(people["y"], people["treated"], people[BEFORE], repetitions=1)
    found = group_estimates(scores, [people["site"].eq(one).to_numpy() for one in "abc"])
    statistic, freedom, p_value = equality_test(found, [0, 1, 2])
    # the least that a common effect is away from all of them
    inverse = np.linalg.inv(found.covariance)
    common = inverse.sum(0) @ found.estimates / inverse.sum()
    rest = found.estimates - common
    assert statistic == pytest.approx(rest @ inverse @ rest)
    assert (freedom, p_value) == (2, pytest.approx(stats.chi2.sf(statistic, 2)))


@pytest.mark.parametrize("covariance", [0.0, 0.15])
def test_fieller_bounds_are_where_the_difference_is_just_clear(covariance: float) -> None:
    found = ratio_of_effects(3.0, 2.0, (0.5, 0.2), covariance, 0.9, 15.0)
    z = stats.t.ppf(0.95, 15)
    for ratio in found.fieller_interval:
        spread = 0.5 - 2 * ratio * covariance + ratio**2 * 0.2
        assert abs(3 - ratio * 2) == pytest.approx(z * np.sqrt(spread))
    error = np.sqrt(0.5 - 2 * 1.5 * covariance + 1.5**2 * 0.2) / 2
    assert found.standard_error == pytest.approx(error)
    assert found.delta_interval == pytest.approx((1.5 - z * error, 1.5 + z * error))


def test_fields_of_two_groups_by_pandas() -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"g": np.array(["a", "b"])[np.arange(120) % 2]})
    frame["treated"] = (np.arange(120) % 4 < 2).astype(int)
    frame["field"] = np.array(list("xyz"))[rng.integers(0, 3, 120)]
    frame["gain"] = rng.normal(size=120) + frame["treated"]
    found = field_split(frame, "gain", "g", "a", "b", minimum_cell=2)
    trained, others = frame[frame["treated"].eq(1)], frame[frame["treated"].eq(0)]
    base = others.groupby("g")["gain"].mean()
    effects = trained.groupby(["g", "field"])["gain"].mean().unstack().sub(base, axis=0)
    shares = trained.groupby("g")["field"].value_counts(normalize=True).unstack()
    between = (shares.loc["a"] - shares.loc["b"]) * effects.mean()
    within = (effects.loc["a"] - effects.loc["b"]) * shares.mean()
    assert found.between == pytest.approx(between.sum())
    assert found.within == pytest.approx(within.sum())
    means = trained.groupby("g")["gain"].mean() - base
    assert found.gap == pytest.approx(means["a"] - means["b"])
    errors = trained.groupby("g")["gain"].sem() ** 2 + others.groupby("g")["gain"].sem() ** 2
    assert found.gap_standard_error == pytest.approx(np.sqrt(errors.sum()), rel=1e-6)
    assert (found.n_first, found.n_second, found.n_control) == (30, 30, 60)


def test_many_programs_are_single_ones() -> None:
    rng = np.random.default_rng(7)
    pool = pd.DataFrame(rng.normal(size=(900, 2)), columns=BEFORE)
    own = pd.DataFrame(rng.normal(size=(80, 2)) + 0.3, columns=BEFORE)
    before, after = pool["x"] + rng.normal(size=900), own["x"] + 1 + rng.normal(size=80)
    code = np.repeat(["a", "b"], 40)
    found = many_program_effects(pool, before, own, after, code, seed=1)
    for place, name in enumerate("ab"):
        inside = code == name
        y = np.concatenate([after[inside], before])
        treated = np.repeat([1, 0], [40, 900])
        x = pd.concat([own[inside], pool], ignore_index=True)
        single = aipw_scores(y, treated, x, target="treated", repetitions=5)
        one = group_estimates(single, [np.ones(940, dtype=bool)])
        # other folds
        assert abs(found.estimates[place, 0] - one.estimates[0]) < 0.03
        assert found.standard_errors[place, 0] == pytest.approx(one.standard_errors[0], rel=0.05)
    assert found.n_treated[:, 0].tolist() == [40, 40]


def test_folds_hold_both_arms_evenly() -> None:
    flags = np.arange(400) % 4 == 0
    for one in repeated_splits(flags, folds=4, repetitions=3, seed=1):
        for repetition in range(one.repetitions):
            fold = one.fold(repetition)
            for arm in (flags, ~flags):
                assert np.ptp(np.bincount(fold[arm], minlength=4)) <= 10
    clusters = np.arange(400) // 10
    treated = clusters % 4 == 0
    for one in repeated_splits(treated, folds=5, repetitions=4, seed=2, cluster=clusters):
        fold = one.fold()
        # clusters whole, and of the ten treated ones two in each fold
        assert pd.Series(fold).groupby(clusters).nunique().eq(1).all()
        assert [len(set(clusters[(fold == k) & treated])) for k in range(5)] == [2] * 5
        assert [len(set(clusters[(fold == k) & ~treated])) for k in range(5)] == [6] * 5
    few = repeated_splits(flags[:40], folds=5, repetitions=2, seed=1)
    assert len(few) == 2
    assert (few[0].fold() != few[1].fold()).any()


def test_simulated_people_have_their_stated_effects() -> None:
    rng = np.random.default_rng(8)
    frame = simulated_people(60_000, rng)
    again = simulated_people(60_000, np.random.default_rng(8))
    assert frame.equals(again)
    # the same people without the program: effects are what is stated, on average
    assert frame["group"].value_counts(normalize=True).sort_index().round(
        2
    ).tolist() == pytest.approx([0.22, 0.20, 0.16, 0.13, 0.11, 0.08, 0.06, 0.04], abs=0.006)
    apart = np.diff(GROUP_EFFECTS)
    assert apart.min() >= 127
    assert apart.max() <= 128
    naive = frame.groupby("treated")["earnings"].mean()
    assert naive[1] < naive[0]


def test_effects_say_who_stands_behind_them() -> None:
    plain = Effect(1.0, 2.0, 40.0, 20, 30, 0.0, 1.0, "m")
    assert (plain.n, plain.parameters) == (50, 2)
    assert plain.interval() == pytest.approx(confidence_interval(1.0, 2.0, 40.0, 0.95))
    large = Effect(1.0, 2.0, 400.0, 30, 30, 0.0, 1.0, "m")
    assert large.interval() == pytest.approx(confidence_interval(1.0, 2.0, np.inf, 0.95))
    assert plain.interval(0.5) == pytest.approx(confidence_interval(1.0, 2.0, 40.0, 0.5))
