"""A state's own report as indicators: counts, intervals, and nothing about too few people."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from analysis.framework import load_framework
from analysis.metrics.state_reports import report_indicators
from analysis.tables.state_report import read_state_report

FRAMEWORK = load_framework()


def report(tmp_path: Path, *rows: dict[str, object]) -> pd.DataFrame:
    start = {"state": "TX", "stream": "Title I Adult", "period": "PY 2023", "by": "gender"}
    path = tmp_path / "r.csv"
    pd.DataFrame([start | row for row in rows]).to_csv(path, index=False)
    return read_state_report(path)


def test_shares_have_wilson_s_interval_over_the_report_s_denominator(tmp_path: Path) -> None:
    frame = report(
        tmp_path,
        {"group": "Female", "exited": 600, "employed_q2": 350, "employed_q2_of": 500,
         "skill_gains": 90, "skill_gains_of": 200, "median_earnings_q2": "$7,650"},
    )  # fmt: skip
    rows = report_indicators(frame, "TX", FRAMEWORK).set_index("indicator")
    assert set(rows.index) == {"employed_q2", "skill_gains", "median_earnings_q2"}
    share = rows.loc["employed_q2"]
    assert share["estimate"] == 0.7
    limits = proportion_confint(350, 500, 0.05, method="wilson")
    assert [share["interval_low"], share["interval_high"]] == pytest.approx(list(limits))
    median = rows.loc["median_earnings_q2"]
    assert (median["estimate"], median["known"]) == (7650, 350)
    assert np.isnan(median["interval_low"])
    assert rows["name"].tolist()[1] == "Measurable skill gains"


def test_another_state_and_cells_of_few_people_are_left_out(tmp_path: Path) -> None:
    few = FRAMEWORK.disclosure.minimum_cell - 1
    frame = report(
        tmp_path,
        {"group": "Female", "employed_q2": few, "employed_q2_of": 100, "median_earnings_q2": 5000},
        {"group": "Male", "employed_q2": 100 - few, "employed_q2_of": 100},
        {"group": "Male", "state": "OK", "employed_q2": 50, "employed_q2_of": 100},
    )
    assert report_indicators(frame, "TX", FRAMEWORK).empty
    assert len(report_indicators(frame, "OK", FRAMEWORK)) == 1
