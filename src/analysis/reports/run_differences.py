"""The difference of runs as a reader meets it: text, Markdown for a pull request, a page."""

import html
import json
from typing import Any

import pandas as pd

from analysis.reports.html_tables import Column, render_table
from analysis.reports.page import plain_page
from analysis.reports.words import count_noun, text

# rows that a table shows in text and Markdown; JSON has them all
_SHOWN = 40
Tables = dict[str, pd.DataFrame]
# a proposal's title, reason and citation; its summary; its tables, None where it failed
Weighed = tuple[dict[str, str], list[str], Tables | None]
_NAMES = {
    "inputs": "What the runs were made from",
    "figures": "Key figures that moved",
    "programs": "Programs that changed tier",
}


def summary(labels: tuple[str, ...], tables: Tables, compared: int) -> list[str]:
    """What differs, in a few lines.

    Parameters
    ----------
    labels : tuple of str
        The runs; the first is what the others are held against.
    tables : dict of DataFrame
        ``inputs``, ``figures``, ``programs`` of a difference.
    compared : int
        Key figures that were compared.

    Returns
    -------
    list of str

    Examples
    --------
    >>> moves = pd.DataFrame({"before": ["B", "B", "C"], "after": ["A", "A", "B"]})
    >>> tables = {"figures": pd.DataFrame({"figure": ["gain"]}), "programs": moves}
    >>> for line in summary(("now", "stricter"), tables, 200):
    ...     print(line)
    now → stricter: 1 of 200 key figures moved, 3 programs changed tier.
    Tiers: B → A: 2, C → B: 1.
    >>> same = {"figures": pd.DataFrame(), "programs": pd.DataFrame()}
    >>> summary(("now", "stricter"), same, 200)
    ['now → stricter: no result differs (200 key figures compared).']
    """
    figures, programs = tables["figures"], tables["programs"]
    head = f"{labels[0]} → {', '.join(labels[1:])}"
    if not len(figures) and not len(programs):
        return [f"{head}: no result differs ({count_noun(compared, 'key figure')} compared)."]
    # accepted figures are no run: the tables of programs behind them were not kept
    told = (
        f", {count_noun(len(programs), 'program')} changed tier."
        if labels[0] != "accepted"
        else "; tiers of single programs are not among accepted figures."
    )
    lines = [f"{head}: {len(figures):,} of {count_noun(compared, 'key figure')} moved{told}"]
    if len(programs):
        steps = programs.groupby(["before", "after"]).size().sort_values(ascending=False)
        parts = [f"{before} → {after}: {n:,}" for (before, after), n in steps.items()]
        lines.append("Tiers: " + ", ".join(parts) + ".")
    return lines


def _value(value: Any) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return "–"
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:,.6g}"
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 80 else f"{shown[:77]}…"


def _shown_tables(tables: Tables, several: bool) -> Tables:
    """The tables with every value as text, in the order of columns that a reader wants."""
    run = ["run"] if several else []
    inputs, figures, programs = tables["inputs"], tables["figures"], tables["programs"]
    found = {}
    if len(inputs):
        found["inputs"] = inputs[["kind", "name", *run, "before", "after", "notebook"]]
        # a hash says only that it changed
        hashed = inputs["before"].isna() & inputs["after"].isna()
        found["inputs"] = found["inputs"].astype("object")
        found["inputs"].loc[hashed, ["before", "after"]] = ["", "changed"]
    if len(figures):
        columns = ["figure", *run, "unit", "before", "after", "change", "standard_errors", "what"]
        found["figures"] = figures[columns]
    if len(programs):
        found["programs"] = programs[
            ["program", "provider", "state", *run, "before", "after", "why"]
        ]
    shown = {name: frame.map(_value) for name, frame in found.items()}
    if "figures" in shown:
        # names that begin alike differ at their end: cut, nobody could tell which one moved
        shown["figures"]["figure"] = figures["figure"].astype(str)
    return shown


