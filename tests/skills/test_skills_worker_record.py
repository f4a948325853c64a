"""A worker's own record: bad files, matches, several jobs together, a record of skills alone."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.reports.delta_words import delta_sentences, pair_facts
from analysis.reports.file_check import write_template
from analysis.skills import move_tables
from analysis.skills.foundation import foundation_step
from analysis.skills.move import find_move, pair_row
from analysis.skills.worker_match import matched_skills
from analysis.skills.worker_origin import WORKER, Start, start_of
from analysis.tables.worker_record import read_worker_record

RULES = load_framework().skills
OCCUPATIONS = pd.DataFrame(
    {"onet_soc_code": ["41-2011.00", "35-3031.00", "31-9092.00", "53-7062.00"],
     "title": ["Cashiers", "Waiters and Waitresses", "Medical Assistants", "Laborers"]}
)  # fmt: skip
TASKS = (
    pd.DataFrame(
        [
            ("41-2011.00", "1", "Take payment from customers."),
            ("35-3031.00", "2", "Serve food to guests."),
            ("31-9092.00", "3", "Draw blood from patients."),
            ("31-9092.00", "4", "Record medical histories."),
        ],
        columns=["onet_soc_code", "task_id", "task"],
    )
    .assign(task_type="Core", title="")
    .astype("str")
)
TECHNOLOGY = pd.DataFrame(
    [("41-2011.00", "Till", "10", "Till software"), ("31-9092.00", "Epic Systems", "20",
     "Medical software")],
    columns=["onet_soc_code", "example", "commodity_code", "commodity_title"],
).assign(hot_technology=False, in_demand=False)  # fmt: skip
ACTIVITIES = pd.DataFrame(
    [("41-2011.00", "1", "4.A.1.I01.D01", "Collect payments."),
     ("35-3031.00", "2", "4.A.2.I01.D01", "Serve food."),
     ("31-9092.00", "3", "4.A.2.I01.D01", "Serve food.")],
    columns=["onet_soc_code", "task_id", "dwa_id", "dwa_title"],
)  # fmt: skip
ZONES = pd.DataFrame({"onet_soc_code": ["41-2011.00", "35-3031.00", "31-9092.00"],
                      "job_zone": [1, 2, 3]})  # fmt: skip
LEVELS = pd.DataFrame(
    [("41-2011.00", "Speaking", 2.0, 0.2), ("41-2011.00", "Mathematics", 3.0, 0.3),
     ("35-3031.00", "Speaking", 3.5, 0.4), ("35-3031.00", "Mathematics", 1.0, 0.5),
     ("31-9092.00", "Speaking", 4.0, 0.1), ("31-9092.00", "Mathematics", 2.0, 0.1)],
    columns=["onet_soc_code", "element", "level", "standard_error"],
).assign(
    domain="skills", importance=4.0, standard_deviation=1.0, recommend_suppress=False,
    not_relevant=False, error_imputed=False, error_floored=True,
)  # fmt: skip
LEVELS["element_id"] = LEVELS["element"]
FRAMES = {"occupations": OCCUPATIONS, "alternate_titles": None, "tasks": TASKS,
          "work_activities": ACTIVITIES, "technology_skills": TECHNOLOGY}  # fmt: skip
MOVE = find_move("Laborers", "Medical Assistants", OCCUPATIONS)


def record_of(folder: Path, *rows: str) -> pd.DataFrame:
    path = folder / "record.csv"
    path.write_text("\n".join(["kind,name,level,years,years_ago", *rows]), "utf-8")
    return read_worker_record(path)


def started(folder: Path, *rows: str) -> Start:
    return start_of(MOVE, FRAMES, LEVELS, ZONES, record_of(folder, *rows), None, RULES)


def held(start: Start) -> pd.DataFrame:
    own = start.levels[start.levels["onet_soc_code"].eq(WORKER)]
    return own.set_index("element")[["level", "standard_error"]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"kind,name\n", "has a heading and no rows"),
        (b"kind,name\njob,Caf\xe9 worker\n", "row 2: not in UTF-8"),
        (b"kind,name,wage\njob,Cashiers,9\n", "column 'wage' is unknown"),
        (b"kind,level\nskill,3\n", "column 'name' is missing"),
        (b"name\nCashiers\n", "column 'kind' is missing"),
        (b"kind,name\nhobby,Chess\n", "column 'kind', row 2: is neither 'job' nor 'skill'"),
        (b"kind,name,level\nskill,Speaking,9\n", "column 'level', row 2: is no number from 0 to 7"),
        (b"kind,name,years\njob,Cashiers,two\n", "column 'years', row 2: is no number"),
        (b"kind,name\njob,\n", "column 'name', row 2: is empty"),
    ],
)
def test_a_bad_csv_is_one_error(tmp_path: Path, content: bytes, message: str):
    path = tmp_path / "record.csv"
    path.write_bytes(content)
    with pytest.raises(WorkbenchError, match=message):
        read_worker_record(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[]", "holds no job and no skill"),
        (b'{"jobs": [], "skills": []}', "holds no job and no skill"),
        (b'{"jobs": "Cashiers"}', "'jobs' and 'skills' are lists"),
        (b'{"hobbies": []}', "key 'hobbies' is unknown"),
        (b'[{"kind": "job", "name": "Cashiers", "wage": 9}]', "column 'wage' is unknown"),
        (b"{", "is no JSON"),
        (b'["Cashiers"]', "is no list of jobs and skills"),
        (b'[{"kind": "job", "name": "Caf\xe9"}]', "not in UTF-8"),
    ],
)
def test_a_bad_json_is_one_error(tmp_path: Path, content: bytes, message: str):
    path = tmp_path / "record.json"
    path.write_bytes(content)
    with pytest.raises(WorkbenchError, match=message):
        read_worker_record(path)


def test_a_file_that_is_not_there_is_one_error(tmp_path: Path):
    for name in ("none.csv", "none.json"):
        with pytest.raises(WorkbenchError, match="does not exist"):
            read_worker_record(tmp_path / name)


def test_json_and_csv_say_the_same(tmp_path: Path):
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"jobs": [{"name": "Cashiers", "years": 2, "years_ago": None}],
                                "skills": [{"name": "Speaking", "level": 4.5}]}))  # fmt: skip
    written = record_of(tmp_path, "job,Cashiers,,2,", "skill,Speaking,4.5,,")
    pd.testing.assert_frame_equal(
        read_worker_record(path).reset_index(drop=True), written.reset_index(drop=True)
    )


def test_without_a_record_the_origin_starts():
    start = start_of(MOVE, FRAMES, LEVELS, ZONES, None, None, RULES)
    assert (start.move, start.codes, start.reference) == (MOVE, ["53-7062.00"], "53-7062.00")
    assert start.levels is LEVELS
    assert start.matches.empty


def test_of_several_jobs_the_highest_level_and_its_error_are_held(tmp_path: Path):
    start = started(tmp_path, "job,Cashiers,,3,1", "job,Waiters and Waitresses,,1,4")
    assert start.codes == ["41-2011.00", "35-3031.00"]
    assert held(start).loc["Speaking"].tolist() == [3.5, 0.4]
    assert held(start).loc["Mathematics"].tolist() == [3.0, 0.3]
    assert start.job_zones is not None
    assert foundation_step(start.job_zones, WORKER, MOVE.target).startswith("one job zone up")
    own = start.frames["tasks"]
    assert own is not None
    assert own.loc[own["onet_soc_code"].eq(WORKER), "task_id"].tolist() == ["1", "2"]
    activities = move_tables.activity_table(start.frames["work_activities"], start.move)
    assert activities["relation"].tolist() == ["same activity"]


def test_short_and_old_jobs_do_not_count_and_say_why(tmp_path: Path):
    start = started(
        tmp_path, "job,Cashiers,,0.2,", "job,Laborers,,9,30", "job,waiters and waitresses,,,"
    )
    assert start.codes == ["35-3031.00"]
    assert start.matches["why"].tolist() == [
        "held for less than 0.5 years", "ended more than 15 years ago", "counts",
    ]  # fmt: skip


def test_the_last_job_stands_for_the_wage(tmp_path: Path):
    rows = ("job,Cashiers,,3,2", "job,Waiters and Waitresses,,1,0.5", "job,Laborers,,5,0.5")
    start = started(tmp_path, *rows)
    assert start.reference == "53-7062.00"
    wages = pd.DataFrame(
        {"area_name": "Texas", "area_type": "state", "soc_code": ["53-7062", "31-9092"],
         "annual_median": [30_000.0, 40_000.0], "annual_p25": 1.0, "annual_p75": 2.0,
         "employment": 3.0}
    )  # fmt: skip
    row = pair_row(
        start.move, job_zones=start.job_zones, wages=wages, state="TX",
        similarity_percentile=0.5, rests_on="", reference=start.reference,
    ).iloc[0]  # fmt: skip
    assert (row["origin_code"], row["origin_median_wage"]) == ("53-7062.00", 30_000.0)
    assert row["origin_title"].startswith("the worker's record (Cashiers; Waiters")


def test_a_stated_level_replaces_the_ratings_with_its_own_error(tmp_path: Path):
    start = started(tmp_path, "job,Cashiers,,3,1", "skill,speaking,5,,")
    assert held(start).loc["Speaking"].tolist() == [5.0, RULES.worker_stated_error]
    gaps = move_tables.gap_table(
        start.levels, start.move, None, gap_level=0.5, probability=0.8, level=0.95
    ).set_index("element")
    assert gaps.loc["Speaking", "gap"] == -1.0
    assert gaps.loc["Speaking", "standard_error"] == pytest.approx(np.hypot(1.0, 0.1))


def test_a_task_that_the_worker_states_is_asked_about_and_never_known(tmp_path: Path):
    start = started(tmp_path, "job,Cashiers,,3,1", "skill,Draw blood from patients,,,")
    table = move_tables.task_table(
        start.frames["tasks"], start.move, None, closely_related=0.55, perhaps_related=0.41
    ).set_index("task")
    near = table.loc["Draw blood from patients."]
    assert near["nearest_origin_task"] == "Draw blood from patients"
    assert near["band"] == "closely related"
    assert table.loc["Record medical histories.", "band"] == "new"
    strengths = move_tables.strength_table(
        start.levels, start.move, move_tables.activity_table(None, start.move),
        table.reset_index(), gap_level=0.5,
    )  # fmt: skip
    assert "task to ask about" in strengths["kind"].tolist()


def test_a_product_that_the_worker_names_is_held(tmp_path: Path):
    without = started(tmp_path, "job,Cashiers,,3,1")
    named = started(tmp_path, "job,Cashiers,,3,1", "skill,epic systems,,,")
    tables = [
        move_tables.technology_table(start.frames["technology_skills"], start.move, 0.9)
        for start in (without, named)
    ]
    assert [table["commodity_title"].tolist() for table in tables] == [["Medical software"], []]


def test_letters_alone_do_not_make_a_skill_a_product(tmp_path: Path):
    """ "Drawing blood" was taken for "Drawing software" at a likeness of .7."""
    drawing = TECHNOLOGY.assign(example="Drawing software")
    record = record_of(tmp_path, "skill,drawing blood,,,", "skill,drawing software,,,")
    start = start_of(MOVE, {**FRAMES, "technology_skills": drawing}, LEVELS, ZONES, record, None,
                     RULES)  # fmt: skip
    products = start.matches[start.matches["matched_as"].eq("product")]
    assert products["said"].tolist() == ["drawing software"]


def test_unmatched_jobs_and_skills_are_listed_with_a_reason(tmp_path: Path):
    start = started(tmp_path, "job,Cashiers,,3,1", "job,Cashirs,,3,1", "skill,xylophone zzz,3,,")
    lost = start.matches[~start.matches["counts"]]
    assert lost["said"].tolist() == ["Cashirs", "xylophone zzz"]
    assert lost["why"].iloc[0].startswith("Did you mean Cashiers")
    assert lost["why"].iloc[1] == "nothing reads like it (likeness under 0.5)"


def test_a_record_of_skills_alone_rests_on_what_it_states(tmp_path: Path):
    start = started(tmp_path, "skill,Speaking,2,,")
    assert (start.codes, start.reference) == ([], "")
    assert held(start)["level"].to_dict() == {"Speaking": 2.0}
    gaps = move_tables.gap_table(
        start.levels, start.move, start.job_zones, gap_level=0.5, probability=0.8, level=0.95
    )
    assert gaps["element"].tolist() == ["Speaking"]


def test_a_record_without_anything_usable_is_one_error(tmp_path: Path):
    with pytest.raises(WorkbenchError, match="nothing in the record can be used: Did you mean"):
        started(tmp_path, "job,Cashirs,,3,1")


def test_scores_are_cosines_where_vectors_are_at_hand():
    of = {"greeting people": [0.6, 0.8], "Speaking": [1.0, 0.0], "Draw blood.": [0.0, 1.0]}
    record = pd.DataFrame({"kind": ["skill"], "name": ["greeting people"], "level": [np.nan]})
    found = matched_skills(
        record, pd.DataFrame({"element_id": ["s"], "element": ["Speaking"]}),
        pd.DataFrame({"task_id": ["t"], "task": ["Draw blood."]}), None,
        lambda texts: np.array([of[text] for text in texts]), least_score=0.7,
        least_product_score=0.85,
    )  # fmt: skip
    assert found[["matched_as", "matched_to", "score"]].values.tolist() == [
        ["task", "Draw blood.", 0.8]
    ]


def test_a_record_of_skills_alone_says_that_no_past_job_is_given(tmp_path: Path):
    start = started(tmp_path, "skill,Speaking,3,,")
    row = pair_row(
        start.move, job_zones=start.job_zones, wages=None, state="TX",
        similarity_percentile=float("nan"), rests_on="", reference=start.reference,
    ).iloc[0]  # fmt: skip
    assert row["origin_code"] == ""
    assert row["origin_title"] == "the worker's record (no past job given)"
    assert pair_facts(row).iloc[0].tolist() == ["Code", "no past job given", "31-9092.00"]
    none = pd.DataFrame({"task": [], "band": [], "match": [], "element": []})
    sentences = delta_sentences(start.move, row, none, none, none, "Texas")
    assert sentences[2].startswith("No past job given, so there is no wage to compare with;")


def test_the_template_of_a_record_is_read_by_its_reader(tmp_path: Path):
    path, page = write_template("worker", tmp_path)
    assert page.is_file()
    with pytest.raises(WorkbenchError, match="has a heading and no rows"):
        read_worker_record(path)
    path.write_text(path.read_text("utf-8") + "job,Cashiers,,2,0\n", "utf-8")
    assert read_worker_record(path)["name"].tolist() == ["Cashiers"]
