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
def appendix(mirror: Path) -> dict[str, tuple[str, str, set[str]]]:
    """Name, type and code values of each element, read from the text of the publisher's PDF."""
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext (poppler-utils) is not installed: the layout's text cannot be read")
    file = mirror / "pirl-public-layout" / "record_layout_py2022q4.pdf"
    command = [reader, "-layout", str(file), "-"]
    text = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    lines = text.replace("\f", "\n").split("\n")
    starts = [(place, found) for place, line in enumerate(lines) if (found := _ROW.match(line))]
    ends = [place for place, _ in starts[1:]] + [starts[-1][0] + 14]
    return {
        found[1]: (
            _name(lines[place:end], found),
            f"{found[3]} {found[4]}",
            set(re.findall(r"(?<![\d/#])(\d{1,2}) ?= ?(?=[A-Z])", "\n".join(lines[place:end]))),
        )
        for (place, found), end in zip(starts, ends, strict=True)
    }


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
