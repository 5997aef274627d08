"""Runs what is proposed: the notebook for its values, other numbers for its data, mistakes for what they change.

What runs is the instructor's own, so it runs unsealed, in one kernel, as a reference does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.authoring.drafting.candidates import Candidate, check_of
from grader.authoring.drafting.inputs import Data
from grader.authoring.drafting.mistakes import Edit, ProposedMistake
from grader.authoring.drafting.solved import Piece
from grader.authoring.drafting.variants import VARIANTS, Input, families, propose
from grader.authoring.marked_runs import Marked, MarkedRuns, affected, answering, changes, forgiving
from grader.authoring.trusted_grader import TrustedGrader
from grader.authoring.validation.validate import mistake_findings
from grader.errors import AssignmentError
from grader.grading.expectation import GraphDigest, Tolerance, agrees
from grader.progress import Progress
from grader.reference.answers import answer_of
from grader.reference.files import ReferenceFiles
from grader.reference.knowledge import KnowledgeBuilder
from grader.reference.markers import LineEdit, Mark, MarkedCell, edit_lines, read_reference, sources
from grader.reference.records import StoredReference
from grader.reference.runner import ReferenceRunner
from grader.running.session import Replay, Session
from grader.trace import BASE, Run, Value

SOLVED = "solved"
"""Label of the notebook's own run."""
TRIAL_TIMEOUT_S = 20.0
"""A mistake that takes longer is not proposed: a loop may have become one without end."""
MAX_SLIPS = 10
"""Most mistakes that are proposed."""


def marked_cells(pieces: Sequence[Piece], marks: Mapping[str, Candidate]) -> list[MarkedCell]:
    """The code cells of a notebook with marks of ours, and with some more.

    Args:
        pieces: the notebook's; the place of a cell among them is its index.
        marks: what to mark besides, by the name of the mark.

    Raises:
        AssignmentError: a mark of ours does not say what it should.
    """
    code = [(place, piece.source) for place, piece in enumerate(pieces) if piece.kind == "code"]
    return [
        replace(cell, marks=(*cell.marks, *_marks(pieces[cell.cell], cell.cell, marks)))
        for cell in read_reference(code).cells
    ]


def _marks(piece: Piece, cell: int, marks: Mapping[str, Candidate]) -> list[Mark]:
    return [
        Mark(name, one.expression, 1.0, False, piece.code_lines(one.line), "")
        for name, one in marks.items()
        if one.cell == cell
    ]


async def run_solved(
    session: Session, pieces: Sequence[Piece], cells: Sequence[MarkedCell], where: Path
) -> Run:
    """Run a notebook, with its marks, from top to bottom.

    Args:
        session: a session of a trusted job.
        pieces: the notebook's.
        cells: its code.
        where: the instructor's file, to be named where a cell fails.

    Raises:
        AssignmentError: a cell raises, takes too long, or ends the kernel.
    """
    order = [(cell, forgiving(source)) for cell, source in sources(cells)]
    await session.replay(SOLVED, order)
    run = session.run_of(SOLVED)
    advice = "A solved notebook runs from top to bottom: mend it there, and run this command again."
    for cell in run.cells:
        if cell.status != "ok":
            message = " ".join(cell.message.split())
            told = f"cell {pieces[cell.cell].place + 1} fails: {cell.error}: {message}"
            raise AssignmentError(f"{told.rstrip(': .')}.", advice, where=where)
    if len(run.cells) < len(order):
        cell_number = pieces[order[len(run.cells)][0]].place + 1
        raise AssignmentError(
            f"cell {cell_number} ended the kernel, or took too long.", advice, where=where
        )
    return run


def values_of(run: Run, cells: Sequence[MarkedCell]) -> dict[str, Value]:
    """What the first mark of each name gave in a run; what gave nothing is not there."""
    found: dict[str, Value] = {}
    for mark in (mark for cell in cells for mark in cell.marks if not mark.label):
        answer = answer_of(run, mark, 0) if mark.exercise not in found else None
        if answer is not None and not isinstance(answer.value, GraphDigest):
            found[mark.exercise] = answer.value
    return found


@dataclass(frozen=True)
class TriedInputs:
    """The variants that a notebook runs with."""

    inputs: tuple[Input, ...]
    """Empty: it runs with none of those that were tried."""
    constant: tuple[str, ...]
    """Exercises whose answer is the same in every variant."""


async def try_inputs(
    session: Session, data: Sequence[Data], cells: Sequence[MarkedCell], right: Mapping[str, Value]
) -> TriedInputs:
    """Find variants with which a notebook runs and every answer changes, or most do.

    Args:
        session: the session that ran the notebook.
        data: what is to vary.
        cells: the notebook's code, with the answers marked.
        right: what the answers are on the data as it is.
    """
    best, fewest = TriedInputs((), tuple(right)), (len(right) + 1, 0)
    for number, makers in enumerate(families() if data else ()):
        inputs = propose(data, makers)
        given = [
            await _varied(session, f"family-{number}/{i}", inputs, i, cells)
            for i in range(len(makers))
        ]
        if any(not check_of(one.get(name)) for one in given for name in right):
            continue
        # Where a variant for practice gives what the data gives, nobody can practise with it.
        same = [
            [agrees(one[name], value, Tolerance()) for one in given]
            for name, value in right.items()
        ]
        constant = tuple(
            name for name, runs in zip(right, same, strict=True) if all(runs[:VARIANTS])
        )
        found = (len(constant), sum(map(sum, same)))
        if found < fewest:
            best, fewest = TriedInputs(inputs, constant), found
        if found == (0, 0):
            break
    return best


