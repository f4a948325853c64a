"""Several targets side by side: every cell is made from its step and its programs."""

import pandas as pd
import pytest

from analysis.framework import load_framework
from analysis.guide.choice import choose, rated_in_place
from analysis.guide.limits import Limits
from analysis.guide.ranking import GROUP_AT_RISK, LOWEST_TIER
from analysis.guide.several_targets import side_by_side
from analysis.reports.side_by_side import target_columns, target_facts, targets_sentence

FRAMEWORK = load_framework()
LABELS = FRAMEWORK.tiers.labels


def steps(**changes: object) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "target_code": ["a", "b", "c"],
            "target_title": ["Medical Assistants", "Bakers <b>", "Riggers"],
            "foundation": "one job zone up: from 2 to 3",
            "education": ["certificate after high school (60% of answers)", "not known", ""],
            "tasks": [20, 10, 8],
            "new_tasks": [12, 2, 2],
            "carries": ["Speaking; Monitoring", "", "Monitoring"],
            "elements": [9, 2, None],
            "grows": ["Medicine; Biology", "Food Production", ""],
            "origin_median_wage": [30_000.0, 30_000.0, None],
            "target_median_wage": [40_000.0, 28_000.0, None],
            "wage_area": ["Texas", "Texas", ""],
        }
    ).assign(**changes)
    whole = dict.fromkeys(("tasks", "new_tasks", "elements"), "Int64")
    return rows.astype(whole)


def ranked(*tiers: str | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "program": [f"Course {i}" for i in range(len(tiers))],
            "provider": "College",
            "tier": pd.array(tiers, dtype="str"),
            "tier_probability": [0.91 if tier else None for tier in tiers],
            "cost": [1_200.0 + i if tier else None for i, tier in enumerate(tiers)],
            "weeks": [16.0 if tier else None for tier in tiers],
            "runner_up": "B",
            "borderline": False,
            "kept_back": [LOWEST_TIER if tier == LABELS[-1] else "" for tier in tiers],
            "recommended": [tier != LABELS[-1] for tier in tiers],
        }
    )


def facts(programs: dict[str, pd.DataFrame], **changes: object) -> pd.DataFrame:
    beside = side_by_side(steps(**changes), programs, FRAMEWORK)
    return target_facts(beside, LABELS).set_index("fact")


def test_a_target_says_what_carries_over_what_grows_and_what_it_pays() -> None:
    found = facts({})
    assert found.loc["Tasks that carry over", "a"] == "40.0% (12 of 20 tasks are new)"
    assert found.loc["Must clearly grow", "a"] == "9 rated skills and fields: Medicine; Biology"
    assert found.loc["Median wage a year", "a"] == "$40,000 (Texas), $10,000 more than now"
    assert found.loc["Median wage a year", "b"] == "$28,000 (Texas), $2,000 less than now"
    assert found.loc["Education that most name as required", "a"].startswith("certificate after")
    # more new tasks in, less carries over
    assert facts({}, new_tasks=[20, 2, 2]).loc["Tasks that carry over", "a"].startswith("0.0%")


def test_whether_training_is_needed_is_the_frameworks_rule_and_unrated_jobs_are_not_small() -> None:
    found = facts({}).loc["Is training needed?"]
    assert found["a"].startswith("most likely")
    assert found["b"].startswith("perhaps not: apply first")
    assert found["c"] == "not known: the jobs are not rated"
    assert facts({}).loc["Must clearly grow", "c"] == "not known: the jobs are not rated"


def test_programs_are_counted_by_tier_and_the_first_is_named_with_its_facts() -> None:
    found = facts({"a": ranked("A", "B", "B", None, "D"), "b": ranked(None), "c": ranked("D")})
    assert found.loc["Programs here", "a"] == (
        "4: 1 in tier A, 2 in tier B, 1 cannot be rated, 1 in tier D not recommended"
    )
    assert found.loc["First in the order", "a"] == "Course 0 (College)"
    assert found.loc["Its tier", "a"] == "A (chance .91)"
    assert found.loc["Its tuition, fees and books", "a"] == "$1,200"
    assert found.loc["Its weeks", "a"] == "16"
    assert found.loc["Its tier", "b"] == "cannot be rated"
    assert found.loc["Its weeks", "b"] == "not stated"
    assert found.loc["Programs here", "c"] == "none (1 in tier D not recommended)"
    assert found.loc["First in the order", "c"] == "no program here"


