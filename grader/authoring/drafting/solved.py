"""Hold a solved notebook as plain data: its cells line by line, and its exercises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from grader.reference.markers import MARKER

CellKind = Literal["code", "markdown", "raw"]

MarkStyle = Literal["own", "nbgrader", "otter", "handout", "marked", "plain"]
"""Source of the places of answers: this grader's marks, another one's, the course's own handout,
the course's own marks, or nothing.
"""


RAISES = "raises-exception"
"""Tag of a cell that is meant to raise; Jupyter goes on behind it."""


@dataclass(frozen=True)
class SolvedCell:
    """A cell of the instructor's file."""

    kind: CellKind
    source: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, Any] = field(default_factory=dict)
    """Images that the text shows."""
    index: int = -1
    """Index of the cell in the file."""
    may_raise: bool = False
    """Whether its tags say that it raises, or it did when the file was saved."""

    @property
    def text_lines(self) -> list[str]:
        """The lines of the cell."""
        return self.source.split("\n")


@dataclass(frozen=True)
class Placeholders:
    """Texts that replace an answer in the handout."""

    code: str
    """A comment."""
    text: str
    """A paragraph of markdown."""


@dataclass(frozen=True)
class DraftLine:
    """A line of a cell, and the notebooks that have it."""

    text: str
    in_reference: bool = True
    in_handout: bool = True


@dataclass(frozen=True)
class DraftCell:
    """A cell of the reference, with its version in the handout."""

    kind: CellKind
    lines: tuple[DraftLine, ...]
    attachments: Mapping[str, Any] = field(default_factory=dict)
    """Images that the text shows."""
    index: int = -1
    """Index of the cell in the instructor's file."""
    may_raise: bool = False
    """Whether the cell is meant to raise, by its tags or its saved output."""

    @property
    def source(self) -> str:
        """The cell in the reference."""
        return "\n".join(line.text for line in self._reference_lines)

    @property
    def handout(self) -> str | None:
        """The cell in the handout; None if students do not get it."""
        texts = []
        for line in self.lines:
            if line.in_handout:
                texts.append(line.text)
        if not texts:
            return None
        return "\n".join(texts).strip("\n")

    @property
    def given_text(self) -> str:
        """The lines that both notebooks have."""
        given = []
        for line in self.lines:
            if line.in_reference and line.in_handout:
                given.append(line.text)
        return "\n".join(given)

    @property
    def removed_lines(self) -> frozenset[int]:
        """Numbers (from 1) of nonblank lines of the reference that students do not get."""
        numbers = set()
        for number, line in enumerate(self._reference_lines, 1):
            is_blank = not line.text.strip()
            if not line.in_handout and not is_blank:
                numbers.add(number)
        return frozenset(numbers)

    @property
    def has_answer(self) -> bool:
        """Whether students do not get some of its code; its comments may differ, too."""
        lines = self._reference_lines
        for number in self.removed_lines:
            text = lines[number - 1].text.strip()
            if not text.startswith("#"):
                return True
        return False

    def count_code_lines(self, last: int) -> int:
        """Count the lines of code up to a line (from 1), without marks on their own lines."""
        lines = self._reference_lines[:last]
        return sum(_is_code(line.text) for line in lines)

    @property
    def _reference_lines(self) -> list[DraftLine]:
        return [line for line in self.lines if line.in_reference]


@dataclass(frozen=True)
class Task:
    """An exercise of the solved notebook."""

    title: str
    cells: tuple[int, ...] = ()
    """Indices of the code cells that answer it, among the notebook's drafted cells."""
    points: float | None = None
    """Its points in the notebook; None: unknown."""
    name: str = ""
    """Its name in the notebook; empty: none."""
    question: str = ""
    """Question that a person grades, in words of the handout; empty: it is answered in code."""
    marked: bool = False
    """Whether our own marks name its answer already."""
    words: str = ""
    """The text of the exercise: its heading, the text below it and the comments around it."""
    lines: Mapping[int, frozenset[int]] = field(default_factory=dict, hash=False)
    """Numbers (from 1) of the lines that answer it, by cell, in cells with several exercises.

    In a cell that is not there, each line that students do not get answers it.
    """
    tests: tuple[str, ...] = ()
    """Code of the test cells that another grader has for it."""
    is_explained_apart: bool = False
    """Whether another exercise asks for the words about its figure."""
    is_manual: bool = False
    """Whether the notebook says that a person grades it."""

    def answers_with(self, index: int, cell: DraftCell) -> frozenset[int]:
        """Return the numbers (from 1) of the lines of a cell that answer the exercise."""
        return self.lines.get(index, cell.removed_lines)


@dataclass(frozen=True)
class SolvedNotebook:
    """A solved notebook, read."""

    style: MarkStyle
    cells: tuple[DraftCell, ...]
    tasks: tuple[Task, ...]
    dropped_tests: int = 0
    """Number of cells with tests, which are in neither notebook."""
    doubtful: tuple[int, ...] = ()
    """Indices of texts that follow a question or an answer, and yet stay in the handout."""
    handout: bytes | None = None
    """The course's own handout, which students get byte for byte; None: it is made from cells."""


def keep_whole(cell: SolvedCell) -> DraftCell:
    """Draft a cell that students get unchanged."""
    lines = [DraftLine(text) for text in cell.text_lines]
    return draft_cell(cell, lines)


def draft_cell(cell: SolvedCell, lines: Iterable[DraftLine]) -> DraftCell:
    """Draft a cell with some lines in place of its source."""
    return DraftCell(cell.kind, tuple(lines), cell.attachments, cell.index, cell.may_raise)


def drop_empty(notebook: SolvedNotebook) -> SolvedNotebook:
    """Drop the cells that neither notebook has, and renumber references to the others."""
    kept = []
    for index, cell in enumerate(notebook.cells):
        if cell.lines:
            kept.append(index)
    numbers = {index: number for number, index in enumerate(kept)}
    tasks = []
    for task in notebook.tasks:
        cells = tuple(numbers[index] for index in task.cells)
        lines = {numbers[index]: lines for index, lines in task.lines.items()}
        tasks.append(replace(task, cells=cells, lines=lines))
    return replace(
        notebook,
        cells=tuple(notebook.cells[index] for index in kept),
        tasks=tuple(tasks),
        doubtful=tuple(numbers[index] for index in notebook.doubtful if index in numbers),
    )


def strip_marks(cells: Iterable[DraftCell]) -> tuple[DraftCell, ...]:
    """Remove our own marks from the students' version of the cells."""
    return tuple(_strip_cell(cell) for cell in cells)


def _strip_cell(cell: DraftCell) -> DraftCell:
    if cell.kind != "code":
        return cell
    lines: list[DraftLine] = []
    for line in cell.lines:
        lines.extend(_strip_line(line))
    return replace(cell, lines=tuple(lines))


def _strip_line(line: DraftLine) -> Iterator[DraftLine]:
    match = MARKER.match(line.text) if line.in_handout else None
    if match is None:
        yield line
        return

    if line.in_reference:
        yield replace(line, in_handout=False)
    code = match["code"].rstrip()
    if code:
        yield DraftLine(code, in_reference=False)


def _is_code(text: str) -> bool:
    match = MARKER.match(text)
    if match is None:
        return True
    return bool(match["code"].strip())
