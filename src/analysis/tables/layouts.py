"""The workbench's own plain layouts for a user's files, as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """A column of a layout: its type, whether it must be there, unit and meaning."""

    name: str
    type: str
    required: bool
    meaning: str
    low: float | None = None
    high: float | None = None


LAYOUTS: dict[str, tuple[Field, ...]] = {
    "outcomes": (
        Field("provider_id", "text", True, "who gives the program"),
        Field("cip_code", "cip", True, "field of study, CIP 2020"),
        Field("metric", "text", True, "employed_share, average_quarterly_wage, retention_share, …"),
        Field("horizon", "text", True, "when, as in 'quarter 2 after exit'"),
        Field("value", "number", True, "share from 0 to 1, or dollars; empty where unknown", 0),
        Field("n", "number", True, "people behind the value", 0),
        Field("program_key", "text", False, "name of the program, unique"),
        Field("provider", "text", False, "the provider's name"),
        Field("state", "text", False, "two letters"),
        Field("quarter", "number", False, "quarters after exit", 0),
    ),
    "programs": (
        Field("program_key", "text", True, "name of the program, unique"),
        Field("provider", "text", True, "who gives it"),
        Field("program", "text", True, "its title"),
        Field("cip_code", "cip", True, "field of study, CIP 2020"),
        Field("state", "text", True, "two letters"),
        Field("provider_id", "text", False, "number of the provider"),
        Field("description", "text", False, "what it teaches"),
        Field("credential", "text", False, "what it leads to"),
        Field("cost", "number", False, "dollars, tuition, fees and required books", 0),
        Field("weeks", "number", False, "length", 0, 520),
        Field("hours", "number", False, "contact hours", 0),
        Field("delivery", "text", False, "in person, online, both"),
        Field("city", "text", False, "where"),
        Field("county", "text", False, "where"),
        Field("public_transit", "text", False, "Yes or No"),
        Field("child_care", "text", False, "Yes or No"),
        Field("stated_soc_codes", "text", False, "O*NET codes joined by ';'"),
    ),
}
