"""Results about the same people are put side by side only where nothing follows from them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.paths import processed_folder, reports_folder
from analysis.runs.place import put_in_place
from analysis.runs.record import new_record
from analysis.runs.store import StoredRun
from analysis.runs.together import refuse_what_tells_too_much


def stored(
    folder: Path, notebook: str, table: str, frame: pd.DataFrame, sha: str = "a1"
) -> StoredRun:
    folder.mkdir(parents=True)
    frame.to_parquet(folder / f"{table}.parquet")
    used = {"title": "t", "publisher": "p", "release": "", "form": "original", "sha256": sha}
    record = {
        "notebook": notebook, "title": "t", "tables": [table], "minimum_cell": 10,
        "parameters": {}, "used": {"user:wioa": used}, "lacking": {}, "answer": [],
        "checked_as_published": {f"wioa:{sha}": [table]},
    }  # fmt: skip
    (folder / "study.json").write_text(json.dumps(record), "utf-8")
    (folder / "report.html").write_text("<p>report</p>", "utf-8")
    written = {"bytes": 0, "sha256": ""}
    outputs = dict.fromkeys((f"{table}.parquet", "study.json", "report.html"), written)
    run = {**new_record(notebook), "id": folder.name, "result": "r", "differs": False,
           "outputs": outputs}  # fmt: skip
    (folder / "run.json").write_text(json.dumps(run), "utf-8")
    return StoredRun(notebook, folder.name, folder, run)


def records(folder: Path) -> StoredRun:
    """Notebook 03: the two smaller races are hidden."""
    shares = pd.DataFrame(
        {"by": ["all", "race", "race", "race"], "race": ["", "Black", "white", "Samoan"],
         "group": ["all", "Black", "white", "Samoan"], "indicator": "employed_q2",
         "people": [500.0, 300.0, np.nan, np.nan]}
    )  # fmt: skip
    return stored(folder, "03_effectiveness_metrics", "wioa_share", shares)


def effects(folder: Path, sha: str = "a1") -> StoredRun:
    """Notebook 04: of one of them so many that at most six are of the other."""
    rows = pd.DataFrame(
        {"grouping": ["all", "race", "race", "race"], "group": ["all", "Black", "white", "Samoan"],
         "n_treated": [200.0, 100.0, 98.0, np.nan], "n_control": [240.0, 140.0, 96.0, np.nan]}
    )  # fmt: skip
    return stored(folder, "04_earnings_effects", "effects_wioa", rows, sha)


def test_settings_on_one_file_are_read_together_and_on_two_apart(tmp_path: Path) -> None:
    one, two = records(tmp_path / "one"), effects(tmp_path / "two")
    refuse_what_tells_too_much([one.folder])
    refuse_what_tells_too_much([one.folder, effects(tmp_path / "other", "b2").folder])
    with pytest.raises(WorkbenchError, match=r"may not lie side by side: .* give away .*Samoan"):
        refuse_what_tells_too_much([one.folder, two.folder])


def test_what_lay_there_stays_where_the_next_would_tell_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path / "out"))
    put_in_place([records(tmp_path / "one")])
    lying = sorted(path.name for path in processed_folder().rglob("*"))
    with pytest.raises(WorkbenchError, match="side by side"):
        put_in_place([effects(tmp_path / "two")])
    assert sorted(path.name for path in processed_folder().rglob("*")) == lying
    assert not (reports_folder() / "04_earnings_effects.html").exists()
    put_in_place([effects(tmp_path / "elsewhere", "b2")])
    assert (reports_folder() / "04_earnings_effects.html").is_file()


def test_a_run_about_other_people_lowers_no_limit(tmp_path: Path) -> None:
    """Six of another race are told: enough for its limit of two. One never checked has none."""
    one, two = records(tmp_path / "one"), effects(tmp_path / "two")
    other = effects(tmp_path / "other", "b2")
    record = json.loads((other.folder / "study.json").read_text("utf-8"))
    (other.folder / "study.json").write_text(json.dumps(record | {"minimum_cell": 2}), "utf-8")
    (tmp_path / "never").mkdir()
    for beside in (other.folder, tmp_path / "never"):
        with pytest.raises(WorkbenchError, match="side by side"):
            refuse_what_tells_too_much([one.folder, two.folder, beside])


@pytest.mark.parametrize("spoiled", ["{", '{"notebook": "03_effectiveness_metrics", "id": "one"}'])
def test_results_whose_record_is_not_whole_are_still_checked_beside(
    spoiled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_OUTPUT", str(tmp_path / "out"))
    put_in_place([records(tmp_path / "one")])
    (processed_folder() / "03_effectiveness_metrics" / "run.json").write_text(spoiled)
    with pytest.raises(WorkbenchError, match="side by side"):
        put_in_place([effects(tmp_path / "two")])
