"""A table that a reader and a screen reader can follow, and its CSV beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.atomic import replacing
from analysis.reports.disclosure import HIDDEN_COLUMN
from analysis.reports.words import HIDDEN, number, text

_SPREADSHEET_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Column:
    """How a column is shown: its heading (with unit), its kind and whether it names the row."""

    heading: str
    kind: str = "text"


def render_table(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    caption: str,
    note: str = "",
    csv_link: str = "",
    rows: int = 30,
    sections: str = "",
    folded: bool = False,
) -> str:
    """HTML of a table: caption, scoped headings, right-aligned numbers, note, link to its CSV.

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
        Relative address of the CSV with all rows.
    rows : int
        How many rows to show.
    sections : str
        Column whose value heads each run of rows that share it, instead of standing in each row.
    folded : bool
        Behind its caption until a reader opens it; printed whole.

    Returns
    -------
    str
        HTML; all text from the frame is escaped.
    """
    hidden = frame[HIDDEN_COLUMN] if HIDDEN_COLUMN in frame else pd.Series(False, frame.index)
    shown_columns = {name: column for name, column in columns.items() if name != sections}
    body: list[str] = []
    section: object = None
    for position, (_, row) in enumerate(frame.head(rows).iterrows()):
        cells = []
        if sections and row[sections] != section:
            section = row[sections]
            heading = f'<th scope="rowgroup" colspan="{len(shown_columns)}">{text(section)}</th>'
            body.append(f'{"</tbody><tbody>" if body else ""}<tr class="section">{heading}</tr>')
        for index, (name, column) in enumerate(shown_columns.items()):
            # a missing whole number is pandas' own NA, which no arithmetic may meet
            shown = number(None if row[name] is pd.NA else row[name], column.kind)
            if hidden.iloc[position] and pd.isna(row[name]):
                shown = HIDDEN
            tag = 'th scope="row"' if index == 0 else "td"
            style = "" if column.kind == "text" else ' class="n"'
            cells.append(f"<{tag}{style}>{text(shown)}</{tag.split()[0]}>")
        body.append(f"<tr>{''.join(cells)}</tr>")
    head = "".join(
        f'<th scope="col"{"" if column.kind == "text" else " class=n"}>{text(column.heading)}</th>'
        for column in shown_columns.values()
    )
    notes = [text(note)] if note else []
    if hidden.any():
        notes.append(f"{HIDDEN}: withheld, too few people (or needed to protect such a cell).")
    if len(frame) > rows:
        notes.append(f"First {rows} of {len(frame):,} rows.")
    if csv_link:
        label = text(caption.rstrip("."))
        notes.append(f'<a href="{text(csv_link)}" download>All rows as CSV: {label}</a>')
    page = (
        f'<div class="table" role="region" tabindex="0" aria-label="{text(caption)}">'
        f"<table><caption>{text(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>"
        f'<p class="note">{" ".join(notes)}</p>'
    )
    if not folded:
        return page
    count = f"{min(len(frame), rows):,} rows"
    return f"<details><summary>Table: {text(caption)} ({count})</summary>{page}</details>"


def neutralised(value: object) -> object:
    """Text that a spreadsheet would run as a formula, made plain by a leading apostrophe.

    Examples
    --------
    >>> neutralised("=HYPERLINK(1)"), neutralised("Welding"), neutralised(-3.5)
    ("'=HYPERLINK(1)", 'Welding', -3.5)
    """
    if isinstance(value, str) and value.startswith(_SPREADSHEET_TRIGGERS):
        return f"'{value}"
    return value


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV, whole or not at all, with nothing in it that a spreadsheet runs."""
    plain = frame.copy()
    for name in plain.columns:
        if not pd.api.types.is_numeric_dtype(plain[name]):
            plain[name] = plain[name].map(neutralised, na_action="ignore")
    with replacing(path) as temporary:
        plain.to_csv(temporary, index=False)


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as Parquet, whole or not at all."""
    with replacing(path) as temporary:
        frame.reset_index(drop=True).to_parquet(temporary)
