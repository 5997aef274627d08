"""Try notebooks with typed-in answers, which must not earn points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from grader.assignment import Assignment, Exercise
from grader.authoring.validation.constants import ConstantKind, Known, TypedIn, typed_in
from grader.authoring.validation.findings import ValidationFinding
from grader.authoring.validation.kept_trials import KeptTrials
from grader.authoring.validation.rewrite_trials import Grade
from grader.authoring.validation.rewrites import SolvedNotebook
from grader.grading.checks.outcome import message
from grader.grading.expectation import Answer
from grader.grading.knowledge import Knowledge
from grader.report import Message

ACCEPTED = 0.5
"""The share of the points from which on a check counts as satisfied by a constant."""

ACCEPTED_BY_TEST = 0.75
"""That of a test: each of its expressions earns a share, and some only check the kind of value."""

SHOWN = 60
"""Most characters of a line that are shown."""

EARNS: Mapping[str, str] = {
    "function": "validate.constant-function",
    "test": "validate.constant-test",
    "varied": "validate.constant-varied",
    "plain": "validate.constant-plain",
}
"""Messages about a constant that earns points, by the remedy."""


class ConstantTrial(BaseModel):
    """Credit of exercises with typed-in values."""

    model_config = ConfigDict(frozen=True)

    kind: ConstantKind
    earned: dict[str, float]
    """Share of the points, per exercise; without those that earn 0."""
    lines: dict[str, str]


class ConstantTrials:
    """Types in answers, and grades them as a student's work."""

    def __init__(
        self,
        notebook: SolvedNotebook,
        assignment: Assignment,
        grade: Grade,
        kept: KeptTrials,
    ) -> None:
        """Initialise with the reference without marks, the assignment, a grader, and results."""
        self._notebook = notebook
        self._assignment = assignment
        self._grade = grade
        self._kept = kept

    async def try_all(self, answers: Mapping[str, Answer]) -> list[ConstantTrial]:
        """Type in answers and grade them.

        Args:
            answers: per exercise, the reference's answers on the original data.
        """
        known = list(self._known(answers))
        trials: list[ConstantTrial] = []
        for candidate in typed_in(self._notebook, known):
            trial = await self._try(candidate)
            trials.append(trial)
        return trials

    def _known(self, answers: Mapping[str, Answer]) -> Iterator[Known]:
        for answered in self._notebook.answers:
            exercise = self._assignment.exercise(answered.exercise)
            if exercise is not None:
                yield Known(exercise, answered, answers.get(exercise.id))

    async def _try(self, candidate: TypedIn) -> ConstantTrial:
        sources = [cell.source for cell in candidate.notebook]
        key = self._kept.key(["constant", candidate.kind, sources])
        known = self._kept.get(key, ConstantTrial)
        if known is not None:
            return known
        evaluation = await self._grade(f"constant-{candidate.kind}", candidate.notebook)
        earned: dict[str, float] = {}
        for result in evaluation.results:
            if result.credit > 0 and result.id in candidate.lines:
                earned[result.id] = result.credit
        trial = ConstantTrial(kind=candidate.kind, earned=earned, lines=dict(candidate.lines))
        self._kept.put(key, trial)
        return trial


def judge(
    trials: Sequence[ConstantTrial], assignment: Assignment, knowledge: Knowledge
) -> Iterator[ValidationFinding]:
    """Yield the exercises that a constant satisfies, with advice, or that there are none."""
    tests = {exercise.id for exercise in assignment.exercises if exercise.check == "test"}
    tried: set[str] = set()
    accepted: dict[str, ConstantTrial] = {}
    for trial in trials:
        tried.update(trial.lines)
        for name, credit in trial.earned.items():
            least = ACCEPTED_BY_TEST if name in tests else ACCEPTED
            if credit >= least:
                accepted.setdefault(name, trial)

    details: dict[str, list[Message]] = {}
    for exercise in assignment.exercises:
        if exercise.id in accepted:
            remedy = _remedy(exercise, knowledge)
            line = _line(exercise, accepted[exercise.id])
            details.setdefault(remedy, []).append(line)
    for remedy, lines in details.items():
        why = message(EARNS[remedy], count=len(lines))
        yield ValidationFinding(False, why, tuple(lines))
    count = len(tried - set(accepted))
    if count:
        yield ValidationFinding(True, message("validate.constants", count=count))


def _line(exercise: Exercise, trial: ConstantTrial) -> Message:
    """Show the constant that satisfies a check."""
    shown = trial.lines[exercise.id]
    if len(shown) > SHOWN:
        shown = f"{shown[:SHOWN]}…"
    return message(
        "validate.constant-line",
        title=exercise.title,
        exercise=exercise.id,
        credit=trial.earned[exercise.id],
        line=shown,
    )


def _remedy(exercise: Exercise, knowledge: Knowledge) -> str:
    if exercise.check in ("function", "test"):
        return exercise.check
    return "varied" if knowledge.is_varied(exercise.id) else "plain"
