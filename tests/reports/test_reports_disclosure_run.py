"""All tables of a run together: what one gives away about another is found, named and refused."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.errors import WorkbenchError
from analysis.framework import framework_path, load_framework
from analysis.reports.disclosure_facts import Cell, Counted, Fact, Linked
from analysis.reports.disclosure_ledger import Ledger, hidden_together
from analysis.reports.disclosure_run import facts_of
from analysis.reports.disclosure_system import Attacker, System
from analysis.reports.study import Study

MINIMUM = 10


def outcome(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"indicator": "employed_q2", "measure": "share", **columns})


def checked(*tables: tuple[str, pd.DataFrame, Counted], linked: Linked | None = None) -> None:
    ledger = Ledger(MINIMUM)
    for name, frame, counted in tables:
        ledger.add(name, frame, counted)
        if linked is not None:
            ledger.linked[counted.population] = linked
    ledger.check()


def test_a_part_taken_from_the_whole_is_found() -> None:
    """Neither table shows a small count; state less program leaves 4 women outside of it."""
    state = pd.DataFrame({"gender": ["", "women", "men"], "people": [100.0, 44.0, 56.0]})
    program = pd.DataFrame({"gender": ["", "women"], "people": [60.0, 40.0]})
    linked = Linked(("", "welding"))
    whole = ("state", state, Counted("wioa", ("gender",)))
    own = ("page", program, Counted("wioa", ("gender",), "welding"))
    checked(whole, linked=linked)
    with pytest.raises(WorkbenchError) as caught:
        checked(whole, own, linked=linked)
    assert (
        "tables 'page' and 'state' together give away 'people' of people for gender women"
        in str(caught.value)
    )
    # the error never says the number itself
    assert " 4" not in str(caught.value)


def test_a_numerator_is_a_count_of_people_too() -> None:
    """36 of 40 employed: four people without work."""
    table = outcome(site=[""], people=[40.0], known=[40.0], estimate=[0.9])
    with pytest.raises(WorkbenchError, match="'missed' of employed_q2 for everyone"):
        checked(("shares", table, Counted("wioa", ("site",))))


def test_the_base_of_one_metric_is_the_numerator_of_another() -> None:
    """The share of site b is withheld, but its median rests on those employed: six are not."""
    sites = {"site": ["", "a", "b", "c"], "people": [150.0, 60.0, 40.0, 50.0]}
    shares = outcome(**sites, known=sites["people"], met=[100.0, np.nan, np.nan, np.nan])
    medians = outcome(
        **sites | {"people": [100.0, np.nan, 34.0, np.nan]},
        known=[100.0, np.nan, 34.0, np.nan],
    ).assign(indicator="median_earnings_q2", measure="median")
    implied = (
        ("all", "employed_q2.people"),
        ("median_earnings_q2.people", "employed_q2.met"),
        ("employed_q2.met", "median_earnings_q2.people"),
    )
    counted = Counted("wioa", ("site",))
    tables = ("shares", shares, counted), ("medians", medians, counted)
    # an attacker who does not know how they hang together finds nothing
    checked(*tables)
    with pytest.raises(WorkbenchError, match=r"'medians' and 'shares' .*'missed' of employed_q2"):
        checked(*tables, linked=Linked(("",), implied))


def test_rounded_counts_are_known_within_their_rounding() -> None:
    table = outcome(site=[""], people=[50.0], known=[50.0], met=[45.0])
    exact, rounded = Ledger(MINIMUM), Ledger(MINIMUM, round_to=10)
    for ledger in (exact, rounded):
        ledger.add("shares", table, Counted("wioa", ("site",)))
    with pytest.raises(WorkbenchError, match="missed"):
        exact.check()
    # 40 to 50 of 45 to 55: between none and fifteen did not
    rounded.check()


def test_populations_that_share_nobody_do_not_meet() -> None:
    table = pd.DataFrame({"site": ["", "a"], "people": [60.0, np.nan]})
    other = pd.DataFrame({"site": ["b"], "people": [56.0]})
    checked(("one", table, Counted("p", ("site",))), ("two", other, Counted("q", ("site",))))
    with pytest.raises(WorkbenchError, match="'people' of people for site a"):
        checked(("one", table, Counted("p", ("site",))), ("two", other, Counted("p", ("site",))))


def test_tables_that_cannot_be_of_the_same_people_are_told() -> None:
    one = pd.DataFrame({"site": ["", "a", "b"], "people": [30.0, 40.0, np.nan]})
    with pytest.raises(WorkbenchError, match="contradict one another"):
        checked(("one", one, Counted("p", ("site",))))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=6, max_size=6), st.integers(0, 62))
def test_bounds_are_those_of_all_worlds_tried(cells: list[int], pattern: int) -> None:
    """Two sites, each person not known, missed or met: every whole world that fits is listed."""
    frame = pd.DataFrame(np.array(cells).reshape(2, 3), columns=["unknown", "missed", "met"])
    rows = outcome(
        site=["", "a", "b"],
        people=[frame.to_numpy().sum(), *frame.sum(axis=1)],
        known=[frame[["missed", "met"]].to_numpy().sum(), *frame[["missed", "met"]].sum(axis=1)],
        met=[frame["met"].sum(), *frame["met"]],
    ).astype({"people": float, "known": float, "met": float})
    shown = [bool(pattern >> place & 1) for place in range(6)]
    for place, (name, row) in enumerate(product(["people", "known", "met"], [1, 2])):
        if not shown[place]:
            rows.loc[row, name] = np.nan
    linked = Linked(("",), (("all", "employed_q2.people"),))
    facts = facts_of("t", rows, Counted("p", ("site",)))
    system = System(linked, {"site": ["a", "b"]}, ["employed_q2"])
    sums = system.matrix([system.terms((("site", "a"),), [0], "employed_q2", "missed")])
    goal = sums.toarray()[0]
    attacker = Attacker(system, facts)
    low, high = attacker.smallest(goal).value, -attacker.smallest(-goal).value
    total = rows.loc[0]
    worlds = []
    spans = [
        range(int(n) + 1)
        for n in (total["people"] - total["known"], total["known"] - total["met"], total["met"])
    ]
    for unknown, missed, met in product(*spans):
        a = {"people": unknown + missed + met, "known": missed + met, "met": met}
        fits = all(
            np.isnan(rows.loc[1, name]) or rows.loc[1, name] == a[name] for name in a
        ) and all(
            np.isnan(rows.loc[2, name]) or rows.loc[2, name] == total[name] - a[name] for name in a
        )
        if fits:
            worlds.append(missed)
    assert (round(low, 6), round(high, 6)) == (min(worlds), max(worlds))


FATES = ("not asked", "unknown", "missed", "met")
OF_FATES = {
    "all": FATES, "people": FATES[1:], "known": FATES[2:], "missed": FATES[2:3], "met": FATES[3:],
}  # fmt: skip


def counts_in(person: dict[str, str], side: str) -> bool:
    outcome, _, count = side.rpartition(".")
    return side == "all" or person[outcome] in OF_FATES[count]


def written_out(
    linked: Linked, facts: list[tuple[str, int, str, str, float]], goal: tuple[str, int, str, str]
) -> tuple[float, float]:
    """Bounds of one count by scipy, every fate of every person an unknown and no rule spared.

    Facts are (site, first part, outcome, count, number); a count of ``""`` is over both sites.
    """
    keys = list(product("ab", range(len(linked.parts)), ["x", "y"], FATES))

    def row(site: str, parts: list[int], outcome: str, count: str) -> np.ndarray:
        return np.array(
            [
                float(s in (site or "ab") and p in parts and o == outcome and f in OF_FATES[count])
                for s, p, o, f in keys
            ]
        )

    last = len(linked.parts)
    equal = [row(s, list(range(p, last)), o, c) for s, p, o, c, _ in facts]
    right = [number for *_, number in facts]
    smaller = []
    for site, part in product("ab", range(last)):
        equal.append(row(site, [part], "x", "all") - row(site, [part], "y", "all"))
        right.append(0.0)
        for pair in linked.implied:
            less, more = (side.rpartition(".")[::2] for side in pair)
            smaller.append(
                row(site, [part], less[0] or more[0], less[1]) - row(site, [part], *more)
            )
        for side, home in linked.within.items():
            if part < linked.parts.index(home):
                equal.append(row(site, [part], *side.rpartition(".")[::2]))
                right.append(0.0)
    ends = []
    for sign in (1.0, -1.0):
        aim = sign * row(goal[0], list(range(goal[1], last)), *goal[2:])
        done = linprog(
            aim, A_ub=np.array(smaller) if smaller else None,
            b_ub=np.zeros(len(smaller)) if smaller else None, A_eq=np.array(equal), b_eq=right,
        )  # fmt: skip
        ends.append(float(done.fun) if done.status == 0 else -np.inf)
    return round(ends[0], 6), round(-ends[1], 6)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_bounds_are_those_of_every_fate_written_out(data: st.DataObject) -> None:
    """Random people, who keep to random rules, and random facts about them."""
    sides = [f"{o}.{c}" for o in "xy" for c in ("people", "known", "met", "missed")]
    pairs = [(a, b) for a in ["all", *sides] for b in sides if a[:1] != b[:1]]
    linked = Linked(
        ("", "p"),
        tuple(data.draw(st.lists(st.sampled_from(pairs), max_size=4, unique=True))),
        dict.fromkeys(data.draw(st.lists(st.sampled_from(sides), max_size=2, unique=True)), "p"),
    )
    random = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    people = pd.DataFrame(
        {
            "site": random.choice(list("ab"), 60),
            "part": random.integers(0, 2, 60),
            "x": random.choice(FATES, 60),
            "y": random.choice(FATES, 60),
        }
    )
    keeps = [
        all(not counts_in(one, a) or counts_in(one, b) for a, b in linked.implied)
        and all(one["part"] == 1 or not counts_in(one, side) for side in linked.within)
        for one in people.to_dict("records")
    ]
    people = people[keeps]
    facts = []
    for site, part, side in product(["", "a"], [0, 1], ["x.all", *sides]):
        outcome, count = side.split(".")
        among = people[people["site"].isin(list(site or "ab")) & people["part"].ge(part)]
        number = float(among[outcome].isin(OF_FATES[count]).sum())
        if data.draw(st.booleans()):
            facts.append((site, part, outcome, count, number))
    system = System(linked, {"site": ["a", "b"]}, ["x", "y"])

    def cell(site: str) -> Cell:
        return (("site", site),) if site else ()

    attacker = Attacker(
        system,
        [
            Fact("t", at, cell(s), linked.parts[p], o, c, number, number)
            for at, (s, p, o, c, number) in enumerate(facts)
        ],
    )
    goals = [(s, p, *side.split(".")) for s in ("a", "") for p in (0, 1) for side in sides]
    for goal in goals[:: data.draw(st.integers(3, 7))]:
        site, part, outcome, count = goal
        terms = system.terms(cell(site), range(part, 2), outcome, count)
        aim = system.matrix([terms]).toarray()[0]
        own = attacker.smallest(aim).value, -attacker.smallest(-aim).value
        assert (round(own[0], 6), round(own[1], 6)) == written_out(linked, facts, goal)


def test_rows_are_hidden_until_nothing_is_given_away() -> None:
    random = np.random.default_rng(20261124)
    for _ in range(5):
        atoms = pd.DataFrame(list(product("abcd", "xyz")), columns=["race", "gender"])
        atoms["people"] = random.negative_binomial(1, 0.03, len(atoms)).astype(float)
        atoms["known"] = random.binomial(atoms["people"].astype(int), 0.9).astype(float)
        atoms["met"] = random.binomial(atoms["known"].astype(int), 0.6).astype(float)
        counts = ["people", "known", "met"]
        parts = [atoms[counts].sum().to_frame().T, atoms]
        parts += [atoms.groupby(name, as_index=False)[counts].sum() for name in ("race", "gender")]
        table = pd.concat(parts, ignore_index=True).fillna({"race": "", "gender": ""})
        table = table.assign(indicator="employed_q2", measure="share")
        counted = Counted("p", ("race", "gender"))
        small = table.assign(missed=table["known"] - table["met"])[[*counts, "missed"]]
        start = small.min(axis=1) < MINIMUM
        linked = Linked(("",), (("all", "employed_q2.people"),))
        hidden = hidden_together({"t": (table, counted)}, {"t": start}, linked, MINIMUM)["t"]
        assert hidden[start].all()
        safe = table.assign(**{name: table[name].mask(hidden) for name in counts})
        checked(("t", safe, counted), linked=linked)


def test_a_run_that_leaks_is_refused_and_leaves_no_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_STAGING", str(tmp_path))
    study = Study("03_effectiveness_metrics", {"outcomes": "", "framework": "", "wioa": ""})
    table = pd.DataFrame({"site": ["", "a", "b"], "people": [60.0, 24.0, np.nan]})
    study.publish("sites", table, "people", counted=Counted("own", ("site",)))
    study.publish(
        "site_c",
        table.iloc[[2]].assign(site="c", people=32.0),
        "people",
        counted=Counted("own", ("site",)),
    )
    assert (tmp_path / "sites.csv").is_file()
    with pytest.raises(WorkbenchError, match=r"'site_c' and 'sites' .*for site b"):
        study.finish()
    assert not list(tmp_path.iterdir())


def test_a_rule_of_others_is_chosen_by_its_name(tmp_path: Path) -> None:
    text = framework_path().read_text("utf-8")
    own = tmp_path / "own.toml"
    assert text.count('\nrule = ""\n') == 1
    own.write_text(text.replace('\nrule = ""\n', '\nrule = "opensafely"\n'), "utf-8")
    chosen = load_framework(own).disclosure
    assert (chosen.minimum_cell, chosen.round_to) == (8, 5)
    assert "7 or fewer" in chosen.reason
    own.write_text(text.replace('\nrule = ""\n', '\nrule = "nobody"\n'), "utf-8")
    with pytest.raises(WorkbenchError, match="rule 'nobody' is none of: wioa_public_file, opens"):
        load_framework(own)
