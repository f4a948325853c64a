"""Cases that lie just on a limit, or just beside it."""

import numpy as np
import pandas as pd
import pytest

from analysis.effects.field_split import OTHER_FIELDS, _fields
from analysis.effects.group_cells import hides_a_stratum
from analysis.effects.lee_bounds import lee_bounds
from analysis.effects.shrinkage import between_variance
from analysis.errors import WorkbenchError


def test_a_spread_little_above_chance_is_found() -> None:
    # two groups with errors of 1: d**2 / 2 / (1 + variance) = 1
    assert between_variance(np.array([0.0, 1.8]), np.ones(2)) == pytest.approx(1.8**2 / 2 - 1)
    assert between_variance(np.array([0.0, 1.4]), np.ones(2)) == 0.0


def test_a_pool_of_small_fields_that_just_reaches_the_minimum_takes_no_other() -> None:
    names = np.array(["x", "y"] * 14)
    fields = np.array(["large"] * 20 + ["one"] * 4 + ["two"] * 4)
    found, merged = _fields(fields, names, ("x", "y"), 4)
    assert merged == ("one", "two")
    assert found.tolist() == ["large"] * 20 + [OTHER_FIELDS] * 8


def test_a_hidden_row_is_one_stratum_of_three_and_not_the_two_others() -> None:
    stratum = pd.Series(list("aaabbbccc"))
    everyone = np.ones(9, dtype=bool)
    assert hides_a_stratum(everyone, [(stratum == "a").to_numpy()], stratum)
    assert not hides_a_stratum(everyone, [(stratum != "a").to_numpy()], stratum)


def test_nobody_works_in_either_arm() -> None:
    with pytest.raises(WorkbenchError, match="fewer than 2 workers"):
        lee_bounds([0.0] * 6, [1, 1, 1, 0, 0, 0], [0] * 6)
