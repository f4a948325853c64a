"""A table that a reader and a screen reader can follow, and its CSV beside it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from analysis.atomic import replacing
from analysis.reports.disclosure import HIDDEN_COLUMN
from analysis.reports.words import HIDDEN, number, text

# from so many rows on a reader wants to sort and filter
LONG = 10
# longer texts than these are names and sentences
_NAME, _SENTENCE = 24, 80
_NEGATIVE = re.compile(r"−\$[\d.,]*\d")
_ROOMY = 2
_LIMIT = re.compile(r"\binterval, from$", re.IGNORECASE)
_SPREADSHEET_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Column:
    """How a column is shown.

    Attributes
    ----------
    heading : str
        With the unit.
    kind : str
        As for :func:`analysis.reports.words.number`; all but ``text`` stand to the right.
    """

    heading: str
    kind: str = "text"


def interval_columns(level: float, kind: str, name: str = "interval") -> dict[str, Column]:
    """The two columns of an interval, ``name_low`` and ``name_high``, with its level.

    Parameters
    ----------
    level : float
        Confidence level, between 0 and 1.
    kind : str
        As for :class:`Column`.
    name : str
        What the columns of the frame begin with.

    Returns
    -------
    dict of str to Column
        Two columns, the lower limit first.

    Examples
    --------
    >>> [column.heading for column in interval_columns(0.9, "dollars").values()]
    ['90% interval, from', 'to']
    """
    return {
        f"{name}_low": Column(f"{level:.0%} interval, from", kind),
        f"{name}_high": Column("to", kind),
    }


def render_table(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    caption: str,
    note: str = "",
    csv_link: str = "",
    csv_rows: int | None = None,
    rows: int = 30,
    held: int = 0,
    sections: str = "",
    folded: bool = False,
    controls: bool = True,
) -> str:
    """HTML of a table: caption, scoped headings, right-aligned numbers, note, link to its CSV.

    A long table without sections is marked, so that the page's script lets a reader sort and
    filter it; without the script it reads as it stands.

    Parameters
    ----------
    frame : DataFrame
        What to show; a boolean column ``hidden`` marks rows whose values are withheld.
    columns : mapping of str to Column
        Columns to show in this order. The first names the row.
    caption : str
        What the table holds, in words.
    note : str, optional
        A line below it.
    csv_link : str, optional
        Relative address of the CSV.
    csv_rows : int, optional
        How many rows the CSV has, where not all.
    rows : int
        How many rows to show.
    held : int
        How many rows the page holds, those beyond the first ``rows`` for its script to find.
    sections : str
        Column whose value heads each run of rows that share it, instead of standing in each row.
    folded : bool
        Behind its caption until a reader opens it; printed whole.
    controls : bool
        Whether a long table may be sorted and filtered; rows that answer one question each may not.

    Returns
    -------
    str
        HTML; all text from the frame is escaped.

    Examples
    --------
    >>> frame = pd.DataFrame({"job": ["Welders <&>"], "pay": [42_000.0]})
    >>> page = render_table(frame, {"job": Column("Job"), "pay": Column("Dollars", "dollars")},
    ...                     caption="Pay", csv_link="pay.csv")
    >>> page[page.index("<tbody>") : page.index("</table>")]
    '<tbody><tr><th scope="row">Welders &lt;&amp;&gt;</th><td class="n">$42,000</td></tr></tbody>'
    >>> page[page.index("<a ") : page.index("</p>")]
    '<a href="pay.csv" download>All rows as CSV: Pay</a>'
    """
    named = {name: column for name, column in columns.items() if name != sections}
    lines = _lines(frame.head(max(rows, held)), named, sections)
    first = min(rows, len(frame))
    beyond = lines[first:] if not sections else []
    shown = lines[:first] if not sections else lines
    more = f"<tbody hidden>{''.join(beyond)}</tbody>" if beyond else ""
    # with how many rows there are in all: the page may hold the first of them only
    mark = (
        f' data-long="{len(frame):,}"' if controls and not sections and len(lines) >= LONG else ""
    )
    link = _csv_link(caption, csv_link, len(frame), csv_rows)
    page = (
        f'<div class="table" role="region" tabindex="0" aria-label="{text(caption)}">'
        f"<table{mark}><caption><span>{text(caption)}</span></caption>"
        f"{_head(named, frame.head(rows))}<tbody>{''.join(shown)}</tbody>{more}</table></div>"
        f'<p class="note">{_notes(frame, note, rows, link)}</p>'
    )
    if not folded:
        return page
    count = f"{first:,} rows"
    return f"<details><summary>Table: {text(caption)} ({count})</summary>{page}</details>"


def with_level(columns: Mapping[str, Column], level: float) -> dict[str, Column]:
    """Columns whose intervals name their level, where a heading has none yet.

    Parameters
    ----------
    columns : mapping of str to Column
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    dict of str to Column
        Headings that end in "interval, from" name the level before it; all others as they are.

    Examples
    --------
    >>> with_level({"low": Column("Interval, from", "dollars")}, 0.95)["low"].heading
    '95% interval, from'
    """
    return {
        name: replace(column, heading=_LIMIT.sub(f"{level:.0%} interval, from", column.heading))
        if "%" not in column.heading
        else column
        for name, column in columns.items()
    }


def _head(columns: Mapping[str, Column], frame: pd.DataFrame) -> str:
    cells = []
    texts = [name for name, column in columns.items() if column.kind == "text"]
    longest = {name: frame[name].astype("str").str.len().max() for name in texts}
    # many columns of sentences share the room: a table wider than the page hides the last of them
    roomy = "wide" if sum(length > _SENTENCE for length in longest.values()) <= _ROOMY else "name"
    for name, column in columns.items():
        mark = "" if column.kind == "text" else " class=n"
        # a column of names or sentences gets room, or its rows would stand half a page high
        if longest.get(name, 0) > _NAME:
            mark = f" class={roomy if longest[name] > _SENTENCE else 'name'}"
        cells.append(f'<th scope="col"{mark}>{text(column.heading)}</th>')
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _lines(frame: pd.DataFrame, columns: Mapping[str, Column], sections: str) -> list[str]:
    """One table row each; the first of a section has the section's heading before it."""
    hidden = _withheld(frame)
    lines: list[str] = []
    section: object = None
    for (_, row), withheld in zip(frame.iterrows(), hidden, strict=True):
        line = f"<tr>{''.join(_cells(row, columns, withheld=bool(withheld)))}</tr>"
        if sections and row[sections] != section:
            section = row[sections]
            heading = f'<th scope="rowgroup" colspan="{len(columns)}">{text(section)}</th>'
            opened = "</tbody><tbody>" if lines else ""
            line = f'{opened}<tr class="section">{heading}</tr>{line}'
        lines.append(line)
    return lines


