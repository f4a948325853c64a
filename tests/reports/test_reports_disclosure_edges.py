"""Disclosure control exactly at its limits: one person more or less decides, each by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from analysis.effects.suppression import hidden_levels
from analysis.errors import WorkbenchError
from analysis.reports.disclosure import hide_small_cells
from analysis.reports.disclosure_facts import NESTED, Counted, Linked
from analysis.reports.disclosure_ledger import Ledger, hidden_together
from analysis.reports.disclosure_run import _present, facts_of
from analysis.reports.disclosure_system import System, families
from analysis.reports.effect_hiding import all_shown, hide_groups
from analysis.reports.linear_bounds import Worlds

MINIMUM = 10
EVERYBODY = Linked(("",), (("all", "x.people"),))


def sites(**people: float) -> pd.DataFrame:
    """Rows of people by site; ``all`` is the total."""
    names = ["" if name == "all" else name for name in people]
    return pd.DataFrame({"site": names, "people": [float(n) for n in people.values()]})


def check(frame: pd.DataFrame, linked: Linked | None = None, round_to: int = 1) -> None:
    ledger = Ledger(MINIMUM, round_to)
    ledger.add("t", frame, Counted("p", ("site",)))
    if linked is not None:
        ledger.linked["p"] = linked
    ledger.check()


def test_a_cell_of_exactly_the_minimum_is_shown() -> None:
    cells = pd.DataFrame({"n": [9.0, 10.0, 11.0], "mean": [1.0, 2.0, 3.0]})
    shown = hide_small_cells(cells, people="n", values=["mean"], minimum=MINIMUM)
    assert shown["hidden"].tolist() == [True, False, False]
    assert shown["mean"].isna().tolist() == [True, False, False]
    # the smallest of several counts decides, and all of them go
    cells = cells.assign(known=[9.0, 9.0, 10.0])
    shown = hide_small_cells(cells, people=["n", "known"], values=["mean"], minimum=MINIMUM)
    assert shown["hidden"].tolist() == [True, True, False]
    assert shown[["n", "known", "mean"]].isna().sum().tolist() == [2, 2, 2]


def test_a_second_cell_of_a_total_is_hidden_once_and_only_in_that_total() -> None:
    cells = pd.DataFrame(
        {
            "state": ["x", "x", "x", "y", "y", "y", None, None],
            "n": [4.0, 20.0, 30.0, 4.0, 5.0, 30.0, 4.0, 50.0],
        }
    )
    shown = hide_small_cells(cells, people="n", values=[], minimum=MINIMUM, within=["state"])
    # x: the next smallest too; y: two are hidden already; people without a state are one total
    assert shown["hidden"].tolist() == [True, True, False, True, True, False, True, True]


def test_a_missing_count_hides_nothing_and_is_no_second_cell() -> None:
    cells = pd.DataFrame({"state": "x", "n": [4.0, np.nan, 30.0, 60.0]})
    shown = hide_small_cells(cells, people="n", values=[], minimum=MINIMUM, within=["state"])
    assert shown["hidden"].tolist() == [True, False, True, False]
    alone = cells.iloc[:2]
    shown = hide_small_cells(alone, people="n", values=[], minimum=MINIMUM, within=["state"])
    assert shown["hidden"].tolist() == [True, False]


@pytest.mark.parametrize("arm", [0, 1])
def test_an_arm_of_exactly_the_minimum_is_shown(arm: int) -> None:
    levels = [{}, {"site": "a"}, {"site": "b"}, {"site": "c"}]
    counts = [[70, 70], [20, 20], [30, 30], [20, 20]]
    for least, hidden_rows in ((10, []), (9, [1, 3])):
        counts[1][arm] = least
        treated, control = zip(*counts, strict=True)
        own, hidden = hidden_levels(levels, treated, control, MINIMUM)
        assert np.flatnonzero(own).tolist() == hidden_rows[:1]
        # of the others the one with fewest people in both arms
        assert np.flatnonzero(hidden).tolist() == hidden_rows


def test_two_hidden_sites_of_nine_people_are_told_and_of_ten_are_not() -> None:
    """Each lies between none and all of what the total leaves them."""
    check(sites(all=50, a=40, b=np.nan, c=np.nan))
    with pytest.raises(WorkbenchError, match=r"'people' of people for site [bc]"):
        check(sites(all=50, a=41, b=np.nan, c=np.nan))


def test_a_shown_count_of_exactly_the_minimum_is_not_small() -> None:
    check(sites(all=10))
    with pytest.raises(WorkbenchError, match="for everyone"):
        check(sites(all=9))


def test_those_who_did_not_meet_an_outcome_are_counted_exactly() -> None:
    """Thirty of forty: ten did not; thirty-one: nine did not. Nobody's fate is unknown."""
    table = sites(all=40).assign(indicator="x", known=40.0)
    check(table.assign(met=30.0))
    with pytest.raises(WorkbenchError, match="'missed' of x for everyone"):
        check(table.assign(met=31.0))
    # a share gives its numerator to whole people: .7743 of 40 are 31
    with pytest.raises(WorkbenchError, match="'missed' of x for everyone"):
        check(table.assign(measure="share", estimate=0.7743))
    # a median of the same number says nothing of the kind
    check(table.assign(measure="median", estimate=0.7743))


