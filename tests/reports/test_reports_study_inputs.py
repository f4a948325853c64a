"""What a study takes in is checked at the door."""

import json
import shutil
from contextlib import nullcontext
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.framework import framework_path
from analysis.reports.own_files import OwnFiles
from analysis.reports.study import Study
from analysis.simulate.state import SimulatedState

HEAD = "program_key,provider_id,cip_code,metric,horizon,value,n,by,group"


def grouped(folder: Path, by: str, group: str) -> str:
    path = folder / "groups.csv"
    row = f"p1,p,51.0801,employed_share,quarter 2 after exit,0.5,40,{by},{group}"
    path.write_text(f"{HEAD}\n{row}\n", encoding="utf-8")
    return str(path)


def test_outcomes_by_one_kind_of_group_are_taken_with_their_provenance(tmp_path: Path) -> None:
    study = OwnFiles("05_tier_calibration", {})
    frame = study.own_group_outcomes(grouped(tmp_path, "gender", "women"))
    assert frame["group"].tolist() == ["women"]
    assert study.used["user:outcomes by group"]["title"].endswith("groups.csv")


def test_crossed_groups_are_refused_since_a_sum_would_give_their_cells_away(
    tmp_path: Path,
) -> None:
    study = OwnFiles("05_tier_calibration", {})
    with pytest.raises(WorkbenchError, match="'race and gender' is no single kind of group"):
        study.own_group_outcomes(grouped(tmp_path, "race and gender", "Black women"))
    assert study.used == {}


def test_own_moves_are_taken_with_their_provenance_and_a_bad_file_is_one_error(
    tmp_path: Path,
) -> None:
    study = OwnFiles("01_skill_similarity", {})
    assert study.own_moves("", "pairs") is None
    path = tmp_path / "moves.csv"
    path.write_text("origin,target,weight\n41-2011,31-9092.00,3\n41-2011,41-2011,9\n", "utf-8")
    found = study.own_moves(str(path), "pairs")
    assert found is not None
    assert found.to_numpy().tolist() == [["41-2011", "31-9092", 3.0]]
    assert study.used["user:moves"]["title"].endswith("moves.csv")
    with pytest.raises(WorkbenchError, match="does not exist"):
        study.own_moves(str(tmp_path / "none.csv"), "wioa")


def test_moves_of_simulated_records_are_those_of_the_command(simulated: SimulatedState) -> None:
    """SIMULATED people: what notebook 01 and 'workbench evaluate similarity --wioa' both score."""
    study = OwnFiles("01_skill_similarity", {})
    found = study.own_moves(str(simulated.path), "wioa")
    assert found is not None
    assert found["weight"].sum() > 1000
    assert not (found["origin"] == found["target"]).any()
    assert not found.duplicated(["origin", "target"]).any()


def test_a_table_brings_the_sources_that_it_rests_on_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    monkeypatch.delenv("WORKBENCH_EARLIER", raising=False)
    folder = tmp_path / "data/processed/05_tier_calibration"
    folder.mkdir(parents=True)
    about = {"publisher": "p", "release": "", "form": "original", "sha256": "a1"}
    record = {
        "notebook": "05_tier_calibration",
        "title": "t",
        "parameters": {},
        "minimum_cell": 10,
        "tables": ["tiers", "others"],
        "answer": [],
        "used": {
            "scorecard": {"title": "S", **about},
            "simulated:wioa": {"title": "SIMULATED", **about},
        },
        "lacking": {},
        "rests_on": {"tiers": ["scorecard"]},
    }
    (folder / "study.json").write_text(json.dumps(record), "utf-8")
    for name in ("tiers", "others"):
        pd.DataFrame({"tier": ["A"]}).to_parquet(folder / f"{name}.parquet")
    study = OwnFiles("06_training_guide", {})
    study.earlier("05_tier_calibration", "tiers")
    assert set(study.used) == {"scorecard"}
    study.earlier("05_tier_calibration", "others")
    assert set(study.used) == {"scorecard", "simulated:wioa"}


def test_an_earlier_notebook_s_framework_is_known_by_its_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path))
    monkeypatch.delenv("WORKBENCH_EARLIER", raising=False)
    folder = tmp_path / "data/processed/02_skill_delta"
    folder.mkdir(parents=True)
    record = {"notebook": "02_skill_delta", "title": "t", "parameters": {"framework": "own file"},
              "used": {}, "lacking": {}}  # fmt: skip
    (folder / "study.json").write_text(json.dumps(record), "utf-8")
    own = shutil.copy(framework_path(), tmp_path / "own.toml")
    study = OwnFiles("06_training_guide", {"framework": str(own)})
    for alpha, words in ((0.05, ""), (0.01, r"of two frameworks: tiers\.alpha differs")):
        traced = {"framework": {"tiers.alpha": alpha}}
        (folder / "run.json").write_text(json.dumps({"traced": traced}), "utf-8")
        expected = pytest.raises(WorkbenchError, match=words) if words else nullcontext()
        with expected:
            study.same_parameters("02_skill_delta", "framework")
    for spoiled in ({}, {"traced": []}, {"traced": {"framework": []}}):
        (folder / "run.json").write_text(json.dumps(spoiled), "utf-8")
        with pytest.raises(WorkbenchError, match="no whole record"):
            study.same_parameters("02_skill_delta", "framework")


def test_without_a_runner_an_earlier_framework_is_known_by_what_its_notebook_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # what other tests of this process have read is not what this notebook read
    monkeypatch.setattr("analysis.framework.reads._read", set())
    monkeypatch.setenv("WORKBENCH_STAGING", str(tmp_path / "02"))
    earlier = {"02_skill_delta": str(tmp_path / "02")}
    monkeypatch.setenv("WORKBENCH_EARLIER", json.dumps(earlier))
    before = Study("02_skill_delta", {"framework": ""})
    assert before.framework.tiers.alpha == 0.05
    before.finish()
    assert not (tmp_path / "02/run.json").exists()
    study = OwnFiles("06_training_guide", {"framework": ""})
    study.same_parameters("02_skill_delta", "framework")
    study.framework = study.framework.with_tiers(alpha=0.01)
    with pytest.raises(WorkbenchError, match=r"of two frameworks: tiers\.alpha differs"):
        study.same_parameters("02_skill_delta", "framework")
