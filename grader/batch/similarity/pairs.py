"""Finds the pairs of a class that share what few others have. Pure.

Which pairs to look at comes from an index of the rare traits, so that not every pair of a large class is compared; like
the fingerprints of winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003) it needs no second look at the notebooks.
As in JPlag (Prechelt, Malpohl and Philippsen, 2002), what was handed out counts nowhere, and a share is one of the
smaller of the two.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from grader.batch.similarity.features import Trait
from grader.batch.similarity.rarity import Rarity, Work

LEAST_BITS = 30.0
"""Evidence without which a pair is not listed, however small the class."""
BITS_OF_ANY, BITS_PER_DOUBLING = 22.0, 3.0
"""In a larger class there are more pairs that may be alike by chance: evidence that is asked for, and how much more
for twice as many."""
LEAST_SHARE = 0.8
"""Share of the smaller one's code that a pair has in common, at least."""
WHOLE_SHARE, WHOLE, LEAST_WHOLE_BITS = 0.95, 0.7, 25.0
"""Where nearly everything is in common, which hardly ever comes about by itself, this part of the evidence will do."""
PARTLY = 2.5
"""With so many times the evidence a pair is listed whatever the share: a part may be another's."""
LEAST_PROSE = 25
"""From so many words in sentences that hardly anyone else wrote, a pair is listed whatever its code is."""

_CODE = ("shape", "links")
"""What shares are counted in: what is left of a copy with new names."""


@dataclass(frozen=True)
class Pair:
    """Two works that are alike."""

    left: Work
    right: Work
    share: float
    """Of the smaller one's code, what is in the other, too, from 0 to 1: weighted by how rare it is."""
    bits: float
    """Evidence: how unlikely it is to come about by chance."""


def least_bits(parties: int) -> float:
    """The evidence that a pair of a class needs.

    Args:
        parties: how many worked each for themselves.
    """
    return max(LEAST_BITS, BITS_OF_ANY + BITS_PER_DOUBLING * math.log2(max(parties, 1)))


def find_pairs(works: Sequence[Work], rarity: Rarity) -> list[Pair]:
    """The pairs to look at, those with most evidence first.

    Args:
        works: those of one assignment.
        rarity: how many have what.
    """
    needed = least_bits(rarity.parties)
    weights = [_code_bits(work.traits, rarity) for work in works]
    found = []
    for (one, other), (bits, prose) in _evidence(works, rarity).items():
        if bits < LEAST_WHOLE_BITS and prose < LEAST_PROSE:
            continue
        common = _code_bits(works[one].traits & works[other].traits, rarity)
        share = min(1.0, common / min(weights[one], weights[other])) if common else 0.0
        if prose >= LEAST_PROSE or bits >= _asked(share, needed):
            found.append(Pair(works[one], works[other], share, bits))
    return sorted(found, key=lambda pair: (-pair.bits, pair.left.id, pair.right.id))


def _asked(share: float, needed: float) -> float:
    """The evidence that a pair needs, by what it has in common."""
    if share >= WHOLE_SHARE:
        return max(LEAST_WHOLE_BITS, WHOLE * needed)
    return needed if share >= LEAST_SHARE else PARTLY * needed


def _evidence(works: Sequence[Work], rarity: Rarity) -> dict[tuple[int, int], list[float]]:
    """Per pair of works the bits of the rare traits that they share, and the words in such sentences."""
    found: dict[tuple[int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for trait, holders in _index(works, rarity).items():
        bits = rarity.bits(trait)
        prose = trait.size if trait.kind == "sentence" else 0
        for one, other in itertools.combinations(holders, 2):
            if works[one].party != works[other].party:
                pair = found[one, other]
                pair[0] += bits
                pair[1] += prose
    return found


def _index(works: Sequence[Work], rarity: Rarity) -> dict[Trait, list[int]]:
    """The rare traits, each with the works that have it."""
    index: dict[Trait, list[int]] = defaultdict(list)
    for place, work in enumerate(works):
        for trait in work.traits:
            if rarity.is_rare(trait):
                index[trait].append(place)
    return index


def _code_bits(traits: frozenset[Trait], rarity: Rarity) -> float:
    return sum(rarity.bits(trait) for trait in traits if trait.kind in _CODE)
