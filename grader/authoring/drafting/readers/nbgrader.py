"""Read a notebook made for nbgrader: cell metadata of any version, and regions in cells. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from grader.authoring.drafting.code import take_out
from grader.authoring.drafting.names import split_points
from grader.authoring.drafting.readers.base import SolvedReader
from grader.authoring.drafting.readers.headings import (
    heading_above,
    question_in,
    title_of,
    words_above,
)
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
from grader.notebook.code import parse_cell
from grader.notebook.format import table

_HIDDEN = re.compile(r"^\W*(BEGIN|END) HIDDEN TESTS\b")


def is_nbgrader(cells: Iterable[SolvedCell]) -> bool:
    """Return whether a notebook was made for nbgrader: its cells say so."""
    return any(_read_metadata(cell).is_there for cell in cells)


def read(
    cells: Sequence[SolvedCell], placeholders: Placeholders, modules: Collection[str]
) -> SolvedNotebook:
    """Read the cells and exercises of a notebook made for nbgrader.

    Students keep the tests that they may see; hidden ones are left out of both notebooks.

    Args:
        cells: the notebook's.
        placeholders: texts in an answer's place.
        modules: names that it imports.
    """
    return _NbgraderReader(cells, placeholders, modules).read("nbgrader")


@dataclass(frozen=True)
class _CellMetadata:
    """Metadata of a cell by nbgrader."""

    is_there: bool
    is_graded: bool
    is_solution: bool
    is_task: bool
    points: float | None
    name: str
    """Name of the exercise; empty: no informative one."""


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
    # A name that the toolbar generates is not informative.
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
        cell = self.solved_cells[index]
        if metadata.is_graded and not metadata.is_solution:
            self._take_tests(metadata, test_code(cell.source))
            self._keep_tests(cell)
            return

        if is_solution:
            self._open_solution(index, metadata)
        self.cells.append(self._draft(cell, metadata))
        if is_solution and metadata.is_graded:
            self._take_tests(metadata, "")

    def _keep_tests(self, cell: SolvedCell) -> None:
        """Keep the visible tests of a cell."""
        drafted = read_regions(cell, self.placeholders)
        visible = parse_cell(drafted.handout or "").body
        if any(not _is_string(statement) for statement in visible):
            self.cells.append(drafted)
        else:
            self.dropped_tests += 1

    def _open_solution(self, index: int, metadata: _CellMetadata) -> None:
        if self._after_tests or not metadata.is_there:
            self.end()
        solution = _OpenSolution(index, len(self.cells), metadata.name)
        self._open.append(solution)

    def _take_tests(self, metadata: _CellMetadata, test: str) -> None:
        """Give the solutions before some tests their points; several tests in a row add up.

        Args:
            metadata: that of the cell with the tests.
            test: its code; empty: a person grades the solution itself.
        """
        points = metadata.points
        if self._open:
            self._close(self._open, points, test)
            self._open = []
        elif self._after_tests and self.tasks:
            last = self.tasks.pop()
            total = last.points
            if points is not None:
                total = (total or 0) + points
            self.tasks.append(replace(last, points=total, tests=(*last.tests, test)))
        self._after_tests = True

    def end(self) -> None:
        """Make an exercise of each solution that no test followed."""
        for solution in self._open:
            self._close([solution], None, "")
        self._open = []
        self._after_tests = False

    def _close(self, solutions: Sequence[_OpenSolution], points: float | None, test: str) -> None:
        """Make an exercise of some solutions; a person reads one with points and no test."""
        names = []
        for solution in solutions:
            if solution.name:
                names.append(solution.name)
        first = solutions[0].solved_index
        title, said = split_points(heading_above(self.solved_cells, first))
        task = Task(
            title=title,
            cells=tuple(solution.index for solution in solutions),
            points=said if points is None else points,
            name=names[0] if names else "",
            words=words_above(self.solved_cells, first),
            tests=(test,) if test else (),
            is_manual=not test and points is not None,
        )
        self.tasks.append(task)

    def _draft(self, cell: SolvedCell, metadata: _CellMetadata) -> DraftCell:
        if has_marks(cell) or not metadata.is_solution:
            return read_regions(cell, self.placeholders)
        if cell.kind == "code":
            return take_out(cell, self.placeholders, self.modules, keep_given=False)
        return remove_text(cell, self.placeholders)

    def _text_task(self, index: int, metadata: _CellMetadata) -> Task:
        """Make an exercise of a text; its question is in the text above it, but for a task's."""
        source = self.solved_cells[index].source
        if not metadata.is_task:
            source = self._text_above(index) or source
        title, said = split_points(heading_above(self.solved_cells, index))
        return Task(
            title=title,
            points=said if metadata.points is None else metadata.points,
            name=metadata.name,
            question=question_in(source) or title_of(source),
            words=words_above(self.solved_cells, index),
            is_manual=True,
        )

    def _text_above(self, index: int) -> str:
        """Return the last text above a cell; empty if there is none."""
        for cell in reversed(self.solved_cells[:index]):
            if cell.kind == "markdown":
                return cell.source
        return ""


def _is_string(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Expr):
        return False
    return isinstance(statement.value, ast.Constant)


def test_code(source: str) -> str:
    """Return the code of a cell with tests, without the marks around hidden ones."""
    lines = []
    for line in source.split("\n"):
        if not _HIDDEN.match(line):
            lines.append(line)
    return "\n".join(lines).strip("\n")


def remove_text(cell: SolvedCell, placeholders: Placeholders) -> DraftCell:
    """Remove a text that is an answer as a whole from the students' version."""
    lines = [DraftLine(text, in_handout=False) for text in cell.text_lines]
    lines.append(DraftLine(placeholders.text, in_reference=False))
    return draft_cell(cell, lines)
