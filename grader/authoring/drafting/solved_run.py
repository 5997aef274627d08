"""Run a solved notebook for the values of its marks.

The instructor's own code runs, so it runs unsealed, in one kernel, as a reference does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.solved import DraftCell
from grader.authoring.marked_runs import runnable_sources
from grader.errors import AssignmentError
from grader.grading.agreement import GraphDigest
from grader.reference.answers import answer_of
from grader.reference.markers import Mark, MarkedCell, read_reference
from grader.running.session import Session
from grader.trace import CellRun, Run, Value

SOLVED = "solved"
"""Label of the notebook's own run."""
ADVICE = "A solved notebook runs from top to bottom: mend it there, and run this command again."


def mark_cells(
    cells: Sequence[DraftCell],
    marks: Mapping[str, AnswerCandidate],
) -> list[MarkedCell]:
    """Add marks to the code cells of a notebook, behind those of our own that they have.

    Args:
        cells: the notebook's; a cell keeps its index among them.
        marks: the values to mark, by the name of the mark.

    Raises:
        AssignmentError: a mark of our own does not say what it should.
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
            mark = Mark(name, candidate.expression, 1.0, each=False, after=after, indent="")
            added.append(mark)
    return added


async def run_solved(
    session: Session,
    cells: Sequence[DraftCell],
    marked: Sequence[MarkedCell],
    path: Path,
) -> Run:
    """Run a notebook, with its marks, from top to bottom.

    Args:
        session: a session of a trusted job.
        cells: the notebook's.
        marked: its code cells, with marks.
        path: the instructor's file, for errors.

    Raises:
        AssignmentError: a cell raises, takes too long, or ends the kernel.
    """
    order = runnable_sources(marked)
    await session.replay(SOLVED, order)
    run = session.run_of(SOLVED)

    for cell_run in run.cells:
        if cell_run.status != "ok":
            number = cells[cell_run.cell].index + 1
            raise AssignmentError(_failure(number, cell_run), ADVICE, where=path)
    if len(run.cells) < len(order):
        first_missing, _ = order[len(run.cells)]
        number = cells[first_missing].index + 1
        problem = f"cell {number} ended the kernel, or took too long."
        raise AssignmentError(problem, ADVICE, where=path)
    return run


def _failure(number: int, cell_run: CellRun) -> str:
    message = " ".join(cell_run.message.split())
    failure = f"cell {number} fails: {cell_run.error}: {message}"
    return f"{failure.rstrip(': .')}."


def first_values(run: Run, cells: Sequence[MarkedCell]) -> dict[str, Value]:
    """Collect what the first mark of each name gave in a run, but for those that gave nothing."""
    values: dict[str, Value] = {}
    for cell in cells:
        for mark in cell.marks:
            if mark.label or mark.exercise in values:
                continue
            answer = answer_of(run, mark, 0)
            if answer is not None and not isinstance(answer.value, GraphDigest):
                values[mark.exercise] = answer.value
    return values
