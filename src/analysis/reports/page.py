"""From an executed notebook to a page without code, and from all studies to the index page."""

import html
import json
import subprocess
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from analysis.atomic import write_text
from analysis.paths import project_root
from analysis.reports.reading_guide import anchor, questions_of, with_contents
from analysis.reports.words import count_noun

Record = dict[str, Any]


# what the script of the pages brings to life
_ENLIVENED = ("data-long", "data-pick")


def _template(name: str) -> str:
    folder = resources.files("analysis") / "reports" / "template"
    return (folder / name).read_text("utf-8")


def render_page(executed: Path, record: Record, commit: str) -> str:
    """HTML of a report: the notebook's words and results, never its code.

    Parameters
    ----------
    executed : Path
        The executed notebook. A cell tagged ``answer`` comes right after the title, wherever
        it stands in the notebook, since a reader wants the answer first.
    record : dict
        The study's record (``study.json``).
    commit : str
        Version of the code.

    Returns
    -------
    str

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> cells = [nbformat.v4.new_markdown_cell("# Title"), nbformat.v4.new_code_cell("secret = 1")]
    >>> answer = nbformat.v4.new_markdown_cell("Yes.", metadata={"tags": ["answer"]})
    >>> record = {"notebook": "none", "title": "A study", "parameters": {}, "used": {}, "seed": 1,
    ...           "framework": "ours"}
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "run.ipynb"
    ...     nbformat.write(nbformat.v4.new_notebook(cells=[*cells, answer]), path)
    ...     page = render_page(path, record, "abc")
    >>> page.index("Title</h1>") < page.index("<p>Yes.</p>"), "secret" in page
    (True, False)
    """
    notebook = nbformat.read(executed, as_version=4)
    cells = notebook.cells
    first = [cell for cell in cells if "answer" in cell.metadata.get("tags", [])]
    rest = [cell for cell in cells if "answer" not in cell.metadata.get("tags", [])]
    ordered = [*rest[:1], *first, *rest[1:]]
    body = "\n".join(part for cell in ordered for part in _cell_parts(cell))
    body = with_contents(body, record["notebook"])
    return plain_page(record["title"], body, _footer(record, commit, notebook.metadata), home=True)


def plain_page(title: str, body: str, footer: str, *, home: bool = False) -> str:
    """HTML page in the look of the reports; the caller has escaped what stands in its parts.

    Parameters
    ----------
    title : str
        Escaped here.
    body, footer : str
        HTML.
    home : bool
        Whether the page links to the index.

    Returns
    -------
    str

    Examples
    --------
    >>> page = plain_page("Wages & work", "<h1>Wages</h1>", "<p>Code</p>")
    >>> "<title>Wages &amp; work" in page, "<h1>Wages</h1>" in page, "<script" in page
    (True, True, False)
    >>> "<script" in plain_page("Wages", "<table data-long='12'></table>", "")
    True
    """
    page = jinja2.Environment(autoescape=True).from_string(_template("page.html"))
    script = _template("script.js") if any(mark in body for mark in _ENLIVENED) else ""
    return page.render(
        title=title, style=_template("style.css"), home=home, body=body, footer=footer,
        script=script,
    )  # fmt: skip


def _cell_parts(cell: nbformat.NotebookNode) -> list[str]:
    if cell.cell_type == "markdown":
        return [_markdown(cell.source)]
    if cell.cell_type != "code":
        return []
    return [
        output.data["text/html"]
        for output in cell.outputs
        if output.output_type in ("display_data", "execute_result") and "text/html" in output.data
    ]


def _markdown(source: str) -> str:
    # anchors that carry a pilcrow are noise to a screen reader
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(source))


def _footer(record: Record, commit: str, metadata: Mapping[str, Any]) -> str:
    def item(term: str, value: str) -> str:
        return f"<dt>{html.escape(term)}</dt><dd>{value}</dd>"

    given = ", ".join(f"{name} = {value!r}" for name, value in record["parameters"].items())
    used = "".join(
        f"<li>{html.escape(entry['title'])}: {html.escape(entry['release'])}, from "
        f"{html.escape(entry['origin'])}, sha256 <code>{entry['sha256'][:16]}</code>, "
        f"{html.escape(entry['licence'])}</li>"
        for entry in record["used"].values()
    )
    terms = sorted({entry["attribution"] for entry in record["used"].values()} - {""})
    credits = "".join(f"<li>{html.escape(term)}</li>" for term in terms)
    ran = metadata.get("papermill", {})
    day, seconds = str(ran.get("start_time", ""))[:10], ran.get("duration")
    when = f"{day}, {seconds:.0f} seconds" if day and seconds is not None else "not recorded"
    releases = "; ".join(sorted({entry["release"] for entry in record["used"].values()} - {""}))
    cite = (
        f"Effective Training Workbench: “{record['title']}”. Report of {day or 'an unknown day'}, "
        f"code {commit}, {record['framework']}; data: {releases or 'none'}."
    )
    return (
        '<h2 id="how-this-report-was-made">How this report was made</h2><dl>'
        + item("Parameters", html.escape(given) or "none")
        + item("Framework", html.escape(record["framework"]))
        + item("Code", f"commit <code>{html.escape(commit)}</code>, seed {record['seed']}")
        + item("Run", html.escape(when))
        + item("Cite this", html.escape(cite))
        + item("Data", f"<ul>{used}</ul>")
        + item("Attribution and licences", f"<ul>{credits}</ul>")
        + "</dl>"
    )


