"""Try a drawing of a variant on the reference: does it separate right answers from wrong ones?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from grader.assignment import Exercise
from grader.errors import AssignmentError
from grader.grading.agreement import Expected, GraphDigest, agrees, as_number
from grader.grading.checks.registry import check_of
from grader.grading.expectation import Answer, Expectation
from grader.job import VariedInput, variant_numbers
from grader.reference.answers import AnswerReader, is_changed
from grader.reference.drawn_numbers import nudged_inputs, repeats
from grader.reference.files import ReferenceFiles
from grader.reference.records import Answers, DrawFaults
from grader.reference.replay_plan import EditPlan, ReplayPlanner
from grader.running.replays import Replay
from grader.running.session import Session
from grader.running.variant_budget import VariantBudget
from grader.trace import BASE, Array, Run

CHECKS_S = 20.0
"""Longest time for runs of one kind that only judge drawings, in seconds."""

Inputs = tuple[VariedInput, ...]
"""Data and variants."""

Alternatives = Sequence[Answer]
"""Answers of which each is right."""


class DrawTrials:
    """Judges drawings of variants by the reference's answers, in its kernel."""

    def __init__(
        self,
        solution: ReferenceFiles,
        session: Session,
        planner: ReplayPlanner,
        handed_out: Run,
        expected_s: float,
    ) -> None:
        """Initialise with the reference and its session.

        Args:
            solution: the reference and its mistakes.
            session: of its trusted job.
            planner: plans its runs.
            handed_out: its run on the original data.
            expected_s: expected time of a run, in seconds.
        """
        self._solution = solution
        self._session = session
        self._planner = planner
        self._reader = AnswerReader(solution)
        self._exercises = planner.follow_data
        self._on_data = self._read(handed_out)
        self._budget = VariantBudget(CHECKS_S, expected_s)
        all_mistakes_s = expected_s * len(solution.mistakes)
        self._mistakes_budget = VariantBudget(CHECKS_S, all_mistakes_s)
        self._count = 0
        """Number of runs so far, for unique labels."""
        self._mistakes: dict[str, Answers] | None = None
        """Per mistake, its answers on the original data; empty if there was no time."""

    async def judge(self, inputs: Inputs, index: int, run: Run) -> DrawFaults:
        """Judge a drawing of a variant.

        Args:
            inputs: the data and its variants, this one among them.
            index: of the variant.
            run: of the reference on it.
        """
        answers = self._read(run)
        fails = self._failure(run, answers)
        if fails:
            return DrawFaults(fails=fails)
        unmoved = self._unmoved(answers)
        untold = await self._untold(inputs, index, answers)
        unstable = await self._unstable(inputs, index, answers)
        known = repeats(inputs, index)
        return DrawFaults(known=known, unmoved=unmoved, untold=untold, unstable=unstable)

    def _read(self, run: Run) -> Answers:
        """Read the answers of a run; none if a pass of a loop gave no number."""
        try:
            return self._reader.answers({BASE: run})
        except AssignmentError:
            return {}

    def _failure(self, run: Run, answers: Answers) -> str:
        """Explain why a run has no answers to compare with; empty if it has."""
        if self._raises(run):
            return "raises"
        for exercise in self._exercises:
            before = _alternatives(self._on_data, exercise)
            after = _alternatives(answers, exercise)
            if before and not after:
                return "no-answer"
            was_finite = _are_finite(before)
            is_finite = _are_finite(after)
            if was_finite and not is_finite:
                return "not-finite"
        return ""

    def _raises(self, run: Run) -> bool:
        """Return whether a cell raised an exception that it must not raise."""
        cells = self._solution.cells
        count = len(cells)
        for cell_run in run.cells:
            if cell_run.status == "ok":
                continue
            index = cell_run.cell
            if index >= count:
                return True
            cell = cells[index]
            if not cell.may_raise:
                return True
        return False

    def _unmoved(self, answers: Answers) -> tuple[str, ...]:
        """List the exercises for which an answer on the original data is right here, too."""
        unmoved: list[str] = []
        for exercise in self._exercises:
            right = _alternatives(answers, exercise)
            check = check_of(exercise)
            tolerance = check.tolerance(exercise)
            expectation = Expectation({BASE: right}, tolerance)
            before = _alternatives(self._on_data, exercise)
            for answer in before:
                if _matches(expectation, answer):
                    unmoved.append(exercise.id)
                    break
        return tuple(unmoved)

    async def _unstable(self, inputs: Inputs, index: int, answers: Answers) -> tuple[str, ...]:
        """List the exercises with answers that rounding moves out of the tolerance."""
        nudged = nudged_inputs(inputs, index)
        has_room = self._budget.has_room
        if nudged == inputs or not has_room:
            return ()
        numbers = variant_numbers(nudged, index)
        name = self._new_name("nudged")
        replay = self._planner.on_variant(name, index, numbers)
        moved = await self._answers_of(replay)

        unstable: list[str] = []
        for exercise in self._exercises:
            before = _alternatives(answers, exercise)
            after = _alternatives(moved, exercise)
            # No answer: the numbers left the range that the code takes, such as 0 to 1.
            if after and not _are_near(exercise, before, after):
                unstable.append(exercise.id)
        return tuple(unstable)

    # Mistakes

    async def _untold(self, inputs: Inputs, index: int, answers: Answers) -> tuple[str, ...]:
        """List the mistakes with the right answer here, but not on the data."""
        plans = self._plans(inputs, index)
        on_data = await self._mistakes_on_data(plans)
        replays: list[Replay] = []
        for name in on_data:
            _, replay = plans[name].replays
            replays.append(replay)
        here = await self._answers_of_mistakes(replays)

        untold: list[str] = []
        for name, given in zip(on_data, here, strict=False):
            plan = plans[name]
            for exercise in plan.touched:
                differs_on_data = _differs(exercise, on_data[name], self._on_data)
                differs_here = _differs(exercise, given, answers)
                if differs_on_data and not differs_here:
                    untold.append(name)
                    break
        return tuple(untold)

    async def _mistakes_on_data(self, plans: Mapping[str, EditPlan]) -> Mapping[str, Answers]:
        """Return the mistakes' answers on the original data, if there is time for that."""
        if self._mistakes is None:
            replays: list[Replay] = []
            for plan in plans.values():
                replay, _ = plan.replays
                replays.append(replay)
            given = await self._answers_of_mistakes(replays)
            self._mistakes = dict(zip(plans, given, strict=False))
        return self._mistakes

    def _plans(self, inputs: Inputs, index: int) -> dict[str, EditPlan]:
        """Plan the runs of all mistakes that change answers which follow the data."""
        numbers = variant_numbers(inputs, index)
        plans: dict[str, EditPlan] = {}
        for name in self._solution.mistakes:
            edited = self._solution.mistaken(name)
            run_name = self._new_name(name)
            plan = self._planner.edit_that_follows(run_name, edited, numbers)
            if plan.touched:
                plans[name] = plan
        return plans

    async def _answers_of_mistakes(self, replays: Sequence[Replay]) -> list[Answers]:
        """Run all mistakes for their answers; none if there is no time for all."""
        has_room = self._mistakes_budget.has_room
        if not has_room:
            return []
        with self._mistakes_budget.measured():
            await self._session.replay_all(replays)
        answers: list[Answers] = []
        for replay in replays:
            run = self._session.run_of(replay.label)
            answers.append(self._read(run))
        return answers

    def _new_name(self, subject: str) -> str:
        self._count += 1
        return f"drawn-{self._count}-{subject}"

    async def _answers_of(self, replay: Replay) -> Answers:
        """Run a replay for its answers."""
        session = self._session
        with self._budget.measured():
            await session.replay_all([replay])
        run = session.run_of(replay.label)
        return self._read(run)


