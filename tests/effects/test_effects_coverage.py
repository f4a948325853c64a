"""Intervals hold what they promise: a cheap simulation, and the committed table of the long one."""

import numpy as np
import pandas as pd
import pytest

from analysis.effects.coverage import coverage_table
from analysis.effects.simulated import GROUP_EFFECTS, GROUP_SHARES, simulated_people
from analysis.paths import project_root

OURS = "sup-t, Student's t (joint_bands)"


@pytest.fixture(scope="module")
def committed() -> pd.DataFrame:
    path = project_root() / "benchmarks" / "results" / "coverage.csv"
    return pd.read_csv(path).set_index(["design", "people", "band"]).sort_index()


def test_the_simulated_groups_are_what_they_say():
    people = simulated_people(200_000, np.random.default_rng(1))
    shares = people["group"].value_counts(normalize=True).sort_index()
    assert shares.to_numpy() == pytest.approx(GROUP_SHARES, abs=0.005)
    # the same people untreated: the gain is the stated effect
    naive = people.groupby(["group", "treated"])["earnings"].mean().unstack()
    bias = (naive[1] - naive[0]).to_numpy() - np.array(GROUP_EFFECTS)
    assert (bias < -800).all()
    assert (people["earnings"] == 0).mean() > 0.1


def test_a_small_simulation_covers():
    # 60 studies x 8 groups: .95 within three errors of the simulation, bias within four
    table = coverage_table(1_500, 60, 7, splits=1).set_index("band")
    per_group = table.loc["pointwise, Student's t", "per_group"]
    assert per_group == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 480))
    assert table.loc[OURS, "all_groups"] >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 60)
    assert table.loc["pointwise, normal", "all_groups"] < 0.85
    assert table.loc[OURS, "naive_bias"] < -800
    assert table.loc[OURS, "width"] <= 1.0


@pytest.mark.parametrize("people", [2_000, 20_000])
def test_the_committed_table_meets_its_aims(committed, people):
    reference = committed.loc[("reference", people)]
    assert 0.94 <= reference.loc["pointwise, Student's t", "per_group"] <= 0.96
    assert reference.loc[OURS, "all_groups"] >= 0.93
    # inside Bonferroni's for the same degrees of freedom
    assert reference.loc[OURS, "width"] < 1.0
    # what goes wrong otherwise
    assert reference.loc["pointwise, normal", "all_groups"] < 0.7
    multiplier = reference.loc["sup-t, multiplier bootstrap", "all_groups"]
    assert multiplier < reference.loc[OURS, "all_groups"]


def test_the_committed_table_is_that_of_this_code(committed):
    # the first studies of the table's own seed, at a size that takes a second
    stated = committed.loc[("reference", 2_000)]
    assert stated["seed"].nunique() == 1
    assert (stated["studies"] >= 1_000).all()
    assert (committed.loc[("reference", 20_000), "studies"] >= 400).all()
    again = coverage_table(2_000, 12, int(stated["seed"].iloc[0])).set_index("band")
    # naive bias of twelve studies: within four of its standard errors (about 70 dollars each)
    assert again["naive_bias"].iloc[0] == pytest.approx(stated["naive_bias"].iloc[0], abs=300)
