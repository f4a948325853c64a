"""A page holds the notebook's words and results, answer first, and none of its code."""

import itertools
import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis.reports.page import code_version, plain_page, render_index, render_page

RECORD = {
    "notebook": "04_x",
    "title": "What did <training> change?",
    "parameters": {"outcome": "<b>"},
    "framework": "Framework, 2026.11",
    "seed": 7,
    "answer": ["It changed earnings by $16."],
    "used": {
        "nsw": {
            "title": "Trial", "release": "1986", "origin": "mirror", "sha256": "ab" * 32,
            "licence": "MIT", "attribution": "LaLonde (1986)", "publisher": "x", "form": "carrier",
        }
    },
}  # fmt: skip


@pytest.fixture
def page(tmp_path: Path) -> str:
    shown = new_output("display_data", {"text/html": "<p>Effect: $16</p>", "text/plain": "a repr"})
    printed = new_output("stream", text="a warning", name="stderr")
    answer = new_code_cell(
        "study.answer()", outputs=[new_output("display_data", {"text/html": "<p>A</p>"})]
    )
    answer.metadata["tags"] = ["answer"]
    cells = [
        new_markdown_cell("# What?"),
        new_code_cell("secret_code = 1", outputs=[shown, printed]),
        new_markdown_cell("## Limits & such"),
        answer,
    ]
    path = tmp_path / "executed.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return render_page(path, RECORD, "abc123")


def test_the_answer_comes_right_after_the_title(page: str) -> None:
    assert page.index("<h1") < page.index("<p>A</p>") < page.index("Effect: $16")


def test_no_code_stream_or_plain_output_is_on_the_page(page: str) -> None:
    for word in ("secret_code", "a warning", "a repr", "¶", "&#182;", "study.answer"):
        assert word not in page


def test_the_page_asks_nothing_of_the_network(page: str) -> None:
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
    assert "<script" not in page


def test_parameters_and_titles_are_escaped_and_the_footer_is_complete(page: str) -> None:
    assert "What did &lt;training&gt; change?" in page
    assert "outcome = &#x27;&lt;b&gt;&#x27;" in page
    footer = page[page.index("<footer") :]
    for part in ("abc123", "seed 7", "abababababababab", "LaLonde (1986)", "MIT", "1986"):
        assert part in footer


def test_headings_step_down_one_at_a_time(page: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert '<html lang="en">' in page


def test_the_index_gives_each_answer_and_its_link() -> None:
    page = render_index([RECORD], "abc123")
    assert 'href="04_x.html"' in page
    assert "It changed earnings by $16." in page
    assert "What did &lt;training&gt; change?" in page


def test_the_script_stands_once_and_only_where_a_part_needs_it() -> None:
    table = '<table data-long="12"></table>'
    page = plain_page("T", table * 2, "")
    assert page.count("<script>") == 1
    assert "src=" not in page
    assert "<script" not in plain_page("T", "<table></table>", "")
    assert "<script>" in plain_page("T", '<div data-pick=""></div>', "")


def test_the_index_opens_each_report_with_its_first_finding() -> None:
    record = {**RECORD, "answer": ["It changed earnings by $16.", "Not for all."]}
    page = render_index([record], "abc123")
    assert '<p class="finding">It changed earnings by $16.</p>' in page
    folded = page[page.index("<details>") : page.index("</details>")]
    assert "Not for all." in folded
    assert "It changed earnings by $16." not in folded


def test_without_git_the_commit_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert code_version() == "unknown"
