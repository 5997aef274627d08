"""Runs a reference and its mistakes, and takes down their answers.

It is trusted, so the reference and its mistakes run one after another in one kernel, in a namespace each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from grader.assignment import Exercise, fold
from grader.checks.finding import candidates
from grader.checks.graph import LOOK_IN as GRAPHS
from grader.checks.mistakes import is_computed
from grader.checks.slicing import cells_behind
from grader.errors import AssignmentError
from grader.expectation import Answer, Tolerance, agrees, as_number
from grader.markers import Mark, sources
from grader.running.notebook import variant_count, variant_numbers
from grader.running.session import Session
from grader.solution import Solution
from grader.trace import BASE, MAX_ELEMENTS, Array, CodeCell, Job, Run, Trace, VariedInput

Answers = dict[str, dict[str, tuple[Answer, ...]]]
"""Per exercise, per run: its alternatives."""

Told = dict[str, dict[str, Answer]]
"""Per exercise, values that an instructor is told of by their label: `# tell: …`."""

SETUP_CELL = -2
"""Index of the cell that makes a variant's data."""


class StoredReference(BaseModel):
    """What the reference gives: `grades/private/`, never anywhere else."""

    key: str
    inputs: tuple[VariedInput, ...]
    answers: Answers
    right: dict[str, tuple[Answer, ...]]
    """Per exercise, values that the reference's own cells come by."""
    seen: dict[str, tuple[Answer, ...]]
    """The same, with the handout's cells among them."""
    told: Told


class StoredMistake(BaseModel):
    """What a mistake gives."""

    answers: Answers
    """For the exercises whose answer it changes."""
    told: Told


class StoredMistakes(BaseModel):
    """What the mistakes give, by their ids."""

    key: str
    mistakes: dict[str, StoredMistake]


def trusted_job(solution: Solution) -> Job:
    """The job whose kernel runs the reference, its mistakes and the handout."""
    cells = tuple(CodeCell(cell=cell, source=source) for cell, source in sources(solution.reference.cells))
    assignment = solution.assignment
    return Job(cells=cells, files=assignment.files, limits=assignment.limits, trusted=True)


