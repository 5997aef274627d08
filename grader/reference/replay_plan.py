"""Plan the replays of a reference: which cells to run on which data. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.assignment import Exercise
from grader.grading.checks.registry import check_of
from grader.grading.knowledge import Given
from grader.grading.seeds import SETS_SEEDS
from grader.job import VariedInput, variant_count, variant_numbers
from grader.notebook.slicing import cells_behind
from grader.reference.files import ReferenceFiles
from grader.reference.markers import MarkedCell, sources
from grader.running.replays import Cells, Numbers, Replay
from grader.settings import Seeding
from grader.trace import BASE

Data = Mapping[str, Numbers]
"""The numbers of each run by its label; None: the original data."""


@dataclass(frozen=True)
class EditPlan:
    """The replays that show the effect of an edit of the reference."""

    touched: list[Exercise]
    """Exercises with answers that depend on the edited cells."""
    replays: list[Replay]
    """The runs to make; the name of the edit begins their labels: `name/variant-1`."""


def label_of(replay: Replay) -> str:
    """Return the label of a replay without the prefix of its edit."""
    _, _, label = replay.label.partition("/")
    return label


class ReplayPlanner:
    """Plans which cells of a reference to run, original or edited."""

    def __init__(self, solution: ReferenceFiles, *, practice: bool) -> None:
        """Take the reference, and whether practice variants take the place of data and variants."""
        self._solution = solution
        self._practice = practice
        self._exercises = solution.assignment.exercises
        self.cells: Cells = sources(solution.marked_cells)
        """All code cells of the reference, as they are."""

    def data(self, inputs: tuple[VariedInput, ...]) -> Data:
        """Return the numbers of each run: of the original data, and of each variant."""
        numbers: list[Numbers] = []
        if not self._practice or not inputs:
            numbers.append(None)
        for index in range(variant_count(inputs)):
            variant = variant_numbers(inputs, index)
            numbers.append(variant)

        labels = map(_run_label, range(len(numbers)))
        return dict(zip(labels, numbers, strict=True))

    def label_of_variant(self, index: int) -> str:
        """Return the label of the run on a variant, by its index from 0."""
        return _run_label(index if self._practice else index + 1)

    def on_variant(self, name: str, index: int, numbers: Numbers) -> Replay:
        """Plan the run of the unedited reference on a variant.

        Args:
            name: begins the label of the run.
            index: of the variant, from 0.
            numbers: those of the variant.
        """
        label = self.label_of_variant(index)
        cells = self.cells
        if label != BASE:
            cells = self._cells_for(self.cells, self.follow_data)
        return Replay(f"{name}/{label}", cells, numbers)

    def single_input_runs(self, inputs: tuple[VariedInput, ...]) -> dict[str, list[Replay]]:
        """Plan the runs in which one input alone varies, by input."""
        cells = self._cells_for(self.cells, self.follow_data)
        count = variant_count(inputs)
        plans: dict[str, list[Replay]] = {}
        for varied_input in inputs:
            name = varied_input.name
            data: dict[str, Numbers] = {}
            for index in range(count):
                label = _run_label(index + 1)
                data[label] = _restrict_to(varied_input, inputs, index)
            plans[name] = _on_variants(f"alone-{name}", cells, data)
        return plans

    @property
    def follow_data(self) -> list[Exercise]:
        """The exercises with answers that have to follow the data."""
        return [exercise for exercise in self._exercises if _follows_data(exercise)]

    def edit(self, name: str, edited: Sequence[MarkedCell], data: Data) -> EditPlan:
        """Plan the runs that show the effect of an edit of the reference.

        Args:
            name: begins the labels of the runs.
            edited: all code cells, after the edit.
            data: the numbers of each run.
        """
        cells = sources(edited)
        changed = _changed_cells(self.cells, cells)
        touched = self._dependent_exercises(changed)
        varied = [exercise for exercise in touched if _follows_data(exercise)]

        base_cells = self._cells_for(cells, touched)
        base_label = f"{name}/{BASE}"
        base_run = Replay(base_label, base_cells, data[BASE], marks_only=True)
        replays = [base_run]
        if varied:
            variant_cells = self._cells_for(cells, varied)
            replays += _on_variants(name, variant_cells, data)
        return EditPlan(touched, replays)

    def edit_that_follows(
        self, name: str, edited: Sequence[MarkedCell], numbers: Numbers
    ) -> EditPlan:
        """Plan the runs that show how an edit changes answers which follow the data.

        Args:
            name: begins the labels of the runs: on the original data, and on a variant.
            edited: all code cells, after the edit.
            numbers: those of the variant.
        """
        cells = sources(edited)
        changed = _changed_cells(self.cells, cells)
        touched = [each for each in self._dependent_exercises(changed) if _follows_data(each)]
        needed = self._cells_for(cells, touched)
        on_data = Replay(f"{name}/handed-out", needed, marks_only=True)
        on_variant = Replay(f"{name}/variant", needed, numbers, marks_only=True)
        return EditPlan(touched, [on_data, on_variant])

    def given(self, name: str, given: Given, data: Data) -> list[Replay]:
        """Plan the runs of an exercise from another start value.

        Args:
            name: begins the labels of the runs.
            given: the exercise, and its start value in every run.
            data: the numbers of each run.
        """
        exercise = self._exercise(given.exercise)
        reference_cells = self._solution.marked_cells
        replaced = sources(reference_cells, exercise.given)
        cells = self._cells_for(replaced, [exercise])

        replays: list[Replay] = []
        for label, elements in given.values:
            if label not in data:
                continue
            replay = Replay(
                label=f"{name}/{label}",
                cells=cells,
                numbers=data[label],
                marks_only=True,
                given=elements,
            )
            replays.append(replay)
        return replays

    def seeded(self, name: str, seeding: Seeding, data: Data) -> list[Replay]:
        """Plan the runs of the reference with other seeds.

        On the original data, cells run up to the last that an answer needs: each may draw numbers
        before it. On a variant, they run as in the reference's own run on it, and those that set a
        seed.

        Args:
            name: begins the labels of the runs.
            seeding: the changes of seeds.
            data: the numbers of each run.
        """
        base_cells = self._cells_up_to_measured()
        variant_cells = self._cells_for(self.cells, self.follow_data, also=SETS_SEEDS)
        replays: list[Replay] = []
        for label, numbers in data.items():
            cells = base_cells if label == BASE else variant_cells
            replay = Replay(
                label=f"{name}/{label}",
                cells=cells,
                numbers=numbers,
                marks_only=True,
                seeding=seeding,
            )
            replays.append(replay)
        return replays

    def needs_any(self, cells: Collection[int]) -> bool:
        """Return whether a numeric answer needs one of some cells."""
        return self._need_any(self._measured, cells)

    @property
    def _measured(self) -> list[Exercise]:
        """The exercises with numeric answers."""
        return [exercise for exercise in self._exercises if _is_measured(exercise)]

    def _cells_up_to_measured(self) -> Cells:
        """Return all cells up to the last that a numeric answer needs."""
        needed = self._cells_for(self.cells, self._measured)
        if not needed:
            return []
        last, _ = needed[-1]
        return [(cell, source) for cell, source in self.cells if cell <= last]

    def _exercise(self, exercise_id: str) -> Exercise:
        by_id = {exercise.id: exercise for exercise in self._exercises}
        return by_id[exercise_id]

    def _dependent_exercises(self, changed_cells: Collection[int]) -> list[Exercise]:
        """Return the exercises with answers that depend on some cells."""
        touched: list[Exercise] = []
        for exercise in self._exercises:
            if exercise.automatic and self._need_any([exercise], changed_cells):
                touched.append(exercise)
        return touched

    def _need_any(self, exercises: Iterable[Exercise], cells: Collection[int]) -> bool:
        """Return whether the answers of some exercises need one of some cells."""
        needed = self._cells_for(self.cells, exercises)
        return any(cell in cells for cell, _ in needed)

    def _cells_for(
        self, cells: Cells, exercises: Iterable[Exercise], also: re.Pattern[str] | None = None
    ) -> Cells:
        """Return the cells that the answers of some exercises need, in the order to run them.

        Args:
            cells: all cells.
            exercises: the exercises.
            also: finds other cells to run.
        """
        ids = {exercise.id for exercise in exercises}
        wanted: list[int] = []
        for cell in self._solution.marked_cells:
            marked_exercises = [mark.exercise for mark in cell.marks]
            if not ids.isdisjoint(marked_exercises):
                wanted.append(cell.cell)
        if also is not None:
            wanted += [cell for cell, source in cells if also.search(source)]

        behind = cells_behind(cells, wanted)
        needed = set(behind)
        return [(cell, source) for cell, source in cells if cell in needed]


def _run_label(index: int) -> str:
    if index == 0:
        return BASE
    return f"variant-{index}"


def _restrict_to(
    varied: VariedInput, inputs: Iterable[VariedInput], index: int
) -> list[dict[str, Any]]:
    """Restrict a variant to one input; its expression may use the others, unchanged."""
    entries = []
    for other in inputs:
        entry = other.entry(index) if other is varied else other.unchanged()
        entries.append(entry)
    return entries


def _on_variants(name: str, cells: Cells, data: Data) -> list[Replay]:
    """Plan the runs of edited cells on all variants."""
    replays: list[Replay] = []
    for label, numbers in data.items():
        if label == BASE:
            continue
        run_label = f"{name}/{label}"
        replay = Replay(run_label, cells, numbers, marks_only=True)
        replays.append(replay)
    return replays


def _follows_data(exercise: Exercise) -> bool:
    check = check_of(exercise)
    return check.follows_data


def _is_measured(exercise: Exercise) -> bool:
    check = check_of(exercise)
    return check.is_measured


def _changed_cells(before: Cells, after: Cells) -> set[int]:
    """Return the indices of the cells that an edit changed."""
    changed: set[int] = set()
    for (cell, source), (_, new_source) in zip(before, after, strict=True):
        if source != new_source:
            changed.add(cell)
    return changed
