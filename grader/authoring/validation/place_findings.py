"""Say where else a right value stands that no variant tells apart, and advise on `where`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.authoring.validation.findings import ValidationFinding
from grader.exercise import Exercise
from grader.grading.agreement import as_number
from grader.grading.checks.outcome import message
from grader.grading.checks.registry import check_of
from grader.grading.evaluation import Evaluation
from grader.grading.search import Candidate, find
from grader.notebook.folding import fold
from grader.reference.files import ReferenceFiles
from grader.report import Message

TRIVIAL = (0.0, 1.0)
"""Numbers that come up in every notebook."""

MANY = 10
"""A value that occurs as often is no sign of an answer."""


def place_findings(evaluation: Evaluation, solution: ReferenceFiles) -> list[ValidationFinding]:
    """List the exercises with a value that also stands where they do not ask for it.

    Args:
        evaluation: of the reference.
        solution: the reference.
    """
    findings: list[ValidationFinding] = []
    for exercise in solution.assignment.exercises:
        is_placed = exercise.automatic and check_of(exercise).follows_data
        if not is_placed or exercise.where or evaluation.knowledge.is_varied(exercise.id):
            continue
        places = _Places(exercise, evaluation, solution)
        elsewhere = places.elsewhere()
        if elsewhere:
            cells = ", ".join(map(str, elsewhere))
            found = message("validate.also-found", exercise=exercise.id, cells=cells)
            details = tuple(places.advice())
            findings.append(ValidationFinding(True, found, details))
    return findings


class _Places:
    """Where the right value of one exercise stands in the reference."""

    def __init__(
        self, exercise: Exercise, evaluation: Evaluation, solution: ReferenceFiles
    ) -> None:
        self._exercise = exercise
        look_in = check_of(exercise).look_in(exercise)
        expectation = evaluation.knowledge.expectations[exercise.id]
        found = find(evaluation.values, look_in, expectation)
        self._candidates: Sequence[Candidate] = [one.candidate for one in found]

        handout = solution.assignment.handout_sources()
        self._marked: set[int] = set()
        self._given: set[int] = set()
        for cell in solution.reference.cells:
            if any(mark.exercise == exercise.id for mark in cell.marks):
                self._marked.add(cell.cell)
            elif fold(cell.code) in handout:
                self._given.add(cell.cell)

    def elsewhere(self) -> list[int]:
        """List the cells that have the value, and no mark of the exercise."""
        cells = {candidate.place.cell for candidate in self._candidates}
        return sorted(cells - self._marked)

    def advice(self) -> Iterator[Message]:
        """Say why the exercise needs `where`."""
        name = self._exercise.id
        given = sorted(self._given.intersection(self.elsewhere()))
        if given:
            cells = ", ".join(map(str, given))
            yield message("validate.where-given", exercise=name, cells=cells)
        number = as_number(self._candidates[0].value)
        count = len(self._candidates)
        if number in TRIVIAL or count >= MANY:
            yield message("validate.where-trivial", exercise=name, count=count)
