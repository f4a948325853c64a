"""The simulated state's truth as typed data."""

import tomllib
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
PerRace = Annotated[list[float], Field(min_length=7, max_length=7)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class People(_Entry):
    """Who comes: shares of race, gender, schooling, and barriers of low and other wages."""

    race_shares: PerRace
    women_share: Share
    hispanic_also_white: Share
    hispanic_also_black: Share
    age_mean: float
    age_standard_deviation: float
    schooling_codes: list[str]
    schooling_shares: list[Share]
    reportable_share: Share
    barriers: dict[str, tuple[Share, Share]]


class Wages(_Entry):
    """Wages before entry and after exit without training, dollars a quarter."""

    person_spread: float
    women_factor: PerRace
    men_factor: PerRace
    before: tuple[float, float, float]
    after: tuple[float, float, float, float]
    quarter_spread: float
    employed_before: tuple[Share, Share, Share]
    employed_after: tuple[Share, Share, Share, Share]
    women_employment: PerRace
    men_employment: PerRace


class Training(_Entry):
    """Who is trained, and what it changes."""

    base_share: Share
    per_school_year: float
    per_log_wage: float
    women_effect: PerRace
    men_effect: PerRace
    ramp: tuple[Share, Share, Share, Share]
    employment_effect: tuple[Share, Share, Share, Share]
    program_spread: float
    programs: Annotated[int, Field(ge=6)]
    providers: Annotated[int, Field(ge=2)]
    completion_share: Share
    credential_share_completed: Share
    credential_share_not: Share


class Reporting(_Entry):
    """What reports lack or get wrong, as shares."""

    sex_not_reported: Share
    race_not_reported: Share
    schooling_not_reported: Share
    barrier_not_reported: Share
    completion_not_reported: Share
    occupation_before_missing: Share
    occupation_after_missing: Share
    outcome_missing_employed: Share
    outcome_missing_not_employed: Share
    excluded: Share
    exit_before_entry: Share
    unreadable_entry: Share
    repeated_record: Share
    impossible_code: Share


class Occupation(_Entry):
    """An occupation before entry, its wage and who works in it."""

    code: str
    wage: float
    women: Share
    men: Share


class FieldOfStudy(_Entry):
    """A field of training, the occupation it is for and who chooses it."""

    cip: str
    occupation: str
    wage: float
    women: Share
    men: Share


class Design(_Entry):
    """The whole truth of a simulated state."""

    people: People
    wages: Wages
    training: Training
    reporting: Reporting
    occupations: list[Occupation]
    fields: list[FieldOfStudy]


def default_design() -> Design:
    """The design that ships with the package.

    Returns
    -------
    Design

    Examples
    --------
    >>> round(sum(default_design().people.race_shares), 6)
    1.0
    """
    content = (resources.files("analysis.simulate") / "state.toml").read_text("utf-8")
    return Design.model_validate(tomllib.loads(content))
