"""Align two versions of a notebook line by line, to find common and different lines. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold

Cells = Sequence[NotebookCell]

Opcode = tuple[str, int, int, int, int]
"""A step of `difflib`: what to do, and where in both sequences."""

Match = Callable[[int, int], None]
"""Matches a cell with one of the other version, or leaves them."""

MIN_SHARE = 0.5
"""Share of the lines of a moved cell that the other version has to have, too."""

_CODE = re.compile(r"""(?:[^#'"]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*""")
"""A line of code up to its comment."""


@dataclass(frozen=True, order=True)
class LinePlace:
    """A line of a notebook."""

    cell: int
    line: int
    """Counted from 1."""


@dataclass(frozen=True)
class OtherLine:
    """A line that only the other version has."""

    text: str
    before: int
    """Line (from 1) of the cell before which it belongs; one more than the last: at the end."""


@dataclass
class LineAlignment:
    """The lines of a notebook that another version also has, and the lines that it has instead."""

    common: set[LinePlace] = field(default_factory=set)
    """Lines that both have."""
    other_common: set[LinePlace] = field(default_factory=set)
    """The same lines, as places of the other version."""
    other_lines: dict[int, list[OtherLine]] = field(default_factory=lambda: defaultdict(list))
    """Lines that only the other version has, by the cell of the notebook in which they belong."""


@dataclass(frozen=True)
class _Line:
    """A line that is not blank."""

    place: LinePlace
    text: str
    key: str
    """What it is compared by."""


Lines = Sequence[_Line]


@dataclass(frozen=True)
class _Cell:
    """A cell of one version, line by line."""

    kind: str
    key: tuple[str, str]
    """What it is compared by."""
    lines: Lines

    @property
    def is_code(self) -> bool:
        """Whether the line is code."""
        return self.kind == "code"


def align_lines(cells: Cells, others: Cells) -> LineAlignment:
    """Align a notebook with another version of it.

    Cells may have been split, joined and moved. White space and comments behind code do not count.

    Args:
        cells: those of the notebook.
        others: those of the other version.
    """
    return _Aligner(cells, others).align()


class _Aligner:
    """Matches equal cells first, then the lines between them, then cells that were moved."""

    def __init__(self, cells: Cells, others: Cells) -> None:
        self._mine = _read_cells(cells)
        self._theirs = _read_cells(others)
        self._pairs: dict[int, int] = {}
        """Equal cells, by their indices."""
        self._result = LineAlignment()

    def align(self) -> LineAlignment:
        gaps = []
        keys = [cell.key for cell in self._mine]
        other_keys = [cell.key for cell in self._theirs]
        for tag, start, end, other_start, other_end in _opcodes(keys, other_keys):
            mine = range(start, end)
            theirs = range(other_start, other_end)
            if tag != "equal":
                gaps.append((mine, theirs))
                continue
            for index, other in zip(mine, theirs, strict=True):
                self._match_whole(index, other)

        self._match_moved(gaps, self._match_equal)
        for mine, theirs in gaps:
            self._match_gap(mine, theirs)
        self._match_moved(gaps, self._match_similar)
        return self._result

    def _match_whole(self, index: int, other: int) -> None:
        self._pairs[index] = other
        lines = self._mine[index].lines
        other_lines = self._theirs[other].lines
        self._match_places(lines, other_lines)

    def _match_places(self, lines: Lines, others: Lines) -> None:
        for line in lines:
            self._result.common.add(line.place)
        for line in others:
            self._result.other_common.add(line.place)

    def _match_moved(self, gaps: Sequence[tuple[range, range]], match: Match) -> None:
        """Match cells of all gaps, wherever they are, that have no line in common yet."""
        mine: list[int] = []
        theirs: list[int] = []
        for indices, others in gaps:
            mine.extend(indices)
            theirs.extend(others)
        for index in mine:
            for other in theirs:
                if self._is_free(index, other):
                    match(index, other)

    def _is_free(self, index: int, other: int) -> bool:
        """Return whether two cells have the same kind, and no matched lines."""
        cell = self._mine[index]
        other_cell = self._theirs[other]
        if cell.kind != other_cell.kind or self._is_matched(cell):
            return False
        unmatched = self._unmatched(other_cell)
        return len(unmatched) == len(other_cell.lines)

    def _match_equal(self, index: int, other: int) -> None:
        cell = self._mine[index]
        other_cell = self._theirs[other]
        if cell.key == other_cell.key:
            self._match_whole(index, other)

    def _match_similar(self, index: int, other: int) -> None:
        lines = self._mine[index].lines
        others = self._theirs[other].lines
        keys = {line.key for line in lines}
        shared = [line for line in others if line.key in keys]
        if len(shared) < MIN_SHARE * len(others):
            return
        pair_above = self._pairs.get(index - 1)
        is_below_pair = pair_above is not None and pair_above == other - 1
        if is_below_pair or len(shared) > 1:
            self._match_lines(lines, others)

    def _match_gap(self, mine: range, theirs: range) -> None:
        """Match the lines of some cells, code with code and text with text."""
        for is_code in (True, False):
            lines: list[_Line] = []
            for index in mine:
                cell = self._mine[index]
                if cell.is_code == is_code and not self._is_matched(cell):
                    lines.extend(cell.lines)
            others: list[_Line] = []
            for other in theirs:
                other_cell = self._theirs[other]
                if other_cell.is_code == is_code:
                    others.extend(self._unmatched(other_cell))
            self._match_lines(lines, others)

    def _is_matched(self, cell: _Cell) -> bool:
        """Return whether a cell has a line in common with the other version."""
        common = self._result.common
        return any(line.place in common for line in cell.lines)

    def _unmatched(self, cell: _Cell) -> list[_Line]:
        """List the unmatched lines of a cell in the other version."""
        common = self._result.other_common
        return [line for line in cell.lines if line.place not in common]

    def _match_lines(self, lines: Lines, others: Lines) -> None:
        keys = [line.key for line in lines]
        other_keys = [line.key for line in others]
        for tag, start, end, other_start, other_end in _opcodes(keys, other_keys):
            theirs = others[other_start:other_end]
            if tag == "equal":
                self._match_places(lines[start:end], theirs)
            elif lines:
                self._keep_by_cells(lines, range(start, end), theirs)

    def _keep_by_cells(self, lines: Lines, replaced: range, others: Lines) -> None:
        """Keep other lines: cell by cell if as many cells have them as lines in their place."""
        starts = []
        for index in replaced:
            is_first = index == replaced.start
            if is_first or lines[index].place.cell != lines[index - 1].place.cell:
                starts.append(index)
        of_cells = defaultdict(list)
        for line in others:
            of_cells[line.place.cell].append(line)
        if len(starts) != len(of_cells):
            self._keep_others(lines, replaced.start, others)
            return
        for start, of_cell in zip(starts, of_cells.values(), strict=True):
            self._keep_others(lines, start, of_cell)

    def _keep_others(self, lines: Lines, start: int, others: Lines) -> None:
        """Keep lines that only the other version has, with the line that follows them."""
        if start < len(lines):
            place = lines[start].place
            before = place.line
        else:
            place = lines[-1].place
            before = place.line + 1
        kept = self._result.other_lines[place.cell]
        for line in others:
            kept.append(OtherLine(line.text, before))


def _read_cells(cells: Cells) -> list[_Cell]:
    read = []
    for index, cell in enumerate(cells):
        key = (cell.kind, fold(cell.source))
        lines = _lines_of(index, cell)
        read.append(_Cell(cell.kind, key, lines))
    return read


def _opcodes(keys: Sequence[Hashable], others: Sequence[Hashable]) -> Sequence[Opcode]:
    matcher = SequenceMatcher(None, keys, others, autojunk=False)
    return matcher.get_opcodes()


def _lines_of(index: int, cell: NotebookCell) -> list[_Line]:
    is_code = cell.kind == "code"
    lines = []
    for number, text in enumerate(cell.source.split("\n"), 1):
        if not text.strip():
            continue
        place = LinePlace(index, number)
        key = line_key(text, is_code=is_code)
        lines.append(_Line(place, text, key))
    return lines


def line_key(text: str, *, is_code: bool) -> str:
    """Return the part of a line to compare: code without its comment, and without white space."""
    if is_code:
        match = _CODE.match(text)
        code = match[0].strip() if match else ""
        if code:
            return "".join(code.split())
    return " ".join(text.split())
