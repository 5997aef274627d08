"""How much it says that two notebooks share something: the less, the more others of the class have it, too. Pure.

Evidence is counted in bits: how unlikely it is that one who works alone comes to the same, as -log2 of the share of
the others who have it. That a few have it is no news where a class is small; so it is counted as if a handful of
others had been asked, who come to a short statement easily and to a long one rarely.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.batch.similarity.features import Piece, Trait

ASKED = 4
"""How many others are supposed beside those of the class."""
MAX_BITS = 6.0
"""What one trait says at most: statements of one author belong together, so that none says more by itself."""
FURTHER = 0.5
"""What names and links say beside the shape counts half: they follow from each other."""
RARE_SHARE, MAX_RARE, MAX_RARE_SENTENCE = 0.2, 30, 4
"""What more than this share of a class has, or more than so many, is no evidence for a pair; a sentence that more have
is said of all of them at once."""


@dataclass(frozen=True)
class Work:
    """What a student wrote."""

    id: str
    """The submission's."""
    party: Hashable
    """Who worked on it together, or handed it in several times: they are not compared with each other."""
    pieces: tuple[Piece, ...]

    @cached_property
    def traits(self) -> frozenset[Trait]:
        """Everything that is in it."""
        return frozenset(trait for piece in self.pieces for trait in piece.traits)


class Rarity:
    """How many of a class have a trait, and what it says that two have it."""

    def __init__(self, works: Sequence[Work]) -> None:
        parties: dict[Hashable, set[Trait]] = {}
        for work in works:
            parties.setdefault(work.party, set()).update(work.traits)
        self._counts = Counter(trait for traits in parties.values() for trait in traits)
        self._shapes = {trait.key: trait for trait in self._counts if trait.kind == "shape"}
        self.parties = len(parties)
        """How many worked each for themselves."""
        self._bits: dict[Trait, float] = {}
        self._aside: set[str] = set()

    def set_aside(self, shapes: Iterable[Trait]) -> None:
        """Let statements of these shapes be no evidence for a pair."""
        self._aside.update(shape.key for shape in shapes)

    def others(self, trait: Trait) -> int:
        """How many have a trait, beside the two who are compared."""
        return max(0, self._counts[trait] - 2)

    def is_rare(self, trait: Trait) -> bool:
        """Whether so few have a trait that it is evidence for a pair."""
        if trait.key in self._aside or trait.shape in self._aside:
            return False
        return self._counts[trait] <= (
            self.most_with_sentence if trait.kind == "sentence" else self._most(MAX_RARE)
        )

    @property
    def most_with_sentence(self) -> int:
        """How many may have a sentence that is evidence for a pair."""
        return self._most(MAX_RARE_SENTENCE)

    def _most(self, most: int) -> int:
        return max(2, min(most, int(RARE_SHARE * self.parties)))

    def bits(self, trait: Trait) -> float:
        """What it says that two have a trait."""
        if trait not in self._bits:
            # Rounded to a sum of powers of two, so that a sum is the same in whatever order it is made.
            self._bits[trait] = round(self._said_by(trait) * 64) / 64
        return self._bits[trait]

    def _said_by(self, trait: Trait) -> float:
        bits = self._plain_bits(trait)
        if trait.kind == "sentence":
            return bits * min(2.0, max(0.5, trait.size / 10))
        if trait.kind == "numbers":
            return FURTHER * bits
        if trait.shape:
            shape = self._shapes.get(trait.shape)
            return FURTHER * max(0.0, bits - (self._plain_bits(shape) if shape else bits))
        return bits

    def _plain_bits(self, trait: Trait) -> float:
        share = (self.others(trait) + ASKED * _supposed(trait)) / (max(0, self.parties - 2) + ASKED)
        return min(MAX_BITS, -math.log2(share))


def _supposed(trait: Trait) -> float:
    """The share of those who come to a trait by themselves, where no one can be asked."""
    if trait.kind == "sentence":
        return 0.06 if trait.size >= 8 else 0.18
    if trait.kind == "numbers":
        return 0.25
    return 0.5 if trait.size < 8 else 0.25 if trait.size < 16 else 0.125
