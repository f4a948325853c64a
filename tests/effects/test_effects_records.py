"""Matched cells by hand and as a law; records of the federal layout against a known truth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.effects import stratified_difference
from analysis.effects.matched_cells import matched_effect
from analysis.effects.race_rules import RULES
from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.reports import (
    record_designs,
    record_field_splits,
    record_quarters,
    record_race_rules,
)
from analysis.reports.record_studies import OUTCOME, RecordStudy, record_trial, scored
from analysis.simulate.state import SimulatedState
from analysis.tables.wioa_extracts import effect_participants
from analysis.tables.wioa_records import Records, connect, used_records

FRAMEWORK = load_framework()


def test_by_hand():
    people = pd.DataFrame(
        {
            "treated": [1, 1, 0, 0, 1, 1, 1, 0, 0, 1],
            "site": list("aaaabbbbbc"),
            "earnings": [5.0, 7, 3, 5, 9, 11, 10, 6, 8, 99],
        }
    )
    found = matched_effect(people, "earnings", ["site"])
    # a: 6 - 4, weight 2/5; b: 10 - 7, weight 3/5; c has nobody to be compared with
    assert found.effect.estimate == pytest.approx(0.4 * 2 + 0.6 * 3)
    variance = 0.16 * (2 / 2 + 2 / 2) + 0.36 * (1 / 3 + 2 / 2)
    assert found.effect.standard_error == pytest.approx(np.sqrt(variance))
    assert found.unmatched_share == pytest.approx(1 / 6)
    assert (found.effect.n_treated, found.effect.n_control, found.cells) == (5, 4, 2)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_equal_shares_make_it_the_stratified_difference(seed):
    # with the same share treated in every cell, weights by treated are weights by people
    rng = np.random.default_rng(seed)
    people = pd.DataFrame({"treated": [1, 0, 0] * 40, "site": np.repeat(list("abcd"), 30)})
    people["earnings"] = rng.normal(size=120)
    ours = matched_effect(people, "earnings", ["site"]).effect
    theirs = stratified_difference(people["earnings"], people["treated"], people["site"])
    assert ours.estimate == pytest.approx(theirs.estimate)
    assert ours.standard_error == pytest.approx(theirs.standard_error)


def test_adjustment_takes_out_what_still_differs_within_cells():
    rng = np.random.default_rng(1)
    people = pd.DataFrame({"x": rng.normal(size=4_000), "site": rng.choice(list("ab"), 4_000)})
    people["treated"] = (rng.random(4_000) < 1 / (1 + np.exp(-people["x"]))).astype(int)
    people["earnings"] = 3 * people["x"] + 2 * people["treated"] + rng.normal(size=4_000)
    plain = matched_effect(people, "earnings", ["site"]).effect
    adjusted = matched_effect(people, "earnings", ["site"], adjust=["x"]).effect
    assert plain.estimate > 4
    assert adjusted.estimate == pytest.approx(2, abs=4 * adjusted.standard_error)


def test_no_common_cell_is_an_error():
    people = pd.DataFrame(
        {"treated": [1, 1, 0, 0], "site": list("aabb"), "earnings": [1.0, 2, 3, 4]}
    )
    with pytest.raises(WorkbenchError, match="matching on site: no cell holds treated and others"):
        matched_effect(people, "earnings", ["site"])


@pytest.fixture(scope="module")
def record(simulated: SimulatedState, simulated_records: Records) -> RecordStudy:
    """A simulated state, written in the public layout and read as a user's file would be."""
    with connect() as database:
        people = effect_participants(database, used_records(simulated_records))
    return RecordStudy(record_trial(people, FRAMEWORK, real=False), simulated.effects)


@pytest.fixture(scope="module")
def effects(record: RecordStudy):
    return scored(record, FRAMEWORK)


def test_records_become_a_study_with_what_was_known_before(record):
    trial = record.trial
    frame = trial.frame
    assert set(trial.covariates) <= set(frame.columns)
    assert not any("after" in name for name in trial.covariates)
    assert frame[OUTCOME].notna().all()
    assert trial.assigned is not None
    assert len(trial.assigned) > len(frame)
    assert frame.loc[frame["treated"] == 0, "field"].eq("").all()
    # the dip, and the way back of people whom no program trained
    others = frame[frame["treated"] == 0]
    assert others["wage_before_1"].mean() < 0.6 * others["wage_before_3"].mean()
    assert (others[OUTCOME] - others["wage_before_1"]).mean() > 500
    # answers on race agree with the record's single code
    stated = frame["race"].isin(["Asian", "Black", "white"])
    for race in ("asian", "black", "white"):
        one = frame[stated & (frame["race"].str.lower() == race)]
        assert (one[race] == "1").all()
        assert (one["hispanic"] == "0").all()
    assert frame.loc[frame["race"] == "Hispanic", "hispanic"].eq("1").all()


