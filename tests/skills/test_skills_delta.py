"""The Job-2-Job Skill Delta: hand-checked values, numerical integration, properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from analysis.errors import WorkbenchError
from analysis.skills.delta import element_gaps, expected_shortfall, skill_delta, strengths
from analysis.skills.foundation import foundation_step
from analysis.skills.rating_levels import rating_levels

SCALES = ["IM", "LV"]


def ratings_frame(n_occupations: int, n_elements: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [
            [f"{code:02}-1000.00" for code in range(n_occupations)],
            ["skills", "knowledge"],
            [f"2.A.{element}" for element in range(n_elements)],
            SCALES,
        ],
        names=["onet_soc_code", "domain", "element_id", "scale_id"],
    )
    frame = index.to_frame(index=False)
    frame["element"] = "element " + frame["element_id"]
    importance = frame["scale_id"].eq("IM")
    frame["value"] = np.where(
        importance, rng.uniform(1, 5, len(frame)), rng.uniform(0, 7, len(frame))
    )
    frame["n"] = pd.array(rng.integers(2, 30, len(frame)), dtype="Int64")
    frame["standard_error"] = rng.choice([0.0, 0.1, 0.3, 0.6, np.nan], len(frame))
    frame["recommend_suppress"] = pd.array(rng.random(len(frame)) < 0.1, dtype="boolean")
    frame["not_relevant"] = pd.array(rng.random(len(frame)) < 0.1, dtype="boolean")
    return frame


LEVELS = rating_levels(ratings_frame(6, 8, seed=1))
CODES = st.sampled_from(sorted(LEVELS["onet_soc_code"].unique()))


def one_element(levels, errors, n, importance=(3.0, 5.0), **flags) -> pd.DataFrame:
    rows = []
    for row, (level, error, raters) in enumerate(zip(levels, errors, n, strict=True)):
        shared = {"onet_soc_code": "abc"[row], "domain": "skills", "element_id": "1", "n": raters}
        shared |= {"element": "Repairing", "recommend_suppress": False, "not_relevant": False}
        shared |= {name: values[row] for name, values in flags.items()}
        important = importance[min(row, len(importance) - 1)]
        rows.append(shared | {"scale_id": "LV", "value": level, "standard_error": error})
        rows.append(shared | {"scale_id": "IM", "value": important, "standard_error": 0.1})
    return pd.DataFrame(rows).astype({"n": "Int64", "not_relevant": "boolean"})


@pytest.mark.parametrize("mean", [-3.0, -0.4, 0.0, 0.7, 4.0])
@pytest.mark.parametrize("error", [0.05, 0.5, 2.0])
def test_expected_shortfall_equals_numerical_integration(mean, error):
    density = stats.norm(mean, error).pdf
    upper = max(mean, 0) + 12 * error
    twin, _ = integrate.quad(lambda d: d * density(d), 0, upper, points=[max(mean, 1e-9)])
    result = expected_shortfall(np.array([mean]), np.array([error]))[0]
    assert result == pytest.approx(twin, rel=1e-8, abs=1e-12)


def test_pooled_floor_and_imputed_errors_by_hand():
    """Errors .5 of 9 raters and 0 of 5: pooled variance (8 * 9 * .25 + 4 * 5 * 0) / 12 = 1.5."""
    frame = one_element([2.0, 3.0, 4.0], [0.5, 0.0, np.nan], [9, 5, 4])
    levels = rating_levels(frame, floor_share=0.5)
    expected = [0.5, 0.5 * np.sqrt(1.5 / 5), np.sqrt(1.5 / 4)]
    assert levels["standard_error"].to_numpy() == pytest.approx(expected)
    assert levels["error_floored"].tolist() == [False, True, False]
    assert levels["error_imputed"].tolist() == [False, False, True]
    assert levels["standard_deviation"].to_numpy() == pytest.approx(np.std([2, 3, 4]))
    assert rating_levels(frame, floor_share=0.0)["standard_error"].iloc[1] == 0


def test_missing_number_of_raters_takes_the_median():
    frame = one_element([2.0, 3.0, 4.0], [0.5, 0.5, np.nan], [9, 9, pd.NA])
    imputed = rating_levels(frame)["standard_error"].iloc[2]
    assert imputed == pytest.approx(0.5)


def test_gap_by_hand():
    frame = one_element(
        [1.0, 3.0], [0.3, 0.4], [8, 8], importance=(1.0, 4.0), recommend_suppress=(True, False)
    )
    gap = element_gaps(rating_levels(frame, 0.0), "a", "b").iloc[0]
    assert gap["gap"] == 2
    assert gap["standard_error"] == pytest.approx(0.5)
    assert gap["probability"] == pytest.approx(stats.norm.cdf((2 - 0.5) / 0.5))
    shortfall = 2 * stats.norm.cdf(4) + 0.5 * stats.norm.pdf(4)
    assert gap["need"] == pytest.approx(0.75 * shortfall)
    assert gap["distinctiveness"] == pytest.approx(0.75 * shortfall / np.std([1, 3]))
    assert gap["flags"] == "suppressed (origin)"


def test_not_relevant_is_level_nought_and_marked():
    frame = one_element([1.4, 3.0], [0.3, 0.4], [8, 8], not_relevant=(True, False))
    gap = element_gaps(rating_levels(frame), "a", "b").iloc[0]
    assert (gap["level_origin"], gap["gap"]) == (0, 3)
    assert gap["flags"] == "not relevant (origin)"


def test_suppressed_rows_stay():
    """The largest gap of a move often stands on a row recommended for suppression."""
    frame = one_element([0.8, 3.8], [0.4, 0.3], [20, 20], recommend_suppress=(True, True))
    shown = skill_delta(rating_levels(frame), "a", "b")
    assert shown["gap"].tolist() == [3.0]
    assert shown["flags"].tolist() == ["suppressed (origin); suppressed (target)"]


def test_noise_alone_is_not_shown():
    """Two equal jobs have need from noise, and none of it passes the gate."""
    levels = rating_levels(one_element([3.0, 3.0], [0.6, 0.6], [8, 8]))
    assert element_gaps(levels, "a", "b")["need"].iloc[0] > 0.3
    assert skill_delta(levels, "a", "b").empty


@given(CODES, st.floats(0, 1), st.floats(0, 2))
@settings(max_examples=30, deadline=None)
def test_delta_of_a_job_with_itself_is_empty(code, probability, gap_level):
    assert skill_delta(LEVELS, code, code, gap_level=gap_level, probability=probability).empty
    gaps = element_gaps(LEVELS, code, code, gap_level=gap_level)
    assert gaps[["gap", "standard_error", "probability", "need"]].eq(0).all(axis=None)


@given(CODES, CODES)
@settings(max_examples=30, deadline=None)
def test_swapping_changes_signs_of_gaps_only(origin, target):
    there, back = element_gaps(LEVELS, origin, target), element_gaps(LEVELS, target, origin)
    assert np.array_equal(there["gap"], -back["gap"])
    assert np.array_equal(there["standard_error"], back["standard_error"])
    assert there["element_id"].tolist() == back["element_id"].tolist()
    both = skill_delta(LEVELS, origin, target).merge(
        skill_delta(LEVELS, target, origin), on=["domain", "element_id"]
    )
    assert both.empty


@given(CODES, CODES, st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_a_stricter_gate_shows_a_subset(origin, target, one, other):
    loose, strict = (
        skill_delta(LEVELS, origin, target, probability=gate) for gate in sorted((one, other))
    )
    keys = [set(zip(t["domain"], t["element_id"], strict=True)) for t in (strict, loose)]
    assert keys[0] <= keys[1]
    assert strict["need"].is_monotonic_decreasing
    assert (strict["probability"] >= max(one, other)).all()


def test_domains_keep_elements_of_one_name_apart():
    gaps = element_gaps(LEVELS, "00-1000.00", "01-1000.00")
    assert len(gaps) == 16
    assert not gaps.duplicated(["domain", "element_id"]).any()


def test_strengths_and_delta_do_not_meet():
    origin, target = "00-1000.00", "01-1000.00"
    carried = strengths(LEVELS, origin, target, probability=0.5, minimum_importance=2.0)
    shown = skill_delta(LEVELS, origin, target, probability=0.6)
    assert len(carried) > 0
    assert carried.merge(shown, on=["domain", "element_id"]).empty
    first = carried.iloc[0]
    assert first["carried"] == pytest.approx(
        (first["importance_target"] - 1) / 4 * min(first["level_origin"], first["level_target"])
    )
    assert carried["carried"].is_monotonic_decreasing
    assert carried["importance_target"].ge(2).all()


def test_own_strengths_are_all_that_matters():
    own = strengths(LEVELS, "02-1000.00", "02-1000.00", minimum_importance=1.0)
    rated = LEVELS[LEVELS["onet_soc_code"] == "02-1000.00"]
    assert len(own) == (rated["level"] > 0).sum()


def test_unrated_occupation_is_an_error_that_names_it():
    with pytest.raises(WorkbenchError, match=r"target occupation 99-9999\.00 has no skill"):
        skill_delta(LEVELS, "00-1000.00", "99-9999.00")


def test_two_releases_at_once_are_an_error():
    frame = one_element([1.0, 2.0], [0.1, 0.1], [8, 8])
    with pytest.raises(WorkbenchError, match="a, Repairing, scale LV stands twice"):
        rating_levels(pd.concat([frame, frame.head(1)]))


@pytest.mark.parametrize(
    ("origin", "target", "start"),
    [
        ("a", "b", "two job zones up: from 2"),
        ("b", "a", "two job zones down: from 4"),
        ("a", "a", "same job zone: 2"),
        ("x", "y", "job zone not known for the origin and the target"),
    ],
)
def test_foundation_step(origin, target, start):
    zones = pd.DataFrame({"onet_soc_code": ["a", "b"], "job_zone": [2, 4]})
    assert foundation_step(zones, origin, target).startswith(start)
