"""What a reader sees is escaped, rounded, marked where withheld, and harmless in a spreadsheet."""

from html import escape
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reports.disclosure import hide_small_cells
from analysis.reports.html_tables import (
    Column,
    neutralised,
    render_table,
    with_level,
    write_csv,
)
from analysis.reports.tier_tables import PROGRAM_COLUMNS, for_readers
from analysis.reports.words import interval, number


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (1794.342, "dollars", "$1,794"),
        (-0.4, "dollars", "$0"),
        (-0.6, "dollars", "−$1"),
        (16.055, "cents", "$16.05"),
        (0.0896, "share", "9.0%"),
        (float("nan"), "share", "–"),
        (None, "text", "–"),
        (0.004, "probability", "< .01"),
        (0.805, "probability", ".81"),
        (2223.26, "cents", "$2,223"),
        (-0.0234, "points", "−2.3"),
        (0.0004, "p_value", "< 0.001"),
        (0.0431, "p_value", "0.043"),
        (61752, "count", "61,752"),
    ],
)
def test_numbers_in_words(value: float, kind: str, shown: str) -> None:
    assert number(value, kind) == shown


def test_an_interval_with_a_missing_limit_is_missing() -> None:
    assert interval(1.0, float("nan")) == "–"


def test_text_from_data_is_escaped() -> None:
    frame = pd.DataFrame({"program": ["<script>alert(1)</script>"], "n": [20.0]})
    page = render_table(
        frame, {"program": Column("Program"), "n": Column("People", "count")}, caption="<b>"
    )
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<b>" not in page


def test_headings_are_scoped_and_a_withheld_value_is_marked() -> None:
    frame = pd.DataFrame({"site": ["a"], "n": [3.0], "mean": [9.0]})
    hidden = hide_small_cells(frame, people="n", values=["mean"], minimum=10)
    columns = {"site": Column("Site"), "mean": Column("Mean (dollars)", "dollars")}
    page = render_table(hidden, columns, caption="Sites")
    assert '<th scope="col">Site</th>' in page
    assert '<th scope="row">a</th>' in page
    assert "[c]" in page
    assert "$9" not in page


@given(st.text(max_size=30))
def test_no_cell_of_a_csv_starts_a_formula(text: str) -> None:
    assert not str(neutralised(text)).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_csv_keeps_numbers_and_disarms_formulas(tmp_path: Path) -> None:
    frame = pd.DataFrame({"program": ["=1+1", "Welding"], "effect": [-3.5, 2.0]})
    write_csv(frame, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines() == [
        "program,effect",
        "'=1+1,-3.5",
        "Welding,2.0",
    ]


def test_a_csv_disarms_headings_too(tmp_path: Path) -> None:
    write_csv(pd.DataFrame({"=1+1": ["a"], "effect": [2.0]}), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines() == ["'=1+1,effect", "a,2.0"]


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=12),
    st.lists(st.sampled_from("xy"), min_size=12, max_size=12),
)
def test_no_total_gives_a_hidden_cell_away(people: list[int], states: list[str]) -> None:
    frame = pd.DataFrame({"n": people, "state": states[: len(people)]}).assign(mean=1.0)
    hidden = hide_small_cells(frame, people="n", values=["mean"], minimum=10, within=["state"])
    assert not (hidden["n"] < 10).any()
    for _, rows in hidden.groupby("state"):
        alone = rows["hidden"].sum() == 1
        assert not (alone and len(rows) > 1)
    assert (hidden["mean"].isna() == hidden["hidden"]).all()


def test_runs_of_rows_stand_under_their_heading_once():
    frame = pd.DataFrame({"trial": ["a <i>", "a <i>", "b"], "group": ["x", "y", "x"]})
    columns = {"group": Column("Group"), "trial": Column("Study")}
    page = render_table(frame, columns, caption="c", sections="trial")
    assert page.count('scope="rowgroup"') == 2
    assert page.count("a &lt;i&gt;") == 1
    assert "Study" not in page
    # one body a section, so that a reader of the page hears which rows belong together
    assert page.count("<tbody>") == page.count("</tbody>") == 2
    plain = render_table(frame, columns, caption="c")
    assert plain.count("a &lt;i&gt;") == 2


