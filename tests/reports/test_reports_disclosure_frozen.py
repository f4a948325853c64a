"""What disclosure control hides of small seeded tables, and its defaults, are those on file."""

from collections.abc import Callable
from itertools import product
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.effects.suppression import hidden_levels
from analysis.framework import load_framework
from analysis.reports.disclosure import hide_small_cells
from analysis.reports.disclosure_facts import Counted, Linked
from analysis.reports.disclosure_ledger import Ledger, hidden_together
from analysis.reports.disclosure_run import facts_of, searches, spoken_of
from analysis.reports.effect_hiding import all_shown, hidden_groups, hide_groups

Case = Callable[[], object]
VALUES = {"race": ["r1", "r2", "r3"], "gender": ["f", "m"], "age": ["o", "y"]}


def _levels(*kinds: tuple[str, ...]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = [{}]
    for names in kinds:
        chosen = product(*(VALUES[name] for name in names))
        found += [dict(zip(names, one, strict=True)) for one in chosen]
    return found


def _of_levels() -> object:
    rng = np.random.default_rng(1)
    cells = _levels(tuple(VALUES))[1:]
    found = []
    for kinds in ([("race",), ("gender",)], [("race",), ("gender",), ("race", "gender"), ("age",)]):
        levels = _levels(*kinds)
        whole = [[level.items() <= cell.items() for cell in cells] for level in levels]
        for _ in range(8):
            arms = np.array(whole, float) @ rng.integers(0, 25, (len(cells), 2))
            own, hidden = hidden_levels(levels, *arms.astype(int).T.tolist(), 20)
            found.append((np.flatnonzero(own), np.flatnonzero(hidden)))
    return found


def _tables(seed: int) -> dict[str, tuple[pd.DataFrame, Counted]]:
    """Two tables of the same people: of everybody by race and gender, of a part by race and age."""
    rng = np.random.default_rng(seed)
    cells = pd.DataFrame(_levels(tuple(VALUES))[1:])
    cells["people"] = rng.integers(2, 40, len(cells))
    cells["known"] = rng.binomial(cells["people"], 0.8)
    cells["met"] = rng.binomial(cells["known"], 0.6)
    cells["part"] = rng.binomial(cells["people"], 0.7)
    tables = {}
    for name, groups in (("whole", ("race", "gender")), ("part", ("race", "age"))):
        rows = []
        for level in _levels(groups[:1], groups[1:], groups):
            inside = [cells["people"] > 0, *(cells[k] == v for k, v in level.items())]
            row = {key: level.get(key, "") for key in groups}
            sums = cells[np.all(inside, axis=0)].sum(numeric_only=True).astype(float)
            whole = {"indicator": "work", **sums[["people", "known", "met"]]}
            rows.append(row | (whole if name == "whole" else {"people": sums["part"]}))
        tables[name] = (pd.DataFrame(rows), Counted("p", groups, "" if name == "whole" else "in"))
    return tables


LINKED = Linked(("", "in"), (("all", "work.people"),))


def _together() -> object:
    found = []
    for seed in range(6):
        tables = _tables(seed)
        small = {name: frame["people"].lt(20) for name, (frame, _) in tables.items()}
        hidden = hidden_together(tables, small, LINKED, 10)
        found.append({name: np.flatnonzero(rows) for name, rows in hidden.items()})
    return found


def _leaks() -> object:
    found = []
    for seed in range(6):
        facts, spoken = [], []
        for name, (frame, counted) in _tables(seed).items():
            kept = frame[frame["people"].ge(25)]
            facts += facts_of(name, kept, counted, 5 if seed % 2 else 1)
            spoken += spoken_of(frame, counted)
        every = searches(facts, spoken, LINKED, 12)
        leaks = [search.leak() for search in every]
        found.append([(one.words(), sorted(map(str, one.rows()))) if one else "" for one in leaks])
    ledger = Ledger(10)
    frame, counted = _tables(1)["whole"]
    ledger.add("t", frame, counted)
    return [found, ledger.summary()]


def _study() -> object:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"treated": rng.integers(0, 2, 260), "pay": rng.gamma(1.0, size=260)})
    for name, options in VALUES.items():
        frame[name] = np.array(options)[rng.integers(0, len(options), 260)]
    frame.loc[3, "pay"] = 400.0
    groupings = (("race",), ("gender",), ("race", "gender"), ("race", "age"))
    trial = SimpleNamespace(key="t", frame=frame, groupings=groupings)
    rule = load_framework().disclosure
    hidden = hidden_groups(trial, "pay", rule.model_copy(update={"minimum_cell": 18}))  # type: ignore[arg-type]
    rows = pd.DataFrame(
        [(*key, 1.0, "shown", "") for key in [*hidden, ("all", "all")]],
        columns=["grouping", "group", "estimate", "status", "note"],
    )
    kinds = [all_shown(kind, hidden) for kind in ("race", "gender", "race x gender")]
    return [{" / ".join(key): why for key, why in hidden.items()}, hide_groups(rows, hidden), kinds]


def _cells() -> object:
    rng = np.random.default_rng(6)
    cells = pd.DataFrame({"state": np.arange(24) // 4, "site": np.arange(24)})
    cells["n"] = rng.integers(5, 40, 24).astype(float)
    cells["known"] = cells["n"] - rng.integers(0, 4, 24)
    return hide_small_cells(
        cells, people=["n", "known"], values=["site"], minimum=10, within=["state"]
    )


CASES: dict[str, Case] = {
    "levels": _of_levels,
    "together": _together,
    "leaks": _leaks,
    "study": _study,
    "cells": _cells,
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_hidden_is_what_is_on_file(name: str, script: Callable[[str], ModuleType]) -> None:
    script("tests/frozen/on_file.py").compare("disclosure", name, CASES[name](), 1e-9)


def test_defaults_and_constants_are_those_on_file(script: Callable[[str], ModuleType]) -> None:
    script("tests/frozen/on_file.py").compare_declared("disclosure")
