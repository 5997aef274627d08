"""Format the two notebooks of a draft: the handout, and the reference with its marks. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from grader.authoring.drafting.solved import RAISES, DraftCell
from grader.authoring.drafting.syntax import leading_space
from grader.notebook.format import table

METADATA_KEYS = ("kernelspec", "language_info")
"""The parts of a notebook's metadata that say how it runs; the rest belongs to other programs."""

Json = Mapping[str, Any]
"""A part of a notebook file."""

AddedMarks = Mapping[int, Mapping[int, Sequence[str]]]
"""Marks to add, by cell and by the line (from 1) below which they belong."""


def format_handout(cells: Iterable[DraftCell], metadata: Json) -> str:
    """Format the handout as a notebook file.

    No cell has outputs: any of them may show an answer, even above it.

    Args:
        cells: the notebook's.
        metadata: that of the instructor's file.
    """
    formatted = []
    for cell in cells:
        source = cell.handout
        if source is not None:
            formatted.append(_format_cell(cell, source))
    return _format_notebook(formatted, metadata)


def format_reference(
    cells: Sequence[DraftCell],
    metadata: Mapping[str, Any],
    marks: AddedMarks,
) -> str:
    """Format the reference as a notebook file.

    Args:
        cells: the notebook's.
        metadata: that of the instructor's file.
        marks: those to add.
    """
    formatted = []
    for index, cell in enumerate(cells):
        source = add_marks(cell.source, marks.get(index, {}))
        formatted.append(_format_cell(cell, source))
    return _format_notebook(formatted, metadata)


def add_marks(source: str, marks: Mapping[int, Sequence[str]]) -> str:
    """Add marks below some lines of a cell.

    A mistake is indented like its line. An answer is marked at top level: its name is available
    there, even if a loop or a `with` assigned it.

    Args:
        source: the cell.
        marks: per line (from 1; 0: above the first), the marks to stand below it.
    """
    lines: list[str] = list(marks.get(0, ()))
    for number, line in enumerate(source.split("\n"), 1):
        lines.append(line)
        for mark in marks.get(number, ()):
            indent = leading_space(line) if mark.startswith("# wrong") else ""
            lines.append(indent + mark)
    return "\n".join(lines)


def _format_cell(cell: DraftCell, source: str) -> Json:
    content: dict[str, Any] = {
        "cell_type": cell.kind,
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }
    if cell.kind == "code":
        content |= {"execution_count": None, "outputs": []}
        if cell.may_raise:
            content["metadata"] = {"tags": [RAISES]}
    elif cell.attachments:
        # The picture of an answer goes with the text that shows it.
        shown = {name: data for name, data in cell.attachments.items() if name in source}
        if shown:
            content["attachments"] = shown
    return content


def _format_notebook(cells: Sequence[Json], metadata: Json) -> str:
    kept = {}
    for key in METADATA_KEYS:
        if key in metadata:
            kept[key] = dict(table(metadata[key]))

    # Format 4.4: cells of later ones need ids, which an old file has not.
    notebook = {"cells": cells, "metadata": kept, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
