"""The guide's sentences take every number from its tables: change the table, the sentence moves."""

import pandas as pd

from analysis.guide.ranking import GROUP_AT_RISK, LOWEST_TIER
from analysis.reports.guide_tables import guide_figures, shown_programs
from analysis.reports.guide_words import (
    Matches,
    guide_answer,
    no_training_sentence,
    programs_sentence,
    step_sentence,
    unknown_sentence,
    wage_sentence,
)

WEAK = ["text similarity"]
ONE = Matches(1)
PAIR = pd.Series(
    {
        "origin_code": "41-2011.00",
        "target_code": "31-9092.00",
        "origin_title": "Cashiers",
        "target_title": "Medical <Assistants>",
        "foundation": "one job zone up: from 2 to 3",
        "origin_median_wage": 31000.0,
        "target_median_wage": 44000.0,
        "wage_area": "Texas",
    }
)


def tasks(new: int, old: int) -> pd.DataFrame:
    return pd.DataFrame({"band": ["new"] * new + ["closely related"] * old})


def gaps(count: int) -> pd.DataFrame:
    return pd.DataFrame({"element": [f"Element {i}" for i in range(count)]})


def ranked(tiers: list[str | None], recommended: list[bool] | None = None) -> pd.DataFrame:
    count = len(tiers)
    return pd.DataFrame(
        {
            "program": [f"<p{i}>" for i in range(count)],
            "provider": "College",
            "tier": tiers,
            "tier_probability": 0.92,
            "match": "stated by the list",
            "kept_back": ["" if kept else LOWEST_TIER for kept in recommended or [True] * count],
            "recommended": recommended or [True] * count,
            "borderline": False,
            "group_guard": "not checked: no outcomes by group",
            "runner_up": "B",
            "cost": 6_000.0,
            "n": 40.0,
            "rated_as": "the same college, field and level (Certificate)",
            "why_not": "not published",
            "not_stated": "",
            "city": "Waco",
            "county": "McLennan",
            "delivery": "Hybrid",
        }
    )


def test_the_step_counts_new_tasks_and_elements_and_escapes_titles() -> None:
    sentence = step_sentence(PAIR, tasks(12, 9), gaps(5))
    assert "From Cashiers to Medical &lt;Assistants&gt;, one job zone up" in sentence
    assert "12 of its 21 tasks" in sentence
    assert (
        "5 rated skills and fields of knowledge must clearly grow, “Element 0”, “Element 1”"
        in sentence
    )
    assert "rated" not in step_sentence(PAIR, tasks(12, 9), gaps(0))


def test_a_job_and_itself_need_no_training() -> None:
    same = pd.Series({**PAIR, "origin_code": "a", "target_code": "a"})
    sentences = guide_answer(same, tasks(0, 0), gaps(0), ranked(["A"]), ONE, "TX", WEAK)
    assert sentences[0] == "Both jobs are the same (Cashiers), so there is no gap."
    other = pd.Series({**PAIR, "origin_code": "a", "target_code": "b"})
    assert len(guide_answer(other, tasks(1, 1), gaps(1), ranked(["A"]), ONE, "TX", WEAK)) == 3


def test_an_unknown_zone_or_wage_is_said_and_not_invented() -> None:
    unknown = PAIR.copy()
    unknown["foundation"] = "job zone not known for the target"
    unknown["target_median_wage"] = float("nan")
    no_zones = pd.Series({**PAIR, "foundation": "job zones are not at hand"})
    assert "zone" not in step_sentence(no_zones, tasks(1, 1), gaps(0))
    assert "zone" not in step_sentence(unknown, tasks(1, 1), gaps(0))
    assert wage_sentence(unknown) == "The step in wages is not known here."
    assert "from $31,000 to $44,000 a year (Texas)" in wage_sentence(PAIR)


def test_a_record_without_a_past_job_has_no_step_in_wages() -> None:
    unknown = {"origin_code": "", "origin_median_wage": float("nan")}
    pair = pd.Series({**PAIR, **unknown, "origin_title": "the worker's record (no past job given)"})
    said = wage_sentence(pair)
    assert "no past job given" in said
    assert "44,000" in said
    step = step_sentence(pair, tasks(2, 1), gaps(0))
    assert "like nothing in that record" in step


