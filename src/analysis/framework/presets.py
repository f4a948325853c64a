"""Published rules for training programs as typed data: one TOML file each in ``frameworks/``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.errors import WorkbenchError
from analysis.paths import project_root
from analysis.plain_data import read_toml


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Criterion(_Entry):
    """An outcome and the least that it must reach."""

    outcome: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    limit: float | Literal["benchmark"]
    words: str


class Preset(_Entry):
    """A published rule in one vintage; its fields are explained in ``frameworks/README.md``."""

    id: str
    name: str
    vintage: str
    citation: str
    retrieved: str
    minimum_people: Annotated[int, Field(ge=1)] | None = None
    needed: Annotated[int, Field(ge=1)] | None = None
    credentials: list[str] | None = None
    criteria: Annotated[list[Criterion], Field(min_length=1)]

    @property
    def must_meet(self) -> int:
        """How many criteria must be met."""
        return len(self.criteria) if self.needed is None else self.needed


def presets_folder() -> Path:
    """Folder of the published rules.

    Returns
    -------
    Path

    Examples
    --------
    >>> (presets_folder() / "README.md").is_file()
    True
    """
    return project_root() / "frameworks"


def load_presets(folder: Path | None = None) -> list[Preset]:
    """All published rules, in the order of their file names.

    Parameters
    ----------
    folder : Path, optional
        Another folder than the project's ``frameworks``.

    Returns
    -------
    list of Preset

    Raises
    ------
    WorkbenchError
        No file there, broken TOML, an unknown or missing key, or more criteria needed than there
        are: the error names the file and the key.

    Examples
    --------
    >>> [preset.id for preset in load_presets()][:2]
    ['california_strong_workforce_stars', 'scorecard_earnings_premium_2026']
    """
    place = presets_folder() if folder is None else folder
    files = sorted(place.glob("*.toml"))
    if not files:
        raise WorkbenchError(
            f"no published rules in {place}", "Put one TOML file a rule there (its README.md)."
        )
    return [_read(file) for file in files]


def _read(file: Path) -> Preset:
    try:
        preset = Preset.model_validate({"id": file.stem, **read_toml(file)})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise WorkbenchError(
            f"{file.name}: key '{key}': {first['msg']}", "Mend this key and run again."
        ) from None
    if preset.must_meet > len(preset.criteria):
        raise WorkbenchError(
            f"{file.name}: key 'needed': {preset.must_meet} of {len(preset.criteria)} criteria",
            "Ask for at most as many as there are.",
        )
    return preset
