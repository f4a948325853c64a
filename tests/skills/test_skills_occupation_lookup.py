"""Codes and titles that people write, and what they get."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import WorkbenchError
from analysis.skills.occupation_lookup import find_occupation, nearest_titles

OCCUPATIONS = pd.DataFrame(
    [
        ("29-1141.00", "Registered Nurses"),
        ("29-1141.01", "Acute Care Nurses"),
        ("29-1292.00", "Dental Hygienists"),
        ("31-9091.00", "Dental Assistants"),
        ("31-9092.00", "Medical Assistants"),
        ("35-3031.00", "Waiters and Waitresses"),
        ("41-2011.00", "Cashiers"),
        ("15-1299.01", "Web Administrators"),
        ("15-1299.02", "Geographic Information Systems Technologists"),
        ("17-2199.11", "Solar Energy Systems Engineers"),
        ("39-3093.00", "Locker Room, Coatroom, and Dressing Room Attendants"),
        ("33-3012.00", "Correctional Officers and Jailers"),
    ],
    columns=["onet_soc_code", "title"],
)
ALTERNATE = pd.DataFrame(
    [
        ("31-9092.00", "Medical Office Aide"),
        ("41-2011.00", "Checker"),
        ("39-3093.00", "Checker"),
        ("41-2011.00", "Registered Nurse"),
        ("35-3031.00", "Server"),
        ("00-0000.00", "Wizard"),
    ],
    columns=["onet_soc_code", "alternate_title"],
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31-9092.00", "31-9092.00"),
        ("31-9092", "31-9092.00"),
        (" 29-1141 ", "29-1141.00"),
        ("17-2199", "17-2199.11"),
        ("Medical Assistants", "31-9092.00"),
        ("medical  assistant", "31-9092.00"),
        ("waiter and waitress", "35-3031.00"),
        ("Registered Nurse", "29-1141.00"),  # its own title before an alternate one of cashiers
        ("medical office aides", "31-9092.00"),
        ("SERVER", "35-3031.00"),
        ("Locker Room, Coatroom and Dressing Room Attendant", "39-3093.00"),
    ],
)
def test_found(text, code):
    assert find_occupation(text, OCCUPATIONS, ALTERNATE) == code


@given(st.sampled_from(OCCUPATIONS.to_dict("records")), st.randoms(use_true_random=False))
def test_case_does_not_matter(row, random):
    text = "".join(random.choice((c.lower(), c.upper())) for c in row["title"])
    assert find_occupation(text, OCCUPATIONS) == row["onet_soc_code"]


def message(text, alternate=ALTERNATE):
    with pytest.raises(WorkbenchError) as caught:
        find_occupation(text, OCCUPATIONS, alternate)
    return str(caught.value)


def test_misspelt_title_is_answered_with_suggestions():
    said = message("Medcal Asistant")
    assert "Did you mean Medical Assistants (31-9092.00), Dental Assistants" in said
    assert said.count("(") >= 3


def test_a_title_of_two_occupations_lists_both():
    said = message("checker")
    assert "a title of 2 occupations" in said
    assert "Cashiers (41-2011.00)" in said
    assert "39-3093.00" in said


def test_alternate_titles_of_unknown_occupations_do_not_count():
    assert "no occupation is called 'Wizard'" in message("Wizard")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15-1299", "SOC code 15-1299 holds 2 occupations: Web Administrators (15-1299.01), "),
        ("31-9099", "no occupation has the code 31-9099. "),
        ("31-9099", "Near it: Dental Assistants (31-9091.00), Medical Assistants (31-9092.00)"),
        ("31-909", "'31-909' is no occupation code"),
        ("319092", "'319092' is no occupation code"),
        ("99-9999", "Codes look like 31-9092 or 31-9092.00."),
        ("  ", "no occupation named"),
    ],
)
def test_code_errors(text, expected):
    assert expected in message(text)


def test_nearest_titles_do_not_mind_the_order_of_words():
    assert nearest_titles("assistant, dental", OCCUPATIONS, n=1) == ["31-9091.00"]
