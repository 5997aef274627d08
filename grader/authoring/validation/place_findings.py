"""Find right values in other places that no variant distinguishes, and advise on `where`. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.assignment import Exercise
from grader.authoring.validation.findings import ValidationFinding
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
    """List the exercises with a value that also occurs outside the places that they ask for.

    Args:
        evaluation: of the reference.
        solution: the reference.
    """
    findings: list[ValidationFinding] = []
    for exercise in solution.assignment.exercises:
        if not _needs_place(exercise, evaluation):
            continue
        places = _Places(exercise, evaluation, solution)
        elsewhere = places.elsewhere()
        if elsewhere:
            found = message(
                "validate.also-found",
                exercise=exercise.id,
                title=exercise.title,
                cells=_listed(elsewhere),
            )
            details = tuple(places.advice())
            finding = ValidationFinding(True, found, details)
            findings.append(finding)
    return findings


def _needs_place(exercise: Exercise, evaluation: Evaluation) -> bool:
    """Return whether only its place distinguishes an answer from equal values elsewhere."""
    if not exercise.automatic or exercise.where:
        return False
    check = check_of(exercise)
    if not check.follows_data:
        return False
    return not evaluation.knowledge.is_varied(exercise.id)


def _listed(cells: Sequence[int]) -> str:
    return ", ".join(map(str, cells))


class _Places:
    """The places of an exercise's right value in the reference."""

    def __init__(
        self, exercise: Exercise, evaluation: Evaluation, solution: ReferenceFiles
    ) -> None:
        self._exercise = exercise
        check = check_of(exercise)
        look_in = check.look_in(exercise)
        expectation = evaluation.knowledge.expectations[exercise.id]
        found = find(evaluation.values, look_in, expectation)
        self._candidates: Sequence[Candidate] = [one.candidate for one in found]

        handout = solution.assignment.handout_sources()
        self._marked: set[int] = set()
        self._given: set[int] = set()
        for cell in solution.reference.cells:
            marked_exercises = [mark.exercise for mark in cell.marks]
            if exercise.id in marked_exercises:
                self._marked.add(cell.cell)
            elif fold(cell.code) in handout:
                self._given.add(cell.cell)

    def elsewhere(self) -> list[int]:
        """List the cells with the value, but without a mark of the exercise."""
        cells = {candidate.place.cell for candidate in self._candidates}
        return sorted(cells - self._marked)

    def advice(self) -> Iterator[Message]:
        """Explain why the exercise needs `where`."""
        name = self._exercise.id
        elsewhere = self.elsewhere()
        given = self._given.intersection(elsewhere)
        if given:
            cells = _listed(sorted(given))
            yield message("validate.where-given", exercise=name, cells=cells)
        first = self._candidates[0]
        number = as_number(first.value)
        count = len(self._candidates)
        if number in TRIVIAL or count >= MANY:
            yield message("validate.where-trivial", exercise=name, count=count)
