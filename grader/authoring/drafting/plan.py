"""Plan an assignment from what its solved notebook gave: names, points and answers. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.assignment import READ_BY_A_PERSON
from grader.authoring.drafting.answers import (
    ProposedAnswer,
    check_for,
    choose_answer,
    find_needs,
)
from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.inputs import FoundData
from grader.authoring.drafting.mistakes import ProposedMistake
from grader.authoring.drafting.names import choose_name, split_points
from grader.authoring.drafting.solved import DraftCell, SolvedNotebook, Task
from grader.authoring.drafting.toml import DraftedExercise
from grader.authoring.drafting.variants import DraftedInput
from grader.grading.agreement import Tolerance, agrees
from grader.grading.checks.registry import CHECKS
from grader.notebook.folding import fold_words
from grader.trace import Array, Run, Value

MAX_TITLE = 200
"""Most characters of a title."""

MarkLines = dict[int, dict[int, list[str]]]
"""Marks to write: per cell, per line of it (from 1) below which they stand."""


@dataclass(frozen=True)
class ObservedRun:
    """The values that a run of a solved notebook gave."""

    run: Run
    candidates: Mapping[Task, Sequence[AnswerCandidate]]
    """Per automatic exercise: the values that may answer it, the most likely one first."""
    values: Mapping[AnswerCandidate, Value]
    """Values of the candidates; one that cannot be compared is not there."""
    marked: Mapping[str, Value]
    """Values that our own marks gave, by the id of their exercise."""


@dataclass(frozen=True)
class PlannedExercise:
    """An exercise that is planned, and where its answer stands."""

    exercise: DraftedExercise
    answer: ProposedAnswer
    value: Value | None
    """Value of the answer; None: a person grades it."""
    cell: int | None = None
    """Index of the reference's cell with the answer; None: it is answered in words."""
    line: str = ""
    """The line that computes it."""


@dataclass
class Plan:
    """All that is known of an assignment so far."""

    exercises: list[PlannedExercise] = field(default_factory=list)
    without_value: list[Task] = field(default_factory=list)
    """Exercises that give nothing to compare: they are not in the assignment."""
    data: FoundData = field(default_factory=lambda: FoundData(()))
    inputs: tuple[DraftedInput, ...] = ()
    constant: tuple[str, ...] = ()
    """Exercises with an answer that is the same with other data."""
    mistakes: list[ProposedMistake] = field(default_factory=list)

    @property
    def marks(self) -> dict[str, AnswerCandidate]:
        """The answers to mark, by the id of their exercise."""
        marks = {}
        for planned in self.exercises:
            candidate = planned.answer.candidate
            if candidate is not None:
                marks[planned.exercise.id] = candidate
        return marks

    @property
    def right_values(self) -> dict[str, Value]:
        """The values of the answers that are checked by value, by the id of their exercise."""
        values = {}
        for planned in self.exercises:
            check = CHECKS[planned.exercise.check]
            if check.is_measured and planned.value is not None:
                values[planned.exercise.id] = planned.value
        return values

    @property
    def automatic_tasks(self) -> list[Task]:
        """Tasks that the grader decides, as the notebook has them."""
        return [
            planned.answer.task
            for planned in self.exercises
            if planned.exercise.check not in READ_BY_A_PERSON
        ]

    @property
    def following_tasks(self) -> list[Task]:
        """Tasks with an answer that has to follow the data."""
        return [
            planned.answer.task
            for planned in self.exercises
            if CHECKS[planned.exercise.check].follows_data
        ]

    def mark_lines(self) -> MarkLines:
        """List the marks to write, per cell and line.

        Mistakes stand right below their line, and answers below these.
        """
        marks: MarkLines = defaultdict(lambda: defaultdict(list))
        for mistake in self.mistakes:
            for edit in mistake.edits:
                mark = f"# wrong({mistake.kind}): {edit.instead}"
                marks[edit.cell][edit.line].append(mark)
        for exercise, candidate in self.marks.items():
            mark = f"# grade: {exercise} = {candidate.expression}"
            marks[candidate.cell][candidate.line].append(mark)
        return marks


