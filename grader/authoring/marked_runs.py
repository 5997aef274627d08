"""Run the reference, unchanged or edited, for the values of its marks only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.errors import AssignmentError
from grader.grading.agreement import Expected, Tolerance, agrees, distance
from grader.grading.checks.registry import check_of
from grader.job import VariedInput, variant_count, variant_numbers
from grader.notebook.slicing import cells_behind
from grader.reference.answers import answers_of, deciding_labels
from grader.reference.files import ReferenceFiles
from grader.reference.markers import MARK_FUNCTION, Mark, MarkedCell, sources
from grader.running.replays import AS_SET, Cells, Replay
from grader.running.session import Session
from grader.settings import Seeding
from grader.trace import BASE, Run

ValuesByRun = Mapping[str, Expected]
"""Values that one mark gave, by the label of the run; a run in which it gave none is not there."""

_MARK = re.compile(rf"^([ \t]*)({MARK_FUNCTION}\(.*)$", re.MULTILINE)
"""A mark as a statement, on a line of its own."""


@dataclass(frozen=True)
class MarkValues:
    """The values of a reference's marks.

    Only marks that earn all of an exercise's points count, and only those in cells that ran.
    """

    by_exercise: Mapping[str, Sequence[ValuesByRun]]
    """Per exercise, the values of each mark."""
    completed: bool
    """Whether every cell ended in time, in every run."""

    def of_exercise(self, exercise: str) -> Sequence[ValuesByRun]:
        """Return the values of an exercise's marks; none if no cell with one of them ran."""
        return self.by_exercise.get(exercise, ())


@dataclass(frozen=True)
class WrongAnswers:
    """Answers of an edited, wrong reference."""

    name: str
    """Name of the faulty item, for people."""
    values: MarkValues


@dataclass(frozen=True)
class CellsToRun:
    """The part of a reference to run for its marks."""

    cells: Sequence[MarkedCell]
    """All of the reference's cells, changed or not."""
    wanted: Collection[int]
    """Indices of the cells with the marks that matter; the cells that they need run too."""
    seeding: Seeding = AS_SET
    """Changes of the seeds that they set."""


class MarkedRuns:
    """Runs the reference's cells in one kernel, each time in a new namespace."""

    def __init__(
        self, solution: ReferenceFiles, inputs: tuple[VariedInput, ...], session: Session
    ) -> None:
        """Initialise with the reference, its data and variants, and a trusted session."""
        self._inputs = inputs
        self._session = session
        self._exercises: dict[str, Exercise] = {}
        self._follow_data: set[str] = set()
        for exercise in solution.assignment.exercises:
            self._exercises[exercise.id] = exercise
            if check_of(exercise).follows_data:
                self._follow_data.add(exercise.id)

    async def run(
        self, name: str, to_run: CellsToRun, *, timeout_s: float | None = None
    ) -> MarkValues:
        """Run some cells for their marks: on the original data, then on each variant.

        On the variants, only the answers that follow the data are computed. If the run on the
        original data does not end in time, no variant is run.

        Args:
            name: keeps these runs apart from others.
            to_run: the cells.
            timeout_s: longest time for each of the runs; None: that of a notebook.

        Raises:
            KernelUnavailable: there is no kernel.
        """
        replays = self._plan_replays(name, to_run)
        base = replays[BASE]
        variants = [replay for replay in replays.values() if replay is not base]

        await self._session.replay_all([base], timeout_s=timeout_s)
        base_run = self._session.run_of(base.label)
        completed = base.is_complete(base_run)
        if completed:
            await self._session.replay_all(variants, timeout_s=timeout_s)

        ran = {cell for cell, _ in base.cells}
        runs = {}
        for label, replay in replays.items():
            run = self._session.run_of(replay.label)
            completed = completed and replay.is_complete(run)
            runs[label] = run
        values = self._read_values(runs, to_run.cells, ran)
        return MarkValues(values, completed)

    def _plan_replays(self, name: str, to_run: CellsToRun) -> dict[str, Replay]:
        """Plan the runs, by their labels."""
        order = runnable_sources(to_run.cells)
        follow_data = answering_cells(to_run.cells, self._follow_data)
        base_cells = _select(order, to_run.wanted)
        wanted = follow_data.intersection(to_run.wanted)
        variant_cells = _select(order, wanted)

        seeding = to_run.seeding
        label = f"{name}/{BASE}"
        replays = {BASE: Replay(label, base_cells, marks_only=True, seeding=seeding)}
        if not variant_cells:
            return replays
        for variant in range(variant_count(self._inputs)):
            run = f"variant-{variant + 1}"
            label = f"{name}/{run}"
            numbers = variant_numbers(self._inputs, variant)
            replays[run] = Replay(label, variant_cells, numbers, marks_only=True, seeding=seeding)
        return replays

    def _read_values(
        self, runs: Mapping[str, Run], cells: Sequence[MarkedCell], ran: Collection[int]
    ) -> dict[str, list[ValuesByRun]]:
        """Read the values of each mark, by exercise."""
        values: dict[str, list[ValuesByRun]] = {}
        for mark, number in _full_marks(cells, ran):
            exercise = self._exercises.get(mark.exercise)
            if exercise is None:
                continue
            by_run: dict[str, Expected] = {}
            for label, run in runs.items():
                by_run |= _mark_values(run, label, mark, number, exercise)
            values.setdefault(exercise.id, []).append(by_run)
        return values


