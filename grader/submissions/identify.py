"""Say which assignment a submission belongs to, and whether it is the handout as it was."""

from __future__ import annotations

from collections.abc import Sequence

from grader.assignment import Assignment
from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold
from grader.notebook.headings import headings
from grader.submissions.submission import Submission
from grader.trace import CodeCell

SUBSTANTIAL = 30
"""Characters, white space folded, from which on a handout cell tells assignments apart."""

HEADING_WEIGHT = 0.2
"""Part of the similarity that shared headings make up; shared cells are the rest."""


def identify(submission: Submission, assignments: Sequence[Assignment]) -> tuple[Assignment, float]:
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
    scored: list[tuple[Assignment, float]] = []
    named: list[tuple[Assignment, float]] = []
    for assignment in assignments:
        similarity = _similarity(submission.cells, assignment.handout)
        scored.append((assignment, similarity))
        if assignment.name == submission.made_for and similarity > 0:
            named.append((assignment, similarity))

    return max(named or scored, key=_similarity_of_pair)


def _similarity_of_pair(pair: tuple[Assignment, float]) -> float:
    _, similarity = pair
    return similarity


def is_unchanged(submission: Submission, assignment: Assignment) -> bool:
    """Tell whether every cell is blank or, but for white space, a cell of the handout."""
    return count_own_cells(submission, assignment) == 0


def count_own_cells(submission: Submission, assignment: Assignment) -> int:
    """Count the cells that are neither blank nor, but for white space, a cell of the handout."""
    handout = {fold(cell.source) for cell in assignment.handout}
    count = 0
    for cell in submission.cells:
        if cell.source.strip() and fold(cell.source) not in handout:
            count += 1
    return count


def code_cells(submission: Submission, assignment: Assignment) -> tuple[CodeCell, ...]:
    """List the code cells that are not blank; `cell` is their index among all cells."""
    handout = assignment.handout_sources()
    cells: list[CodeCell] = []
    for index, cell in enumerate(submission.cells):
        if cell.kind == "code" and cell.source.strip():
            is_given = fold(cell.source) in handout
            cells.append(CodeCell(cell=index, source=cell.source, handout=is_given))
    return tuple(cells)


def _similarity(cells: Sequence[NotebookCell], handout: Sequence[NotebookCell]) -> float:
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


def _substantial_sources(handout: Sequence[NotebookCell]) -> set[str]:
    sources = {fold(cell.source) for cell in handout}
    return {source for source in sources if len(source) >= SUBSTANTIAL}


def _share_of_sources(sources: set[str], cells: Sequence[NotebookCell]) -> float:
    """Return the share of some folded sources that are in a notebook, from 0 to 1."""
    # One text, so that a handout cell is found where a student merged it or wrote below it.
    text = "\n".join(fold(cell.source) for cell in cells)
    text = f"\n{text}\n"

    shared = [source for source in sources if f"\n{source}\n" in text]
    return len(shared) / len(sources)


def _folded_headings(cells: Sequence[NotebookCell]) -> set[str]:
    folded: set[str] = set()
    for cell in cells:
        for heading in headings(cell):
            folded.add(heading.casefold())
    return folded