def test_a_rounded_count_is_known_to_half_a_step_and_never_below_nobody() -> None:
    def between(round_to: int) -> list[tuple[float, float]]:
        facts = facts_of("t", sites(all=2, a=20), Counted("p", ("site",)), round_to)
        return [(fact.low, fact.high) for fact in facts]

    assert between(1) == [(2, 2), (20, 20)]
    assert between(2) == [(1, 3), (19, 21)]
    assert between(10) == [(0, 7), (15, 25)]


def test_people_of_a_part_and_outside_of_it_at_the_limit() -> None:
    """Fifty women in the state; forty of them in the program leave ten outside, 41 leave nine."""
    state = pd.DataFrame({"gender": ["", "women", "men"], "people": [100.0, 50.0, 50.0]})
    linked = Linked(("", "welding"))
    for inside, told in ((40.0, False), (41.0, True)):
        ledger = Ledger(MINIMUM)
        ledger.linked["p"] = linked
        ledger.add("state", state, Counted("p", ("gender",)))
        page = pd.DataFrame({"gender": ["", "women"], "people": [70.0, inside]})
        ledger.add("page", page, Counted("p", ("gender",), "welding"))
        if not told:
            ledger.check()
            continue
        with pytest.raises(WorkbenchError, match=r"gender women \(all without welding\)"):
            ledger.check()


def test_people_between_two_parts_are_named_by_both() -> None:
    """Of 60 trained people 55 are in welding: five are in the other programs."""
    ledger = Ledger(MINIMUM)
    ledger.linked["p"] = Linked(("", "trained", "welding"))
    for part, people in (("", 100.0), ("trained", 60.0), ("welding", 55.0)):
        ledger.add(part or "state", sites(all=people), Counted("p", ("site",), part))
    with pytest.raises(WorkbenchError, match=r"for everyone \(trained without welding\)"):
        ledger.check()


def test_the_ledger_counts_what_it_checked() -> None:
    ledger = Ledger(MINIMUM)
    ledger.add("one", sites(all=60, a=np.nan), Counted("p", ("site",)))
    ledger.add("two", sites(all=60, b=40), Counted("p", ("site",)))
    ledger.add("three", sites(all=80), Counted("q", ("site",)))
    assert ledger.summary() == [
        {"population": "p", "tables": ["one", "two"], "counts_shown": 3},
        {"population": "q", "tables": ["three"], "counts_shown": 1},
    ]


def test_of_the_rows_that_give_one_away_the_finest_and_smallest_is_hidden_first() -> None:
    table = sites(all=100, a=4, b=20, c=30, d=46).assign(indicator="x")
    start = pd.Series([False, True, False, False, False])
    hidden = hidden_together({"t": (table, Counted("p", ("site",)))}, {"t": start}, EVERYBODY, 10)
    # by hand: a is the total less b, c and d; with b hidden both lie between 0 and 24
    assert hidden["t"].tolist() == [False, True, True, False, False]
    # what was given is not changed
    assert start.tolist() == [False, True, False, False, False]


def test_variables_are_one_family_through_a_third() -> None:
    rows = pd.DataFrame({"a": ["1", "", ""], "b": ["1", "1", ""], "c": ["", "1", ""]})
    assert families(rows, ["c", "a", "b"]) == [["c", "a", "b"]]
    assert families(rows.iloc[[0, 2]], ["c", "a", "b"]) == [["c"], ["a", "b"]]
    # in the order of their first variables
    assert families(rows.iloc[[0, 2]], ["a", "c", "b"]) == [["a", "b"], ["c"]]


def test_a_solver_that_gives_up_opens_no_door() -> None:
    """No answer is an error, and never read as an interval without an end."""
    random = np.random.default_rng(7)
    sums = csr_array(random.integers(0, 2, (12, 30)).astype(float))
    known = sums @ random.integers(0, 20, 30).astype(float)
    worlds = Worlds(sums, known, known)
    worlds._solver.setOptionValue("simplex_iteration_limit", 0)
    for sign in (1.0, -1.0):
        with pytest.raises(WorkbenchError, match="no answer"):
            worlds.smallest(sign * np.ones(30))


