"""How estimates are made, and when a source or a design is to be trusted how far."""

from typing import Annotated

from pydantic import Field, model_validator

from analysis.framework.entry import Entry, Share

_Bounds = Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=2, max_length=2)]


class Estimation(Entry):
    """How estimates are made and when they are refused."""

    confidence_level: Share
    small_sample_below: Annotated[int, Field(ge=10)]
    minimum_people_per_parameter: Annotated[int, Field(ge=1)]
    maximum_leverage: Share
    minimum_first_stage_f: Annotated[float, Field(ge=0)] = 10.0
    seed: Annotated[int, Field(ge=0)]
    folds: Annotated[int, Field(ge=2, le=20)] = 5
    repetitions_up_to: list[Annotated[int, Field(gt=0)]] = [1000, 5000]
    repetitions: list[Annotated[int, Field(ge=1, le=101)]] = [21, 11, 5]
    quantiles: list[Share] = [0.25, 0.5, 0.75]

    @model_validator(mode="after")
    def _consistent(self) -> "Estimation":
        if len(self.repetitions) != len(self.repetitions_up_to) + 1:
            raise ValueError(
                f"repetitions has {len(self.repetitions)} values; {len(self.repetitions_up_to)} "
                f"limits need {len(self.repetitions_up_to) + 1}"
            )
        if sorted(set(self.repetitions_up_to)) != self.repetitions_up_to:
            raise ValueError("repetitions_up_to must increase")
        return self

    def repetitions_for(self, people: int) -> int:
        """How often the split is repeated in a sample of so many people."""
        return self.repetitions[sum(people > limit for limit in self.repetitions_up_to)]


class Design(Entry):
    """When an effect without a lottery may be called one."""

    support_limit: Share
    maximum_outside_support: Share
    minimum_effective_people: Annotated[float, Field(gt=0)]
    maximum_attrition_difference: Share = 0.05
    weak_up_to: Annotated[int, Field(ge=0)]
    trimming: Annotated[list[_Bounds], Field(min_length=1)]


class DesignGrade(Entry):
    """A grade of a design, and the validity level that an estimate with it has."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    name: str
    validity_level: str


class RecordMatching(Entry):
    """What people of the WIOA records must have in common to be compared."""

    cells: Annotated[list[str], Field(min_length=1)]
    bands: Annotated[int, Field(ge=1, le=100)]
    last_quarter_bands: Annotated[int, Field(ge=1, le=100)]
    largest_unmatched_share: Share


class CaseMix(Entry):
    """What a program's participants bring along, that its outcome is held against."""

    characteristics: Annotated[list[str], Field(min_length=1)]
    reason: str


class MissingOutcomes(Entry):
    """What is assumed of people whose outcome is not known, beside the worst cases."""

    assumed_ratio: Annotated[float, Field(ge=0, le=2)]
    minimum_coverage: Share
    mean_bound_quantile: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    reason: str


class ValidityLevel(Entry):
    """How far a kind of source is to be trusted, as a law of its bias in dollars a year."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    rank: Annotated[int, Field(ge=1)]
    name: str
    bias_mean: float
    bias_standard_deviation: Annotated[float, Field(ge=0)]
    may_reach_top_tier: bool
    why: str


class Quality(Entry):
    """From a finding of the publisher on a state's data to what it means for a metric."""

    exclude_missing_share: Share
    lower_missing_share: Share
    exclude_sweep: list[Share] = []
    lower_sweep: list[Share] = []
    lowered_level: str
    largest_rejected_share: Share
    blanked_whole: str
    blanked_part: str
    part_of_people: str
    missing: list[str]
    present: list[str]
    none: list[str]
    reason: str
