"""A user's files: read whole, or refused with file, column, row and remedy."""

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import WorkbenchError
from analysis.tables.layouts import LAYOUTS
from analysis.tables.schemas import SCHEMAS
from analysis.tables.user_files import read_participants, read_user_table

HEADING = "provider_id,cip_code,metric,horizon,value,n"
GOOD = "north,51.0801,employed_share,quarter 2 after exit,0.62,120"
PEOPLE = "assigned,pay,race,age\n1,1200,Black,31\n0,900,white,40\n"
PARTS = {"treatment": "assigned", "outcome": "pay", "groups": ["race"], "covariates": ["age"]}


@pytest.fixture
def outcomes(tmp_path):
    """Write a file of outcomes and read it."""

    def read(content: str | bytes, name: str = "mine.csv") -> pd.DataFrame:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_user_table(path, "outcomes")

    return read


@pytest.fixture
def participants(tmp_path):
    """Write a file of participants and read it."""

    def read(content: str, **parts) -> pd.DataFrame:
        path = tmp_path / "people.csv"
        path.write_text(content)
        return read_participants(path, **(PARTS | parts))

    return read


# ---- what is read ------------------------------------------------------------------------------


def test_outcomes_become_the_typed_table(outcomes):
    frame = outcomes(f"{HEADING}\n{GOOD}\nsouth,1.0101,average_quarterly_wage,q2,,\n")
    assert list(frame.columns) == list(SCHEMAS["program_outcomes"])
    first, second = frame.iloc[0], frame.iloc[1]
    assert (first["value"], first["n"], first["quarter"]) == (0.62, 120.0, 0)
    assert first["program_key"] == "north:51.0801"
    assert second["cip_code"] == "01.0101"
    assert second[["value", "n"]].isna().all()


def test_a_leading_zero_given_back_is_stated(outcomes):
    repaired = outcomes(f"{HEADING}\n{GOOD}\n{GOOD.replace('51.0801', '1.0101')}\n")
    (sentence,) = repaired.attrs["repairs"]
    assert "1 of 2 codes" in sentence
    assert "row 3: '1.0101' is read as 01.0101" in sentence
    assert outcomes(f"{HEADING}\n{GOOD}\n").attrs["repairs"] == []


def test_a_four_digit_field_stays_one(outcomes):
    assert outcomes(f"{HEADING}\n{GOOD.replace('51.0801', '51.08')}\n")["cip_code"][0] == "51.08"


def test_programs_become_the_typed_table(tmp_path):
    path = tmp_path / "programs.csv"
    path.write_text(
        "program_key,provider,program,cip_code,state,cost,weeks\n"
        'a,North College,Welding,48.0508,TX,"$1,234.50",12\n'
        "b,North College,Nursing,51.3801,TX,,\n"
    )
    frame = read_user_table(path, "programs")
    assert list(frame.columns) == list(SCHEMAS["programs"])
    assert frame["cost"][0] == 1234.5
    assert frame["cost"].isna().tolist() == [False, True]
    assert frame["list_name"].eq("user").all()


def test_a_spreadsheets_csv_is_read(outcomes):
    """Byte order mark, quoted headings with commas, empty lines at the end, spaces."""
    text = f'\ufeff{HEADING},"notes, mine","seen, mine"\r\n{GOOD} ,"a, b",\r\n,,,,,,,\r\n\r\n'
    frame = outcomes(text)
    assert frame["n"].tolist() == [120]


def test_parquet_and_csv_give_the_same_table(tmp_path):
    frame = pd.DataFrame(
        {
            "provider_id": [101, 102],
            "cip_code": ["51.0801", "48.0508"],
            "metric": ["employed_share", "completers"],
            "horizon": ["quarter 2 after exit", "latest"],
            "value": [0.5, None],
            "n": [10.0, None],
            "state": ["TX", None],
        }
    )
    frame.to_parquet(tmp_path / "mine.parquet")
    frame.to_csv(tmp_path / "mine.csv", index=False)
    pd.testing.assert_frame_equal(
        read_user_table(tmp_path / "mine.parquet", "outcomes"),
        read_user_table(tmp_path / "mine.csv", "outcomes"),
    )


def test_whole_numbers_stored_with_a_point_are_codes_without_one(tmp_path):
    frame = pd.DataFrame({"provider_id": [101.0], "cip_code": ["51.0801"], "metric": ["wage"]})
    frame = frame.assign(horizon="q2", value=1.0, n=5.0)
    frame.to_parquet(tmp_path / "mine.parquet")
    table = read_user_table(tmp_path / "mine.parquet", "outcomes")
    assert table["provider_id"].tolist() == ["101"]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