def test_sums_that_no_people_can_have_are_told_from_a_solver_that_gives_up() -> None:
    sums = csr_array([[1.0, 1.0], [1.0, 0.0]])
    worlds = Worlds(sums, np.array([5.0, 9.0]), np.array([5.0, 9.0]))
    with pytest.raises(WorkbenchError, match="contradict one another"):
        worlds.smallest(np.array([0.0, 1.0]))
    # let one of them go, and there are people again
    worlds.let_go(1)
    assert worlds.smallest(np.array([0.0, -1.0])).value == -5.0


def test_unknowns_of_one_family_are_counted_and_too_many_refused() -> None:
    """Two sites, one part, one outcome: all of them were asked, as given."""
    assert System(EVERYBODY, {"site": ["a", "b"]}, ["x"]).unknowns == 6
    assert System(Linked(), {"site": ["a", "b"]}, ["x"]).unknowns == 8
    values = {name: [str(i) for i in range(50)] for name in "abc"}
    with pytest.raises(WorkbenchError, match="500,000 unknowns"):
        System(Linked(), values, ["x"])


def test_people_of_an_outcome_that_belongs_to_a_part_are_nowhere_else() -> None:
    linked = Linked(("", "trained", "welding"), (), {"x.known": "trained"})
    system = System(linked, {"site": ["a"]}, ["x"])
    found = {of: [len(system.terms((), [p], "x", of)[0]) for p in range(3)] for of in NESTED}
    assert found == {"people": [1, 1, 1], "known": [0, 1, 1], "met": [0, 1, 1]}
    assert list(system.part_and_within("trained")) == [1, 2]


def test_hidden_groups_lose_numbers_of_every_kind_and_keep_their_names() -> None:
    rows = pd.DataFrame(
        {
            "grouping": ["site", "site", "site"],
            "group": ["a", "b", "c"],
            "estimator": "aipw",
            "confidence_level": 0.95,
            "estimate": [1.0, 2.0, 3.0],
            "n_treated": pd.array([40, 4, 7], dtype="Int64"),
            "status": ["shown", "shown", "hidden: fewer than 10"],
            "note": ["", "thin", "as it was"],
        }
    )
    key = {("site", "b"): "hidden: few", ("site", "c"): "hidden: another reason"}
    done = hide_groups(rows, key)
    assert done["estimate"].isna().tolist() == [False, True, False]
    assert done["n_treated"].isna().tolist() == [False, True, False]
    assert done["confidence_level"].tolist() == [0.95] * 3
    assert done["status"].tolist() == ["shown", "hidden: few", "hidden: fewer than 10"]
    assert done["note"].tolist() == ["", "", "as it was"]
    assert rows["estimate"].tolist() == [1.0, 2.0, 3.0]
    assert not all_shown("site", key)
    assert all_shown("race", key)


def test_a_run_that_was_never_checked_lies_beside_any_other(tmp_path: Path) -> None:
    from analysis.runs.together import refuse_what_tells_too_much

    (tmp_path / "one").mkdir()
    refuse_what_tells_too_much([tmp_path / "one"])


def test_only_those_who_met_an_outcome_are_shown_and_the_rest_are_few() -> None:
    """Forty of 45 met x and nothing else is said of it: at most five did not."""
    linked = Linked(("",), (("all", "y.people"), ("all", "x.people"), ("y.people", "x.people")))
    ledger = Ledger(MINIMUM)
    ledger.linked["p"] = linked
    counted = Counted("p", ("site",))
    ledger.add("everyone", sites(all=45).assign(indicator="y"), counted)
    ledger.check()
    ledger.add("those", sites(all=np.nan).assign(indicator="x", met=40.0), counted)
    with pytest.raises(WorkbenchError, match="'missed' of x for everyone"):
        ledger.check()


def test_people_who_belong_to_a_part_stay_there_where_a_table_is_about_it() -> None:
    linked = Linked(("", "trained", "welding"), (), {"x.people": "trained", "y.people": "welding"})
    assert _present(linked, {"", "trained"}) == Linked(
        ("", "trained"), (), {"x.people": "trained", "y.people": "trained"}
    )
    assert _present(linked, {"welding"}).within == {"x.people": "", "y.people": "welding"}
    assert _present(linked, set()).within == {"x.people": "", "y.people": ""}


