"""Disclosure control of linked tables: an attacker with a solver recovers no hidden count."""

from collections.abc import Callable
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import WorkbenchError
from analysis.framework import load_framework
from analysis.reports.disclosure_facts import Counted, Linked
from analysis.reports.disclosure_ledger import hidden_together
from analysis.reports.disclosure_system import System, families

MINIMUM = 10
Maker = Callable[[np.random.Generator], tuple[pd.DataFrame, list[str]]]
Attack = Callable[[pd.DataFrame, list[str], "pd.Series[bool]", str], pd.DataFrame]


def protected(table: pd.DataFrame, names: list[str]) -> "pd.Series[bool]":
    """Rows that the workbench hides of tables that count people, and those known of them."""
    known = table.get("known", table["people"])
    small = pd.concat([table["people"], known], axis=1).min(axis=1) < MINIMUM
    counts = {"people": table["people"].astype(float), "known": known.astype(float)}
    frame = table[names].assign(indicator="x", measure="median", **counts)
    linked = Linked(("",), (("all", "x.people"),))
    tables = {"t": (frame, Counted("p", tuple(names)))}
    return hidden_together(tables, {"t": small}, linked, MINIMUM)["t"]


def narrowest(
    table: pd.DataFrame, hidden: "pd.Series[bool]", found: pd.DataFrame, of: str
) -> float:
    """People between the ends of the narrowest interval of a small count."""
    small = table.loc[hidden, of] < MINIMUM
    return float((found["high"] - found["low"])[small].min()) if small.any() else np.inf


def test_on_200_random_sets_of_linked_tables_the_attacker_recovers_nothing(
    linked_tables: Maker, derived: Attack
) -> None:
    """The seed was drawn before this way of choosing rows was made; a small total hides all."""
    random = np.random.default_rng(20270315)
    small, cells, totals = 0, 0, 0
    for _ in range(200):
        table, names = linked_tables(random)
        hidden = protected(table, names)
        least = table[["people", "known"]].min(axis=1)
        everyone = table[names].eq("").all(axis=1)
        assert hidden[least < MINIMUM].all()
        if (least[everyone] < MINIMUM).any():
            assert hidden.all()
            totals += 1
            continue
        assert not hidden[everyone].any()
        for count in ("people", "known"):
            found = derived(table, names, hidden, count)
            assert narrowest(table, hidden, found, count) >= MINIMUM, table.assign(hidden=hidden)
            reached = found["high"][table.loc[hidden, count] < MINIMUM]
            assert (reached >= MINIMUM).all()
        small += int((least < MINIMUM).sum())
        cells += len(table)
    # the sets are no easy ones: many cells are small, and in some the total itself
    assert small > 0.1 * cells
    assert totals


def test_hiding_small_cells_alone_would_be_found_out(linked_tables: Maker, derived: Attack) -> None:
    """The attacker bites: without complementary suppression he recovers many."""
    random = np.random.default_rng(1)
    recovered = 0
    for _ in range(30):
        table, names = linked_tables(random)
        hidden = table["people"] < MINIMUM
        if hidden.any():
            recovered += derived(table, names, hidden, "people")["recovered"].sum()
    assert recovered > 20


def two_by_two() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "race": ["", "a", "b", "", "", "a", "a", "b", "b"],
            "gender": ["", "", "", "x", "y", "x", "y", "x", "y"],
            "people": [100, 24, 76, 54, 46, 4, 20, 50, 26],
        }
    )


def test_intervals_of_a_table_by_hand(derived: Attack) -> None:
    """All four inner cells hidden: a x lies between 0 and 24, b y between 22 and 46."""
    table = two_by_two()
    hidden = table["race"].ne("") & table["gender"].ne("")
    found = derived(table, ["race", "gender"], hidden, "people")
    assert found[["low", "high"]].to_numpy().tolist() == [[0, 24], [0, 24], [30, 54], [22, 46]]


def test_bounds_that_follow_from_whole_people_alone_are_found(derived: Attack) -> None:
    """No sum gives the cell away, but its row holds one person less than it hides."""
    table = two_by_two().assign(people=[100, 1, 99, 54, 46, 1, 0, 53, 46])
    hidden = table["race"].ne("") & table["gender"].ne("")
    found = derived(table, ["race", "gender"], hidden, "people")
    assert found["high"].iloc[0] == 1
    chosen = protected(table, ["race", "gender"])
    # the small row total is hidden too, and another with it
    assert chosen[1]
    found = derived(table, ["race", "gender"], chosen, "people")
    assert narrowest(table, chosen, found, "people") >= MINIMUM


def test_tables_that_share_only_the_total_are_families_of_their_own() -> None:
    table = pd.DataFrame(
        {
            "race": ["", "a", "b", "", ""],
            "parent": ["", "", "", "yes", "no"],
            "people": [60, 5, 55, 20, 40],
        }
    )
    assert families(table, ["race", "parent"]) == [["race"], ["parent"]]
    hidden = protected(table, ["race", "parent"])
    assert hidden.tolist() == [False, True, True, False, False]


def test_a_cell_shown_in_one_table_is_known_in_another(derived: Attack) -> None:
    table = pd.DataFrame({"site": ["", "a", "b", "c", "a"], "people": [60, 5, 25, 30, 5]})
    hidden = pd.Series([False, True, True, False, False])
    assert derived(table, ["site"], hidden, "people")["recovered"].all()
    assert protected(table, ["site"]).tolist() == [False, True, True, False, True]


