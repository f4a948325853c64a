"""Tiers, their cut-offs, what is rated against what, and how the cut-offs are calibrated."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from analysis.framework.entry import Entry, Share


class Floor(Entry):
    """What a metric of the second category must reach; clearly beyond it lowers by one tier."""

    metric: str
    floor: float
    why: str


class Benchmark(Entry):
    """What earnings or effects are held against: an amount, a state's own, a share of the cost."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    name: str
    of: Literal["earnings", "effects"]
    dollars: float
    state_dollars: dict[str, float] = {}
    cost_over_years: Annotated[float, Field(gt=0)] | None = None
    why: str


class RatedMetric(Entry):
    """A published metric that tiers can be made of, and what makes it a year's value."""

    metric: str
    periods_a_year: Annotated[float, Field(gt=0)]
    kind: Literal["mean", "median", "share"]


class WeighedMetric(Entry):
    """A published metric and its weight, where several are weighed together."""

    metric: str
    weight: Annotated[float, Field(ge=0, le=1)]


class CountedMetric(Entry):
    """A metric that may count for "effective", and the least that it must reach."""

    metric: str
    # dollars, a share, or the program's own benchmark
    limit: float | Literal["benchmark"]
    why: str


class Tiers(Entry):
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
