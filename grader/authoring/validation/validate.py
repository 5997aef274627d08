"""Validate assignments: right answers earn their points, wrong ones do not, the handout nothing.

The reference, its mistakes, mutants of its answers and the handout are graded as if students had
handed them in.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from grader.assignment import Assignment, load_assignments
from grader.authoring.marked_runs import (
    CellsToRun,
    MarkedRuns,
    MarkValues,
    WrongAnswers,
    answering_cells,
)
from grader.authoring.trusted_grader import TrustedGrader
from grader.authoring.validation.findings import Validation, ValidationFinding
from grader.authoring.validation.handout_findings import handout_findings
from grader.authoring.validation.leaks import leak_findings
from grader.authoring.validation.margins import Robustness
from grader.authoring.validation.mistake_findings import mistake_findings
from grader.authoring.validation.mutant_findings import mutant_findings, wrong_answers
from grader.authoring.validation.mutant_trials import MutantTrial, MutantTrials
from grader.authoring.validation.mutants import make_mutants
from grader.authoring.validation.place_findings import place_findings
from grader.authoring.validation.score_findings import score_findings
from grader.grading.checks.outcome import message
from grader.grading.checks.registry import CHECKS
from grader.grading.knowledge import Knowledge
from grader.job import VariedInput
from grader.messages import Language, word
from grader.progress import Progress
from grader.reference.cache import ReferenceCache
from grader.reference.files import ReferenceFiles
from grader.reference.runner import trusted_job
from grader.report import ExerciseResult
from grader.running.session import Launch, Session
from grader.settings import Settings
from grader.trace import BASE

PATIENCE_S = 3.0
"""Time that each run of a mutant has in any case: it may go on for ever."""
PATIENCE_FACTOR = 10
"""How many times the reference's own time, for all its runs, it has besides."""


def validate(
    name: str | None,
    settings: Settings,
    progress: Progress,
    launch: Launch,
) -> tuple[Validation, ...]:
    """Validate one assignment, or all of them.

    Args:
        name: the assignment; None: all.
        settings: the folders of assignments and references, and the language.
        progress: told of each thing that has been checked.
        launch: gives each kernel its host.

    Raises:
        AssignmentError: an assignment cannot even be read or run.
    """
    validations = []
    for assignment in load_assignments(settings.exercises, name):
        folder = settings.solutions / assignment.name
        solution = ReferenceFiles(assignment, folder)
        language = settings.language or assignment.language
        findings = asyncio.run(_validate(solution, launch, progress, language))
        validation = Validation(assignment.name, assignment.language, tuple(findings))
        validations.append(validation)
    return tuple(validations)


async def _validate(
    solution: ReferenceFiles,
    launch: Launch,
    progress: Progress,
    language: Language,
) -> list[ValidationFinding]:
    cache = ReferenceCache(solution, None, launch)
    knowledge = await cache.whole()
    inputs = await cache.inputs()
    known = _KnownReference(solution, knowledge, inputs)
    validator = _AssignmentValidator(known, launch, progress, language)
    return await validator.findings()


async def _end(task: asyncio.Task[Any]) -> None:
    """Wait for a task to end, so that its kernel does too.

    What it raised has been raised already, or comes after this.
    """
    task.cancel()
    await asyncio.wait({task})


@dataclass(frozen=True)
class _KnownReference:
    """A reference, and what it gives."""

    solution: ReferenceFiles
    knowledge: Knowledge
    inputs: tuple[VariedInput, ...]

    @property
    def assignment(self) -> Assignment:
        return self.solution.assignment

    def grader(self, session: Session) -> TrustedGrader:
        """Grade notebooks in a session."""
        return TrustedGrader(
            self.assignment, self.knowledge, self.inputs, session, self.solution.cells
        )

    def runs(self, session: Session) -> MarkedRuns:
        """Run the reference for its marks in a session."""
        return MarkedRuns(self.solution, self.inputs, session)


@dataclass(frozen=True)
class _KnownTrials:
    """The trials of all but the mutants."""

    findings: list[ValidationFinding]
    """Findings of the mistakes and the handout."""
    other_ways: list[MarkValues]
    """Answers of the reference, run in other ways."""
    wrong: list[WrongAnswers]
    """Answers of its mistakes."""


