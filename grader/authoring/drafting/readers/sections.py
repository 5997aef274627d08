"""Find the exercises and questions of a notebook that nobody marked, by its texts. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.authoring.drafting.names import says_points
from grader.authoring.drafting.readers.asking_words import (
    asks_with_verb,
    is_several,
    opens_exercise,
)
from grader.authoring.drafting.readers.comments import opening_words
from grader.authoring.drafting.readers.headings import (
    BOLD_LEVEL,
    ITEM,
    Heading,
    asking_line,
    asks,
    clean,
    heading_of,
    headings_in,
    is_directive,
    is_solution,
    question_in,
    title_of,
    unwrapped_lines,
    without_sums,
)
from grader.authoring.drafting.readers.marks import is_mark
from grader.authoring.drafting.solved import SolvedCell

_FORM_TITLE = re.compile(r"^#\s*@title\s*")
"""Beginning of the title of a cell that Colab shows as a form."""


@dataclass
class Section:
    """A part of a notebook: texts that ask for something, and the code cells below them."""

    title: str
    is_exercise: bool
    """Whether a heading, or a line of the text, calls it an exercise."""
    asks: bool
    first: int = 0
    """Index of the cell that it begins with."""
    is_by_heading: bool = False
    """Whether it begins with a heading."""
    is_title: bool = False
    """Whether that heading is the title of the whole notebook."""
    cells: list[int] = field(default_factory=list)
    """Indices of the code cells below it."""
    texts: list[str] = field(default_factory=list)
    """Its texts, up to its first code cell and below."""

    @property
    def words(self) -> list[str]:
        """Its title, then its texts."""
        return [self.title, *self.texts]


def find_sections(cells: Sequence[SolvedCell], *, by_headings: bool = False) -> list[Section]:
    """Divide a notebook into sections.

    Each begins with a heading, or with a text that asks for something.

    Args:
        cells: the notebook's.
        by_headings: whether only headings begin a section.
    """
    cells = without_sums(cells)
    finder = _SectionFinder(cells, by_headings=by_headings)
    for index, cell in enumerate(cells):
        if cell.kind == "code":
            finder.take_code(index, cell)
        elif is_directive(cell.source, "solution-end"):
            finder.end_exercise(index)
        elif cell.kind == "markdown" and not is_solution(cell):
            finder.take_text(index, cell)
    return finder.sections


def title_cell(cells: Sequence[SolvedCell]) -> int | None:
    """Find the cell with the title of the notebook, if other texts name its exercises.

    That is the first heading, if it is the only one of level 1, or the others are numbered: the
    word "exercise" in it does not make the parts below it exercises.
    """
    tops = []
    others = 0
    for index, cell in enumerate(cells):
        levels = [heading.level for heading in headings_in(cell)]
        if 1 in levels:
            tops.append(index)
        elif _calls_exercise(cell):
            others += 1
    if not tops:
        return None
    if len(tops) == 1:
        if not others and not numbers_exercises(cells):
            return None
        return tops[0]
    further = [cells[index] for index in tops[1:]]
    if not numbers_exercises(further):
        return None
    return tops[0]


def numbers_exercises(cells: Sequence[SolvedCell]) -> bool:
    """Return whether numbered headings ask for something, and no other words name exercises."""
    numbered = 0
    for cell in cells:
        headings = headings_in(cell)
        for heading in headings:
            if heading.level > 1 and opens_exercise(heading.text):
                return False
        if any(map(_is_numbered_task, headings)):
            numbered += 1
    return numbered > 1


def _is_numbered_task(heading: Heading) -> bool:
    if not ITEM.match(heading.text):
        return False
    unnumbered = ITEM.sub("", heading.text)
    return asks_with_verb(unnumbered)


def _calls_exercise(cell: SolvedCell) -> bool:
    """Return whether a text calls something below it an exercise."""
    if cell.kind != "markdown":
        return False
    if any(heading.is_exercise for heading in headings_in(cell)):
        return True
    line = clean(asking_line(cell.source))
    return opens_exercise(line)


class ExerciseLevel:
    """Follows the headings, and knows whether one above makes the parts below it exercises."""

    def __init__(self) -> None:
        self._level = 0  # of the heading that does; 0: none does

    @property
    def is_inside(self) -> bool:
        """Whether the current place belongs to an exercise."""
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

    def __init__(self, cells: Sequence[SolvedCell], *, by_headings: bool) -> None:
        self.sections: list[Section] = []
        self._title_cell = title_cell(cells)
        self._numbered_are_exercises = numbers_exercises(cells)
        self._by_headings = by_headings
        self._has_heading = False
        self._exercise = ExerciseLevel()

    def take_text(self, index: int, cell: SolvedCell) -> None:
        """Take a text that is no solution."""
        heading = heading_of(cell)
        if index != self._title_cell:
            self._exercise.follow(heading)
        calls_exercise = self._calls_exercise(index, cell)
        is_exercise = calls_exercise or self._exercise.is_inside
        section = Section("", is_exercise, asks(cell), index)

        if heading is not None:
            self._begin_at_heading(section, heading, cell)
        elif self._by_headings:
            pass
        elif section.asks and self._awaits_code() and not calls_exercise:
            self._ask_below_heading(cell)
        elif section.asks or calls_exercise:
            section.title = title_of(cell.source)
            section.asks = True
            self.sections.append(section)
        elif self._ends_here():
            self.sections.append(section)
        if self.sections:
            self.sections[-1].texts.append(cell.source)

    def end_exercise(self, index: int) -> None:
        """Begin a section without a title: what is below does not belong to the exercise above."""
        end = Heading(BOLD_LEVEL, "")
        self._exercise.follow(end)
        untitled = Section("", is_exercise=False, asks=False, first=index)
        self.sections.append(untitled)

    def _calls_exercise(self, index: int, cell: SolvedCell) -> bool:
        """Return whether a text calls itself an exercise: by a word, its points or a number."""
        line = clean(asking_line(cell.source))
        if opens_exercise(line) and index != self._title_cell:
            return True
        if says_points(cell.source) and asks(cell):
            return True
        heading = heading_of(cell)
        if heading is None or index == self._title_cell or not self._numbered_are_exercises:
            return False
        return ITEM.match(heading.text) is not None

    def _begin_at_heading(self, section: Section, heading: Heading, cell: SolvedCell) -> None:
        line = clean(asking_line(cell.source))
        is_named = heading.is_exercise or not opens_exercise(line)
        section.title = heading.text if is_named else title_of(line)
        section.is_by_heading = True
        if heading.level == 1 and not self._has_heading:
            section.is_title = not section.is_exercise
        self._has_heading = True
        self.sections.append(section)

    def take_code(self, index: int, cell: SolvedCell) -> None:
        """Take a code cell; a comment that opens it may name an exercise."""
        comment = _opening_comment(cell)
        names_exercise = opens_exercise(comment) and not is_mark(comment)
        begins = names_exercise and not self._by_headings
        if begins and not self._awaits_answer():
            words = opening_words(cell.source)
            section = Section(title_of(words), is_exercise=True, asks=True, first=index)
            section.texts.append(words)
            self._take_words(section, comment)
            self.sections.append(section)
        if not self.sections:
            untitled = Section("", is_exercise=False, asks=False, first=index)
            self.sections.append(untitled)
        self.sections[-1].cells.append(index)

    def _take_words(self, section: Section, comment: str) -> None:
        """Give a part that a comment names, such as "Q2.b", the line above that begins like it."""
        if not self.sections:
            return
        last = self.sections[-1]
        for number, text in enumerate(last.texts):
            lines = unwrapped_lines(text)
            for line in lines:
                words = clean(line)
                if words.startswith(comment):
                    section.title = words
                    section.texts = [line]
                    remaining = []
                    for other in lines:
                        if other != line:
                            remaining.append(other)
                    last.texts[number] = "\n".join(remaining)

    def _awaits_code(self) -> bool:
        """Return whether the last section has a title without a code cell below it so far."""
        if not self.sections:
            return False
        last = self.sections[-1]
        if last.cells or not last.title:
            return False
        return not any(map(question_in, last.texts))

    def _awaits_answer(self) -> bool:
        """Return whether the last section is one exercise without a code cell below it so far."""
        if not self._awaits_code():
            return False
        last = self.sections[-1]
        return last.is_exercise and not is_several(last.title)

    def _ends_here(self) -> bool:
        """Return whether a text that asks for nothing ends the last section.

        A line in a text is the exercise of the code right below it; a heading, of all below it.
        """
        if not self.sections:
            return False
        last = self.sections[-1]
        if last.is_by_heading or self._exercise.is_inside:
            return False
        return last.is_exercise and bool(last.cells)

    def _ask_below_heading(self, cell: SolvedCell) -> None:
        """Take a text as the request of the heading above it.

        Below a heading of several exercises it has its own title.
        """
        last = self.sections[-1]
        last.asks = True
        if is_several(last.title):
            last.title = title_of(cell.source)


def _opening_comment(cell: SolvedCell) -> str:
    first_line, _, _ = cell.source.lstrip().partition("\n")
    if not first_line.startswith("#"):
        return ""
    return clean(_FORM_TITLE.sub("", first_line))
