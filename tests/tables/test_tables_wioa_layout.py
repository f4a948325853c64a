"""The data file of the WIOA records says what the official layout says."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from analysis.tables.wioa_layout import element_number, wioa_layout

# number, first line of the name, type and length, as a row of appendix A begins
_ROW = re.compile(r"^\s{0,8}((?:CALC)?\d{3,4}(?:-[ABC])?)\s{2,}(\S.*?)\s{2,}(AN|IN|DT)\s?(\d+)\b")


@pytest.fixture(scope="module")
def layout_lines(mirror: Path) -> list[str]:
    """Lines of the publisher's PDF as they stand on the page."""
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext (poppler-utils) is not installed: the layout's text cannot be read")
    file = mirror / "pirl-public-layout" / "record_layout_py2022q4.pdf"
    command = [reader, "-layout", str(file), "-"]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return text.replace("\f", "\n").split("\n")


def _elements(lines: list[str]) -> list[tuple[re.Match[str], list[str]]]:
    """First row of each element, and all of its rows."""
    starts = [(place, found) for place, line in enumerate(lines) if (found := _ROW.match(line))]
    ends = [place for place, _ in starts[1:]] + [starts[-1][0] + 14]
    return [(found, lines[place:end]) for (place, found), end in zip(starts, ends, strict=True)]


@pytest.fixture(scope="module")
def appendix(layout_lines: list[str]) -> dict[str, tuple[str, str, set[str]]]:
    """Name, type and code values of each element, read from the text of the publisher's PDF."""
    return {
        found[1]: (
            _name(block, found),
            f"{found[3]} {found[4]}",
            set(re.findall(r"(?<![\d/#])(\d{1,2}) ?= ?(?=[A-Z])", "\n".join(block))),
        )
        for found, block in _elements(layout_lines)
    }


@pytest.fixture(scope="module")
def instructions(layout_lines: list[str]) -> dict[str, str]:
    """All words of each element in one line."""
    return {found[1]: " ".join(" ".join(block).split()) for found, block in _elements(layout_lines)}


def _name(block: list[str], found: re.Match[str]) -> str:
    """The name wraps within its own column of the page."""
    words = [found[2]]
    for line in block[1:]:
        if re.search(r"Public Use File|DATA ELEMENT|^\s*A-\d+\s*$|SECTION", line):
            break
        if line[: found.start(2) - 3].strip():
            break
        part = re.split(r" {3,}", line[found.start(2) - 2 : found.start(3) - 1].strip())[0]
        words += [part] if part else []
    return " ".join(words)


def test_every_element_of_the_layout_is_named_in_order(
    appendix: dict[str, tuple[str, str, set[str]]],
) -> None:
    assert list(appendix) == list(wioa_layout().about.numbers)
    assert len(appendix) == 288


def test_names_types_and_codes_are_the_layout_s(
    appendix: dict[str, tuple[str, str, set[str]]],
) -> None:
    for element in wioa_layout().elements:
        name, kind, codes = appendix[element.number]
        assert element.name == name, element.number
        assert element.type == kind, element.number
        if element.kind == "code":
            assert set(element.codes) == codes, element.number


def test_the_credential_rule_uses_every_element_that_the_layout_says_applies(
    instructions: dict[str, str],
) -> None:
    """Notes of the layout say which elements make the credential rate, and which are of its base.

    PIRL 1814 is for programs of vocational rehabilitation, which are not in this file.
    """
    said = r"applies to (?:both )?the Credential Rate indicator|included in the credential rate"
    applying = {number for number, words in instructions.items() if re.search(said, words)}
    assert applying == {"1332", "1406", "1800", "1802", "1804"}
    rule = wioa_layout().indicator("credential")
    columns = {wioa_layout().by_number(number).column for number in applying}
    assert columns <= set(re.findall(r"[a-z][a-z0-9_]+", f"{rule.of} {rule.met}"))
    assert (
        "those who are recorded as 1 are included in the credential rate denominator"
        in (instructions["1332"])
    )
    assert "postsecondary_enrolled = '1'" in rule.of
    for number in ("1800", "1802", "1804"):
        assert "participation or within one year of exit" in instructions[number]
        column = wioa_layout().by_number(number).column
        assert f"{column}_date <= exit_date + INTERVAL 1 YEAR" in rule.met
        assert "1 = Secondary School Diploma" in instructions[number]
    training = instructions["1303"]
    assert re.search(r"training_type, '00'\) NOT IN \('00', '01', '05'\)", rule.of)
    for code in ("01 = On the Job Training", "05 = Customized Training", "00 = No Training"):
        assert code in training