def gives_one_away(table: pd.DataFrame, names: list[str], hidden: pd.Series) -> bool:
    """Whether a shown sum hides exactly one row: no solver is needed to see that it fails."""
    for name in names:
        others = [other for other in names if other != name]
        for _, line in table.groupby(others):
            parts = line.index[line[name] != ""]
            total = line.index[line[name] == ""]
            if not hidden[total].any() and hidden[parts].sum() == 1:
                return True
    return False


def optimum(table: pd.DataFrame, names: list[str], derived: Attack) -> int:
    """Fewest rows to hide, by trying all sets in order of their size."""
    small = table["people"] < MINIMUM
    everyone = table[names].eq("").all(axis=1)
    open_rows = table.index[~small & ~everyone]
    for size in range(len(open_rows) + 1):
        for extra in combinations(open_rows, size):
            hidden = small.copy()
            hidden[list(extra)] = True
            if gives_one_away(table, names, hidden):
                continue
            found = derived(table, names, hidden, "people")
            reached = found["high"][small[hidden]].min() >= MINIMUM
            if reached and narrowest(table, hidden, found, "people") >= MINIMUM:
                return int(hidden.sum())
    raise AssertionError("no set protects")


def small_cross(random: np.random.Generator, case: int) -> pd.DataFrame:
    """All margins of a small cross, every other one sparse, with at least one small cell."""
    rows, columns = [(2, 2), (2, 3), (3, 2), (2, 4), (3, 3), (2, 5)][case // 2 % 6]
    values = random.negative_binomial(1 + case % 2, 0.05, (rows, columns))
    values[random.integers(rows), random.integers(columns)] = random.integers(1, MINIMUM)
    races, genders = [f"r{i}" for i in range(rows)], [f"g{j}" for j in range(columns)]
    cells = [("", "", int(values.sum()))]
    cells += [(race, "", int(values[i].sum())) for i, race in enumerate(races)]
    cells += [("", gender, int(values[:, j].sum())) for j, gender in enumerate(genders)]
    cells += [(r, g, int(values[i, j])) for i, r in enumerate(races) for j, g in enumerate(genders)]
    return pd.DataFrame(cells, columns=["race", "gender", "people"])


def test_few_more_cells_are_hidden_than_the_optimum(derived: Attack) -> None:
    """48 cases, drawn after the rule was made, where all sets of cells can be tried.

    A single case may be off by more; what is promised is the mean ratio, by its own upper limit.
    """
    ratios = []
    for seed in (20301130, 20301131):
        random = np.random.default_rng(seed)
        for case in range(24):
            table = small_cross(random, case)
            hidden = int(protected(table, ["race", "gender"]).sum())
            small_total = table["people"].iloc[0] < MINIMUM
            least = len(table) if small_total else optimum(table, ["race", "gender"], derived)
            ratios.append(hidden / least)
    mean, error = np.mean(ratios), np.std(ratios, ddof=1) / np.sqrt(len(ratios))
    assert len(ratios) == 48
    assert min(ratios) >= 1
    # a tenth was claimed before these cases were drawn; measured: 1.034, seven cases above 1
    assert mean + 2 * error <= 1.10


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=3, max_size=7))
def test_one_way_tables_hide_nothing_without_need(counts: list[int]) -> None:
    table = pd.DataFrame(
        {"site": ["", *map(str, range(len(counts)))], "people": [sum(counts), *counts]}
    )
    hidden = protected(table, ["site"])
    if (table["people"] >= MINIMUM).all():
        assert not hidden.any()
    elif sum(counts) < MINIMUM:
        assert hidden.all()
    else:
        # one more than the small ones at most, or as many as it takes to make up the minimum
        assert not hidden.iloc[0]
        small = table["people"] < MINIMUM
        assert hidden[small].all()
        assert table["people"][hidden].sum() >= MINIMUM
        assert hidden.sum() >= 2


def test_what_is_hidden_does_not_hang_on_the_order_of_the_rows() -> None:
    """Two cells of one size were chosen between by whichever a query happened to give first."""
    random = np.random.default_rng(20261124)
    for _ in range(10):
        atoms = pd.DataFrame(list(product("abc", "xy")), columns=["race", "gender"])
        # few sizes, so that many choices are between equals
        atoms["people"] = random.choice([4, 20, 20, 30], len(atoms))
        by = [atoms.groupby(name, as_index=False)["people"].sum() for name in ("race", "gender")]
        total = atoms[["people"]].sum().to_frame().T
        table = pd.concat([total, *by, atoms], ignore_index=True).fillna("")
        first = protected(table, ["race", "gender"])
        for state in range(3):
            shuffled = table.sample(frac=1.0, random_state=state)
            again = protected(shuffled, ["race", "gender"])
            assert first.equals(again.loc[first.index])


def test_presets_of_others_are_data() -> None:
    disclosure = load_framework().disclosure
    assert disclosure.preset("wioa_public_file").minimum_cell == 3
    assert disclosure.preset("opensafely").minimum_cell == 8


@pytest.mark.parametrize("crossed", [4])
def test_a_cross_too_large_to_search_is_refused(crossed: int) -> None:
    values = {f"v{place}": [f"v{place}{k}" for k in range(30)] for place in range(crossed)}
    with pytest.raises(WorkbenchError, match="2,430,000 unknowns in all"):
        System(Linked(), values, ["people"])
