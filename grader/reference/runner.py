"""Run a reference and its mistakes, and take down their answers.

They are the instructor's own and trusted, so they run one after another in one kernel, in a
namespace each.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.errors import AssignmentError
from grader.grading.checks.registry import check_of
from grader.grading.knowledge import Given
from grader.notebook.slicing import cells_behind
from grader.reference.answers import AnswerReader, is_changed
from grader.reference.files import ReferenceFiles
from grader.reference.markers import MarkedCell, sources
from grader.reference.records import COMBINED, Answers, StoredMistake, StoredReference
from grader.reference.requirements import check_answered, check_ran
from grader.reference.variant_inputs import VariantInputs
from grader.running.session import Cells, Numbers, Replay, Session
from grader.trace import BASE, CodeCell, Job, Run, VariedInput, variant_count, variant_numbers

HANDED_OUT = "handed-out"
"""Label of the run on the data as it was handed out, where another run is `base`."""

Names = tuple[str, ...]
"""Ids of mistakes that stand in one notebook."""

Data = Mapping[str, Numbers]
"""The numbers of each run by its label; None: the data as it was handed out."""


def trusted_job(solution: ReferenceFiles) -> Job:
    """Make the job whose kernel runs the reference, its mistakes and the handout."""
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


@dataclass(frozen=True)
class _EditPlan:
    """What has to run to know what an edit of the reference changes."""

    touched: list[Exercise]
    """Exercises whose answers depend on the edited cells."""
    replays: list[Replay]


class ReferenceRunner:
    """Runs a reference and its mistakes in one kernel."""

    def __init__(
        self, solution: ReferenceFiles, session: Session, *, practice: bool = False
    ) -> None:
        """Take what to run.

        Args:
            solution: the reference and its mistakes.
            session: of its trusted job.
            practice: put the practice variants in place of the data and its variants, the first one
                as `base`.
        """
        self._solution = solution
        self._session = session
        self._practice = practice
        self._reader = AnswerReader(solution)
        self._exercises = solution.assignment.exercises
        self._cells: Cells = sources(solution.reference.cells)

    async def reference(self) -> StoredReference:
        """Run the reference on the data as it is, make the variants, run it on each.

        Raises:
            AssignmentError: a cell of the reference raises, an answer has no value, an input has
                no numbers.
        """
        first = HANDED_OUT if self._practice else BASE
        await self._session.replay(first, self._cells)
        handed_out = self._session.run_of(first)
        check_ran(self._solution, handed_out)

        variants = VariantInputs(self._solution, self._session, practice=self._practice)
        inputs = await variants.make(handed_out)
        data = self._data(inputs)
        await self._replay_data(data, already=first)

        own_answers = self._reader.answers({label: self._session.run_of(label) for label in data})
        check_answered(self._solution, own_answers)
        answers = await self._with_accepted_ways(own_answers, data)
        base = self._session.run_of(BASE)
        return StoredReference(
            key=self._solution.version,
            inputs=inputs,
            answers=answers,
            right=self._reader.right_values(base, handout=False),
            seen=self._reader.right_values(base, handout=True),
            told=self._reader.told(base),
        )

    def handed_out(self) -> Answers:
        """Return the answers on the handed-out data, once the practice variants have run."""
        return self._reader.answers({BASE: self._session.run_of(HANDED_OUT)})

    async def mistakes(
        self, names: Iterable[str], reference: StoredReference
    ) -> dict[str, StoredMistake]:
        """Run the reference with each of some mistakes in it.

        With practice variants, one that changes no answer is left out: their numbers may hide it by
        chance.

        Raises:
            AssignmentError: one changes no answer.
        """
        singles: list[Names] = [(name,) for name in names]
        results = await self._run_mistakes(singles, reference, variants=True)
        mistakes: dict[str, StoredMistake] = {}
        for (name,), mistake in results.items():
            if mistake.answers:
                mistakes[name] = mistake
            elif not self._practice:
                raise AssignmentError(
                    f"mistake {name} changes no answer.",
                    "Remove it, or correct its edit.",
                    where=self._solution.notebook,
                )
        return mistakes

    async def combinations(
        self, combinations: Sequence[str], reference: StoredReference, *, variants: bool
    ) -> dict[str, StoredMistake]:
        """Run the reference with several mistakes in it at a time.

        Args:
            combinations: the ids of each, joined.
            reference: what the reference gives.
            variants: run it on the variants, too, and not on the handed-out data alone.
        """
        names = [tuple(joined.split(COMBINED)) for joined in combinations]
        results = await self._run_mistakes(names, reference, variants=variants)
        return {COMBINED.join(each): mistake for each, mistake in results.items()}

    async def given(self, given: Sequence[Given], inputs: tuple[VariedInput, ...]) -> list[Answers]:
        """Run exercises from other values than the reference's own.

        Args:
            given: the exercises, and what each is given in every run.
            inputs: data and variants.

        Returns:
            The answers, in the order of `given`.
        """
        data = self._data(inputs)
        replays = [self._given_replays(index, each, data) for index, each in enumerate(given)]
        await self._session.replay_all(list(itertools.chain(*replays)))
        return [self._reader.answers(self._runs_of(each)) for each in replays]

    # Runs of the reference

    def _data(self, inputs: tuple[VariedInput, ...]) -> Data:
        numbers: list[Numbers] = [
            variant_numbers(inputs, index) for index in range(variant_count(inputs))
        ]
        if not (self._practice and inputs):
            numbers.insert(0, None)
        return {f"variant-{index}" if index else BASE: each for index, each in enumerate(numbers)}

    async def _replay_data(self, data: Data, *, already: str) -> None:
        """Run the reference on all data but for the run that took place already."""
        varied = [each for each in self._exercises if check_of(each).follows_data]
        needed = self._cells_for(self._cells, varied)
        for label, numbers in data.items():
            if label != already:
                cells = self._cells if label == BASE else needed
                await self._session.replay(label, cells, numbers=numbers)

    def _cells_for(self, cells: Cells, exercises: Iterable[Exercise]) -> Cells:
        """Return the cells that the answers of some exercises need, in the order to run them."""
        ids = {exercise.id for exercise in exercises}
        marked: list[int] = []
        for cell in self._solution.reference.cells:
            if any(mark.exercise in ids for mark in cell.marks):
                marked.append(cell.cell)
        needed = set(cells_behind(cells, marked))
        return [(cell, source) for cell, source in cells if cell in needed]

    def _given_replays(self, index: int, given: Given, data: Data) -> list[Replay]:
        (exercise,) = [each for each in self._exercises if each.id == given.exercise]
        replaced = sources(self._solution.reference.cells, exercise.given)
        cells = self._cells_for(replaced, [exercise])
        replays: list[Replay] = []
        for label, elements in given.values:
            if label in data:
                name = f"given-{index}/{label}"
                replays.append(Replay(name, cells, data[label], marks_only=True, given=elements))
        return replays

    def _runs_of(self, replays: Iterable[Replay]) -> dict[str, Run]:
        """Return the runs of replays, by their labels without what keeps them apart from others."""
        runs: dict[str, Run] = {}
        for replay in replays:
            _, _, label = replay.label.partition("/")
            runs[label] = self._session.run_of(replay.label)
        return runs

    # Runs with something edited

    async def _run_mistakes(
        self, wanted: Sequence[Names], reference: StoredReference, *, variants: bool
    ) -> dict[Names, StoredMistake]:
        """Return the answers that mistakes change."""
        data = self._data(reference.inputs)
        if not variants:
            data = {BASE: data[BASE]}
        plans: dict[Names, _EditPlan] = {}
        for names in wanted:
            edited = self._solution.mistaken(*names)
            plans[names] = self._plan(COMBINED.join(names), edited, data)
        await self._session.replay_all(
            list(itertools.chain(*(plan.replays for plan in plans.values())))
        )

        runs = {run.label: run for run in self._session.trace().runs}
        mistakes: dict[Names, StoredMistake] = {}
        for names, plan in plans.items():
            own_runs = _own_runs(plan, runs)
            answers = self._reader.answers(own_runs)
            changed = _changed(plan.touched, answers, reference.answers)
            mistakes[names] = StoredMistake(
                answers={exercise.id: answers[exercise.id] for exercise in changed},
                told=self._reader.told(own_runs[BASE]),
            )
        return mistakes

    def _plan(self, name: str, edited: Sequence[MarkedCell], data: Data) -> _EditPlan:
        """Plan the replays that show what an edit of the reference changes."""
        after = sources(edited)
        changed_cells = {
            cell
            for (cell, source), (_, new_source) in zip(self._cells, after, strict=True)
            if source != new_source
        }
        touched = [
            exercise
            for exercise in self._exercises
            if exercise.automatic and self._depends_on(exercise, changed_cells)
        ]
        varied = [exercise for exercise in touched if check_of(exercise).follows_data]
        base_cells = self._cells_for(after, touched)
        variant_cells = self._cells_for(after, varied)
        replays: list[Replay] = []
        for label, numbers in data.items():
            if label == BASE or varied:
                cells = base_cells if label == BASE else variant_cells
                replays.append(Replay(f"{name}/{label}", cells, numbers, marks_only=True))
        return _EditPlan(touched, replays)

    def _depends_on(self, exercise: Exercise, cells: Collection[int]) -> bool:
        return any(cell in cells for cell, _ in self._cells_for(self._cells, [exercise]))

    async def _with_accepted_ways(self, answers: Answers, data: Data) -> Answers:
        """Add what accepted ways give as further alternatives.

        Raises:
            AssignmentError: one gives no other answer than the reference does.
        """
        extended = {exercise: dict(by_run) for exercise, by_run in answers.items()}
        for name, accepted in self._solution.accepted.items():
            plan = self._plan(f"accepted-{name}", self._solution.accepted_way(name), data)
            await self._session.replay_all(plan.replays)
            other_answers = self._reader.answers(self._runs_of(plan.replays))
            changed = _changed(plan.touched, other_answers, answers)
            if not changed:
                raise AssignmentError(
                    f"accepted {name} gives no other answer.",
                    "Remove it, or correct its edits.",
                    where=self._solution.notebook,
                )
            for exercise in changed:
                share = accepted.credit.get(exercise.id, 1.0)
                by_run = extended[exercise.id]
                for label, alternatives in other_answers[exercise.id].items():
                    accepted_answers = tuple(
                        answer.model_copy(update={"credit": answer.credit * share, "way": name})
                        for answer in alternatives
                    )
                    by_run[label] = by_run.get(label, ()) + accepted_answers
        return extended


def _own_runs(plan: _EditPlan, runs: Mapping[str, Run]) -> dict[str, Run]:
    """Return the runs of a plan by their labels; an empty one for what did not take place."""
    own_runs: dict[str, Run] = {}
    for replay in plan.replays:
        _, _, label = replay.label.partition("/")
        own_runs[label] = runs.get(replay.label, Run(label=replay.label))
    return own_runs


def _changed(touched: Iterable[Exercise], answers: Answers, reference: Answers) -> list[Exercise]:
    """Return the exercises whose answers differ from the reference's."""
    return [
        exercise
        for exercise in touched
        if is_changed(answers.get(exercise.id, {}), reference[exercise.id], exercise)
    ]


def combinable(solution: ReferenceFiles, mistakes: Mapping[str, StoredMistake]) -> list[str]:
    """List the mistakes that can be made together and change a value, by their ids joined.

    Args:
        solution: the mistakes, and which lines they change.
        mistakes: what each gives.
    """
    varied = {each.id for each in solution.assignment.exercises if check_of(each).follows_data}
    able = [name for name, mistake in mistakes.items() if not varied.isdisjoint(mistake.answers)]
    return [COMBINED.join(names) for names in solution.combinations(able)]
