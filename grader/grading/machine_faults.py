"""Have exercises wait for a person where the machine kept the student's code from running. Pure.

An exercise waits only if the student tried it: cells of theirs in its section failed for the
machine's reason, or build on cells that did. Who tried nothing has nothing to wait for.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.grading.causes import Cause, Causes
from grader.grading.checks.outcome import Outcome, RaisedFlag, message
from grader.grading.knowledge import Headings
from grader.notebook.code import parse_cell
from grader.notebook.folding import fold_words
from grader.report import Message
from grader.trace import Trace

_BARE = (ast.Import, ast.ImportFrom, ast.Pass)
"""Statements that try no exercise."""


def fault_message(cause: Cause) -> Message:
    """Say what the machine lacks, or which limit was met."""
    return message(f"machine.{cause.reason}", what=cause.what, cell=cause.cell)


def waiting_outcome(cause: Cause) -> Outcome:
    """Make the outcome of an exercise that waits for a person since the machine failed."""
    why = fault_message(cause)
    flag = RaisedFlag("machine", None, why)
    return Outcome("pending", why, flags=(flag,))


@dataclass(frozen=True)
class _OwnCell:
    """A code cell of the student's own that does something."""

    cell: int
    section: str
    """The folded heading above it."""
    statements: int


class MachineFaults:
    """What the machine did to a submission, exercise by exercise."""

    def __init__(
        self, trace: Trace, causes: Causes, sections: Mapping[str, str], headings: Headings
    ) -> None:
        """Take how the notebook ran.

        Args:
            trace: the run.
            causes: why its cells failed.
            sections: per exercise, the heading above its answer in the reference.
            headings: gives the heading above a cell of the submission.
        """
        self._causes = causes
        self._sections = {exercise: fold_words(heading) for exercise, heading in sections.items()}
        self._own = list(_own_cells(trace, headings))
        self._headings = {fold_words(headings(cell.cell)) for cell in trace.cells}

    def of(self, exercise: str) -> Cause | None:
        """Return the machine's fault that kept an exercise from being done; None if none did."""
        for own in self._tried(exercise):
            cause = self._causes.machine.get(own.cell)
            if cause is not None:
                return cause
        return None

    def lacking(self, exercise: str) -> Cause | None:
        """Return the missing package that code of an exercise called; None if it called none."""
        for own in self._tried(exercise):
            package = self._causes.stand_ins.get(own.cell)
            if package is not None:
                return Cause("machine", "package", package, own.cell)
        return None

    def _tried(self, exercise: str) -> list[_OwnCell]:
        """List the student's cells that are their try at an exercise.

        They stand in its section. Where the section has none of theirs, all of their code may be:
        if it is not there at all, or if they wrote for several exercises in one place.
        """
        section = self._sections.get(exercise)
        in_section = [own for own in self._own if own.section == section]
        if in_section:
            return in_section
        if section in self._headings and not self._is_written_in_one_place():
            return []
        return self._own

    def _is_written_in_one_place(self) -> bool:
        """Tell whether code that may answer several exercises stands below one heading."""
        sections = {own.section for own in self._own}
        statements = sum(own.statements for own in self._own)
        return len(sections) == 1 and statements >= 2 * len(self._sections)


def _own_cells(trace: Trace, headings: Headings) -> Iterator[_OwnCell]:
    for cell in trace.cells:
        if cell.handout:
            continue
        tree = parse_cell(cell.source)
        doing = [statement for statement in tree.body if _does_something(statement)]
        if doing:
            statements = sum(isinstance(node, ast.stmt) for node in ast.walk(tree))
            yield _OwnCell(cell.cell, fold_words(headings(cell.cell)), statements)


def _does_something(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return False
    return not isinstance(statement, _BARE)