def test_six_readings_and_how_far_each_errs(record, effects):
    scores, table = effects
    rows = record_designs.record_rows(record, table, scores, FRAMEWORK)
    by = rows.set_index(["method", "group"])
    # the way back is taken for a gain: two to four times the truth
    for group in ("all", "Black", "Hispanic", "white", "women", "men"):
        raw = by.loc[(record_designs.BEFORE_AFTER, group)]
        assert raw["error"] > raw["truth"]
        closest = rows[rows["group"] == group]["error"].abs().min()
        assert closest < raw["error"] / 4
    every = by.xs("all", level="group")
    # the trained had more schooling and lower wages: the plain contrast is biased, matching less
    assert every.loc[record_designs.PLAIN, "error"] < -200
    for better in (record_designs.MATCHED, record_designs.ADJUSTED):
        assert abs(every.loc[better, "error"]) < abs(every.loc[record_designs.PLAIN, "error"])
    # nobody is shown matched where most could not be
    matched = rows[rows["method"] == record_designs.MATCHED]
    too_many = matched["unmatched_share"] > FRAMEWORK.record_matching.largest_unmatched_share
    assert too_many.any()
    assert matched.loc[too_many, "estimate"].isna().all()
    sentence = record_designs.record_sentence(rows)
    assert "mostly the way back" in sentence
    assert f"{every.loc[record_designs.MATCHED, 'estimate']:,.0f}" in sentence


def test_real_records_have_no_truth_to_be_told(record, effects):
    scores, table = effects
    real = RecordStudy(record.trial, None)
    rows = record_designs.record_rows(real, table, scores, FRAMEWORK)
    assert not {"truth", "error"} & set(rows)
    assert "nobody knows" in record_designs.record_sentence(rows)
    assert "truth" not in record_designs.design_columns(real)
    assert (real.word, record.word) == ("WIOA records", "SIMULATED records")


def test_the_effect_grows_by_quarter_as_it_does_in_truth(record):
    rows, study, test = record_quarters.quarters(record, FRAMEWORK)
    after = rows[rows["event_time"] > 0]
    assert after["event_time"].tolist() == [1.0, 2.0, 3.0, 4.0]
    # trained people earned less for long, so their dip is smaller in dollars: no parallel trends,
    # the check before entry says so, and the error is what it lets one expect
    assert test.p_value < 0.05
    drift = rows.loc[rows["event_time"] < 0, "estimate"].abs().max()
    assert (after["estimate"] - after["truth"]).abs().max() < 2 * drift
    sentence = record_quarters.quarters_sentence(rows, test, 0.95)
    assert f"{after.iloc[-1]['estimate']:,.0f}" in sentence
    assert f"p = {test.p_value:.3f}" in sentence
    assert len(study.effects) == len(rows) == 6


def test_rules_of_race_nest_and_tell_nothing_by_difference(record, effects):
    rows = record_race_rules.rule_rows(record, effects[0], FRAMEWORK)
    minimum = FRAMEWORK.disclosure.minimum_cell
    people = rows.pivot(index="group", columns="rule_id", values="people")
    assert set(people.columns) == set(RULES)
    assert people.loc["white", "alone or in combination"] > people.loc["white", "alone"]
    assert people.loc["white", "CALC4020"] < people.loc["white", "alone"]
    apart = people.sub(people["alone"], axis=0).abs().stack().dropna()
    assert ((apart == 0) | (apart >= 2 * minimum)).all()
    # the single code's group is the one that the table by race shows
    black = effects[1].query("group == 'Black' and estimator == 'AIPW'").iloc[0]
    ruled = rows[(rows["group"] == "Black") & (rows["rule_id"] == "CALC4020")].iloc[0]
    assert ruled["estimate"] == pytest.approx(black["estimate"], rel=1e-12)
    assert "quarter (" in record_race_rules.rule_sentence(rows)


def test_a_rule_whose_few_people_would_follow_is_left_out(record, effects):
    # three people more say Asian: the difference of two rules would be they
    frame = record.trial.frame.copy()
    asian = frame["asian"] == "1"
    frame.loc[asian, ["black", "american_indian", "white"]] = "0"
    extra = frame.index[(frame["race"] == "white") & (frame["treated"] == 1)][:3]
    frame.loc[extra, "asian"] = "1"
    fewer = RecordStudy(replace(record.trial, frame=frame), record.truth)
    rows = record_race_rules.rule_rows(fewer, effects[0], FRAMEWORK)
    assert rows[rows["group"] == "Asian"]["people"].nunique() == 1


def test_gaps_are_split_by_field_and_the_parts_add_up(record, effects):
    rows = record_field_splits.split_rows(record, effects[1], FRAMEWORK)
    assert (rows["between"] + rows["within"]).to_numpy() == pytest.approx(rows["gap"].to_numpy())
    assert {"white less Black", "men less women"} <= set(rows["pair"])
    assert rows["people"].min() >= 2 * FRAMEWORK.disclosure.minimum_cell
    # in this state groups gain differently from the same field: 1,300 against 600 dollars
    row = rows.set_index("pair").loc["white men less Black men"]
    assert row["within"] > 2 * row["within_standard_error"]
    assert abs(row["between"]) < 3 * row["between_standard_error"]
    assert "because one group gains more" in record_field_splits.split_sentence(rows, 0.95)


def test_one_kind_of_people_cannot_be_compared(record):
    people = record.trial.assigned
    with pytest.raises(WorkbenchError, match="known for trained or for untrained people only"):
        record_trial(people[people["treated"] == 1].drop(columns=["trial"]), FRAMEWORK, real=True)
