"""All that a run publishes about people: what to hide in it, and the check at the door."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.reports.disclosure_facts import Cell, Counted, Fact, Linked
from analysis.reports.disclosure_run import facts_of, searches, spoken_of

# the name of a table and the label of one of its rows
Place = tuple[str, object]


@dataclass
class Ledger:
    """All that a run has published about people, by population.

    Attributes
    ----------
    minimum : int
        Fewest people that anything is shown about.
    round_to : int
        What shown counts are rounded to.

    Examples
    --------
    >>> import numpy as np
    >>> ledger = Ledger(10)
    >>> table = pd.DataFrame({"site": ["", "a", "b"], "people": [60.0, np.nan, np.nan]})
    >>> ledger.add("sites", table, Counted("workers", ("site",)))
    >>> ledger.check()
    >>> ledger.add("site_b", table.iloc[[2]].assign(people=55.0), Counted("workers", ("site",)))
    >>> ledger.check()
    Traceback (most recent call last):
    ...
    analysis.errors.WorkbenchError: tables 'site_b' and 'sites' together give away ...
    """

    minimum: int
    round_to: int = 1
    linked: dict[str, Linked] = field(default_factory=dict)
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    spoken: dict[str, list[tuple[Cell, str]]] = field(default_factory=dict)

    def add(self, name: str, frame: pd.DataFrame, counted: Counted) -> None:
        """Take a published table in.

        Parameters
        ----------
        name : str
        frame : DataFrame
            What is really published: the groups' columns, ``people`` and, for outcomes,
            ``indicator``, ``known`` and ``met`` (or ``estimate`` where ``measure`` is ``share``).
            Hidden counts are missing.
        counted : Counted
        """
        facts = facts_of(name, frame, counted, self.round_to)
        self.facts.setdefault(counted.population, []).extend(facts)
        self.spoken.setdefault(counted.population, []).extend(spoken_of(frame, counted))

    def check(self) -> None:
        """Refuse a run whose tables together give a count of few people away.

        Raises
        ------
        WorkbenchError
            Naming the tables and the cell, never the count.
        """
        for population, facts in self.facts.items():
            linked = self.linked.get(population) or Linked(
                tuple(dict.fromkeys(["", *(fact.part for fact in facts)]))
            )
            found = searches(facts, self.spoken[population], linked, self.minimum)
            leak = next((one for search in found if (one := search.leak())), None)
            if leak is None:
                continue
            tables = sorted({fact.table for fact in leak.facts})
            named = " and ".join(f"'{table}'" for table in tables)
            many = len(tables) > 1
            raise WorkbenchError(
                f"table{'s' * many} {named}{' together' * many} give{'s' * (not many)} away "
                f"{leak.words()}: it can be told within fewer than {self.minimum} people",
                "Hide linked tables together (analysis.reports.disclosure_ledger.hidden_together), "
                "or leave one of them out.",
            )

    def summary(self) -> list[dict[str, object]]:
        """One row a population: its tables that were checked together, and shown counts."""
        return [
            {
                "population": population,
                "tables": list(dict.fromkeys(fact.table for fact in facts)),
                "counts_shown": len(facts),
            }
            for population, facts in self.facts.items()
        ]


def hidden_together(
    tables: Mapping[str, tuple[pd.DataFrame, Counted]],
    hidden: Mapping[str, pd.Series],
    linked: Linked,
    minimum: int,
) -> dict[str, pd.Series]:
    """Hide more rows of some tables until all of them together give nothing away.

    Parameters
    ----------
    tables : mapping
        Name to the true table and how it counts.
    hidden : mapping
        Name to the rows that are hidden already (small ones, and those that protect them within
        each table).
    linked : Linked
    minimum : int

    Returns
    -------
    dict
        Name to the rows to hide.

    Raises
    ------
    WorkbenchError
        Where the tables cross too many groups to be searched, or contradict one another.

    Notes
    -----
    While a count is known too well, one of the rows that force its bounds is hidden too: of the
    finest cross, one whose own sums hide something already, so that it cannot be had from them;
    of these the one with the fewest people. A total over all comes last.

    Examples
    --------
    Site c has too few people. The total less a and b would tell it, so one of them goes too:

    >>> table = pd.DataFrame({"site": ["", "a", "b", "c"], "people": [60.0, 30.0, 25.0, 5.0]})
    >>> hidden = pd.Series([False, False, False, True])
    >>> counted = Counted("workers", ("site",))
    >>> hidden_together({"t": (table, counted)}, {"t": hidden}, Linked(), 10)["t"].tolist()
    [False, False, True, True]
    """
    hidden = {name: rows.copy() for name, rows in hidden.items()}
    spoken = [pair for frame, counted in tables.values() for pair in spoken_of(frame, counted)]
    facts = [
        fact
        for name, (frame, counted) in tables.items()
        for fact in facts_of(name, frame[~hidden[name]], counted)
    ]
    shown = {(fact.table, fact.row): fact for fact in facts}
    people, sums = _people_of(tables), _sums_of(tables)
    hiding = Counter(
        one for name, rows in hidden.items() for row in rows.index[rows] for one in sums[name, row]
    )

    def cost(place: Place) -> tuple[object, ...]:
        fact = shown[place]
        bare = sum(not hiding[one] for one in sums[place])
        # equal choices are settled by names, never by the order that rows came in
        name = (fact.table, fact.outcome, fact.cell)
        return (not fact.cell, -len(fact.cell), bare, people[place], name)

    all_searches = searches(facts, spoken, linked, minimum)
    while found := [leak for search in all_searches if (leak := search.leak())]:
        chosen = {min(leak.rows() or set(shown), key=cost) for leak in found}
        for name, row in chosen:
            hidden[name].loc[row] = True
            hiding.update(sums[name, row])
            del shown[name, row]
        for search in all_searches:
            search.forget(chosen)
    return hidden


def _people_of(tables: Mapping[str, tuple[pd.DataFrame, Counted]]) -> dict[Place, float]:
    return {
        (name, row): float(people)
        for name, (frame, _) in tables.items()
        for row, people in frame["people"].items()
    }


def _sums_of(
    tables: Mapping[str, tuple[pd.DataFrame, Counted]],
) -> dict[Place, list[tuple[object, ...]]]:
    """Each row to the sums that it is a part of: over one variable, where that has a row too."""
    cells = {}
    for name, (frame, counted) in tables.items():
        for row, entry in zip(frame.index, frame.to_dict("records"), strict=True):
            cell = {group: str(entry[group]) for group in counted.groups if entry[group] != ""}
            cells[name, row] = (name, entry.get("indicator"), cell)
    totals = {(name, of, *cell.items()) for name, of, cell in cells.values()}
    return {
        place: [
            (name, of, over, *rest)
            for over in cell
            if (name, of, *(rest := tuple((k, v) for k, v in cell.items() if k != over))) in totals
        ]
        for place, (name, of, cell) in cells.items()
    }
