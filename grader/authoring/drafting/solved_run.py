"""Add marks to a solved notebook, and read the values they recorded. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.solved import DraftCell
from grader.grading.agreement import GraphDigest
from grader.reference.answers import answer_of
from grader.reference.markers import Mark, MarkedCell, read_reference
from grader.trace import Run, Value

SOLVED = "solved"
"""Label of the notebook's own run."""


def mark_cells(
    cells: Sequence[DraftCell],
    marks: Mapping[str, AnswerCandidate],
) -> list[MarkedCell]:
    """Add marks to the code cells of a notebook, after our own that they have.

    Args:
        cells: the notebook's; a cell keeps its index among them.
        marks: the values to mark, by the name of the mark.

    Raises:
        AssignmentError: a mark of our own is malformed.
    """
    code = []
    for index, cell in enumerate(cells):
        if cell.kind == "code":
            code.append((index, cell.source))

    marked_cells = []
    for marked in read_reference(code).cells:
        added = _marks_in(cells[marked.cell], marked.cell, marks)
        all_marks = (*marked.marks, *added)
        marked_cells.append(replace(marked, marks=all_marks))
    return marked_cells


def _marks_in(
    cell: DraftCell,
    index: int,
    marks: Mapping[str, AnswerCandidate],
) -> list[Mark]:
    added = []
    for name, candidate in marks.items():
        if candidate.cell == index:
            after = cell.count_code_lines(candidate.line)
            expression = candidate.expression
            indent = candidate.indent
            mark = Mark(name, expression, 1.0, each=False, after=after, indent=indent)
            added.append(mark)
    return added


def first_values(run: Run, cells: Sequence[MarkedCell]) -> dict[str, Value]:
    """Collect the value of the first mark of each name in a run."""
    values: dict[str, Value] = {}
    for cell in cells:
        for mark in cell.marks:
            if mark.label or mark.exercise in values:
                continue
            answer = answer_of(run, mark, 0)
            if answer is not None and not isinstance(answer.value, GraphDigest):
                values[mark.exercise] = answer.value
    return values
