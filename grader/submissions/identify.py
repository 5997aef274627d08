"""Say which assignment a submission belongs to, and whether it is the handout as it was."""

from __future__ import annotations

from collections.abc import Sequence

from grader.assignment import Assignment
from grader.notebook.cells import NotebookCell, fold
from grader.notebook.headings import headings
from grader.submissions.submission import Submission
from grader.trace import CodeCell


def identify(submission: Submission, assignments: Sequence[Assignment]) -> Belongs:
    """The assignment a submission belongs to: the one its metadata name if it has any of that, else by content.

    Args:
        submission: one without a problem.
        assignments: at least one.

    Returns:
        The assignment and the similarity, from 0 (nothing of its handout is there) to 1 (all of it is).
    """
    scored = [
        (assignment, _similarity(submission.cells, assignment.handout))
        for assignment in assignments
    ]
    named = [one for one in scored if one[0].name == submission.made_for and one[1] > 0]
    return max(named or scored, key=lambda pair: pair[1])


def is_unchanged(submission: Submission, assignment: Assignment) -> bool:
    """Whether every cell that is not blank is, but for white space, a cell of the handout."""
    handout = {fold(cell.source) for cell in assignment.handout}
    return all(fold(cell.source) in handout for cell in submission.cells if cell.source.strip())


def code_cells(submission: Submission, assignment: Assignment) -> tuple[CodeCell, ...]:
    """The code cells that are not blank; `cell` is their index among all cells."""
    handout = assignment.handout_sources()
    return tuple(
        CodeCell(cell=index, source=cell.source, handout=fold(cell.source) in handout)
        for index, cell in enumerate(submission.cells)
        if cell.kind == "code" and cell.source.strip()
    )


def _similarity(cells: Sequence[NotebookCell], handout: Sequence[NotebookCell]) -> float:
    # One text, so that a handout cell is found where a student merged it with others or wrote below it.
    written = "\n" + "\n".join(fold(cell.source) for cell in cells) + "\n"
    substantial = {source for cell in handout if len(source := fold(cell.source)) >= SUBSTANTIAL}
    shared_cells = sum(f"\n{source}\n" in written for source in substantial)
    asked = {heading.casefold() for cell in handout for heading in headings(cell)}
    shared_headings = len(
        asked & {heading.casefold() for cell in cells for heading in headings(cell)}
    )
    weights = (1 - HEADING_WEIGHT) * bool(substantial), HEADING_WEIGHT * bool(asked)
    shares = shared_cells / max(len(substantial), 1), shared_headings / max(len(asked), 1)
    return sum(w * s for w, s in zip(weights, shares, strict=True)) / (sum(weights) or 1)


Belongs = tuple[Assignment, float]


SUBSTANTIAL = 30
"""A handout cell shorter than this, white space folded, says nothing about which assignment it is."""


HEADING_WEIGHT = 0.2
"""Part of the similarity that shared headings make up; shared cells are the rest."""
