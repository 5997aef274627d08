"""Find headings in markdown cells."""

from __future__ import annotations

from collections.abc import Sequence

from grader.notebook.cells import NotebookCell
from grader.notebook.format import FENCE, HEADING, safe_name


def heading_above(cells: Sequence[NotebookCell], index: int) -> str:
    """The nearest heading at or above a cell, without its marks; empty if there is none."""
    for cell in reversed(cells[: index + 1]):
        if found := headings(cell):
            return found[-1]
    return ""


def headings(cell: NotebookCell) -> list[str]:
    """The headings of a markdown cell, without marks; `#` lines of a fenced block are none."""
    found: list[str] = []
    fenced = False
    for line in cell.source.split("\n") if cell.kind == "markdown" else ():
        fenced ^= bool(FENCE.match(line))
        if not fenced and (marks := HEADING.match(line)):
            found.append(safe_name(line[marks.end() :]).strip("#*_ ")[:MAX_HEADING])
    return [heading for heading in found if heading]


MAX_HEADING = 200
"""Characters kept of a heading."""
