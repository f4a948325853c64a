"""The pages on runs (difference, sweep, proposals) in a real browser, with names that bite."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from analysis.reports.run_differences import as_page, proposals_page, summary
from analysis.reports.sweep_page import sweep_page

VIEWS = [
    {"width": 1280},
    {"width": 320},
    {"width": 1280, "scheme": "dark"},
    {"width": 1280, "forced": True},
]
BAD = "=HYPERLINK(1) <script>alert(1)</script> مساعد طبي " + "long " * 60


def tables(several: bool = False) -> dict[str, pd.DataFrame]:
    run = ["one", "two"] if several else ["one", "one"]
    inputs = pd.DataFrame(
        {"kind": ["parameter", "source"], "name": ["alpha", "scorecard"], "run": run,
         "before": ["0.05", None], "after": [BAD, None], "notebook": "05_tier_calibration"}
    )  # fmt: skip
    figures = pd.DataFrame(
        {"figure": [f"a.very_long_name_of_a_key_figure.{i}" for i in range(12)], "run": "one",
         "before": 1.0, "after": 2.0, "change": 1.0, "standard_errors": [None, *range(1, 12)],
         "unit": "dollars", "what": "moved"}
    )  # fmt: skip
    programs = pd.DataFrame(
        {"program": [BAD], "provider": ["كلية النور"], "state": "TX", "run": "one", "before": "A",
         "after": "B", "why": "its estimate moved"}
    )  # fmt: skip
    return {"inputs": inputs, "figures": figures, "programs": programs}


def swept() -> tuple[pd.DataFrame, pd.DataFrame]:
    settings = [(alpha, weight) for alpha in ("0.01", "0.05") for weight in ("1", "2")]
    figures = pd.DataFrame(
        [
            {"alpha": alpha, "weight": weight, "figure": f"tiers.share.{name}", "unit": "share",
             "estimate": float(alpha) * place + float(weight), "standard_error": error}
            for alpha, weight in settings
            for place, (name, error) in enumerate([("A", 0.1), ("B", None), ("C", 0.2)])
        ]
    )  # fmt: skip
    failures = pd.DataFrame({"alpha": ["7"], "weight": ["1"], "error": [BAD]})
    return figures, failures


@pytest.fixture(scope="module")
def looks(
    tmp_path_factory: pytest.TempPathFactory, driven: Callable[..., Any]
) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("run pages")
    found, labels = tables(), ("accepted", "one")
    about = {"title": "A living wage", "reason": BAD, "citation": "https://example.org/a-long-one"}
    weighed = [
        (about, summary(labels, found, 90), found),
        ({**about, "title": "Another"}, ["It could not be run: no such metric"], None),
        ({**about, "title": "A third"}, summary(labels, found, 90), found),
    ]
    same = {name: frame.head(0) for name, frame in found.items()}
    pages = {
        "diff.html": as_page(labels, found, 90, "abc"),
        "diff_of_three.html": as_page(("accepted", "one", "two"), tables(True), 90, "abc"),
        "no_difference.html": as_page(labels, same, 90, "abc"),
        "sweep.html": sweep_page("05_tier_calibration", ["alpha", "weight"], *swept(), commit="a"),
        "proposals.html": proposals_page("05_tier_calibration", weighed, "abc"),
    }
    for name, page in pages.items():
        (folder / name).write_text(page, encoding="utf-8")
    files = [str(folder / name) for name in pages]
    return list(driven("look.js", pages=files, views=VIEWS, pdf=str(folder)))


def test_axe_finds_no_violation_in_any_view(looks: list[dict[str, Any]]) -> None:
    found = [(look["file"], look["view"], look["violations"]) for look in looks]
    assert [one for one in found if one[2]] == []


def test_nothing_is_fetched_run_or_runs_over(looks: list[dict[str, Any]]) -> None:
    for look in looks:
        assert look["requests"] == look["errors"] == [], look["file"]
        assert look["overflow"] <= 0, (look["file"], look["view"])


def test_headings_tables_and_pictures_are_as_in_the_reports(looks: list[dict[str, Any]]) -> None:
    for look in looks:
        assert look["headings"][0] == 1
        assert look["headings"].count(1) == 1
        assert look["answer"], look["file"]
        captions = [table["caption"] for table in look["tables"]]
        assert all(captions), look["file"]
        assert len(set(captions)) == len(captions), look["file"]
        assert not any(table["unscoped"] for table in look["tables"]), look["file"]
        assert all(len(alt) > 40 for alt in look["pictures"]), look["file"]
