"""Find headings in markdown cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.notebook.cells import NotebookCell
from grader.notebook.format import safe_name

MAX_HEADING = 200
"""Characters kept of a heading."""

MAX_HEADINGS = 500
"""Most headings of a cell."""

HEADING = re.compile(r" {0,3}#{1,6}(?!#)")
"""The marks before a heading; a blank after them is not asked for, as in many notebooks."""

FENCE = re.compile(r"\s*(```|~~~)")
"""A line that begins or ends a fenced block."""


def heading_above(cells: Sequence[NotebookCell], index: int) -> str:
    """Return the nearest heading at or above a cell, without marks; empty if there is none."""
    for cell in reversed(cells[: index + 1]):
        cell_headings = headings(cell)
        if cell_headings:
            return cell_headings[-1]
    return ""


def headings(cell: NotebookCell) -> list[str]:
    """List the headings of a markdown cell, without marks; a fenced block has none."""
    if cell.kind != "markdown":
        return []

    texts: list[str] = []
    fenced = False
    for line in cell.source.split("\n"):
        if FENCE.match(line):
            fenced = not fenced

        marks = HEADING.match(line)
        if marks and not fenced:
            shown = safe_name(line[marks.end() :])
            text = shown.strip("#*_ ")
            texts.append(text[:MAX_HEADING])
        if len(texts) == MAX_HEADINGS:
            break

    return [text for text in texts if text]
