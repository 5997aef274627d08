"""Read a notebook made for nbgrader: cell metadata of any version, and regions in cells. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

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
    return any(map(_has_marks_or_metadata, cells))


def _has_marks_or_metadata(cell: SolvedCell) -> bool:
    if has_marks(cell):
        return True
    return _read_metadata(cell).is_there


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


@dataclass(frozen=True)
class _CellMetadata:
    """What nbgrader wrote into the metadata of a cell."""

    is_there: bool
    is_graded: bool
    is_solution: bool
    is_task: bool
    points: float | None
    name: str
    """Name of the exercise; empty: none that says something."""


def _read_metadata(cell: SolvedCell) -> _CellMetadata:
    metadata = table(cell.metadata.get("nbgrader"))
    return _CellMetadata(
        is_there=bool(metadata),
        is_graded=bool(metadata.get("grade")),
        is_solution=bool(metadata.get("solution")),
        is_task=bool(metadata.get("task")),
        points=_read_points(metadata.get("points")),
        name=_read_name(metadata.get("grade_id")),
    )


def _read_points(points: object) -> float | None:
    if isinstance(points, (int, float)) and points >= 0:
        return float(points)
    return None


def _read_name(name: object) -> str:
    # A name that the toolbar makes up says nothing.
    if not isinstance(name, str) or name.startswith("cell-"):
        return ""
    return name


@dataclass(frozen=True)
class _OpenSolution:
    """A solution in code that no test has followed yet."""

    solved_index: int
    """Index of its cell in the file."""
    index: int
    """Index among the drafted cells."""
    name: str


@dataclass
class _NbgraderReader(SolvedReader):
    _open: list[_OpenSolution] = field(default_factory=list)
    _after_tests: bool = False
    """Whether the last exercise has its points, and may get more from another test."""

    def take(self, index: int) -> None:
        """Take the next cell."""
        cell = self.solved_cells[index]
        metadata = _read_metadata(cell)
        is_marked = has_marks(cell) and not metadata.is_graded
        is_solution = metadata.is_solution or is_marked

        if cell.kind == "code":
            self._take_code(index, metadata, is_solution=is_solution)
            return
        if cell.kind == "markdown" and (is_solution or metadata.is_task):
            self.tasks.append(self._text_task(index, metadata))
        self.cells.append(self._draft(cell, metadata))

    def _take_code(self, index: int, metadata: _CellMetadata, *, is_solution: bool) -> None:
        if metadata.is_graded and not metadata.is_solution:
            self._take_tests(metadata)
            self.dropped_tests += 1
            return

        if is_solution:
            self._open_solution(index, metadata)
        cell = self.solved_cells[index]
        self.cells.append(self._draft(cell, metadata))
        if is_solution and metadata.is_graded:
            self._take_tests(metadata)

    def _open_solution(self, index: int, metadata: _CellMetadata) -> None:
        if self._after_tests or not metadata.is_there:
            self.end()
        solution = _OpenSolution(index, len(self.cells), metadata.name)
        self._open.append(solution)

    def _take_tests(self, metadata: _CellMetadata) -> None:
        """Give the solutions before some tests their points; several tests in a row add up."""
        points = metadata.points
        if self._open:
            self._close(self._open, points)
            self._open = []
        elif self._after_tests and self.tasks and points is not None:
            last = self.tasks.pop()
            total = (last.points or 0) + points
            self.tasks.append(Task(last.title, last.cells, total, last.name))
        self._after_tests = True

    def end(self) -> None:
        """Make an exercise of each solution that no test followed."""
        for solution in self._open:
            self._close([solution], None)
        self._open = []
        self._after_tests = False

    def _close(self, solutions: Sequence[_OpenSolution], points: float | None) -> None:
        """Make an exercise of some solutions."""
        names = [solution.name for solution in solutions if solution.name]
        name = names[0] if names else ""
        title = heading_above(self.solved_cells, solutions[0].solved_index)
        cells = tuple(solution.index for solution in solutions)
        self.tasks.append(Task(title, cells, points, name))

    def _draft(self, cell: SolvedCell, metadata: _CellMetadata) -> DraftCell:
        if has_marks(cell) or not metadata.is_solution:
            return read_regions(cell, self.placeholders)
        if cell.kind == "code":
            return take_out(cell, self.placeholders, self.modules, keep_given=False)
        return remove_text(cell, self.placeholders)

    def _text_task(self, index: int, metadata: _CellMetadata) -> Task:
        """Make an exercise of a text; its question is in the cell above, but for a task's."""
        is_own_question = metadata.is_task or index == 0
        asking = self.solved_cells[index if is_own_question else index - 1]
        return Task(
            title=heading_above(self.solved_cells, index),
            points=metadata.points,
            name=metadata.name,
            question=question_in(asking.source) or title_of(asking.source),
        )


def remove_text(cell: SolvedCell, placeholders: Placeholders) -> DraftCell:
    """Remove a text that is an answer as a whole from what students get."""
    lines = [DraftLine(text, in_handout=False) for text in cell.text_lines]
    lines.append(DraftLine(placeholders.text, in_reference=False))
    return draft_cell(cell, lines)
