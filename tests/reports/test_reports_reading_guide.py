"""Five questions for each report, each with the section that answers it; methods and words."""

import json
import re

import pytest

from analysis.framework import load_framework
from analysis.parameters import all_notebooks, notebook_folder
from analysis.reports.methods_page import METHODS, described, glossary, render_methods
from analysis.reports.reading_guide import anchor, questions_of, with_contents


def headings(name: str) -> list[str]:
    cells = json.loads((notebook_folder() / f"{name}.ipynb").read_text("utf-8"))["cells"]
    lines = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    return [line[3:].replace("\\*", "*") for line in lines.splitlines() if line.startswith("## ")]


@pytest.mark.parametrize("name", all_notebooks())
def test_each_report_answers_five_questions_in_sections_that_it_has(name):
    asked = questions_of(name)
    assert len(asked) == 5
    assert {heading for _, heading in asked} <= set(headings(name))
    assert all(ask.endswith("?") for ask, _ in asked)


@pytest.mark.parametrize("name", all_notebooks())
def test_no_two_sections_share_an_address(name):
    anchors = [anchor(heading) for heading in headings(name)]
    assert len(set(anchors)) == len(anchors)


def test_contents_come_before_the_first_section_and_escape_its_words():
    body = "<p>Answer.</p><h2>A &lt;b&gt; &amp; c</h2><p>x</p><h2>What carries over</h2>"
    page = with_contents(body, "02_skill_delta")
    assert page.index("What this report answers") < page.index('<h2 id="a-b-c">')
    assert '<a href="#a-b-c">A &lt;b&gt; &amp; c</a>' in page
    # a question is only asked where its section is on the page
    assert page.count("?</a>") == 1
    assert with_contents("<p>nothing</p>", "02_skill_delta") == "<p>nothing</p>"


def test_every_link_of_the_methods_page_leads_somewhere():
    page = render_methods(load_framework(), "abc")
    ids = set(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids
    assert len(ids) > 6


@pytest.mark.parametrize("place", [place for _, places in METHODS for place in places])
def test_every_method_is_described_without_its_parameters(place):
    title, words = described(place)
    assert title.endswith(".")
    assert not re.search(r"-{4,}|^Parameters", words)
    assert (
        title
        in render_methods(load_framework(), "abc")
        .replace("<code>", "`")
        .replace("</code>", "`")
        .replace("&#x27;", "'")
        or "`" in title
    )


def test_the_methods_page_follows_the_framework():
    framework = load_framework()
    page = render_methods(framework, "abc")
    for metric in framework.metrics:
        assert metric.name in page
    changed = framework.model_copy(
        update={"disclosure": framework.disclosure.model_copy(update={"minimum_cell": 77})}
    )
    assert "77 people." in render_methods(changed, "abc")
    assert "77 people." not in page


def test_words_are_explained_in_sentences():
    for word, meaning in glossary().items():
        assert meaning.endswith("."), word
        assert len(meaning) > 30
