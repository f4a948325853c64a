"""The worker's page: complete in both languages, plain, escaped, and true to its tables."""

import re
import string

import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.reports.handout import LANGUAGES, Handout, catalogue, handout_page

PAIR = pd.Series(
    {
        "origin_title": "Cashiers",
        "target_title": "Medical <Assistants>",
        "origin_median_wage": 29230.0,
        "target_median_wage": 39520.0,
        "wage_area": "Texas",
    }
)
PROGRAM = {
    "program": "=HYPERLINK(1)<script>",
    "provider": "كلية النور",
    "where": "Waco, Hybrid",
    "cost": 2450.0,
    "weeks": 16.0,
    "tier": "B",
    "runner_up": "A",
    "borderline": True,
    "rated_as": "the same college, field and level (Certificate)",
    "match": "stated by the list",
}


def handout(programs: list[dict] | None = None, **changes: object) -> Handout:
    tasks = pd.DataFrame({"task": ["Draw blood.", "Greet people."], "band": ["new", "perhaps"]})
    parts = {
        "pair": PAIR,
        "strengths": pd.DataFrame({"strength": ["Speaking"]}),
        "tasks": tasks,
        "technology": pd.DataFrame({"commodity_title": ["Medical software"]}),
        "programs": pd.DataFrame(
            [PROGRAM] if programs is None else programs, columns=list(PROGRAM)
        ),
        "place": "TX",
        "is_small_step": False,
        "tier_labels": ["A", "B", "C", "D"],
        "weak_matches": ["text similarity"],
        "sources": ["O*NET 29.2"],
    }
    return Handout(**(parts | changes))


def fields(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_with_the_same_fields(language: str) -> None:
    english, other = catalogue("en"), catalogue(language)
    assert list(english) == list(other)
    assert {k: fields(v) for k, v in english.items()} == {k: fields(v) for k, v in other.items()}


def test_english_is_at_reading_grade_8_or_lower() -> None:
    """Automated readability index (Smith and Senter 1967): characters a word, words a sentence."""
    words = [text for key, text in catalogue("en").items() if key.endswith(("lead", "_note"))]
    words += [catalogue("en")[key] for key in ("pay", "need_small", "need_large", "unknown")]
    words += [catalogue("en")[key] for key in ("programs_alike", "programs_none", "new_ask")]
    text = re.sub(r"\{\w+\}", "it", " ".join(words))
    sentences = [part for part in re.split(r"[.!?:]\s*", text) if part]
    tokens = re.findall(r"[A-Za-z']+", text)
    index = 4.71 * sum(map(len, tokens)) / len(tokens) + 0.5 * len(tokens) / len(sentences) - 21.43
    assert index <= 8, index


def test_text_from_data_is_shown_and_never_run() -> None:
    page = handout_page(handout(), "en")
    assert "<script>" not in page
    assert "Medical &lt;Assistants&gt;" in page
    assert "=HYPERLINK(1)&lt;script&gt;" in page
    assert "كلية النور" in page


def test_numbers_and_grades_are_those_of_the_tables() -> None:
    page = handout_page(handout(), "en")
    assert "has 2 tasks. 1 of them are not like" in page
    assert "less than $29,230 a year" in page
    assert "$2,450 for tuition" in page
    assert "16 weeks" in page
    assert "Grade B, close to grade A, for this field at this college" in page
    changed = handout([PROGRAM | {"cost": None, "tier": None, "weeks": None}])
    page = handout_page(changed, "en")
    assert "cost not stated; length not stated" in page
    assert "<strong>No grade.</strong>" in page


def test_its_own_grade_is_not_called_lent() -> None:
    own = PROGRAM | {"rated_as": "this program", "borderline": False}
    assert "<strong>Grade B.</strong>" in handout_page(handout([own]), "en")


def test_no_program_and_programs_by_name_alone_are_said() -> None:
    assert "We found no program in TX" in handout_page(handout([]), "en")
    alike = handout([PROGRAM | {"match": "text similarity"}])
    assert "These 1 sound like it" in handout_page(alike, "en")
    assert "No encontramos en TX" in handout_page(handout([]), "es")


def test_unknown_pay_and_a_small_step_are_said() -> None:
    unknown = PAIR.copy()
    unknown["target_median_wage"] = float("nan")
    page = handout_page(handout(pair=unknown, is_small_step=True), "en")
    assert "We do not know the pay" in page
    assert "Maybe not. The step is small." in page


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="'fr' is no language of the handout"):
        handout_page(handout(), "fr")