def as_text(labels: tuple[str, ...], tables: Tables, compared: int) -> str:
    """Plain text for a terminal.

    Parameters
    ----------
    labels, tables, compared
        As for :func:`summary`; tables as of :class:`analysis.runs.diff.Diff`.

    Returns
    -------
    str
        At most 40 rows of a table.

    Examples
    --------
    >>> figures = pd.DataFrame({"figure": ["gain"], "unit": "dollars", "before": 900.0,
    ...     "after": 950.0, "change": 50.0, "standard_errors": 0.25, "what": "changed"})
    >>> none = pd.DataFrame()
    >>> tables = {"inputs": none, "figures": figures, "programs": none}
    >>> print(as_text(("now", "new"), tables, 200), end="")
    now → new: 1 of 200 key figures moved, 0 programs changed tier.
    <BLANKLINE>
    Key figures that moved
      gain: 900 → 950 dollars (50, 0.25 standard errors)
    """
    lines = summary(labels, tables, compared)
    for name, frame in _shown_tables(tables, len(labels) > 2).items():
        lines += ["", _NAMES[name]]
        for row in frame.head(_SHOWN).to_dict("records"):
            lines.append("  " + _line(name, row))
        if len(frame) > _SHOWN:
            lines.append(f"  … and {len(frame) - _SHOWN:,} more (--format json has all)")
    return "\n".join(lines) + "\n"


def _line(name: str, row: dict[Any, str]) -> str:
    run = f"[{row['run']}] " if "run" in row else ""
    if name == "inputs":
        arrow = f"{row['before']} → {row['after']}" if row["before"] else row["after"]
        return f"{run}{row['kind']} {row['name']}: {arrow}  ({row['notebook']})"
    if name == "programs":
        place = f"{row['provider']}, {row['state']}"
        return f"{run}{row['before']} → {row['after']}  {row['program']} ({place}): {row['why']}"
    moved = "" if row["change"] == "–" else f" ({row['change']}"
    if moved:
        errors = row["standard_errors"]
        moved += ")" if errors == "–" else f", {errors} standard errors)"
    only = f" {row['what']}" if row["what"] in ("new", "gone") else ""
    return f"{run}{row['figure']}: {row['before']} → {row['after']} {row['unit']}{moved}{only}"


