"""The gap between and within fields: hand-worked, adds up exactly, right errors."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.effects import difference_in_means
from analysis.effects.field_split import OTHER_FIELDS, field_split, field_splits
from analysis.errors import WorkbenchError
from analysis.simulate.participants import simulated_participants

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=20)
EFFECTS = {("a", "x"): 8.0, ("a", "y"): 4.0, ("b", "x"): 6.0, ("b", "y"): 3.0}
SHARES = {"a": 0.7, "b": 0.3}
# Kitagawa by hand: between = .4 (7 - 3.5), within = .5 x 2 + .5 x 1
BETWEEN, WITHIN = 1.4, 1.5


def people(seed: int, n: int = 800) -> pd.DataFrame:
    """Trained for two fields or not at all; the able train more, and effects are known."""
    rng = np.random.default_rng(seed)
    group = rng.choice(["a", "b"], n)
    ability = rng.normal(size=n)
    treated = (rng.random(n) < 1 / (1 + np.exp(-0.8 * ability))).astype(int)
    in_x = rng.random(n) < np.where(group == "a", SHARES["a"], SHARES["b"])
    field = np.where(treated == 1, np.where(in_x, "x", "y"), "")
    effect = np.array([EFFECTS.get(key, 0.0) for key in zip(group, field, strict=True)])
    y = 20 + 3 * ability + (group == "a") * (2 + ability) + effect + 2 * rng.normal(size=n)
    return pd.DataFrame(
        {"group": group, "ability": ability, "treated": treated, "field": field, "y": y}
    )


def split(frame: pd.DataFrame, first: str = "a", second: str = "b"):
    return field_split(frame, "y", "group", first, second, minimum_cell=10, covariates=["ability"])


def test_by_hand():
    # a: three of four in x gain 10, one in y 2; b: one in x gains 8, three in y 4
    frame = pd.DataFrame(
        {
            "race": ["a"] * 4 + ["b"] * 4,
            "treated": 1,
            "field": list("xxxyxyyy"),
            "gain": [10.0, 10, 10, 2, 8, 4, 4, 4],
        }
    )
    found = field_split(frame, "gain", "race", "a", "b", minimum_cell=1)
    # between: .5 (9) - .5 (3) = 3; within: .5 (10 - 8) + .5 (2 - 4) = 0; 8 less 5 = 3
    assert (found.gap, found.between, found.within) == (3.0, 3.0, 0.0)
    parts = found.by_field.set_index("field")
    assert parts["between"].to_dict() == {"x": 4.5, "y": -1.5}
    assert parts["within"].to_dict() == {"x": 1.0, "y": -1.0}


@pytest.mark.parametrize("covariates", [[], ["ability"]])
def test_parts_and_errors_add_up_exactly(covariates):
    frame = people(1)
    found = field_split(frame, "y", "group", "a", "b", minimum_cell=10, covariates=covariates)
    assert found.gap == pytest.approx(found.between + found.within, rel=1e-14)
    total = (
        found.between_standard_error**2 + found.within_standard_error**2
        + 2 * found.covariance[0, 1]
    )  # fmt: skip
    assert found.gap_standard_error**2 == pytest.approx(total, rel=1e-12)
    assert found.by_field["between"].sum() == pytest.approx(found.between, rel=1e-12)
    assert found.by_field["within"].sum() == pytest.approx(found.within, rel=1e-12)


def test_the_gap_is_that_of_two_differences_in_means():
    frame = people(2)
    found = field_split(frame, "y", "group", "a", "b", minimum_cell=10)
    a, b = (difference_in_means(part["y"], part["treated"]) for _, part in frame.groupby("group"))
    assert found.gap == pytest.approx(a.estimate - b.estimate, rel=1e-12)
    assert found.gap_standard_error == pytest.approx(
        np.hypot(a.standard_error, b.standard_error), rel=1e-10
    )


def test_effects_by_field_equal_regressions_by_statsmodels():
    frame = people(3)
    parts = split(frame).by_field.set_index("field")
    for name, column in (("a", "effect_first"), ("b", "effect_second")):
        mine = frame[frame["group"] == name]
        controls = mine[mine["treated"] == 0]
        fit = sm.OLS(controls["y"], sm.add_constant(controls["ability"])).fit()
        for field in ("x", "y"):
            cell = mine[mine["field"] == field]
            left = cell["y"] - fit.predict(sm.add_constant(cell["ability"]))
            assert parts.at[field, column] == pytest.approx(left.mean(), rel=1e-10)


def test_errors_equal_the_jackknifes():
    frame = people(4, n=300)
    found = split(frame)
    left_out = [split(frame.drop(index=row)) for row in frame.index]
    for part in ("gap", "between", "within"):
        values = np.array([getattr(one, part) for one in left_out])
        jackknife = np.sqrt(((values - values.mean()) ** 2).sum() * 299 / 300)
        assert getattr(found, f"{part}_standard_error") == pytest.approx(jackknife, rel=0.03)


def test_bias_and_coverage():
    estimates, hits = [], np.zeros(3)
    truth = np.array([BETWEEN + WITHIN, BETWEEN, WITHIN])
    for seed in range(300):
        found = split(people(2_000 + seed))
        values = np.array([found.gap, found.between, found.within])
        errors = np.array(
            [found.gap_standard_error, found.between_standard_error, found.within_standard_error]
        )
        estimates.append(values)
        hits += np.abs(values - truth) < 1.96 * errors
    z = (np.mean(estimates, axis=0) - truth) / (np.std(estimates, axis=0) / 300**0.5)
    assert np.abs(z).max() < 3.5
    # 300 draws: standard error .013
    assert ((hits / 300 > 0.91) & (hits / 300 < 0.985)).all(), hits / 300


@STEADY
@given(seed=st.integers(0, 2**31), shift=st.floats(-1e4, 1e4))
def test_swapped_groups_turn_signs_and_order_and_level_do_not_matter(seed, shift):
    frame = people(5, n=400)
    plain = split(frame)
    moved = frame.assign(y=frame["y"] + shift).sample(frac=1, random_state=seed % 2**32)
    turned = split(moved, "b", "a")
    assert turned.between == pytest.approx(-plain.between, rel=1e-7, abs=1e-7)
    assert turned.within == pytest.approx(-plain.within, rel=1e-7, abs=1e-7)
    assert turned.covariance == pytest.approx(plain.covariance, rel=1e-6)


def test_small_fields_are_put_together_and_named():
    frame = people(6)
    frame.loc[frame.index[frame["field"] == "y"][:4], "field"] = "rare"
    found = split(frame)
    # the rare one alone would be too small, so the next smallest joins it
    assert found.merged == ("rare", "y")
    assert found.by_field["field"].tolist() == ["x", OTHER_FIELDS]


def test_refusals():
    frame = people(7, n=100)
    with pytest.raises(WorkbenchError, match="gap of a and c: a group has fewer than 10"):
        split(frame, "a", "c")
    with pytest.raises(WorkbenchError, match="column sector"):
        field_split(frame, "y", "group", "a", "b", minimum_cell=5, field="sector")
    with pytest.raises(WorkbenchError, match="are missing"):
        field_split(
            frame.assign(field=frame["field"].mask(frame["treated"] == 1)), "y", "group", "a",
            "b", minimum_cell=5,
        )  # fmt: skip


def test_simulated_state_by_race_gender_and_both():
    people = simulated_participants(60_000, 11)
    before = ["wages_before_3", "wages_before_2", "wages_before_1", "schooling", "age"]
    pairs = [
        ("race", "white", "Black"),
        ("gender", "men", "women"),
        (("race", "gender"), "white, men", "Black, women"),
    ]
    options = {"minimum_cell": 10, "covariates": before}
    rows = field_splits(people, "wages_q4", pairs, **options)
    truth = field_splits(people[people["treated"] == 1], "true_effect", pairs, minimum_cell=10)
    for part in ("gap", "between", "within"):
        z = (rows[part] - truth[part]) / rows[f"{part}_standard_error"]
        assert np.abs(z).max() < 3.5, part
    assert rows["grouping"].tolist() == ["race", "gender", "race x gender"]
    # white men gain 1,300 a quarter where Black women gain 500
    assert rows.loc[2, "within"] / rows.loc[2, "within_standard_error"] > 3
