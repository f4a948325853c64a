"""The reports of the default run in a real browser: what each owes its reader."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from analysis.parameters import all_notebooks
from analysis.paths import reports_folder
from analysis.reports.handout import LANGUAGES

VIEWS = [
    {"width": 1280},
    {"width": 320},
    {"width": 1280, "scheme": "dark"},
    {"width": 1280, "forced": True},
]
LARGEST_PAGE = 3_000_000
HANDOUTS = [reports_folder() / f"06_training_guide/handout_{code}.html" for code in LANGUAGES]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("printed")


@pytest.fixture(scope="module")
def looks(printed: Path, driven: Callable[..., Any]) -> list[dict[str, Any]]:
    """What the browser found on each page, in each view."""
    pages = [*(reports_folder() / f"{name}.html" for name in all_notebooks())]
    pages += [*(reports_folder() / name for name in ("index.html", "methods.html")), *HANDOUTS]
    if missing := [page.name for page in pages if not page.is_file()]:
        pytest.fail(f"no report {', '.join(missing)}: run 'workbench run' first")
    files = [str(page) for page in pages]
    return list(driven("look.js", pages=files, views=VIEWS, pdf=str(printed)))


def each(looks: list[dict[str, Any]], key: str) -> Iterator[tuple[str, Any]]:
    for look in looks:
        yield f"{look['file']} {look['view']}", look[key]


def test_axe_finds_no_violation_wide_narrow_dark_and_in_forced_colours(looks: list) -> None:
    assert [(page, found) for page, found in each(looks, "violations") if found] == []


def test_no_request_leaves_the_page_and_nothing_fails_in_it(looks: list) -> None:
    assert [(page, found) for page, found in each(looks, "requests") if found] == []
    assert [(page, found) for page, found in each(looks, "errors") if found] == []


def test_at_320_pixels_nothing_scrolls_sideways_but_a_table(looks: list) -> None:
    assert [(page, over) for page, over in each(looks, "overflow") if over > 0] == []


def test_language_title_and_headings(looks: list) -> None:
    for page, levels in each(looks, "headings"):
        assert levels.count(1) == 1, page
        assert levels[0] == 1, page
        assert all(after - before <= 1 for before, after in pairwise(levels)), page
    assert {look["file"]: look["lang"] for look in looks if look["lang"] != "en"} == {
        "handout_es.html": "es"
    }
    titles = {look["file"]: look["title"] for look in looks}
    assert len(set(titles.values())) == len(titles)


def test_every_picture_says_what_it_shows_and_every_table_is_named(looks: list) -> None:
    for page, pictures in each(looks, "pictures"):
        assert all(len(alt) > 40 for alt in pictures), page
        assert len(set(pictures)) == len(pictures), page
    for page, tables in each(looks, "tables"):
        assert all(table["caption"] and not table["unscoped"] for table in tables), page


def test_every_link_leads_somewhere(looks: list) -> None:
    ids = {look["file"]: look["ids"] for look in looks}
    for look in looks:
        for link in look["links"]:
            target = urlsplit(link)
            if target.scheme:
                assert target.scheme == "https", link
            elif target.path:
                assert (reports_folder() / unquote(target.path)).is_file(), (look["file"], link)
                # a question on the index leads to the section that answers it
                known = ids.get(target.path, [])
                assert not target.fragment or target.fragment in known, (look["file"], link)
            else:
                assert target.fragment in look["ids"], (look["file"], link)


def test_the_answer_stands_on_every_page_and_no_page_is_heavy(looks: list) -> None:
    # the handouts and the page on methods answer no question of a report
    others = ("handout", "methods.html")
    assert all(answer or page.startswith(others) for page, answer in each(looks, "answer"))
    sizes = {p.name: p.stat().st_size for p in reports_folder().glob("*.html")}
    assert {name: size for name, size in sizes.items() if size > LARGEST_PAGE} == {}


@pytest.mark.usefixtures("looks")
def test_a_handout_fits_on_one_sheet(printed: Path) -> None:
    for code in LANGUAGES:
        content = (printed / f"handout_{code}.pdf").read_bytes()
        assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1, code


@pytest.mark.usefixtures("looks")
def test_pages_print_to_tagged_pdf(printed: Path) -> None:
    for name in all_notebooks():
        content = (printed / f"{name}.pdf").read_bytes()
        assert b"/StructTreeRoot" in content, name
        assert b"/Lang" in content, name
