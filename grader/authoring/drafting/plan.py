"""Plan an assignment from the results of its solved notebook: names, points and checks. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import ValidationError

from grader.assignment import READ_BY_A_PERSON, Exercise
from grader.authoring.drafting.answers import TakenAnswer, find_needs
from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.inputs import FoundData
from grader.authoring.drafting.mistakes import ProposedMistake
from grader.authoring.drafting.names import choose_name, split_points
from grader.authoring.drafting.proposals.base import Proposal
from grader.authoring.drafting.solved import DraftCell, SolvedNotebook, Task
from grader.authoring.drafting.toml import DraftedExercise
from grader.authoring.drafting.variants import DraftedInput
from grader.grading.checks.registry import CHECKS
from grader.trace import Value

MAX_TITLE = 200
"""Most characters of a title."""

ANY_EXERCISE = {"id": "an-id", "title": "A title", "points": 1}
"""Fields that each exercise has, to check the others with."""

Refusal = Literal["lost", "earned", "refused"]
"""Why a proposal was given up.

The solved notebook loses points with it, the handout already earns them, or the grader refuses it.
"""

MarkLines = dict[int, dict[int, list[str]]]
"""Marks to write, by cell and by the line (from 1) below which they belong."""


@dataclass(frozen=True)
class PlannedExercise:
    """An exercise in a plan."""

    id: str
    title: str
    points: float
    task: Task
    proposals: tuple[Proposal, ...]
    """The ways to decide it, the one in force first; the last one is a person's."""
    needs: tuple[str, ...] = ()

    @property
    def proposal(self) -> Proposal:
        """The proposal that decides it."""
        return self.proposals[0]

    @property
    def exercise(self) -> DraftedExercise:
        """Its table in `assignment.toml`."""
        proposal = self.proposal
        return DraftedExercise(
            id=self.id,
            title=self.title,
            points=self.points,
            check=proposal.check,
            needs=self.needs,
            fields=proposal.fields,
        )

    @property
    def is_automatic(self) -> bool:
        """Whether the grader decides it."""
        return self.proposal.check not in READ_BY_A_PERSON

    @property
    def follows_data(self) -> bool:
        """Whether its answer has to follow the data."""
        check = CHECKS[self.proposal.check]
        return check.follows_data

    @property
    def _mark(self) -> AnswerCandidate | None:
        """The first marked answer; None if there is none."""
        marks = self.proposal.marks
        if not marks:
            return None
        return marks[0]

    @property
    def cell(self) -> int | None:
        """Index of the reference's cell with the answer; None for answers in words."""
        if self._mark is not None:
            return self._mark.cell
        if not self.task.cells:
            return None
        return self.task.cells[0]

    @property
    def others(self) -> tuple[str, ...]:
        """Other values in its cells."""
        if self.proposal.check != "value":
            return ()
        taken = {mark.expression for mark in self.proposal.marks}
        values = []
        for each in self.proposals:
            if each.check == "value":
                values.append(each.expression)
        distinct = dict.fromkeys(values)
        return tuple(value for value in distinct if value not in taken)

    def line(self, cells: Sequence[DraftCell]) -> str:
        """Return the line above its answer's mark; empty if it has no mark."""
        mark = self._mark
        if mark is None:
            return ""
        if not mark.line:
            return ""
        source = cells[mark.cell].source
        lines = source.split("\n")
        return lines[mark.line - 1].strip()


