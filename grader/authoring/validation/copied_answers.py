"""Find lines of the reference's answers elsewhere in the handout. Pure.

Handouts may repeat lines of an answer: a given loop also steps the optimizer. Given code is a leak
only if it contains a whole answer; a text or a comment, if it contains most of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.assignment import Assignment
from grader.authoring.validation.findings import ValidationFinding
from grader.grading.checks.outcome import message
from grader.notebook.cells import NotebookCell
from grader.notebook.headings import heading_above
from grader.notebook.line_alignment import LinePlace, align_lines, line_key
from grader.reference.files import ReferenceFiles
from grader.reference.markers import MARKER

LEAKED_SHARE = 0.5
"""Share of an answer's lines from which the handout reveals it."""
MIN_GIVEN_LINES = 3
"""Fewest lines of an answer that given code has to repeat, all of them: fewer are a pattern."""
MIN_LENGTH = 9
"""Fewest characters, without white space, of a line that reveals anything."""

_TRIVIAL = re.compile(
    r"^(import|from|def|class|@|#|%|!|return\w*$|else:|try:|finally:|pass|break|continue|\W*$"
    r"|\w+=(-?[\d.e-]+|\[\]|\{\}|None|True|False)$)"
)
"""Lines, without white space, that reveal nothing."""


@dataclass(frozen=True)
class CopiedAnswer:
    """An answer that the handout contains."""

    exercise: str
    """Heading above the answer in the reference; empty: none."""
    cell: int
    """Index of the handout's cell that contains it."""
    line: str
    """The first of its lines there."""


def copied_findings(assignment: Assignment, solution: ReferenceFiles) -> list[ValidationFinding]:
    """Report the answers that the handout contains.

    Args:
        assignment: the assignment.
        solution: its reference.
    """
    findings = []
    for copied in copied_answers(solution.cells, assignment.handout):
        leak = message(
            "validate.answer-in-handout",
            cell=copied.cell,
            line=copied.line,
            exercise=copied.exercise,
        )
        findings.append(ValidationFinding(False, leak))
    return findings


def copied_answers(
    reference: Sequence[NotebookCell],
    handout: Sequence[NotebookCell],
) -> list[CopiedAnswer]:
    """Find the answers that a handout contains.

    Args:
        reference: cells of the solved notebook, with or without marks.
        handout: cells of the handout.
    """
    unmarked = [_without_marks(cell) for cell in reference]
    alignment = align_lines(unmarked, handout)
    held = list(_held_lines(handout, alignment.other_common))
    copied = []
    for index, cell in enumerate(unmarked):
        if cell.kind != "code":
            continue
        keys = set()
        for number, text in enumerate(cell.source.split("\n"), 1):
            key = line_key(text, is_code=True)
            is_answer = LinePlace(index, number) not in alignment.common
            if is_answer and _gives_away(key):
                keys.add(key)
        first = _first_copy(keys, held)
        if first is not None:
            heading = heading_above(unmarked, index)
            copied.append(CopiedAnswer(heading, first.cell, first.text))
    return copied


@dataclass(frozen=True)
class _HeldLine:
    """A line of the handout that may contain code."""

    cell: int
    text: str
    key: str
    is_given: bool
    """Whether it is code, which the reference runs, too."""


def _held_lines(
    handout: Sequence[NotebookCell],
    common: set[LinePlace],
) -> Iterator[_HeldLine]:
    """List the lines that a handout shares with the reference; comments and texts may have code.

    Lines that only the handout has are its own, such as lines to be completed.
    """
    for index, cell in enumerate(handout):
        for number, text in enumerate(cell.source.split("\n"), 1):
            if LinePlace(index, number) not in common:
                continue
            bare = text.strip().lstrip("#>-*` ").rstrip("`")
            is_comment = cell.kind != "code" or text.lstrip().startswith("#")
            yield _HeldLine(index, text.strip(), line_key(bare, is_code=True), not is_comment)


def _first_copy(keys: set[str], held: Sequence[_HeldLine]) -> _HeldLine | None:
    """Find the first line that reveals an answer; None if too few of its lines are there."""
    copies = []
    for line in held:
        if line.key in keys:
            copies.append(line)
    shown = {line.key for line in copies if not line.is_given}
    everywhere = {line.key for line in copies}
    if shown and len(shown) >= LEAKED_SHARE * len(keys):
        return next(line for line in copies if not line.is_given)
    if len(everywhere) == len(keys) >= MIN_GIVEN_LINES:
        return copies[0]
    return None


def _gives_away(key: str) -> bool:
    """Return whether a line, without white space, shows how to do something."""
    return len(key) >= MIN_LENGTH and not _TRIVIAL.match(key)


def _without_marks(cell: NotebookCell) -> NotebookCell:
    """Remove this grader's marks from a cell."""
    if cell.kind != "code":
        return cell
    lines = []
    for text in cell.source.split("\n"):
        match = MARKER.match(text)
        lines.append(match["code"].rstrip() if match else text)
    return NotebookCell(kind=cell.kind, source="\n".join(lines))
