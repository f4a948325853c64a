"""A program's page knows its state: the whole of it, whoever was trained there, and the program."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.framework import load_framework
from analysis.metrics.indicators import Population, indicator_table
from analysis.reports.program_page import at_a_glance, choose_program, page_rows
from analysis.simulate.state import simulate_state
from analysis.tables.wioa_records import Records, connect, read_wioa_records, used_records

FRAMEWORK = load_framework()


@pytest.fixture(scope="module")
def two_states(tmp_path_factory: pytest.TempPathFactory) -> Records:
    folder = tmp_path_factory.mktemp("two")
    lines: list[str] = []
    for state, seed in (("AA", 1), ("BB", 2)):
        made = simulate_state(folder / f"{state}.csv", 1500, seed=seed, states=(state,))
        # people of two states have numbers of their own
        rows = Path(made.path).read_text("utf-8").splitlines()
        lines += [row.replace("000000", f"{state}0000", 1) for row in rows[bool(lines) :]]
    whole = folder / "both.csv"
    whole.write_text("\n".join(lines) + "\n", "utf-8")
    return read_wioa_records(whole, folder / "both.parquet")


def people(records: Records, sql: str = "true") -> int:
    with connect() as database:
        population = Population(used_records(records), only=sql)
        table = indicator_table(database, population, [()], FRAMEWORK, indicators=["employed_q2"])
    return int(table["people"].iloc[0])


def test_of_several_states_the_page_has_a_part_for_its_own(two_states: Records) -> None:
    with connect() as database:
        page = choose_program(database, Population(used_records(two_states)), "")
    assert list(page.parts) == [f"everyone in {page.state}", f"trained in {page.state}", page.name]
    assert page.state_part == f"everyone in {page.state}"
    sizes = [people(two_states, sql) for sql in page.parts.values()]
    assert people(two_states) > sizes[0] > sizes[1] > sizes[2] > 0


def test_of_one_state_everyone_is_the_state(simulated_records: Records) -> None:
    with connect() as database:
        page = choose_program(database, Population(used_records(simulated_records)), "")
    assert page.state_part == ""
    assert list(page.parts) == [f"trained in {page.state}", page.name]


def test_what_findings_exclude_cannot_be_rated_on_the_page(simulated_records: Records) -> None:
    with connect() as database:
        population = Population(used_records(simulated_records))
        names = ["employed_q2", "credential"]
        table = indicator_table(database, population, [()], FRAMEWORK, indicators=names)
    rows = page_rows(table.assign(hidden=False), FRAMEWORK, pd.Series([True, False]))
    status = rows.set_index("indicator")["status"]
    assert status["employed_q2"] == "cannot be rated: quality of the state's report"
    assert status["credential"] == "can be rated"
    categories = rows.set_index("indicator")["category"].str[0]
    assert (categories["employed_q2"], categories["credential"]) == ("1", "2")


def test_the_page_at_a_glance_by_hand() -> None:
    """Two metrics, of the second category first; nothing can be shown of Asian people."""
    rows = pd.DataFrame(
        [
            ("all", "all", "completed", "2. What leads there", False, 0.8, 0.75, 0.85),
            ("all", "all", "median", "1. What a worker gains", False, 5310.0, 4900.0, 5800.0),
            ("race", "Asian", "completed", "2. What leads there", True, None, None, None),
            ("race", "Black", "completed", "2. What leads there", True, None, None, None),
            ("race", "Black", "median", "1. What a worker gains", False, 5000.0, 4100.0, 6000.0),
            ("race", "not reported", "median", "1. What a worker gains", False, 1.0, 0.0, 2.0),
            ("gender", "not reported", "median", "1. What a worker gains", False, 2.0, 1.0, 3.0),
            ("age_group", "19 to 24", "median", "1. What a worker gains", False, 9.0, 8.0, 10.0),
        ],
        columns=[
            "by",
            "group",
            "name",
            "category",
            "hidden",
            "estimate",
            "interval_low",
            "interval_high",
        ],
    )
    rows["measure"] = rows["name"].map({"completed": "share", "median": "median"})
    rows["divided_by"] = rows["by"].map({"race": "Race", "gender": "Gender"}).fillna("everyone")
    table, columns = at_a_glance(rows, 0.9)
    assert table["name"].tolist() == ["median", "completed"]
    assert list(columns)[2:] == [
        "Everyone", "Black", "not reported (Race)", "not reported (Gender)"
    ]  # fmt: skip
    assert table["Everyone"].tolist() == ["$5,310 ($4,900 to $5,800)", "80.0% (75.0% to 85.0%)"]
    assert table["Black"].tolist() == ["$5,000 ($4,100 to $6,000)", "[c]"]
    assert "90% interval" in columns["name"].heading
