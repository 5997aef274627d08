"""Hold the known mistakes, alone and together, with their values. Pure data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from grader.grading.expectation import Expectation
from grader.messages import in_language

Expectations = Mapping[str, Expectation]
"""Expectations by their exercise, or by their label."""

LabelledExpectations = Mapping[str, Expectations]
"""Per exercise, expectations by their label."""

ByLanguage = Mapping[str, str]
"""A text per language."""

TextsById = Mapping[str, ByLanguage]
"""A text per language, by the id of an exercise or an accepted way."""


@dataclass(frozen=True)
class KnownMistake:
    """A mistake that the author described, and the values it leads to."""

    id: str
    name: ByLanguage
    hint: ByLanguage
    credit: Mapping[str, float]
    """Remaining share of the points, per exercise; 0 for missing exercises."""
    expectations: Expectations
    """Its values, for the exercises with an answer that it changes."""
    told: LabelledExpectations = field(default_factory=dict)
    """Its values for those shown to the instructor."""
    leaves_out: Collection[str] = ()
    """Exercises that are not attempted at all if it is made."""
    happened: TextsById = field(default_factory=dict)
    """What happened in the line that computed the value; `{line}`, `{name}`, `{heading}` are filled
    in.
    """
    shown: TextsById = field(default_factory=dict)
    """The same for a value that earned a part of the points, though another was shown."""


Mistakes = tuple[KnownMistake, ...]


@dataclass(frozen=True)
class WrongWay:
    """One or several mistakes in one notebook, and the values they lead to together."""

    parts: Mistakes
    """In the order of their changes in the reference: the root cause first."""
    expectations: Expectations
    told: LabelledExpectations
    blamed: Mapping[str, Mistakes]
    """Per exercise, the fewest of them that have the same value as all together."""

    @property
    def id(self) -> str:
        """The ids of its parts, joined."""
        return "+".join(part.id for part in self.parts)

    @property
    def name(self) -> dict[str, str]:
        """The names of its parts, joined, in each language that one of them has."""
        languages: dict[str, None] = {}
        for part in self.parts:
            languages.update(dict.fromkeys(part.name))

        joined = {}
        for language in languages:
            names = [in_language(part.name, language) for part in self.parts]
            joined[language] = " + ".join(names)
        return joined

    def leaves_out(self, exercise: str) -> bool:
        """Return whether an exercise is not attempted at all."""
        return any(exercise in part.leaves_out for part in self.parts)

    def credit(self, exercise: str) -> float:
        """Return the share of an exercise's points that is left.

        It is the product of the shares that the blamed mistakes leave.
        """
        share = 1.0
        for part in self.blamed[exercise]:
            share *= part.credit.get(exercise, 0.0)
        return share


def single(mistake: KnownMistake) -> WrongWay:
    """Create the wrong way of a single mistake."""
    parts = (mistake,)
    return WrongWay(
        parts,
        expectations=mistake.expectations,
        told=mistake.told,
        blamed=dict.fromkeys(mistake.expectations, parts),
    )
