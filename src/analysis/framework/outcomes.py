"""Which outcomes count, in which category, for which groups, and in whose dollars."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from analysis.framework.entry import Entry


class Category(Entry):
    """A category of priority."""

    name: str
    why: str


class Metric(Entry):
    """One outcome: what it is, how it is counted and its interval made, and why it counts."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    name: str
    category: Literal[1, 2]
    unit: str
    direction: Literal["higher", "lower"]
    why: str
    definition: str = ""
    numerator: str = ""
    denominator: str = ""
    interval: str = ""
    # fewest people it may rest on; the tiers' number where none is given
    minimum_people: Annotated[int, Field(ge=3)] | None = None
    # levels of validity that a source of it can have
    levels: list[str] = []


class Group(Entry):
    """A demographic column and the deliberate order of its categories."""

    name: str
    order: list[str]


class WioaReport(Entry):
    """Which outcomes of WIOA records a report shows, and by which groups (ids of the layout)."""

    indicators: Annotated[list[str], Field(min_length=1)]
    groups: list[Annotated[list[str], Field(min_length=1)]]
    page_groups: list[str]
    standardise_by: list[str]

    @property
    def sets(self) -> list[tuple[str, ...]]:
        """Everyone, and each way to divide people."""
        return [(), *(tuple(names) for names in self.groups)]

    @property
    def page_sets(self) -> list[tuple[str, ...]]:
        """The same for the page of one program."""
        return [(), *((name,) for name in self.page_groups)]


class Money(Entry):
    """Real discount rates a year, the default first."""

    discount_rates: Annotated[list[Annotated[float, Field(ge=0, lt=0.5)]], Field(min_length=1)]
    discount_reason: str


class EarningsThreshold(Entry):
    """Earnings a year that a worker can live on alone, in dollars of several years."""

    name: str
    multiple: Annotated[float, Field(gt=0)]
    reason: str
    source: str
    poverty_line: dict[str, Annotated[float, Field(gt=0)]]
    dollars_of: dict[str, str]

    @model_validator(mode="after")
    def _years_are_known(self) -> "EarningsThreshold":
        for outcome, year in self.dollars_of.items():
            if year not in self.poverty_line:
                raise ValueError(f"dollars_of.{outcome}: no poverty_line of {year}")
        return self

    def dollars_a_year(self, outcome: str) -> float | None:
        """The threshold in dollars of the year that the outcome is in; None where unknown."""
        year = self.dollars_of.get(outcome)
        return None if year is None else self.multiple * self.poverty_line[year]
