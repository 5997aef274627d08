"""Runs a reference and its mistakes, and takes down their answers.

It is trusted, so the reference and its mistakes run one after another in one kernel, in a namespace each.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from grader.assignment import FILE_NAME, Exercise
from grader.errors import AssignmentError
from grader.grading.checks.graph import LOOK_IN as GRAPHS
from grader.grading.expectation import Answer, Expectation, Tolerance
from grader.grading.knowledge import Given
from grader.grading.search import candidates, is_computed
from grader.notebook.cells import fold
from grader.notebook.slicing import cells_behind
from grader.reference.answers import answer_of, answers_of, is_changed
from grader.reference.files import ReferenceFiles
from grader.reference.markers import Mark, MarkedCell, sources
from grader.reference.records import COMBINED, Answers, StoredMistake, StoredReference, Told
from grader.running.session import Numbers, Replay, Session
from grader.trace import (
    BASE,
    Array,
    CodeCell,
    Job,
    Question,
    Run,
    VariedInput,
    variant_count,
    variant_numbers,
)

HANDED_OUT = "handed-out"
"""Label of the run on the data as it was handed out, where another run is `base`."""

INPUTS = "inputs"
"""Label of the runs that make the data."""

Names = tuple[str, ...]
"""Ids of mistakes that stand in one notebook."""

SETUP_CELL = -2
"""Index of the cell that makes a variant's data."""


def trusted_job(solution: ReferenceFiles) -> Job:
    """The job whose kernel runs the reference, its mistakes and the handout."""
    cells = tuple(
        CodeCell(cell=cell, source=source) for cell, source in sources(solution.reference.cells)
    )
    assignment = solution.assignment
    return Job(
        cells=cells,
        files=assignment.files,
        limits=assignment.limits,
        questions=assignment.questions,
        trusted=True,
    )


