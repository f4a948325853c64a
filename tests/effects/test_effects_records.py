"""Matched cells: by hand, as a law, and against a truth that is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.effects import stratified_difference
from analysis.effects.matched_cells import matched_effect
from analysis.effects.simulated_records import CELLS, TRUE_EFFECTS, simulated_records
from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.reports.record_designs import BEFORE_AFTER, MATCHED, record_rows, record_sentence


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


def test_simulated_records_dip_and_hold_what_they_state():
    people = simulated_records(20_000, 3)
    assert set(CELLS) <= set(people.columns)
    others = people[people["treated"] == 0]
    # the way back without any program: mean reversion
    assert (others["wages_q4"] - others["wages_q-1"]).mean() > 500
    assert others["wages_q-1"].mean() < others["wages_q-3"].mean()
    assert people[[c for c in people if c.startswith("wages")]].min().min() >= 0
    assert set(people["race"]) == set(TRUE_EFFECTS)


def test_the_matched_contrast_finds_the_truth_where_others_do_not():
    rows = record_rows(load_framework().estimation)
    by = rows.set_index(["method", "group"])
    for group in ("all", "Black", "Hispanic", "white"):
        matched = by.loc[(MATCHED, group)]
        assert abs(matched["error"]) < 2.5 * matched["standard_error"]
        assert by.loc[(BEFORE_AFTER, group), "error"] > 900
        assert by.loc[("trained less job search only", group), "error"] > 1_000
        assert by.loc[("difference-in-differences", group), "error"] < -100
        assert 0.1 < matched["unmatched_share"] < 0.4
    sentence = record_sentence(rows)
    assert "mostly the way back" in sentence
