"""Proves an assignment: the reference earns everything, what is wrong loses points, the handout earns nothing.

The reference, its mistakes, mutants of its answers and the handout are graded as if students had handed them in.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from grader.assignment import Assignment, load_assignments
from grader.authoring.marked_runs import Marked, MarkedRuns, Wrong, answering
from grader.authoring.trusted_grader import TrustedGrader
from grader.authoring.validation.findings import Finding, Validation
from grader.authoring.validation.margins import Robustness
from grader.authoring.validation.mutant_findings import of_mutants, wrong_answers
from grader.authoring.validation.mutant_trials import Trial, Trials
from grader.authoring.validation.mutants import mutants
from grader.grading.checks.outcome import message
from grader.grading.knowledge import Knowledge
from grader.messages import Language, word
from grader.notebook.cells import fold
from grader.notebook.slicing import cells_behind, names_bound_by
from grader.progress import Progress
from grader.reference.cache import ReferenceCache
from grader.reference.files import ReferenceFiles
from grader.reference.runner import trusted_job
from grader.report import ExerciseResult
from grader.running.session import Launch, Session
from grader.settings import Settings
from grader.trace import BASE, CellRun, VariedInput

PATIENCE_S = 3.0
"""Time that each run of a mutant has in any case: it may go on for ever."""
PATIENCE = 10
"""How many times the reference's own time, for all its runs, it has besides."""


def validate(
    name: str | None, settings: Settings, progress: Progress, launch: Launch
) -> tuple[Validation, ...]:
    """Prove one assignment, or all of them.

    Raises:
        AssignmentError: an assignment that cannot even be read or run.
    """
    assignments = load_assignments(settings.exercises, name)
    return tuple(
        asyncio.run(_validate(assignment, settings, progress, launch)) for assignment in assignments
    )


async def _validate(
    assignment: Assignment, settings: Settings, progress: Progress, launch: Launch
) -> Validation:
    solution = ReferenceFiles(assignment, settings.solutions / assignment.name)
    references = ReferenceCache(solution, None, launch)
    language = settings.language or assignment.language
    proof = _Proof(
        solution, await references.whole(), await references.inputs(), launch, progress, language
    )
    return Validation(assignment.name, assignment.language, tuple(await proof.findings()))


def _finding(ok: bool, message_id: str, **params: str | float | int) -> Finding:
    return Finding(ok, message(message_id, **params))


async def _ended(task: asyncio.Task[Any]) -> None:
    """See a task end, so that its kernel does too; what it raised has been raised already, or comes after this."""
    task.cancel()
    await asyncio.wait({task})


