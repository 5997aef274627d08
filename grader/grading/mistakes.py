"""Hold the known mistakes, alone and together, and what they compute. Pure data."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from grader.grading.expectation import Expectation


@dataclass(frozen=True)
class KnownMistake:
    """A wrong way, and what it computes."""

    id: str
    name: Mapping[str, str]
    hint: Mapping[str, str]
    credit: Mapping[str, float]
    """Share of the points left, per exercise; 0 where nothing is said."""
    expectations: Mapping[str, Expectation]
    """What it computes, for the exercises with an answer that it changes."""
    told: Mapping[str, Mapping[str, Expectation]] = field(default_factory=dict)
    """What it computes for the values that an instructor is told, per exercise and label."""
    leaves_out: Collection[str] = ()
    """Exercises that are not tried at all where it is made."""
    happened: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Per exercise and language, what happened where its value came to be: `{line}`, `{name}`, `{heading}`."""
    shown: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The same for a value that earned a part of the points, though another was shown."""


@dataclass(frozen=True)
class WrongWay:
    """Mistakes that stand in one notebook, and what they compute together."""

    parts: tuple[KnownMistake, ...]
    """In the order in which what they change stands in the reference: the root cause first."""
    expectations: Mapping[str, Expectation]
    told: Mapping[str, Mapping[str, Expectation]]
    blamed: Mapping[str, tuple[KnownMistake, ...]]
    """Per exercise, the fewest of them that give what all give together."""

    @property
    def id(self) -> str:
        """The ids of its parts, joined."""
        return "+".join(part.id for part in self.parts)

    def leaves_out(self, exercise: str) -> bool:
        """Return whether an exercise is not tried at all."""
        return any(exercise in part.leaves_out for part in self.parts)

    def credit(self, exercise: str) -> float:
        """Return the share of an exercise's points that is left: the product of what its mistakes leave."""
        return math.prod(part.credit.get(exercise, 0.0) for part in self.blamed[exercise])


def single(mistake: KnownMistake) -> WrongWay:
    """Return the way of making one mistake by itself."""
    blamed = dict.fromkeys(mistake.expectations, (mistake,))
    return WrongWay((mistake,), mistake.expectations, mistake.told, blamed)
