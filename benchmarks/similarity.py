"""What it costs to compare the submissions of a class with each other.

`python benchmarks/similarity.py [--submissions N…]` makes classes up in which everyone chose among the usual ways, and
prints the seconds for reading their notebooks and for finding what they share. It runs nothing.
"""

from __future__ import annotations

import argparse
import time

from grader.batch.similarity.common import find_common
from grader.batch.similarity.pairs import find_pairs
from grader.batch.similarity.rarity import Rarity
from tests.support.classes import honest, works

SIZES = (30, 500, 2000)


def measure(count: int) -> tuple[float, float, int]:
    """Seconds for reading and for comparing, and how many pairs are listed."""
    class_ = honest(count)
    began = time.perf_counter()
    read = works(class_)
    compared = time.perf_counter()
    rarity = Rarity(read)
    pairs = find_pairs(read, rarity)
    find_common(read, rarity)
    return compared - began, time.perf_counter() - compared, len(pairs)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, nargs="+", default=SIZES)
    print(f"{'submissions':>11}{'pairs':>11}{'reading':>10}{'comparing':>11}{'listed':>8}")
    for count in parser.parse_args().submissions:
        reading, comparing, listed = measure(count)
        print(
            f"{count:>11,}{count * (count - 1) // 2:>11,}{reading:>8.1f} s{comparing:>9.1f} s{listed:>8}"
        )


if __name__ == "__main__":
    main()
