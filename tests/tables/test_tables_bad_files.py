"""Every layout and every way a file goes wrong: a reading that is right, or one clear error."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.tables.etp_bulk import read_etp_bulk
from analysis.tables.file_checks import check_file, layout_names
from analysis.tables.moves import read_moves
from analysis.tables.state_report import read_state_report
from analysis.tables.user_files import read_participants, read_user_table
from analysis.tables.wioa_account import require_usable
from analysis.tables.wioa_layout import wioa_layout
from analysis.tables.wioa_records import connect, read_wioa_records, used_records
from analysis.tables.workbooks import _extent
from analysis.tables.worker_record import read_worker_record
from analysis.tables.workers import read_workers

WIOA = {
    "person": "p1", "state": "TX", "sex": "1", "entry_date": "20220103", "exit_date": "20220601",
    "exit_reason": "00", "received_training": "1", "reportable_individual": "0",
    "employed_q2": "1", "employed_q4": "1", "wage_after_2": "8000", "age": "30",
    "cip_code": "010505", "credential_date": "20220501",
}  # fmt: skip
OUTCOME = {
    "provider_id": "north", "cip_code": "01.0505", "metric": "average_quarterly_wage",
    "horizon": "quarter 2 after exit", "value": "8000", "n": "120",
}  # fmt: skip
GOOD: dict[str, dict[str, str]] = {
    "programs": {
        "program_key": "a", "provider": "North", "program": "Crops", "cip_code": "01.0505",
        "state": "TX", "cost": "8000",
    },
    "participants": {
        "person": "p", "treatment": "1", "outcome": "8000", "race": "Black", "age": "31",
    },
    "outcomes": OUTCOME,
    "group_outcomes": OUTCOME | {"by": "race", "group": "Black"},
    "state_report": {
        "state": "TX", "stream": "Title I Adult", "period": "PY 2023", "by": "race",
        "group": "Black / African American", "employed_q2": "300", "employed_q2_of": "400",
        "median_earnings_q2": "8000",
    },
    "wioa": {e.heading: WIOA.get(e.column, "") for e in wioa_layout().elements},
    "etp": {
        "reportingstate": "CA", "d101_eligible_training_provider": "College",
        "d105_program_name": "Crops", "d110_cip_code": "01.0505", "d120_total_served": "60",
        "d123_total_employed_q2": "30", "de129": "40", "d111_non_wioa_tuition_cost": "8000",
    },
    "workers": {
        "worker": "w", "origin": "Cashiers", "target": "Welders", "state": "TX",
        "maximum_cost": "8000",
    },
    "moves": {"origin": "41-2011", "target": "51-4121", "weight": "12"},
    "worker": {"kind": "job", "name": "Cashiers", "level": "", "years": "3"},
}  # fmt: skip
MONEY = {
    "programs": "cost", "participants": "outcome", "outcomes": "value", "group_outcomes": "value",
    "wioa": "PIRL 1704", "etp": "d111_non_wioa_tuition_cost", "workers": "maximum_cost",
    "state_report": "median_earnings_q2",
}  # fmt: skip
CIP = {
    "programs": "cip_code", "outcomes": "cip_code", "group_outcomes": "cip_code",
    "wioa": "PIRL 1305", "etp": "d110_cip_code",
}  # fmt: skip
# column of the typed table that money ends in
TYPED = {
    "programs": "cost", "participants": "outcome", "outcomes": "value", "group_outcomes": "value",
    "wioa": "wage_after_2", "etp": "tuition", "workers": "maximum_cost",
    "state_report": "median_earnings_q2",
}  # fmt: skip


def read(name: str, path: Path) -> pd.DataFrame:
    """The reader of each layout, as the notebooks and commands use it."""
    if name == "wioa":
        records = read_wioa_records(path, path.with_suffix(".parquet"))
        require_usable(records, 0.05, path.name)
        with connect() as database:
            return database.execute(f"SELECT * FROM {used_records(records)}").df()
    if name == "participants":
        parts = {"treatment": "treatment", "outcome": "outcome"}
        return read_participants(path, **parts, groups=["race"], covariates=["age"])
    readers: dict[str, Callable[[Path], pd.DataFrame]] = {
        "state_report": read_state_report, "etp": read_etp_bulk, "workers": read_workers,
        "worker": read_worker_record, "moves": read_moves,
    }  # fmt: skip
    return readers[name](path) if name in readers else read_user_table(path, name)


def text(row: dict[str, str], mark: str = ",") -> str:
    frame = pd.DataFrame([row])
    return frame.to_csv(index=False, sep=mark)


def refused(name: str, path: Path, words: str) -> None:
    with pytest.raises(WorkbenchError, match=words) as caught:
        read(name, path)
    assert path.name in str(caught.value)
    assert caught.value.remedy


def put(tmp_path: Path, content: str | bytes, ending: str = "csv") -> Path:
    path = tmp_path / f"mine.{ending}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_every_layout_has_a_good_file() -> None:
    assert set(layout_names()) <= set(GOOD)


@pytest.mark.parametrize("name", GOOD)
def test_the_good_file_is_read(tmp_path: Path, name: str) -> None:
    assert len(read(name, put(tmp_path, text(GOOD[name])))) == 1


@pytest.mark.parametrize("mark", [";", "\t", "|"])
@pytest.mark.parametrize("name", GOOD)
def test_another_delimiter(tmp_path: Path, name: str, mark: str) -> None:
    path = put(tmp_path, text(GOOD[name], mark))
    if name == "wioa":
        assert read(name, path)["wage_after_2"].tolist() == [8000.0]
    else:
        refused(name, path, "heading is not divided by commas")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("name", GOOD)
def test_a_spreadsheet(tmp_path: Path, name: str, ending: str) -> None:
    made = io.BytesIO()
    pd.DataFrame([GOOD[name]]).to_excel(made, index=False)
    path = put(tmp_path, made.getvalue(), ending)
    if (name, ending) == ("etp", "xlsx"):
        # the publisher's own form
        assert read(name, path)["tuition"].tolist() == [8000.0]
    else:
        refused(name, path, "is a spreadsheet")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", GOOD)
def test_utf_16(tmp_path: Path, name: str, encoding: str) -> None:
    refused(name, put(tmp_path, text(GOOD[name]).encode(encoding)), "in UTF-16")


@pytest.mark.parametrize("name", GOOD)
def test_a_doubled_heading(tmp_path: Path, name: str) -> None:
    heading, row = text(GOOD[name]).splitlines()
    first = heading.split(",")[0]
    path = put(tmp_path, f"{heading},{first}\n{row},x\n")
    refused(name, path, "stands twice|stands under two headings")


@pytest.mark.parametrize("name", GOOD)
def test_no_rows_and_nothing_at_all(tmp_path: Path, name: str) -> None:
    heading = text(GOOD[name]).splitlines()[0]
    refused(name, put(tmp_path, heading + "\n"), "a heading and no (usable )?rows")
    refused(name, put(tmp_path, b""), "is empty")


@pytest.mark.parametrize("name", MONEY)
def test_wages_as_people_write_them(tmp_path: Path, name: str) -> None:
    row = GOOD[name] | {MONEY[name]: "$1,234"}
    assert read(name, put(tmp_path, text(row)))[TYPED[name]].tolist() == [1234.0]


@pytest.mark.parametrize("written", ["1.234,50", "0,125", "about 12"])
@pytest.mark.parametrize("name", MONEY)
def test_amounts_with_two_readings_are_never_numbers(
    tmp_path: Path, name: str, written: str
) -> None:
    """One error where a user can mend it; missing and told in the publishers' own files."""
    path = put(tmp_path, text(GOOD[name] | {MONEY[name]: written}))
    if name == "wioa":
        records = read_wioa_records(path, tmp_path / "r.parquet")
        assert records.unreadable[["heading", "cells", "first_row"]].to_numpy().tolist() == [
            ["PIRL 1704", 1, 2]
        ]
        assert read(name, path)["wage_after_2"].isna().all()
    elif name == "etp":
        table = read(name, path)
        assert table["tuition"].isna().all()
        assert table.attrs["unreadable"] == [
            "d111_non_wioa_tuition_cost: 1 of 1 cells are no number and read as missing; the "
            "first is in row 2"
        ]
    else:
        refused(name, path, f"column '{MONEY[name]}', row 2")


