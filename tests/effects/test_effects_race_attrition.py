"""Race rules as stated choices, and who is lost by arm and group."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.effects import difference_in_means, group_estimates
from analysis.effects.attrition import attrition_by_arm
from analysis.effects.race_rules import HISPANIC, RACES, RULES, race_members
from analysis.effects.scores import Scores
from analysis.errors import WorkbenchError

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=25)
# Black; Black and Hispanic; Black and white; white; nothing; Hispanic only
PEOPLE = pd.DataFrame(
    {
        "hispanic": ["0", "1", "0", "0", "9", "1"],
        "asian": ["0"] * 6,
        "black": ["1", "1", "1", "0", "9", "0"],
        "pacific_islander": ["0"] * 6,
        "american_indian": ["0"] * 6,
        "white": ["0", "0", "1", "1", "9", "0"],
    }
)


def positions(members: pd.DataFrame) -> dict[str, list[int]]:
    return {name: np.flatnonzero(members[name]).tolist() for name in members if members[name].any()}


def test_rules_by_hand():
    assert positions(race_members(PEOPLE, "alone")) == {
        "Hispanic": [1, 5], "Black": [0, 1], "white": [3], "multiple races": [2],
        "not stated": [4],
    }  # fmt: skip
    assert positions(race_members(PEOPLE, "alone or in combination")) == {
        "Hispanic": [1, 5], "Black": [0, 1, 2], "white": [2, 3], "not stated": [4]
    }  # fmt: skip
    assert positions(race_members(PEOPLE, "CALC4020")) == {
        "Hispanic": [1, 5], "Black": [0], "white": [3], "multiple races": [2],
        "not stated": [4],
    }  # fmt: skip
    apart = race_members(PEOPLE, "alone or in combination", hispanic="apart")
    assert positions(apart)["Black"] == [0, 2]


@STEADY
@given(seed=st.integers(0, 2**31), coded=st.sampled_from(["text", "numbers", "floats"]))
def test_single_responses_are_one_group_each_and_rules_are_nested(seed, coded):
    rng = np.random.default_rng(seed)
    codes = rng.choice([0, 1, 9], size=(60, 6), p=[0.7, 0.25, 0.05])
    frame = pd.DataFrame(codes, columns=[HISPANIC, *RACES])
    frame = {"text": frame.astype(str), "numbers": frame, "floats": frame.astype(float)}[coded]
    single = race_members(frame, "CALC4020")
    assert (single.sum(axis=1) == 1).all()
    alone, widest = (race_members(frame, rule) for rule in ("alone", "alone or in combination"))
    for race in RACES.values():
        assert (single[race] <= alone[race]).all()
        assert (alone[race] <= widest[race]).all()


def test_overlapping_groups_share_their_people_in_the_covariance():
    rng = np.random.default_rng(2)
    n = 4_000
    frame = pd.DataFrame(rng.integers(0, 2, (n, 6)), columns=[HISPANIC, *RACES])
    treated = np.arange(n) % 2 == 0
    y = rng.normal(size=n) + treated
    scores = Scores(
        np.where(treated, 2 * y, 0.0), np.where(treated, 0.0, 2 * y), np.ones(n), treated,
        np.full(n, 0.5), "everyone", "weights", np.array([1.0]),
    )  # fmt: skip
    members = race_members(frame, "alone or in combination")
    both = [members["Black"].to_numpy(), members["white"].to_numpy()]
    found = group_estimates(scores, both)
    correlation = found.covariance[0, 1] / np.prod(found.standard_errors)
    # half of each group's people are in the other
    assert correlation == pytest.approx(0.5, abs=0.05)
    alone = race_members(frame, "CALC4020")
    apart = group_estimates(scores, [alone["Black"].to_numpy(), alone["white"].to_numpy()])
    assert apart.covariance[0, 1] == 0.0


def test_refused_rules_columns_and_codes():
    with pytest.raises(WorkbenchError, match="race rule: 'mostly'"):
        race_members(PEOPLE, "mostly")
    with pytest.raises(WorkbenchError, match="column black"):
        race_members(PEOPLE.drop(columns="black"), "alone")
    with pytest.raises(WorkbenchError, match="column white, row 3: '7' is no code"):
        race_members(PEOPLE.assign(white=["0", "0", "1", "7", "9", "0"]), "alone")
    assert set(RULES) == {"alone", "alone or in combination", "CALC4020"}


def lost_people(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"treated": rng.integers(0, 2, 2_000), "race": rng.choice(["a", "b"], 2_000)}
    )
    lost = rng.random(2_000) < 0.2 + 0.1 * frame["treated"] * (frame["race"] == "a")
    return frame.assign(earnings=np.where(lost, np.nan, 1.0))


def test_attrition_equals_regressions_of_missing_outcomes():
    frame = lost_people(1)
    table = attrition_by_arm(frame, "earnings", minimum_cell=10, groups=[("race",)])
    assert table["group"].tolist() == ["all", "a", "b"]
    for row in table.itertuples():
        part = frame if row.group == "all" else frame[frame["race"] == row.group]
        lost = part["earnings"].isna().astype(float)
        twin = sm.OLS(lost, sm.add_constant(part["treated"].astype(float))).fit(cov_type="HC2")
        assert row.difference == pytest.approx(twin.params.iloc[1], rel=1e-10)
        assert row.standard_error == pytest.approx(twin.bse.iloc[1], rel=1e-10)
        assert row.p_value == pytest.approx(twin.pvalues.iloc[1], rel=1e-8)
        assert row.missing_control == pytest.approx(lost[part["treated"] == 0].mean())
        plain = difference_in_means(lost, part["treated"])
        assert row.standard_error == pytest.approx(plain.standard_error, rel=1e-10)
    assert table.set_index("group").at["a", "p_value"] < 0.01


def test_a_grouping_with_a_small_cell_is_not_shown_at_all():
    frame = lost_people(2)
    frame.loc[(frame["race"] == "b") & (frame["treated"] == 1), "earnings"] = 1.0
    frame.loc[frame.index[(frame["race"] == "b") & (frame["treated"] == 1)][:3], "earnings"] = None
    table = attrition_by_arm(frame, "earnings", minimum_cell=10, groups=[("race",)])
    assert table["group"].tolist() == ["all"]
    whole = attrition_by_arm(
        frame.assign(earnings=1.0), "earnings", minimum_cell=10, groups=[("race",)]
    )
    assert whole["missing_treated"].tolist() == [0.0, 0.0, 0.0]
    assert whole["p_value"].tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(WorkbenchError, match="column race"):
        attrition_by_arm(frame.assign(race=None), "earnings", minimum_cell=10, groups=[("race",)])
