"""The WIOA Performance Records as typed data: elements, WIOA's rules and the groups."""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["code", "date", "money", "occupation", "cip", "text", "state", "age", "year"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Element(_Entry):
    """One element of the record: its number and name in the layout and its column here."""

    number: Annotated[str, Field(pattern=r"^(CALC)?\d{3,4}$")]
    column: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: str
    type: Annotated[str, Field(pattern=r"^(AN|IN|DT) \d+$")]
    kind: Kind
    required: bool = False
    codes: tuple[str, ...] = ()
    also: dict[str, str] = Field(default_factory=dict)

    @property
    def heading(self) -> str:
        """Heading in the public file, as in ``PIRL 201`` or ``CALC4020``."""
        return self.number if self.number.startswith("CALC") else f"PIRL {self.number}"

    @property
    def width(self) -> int:
        """Length of the field in characters."""
        return int(self.type.split()[1])


class Indicator(_Entry):
    """A metric over the record: who counts, when it is known, what meets it, and by which rule."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    metric: str
    name: str
    measure: Literal["share", "median", "mean"]
    of: str
    known: str
    met: str = ""
    value: str = ""
    publisher: str = ""
    rule: str
    citation: str


class Grouping(_Entry):
    """A way to divide people: SQL that labels them, and the group that others are set beside."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: str
    reference: str
    label: str
    barrier: bool = False


class EditCheck(_Entry):
    """A contradiction within a row: SQL of the fault, in words, and its remedy."""

    columns: str
    fault: str
    problem: str
    remedy: str


class Universe(_Entry):
    """Who counts as a participant, as an exiter, and who is excluded from the indicators."""

    participant: str
    exiter: str
    exclusion: str


class LayoutAbout(_Entry):
    """Release, terms of use and the meaning of reserved values."""

    release: str
    terms: str
    minimum_cell: int
    wage_not_available: tuple[float, ...]
    numbers: tuple[str, ...]


class WioaLayout(_Entry):
    """The whole data file ``wioa_layout.toml``."""

    about: LayoutAbout
    universe: Universe
    indicators: tuple[Indicator, ...]
    groups: tuple[Grouping, ...]
    edit_checks: tuple[EditCheck, ...]
    elements: tuple[Element, ...]

    def element(self, column: str) -> Element:
        """Element by the name of its column here."""
        return next(element for element in self.elements if element.column == column)

    def by_number(self, number: str) -> Element:
        """Element by its number in the layout."""
        return next(element for element in self.elements if element.number == number)

    def indicator(self, indicator_id: str) -> Indicator:
        """Indicator by its id."""
        return next(entry for entry in self.indicators if entry.id == indicator_id)

    def grouping(self, group_id: str) -> Grouping:
        """Grouping by its id."""
        return next(entry for entry in self.groups if entry.id == group_id)


@cache
def wioa_layout() -> WioaLayout:
    """The layout that ships with the package.

    Returns
    -------
    WioaLayout

    Examples
    --------
    >>> wioa_layout().element("sex").codes
    ('1', '2', '9')
    """
    content = (resources.files("analysis.tables") / "wioa_layout.toml").read_text("utf-8")
    return WioaLayout.model_validate(tomllib.loads(content))


def element_number(heading: str) -> str:
    """Number of an element from a heading of the file; empty where it names none.

    Parameters
    ----------
    heading : str
        With ``PIRL``, ``CALC`` or neither before three or four digits, in any case.

    Returns
    -------
    str

    Examples
    --------
    >>> [element_number(h) for h in ("PIRL 201", "PIRL201", "pirl_1704", "CALC4020", "108-A")]
    ['201', '201', '1704', 'CALC4020', '']
    """
    found = re.fullmatch(r"(?:PIRL)?[\s_.]*(CALC)?[\s_.]*(\d{3,4})", heading.strip().upper())
    return f"{found[1] or ''}{found[2]}" if found else ""