def make_plan(notebook: SolvedNotebook, observed: ObservedRun) -> Plan:
    """Choose an answer for each exercise, and name it.

    Args:
        notebook: the solved notebook.
        observed: the values that a run of it gave.
    """
    handout = "\n".join(cell.handout or "" for cell in notebook.cells)
    handout_words = fold_words(handout)
    plan = Plan()
    answers: dict[str, ProposedAnswer] = {}
    for task in notebook.tasks:
        answer = _propose_answer(task, observed)
        is_asked = not task.question or fold_words(task.question) in handout_words
        if answer is None or not is_asked:
            plan.without_value.append(task)
        else:
            answers[_exercise_name(answer, answers)] = answer

    needs = find_needs(notebook.cells, answers)
    titles = [answer.task.title for answer in answers.values()]
    for name, answer in answers.items():
        title = answer.task.title
        shares_title = title != "" and titles.count(title) > 1
        exercise = DraftedExercise(
            id=name,
            title=_exercise_title(name, answer, shares_title=shares_title),
            points=_exercise_points(answer.task),
            check=answer.check,
            look_in=("grad",) if _is_gradient(answer.candidate, observed) else (),
            needs=needs.get(name, ()),
            question=answer.task.question,
        )
        plan.exercises.append(_plan_exercise(exercise, answer, observed, notebook.cells))
    return plan


def _propose_answer(task: Task, observed: ObservedRun) -> ProposedAnswer | None:
    if task.question:
        return ProposedAnswer(task, None, "text")
    if task.marked:
        check = check_for(observed.marked.get(task.name))
        return ProposedAnswer(task, None, check) if check else None
    return choose_answer(task, observed.candidates.get(task, ()), observed.values)


def _exercise_name(answer: ProposedAnswer, taken: Mapping[str, ProposedAnswer]) -> str:
    task = answer.task
    if task.marked:
        return task.name
    heading, _ = split_points(task.title or task.question)
    variable = answer.candidate.expression if answer.candidate else ""
    return choose_name(task.name, heading, variable, taken)


def _exercise_title(
    name: str,
    answer: ProposedAnswer,
    *,
    shares_title: bool,
) -> str:
    """Title an exercise; with its answer, if others stand below the same heading."""
    heading, _ = split_points(answer.task.title)
    expression = answer.candidate.expression if answer.candidate else ""
    title = heading or answer.task.question or expression or name.replace("-", " ")
    if shares_title:
        title = f"{title}: {expression or name}"
    return title[:MAX_TITLE]


def _exercise_points(task: Task) -> float:
    if task.points is not None:
        return task.points
    _, points = split_points(task.title)
    return 1.0 if points is None else points


def _plan_exercise(
    exercise: DraftedExercise,
    answer: ProposedAnswer,
    observed: ObservedRun,
    cells: Sequence[DraftCell],
) -> PlannedExercise:
    candidate = answer.candidate
    if candidate is None:
        value = observed.marked.get(exercise.id)
        cell = answer.task.cells[0] if answer.task.cells else None
        return PlannedExercise(exercise, answer, value, cell)

    lines = cells[candidate.cell].source.split("\n")
    line = lines[candidate.line - 1].strip()
    value = observed.values[candidate]
    return PlannedExercise(exercise, answer, value, candidate.cell, line)


def _is_gradient(answer: AnswerCandidate | None, observed: ObservedRun) -> bool:
    """Tell whether an answer is what a backward left behind: one worked out by hand is none."""
    if answer is None or not answer.expression.endswith(".grad"):
        return False
    value = observed.values[answer]
    if not isinstance(value, Array):
        return False
    for event in observed.run.events:
        if event.kind == "grad":
            for gradient in event.values.values():
                if agrees(gradient, value, Tolerance()):
                    return True
    return False
