"""Runs the reference, as it is or with something changed in it, for the values of its marks alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.errors import AssignmentError
from grader.grading.checks.registry import check_of
from grader.grading.expectation import Expected, Tolerance, agrees, distance
from grader.notebook.slicing import cells_behind
from grader.reference.answers import answers_of
from grader.reference.files import ReferenceFiles
from grader.reference.markers import MARK_FUNCTION, Mark, MarkedCell, sources
from grader.running.session import Replay, Session
from grader.trace import BASE, Run, VariedInput, variant_count, variant_numbers

ByRun = Mapping[str, Expected]
"""What one mark gave, by the label of the run; of a run in which it gave nothing, nothing."""

_MARK = re.compile(rf"^([ \t]*)({MARK_FUNCTION}\(.*)$", re.MULTILINE)
"""A mark as a statement, on a line of its own."""

FIRST_CELL = -3
"""Index of the cell that runs before those of the reference."""


@dataclass(frozen=True)
class Marked:
    """What the marks gave that earn all of an exercise's points and stood in a cell that ran."""

    given: Mapping[str, Sequence[ByRun]]
    """Per exercise, for each mark."""
    ended: bool
    """Whether every cell came to an end, on the data as it is, before the time was over."""

    def of(self, exercise: str) -> Sequence[ByRun]:
        """What the marks of an exercise gave; none if none of them stood in a cell that ran."""
        return self.given.get(exercise, ())


Wrong = tuple[str, Marked]
"""What people call something wrong, and what it gives."""


class MarkedRuns:
    """Runs the reference's cells in one kernel, a namespace each time."""

    def __init__(
        self, solution: ReferenceFiles, inputs: tuple[VariedInput, ...], session: Session
    ) -> None:
        """Take the reference, its data and variants, and a session of its trusted job."""
        self._solution = solution
        self._inputs = inputs
        self._session = session
        self._exercises = {e.id: e for e in solution.assignment.exercises}
        self._varied = {e.id for e in solution.assignment.exercises if check_of(e).follows_data}

    async def of(
        self,
        name: str,
        cells: Sequence[MarkedCell],
        wanted: Collection[int],
        *,
        first: str = "",
        timeout_s: float | None = None,
    ) -> Marked:
        """What the marks of some cells give, on the data as it is, and, of those that follow the data, on each variant.

        Args:
            name: keeps these runs apart from others'.
            cells: the reference's cells, changed or not.
            wanted: the cells whose marks matter; what they need runs too.
            first: code that runs before them.
            timeout_s: longest time for each of the runs; None: that of a notebook.

        Returns:
            What they give. Where the run on the data as it is comes to no end, no variant is run.

        Raises:
            KernelUnavailable: there is no kernel.
        """
        order = [(cell, forgiving(source)) for cell, source in sources(cells)]
        behind = set(cells_behind(order, wanted))
        varied = set(cells_behind(order, answering(cells, self._varied).intersection(wanted)))
        before = [(FIRST_CELL, first)] if first else []

        def replay(label: str, chosen: Collection[int], variant: int | None) -> Replay:
            numbers = None if variant is None else variant_numbers(self._inputs, variant)
            some = [(cell, source) for cell, source in order if cell in chosen]
            return Replay(f"{name}/{label}", [*before, *some], numbers, marks_only=True)

        plan = {BASE: replay(BASE, behind, None)}
        for variant in range(variant_count(self._inputs) if varied else 0):
            label = f"variant-{variant + 1}"
            plan[label] = replay(label, varied, variant)
        base, *variants = plan.values()
        await self._session.replay_all([base], timeout_s=timeout_s)
        ended = _came_to_an_end(self._session.run_of(base.label), base)
        if ended:
            await self._session.replay_all(variants, timeout_s=timeout_s)
        runs = {label: self._session.run_of(made.label) for label, made in plan.items()}
        return Marked(_given(runs, cells, behind, self._exercises), ended)


def answering(cells: Iterable[MarkedCell], exercises: Collection[str]) -> set[int]:
    """The cells in which some exercises are answered."""
    return {
        cell.cell
        for cell in cells
        if any(mark.exercise in exercises for mark in cell.marks if not mark.label)
    }


def affected(
    cells: Sequence[MarkedCell], changed: Collection[int], among: Iterable[int]
) -> set[int]:
    """Those among some cells for which a change in others matters."""
    order = sources(cells)
    return {cell for cell in among if not set(cells_behind(order, [cell])).isdisjoint(changed)}


def is_right(given: ByRun, right: Sequence[ByRun], tolerance: Tolerance) -> bool:
    """Whether what a mark gave is right in every run."""
    return all(
        label in given
        and any(label in one and agrees(given[label], one[label], tolerance) for one in right)
        for label in _labels(right)
    )


def changes(exercise: Exercise, given: Sequence[ByRun], right: Sequence[ByRun]) -> bool:
    """Whether no mark of an exercise gives its answer any more: however loose its check is."""
    return not any(
        is_right(one, right, check_of(exercise).strict_tolerance(exercise)) for one in given
    )


def how_far(given: ByRun, right: Sequence[ByRun], tolerance: Tolerance) -> float:
    """How far what a mark gave is from a right answer, in tolerances: in the run where it is farthest."""
    return max((_nearest(given, right, label, tolerance) for label in _labels(right)), default=0.0)


def _nearest(given: ByRun, right: Sequence[ByRun], label: str, tolerance: Tolerance) -> float:
    measured = (
        distance(given[label], one[label], tolerance)
        for one in right
        if label in given and label in one
    )
    return min(measured, default=float("inf"))


def _labels(right: Iterable[ByRun]) -> list[str]:
    return list(dict.fromkeys(label for one in right for label in one))


def forgiving(source: str) -> str:
    """A cell in which a mark that raises is passed over, and what follows it runs, as it does where no mark stands.

    But for one that calls a function without end: the time of the whole cell is over.
    """
    return _MARK.sub(r"\1try: \2\n\1except TimeoutError: raise\n\1except Exception: pass", source)


def _came_to_an_end(run: Run, asked: Replay) -> bool:
    late = ("KeyboardInterrupt", "TimeoutError")
    return len(run.cells) == len(asked.cells) and all(cell.error not in late for cell in run.cells)


def _given(
    runs: Mapping[str, Run],
    cells: Sequence[MarkedCell],
    ran: Collection[int],
    exercises: Mapping[str, Exercise],
) -> dict[str, list[ByRun]]:
    found: dict[str, list[ByRun]] = {}
    for mark, number in _full_marks(cells, ran):
        if mark.exercise in exercises:
            given: dict[str, Expected] = {}
            for label, run in runs.items():
                given |= _values(run, label, mark, number, exercises[mark.exercise])
            found.setdefault(mark.exercise, []).append(given)
    return found


def _full_marks(cells: Sequence[MarkedCell], ran: Collection[int]) -> Iterator[tuple[Mark, int]]:
    """The marks of some cells that earn all the points, each with its number among all of its exercise."""
    counts: dict[str, int] = {}
    for cell in cells:
        for mark in cell.marks:
            number = counts.get(mark.key, 0)
            counts[mark.key] = number + 1
            if cell.cell in ran and not mark.label and mark.credit >= 1:
                yield mark, number


def _values(
    run: Run, label: str, mark: Mark, number: int, exercise: Exercise
) -> dict[str, Expected]:
    try:
        answers = answers_of(run, label, mark, number, exercise)
    except (
        AssignmentError
    ):  # the reference's own passes have been looked at: a mutant's are no numbers
        return {}
    return {run_label: answer.value for run_label, answer in answers.items()}