@pytest.mark.parametrize("written", ["10505", "1.0505", "10505.0", "010505"])
@pytest.mark.parametrize("name", CIP)
def test_codes_without_their_leading_zero(tmp_path: Path, name: str, written: str) -> None:
    table = read(name, put(tmp_path, text(GOOD[name] | {CIP[name]: written})))
    assert table["cip_code"].tolist() == ["01.0505"]


@pytest.mark.parametrize("written", ["20220103", "2022-01-03", "2022/01/03"])
def test_dates_with_the_year_first_are_read(tmp_path: Path, written: str) -> None:
    table = read("wioa", put(tmp_path, text(GOOD["wioa"] | {"PIRL 900": written})))
    assert table["entry_date"].dt.strftime("%Y%m%d").tolist() == ["20220103"]


@pytest.mark.parametrize(
    "written", ["03/01/2022", "3/1/22", "3-1-22", "03-01-2022", "Jan 3 2022", "44564"]
)
def test_dates_with_two_readings_are_refused(tmp_path: Path, written: str) -> None:
    path = put(tmp_path, text(GOOD["wioa"] | {"PIRL 900": written}))
    refused(
        "wioa",
        path,
        r"1 of 1 rows cannot be used, .*\(first: row 2, .*without a readable date of entry",
    )


