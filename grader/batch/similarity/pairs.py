"""Find the pairs of a class that share rare traits. Pure.

An index of the rare traits selects the pairs to look at, so that not every pair of a large class is
compared; like the fingerprints of winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003) it needs
no second look at the notebooks. As in JPlag (Prechelt, Malpohl and Philippsen, 2002), what was
handed out counts nowhere, and a share is one of the smaller of the two.
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

BITS_OF_ANY = 22.0
"""Evidence asked for in a class of one; in a larger class more pairs are alike by chance."""

BITS_PER_DOUBLING = 3.0
"""How much more evidence is asked for in a class of twice as many."""

LEAST_SHARE = 0.8
"""Share of the smaller one's code that a pair has in common, at least."""

WHOLE_SHARE = 0.95
"""Share from which on nearly everything is in common, which hardly ever comes about by itself."""

WHOLE = 0.7
"""Part of the evidence that will do where nearly everything is in common."""

LEAST_WHOLE_BITS = 25.0
"""Evidence without which a pair is not listed even there."""

PARTLY = 2.5
"""With so many times the evidence a pair is listed whatever the share: a part may be another's."""

LEAST_PROSE = 25
"""Words in rare sentences from which on a pair is listed whatever its code is."""

_CODE = ("shape", "links")
"""Kinds of traits that shares are counted in: they are left in a copy with new names."""


@dataclass(frozen=True)
class Pair:
    """Two works that are alike."""

    left: Work
    right: Work
    share: float
    """Share of the smaller one's code that is in the other, from 0 to 1, weighted by rarity."""
    bits: float
    """Evidence: how unlikely it is to come about by chance."""


@dataclass(slots=True)
class Evidence:
    """Traits that two works have in common."""

    bits: float = 0.0
    """Bits of the rare traits."""
    prose: int = 0
    """Words in rare sentences."""


Holders = dict[Trait, list[int]]
"""Indices of the works that have a trait."""

Indices = tuple[int, int]
"""Two works by their indices in the class."""


def least_bits(parties: int) -> float:
    """Return the evidence, in bits, that a pair of a class needs.

    Args:
        parties: how many worked each for themselves.
    """
    doublings = math.log2(max(parties, 1))
    of_class = BITS_OF_ANY + BITS_PER_DOUBLING * doublings
    return max(LEAST_BITS, of_class)


def find_pairs(works: Sequence[Work], rarity: Rarity) -> list[Pair]:
    """Find the pairs to look at, those with most evidence first.

    Args:
        works: those of one assignment.
        rarity: how many have which trait.
    """
    needed = least_bits(rarity.parties)
    weights = [_code_bits(work.traits, rarity) for work in works]

    pairs: list[Pair] = []
    by_pair = _collect_evidence(works, rarity)
    for (first, second), evidence in by_pair.items():
        bits = evidence.bits
        has_prose = evidence.prose >= LEAST_PROSE
        if bits < LEAST_WHOLE_BITS and not has_prose:
            continue
        left = works[first]
        right = works[second]
        in_both = left.traits & right.traits
        common = _code_bits(in_both, rarity)
        share = 0.0
        if common:
            smaller = min(weights[first], weights[second])
            share = min(1.0, common / smaller)
        if has_prose or bits >= _needed_bits(share, needed):
            pair = Pair(left, right, share, bits)
            pairs.append(pair)
    return sorted(pairs, key=_listing_order)


def _listing_order(pair: Pair) -> tuple[float, str, str]:
    return -pair.bits, pair.left.id, pair.right.id


def _needed_bits(share: float, needed: float) -> float:
    """Return the evidence that a pair needs, by the share of code it has in common."""
    if share >= WHOLE_SHARE:
        return max(LEAST_WHOLE_BITS, WHOLE * needed)
    if share >= LEAST_SHARE:
        return needed
    return PARTLY * needed


def _collect_evidence(works: Sequence[Work], rarity: Rarity) -> dict[Indices, Evidence]:
    """Add up the rare traits of each pair of works that shares any."""
    by_pair: dict[Indices, Evidence] = defaultdict(Evidence)
    parties = [work.party for work in works]
    index = _index_rare_traits(works, rarity)
    for trait, holders in index.items():
        bits = rarity.bits(trait)
        prose = 0
        if trait.kind == "sentence":
            prose = trait.size
        for pair in itertools.combinations(holders, 2):
            first, second = pair
            if parties[first] == parties[second]:
                continue
            evidence = by_pair[pair]
            evidence.bits += bits
            evidence.prose += prose

    return by_pair


def _index_rare_traits(works: Sequence[Work], rarity: Rarity) -> Holders:
    """List for each rare trait the works that have it, by their indices."""
    index: Holders = defaultdict(list)
    for number, work in enumerate(works):
        for trait in work.traits:
            if rarity.is_rare(trait):
                holders = index[trait]
                holders.append(number)
    return index


def _code_bits(traits: frozenset[Trait], rarity: Rarity) -> float:
    total = 0.0
    for trait in traits:
        if trait.kind in _CODE:
            total += rarity.bits(trait)
    return total