class _Proof:
    """All that is looked at in one assignment."""

    def __init__(
        self,
        solution: ReferenceFiles,
        knowledge: Knowledge,
        inputs: tuple[VariedInput, ...],
        launch: Launch,
        progress: Progress,
        language: Language,
    ) -> None:
        self._solution = solution
        self._assignment = solution.assignment
        self._knowledge = knowledge
        self._inputs = inputs
        self._launch = launch
        self._progress = progress
        self._language = language
        self._mutants = mutants(solution.reference.cells)
        self._robustness = Robustness(solution, inputs, launch)

    async def findings(self) -> list[Finding]:
        """What is found. The mutants run beside all else, in a kernel of their own."""
        self._progress.stage(
            self._assignment.name, 3 + len(self._solution.mistakes) + len(self._mutants)
        )
        async with Session(trusted_job(self._solution), self._launch) as session:
            bench = self._bench(session)
            reference = await self._reference(bench)
            began = time.monotonic()
            right = await self._right(session)
            patience_s = PATIENCE_S + PATIENCE * (time.monotonic() - began)
            trying = asyncio.create_task(self._trials(right, patience_s))
            try:
                told, others, wrong = await self._known(bench, session)
                trials = await trying
            finally:
                await _ended(trying)
        margins = self._robustness.margins(
            right, others, [*wrong, *wrong_answers(trials, self._solution.waived)]
        )
        return [
            reference,
            *told,
            *_leaks(self._assignment, self._solution, self._knowledge),
            *of_mutants(trials, self._solution.waived),
            *self._robustness.findings(margins),
        ]

    def _bench(self, session: Session) -> TrustedGrader:
        return TrustedGrader(self._assignment, self._knowledge, self._inputs, session)

    async def _right(self, session: Session) -> Marked:
        """What the reference's marks give."""
        cells = self._solution.reference.cells
        every = answering(cells, {exercise.id for exercise in self._assignment.exercises})
        return await MarkedRuns(self._solution, self._inputs, session).of("right", cells, every)

    async def _known(
        self, bench: TrustedGrader, session: Session
    ) -> tuple[list[Finding], list[Marked], list[Wrong]]:
        """What there is to say of mistakes and handout; the reference's answers in other ways; the mistakes'."""
        found = []
        for name in self._solution.mistakes:
            found += await self._mistake(bench, name)
        found += await self._handout(bench)
        ways = await self._robustness.in_other_ways(session)
        wrong = await self._robustness.mistakes(session)
        ways += await self._robustness.on_other_threads()
        self._progress.advance("threads")
        return found, ways, wrong

    async def _trials(self, right: Marked, patience_s: float) -> list[Trial]:
        """What became of the mutants."""
        async with Session(trusted_job(self._solution), self._launch) as session:
            runs = MarkedRuns(self._solution, self._inputs, session)
            trials = Trials(self._solution, self._bench(session), runs, right, patience_s)
            return await trials.all(self._mutants, self._progress.advance)

    async def _reference(self, bench: TrustedGrader) -> Finding:
        """The reference earns every point, on the handed-out data and on every variant."""
        cells = [(cell.cell, cell.code) for cell in self._solution.reference.cells]
        _, results = await bench.graded("the-reference", cells)
        self._progress.advance(word("reference", self._language))
        lost = next((result for result in results if result.credit < 1), None)
        if lost is None:
            return _finding(
                True, "validate.reference-earns-all", points=self._assignment.max_points
            )
        return _finding(False, "validate.reference-loses", exercise=lost.id, run=_run_of(lost))

    async def _mistake(self, bench: TrustedGrader, name: str) -> list[Finding]:
        """A mistake earns what it says, and is recognised as itself."""
        findings = await mistake_findings(bench, self._solution, self._knowledge, name)
        self._progress.advance(name)
        return findings

    async def _handout(self, bench: TrustedGrader) -> list[Finding]:
        """The handout runs, and earns nothing, though all its cells count as a student's own here."""
        code = [
            (index, cell.source)
            for index, cell in enumerate(self._assignment.handout)
            if cell.kind == "code"
        ]
        trace, results = await bench.graded("the-handout", code)
        self._progress.advance(word("handout", self._language))
        handout = self._assignment.handout_sources()
        reference = [(cell.cell, cell.code) for cell in self._solution.reference.cells]
        raising = [
            _finding(
                False, "validate.handout-raises", cell=run.cell, error=f"{run.error}: {run.message}"
            )
            for run in trace.base.cells
            if run.status != "ok"
            and not waits_for_an_answer(run, dict(code)[run.cell], handout, reference)
        ]
        earning = [result for result in results if result.credit > 0 or result.status == "pending"]
        earned = _finding(
            not earning,
            "validate.handout",
            earned=sum(result.points for result in results),
            possible=self._assignment.max_points,
        )
        details = tuple(message("validate.handout-earns", exercise=result.id) for result in earning)
        return [replace(earned, details=details), *raising]


async def mistake_findings(
    bench: TrustedGrader, solution: ReferenceFiles, knowledge: Knowledge, name: str
) -> list[Finding]:
    """Whether a mistake earns what it says, and is recognised as itself.

    Args:
        bench: grades notebooks.
        solution: the reference.
        knowledge: what is known of its answers and mistakes.
        name: the mistake's.
    """
    cells = [(cell.cell, cell.code) for cell in solution.mistaken(name)]
    _, results = await bench.graded(f"with-{name}", cells, solution.assignment.handout_sources())
    known = next(mistake for mistake in knowledge.mistakes if mistake.id == name)
    findings = []
    for result in results:
        declared = known.credit.get(result.id, 0.0) if result.id in known.expectations else 1.0
        # All of an exercise is earned by a right value alone: to declare it for a mistake is to call that harmless.
        earned = 0.0 if result.mistakes and result.credit >= 1 else result.credit
        if abs(earned - declared) > 1e-9:
            params: dict[str, str | float | int] = {
                "mistake": name,
                "exercise": result.id,
                "earned": earned,
                "declared": declared,
            }
            findings.append(_finding(False, "validate.mistake-earns", **params))
    told = {found for result in results for m in result.mistakes for found in (m.id, *m.also)}
    if name not in told:
        found = ", ".join(sorted(told)) or "–"
        findings.append(
            _finding(False, "validate.mistake-not-recognised", mistake=name, found=found)
        )
    left = sum(result.points for result in results)
    return findings or [_finding(True, "validate.mistake-ok", mistake=name, credit=left)]


