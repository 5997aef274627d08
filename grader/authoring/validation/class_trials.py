"""Draw the variants for other classes, and grade the reference and its mistakes with each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict

from grader.authoring.trusted_grader import TrustedGrader
from grader.authoring.validation.findings import ValidationFinding
from grader.authoring.validation.kept_trials import KeptTrials
from grader.authoring.validation.mistake_findings import mistake_findings
from grader.errors import AssignmentError
from grader.grading.checks.outcome import message
from grader.reference.cache import ReferenceCache
from grader.reference.class_seed import ClassSeed
from grader.reference.runner import ReferenceRunner
from grader.report import Message
from grader.running.session import Session
from grader.running.variant_budget import VariantBudget

CLASSES = 3
"""Number of other classes."""

MANY_CLASSES = 10
"""Their number where everything is tried."""

BUDGET_S = 60.0
"""Longest time for all of them together, in seconds; one is tried in any case."""

NewSession = Callable[[], Session]
"""Makes a session of the trusted job."""


class ClassTrial(BaseModel):
    """The results of the reference and its mistakes with one class's numbers."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings")

    problem: str = ""
    """Why the reference has no answers; empty: it has."""
    lost: tuple[str, ...] = ()
    """Titles of the exercises in which the reference does not earn all points."""
    mistakes: tuple[str, ...] = ()
    """Mistakes that earn something else than they say, or are not recognised."""
    details: tuple[Message, ...] = ()
    """Their faults."""


class _Stopwatch:
    """Measures how long kernels work, one after another."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def time_s(self) -> float:
        """Return the total time so far, in seconds."""
        return self._seconds

    def note(self, session: Session) -> None:
        """Add the time of a kernel that has finished, without its waiting time."""
        self._seconds += session.busy_time_s()


class ClassTrials:
    """Tries the numbers of other classes."""

    def __init__(
        self,
        cache: ReferenceCache,
        kept: KeptTrials,
        new_session: NewSession,
        *,
        thorough: bool,
    ) -> None:
        """Initialise with the reference, what is known of trials, and how much is tried.

        Args:
            cache: the reference's results.
            kept: results of earlier trials.
            new_session: creates a session of its trusted job.
            thorough: try more classes, however long it takes.
        """
        self._cache = cache
        self._solution = cache.solution
        self._kept = kept
        self._new_session = new_session
        self._thorough = thorough
        self._stopwatch = _Stopwatch()
        self._budget = VariantBudget(BUDGET_S, clock=self._stopwatch.time_s)
        self.count = MANY_CLASSES if thorough else CLASSES
        """Number of classes to try."""

    async def try_all(self) -> list[ClassTrial]:
        """Try as many classes as there is time for."""
        trials: list[ClassTrial] = []
        for number in range(self.count):
            key = self._kept.key(["class", number])
            trial = self._kept.get(key, ClassTrial)
            if trial is None:
                has_room = self._budget.has_room or self._thorough
                if trials and not has_room:
                    break
                trial = await self._try(number)
                self._kept.put(key, trial)
            trials.append(trial)
        return trials

    async def _try(self, number: int) -> ClassTrial:
        async with self._new_session() as session:
            with self._budget.measured():
                trial = await self._try_in(session, number)
                self._stopwatch.note(session)
        return trial

    async def _try_in(self, session: Session, number: int) -> ClassTrial:
        solution = self._solution
        seed = ClassSeed(f"class {number} of a validation")
        names = list(solution.mistakes)
        runner = ReferenceRunner(solution, session, seed=seed)
        try:
            reference = await runner.reference()
            mistakes = await runner.mistakes(names, reference)
        except AssignmentError as error:
            return ClassTrial(problem=error.problem)
        knowledge = self._cache.knowledge_of(reference, mistakes)
        assignment = solution.assignment
        inputs = reference.inputs
        grader = TrustedGrader(assignment, knowledge, inputs, session, solution.cells)
        lost = await self._lost(grader)

        failed: list[str] = []
        details: list[Message] = []
        for name in names:
            findings = await mistake_findings(grader, solution, knowledge, name)
            for finding in findings:
                if not finding.ok:
                    failed.append(name)
                    details.append(finding.message)
        return ClassTrial(lost=lost, mistakes=tuple(failed), details=tuple(details))

    async def _lost(self, grader: TrustedGrader) -> tuple[str, ...]:
        """List the titles of exercises in which the reference does not earn all points."""
        reference = self._solution.reference
        code: list[tuple[int, str]] = []
        for cell in reference.cells:
            code.append((cell.cell, cell.code))
        evaluation = await grader.grade("the-reference", code)
        lost: list[str] = []
        for result in evaluation.results:
            if result.credit < 1:
                lost.append(result.title)
        return tuple(lost)


def class_findings(trials: Sequence[ClassTrial], wanted: int) -> list[ValidationFinding]:
    """Judge the trials of other classes.

    Args:
        trials: those that were tried.
        wanted: how many were to be tried.
    """
    problems: list[str] = []
    lost: list[str] = []
    mistakes: list[str] = []
    details: list[Message] = []
    for trial in trials:
        if trial.problem:
            problems.append(trial.problem)
        lost += trial.lost
        mistakes += trial.mistakes
        details += trial.details
    if problems:
        first = problems[0]
        why = message("validate.draw-fails", problem=first, count=len(problems))
        return [ValidationFinding(False, why)]

    findings: list[ValidationFinding] = []
    if lost:
        titles = _each_once(lost)
        why = message("validate.draw-loses", titles=titles)
        findings.append(ValidationFinding(False, why))
    if mistakes:
        names = _each_once(mistakes)
        why = message("validate.draw-mistakes", mistakes=names)
        findings.append(ValidationFinding(False, why, tuple(details)))
    if not findings:
        why = message("validate.draws", count=len(trials))
        findings.append(ValidationFinding(True, why))
    left_out = wanted - len(trials)
    if left_out:
        why = message("validate.draws-left-out", count=left_out)
        findings.append(ValidationFinding(True, why))
    return findings


def _each_once(names: Sequence[str]) -> str:
    different = dict.fromkeys(names)
    return ", ".join(different)
