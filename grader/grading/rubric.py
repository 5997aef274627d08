"""Hold rubric items, reasons that earn or cost points in reviewed answers. Pure: no files.

An item is written once and applied to many answers. A review keeps a copy of each item that was
applied, so that it can be read alone; changing an item also replaces the copies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from grader.report import RubricLine

MAX_TEXT = 500
"""Most characters of an item."""
MAX_ITEMS = 50
"""Most items of an exercise."""

ItemKey = tuple[str, str, str]
"""The name of an assignment, and the ids of an exercise and of an item."""


class RubricItem(BaseModel):
    """One reviewer's version of an item; the newest version of all reviewers counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    assignment: str = Field(min_length=1)
    """Name of the assignment."""
    exercise: str = Field(min_length=1)
    """Id of the exercise."""
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)
    """Names the item within its exercise."""
    text: str = Field(min_length=1, max_length=MAX_TEXT)
    """Reason for its points; shown to students."""
    points: float = Field(ge=-1000, le=1000, allow_inf_nan=False)
    """Points added to an answer; negative: points deducted."""
    by: str = Field(min_length=1, max_length=100)
    """Who wrote this version; `guides.toml` if it is in that file."""
    at: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
    """When, as ISO 8601 in UTC, to the millisecond."""
    withdrawn: bool = False
    """Whether the item was removed; the entry stays, so that a merge does not restore it."""

    @property
    def key(self) -> ItemKey:
        """Identifies the item, whoever wrote this version."""
        return self.assignment, self.exercise, self.id

    @property
    def order(self) -> tuple[str, str]:
        """Sorts versions by age."""
        return self.at, self.model_dump_json()

    def line(self) -> RubricLine:
        """Return the copy that a review keeps."""
        return RubricLine(id=self.id, text=self.text, points=self.points)

    def says_the_same(self, other: RubricItem) -> bool:
        """Return whether another version has the same text, points and withdrawn state."""
        if self.text != other.text or self.points != other.points:
            return False
        return self.withdrawn == other.withdrawn


def merge_items(items: Iterable[RubricItem]) -> tuple[RubricItem, ...]:
    """Keep the newest version per item and reviewer, in a fixed order."""
    newest: dict[tuple[ItemKey, str], RubricItem] = {}
    for item in items:
        key = (item.key, item.by)
        known = newest.get(key)
        if known is None or known.order < item.order:
            newest[key] = item
    return tuple(newest[key] for key in sorted(newest))


def current_items(items: Iterable[RubricItem]) -> dict[ItemKey, RubricItem]:
    """Return the items in use: the newest version of each, unless it was withdrawn."""
    newest: dict[ItemKey, RubricItem] = {}
    for item in sorted(items, key=lambda item: item.order):
        newest[item.key] = item

    current = {}
    for key in sorted(newest):
        item = newest[key]
        if not item.withdrawn:
            current[key] = item
    return current


def credit_of(lines: Sequence[RubricLine], max_points: float) -> float:
    """Return the combined share of the points of some items, from 0 to 1.

    Args:
        lines: the items that were given.
        max_points: points of the exercise.
    """
    if max_points <= 0:
        return 0.0
    points = sum(line.points for line in lines)
    share = points / max_points
    return min(max(share, 0.0), 1.0)


def with_current(
    lines: Sequence[RubricLine], items: Mapping[str, RubricItem]
) -> tuple[RubricLine, ...]:
    """Replace copies of items by their current versions.

    Args:
        lines: the copies that a review keeps.
        items: the items of its exercise, by their ids; copies of other items stay unchanged.
    """
    replaced = []
    for line in lines:
        item = items.get(line.id)
        if item is None:
            replaced.append(line)
        else:
            replaced.append(item.line())
    return tuple(replaced)
