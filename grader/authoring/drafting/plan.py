"""Plans an assignment from what its solved notebook gave: exercises with names, points and answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.authoring.drafting.candidates import Candidate, Proposal, check_of, chosen, needed
from grader.authoring.drafting.inputs import FoundData
from grader.authoring.drafting.mistakes import ProposedMistake
from grader.authoring.drafting.names import name_of, points_in
from grader.authoring.drafting.solved import Piece, Reading, Task
from grader.authoring.drafting.toml import DraftedExercise
from grader.authoring.drafting.variants import Input
from grader.grading.expectation import Tolerance, agrees
from grader.notebook.cells import words
from grader.trace import Array, Run, Value


@dataclass(frozen=True)
class Observed:
    """What a run of a solved notebook gave."""

    run: Run
    found: Mapping[Task, Sequence[Candidate]]
    """Per exercise that is decided automatically: the values that may answer it, the most likely one first."""
    values: Mapping[Candidate, Value]
    """What these were; one that was nothing to be compared is not there."""
    marked: Mapping[str, Value]
    """What marks of ours gave, by their exercise's id."""


@dataclass(frozen=True)
class Taken:
    """An exercise that is planned, and where its answer stands."""

    exercise: DraftedExercise
    proposal: Proposal
    value: Value | None
    """What its answer is; None: a person reads it."""
    cell: int | None = None
    """Index of the reference's cell with the answer; None: it is answered in words."""
    line: str = ""
    """The line that computes it."""


@dataclass
class Plan:
    """What is known of an assignment, as far as it has come."""

    taken: list[Taken] = field(default_factory=list)
    without_value: list[Task] = field(default_factory=list)
    """Exercises of which nothing can be compared: they are not in the assignment."""
    data: FoundData = field(default_factory=lambda: FoundData(()))
    inputs: tuple[Input, ...] = ()
    constant: tuple[str, ...] = ()
    """Exercises whose answer is the same with other data."""
    slips: list[ProposedMistake] = field(default_factory=list)

    @property
    def marks(self) -> dict[str, Candidate]:
        """The answers that are to be marked, by their exercise's id."""
        return {
            one.exercise.id: one.proposal.candidate
            for one in self.taken
            if one.proposal.candidate is not None
        }

    @property
    def right(self) -> dict[str, Value]:
        """What the answers are that are decided by their value, by their exercise's id."""
        return {
            one.exercise.id: one.value
            for one in self.taken
            if one.exercise.check == "value" and one.value
        }

    def tasks(self, *checks: str) -> list[Task]:
        """The exercises with some kinds of checks, as the notebook has them."""
        return [one.proposal.task for one in self.taken if one.exercise.check in checks]

    def added(self) -> dict[int, dict[int, list[str]]]:
        """The marks to write, per cell and line: mistakes right below their line, answers below these."""
        added: dict[int, dict[int, list[str]]] = {}
        for slip in self.slips:
            for edit in slip.edits:
                wrong = f"# wrong({slip.kind}): {edit.instead}"
                added.setdefault(edit.cell, {}).setdefault(edit.line, []).append(wrong)
        for name, one in self.marks.items():
            mark = f"# grade: {name} = {one.expression}"
            added.setdefault(one.cell, {}).setdefault(one.line, []).append(mark)
        return added


def plan(reading: Reading, observed: Observed) -> Plan:
    """Choose an answer for each exercise, and name it.

    Args:
        reading: the solved notebook.
        observed: what it gave.
    """
    made = Plan()
    said = words("\n".join(piece.handout or "" for piece in reading.pieces))
    proposals: dict[str, Proposal] = {}
    for task in reading.tasks:
        proposal = _proposal(task, observed)
        if proposal is None or (task.question and words(task.question) not in said):
            made.without_value.append(task)
            continue
        expression = proposal.candidate.expression if proposal.candidate else ""
        name = (
            task.name
            if task.marked
            else name_of(
                task.name, points_in(task.title or task.question)[0], expression, proposals
            )
        )
        proposals[name] = proposal
    needs = needed(reading.pieces, proposals)
    titles = [proposal.task.title for proposal in proposals.values()]
    for name, proposal in proposals.items():
        alone = not proposal.task.title or titles.count(proposal.task.title) == 1
        exercise = _exercise(name, proposal, observed, alone=alone)
        exercise = DraftedExercise(**{**vars(exercise), "needs": needs.get(name, ())})
        made.taken.append(_taken(exercise, proposal, observed, reading.pieces))
    return made


def _proposal(task: Task, observed: Observed) -> Proposal | None:
    if task.question:
        return Proposal(task, None, "text")
    if task.marked:
        check = check_of(observed.marked.get(task.name))
        return Proposal(task, None, check) if check else None
    return chosen(task, observed.found.get(task, ()), observed.values)


def _exercise(name: str, proposal: Proposal, observed: Observed, *, alone: bool) -> DraftedExercise:
    task, answer = proposal.task, proposal.candidate
    heading, points = points_in(task.title)
    points = points if task.points is None else task.points
    title = heading or task.question or (answer.expression if answer else name.replace("-", " "))
    if not alone:
        title = f"{title}: {answer.expression if answer else name}"
    return DraftedExercise(
        id=name,
        title=title[:200],
        points=1.0 if points is None else points,
        check=proposal.check,
        look_in=("grad",) if answer is not None and _is_gradient(answer, observed) else (),
        question=task.question,
    )


def _taken(
    exercise: DraftedExercise, proposal: Proposal, observed: Observed, pieces: Sequence[Piece]
) -> Taken:
    answer, cells = proposal.candidate, proposal.task.cells
    if answer is None:
        return Taken(
            exercise, proposal, observed.marked.get(exercise.id), cells[0] if cells else None
        )
    line = pieces[answer.cell].source.split("\n")[answer.line - 1].strip()
    return Taken(exercise, proposal, observed.values[answer], answer.cell, line)


def _is_gradient(answer: Candidate, observed: Observed) -> bool:
    """Whether an answer is what a backward left behind: then a number worked out by hand is none."""
    value = observed.values[answer]
    if not answer.expression.endswith(".grad") or not isinstance(value, Array):
        return False
    left = (
        found
        for event in observed.run.events
        if event.kind == "grad"
        for found in event.values.values()
    )
    return any(agrees(found, value, Tolerance()) for found in left)
