"""Codes, numbers and texts: what comes back is right, or nothing comes back."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.tables.cleaning import (
    cip_as_written,
    cip_from_number,
    number_from_text,
    onet_code_from_number,
    plain_text,
    soc_from_number,
)

CIP_DIGITS = st.integers(min_value=10_000, max_value=999_999)
MISSING = [None, float("nan")]


def as_code(digits: int) -> str:
    return f"{digits:06d}"[:2] + "." + f"{digits:06d}"[2:]


@given(CIP_DIGITS)
def test_a_cip_code_survives_every_damage_that_spreadsheets_do(digits):
    code = as_code(digits)
    for damaged in (digits, float(digits), f"{digits}.0", code, float(code), f" {code} "):
        assert cip_from_number(damaged) == code
    # binary noise, as in 11.020099999999999
    for noisy in (math.nextafter(float(code), 0), math.nextafter(float(code), 100)):
        assert cip_from_number(repr(noisy)) == code


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none()))
def test_a_cip_code_is_well_formed_or_empty(value):
    for code in (cip_from_number(value), cip_as_written(value)):
        assert re.fullmatch(r"(?!00)[0-9]{2}\.[0-9]{2}([0-9]{2})?|", code)


@pytest.mark.parametrize("short", ["51", "5108", "0", "-51.0801", "1e9", "inf", "51.08012", "0.5"])
def test_what_is_no_six_digit_code_is_not_made_one(short):
    assert cip_from_number(short) == ""


def test_a_users_four_digits_stay_four_and_one_decimal_is_refused():
    assert cip_as_written("51.08") == "51.08"
    assert cip_as_written("1.08") == "01.08"
    assert cip_as_written("00.08") == ""
    assert cip_as_written("51.1") == ""
    assert cip_as_written("51.080") == "51.0800"


@given(st.integers(min_value=0, max_value=99_999_999))
def test_an_onet_code_keeps_its_eight_digits(digits):
    text = f"{digits:08d}"
    code = f"{text[:2]}-{text[2:6]}.{text[6:]}"
    assert onet_code_from_number(text) == onet_code_from_number(f"{text}.0") == code


@given(st.integers(min_value=100_000, max_value=999_999))
def test_a_soc_code_keeps_its_six_digits(digits):
    code = f"{str(digits)[:2]}-{str(digits)[2:]}"
    assert (
        soc_from_number(digits) == soc_from_number(f"{digits}.0") == soc_from_number(code) == code
    )


@pytest.mark.parametrize("value", [*MISSING, "", "4721110", "47-2111.0x", "abcdefgh", 472111000])
def test_no_occupation_code_from_other_things(value):
    assert onet_code_from_number(value) == ""
    assert soc_from_number(value) == ""


@given(st.floats(min_value=0, max_value=1e9), st.booleans())
def test_an_amount_is_read_whatever_its_dressing(amount, grouped):
    written = f"${amount:,.2f} per term" if grouped else f"{amount:.2f}"
    assert number_from_text(written) == pytest.approx(amount, abs=0.005001)


@pytest.mark.parametrize(
    ("text", "number"),
    [("$1,234.50", 1234.5), (".50", 0.5), ("-3", -3.0), ("12 to 16 weeks", 12.0), (5600, 5600.0)],
)
def test_amounts_as_people_write_them(text, number):
    assert number_from_text(text) == number


@pytest.mark.parametrize("text", [*MISSING, "", "ERROR", "$", "varies", "-", ","])
def test_no_number_is_missing_and_never_zero(text):
    assert math.isnan(number_from_text(text))


@given(st.text(alphabet="<>/abscript&lgt;#6 0!-\n\xa0\"'=", max_size=60))
def test_plain_text_holds_no_tag_and_reading_it_again_changes_nothing(text):
    plain = plain_text(text)
    assert not re.search(r"</?[A-Za-z!?][^<>]*>", plain)
    assert plain == " ".join(plain.split())
    assert plain_text(plain) == plain


@given(st.text(alphabet=st.characters(exclude_characters="<>&", codec="utf-8")))
def test_text_without_marks_stays_as_it_is_but_for_white_space(text):
    assert plain_text(text) == " ".join(text.split())


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("<p>Learn to <b>weld</b></p>", "Learn to weld"),
        ("a<script>alert('x')</script>b", "a b"),
        ("a<style>p {color: red}</style >b", "a b"),
        ("a<!-- hidden <b> -->b", "a b"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("&amp;lt;script&amp;gt;x()&amp;lt;/script&amp;gt;", ""),
        ("score < 50 and > 20", "score < 50 and > 20"),
        ("Word&reg; &#153; &quot;Pro&quot;", 'Word® ™ "Pro"'),
    ],
)
def test_plain_text_of_what_pages_hold(raw, plain):
    assert plain_text(raw) == plain
