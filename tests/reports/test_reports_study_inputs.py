"""What a study takes in is checked at the door."""

from pathlib import Path

import pytest

from analysis.errors import WorkbenchError
from analysis.reports.study_inputs import StudyInputs

HEAD = "program_key,provider_id,cip_code,metric,horizon,value,n,by,group"


def grouped(folder: Path, by: str, group: str) -> str:
    path = folder / "groups.csv"
    row = f"p1,p,51.0801,employed_share,quarter 2 after exit,0.5,40,{by},{group}"
    path.write_text(f"{HEAD}\n{row}\n", encoding="utf-8")
    return str(path)


def test_outcomes_by_one_kind_of_group_are_taken_with_their_provenance(tmp_path: Path) -> None:
    study = StudyInputs("05_tier_calibration", {})
    frame = study.own_group_outcomes(grouped(tmp_path, "gender", "women"))
    assert frame["group"].tolist() == ["women"]
    assert study.used["user:outcomes by group"]["title"].endswith("groups.csv")


def test_crossed_groups_are_refused_since_a_sum_would_give_their_cells_away(
    tmp_path: Path,
) -> None:
    study = StudyInputs("05_tier_calibration", {})
    with pytest.raises(WorkbenchError, match="'race and gender' is no single kind of group"):
        study.own_group_outcomes(grouped(tmp_path, "race and gender", "Black women"))
    assert study.used == {}