def _alternatives(answers: Answers, exercise: Exercise) -> Alternatives:
    """Return the alternatives of an exercise in the one run that was read."""
    by_run = answers.get(exercise.id, {})
    return by_run.get(BASE, ())


def _differs(exercise: Exercise, answers: Answers, others: Answers) -> bool:
    by_run = answers.get(exercise.id)
    if by_run is None:
        return True
    right_by_run = others.get(exercise.id, {})
    return is_changed(by_run, right_by_run, exercise)


def _matches(expectation: Expectation, answer: Answer) -> bool:
    value = answer.value
    if answer.credit < 1 or isinstance(value, GraphDigest):
        return False
    credit = expectation.matches(value, BASE)
    return credit >= 1


def _are_near(exercise: Exercise, before: Alternatives, after: Alternatives) -> bool:
    """Return whether answers agree, pairwise."""
    if len(before) != len(after):
        return False
    check = check_of(exercise)
    tolerance = check.tolerance(exercise)
    for answer, other in zip(before, after, strict=True):
        expected = answer.value
        is_near = agrees(other.value, expected, tolerance)
        if not is_near:
            return False
    return True


def _are_finite(answers: Alternatives) -> bool:
    for answer in answers:
        numbers = _numbers(answer.value)
        are_finite = all(map(math.isfinite, numbers))
        if not are_finite:
            return False
    return True


def _numbers(value: Expected) -> Sequence[float]:
    if isinstance(value, Array):
        return value.elements
    number = as_number(value)
    if number is None:
        return ()
    return (number,)
