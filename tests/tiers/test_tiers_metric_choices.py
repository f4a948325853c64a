"""The same programs under every choice of metrics: counts by hand, words from the table."""

import pandas as pd
import pytest

from analysis.framework import CountedMetric, load_framework
from analysis.reports.choice_tables import (
    NOT_AT_HAND,
    choice_alt,
    choice_figures,
    choice_sentence,
    choice_title,
)
from analysis.tiers.metric_choices import choices_of, metric_choices

NAMES = {"earnings": "Earnings", "employed_share": "Employed"}
METRICS = [
    CountedMetric(metric="earnings", limit="benchmark", why=""),
    CountedMetric(metric="employed_share", limit=0.5, why=""),
]
KEYS = [f"p{i}" for i in range(6)]


def programs() -> pd.DataFrame:
    return pd.DataFrame({"program_key": KEYS, "credential": "", "benchmark": 30_000.0})


def values(pay: list[float | None], work: list[float | None]) -> pd.DataFrame:
    parts = [("earnings", pay, 900.0), ("employed_share", work, 0.05)]
    rows = [
        {"program_key": key, "outcome": outcome, "value": value, "standard_error": error,
         "n": 50.0, "field": "51", "compared_with": outcome}
        for outcome, of_all, error in parts
        for key, value in zip(KEYS, of_all, strict=True)
        if value is not None
    ]  # fmt: skip
    return pd.DataFrame(rows)


PAY = [45_000.0, 40_000.0, 20_000.0, 18_000.0, 50_000.0, None]
WORK = [0.8, 0.3, 0.9, 0.2, 0.7, 0.9]
TIERS = pd.Series(["A", "B", "D", "D", "A", "D"], index=KEYS)


def choices(pay: list = PAY, work: list = WORK) -> pd.DataFrame:
    return metric_choices(
        programs(), values(pay, work), TIERS, list(choices_of(METRICS, NAMES)), list("ABCD"), 0.95
    )


def test_counts_by_hand_among_programs_with_every_metric() -> None:
    table = choices().set_index("choice")
    # the sixth has no earnings: it stands under no choice, so that only the choice moves counts
    assert table["programs"].tolist() == [5] * 4
    assert table["meets"].to_dict() == {
        "Earnings alone": 3, "Employed alone": 3, "Earnings and employed": 2,
        "Earnings or employed": 4,
    }  # fmt: skip
    assert table.loc["Employed alone", ["tier_A", "tier_B", "tier_D"]].tolist() == [2, 0, 1]
    assert table["interval_low"].lt(table["share"]).all()
    assert table["interval_high"].gt(table["share"]).all()
    assert table["expected"].between(0, 1).all()


def test_all_of_the_metrics_never_meet_more_often_than_one_and_any_never_less() -> None:
    table = choices().set_index("choice")["meets"]
    assert table["Earnings and employed"] <= table[["Earnings alone", "Employed alone"]].min()
    assert table["Earnings or employed"] >= table[["Earnings alone", "Employed alone"]].max()


def test_sentence_title_and_picture_move_with_the_table() -> None:
    said = choice_sentence(choices())
    assert said.startswith(
        "Of 5 programs with every metric known, these meet what counts: earnings alone, 3"
    )
    assert "from 40.0% to 80.0%" in said
    assert "40.0% to 80.0%" in choice_title(choices())
    other = choices(pay=[45_000.0, 40_000.0, 60_000.0, 18_000.0, 50_000.0, None])
    assert "earnings alone, 4 (80.0%)" in choice_sentence(other)
    assert "Earnings alone 80.0%" in choice_alt(other)
    figures = {f["name"]: f["estimate"] for f in choice_figures(other, ["x"])}
    assert figures["metrics_counted.earnings_alone"] == pytest.approx(0.8)


@pytest.mark.parametrize("work", [[None] * 6, [None] * 5 + [0.9]])
def test_without_programs_that_have_both_it_is_said(work: list) -> None:
    table = choices(work=work)
    assert table.empty
    assert choice_sentence(table) == NOT_AT_HAND
    assert list(choice_figures(table, [])) == []


def test_the_metrics_that_count_are_the_frameworks() -> None:
    framework = load_framework()
    for entry in framework.tiers.counted_metrics:
        assert framework.metric(entry.metric).category == 1
