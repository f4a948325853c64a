"""The workbench's own plain layouts for a user's files, as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """A column of a layout: its type, whether it must be there, its meaning and its unit."""

    name: str
    type: str
    required: bool
    meaning: str
    low: float | None = None
    high: float | None = None
    unit: str = ""


LAYOUTS: dict[str, tuple[Field, ...]] = {
    "outcomes": (
        Field("provider_id", "text", True, "who gives the program"),
        Field("cip_code", "cip", True, "field of study, CIP 2020, six digits or four"),
        Field("metric", "text", True, "employed_share, average_quarterly_wage, retention_share, …"),
        Field("horizon", "text", True, "when, as in 'quarter 2 after exit'"),
        Field("value", "number", True, "empty where unknown", 0, unit="share of 1, or dollars"),
        Field("n", "number", True, "people behind the value", 0, unit="people"),
        Field("program_key", "text", False, "name of the program, unique"),
        Field("provider", "text", False, "the provider's name"),
        Field("state", "text", False, "two letters"),
        Field("quarter", "whole number", False, "after exit; 0 if the horizon is years", 0, 400),
    ),
    "programs": (
        Field("program_key", "text", True, "name of the program, unique"),
        Field("provider", "text", True, "who gives it"),
        Field("program", "text", True, "its title"),
        Field("cip_code", "cip", True, "field of study, CIP 2020, six digits or four"),
        Field("state", "text", True, "two letters"),
        Field("provider_id", "text", False, "number of the provider"),
        Field("description", "text", False, "what it teaches"),
        Field("credential", "text", False, "what it leads to"),
        Field("cost", "number", False, "tuition, fees and required books", 0, unit="dollars"),
        Field("weeks", "number", False, "length", 0, 520, unit="weeks"),
        Field("hours", "number", False, "contact hours", 0, unit="hours"),
        Field("delivery", "text", False, "in person, online, both"),
        Field("city", "text", False, "where"),
        Field("county", "text", False, "where"),
        Field("public_transit", "text", False, "Yes or No"),
        Field("child_care", "text", False, "Yes or No"),
        Field("stated_soc_codes", "text", False, "O*NET codes joined by ';'"),
    ),
}

# outcomes by group: each row of outcomes again for every group of people
LAYOUTS["group_outcomes"] = (
    *LAYOUTS["outcomes"],
    Field("by", "text", True, "what makes the groups: race or gender"),
    Field("group", "text", True, "the group, as in 'Black' or 'women'"),
)

# the state's own report by group (ETA-9169): a row a state, funding stream, period and group
LAYOUTS["state_report"] = (
    Field("state", "text", True, "two letters"),
    Field("stream", "text", True, "program of the report, as in 'Title I Adult'"),
    Field("period", "text", True, "reporting period, as in 'PY 2023'"),
    Field("by", "text", True, "all, gender, race, age_group or a barrier, as in low_income"),
    Field("group", "text", True, "the group: 'Female', 'Black / African American', '19 - 24', …"),
    Field("served", "number", False, "total participants served", 0, unit="people"),
    Field("exited", "number", False, "total participants exited", 0, unit="people"),
    *(
        field
        for name, words in (
            ("employed_q2", "employment rate, quarter 2"),
            ("employed_q4", "employment rate, quarter 4"),
            ("credential", "credential rate"),
            ("skill_gains", "measurable skill gains"),
        )
        for field in (
            Field(name, "number", False, f"{words}: numerator", 0, unit="people"),
            Field(f"{name}_of", "number", False, f"{words}: denominator", 0, unit="people"),
            Field(f"{name}_rate", "number", False, f"{words}: rate", 0, 1, unit="share of 1"),
        )
    ),
    Field("median_earnings_q2", "number", False, "median earnings", 0, unit="dollars a quarter"),
)

# a file of participants has headings of its own: the caller says which column plays which part
PARTICIPANT_PARTS: tuple[Field, ...] = (
    Field("treatment", "number", True, "1 if assigned to the program, 0 if not", 0, 1),
    Field("outcome", "number", True, "what is compared", unit="the user's own"),
    Field("groups", "text", False, "categories that effects are shown by; empty is 'not stated'"),
    Field("covariates", "number", False, "measured before assignment, never after"),
    Field("stratum", "text", False, "within which assignment was drawn"),
    Field("weights", "number", False, "how many people each stands for, above 0"),
    Field("cluster", "text", False, "site or class whose people are alike"),
    Field("attended", "number", False, "1 if the person took the program up, 0 if not", 0, 1),
    Field("cost", "number", False, "spent on the person in either arm", unit="as the outcome"),
    Field("person", "text", False, "who, in a column of that name: one row each"),
)

# headings of the template for participants; a user's own file may name its columns otherwise
PARTICIPANT_TEMPLATE: tuple[Field, ...] = (
    Field("person", "text", False, "who, one row each; no names and no social security numbers"),
    Field("treatment", "whole number", True, "1 if assigned to the program, 0 if not", 0, 1),
    Field("outcome", "number", True, "what is compared", unit="the user's own, such as dollars"),
    Field("race", "text", False, "race and ethnicity; empty is 'not stated'"),
    Field("gender", "text", False, "gender; empty is 'not stated'"),
    Field("age", "number", False, "at entry", 14, 110, unit="years"),
    Field("schooling", "number", False, "completed before entry", 0, 25, unit="years"),
    Field("earnings_before", "number", False, "in the year before entry", 0, unit="dollars"),
    Field("stratum", "text", False, "within which assignment was drawn"),
)

# headings of a worker's own record (analysis.tables.worker_record)
WORKER_TEMPLATE: tuple[Field, ...] = (
    Field("kind", "text", True, "job or skill; no name, address or number of the worker anywhere"),
    Field("name", "text", True, "title or code of a past job; a skill, task or product in words"),
    Field("level", "number", False, "of a skill, as O*NET counts it", 0, 7, unit="levels"),
    Field("years", "number", False, "that the job was held", 0, 80, unit="years"),
    Field(
        "years_ago", "number", False, "since it ended; 0 or empty: held now", 0, 80, unit="years"
    ),
)
