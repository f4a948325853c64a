"""A small good file for every reader, and the reader itself."""

import gzip
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import rdata
from mutations import workbook

from analysis import tables
from analysis.framework import framework_path, load_framework
from analysis.framework.presets import load_presets
from analysis.parameters import read_notebook
from analysis.simulate.state import simulate_state
from analysis.tables.etp_bulk import read_etp_bulk
from analysis.tables.moves import read_moves
from analysis.tables.state_report import read_state_report
from analysis.tables.user_files import read_participants, read_user_table
from analysis.tables.wioa_records import read_wioa_records
from analysis.tables.worker_record import read_worker_record
from analysis.tables.workers import read_workers

Reader = Callable[[Path], object]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A file by its name, what a good one holds, and what reads it."""

    name: str
    data: bytes
    reader: Reader
    # files of five hundred columns take a hundred times as long as the others: fewer of them
    share: float = 1.0


def _csv(rows: Rows, sep: str = ",") -> bytes:
    return pd.DataFrame(rows).to_csv(index=False, sep=sep).encode()


def _parquet(rows: Rows) -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame(rows).to_parquet(buffer)
    return buffer.getvalue()


def _xlsx(rows: Rows) -> bytes:
    return workbook([list(rows[0]), *(list(row.values()) for row in rows)])


def _zip(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("records.csv", content)
    return buffer.getvalue()


def _json(content: object) -> bytes:
    return json.dumps(content).encode()


PEOPLE: Rows = [
    {"offered": i % 2, "earned": 1000.5 + 37 * i, "race": "Black" if i % 3 else "white",
     "age": 20 + i, "site": f"s{i % 4}"}
    for i in range(24)
]  # fmt: skip
OUTCOMES: Rows = [
    {"provider_id": f"p{i}", "cip_code": "51.0801", "state": "TX", "value": 0.5 + i / 100,
     "horizon": "quarter 2 after exit", "metric": "employed_share", "n": 40 + i}
    for i in range(12)
]  # fmt: skip
BY_GROUP: Rows = [
    {**row, "by": "race", "group": group} for row in OUTCOMES[:4] for group in ("Black", "white")
]
PROGRAMS: Rows = [
    {"program_key": f"k{i}", "provider_id": f"p{i}", "provider": "A, B & Co",
     "program": "Phlebotomy", "cip_code": "51.1009", "state": "TX", "city": "Waco",
     "cost": 900 + i, "weeks": 8}
    for i in range(12)
]  # fmt: skip
REPORT: Rows = [
    {"state": "TX", "stream": "Title I Adult", "period": "PY 2023", "by": by, "group": group,
     "served": 900, "exited": 800, "employed_q2": 300, "employed_q2_of": 600,
     "employed_q2_rate": 0.5, "median_earnings_q2": 7000}
    for by, group in (("all", "Total Statewide"), ("gender", "Female"), ("race", "Asian"))
]  # fmt: skip
MOVES: Rows = [
    {"origin": "41-2011", "target": "31-9092", "weight": 12},
    {"origin": "35-3031", "target": "31-9091", "weight": 7.5},
]
OBSERVED: Rows = [
    {"origin_soc_code": "41-2011", "target_soc_code": "31-9092", "after": "any",
     "level": "detailed", "people": 12, "trained": True}
]  # fmt: skip
WORKER: Rows = [
    {"kind": "job", "name": "Cashiers", "level": "", "years": 3, "years_ago": 0},
    {"kind": "skill", "name": "Reading Comprehension", "level": 3.5, "years": "", "years_ago": ""},
]
BY_KIND = {"jobs": [{"name": "Cashiers", "years": 3}], "skills": [{"name": "Reading", "level": 2}]}
WORKERS: Rows = [
    {"worker": "w1", "origin": "Cashiers", "target": "Medical Assistants", "state": "TX"},
    {"worker": "w2", "origin": "Waiters", "target": "Dental Assistants", "state": "NJ"},
]
NATIONAL: Rows = [
    {"reportingstate": "CA", "d101_eligible_training_provider": "College",
     "d105_program_name": "Welding", "d108_program": "169", "d110_cip_code": "48.0508",
     "d120_total_served": "60", "d123_total_employed_q2": "30", "de129": "40", "de130": "38",
     "de172": "45473", "c_q2_employment_percent": "75", "d104_entity_type": "Other"}
] * 3  # fmt: skip
NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "id": "a", "metadata": {"tags": ["parameters"]}, "outputs": [],
         "execution_count": None,
         "source": "size: int = 3  # how many; from 1 to 9\nname: str = 'x'  # which"},
        {"cell_type": "markdown", "id": "b", "metadata": {}, "source": ["# t\n", "words"]},
    ],
    "metadata": {"title": "t", "workbench": {"needs": ["a"], "tables": ["tasks"]}},
    "nbformat": 4, "nbformat_minor": 5,
}  # fmt: skip
PROPOSAL = {
    "proposal": {"title": "t", "reason": "r", "citation": "c"},
    "tiers": {"alpha": 0.01}, "estimation": {"seed": 3},
}  # fmt: skip
PRESET = """name = "n"
vintage = "2026"
citation = "c"
retrieved = "2026-01-01"
needed = 1
criteria = [{outcome = "earnings", limit = 30000.0, words = "w"}]
"""


def participants(path: Path) -> object:
    """Participants with a part of each kind."""
    return read_participants(
        path, treatment="offered", outcome="earned", groups=["race"], covariates=["age"],
        stratum="site",
    )  # fmt: skip


def records(path: Path) -> object:
    """Records in the layout of the public file."""
    return read_wioa_records(path, path.with_suffix(".parquet"))


def own_cases(folder: Path) -> dict[str, Case]:
    """Files that a user gives."""
    made = folder / "records.csv"
    simulate_state(made, 40, seed=1)
    state = made.read_bytes()
    outcomes = partial(read_user_table, layout="outcomes")
    programs = partial(read_user_table, layout="programs")
    groups = partial(read_user_table, layout="group_outcomes")
    proposal = "\n".join(
        f"[{table}]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in entry.items())
        for table, entry in PROPOSAL.items()
    )
    return {
        "participants": Case("people.csv", _csv(PEOPLE), participants),
        "participants in Parquet": Case("people.parquet", _parquet(PEOPLE), participants),
        "outcomes": Case("outcomes.csv", _csv(OUTCOMES), outcomes, 0.4),
        "outcomes in Parquet": Case("outcomes.parquet", _parquet(OUTCOMES), outcomes, 0.4),
        "outcomes by group": Case("groups.csv", _csv(BY_GROUP), groups, 0.4),
        "programs": Case("programs.csv", _csv(PROGRAMS), programs, 0.2),
        "state report": Case("report.csv", _csv(REPORT), read_state_report, 0.2),
        "moves": Case("moves.csv", _csv(MOVES), read_moves),
        "observed moves": Case("moves.parquet", _parquet(OBSERVED), read_moves),
        "worker": Case("worker.csv", _csv(WORKER), read_worker_record),
        "worker in JSON": Case("worker.json", _json(WORKER), read_worker_record),
        "worker in JSON by kind": Case("worker.json", _json(BY_KIND), read_worker_record),
        "workers": Case("workers.csv", _csv(WORKERS), read_workers),
        "national results": Case("national.xlsx", _xlsx(NATIONAL), read_etp_bulk, 0.08),
        "national results as outcomes": Case("national.xlsx", _xlsx(NATIONAL), outcomes, 0.05),
        "national results in CSV": Case("national.csv", _csv(NATIONAL), outcomes, 0.05),
        "records": Case("records.csv", state, records, 0.04),
        "records in zip": Case("records.zip", _zip(state), records, 0.04),
        "records in gzip": Case("records.csv.gz", gzip.compress(state), records, 0.04),
        "framework": Case("own.toml", framework_path().read_bytes(), load_framework, 0.5),
        "proposal": Case("own.toml", proposal.encode(), load_framework, 0.5),
        "published rule": Case(
            "rule.toml", PRESET.encode(), lambda path: load_presets(path.parent)
        ),
        "notebook": Case("07_own.ipynb", _json(NOTEBOOK), read_notebook),
    }


_ONET = {"O*NET-SOC Code": "31-9092.00", "Title": "Medical Assistants"}
_RATING = {
    **_ONET, "Element ID": "2.A.1.a", "Element Name": "Reading", "Scale ID": "IM",
    "Data Value": 3.5, "N": 8, "Standard Error": 0.2, "Recommend Suppress": "N",
    "Not Relevant": "n/a",
}  # fmt: skip
_ONET_FILES: dict[str, tuple[Rows, tuple[str, ...]]] = {
    "read_occupations": ([{**_ONET, "Description": "They help."}], ()),
    "read_tasks": ([{**_ONET, "Task ID": "1", "Task": "Draw blood.", "Task Type": "Core"}], ()),
    "read_ratings": ([_RATING, {**_RATING, "Scale ID": "LV"}], ("skills",)),
    "read_related_occupations": (
        [{**_ONET, "Related O*NET-SOC Code": "29-2012.00", "Relatedness Tier": "Primary-Short",
          "Index": 1}], ()),
    "read_job_zones": ([{**_ONET, "Job Zone": 3}], ()),
    "read_education": ([{**_ONET, "Scale ID": "RL", "Category": 2, "Data Value": 41.5}], ()),
    "read_alternate_titles": ([{**_ONET, "Alternate Title": "Clinic aide"}], ()),
    "read_work_activities": (
        [{**_ONET, "Task ID": "1", "DWA ID": "4.A.1", "DWA Title": "Take samples."}], ()),
    "read_technology_skills": (
        [{**_ONET, "Example": "Excel", "Commodity Code": 43232110, "Commodity Title": "Sheets",
          "Hot Technology": "Y", "In Demand": "N"}], ()),
}  # fmt: skip
_FINDING = {
    "PIRL": "211 to 215", "State": "TX", "Element Name": "Race", "Action": "Recode",
    "Problem": "None reported",
}  # fmt: skip
_TEXAS = {
    "Program ID": "1", "Provider ID": "2", "ProviderName": "A", "Program Name": "Welding",
    "Program Description": "d", "Associted Credential Name": "c", "Delivery Method": "In-person",
    "Campus City": "Waco", "Campus County": "M", "Campus State": "TX",
    "Information: Public Transit": "Yes", "Information: Onsite Childcare": "No",
    "Instructional Program (CIP) Code": "48.0508", "Occupation Code (ONET 1)": "51412100",
    "Occupation Code (ONET 2)": "", "Occupation Code (ONET 3)": "",
    "Required Cost: Tuition & Fees": "1,000", "Required Cost: Books & Supplies": "50",
    "Length: Weeks": "8", "Length: Contact Hours": "100",
}  # fmt: skip
_JERSEY = {
    "providerid": "7", "cipcode": "51.0801",
    **{f"{name}{q}": 0.5 for name in ("PerEmployed", "PerRetention") for q in (2, 4, 8)},
    **{f"AvgQuarterlyWage{quarter}": 7000 for quarter in (2, 4, 8)},
    **{f"{name}{quarter}": 40 for name in ("NumCompleted", "NumUsedWageCalc",
                                           "NumUsedRetentionCalc") for quarter in (2, 4, 8)},
}  # fmt: skip
_SCORECARD = {
    "unitid": "194240", "opeid6": "002876", "inst_name": "College", "state": "NY",
    "cip_code": "5108", "cip_desc": "Allied Health.", "credential_level": "2",
    "credential_desc": "Associate's Degree", "completers_count": 51.0, "earnings": 50894.0,
    "earnings_horizon": "4yr_after_completion", "earnings_threshold_state": 35746.0,
    "debt_median": 9500.0,
}  # fmt: skip
_MEN = [
    {"train": i % 2, "age": 25, "educ": 11, "black": 1, "hisp": 0, "married": 0, "nodegree": 1,
     "re74": 0.5, "re75": 1.5, "re78": 2.5}
    for i in range(6)
]  # fmt: skip
_JTPA = [
    {"T": i % 2, "Y": 900.0 + i, "site": 3, "black": 1, "hispanic": 0, "prevearn": 10.0,
     "age": 30.0, "married": 0, "hrwage": 5.0, "hsorged": 1, "yrs_educ": 11}
    for i in range(6)
]  # fmt: skip
_SQL = """
create table cell (key text, display_level int, {values});
create table area (area_code text, area_name text, state_code text, areatype_code text);
create table occupation (occupation_code text, occupation_name text, display_level int);
insert into area values ('0000048', 'Texas', '48', 'S');
insert into occupation values ('319092', 'Medical Assistants', 3);
insert into cell values ('OEUS0000048000000319092', 3, {numbers});
"""


def _wages(folder: Path) -> bytes:
    path = folder / "wages.sqlite"
    numbers = ("01", "04", "05", "11", "12", "13", "14", "15")
    with sqlite3.connect(path) as database:
        values = ", ".join(f"v{number} text, f{number} text" for number in numbers)
        database.executescript(
            _SQL.format(values=values, numbers=", ".join("'41000', ''" for _ in numbers))
            .replace("(key text, display_level int,", "(key text,")
            .replace("319092', 3, ", "319092', ")
        )
    database.close()
    return gzip.compress(path.read_bytes())


def _r_data(folder: Path, rows: Rows, name: str) -> bytes:
    path = folder / f"{name}.rda"
    rdata.write_rda(path, {name: pd.DataFrame(rows)}, compression=None)
    return path.read_bytes()


def _stata(folder: Path) -> bytes:
    path = folder / "men.dta"
    frame = pd.DataFrame(_MEN).rename(columns={"train": "treat", "married": "marr"})
    frame.to_stata(path, write_index=False)
    return path.read_bytes()


def published_cases(folder: Path) -> dict[str, Case]:
    """Publishers' files; a user who pins another release in the catalogue may give any bytes."""

    def read(module: str, function: str, *more: object) -> Reader:
        return lambda path: tables.read_source(module, function, path, *more)

    occupations = pd.DataFrame({"title": ["Medical Assistants"], "onet_soc_code": ["31-9092.00"]})
    tasks = {"name": "n", "description": "Medical Assistants | Draw blood.",
             "taxonomy": "onet_task"}  # fmt: skip
    headings = [["x"] * 7] * 5 + [
        ["Occupation", "Total", "Women", "White", "Black", "Asian", "Hispanic"], ["x"] * 7,
        ["Medical assistants", 600, 90.5, 70.1, 15.0, "–", 30.0],
    ]  # fmt: skip

    def survey(path: Path) -> object:
        beside = path.with_name("men.csv")
        beside.write_bytes(_csv(_MEN))
        return tables.read_source("published_trials", "read_nsw_cps", path, beside)

    job_corps = [
        {"assignment": i % 2, "female": i % 3 % 2, "black": 1, "hispanic": 0, "white": 0,
         "mwearn": 9.0, "alcoholmis": 0,
         **{f"{name}y{year}": 5.0 for name in ("earn", "pwork") for year in (2, 3, 4)}}
        for i in range(6)
    ]  # fmt: skip
    sheets = {
        function: Case("onet.xlsx", _xlsx(rows), read("onet", function, *more), 0.1)
        for function, (rows, more) in _ONET_FILES.items()
    }
    esco = [{"occupation_uri": "u", "essential_skills": ["a", "b"]}]
    return sheets | {
        "occupations in text": Case(
            "o.txt", _csv([{"a": "31-9092.00", "b": "t", "c": "d"}], "\t"),
            read("onet", "read_occupations_text")),
        "tasks in text": Case("t.csv", _csv([tasks]), read("onet", "read_tasks_text", occupations)),
        "fields and occupations": Case(
            "c.csv", _csv([{"SOC2018Code": "31-9092", "SOC2018Title": "t",
                            "CIP2020Code": "51.0801", "CIP2020Title": "m."}]),
            read("crosswalks", "read_cip_soc")),
        "occupations of two years": Case(
            "s.csv", _csv([{"SOCCode2010": "31-9092", "SOCCode2018": "31-9092"}]),
            read("crosswalks", "read_soc_2010_to_2018")),
        "ESCO": Case("e.parquet", _parquet(esco), read("esco", "read_esco_skills")),
        "ESCO and O*NET": Case(
            "e.csv", _csv([{"concept_uri": "u", "onet_code": "31-9092.00"}]),
            read("esco", "read_esco_onet")),
        "workforce": Case("w.xlsx", workbook(headings), read("workforce", "read_workforce"), 0.1),
        "findings": Case(
            "f.xlsx", _xlsx([_FINDING]), read("quality_findings", "read_findings", "B"), 0.1),
        "wages": Case("w.sqlite.gz", _wages(folder), read("wages", "read_wages"), 0.3),
        "Texas": Case("t.csv", _csv([_TEXAS]), read("programs", "read_texas_programs"), 0.3),
        "New Jersey": Case(
            "n.csv", _csv([_JERSEY]), read("outcomes", "read_new_jersey_outcomes"), 0.3),
        "Scorecard": Case(
            "s.parquet", _parquet([_SCORECARD]), read("programs", "read_scorecard_programs"), 0.3),
        "Scorecard's outcomes": Case(
            "s.parquet", _parquet([_SCORECARD]), read("outcomes", "read_scorecard_outcomes"), 0.3),
        "trial in CSV": Case("m.csv", _csv(_MEN), read("published_trials", "read_nsw")),
        "comparison in CSV": Case("m.csv", _csv(_MEN), read("published_trials", "read_nsw_psid")),
        "comparison in Stata": Case("m.dta", _stata(folder), survey),
        "trial in R": Case(
            "j.rda", _r_data(folder, _JTPA, "jtpa_women"),
            read("published_trials", "read_jtpa_women")),
        "Job Corps in R": Case(
            "j.RData", _r_data(folder, job_corps, "JC"),
            read("published_trials", "read_job_corps")),
    }  # fmt: skip