def test_dates_in_three_formats_are_told_row_by_row(tmp_path: Path) -> None:
    forms = ["20220103", "2022-01-03", "01/03/2022"]
    rows = [GOOD["wioa"] | {"PIRL 900": form, "PIRL 100": form} for form in forms]
    path = put(tmp_path, pd.DataFrame(rows).to_csv(index=False))
    found = check_file(path).problems
    assert set(found["row"]) == {4}
    refused("wioa", path, "1 of 3 rows cannot be used.*row 4")


@pytest.mark.parametrize("name", layout_names())
def test_the_check_says_no_less_than_the_reader(tmp_path: Path, name: str) -> None:
    """What is no table at all is one error of the check too."""
    good = text(GOOD[name])
    assert check_file(put(tmp_path, good), name).problems.empty
    for bad in (good.encode("utf-16"), good.splitlines()[0].encode(), b"PK\x03\x04", b""):
        with pytest.raises(WorkbenchError, match=r"mine\.csv"):
            check_file(put(tmp_path, bad), name)


@pytest.mark.parametrize(
    ("rows", "extent"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c><c r="AB1"><v>2</v></c></row>', (1, 28)),
        ('<row r="3"><c r="B3"/><c/></row><row><c/></row>', (4, 3)),
        ('<row r="2"><c r="a2"/><c r="xfd1048576"/></row>', (1_048_576, 16_384)),
        ('<row><c r="ZZZZZ9"/></row><row r="999999999"/>', (999_999_999, 475_254)),
        ('<row><c r="A0"/><c r="C"/><c r="7"/><c r="B1234567890"/></row>', (7, 4)),
        ('<row r="5"/><v r="Z99"/><c r="D"/>', (5, 4)),
    ],
)
def test_a_sheet_is_as_large_as_its_cells_claim(
    tmp_path: Path, rows: str, extent: tuple[int, int]
) -> None:
    """However a cell names its place, and whether or not elements stand under a prefix."""
    prefixed = rows.replace("</", "<|").replace("<", "<s:").replace("<s:|", "</s:")
    for body in (f"<data>{rows}</data>", f'<s:data xmlns:s="s">{prefixed}</s:data>'):
        path = tmp_path / "sheet.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("sheet.xml", body)
        with zipfile.ZipFile(path) as archive:
            assert _extent(archive, "sheet.xml") == extent
