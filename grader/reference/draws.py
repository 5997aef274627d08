"""Derive the numbers with which an assignment's variants are drawn. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from grader.reference.class_seed import PRACTICE, ClassSeed

Kind = Literal["variants", "practice"]

FIRST_OFFSET = 10
OFFSETS = 9_990
"""Range of the offsets that variants add to a notebook's seeds. It starts above the offsets that
`grade validate` tries, and stays small because some generators take few bits. The offsets for
practice follow after it.
"""

FIRST_PART = 1_000
"""First number that picks items of a data set at random; smaller ones pick them by a pattern."""


@dataclass(frozen=True)
class Draws:
    """The source of one assignment's drawn variants."""

    seed: ClassSeed
    assignment: str
    """Its name: other numbers are drawn for another one."""
    kind: Kind = "variants"

    @classmethod
    def for_practice(cls, assignment: str) -> Draws:
        """Return the source of practice variants: the same for everybody."""
        return cls(PRACTICE, assignment, "practice")

    def at(self, attempts: Sequence[int]) -> Drawing:
        """Return one drawing of all variants.

        Args:
            attempts: per variant, how often it was drawn before.
        """
        return Drawing(self, tuple(attempts))


@dataclass(frozen=True)
class Drawing:
    """One drawing of all variants of an assignment."""

    draws: Draws
    attempts: tuple[int, ...]
    """Per variant, how often it was drawn before."""

    @property
    def kind(self) -> Kind:
        """Whether it is for variants or practice variants."""
        return self.draws.kind

    def number(self, variant: int, name: str = "") -> int:
        """Return the number below 2 ** 32 with which a variant is drawn.

        Args:
            variant: its index, from 0.
            name: the input, file, data set or seeds; empty: the shared number.
        """
        draws = self.draws
        seed = draws.seed
        attempt = self.attempts[variant]
        variant_number = variant + 1
        return seed.number(draws.assignment, variant_number, attempt, name)

    def numbers(self, name: str) -> list[int]:
        """Return the numbers with which each variant is drawn, for an input, file or seeds."""
        numbers: list[int] = []
        for variant, _ in enumerate(self.attempts):
            number = self.number(variant, name)
            numbers.append(number)
        return numbers

    def offsets(self, name: str) -> tuple[int, ...]:
        """Return the offsets of seeds, by variant."""
        first = FIRST_OFFSET
        if self.kind == "practice":
            first += OFFSETS
        offsets: list[int] = []
        for number in self.numbers(name):
            offset = number % OFFSETS
            offsets.append(first + offset)
        return tuple(offsets)

    def parts(self, name: str) -> tuple[int, ...]:
        """Return the chosen items of a data set, by variant."""
        parts: list[int] = []
        for number in self.numbers(name):
            part = FIRST_PART + number
            parts.append(part)
        return tuple(parts)
