"""The framework under calibration: metrics, validity, groups, tiers, disclosure, as typed data.

The values stand in ``framework.toml``. A researcher changes a number there (or passes another
file) and nowhere else.
"""

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from analysis.errors import WorkbenchError
from analysis.framework_reads import NotedReads, name_places, note_file, unnoted
from analysis.plain_data import read_toml
from analysis.proposals import is_proposal, laid_over

Share = Annotated[float, Field(gt=0, lt=1)]


class _Entry(NotedReads, BaseModel):
    """One table of the file: unknown keys are errors, numbers are not read out of text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class About(_Entry):
    """What the framework is and is not."""

    title: str
    version: str
    statement: str
    source: str
    # year and month that the age of data is counted to
    as_of: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] = "2026-11"


class Estimation(_Entry):
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


_Bounds = Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=2, max_length=2)]


class Design(_Entry):
    """When an effect without a lottery may be called one."""

    support_limit: Share
    maximum_outside_support: Share
    minimum_effective_people: Annotated[float, Field(gt=0)]
    maximum_attrition_difference: Share = 0.05
    weak_up_to: Annotated[int, Field(ge=0)]
    trimming: Annotated[list[_Bounds], Field(min_length=1)]


class RecordMatching(_Entry):
    """What people of the WIOA records must have in common to be compared."""

    cells: Annotated[list[str], Field(min_length=1)]
    bands: Annotated[int, Field(ge=1, le=100)]
    last_quarter_bands: Annotated[int, Field(ge=1, le=100)]
    largest_unmatched_share: Share


class CaseMix(_Entry):
    """What a program's participants bring along, that its outcome is held against."""

    characteristics: Annotated[list[str], Field(min_length=1)]
    reason: str


class EarningsThreshold(_Entry):
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


class DesignGrade(_Entry):
    """A grade of a design, and the validity level that an estimate with it has."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    name: str
    validity_level: str


class DisclosurePreset(_Entry):
    """A published rule of disclosure: smallest count shown, and what counts are rounded to."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    minimum_cell: Annotated[int, Field(ge=3)]
    round_to: Annotated[int, Field(ge=1)]
    reason: str


class Disclosure(_Entry):
    """The smallest number of people that anything may be shown about."""

    minimum_cell: Annotated[int, Field(ge=3)]
    round_to: Annotated[int, Field(ge=1)] = 1
    reason: str
    rule: str = ""
    dominance_percent: Annotated[float, Field(ge=0, le=100)] = 0.0
    quantile_digits: Annotated[int, Field(ge=1, le=6)] = 4
    quantile_step: Annotated[float, Field(gt=0)] = 10.0
    presets: list[DisclosurePreset] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _rule_of_others(cls, given: object) -> object:
        """A rule chosen by name goes before the framework's own numbers."""
        if not isinstance(given, dict) or not given.get("rule"):
            return given
        presets = {entry["id"]: entry for entry in given.get("presets", [])}
        if given["rule"] not in presets:
            raise ValueError(f"rule '{given['rule']}' is none of: {', '.join(presets)}")
        chosen = presets[given["rule"]]
        return given | {key: chosen[key] for key in ("minimum_cell", "round_to", "reason")}

    def preset(self, preset_id: str) -> DisclosurePreset:
        """Preset by its id."""
        return next(entry for entry in self.presets if entry.id == preset_id)


class WioaReport(_Entry):
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


class Money(_Entry):
    """Real discount rates a year, the default first."""

    discount_rates: Annotated[list[Annotated[float, Field(ge=0, lt=0.5)]], Field(min_length=1)]
    discount_reason: str


class MissingOutcomes(_Entry):
    """What is assumed of people whose outcome is not known, beside the worst cases."""

    assumed_ratio: Annotated[float, Field(ge=0, le=2)]
    minimum_coverage: Share
    mean_bound_quantile: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    reason: str


class Quality(_Entry):
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


class Category(_Entry):
    """A category of priority."""

    name: str
    why: str


class Metric(_Entry):
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


