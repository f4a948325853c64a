"""Which programs a guide names, in which order, with which tier and for which reason."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import WorkbenchError
from analysis.guide.limits import Limits, against_limits
from analysis.guide.ranking import GROUP_AT_RISK, LOWEST_TIER, in_place, ranked_programs
from analysis.guide.ratings import NOT_PUBLISHED, rated_programs

LABELS = ["A", "B", "C", "D"]
ORDER = ["stated by the list", "CIP crosswalk", "text similarity"]


def tiers(**changes: object) -> pd.DataFrame:
    row = {
        "program_key": "s1", "provider": "Alpha College", "cip_code": "51.08",
        "program": "Allied Health",
        "credential": "Undergraduate Certificate or Diploma", "tier": "B", "n": 40.0,
        "tier_probability": 0.9, "runner_up": "A", "borderline": False, "estimate": 3000.0,
        "group_guard": "not checked: no outcomes by group", "reason": "",
    }  # fmt: skip
    return pd.DataFrame([row | changes])


def listed(**changes: object) -> pd.DataFrame:
    row = {
        "program_key": "t1", "provider": "ALPHA COLLEGE", "cip_code": "51.0801",
        "program": "Medical Assistant", "credential": "CCMA",
    }  # fmt: skip
    return pd.DataFrame([row | changes])


def test_the_program_itself_comes_before_its_colleges_field() -> None:
    own = tiers(program_key="t1", tier="C")
    found = rated_programs(listed(), pd.concat([tiers(), own]), LABELS).iloc[0]
    assert (found["tier"], found["rated_as"]) == ("C", "this program")
    borrowed = rated_programs(listed(), tiers(), LABELS).iloc[0]
    assert borrowed["tier"] == "B"
    assert borrowed["rated_as"].startswith("the same college, field and level (Undergraduate")


def test_outcomes_of_a_degree_are_never_lent_to_a_short_course() -> None:
    """A certificate of 16 weeks stood in tier A on the earnings of the college's associate's."""
    degree = tiers(credential="Associate's Degree", tier="A")
    assert pd.isna(rated_programs(listed(), degree, LABELS).iloc[0]["tier"])
    both = pd.concat([degree, tiers(program_key="s2")])
    assert rated_programs(listed(), both, LABELS).iloc[0]["tier"] == "B"
    two_years = listed(program="Medical Assistant AAS")
    assert rated_programs(two_years, both, LABELS).iloc[0]["tier"] == "A"
    assert pd.isna(rated_programs(listed(credential="Bachelor"), both, LABELS).iloc[0]["tier"])


@pytest.mark.parametrize(
    "changes", [{"provider": "Beta College"}, {"cip_code": "46.0201"}, {"provider": ""}]
)
def test_another_college_or_field_lends_no_tier(changes: dict[str, str]) -> None:
    found = rated_programs(listed(**changes), tiers(), LABELS).iloc[0]
    assert pd.isna(found["tier"])
    assert found["why_not"] == NOT_PUBLISHED


def test_a_program_that_cannot_be_rated_says_why() -> None:
    unrated = tiers(program_key="t1", tier="cannot be rated", reason="fewer than 10 people")
    found = rated_programs(listed(), unrated, LABELS).iloc[0]
    assert pd.isna(found["tier"])
    assert found["why_not"] == "fewer than 10 people"


def programs() -> pd.DataFrame:
    rows = [
        ("text, A", "A", "text similarity", 100.0),
        ("stated, D", "D", "stated by the list", 1.0),
        ("stated, unknown", None, "stated by the list", 300.0),
        ("crosswalk, B", "B", "CIP crosswalk", 900.0),
        ("stated, B dear", "B", "stated by the list", 900.0),
        ("stated, B cheap", "B", "stated by the list", 400.0),
        ("stated, C", "C", "stated by the list", None),
    ]
    frame = pd.DataFrame(rows, columns=["program", "tier", "match", "cost"])
    return frame.assign(provider="Alpha", group_guard="")


def test_the_order_is_the_stated_rule() -> None:
    ranked = ranked_programs(
        programs(), tier_labels=LABELS, match_order=ORDER, weak_matches=["text similarity"]
    )
    assert ranked["program"].tolist() == [
        "stated, B cheap", "stated, B dear", "crosswalk, B", "stated, unknown", "stated, C",
        "stated, D", "text, A",
    ]  # fmt: skip
    assert not ranked.set_index("program")["recommended"]["stated, D"]
    reasons = ranked.set_index("program")["reason"]
    assert reasons["stated, B cheap"] == "above stated, B dear (Alpha): costs $500 less"
    assert reasons["stated, B dear"] == (
        "above crosswalk, B (Alpha): stated by the list against CIP crosswalk"
    )
    assert reasons["crosswalk, B"] == "above stated, unknown (Alpha): tier B against not rated"
    # a program that is not shown is no reason for one that is
    assert (
        reasons["stated, C"] == "above text, A (Alpha): stated by the list against text similarity"
    )
    assert reasons["text, A"] == "last in the order"


def test_a_program_that_may_leave_a_group_no_better_off_is_never_recommended() -> None:
    guarded = programs().assign(
        group_guard=["", "", "", "may leave no better off: women", "checked for women", None, ""]
    )
    ranked = ranked_programs(
        guarded, tier_labels=LABELS, match_order=ORDER, weak_matches=["text similarity"]
    ).set_index("program")
    assert ranked["recommended"].sum() == len(ranked) - 2
    assert ranked.loc["crosswalk, B", "kept_back"] == GROUP_AT_RISK
    assert ranked.loc["stated, D", "kept_back"] == LOWEST_TIER
    assert "crosswalk" not in ranked.loc["stated, B dear", "reason"]


def test_a_long_name_is_cut_in_a_reason() -> None:
    long = programs().assign(program=["word " * 800] * 7)
    ranked = ranked_programs(long, tier_labels=LABELS, match_order=ORDER)
    assert ranked["reason"].str.len().max() < 200


@settings(max_examples=50, deadline=None)
@given(st.permutations(range(7)))
def test_the_order_does_not_hang_on_the_order_of_the_file(order: list[int]) -> None:
    rules = {"tier_labels": LABELS, "match_order": ORDER, "weak_matches": ["text similarity"]}
    shuffled = ranked_programs(programs().iloc[order].reset_index(drop=True), **rules)
    assert shuffled["program"].tolist() == ranked_programs(programs(), **rules)["program"].tolist()


def test_limits_drop_what_breaks_them_and_keep_what_does_not_say() -> None:
    frame = pd.DataFrame(
        {
            "cost": [500.0, 5000.0, None],
            "weeks": [10.0, 10.0, 80.0],
            "delivery": ["Hybrid", "", "In-person"],
            "public_transit": ["Yes", "No", ""],
            "child_care": ["", "", ""],
        }
    )
    limits = Limits(cost=1000, weeks=52, delivery="Hybrid", public_transit=True, child_care=True)
    found = against_limits(frame, limits)
    assert found["breaks"].tolist() == ["", "cost, public transit", "weeks, delivery"]
    assert found["not_stated"].tolist() == [
        "child care", "delivery, child care", "cost, public transit, child care",
    ]  # fmt: skip
    assert against_limits(frame, Limits())["breaks"].tolist() == ["", "", ""]


def test_a_place_without_programs_is_an_empty_list_and_no_error() -> None:
    frame = pd.DataFrame({"state": ["TX"], "city": ["Waco"]})
    assert in_place(frame, state="TX", city="Paris").empty
    empty = programs().iloc[:0]
    assert ranked_programs(empty, tier_labels=LABELS, match_order=ORDER).empty


def test_another_order_comes_from_the_framework_and_gives_its_own_reasons() -> None:
    taught = programs().assign(
        coverage=[0.1, 0.2, 0.9, 0.5, None, 0.5, 0.5], weeks=[9.0, 9.0, 9.0, 8.0, 9.0, 2.0, 5.0]
    )
    ranked = ranked_programs(
        taught, tier_labels=LABELS, match_order=ORDER, weak_matches=["text similarity"],
        order=["coverage", "weeks"],
    )  # fmt: skip
    assert ranked["program"].tolist() == [
        "stated, unknown", "stated, B cheap", "stated, C", "crosswalk, B", "stated, D",
        "stated, B dear", "text, A",
    ]  # fmt: skip
    reasons = ranked.set_index("program")["reason"]
    assert reasons["stated, unknown"].endswith("teaches 90% of the gap, against 50%")
    assert reasons["stated, B cheap"].endswith("takes 3 weeks less")
    # the program between them is kept back, so the next one that is shown explains it
    assert reasons["crosswalk, B"].endswith("what it teaches is known")


@pytest.mark.parametrize("order", [["luck"], ["tier", "tier"]])
def test_an_order_of_what_is_no_criterion_names_those_that_are(order: list[str]) -> None:
    with pytest.raises(WorkbenchError, match=r"guide\.order: .* Choose among tier, match"):
        ranked_programs(programs(), tier_labels=LABELS, match_order=ORDER, order=order)
