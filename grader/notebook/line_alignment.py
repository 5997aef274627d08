"""Align two versions of a notebook line by line: what both have, and what only one. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold

Cells = Sequence[NotebookCell]

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
    """Line (from 1) of the cell that it stands before; one more than there are: at the end."""


@dataclass
class LineAlignment:
    """The lines of a notebook that another version of it has, and what that one has instead."""

    common: set[LinePlace] = field(default_factory=set)
    """Lines that both have."""
    other_common: set[LinePlace] = field(default_factory=set)
    """The same lines, as places of the other version."""
    other_lines: dict[int, list[OtherLine]] = field(default_factory=lambda: defaultdict(list))
    """Lines that only the other version has, by the cell of the notebook that they stand in."""


@dataclass(frozen=True)
class _Line:
    """A line that is not blank."""

    place: LinePlace
    text: str
    key: str
    """What it is compared by."""


def align_lines(cells: Cells, others: Cells) -> LineAlignment:
    """Align a notebook with another version of it.

    Cells may have been split, joined and moved. White space and comments behind code do not count.

    Args:
        cells: those of the notebook.
        others: those of the other version.
    """
    return _Aligner(cells, others).align()


class _Aligner:
    """Aligns equal cells first, then the lines between them, then cells that were moved."""

    def __init__(self, cells: Cells, others: Cells) -> None:
        self._cells = [_lines_of(index, cell) for index, cell in enumerate(cells)]
        self._others = [_lines_of(index, cell) for index, cell in enumerate(others)]
        self._kinds = [cell.kind for cell in cells]
        self._other_kinds = [cell.kind for cell in others]
        self._keys = [(cell.kind, fold(cell.source)) for cell in cells]
        self._other_keys = [(cell.kind, fold(cell.source)) for cell in others]
        self._pairs: dict[int, int] = {}
        """Equal cells, by their indices."""
        self._result = LineAlignment()

    def align(self) -> LineAlignment:
        matcher = SequenceMatcher(
            None,
            self._keys,
            self._other_keys,
            autojunk=False,
        )
        gaps = []
        for tag, start, end, other_start, other_end in matcher.get_opcodes():
            mine = range(start, end)
            theirs = range(other_start, other_end)
            if tag == "equal":
                for index, other in zip(mine, theirs, strict=True):
                    self._match_whole(index, other)
            else:
                gaps.append((mine, theirs))

        self._match_moved(gaps, self._match_equal)
        for mine, theirs in gaps:
            self._match_gap(mine, theirs)
        self._match_moved(gaps, self._match_similar)
        return self._result

    def _match_whole(self, index: int, other: int) -> None:
        self._pairs[index] = other
        self._result.common.update(line.place for line in self._cells[index])
        self._result.other_common.update(line.place for line in self._others[other])

    def _match_moved(self, gaps: Sequence[tuple[range, range]], match: Match) -> None:
        """Match cells of all gaps, wherever they stand, that have no line in common yet."""
        mine = [index for indices, _ in gaps for index in indices]
        theirs = [index for _, indices in gaps for index in indices]
        for index in mine:
            for other in theirs:
                is_free = self._is_free(index, other)
                if is_free and self._kinds[index] == self._other_kinds[other]:
                    match(index, other)

    def _is_free(self, index: int, other: int) -> bool:
        has_common = any(line.place in self._result.common for line in self._cells[index])
        others = self._others[other]
        return not has_common and not any(
            line.place in self._result.other_common for line in others
        )

    def _match_equal(self, index: int, other: int) -> None:
        if self._keys[index] == self._other_keys[other]:
            self._match_whole(index, other)

    def _match_similar(self, index: int, other: int) -> None:
        keys = {line.key for line in self._cells[index]}
        shared = [line for line in self._others[other] if line.key in keys]
        is_below_pair = index > 0 and self._pairs.get(index - 1) == other - 1
        is_like = len(shared) >= MIN_SHARE * len(self._others[other])
        if is_like and (is_below_pair or len(shared) > 1):
            self._match_lines(
                self._cells[index],
                self._others[other],
            )

    def _match_gap(self, mine: range, theirs: range) -> None:
        """Match the lines of some cells, code with code and text with text."""
        for is_code in (True, False):
            lines = []
            for index in mine:
                if (self._kinds[index] == "code") == is_code and not self._is_matched(index):
                    lines.extend(self._cells[index])
            others: list[_Line] = []
            for other in theirs:
                if (self._other_kinds[other] == "code") == is_code:
                    others.extend(self._unmatched(other))
            self._match_lines(lines, others)

    def _is_matched(self, index: int) -> bool:
        return any(line.place in self._result.common for line in self._cells[index])

    def _unmatched(self, other: int) -> Iterator[_Line]:
        for line in self._others[other]:
            if line.place not in self._result.other_common:
                yield line

    def _match_lines(self, lines: Sequence[_Line], others: Sequence[_Line]) -> None:
        keys = [line.key for line in lines]
        other_keys = [line.key for line in others]
        matcher = SequenceMatcher(
            None,
            keys,
            other_keys,
            autojunk=False,
        )
        for tag, start, end, other_start, other_end in matcher.get_opcodes():
            if tag == "equal":
                self._result.common.update(line.place for line in lines[start:end])
                places = [line.place for line in others[other_start:other_end]]
                self._result.other_common.update(places)
            elif lines:
                self._keep_others(
                    lines,
                    start,
                    others[other_start:other_end],
                )

    def _keep_others(
        self,
        lines: Sequence[_Line],
        start: int,
        others: Sequence[_Line],
    ) -> None:
        """Keep lines that only the other version has, before the line that they stand before."""
        if start < len(lines):
            cell, before = lines[start].place.cell, lines[start].place.line
        else:
            cell, before = lines[-1].place.cell, lines[-1].place.line + 1
        for line in others:
            self._result.other_lines[cell].append(OtherLine(line.text, before))


def _lines_of(index: int, cell: NotebookCell) -> list[_Line]:
    lines = []
    for number, text in enumerate(cell.source.split("\n"), 1):
        if text.strip():
            place = LinePlace(index, number)
            lines.append(
                _Line(
                    place,
                    text,
                    line_key(text, is_code=cell.kind == "code"),
                )
            )
    return lines


def line_key(text: str, *, is_code: bool) -> str:
    """Give what a line is compared by: code without its comment, and without white space."""
    if is_code:
        match = _CODE.match(text)
        code = match[0].strip() if match else ""
        if code:
            return "".join(code.split())
    return " ".join(text.split())