class ValidityLevel(_Entry):
    """How far a kind of source is to be trusted, as a law of its bias in dollars a year."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    rank: Annotated[int, Field(ge=1)]
    name: str
    bias_mean: float
    bias_standard_deviation: Annotated[float, Field(ge=0)]
    may_reach_top_tier: bool
    why: str


class Group(_Entry):
    """A demographic column and the deliberate order of its categories."""

    name: str
    order: list[str]


class Floor(_Entry):
    """What a metric of the second category must reach; clearly beyond it lowers by one tier."""

    metric: str
    floor: float
    why: str


class Benchmark(_Entry):
    """What earnings or effects are held against: an amount, a state's own, a share of the cost."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    name: str
    of: Literal["earnings", "effects"]
    dollars: float
    state_dollars: dict[str, float] = {}
    cost_over_years: Annotated[float, Field(gt=0)] | None = None
    why: str


class RatedMetric(_Entry):
    """A published metric that tiers can be made of, and what makes it a year's value."""

    metric: str
    periods_a_year: Annotated[float, Field(gt=0)]
    kind: Literal["mean", "median", "share"]


class WeighedMetric(_Entry):
    """A published metric and its weight, where several are weighed together."""

    metric: str
    weight: Annotated[float, Field(ge=0, le=1)]


class CountedMetric(_Entry):
    """A metric that may count for "effective", and the least that it must reach."""

    metric: str
    # dollars, a share, or the program's own benchmark
    limit: float | Literal["benchmark"]
    why: str


class Tiers(_Entry):
    """Tiers, their cut-offs in dollars a year against a benchmark, and how they are calibrated."""

    labels: Annotated[list[str], Field(min_length=2)]
    names: list[str]
    cuts: list[float]
    cuts_reason: str
    benchmark: str
    benchmark_dollars: Annotated[float, Field(gt=0)]
    alpha: Share
    guard_candidates: Annotated[list[Share], Field(min_length=1)]
    over_rating_weight: Annotated[float, Field(gt=0)]
    false_top_cost: Annotated[float, Field(ge=0)]
    group_limit: Share
    group_least_reliability: Share
    borderline_below: Share
    minimum_people: Annotated[int, Field(ge=3)]
    wage_coefficient_of_variation: Annotated[float, Field(gt=0, le=5)]
    wage_coefficient_of_variation_sweep: list[Annotated[float, Field(gt=0, le=5)]]
    simulation_draws: Annotated[int, Field(ge=10, le=10_000)]
    simulation_programs: Annotated[int, Field(ge=30, le=10_000)] = 300
    tau_prior: Literal["proportional", "flat"]
    law: Literal["free", "normal"] = "free"
    law_ruled_out_at: Annotated[float, Field(gt=1)] = 3.0
    slope_clear_above: Annotated[float, Field(gt=0)]
    weight_sweep: list[Annotated[float, Field(gt=0)]]
    alpha_sweep: list[Share]
    bias_sweep: list[Annotated[float, Field(ge=0)]]
    lesson_inflation_factor: Annotated[float, Field(gt=0.5, lt=10)] = 1.0
    tell_apart_level: Share
    tell_apart_lambda: Annotated[float, Field(gt=0, le=1)]
    floors: list[Floor]
    earnings_benchmark: str = ""
    effects_benchmark: str = ""
    benchmarks: list[Benchmark] = []
    rated_metrics: Annotated[list[RatedMetric], Field(min_length=1)] = [
        RatedMetric(metric="average_quarterly_wage", periods_a_year=4.0, kind="mean"),
        RatedMetric(metric="median_annual_earnings", periods_a_year=1.0, kind="median"),
    ]

    weighed_metrics: list[WeighedMetric] = []
    counted_metrics: list[CountedMetric] = []
    weight_step: Annotated[float, Field(gt=0, le=0.5)] = 0.1
    weights_tuned_from: Annotated[int, Field(ge=100)] = 500

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> "Tiers":
        total = sum(entry.weight for entry in self.weighed_metrics)
        if self.weighed_metrics and abs(total - 1) > 1e-9:
            raise ValueError(f"weights of weighed_metrics sum to {total:g}; they must sum to 1")
        return self

    @property
    def unit(self) -> str:
        """Unit of what is rated and of the cut-offs: dollars a year, or share of people."""
        share = any(entry.kind == "share" for entry in self.rated_metrics)
        return "share of people" if share else "dollars a year"

    @model_validator(mode="after")
    def _one_unit(self) -> "Tiers":
        kinds = {entry.kind == "share" for entry in self.rated_metrics}
        if len(kinds) > 1:
            names = ", ".join(entry.metric for entry in self.rated_metrics)
            raise ValueError(f"rated_metrics ({names}) mix shares and dollars; rate one of them")
        chosen = self.chosen_benchmark("earnings")
        if True in kinds and not (chosen and 0 <= chosen.dollars <= 1):
            raise ValueError("a share is rated; choose an earnings_benchmark between 0 and 1")
        return self

    def chosen_benchmark(self, of: Literal["earnings", "effects"]) -> Benchmark | None:
        """The benchmark that the file chooses; None for the default one.

        The default is the state's high-school earnings for earnings, and 0 for effects.
        """
        choice = self.earnings_benchmark if of == "earnings" else self.effects_benchmark
        return next((entry for entry in self.benchmarks if entry.id == choice), None)

    @model_validator(mode="after")
    def _benchmarks_are_known(self) -> "Tiers":
        for of in ("earnings", "effects"):
            choice = self.earnings_benchmark if of == "earnings" else self.effects_benchmark
            known = [entry.id for entry in self.benchmarks if entry.of == of]
            if choice and choice not in known:
                raise ValueError(f"{of}_benchmark '{choice}' is none of: {', '.join(known)}")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> "Tiers":
        if len(self.names) != len(self.labels):
            raise ValueError(f"names has {len(self.names)} entries, labels {len(self.labels)}")
        if len(self.cuts) != len(self.labels) - 1:
            raise ValueError(
                f"cuts has {len(self.cuts)} values; {len(self.labels)} labels need "
                f"{len(self.labels) - 1}"
            )
        if sorted(set(self.cuts)) != self.cuts:
            raise ValueError("cuts must increase")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("labels must differ")
        return self