async def _varied(
    session: Session, label: str, inputs: Sequence[Input], variant: int, cells: Sequence[MarkedCell]
) -> dict[str, Value]:
    """What the answers are in a variant; none where a cell raises."""
    numbers = [
        {
            "name": one.data.name,
            "original": list(one.data.array.elements),
            "other": list(one.numbers[variant]),
        }
        for one in inputs
        if one.numbers
    ]
    order = [(cell, forgiving(source)) for cell, source in sources(cells)]
    await session.replay_all([Replay(label, order, numbers, marks_only=True)])
    run = session.run_of(label)
    fine = len(run.cells) == len(order) and all(cell.status == "ok" for cell in run.cells)
    return values_of(run, cells) if fine else {}


class ProposedMistakeTrials:
    """Tries mistakes out on a reference, in the kernel that ran it."""

    def __init__(self, solution: ReferenceFiles, session: Session, progress: Progress) -> None:
        """Take the reference, the session, and what is told of each mistake."""
        self._solution = solution
        self._session = session
        self._progress = progress
        self._cells = solution.reference.cells
        self._exercises = {e.id: e for e in solution.assignment.exercises if e.automatic}
        self._answering = answering(self._cells, self._exercises)

    async def reference(self) -> StoredReference:
        """What the reference gives.

        Raises:
            AssignmentError: it does not run, or an answer has no value.
        """
        return await ReferenceRunner(self._solution, self._session).reference()

    async def telling(
        self, slips: Sequence[ProposedMistake], pieces: Sequence[Piece], stored: StoredReference
    ) -> list[ProposedMistake]:
        """Those that change an answer, break nothing, and are told apart from the others, as they come."""
        runs = MarkedRuns(self._solution, stored.inputs, self._session)
        right = await runs.of("slip-none", self._cells, self._answering)
        kept: list[ProposedMistake] = []
        seen: list[Marked] = []
        for slip in slips:
            made = await self._made(slip, pieces, runs)
            self._progress.advance(slip.kind)
            if (
                made is None
                or not self._changed(made, right)
                or any(self._same(made, other) for other in seen)
            ):
                continue
            seen.append(made)
            kept.append(slip)
        return kept[:MAX_SLIPS]

    async def _made(
        self, slip: ProposedMistake, pieces: Sequence[Piece], runs: MarkedRuns
    ) -> Marked | None:
        """What the answers become; None where a cell does not come to an end as it should."""
        edits = [_line_edit(slip.kind, edit, pieces[edit.cell]) for edit in slip.edits]
        cells = edit_lines(self._cells, edits)
        wanted = affected(self._cells, {edit.cell for edit in edits}, self._answering)
        name = f"slip-{slip.kind}"
        made = await runs.of(name, cells, wanted, timeout_s=TRIAL_TIMEOUT_S)
        base = self._session.run_of(f"{name}/{BASE}")
        return made if made.ended and all(cell.status == "ok" for cell in base.cells) else None

    def _changed(self, made: Marked, right: Marked) -> list[str]:
        return [
            e
            for e, one in self._exercises.items()
            if made.of(e) and changes(one, made.of(e), right.of(e))
        ]

    def _same(self, made: Marked, other: Marked) -> bool:
        """Whether two mistakes give the same answers, so that nobody could tell which was made."""
        both = [e for e in self._exercises if made.of(e) or other.of(e)]
        return all(
            made.of(e) and other.of(e) and not changes(self._exercises[e], made.of(e), other.of(e))
            for e in both
        )

    async def recognised(self, names: Collection[str], stored: StoredReference) -> list[str]:
        """Those of the reference's mistakes that lose all that they should, and are told apart when graded."""
        made = await ReferenceRunner(self._solution, self._session).mistakes(names, stored)
        known = KnowledgeBuilder(self._exercises, stored, made, self._solution.mistakes).knowledge(
            {}, {}
        )
        bench = TrustedGrader(self._solution.assignment, known, stored.inputs, self._session)
        kept = []
        for name in names:
            findings = await mistake_findings(bench, self._solution, known, name)
            self._progress.advance(name)
            if all(finding.ok for finding in findings):
                kept.append(name)
        return kept


def _line_edit(kind: str, edit: Edit, piece: Piece) -> LineEdit:
    """A proposed edit as the reference's marks would make it."""
    old = piece.source.split("\n")[edit.line - 1]
    indent = old[: len(old) - len(old.lstrip())]
    return LineEdit(kind, edit.cell, piece.code_lines(edit.line) - 1, indent + edit.instead)
