"""The pages' script in a real browser: sort, filter, show all, pick a line; and without it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.reports.html_tables import Column, render_table
from analysis.reports.page import plain_page
from analysis.reports.pictures import forest, picture_html

VIEWS = [{"width": 1280}, {"width": 320}, {"width": 320, "scheme": "dark", "forced": True}]
COLUMNS = {
    "name": Column("Program"),
    "cost": Column("Cost (dollars)", "dollars"),
    "share": Column("Employed", "share"),
    "chance": Column("Chance", "probability"),
}
Play = Callable[..., list[dict[str, Any]]]


def programs() -> pd.DataFrame:
    """Fourteen programs, whose numbers sort otherwise than their letters."""
    costs = [900.0, 12_000.0, None, -50.0, 1_000.0, *range(2_000, 2_900, 100)]
    shares = [0.09, 0.101, 0.5, None, 1.0, *[0.3] * 9]
    chances = [0.995, 0.99, 0.004, 0.01, 0.5, *[0.6] * 9]
    names = ["Éclair baking", "Welding", "Nursing 10", "Nursing 9", "=1+1 <b>"]
    names += [f"Course {letter}" for letter in "ABCDEFGHI"]
    return pd.DataFrame({"name": names, "cost": costs, "share": shares, "chance": chances})


def picture() -> str:
    rows = pd.DataFrame(
        {"line": ["men", "women <18"], "estimate": [1.0, 2.0], "low": 0.0, "high": [2.0, 3.0]}
    )
    drawn = forest(
        rows, label="line", series=None, estimate="estimate", low="low", high="high", xlabel="x"
    )
    said = {"men": "men: $1", "women <18": "women <18: $2 & more"}
    return picture_html(drawn, title="A", subtitle="b", alt="Two lines.", source="c", lines=said)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    table = render_table(programs(), COLUMNS, caption="All programs", rows=12, held=100)
    part = render_table(programs(), COLUMNS, caption="A part", rows=3, held=11)
    short = render_table(programs().head(3), COLUMNS, caption="Three programs")
    body = f"<h1>Programs</h1>{table}{part}{short}{picture()}"
    path = tmp_path_factory.mktemp("script") / "page.html"
    path.write_text(plain_page("Programs", body, "<p>Made here.</p>"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def play(page: Path, driven: Callable[..., Any]) -> Play:
    def steps(*steps: dict[str, Any], **asked: Any) -> list[dict[str, Any]]:
        views = asked.pop("views", VIEWS[:1])
        return list(driven("play.js", page=str(page), views=views, steps=list(steps), **asked))

    return steps


FIRST = "[aria-label='All programs'] table"
TOOLS = ".tools:has(+ [aria-label='All programs'])"


def head(column: int) -> str:
    return f"{FIRST} thead th:nth-child({column}) button"


def cells(column: int, name: str) -> dict[str, str]:
    return {"read": f"{FIRST} tbody > tr > :nth-child({column})", "as": name}


NOTE = "[aria-label='All programs'] + .note"
BOX = f"{TOOLS} input"


def test_numbers_sort_as_numbers_and_what_is_not_known_comes_last(play: Play) -> None:
    (seen,) = play(
        {"click": f"{TOOLS} button"},
        {"click": head(2)}, cells(2, "dollars_up"),
        {"click": head(2)}, cells(2, "dollars_down"),
        {"click": head(3)}, cells(3, "share_up"),
        {"click": head(4)}, cells(4, "chance_up"),
    )  # fmt: skip
    up = seen["dollars_up"]
    assert up[:4] == ["−$50", "$900", "$1,000", "$2,000"]
    assert up[-2:] == ["$12,000", "–"]
    assert seen["dollars_down"][:2] == ["$12,000", "$2,800"]
    assert seen["dollars_down"][-2:] == ["−$50", "–"]
    assert [seen["share_up"][i] for i in (0, 1, -3, -2, -1)] == [
        "9.0%", "10.1%", "50.0%", "100.0%", "–",
    ]  # fmt: skip
    assert [seen["chance_up"][i] for i in (0, 1, -2, -1)] == ["< .01", ".01", ".99", "> .99"]


def test_words_sort_as_a_reader_does_and_a_third_press_restores_the_order(play: Play) -> None:
    (seen,) = play(
        {"click": f"{TOOLS} button"},
        cells(1, "at_first"),
        {"press": head(1), "key": "Enter"}, cells(1, "up"),
        {"attribute": "aria-sort", "of": f"{FIRST} thead th", "as": "said_up"},
        {"press": head(1), "key": "Space"},
        {"attribute": "aria-sort", "of": f"{FIRST} thead th", "as": "said_down"},
        {"press": head(1), "key": "Enter"}, cells(1, "again"),
        {"attribute": "aria-sort", "of": f"{FIRST} thead th", "as": "said_again"},
    )  # fmt: skip
    named = seen["up"]
    assert named.index("Nursing 9") < named.index("Nursing 10") < named.index("Welding")
    assert named.index("Course I") < named.index("Éclair baking") < named.index("Nursing 9")
    assert seen["said_up"] == ["ascending", None, None, None]
    assert seen["said_down"] == ["descending", None, None, None]
    assert seen["said_again"] == [None] * 4
    assert seen["again"] == seen["at_first"] == programs()["name"].tolist()


def test_only_the_first_rows_stand_until_all_are_asked_for(play: Play) -> None:
    said = {"read": f"{TOOLS} [role=status]", "as": "said"}
    (seen,) = play(
        cells(1, "first"), {"read": f"{NOTE} [data-first]", "as": "note"},
        {"click": head(2)}, cells(2, "cheapest"),
        {"click": f"{TOOLS} button"}, cells(1, "all"), said,
        {"read": f"{TOOLS} button", "as": "button"},
        {"read": f"{NOTE} [data-first]", "as": "no_note"},
    )  # fmt: skip
    assert seen["first"] == programs()["name"].tolist()[:12]
    assert seen["note"] == ["First 12 of 14 rows."]
    # sorted over all rows, those beyond the first too
    assert len(seen["cheapest"]) == 12
    assert seen["cheapest"][0] == "−$50"
    assert len(seen["all"]) == 14
    assert seen["said"] == ["14 of 14 rows"]
    assert seen["button"] == seen["no_note"] == []


def test_the_filter_finds_every_row_the_page_holds_and_says_how_many(play: Play) -> None:
    said = {"read": f"{TOOLS} [role=status]"}
    (seen,) = play(
        {"fill": BOX, "with": "course i"}, cells(1, "one"), said | {"as": "said_one"},
        {"fill": BOX, "with": "eclair"}, cells(1, "accent"),
        {"fill": BOX, "with": "<b>"}, cells(1, "sign"),
        {"fill": BOX, "with": "nothing like it"}, cells(1, "none"), said | {"as": "said_none"},
        {"fill": BOX, "with": ""}, cells(1, "back"), {"read": f"{NOTE} [data-first]", "as": "note"},
        {"attribute": "aria-label", "of": BOX, "as": "named"},
    )  # fmt: skip
    assert seen["one"] == ["Course I"]
    assert seen["said_one"] == ["1 of 14 rows"]
    assert seen["accent"] == ["Éclair baking"]
    assert seen["sign"] == ["=1+1 <b>"]
    assert seen["none"] == []
    assert seen["said_none"] == ["0 of 14 rows"]
    assert len(seen["back"]) == 12
    assert seen["note"] == ["First 12 of 14 rows."]
    # one long table, one box; a short one is left alone
    assert seen["named"] == ["Filter rows of: All programs"]


def test_a_page_that_holds_a_part_says_of_how_many(play: Play) -> None:
    tools = ".tools:has(+ [aria-label='A part'])"
    said = {"read": f"{tools} [role=status]"}
    (seen,) = play(
        {"read": f"{tools} button", "as": "button"}, said | {"as": "at_first"},
        {"fill": f"{tools} input", "with": "course"}, said | {"as": "some"},
        {"fill": f"{tools} input", "with": ""},
        {"click": f"{tools} button"}, said | {"as": "all"},
    )  # fmt: skip
    assert seen["button"] == ["Show 11 rows"]
    # before anything is typed: how many rows the filter looks at, and where the others are
    assert seen["at_first"] == [
        "Searches and sorts the first 11 of 14 rows; the file below the table has more."
    ]
    assert seen["some"] == ["6 of 11 rows that this page holds, of 14 in all"]
    assert seen["all"] == ["11 of 11 rows that this page holds, of 14 in all"]


def test_a_caption_stays_in_sight_however_wide_its_table_is(play: Play) -> None:
    for seen in play({"box": f"{FIRST} caption span", "as": "caption"},
                     {"box": FIRST, "as": "table"}, views=[{"width": 200}]):  # fmt: skip
        assert seen["table"]["width"] > 200
        assert seen["caption"]["x"] + seen["caption"]["width"] <= 200


def test_a_line_of_a_picture_can_be_picked(play: Play) -> None:
    (seen,) = play(
        {"read": ".band", "as": "no_band"}, {"box": "figure img", "as": "image"},
        {"select": ".pick select", "index": 1}, {"box": ".band", "as": "first"},
        {"read": ".pick [role=status]", "as": "men"},
        {"select": ".pick select", "index": 2}, {"box": ".band", "as": "second"},
        {"read": ".pick [role=status]", "as": "women"},
        {"select": ".pick select", "index": 0}, {"read": ".band", "as": "gone"},
        {"read": ".pick [role=status]", "as": "nothing"},
    )  # fmt: skip
    assert seen["no_band"] == seen["gone"] == []
    image, first, second = seen["image"], seen["first"], seen["second"]
    assert seen["men"] == ["men: $1"]
    assert seen["women"] == ["women <18: $2 & more"]
    assert image["y"] <= first["y"] < second["y"]
    assert first["y"] + first["height"] == pytest.approx(second["y"], abs=2)
    assert second["y"] + second["height"] < image["y"] + image["height"]
    assert seen["nothing"] in ([], [""])


def test_after_all_of_it_axe_finds_nothing_and_nothing_runs_over(play: Play) -> None:
    looks = play(
        {"click": head(2)}, {"fill": BOX, "with": "course"},
        {"select": ".pick select", "index": 1}, {"axe": True, "as": "violations"},
        views=VIEWS,
    )  # fmt: skip
    for seen in looks:
        assert seen["violations"] == [], seen["view"]
        assert seen["requests"] == seen["errors"] == []
        assert seen["overflow"] <= 0, seen["view"]


def test_on_paper_and_without_the_script_the_page_reads_whole(play: Play) -> None:
    controls = {"read": ".tools, .pick, .band, thead button", "as": "controls"}
    (paper,) = play(
        {"select": ".pick select", "index": 1}, {"paper": True},
        {"read": ".tools, .pick, .band", "as": "controls"}, cells(1, "rows"),
    )  # fmt: skip
    assert paper["controls"] == []
    assert len(paper["rows"]) == 12
    (bare,) = play(
        controls, cells(1, "rows"), {"read": f"{NOTE} [data-first]", "as": "note"}, scripted=False
    )
    assert bare["controls"] == []
    assert bare["rows"] == programs()["name"].tolist()[:12]
    assert bare["note"] == ["First 12 of 14 rows."]