def _cells(row: pd.Series, columns: Mapping[str, Column], *, withheld: bool) -> Iterator[str]:
    for index, (name, column) in enumerate(columns.items()):
        # a missing whole number is pandas' own NA, which no arithmetic may meet
        shown = number(None if row[name] is pd.NA else row[name], column.kind)
        if withheld and pd.isna(row[name]):
            shown = HIDDEN
        tag = 'th scope="row"' if index == 0 else "td"
        style = "" if column.kind == "text" else ' class="n"'
        said = text(shown)
        if column.kind == "text":
            # a line could end between a minus and its dollars, and the rest would read as a gain
            said = _NEGATIVE.sub(r'<span class="amount">\g<0></span>', said)
        yield f"<{tag}{style}>{said}</{tag.split()[0]}>"


def _withheld(frame: pd.DataFrame) -> pd.Series:
    return frame[HIDDEN_COLUMN] if HIDDEN_COLUMN in frame else pd.Series(False, frame.index)


def _notes(frame: pd.DataFrame, note: str, rows: int, link: str) -> str:
    notes = [text(note)] if note else []
    if _withheld(frame).any():
        notes.append(f"{HIDDEN}: withheld, too few people (or needed to protect such a cell).")
    if len(frame) > rows:
        # the script takes this line away once other rows are shown
        notes.append(f"<span data-first>First {rows} of {len(frame):,} rows.</span>")
    if link:
        notes.append(link)
    return " ".join(notes)


def _csv_link(caption: str, address: str, rows: int, csv_rows: int | None) -> str:
    if not address:
        return ""
    held = "All rows" if csv_rows in (None, rows) else f"{csv_rows:,} of {rows:,} rows"
    label = text(caption.rstrip("."))
    return f'<a href="{text(address)}" download>{held} as CSV: {label}</a>'


def neutralised(value: object) -> object:
    """Text that a spreadsheet would run as a formula, made plain by a leading apostrophe.

    Parameters
    ----------
    value : object
        Any cell of a table.

    Returns
    -------
    object
        Text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line's end with an apostrophe
        before it; all else as it is.

    Notes
    -----
    As OWASP advises against CSV injection (https://owasp.org/www-community/attacks/CSV_Injection).

    Examples
    --------
    >>> neutralised("=HYPERLINK(1)"), neutralised("Welding"), neutralised(-3.5)
    ("'=HYPERLINK(1)", 'Welding', -3.5)
    """
    if isinstance(value, str) and value.startswith(_SPREADSHEET_TRIGGERS):
        return f"'{value}"
    return value


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV, whole or not at all, with nothing in it that a spreadsheet runs.

    Parameters
    ----------
    frame : DataFrame
        Written without its index.
    path : Path
        Written over if it is there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> frame = pd.DataFrame({"job": ["Welders", "=1+1"], "gap": [-1.5, 2.0]})
    >>> with TemporaryDirectory() as folder:
    ...     write_csv(frame, Path(folder) / "jobs.csv")
    ...     (Path(folder) / "jobs.csv").read_text("utf-8").splitlines()
    ['job,gap', 'Welders,-1.5', "'=1+1,2.0"]
    """
    plain = frame.copy()
    for name in plain.columns:
        if not pd.api.types.is_numeric_dtype(plain[name]):
            plain[name] = plain[name].map(neutralised, na_action="ignore")
    # a heading may be one of a user's own file
    plain = plain.set_axis(plain.columns.map(neutralised), axis="columns")
    with replacing(path) as temporary:
        plain.to_csv(temporary, index=False)


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as Parquet, whole or not at all.

    Parameters
    ----------
    frame : DataFrame
        Written without its index.
    path : Path
        Written over if it is there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> frame = pd.DataFrame({"job": ["=1+1"], "gap": [-1.5]}, index=[7])
    >>> with TemporaryDirectory() as folder:
    ...     write_parquet(frame, Path(folder) / "jobs.parquet")
    ...     pd.read_parquet(Path(folder) / "jobs.parquet").to_dict("records")
    [{'job': '=1+1', 'gap': -1.5}]
    """
    with replacing(path) as temporary:
        frame.reset_index(drop=True).to_parquet(temporary)
