"""Find lines that so many of a class share that they are no evidence for any two. Pure.

Perhaps they were shown in class.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.batch.similarity.features import Piece
from grader.batch.similarity.rarity import Rarity, Work

LEAST_PARTIES = 5
"""Parties that have lines in common, at least."""

LEAST_OF_CLASS = 0.15
"""Share of the class that has them, at least."""

WINDOW = 3
"""Statements that are looked for together."""

LEAST_LINES = 5
"""Statements in a row that are worth a word."""

CROWD = 8
"""Number of parties from which shared lines are no evidence for a pair of them."""

Window = tuple[str, ...]
"""Shapes of statements that follow each other."""

Pieces = tuple[Piece, ...]

Parties = frozenset[Hashable]

CommonWindows = dict[Window, Parties]
"""Per window that much of the class has: the parties that have it."""

NO_PARTIES: Parties = frozenset()


@dataclass(frozen=True)
class CommonLines:
    """Lines in a row that many have."""

    pieces: Pieces
    """The lines as the first of them wrote them."""
    works: tuple[Work, ...]
    """The works that have them."""

    @property
    def is_of_a_crowd(self) -> bool:
        """Whether so many have them that no two of them are to be looked at for it."""
        parties = {work.party for work in self.works}
        return len(parties) >= CROWD


@dataclass(frozen=True)
class LineRun:
    """Lines in a row of one work, and the parties that have all of them."""

    pieces: Pieces
    parties: Parties

    @property
    def weight(self) -> int:
        """How much it says: more if it is long, and if many have it."""
        return len(self.pieces) * len(self.parties)


def find_common(works: Sequence[Work], rarity: Rarity) -> list[CommonLines]:
    """Find lines in a row that many of a class have and that are not given.

    Args:
        works: those of one assignment.
        rarity: how many there are.

    Returns:
        First the lines that are long and that many have.
    """
    least_of_class = math.ceil(LEAST_OF_CLASS * rarity.parties)
    needed = max(LEAST_PARTIES, least_of_class)
    common = _common_windows(works, needed)

    runs: list[LineRun] = []
    for work in works:
        own_runs = _runs(work, common, needed)
        runs.extend(own_runs)
    return _choose_largest(runs, works)


def _common_windows(works: Sequence[Work], needed: int) -> CommonWindows:
    """Find the windows that enough parties have."""
    holders: dict[Window, set[Hashable]] = defaultdict(set)
    for work in works:
        statements = _statements(work)
        for window in _windows(statements):
            parties_with = holders[window]
            parties_with.add(work.party)

    common: CommonWindows = {}
    for window, parties in holders.items():
        if len(parties) >= needed:
            common[window] = frozenset(parties)
    return common


def _statements(work: Work) -> Pieces:
    return tuple(piece for piece in work.pieces if piece.is_code)


def _windows(pieces: Pieces) -> Iterator[Window]:
    """List the windows of some statements, from the first on."""
    keys = [piece.traits[0].key for piece in pieces]
    count = len(keys) - WINDOW + 1
    for begin in range(count):
        end = begin + WINDOW
        window = keys[begin:end]
        yield tuple(window)


def _runs(work: Work, common: Mapping[Window, Parties], needed: int) -> Iterator[LineRun]:
    """Find the runs of lines in a work that enough parties have as a whole."""
    pieces = _statements(work)
    start = 0
    parties = NO_PARTIES

    after_the_last: Window = ()
    windows = [*_windows(pieces), after_the_last]
    for index, window in enumerate(windows):
        holders = common.get(window, NO_PARTIES)
        if not parties:
            start = index
            parties = holders
            continue

        in_common = parties & holders
        if len(in_common) >= needed:
            parties = in_common
            continue

        end = index + WINDOW - 1
        yield LineRun(pieces[start:end], parties)
        start = index
        parties = holders


def _choose_largest(runs: Iterable[LineRun], works: Sequence[Work]) -> list[CommonLines]:
    """Choose the runs that say most, and leave out those that overlap with a chosen one."""
    chosen: list[CommonLines] = []
    chosen_windows: set[Window] = set()
    for run in sorted(runs, key=lambda run: -run.weight):
        if len(run.pieces) < LEAST_LINES:
            continue

        windows = set(_windows(run.pieces))
        if windows & chosen_windows:
            continue
        chosen_windows |= windows
        having = [work for work in works if work.party in run.parties]
        lines = CommonLines(run.pieces, tuple(having))
        chosen.append(lines)
    return chosen
