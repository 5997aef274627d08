"""Estimate how likely an answer agrees by chance, given all numbers of a submission. Pure.

A student who does not know an answer can offer many numbers: a fine grid of them has one within the
tolerance. So the measure is how densely the wrong numbers surround the right one.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

MAX_CHANCE = 0.01
"""Largest expected number of accidental matches that an answer may have.

One in a hundred for an attempt made on purpose. Honest notebooks stay a hundred times below it:
`tests/end_to_end/test_chance.py` and `scripts/honest_figures.py` print how far.
"""

WINDOWS = (100.0, 1_000.0, 10_000.0, 100_000.0)
"""Distances from the right answer, in tolerances, within which wrong numbers are counted."""

WIDE_WINDOWS = WINDOWS[2:]
"""The same, if no variant changes the answer: accuracies of one section are often close to each
other.
"""

MAX_OFFERS = 5_000
"""Most places that may hold the right answer on the original data."""

Distances = Sequence[float]
"""Distances of a run's numbers from the right answer, in tolerances; up to 1, they agree."""

Offer = tuple[Distances, ...]
"""Distances of the numbers at one place, per variant."""


def expected_matches(offers: Iterable[Offer]) -> float:
    """Return the expected number of places that agree in every variant by chance.

    Places with the same numbers count once. The wrong numbers of a variant show how densely numbers
    were offered there; a place agrees by chance if it does in each variant.

    Args:
        offers: for each place with the right answer on the original data, its numbers in the
            variants.
    """
    distinct = set(offers)
    count = len(distinct)
    if not count:
        return 0.0
    expected = float(count)
    for in_variant in zip(*distinct, strict=True):
        distances: list[float] = []
        for held in in_variant:
            distances.extend(held)
        expected *= density(distances, WINDOWS) / count
    return expected


def density(distances: Iterable[float], windows: Sequence[float]) -> float:
    """Return the highest number of wrong values within the width of a tolerance.

    Args:
        distances: of the numbers from the right one, in tolerances; equal ones count once.
        windows: distances within which they are counted.
    """
    wrong = {distance for distance in distances if 1 < distance < math.inf}
    ordered = sorted(wrong)
    densities = []
    for window in windows:
        within = bisect_right(ordered, window)
        densities.append(within / window)
    return max(densities)
