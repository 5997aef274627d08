"""Grades a submission: trace + expectations → results. Pure; the page to read first.

An exercise passes when a value of the submission's own agrees with the reference on the handed-out data, and at the
same place on every variant. What fails is held against the known mistakes; one that explains it says why, and may
leave a share of the points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from grader.assignment import Assignment, Exercise
from grader.grading.checks.base import Context
from grader.grading.checks.outcome import Outcome, message
from grader.grading.checks.registry import AUTOMATIC, check_of
from grader.grading.evaluation import Evaluation
from grader.grading.evidence import Places, show
from grader.grading.expectation import Expectation
from grader.grading.knowledge import Headings, Knowledge
from grader.grading.mistakes import Recognised, alone, recognise
from grader.grading.points import status_for
from grader.grading.search import Candidate, Values, find
from grader.report import (
    CheckResult,
    Evidence,
    ExerciseResult,
    Flag,
    Message,
    MistakeFound,
)
from grader.trace import CodeCell


def evaluate(
    values: Values, assignment: Assignment, knowledge: Knowledge, headings: Headings
) -> Evaluation:
    """Decide every exercise that the grader decides.

    Args:
        values: the values of a trace: what the submission computed.
        assignment: the exercises.
        knowledge: what the reference and known mistakes compute.
        headings: gives the heading above a cell.
    """
    submission = _Submission(values, assignment, knowledge, headings)
    automatic = [exercise for exercise in assignment.exercises if exercise.automatic]
    results = tuple(submission.result(exercise) for exercise in automatic)
    return Evaluation(values, knowledge, results)


class _Submission:
    """One submission being graded: its outcomes, and what explains those that failed."""

    def __init__(
        self, values: Values, assignment: Assignment, knowledge: Knowledge, headings: Headings
    ) -> None:
        self._values = values
        self._knowledge = knowledge
        self._exercises = [exercise for exercise in assignment.exercises if exercise.automatic]
        self._outcomes = {
            e.id: _decide(e, self._values, assignment, knowledge, knowledge.expectations[e.id])
            for e in self._exercises
        }
        self._follow_through(assignment)
        self._recognised = self._recognise()
        self._places = Places(values.trace, headings)

    def _follow_through(self, assignment: Assignment) -> None:
        """Of what failed: whether it is right from the submission's own value of what it builds on."""
        for given, expectation in self._knowledge.given.items():
            exercise = next(e for e in self._exercises if e.id == given.exercise)
            varied = set(self._knowledge.expectations[exercise.id].runs) <= set(expectation.runs)
            if self._outcomes[exercise.id].credit > 0 or expectation.is_constant or not varied:
                continue
            outcome = _decide(exercise, self._values, assignment, self._knowledge, expectation)
            if outcome.credit > 0:
                credit = outcome.credit * exercise.given_credit
                told = message("value.follows-through", credit=credit)
                self._outcomes[exercise.id] = replace(
                    outcome, status="partial", message=told, credit=credit
                )

    def _recognise(self) -> tuple[Recognised, ...]:
        """What explains the failures; of what earned a part, only what a mistake says of the rest, at no cost."""
        failed, partly = (
            self._with_status("failed", "missing", "not_run"),
            self._with_status("partial"),
        )
        made = {
            e: outcome.found
            for e, outcome in self._outcomes.items()
            if outcome.credit > 0 and outcome.found
        }
        known = self._knowledge
        found = recognise(self._values, failed, made, known.ways, known.right) if failed else ()
        whole = {e: candidate for e, candidate in made.items() if self._outcomes[e].credit >= 1}
        singles = [alone(mistake) for mistake in known.mistakes]
        return found + (
            recognise(self._values, partly, whole, singles, known.right) if partly else ()
        )

    def _with_status(self, *statuses: str) -> list[Exercise]:
        return [
            exercise
            for exercise in self._exercises
            if self._outcomes[exercise.id].status in statuses
        ]

    def _explanation(self, exercise: Exercise) -> Recognised | None:
        return next((one for one in self._recognised if exercise.id in one.explains), None)

    def result(self, exercise: Exercise) -> ExerciseResult:
        """The result of one exercise."""
        outcome, recognised = self._outcomes[exercise.id], self._explanation(exercise)
        status, credit, found = outcome.status, outcome.credit, outcome.found
        mistakes: tuple[MistakeFound, ...] = ()
        if recognised is not None:
            shown = recognised.explains[exercise.id]
            mistakes = tuple(self._mistakes(recognised, exercise, shown))
            if status != "partial":
                credit = recognised.way.credit(exercise.id)
                status = status_for(credit)
                found = shown
        check = CheckResult(
            check=exercise.check,
            message=outcome.message,
            found=self._places.evidence(found),
            notes=outcome.notes
            + self._accepted(exercise)
            + self._depends(exercise, status)
            + self._told(exercise),
        )
        return ExerciseResult(
            id=exercise.id,
            title=exercise.title,
            status=status,
            points=exercise.points * credit,
            max_points=exercise.points,
            automatic=True,
            credit=credit,
            checks=(check,),
            mistakes=mistakes,
            flags=tuple(
                _flag(flag_id, candidate, self._places) for flag_id, candidate in outcome.flags
            ),
        )

    def _mistakes(
        self, recognised: Recognised, exercise: Exercise, shown: Candidate | None
    ) -> Iterator[MistakeFound]:
        """The mistakes that an exercise lost points by, the root cause first; with the first, what explains as much."""
        also = tuple(way.id for way in recognised.also)
        outcome = self._outcomes[exercise.id]
        kept = self._places.evidence(outcome.found) if outcome.status == "partial" else None
        for part in recognised.way.blamed[exercise.id]:
            happened = _said_of(part.happened.get(exercise.id, {}), self._places.evidence(shown))
            of_kept = _said_of(part.shown.get(exercise.id, {}), kept) if kept else {}
            yield MistakeFound(
                id=part.id,
                also=also,
                explains=tuple(e for e in recognised.explains if part in recognised.way.blamed[e]),
                name=dict(part.name),
                happened={
                    lang: " ".join(filter(None, (text, of_kept.get(lang))))
                    for lang, text in happened.items()
                },
                hint=dict(part.hint),
            )
            also = ()

    def _accepted(self, exercise: Exercise) -> tuple[Message, ...]:
        """What the assignment says of the accepted way by which an answer earns its points."""
        outcome = self._outcomes[exercise.id]
        if outcome.found is None or not outcome.credit:
            return ()
        half_unit = outcome.found.half_unit or 0.0
        way = self._knowledge.expectations[exercise.id].way(
            outcome.found.value, check_of(exercise).first_run(exercise), half_unit
        )
        said = {
            f"note.{language}": text
            for language, text in self._knowledge.accepted.get(way, {}).items()
        }
        return (message("value.accepted", **said),) if way else ()

    def _depends(self, exercise: Exercise, status: str) -> tuple[Message, ...]:
        """For feedback: an exercise this one builds on failed too. It never costs points by itself."""
        if status not in ("failed", "partial", "missing"):
            return ()
        wrong = [
            e for e in self._exercises if e.id in exercise.needs and self._outcomes[e.id].credit < 1
        ]
        return tuple(message("value.depends", needs=needed.title) for needed in wrong)

    def _of_this_submission(self, exercise: Exercise) -> Mapping[str, Expectation]:
        """The values as the mistake made them, where one explains the exercise."""
        if (recognised := self._explanation(exercise)) is not None:
            return recognised.way.told.get(exercise.id, {})
        return self._knowledge.told.get(exercise.id, {})

    def _told(self, exercise: Exercise) -> tuple[Message, ...]:
        """The values on the way to an answer, for the instructor: those the submission has, and those it lacks."""
        parts = []
        for label, expectation in self._of_this_submission(exercise).items():
            found = find(self._values, exercise.look_in, expectation)
            parts.append(f"{label} {show(found[0].candidate.value)}" if found else f"{label} –")
        return (message("value.told", values=" · ".join(parts)),) if parts else ()


