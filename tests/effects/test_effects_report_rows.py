"""What the report of effects shows: its tables, sentences and pictures, from the same rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.framework import load_framework
from analysis.reports import (
    design_lesson,
    effect_studies,
    effect_tables,
    effect_words,
    group_comparisons,
    other_outcomes,
    several_groups,
)

FRAMEWORK = load_framework()
RULES = FRAMEWORK.estimation


@pytest.fixture(scope="module")
def corps(job_corps):
    scores = effect_studies.trial_scores(job_corps, "earny4", RULES)
    table = effect_studies.trial_effects(job_corps, "earny4", FRAMEWORK, scores)
    return job_corps, scores, table


def test_the_adjusted_pooled_effect_stands_beside_the_raw_one(corps):
    _, _, table = corps
    raw = effect_tables.everyone(table, "difference in means")
    adjusted = effect_tables.everyone(table, "AIPW")
    assert raw == pytest.approx((16.06, 4.07), abs=0.005)
    assert 19.2 <= adjusted[0] <= 19.45
    assert adjusted[1] == pytest.approx(3.9, abs=0.05)


def test_the_sentence_says_why_they_differ(corps):
    from analysis import effects

    trial, _, table = corps
    parts = effects.pooled_versus_within(trial.frame, "earny4", "stratum")
    sentence = group_comparisons.composition_sentence(parts, effect_tables.everyone(table, "AIPW"))
    for words in ("a larger share of women than of men", "$4.97", "$16.06", "$21.03", "$19.4"):
        assert words in sentence


def test_gaps_come_raw_and_adjusted_and_the_adjusted_is_told(corps):
    trial, scores, table = corps
    gaps = group_comparisons.gap_rows([trial], {"job_corps": table}, {"job_corps": scores}, RULES)
    change = gaps[gaps["quantity"] == "difference of effects"].set_index(["pair", "estimator"])
    assert change.loc[("white less Black", "AIPW"), "estimate"] == pytest.approx(14.4, abs=0.9)
    assert change.loc[("white less Black", "difference in means"), "estimate"] == pytest.approx(
        10.12, abs=0.005
    )
    assert change.loc[("white less Hispanic", "AIPW"), "reading"] == "widens the gap"
    grades = pd.DataFrame({"trial_key": [], "grade": []})
    sentences = effect_words.effect_sentences(
        [trial], {"job_corps": table}, {"job_corps": "dollars a week"}, gaps, grades, 0.95
    )
    assert len(sentences) == 3
    assert "$19 (95% interval $12 to $27, 9,240 people; dollars a week)" in sentences[0]
    assert "none is shown to narrow" in sentences[2]
    assert "white less Hispanic" in sentences[2]
    assert "$37, 95% interval $11 to $62; dollars a week" in sentences[2]
    # the sentence moves with its table
    louder = table.assign(estimate=table["estimate"] + 1_000)
    moved = effect_words.effect_sentences(
        [trial], {"job_corps": louder}, {"job_corps": "dollars a week"}, gaps, grades, 0.95
    )
    assert "$1,019 (95% interval" in moved[0]
    narrowed = gaps.assign(reading="narrows the gap", estimate=-7.0)
    said = effect_words.effect_sentences(
        [trial], {"job_corps": table}, {"job_corps": "dollars a week"}, narrowed, grades, 0.95
    )[2]
    assert "3 are shown to narrow" in said
    assert "−$7" in said


def test_who_was_reached_stands_by_group_and_arm(corps):
    trial, _, table = corps
    rows = effect_tables.reached_rows([trial], {"job_corps": table}).set_index("group")
    assert rows.loc["all", "people"] == len(trial.frame)
    assert rows.loc["all", "share"] == 1.0
    women = trial.frame[trial.frame["gender"] == "women"]
    assert rows.loc["women", ["n_treated", "n_control"]].tolist() == [
        women["treated"].sum(), (women["treated"] == 0).sum(),
    ]  # fmt: skip


def test_all_groups_at_once(corps):
    trial, scores, table = corps
    rows = several_groups.read_at_once(trial, table, scores, RULES).set_index("group")
    assert len(rows) == 15
    assert rows["critical_value"].between(2.84, 2.94).all()
    assert rows.loc["white, men", "p_value_holm"] == pytest.approx(0.010, abs=0.005)
    assert (rows["p_value_step_down"] <= rows["p_value_holm"] + 0.005).all()
    # shrinkage stands beside the estimate and never replaces it
    shown = table[table["estimator"] == "AIPW"].set_index("group")
    assert rows["estimate"].to_numpy() == pytest.approx(shown.loc[rows.index, "estimate"])
    assert np.isnan(rows.loc["all", "shrunk_estimate"])


def test_hidden_groups_stay_out_of_every_table(corps):
    trial, _, _ = corps
    small = trial.frame[(trial.frame["race"] != "Hispanic") | (trial.frame["person"] < 60)]
    small = small.reset_index(drop=True)
    few = replace(trial, frame=small)
    scores = effect_studies.trial_scores(few, "earny4", RULES)
    table = effect_studies.trial_effects(few, "earny4", FRAMEWORK, scores)
    hidden = set(table.loc[table["status"].str.startswith("hidden"), "group"])
    assert "Hispanic" in hidden
    at_once = several_groups.read_at_once(few, table, scores, RULES)
    assert not hidden & set(at_once["group"])
    gaps = group_comparisons.gap_rows([few], {"job_corps": table}, {"job_corps": scores}, RULES)
    assert not hidden & (set(gaps["first"]) | set(gaps["second"]))
    parts = other_outcomes.gap_part_rows([few], {"job_corps": table}, {"job_corps": "earny4"})
    assert not any(name in pair for pair in parts["pair"] for name in hidden)
    # shares that work add up, so one race with too few takes all races with it
    lee = other_outcomes.lee_rows([few], {"job_corps": "earny4"}, FRAMEWORK)
    assert lee["group"].tolist() == ["all"]
    years = other_outcomes.rows_by_outcome([few], FRAMEWORK)
    assert not hidden & set(years["group"])


def test_years_that_turn_the_order_around_are_told(job_corps):
    rows = pd.DataFrame(
        {
            "trial_key": "job_corps",
            "grouping": "race",
            "group": ["Black", "white"] * 2,
            "column": ["earny2", "earny2", "earny4", "earny4"],
            "estimate": [5.0, 1.0, 5.0, 9.0],
        }
    )
    turned = other_outcomes.reversal_sentence(rows, job_corps, "earny2", "earny4")
    assert "turns around for Black and white" in turned
    rows["estimate"] = [1.0, 5.0, 5.0, 9.0]
    same = other_outcomes.reversal_sentence(rows, job_corps, "earny2", "earny4")
    assert "order of groups is the same" in same


def test_the_lesson_says_not_credible_even_near_the_right_number(nsw, nsw_cps, nsw_psid):
    trials = [nsw, nsw_cps, nsw_psid]
    outcomes = {trial.key: "re78" for trial in trials}
    grades = design_lesson.grade_rows(trials, outcomes, FRAMEWORK)
    assert grades["grade_id"].tolist() == ["randomised", "comparison_weak", "descriptive"]
    methods = design_lesson.method_rows(trials, FRAMEWORK)
    sentence = design_lesson.lesson_sentence(methods, grades)
    for words in ("$1,794", "−$8,498", "−$15,205", "not credible", "even where a number lands"):
        assert words in sentence
    overlap = design_lesson.overlap_rows(trials, 10)
    sums = overlap.groupby("trial_key")[["treated_share", "control_share"]].sum()
    # bars below the minimum are lifted to it, so sums lie a little above one
    assert sums.to_numpy().min() > 0.999
    assert sums.to_numpy().max() < 1.15
    counted = overlap["treated_share"] * 185
    assert ((counted < 1e-9) | (counted > 9.99)).all()
    alt = design_lesson.overlap_alt(overlap, grades)
    assert "43% of the treated one above nine tenths" in alt
    figure = design_lesson.overlap_picture(overlap, grades)
    assert len(figure.axes) == 3