def render_index(records: list[Record], commit: str) -> str:
    """HTML of the index: each report with its answer.

    Parameters
    ----------
    records : list of dict
        Studies' records (``study.json``): ``notebook``, ``title``, ``answer`` (sentences, HTML) and
        ``used`` (sources, each with its ``form``).
    commit : str
        Version of the code.

    Returns
    -------
    str

    Examples
    --------
    >>> record = {"notebook": "none", "title": "Does it pay?", "answer": ["Yes.", "By $900."]}
    >>> page = render_index([record], "abc")
    >>> '<a href="none.html">Does it pay?</a></h2><p class="finding">Yes.</p>' in page
    True
    >>> "1 report, made from published data," in page
    True
    """
    cards = [_card(record) for record in records]
    used = [entry for record in records for entry in record.get("used", {}).values()]
    made_up = any(entry["form"] == "simulated" for entry in used)
    also = " and, where they say so, from a SIMULATED state" if made_up else ""
    body = (
        "<h1>Which training programs are worth a worker’s time?</h1>"
        f"<p>{count_noun(len(records), 'report')}, made from published data{also}, and rerunnable "
        "by anyone. Each opens with its answer, says how sure it is, and names its sources. How "
        "everything is computed, what limits it has and what the words mean: "
        '<a href="methods.html">methods, limits and words</a>.</p>' + "".join(cards)
    )
    return plain_page("Reports", body, f"<p>Code: commit <code>{html.escape(commit)}</code>.</p>")


def _card(record: Record) -> str:
    """A report on the index: its question, its main finding, and on request all of its answer."""
    first, *others = record["answer"] or [""]
    rest = "".join(f"<p>{sentence}</p>" for sentence in others) + _questions(record["notebook"])
    title = html.escape(record["title"])
    return (
        f'<section class="card"><h2><a href="{record["notebook"]}.html">{title}</a></h2>'
        f'<p class="finding">{first}</p>'
        + (f"<details><summary>More of the answer</summary>{rest}</details>" if rest else "")
        + "</section>"
    )


def _questions(notebook: str) -> str:
    items = "".join(
        f'<li><a href="{notebook}.html#{anchor(heading)}">{html.escape(ask)}</a></li>'
        for ask, heading in questions_of(notebook)
    )
    return f"<ul>{items}</ul>" if items else ""


def code_version() -> str:
    """Short commit of the checkout, marked where files changed since; unknown outside git.

    Returns
    -------
    str
        Ten digits or more (a tag's name, where there is one), and ``+changed`` where tracked files
        differ from the commit.

    Examples
    --------
    >>> version = code_version()  # such as 0123456789, or 0123456789+changed
    >>> version.split() == [version]
    True
    """
    command = ["git", "describe", "--always", "--dirty=+changed", "--abbrev=10"]
    try:
        run = subprocess.run(
            command, cwd=project_root(), capture_output=True, text=True, check=False
        )
    except FileNotFoundError:  # no git on this machine
        return "unknown"
    return run.stdout.strip() if run.returncode == 0 else "unknown"


def write_report(executed: Path, study_folder: Path, target: Path) -> None:
    """Render an executed notebook and write the page, whole or not at all.

    Parameters
    ----------
    executed : Path
        The executed notebook.
    study_folder : Path
        Folder with the study's ``study.json``.
    target : Path
        The page.

    Raises
    ------
    FileNotFoundError
        Where there is no ``study.json``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> record = {"notebook": "none", "title": "A study", "parameters": {"level": 0.9}, "used": {},
    ...           "seed": 1, "framework": "ours"}
    >>> with TemporaryDirectory() as name:
    ...     folder = Path(name)
    ...     cell = nbformat.v4.new_markdown_cell("# Does it pay?")
    ...     nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "run.ipynb")
    ...     write_text(folder / "study.json", json.dumps(record))
    ...     write_report(folder / "run.ipynb", folder, folder / "report.html")
    ...     page = (folder / "report.html").read_text("utf-8")
    >>> "Does it pay?</h1>" in page, "<dd>level = 0.9</dd>" in page
    (True, True)
    """
    record = json.loads((study_folder / "study.json").read_text("utf-8"))
    write_text(target, render_page(executed, record, code_version()))
