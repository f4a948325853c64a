"""A program's gap stands beside its state's: from the state's own report, or from all records."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.framework import load_framework
from analysis.metrics.intervals import wilson_interval
from analysis.reports.state_gaps import FROM_RECORDS, beside_state, report_gaps

FRAMEWORK = load_framework()
Row = tuple[str, str, str, int, int]


def indicators(rows: Sequence[Row]) -> pd.DataFrame:
    """Rows of (by, group, indicator, known, met) as a table of indicators, none hidden."""
    table = pd.DataFrame(rows, columns=["by", "group", "indicator", "known", "met"])
    table = table.assign(name=table["indicator"], measure="share", people=table["known"])
    table["estimate"] = table["met"] / table["known"]
    table["standard_error"] = 0.01
    limits = wilson_interval(table["estimate"], table["known"])
    return table.assign(hidden=False, **{name: limits[name] for name in limits})


def state_report(stream: str, women: float, men: float) -> pd.DataFrame:
    shares = ("employed_q2", "employed_q4", "credential", "skill_gains")
    empty = {f"{share}{part}": np.nan for share in shares for part in ("", "_of", "_rate")}
    rows = [
        empty | {"group": group, "employed_q2": 1000 * rate, "employed_q2_of": 1000.0}
        | {"employed_q2_rate": rate}
        for group, rate in (("women", women), ("men", men))
    ]  # fmt: skip
    keys = {"state": "TX", "stream": stream, "period": "PY 2023", "by": "gender"}
    return pd.DataFrame(rows).assign(**keys, exited=1200.0, median_earnings_q2=np.nan)


PROGRAM = indicators([
    ("gender", "men", "employed_q2", 50, 40), ("gender", "women", "employed_q2", 40, 26),
    ("gender", "men", "employed_q4", 50, 35), ("gender", "women", "employed_q4", 40, 24),
])  # fmt: skip
TRAINED = indicators([
    ("gender", "men", "employed_q2", 500, 400), ("gender", "women", "employed_q2", 400, 300),
    ("gender", "men", "employed_q4", 500, 350), ("gender", "women", "employed_q4", 400, 280),
])  # fmt: skip
EVERYONE = indicators([
    ("gender", "men", "employed_q2", 5000, 3000), ("gender", "women", "employed_q2", 4000, 2200),
])  # fmt: skip


def test_without_a_report_the_state_s_gap_is_counted_from_all_records() -> None:
    both = beside_state(PROGRAM, TRAINED, EVERYONE, 0.95).set_index("name")
    row = both.loc["employed_q2"]
    assert (round(row["difference"], 4), round(row["trained_difference"], 4)) == (-0.15, -0.05)
    assert round(row["state_difference"], 4) == -0.05
    assert row["state_from"] == FROM_RECORDS
    assert row["state_difference_low"] < -0.05 < row["state_difference_high"]
    # what the whole state has no gap for stays, with the place empty
    assert pd.isna(both.loc["employed_q4", "state_difference"])


def test_the_state_s_report_goes_before_its_records_once_a_funding_stream() -> None:
    report = pd.concat([state_report("Adult", 0.6, 0.7), state_report("Youth", 0.5, 0.5)])
    reported = report_gaps(report, "TX", FRAMEWORK)
    both = beside_state(PROGRAM, TRAINED, EVERYONE, 0.95, reported)
    rows = both[both["name"] == "employed_q2"]
    assert rows["state_difference"].round(4).tolist() == [-0.1, 0.0]
    assert rows["state_from"].tolist() == [
        "state's report, Adult, PY 2023",
        "state's report, Youth, PY 2023",
    ]
    # the program's own gap is the same beside each
    assert rows["difference"].nunique() == 1


def test_a_report_of_another_state_changes_nothing() -> None:
    reported = report_gaps(state_report("Adult", 0.6, 0.7), "OK", FRAMEWORK)
    assert reported.empty
    both = beside_state(PROGRAM, TRAINED, EVERYONE, 0.95, reported)
    assert both["state_from"].dropna().unique().tolist() == [FROM_RECORDS]
