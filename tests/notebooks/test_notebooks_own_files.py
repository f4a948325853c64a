"""Notebook 04 on a user's files: participants with every part, and records of the WIOA layout."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.paths import cache_folder, raw_folder
from analysis.reports.key_figures import read_key_figures
from analysis.runs.pipeline import run
from analysis.simulate.state import simulate_state

NAME = "04_earnings_effects"


def participants(path: Path) -> dict[str, str]:
    """A lottery at 30 sites with a stratum, weights, attendance, costs and lost outcomes."""
    rng = np.random.default_rng(1)
    n = 1500
    site = rng.integers(0, 30, n)
    offer = (rng.random(n) < np.where(site % 2, 0.6, 0.4)).astype(int)
    came = ((rng.random(n) < 0.7) & (offer == 1)).astype(int)
    before = rng.lognormal(9, 0.6, n)
    pay = before + 1500 * came + 900 * rng.normal(size=n)
    frame = pd.DataFrame(
        {"person": np.arange(n), "offer": offer, "pay": pay, "before": before, "came": came,
         "race": rng.choice(["Black", "white", "=1+1 <b>"], n), "site": site,
         "gender": rng.choice(["men", "women"], n), "office": site % 2,
         "w": rng.uniform(0.5, 3, n), "spent": 600.0 * came + 100}
    )  # fmt: skip
    frame.loc[rng.random(n) < 0.1, "pay"] = np.nan
    frame.to_csv(path, index=False)
    return {
        "participants": str(path), "outcome": "pay", "treatment": "offer", "stratum": "office",
        "covariates": "before", "earlier": "before", "weights": "w", "cluster": "site",
        "attended": "came", "cost": "spent",
    }  # fmt: skip


def records(path: Path) -> dict[str, str]:
    simulate_state(path, 12_000, seed=3)
    return {"wioa": str(path)}


@pytest.fixture(scope="module", params=[participants, records])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Report, tables and key figures of a run on the user's file."""
    folder = tmp_path_factory.mktemp(request.param.__name__)
    given = request.param(folder / "mine.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_CACHE", str(cache_folder()))
        patch.setenv("WORKBENCH_RAW", str(raw_folder()))
        patch.setenv("WORKBENCH_OUTPUT", str(folder))
        said: list[str] = []
        assert run([NAME], given, said.append), "\n".join(said)
    return request.param.__name__, folder


def test_the_report_is_about_the_file_alone(page):
    kind, folder = page
    text = (folder / f"reports/{NAME}.html").read_text("utf-8")
    record = json.loads((folder / f"data/processed/{NAME}/study.json").read_text("utf-8"))
    source = {"participants": "user:participants", "records": "user:wioa"}[kind]
    assert list(record["used"]) == [source]
    assert "Job Corps, young people" not in text
    assert "SIMULATED" not in text
    figures = read_key_figures(folder / f"data/processed/{NAME}/figures.json")
    assert {one.sources for one in figures} == {(f"{source}:original",)}
    start = {"participants": "own.", "records": ("wioa.", "records.")}[kind]
    assert all(one.name.startswith(start) for one in figures)


def test_it_holds_the_tables_that_its_columns_allow(page):
    kind, folder = page
    tables = {path.stem for path in (folder / f"data/processed/{NAME}").glob("*.csv")}
    expected = {
        "participants": {"effects_own", "attendance", "attrition", "gaps", "design_grades"},
        "records": {
            *("effects_wioa", "record_designs", "record_quarters", "record_race_rules"),
            *("record_field_splits", "gaps", "design_grades"),
        },
    }[kind]
    assert expected <= tables
    for name in expected - {"gaps"}:
        frame = pd.read_csv(folder / f"data/processed/{NAME}/{name}.csv")
        people = [one for one in ("people", "n_treated", "n_control") if one in frame]
        assert people
        assert (frame[people].stack().dropna() >= 10).all()


@pytest.mark.parametrize("page", [participants], indirect=True)
def test_text_from_the_file_is_data(page):
    _, folder = page
    text = (folder / f"reports/{NAME}.html").read_text("utf-8")
    assert "=1+1 &lt;b&gt;" in text
    assert "=1+1 <b>" not in text
    cells = pd.read_csv(folder / f"data/processed/{NAME}/effects_own.csv", dtype="str")
    assert not cells["group"].str.startswith("=").any()


def test_both_files_at_once_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    said: list[str] = []
    given = participants(tmp_path / "mine.csv") | {"wioa": str(tmp_path / "mine.csv")}
    assert not run([NAME], given, said.append)
    assert "parameters 'participants' and 'wioa': both name a file" in "\n".join(said)


def odd(change: str, path: Path) -> dict[str, str]:
    """A lottery of 400 people with one oddity."""
    rng = np.random.default_rng(1)
    n = 400
    frame = pd.DataFrame(
        {"offer": rng.integers(0, 2, n), "race": rng.choice(["Black", "white"], n),
         "age": rng.integers(18, 60, n), "person": range(n), "w": 1.0}
    )  # fmt: skip
    frame["pay"] = 200 * frame["age"] + 900 * frame["offer"] + 3000 * rng.normal(size=n)
    given = {"participants": str(path), "outcome": "pay", "treatment": "offer", "groups": "race"}
    given["covariates"] = "age"
    if change == "one-armed group":
        frame.loc[frame["race"] == "Black", "offer"] = 1
    elif change == "constant treatment":
        frame["offer"] = 1
    elif change == "missing race":
        frame.loc[::5, "race"] = ""
    elif change == "infinite weight":
        frame["w"] = ["inf", *frame["w"].astype(str)[1:]]
        given["weights"] = "w"
    elif change == "a person twice":
        frame.loc[5, "person"] = 4
    elif change == "negative earnings":
        assert (frame["pay"] < 0).any()
    elif change == "collinear covariates":
        frame["months"] = 12 * frame["age"]
        given["covariates"] = "age, months"
    elif change == "three rows":
        frame = frame.head(3)
    frame.to_csv(path, index=False)
    return given


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("one-armed group", ""),
        ("missing race", ""),
        ("negative earnings", ""),
        ("collinear covariates", ""),
        ("constant treatment", "the control arm has fewer than 2 people"),
        ("infinite weight", "column 'w', row 2: 'inf' is not a number"),
        ("a person twice", "column 'person', row 7: '4' stands in an earlier row too"),
        ("three rows", "arm has fewer than 2 people"),
    ],
)
def test_odd_files_end_in_a_report_or_one_clear_error(
    change: str, error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(cache_folder()))
    monkeypatch.setenv("WORKBENCH_RAW", str(raw_folder()))
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    said: list[str] = []
    assert run([NAME], odd(change, tmp_path / "mine.csv"), said.append) == (not error), said
    assert error in "\n".join(said)
    assert (tmp_path / f"reports/{NAME}.html").is_file() == (not error)
