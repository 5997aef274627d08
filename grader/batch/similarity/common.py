"""Finds what so many of a class share that it says nothing of any two: perhaps it was shown in class. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.batch.similarity.features import Piece
from grader.batch.similarity.rarity import Rarity, Work

LEAST_PARTIES, LEAST_OF_CLASS = 5, 0.15
"""So many, and this share of the class, have it at least."""
WINDOW = 3
"""Statements that are looked for together."""
LEAST_LINES = 5
"""Statements in a row that are worth a word."""
CROWD = 8
"""What so many share is no evidence for a pair of them."""

Window = tuple[str, ...]
Holders = frozenset[Hashable]


@dataclass(frozen=True)
class Common:
    """Lines in a row that many have."""

    pieces: tuple[Piece, ...]
    """As the first of them wrote it."""
    works: tuple[Work, ...]
    """Those who have it."""

    @property
    def is_of_a_crowd(self) -> bool:
        """Whether so many have it that no two of them are to be looked at for it."""
        return len({work.party for work in self.works}) >= CROWD


def find_common(works: Sequence[Work], rarity: Rarity) -> list[Common]:
    """Lines in a row that many of a class have and that are not given; first what is long and many have.

    Args:
        works: those of one assignment.
        rarity: how many there are.
    """
    needed = max(LEAST_PARTIES, math.ceil(LEAST_OF_CLASS * rarity.parties))
    holders: dict[Window, set[Hashable]] = defaultdict(set)
    for work in works:
        for window in _windows(work):
            holders[window].add(work.party)
    common = {
        window: frozenset(parties) for window, parties in holders.items() if len(parties) >= needed
    }
    found = [run for work in works for run in _runs(work, common, needed)]
    return _largest(found, works)


def _statements(work: Work) -> list[Piece]:
    return [piece for piece in work.pieces if piece.is_code]


def _windows(work: Work) -> Iterator[Window]:
    keys = [piece.traits[0].key for piece in _statements(work)]
    for start in range(len(keys) - WINDOW + 1):
        yield tuple(keys[start : start + WINDOW])


def _runs(
    work: Work, common: Mapping[Window, Holders], needed: int
) -> Iterator[tuple[tuple[Piece, ...], Holders]]:
    """The runs of lines of one work all of whose windows the same people have, if those are many."""
    pieces = _statements(work)
    start, held = 0, frozenset[Hashable]()
    for place, window in enumerate([*_windows(work), ()]):
        both = held & common.get(window, frozenset()) if held else common.get(window, frozenset())
        if held and len(both) < needed:
            yield tuple(pieces[start : place + WINDOW - 1]), held
            both = common.get(window, frozenset())
            start = place
        elif not held:
            start = place
        held = both if len(both) >= needed else frozenset()


def _largest(
    found: Iterable[tuple[tuple[Piece, ...], Holders]], works: Sequence[Work]
) -> list[Common]:
    """The runs that say most, long and of many, without those of which another one says a part already."""
    told: set[Window] = set()
    chosen: list[Common] = []
    for pieces, held in sorted(found, key=lambda run: -len(run[0]) * len(run[1])):
        keys = tuple(piece.traits[0].key for piece in pieces)
        windows = {keys[at : at + WINDOW] for at in range(len(keys) - WINDOW + 1)}
        if len(pieces) < LEAST_LINES or windows & told:
            continue
        told |= windows
        chosen.append(Common(pieces, tuple(work for work in works if work.party in held)))
    return chosen
