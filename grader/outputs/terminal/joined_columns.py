"""Set columns that are never wrapped as a single one: rich takes long over each cell of a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

GAP = "  "
"""Stands between two columns."""

Row = Sequence[Text]
"""A cell for each column."""


class JoinedColumns:
    """Columns of one line a row, each row as one text with the cells below each other."""

    def __init__(self, headings: Row, rows: Sequence[Row]) -> None:
        """Take the cells; only headings may have several lines."""
        self.rows = rows
        self._headings = headings
        self._widths: list[int] = []
        for column in zip(headings, *rows, strict=True):
            width = widest(column)
            self._widths.append(width)

    @property
    def width(self) -> int:
        """The width of all of them, with the gaps between them."""
        joined = self.heading()
        return widest([joined])

    def heading(self) -> Text:
        """Return the headings as one text; those with fewer lines are aligned at the bottom."""
        columns: list[list[Text]] = []
        for heading in self._headings:
            heading_lines = heading.split("\n")
            columns.append(list(heading_lines))
        height = max(map(len, columns))
        lines: list[Text] = []
        for above_foot in range(height, 0, -1):
            row = [_line(column, above_foot) for column in columns]
            line = self.joined(row)
            lines.append(line)
        return Text("\n").join(lines)

    def joined(self, row: Row) -> Text:
        """Return a row as one text."""
        cells: list[Text] = []
        for cell, width in zip(row, self._widths, strict=True):
            aligned = cell.copy()
            aligned.align("left", width)
            cells.append(aligned)
        return Text(GAP).join(cells)


def _line(lines: Sequence[Text], above_foot: int) -> Text:
    """Return the n-th line from the foot; empty above the first."""
    if above_foot > len(lines):
        return Text()
    return lines[-above_foot]


def widest(cells: Row) -> int:
    """Return the width of the widest line of some texts."""
    widths: list[int] = []
    for cell in cells:
        for line in cell.plain.split("\n"):
            width = cell_len(line)
            widths.append(width)
    return max(widths)
