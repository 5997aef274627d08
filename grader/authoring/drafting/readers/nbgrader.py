"""Reads a notebook made for nbgrader: cell metadata of any version, and regions in the cells. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.authoring.drafting.code import take_out
from grader.authoring.drafting.readers.base import Reader
from grader.authoring.drafting.readers.headings import heading_above, question_in, title_of
from grader.authoring.drafting.readers.regions import has_marks, read_regions
from grader.authoring.drafting.solved import Line, Piece, Placeholders, Reading, SolvedCell, Task
from grader.notebook.format import table


def is_nbgrader(cells: Sequence[SolvedCell]) -> bool:
    """Whether a notebook was made for nbgrader, or has its regions."""
    return any(_metadata(cell) for cell in cells) or any(has_marks(cell) for cell in cells)


def _metadata(cell: SolvedCell) -> Mapping[str, Any]:
    return table(cell.metadata.get("nbgrader"))


def _points(cell: SolvedCell) -> float | None:
    points = _metadata(cell).get("points")
    return float(points) if isinstance(points, (int, float)) and points >= 0 else None


def _name(cell: SolvedCell) -> str:
    name = _metadata(cell).get("grade_id")
    # What the toolbar makes up says nothing.
    return name if isinstance(name, str) and not name.startswith("cell-") else ""


def _is_tests(cell: SolvedCell) -> bool:
    told = _metadata(cell)
    return cell.kind == "code" and bool(told.get("grade")) and not told.get("solution")


def _is_solution(cell: SolvedCell) -> bool:
    told = _metadata(cell)
    return bool(told.get("solution")) or (has_marks(cell) and not told.get("grade"))


def read(
    cells: Sequence[SolvedCell], placeholders: Placeholders, modules: Collection[str]
) -> Reading:
    """The pieces and exercises of such a notebook. Cells of tests are left out: what is computed is compared.

    Args:
        cells: the notebook's.
        placeholders: what stands in an answer's place.
        modules: names that it imports.
    """
    return _Reader(cells, placeholders, modules).read("nbgrader")


@dataclass
class _Reader(Reader):
    _open: list[tuple[int, int]] = field(default_factory=list)
    """Solution cells that no test has followed yet: place in the file, place among the pieces."""
    _had_points: bool = False

    def take(self, place: int) -> None:
        """Take the next cell."""
        cell = self.cells[place]
        if _is_tests(cell):
            self._tested(cell)
            self.left_out += 1
            return
        if _is_solution(cell) and cell.kind == "code":
            if self._had_points or not _metadata(cell):
                self.end()
            self._open.append((place, len(self.pieces)))
        elif (_is_solution(cell) or _metadata(cell).get("task")) and cell.kind == "markdown":
            self.tasks.append(self._text(place))
        self.pieces.append(self._piece(cell))
        if _is_solution(cell) and cell.kind == "code" and _metadata(cell).get("grade"):
            self._tested(cell)

    def _tested(self, cell: SolvedCell) -> None:
        """The cells before it are worth these points: of several tests in a row, all of them."""
        if self._open:
            self._close(_points(cell))
        elif self._had_points and self.tasks and (more := _points(cell)) is not None:
            last = self.tasks[-1]
            self.tasks[-1] = Task(last.title, last.cells, (last.points or 0) + more, last.name)
        self._had_points = True

    def end(self) -> None:
        """The solution cells that no test followed are exercises too."""
        while self._open:
            rest = self._open[1:]
            self._open = self._open[:1]
            self._close(None)
            self._open = rest
        self._had_points = False

    def _close(self, points: float | None) -> None:
        place = self._open[0][0]
        named = next(filter(None, (_name(self.cells[opened]) for opened, _ in self._open)), "")
        title = heading_above(self.cells, place)
        self.tasks.append(Task(title, tuple(piece for _, piece in self._open), points, named))
        self._open.clear()

    def _piece(self, cell: SolvedCell) -> Piece:
        if not _metadata(cell).get("solution") or has_marks(cell):
            return read_regions(cell, self.placeholders)
        if cell.kind == "code":
            return take_out(cell, self.placeholders, self.modules, keep_given=False)
        return answered(cell, self.placeholders)

    def _text(self, place: int) -> Task:
        cell = self.cells[place]
        asked = cell if _metadata(cell).get("task") or place == 0 else self.cells[place - 1]
        question = question_in(asked.source) or title_of(asked.source)
        return Task(heading_above(self.cells, place), (), _points(cell), _name(cell), question)


def answered(cell: SolvedCell, placeholders: Placeholders) -> Piece:
    """A text cell that is an answer as a whole."""
    return Piece(
        cell.kind,
        (*_taken(cell.source), Line(placeholders.text, solved=False)),
        cell.attachments,
        cell.place,
    )


def _taken(source: str) -> Iterator[Line]:
    return (Line(text, handed=False) for text in source.split("\n"))
