"""Cross-fitted AIPW: against DoubleML on the same folds, against published figures, as a law."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression, Ridge

from analysis.effects import aipw_scores, contrast, design_shares, group_estimates
from analysis.effects.design import stratum_indicators
from analysis.effects.folds import repeated_splits
from analysis.errors import WorkbenchError

NSW_COVARIATES = ["age", "agesq", "educ", "black", "hisp", "married", "nodegree"]
NSW_COVARIATES += ["re74", "re75", "unem74", "unem75"]


def made_up(n: int = 900, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
    chance = 1 / (1 + np.exp(-(0.5 * frame["a"] - 0.4 * frame["b"])))
    frame["treated"] = (rng.random(n) < chance).astype(int)
    frame["group"] = np.array(["x", "y", "z"])[rng.integers(0, 3, n)]
    gain = frame["group"].map({"x": 1.0, "y": 3.0, "z": 5.0})
    frame["earnings"] = 10 + 2 * frame["a"] + gain * frame["treated"] + rng.normal(size=n)
    return frame


def masks(labels: pd.Series) -> list[np.ndarray]:
    return [
        np.ones(len(labels), bool),
        *((labels == one).to_numpy() for one in sorted(set(labels))),
    ]


def twin(frame, outcome, covariates, fold, score, clip):
    """The same folds, penalties and clipping in DoubleML and scikit-learn."""
    import doubleml

    X = frame[covariates].to_numpy(float)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    data = doubleml.DoubleMLData.from_arrays(
        X, frame[outcome].to_numpy(float), frame["treated"].to_numpy(float)
    )
    logit = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10, max_iter=1000)
    model = doubleml.DoubleMLIRM(
        data,
        Ridge(alpha=1.0),
        logit,
        n_folds=int(fold.max()) + 1,
        score=score,
        ps_processor_config=doubleml.utils.PSProcessorConfig(clipping_threshold=clip),
    )
    sides = [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(fold.max() + 1)]
    model.set_sample_splitting([sides])
    return model.fit()


def assert_equals_doubleml(frame, outcome, covariates, labels):
    fold = repeated_splits(frame["treated"].to_numpy() == 1, repetitions=1, seed=7)[0].fold()
    ate = twin(frame, outcome, covariates, fold, "ATE", 0.01)
    scores = aipw_scores(frame[outcome], frame["treated"], frame[covariates], fold=fold)
    found = group_estimates(scores, masks(labels))
    assert abs(found.estimates[0] - ate.coef[0]) < 1e-6 * ate.se[0]
    # DoubleML divides by n, we by n - 1
    n = len(frame)
    assert found.standard_errors[0] * np.sqrt((n - 1) / n) == pytest.approx(ate.se[0], rel=1e-9)
    groups = pd.DataFrame({one: labels == one for one in sorted(set(labels))})
    with warnings.catch_warnings():
        # DoubleML sums frames in a way that pandas 4 will not take
        warnings.simplefilter("ignore")
        gate = ate.gate(groups=groups).summary
    assert (
        np.abs(found.estimates[1:] - gate["coef"].to_numpy()).max() < 1e-6 * gate["std err"].min()
    )
    people = groups.sum().to_numpy()
    assert found.standard_errors[1:] * np.sqrt((people - 1) / people) == pytest.approx(
        gate["std err"].to_numpy(), rel=1e-9
    )
    att = twin(frame, outcome, covariates, fold, "ATTE", 1e-12)
    treated = aipw_scores(
        frame[outcome], frame["treated"], frame[covariates], fold=fold, target="treated"
    )
    one = group_estimates(treated, masks(labels)[:1])
    assert abs(one.estimates[0] - att.coef[0]) < 1e-6 * att.se[0]
    assert one.standard_errors[0] * np.sqrt((n - 1) / n) == pytest.approx(att.se[0], rel=1e-9)


# ---- twins -------------------------------------------------------------------------------------


def test_equals_doubleml_on_made_up_data():
    frame = made_up()
    assert_equals_doubleml(frame, "earnings", list("abcd"), frame["group"])


def test_equals_doubleml_on_supported_work(nsw):
    frame = nsw.frame
    assert_equals_doubleml(frame, "re78", list(nsw.covariates), frame["race"])


def test_equals_doubleml_on_job_corps(job_corps):
    frame = job_corps.frame
    cells = frame["race"].astype(str) + " " + frame["gender"].astype(str)
    assert_equals_doubleml(frame, "earny4", list(job_corps.covariates), cells)


def test_equals_doubleml_on_jtpa_women(jtpa_women):
    frame = jtpa_women.frame
    assert_equals_doubleml(frame, "earnings_30_months", list(jtpa_women.covariates), frame["race"])


def test_shared_blocks_equal_refitting_each_fold():
    # five repetitions over one set of blocks, each fitted again by scikit-learn
    frame = made_up(2000)
    flags = frame["treated"].to_numpy() == 1
    X = frame[list("abcd")].to_numpy()
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = frame["earnings"].to_numpy()
    splits = repeated_splits(flags, repetitions=5, seed=2)
    assert len(splits) == 1
    assert splits[0].fold_of_block.shape == (5, 50)
    expected = []
    for repetition in range(5):
        fold = splits[0].fold(repetition)
        psi = np.empty(len(y))
        for k in range(5):
            inside = fold == k
            m1 = Ridge(1.0).fit(X[~inside & flags], y[~inside & flags]).predict(X[inside])
            m0 = Ridge(1.0).fit(X[~inside & ~flags], y[~inside & ~flags]).predict(X[inside])
            logit = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12, max_iter=500)
            e = logit.fit(X[~inside], flags[~inside]).predict_proba(X[inside])[:, 1]
            t, v = flags[inside], y[inside]
            psi[inside] = m1 - m0 + np.where(t, (v - m1) / e, -(v - m0) / (1 - e))
        expected.append(psi.mean())
    scores = aipw_scores(y, flags.astype(int), frame[list("abcd")], repetitions=5, seed=2)
    assert scores.split_estimates == pytest.approx(expected, rel=1e-9)


def test_overlap_weights_by_hand():
    # one covariate with two values and the cells' own shares: e is 1/4 and 1/2 exactly
    frame = pd.DataFrame({"x": np.repeat([0, 1], 4000)})
    frame["treated"] = np.tile([1, 0, 0, 0], 1000).tolist() + [1, 0] * 2000
    frame["earnings"] = 5.0 * frame["x"] + frame["treated"] * (1 + frame["x"])
    rng = np.random.default_rng(0)
    frame["earnings"] += rng.normal(0, 1e-3, len(frame))
    scores = aipw_scores(
        frame["earnings"], frame["treated"], frame[["x"]], target="overlap", ridge=0.0,
        logit_penalty=0.0,
    )  # fmt: skip
    found = group_estimates(scores, [np.ones(len(frame), bool)])
    weights = np.array([0.25 * 0.75, 0.5 * 0.5])
    assert found.estimates[0] == pytest.approx(weights @ [1.0, 2.0] / weights.sum(), abs=2e-3)


def test_boosting_agrees_with_lines_where_the_truth_is_linear():
    frame = made_up(3000)
    options = {"repetitions": 1, "seed": 1}
    effects = [
        group_estimates(
            aipw_scores(
                frame["earnings"], frame["treated"], frame[list("abcd")], learner=one, **options
            ),
            masks(frame["group"]),
        )
        for one in ("linear", "boosting")
    ]
    apart = np.abs(effects[0].estimates - effects[1].estimates) / effects[0].standard_errors
    assert apart.max() < 1.0


# ---- published figures -------------------------------------------------------------------------

JOB_CORPS = [
    ({}, 19.41, 3.91), ({"gender": "men"}, 21.01, 5.52), ({"gender": "women"}, 17.30, 5.45),
    ({"race": "Black"}, 19.88, 5.22), ({"race": "Hispanic"}, -2.59, 10.26),
    ({"race": "white"}, 34.38, 8.02), ({"race": "other or not stated"}, 13.30, 14.68),
    ({"race": "Black", "gender": "men"}, 22.63, 7.37),
    ({"race": "Black", "gender": "women"}, 16.90, 7.38),
    ({"race": "Hispanic", "gender": "men"}, -7.58, 15.41),
    ({"race": "Hispanic", "gender": "women"}, 2.90, 13.29),
    ({"race": "white", "gender": "men"}, 34.25, 10.53),
    ({"race": "white", "gender": "women"}, 34.68, 11.89),
    ({"race": "other or not stated", "gender": "men"}, 17.68, 20.84),
    ({"race": "other or not stated", "gender": "women"}, 6.71, 19.16),
]  # fmt: skip


def assert_published(scores, frame, published):
    groups = [
        np.logical_and.reduce(
            [np.ones(len(frame), bool), *((frame[k] == v).to_numpy() for k, v in level.items())]
        )
        for level, _, _ in published
    ]
    found = group_estimates(scores, groups)
    for (level, estimate, error), own, own_error in zip(
        published, found.estimates, found.standard_errors, strict=True
    ):
        assert abs(own - estimate) < 0.1 * error, (level, own)
        assert own_error == pytest.approx(error, rel=0.03), (level, own_error)


def test_job_corps_with_the_design_share_by_sex(job_corps):
    frame = job_corps.frame
    scores = aipw_scores(
        frame["earny4"], frame["treated"], frame[list(job_corps.covariates)],
        propensity=design_shares(frame["treated"], frame["gender"]), repetitions=5, seed=20261124,
    )  # fmt: skip
    assert_published(scores, frame, JOB_CORPS)
    estimated = aipw_scores(
        frame["earny4"], frame["treated"], frame[list(job_corps.covariates)], seed=20261124
    )
    assert_published(estimated, frame, [({}, 19.25, 3.95), ({"gender": "men"}, 20.47, 5.52)])


def test_job_corps_late_columns_would_move_the_answer(job_corps):
    # what the declared order of time protects from: 19.75 becomes 28.10
    frame = job_corps.frame
    late = ["everwkdy1", "earnq4", "pworky1", "health12"]
    assert set(late) <= set(job_corps.after_assignment)
    everyone = [np.ones(len(frame), bool)]
    both = [
        group_estimates(
            aipw_scores(frame["earny4"], frame["treated"], frame[columns], seed=7), everyone
        ).estimates[0]
        for columns in (list(job_corps.covariates), [*job_corps.covariates, *late])
    ]
    assert both[0] == pytest.approx(19.4, abs=0.4)
    assert both[1] == pytest.approx(28.1, abs=0.4)


def test_jtpa_women_with_the_design_share_by_site(jtpa_women):
    frame = jtpa_women.frame
    sites = stratum_indicators(frame["stratum"], "site").set_axis(frame.index)
    scores = aipw_scores(
        frame["earnings_30_months"], frame["treated"],
        pd.concat([frame[list(jtpa_women.covariates)], sites], axis=1),
        propensity=design_shares(frame["treated"], frame["stratum"]), repetitions=5, seed=20261124,
    )  # fmt: skip
    published = [
        ({}, 1211, 339), ({"race": "Black"}, 1428, 620), ({"race": "Hispanic"}, 563, 906),
        ({"race": "white or other"}, 1243, 449),
    ]  # fmt: skip
    assert_published(scores, frame, published)


def test_supported_work_with_the_design_share(nsw, nsw_raw):
    frame = nsw.frame
    options = {"repetitions": 21, "seed": 20261124}
    share = np.full(len(frame), frame["treated"].mean())
    scores = aipw_scores(
        frame["re78"], frame["treated"], nsw_raw[NSW_COVARIATES], propensity=share, **options
    )
    published = [
        ({}, 1564, 688), ({"race": "Black"}, 1872, 770), ({"race": "Hispanic"}, 70, 2100),
        ({"race": "white or other"}, 209, 2100),
    ]  # fmt: skip
    assert_published(scores, frame, published)
    # a known share more than halves what the luck of the split does
    estimated = aipw_scores(frame["re78"], frame["treated"], nsw_raw[NSW_COVARIATES], **options)
    assert scores.split_estimates.std() < 0.6 * estimated.split_estimates.std()


def test_job_corps_gaps_as_published(job_corps):
    frame = job_corps.frame
    scores = aipw_scores(
        frame["earny4"], frame["treated"], frame[list(job_corps.covariates)],
        propensity=design_shares(frame["treated"], frame["gender"]), seed=20261124,
    )  # fmt: skip
    for column, first, second, without, with_, change, error in (
        ("race", "white", "Black", 65.0, 79.4, 14.4, 9.6),
        ("race", "white", "Hispanic", 17.6, 54.2, 36.5, 13.0),
        ("gender", "men", "women", 64.5, 68.1, 3.7, 7.7),
    ):
        pair = [(frame[column] == one).to_numpy() for one in (first, second)]
        found = {
            part: contrast(group_estimates(scores, pair, part), [1, -1])
            for part in ("without program", "with program", "effect")
        }
        assert abs(found["without program"][0] - without) < 0.1 * error
        assert abs(found["with program"][0] - with_) < 0.1 * error
        assert abs(found["effect"][0] - change) < 0.1 * error
        assert found["effect"][1] == pytest.approx(error, rel=0.02)
        assert found["with program"][0] - found["without program"][0] == pytest.approx(
            found["effect"][0], rel=1e-9
        )


# ---- laws --------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=15)
@given(
    shift=st.floats(-1e4, 1e4), unit=st.floats(0.01, 100.0), seed=st.integers(0, 10_000),
    target=st.sampled_from(["everyone", "treated", "overlap"]),
)  # fmt: skip
def test_units_and_shifts_of_the_outcome(shift, unit, seed, target):
    frame = made_up(300, seed)
    given_ = (frame["treated"], frame[list("abcd")])
    groups = masks(frame["group"])
    plain = group_estimates(
        aipw_scores(frame["earnings"], *given_, target=target, repetitions=3, seed=seed), groups
    )
    moved = group_estimates(
        aipw_scores(
            unit * frame["earnings"] + shift, *given_, target=target, repetitions=3, seed=seed
        ),
        groups,
    )
    # intercepts are free of the penalty, so a constant drops out of every residual
    assert moved.estimates == pytest.approx(unit * plain.estimates, rel=1e-6, abs=1e-6)
    assert moved.standard_errors == pytest.approx(unit * plain.standard_errors, rel=1e-6)


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 10_000))
def test_order_of_rows_and_labels_do_not_matter(seed):
    frame = made_up(300, seed)
    fold = repeated_splits(frame["treated"].to_numpy() == 1, repetitions=1, seed=seed)[0].fold()
    order = np.random.default_rng(seed).permutation(len(frame))
    mixed = frame.iloc[order]
    one = group_estimates(
        aipw_scores(frame["earnings"], frame["treated"], frame[list("abcd")], fold=fold),
        masks(frame["group"]),
    )
    other = group_estimates(
        aipw_scores(mixed["earnings"], mixed["treated"], mixed[list("abcd")], fold=fold[order]),
        masks(mixed["group"]),
    )
    assert other.estimates == pytest.approx(one.estimates, rel=1e-9)
    assert other.covariance == pytest.approx(one.covariance, rel=1e-8, abs=1e-12)


def test_everyone_is_the_weighted_sum_of_the_groups():
    frame = made_up()
    scores = aipw_scores(frame["earnings"], frame["treated"], frame[list("abcd")])
    found = group_estimates(scores, masks(frame["group"]))
    sizes = np.array([mask.sum() for mask in masks(frame["group"])[1:]])
    assert found.estimates[0] == pytest.approx(sizes @ found.estimates[1:] / sizes.sum(), rel=1e-12)


def test_weights_stand_for_people():
    # a person with weight 2 counts as two of the same influence value
    frame = made_up()
    weights = np.where(frame["group"] == "x", 2.0, 1.0)
    plain = aipw_scores(frame["earnings"], frame["treated"], frame[list("abcd")])
    weighted = aipw_scores(
        frame["earnings"], frame["treated"], frame[list("abcd")], weights=weights
    )
    effect = plain.treated - plain.control
    found = group_estimates(weighted, masks(frame["group"]))
    assert found.estimates[0] == pytest.approx(np.average(effect, weights=weights), rel=1e-12)
    assert found.estimates[1] == pytest.approx(effect[frame["group"] == "x"].mean(), rel=1e-12)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weights": np.r_[np.inf, np.ones(899)]}, "column weights: 1 of 900 values are infinite"),
        ({"weights": np.r_[0.0, np.ones(899)]}, "column weights: 1 weights are not above 0"),
        ({"propensity": np.r_[1.0, np.full(899, 0.5)]}, "propensity: some values are not between"),
        ({"target": "compliers"}, "target: 'compliers' is none"),
        ({"folds": 1}, "folds: 1"),
        ({"folds": 500}, "an arm has"),
    ],
)
def test_unusable_arguments_are_named(change, words):
    frame = made_up()
    with pytest.raises(WorkbenchError, match=words):
        aipw_scores(frame["earnings"], frame["treated"], frame[list("abcd")], **change)


def test_unusable_covariates_are_named():
    frame = made_up()
    bad = frame[list("abcd")].astype(object)
    bad.loc[5, "b"] = "text"
    with pytest.raises(WorkbenchError, match="column b: not all values are numbers"):
        aipw_scores(frame["earnings"], frame["treated"], bad)
    with pytest.raises(WorkbenchError, match="column c: 1 of 900 values are missing"):
        aipw_scores(
            frame["earnings"],
            frame["treated"],
            frame[list("abcd")].assign(c=frame["c"].where(frame.index != 3)),
        )


def test_collinear_and_constant_covariates_change_nothing_but_the_penalty():
    frame = made_up()
    wide = frame[list("abcd")].assign(e=frame["a"], one=1.0)
    found = [
        group_estimates(aipw_scores(frame["earnings"], frame["treated"], X), masks(frame["group"]))
        for X in (frame[list("abcd")], wide)
    ]
    assert np.abs(found[0].estimates - found[1].estimates).max() < 0.05