class ReferenceRunner:
    """Runs a reference and its mistakes in one kernel."""

    def __init__(
        self, solution: ReferenceFiles, session: Session, *, practice: bool = False
    ) -> None:
        """Take what to run.

        Args:
            solution: the reference and its mistakes.
            session: of its trusted job.
            practice: put the practice variants in place of the data and its variants, the first one as `base`.
        """
        self._solution = solution
        self._practice = practice
        self._session = session
        self._assignment = solution.assignment
        self._notebook = solution.folder / f"{solution.assignment.name}.ipynb"

    async def reference(self) -> StoredReference:
        """Run the reference on the data as it is, make the variants, run it on each.

        Raises:
            AssignmentError: a cell of the reference raises, an answer has no value, an input is not there.
        """
        cells = sources(self._solution.reference.cells)
        first = HANDED_OUT if self._practice else BASE
        await self._session.replay(first, cells)
        handed_out = self._session.run_of(first)
        self._check_ran(handed_out)
        inputs = await self._inputs(handed_out)
        data = self._data(inputs)
        needed = self._cells_for(cells, [e for e in self._assignment.exercises if e.varied])
        for label, numbers in data.items():
            if label != first:
                await self._session.replay(
                    label, cells if label == BASE else needed, numbers=numbers
                )
        base = self._session.run_of(BASE)
        own = self.answers({label: self._session.run_of(label) for label in data})
        self._check_answered(own)
        answers = await self._with_accepted(own, data)
        return StoredReference(
            key=self._solution.version,
            inputs=inputs,
            answers=answers,
            right={
                e.id: self._computed(base, e, own=True)
                for e in self._assignment.exercises
                if e.automatic
            },
            seen={
                e.id: self._computed(base, e, own=False)
                for e in self._assignment.exercises
                if e.automatic
            },
            told=self._told(base),
        )

    def handed_out(self) -> Answers:
        """The reference's own answers on the data as it was handed out, once it has run with practice variants."""
        return self.answers({BASE: self._session.run_of(HANDED_OUT)})

    def _data(self, inputs: tuple[VariedInput, ...]) -> dict[str, Numbers]:
        """The numbers of each run, by its label; None: the data as it was handed out."""
        varied = [variant_numbers(inputs, index) for index in range(variant_count(inputs))]
        numbers = varied if self._practice and inputs else [None, *varied]
        return {f"variant-{index}" if index else BASE: one for index, one in enumerate(numbers)}

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
        for exercise in (exercise for exercise in self._assignment.exercises if exercise.automatic):
            own = answers.get(exercise.id, {})
            if exercise.asked is not None:
                self._check_called(exercise.asked, own)
            elif not own.get(BASE):
                raise AssignmentError(
                    f"the answer of exercise {exercise.id} has no value that can be compared.",
                    "Mark a number, a tensor, a list of numbers or a graph of make_dot.",
                    where=self._notebook,
                )

    def _check_called(self, asked: Question, answers: Mapping[str, tuple[Answer, ...]]) -> None:
        """Every call gives something, and not all of them the same."""
        for call, label in zip(asked.calls, asked.labels, strict=True):
            if not answers.get(label):
                raise AssignmentError(
                    f"{asked.function}({call}) of exercise {asked.exercise} gives nothing that can be compared.",
                    "Mark the function. It gives a number, a tensor, a list of numbers, a text or a truth value.",
                    where=self._notebook,
                )
        if Expectation(answers, Tolerance()).is_constant:
            raise AssignmentError(
                f"every call of exercise {asked.exercise} gives the same, so that a constant would earn its points.",
                "Choose calls that give different values.",
                where=self._assignment.folder / FILE_NAME,
            )

    async def _inputs(self, base: Run) -> tuple[VariedInput, ...]:
        tables = self._solution.variants.inputs
        if not tables:
            return ()
        given = {t.name: t.value for t in tables if t.value}
        await self._session.replay(INPUTS, [(SETUP_CELL, _setup(given))])
        of_setup = self._session.trace().run(INPUTS)
        originals = {
            t.name: self._checked(
                t.name,
                _array(of_setup if t.value else base, t.name if t.value else t.source or t.name),
            )
            for t in tables
        }
        variants: dict[str, list[Array]] = {t.name: [] for t in tables}
        numbers = {t.name: t.practice if self._practice else t.variants for t in tables}
        for index in range(min(map(len, numbers.values()))):
            label = f"{INPUTS}-{index + 1}"
            await self._session.replay(
                label, [(SETUP_CELL, _setup({n: these[index] for n, these in numbers.items()}))]
            )
            run = self._session.trace().run(label)
            for table in tables:
                array = self._checked(
                    table.name, _array(run, table.name), index, originals[table.name].size
                )
                variants[table.name].append(array)
        return tuple(
            VariedInput(name=n, original=originals[n], variants=tuple(variants[n]))
            for n in variants
        )

    def _checked(
        self, name: str, array: Array | None, variant: int | None = None, size: int | None = None
    ) -> Array:
        kind = "practice variant" if self._practice else "variant"
        which = f"{kind} {variant + 1} of input {name}" if variant is not None else f"input {name}"
        if array is None:
            problem = f"{which} has no value: no statement gives {name} numbers."
        elif not 3 <= array.size <= 64:
            problem = f"{which} has {array.size} numbers; 3 to 64 can be told apart from others."
        elif size is not None and array.size != size:
            problem = f"{which} has {array.size} numbers, the data has {size}."
        else:
            return array
        raise AssignmentError(problem, "Correct it.", where=self._solution.folder / "variants.toml")

    def _cells_for(
        self, cells: Sequence[tuple[int, str]], exercises: Iterable[Exercise]
    ) -> list[tuple[int, str]]:
        ids = {exercise.id for exercise in exercises}
        marked = [
            c.cell
            for c in self._solution.reference.cells
            if any(mark.exercise in ids for mark in c.marks)
        ]
        needed = set(cells_behind(cells, marked))
        return [(cell, source) for cell, source in cells if cell in needed]

    async def mistakes(
        self, names: Iterable[str], stored: StoredReference
    ) -> dict[str, StoredMistake]:
        """Run the reference with each of some mistakes in it.

        With practice variants, one that changes no answer is left out: their numbers may hide it by chance.

        Raises:
            AssignmentError: one changes no answer.
        """
        made = await self._made([(name,) for name in names], stored, variants=True)
        for (name,), mistake in made.items():
            if not mistake.answers and not self._practice:
                raise AssignmentError(
                    f"mistake {name} changes no answer.",
                    "Remove it, or correct its edit.",
                    where=self._notebook,
                )
        return {name: mistake for (name,), mistake in made.items() if mistake.answers}

    async def combinations(
        self, combinations: Sequence[str], stored: StoredReference, *, variants: bool
    ) -> dict[str, StoredMistake]:
        """Run the reference with several mistakes in it at a time.

        Args:
            combinations: the ids of each, joined.
            stored: what the reference gives.
            variants: run it with other numbers too, and not only on the data as it is.
        """
        wanted = [tuple(names.split(COMBINED)) for names in combinations]
        made = await self._made(wanted, stored, variants=variants)
        return {COMBINED.join(names): mistake for names, mistake in made.items()}

    async def _made(
        self, wanted: Sequence[Names], stored: StoredReference, *, variants: bool
    ) -> dict[Names, StoredMistake]:
        """What the reference gives with some of its mistakes in it: the answers that they change."""
        plans = {names: self._plan(names, stored, variants=variants) for names in wanted}
        await self._session.replay_all(
            [replay for _, replays in plans.values() for replay in replays]
        )
        runs = {run.label: run for run in self._session.trace().runs}
        made = {}
        for names, (touched, replays) in plans.items():
            prefix = f"{COMBINED.join(names)}/"
            own = {
                r.label.removeprefix(prefix): runs.get(r.label, Run(label=r.label)) for r in replays
            }
            answers = self.answers(own)
            changed = {
                e.id: answers[e.id]
                for e in touched
                if is_changed(answers.get(e.id, {}), stored.answers[e.id], e)
            }
            made[names] = StoredMistake(answers=changed, told=self._told(own[BASE]))
        return made

    async def given(self, asked: Sequence[Given], inputs: tuple[VariedInput, ...]) -> list[Answers]:
        """What the reference gives from other values than its own.

        Args:
            asked: the exercises, and what each is given in every run.
            inputs: data and variants.
        """
        data = self._data(inputs)
        replays = [self._from(number, one, data) for number, one in enumerate(asked)]
        await self._session.replay_all(list(itertools.chain(*replays)))
        return [
            self.answers(
                {
                    replay.label.partition("/")[2]: self._session.run_of(replay.label)
                    for replay in of_one
                }
            )
            for of_one in replays
        ]

    def _from(self, number: int, asked: Given, data: Mapping[str, Numbers]) -> list[Replay]:
        exercises = [e for e in self._assignment.exercises if e.id == asked.exercise]
        cells = self._cells_for(
            sources(self._solution.reference.cells, exercises[0].given), exercises
        )
        return [
            Replay(f"given-{number}/{label}", cells, data[label], marks_only=True, given=elements)
            for label, elements in asked.values
            if label in data
        ]

    def _plan(
        self, names: Names, stored: StoredReference, *, variants: bool
    ) -> tuple[list[Exercise], list[Replay]]:
        """The exercises that some mistakes touch together, and what has to run to know how."""
        data = self._data(stored.inputs)
        wanted = data if variants else {BASE: data[BASE]}
        return self._edited(COMBINED.join(names), self._solution.mistaken(*names), wanted)

    def _edited(
        self, name: str, cells: Sequence[MarkedCell], data: Mapping[str, Numbers]
    ) -> tuple[list[Exercise], list[Replay]]:
        """The exercises whose answers depend on what was edited, and the replays that give them."""
        before, after = sources(self._solution.reference.cells), sources(cells)
        edited = {cell for (cell, old), (_, new) in zip(before, after, strict=True) if old != new}
        touched = [
            e
            for e in self._assignment.exercises
            if e.automatic and edited & {cell for cell, _ in self._cells_for(before, [e])}
        ]
        varied = [exercise for exercise in touched if exercise.varied]
        behind = {True: self._cells_for(after, touched), False: self._cells_for(after, varied)}
        replays = [
            Replay(f"{name}/{label}", behind[label == BASE], numbers, marks_only=True)
            for label, numbers in data.items()
            if label == BASE or varied
        ]
        return touched, replays

    async def _with_accepted(self, answers: Answers, data: Mapping[str, Numbers]) -> Answers:
        """The answers, with what accepted ways give behind them.

        Raises:
            AssignmentError: one gives no other answer than the reference does.
        """
        found = {e: dict(runs) for e, runs in answers.items()}
        for name, accepted in self._solution.accepted.items():
            touched, replays = self._edited(
                f"accepted-{name}", self._solution.accepted_way(name), data
            )
            await self._session.replay_all(replays)
            runs = {
                replay.label.partition("/")[2]: self._session.run_of(replay.label)
                for replay in replays
            }
            given = self.answers(runs)
            changed = [e for e in touched if is_changed(given.get(e.id, {}), answers[e.id], e)]
            if not changed:
                raise AssignmentError(
                    f"accepted {name} gives no other answer.",
                    "Remove it, or correct its edits.",
                    where=self._notebook,
                )
            for exercise in changed:
                credit = accepted.credit.get(exercise.id, 1.0)
                for label, alternatives in given[exercise.id].items():
                    more = (
                        a.model_copy(update={"credit": a.credit * credit, "way": name})
                        for a in alternatives
                    )
                    found[exercise.id][label] = (*found[exercise.id].get(label, ()), *more)
        return found

    def _marks(self) -> list[Mark]:
        asked = {exercise.id for exercise in self._assignment.exercises}
        return [
            mark
            for cell in self._solution.reference.cells
            for mark in cell.marks
            if mark.exercise in asked
        ]

    def _told(self, base: Run) -> Told:
        told: Told = {}
        for mark in self._marks():
            answer = answer_of(base, mark, 0) if mark.label else None
            if answer is not None:
                told.setdefault(mark.exercise, {})[mark.label] = answer
        return told

    def answers(self, runs: Mapping[str, Run]) -> Answers:
        """The marked values of runs, by their labels."""
        marks = [mark for mark in self._marks() if not mark.label]
        found: dict[str, dict[str, dict[Answer, None]]] = {}
        for label, run in runs.items():
            for exercise in (
                exercise for exercise in self._assignment.exercises if exercise.automatic
            ):
                alternatives = [mark for mark in marks if mark.exercise == exercise.id]
                for number, mark in enumerate(alternatives):
                    for run_label, answer in answers_of(run, label, mark, number, exercise).items():
                        found.setdefault(exercise.id, {}).setdefault(run_label, {})[answer] = None
        return {
            e: {label: tuple(distinct) for label, distinct in by_run.items()}
            for e, by_run in found.items()
        }

    def _computed(self, base: Run, exercise: Exercise, *, own: bool) -> tuple[Answer, ...]:
        """The values of a right solution: those its own cells compute, or all."""
        handout = self._assignment.handout_sources()
        code = {cell.cell: cell.code for cell in self._solution.reference.cells}
        others = {cell for cell, source in code.items() if own and fold(source) in handout}
        look_in = GRAPHS if exercise.check == "graph" else exercise.look_in
        kept = (
            c for c in candidates(base, look_in, others) if c.half_unit is None and is_computed(c)
        )
        return tuple(Answer(value=candidate.value) for candidate in kept)


def combinable(solution: ReferenceFiles, mistakes: Mapping[str, StoredMistake]) -> list[str]:
    """The ids, joined, of mistakes that can be made together and change a value.

    Args:
        solution: the mistakes, and which lines they change.
        mistakes: what each gives.
    """
    values = {exercise.id for exercise in solution.assignment.exercises if exercise.varied}
    able = [name for name, mistake in mistakes.items() if not values.isdisjoint(mistake.answers)]
    return [COMBINED.join(names) for names in solution.combinations(able)]


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