class Skills(_Entry):
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


class GoodJob(_Entry):
    """A published rule for a good job, in dollars of its year, with its inflation factor."""

    name: str
    minimum_annual_earnings: Annotated[float, Field(gt=0)]
    low_income_below: Annotated[float, Field(gt=0)]
    dollars_of_year: int
    inflation_factor: Annotated[float, Field(gt=0.5, lt=5)]
    inflation_note: str
    not_applied: list[str]
    citation: str


class Guide(_Entry):
    """How programs are ordered in a training guide."""

    order: Annotated[list[str], Field(min_length=1)]
    match_order: list[str]
    weak_matches: list[str]
    maximum_programs: Annotated[int, Field(ge=1)]
    aims: Annotated[list[str], Field(min_length=1)] = ["tier", "coverage", "cost", "weeks"]
    small_delta_elements: Annotated[int, Field(ge=0)]
    compared_targets: Annotated[int, Field(ge=0)] = 3


class Framework(_Entry):
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


def framework_path() -> Path:
    """File of the default framework, which ships with the package."""
    return Path(str(resources.files("analysis") / "framework.toml"))


def load_framework(path: Path | str = "") -> Framework:
    """Read and check a framework file.

    Parameters
    ----------
    path : Path or str, optional
        A TOML file of the same layout, or a proposal (:mod:`analysis.proposals`) that is laid over
        the default one; empty for the default one.

    Returns
    -------
    Framework

    Raises
    ------
    WorkbenchError
        Missing file, broken TOML, unknown or missing key, wrong type, value out of range: the
        error names the file and the key.

    Examples
    --------
    >>> load_framework().disclosure.minimum_cell
    10
    """
    file = Path(path) if path else framework_path()
    content = read_toml(file, "framework file")
    if is_proposal(content):
        content = laid_over(content, read_toml(framework_path()), file.name)
    note_file(file)
    try:
        with unnoted():
            return Framework.model_validate(content)
    except ValidationError as error:
        raise WorkbenchError(
            f"{file.name}: {_first_fault(error)}", "Mend this key and run again."
        ) from None


def _first_fault(error: ValidationError) -> str:
    faults = error.errors()
    first = faults[0]
    key = ".".join(str(part) for part in first["loc"]) or "the file"
    message = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
    value = f" (found {first['input']!r})" if isinstance(first["input"], str | int | float) else ""
    more = f"; {len(faults) - 1} more" if len(faults) > 1 else ""
    return f"key '{key}': {message}{value}{more}"