def test_every_reason_of_exit_but_none_is_an_exclusion(
    appendix: dict[str, tuple[str, str, set[str]]],
) -> None:
    codes = appendix["923"][2] - {"00"}
    assert set(re.findall(r"'(\d\d)'", wioa_layout().universe.exclusion)) - {"00"} == codes


def test_each_indicator_stands_beside_the_publisher_s_of_the_same_name(
    appendix: dict[str, tuple[str, str, set[str]]],
) -> None:
    names = {
        entry.id: appendix[wioa_layout().element(entry.publisher).number][0]
        for entry in wioa_layout().indicators
        if entry.publisher
    }
    assert names == {
        "employed_q2": "WIOA Employment rate (quarter 2)",
        "employed_q4": "WIOA Employment rate (quarter 4)",
        "median_earnings_q2": "WIOA Median earnings (quarter 2)",
        "credential": "WIOA Credential rate",
        "youth_q2": "WIOA Youth Employment rate (quarter 2)",
        "youth_q4": "WIOA Youth Employment rate (quarter 4)",
        "youth_median_earnings_q2": "WIOA Youth Median earnings (quarter 2)",
    }


def test_education_counts_for_youth_by_every_placement_of_the_layout(
    appendix: dict[str, tuple[str, str, set[str]]],
) -> None:
    for quarter, number in (("q2", "1900"), ("q4", "1901")):
        placed = sorted(appendix[number][2] - {"0"})
        rule = wioa_layout().indicator(f"youth_{quarter}")
        words = ", ".join(f"'{code}'" for code in placed)
        assert f"youth_placement_{quarter} IN ({words})" in rule.met


def test_columns_are_unique_and_rules_name_columns_that_exist() -> None:
    layout = wioa_layout()
    columns = [element.column for element in layout.elements]
    assert len(set(columns)) == len(columns)
    known = {*columns, "known", "met"}
    for indicator in layout.indicators:
        for sql in (indicator.of, indicator.known, indicator.met, indicator.value):
            words = re.findall(r"\b[a-z][a-z0-9_]+\b", re.sub(r"'[^']*'|\{[a-z_]+\}", "", sql))
            assert set(words) - {"coalesce", "left", "true"} <= known, indicator.id
        assert indicator.publisher in {*columns, ""}
        assert (indicator.measure == "share") == bool(indicator.met)
        assert (indicator.measure != "share") == bool(indicator.value)


def test_the_eight_elements_named_by_the_terms_are_kept_as_published() -> None:
    layout = wioa_layout()
    assert layout.about.minimum_cell == 3
    for column in ("occupation_before", "occupation_after", "occupation_q2", "occupation_q4"):
        assert layout.element(column).kind == "occupation"


@pytest.mark.parametrize(
    ("heading", "number"),
    [
        ("PIRL 201", "201"),
        ("pirl201", "201"),
        ("PIRL_1704", "1704"),
        ("CALC 4020", "CALC4020"),
        ("PIRLCALC4020", "CALC4020"),
        ("201", "201"),
        ("PIRL 108-A", ""),
        ("Report_Quarter", ""),
    ],
)
def test_headings_of_each_release_are_read(heading: str, number: str) -> None:
    assert element_number(heading) == number
