"""Find the exercises and questions of a notebook that nobody marked, by its texts. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from grader.authoring.drafting.readers.asking_words import (
    asks_with_verb,
    is_several,
    opens_exercise,
)
from grader.authoring.drafting.readers.headings import (
    ITEM,
    Heading,
    asking_line,
    asks,
    clean,
    filled_lines,
    heading_of,
    headings_in,
    is_solution,
    items_in,
    question_in,
    title_of,
)
from grader.authoring.drafting.readers.leftovers import says_in_comments, says_something
from grader.authoring.drafting.readers.marks import is_mark
from grader.authoring.drafting.solved import SolvedCell

_PICTURE = re.compile(r"^\s*(!\[[^\]]*\]\([^)]*\)\s*|<img\b[^>]*>\s*)+$")
MIN_ITEMS = 2
"""From which number of items on a list is one of exercises."""
_EXPLAIN = re.compile(
    r"(?:^|[.:!] )\W*(explain|describe|discuss|justify|interpret|comment on|argue|explique|descreva"
    r"|justifique|discuta|interprete|comente|describa|comenta|expliquez|décrivez|justifiez|erklären"
    r"|beschreiben|begründen|erkläre|spiega|descrivi)\b",
    re.IGNORECASE,
)
"""Verbs that ask for an answer in words."""


@dataclass
class Section:
    """A part of a notebook: what asks for something, and the code cells below it."""

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
    """What its texts say, up to its first code cell and below."""


def find_sections(
    cells: Sequence[SolvedCell],
    *,
    skipped: Collection[int] = (),
    by_headings: bool = False,
) -> list[Section]:
    """Divide a notebook into sections.

    Each begins with a heading, or with a text that asks for something.

    Args:
        cells: the notebook's.
        skipped: indices of texts that are answers.
        by_headings: whether only headings begin a section.
    """
    finder = _SectionFinder(
        _title_cell(cells),
        numbered_are_exercises=_numbers_exercises(cells),
        by_headings=by_headings,
    )
    for index, cell in enumerate(cells):
        if cell.kind == "markdown" and index not in skipped and not is_solution(cell):
            finder.take_text(index, cell)
        elif cell.kind == "code":
            finder.take_code(index, cell)
    return finder.sections


def _title_cell(cells: Sequence[SolvedCell]) -> int | None:
    """Find the cell with the title of the notebook, if other texts say what its exercises are.

    That is the first heading, if it is the only one of level 1, or the others are numbered: the
    word "exercise" in it makes nothing below it an exercise.
    """
    tops = []
    others = 0
    for index, cell in enumerate(cells):
        levels = [heading.level for heading in headings_in(cell)]
        if 1 in levels:
            tops.append(index)
        others += _calls_exercise(cell) and 1 not in levels
    if len(tops) > 1 and _numbers_exercises([cells[index] for index in tops[1:]]):
        return tops[0]
    if len(tops) != 1 or not others:
        return None
    return tops[0]


def _numbers_exercises(cells: Sequence[SolvedCell]) -> bool:
    """Tell whether numbered headings ask for something, and no other words name exercises."""
    numbered = 0
    for cell in cells:
        headings = headings_in(cell)
        numbered += any(map(_is_numbered_task, headings))
        others = [heading for heading in headings if heading.level > 1]
        if any(opens_exercise(heading.text) for heading in others):
            return False
    return numbered > 1


def _is_numbered_task(heading: Heading) -> bool:
    return bool(ITEM.match(heading.text)) and asks_with_verb(ITEM.sub("", heading.text))


def _calls_exercise(cell: SolvedCell) -> bool:
    """Tell whether a text calls something below it an exercise."""
    if cell.kind != "markdown":
        return False
    if any(heading.is_exercise for heading in headings_in(cell)):
        return True
    return opens_exercise(clean(asking_line(cell.source)))


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

    def __init__(
        self,
        title_cell: int | None,
        *,
        numbered_are_exercises: bool,
        by_headings: bool,
    ) -> None:
        self._numbered_are_exercises = numbered_are_exercises
        self.sections: list[Section] = []
        self._title_cell = title_cell
        self._by_headings = by_headings
        self._has_heading = False
        self._exercise = _ExerciseLevel()

    def take_text(self, index: int, cell: SolvedCell) -> None:
        """Take a text that is no solution."""
        heading = heading_of(cell)
        if index != self._title_cell:
            self._exercise.follow(heading)
        asking = asks(cell)
        line = clean(asking_line(cell.source))
        calls_exercise = opens_exercise(line) and index != self._title_cell
        if heading is not None and self._numbered_are_exercises:
            calls_exercise |= bool(ITEM.match(heading.text))
        is_inside = self._exercise.is_inside

        if heading is not None:
            is_named = heading.is_exercise or not opens_exercise(line)
            title = heading.text if is_named else title_of(line)
            self._begin(
                index,
                title,
                is_inside or calls_exercise,
                asking,
                is_by_heading=True,
            )
            is_top = heading.level == 1 and not self._has_heading
            self.sections[-1].is_title = is_top and not self.sections[-1].is_exercise
            self._has_heading = True
        elif self._by_headings:
            pass
        elif asking and self._awaits_code() and not calls_exercise:
            self._ask_below_heading(cell)
        elif asking or calls_exercise:
            self._begin(
                index,
                title_of(cell.source),
                is_inside or calls_exercise,
                asks=True,
            )
        elif self._ends_here():
            self._begin(
                index,
                "",
                is_inside,
                asks=False,
            )
        if self.sections:
            self.sections[-1].texts.append(cell.source)

    def _begin(
        self,
        index: int,
        title: str,
        is_exercise: bool,
        asks: bool,
        *,
        is_by_heading: bool = False,
    ) -> None:
        section = Section(
            title,
            is_exercise,
            asks,
            index,
            is_by_heading,
        )
        self.sections.append(section)

    def take_code(self, index: int, cell: SolvedCell) -> None:
        """Take a code cell; a comment that opens it may name an exercise."""
        comment = _opening_comment(cell)
        awaits = self._awaits_code() and self.sections[-1].is_exercise
        names_exercise = opens_exercise(comment) and not is_mark(comment)
        if names_exercise and not awaits and not self._by_headings:
            self._begin(
                index,
                comment,
                is_exercise=True,
                asks=True,
            )
        if not self.sections:
            self._begin(
                index,
                "",
                is_exercise=False,
                asks=False,
            )
        self.sections[-1].cells.append(index)

    def _awaits_code(self) -> bool:
        """Tell whether the last section has a title that no code cell stands below yet."""
        if not self.sections:
            return False
        last = self.sections[-1]
        asks_in_words = any(question_in(text) for text in last.texts)
        return bool(last.title) and not last.cells and not asks_in_words

    def _ends_here(self) -> bool:
        """Tell whether a text that asks for nothing ends the last section.

        A line in a text is the exercise of the code right below it; a heading, of all below it.
        """
        if not self.sections:
            return False
        last = self.sections[-1]
        is_line = last.is_exercise and not last.is_by_heading and not self._exercise.is_inside
        return is_line and bool(last.cells)

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
    """Find the questions with a cell of words below them: a text, or code that only comments."""
    exercise = _ExerciseLevel()
    are_numbered = _numbers_exercises(cells)
    for index, cell in enumerate(cells):
        heading = heading_of(cell)
        exercise.follow(heading)
        is_text = cell.kind == "markdown" and not is_solution(cell)
        below = cells[index + 1 : index + 2]
        if not is_text or not below:
            continue
        question = asked_in_words(cell.source)
        if not question and are_numbered and _only_words_follow(cells, index):
            question = title_of(cell.source)
        if not question and asks(cell) and is_picture(below[0].source):
            question = title_of(cell.source)
        if question and _may_answer(below[0]):
            is_numbered = are_numbered and heading is not None and bool(ITEM.match(heading.text))
            is_named = is_numbered or _numbers_question(cell, question)
            is_sure = exercise.is_inside or is_solution(below[0]) or is_named
            yield AnsweredQuestion(
                index,
                index + 1,
                question,
                is_sure,
            )


def _only_words_follow(cells: Sequence[SolvedCell], index: int) -> bool:
    """Tell whether a numbered heading has no code below it: it is answered in words."""
    heading = heading_of(cells[index])
    if heading is None or not ITEM.match(heading.text):
        return False
    for cell in cells[index + 1 :]:
        if cell.kind == "code":
            return False
        if heading_of(cell) is not None:
            return True
    return True


def _numbers_question(cell: SolvedCell, question: str) -> bool:
    """Tell whether a text numbers its question, or calls it one."""
    for line in cell.text_lines:
        if question_in(line) == question and not line.lstrip().startswith("#"):
            return bool(ITEM.match(line)) or opens_exercise(clean(line))
    return opens_exercise(clean(asking_line(cell.source)))


def asked_in_words(source: str) -> str:
    """Find what a text asks to be answered in words: a question, or "explain …"; empty: nothing."""
    question = question_in(source)
    if question:
        return question
    for line in filled_lines(source):
        if _EXPLAIN.search(line):
            return title_of(line)
    return ""


def _may_answer(cell: SolvedCell) -> bool:
    if cell.kind == "code":
        return says_in_comments(cell.source)
    if cell.kind == "raw":
        return says_something(cell.source)
    if is_picture(cell.source):
        return True
    line = clean(ITEM.sub("", asking_line(cell.source)))
    asks_more = opens_exercise(line) or asks_with_verb(line) or bool(question_in(cell.source))
    return not asks_more and heading_of(cell) is None


def is_picture(source: str) -> bool:
    """Tell whether a text is a picture and nothing else."""
    return bool(_PICTURE.match(source))


def answered_items(cells: Sequence[SolvedCell]) -> Iterator[tuple[int, str]]:
    """Find the cells that answer the items of a list above them, each with its item.

    There are as many cells below the list as items in it, up to the next text that asks or begins
    another part.
    """
    for index, cell in enumerate(cells):
        items = items_in(cell.source) if cell.kind == "markdown" else []
        if len(items) < MIN_ITEMS:
            continue
        below = []
        for number in range(index + 1, len(cells)):
            other = cells[number]
            if other.kind == "markdown" and (heading_of(other) is not None or asks(other)):
                break
            below.append(number)
        if len(below) == len(items):
            for number, item in zip(below, items, strict=True):
                yield number, question_in(item) or title_of(item)


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
