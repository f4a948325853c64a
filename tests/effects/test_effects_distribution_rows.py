"""Rows of quantiles and of the threshold: what is shown, what is not, and that it is right."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.effects.distribution import quantile_effect
from analysis.framework import EarningsThreshold, load_framework
from analysis.reports.distribution_tables import quantile_rows, threshold_note, threshold_rows

FRAMEWORK = load_framework()


def test_the_line_is_in_each_studys_dollars():
    line = FRAMEWORK.earnings_threshold
    assert line.dollars_a_year("re78") == 1.5 * 4901
    assert line.dollars_a_year("earny4") == 1.5 * 7763
    assert line.dollars_a_year("wages") is None
    assert line.source in threshold_note(FRAMEWORK)
    with pytest.raises(ValidationError, match="no poverty_line of 2001"):
        EarningsThreshold.model_validate({**line.model_dump(), "dollars_of": {"x": "2001"}})


def test_threshold_rows_of_nsw_by_hand(nsw):
    rows = threshold_rows([nsw], {"nsw": "re78"}, FRAMEWORK)
    above = nsw.frame["re78"] >= 1.5 * 4901
    treated = nsw.frame["treated"] == 1
    everyone = rows[rows["group"] == "all"].iloc[0]
    assert everyone["estimate"] == pytest.approx(above[treated].mean() - above[~treated].mean())
    assert everyone["control_share"] == pytest.approx(above[~treated].mean())
    assert everyone["people"] == 445
    # Hispanic men: 11 treated, so no race is shown
    assert rows["group"].tolist() == ["all"]


def test_job_corps_rows_are_within_gender(job_corps):
    rows = threshold_rows([job_corps], {"job_corps": "earny4"}, FRAMEWORK)
    assert set(rows["group"]) == {"all", *job_corps.frame["race"].astype(str)}
    everyone = rows[rows["group"] == "all"].iloc[0]
    weekly = 1.5 * 7763 / 52
    parts, weights = [], []
    for _, people in job_corps.frame.groupby("gender", observed=True):
        above = people["earny4"] >= weekly
        parts.append(above[people["treated"] == 1].mean() - above[people["treated"] == 0].mean())
        weights.append(len(people))
    assert everyone["estimate"] == pytest.approx(np.average(parts, weights=weights), rel=1e-10)
    quantiles = quantile_rows([job_corps], {"job_corps": "earny4"}, FRAMEWORK)
    assert set(quantiles["quantile"]) == set(FRAMEWORK.estimation.quantiles)
    assert (quantiles["interval_low"] <= quantiles["estimate"]).all()
    assert (quantiles["interval_high"] >= quantiles["estimate"]).all()


def test_no_quantile_with_few_people_beyond_it(nsw):
    rows = quantile_rows([nsw], {"nsw": "re78"}, FRAMEWORK)
    # 39 Hispanic men in two arms have fewer than ten people beyond any quartile
    assert "Hispanic" not in set(rows["group"])
    median = rows[(rows["group"] == "all") & (rows["quantile"] == 0.5)].iloc[0]
    alone = quantile_effect(nsw.frame["re78"], nsw.frame["treated"], 0.5)
    # four digits of the larger quantile, and the same step for all that belongs to it
    assert 1_000 < max(alone.treated, alone.control) < 10_000
    for name, exact in (
        ("treated", alone.treated),
        ("control", alone.control),
        ("estimate", alone.estimate),
        ("interval_low", alone.interval[0]),
        ("interval_high", alone.interval[1]),
    ):
        assert median[name] == round(exact), name
    assert not float(alone.treated).is_integer()


def test_a_comparison_without_a_lottery_and_unknown_dollars_have_no_rows(nsw):
    from dataclasses import replace

    other = replace(nsw, design="comparison group, not randomised")
    assert quantile_rows([other], {"nsw": "re78"}, FRAMEWORK).empty
    unknown = replace(nsw, per_year={})
    assert threshold_rows([unknown], {"nsw": "re78"}, FRAMEWORK).empty
    none = FRAMEWORK.model_copy(update={"earnings_threshold": None})
    assert threshold_rows([nsw], {"nsw": "re78"}, none).empty
    assert isinstance(threshold_rows([nsw], {"nsw": "re78"}, none), pd.DataFrame)
