"""When a job is good, when another is within reach, and how programs to it are ordered."""

from typing import Annotated

from pydantic import Field

from analysis.framework.entry import Entry, Share


class Skills(Entry):
    """When a gap between two jobs is shown, and when tasks count as related."""

    neighbours: Annotated[int, Field(ge=1, le=100)]
    gap_level: Annotated[float, Field(ge=0)]
    gap_probability: Share
    task_closely_related: Share
    task_perhaps_related: Share
    common_technology_share: Share
    reachable_share: Share
    reachable_zone_step: Annotated[int, Field(ge=0, le=4)]
    worker_minimum_years: Annotated[float, Field(ge=0)]
    worker_most_years_ago: Annotated[float, Field(ge=0)]
    worker_stated_error: Annotated[float, Field(gt=0, le=7)]
    worker_match_score: Share
    worker_product_score: Share
    covered_least: Share
    credentials_to_zone_3: list[str]
    credentials_zone_4: list[str]
    credentials_zone_5: list[str]

    def credentials(self, job_zone: int | None) -> list[str]:
        """Credentials that lead to a job of this zone."""
        if job_zone == 5:
            return self.credentials_zone_5
        return self.credentials_zone_4 if job_zone == 4 else self.credentials_to_zone_3


class GoodJob(Entry):
    """A published rule for a good job, in dollars of its year, with its inflation factor."""

    name: str
    minimum_annual_earnings: Annotated[float, Field(gt=0)]
    low_income_below: Annotated[float, Field(gt=0)]
    dollars_of_year: int
    inflation_factor: Annotated[float, Field(gt=0.5, lt=5)]
    inflation_note: str
    not_applied: list[str]
    citation: str


class Guide(Entry):
    """How programs are ordered in a training guide."""

    order: Annotated[list[str], Field(min_length=1)]
    match_order: list[str]
    weak_matches: list[str]
    maximum_programs: Annotated[int, Field(ge=1)]
    aims: Annotated[list[str], Field(min_length=1)] = ["tier", "coverage", "cost", "weeks"]
    small_delta_elements: Annotated[int, Field(ge=0)]
    compared_targets: Annotated[int, Field(ge=0)] = 3
