"""Errors of comparisons beside the bias law: by hand, published differences, what scale does."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.reports.law_tables import law_figures, law_sentence
from analysis.tiers.law_evidence import PLAIN, comparison_errors, law_against_errors

RULES = load_framework()


def _methods(spread: float = 0.0, mean: float = 0.0, count: int = 400) -> pd.DataFrame:
    generator = np.random.default_rng(1)
    error = mean + spread * generator.normal(size=count) + 300 * generator.normal(size=count)
    lottery = {"method": PLAIN, "trial": "L", "trial_key": "nsw"}
    return pd.DataFrame(
        [
            lottery | {"estimate": 1_800.0, "standard_error": 0.0},
            {"method": PLAIN, "trial": "C", "trial_key": "c", "estimate": -9e4}
            | {"standard_error": 1.0},
            *(
                {"method": f"m{i}", "trial": "C", "trial_key": "c", "estimate": 1_800 + e}
                | {"standard_error": 300.0}
                for i, e in enumerate(error)
            ),
        ]
    )


def test_errors_are_against_the_lottery_and_in_dollars_of_the_law() -> None:
    methods = _methods(count=3)
    found = comparison_errors(methods, "nsw", 2.0)
    assert found["adjusted"].tolist() == [False, True, True, True]
    np.testing.assert_allclose(found["error"], 2 * (methods["estimate"].iloc[1:] - 1_800))
    assert found["answer"].eq(3_600).all()
    with pytest.raises(WorkbenchError, match="'jtpa' has 0 differences"):
        comparison_errors(methods, "jtpa", 1.0)


def test_the_right_law_has_distance_one_and_holds_95_percent() -> None:
    level = RULES.validity("matched_comparison")
    errors = comparison_errors(_methods(level.bias_standard_deviation, level.bias_mean), "nsw", 1.0)
    laws = law_against_errors(errors, RULES, [level.id], [0.0, 0.5, 1.0, 2.0]).set_index("scale")
    assert laws.loc[1.0, "typical_distance"] == pytest.approx(1, abs=0.1)
    assert laws.loc[1.0, "inside"] == pytest.approx(0.95, abs=0.03)
    # no allowance is far too sure, a law twice as wide has room to spare
    assert laws.loc[0.0, "inside"] < 0.5
    assert laws["inside"].is_monotonic_increasing
    assert laws["estimates"].eq(400).all()
    # the plain difference in means is 90,000 dollars off and is no adjusted estimate
    assert laws["root_mean_squared_error"].max() < 2_000
    sentence = law_sentence(errors, laws.reset_index(), RULES)
    assert "do not contradict" in sentence
    assert f"with no law, would hold {laws.loc[0.0, 'inside']:.1%}" in sentence


def test_a_law_that_is_too_narrow_is_called_so() -> None:
    errors = comparison_errors(_methods(6_000.0), "nsw", 1.0)
    laws = law_against_errors(errors, RULES, ["matched_comparison"], [1.0])
    assert laws["typical_distance"].iloc[0] > 3
    assert "too narrow" in law_sentence(errors, laws, RULES)
    figures = {figure["name"]: figure for figure in law_figures(errors)}
    assert figures["law.c_typical_error"]["estimate"] == pytest.approx(6_000, rel=0.1)
    largest = figures["law.c_largest_error"]
    assert abs(largest["estimate"]) == errors.loc[errors["adjusted"], "error"].abs().max()