def test_programs_are_counted_by_what_is_known_of_them() -> None:
    table = ranked(["A", None, "B", "D"], [True, True, True, False])
    sentence = programs_sentence(table, Matches(10, 4), "TX", WEAK)
    # 10 match: 3 are named, 1 is of the lowest tier, 4 break a limit, so that 2 stood twice
    assert (
        "In TX 3 programs train for it (of 10 matches, without 1 of the lowest tier, 4 beyond a "
        "limit that was set and 2 already in another list)"
    ) in sentence
    assert "2 can be put in a tier, 1 cannot be rated" in sentence
    assert "<bdi>&lt;p0&gt;</bdi> (<bdi>College</bdi>), tier A (chance .92)" in sentence
    assert "which cannot be rated" in programs_sentence(ranked([None]), ONE, "TX", WEAK)
    assert "(of" not in programs_sentence(ranked([None]), ONE, "TX", WEAK)
    close = ranked(["B"]).assign(borderline=True, runner_up="A", tier_probability=0.07)
    assert "tier B (chance .07; it may be A)" in programs_sentence(close, ONE, "TX", WEAK)
    at_risk = ranked(["A", "B"]).assign(kept_back=["", GROUP_AT_RISK], recommended=[True, False])
    assert "without 1 that may leave a group no better off" in programs_sentence(
        at_risk, Matches(2), "TX", WEAK
    )


def test_programs_that_only_read_alike_do_not_train_for_the_job() -> None:
    alike = ranked([None, None]).assign(match="text similarity")
    assert "2 programs read like training for it by words alone" in programs_sentence(
        alike, Matches(2), "TX", WEAK
    )


def test_no_program_and_only_programs_of_the_last_tier_are_said() -> None:
    empty = ranked([]).astype({"recommended": bool})
    assert programs_sentence(empty, Matches(0), "TX", WEAK) == (
        "No program for this job can be recommended in TX."
    )
    last = ranked(["D", "D"], [False, False])
    assert programs_sentence(last, Matches(2), "TX", WEAK) == (
        "No program for this job can be recommended in TX (of 2 matches, without 2 of the lowest "
        "tier)."
    )
    assert shown_programs(last, PAIR).empty


def test_a_lent_tier_is_named_as_such() -> None:
    assert "3 tiers rest on outcomes of the same college, field" in unknown_sentence(
        ranked(["A", "B", "C"])
    )


def test_what_is_not_known_of_groups_hangs_on_what_was_checked() -> None:
    assert "no list at hand has outcomes by race or gender" in unknown_sentence(ranked(["A"]))
    checked = ranked(["A", "B"]).assign(group_guard=["checked for women", None])
    assert "1 program could be checked by race or gender" in unknown_sentence(checked)


def test_a_small_step_suggests_to_apply_first() -> None:
    assert no_training_sentence(2, tasks(2, 18), 3).startswith("Perhaps not: 2 rated")
    assert no_training_sentence(9, tasks(2, 18), 3).startswith("Most likely: 9 rated")
    assert no_training_sentence(2, tasks(18, 2), 3).startswith("Most likely: 2 rated")


def test_jobs_without_ratings_are_never_called_a_small_step() -> None:
    """No rating at hand read as "0 rated elements must grow", and so as "perhaps not"."""
    said = no_training_sentence(None, tasks(2, 18), 3)
    assert said.startswith("Not known, since the jobs are not rated: 10.0% of the tasks are new.")
    assert no_training_sentence(None, tasks(18, 2), 3).startswith("Most likely: 90.0%")


def test_shown_programs_say_where_and_why_not() -> None:
    shown = shown_programs(ranked([None, "A", "D"], [True, True, False]), PAIR)
    assert shown["where"].tolist() == ["Waco, McLennan, Hybrid"] * 2
    assert shown["rating"].tolist()[0] == "not published"
    assert shown["tier_in_words"].tolist() == ["cannot be rated", "A (chance .92)"]
    # $6,000 at $13,000 a year more
    assert shown["payback_months"].tolist() == [6.0, 6.0]
    no_more = PAIR.copy()
    no_more["target_median_wage"] = 30_000.0
    assert shown_programs(ranked(["A"]), no_more)["payback_months"].isna().all()


def test_what_a_program_covers_is_named_where_it_is_known() -> None:
    table = ranked(["A", "B"]).assign(covers=["Draw blood.", ""], covers_activities=["", "Weld."])
    assert shown_programs(table, PAIR)["covered"].tolist() == ["Draw blood.", "Weld."]
    assert shown_programs(ranked(["A"]), PAIR)["covered"].tolist() == [""]


def test_key_figures_count_what_the_tables_hold() -> None:
    found = {
        f["name"]: f["estimate"] for f in guide_figures(ranked(["A", None]), tasks(3, 4), gaps(2))
    }
    assert found == {
        "programs.recommended": 2, "programs.rated": 1, "tasks.new": 3, "elements.grow": 2,
    }  # fmt: skip