def _decide(
    exercise: Exercise,
    values: Values,
    assignment: Assignment,
    knowledge: Knowledge,
    expectation: Expectation,
) -> Outcome:
    right = knowledge.right[exercise.id]
    context = Context(values, expectation, right, handout_code(assignment))
    return AUTOMATIC[exercise.check].decide(exercise, context)


def handout_code(assignment: Assignment) -> tuple[CodeCell, ...]:
    """The code cells of the handout."""
    return tuple(
        CodeCell(cell=index, source=cell.source, handout=True)
        for index, cell in enumerate(assignment.handout)
        if cell.kind == "code"
    )


def _said_of(texts: Mapping[str, str], evidence: Evidence | None) -> dict[str, str]:
    """Texts with the place of a value put in; without those that speak of a place, or a name, that is not there."""
    place = {"line": "", "name": "", "heading": ""}
    if evidence is not None:
        place = {
            "line": evidence.where.source,
            "name": evidence.name,
            "heading": evidence.where.heading,
        }
    lacking = [f"{{{key}}}" for key, value in place.items() if not value]
    return {
        language: text.format(**place)
        for language, text in texts.items()
        if not any(one in text for one in lacking)
    }


def _flag(flag_id: str, candidate: Candidate | None, places: Places) -> Flag:
    evidence = places.evidence(candidate)
    return Flag.model_validate(
        {
            "id": flag_id,
            "message": message(f"flag.{flag_id}"),
            "evidence": (evidence,) if evidence else (),
        }
    )
