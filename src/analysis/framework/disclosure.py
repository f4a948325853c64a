"""What may be shown about how few people, by our rule or a published one."""

from typing import Annotated

from pydantic import Field, model_validator

from analysis.framework.entry import Entry


class DisclosurePreset(Entry):
    """A published rule of disclosure: smallest count shown, and what counts are rounded to."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    minimum_cell: Annotated[int, Field(ge=3)]
    round_to: Annotated[int, Field(ge=1)]
    reason: str


class Disclosure(Entry):
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
