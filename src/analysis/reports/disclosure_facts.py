"""What disclosure control is told: how tables count people, and what counts have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# the outcome of a table that counts people and nothing else
EVERYONE = "people"
# the counts of an outcome, each within the one before it
NESTED = ("people", "known", "met")
# a value for each of some variables: whom a row is about
Cell = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Counted:
    """How the rows of a published table count people.

    Attributes
    ----------
    population : str
        Tables of one population share people and are checked together.
    groups : tuple of str
        Columns that divide people; an empty value is a total over the column.
    part : str
        The part of the population that the table is about; empty for all of it.
    """

    population: str
    groups: tuple[str, ...]
    part: str = ""


@dataclass(frozen=True)
class Linked:
    """What is known of a population beside its tables.

    Attributes
    ----------
    parts : tuple of str
        Parts that tables are about, each within the one before it, the whole (``""``) first.
    implied : tuple of pairs
        Counts of outcomes, as ``("median_earnings_q2.people", "employed_q2.met")``: everyone
        counted in the first is counted in the second. ``all`` is everyone.
    within : mapping
        Count of an outcome to the part that all of its people belong to.
    """

    parts: tuple[str, ...] = ("",)
    implied: tuple[tuple[str, str], ...] = ()
    within: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fact:
    """A published count: which people, and between which numbers the attacker knows it to lie."""

    table: str
    row: object
    cell: Cell
    part: str
    outcome: str
    count: str
    low: float
    high: float
