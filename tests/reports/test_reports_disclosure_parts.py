"""The parts of disclosure control one by one, each answer written out by hand or tried in full."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from analysis.effects.suppression import hidden_levels
from analysis.errors import WorkbenchError
from analysis.reports import disclosure_published as published
from analysis.reports.disclosure_facts import Counted, Fact, Linked
from analysis.reports.disclosure_ledger import Ledger, _sums_of, hidden_together
from analysis.reports.disclosure_published import OTHERS, Seen
from analysis.reports.disclosure_run import _components, _shared, facts_of, searches, spoken_of
from analysis.reports.disclosure_search import Leak, _part_words, _plain
from analysis.reports.disclosure_system import Attacker, System, _within_each_other, families
from analysis.reports.linear_bounds import Worlds

A, B = (("site", "a"),), (("site", "b"),)
PARTS = Linked(("", "in", "inner"), (("all", "x.people"),))


def fact(cell: Any = (), count: str = "people", low: float = 30.0, **more: Any) -> Fact:
    given = {"table": "t", "row": 0, "part": "", "outcome": "x", "high": low}
    return Fact(**{**given, "cell": cell, "count": count, "low": low, **more})


# --- what needs no search


def test_plain_bounds_by_hand() -> None:
    shown = {
        ((), (0, 1, 2), "x", "known"): (50.0, 54.0),
        ((), (0, 1, 2), "x", "met"): (20.0, 23.0),
        ((), (1, 2), "x", "known"): (30.0, 31.0),
        ((), (2,), "x", "known"): (5.0, 6.0),
    }
    nothing = (-np.inf, np.inf)
    assert _plain(shown, ((), (0, 1, 2), "x", "known"), 2) == (50.0, 54.0)
    assert _plain(shown, ((), (0, 1, 2), "x", "missed"), 2) == (27.0, 34.0)
    # those in the whole and not in the part, and between two parts
    assert _plain(shown, ((), (0,), "x", "known"), 2) == (19.0, 24.0)
    assert _plain(shown, ((), (1,), "x", "known"), 2) == (24.0, 26.0)
    assert _plain(shown, (A, (0, 1, 2), "x", "known"), 2) == nothing
    assert _plain(shown, ((), (1,), "x", "met"), 2) == nothing
    assert _plain(shown, ((), (2,), "x", "missed"), 2) == nothing


def parts_run(*counts: float) -> list[Any]:
    """Searches of everybody, those in a part and those in the part within it."""
    facts = [
        fact((), count, value, part=part, row=(part, count))
        for (part, count), value in zip(product(PARTS.parts, ("known", "met")), counts, strict=True)
    ]
    return searches(facts, [((), "x")], PARTS, 10)


def test_what_is_plainly_large_is_not_searched() -> None:
    (search,) = parts_run(100, 50, 70, 35, 40, 20)
    assert search.leak() is None
    assert search._attacker is not None  # people are not shown
    facts = [fact((), "people", n, part=p) for p, n in zip(PARTS.parts, (90, 60, 30), strict=True)]
    facts += [fact((), "known", f.low - 3, part=f.part) for f in facts]
    facts += [fact((), "met", f.low - 45, part="") for f in facts[3:4]]
    facts += [fact((), "met", m, part=p) for p, m in (("in", 28), ("inner", 13))]
    (search,) = searches(facts, [((), "x")], PARTS, 10)
    assert search.leak() is None
    assert search._attacker is None
    # one person fewer between two parts, and it is
    closer = [f for f in facts if f.part != "inner"]
    counts = {"people": 51, "known": 48, "met": 26}
    closer += [fact((), count, n, part="inner") for count, n in counts.items()]
    (search,) = searches(closer, [((), "x")], PARTS, 10)
    found = search.leak()
    assert found is not None
    assert found.parts == "in without inner"
    assert found.count == "people"
    assert found.words() == "'people' of x for everyone (in without inner)"


def test_leaks_in_words_and_rows() -> None:
    leak = Leak((("race", "R"), ("site", "a")), "in", "pay", "met", (fact(), fact(row=3)))
    assert leak.words() == "'met' of pay for race R, site a (in)"
    assert leak.rows() == {("t", 0), ("t", 3)}
    assert Leak((), "", "x", "known", ()).words() == "'known' of x for everyone"
    system = System(PARTS, {"site": ["a"]}, ["x"])
    words = [_part_words(system, ring) for ring in ((0, 1, 2), (1, 2), (2,), (0,), (1,))]
    assert words == ["", "in", "inner", "all without in", "in without inner"]


def test_a_hidden_row_is_forgotten_before_and_after_the_first_search() -> None:
    """Sites of 30, 4 and 26: hiding only the 4 leaves it a difference; the 26 with it does not."""
    frame = pd.DataFrame({"site": ["", "a", "b", "c"], "people": [60.0, 30.0, 4.0, 26.0]})
    counted = Counted("p", ("site",))
    for early in (False, True):
        facts, spoken = facts_of("t", frame, counted), spoken_of(frame, counted)
        (search,) = searches(facts, spoken, Linked(), 10)
        if not early:
            first = search.leak()
            assert first is not None
            assert first.cell == B
        search.forget({("t", 2)})
        again = search.leak()
        assert again is not None
        assert again.cell == B
        assert again.rows() == {("t", 0), ("t", 1), ("t", 3)}
        search.forget({("t", 3)})
        assert search.leak() is None
        search.forget({("t", 99)})
        assert search.leak() is None


# --- the run


def test_facts_of_a_table_by_hand() -> None:
    frame = pd.DataFrame(
        {
            "site": ["", "a"],
            "age": ["", "old"],
            "indicator": "work",
            "measure": ["share", "mean"],
            "known": [40.0, np.nan],
            "people": [50.0, 3.0],
            "estimate": [0.251, 7.0],
        }
    )
    found = facts_of("t", frame, Counted("p", ("site", "age"), "in"), 5)
    assert [(f.row, f.cell, f.count, f.low, f.high) for f in found] == [
        (0, (), "people", 47.5, 52.5),
        (0, (), "known", 37.5, 42.5),
        (0, (), "met", 7.5, 12.5),
        (1, (("site", "a"), ("age", "old")), "people", 0.5, 5.5),
    ]
    assert {(f.table, f.part, f.outcome) for f in found} == {("t", "in", "work")}
    assert facts_of("t", frame[["site", "people"]], Counted("p", ("site",)), 10)[1].low == 0.0
    plain = facts_of("t", frame.assign(met=8.0), Counted("p", ("site",)))
    assert [f.low for f in plain if f.count == "met"] == [8.0, 8.0]
    assert [
        f.outcome for f in facts_of("t", frame[["site", "people"]], Counted("p", ("site",)))
    ] == [
        "people",
        "people",
    ]
    assert spoken_of(frame, Counted("p", ("site", "age"))) == [
        ((), "work"),
        ((("site", "a"), ("age", "old")), "work"),
    ]


def test_outcomes_that_hang_together_through_a_third() -> None:
    linked = Linked(("",), (("a.met", "b.known"), ("c.people", "b.met"), ("all", "d.people")))
    assert _components(["a", "b", "c", "d"], linked) == [["a", "b", "c"], ["d"]]
    assert _components(["a", "c"], linked) == [["a"], ["c"]]


def test_what_other_outcomes_see_of_a_fact() -> None:
    linked = Linked(("",), (("all", "y.people"),))
    own = fact(outcome="x")
    assert _shared(own, ["x", "z"], linked) is own
    assert _shared(fact(outcome="y"), ["x", "z"], linked) == fact(outcome="x", count="all")
    assert _shared(fact(outcome="people"), ["x"], linked) == fact(outcome="x", count="all")
    assert _shared(fact(outcome="y", count="known"), ["x"], linked) is None
    assert _shared(fact(outcome="w"), ["x"], linked) is None


def test_a_later_population_is_checked_where_an_earlier_one_is_safe() -> None:
    ledger = Ledger(10)
    safe = pd.DataFrame({"site": ["", "a", "b"], "people": [60.0, 40.0, 20.0]})
    ledger.add("one", safe, Counted("p", ("site",)))
    ledger.add("two", safe.assign(people=[60.0, 51.0, 9.0]), Counted("q", ("site",)))
    with pytest.raises(WorkbenchError, match=r"^tables? 'two' gives away 'people' of .* site b"):
        ledger.check()
    assert ledger.summary() == [
        {"population": "p", "tables": ["one"], "counts_shown": 3},
        {"population": "q", "tables": ["two"], "counts_shown": 3},
    ]


def crossed() -> pd.DataFrame:
    rows = [("", ""), ("a", ""), ("b", ""), ("", "m"), ("", "w")]
    rows += [(s, g) for s in "ab" for g in "mw"]
    table = pd.DataFrame(rows, columns=["site", "gender"])
    people = {"am": 30.0, "aw": 12.0, "bm": 4.0, "bw": 40.0}
    table["people"] = [
        sum(n for key, n in people.items() if (not s or key[0] == s) and (not g or key[1] == g))
        for s, g in rows
    ]
    return table


def test_sums_that_each_row_is_a_part_of() -> None:
    found = _sums_of({"t": (crossed().drop(index=2), Counted("p", ("site", "gender")))})
    assert found["t", 0] == []
    assert found["t", 1] == [("t", None, "site")]
    assert found["t", 5] == [
        ("t", None, "site", ("gender", "m")),
        ("t", None, "gender", ("site", "a")),
    ]
    # site b has no row of its own
    assert found["t", 8] == [("t", None, "site", ("gender", "w"))]


def test_a_small_cell_takes_three_others_along_and_no_margin() -> None:
    table = crossed()
    counted = Counted("p", ("site", "gender"))
    start = pd.Series(table["people"].lt(10).to_numpy())
    hidden = hidden_together({"t": (table, counted)}, {"t": start}, Linked(), 10)["t"]
    assert table.index[hidden].tolist() == [5, 6, 7, 8]
    # what was given is left as it was
    assert start.sum() == 1


# --- the equations


def test_unknowns_and_sums_of_a_small_system() -> None:
    system = System(Linked(("", "in")), {"site": ["a", "b"]}, ["x"])
    # two sites, two parts, and: all, people, known, met
    assert system.unknowns == 16
    whole = system.terms((), (0, 1), "x", "all")[0]
    assert len(whole) == 4
    each = [system.terms(cell, (part,), "x", "all")[0] for cell in (A, B) for part in (0, 1)]
    assert sorted(np.concatenate(each)) == sorted(whole)
    missed = system.terms(A, (1,), "x", "missed")
    assert missed[1].tolist() == [1.0, -1.0]
    assert missed[0].tolist() == [
        *system.terms(A, (1,), "x", "known")[0],
        *system.terms(A, (1,), "x", "met")[0],
    ]
    matrix = system.matrix([missed, system.terms(A, (0, 1), "x", "people")]).toarray()
    assert matrix.sum(1).tolist() == [0.0, 2.0]
    assert np.abs(matrix).sum(1).tolist() == [2.0, 2.0]
    equal, smaller = system.rules()
    assert equal.shape[0] == 0
    rows = smaller.toarray()
    # in each cell and part: people in all, known in people, met in known
    assert rows.shape == (12, 16)
    assert (np.sort(rows, axis=1)[:, [0, -1]] == [-1.0, 1.0]).all()
    assert (rows.sum(1) == 0).all()
    assert list(system.part_and_within("")) == [0, 1]
    assert list(system.part_and_within("in")) == [1]


def test_counts_of_the_same_people_are_one_unknown() -> None:
    linked = Linked(("", "in"), (("all", "x.people"), ("x.missed", "y.met")), {"y.people": "in"})
    system = System(linked, {"site": ["a"]}, ["x", "y"])
    same = [system.terms((), (0, 1), "x", count)[0].tolist() for count in ("all", "people")]
    assert same[0] == same[1]
    # nobody of y is outside of the part, so neither are those that x missed
    assert [len(system.terms((), (0,), *one)[0]) for one in (("y", "people"), ("y", "met"))] == [
        0,
        0,
    ]
    assert len(system.terms((), (0,), "x", "missed")[0]) == 0
    assert len(system.terms((), (0,), "x", "met")[0]) == 1
    equal, _ = system.rules()
    assert equal.shape[0] == 2
    for row, place in zip(equal.toarray(), (0, 1), strict=True):
        known, met, missed = (
            system.terms((), (place,), "x", one)[0] for one in ("known", "met", "missed")
        )
        expected = np.zeros(system.unknowns)
        expected[known], expected[met], expected[missed] = 1, -1, -1
        assert row.tolist() == expected.tolist()
    names, inside = _within_each_other(["x", "people"], Linked((), (("x.met", "people.met"),)))
    at = {name: place for place, name in enumerate(names)}
    assert names == ["all", *(f"x.{c}" for c in ("people", "known", "met"))] + [
        f"people.{c}" for c in ("people", "known", "met")
    ]
    assert inside[at["x.met"], at["people.known"]]
    assert inside[at["all"], at["people.people"]]
    assert inside[at["x.known"], at["people.people"]]
    assert not inside[at["people.met"], at["x.met"]]


def test_families_of_variables() -> None:
    rows = pd.DataFrame(
        [("1", "", "", ""), ("", "1", "1", ""), ("1", "", "1", ""), ("", "", "", "1")],
        columns=list("abcd"),
    )
    assert families(rows, list("abcd")) == [["a", "b", "c"], ["d"]]
    assert families(rows.iloc[[0, 3]], list("abcd")) == [["a"], ["b"], ["c"], ["d"]]


def test_the_attacker_finds_all_worlds() -> None:
    """Bounds of each site by trying every whole world of two sites and two counts."""
    system = System(Linked(), {"site": ["a", "b"]}, ["x"])
    facts = [
        fact((), "people", 9.0),
        fact((), "known", 7.0),
        fact((), "met", 3.0, high=4.0),
        fact(A, "known", 2.0),
        fact(B, "met", 2.0),
    ]
    worlds = [
        (pa, ka, ma, pb, kb, mb)
        for pa, pb in product(range(10), repeat=2)
        for ka, kb in product(range(pa + 1), range(pb + 1))
        for ma, mb in product(range(ka + 1), range(kb + 1))
        if pa + pb == 9 and ka + kb == 7 and 3 <= ma + mb <= 4 and ka == 2 and mb == 2
    ]
    attacker = Attacker(system, facts)
    for place, (cell, count) in enumerate(product((A, B), ("people", "known", "met"))):
        goal = system.matrix([system.terms(cell, (0,), "x", count)]).toarray()[0]
        low, high = attacker.smallest(goal), attacker.smallest(-goal)
        assert low.value == pytest.approx(min(one[place] for one in worlds))
        assert -high.value == pytest.approx(max(one[place] for one in worlds))
        assert all(row < len(facts) for row in (*low.forcing, *high.forcing))
    attacker.forget(3)
    goal = system.matrix([system.terms(A, (0,), "x", "known")]).toarray()[0]
    assert attacker.smallest(goal).value == pytest.approx(1.0)
    assert -attacker.smallest(-goal).value == pytest.approx(5.0)


def test_worlds_by_hand() -> None:
    sums = csr_array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])
    worlds = Worlds(sums, np.array([6.0, 2.0]), np.array([6.0, 5.0]))
    found = worlds.smallest(np.array([1.0, 0.0, 0.0]))
    assert found.value == pytest.approx(1.0)
    assert found.forcing == (0, 1)
    assert found.world is not None
    assert (sums @ found.world).tolist() == pytest.approx([6.0, 5.0])
    worlds.let_go(1)
    assert worlds.smallest(np.array([1.0, 0.0, 0.0])).value == pytest.approx(0.0)
    without = worlds.smallest(np.array([0.0, 0.0, -1.0]))
    assert without.value == -np.inf
    assert without.world is None
    assert without.forcing == ()


# --- levels of a study


def test_no_hidden_level_is_a_sum_of_shown_ones() -> None:
    """By ranks over the whole cross, written out, of thirty random tables."""
    rng = np.random.default_rng(4)
    values = {"r": ["1", "2", "3"], "g": ["f", "m"], "s": ["x", "y"]}
    levels: list[dict[str, str]] = [{}]
    for names in (("r",), ("g",), ("s",), ("r", "g")):
        chosen = product(*(values[name] for name in names))
        levels += [dict(zip(names, one, strict=True)) for one in chosen]
    cells = [dict(zip(values, one, strict=True)) for one in product(*values.values())]
    whole = np.array(
        [[all(cell[k] == v for k, v in level.items()) for cell in cells] for level in levels], float
    )
    for _ in range(30):
        arms = [whole @ rng.integers(0, 30, len(cells)) for _ in range(2)]
        own, hidden = hidden_levels(levels, *(arm.astype(int).tolist() for arm in arms), 20)
        assert own.tolist() == (np.minimum(*arms) < 20).tolist()
        assert (hidden >= own).all()
        assert hidden[0] == own[0]
        shown = whole[~hidden]
        rank = np.linalg.matrix_rank(shown) if len(shown) else 0
        for row in whole[hidden]:
            assert np.linalg.matrix_rank(np.vstack([shown, row])) == rank + 1
        if not own.any():
            assert not hidden.any()


# --- what is published


def test_people_by_their_source() -> None:
    used = {"user:participants": {"sha256": "p"}, "simulated:wioa": {"sha256": "s"}}
    record = {"used": used, "parameters": {}}
    assert published._people("own", record) == "own:p"
    assert published._people("wioa", record) == "wioa:s"
    assert published._people("nsw", record) == "nsw"
    assert published._people("group_outcomes", record) == "group_outcomes"
    both = {"used": used | {"user:wioa": {"sha256": "u"}}}
    assert published._people("wioa", both) == "wioa:u"


def test_samples_are_told_apart_by_the_columns_that_people_must_have() -> None:
    given = {"participants": "mine.csv", "outcome": "pay", "stratum": "", "earlier": "before"}
    assert published._reading({"parameters": given}) == " (outcome pay, earlier before)"
    assert published._reading({"parameters": given | {"participants": ""}}) == ""


def test_the_first_kind_of_group_that_is_no_cross() -> None:
    frame = pd.DataFrame({"grouping": ["all", "race x gender", "gender", "race"]})
    assert published._first_grouping(frame) == "gender"
    assert published._first_grouping(frame.head(2)) == ""
    assert published._first_grouping(pd.DataFrame({"people": [1]})) == ""


def test_what_samples_imply() -> None:
    found = published._implied(["sample (a)", "assigned (a)", "trained"])
    assert found[:3] == (
        ("all", "sample (a).people"),
        ("all", "assigned (a).people"),
        ("all", "trained.people"),
    )
    assert set(found[3:]) == {
        ("sample (a).met", "assigned (a).met"),
        ("sample (a).missed", "assigned (a).missed"),
        ("trained.known", "sample (a).met"),
        ("sample (a).met", "trained.known"),
    }


def seen(**facts: float) -> Seen:
    """Counts of everyone (``all_met``) and of races (``black_known``)."""
    found = Seen()
    for name, value in facts.items():
        group, count = name.split("_")
        cell = () if group == "all" else (("race", group),)
        found.facts[cell, "s", count] = fact(cell, count, value, outcome="s")
        found.spoken.add((cell, "s"))
    return found


def test_both_arms_shown_are_their_sum() -> None:
    one = seen(all_met=20, all_missed=30, black_met=4, white_missed=5)
    published._with_arms_added(one)
    added = {key: f for key, f in one.facts.items() if key[2] == "known"}
    assert list(added) == [((), "s", "known")]
    assert (added[(), "s", "known"].low, added[(), "s", "known"].high) == (50, 50)
    two = seen(all_met=20, all_missed=30, all_known=49)
    published._with_arms_added(two)
    assert two.facts[(), "s", "known"].low == 49


@pytest.mark.parametrize(
    ("facts", "spoken"),
    [
        ({"all_known": 50, "black_known": 20, "white_known": 30}, False),
        ({"all_known": 50, "black_known": 20, "white_known": 29}, True),
        ({"all_met": 50, "black_met": 20, "white_met": 29}, True),
        ({"all_missed": 50, "black_missed": 20, "white_known": 29}, False),
        ({"black_known": 20, "white_known": 29}, False),
    ],
)
def test_who_is_in_no_shown_group(facts: dict[str, float], spoken: bool) -> None:
    one = seen(**facts)
    published._with_others(one)
    assert (((("race", OTHERS),), "s") in one.spoken) == spoken


def test_crosses_that_are_left_out_are_spoken_of() -> None:
    one = Seen(spoken={((("g", "f"), ("r", "1")), "s"), ((("r", "2"),), "s"), ((("g", "m"),), "t")})
    published._with_others(one)
    cells = {cell for cell, of in one.spoken if of == "s"}
    assert cells == {
        (("g", "f"),),
        (("r", "1"),),
        (("r", "2"),),
        (("g", "f"), ("r", "1")),
        (("g", "f"), ("r", "2")),
    }
    assert {cell for cell, of in one.spoken if of == "t"} == {(("g", "m"),)}
    assert published._families(one) == [{"g", "r"}]
    assert published._families(Seen(spoken={((), "s")})) == [set()]


def test_only_the_populations_that_are_named_are_checked(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"grouping": "all", "group": ["all"], "n_treated": [4.0], "n_control": [50.0]}
    )
    frame.to_parquet(tmp_path / "effects_nsw.parquet")
    record = {"notebook": "04_earnings_effects", "tables": ["effects_nsw"], "used": {}}
    run = (tmp_path, record | {"parameters": {}})
    with pytest.raises(WorkbenchError, match="effects_nsw"):
        published.check_together([run], 10)
    with pytest.raises(WorkbenchError, match="effects_nsw"):
        published.check_together([run], 10, ["nsw"])
    found = published.check_together([run], 10, ["other"])
    assert found == {"nsw": ["04_earnings_effects/effects_nsw"]}
