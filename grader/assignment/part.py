"""Define the base class of the tables in `assignment.toml`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

Names = tuple[str, ...]


class AssignmentPart(BaseModel):
    """A table of `assignment.toml`, in which unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
