"""The worker's page: complete in both languages, plain, escaped, and true to its tables."""

import re
import string
from collections.abc import Callable

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
    "payback_months": 3.0,
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


FILLED = {
    "count": "20", "new": "18", "shown": "4", "before": "$29,230", "after": "$39,520",
    "area": "Texas", "place": "Texas", "tier": "B", "runner_up": "A", "first": "A", "last": "D",
    "cost": "$2,450", "weeks": "16", "months": "3",
}  # fmt: skip
# titles and lists of names are data, and no sentences
_NAMES = ("language", "title", "for_whom", "sources")


def prose(language: str) -> tuple[list[str], list[str]]:
    """Words and sentences of everything that the handout can say in a language."""
    said = [text.format(**FILLED) for key, text in catalogue(language).items() if key not in _NAMES]
    sentences = [part for text in said for part in re.split(r"[.!?:]\s+|[.!?:]$", text) if part]
    return re.findall(r"[^\W\d_]+(?:'\w+)?", " ".join(sentences)), sentences


def english_syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    return max(1, groups - bool(re.search(r"[^aeiouyl]e(s|d)?$", word.lower())))


def spanish_syllables(word: str) -> int:
    """Strong and accented vowels, and weak ones that lean on none."""
    plain = re.sub(r"qu(?=[eiéí])|gu(?=[eiéí])", "q", word.lower())
    runs = re.findall(r"[aeiouáéíóúü]+", plain.replace("y", "i") if plain == "y" else plain)
    return max(1, sum(max(1, len(re.findall(r"[aeoáéóíú]", run))) for run in runs))


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (english_syllables, {"most": 1, "grade": 1, "people": 2, "training": 2, "coach": 1}),
        (english_syllables, {"education": 4, "teach": 1, "table": 2, "results": 2, "program": 2}),
        (spanish_syllables, {"página": 3, "aprenderlo": 4, "quizás": 2, "usted": 2, "día": 2}),
        (spanish_syllables, {"matrícula": 4, "institución": 4, "bueno": 2, "guía": 2, "y": 1}),
    ],
)
def test_syllables_are_counted_as_spoken(count: Callable, words: dict[str, int]) -> None:
    assert {word: count(word) for word in words} == words


def test_english_is_at_reading_grade_8_or_lower() -> None:
    """Flesch-Kincaid (1975) and the automated readability index (1967), over all it can say."""
    words, sentences = prose("en")
    a_sentence = len(words) / len(sentences)
    syllables = sum(map(english_syllables, words)) / len(words)
    flesch_kincaid = 0.39 * a_sentence + 11.8 * syllables - 15.59
    automated = 4.71 * sum(map(len, words)) / len(words) + 0.5 * a_sentence - 21.43
    assert max(flesch_kincaid, automated) <= 8, (flesch_kincaid, automated)
    # no single sentence is a long one
    assert max(len(sentence.split()) for sentence in sentences) <= 25


def test_spanish_is_quite_easy_to_read() -> None:
    """Fernández Huerta (1959) and INFLESZ (Barrio-Cantalejo 2008): quite easy from 70 and 65 on."""
    words, sentences = prose("es")
    a_sentence = len(words) / len(sentences)
    syllables = sum(map(spanish_syllables, words)) / len(words)
    fernandez_huerta = 206.84 - 60 * syllables - 1.02 * a_sentence
    inflesz = 206.835 - 62.3 * syllables - a_sentence
    assert fernandez_huerta >= 70, fernandez_huerta
    assert inflesz >= 65, inflesz
    assert max(len(sentence.split()) for sentence in sentences) <= 28


def test_spanish_speaks_to_the_reader_as_usted_and_opens_its_questions() -> None:
    for key, text in catalogue("es").items():
        assert text.count("?") == text.count("¿"), key
        assert not re.search(r"\b(tú|tu|tus|te|ti|contigo|vosotros)\b", text.lower()), key


def test_text_from_data_is_shown_and_never_run() -> None:
    page = handout_page(handout(), "en")
    assert "<script>" not in page
    assert "Medical &lt;Assistants&gt;" in page
    assert "=HYPERLINK(1)&lt;script&gt;" in page
    assert "كلية النور" in page


def test_numbers_and_grades_are_those_of_the_tables() -> None:
    page = handout_page(handout(), "en")
    assert "has 2 tasks. One of them is not like any task of your old job:" in page
    assert "less than $29,230 a year" in page
    assert "$2,450 for tuition" in page
    assert "any aid; about 3 months of the step in pay, if you get it; 16 weeks" in page
    assert "Grade B, close to grade A, for this field at this college" in page
    changed = handout(
        [PROGRAM | {"cost": None, "payback_months": None, "tier": None, "weeks": None}]
    )
    page = handout_page(changed, "en")
    assert "cost not stated; length not stated" in page
    assert "<strong>No grade.</strong>" in page


def test_its_own_grade_is_not_called_lent() -> None:
    own = PROGRAM | {"rated_as": "this program", "borderline": False}
    assert "<strong>Grade B.</strong>" in handout_page(handout([own]), "en")


def test_no_program_and_programs_by_name_alone_are_said() -> None:
    assert "We found no program in TX" in handout_page(handout([]), "en")
    alike = handout([PROGRAM | {"match": "text similarity"}])
    assert "This one sounds like it" in handout_page(alike, "en")
    assert "No encontramos en TX" in handout_page(handout([]), "es")


@pytest.mark.parametrize(
    ("count", "english", "spanish"),
    [
        (1, "<p>One program fits:</p>", "Hay un programa que le puede servir:"),
        (3, "<p>3 programs fit:</p>", "Hay 3 programas que le pueden servir:"),
        (6, "6 programs fit. The first 4 of them:", "Estos son los primeros 4:"),
    ],
)
def test_a_count_has_the_words_of_its_number(count: int, english: str, spanish: str) -> None:
    several = handout([PROGRAM | {"weeks": 1.0, "payback_months": 1.0}] * count)
    assert english in handout_page(several, "en")
    assert spanish in handout_page(several, "es")
    assert "; one week;" in handout_page(several, "en")
    assert "más o menos un mes del aumento de sueldo, si lo consigue; una semana" in handout_page(
        several, "es"
    )
    free = handout([PROGRAM | {"cost": 0.0, "payback_months": 0.0}])
    assert "of the step in pay" not in handout_page(free, "en")


def test_unknown_pay_and_a_small_step_are_said() -> None:
    unknown = PAIR.copy()
    unknown["target_median_wage"] = float("nan")
    page = handout_page(handout(pair=unknown, is_small_step=True), "en")
    assert "We do not know the pay" in page
    assert "Maybe not. The step is small." in page


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="'fr' is no language of the handout"):
        handout_page(handout(), "fr")