def test_where_no_sum_but_the_total_is_shown_the_smallest_cell_is_hidden_too() -> None:
    cells = pd.DataFrame(
        {
            "race": ["", "a", "a", "b", "b"],
            "gender": ["", "x", "y", "x", "y"],
            "people": [100, 4, 30, 46, 20],
        }
    )
    small = cells["people"] < MINIMUM
    counted = Counted("p", ("race", "gender"))
    hidden = hidden_together({"t": (cells, counted)}, {"t": small}, Linked(), MINIMUM)["t"]
    assert hidden.tolist() == [False, True, False, False, True]


def test_rounded_counts_of_a_part_bound_those_outside_of_it() -> None:
    """Known 38 to 42 less met 26 to 30: of those outside of welding 8 to 16 did not meet x."""
    ledger = Ledger(MINIMUM, round_to=2)
    ledger.linked["p"] = Linked(("", "welding"), (("all", "x.people"),))
    for part, n, met in (("", 100.0, 60.0), ("welding", 60.0, 32.0)):
        rows = sites(all=n).assign(indicator="x", known=n, met=met)
        ledger.add(part or "state", rows, Counted("p", ("site",), part))
        if not part:
            ledger.check()
    with pytest.raises(WorkbenchError, match=r"'missed' of x for everyone \(all without welding\)"):
        ledger.check()


def test_each_race_is_protected_by_its_own_cells_alone() -> None:
    """One cell of a and one of b are small; c is shown, though its men are few."""
    people = {"a": (4, 40), "b": (5, 50), "c": (12, 60)}
    levels = [{}, *({"race": race} for race in people)]
    levels += [{"race": r, "gender": g} for r in people for g in ("men", "women")]
    counts = [171, *map(sum, people.values()), *(n for pair in people.values() for n in pair)]
    _, hidden = hidden_levels(levels, counts, counts, MINIMUM)
    assert hidden.tolist() == [False] * 4 + [True] * 4 + [False] * 2


def test_rounding_does_not_hide_how_few_did_not_meet_an_outcome() -> None:
    """39 to 41 known less 29 to 31 who met it: eight to twelve."""
    table = sites(all=40).assign(indicator="x", known=40.0, met=30.0)
    with pytest.raises(WorkbenchError, match="'missed' of x for everyone"):
        check(table, EVERYBODY, round_to=2)
    check(table.assign(met=20.0), EVERYBODY, round_to=2)


def test_a_sum_that_only_the_total_and_another_table_give_is_found() -> None:
    """Women of site p are everyone less all men by race, less the women of the other sites."""
    race = {("a", "men"): 100, ("b", "men"): 100, ("c", "men"): 100}
    race |= {("a", "women"): 4, ("b", "women"): 5, ("c", "women"): 100}
    site = {("men", "p"): 4, ("men", "q"): 5, ("men", "r"): 291}
    site |= {("women", "p"): 6, ("women", "q"): 50, ("women", "r"): 53}
    age = {"young": 12, "old": 397}
    levels = [{}, *({"race": r, "gender": g} for r, g in race)]
    levels += [{"gender": g, "site": s} for g, s in site]
    levels += [{"age": a} for a in age]
    counts = [409, *race.values(), *site.values(), *age.values()]
    own, hidden = hidden_levels(levels, counts, counts, MINIMUM)
    small = [count < MINIMUM for count in counts]
    assert own.tolist() == small
    # of the rows that help the smallest; the young are fewer, and do not help
    more = [levels[row] for row in np.flatnonzero(hidden & ~own)]
    assert more == [{"gender": "women", "site": "q"}]


def test_nobody_stands_where_an_outcome_cannot_be() -> None:
    """The rules of three parts, where the outcome of people is known in two of them alone."""
    linked = Linked(("", "trained", "welding"), (), {"x.known": "trained"})
    equal, smaller = System(linked, {"site": ["a"]}, ["x"]).rules()
    assert equal.shape[0] == 0
    # x.people among all: three parts; known among people: three, one without any known; met: two
    sums = sorted(sorted(row[row != 0].tolist()) for row in smaller.toarray())
    assert sums == [[-1.0], *[[-1.0, 1.0]] * 7]


def test_every_population_of_a_ledger_is_checked() -> None:
    """The first gives nothing away, the second does: nine people in all."""
    ledger = Ledger(MINIMUM)
    ledger.add("one", sites(all=60), Counted("p", ("site",)))
    ledger.check()
    ledger.add("two", sites(all=9), Counted("q", ("site",)))
    with pytest.raises(WorkbenchError, match="table 'two' gives away"):
        ledger.check()
