"""Try proposed mistakes on a reference: which change an answer, and which are recognised.

Only the instructor's own code runs, so it runs unsealed, in the kernel that ran the reference.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from grader.authoring.drafting.mistakes import ProposedEdit, ProposedMistake
from grader.authoring.drafting.solved import DraftCell
from grader.authoring.drafting.syntax import leading_space
from grader.authoring.marked_runs import (
    CellsToRun,
    MarkedRuns,
    MarkValues,
    affected_cells,
    answer_changed,
    answering_cells,
)
from grader.authoring.trusted_grader import TrustedGrader
from grader.authoring.validation.mistake_findings import mistake_findings
from grader.progress import Progress
from grader.reference.class_seed import ClassSeed
from grader.reference.files import ReferenceFiles
from grader.reference.knowledge import KnowledgeBuilder
from grader.reference.markers import LineEdit, edit_lines
from grader.reference.records import StoredReference
from grader.reference.runner import ReferenceRunner
from grader.running.session import Session
from grader.trace import BASE

TRIAL_TIMEOUT_S = 20.0
"""A mistake that takes longer is not proposed: a loop may have become one without end."""
MAX_MISTAKES = 10
"""Most mistakes that are proposed."""

DRAFTING = ClassSeed("drafting")
"""Numbers that mistakes are tried with: the same each time, so that the same ones are proposed."""


class MistakeTrials:
    """Tries mistakes on a reference, in the kernel that ran it."""

    def __init__(
        self,
        solution: ReferenceFiles,
        session: Session,
        progress: Progress,
    ) -> None:
        """Prepare trials.

        Args:
            solution: the reference.
            session: the session that ran it.
            progress: receives each mistake that has been tried.
        """
        self._solution = solution
        self._session = session
        self._progress = progress
        self._cells = solution.reference.cells
        self._exercises = {
            exercise.id: exercise
            for exercise in solution.assignment.exercises
            if exercise.automatic
        }
        self._answering = answering_cells(self._cells, self._exercises)

    async def run_reference(self) -> StoredReference:
        """Run the reference for its answers.

        Raises:
            AssignmentError: it does not run, or an answer has no value.
        """
        return await ReferenceRunner(self._solution, self._session, seed=DRAFTING).reference()

    async def find_telling(
        self,
        mistakes: Sequence[ProposedMistake],
        cells: Sequence[DraftCell],
        stored: StoredReference,
    ) -> list[ProposedMistake]:
        """Find the mistakes that change an answer, break nothing, and differ from earlier ones.

        Args:
            mistakes: those to try, the most telling first.
            cells: the notebook's.
            stored: the reference's results.
        """
        runs = MarkedRuns(self._solution, stored.inputs, self._session)
        right = await runs.run("mistake-none", CellsToRun(self._cells, self._answering))
        telling: list[ProposedMistake] = []
        known: list[MarkValues] = []
        for mistake in mistakes:
            values = await self._run_mistake(mistake, cells, runs)
            self._progress.advance(mistake.kind)
            if values is None or not self._changes_an_answer(values, right):
                continue
            if any(self._are_same(values, other) for other in known):
                continue
            known.append(values)
            telling.append(mistake)
        return telling[:MAX_MISTAKES]

    async def _run_mistake(
        self,
        mistake: ProposedMistake,
        cells: Sequence[DraftCell],
        runs: MarkedRuns,
    ) -> MarkValues | None:
        """Run the reference with a mistake; None if a cell fails."""
        edits = [_line_edit(mistake.kind, edit, cells[edit.cell]) for edit in mistake.edits]
        edited = {edit.cell for edit in edits}
        to_run = CellsToRun(
            cells=edit_lines(self._cells, edits),
            wanted=affected_cells(self._cells, edited, self._answering),
        )
        name = f"mistake-{mistake.kind}"
        values = await runs.run(name, to_run, timeout_s=TRIAL_TIMEOUT_S)

        base = self._session.run_of(f"{name}/{BASE}")
        raised = any(cell.status != "ok" for cell in base.cells)
        if values.completed and not raised:
            return values
        return None

    def _changes_an_answer(self, values: MarkValues, right: MarkValues) -> bool:
        for name, exercise in self._exercises.items():
            given = values.of_exercise(name)
            if given and answer_changed(exercise, given, right.of_exercise(name)):
                return True
        return False

    def _are_same(self, values: MarkValues, other: MarkValues) -> bool:
        """Return whether two mistakes have the same answers and cannot be distinguished."""
        for name, exercise in self._exercises.items():
            given = values.of_exercise(name)
            other_given = other.of_exercise(name)
            if not given and not other_given:
                continue
            if not given or not other_given or answer_changed(exercise, given, other_given):
                return False
        return True

    async def find_recognised(self, names: Collection[str], stored: StoredReference) -> list[str]:
        """Find the mistakes that lose points as they should, and are recognised when graded.

        Args:
            names: mistakes of the reference.
            stored: the reference's results.
        """
        runner = ReferenceRunner(self._solution, self._session, seed=DRAFTING)
        fingerprints = await runner.mistakes(names, stored)
        builder = KnowledgeBuilder(self._exercises, stored, fingerprints, self._solution.mistakes)
        knowledge = builder.knowledge({}, {}, {})
        grader = TrustedGrader(self._solution.assignment, knowledge, stored.inputs, self._session)

        recognised = []
        for name in names:
            findings = await mistake_findings(grader, self._solution, knowledge, name)
            self._progress.advance(name)
            if all(finding.ok for finding in findings):
                recognised.append(name)
        return recognised


def _line_edit(
    kind: str,
    edit: ProposedEdit,
    cell: DraftCell,
) -> LineEdit:
    """Build the edit that a proposed mistake's mark would make."""
    lines = cell.source.split("\n")
    indent = leading_space(lines[edit.line - 1])
    code_line = cell.count_code_lines(edit.line) - 1
    return LineEdit(kind, edit.cell, code_line, indent + edit.instead)
