"""Measure what it costs to compare the submissions of a class with each other.

    python benchmarks/similarity.py [--submissions N…]

Makes classes up in which everyone chose among the usual ways, and prints the seconds for reading
their notebooks and for finding what they share. Runs no notebook.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

from grader.batch.similarity.common import find_common
from grader.batch.similarity.pairs import find_pairs
from grader.batch.similarity.rarity import Rarity
from tests.support.classes import honest, works

SIZES = (30, 500, 2000)


@dataclass(frozen=True)
class ComparisonCost:
    """What it took to compare one class."""

    reading_s: float
    comparing_s: float
    listed: int
    """How many pairs are listed."""


def measure(count: int) -> ComparisonCost:
    """Read and compare the submissions of a class."""
    notebooks = honest(count)
    began = time.perf_counter()
    read = works(notebooks)
    reading_ended = time.perf_counter()

    rarity = Rarity(read)
    pairs = find_pairs(read, rarity)
    find_common(read, rarity)
    ended = time.perf_counter()

    return ComparisonCost(
        reading_s=reading_ended - began,
        comparing_s=ended - reading_ended,
        listed=len(pairs),
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, nargs="+", default=SIZES, metavar="N")
    sizes = parser.parse_args().submissions

    print(f"{'submissions':>11}{'pairs':>11}{'reading':>10}{'comparing':>11}{'listed':>8}")
    for count in sizes:
        pairs = count * (count - 1) // 2
        cost = measure(count)
        seconds = f"{cost.reading_s:>8.1f} s{cost.comparing_s:>9.1f} s"
        print(f"{count:>11,}{pairs:>11,}{seconds}{cost.listed:>8}")


if __name__ == "__main__":
    main()