class _AssignmentValidator:
    """Checks all there is to check in one assignment."""

    def __init__(
        self,
        reference: _KnownReference,
        launch: Launch,
        progress: Progress,
        language: Language,
    ) -> None:
        self._reference = reference
        self._solution = reference.solution
        self._assignment = reference.assignment
        self._launch = launch
        self._progress = progress
        self._language = language
        networks = self._solution.network_cells()
        self._mutants = make_mutants(self._solution.reference.cells, also=networks)
        self._robustness = Robustness(
            self._solution, reference.inputs, launch, reference.knowledge.depends
        )

    async def findings(self) -> list[ValidationFinding]:
        """Check everything. The mutants run beside all else, in a kernel of their own."""
        solution = self._solution
        steps = 3 + len(solution.mistakes) + len(self._mutants)
        self._progress.stage(self._assignment.name, steps)
        job = trusted_job(solution)
        async with Session(job, self._launch) as session:
            reference_findings = await self._check_reference(session)
            start = time.monotonic()
            right = await self._run_reference(session)
            own_time_s = time.monotonic() - start
            patience_s = PATIENCE_S + PATIENCE_FACTOR * own_time_s

            mutants = asyncio.create_task(self._try_mutants(right, patience_s))
            try:
                known = await self._try_known(session)
                trials = await mutants
            finally:
                await _end(mutants)

        waivers = solution.waived
        other_ways = known.other_ways
        wrong = [*known.wrong, *wrong_answers(trials, waivers)]
        robustness = self._robustness
        margins = robustness.margins(right, other_ways, wrong)
        return [
            *reference_findings,
            *known.findings,
            *leak_findings(self._assignment, solution, self._reference.knowledge),
            *mutant_findings(trials, waivers),
            *robustness.stability_findings(right, other_ways),
            *robustness.findings(margins, [right, *other_ways]),
        ]

    async def _check_reference(self, session: Session) -> list[ValidationFinding]:
        """Check that the reference earns every point, and say where else its answers stand."""
        cells = [(cell.cell, cell.code) for cell in self._solution.reference.cells]
        grader = self._reference.grader(session)
        evaluation = await grader.grade("the-reference", cells)
        self._advance("reference")

        for result in evaluation.results:
            if result.credit < 1:
                run = _failed_run(result)
                loses = message("validate.reference-loses", exercise=result.id, run=run)
                return [ValidationFinding(False, loses)]
        points = self._assignment.max_points
        earns_all = message("validate.reference-earns-all", points=points)
        finding = ValidationFinding(True, earns_all)
        also_found = place_findings(evaluation, self._solution)
        return [finding, *also_found]

    async def _run_reference(self, session: Session) -> MarkValues:
        """Run the reference for its marks."""
        cells = self._solution.cells_to_mutate
        exercises = {exercise.id for exercise in self._assignment.exercises}
        wanted = answering_cells(cells, exercises)
        to_run = CellsToRun(cells, wanted)
        runs = self._reference.runs(session)
        return await runs.run("right", to_run)

    async def _try_known(self, session: Session) -> _KnownTrials:
        """Try the mistakes and the handout, and run the reference in other ways."""
        solution = self._solution
        reference = self._reference
        grader = reference.grader(session)
        findings: list[ValidationFinding] = []
        for name in solution.mistakes:
            findings += await mistake_findings(grader, solution, reference.knowledge, name)
            self._progress.advance(name)
        findings += await handout_findings(grader, self._assignment, solution)
        self._advance("handout")

        findings += await score_findings(solution, reference.inputs, session)
        robustness = self._robustness
        other_ways = await robustness.run_in_other_ways(session)
        wrong = await robustness.run_mistakes(session)
        other_ways += await robustness.run_on_other_threads()
        self._progress.advance("threads")
        return _KnownTrials(findings, other_ways, wrong)

    def _advance(self, word_id: str) -> None:
        """Tell that a thing has been checked, by its word in the catalogues."""
        name = word(word_id, self._language)
        self._progress.advance(name)

    async def _try_mutants(self, right: MarkValues, patience_s: float) -> list[MutantTrial]:
        job = trusted_job(self._solution)
        async with Session(job, self._launch) as session:
            grader = self._reference.grader(session)
            runs = self._reference.runs(session)
            trials = MutantTrials(self._solution, grader, runs, right, patience_s)
            return await trials.try_all(self._mutants, self._progress.advance)


def _failed_run(result: ExerciseResult) -> str:
    """Name the run in which an exercise was lost: the data as it is, or the variants."""
    check_result = result.checks[0]
    check = CHECKS[check_result.check]
    message_id = check_result.message.id
    return BASE if check.fails_on_base(message_id) else "variants"