def _run_of(lost: ExerciseResult) -> str:
    """The run an exercise was lost in: a value that is nowhere is missed on the handed-out data already."""
    missed = lost.checks[0].message.id in (
        "value.absent",
        "value.missing",
        "value.no-gradient",
        "value.partial-answer",
    )
    of_series = lost.checks[0].message.id.startswith("series.")
    return (
        BASE if missed or of_series or lost.checks[0].check in ("graph", "function") else "variants"
    )


def _leaks(
    assignment: Assignment, solution: ReferenceFiles, knowledge: Knowledge
) -> Sequence[Finding]:
    """Texts that a student reads and that hold an expected value."""
    texts = {
        f"{e.id}.student_note.{k}": text
        for e in assignment.exercises
        for k, text in e.student_note.items()
    }
    for name, mistake in solution.mistakes.items():
        said = {"hint": mistake.hint}
        said |= {
            f"happened.{exercise}": by_language
            for exercise, by_language in mistake.happened.items()
        }
        said |= {
            f"shown.{exercise}": by_language for exercise, by_language in mistake.shown.items()
        }
        texts |= {
            f"mistakes.{name}.{what}.{k}": text
            for what, words in said.items()
            for k, text in words.items()
        }
    for name, accepted in solution.accepted.items():
        texts |= {
            f"accepted {name}.note.{language}": text for language, text in accepted.note.items()
        }
    secrets = secret_numbers(knowledge) - _numbers(
        "\n".join(cell.source for cell in assignment.handout)
    )
    findings = [
        _finding(False, "validate.leak", where=where, text=text)
        for where, text in texts.items()
        if not secrets.isdisjoint(_numbers(text))
    ]
    return findings or [_finding(True, "validate.no-leak")]


def secret_numbers(knowledge: Knowledge) -> frozenset[str]:
    """Every expected number, and every number of a mistake, as either language may write it: to 2, 3 or 4 places."""
    asked = [
        *knowledge.expectations.values(),
        *(e for m in knowledge.mistakes for e in m.expectations.values()),
    ]
    values = {abs(value) for expectation in asked for value in expectation.numbers()}
    written = {
        f"{value:.{places}f}".rstrip("0").rstrip(".") for value in values for places in (1, 2, 3, 4)
    }
    # A lone digit is said in many a sentence and gives nothing away.
    return frozenset(text for text in written if len(text) > 1)


def _numbers(text: str) -> set[str]:
    found = (text.replace(",", ".") for text in re.findall(r"\d+(?:[.,]\d+)?", text))
    return {text.rstrip("0").rstrip(".") if "." in text else text for text in found}


__all__ = ["Finding", "Validation", "secret_numbers", "validate"]


def waits_for_an_answer(
    run: CellRun, source: str, handout: Collection[str], reference: Sequence[tuple[int, str]]
) -> bool:
    """Whether a cell of the handout raises because an answer is not there yet.

    It misses a name that an answer binds; or the reference, where every cell runs, has the same cell behind an answer.

    Args:
        run: how the cell ended.
        source: the cell.
        handout: sources of the handout's cells, with white space folded.
        reference: index and source of the reference's cells, in their order.
    """
    answers = {cell: code for cell, code in reference if fold(code) not in handout}
    if run.error == "NameError":
        missing = re.search(r"'(\w+)'", run.message)
        return missing is not None and any(
            missing[1] in names_bound_by(code) for code in answers.values()
        )
    same = [cell for cell, code in reference if fold(code) == fold(source)]
    return any(not answers.keys().isdisjoint(cells_behind(reference, [cell])) for cell in same)
