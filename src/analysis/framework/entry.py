"""What every table of a framework file has in common: strict types, reads that are noted."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from analysis.framework.reads import NotedReads

Share = Annotated[float, Field(gt=0, lt=1)]


class Entry(NotedReads, BaseModel):
    """One table of the file: unknown keys are errors, numbers are not read out of text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
