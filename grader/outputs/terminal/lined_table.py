"""Set a table of which only the last column is wrapped: rich's own takes a millisecond per row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from grader.outputs.terminal.joined_columns import GAP, widest

LEAST_LAST = 8
"""Least columns of the last column, however narrow the terminal."""

RULE = "─"
NOTHING = Text()
NEW_LINE = Segment.line()

Row = Sequence[Text]
"""A cell for each column; it may have several lines."""


class LinedTable:
    """Rows below a line of headings; the last column has the room that the others leave."""

    def __init__(self, headings: Row, rows: Sequence[Row]) -> None:
        """Take the cells."""
        self._headings = headings
        self._rows = rows
        self._widths: list[int] = []

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self._fit(options.max_width)
        dim = Style(dim=True)
        for line in self._heading_lines():
            segments = self._joined(line, console)
            yield from Segment.apply_style(segments, dim)
            yield NEW_LINE

        gaps = GAP * (len(self._widths) - 1)
        width = sum(self._widths) + len(gaps)
        yield Segment(RULE * width)
        yield NEW_LINE

        for row in self._rows:
            for line in self._lines_of(row, console):
                yield from self._joined(line, console)
                yield NEW_LINE

    def _fit(self, max_width: int) -> None:
        """Set the widths of the columns."""
        room = max_width
        self._widths = []
        for column in zip(self._headings, *self._rows, strict=True):
            width = widest(column)
            self._widths.append(width)
            room -= width + len(GAP)

        room_for_last = room + self._widths[-1] + len(GAP)
        narrowed = max(room_for_last, LEAST_LAST)
        self._widths[-1] = min(self._widths[-1], narrowed)

    def _heading_lines(self) -> list[Row]:
        """List the lines of the headings, which are aligned at the bottom."""
        columns: list[Row] = []
        for heading in self._headings:
            lines = list(heading.split("\n"))
            lines.reverse()
            columns.append(lines)
        lines_from_foot: list[Row] = list(zip_longest(*columns, fillvalue=NOTHING))
        lines_from_foot.reverse()
        return lines_from_foot

    def _lines_of(self, row: Row, console: Console) -> Iterator[Row]:
        """Yield the lines of a row, each as its cells; a cell without more lines is empty."""
        columns: list[Row] = []
        for cell, width in zip(row, self._widths, strict=True):
            lines = _wrapped(cell, width, console)
            columns.append(lines)
        yield from zip_longest(*columns, fillvalue=NOTHING)

    def _joined(self, cells: Row, console: Console) -> Iterator[Segment]:
        """Yield the segments of one line; the last cell is not padded."""
        *others, last = cells
        for cell, width in zip(others, self._widths, strict=False):
            yield from cell.render(console)
            spaces = width - cell_len(cell.plain)
            padding = " " * spaces
            yield Segment(padding + GAP)
        yield from last.render(console)


def _wrapped(cell: Text, width: int, console: Console) -> list[Text]:
    is_single = "\n" not in cell.plain
    if is_single and cell_len(cell.plain) <= width:
        return [cell]
    lines = cell.wrap(console, width, overflow="fold")
    return list(lines)
