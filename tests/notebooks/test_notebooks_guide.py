"""Notebook 06 on what a coach may meet: no program, none that may be named, names that bite."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import papermill
import pytest

from analysis.parameters import notebook_folder
from analysis.paths import processed_folder
from analysis.reports.page import write_report

NAME = "06_training_guide"
BAD = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "formula": '=HYPERLINK("https://example.org","click")',
    "right to left": "\u202eمساعد طبي",
    "long": "word " * 800,
    "e-mail": "Ask <ana.person@example.org>",
}
Change = Callable[[dict[str, pd.DataFrame]], dict[str, pd.DataFrame]]


def guide(
    folder: Path, patch: pytest.MonkeyPatch, change: Change | None = None, **parameters: object
) -> str:
    """The page of a run on the results of the default run, some of its tables changed."""
    earlier = {}
    for notebook in ("02_skill_delta", "05_tier_calibration"):
        if not (processed_folder() / notebook / "study.json").is_file():
            pytest.fail("no earlier run: run 'workbench run' first")
        earlier[notebook] = str(processed_folder() / notebook)
    if change:
        for notebook in earlier:
            shutil.copytree(earlier[notebook], folder / notebook)
            earlier[notebook] = str(folder / notebook)
        places = {
            "programs_for_target": folder / "02_skill_delta/programs_for_target.parquet",
            "tiers": folder / "05_tier_calibration/tiers.parquet",
        }
        changed = change({name: pd.read_parquet(path) for name, path in places.items()})
        for name, frame in changed.items():
            frame.to_parquet(places[name])
    results = folder / "results"
    results.mkdir()
    patch.setenv("WORKBENCH_STAGING", str(results))
    patch.setenv("WORKBENCH_EARLIER", json.dumps(earlier))
    executed = results / "notebook.ipynb"
    papermill.execute_notebook(
        notebook_folder() / f"{NAME}.ipynb", executed, parameters=parameters,
        kernel_name="python3", progress_bar=False,
    )  # fmt: skip
    write_report(executed, results, results / "report.html")
    return (results / "report.html").read_text("utf-8")


def test_a_place_without_programs_is_said_and_nothing_else_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = guide(tmp_path, monkeypatch, city="Nowhere")
    assert "No program for this job can be recommended in Nowhere, Texas." in page
    assert "What carries over to the new job" in page
    assert "From Cashiers to several targets" in page
    assert pd.read_csv(tmp_path / "results/targets.csv")["programs"].eq(0).all()


def test_programs_of_the_last_tier_are_never_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_last(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        tiers = tables["tiers"].assign(tier="D")
        listed = tables["programs_for_target"]
        return {
            "tiers": tiers,
            "programs_for_target": listed[listed["program_key"].isin(tiers["program_key"])],
        }

    page = guide(tmp_path, monkeypatch, all_last)
    assert "No program for this job can be recommended in Texas (of " in page
    assert "of the lowest tier" in page
    assert pd.read_csv(tmp_path / "results/programs.csv").empty
    beside = pd.read_csv(tmp_path / "results/targets.csv").iloc[0]
    assert beside["programs"] == 0
    assert beside["lowest_tier"] > 0


def test_programs_that_fail_the_guard_for_groups_are_never_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_risk(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        tiers = tables["tiers"].assign(group_guard="may leave no better off: women")
        rated = tiers.loc[tiers["tier"].isin(["A", "B"]), "program_key"]
        listed = tables["programs_for_target"]
        own = listed[listed["program_key"].isin(rated)]
        assert len(own)
        return {"tiers": tiers, "programs_for_target": own}

    page = guide(tmp_path, monkeypatch, at_risk)
    assert "No program for this job can be recommended in Texas (of " in page
    assert "that may leave a group no better off" in page[: page.index("<h2")]
    assert pd.read_csv(tmp_path / "results/programs.csv").empty
    handout = (tmp_path / "results/handout_en.html").read_text("utf-8")
    assert "We found no program in Texas that we can name." in handout
    assert pd.read_csv(tmp_path / "results/targets.csv")["group_at_risk"].iloc[0] > 0


def test_names_that_bite_are_shown_and_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def renamed(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        listed = tables["programs_for_target"].head(len(BAD)).reset_index(drop=True)
        provider = ["@SUM(A1)", "+1", "كلية النور", "<b>", "-2+3"]
        # their order is that of the list: what they teach does not part them
        named = listed.assign(
            program=list(BAD.values()), provider=provider, city="\tWaco", coverage=float("nan")
        )
        return {"programs_for_target": named}

    page = guide(tmp_path, monkeypatch, renamed)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "مساعد طبي" in page
    # an address is text: no link is made of it, and what is like a tag is none
    assert "Ask &lt;ana.person@example.org&gt;" in page
    assert "mailto:" not in page
    # a name that turns around ends with its cell, and in a sentence with its own element
    assert "<bdi>" in page[: page.index("<h2")]
    handout = (tmp_path / "results/handout_en.html").read_text("utf-8")
    assert "<script>alert" not in handout
    assert "Ask &lt;ana.person@example.org&gt;" in handout
    for name in ("programs", "unbeaten", "targets"):
        cells = pd.read_csv(tmp_path / f"results/{name}.csv", dtype="str").stack()
        assert not cells.str.startswith(("=", "+", "@", "-", "\t")).any(), name
    document = json.loads((tmp_path / "results/guide.json").read_text("utf-8"))
    assert any(BAD["html"] == program["program"] for program in document["programs"])
