"""Proves an assignment: the reference earns everything, each mistake loses what it says, the handout gives nothing.

The reference, its mistakes and the handout are graded as if students had handed them in.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from grader.answers import trusted_job
from grader.assignment import Assignment, fold, load_assignments
from grader.batch import Progress
from grader.grading import Knowledge, cells_of_interest, grade
from grader.reference import References
from grader.report import ExerciseResult, Message
from grader.running.notebook import replay_notebook
from grader.running.session import Session
from grader.settings import Settings
from grader.solution import Solution
from grader.trace import BASE, CodeCell, Trace, VariedInput


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    ok: bool
    message: Message


@dataclass(frozen=True)
class Validation:
    """What was found of one assignment."""

    assignment: str
    language: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether all is well."""
        return all(finding.ok for finding in self.findings)


def validate(name: str | None, settings: Settings, progress: Progress) -> tuple[Validation, ...]:
    """Prove one assignment, or all of them.

    Raises:
        AssignmentError: an assignment that cannot even be read or run.
    """
    assignments = load_assignments(settings.exercises, name)
    return tuple(asyncio.run(_validate(assignment, settings, progress)) for assignment in assignments)


async def _validate(assignment: Assignment, settings: Settings, progress: Progress) -> Validation:
    solution = Solution(assignment, settings.solutions / assignment.name)
    progress.stage(assignment.name, 2 + len(solution.mistakes))
    references = References(solution, None)
    knowledge = await references.whole()
    inputs = await references.inputs()
    async with Session(trusted_job(solution)) as session:
        bench = _Bench(assignment, solution, knowledge, inputs, session)
        findings = [await bench.reference()]
        progress.advance("reference")
        for mistake in solution.mistakes:
            findings += await bench.mistake(mistake)
            progress.advance(mistake)
        findings += await bench.handout()
        progress.advance("handout")
    findings += list(_leaks(assignment, solution, knowledge))
    return Validation(assignment.name, assignment.language, tuple(findings))


def _finding(ok: bool, message_id: str, **params: str | float | int) -> Finding:
    return Finding(ok, Message(id=message_id, params=dict(params)))


class _Bench:
    """Grades notebooks of the instructor's in one kernel."""

    def __init__(
        self,
        assignment: Assignment,
        solution: Solution,
        knowledge: Knowledge,
        inputs: tuple[VariedInput, ...],
        session: Session,
    ) -> None:
        self._assignment = assignment
        self._solution = solution
        self._knowledge = knowledge
        self._inputs = inputs
        self._session = session

    async def _graded(
        self, name: str, cells: Sequence[tuple[int, str]], handout: Collection[str] = ()
    ) -> tuple[Trace, tuple[ExerciseResult, ...]]:
        """Grade cells; those that are not among the handout's count as the student's own."""

        async def ask(trace: Trace) -> Sequence[int]:
            return cells_of_interest(trace, self._assignment, self._knowledge)

        code = tuple(
            CodeCell(cell=cell, source=source, handout=fold(source) in handout)
            for cell, source in cells
            if source.strip()
        )
        trace = await replay_notebook(self._session, name, code, self._inputs, ask)
        return trace, grade(trace, self._assignment, self._knowledge, lambda _: "")

    async def reference(self) -> Finding:
        """The reference earns every point, on the handed-out data and on every variant."""
        cells = [(cell.cell, cell.code) for cell in self._solution.reference.cells]
        _, results = await self._graded("the-reference", cells)
        lost = next((result for result in results if result.credit < 1), None)
        if lost is None:
            return _finding(True, "validate.reference-earns-all", points=self._assignment.max_points)
        return _finding(False, "validate.reference-loses", exercise=lost.id, run=_run_of(lost))

    async def mistake(self, name: str) -> list[Finding]:
        """A mistake earns what it says, and is recognised as itself."""
        cells = [(cell.cell, cell.code) for cell in self._solution.mistaken(name)]
        _, results = await self._graded(f"with-{name}", cells, self._assignment.handout_sources())
        known = next(mistake for mistake in self._knowledge.mistakes if mistake.id == name)
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
            findings.append(_finding(False, "validate.mistake-not-recognised", mistake=name, found=found))
        left = sum(result.points for result in results)
        return findings or [_finding(True, "validate.mistake-ok", mistake=name, credit=left)]

    async def handout(self) -> list[Finding]:
        """The handout runs, and holds no answer, though all its cells count as a student's own here."""
        code = [(index, cell.source) for index, cell in enumerate(self._assignment.handout) if cell.kind == "code"]
        trace, results = await self._graded("the-handout", code)
        findings = [
            _finding(False, "validate.handout-raises", cell=run.cell, error=f"{run.error}: {run.message}")
            for run in trace.base.cells
            if run.status != "ok"
        ]
        earning = [result for result in results if result.credit > 0 or result.status == "pending"]
        findings += [_finding(False, "validate.handout-earns", exercise=result.id) for result in earning]
        return findings or [_finding(True, "validate.handout-earns-nothing")]


def _run_of(lost: ExerciseResult) -> str:
    """The run an exercise was lost in: a value that is nowhere is missed on the handed-out data already."""
    missed = lost.checks[0].message.id in ("value.absent", "value.missing", "value.no-gradient", "value.partial-answer")
    return BASE if missed or lost.checks[0].check == "graph" else "variants"


def _leaks(assignment: Assignment, solution: Solution, knowledge: Knowledge) -> Sequence[Finding]:
    """Texts that a student reads and that hold an expected value."""
    texts = {
        f"mistakes.{name}.hint.{language}": text
        for name, mistake in solution.mistakes.items()
        for language, text in mistake.hint.items()
    }
    texts |= {f"{e.id}.student_note.{k}": text for e in assignment.exercises for k, text in e.student_note.items()}
    secrets = secret_numbers(knowledge) - _numbers("\n".join(cell.source for cell in assignment.handout))
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
    written = {f"{value:.{places}f}".rstrip("0").rstrip(".") for value in values for places in (1, 2, 3, 4)}
    # A lone digit is said in many a sentence and gives nothing away.
    return frozenset(text for text in written if len(text) > 1)


def _numbers(text: str) -> set[str]:
    found = (text.replace(",", ".") for text in re.findall(r"\d+(?:[.,]\d+)?", text))
    return {text.rstrip("0").rstrip(".") if "." in text else text for text in found}


__all__ = ["Finding", "Validation", "secret_numbers", "validate"]