@given(st.lists(st.floats(min_value=0, max_value=1e9), min_size=1, max_size=5))
def test_numbers_come_back_as_they_were_written(outcomes, values):
    rows = "\n".join(f"north,51.0801,wage,q2,{value!r},5" for value in values)
    assert outcomes(f"{HEADING}\n{rows}\n")["value"].tolist() == values


# ---- what is refused ---------------------------------------------------------------------------

LONG_WORDS = "about a hundred people and twenty more I think"
FAULTS = {
    "empty file": (b"", r"mine\.csv is empty"),
    "white space": (b" \n\n", r"mine\.csv is empty"),
    "heading only": (HEADING + "\n", "has a heading and no rows"),
    "empty rows only": (HEADING + "\n,,,,,\n\n", "has a heading and no rows"),
    "spreadsheet": (b"PK\x03\x04rest", "is a spreadsheet, not a CSV. Save it as CSV"),
    "old spreadsheet": (b"\xd0\xcf\x11\xe0rest", "is a spreadsheet, not a CSV"),
    "UTF-16": (f"{HEADING}\n{GOOD}\n".encode("utf-16"), "is in UTF-16"),
    "UTF-16 without a mark": (f"{HEADING}\n{GOOD}\n".encode("utf-16-le"), "is in UTF-16"),
    "Latin-1": (f"{HEADING}\n{GOOD}\nJosé".encode("latin-1"), "row 3: not in UTF-8"),
    "semicolons": (f"{HEADING}\n{GOOD}\n".replace(",", ";"), "not divided by commas"),
    "tabs": (f"{HEADING}\n{GOOD}\n".replace(",", "\t"), "not divided by commas"),
    "semicolons and a comma": ('a;b;"c,d"\n1;2;3\n', "not divided by commas"),
    "missing column": (
        f"{HEADING}\n{GOOD}\n".replace("metric", "metrics"),
        r"column 'metric' is missing. Is it 'metrics'\? Columns there: provider_id",
    ),
    "heading twice": (f"{HEADING},n\n{GOOD},1\n", "heading 'n' stands twice"),
    "no heading": (f"{HEADING},\n{GOOD},1\n", "column 7 has no heading"),
    "text in numbers": (
        f"{HEADING}\n{GOOD}\n{GOOD.replace('120', LONG_WORDS)}\n",
        f"column 'n', row 3: '{LONG_WORDS[:40]}' is not a number",
    ),
    "two texts": (
        f"{HEADING}\n" + 2 * f"{GOOD.replace('120', 'x')}\n",
        r"column 'n', row 2: 'x' is not a number \(and 1 more row\)",
    ),
    "row after empty lines": (
        f"{HEADING}\n{GOOD}\n\n\n{GOOD.replace('120', 'x')}\n",
        "column 'n', row 5: 'x' is not a number",
    ),
    "decimal comma": (
        f"{HEADING}\n{GOOD.replace('0.62', chr(34) + '0,625' + chr(34))}\n",
        "'0,625' is not",
    ),
    "infinite": (f"{HEADING}\n{GOOD.replace('0.62', 'inf')}\n", "'inf' is not a number"),
    "negative people": (
        f"{HEADING}\n{GOOD.replace('120', '-5')}\n",
        "column 'n', row 2: '-5' is below 0",
    ),
    "percent": (
        f"{HEADING}\n{GOOD.replace('0.62', '62')}\n",
        "'62' is a share above 1. Write 0.62",
    ),
    "half a quarter": (
        f"{HEADING},quarter\n{GOOD},2.5\n",
        "column 'quarter', row 2: '2.5' is no whole",
    ),
    "no CIP": (
        f"{HEADING}\n{GOOD.replace('51.0801', 'welding')}\n",
        "row 2: 'welding' is no CIP code",
    ),
    "empty CIP": (
        f"{HEADING}\n{GOOD.replace('51.0801', '')}\n",
        "column 'cip_code', row 2: the value is no",
    ),
    "empty text": (
        f"{HEADING}\n{GOOD.replace('north', '')}\n",
        "'provider_id', row 2: the value is missing",
    ),
    "long row": (f"{HEADING}\n{GOOD},left over\n", "row 2: 7 values under 6 headings"),
    "short row": (f"{HEADING}\n{GOOD}\nnorth,51.0801\n", "row 3: 2 values under 6 headings"),
    "open quotation": (
        f'{HEADING}\n{GOOD}\n"north,51.0801\n',
        "after row 2: unexpected end of data",
    ),
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_a_fault_is_one_error_that_names_the_place(outcomes, fault):
    content, words = FAULTS[fault]
    with pytest.raises(WorkbenchError, match=words) as caught:
        outcomes(content)
    assert caught.value.problem.startswith("mine.csv")
    assert caught.value.remedy.endswith(".")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(WorkbenchError, match=r"none\.csv does not exist. Check the path"):
        read_user_table(tmp_path / "none.csv", "outcomes")


def test_a_damaged_parquet_file(outcomes):
    with pytest.raises(WorkbenchError, match=r"mine\.parquet: not readable as Parquet"):
        outcomes(b"PAR1 damaged", "mine.parquet")


def test_a_layout_that_is_none(tmp_path):
    with pytest.raises(WorkbenchError, match=r"'wages' is no layout\. Layouts: outcomes, programs"):
        read_user_table(tmp_path / "mine.csv", "wages")


def test_a_program_key_that_stands_twice(tmp_path):
    path = tmp_path / "programs.csv"
    row = "a,North,Welding,48.0508,TX\n"
    path.write_text("program_key,provider,program,cip_code,state\n" + 2 * row)
    with pytest.raises(WorkbenchError, match="column 'program_key', row 3: 'a' stands twice"):
        read_user_table(path, "programs")


# a state's report has a reader and tests of its own
@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "state_report"])
def test_each_required_column_is_required_and_no_other(tmp_path, layout):
    good = {"cip": "51.0801", "number": "1", "whole number": "2", "text": "x"}
    path = tmp_path / "mine.csv"
    whole = {field.name: [good[field.type]] for field in LAYOUTS[layout]}
    for field in LAYOUTS[layout]:
        rest = {name: value for name, value in whole.items() if name != field.name}
        pd.DataFrame(rest).to_csv(path, index=False)
        if field.required:
            with pytest.raises(WorkbenchError, match=f"column '{field.name}' is missing"):
                read_user_table(path, layout)
        else:
            assert len(read_user_table(path, layout)) == 1


