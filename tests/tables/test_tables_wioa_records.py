"""Reading the WIOA records: each row used or rejected for a reason, each value right or none."""

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.tables.wioa_account import Records, require_usable
from analysis.tables.wioa_layout import wioa_layout
from analysis.tables.wioa_records import read_wioa_records, used_records

GOOD = {
    "person": "A",
    "state": "TX",
    "sex": "1",
    "entry_date": "20220103",
    "exit_date": "20220601",
    "exit_reason": "00",
    "received_training": "1",
    "reportable_individual": "0",
    "employed_q2": "1",
    "employed_q4": "0",
    "wage_after_2": "8000",
    "race_ethnicity": "3",
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write rows (changes to a good one) as the public file is written; many good rows follow."""

    def written(
        *changes: dict[str, str], mark: str = ",", spaced: bool = True, name: str = "w.csv"
    ) -> Path:
        elements = wioa_layout().elements
        headings = [e.heading if spaced else e.heading.replace(" ", "") for e in elements]
        good = [{"person": f"g{number}"} for number in range(100)]
        lines = [mark.join(headings)]
        for change in [*changes, *good]:
            row = {**GOOD, **change}
            cells = [row.get(element.column, "") for element in elements]
            lines.append(mark.join(f'"{c}"' if mark in c else c for c in cells))
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return written


def read(path: Path) -> Records:
    return read_wioa_records(path, path.parent / "out" / "records.parquet")


def first(records: Records, column: str) -> object:
    query = f"SELECT {column} FROM {used_records(records)} WHERE person = 'A'"
    return duckdb.sql(query).fetchall()[0][0]


def rows(records: Records) -> dict[str, int]:
    return dict(records.reconciliation.itertuples(index=False))


@pytest.mark.parametrize("spaced", [True, False])
@pytest.mark.parametrize("packing", ["csv", "gz", "zip"])
def test_csv_zip_and_gz_with_either_heading_give_the_same(
    write: Write, tmp_path: Path, packing: str, spaced: bool
) -> None:
    plain = write({}, spaced=spaced)
    packed = plain
    if packing == "gz":
        packed = tmp_path / "w_csv.gz"
        packed.write_bytes(gzip.compress(plain.read_bytes()))
    if packing == "zip":
        packed = tmp_path / "w.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(plain, "deep/w.csv")
    records = read(packed)
    assert (records.rows_in, records.used, records.absent) == (101, 101, ())
    assert first(records, "wage_after_2") == 8000
    assert not list((tmp_path / "out").glob("*unpacked*"))


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("sex", "2.0", "2"),
        ("sex", "F", None),
        ("exit_reason", "3", "03"),
        ("training_type", "6", "06"),
        ("training_type", "66", None),
        ("employed_q2", "2", "1"),
        ("wage_before_1", "$1,234", 1234.0),
        ("wage_before_1", "1234.5", 1234.5),
        ("wage_before_1", "0,125", None),
        ("wage_before_1", "-5", None),
        ("wage_before_1", "nan", None),
        ("wage_before_1", "inf", None),
        ("wage_before_1", "999999", None),
        ("cip_code", "510801", "51.0801"),
        ("cip_code", "10505", "01.0505"),
        ("cip_code", "11.020099999999999", "11.0201"),
        ("cip_code", "51.08", "51.0800"),
        ("cip_code", "welding", None),
        ("occupation_before", "472111", "47-2111"),
        ("occupation_before", "47211100", "47-2111"),
        ("occupation_before", "472000", "47-2000"),
        ("occupation_before", "000000", None),
        ("exit_date", "2022-06-01", pd.Timestamp("2022-06-01").date()),
        ("exit_date", "", None),
        ("age", "33", 33),
        ("age", "330", None),
        ("state", "tx", "TX"),
        ("provider", "Smith, Jones & Söhne", "Smith, Jones & Söhne"),
    ],
)
def test_values_are_read_right_or_not_at_all(
    write: Write, column: str, text: str, value: object
) -> None:
    records = read(write({column: text}))
    assert first(records, column) == value
    told = column in set(records.unreadable["column"])
    # a value that is reserved for "none" is no fault of the file
    assert told == (value is None and text not in ("", "999999", "000000"))
    if told:
        assert records.unreadable.iloc[0]["first_row"] == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"exit_date": "20210101"}, "exit before entry"),
        ({"entry_date": "01/03/2022"}, "participant without a readable date of entry"),
        ({"state": ""}, "no state"),
        ({"person": ""}, "no person"),
        ({"person": "g7"}, "repeats an earlier record (state, person, date of exit)"),
    ],
)
def test_rows_are_rejected_with_their_reason_and_place(
    write: Write, change: dict[str, str], reason: str
) -> None:
    records = read(write({}, change))
    assert rows(records) == {"rows in the file": 102, "used": 101, f"rejected: {reason}": 1}
    place = 3 if not reason.startswith("repeats") else 11
    assert records.rejected.to_dict("records") == [{"row": place, "reason": reason}]


def test_a_row_of_another_length_is_logged_and_later_rows_keep_their_places(write: Write) -> None:
    path = write({}, {"person": "B", "exit_date": "20200101"})
    lines = path.read_text("utf-8").split("\n")
    lines.insert(2, "1,2,3")
    path.write_text("\n".join(lines), "utf-8")
    records = read(path)
    assert records.rejected["row"].tolist() == [3, 4]
    assert records.rejected["reason"].tolist() == [
        "more or fewer values than headings",
        "exit before entry",
    ]
    assert rows(records)["rows in the file"] == 103
    assert rows(records)["used"] == 101


def test_a_reportable_individual_needs_no_date_of_entry(write: Write) -> None:
    records = read(write({"reportable_individual": "1", "entry_date": "", "exit_date": ""}))
    assert records.used == 101


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_another_delimiter_is_read_right(write: Write, mark: str) -> None:
    assert first(read(write({}, mark=mark)), "wage_after_2") == 8000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"PIRL 100,PIRL 201\n1,2\n", "required elements are missing"),
        (b"name,age\nx,1\n", "no heading names an element"),
        ("PIRL 100,PIRL 201\n1,2\n".encode("utf-16"), "UTF-16"),
        ("PIRL 100,PIRL 201\n1,2\n".encode("utf-16-le"), "UTF-16 or no text"),
        (b"\xd0\xcf\x11\xe0 old excel", "is a spreadsheet"),
        (b"PK\x03\x04 broken", "the archive is broken"),
    ],
)
def test_other_files_end_in_one_clear_error(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "w.csv"
    path.write_bytes(content)
    with pytest.raises(WorkbenchError, match=words):
        read(path)


def test_a_spreadsheet_under_another_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    pd.DataFrame({"PIRL 100": [1]}).to_excel(tmp_path / "w.xlsx")
    (tmp_path / "w.xlsx").rename(path)
    with pytest.raises(WorkbenchError, match="is a spreadsheet"):
        read(path)


def test_no_rows_and_doubled_headings_are_refused(write: Write, tmp_path: Path) -> None:
    lines = write().read_text("utf-8").split("\n")
    empty = tmp_path / "empty.csv"
    empty.write_text(lines[0] + "\n", "utf-8")
    with pytest.raises(WorkbenchError, match="a heading and no usable rows"):
        read(empty)
    doubled = tmp_path / "doubled.csv"
    doubled.write_text(f"{lines[0]},PIRL201\n{lines[1]},1\n", "utf-8")
    with pytest.raises(WorkbenchError, match="element 201 stands under two headings"):
        read(doubled)


def test_a_file_with_dates_of_another_form_is_refused_whole(write: Write) -> None:
    changes = [{"person": f"s{n}", "entry_date": "03/01/2022"} for n in range(30)]
    records = read(write(*changes))
    share = load_framework().quality.largest_rejected_share
    with pytest.raises(WorkbenchError, match="30 of 130 rows cannot be used") as caught:
        require_usable(records, share, "own.csv")
    assert "YYYYMMDD" in caught.value.remedy
    # another framework may be more patient
    require_usable(records, 0.3, "own.csv")
