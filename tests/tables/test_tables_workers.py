"""A coach's list: right readings, and one error that names the place and never a person."""

from pathlib import Path

import pytest

from analysis.errors import WorkbenchError
from analysis.tables.workers import read_workers

HEAD = "worker,origin,target,state"


def listed(folder: Path, text: str) -> Path:
    path = folder / "workers.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_left_out_means_no_limit(tmp_path: Path) -> None:
    table = read_workers(listed(tmp_path, f"{HEAD}\nAna,Cashiers,Bakers,TX\n"))
    row = table.iloc[0]
    assert table.index.tolist() == [2]
    assert (row["maximum_cost"], row["maximum_weeks"], row["delivery"]) == (0.0, 0.0, "any")
    assert not row["public_transit"]
    assert row["language"] == "en"


def test_amounts_and_answers_as_people_write_them(tmp_path: Path) -> None:
    head = f"{HEAD},maximum_cost,child_care,language"
    text = f'{head}\nAna,Cashiers,Bakers,TX,"$1,500",Sí,ES\n'
    row = read_workers(listed(tmp_path, text)).iloc[0]
    assert (row["maximum_cost"], row["child_care"], row["language"]) == (1500.0, True, "es")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("worker,origin,state\nAna,Cashiers,TX\n", "no column 'target'"),
        (f"{HEAD}\nAna,Cashiers,,TX\n", "column 'target', row 2: is empty"),
        (f"{HEAD},maximum_cost\nAna,a,b,TX,much\n", "column 'maximum_cost', row 2: is no amount"),
        (f"{HEAD},maximum_cost\nAna,a,b,TX,-5\n", "column 'maximum_cost', row 2: is no amount"),
        (f"{HEAD},child_care\nAna,a,b,TX,maybe\n", "column 'child_care', row 2: is neither"),
        (f"{HEAD},delivery\nAna,a,b,TX,by post\n", "column 'delivery', row 2: is unknown"),
        (f"{HEAD},language\nAna,a,b,TX,fr\n", "column 'language', row 2: is unknown"),
    ],
)
def test_a_bad_list_is_one_error_without_a_name(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(WorkbenchError) as error:
        read_workers(listed(tmp_path, text))
    assert words in str(error.value)
    assert "Ana" not in str(error.value)
