"""How published tables count people: which column counts whom, and in which group (as data)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import WorkbenchError
from analysis.reports.disclosure_facts import Cell

# columns whose name says that they count people
COUNTS = frozenset(
    (
        *("people", "known", "met", "n", "n_treated", "n_control", "n_first", "n_second"),
        *("people_of_tier", "reference_people", "participants"),
    )
)
_EVERYONE = ("all", "", "all rated")


@dataclass(frozen=True)
class CountedTable:
    """One entry of ``counted_tables.toml``; the file says what each key means."""

    notebook: str
    names: tuple[str, ...]
    population: str = ""
    outcome: str = ""
    cell: str = ""
    counts: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    without: Mapping[str, float] = field(default_factory=dict)
    rounded: bool = False
    unchecked: str = ""

    def fits(self, name: str) -> bool:
        """Whether a table of this name is meant."""
        return any(fnmatchcase(name, one) for one in self.names)

    def reads(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is to be read."""
        return all(row[column] == value for column, value in self.only.items()) and not any(
            row[column] == value for column, value in self.without.items()
        )

    def key_of(self, name: str, row: Mapping[str, Any]) -> str:
        """Key of the people that a row of table ``name`` counts."""
        if self.population == "*":
            start = next(one for one in self.names if fnmatchcase(name, one)).rstrip("*")
            return name.removeprefix(start)
        return str(row["trial_key"]) if self.population == "trial_key" else self.population

    def outcome_of(self, row: Mapping[str, Any]) -> str:
        """What a row's counts are of."""
        return str(row[self.outcome]) if self.outcome == "by" else self.outcome

    def cell_of(self, row: Mapping[str, Any], first_grouping: str) -> Cell:
        """The group of a row, as pairs of variable and value.

        Examples
        --------
        >>> arms = CountedTable("04_earnings_effects", ("effects_*",), cell="grouping")
        >>> arms.cell_of({"grouping": "race x gender", "group": "Black, women"}, "race")
        (('race', 'Black'), ('gender', 'women'))
        >>> arms.cell_of({"grouping": "all", "group": "all"}, "race")
        ()
        """
        if self.cell == "everyone":
            return ()
        if self.cell == "first_grouping":
            return () if row["group"] == "all" else ((first_grouping, str(row["group"])),)
        if self.cell in ("first", "second"):
            return _named(str(row["grouping"]), str(row[self.cell]), row, " x ", ", ")
        if self.cell == "grouping":
            return _named(str(row["grouping"]), str(row["group"]), row, " x ", ", ")
        if self.cell == "by":
            return _named(str(row["by"]), str(row["group"]), row, " and ", " ")
        if self.cell == "tier":
            tier = () if row["tier"] in _EVERYONE else (("tier", str(row["tier"])),)
            return ((str(row["by"]), str(row["group"])), *tier)
        name, _, column = self.cell.partition("=")
        return ((name, str(row[column or name])),)


def _named(by: str, group: str, row: Mapping[str, Any], between: str, within: str) -> Cell:
    names = [] if by in _EVERYONE else by.split(between)
    if all(name in row for name in names):
        return tuple((name, str(row[name])) for name in names)
    values = group.split(within) if len(names) > 1 else [group]
    if len(values) == len(names):
        return tuple(zip(names, values, strict=True))
    # words that cannot be taken apart: a group of a kind of its own
    return ((by, group),)


@lru_cache(maxsize=1)
def counted_tables() -> tuple[CountedTable, ...]:
    """All entries.

    Returns
    -------
    tuple of CountedTable
        In the order of ``counted_tables.toml``.

    Examples
    --------
    >>> [one.population for one in counted_tables() if one.fits("site_effects")]
    ['jtpa_women']
    """
    text = (Path(__file__).parent / "counted_tables.toml").read_text("utf-8")
    return tuple(
        CountedTable(**entry | {"names": tuple(entry["names"])})
        for entry in tomllib.loads(text)["tables"]
    )


def entries_for(notebook: str, name: str, frame: pd.DataFrame) -> list[CountedTable]:
    """Entries of a published table, none where it counts nobody.

    Parameters
    ----------
    notebook : str
        As in ``04_earnings_effects``.
    name : str
        Name of the table.
    frame : DataFrame
        Its columns alone are read: those in :data:`COUNTS` count people.

    Returns
    -------
    list of CountedTable
        Those that name the table exactly where there are some, else those whose pattern fits.

    Raises
    ------
    WorkbenchError
        The table has a column of counts of people and stands nowhere.

    Examples
    --------
    >>> people = pd.DataFrame({"site": ["a"], "n_treated": [40], "n_control": [20]})
    >>> [one.cell for one in entries_for("04_earnings_effects", "site_effects", people)]
    ['site']
    >>> entries_for("04_earnings_effects", "anything", people[["site"]])
    []
    >>> entries_for("04_earnings_effects", "anything", people[["site", "n_treated"]])
    Traceback (most recent call last):
    ...
    analysis.errors.WorkbenchError: table 'anything' of 04_earnings_effects counts ...
    """
    counting = sorted(COUNTS & set(frame.columns))
    if not counting:
        return []
    found = [one for one in counted_tables() if one.notebook == notebook and one.fits(name)]
    # an exact name goes before a pattern
    exact = [one for one in found if name in one.names] or found
    if not exact:
        raise WorkbenchError(
            f"table '{name}' of {notebook} counts people ({', '.join(counting)}), and nothing says "
            "whom",
            "Say so in src/analysis/reports/counted_tables.toml, for the check at the door.",
        )
    return exact
