"""The whole framework: one attribute for each table of the file, checked against each other."""

from typing import Annotated

from pydantic import Field, model_validator

from analysis.framework.disclosure import Disclosure
from analysis.framework.entry import Entry
from analysis.framework.evidence import (
    CaseMix,
    Design,
    DesignGrade,
    Estimation,
    MissingOutcomes,
    Quality,
    RecordMatching,
    ValidityLevel,
)
from analysis.framework.jobs import GoodJob, Guide, Skills
from analysis.framework.outcomes import (
    Category,
    EarningsThreshold,
    Group,
    Metric,
    Money,
    WioaReport,
)
from analysis.framework.reads import name_places, unnoted
from analysis.framework.tiers import Tiers


class About(Entry):
    """What the framework is and is not."""

    title: str
    version: str
    statement: str
    source: str
    # year and month that the age of data is counted to
    as_of: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] = "2026-11"


class Framework(Entry):
    """The whole framework, one attribute for each table of the file."""

    about: About
    estimation: Estimation
    earnings_threshold: EarningsThreshold | None = None
    design: Design
    record_matching: RecordMatching
    case_mix: CaseMix
    design_grades: list[DesignGrade]
    disclosure: Disclosure
    money: Money
    missing_outcomes: MissingOutcomes
    quality: Quality
    wioa: WioaReport
    categories: dict[str, Category]
    metrics: list[Metric]
    validity_levels: list[ValidityLevel]
    source_levels: dict[str, str] = {}
    groups: dict[str, Group]
    tiers: Tiers
    skills: Skills
    good_job: GoodJob
    guide: Guide

    @model_validator(mode="after")
    def _floors_are_of_the_second_category(self) -> "Framework":
        categories = {metric.id: metric.category for metric in self.metrics}
        for floor in self.tiers.floors:
            if categories.get(floor.metric) != 2:
                raise ValueError(f"tiers.floors: '{floor.metric}' is no metric of category 2")
        return self

    @model_validator(mode="after")
    def _levels_are_known(self) -> "Framework":
        known = {level.id for level in self.validity_levels}
        for source, level in self.source_levels.items():
            if level not in known:
                raise ValueError(f"source_levels.{source}: '{level}' is no validity level")
        for metric in self.metrics:
            for level in metric.levels:
                if level not in known:
                    raise ValueError(f"metric '{metric.id}': '{level}' is no validity level")
        return self

    def metric(self, metric_id: str) -> Metric:
        """Metric by its id."""
        return next(metric for metric in self.metrics if metric.id == metric_id)

    def validity(self, level_id: str) -> ValidityLevel:
        """Validity level by its id."""
        return next(level for level in self.validity_levels if level.id == level_id)

    def with_tiers(self, **changes: object) -> "Framework":
        """The framework with other values in its table of tiers, checked like the file's own.

        Examples
        --------
        >>> from analysis.framework import load_framework
        >>> load_framework().with_tiers(alpha=0.01).tiers.alpha
        0.01
        """
        # the copy gives no value away: reading from it is noted like reading from the file's own
        with unnoted():
            present = self.tiers.model_dump()
        tiers = Tiers.model_validate({**present, **changes})
        with unnoted():
            return self.model_copy(update={"tiers": tiers})

    def with_quality(self, **changes: object) -> "Framework":
        """The framework with other values in its rule on data quality, checked as `with_tiers`.

        Examples
        --------
        >>> from analysis.framework import load_framework
        >>> load_framework().with_quality(exclude_missing_share=0.4).quality.exclude_missing_share
        0.4
        """
        with unnoted():
            present = self.quality.model_dump()
        quality = Quality.model_validate({**present, **changes})
        with unnoted():
            return self.model_copy(update={"quality": quality})

    def grade(self, grade_id: str) -> DesignGrade:
        """Grade of a design by its id."""
        return next(grade for grade in self.design_grades if grade.id == grade_id)

    def group_order(self, column: str, present: list[str]) -> list[str]:
        """Categories that are ``present``, in the framework's order, others after it."""
        stated = [value for value in self.groups[column].order if value in present]
        return stated + sorted(value for value in present if value not in stated)


name_places(Framework)