# ---- participants ------------------------------------------------------------------------------


def test_participants_have_the_shape_of_a_trial(participants):
    frame = participants(PEOPLE)
    assert list(frame.columns) == ["person", "trial", "treated", "stratum", "race", "pay", "age"]
    assert frame["treated"].tolist() == [1, 0]
    assert frame["treated"].dtype == "int64"
    assert frame[["pay", "age"]].dtypes.eq("float64").all()
    assert frame["stratum"].eq("").all()


def test_the_category_none_is_kept_and_a_missing_one_is_not_stated(participants):
    frame = participants("assigned,pay,race,age\n1,1,None,3\n0,1,,3\n0,1,NA,3\n")
    assert frame["race"].tolist() == ["None", "not stated", "not stated"]


def test_participants_of_a_stratum(participants):
    frame = participants("assigned,pay,race,age,site\n1,1,a,3,01\n0,1,a,3,\n", stratum="site")
    assert frame["stratum"].tolist() == ["01", "not stated"]


PEOPLE_FAULTS = {
    "treatment of 2": (PEOPLE.replace("0,900", "2,900"), {}, "row 3: '2' is neither 0 nor 1"),
    "treatment in words": (PEOPLE.replace("0,900", "no,900"), {}, "'no' is not a number"),
    "treatment missing": (PEOPLE.replace("0,900", ",900"), {}, "row 3: the value is neither 0 nor"),
    "outcome missing": (PEOPLE.replace("900", ""), {}, "column 'pay', row 3: the value is missing"),
    "covariate missing": (
        PEOPLE.replace("40", ""),
        {},
        "column 'age', row 3: the value is missing",
    ),
    "column missing": (PEOPLE, {"groups": ["raec"]}, "column 'raec' is missing. Is it 'race'"),
    "outcome as covariate": (PEOPLE, {"covariates": ["pay"]}, "'pay' is named for two parts"),
    "treatment as group": (PEOPLE, {"groups": ["assigned"]}, "'assigned' is named for two parts"),
    "group and covariate": (PEOPLE, {"covariates": ["race"]}, "'race' is named for two parts"),
    "a heading of our own": (
        PEOPLE.replace("race", "trial"),
        {"groups": ["trial"]},
        "heading 'trial' is one that the workbench makes itself",
    ),
    "person twice": (
        "person,assigned,pay,race,age\nann,1,1,a,1\n,0,1,a,1\n,1,1,a,1\nann,0,1,a,1\n",
        {},
        "column 'person', row 5: 'ann' stands in an earlier row too",
    ),
}


@pytest.mark.parametrize("fault", list(PEOPLE_FAULTS))
def test_a_fault_of_participants_names_the_place(participants, fault):
    content, parts, words = PEOPLE_FAULTS[fault]
    with pytest.raises(WorkbenchError, match=words) as caught:
        participants(content, **parts)
    assert caught.value.problem.startswith("people.csv")