class Maker:
    """Runs a reference and its mistakes in one kernel."""

    def __init__(self, solution: Solution, session: Session) -> None:
        """Take the solution and a session of its trusted job."""
        self._solution = solution
        self._session = session
        self._assignment = solution.assignment
        self._notebook = solution.folder / f"{solution.assignment.name}.ipynb"

    async def reference(self) -> StoredReference:
        """Run the reference on the data as it is, make the variants, run it on each.

        Raises:
            AssignmentError: a cell of the reference raises, an answer has no value, an input is not there.
        """
        cells = sources(self._solution.reference.cells)
        await self._session.replay(BASE, cells)
        base = self._session.trace().base
        self._check_ran(base)
        inputs = await self._inputs(base)
        needed = self._cells_for(cells, [e for e in self._assignment.exercises if e.check == "value"])
        for index in range(variant_count(inputs)):
            await self._session.replay(f"variant-{index + 1}", needed, numbers=variant_numbers(inputs, index))
        trace = self._session.trace()
        answers = self.answers(trace, "")
        self._check_answered(answers)
        return StoredReference(
            key=self._solution.version,
            inputs=inputs,
            answers=answers,
            right={e.id: self._computed(trace, e, own=True) for e in self._assignment.exercises if e.automatic},
            seen={e.id: self._computed(trace, e, own=False) for e in self._assignment.exercises if e.automatic},
            told=self._told(base),
        )

    def _check_ran(self, base: Run) -> None:
        for cell in base.cells:
            if cell.status != "ok":
                message = " ".join(cell.message.split())
                raise AssignmentError(
                    f"cell {cell.cell + 1} of the reference fails: {cell.error}: {message}.",
                    "The reference must run from top to bottom.",
                    where=self._notebook,
                )
        expected = [cell.cell for cell in self._solution.reference.cells]
        if len(base.cells) < len(expected):
            raise AssignmentError(
                f"the kernel ended in cell {expected[len(base.cells)] + 1} of the reference.",
                "The reference must run from top to bottom.",
                where=self._notebook,
            )

    def _check_answered(self, answers: Answers) -> None:
        for exercise in self._assignment.exercises:
            if exercise.automatic and not answers.get(exercise.id, {}).get(BASE):
                raise AssignmentError(
                    f"the answer of exercise {exercise.id} has no value that can be compared.",
                    "Mark a number, a tensor, a list of numbers or a graph of make_dot.",
                    where=self._notebook,
                )

    async def _inputs(self, base: Run) -> tuple[VariedInput, ...]:
        tables = self._solution.variants.inputs
        if not tables:
            return ()
        given = {t.name: t.value for t in tables if t.value}
        await self._session.replay("inputs", [(SETUP_CELL, _setup(given))])
        of_setup = self._session.trace().run("inputs")
        originals = {
            t.name: self._checked(
                t.name, _array(of_setup if t.value else base, t.name if t.value else t.source or t.name)
            )
            for t in tables
        }
        variants: dict[str, list[Array]] = {t.name: [] for t in tables}
        for index in range(min(len(t.variants) for t in tables)):
            label = f"inputs-{index + 1}"
            await self._session.replay(label, [(SETUP_CELL, _setup({t.name: t.variants[index] for t in tables}))])
            run = self._session.trace().run(label)
            for table in tables:
                array = self._checked(table.name, _array(run, table.name), index, originals[table.name].size)
                variants[table.name].append(array)
        return tuple(VariedInput(name=n, original=originals[n], variants=tuple(variants[n])) for n in variants)

    def _checked(self, name: str, array: Array | None, variant: int | None = None, size: int | None = None) -> Array:
        which = f"variant {variant + 1} of input {name}" if variant is not None else f"input {name}"
        if array is None:
            problem = f"{which} has no value: no statement gives {name} numbers."
        elif not 3 <= array.size <= 64:
            problem = f"{which} has {array.size} numbers; 3 to 64 can be told apart from others."
        elif size is not None and array.size != size:
            problem = f"{which} has {array.size} numbers, the data has {size}."
        else:
            return array
        raise AssignmentError(problem, "Correct it.", where=self._solution.folder / "variants.toml")

    def _cells_for(self, cells: Sequence[tuple[int, str]], exercises: Iterable[Exercise]) -> list[tuple[int, str]]:
        ids = {exercise.id for exercise in exercises}
        marked = [c.cell for c in self._solution.reference.cells if any(mark.exercise in ids for mark in c.marks)]
        needed = set(cells_behind(cells, marked))
        return [(cell, source) for cell, source in cells if cell in needed]

    async def mistake(self, name: str, stored: StoredReference) -> StoredMistake:
        """Run the reference with a mistake in it.

        Raises:
            AssignmentError: it changes no answer.
        """
        before, after = sources(self._solution.reference.cells), sources(self._solution.mistaken(name))
        edited = {cell for (cell, old), (_, new) in zip(before, after, strict=True) if old != new}
        touched = [
            e
            for e in self._assignment.exercises
            if e.automatic and edited & {cell for cell, _ in self._cells_for(before, [e])}
        ]
        prefix = f"{name}/"
        await self._session.replay(prefix + BASE, self._cells_for(after, touched))
        values = [exercise for exercise in touched if exercise.check == "value"]
        if values:
            for index in range(variant_count(stored.inputs)):
                numbers = variant_numbers(stored.inputs, index)
                await self._session.replay(
                    f"{prefix}variant-{index + 1}", self._cells_for(after, values), numbers=numbers
                )
        answers = self.answers(self._session.trace(), prefix)
        changed = {e.id: answers[e.id] for e in touched if _changes(answers.get(e.id, {}), stored.answers[e.id], e)}
        if not changed:
            raise AssignmentError(
                f"mistake {name} changes no answer.", "Remove it, or correct its edit.", where=self._notebook
            )
        return StoredMistake(answers=changed, told=self._told(self._session.run_of(prefix + BASE)))

    def _marks(self) -> list[Mark]:
        return [mark for cell in self._solution.reference.cells for mark in cell.marks]

    def _told(self, base: Run) -> Told:
        told: Told = {}
        for mark in self._marks():
            answer = _answer(base, mark, 0) if mark.label else None
            if answer is not None:
                told.setdefault(mark.exercise, {})[mark.label] = answer
        return told

    def answers(self, trace: Trace, prefix: str) -> Answers:
        """The marked values of the runs whose label begins with a prefix."""
        marks = [mark for mark in self._marks() if not mark.label]
        found: Answers = {}
        for run in trace.runs:
            label = run.label.removeprefix(prefix)
            if not run.label.startswith(prefix) or "/" in label or label.startswith("inputs"):
                continue
            for exercise in dict.fromkeys(mark.exercise for mark in marks):
                alternatives = [mark for mark in marks if mark.exercise == exercise]
                given = [_answer(run, mark, number) for number, mark in enumerate(alternatives)]
                distinct = tuple(dict.fromkeys(answer for answer in given if answer is not None))
                if distinct:
                    found.setdefault(exercise, {})[label] = distinct
        return found

    def _computed(self, trace: Trace, exercise: Exercise, *, own: bool) -> tuple[Answer, ...]:
        """The values of a right solution: those its own cells compute, or all."""
        handout = self._assignment.handout_sources()
        code = {cell.cell: cell.code for cell in self._solution.reference.cells}
        others = {cell for cell, source in code.items() if own and fold(source) in handout}
        look_in = GRAPHS if exercise.check == "graph" else exercise.look_in
        kept = (c for c in candidates(trace.base, look_in, others) if c.half_unit is None and is_computed(c))
        return tuple(Answer(value=candidate.value) for candidate in kept)


