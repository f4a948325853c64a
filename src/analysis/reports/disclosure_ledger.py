"""All that a run publishes about people: what to hide in it, and the check at the door."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.reports.disclosure_run import Counted, facts_of, leaks, spoken_of
from analysis.reports.disclosure_system import Cell, Fact, Linked


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
            leak = next(leaks(facts, self.spoken[population], linked, self.minimum), None)
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
        Name to the rows to hide. While a count is known too well, one of the rows that force its
        bounds is hidden too: of the finest cross, the one with the fewest people.
    """
    hidden = {name: rows.copy() for name, rows in hidden.items()}
    passed: set[tuple[object, ...]] = set()
    spoken = [pair for frame, counted in tables.values() for pair in spoken_of(frame, counted)]
    truth = {
        (name, row): float(least)
        for name, (frame, _) in tables.items()
        for row, least in frame["people"].items()
    }
    while True:
        facts = [
            fact
            for name, (frame, counted) in tables.items()
            for fact in facts_of(name, frame[~hidden[name]], counted)
        ]
        chosen = [
            _first_to_hide({(f.table, f.row): f for f in leak.facts or facts}, truth)
            for leak in leaks(facts, spoken, linked, minimum, passed)
        ]
        if not chosen:
            return hidden
        for name, row in chosen:
            hidden[name].loc[row] = True


def _first_to_hide(
    rows: Mapping[tuple[str, object], Fact], truth: Mapping[tuple[str, object], float]
) -> tuple[str, object]:
    """Of the finest cross the row with the fewest people; a total over all groups comes last."""
    return min(
        rows,
        key=lambda key: (not rows[key].cell, -len(rows[key].cell), truth[key], str(key)),
    )
