"""The attacker at the door: what all tables of one run together give away about few people.

The stated rule. For every group of people that the tables speak of, for the outcomes they show and
for the parts of the population they are about, the attacker bounds the number of people, of those
whose outcome is known, of those who met it and of those who did not. Each such interval must start
at the minimum or above (then the count is not small), or hold at least as many people as the
minimum and reach it (then he can neither name the count nor conclude that it is small).

He knows all that is shown (within its rounding), that people are whole and never negative, how
groups, parts and outcomes hang together, and which outcomes imply others. How many outcomes are
*unknown* is told on purpose and not protected.
"""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analysis.joined_sets import joined
from analysis.reports.disclosure_facts import EVERYONE, NESTED, Cell, Counted, Fact, Linked
from analysis.reports.disclosure_search import Search
from analysis.reports.disclosure_system import System, families


def facts_of(name: str, frame: pd.DataFrame, counted: Counted, round_to: int = 1) -> list[Fact]:
    """Counts that a table shows; a shown share gives its numerator.

    Parameters
    ----------
    name : str
        The table's name.
    frame : DataFrame
        The groups' columns and any of ``people``, ``known``, ``met`` (missing where hidden); with
        outcomes ``indicator``, and ``estimate`` in place of ``met`` where ``measure`` is ``share``.
    counted : Counted
    round_to : int
        What shown counts are rounded to: each lies within half of it.

    Returns
    -------
    list of Fact
        One a count that is not missing.

    Examples
    --------
    >>> table = pd.DataFrame({"site": ["", "a"], "people": [60.0, None]})
    >>> facts = facts_of("sites", table, Counted("workers", ("site",)), round_to=5)
    >>> [(fact.cell, fact.count, fact.low, fact.high) for fact in facts]
    [((), 'people', 57.5, 62.5)]
    """
    if "measure" in frame and {"estimate", "known"} <= set(frame) and "met" not in frame:
        met = (frame["estimate"] * frame["known"]).where(frame["measure"] == "share")
        frame = frame.assign(met=met.round())
    reach = (round_to / 2) if round_to > 1 else 0.0
    found = []
    for row, entry in zip(frame.index, frame.to_dict("records"), strict=True):
        cell = tuple((g, str(entry[g])) for g in counted.groups if entry[g] != "")
        for count in NESTED:
            value = entry.get(count)
            if value is not None and value == value:
                outcome = str(entry.get("indicator", "people"))
                low, high = max(float(value) - reach, 0.0), float(value) + reach
                found.append(Fact(name, row, cell, counted.part, outcome, count, low, high))
    return found


def searches(
    facts: Sequence[Fact], spoken: Sequence[tuple[Cell, str]], linked: Linked, minimum: int
) -> list[Search]:
    """Searches that together look at every count that the tables speak of.

    Parameters
    ----------
    facts : sequence of Fact
        All that is shown.
    spoken : sequence of (cell, outcome)
        Cells that the tables have a row for, shown or not.
    linked : Linked
    minimum : int

    Returns
    -------
    list of Search
        One a family of groups and set of outcomes that imply one another; none for no table.

    Raises
    ------
    WorkbenchError
        Where the tables cross too many groups to be searched.

    Notes
    -----
    Families of groups that no table crosses are searched apart, and so are outcomes that imply
    nothing of one another; they restrict each other through shown totals alone.

    Examples
    --------
    >>> counted = Counted("workers", ("site",))
    >>> table = pd.DataFrame({"site": ["", "a", "b"], "people": [60.0, 55.0, None]})
    >>> found = searches(facts_of("t", table, counted), spoken_of(table, counted), Linked(), 10)
    >>> [search.leak().words() for search in found]
    ["'people' of people for site b"]
    """
    linked = _present(linked, {fact.part for fact in facts})
    names = list(dict.fromkeys(name for cell, _ in spoken for name, _ in cell))
    values = {
        name: sorted({dict(cell)[name] for cell, _ in spoken if name in dict(cell)})
        for name in names
    }
    keys = pd.DataFrame([{**dict.fromkeys(names, ""), **dict(cell)} for cell, _ in spoken])
    # what is found first must not hang on the order that rows came in
    outcomes = sorted({outcome for _, outcome in spoken})
    facts = sorted(facts, key=lambda f: (f.table, f.part, f.outcome, f.count, f.cell, str(f.row)))
    found = []
    for family in families(keys, names) if names else [[]]:
        inside = {cell for cell, _ in spoken if {name for name, _ in cell} <= set(family)}
        cells = sorted(inside, key=lambda cell: (len(cell), cell))
        for together in _components(outcomes, linked):
            own = [
                shared
                for fact in facts
                if fact.cell in inside and (shared := _shared(fact, together, linked))
            ]
            system = System(linked, {name: values[name] for name in family}, together)
            found.append(Search(system, own, cells, minimum))
    return found


def _components(outcomes: Sequence[str], linked: Linked) -> list[list[str]]:
    """Outcomes that imply one another, directly or through others; the rest by themselves."""
    linked_names = [{side.rpartition(".")[0] for side in pair} for pair in linked.implied]
    return joined(outcomes, linked_names)


def _shared(fact: Fact, together: Sequence[str], linked: Linked) -> Fact | None:
    """A fact as these outcomes see it: of another outcome they see the number of all people."""
    if fact.outcome in together:
        return fact
    everyone = fact.count == "people" and (
        fact.outcome == EVERYONE or ("all", f"{fact.outcome}.people") in linked.implied
    )
    return replace(fact, outcome=together[0], count="all") if everyone else None


def spoken_of(frame: pd.DataFrame, counted: Counted) -> list[tuple[Cell, str]]:
    """Cells and outcomes that a table has a row for, shown or not.

    Parameters
    ----------
    frame : DataFrame
        The groups' columns and, with outcomes, ``indicator``.
    counted : Counted

    Returns
    -------
    list of (cell, outcome)
        One a row; the cell of a total is empty.

    Examples
    --------
    >>> table = pd.DataFrame({"site": ["", "a"], "indicator": "employed", "people": [60.0, None]})
    >>> spoken_of(table, Counted("workers", ("site",)))
    [((), 'employed'), ((('site', 'a'),), 'employed')]
    """
    return [
        (
            tuple((g, str(row[g])) for g in counted.groups if row[g] != ""),
            str(row.get("indicator", "people")),
        )
        for row in frame.to_dict("records")
    ]


def _present(linked: Linked, parts: set[str]) -> Linked:
    """Without the parts that no table is about: what lies within them lies in the next larger."""
    kept = tuple(part for part in linked.parts if part == linked.parts[0] or part in parts)
    within = {}
    for count, home in linked.within.items():
        larger = [p for p in linked.parts[: linked.parts.index(home) + 1] if p in kept]
        within[count] = larger[-1]
    return Linked(kept, linked.implied, within)
