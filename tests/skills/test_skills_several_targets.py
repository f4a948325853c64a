"""Several targets from one start: which they are, each step by hand, the programs of each."""

import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.skills.move import Move, find_move
from analysis.skills.several_targets import (
    STEP_COLUMNS,
    chosen_targets,
    named_targets,
    programs_by_target,
    steps_from,
)
from analysis.skills.worker_origin import Start, start_of

FRAMEWORK = load_framework()
CODES = ["41-2011.00", "31-9092.00", "51-3011.00"]
OCCUPATIONS = pd.DataFrame(
    {
        "onet_soc_code": CODES,
        "title": ["Cashiers", "Medical Assistants", "Bakers"],
        "description": ["Take money.", "Help doctors.", "Bake bread."],
    }
)
TASKS = pd.DataFrame(
    [
        (CODES[0], "1", "Take payment from customers."),
        (CODES[0], "2", "Clean the counter."),
        (CODES[1], "3", "Draw blood from patients."),
        (CODES[1], "4", "Take payment from customers."),
        (CODES[2], "5", "Clean the counter."),
    ],
    columns=["onet_soc_code", "task_id", "task"],
).assign(task_type="Core", title="")
LEVELS = pd.DataFrame(
    [
        (code, element, level, 0.05)
        for code, speaking, medicine in ((CODES[0], 3.0, 0.5), (CODES[1], 3.2, 5.0))
        for element, level in (("Speaking", speaking), ("Medicine", medicine))
    ],
    columns=["onet_soc_code", "element", "level", "standard_error"],
).assign(
    domain="knowledge", importance=4.0, standard_deviation=1.0, recommend_suppress=False,
    not_relevant=False, error_imputed=False, error_floored=False,
)  # fmt: skip
LEVELS["element_id"] = LEVELS["element"]
FRAMES = {"occupations": OCCUPATIONS, "alternate_titles": None, "tasks": TASKS,
          "work_activities": None, "technology_skills": None}  # fmt: skip
WAGES = pd.DataFrame(
    {"area_name": "Texas", "area_type": "state", "soc_code": [code[:7] for code in CODES],
     "annual_median": [30_000.0, 40_000.0, 33_000.0], "annual_p25": 1.0, "annual_p75": 1.0,
     "employment": 10.0}
)  # fmt: skip
EDUCATION = pd.DataFrame({"onet_soc_code": CODES[1], "category": [2, 3], "percent": [30.0, 70.0]})
NEAR = pd.DataFrame({"target_code": [CODES[1], CODES[2], "x"], "reachable": [True, True, False]})


def start(target: str) -> Start:
    move: Move = find_move("Cashiers", target, OCCUPATIONS)
    return start_of(move, FRAMES, LEVELS, None, None, None, FRAMEWORK.skills)


def steps(*targets: str) -> pd.DataFrame:
    return steps_from(
        [start(target) for target in targets], wages=WAGES, education=EDUCATION, state="TX",
        vectors=None, rules=FRAMEWORK.skills, level=0.95,
    )  # fmt: skip


def chosen(asked: str, own: str = CODES[1], most: int = 3) -> list[str]:
    return chosen_targets(named_targets(asked, OCCUPATIONS, None), own, NEAR, most=most)


def test_the_own_target_comes_first_and_none_stands_twice() -> None:
    assert chosen("bakers; 51-3011 ;; Medical Assistants") == [CODES[1], CODES[2]]
    assert chosen("cashiers", own=CODES[2]) == [CODES[2], CODES[0]]


def test_where_none_is_asked_for_the_first_reachable_jobs_are_taken() -> None:
    assert chosen("") == [CODES[1], CODES[2]]
    assert chosen("", own=CODES[0]) == [CODES[0], CODES[1], CODES[2]]
    assert chosen(" ; ", own=CODES[0], most=1) == [CODES[0], CODES[1]]
    assert chosen("", most=0) == [CODES[1]]


def test_an_unknown_target_is_one_error_with_the_nearest_titles() -> None:
    with pytest.raises(WorkbenchError, match=r"no occupation is called 'Bakerz'.*Bakers"):
        chosen("Medical Assistants; Bakerz")


def test_each_step_counts_its_own_tasks_gaps_wage_and_education() -> None:
    table = steps("Medical Assistants", "Bakers").set_index("target_title")
    assert list(table.reset_index()[STEP_COLUMNS]) == STEP_COLUMNS
    medical, bakers = table.loc["Medical Assistants"], table.loc["Bakers"]
    assert (medical["tasks"], medical["new_tasks"]) == (2, 1)
    assert (bakers["tasks"], bakers["new_tasks"]) == (1, 0)
    assert (medical["elements"], medical["grows"]) == (1, "Medicine")
    # bakers are not rated here: how much must grow is not known, which is not zero
    assert pd.isna(bakers["elements"])
    assert medical["education"] == "certificate after high school (70% of answers)"
    assert bakers["education"] == "not known"
    assert table["target_median_wage"].tolist() == [40_000.0, 33_000.0]
    assert medical["carries"].startswith("Speaking")


def test_programs_of_each_target_are_its_own() -> None:
    listed = pd.DataFrame(
        {"program_key": ["m", "b"], "list_name": "texas_etpl", "provider": "Alpha",
         "program": ["Medical Assisting", "Baking"], "description": "mail a@b.example",
         "cip_code": ["51.0801", "12.0501"], "credential": "", "cost": 1.0, "weeks": 1.0,
         "hours": 1.0, "delivery": "", "city": "Waco", "county": "", "state": "TX",
         "public_transit": "", "child_care": "", "stated_soc_codes": ["31-9092.00", "51-3011.00"]}
    )  # fmt: skip
    crosswalk = pd.DataFrame(
        {"cip_code": ["51.0801", "12.0501"], "soc_code": ["31-9092", "51-3011"]}
    )
    found = programs_by_target(
        steps("Medical Assistants", "Bakers"), [listed, None], state="TX",
        occupations=OCCUPATIONS, cip_soc=crosswalk, soc_2010_to_2018=None, vectors=None,
        rules=FRAMEWORK.skills, guide=FRAMEWORK.guide,
    )  # fmt: skip
    assert found[["target_code", "program_key"]].to_numpy().tolist() == [
        [CODES[1], "m"], [CODES[2], "b"],
    ]  # fmt: skip
    # an address in a description never leaves the list
    assert not found.astype("str").apply(lambda one: one.str.contains("@")).any().any()
    nothing = steps("Bakers").head(0)
    none = programs_by_target(
        nothing, [listed], state="TX", occupations=OCCUPATIONS, cip_soc=None,
        soc_2010_to_2018=None, vectors=None, rules=FRAMEWORK.skills, guide=FRAMEWORK.guide,
    )  # fmt: skip
    assert none.empty
    assert "target_code" in none
