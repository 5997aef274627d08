"""Identify the assignment of a submission, and whether it is an unchanged handout."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from grader.assignment import Assignment
from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold
from grader.notebook.given_cells import given_cells_to_restore
from grader.notebook.headings import heading_above, headings
from grader.submissions.submission import Submission
from grader.trace import CodeCell

SUBSTANTIAL = 30
"""Least number of characters of a handout cell that identifies its assignment."""

HEADING_WEIGHT = 0.2
"""Part of the similarity that shared headings make up; shared cells are the rest."""


Similarity = tuple[Assignment, float]
"""An assignment, and how similar a submission is to it, from 0 to 1."""

Cells = Sequence[NotebookCell]

CellsByPlace = dict[int, list[CodeCell]]
"""Cells put back, by the index of the student's cell that they go before."""


def identify(submission: Submission, assignments: Sequence[Assignment]) -> Similarity:
    """Find the assignment that a submission belongs to.

    The one that its metadata name is taken if it has any cell or heading of that; else the most
    similar one.

    Args:
        submission: one without a problem.
        assignments: at least one.

    Returns:
        The assignment and the similarity, from 0 (nothing of its handout is there) to 1 (all of it
        is).
    """
    candidates: list[Similarity] = []
    named: list[Similarity] = []
    for assignment in assignments:
        value = _similarity(submission.cells, assignment.handout)
        candidate = (assignment, value)
        candidates.append(candidate)

        is_named = assignment.name == submission.made_for
        if is_named and value > 0:
            named.append(candidate)

    return max(named or candidates, key=itemgetter(1))


def is_unchanged(submission: Submission, assignment: Assignment) -> bool:
    """Return whether every cell is blank or, except for white space, a cell of the handout."""
    return count_own_cells(submission, assignment) == 0


def count_own_cells(submission: Submission, assignment: Assignment) -> int:
    """Count the cells that are neither blank nor, except for white space, the handout's."""
    handout = {fold(cell.source) for cell in assignment.handout}
    count = 0
    for cell in submission.cells:
        source = fold(cell.source)
        if source and source not in handout:
            count += 1
    return count


def code_cells(submission: Submission, assignment: Assignment) -> tuple[CodeCell, ...]:
    """List the code cells that are not blank; `cell` is their index among all cells.

    Removed cells of the handout that other cells rely on are restored at their places. Their
    indices are those after the last cell.
    """
    handout = assignment.handout_sources()
    restored = _restored_cells(submission, assignment)
    cells: list[CodeCell] = []
    for index, cell in enumerate(submission.cells):
        cells.extend(restored.get(index, ()))
        source = cell.source
        if cell.kind != "code" or not source.strip():
            continue
        is_given = fold(source) in handout
        code_cell = CodeCell(cell=index, source=source, handout=is_given)
        cells.append(code_cell)

    end = len(submission.cells)
    cells.extend(restored.get(end, ()))
    return tuple(cells)


def heading_of(submission: Submission, cell: int) -> str:
    """Return the heading above a cell; empty if there is none, or for a restored cell."""
    if cell >= len(submission.cells):
        return ""
    return heading_above(submission.cells, cell)


def _restored_cells(submission: Submission, assignment: Assignment) -> CellsByPlace:
    """Build the cells to restore, by the index of the cell that follows."""
    given_cells = given_cells_to_restore(submission.cells, assignment.handout)
    end = len(submission.cells)
    by_place: CellsByPlace = {}
    for index, given in enumerate(given_cells, start=end):
        cell = CodeCell(cell=index, source=given.source, handout=True, restored=given.names)
        at_place = by_place.setdefault(given.before, [])
        at_place.append(cell)
    return by_place


def _similarity(cells: Cells, handout: Cells) -> float:
    """Return the weighted share of a handout's cells and headings that a notebook has."""
    weighted_sum = 0.0
    weights = 0.0

    substantial = _substantial_sources(handout)
    if substantial:
        weight = 1 - HEADING_WEIGHT
        weights += weight
        weighted_sum += weight * _share_of_sources(substantial, cells)

    given_headings = _folded_headings(handout)
    if given_headings:
        weights += HEADING_WEIGHT
        shared = given_headings & _folded_headings(cells)
        weighted_sum += HEADING_WEIGHT * (len(shared) / len(given_headings))

    return weighted_sum / (weights or 1)


def _substantial_sources(handout: Cells) -> set[str]:
    sources: set[str] = set()
    for cell in handout:
        source = fold(cell.source)
        if len(source) >= SUBSTANTIAL:
            sources.add(source)
    return sources


def _share_of_sources(sources: set[str], cells: Cells) -> float:
    """Return the share of some folded sources that are in a notebook, from 0 to 1."""
    # One text, so that a handout cell is found where a student merged it or wrote below it.
    folded = [fold(cell.source) for cell in cells]
    joined = "\n".join(folded)
    text = f"\n{joined}\n"
    shared = [source for source in sources if f"\n{source}\n" in text]
    return len(shared) / len(sources)


def _folded_headings(cells: Cells) -> set[str]:
    folded: set[str] = set()
    for cell in cells:
        for heading in headings(cell):
            folded.add(heading.casefold())
    return folded
