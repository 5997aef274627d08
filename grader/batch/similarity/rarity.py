"""Weigh shared traits: the more others of the class have one, the less it counts. Pure.

Evidence is measured in bits: how unlikely it is that somebody who works alone writes the same, as
-log2 of the share of the others who have it. In a small class, it means little that few have it. So
a handful of imaginary others are added, who often write a short statement and rarely a long one.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.batch.similarity.features import Piece, Trait

ASKED = 4
"""Others who are supposed beside those of the class."""

MAX_BITS = 6.0
"""Most bits of one trait: statements of one author belong together, so none says more alone."""

FURTHER = 0.5
"""Weight of names and links beside the shape: they follow from each other."""

RARE_SHARE = 0.2
"""Share of a class above which a trait is no evidence for a pair."""

MAX_RARE = 30
"""Number of parties above which a trait is no evidence for a pair."""

MAX_RARE_SENTENCE = 4
"""The same for a sentence; one that more have is reported for all of them at once."""

LONG_SENTENCE = 8
"""Words from which on hardly anyone comes to a sentence by themselves."""


@dataclass(frozen=True)
class Work:
    """The work of a student."""

    id: str
    """Id of the submission."""
    party: Hashable
    """Equal for works that are not compared: of one group, or of one student."""
    pieces: tuple[Piece, ...]

    @cached_property
    def traits(self) -> frozenset[Trait]:
        """All traits in it."""
        traits: set[Trait] = set()
        for piece in self.pieces:
            traits.update(piece.traits)
        return frozenset(traits)


class Rarity:
    """How many of a class have a trait, and how much evidence it is that two have it."""

    def __init__(self, works: Sequence[Work]) -> None:
        traits_of_party: dict[Hashable, set[Trait]] = {}
        for work in works:
            traits = traits_of_party.setdefault(work.party, set())
            traits.update(work.traits)

        self._counts = Counter[Trait]()
        for traits in traits_of_party.values():
            self._counts.update(traits)

        self._shapes: dict[str, Trait] = {}
        for trait in self._counts:
            if trait.kind == "shape":
                self._shapes[trait.key] = trait

        self.parties = len(traits_of_party)
        """How many worked each for themselves."""
        self._bits: dict[Trait, float] = {}
        self._set_aside: set[str] = set()

    def set_aside(self, shapes: Iterable[Trait]) -> None:
        """Let statements of some shapes be no evidence for a pair."""
        for shape in shapes:
            self._set_aside.add(shape.key)

    def others(self, trait: Trait) -> int:
        """Count who has a trait beside the two who are compared."""
        count = self._counts[trait]
        return max(0, count - 2)

    def is_rare(self, trait: Trait) -> bool:
        """Return whether so few have a trait that it is evidence for a pair."""
        if trait.key in self._set_aside:
            return False
        if trait.shape in self._set_aside:
            return False

        count = self._counts[trait]
        if trait.kind == "sentence":
            return count <= self.most_with_sentence
        return count <= self._most_parties(MAX_RARE)

    @property
    def most_with_sentence(self) -> int:
        """How many may have a sentence that is evidence for a pair."""
        return self._most_parties(MAX_RARE_SENTENCE)

    def _most_parties(self, limit: int) -> int:
        share = int(RARE_SHARE * self.parties)
        return max(2, min(limit, share))

    def bits(self, trait: Trait) -> float:
        """Return the evidence, in bits, that two have a trait."""
        known = self._bits.get(trait)
        if known is not None:
            return known
        bits = self._evidence(trait)
        # A sum of powers of two, so that sums are the same in whatever order they are made.
        rounded = round(bits * 64) / 64
        self._bits[trait] = rounded
        return rounded

    def _evidence(self, trait: Trait) -> float:
        bits = self._plain_bits(trait)
        if trait.kind == "sentence":
            weight = max(0.5, trait.size / 10)
            return bits * min(2.0, weight)
        if trait.kind == "numbers":
            return FURTHER * bits
        if not trait.shape:
            return bits

        # Names and links count only as far as they add to the shape.
        shape = self._shapes.get(trait.shape)
        if shape is None:
            return 0.0
        further_bits = bits - self._plain_bits(shape)
        return FURTHER * max(0.0, further_bits)

    def _plain_bits(self, trait: Trait) -> float:
        supposed_holders = ASKED * _supposed_share(trait)
        holders = self.others(trait) + supposed_holders
        others = max(0, self.parties - 2)
        everyone = others + ASKED
        bits = -math.log2(holders / everyone)
        return min(MAX_BITS, bits)


def _supposed_share(trait: Trait) -> float:
    """Return the share of those supposed who come to a trait by themselves."""
    if trait.kind == "sentence":
        return 0.06 if trait.size >= LONG_SENTENCE else 0.18
    if trait.kind == "numbers":
        return 0.25

    if trait.size < 8:
        return 0.5
    if trait.size < 16:
        return 0.25
    return 0.125
