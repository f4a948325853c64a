"""The answer of each report moves with its tables: 01, 02, 05 and the index.

Those of 03, 04 and 06 stand with their tables: test_outcome_tables, test_effects_report_rows and
test_guide_words.
"""

import pandas as pd
import pytest

from analysis.framework import load_framework
from analysis.reports.delta_words import delta_sentences
from analysis.reports.page import render_index
from analysis.reports.skill_tables import board_sentence, truths_sentence
from analysis.reports.tier_words import tier_sentences
from analysis.skills.move import Move

RULES = load_framework()
CHANCE = "random order, expected"


def board(share: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "representation": ["tasks <b>", CHANCE],
            "recall_at_10": [share, 0.011],
            "interval_low": [share - 0.01, 0.0],
            "interval_high": [share + 0.01, 0.02],
        }
    )


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.631, "63.1% (95% interval 62.1% to 64.1%)"), (0.2, "20.0% (95% interval 19.0% to 21.0%)")],
)
def test_what_the_measure_of_likeness_finds_is_the_boards(share: float, said: str) -> None:
    sentence = board_sentence(
        board(share), "tasks <b>", "recall_at_10", "finds {share} of ten", 1923, 0.95
    )
    assert f"(tasks &lt;b&gt;) finds {said} of ten, over 1,923 occupations; for a" in sentence
    assert "random order it is 1.1%" in sentence


def test_truths_of_other_texts_are_named_with_what_is_found_there() -> None:
    boards = [
        pd.DataFrame({"representation": ["tasks"], "recall": [found]}) for found in (0.4, 0.3)
    ]
    said = truths_sentence(9, "tasks", ["shared CIP", "ESCO"], boards)
    assert said.endswith("the share is 40.0% (shared CIP) and 30.0% (ESCO).")
    assert "no other is at hand" in truths_sentence(9, "tasks", [], [])


def delta(new: int = 18, gaps: int = 11, wage: float = 39_520.0, stated: int = 3) -> list[str]:
    row = pd.Series(
        {
            "origin_code": "a", "target_code": "b", "foundation": "one job zone up",
            "rests_on": "ratings of knowledge and skills", "wage_area": "Texas",
            "origin_median_wage": 29_230.0, "target_median_wage": wage,
        }
    )  # fmt: skip
    tasks = pd.DataFrame({"task": "Draw blood <b>.", "band": ["new"] * new + ["perhaps"] * 2})
    shown = pd.DataFrame({"element": [f"Element {i}" for i in range(gaps)]})
    programs = pd.DataFrame({"match": ["stated by the list"] * stated + ["text similarity"] * 2})
    move = Move("a", "b", "Cashiers", "Medical Assistants")
    return delta_sentences(move, row, shown, tasks, programs, "Texas")


def test_the_delta_in_words_counts_what_its_tables_hold() -> None:
    first, second, third = delta()
    assert "18 of 20 tasks" in first
    assert "“Draw blood &lt;b&gt;”" in first
    assert "11 gaps are clear of noise, the largest in “Element 0”" in second
    assert "$39,520 against $29,230; 3 programs in Texas are linked" in third
    assert (
        "and 2 more by words alone. These are all matches; the training guide leaves out" in third
    )
    changed = " ".join(delta(new=5, gaps=1, wage=50_000.0, stated=1))
    for said in ("5 of 7 tasks", "1 gap is clear", "$50,000 against", "1 program in Texas is"):
        assert said in changed


def tiers(labels: list[str], borderline: list[bool], worst: float = 0.011) -> list[str]:
    frame = pd.DataFrame({"tier": labels, "borderline": borderline, "group_guard": "not checked"})
    errors = pd.DataFrame(
        {
            "compared_with": ["New Jersey"], "guard": [0.05], "worst": [worst],
            "worst_low": [worst - 0.002], "worst_high": [worst + 0.002], "found": [0.514],
            "found_without": [0.673], "worst_without": [0.044],
        }
    )  # fmt: skip
    return tier_sentences(frame, errors, RULES, (None, None))


def test_the_tiers_in_words_are_those_of_the_frame_and_of_the_error_rates() -> None:
    first, second, third = tiers(["A", "A", "B", "D", "cannot be rated"], [True] + [False] * 4)
    assert first.startswith("Of 5 programs, 4 can be rated on earnings")
    assert "50.0% A, 25.0% B, 0.0% C and 25.0% D, and 25.0% of the rated are borderline" in first
    assert "1.1% (95% interval 0.9% to 1.3%; New Jersey)" in second
    assert "none could be checked by race or gender" in third
    changed = tiers(["D"] * 4, [False] * 4, worst=0.031)
    assert "0.0% A, 0.0% B, 0.0% C and 100.0% D, and 0.0%" in changed[0]
    assert "3.1% (95% interval 2.9% to 3.3%" in changed[1]


def test_programs_that_cannot_be_told_apart_are_said_to_share_a_tier() -> None:
    one = "not shown to differ: one tier for all"
    frame = pd.DataFrame({"tier": "D", "borderline": False, "reason": [one] * 3})
    errors = pd.DataFrame(
        {
            "compared_with": ["own"], "guard": [0.05], "worst": [0.0], "worst_low": [0.0],
            "worst_high": [0.0], "found": [0.3], "found_without": [0.7], "worst_without": [0.1],
        }
    )  # fmt: skip
    first = tier_sentences(frame, errors, RULES, (None, None))[0]
    assert "None of them can be told from others that it is compared with" in first
    frame.loc[0, "reason"] = "least expected loss, clear"
    assert " 1 of them can be told" in tier_sentences(frame, errors, RULES, (None, None))[0]
    frame["reason"] = "least expected loss, clear"
    assert "can be told" not in tier_sentences(frame, errors, RULES, (None, None))[0]


def test_the_index_counts_the_reports_that_there_are() -> None:
    record = {"notebook": "04_earnings_effects", "title": "Effects", "answer": ["$19."]}
    assert "<p>1 report, made from" in render_index([record], "abc")
    assert "<p>2 reports, made from" in render_index([record, record], "abc")


def test_the_index_says_where_data_are_simulated() -> None:
    record = {"notebook": "04_earnings_effects", "title": "Effects", "answer": ["$19."]}
    real = record | {"used": {"trial": {"form": "original"}}}
    made_up = record | {"used": {"state": {"form": "simulated"}}}
    assert "SIMULATED" not in render_index([real], "abc")
    assert "a SIMULATED state" in render_index([real, made_up], "abc")
