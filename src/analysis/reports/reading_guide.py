"""Where on a report its reader's questions are answered: anchors, five questions, all sections."""

import html
import re
import tomllib
from importlib import resources

_HEADING = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)


def questions_of(notebook: str) -> list[tuple[str, str]]:
    """Questions of a report's readers, each with the heading of the section that answers it.

    Parameters
    ----------
    notebook : str
        Name of the notebook, without ``.ipynb``.

    Returns
    -------
    list of tuple of str
        Question and heading; empty for a notebook that has none.

    Examples
    --------
    >>> questions_of("04_earnings_effects")[1][1]
    'Does the program narrow the gap between groups?'
    """
    path = resources.files("analysis") / "reports" / "template" / "questions.toml"
    known = tomllib.loads(path.read_text("utf-8"))
    return [(ask, heading) for ask, heading in known.get(notebook, {}).get("questions", [])]


def anchor(heading: str) -> str:
    """Name of a section in an address.

    Parameters
    ----------
    heading : str

    Returns
    -------
    str
        Small letters and digits, hyphens for everything between.

    Examples
    --------
    >>> anchor("Truths that O*NET's recipe did not make")
    'truths-that-o-net-s-recipe-did-not-make'
    """
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")


def with_contents(body: str, notebook: str) -> str:
    """The page with an address for each section, and what it answers before the first of them.

    Parameters
    ----------
    body : str
        HTML with ``h2`` headings of plain text.
    notebook : str

    Returns
    -------
    str

    Examples
    --------
    >>> page = with_contents("<p>Answer.</p><h2>How</h2><p>So.</p>", "none")
    >>> '<h2 id="how">How</h2>' in page, page.index("<nav") < page.index("<h2")
    (True, True)
    """
    headings = [html.unescape(found) for found in _HEADING.findall(body)]
    if not headings:
        return body
    named = _HEADING.sub(
        lambda found: f'<h2 id="{anchor(html.unescape(found[1]))}">{found[1]}</h2>', body
    )
    first = named.index("<h2 id=")
    asked = [(ask, heading) for ask, heading in questions_of(notebook) if heading in headings]
    parts = ['<nav class="contents" aria-label="On this page">']
    if asked:
        parts.append("<p><strong>What this report answers</strong></p>" + _links(asked))
    parts.append(
        "<details><summary>All sections</summary>"
        + _links([(heading, heading) for heading in headings])
        + "</details></nav>"
    )
    return named[:first] + "".join(parts) + named[first:]


def _links(entries: list[tuple[str, str]]) -> str:
    items = "".join(
        f'<li><a href="#{anchor(heading)}">{html.escape(words)}</a></li>'
        for words, heading in entries
    )
    return f"<ul>{items}</ul>"