def test_a_folded_table_says_what_it_holds():
    frame = pd.DataFrame({"group": ["x", "y"]})
    page = render_table(frame, {"group": Column("Group")}, caption="Gains & losses", folded=True)
    assert page.startswith("<details><summary>Table: Gains &amp; losses (2 rows)</summary>")
    assert page.endswith("</details>")
    assert "<caption><span>Gains &amp; losses</span></caption>" in page


def rows(count: int) -> pd.DataFrame:
    return pd.DataFrame({"program": [f"Course {i}" for i in range(count)], "kind": "x"})


COLUMNS = {"program": Column("Program"), "kind": Column("Kind")}


def test_a_long_table_is_marked_for_sorting_and_a_short_or_sectioned_one_is_not() -> None:
    assert 'data-long="10"' in render_table(rows(10), COLUMNS, caption="All")
    assert "data-long" not in render_table(rows(9), COLUMNS, caption="All")
    assert "data-long" not in render_table(rows(30), COLUMNS, caption="All", sections="kind")
    # rows that answer one question each keep their order
    assert "data-long" not in render_table(rows(30), COLUMNS, caption="All", controls=False)


def test_rows_beyond_the_first_are_held_hidden_and_counted_in_all() -> None:
    page = render_table(rows(40), COLUMNS, caption="All", rows=12, held=20)
    shown, hidden = page.split("<tbody hidden>")
    assert shown.count("<tr>") == 1 + 12
    assert hidden.count("<tr>") == 8
    assert 'data-long="40"' in page
    assert "First 12 of 40 rows." in page
    assert "<tbody hidden>" not in render_table(rows(40), COLUMNS, caption="All", rows=12)


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", '=HYPERLINK("x")', "\u202eمساعد طبي", "word " * 800, "a@b.org"],
)
def test_a_program_with_any_name_stands_in_the_table_of_tiers_and_in_its_file(
    name: str, tmp_path: Path
) -> None:
    rated = pd.DataFrame({column: [None] for column in PROGRAM_COLUMNS}).assign(
        program=name, provider=name, program_key=name, tier="B", hidden=False
    )
    page = render_table(rated.astype({"n": float}), PROGRAM_COLUMNS, caption="Tiers")
    assert page.count(escape(name, quote=True)) == 3
    assert "<script" not in page
    write_csv(for_readers(rated), tmp_path / "tiers.csv")
    cells = pd.read_csv(tmp_path / "tiers.csv", dtype="str").stack()
    assert not cells.str.startswith(("=", "+", "-", "@")).any()


def test_a_file_with_fewer_rows_than_the_table_says_so() -> None:
    page = render_table(rows(40), COLUMNS, caption="All", csv_link="a.csv", csv_rows=12)
    assert ">12 of 40 rows as CSV: All</a>" in page
    assert ">All rows as CSV: All</a>" in render_table(
        rows(40), COLUMNS, caption="All", csv_link="a.csv"
    )


def test_intervals_name_their_level_once() -> None:
    columns = {
        "a": Column("Interval, from"), "b": Column("90% interval, from"), "c": Column("to"),
        "d": Column("Anderson-Rubin interval, from"),
    }  # fmt: skip
    assert [column.heading for column in with_level(columns, 0.95).values()] == [
        "95% interval, from", "90% interval, from", "to", "Anderson-Rubin 95% interval, from",
    ]  # fmt: skip


def test_many_columns_of_sentences_share_the_room() -> None:
    long = pd.DataFrame({name: ["a sentence " * 12] for name in "abcd"})
    page = render_table(long, {name: Column(name) for name in "abcd"}, caption="All")
    assert "class=wide" not in page
    assert page.count("class=name") == 4


def test_a_column_of_sentences_gets_room() -> None:
    frame = rows(2).assign(kind=["x", "a sentence " * 12])
    assert '<th scope="col" class=wide>Kind</th>' in render_table(frame, COLUMNS, caption="All")
    assert "class=wide" not in render_table(rows(2), COLUMNS, caption="All")


def test_a_minus_and_its_dollars_stay_on_one_line() -> None:
    frame = pd.DataFrame({"what": ["−$1,355 (−$2,449.50 to $12)"], "plain": [-12.0]})
    page = render_table(
        frame, {"what": Column("What"), "plain": Column("Plain", "dollars")}, caption="x"
    )
    kept = '<span class="amount">−$1,355</span> (<span class="amount">−$2,449.50</span> to $12)'
    assert kept in page
    assert '<td class="n">−$12</td>' in page
