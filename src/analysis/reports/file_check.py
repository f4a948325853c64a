"""Problems of a user's file as text and as a page; empty files with their dictionary."""

import csv
import io
from pathlib import Path

import pandas as pd

from analysis.atomic import write_text
from analysis.errors import WorkbenchError
from analysis.reports.html_tables import Column, render_table
from analysis.reports.words import count_noun, text
from analysis.tables.file_checks import FileCheck, layout_fields, layout_names
from analysis.tables.layouts import WORKER_TEMPLATE, Field
from analysis.tables.wioa_layout import wioa_layout
from analysis.tables.workers import FIELDS as WORKERS_LIST

# files that have readers of their own, and no layout to be checked against
_TEMPLATES: dict[str, tuple[Field, ...]] = {"worker": WORKER_TEMPLATE, "workers": WORKERS_LIST}

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;"
    "color:#1a1a1a}table{border-collapse:collapse}caption{text-align:left;font-weight:600}"
    "th,td{padding:.3rem .6rem;border-bottom:1px solid #bbb;text-align:left;vertical-align:top}"
    ".n{text-align:right}.table{overflow-x:auto}"
)


def check_text(found: FileCheck) -> list[str]:
    """Lines of text: a summary, then each problem with its row and remedy.

    Parameters
    ----------
    found : FileCheck
        From :func:`analysis.tables.file_checks.check_file`.

    Returns
    -------
    list of str
        Plain text.

    Examples
    --------
    >>> problems = pd.DataFrame({"row": [3], "column": ["n"], "problem": ["not a number"],
    ...                          "rows": [2], "remedy": ["Write 12, not twelve."]})
    >>> for line in check_text(FileCheck("mine.csv", "outcomes", 40, problems)):
    ...     print(line)
    mine.csv: 40 rows in the layout 'outcomes', 1 problem
    row 3, n: not a number (2 rows in all). Write 12, not twelve.
    """
    lines = [_summary(found)]
    for row in found.problems.itertuples():
        place = f"row {row.row}" + (f", {row.column}" if row.column else "")
        more = f" ({row.rows:,} rows in all)" if row.rows > 1 else ""
        lines.append(f"{place}: {row.problem}{more}. {row.remedy}")
    return lines


def check_page(found: FileCheck, path: Path) -> None:
    """Write the problems as a page of their own; text of the file is escaped.

    Parameters
    ----------
    found : FileCheck
        From :func:`analysis.tables.file_checks.check_file`.
    path : Path
        HTML file, written over if it is there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> none = pd.DataFrame({"row": [], "column": [], "problem": [], "rows": [], "remedy": []})
    >>> with TemporaryDirectory() as folder:
    ...     check_page(FileCheck("<1>.csv", "outcomes", 40, none), Path(folder) / "check.html")
    ...     page = (Path(folder) / "check.html").read_text("utf-8")
    >>> page[page.index("<h1>") : page.index(" in the layout")]
    '<h1>Check of &lt;1&gt;.csv</h1><p>&lt;1&gt;.csv: 40 rows'
    >>> page[page.index("no problem") : page.index("</main>")]
    'no problem found</p>'
    """
    body = f"<p>{text(_summary(found))}</p>"
    if len(found.problems):
        columns = {
            "row": Column("Row", "count"),
            "column": Column("Column"),
            "problem": Column("Problem"),
            "rows": Column("Rows with it", "count"),
            "remedy": Column("What to do"),
        }
        body += render_table(
            found.problems, columns, caption=f"Problems of {found.file}", rows=1000
        )
    write_text(path, _page(f"Check of {found.file}", body))


def write_template(name: str, folder: Path) -> list[Path]:
    """Write an empty file of a layout with its headings, and a page that explains each.

    Parameters
    ----------
    name : str
        ``programs``, ``participants``, ``outcomes``, ``group_outcomes``, ``state_report`` or
        ``wioa``; ``worker`` for a worker's record, ``workers`` for a coach's list.
    folder : Path

    Returns
    -------
    list of Path
        The CSV and the page.

    Raises
    ------
    WorkbenchError
        Unknown layout, or a file of that name is there already.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file, page = write_template("outcomes", Path(folder))
    ...     file.read_text("utf-8").split(",")[:2], page.name
    (['provider_id', 'cip_code'], 'outcomes_dictionary.html')
    >>> write_template("anything", Path("."))
    Traceback (most recent call last):
    ...
    analysis.errors.WorkbenchError: 'anything' is no layout. Layouts: programs, ...
    """
    dictionary = _dictionary(name)
    file, page = folder / f"{name}.csv", folder / f"{name}_dictionary.html"
    if file.exists():
        raise WorkbenchError(f"{file} exists already", "Name another folder, or move it away.")
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(dictionary["heading"])
    write_text(file, line.getvalue())
    columns = {
        "heading": Column("Heading"),
        "meaning": Column("Meaning"),
        "type": Column("Type"),
        "needed": Column("Needed"),
        "allowed": Column("Allowed"),
    }
    table = render_table(dictionary, columns, caption=f"Columns of {name}.csv", rows=1000)
    notes = "<p>Save as CSV in UTF-8, with commas; unknown values stay empty.</p>"
    write_text(page, _page(f"Dictionary of {name}.csv", notes + table))
    return [file, page]


def _dictionary(name: str) -> pd.DataFrame:
    if name == "wioa":
        rows = [
            {
                "heading": element.heading,
                "meaning": element.name,
                "type": f"{element.kind}, {element.type}",
                "needed": "yes" if element.required else "no",
                "allowed": ", ".join(element.codes),
            }
            for element in wioa_layout().elements
        ]
        return pd.DataFrame(rows)
    if name not in (*layout_names(), *_TEMPLATES):
        names = ", ".join((*layout_names(), *_TEMPLATES))
        raise WorkbenchError(f"'{name}' is no layout", f"Layouts: {names}.")
    rows = []
    for field in _TEMPLATES.get(name) or layout_fields(name):
        limits = [
            f"from {field.low:g}" if field.low is not None else "",
            f"to {field.high:g}" if field.high is not None else "",
        ]
        rows.append(
            {
                "heading": field.name,
                "meaning": field.meaning,
                "type": f"{field.type}{', ' + field.unit if field.unit else ''}",
                "needed": "yes" if field.required else "no",
                "allowed": " ".join(filter(None, limits)),
            }
        )
    return pd.DataFrame(rows)


def _summary(found: FileCheck) -> str:
    rows = count_noun(found.rows, "row")
    if found.problems.empty:
        return f"{found.file}: {rows} in the layout '{found.layout}', no problem found"
    kinds = found.problems[["column", "problem"]].drop_duplicates()
    return (
        f"{found.file}: {rows} in the layout '{found.layout}', {count_noun(len(kinds), 'problem')}"
    )


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{text(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>{text(title)}</h1>{body}</main></body></html>"
    )