def test_what_is_kept_back_is_counted_by_its_reason_and_a_close_tier_names_the_other() -> None:
    programs = ranked("B", "B", "D")
    programs.loc[1, ["kept_back", "recommended"]] = [GROUP_AT_RISK, False]
    programs = programs.assign(borderline=True, runner_up="A", tier_probability=0.07)
    found = facts({"a": programs})
    assert found.loc["Programs here", "a"] == (
        "1: 1 in tier B, 1 in tier D not recommended, "
        "1 that may leave a group no better off not recommended"
    )
    assert found.loc["Its tier", "a"] == "B (chance .07; it may be A)"


def test_a_target_without_any_program_is_an_answer_and_no_error() -> None:
    beside = side_by_side(steps(), {}, FRAMEWORK)
    assert beside["programs"].tolist() == [0, 0, 0]
    assert facts({}).loc["Programs here"].tolist() == ["none"] * 3


def test_the_sentence_takes_its_numbers_from_the_table() -> None:
    programs = {"a": ranked("A"), "b": ranked(None)}
    said = targets_sentence(side_by_side(steps(), programs, FRAMEWORK))
    assert said == (
        "Of 3 targets Bakers &lt;b&gt; is nearest in its tasks (80.0% carry over); Medical "
        "Assistants pays most ($40,000); a program with a tier is there for Medical Assistants."
    )
    unknown = steps(foundation="job zones are not at hand")
    assert targets_sentence(side_by_side(unknown, programs, FRAMEWORK)).endswith(
        "one that is near in its tasks may still ask for a degree."
    )
    paid = steps(target_median_wage=[40_000.0, 90_000.0, None])
    assert "Bakers &lt;b&gt; pays most ($90,000)" in targets_sentence(
        side_by_side(paid, {}, FRAMEWORK)
    )
    assert "no program for any has a tier" in targets_sentence(side_by_side(paid, {}, FRAMEWORK))
    assert "no other target" in targets_sentence(side_by_side(steps().head(1), {}, FRAMEWORK))


def test_each_target_has_its_column_with_its_title_as_heading() -> None:
    columns = target_columns(side_by_side(steps(), {}, FRAMEWORK))
    assert [column.heading for column in columns.values()] == [
        "Question", "Medical Assistants", "Bakers <b>", "Riggers",
    ]  # fmt: skip


def listed() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "program_key": ["t1", "t2", "t3"],
            "list_name": "texas_etpl",
            "provider": "Alpha",
            "program": ["Welding", "Riveting", "Far away"],
            "credential": "",
            "cip_code": "48.0508",
            "cost": [500.0, 9_000.0, 1.0],
            "weeks": 10.0,
            "delivery": "",
            "city": ["Waco", "Waco", "Paris"],
            "state": "TX",
            "public_transit": "",
            "child_care": "",
            "match": "stated by the list",
        }
    )


@pytest.mark.parametrize(("cost", "shown"), [(0.0, 2), (1_000.0, 1), (1.0, 0)])
def test_programs_of_a_place_within_limits(cost: float, shown: int) -> None:
    no_tiers = pd.DataFrame(
        columns=["program_key", "provider", "cip_code", "program", "credential", "tier", "n",
                 "tier_probability", "runner_up", "borderline", "estimate", "group_guard", "reason"]
    )  # fmt: skip
    rated = rated_in_place(listed(), no_tiers, FRAMEWORK, state="TX", city="waco")
    found = choose(rated, Limits(cost=cost), FRAMEWORK)
    assert (len(found.ranked), len(found.beyond)) == (shown, 2 - shown)
