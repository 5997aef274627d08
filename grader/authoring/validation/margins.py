"""Measure how far right answers vary in equivalent runs, and where wrong ones begin."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grader.assignment import Exercise
from grader.authoring.marked_runs import (
    CellsToRun,
    MarkedRuns,
    MarkValues,
    ValuesByRun,
    WrongAnswers,
    affected_cells,
    answering_cells,
    is_right,
    largest_distance,
)
from grader.authoring.validation.findings import Margin, ValidationFinding
from grader.grading.agreement import Tolerance
from grader.grading.checks.outcome import message
from grader.grading.checks.registry import check_of
from grader.grading.stability import Spread, Stability, spread_of, widest
from grader.job import VariedInput
from grader.reference.files import ReferenceFiles
from grader.report import Message
from grader.running.session import Session

NOT_FIXED: Mapping[Stability, str] = {
    "settled": "validate.answer-settled",
    "free": "validate.answer-free",
}
"""Message per kind of answer that hangs on random numbers."""


class Robustness:
    """Runs a reference in equivalent ways, and its mistakes, for numeric answers."""

    def __init__(
        self,
        solution: ReferenceFiles,
        inputs: tuple[VariedInput, ...],
    ) -> None:
        """Initialise with the reference, its data and variants."""
        self._solution = solution
        self._inputs = inputs
        self._cells = solution.reference.cells
        self._exercises = [
            exercise for exercise in solution.assignment.exercises if check_of(exercise).is_measured
        ]
        ids = {exercise.id for exercise in self._exercises}
        self._answering = answering_cells(self._cells, ids)

    async def run_mistakes(self, session: Session) -> list[WrongAnswers]:
        """Run the mistakes that affect an answer."""
        runs = MarkedRuns(self._solution, self._inputs, session)
        wrong = []
        for name in self._solution.mistakes:
            cells = self._solution.mistaken(name)
            pairs = zip(self._cells, cells, strict=False)  # those that ask come last
            edited = {new.cell for old, new in pairs if old != new}
            touched = affected_cells(self._cells, edited, self._answering)
            if not touched:
                continue
            to_run = CellsToRun(cells, touched)
            values = await runs.run(f"wrong-{name}", to_run)
            answers = WrongAnswers(name, values)
            wrong.append(answers)
        return wrong

    def findings(self, margins: tuple[Margin, ...], runs: int) -> list[ValidationFinding]:
        """Judge whether right answers earn their points and wrong ones do not, in all ways.

        Args:
            margins: the measurements.
            runs: in how many other ways the reference ran.
        """
        if not margins:
            return []
        if not runs:
            return [ValidationFinding(True, message("validate.cut"))]
        ok = all(margin.right_within and margin.wrong_beyond for margin in margins)
        message_id = "validate.margins" if ok else "validate.margins-overlap"
        measured = message(message_id, runs=runs)
        return [ValidationFinding(ok, measured, margins=margins)]

    def stability_findings(
        self, right: MarkValues, others: Sequence[MarkValues]
    ) -> list[ValidationFinding]:
        """List the exercises with an exact check on an answer that depends on random numbers.

        Args:
            right: the reference's answers.
            others: its answers in other ways, with the same data.
        """
        all_runs = [right, *others]
        findings = []
        for exercise in self._exercises:
            spread = spread_over(exercise, all_runs)
            if spread.stability != "fixed":
                why = _not_fixed(exercise, spread, runs=len(all_runs))
                findings.append(ValidationFinding(False, why))
        return findings

    def unsettled(self, right: MarkValues, others: Sequence[MarkValues]) -> set[str]:
        """List the exercises in which right notebooks agree only within a wide tolerance.

        Args:
            right: the reference's answers.
            others: its answers in other ways, with the same data.
        """
        unsettled: set[str] = set()
        for exercise in self._exercises:
            strict = check_of(exercise).strict_tolerance(exercise)
            spread = _spread_within(exercise, [right, *others], strict)
            if spread.stability != "fixed":
                unsettled.add(exercise.id)
        return unsettled

    def margins(
        self,
        right: MarkValues,
        others: Sequence[MarkValues],
        wrong: Sequence[WrongAnswers],
    ) -> tuple[Margin, ...]:
        """Measure, by exercise, how far right answers vary and where wrong ones begin.

        Args:
            right: the reference's answers.
            others: its answers in other ways, with the same data.
            wrong: its answers with mistakes in it.
        """
        margins = []
        for exercise in self._exercises:
            margin = _measure(exercise, right, others, wrong)
            margins.append(margin)
        return tuple(margins)


def spread_over(exercise: Exercise, runs: Sequence[MarkValues]) -> Spread:
    """Measure how far an exercise's answer varies over runs of the reference.

    If the answer is fixed, `value` can ask for it; if it is settled, a band; if it is free,
    properties.

    Args:
        exercise: the exercise.
        runs: what the reference gives: as it is, then in other ways.
    """
    tolerance = check_of(exercise).tolerance(exercise)
    return _spread_within(exercise, runs, tolerance)


def _spread_within(exercise: Exercise, runs: Sequence[MarkValues], tolerance: Tolerance) -> Spread:
    spreads: list[Spread] = []
    marks = [values.of_exercise(exercise.id) for values in runs]
    for by_way in zip(*marks, strict=True):
        own = by_way[0]
        for label in own:
            values = []
            for by_run in by_way:
                if label in by_run:
                    values.append(by_run[label])
            spread = Spread("free")
            if len(values) == len(by_way):
                spread = spread_of(values, tolerance)
            spreads.append(spread)
    return widest(spreads)


def _not_fixed(exercise: Exercise, spread: Spread, runs: int) -> Message:
    if not spread.is_measured:
        return message(
            "validate.answer-varies", exercise=exercise.id, title=exercise.title, runs=runs
        )
    return message(
        NOT_FIXED[spread.stability],
        exercise=exercise.id,
        title=exercise.title,
        low=spread.low,
        high=spread.high,
        runs=runs,
    )


def _measure(
    exercise: Exercise,
    right: MarkValues,
    others: Iterable[MarkValues],
    wrong: Iterable[WrongAnswers],
) -> Margin:
    tolerance = check_of(exercise).tolerance(exercise)
    spreads: list[float] = []
    for other in others:
        spreads.extend(_spreads(exercise, right, other))
    distances = _wrong_distances(exercise, right, wrong)
    distance, nearest = min(distances, default=(math.inf, ""))
    return Margin(
        exercise=exercise.id,
        rtol=tolerance.rtol,
        atol=exercise.atol,
        spread=max(spreads, default=0.0),
        nearest=nearest if distance < math.inf else "",
        distance=distance,
    )


def _spreads(
    exercise: Exercise,
    right: MarkValues,
    other: MarkValues,
) -> Iterator[float]:
    """Measure how far each mark is from its original value."""
    tolerance = check_of(exercise).tolerance(exercise)
    pairs = zip(other.of_exercise(exercise.id), right.of_exercise(exercise.id), strict=True)
    for given, reference in pairs:
        yield largest_distance(given, [reference], tolerance)


def _wrong_distances(
    exercise: Exercise,
    right: MarkValues,
    wrong: Iterable[WrongAnswers],
) -> Iterator[tuple[float, str]]:
    """Measure how far each wrong answer is from a right one, by the nearest mark."""
    tolerance = check_of(exercise).tolerance(exercise)
    answers = right.of_exercise(exercise.id)
    for wrong_answers in wrong:
        changed = _changed_marks(exercise, answers, wrong_answers)
        distances = []
        for given in changed:
            distances.append(largest_distance(given, answers, tolerance))
        if distances:
            yield min(distances), wrong_answers.name


def _changed_marks(
    exercise: Exercise,
    answers: Sequence[ValuesByRun],
    wrong: WrongAnswers,
) -> Iterator[ValuesByRun]:
    """Find the marks that have a value, but no right one any more."""
    strict = check_of(exercise).strict_tolerance(exercise)
    for given in wrong.values.of_exercise(exercise.id):
        if given and not is_right(given, answers, strict):
            yield given