def _select(order: Cells, wanted: Iterable[int]) -> Cells:
    """Select some cells and those that they need, in order."""
    needed = set(cells_behind(order, wanted))
    selected = []
    for cell, source in order:
        if cell in needed:
            selected.append((cell, source))
    return selected


def answering_cells(cells: Iterable[MarkedCell], exercises: Collection[str]) -> set[int]:
    """Find the cells that answer some exercises."""
    answering = set()
    for cell in cells:
        for mark in cell.marks:
            if mark.exercise in exercises and not mark.label:
                answering.add(cell.cell)
    return answering


def affected_cells(
    cells: Sequence[MarkedCell], changed: Collection[int], among: Iterable[int]
) -> set[int]:
    """Find the cells that a change in other cells affects."""
    order = sources(cells)
    affected = set()
    for cell in among:
        needed = cells_behind(order, [cell])
        if not set(needed).isdisjoint(changed):
            affected.add(cell)
    return affected


def runnable_sources(cells: Sequence[MarkedCell]) -> Cells:
    """Return index and source of cells, in which failing marks are ignored."""
    order = []
    for cell, source in sources(cells):
        tolerant = _tolerate_failing_marks(source)
        order.append((cell, tolerant))
    return order


def _tolerate_failing_marks(source: str) -> str:
    """Ignore a mark that raises, so that the code after it still runs.

    A mark that calls a function without end still ends its cell: the time of the cell is over.
    """
    return _MARK.sub(r"\1try: \2\n\1except TimeoutError: raise\n\1except Exception: pass", source)


def is_right(given: ValuesByRun, right: Sequence[ValuesByRun], tolerance: Tolerance) -> bool:
    """Return whether the values of a mark are right in every run.

    Args:
        given: the values of the mark.
        right: the values of each mark that is right.
        tolerance: how far they may be apart.
    """
    for run, answers in _answers_by_run(right).items():
        if run not in given:
            return False
        value = given[run]
        if not any(agrees(value, answer, tolerance) for answer in answers):
            return False
    return True


def answer_changed(
    exercise: Exercise, given: Sequence[ValuesByRun], right: Sequence[ValuesByRun]
) -> bool:
    """Return whether every mark of an exercise is wrong, even by its loosest check."""
    strict = check_of(exercise).strict_tolerance(exercise)
    return not any(is_right(by_run, right, strict) for by_run in given)


def largest_distance(
    given: ValuesByRun, right: Sequence[ValuesByRun], tolerance: Tolerance
) -> float:
    """Return the largest distance of a mark's values from a right answer, over all runs.

    Returns:
        The distance in units of the tolerance; infinite if a run gave nothing.
    """
    distances = []
    for run, answers in _answers_by_run(right).items():
        if run not in given:
            return float("inf")
        value = given[run]
        nearest = min(distance(value, answer, tolerance) for answer in answers)
        distances.append(nearest)
    return max(distances, default=0.0)


def _answers_by_run(right: Iterable[ValuesByRun]) -> dict[str, list[Expected]]:
    """Collect the answers of some marks by run."""
    answers: dict[str, list[Expected]] = {}
    for by_run in right:
        for run, answer in by_run.items():
            answers.setdefault(run, []).append(answer)
    return answers


def _full_marks(cells: Sequence[MarkedCell], ran: Collection[int]) -> Iterator[tuple[Mark, int]]:
    """Find the marks with full points, each with its index among those of its exercise."""
    counts: dict[str, int] = {}
    for cell in cells:
        has_run = cell.cell in ran
        for mark in cell.marks:
            number = counts.get(mark.key, 0)
            counts[mark.key] = number + 1
            is_full = mark.credit >= 1 and not mark.label
            if is_full and has_run:
                yield mark, number


def _mark_values(
    run: Run, label: str, mark: Mark, number: int, exercise: Exercise
) -> dict[str, Expected]:
    try:
        answers = answers_of(run, label, mark, number, exercise)
    except AssignmentError:
        # The reference's own passes have been checked before: those of a mutant are no numbers.
        return {}
    values = {}
    for run_label in deciding_labels(exercise, answers):
        values[run_label] = answers[run_label].value
    return values