def as_markdown(labels: tuple[str, ...], tables: Tables, compared: int) -> str:
    r"""Markdown for a pull request: a summary, then each table folded away.

    Parameters
    ----------
    labels, tables, compared
        As for :func:`as_text`.

    Returns
    -------
    str
        Text from data is escaped; at most 40 rows of a table.

    Examples
    --------
    >>> figures = pd.DataFrame({"figure": ["gain|loss"], "unit": "dollars", "before": 900.0,
    ...     "after": 950.0, "change": 50.0, "standard_errors": 0.25, "what": "changed"})
    >>> none = pd.DataFrame()
    >>> tables = {"inputs": none, "figures": figures, "programs": none}
    >>> page = as_markdown(("now", "new"), tables, 200)
    >>> "<summary>Key figures that moved (1)</summary>" in page, r"gain\|loss" in page
    (True, True)
    """
    lines = ["### What this change does to the results", ""]
    lines += [_safe(line) for line in summary(labels, tables, compared)]
    for name, frame in _shown_tables(tables, len(labels) > 2).items():
        heads = [str(column).replace("_", " ") for column in frame.columns]
        lines += ["", f"<details><summary>{_NAMES[name]} ({len(frame):,})</summary>", ""]
        lines += [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
        for row in frame.head(_SHOWN).itertuples(index=False):
            lines.append(f"| {' | '.join(_safe(cell) for cell in row)} |")
        if len(frame) > _SHOWN:
            lines += ["", f"First {_SHOWN} of {len(frame):,}."]
        lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def _safe(value: str) -> str:
    """Text from data that Markdown neither runs, links nor breaks a table at."""
    escaped = html.escape(value.replace("\n", " "), quote=False)
    return "".join(f"\\{sign}" if sign in "\\|`*_[]~@#!" else sign for sign in escaped)


def as_json(labels: tuple[str, ...], tables: Tables, compared: int) -> str:
    """Everything, for a program.

    Parameters
    ----------
    labels, tables, compared
        As for :func:`as_text`.

    Returns
    -------
    str
        An object with ``runs``, ``figures_compared``, ``changed`` (whether a figure or a tier did)
        and the rows of each table; what is missing is null.

    Examples
    --------
    >>> none = pd.DataFrame()
    >>> figures = pd.DataFrame({"figure": ["gain"], "change": [float("nan")]})
    >>> page = as_json(("a", "b"), {"inputs": none, "figures": figures, "programs": none}, 9)
    >>> found = json.loads(page)
    >>> found["changed"], found["figures_compared"], found["figures"]
    (True, 9, [{'figure': 'gain', 'change': None}])
    """
    content: dict[str, Any] = {"runs": list(labels), "figures_compared": compared}
    for name, frame in tables.items():
        rows = frame.astype("object").where(frame.notna(), None).to_dict("records")
        content[name] = rows
    content["changed"] = bool(len(tables["figures"]) or len(tables["programs"]))
    return json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n"


def _four_digits(value: Any) -> Any:
    if isinstance(value, float | int) and value == value and not isinstance(value, bool):
        return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"
    return value


def as_page(labels: tuple[str, ...], tables: Tables, compared: int, commit: str) -> str:
    """A page in the look of the reports; text from data is escaped.

    Parameters
    ----------
    labels, tables, compared
        As for :func:`as_text`.
    commit : str
        Version of the code.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> figures = pd.DataFrame({"figure": ["gain"], "unit": "dollars", "before": 900.0,
    ...     "after": 950.0, "change": 50.0, "standard_errors": 0.25, "what": "changed"})
    >>> none = pd.DataFrame()
    >>> tables = {"inputs": none, "figures": figures, "programs": none}
    >>> page = as_page(("now", "<new>"), tables, 200, "abc")
    >>> "<h1>What differs: now and &lt;new&gt;</h1>" in page, "Key figures that moved</h2>" in page
    (True, True)
    """
    title = f"What differs: {labels[0]} and {', '.join(labels[1:])}"
    lines = "".join(f"<p>{text(line)}</p>" for line in summary(labels, tables, compared))
    body = (
        f'<h1>{text(title)}</h1><section class="answer" aria-label="The answer">{lines}</section>'
    )
    body += _tables_html(tables, len(labels) > 2, level=2, of=f": {', '.join(labels)}")
    return plain_page(title, body, f"<p>Code: commit <code>{text(commit)}</code>.</p>")


_NUMBERS = ("before", "after", "change", "standard_errors")


def _tables_html(tables: Tables, several: bool, *, level: int, of: str) -> str:
    """Tables under their headings; numbers to four digits, since the file has the rest."""
    body = ""
    short = tables["figures"].assign(
        **{name: tables["figures"][name].map(_four_digits) for name in _NUMBERS}
    )
    for name, frame in _shown_tables({**tables, "figures": short}, several).items():
        columns = {
            c: Column(
                str(c).replace("_", " ").capitalize(),
                "figure" if name == "figures" and c in _NUMBERS else "text",
            )
            for c in frame.columns
        }
        body += f"<h{level}>{_NAMES[name]}</h{level}>"
        note = "Held against the first run; change in its standard errors where it has one."
        body += render_table(
            frame, columns, caption=f"{_NAMES[name]}{of}", rows=200 if level == 2 else 25,
            note=note if name == "figures" else "",
        )  # fmt: skip
    return body


def proposals_page(
    notebook: str,
    parts: list[Weighed],
    commit: str,
) -> str:
    """A page over all proposals: what is proposed, why, and what it would change.

    Parameters
    ----------
    notebook : str
        What was run under each.
    parts : list
        Title, reason and citation of each; its summary; its tables, None where it failed.
    commit : str
        Version of the code.

    Returns
    -------
    str
        HTML; text from data is escaped.

    Examples
    --------
    >>> about = {"title": "Stricter <cut>", "reason": "Few reach it.", "citation": "A study."}
    >>> page = proposals_page("05_tier_calibration", [(about, ["No result differs."], None)], "abc")
    >>> "<h2>Stricter &lt;cut&gt;</h2><p>Few reach it.</p>" in page
    True
    """
    title = "What each proposal for the framework would change"
    first = "".join(
        f"<p><strong>{text(about['title'])}.</strong> {text(' '.join(lines))}</p>"
        for about, lines, _ in parts
    )
    body = f'<h1>{title}</h1><section class="answer" aria-label="The answer">{first}</section>'
    body += (
        f"<p>Each was run through {text(notebook)} and is held against the framework as it is.</p>"
    )
    for about, lines, tables in parts:
        body += f"<h2>{text(about['title'])}</h2><p>{text(about['reason'])}</p>"
        body += f'<p class="note">Citation: {text(about["citation"])}</p>'
        body += "".join(f"<p>{text(line)}</p>" for line in lines)
        if tables:
            body += _tables_html(tables, False, level=3, of=f": {about['title']}")
    return plain_page(title, body, f"<p>Code: commit <code>{text(commit)}</code>.</p>")
