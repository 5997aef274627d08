"""Find the exercises and questions of a notebook that nobody marked, by its texts. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from grader.authoring.drafting.readers.headings import (
    Heading,
    answer_line,
    asks,
    clean,
    heading_of,
    is_exercise,
    is_several,
    is_solution,
    question_in,
    title_of,
)
from grader.authoring.drafting.solved import SolvedCell


@dataclass
class Section:
    """A part of a notebook: what asks for something, and the code cells below it."""

    title: str
    is_exercise: bool
    """Whether a heading calls it an exercise."""
    asks: bool
    cells: list[int] = field(default_factory=list)
    """Indices of the code cells below it."""


def find_sections(cells: Sequence[SolvedCell]) -> list[Section]:
    """Divide a notebook into sections.

    Each begins with a heading, or with what asks for something below the heading of an exercise.
    """
    finder = _SectionFinder()
    for index, cell in enumerate(cells):
        if cell.kind == "markdown" and not is_solution(cell):
            finder.take_text(cell)
        elif cell.kind == "code":
            finder.take_code(index, cell)
    return finder.sections


class _ExerciseLevel:
    """Follows the headings, and knows whether one above makes what stands below it an exercise."""

    def __init__(self) -> None:
        self._level = 0  # of the heading that does; 0: none does

    @property
    def is_inside(self) -> bool:
        """Whether what stands here belongs to an exercise."""
        return self._level > 0

    def follow(self, heading: Heading | None) -> None:
        """Take the next heading; one below an exercise's is a part of that exercise."""
        if heading is None:
            return
        ends = not self._level or heading.level <= self._level
        if ends or heading.is_exercise:
            self._level = heading.level if heading.is_exercise else 0


class _SectionFinder:
    """Takes cell after cell, and collects sections."""

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self._exercise = _ExerciseLevel()

    def take_text(self, cell: SolvedCell) -> None:
        """Take a text that is no solution."""
        heading = heading_of(cell)
        asking = asks(cell)
        self._exercise.follow(heading)
        is_inside = self._exercise.is_inside

        if heading is not None:
            self.sections.append(Section(heading.text, is_inside, asking))
        elif asking and self._awaits_code():
            self._ask_below_heading(cell)
        elif asking and is_inside:
            self.sections.append(Section(title_of(cell.source), is_inside, asking))

    def take_code(self, index: int, cell: SolvedCell) -> None:
        """Take a code cell; a comment that opens it may name an exercise."""
        comment = _opening_comment(cell)
        if is_exercise(comment) and not self._awaits_code():
            self.sections.append(Section(comment, is_exercise=True, asks=True))
        if not self.sections:
            self.sections.append(Section("", is_exercise=False, asks=False))
        self.sections[-1].cells.append(index)

    def _awaits_code(self) -> bool:
        """Tell whether the last section is an exercise that no code cell answers yet."""
        if not self.sections:
            return False
        last = self.sections[-1]
        return last.is_exercise and not last.cells

    def _ask_below_heading(self, cell: SolvedCell) -> None:
        """Take a text as what the heading above it asks for.

        Below a heading of several exercises it has a title of its own.
        """
        last = self.sections[-1]
        last.asks = True
        if is_several(last.title):
            last.title = title_of(cell.source)


def _opening_comment(cell: SolvedCell) -> str:
    first_line, _, _ = cell.source.lstrip().partition("\n")
    return clean(first_line) if first_line.startswith("#") else ""


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question, and the text that answers it, or may."""

    asked: int
    """Index of the cell that asks."""
    answer: int
    """Index of the cell that answers: the next one, or the same."""
    question: str
    is_sure: bool
    """Whether it stands below the heading of an exercise, or says that it is an answer."""


def answered_questions(cells: Sequence[SolvedCell]) -> Iterator[AnsweredQuestion]:
    """Find the questions with a text below them that is no heading."""
    exercise = _ExerciseLevel()
    for index, cell in enumerate(cells):
        exercise.follow(heading_of(cell))
        is_text = cell.kind == "markdown" and not is_solution(cell)
        question = question_in(cell.source) if is_text else ""
        if not question:
            continue
        if answer_line(cell.source) is not None:
            yield AnsweredQuestion(index, index, question, is_sure=True)
            continue

        below = cells[index + 1 : index + 2]
        if below and _may_answer(below[0]):
            is_sure = exercise.is_inside or is_solution(below[0])
            yield AnsweredQuestion(index, index + 1, question, is_sure)


def _may_answer(cell: SolvedCell) -> bool:
    if cell.kind != "markdown" or asks(cell):
        return False
    return heading_of(cell) is None


def texts_after(cells: Sequence[SolvedCell], answers: Collection[int]) -> Iterator[int]:
    """Find the texts that follow answers in code.

    They end at the next heading, and at the next text that asks for something.

    Args:
        cells: those of the notebook.
        answers: indices of the code cells with answers.
    """
    follows = False
    for index, cell in enumerate(cells):
        if cell.kind != "markdown":
            follows |= index in answers
        elif not _may_answer(cell):
            follows = False
        elif follows:
            yield index