@dataclass
class Plan:
    """Everything that is known of an assignment so far."""

    exercises: list[PlannedExercise] = field(default_factory=list)
    data: FoundData = field(default_factory=lambda: FoundData(()))
    inputs: tuple[DraftedInput, ...] = ()
    files: tuple[str, ...] = ()
    """Data files that vary."""
    draws: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Expressions that draw the numbers of an input, by its name; those of others are fixed."""
    seeds: bool = False
    """Whether variants move the seeds that the handout sets."""
    constant: tuple[str, ...] = ()
    """Exercises with an answer that is the same with other data."""
    mistakes: list[ProposedMistake] = field(default_factory=list)

    @property
    def marks(self) -> dict[str, tuple[AnswerCandidate, ...]]:
        """The answers to mark, by exercise id."""
        answers = {}
        for planned in self.exercises:
            marks = planned.proposal.marks
            if marks:
                answers[planned.id] = marks
        return answers

    @property
    def right_values(self) -> dict[str, Value]:
        """The values of the answers that are checked by value, by exercise id."""
        values = {}
        for planned in self.exercises:
            if not planned.follows_data:
                continue
            value = planned.proposal.value
            if value is not None:
                values[planned.id] = value
        return values

    @property
    def automatic_tasks(self) -> list[Task]:
        """The tasks of automatic exercises."""
        return [planned.task for planned in self.exercises if planned.is_automatic]

    @property
    def following_tasks(self) -> list[Task]:
        """The tasks with answers that have to follow the data."""
        return [planned.task for planned in self.exercises if planned.follows_data]

    @property
    def probes(self) -> str:
        """The code of `probes.py`; empty if no exercise needs any."""
        parts = []
        for planned in self.exercises:
            parts.append(planned.proposal.probes)
        distinct = dict.fromkeys(filter(None, parts))
        return "\n\n".join(distinct)

    def without_variants(self) -> Plan:
        """Return the same plan without variants."""
        exercises = list(self.exercises)
        return replace(self, exercises=exercises, inputs=(), draws={}, files=(), seeds=False)

    def fall_back(self, refused: Mapping[str, Refusal]) -> bool:
        """Choose the next proposal for some exercises; return whether any has one.

        Args:
            refused: the exercises, with what was wrong with their proposal.
        """
        changed = False
        for index, planned in enumerate(self.exercises):
            if planned.id not in refused:
                continue
            remaining = tuple(each for each in planned.proposals[1:] if not each.is_other)
            if not remaining:
                continue
            if remaining[0].check in READ_BY_A_PERSON:
                manual = replace(remaining[0], why=refused[planned.id])
                remaining = (manual, *remaining[1:])
            self.exercises[index] = replace(planned, proposals=remaining)
            changed = True
        return changed

    def mark_lines(self) -> MarkLines:
        """List the marks to write, per cell and line.

        Mistakes are right below their line, and answers below these.
        """
        marks: MarkLines = defaultdict(lambda: defaultdict(list))
        for mistake in self.mistakes:
            for edit in mistake.edits:
                mark = f"# wrong({mistake.kind}): {edit.instead}"
                below = marks[edit.cell][edit.line]
                below.append(mark)
        for exercise, candidates in self.marks.items():
            for candidate in candidates:
                mark = f"{candidate.indent}# grade: {exercise} = {candidate.expression}"
                below = marks[candidate.cell][candidate.line]
                below.append(mark)
        return marks


def make_plan(notebook: SolvedNotebook, proposals: Sequence[Sequence[Proposal]]) -> Plan:
    """Name each exercise, and choose its best proposal.

    Args:
        notebook: the solved notebook.
        proposals: per exercise the ways to decide it, the best one first.
    """
    plan = Plan()
    titles = [task.title for task in notebook.tasks]
    taken: dict[str, TakenAnswer] = {}
    for task, of_task in zip(notebook.tasks, proposals, strict=True):
        usable = tuple(filter(_is_valid, of_task))
        expression = usable[0].expression
        name = _exercise_name(task, expression, taken)
        taken[name] = TakenAnswer(task, expression)
        shares_title = task.title != "" and titles.count(task.title) > 1
        title = _exercise_title(name, task, expression, shares_title=shares_title)
        points = _exercise_points(task)
        planned = PlannedExercise(name, title, points, task, usable)
        plan.exercises.append(planned)

    needs = find_needs(notebook.cells, taken)
    exercises = []
    for each in plan.exercises:
        needed = needs.get(each.id, ())
        exercises.append(replace(each, needs=needed))
    plan.exercises = exercises
    return plan


def _is_valid(proposal: Proposal) -> bool:
    """Return whether `assignment.toml` accepts the fields of a proposal."""
    if proposal.check in READ_BY_A_PERSON:
        return True
    table = {**ANY_EXERCISE, "check": proposal.check, **proposal.fields}
    try:
        Exercise.model_validate(table)
    except ValidationError:
        return False
    return True


def _exercise_name(task: Task, expression: str, taken: Mapping[str, TakenAnswer]) -> str:
    if task.marked:
        return task.name
    heading, _ = split_points(task.title or task.question)
    return choose_name(task.name, heading, expression, taken)


def _exercise_title(name: str, task: Task, expression: str, *, shares_title: bool) -> str:
    """Title an exercise; include its answer if others share its heading."""
    heading, _ = split_points(task.title)
    words = name.replace("-", " ")
    title = heading or task.question or expression or words
    if shares_title:
        title = f"{title}: {expression or name}"
    return title[:MAX_TITLE]


def _exercise_points(task: Task) -> float:
    if task.points is not None:
        return task.points
    _, points = split_points(task.title)
    if points is None:
        return 1.0
    return points
