"""Hold what all tables of `assignment.toml` share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

Names = tuple[str, ...]


class AssignmentPart(BaseModel):
    """A table of `assignment.toml`: it takes no field that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
