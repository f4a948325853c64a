"""Checking a user's file: each bad file ends in a right reading, listed problems or one error."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.cli import main
from analysis.errors import WorkbenchError
from analysis.reports.file_check import write_template
from analysis.tables import file_checks
from analysis.tables.file_checks import check_file, layout_names
from analysis.tables.wioa_layout import wioa_layout
from analysis.tables.workers import read_workers

PROGRAMS = "program_key,provider,program,cip_code,state,cost\n"


def put(tmp_path: Path, content: str | bytes, name: str = "programs.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def wioa_file(tmp_path: Path, *changes: dict[str, str]) -> Path:
    base = {
        "state": "TX", "sex": "1", "entry_date": "20220103", "exit_date": "20220601",
        "exit_reason": "00", "received_training": "0", "reportable_individual": "0",
        "employed_q2": "1", "employed_q4": "1", "wage_after_2": "8000", "age": "30",
    }  # fmt: skip
    elements = wioa_layout().elements
    rows = [{**base, "person": f"p{n}", **change} for n, change in enumerate(changes)]
    frame = pd.DataFrame([{e.heading: row.get(e.column, "") for e in elements} for row in rows])
    frame.to_csv(tmp_path / "wioa.csv", index=False)
    return tmp_path / "wioa.csv"


def test_a_good_file_has_no_problem(tmp_path: Path) -> None:
    path = put(tmp_path, PROGRAMS + 'a,b,c,51.0801,TX,"$1,234"\n')
    found = check_file(path)
    assert (found.layout, found.rows, len(found.problems)) == ("programs", 1, 0)


def test_all_problems_are_listed_with_rows_and_remedies(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        PROGRAMS
        + "a,b,c,51.0801,TX,12\nb,b,c,welding,TX,x\nc,,c,510801,TX,-5\nd,b,c,welding,TX,\n",
    )
    found = check_file(path).problems
    assert found[["row", "column"]].to_numpy().tolist() == [
        [3, "cip_code"],
        [3, "cost"],
        [4, "cost"],
        [4, "provider"],
        [5, "cip_code"],
    ]
    assert found["rows"].tolist() == [2, 1, 1, 1, 2]
    assert found["remedy"].str.len().min() > 3


def test_missing_columns_are_problems_too(tmp_path: Path) -> None:
    found = check_file(put(tmp_path, "program_key,provider\na,b\n"), "programs").problems
    assert found["column"].tolist() == ["cip_code", "program", "state"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ((PROGRAMS + "a,b,c,51.0801,TX,1\n").replace(",", ";"), "not divided by commas"),
        (b"PK\x03\x04 excel", "is a spreadsheet"),
        ((PROGRAMS + "a,b,c,51.0801,TX,1\n").encode("utf-16"), "UTF-16"),
        ("state," + PROGRAMS + "TX,a,b,c,51.0801,TX,1\n", "heading 'state' stands twice"),
        (PROGRAMS, "a heading and no rows"),
        (b"", "is empty"),
    ],
)
def test_files_that_are_no_table_end_in_one_error(
    tmp_path: Path, content: str | bytes, words: str
) -> None:
    with pytest.raises(WorkbenchError, match=words):
        check_file(put(tmp_path, content), "programs")


def test_codes_without_leading_zeros_and_money_are_read_right(tmp_path: Path) -> None:
    path = put(tmp_path, PROGRAMS + 'a,b,c,10505,TX,"$1,234.50"\n')
    assert check_file(path).problems.empty


def test_edit_checks_of_the_records(tmp_path: Path) -> None:
    path = wioa_file(
        tmp_path,
        {},
        {"exit_date": "20210101"},
        {"employed_q2": "0"},
        {"age": "7"},
        {"entry_date": "3.1.2022"},
        {"sex": "M"},
        {"received_training": "1"},
        {"credential": "6", "credential_date": "20210101"},
        {"exit_date": "", "employed_q4": ""},
    )
    found = check_file(path)
    assert found.layout == "wioa"
    told = {(row.row, row.problem) for row in found.problems.itertuples()}
    assert told == {
        (3, "row rejected: exit before entry"),
        (4, "wages in the 2nd quarter after exit without employment"),
        (5, "impossible age at entry"),
        (6, "row rejected: participant without a readable date of entry"),
        (6, "the value is none of this element"),
        (7, "the value is none of this element"),
        (8, "training without a field of study (CIP)"),
        (9, "credential attained before entry"),
        (10, "employment after exit without an exit"),
    }


@pytest.mark.parametrize("name", layout_names())
def test_a_template_is_written_and_is_a_file_without_rows(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["template", name, "--folder", str(tmp_path)]) == 0
    page = (tmp_path / f"{name}_dictionary.html").read_text("utf-8")
    assert '<html lang="en">' in page
    assert main(["check", str(tmp_path / f"{name}.csv")]) == 2
    assert "a heading and no" in capsys.readouterr().err
    assert main(["template", name, "--folder", str(tmp_path)]) == 2


def test_the_template_of_a_list_of_workers_is_read_by_its_reader(tmp_path: Path) -> None:
    file, _ = write_template("workers", tmp_path)
    file.write_text(file.read_text("utf-8") + "w,Cashiers,Welders,TX,,,,,,,\n", "utf-8")
    assert read_workers(file)["target"].tolist() == ["Welders"]


def test_a_file_of_no_layout_is_not_taken_for_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, row, words in (
        (
            "worker",
            "job,Cashiers,,2,0\n",
            "no layout has any of its headings. Name one by --layout",
        ),
        ("workers", "w,Cashiers,Welders,TX,,,,,,,\n", "is a list of workers. 'workbench guide'"),
    ):
        assert main(["template", name, "--folder", str(tmp_path)]) == 0
        file = tmp_path / f"{name}.csv"
        file.write_text(file.read_text("utf-8") + row, "utf-8")
        assert main(["check", str(file)]) == 2
        assert words in capsys.readouterr().err


def test_the_command_prints_problems_and_writes_an_escaped_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = put(tmp_path, PROGRAMS + "a,b,c,<script>x</script>,TX,1\n")
    page = tmp_path / "check.html"
    assert main(["check", str(path), "--html", str(page)]) == 1
    out = capsys.readouterr().out
    assert "row 2, cip_code: '<script>x</script>' is no CIP code. Write it as NN.NNNN" in out
    content = page.read_text("utf-8")
    assert "<script>" not in content
    assert "&lt;script&gt;" in content
    assert main(["check", str(tmp_path / "none.csv")]) == 2
    assert main(["template", "nothing"]) == 2


def test_a_file_without_a_named_layout_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "programs.csv"
    path.write_text("program_key,provider,program,cip_code,state\na,College,Welding,48.0508,CA\n")
    read, whole = [], file_checks.read_text_table

    def noted(file: Path) -> pd.DataFrame:
        read.append(file.name)
        return whole(file)

    monkeypatch.setattr(file_checks, "read_text_table", noted)
    assert check_file(path).layout == "programs"
    assert read == ["programs.csv"]
