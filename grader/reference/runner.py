"""Run a reference and its mistakes, and collect their answers.

They are the instructor's own and trusted, so they run in sequence in one kernel, each in its own
namespace.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from grader.assignment import Exercise
from grader.errors import AssignmentError
from grader.grading.expectation import Answer
from grader.grading.knowledge import Given
from grader.job import Job, VariedInput
from grader.reference.answers import AnswerReader, deciding_labels, is_changed
from grader.reference.class_seed import ClassSeed
from grader.reference.dependencies import DependencySearch
from grader.reference.draw_search import DrawSearch
from grader.reference.draw_trials import DrawTrials
from grader.reference.draws import Draws
from grader.reference.files import ReferenceFiles
from grader.reference.markers import sources
from grader.reference.records import (
    COMBINED,
    Answers,
    Dependencies,
    RunAnswers,
    StoredMistake,
    StoredReference,
)
from grader.reference.replay_plan import Data, EditPlan, ReplayPlanner, label_of
from grader.reference.requirements import check_answered, check_in_time, check_ran
from grader.reference.tables import AcceptedTable
from grader.reference.variant_inputs import VariantInputs
from grader.reference.variant_runs import VariantRuns, VariedRuns
from grader.running.replays import Replay
from grader.running.session import Session
from grader.settings import Seeding
from grader.trace import BASE, CodeCell, Run

HANDED_OUT = "handed-out"
"""Label of the run on the original data, if another run is `base`."""

Names = tuple[str, ...]
"""Ids of mistakes that are made together in one notebook."""

Inputs = tuple[VariedInput, ...]
"""Data and variants."""


def trusted_job(solution: ReferenceFiles) -> Job:
    """Build the job that runs the reference, its mistakes and the handout."""
    assignment = solution.assignment
    cells: list[CodeCell] = []
    for index, source in sources(solution.marked_cells):
        cell = CodeCell(cell=index, source=source)
        cells.append(cell)
    return Job(
        cells=tuple(cells),
        files=assignment.files,
        data=solution.data,
        limits=assignment.limits,
        questions=solution.questions,
        held_out=solution.probes.held_out,
        figures=assignment.looks_at_figures,
        trusted=True,
    )


class ReferenceRunner:
    """Runs a reference and its mistakes in one kernel."""

    def __init__(
        self,
        solution: ReferenceFiles,
        session: Session,
        *,
        practice: bool = False,
        seed: ClassSeed | None = None,
    ) -> None:
        """Initialise with the reference and its session.

        Args:
            solution: the reference and its mistakes.
            session: of its trusted job.
            seed: that of the class; None: one that nobody else has.
            practice: whether the practice variants replace the data and its variants, the first one
                as `base`.
        """
        self._solution = solution
        self._session = session
        self._practice = practice
        self._notebook = solution.notebook
        name = solution.assignment.name
        class_draws = Draws(seed or ClassSeed.new(), name)
        self._draws = Draws.for_practice(name) if practice else class_draws
        self._planner = ReplayPlanner(solution, practice=practice)
        self._reader = AnswerReader(solution)

    async def reference(self, earlier_attempts: Sequence[int] = ()) -> StoredReference:
        """Run the reference on the original data, compute the variants, and run it on each.

        Args:
            earlier_attempts: per variant, the drawing that was chosen for this class before.

        Raises:
            AssignmentError: a cell of the reference raises, an answer has no value, an input has
                no numbers.
        """
        solution = self._solution
        session = self._session
        first = HANDED_OUT if self._practice else BASE
        seconds = await self._replay_cells(first)
        handed_out = session.run_of(first)
        check_ran(solution, handed_out)

        maker = VariantInputs(solution, session, self._draws)
        varied = await self._run_variants(maker, handed_out, seconds, earlier_attempts)
        runs = varied.runs
        if BASE not in runs:
            runs = {BASE: session.run_of(first, BASE), **runs}
        maker.check_made(runs.values())
        own_answers = self._reader.answers(runs)
        check_answered(solution, own_answers)

        dependencies = DependencySearch(self._planner, session, self._reader)
        depends = await dependencies.of(varied.inputs, handed_out, varied.runs)
        data = self._planner.data(varied.inputs)
        answers = await self._with_accepted_ways(own_answers, data)
        return self._record(varied, runs[BASE], answers, depends)

    async def _run_variants(
        self, maker: VariantInputs, handed_out: Run, seconds: float, earlier: Sequence[int]
    ) -> VariedRuns:
        """Run the reference on its variants; choose them first if they are drawn.

        Args:
            maker: makes the variants.
            handed_out: the run on the original data.
            seconds: time that this took.
            earlier: the drawings that were chosen for this class before.
        """
        solution = self._solution
        session = self._session
        planner = self._planner
        variant_runs = VariantRuns(solution, session, planner, maker.count, seconds)
        if not maker.are_drawn:
            inputs = await maker.make(handed_out)
            return await variant_runs.run_all(inputs)
        trials = DrawTrials(solution, session, planner, handed_out, seconds)
        search = DrawSearch(variant_runs, trials, maker, handed_out, self._variants_to_avoid())
        return await search.choose(earlier, solution)

    def _variants_to_avoid(self) -> VariantInputs | None:
        """Return the practice variants, which drawn variants must not equal; None if they may."""
        solution = self._solution
        if self._practice or not solution.variants.has_all("practice"):
            return None
        practice = Draws.for_practice(solution.assignment.name)
        return VariantInputs(solution, self._session, practice)

    async def _replay_cells(self, label: str) -> float:
        """Run all unedited cells; return the time that they took, in seconds."""
        began = time.monotonic()
        await self._session.replay(label, self._planner.cells)
        ended = time.monotonic()
        return ended - began

    def _record(
        self, varied: VariedRuns, base: Run, answers: Answers, depends: Dependencies
    ) -> StoredReference:
        random_cells = _random_cells(base)
        are_drawn = self._solution.variants.are_drawn
        return StoredReference(
            key=self._solution.version,
            inputs=varied.inputs,
            answers=answers,
            depends=depends,
            right=self._reader.right_values(base, handout=False),
            seen=self._reader.right_values(base, handout=True),
            told=self._reader.told(base),
            draws=self._planner.needs_any(random_cells),
            drawn_from=self._draws.seed.digest if are_drawn else "",
            drawn=varied.drawn,
            left_out=varied.left_out,
        )

    def handed_out(self) -> Answers:
        """Return the answers on the original data, after the practice variants have run."""
        run = self._session.run_of(HANDED_OUT)
        return self._reader.answers({BASE: run})

    async def mistakes(
        self, names: Iterable[str], reference: StoredReference
    ) -> dict[str, StoredMistake]:
        """Run the reference with each of some mistakes.

        With practice variants, one that changes no answer is left out: their numbers may hide it by
        chance.

        Raises:
            AssignmentError: one changes no answer, or did not finish in time.
        """
        singles: list[Names] = [(name,) for name in names]
        results = await self._run_mistakes(singles, reference, variants=True)
        mistakes: dict[str, StoredMistake] = {}
        for (name,), mistake in results.items():
            if mistake.answers:
                mistakes[name] = mistake
            elif not self._practice:
                self._check_mistake_in_time(name, reference)
                raise AssignmentError(
                    f"mistake {name} changes no answer.",
                    "Remove it, or correct its edit.",
                    where=self._notebook,
                )
        return mistakes

    async def combinations(
        self,
        combinations: Sequence[str],
        reference: StoredReference,
        *,
        variants: bool,
    ) -> dict[str, StoredMistake]:
        """Run the reference with several mistakes at a time.

        Args:
            combinations: the ids of each, joined.
            reference: the reference's results.
            variants: also run it on the variants, not only on the original data.
        """
        split_names = [tuple(joined.split(COMBINED)) for joined in combinations]
        results = await self._run_mistakes(split_names, reference, variants=variants)
        return {COMBINED.join(names): mistake for names, mistake in results.items()}

    async def given(self, given: Sequence[Given], inputs: Inputs) -> list[Answers]:
        """Run exercises from other start values than the reference's own.

        Args:
            given: the exercises, and the start value of each in every run.
            inputs: data and variants.

        Returns:
            The answers, in the order of `given`.
        """
        data = self._planner.data(inputs)
        plans: list[list[Replay]] = []
        all_replays: list[Replay] = []
        for index, values in enumerate(given):
            name = f"given-{index}"
            plan = self._planner.given(name, values, data)
            plans.append(plan)
            all_replays += plan
        await self._session.replay_all(all_replays)
        return [self._answers_of(plan) for plan in plans]

    async def seeded(
        self, seedings: Sequence[Seeding], inputs: Inputs, *, variants: bool
    ) -> list[Answers]:
        """Run the reference with other seeds.

        Args:
            seedings: the changes of its seeds, each time.
            inputs: data and variants.
            variants: also run it on the variants, not only on the original data.

        Returns:
            The answers, in the order of `seedings`; those of a run that was cut off are not there.
        """
        data = self._planner.data(inputs)
        if not variants:
            data = {BASE: data[BASE]}
        answers: list[Answers] = []
        for index, seeding in enumerate(seedings):
            name = f"seeds-{index}"
            plan = self._planner.seeded(name, seeding, data)
            await self._session.replay_all(plan)
            seeded_answers: Answers = {}
            if self._is_complete(plan):
                seeded_answers = self._answers_of(plan)
            answers.append(seeded_answers)
        return answers

    def _answers_of(self, replays: Iterable[Replay]) -> Answers:
        """Read the answers of replays that ran."""
        runs: dict[str, Run] = {}
        for replay in replays:
            label = label_of(replay)
            runs[label] = self._session.run_of(replay.label)
        return self._reader.answers(runs)

    # Mistakes

    async def _run_mistakes(
        self,
        combinations: Sequence[Names],
        reference: StoredReference,
        *,
        variants: bool,
    ) -> dict[Names, StoredMistake]:
        """Return the answers that mistakes change, by joined ids."""
        data = self._planner.data(reference.inputs)
        if not variants:
            data = {BASE: data[BASE]}
        plans = self._plan_mistakes(combinations, data)
        replays: list[Replay] = []
        for plan in plans.values():
            replays += plan.replays
        await self._session.replay_all(replays)

        trace = self._session.trace()
        runs = {run.label: run for run in trace.runs}
        mistakes: dict[Names, StoredMistake] = {}
        for names, plan in plans.items():
            mistakes[names] = self._mistake(plan, runs, reference)
        return mistakes

    def _check_mistake_in_time(self, name: str, reference: StoredReference) -> None:
        data = self._planner.data(reference.inputs)
        edited = self._solution.mistaken(name)
        plan = self._planner.edit(name, edited, data)
        complete = self._is_complete(plan.replays)
        check_in_time(self._solution, f"mistake {name}", complete=complete)

    def _is_complete(self, replays: Iterable[Replay]) -> bool:
        """Return whether every cell of some replays ran and ended in time."""
        for replay in replays:
            run = self._session.run_of(replay.label)
            if not replay.is_complete(run):
                return False
        return True

    def _plan_mistakes(self, combinations: Sequence[Names], data: Data) -> dict[Names, EditPlan]:
        plans: dict[Names, EditPlan] = {}
        for names in combinations:
            joined = COMBINED.join(names)
            edited = self._solution.mistaken(*names)
            plans[names] = self._planner.edit(joined, edited, data)
        return plans

    def _mistake(
        self,
        plan: EditPlan,
        runs: Mapping[str, Run],
        reference: StoredReference,
    ) -> StoredMistake:
        """Read the effects of a mistake from the runs of its plan."""
        own_runs = _own_runs(plan, runs)
        answers = self._reader.answers(own_runs)
        changed = _changed(plan.touched, answers, reference.answers)
        changed_answers = {}
        for exercise in changed:
            by_run = answers[exercise.id]
            labels = deciding_labels(exercise, by_run)
            changed_answers[exercise.id] = {label: by_run[label] for label in labels}
        told = self._reader.told(own_runs[BASE])
        return StoredMistake(answers=changed_answers, told=told)

    # Accepted ways

    async def _with_accepted_ways(self, answers: Answers, data: Data) -> Answers:
        """Add the answers of accepted ways as further alternatives.

        Raises:
            AssignmentError: one has no other answer than the reference.
        """
        extended = {exercise: dict(by_run) for exercise, by_run in answers.items()}
        for way, accepted in self._solution.accepted.items():
            edited = self._solution.accepted_way(way)
            plan = self._planner.edit(f"accepted-{way}", edited, data)
            await self._session.replay_all(plan.replays)

            other_answers = self._answers_of(plan.replays)
            changed = _changed(plan.touched, other_answers, answers)
            if not changed:
                raise AssignmentError(
                    f"accepted {way} gives no other answer.",
                    "Remove it, or correct its edits.",
                    where=self._notebook,
                )
            for exercise in changed:
                by_run = other_answers[exercise.id]
                accepted_answers = _with_credit(by_run, accepted, exercise)
                _add_alternatives(extended[exercise.id], accepted_answers)
        return extended


def _random_cells(run: Run) -> set[int]:
    """List the cells that set a seed or draw random numbers."""
    return {event.cell for event in run.events if event.kind == "seed"}


def _with_credit(by_run: RunAnswers, accepted: AcceptedTable, exercise: Exercise) -> RunAnswers:
    """Set the credit and the name of an accepted way on answers."""
    share = accepted.credit.get(exercise.id, 1.0)

    def with_credit(answer: Answer) -> Answer:
        credit = answer.credit * share
        update = {"credit": credit, "way": accepted.id}
        return answer.model_copy(update=update)

    credited: RunAnswers = {}
    for label, answers in by_run.items():
        in_run = map(with_credit, answers)
        credited[label] = tuple(in_run)
    return credited


def _add_alternatives(by_run: RunAnswers, more: RunAnswers) -> None:
    for label, alternatives in more.items():
        before = by_run.get(label, ())
        by_run[label] = before + alternatives


def _own_runs(plan: EditPlan, runs: Mapping[str, Run]) -> dict[str, Run]:
    """Return the runs of a plan by their labels; empty ones for those that did not take place."""
    own_runs: dict[str, Run] = {}
    for replay in plan.replays:
        label = label_of(replay)
        nothing_ran = Run(label=replay.label)
        own_runs[label] = runs.get(replay.label, nothing_ran)
    return own_runs


def _changed(touched: Iterable[Exercise], answers: Answers, reference: Answers) -> list[Exercise]:
    """Return the exercises with answers that differ from the reference's."""
    changed: list[Exercise] = []
    for exercise in touched:
        by_run = answers.get(exercise.id, {})
        right_by_run = reference[exercise.id]
        if is_changed(by_run, right_by_run, exercise):
            changed.append(exercise)
    return changed