def _answer(run: Run, mark: Mark, number: int) -> Answer | None:
    """What a mark recorded in a run: its last pass, or, of `# grade each:`, the numbers of all passes as one list."""
    values = [
        event.values[mark.key]
        for event in run.events
        if event.kind == "mark" and event.alternative == number and mark.key in event.values
    ]
    if not values:
        return None
    if not mark.each:
        return Answer(value=values[-1], credit=mark.credit)
    numbers = [one for value in values if (one := as_number(value)) is not None]
    if len(numbers) != len(values) or len(numbers) > MAX_ELEMENTS:
        raise AssignmentError(
            f"'# grade each: {mark.exercise}' needs a number on each of at most {MAX_ELEMENTS} passes.",
            "Mark the list of them after the loop.",
        )
    passes = Array(origin="list", shape=(len(numbers),), dtype="list", elements=tuple(numbers))
    return Answer(value=passes, credit=mark.credit)


def _setup(values: Mapping[str, Any]) -> str:
    lines = ["import math", "import numpy as np", "import torch"]
    return "\n".join(lines + [f"{name} = {value}" for name, value in values.items()])


def _array(run: Run | None, name: str) -> Array | None:
    """The first value of a name at top level: later cells may use it for something else."""
    for event in run.events if run else ():
        value = event.values.get(name)
        if event.kind == "value" and not event.scope and isinstance(value, Array):
            return value
    return None


def _changes(
    answers: Mapping[str, tuple[Answer, ...]], reference: Mapping[str, tuple[Answer, ...]], exercise: Exercise
) -> bool:
    """Whether some alternative that earns everything differs, on some run.

    However loose the exercise's check is: that it lets a mistake pass is for `validate` to find.
    """
    usual = Tolerance()
    strict = Tolerance(rtol=min(exercise.rtol, usual.rtol), atol=min(exercise.atol, usual.atol))
    for label, alternatives in answers.items():
        full = [answer for answer in reference.get(label, ()) if answer.credit >= 1]
        for answer in alternatives:
            if answer.credit >= 1 and not any(agrees(answer.value, o.value, strict) for o in full):
                return True
    return False
