"""Read a notebook made for nbgrader: cell metadata of any version, and regions in cells. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.authoring.drafting.code import take_out
from grader.authoring.drafting.readers.base import SolvedReader
from grader.authoring.drafting.readers.headings import heading_above, question_in, title_of
from grader.authoring.drafting.readers.regions import has_marks, read_regions
from grader.authoring.drafting.solved import (
    DraftCell,
    DraftLine,
    Placeholders,
    SolvedCell,
    SolvedNotebook,
    Task,
    draft_cell,
)
from grader.notebook.format import table


def is_nbgrader(cells: Iterable[SolvedCell]) -> bool:
    """Tell whether a notebook was made for nbgrader, or has its regions."""
    return any(_metadata(cell) or has_marks(cell) for cell in cells)


def read(
    cells: Sequence[SolvedCell],
    placeholders: Placeholders,
    modules: Collection[str],
) -> SolvedNotebook:
    """Read the cells and exercises of a notebook made for nbgrader.

    Cells of tests are left out: what is computed is compared.

    Args:
        cells: the notebook's.
        placeholders: what stands in an answer's place.
        modules: names that it imports.
    """
    return _NbgraderReader(cells, placeholders, modules).read("nbgrader")


def _metadata(cell: SolvedCell) -> Mapping[str, Any]:
    return table(cell.metadata.get("nbgrader"))


def _points(cell: SolvedCell) -> float | None:
    points = _metadata(cell).get("points")
    if not isinstance(points, (int, float)) or points < 0:
        return None
    return float(points)


def _name(cell: SolvedCell) -> str:
    name = _metadata(cell).get("grade_id")
    # A name that the toolbar makes up says nothing.
    if not isinstance(name, str) or name.startswith("cell-"):
        return ""
    return name


def _is_tests(cell: SolvedCell) -> bool:
    metadata = _metadata(cell)
    is_graded = cell.kind == "code" and bool(metadata.get("grade"))
    return is_graded and not metadata.get("solution")


def _is_solution(cell: SolvedCell) -> bool:
    metadata = _metadata(cell)
    if metadata.get("solution"):
        return True
    return has_marks(cell) and not metadata.get("grade")


@dataclass(frozen=True)
class _OpenSolution:
    """A solution in code that no test has followed yet."""

    solved_index: int
    """Index of its cell in the file."""
    index: int
    """Index among the drafted cells."""


@dataclass
class _NbgraderReader(SolvedReader):
    _open: list[_OpenSolution] = field(default_factory=list)
    _after_tests: bool = False
    """Whether the last exercise has its points, and may get more from another test."""

    def take(self, index: int) -> None:
        """Take the next cell."""
        cell = self.solved_cells[index]
        if _is_tests(cell):
            self._take_tests(cell)
            self.dropped_tests += 1
            return

        is_solution = _is_solution(cell)
        if cell.kind == "code" and is_solution:
            self._open_solution(index, cell)
        elif cell.kind == "markdown" and (is_solution or _metadata(cell).get("task")):
            self.tasks.append(self._text_task(index))
        self.cells.append(self._draft(cell))

        is_its_own_test = bool(_metadata(cell).get("grade"))
        if cell.kind == "code" and is_solution and is_its_own_test:
            self._take_tests(cell)

    def _open_solution(self, index: int, cell: SolvedCell) -> None:
        if self._after_tests or not _metadata(cell):
            self.end()
        self._open.append(_OpenSolution(index, len(self.cells)))

    def _take_tests(self, cell: SolvedCell) -> None:
        """Give the solutions before some tests their points; several tests in a row add up."""
        points = _points(cell)
        if self._open:
            self._close(self._open, points)
            self._open = []
        elif self._after_tests and self.tasks and points is not None:
            last = self.tasks[-1]
            total = (last.points or 0) + points
            self.tasks[-1] = Task(last.title, last.cells, total, last.name)
        self._after_tests = True

    def end(self) -> None:
        """Make an exercise of each solution that no test followed."""
        for solution in self._open:
            self._close([solution], None)
        self._open = []
        self._after_tests = False

    def _close(self, solutions: Sequence[_OpenSolution], points: float | None) -> None:
        """Make an exercise of some solutions."""
        names = [_name(self.solved_cells[solution.solved_index]) for solution in solutions]
        name = next(filter(None, names), "")
        title = heading_above(self.solved_cells, solutions[0].solved_index)
        cells = tuple(solution.index for solution in solutions)
        self.tasks.append(Task(title, cells, points, name))

    def _draft(self, cell: SolvedCell) -> DraftCell:
        if not _metadata(cell).get("solution") or has_marks(cell):
            return read_regions(cell, self.placeholders)
        if cell.kind == "code":
            return take_out(cell, self.placeholders, self.modules, keep_given=False)
        return remove_text(cell, self.placeholders)

    def _text_task(self, index: int) -> Task:
        """Make an exercise of a text; its question is in the cell above, but for a task's."""
        cell = self.solved_cells[index]
        asking = cell
        if index > 0 and not _metadata(cell).get("task"):
            asking = self.solved_cells[index - 1]
        question = question_in(asking.source) or title_of(asking.source)
        title = heading_above(self.solved_cells, index)
        return Task(title, points=_points(cell), name=_name(cell), question=question)


def remove_text(cell: SolvedCell, placeholders: Placeholders) -> DraftCell:
    """Remove a text that is an answer as a whole from what students get."""
    lines = [DraftLine(text, in_handout=False) for text in cell.source.split("\n")]
    lines.append(DraftLine(placeholders.text, in_reference=False))
    return draft_cell(cell, lines)
