"""Find the texts of a notebook that answer questions of other texts. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.names import says_points
from grader.authoring.drafting.readers.asking_words import (
    asks_with_verb,
    is_pointed_at,
    opens_exercise,
)
from grader.authoring.drafting.readers.headings import (
    ITEM,
    asking_line,
    asks,
    clean,
    filled_lines,
    heading_of,
    is_directive,
    is_solution,
    items_in,
    question_in,
    title_of,
    unwrapped_lines,
    without_sums,
)
from grader.authoring.drafting.readers.leftovers import says_in_comments, says_something
from grader.authoring.drafting.readers.sections import ExerciseLevel, numbers_exercises
from grader.authoring.drafting.solved import SolvedCell

_PICTURE = re.compile(r"^\s*(!\[[^\]]*\]\([^)]*\)\s*|<img\b[^>]*>\s*)+$")
MIN_ITEMS = 2
"""From which number of items on a list is one of exercises."""
_EXPLAIN = re.compile(
    r"(?:^|[.,;:!] |\b(?:and|then|e|y|et|und) )\W*"
    r"(explain|describe|discuss|justify|interpret|comment on|argue|explique|descreva"
    r"|justifique|discuta|interprete|comente|describa|comenta|expliquez|décrivez|justifiez|commentez"
    r"|interprétez|erklären|beschreiben|begründen|erkläre|beschreibe|begründe|kommentieren?"
    r"|spiega|descrivi|commenta)\b",
    re.IGNORECASE,
)
"""Verbs that ask for an answer in words."""


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question, and the text that answers it, or may."""

    asked: int
    """Index of the cell that asks."""
    answer: int
    """Index of the cell that answers: the next one, or the same."""
    question: str
    is_sure: bool
    """Whether it is below the heading of an exercise, or is labelled as an answer."""


def answered_questions(cells: Sequence[SolvedCell]) -> Iterator[AnsweredQuestion]:
    """Find the questions with a cell of words below them: a text, or code that only comments."""
    finder = _QuestionFinder(cells)
    for index in range(len(cells) - 1):
        found = finder.take(index)
        if found is not None:
            yield found


class _QuestionFinder:
    """Reads cells in order, and finds for each whether the next one answers it."""

    def __init__(self, cells: Sequence[SolvedCell]) -> None:
        self._cells = without_sums(cells)
        self._are_numbered = numbers_exercises(self._cells)
        self._exercise = ExerciseLevel()

    def take(self, index: int) -> AnsweredQuestion | None:
        """Take the next cell."""
        cell = self._cells[index]
        heading = heading_of(cell)
        self._exercise.follow(heading)
        if cell.kind != "markdown" or is_solution(cell):
            return None

        below = self._cells[index + 1]
        question = self._question(index, below)
        if not question or not _may_answer(below):
            return None
        is_sure = self._exercise.is_inside or is_solution(below)
        if heading is not None and self._are_numbered:
            is_sure |= _is_item(heading.text)
        is_sure |= _numbers_question(cell, question)
        return AnsweredQuestion(index, index + 1, question, is_sure)

    def _question(self, index: int, below: SolvedCell) -> str:
        """Find the question of a text that is answered in words, or by a picture."""
        source = self._cells[index].source
        question = asked_in_words(source)
        if question:
            return question
        is_wordy = self._are_numbered and _only_words_follow(self._cells, index)
        is_pictured = asks(self._cells[index]) and is_picture(below.source)
        if is_wordy or is_pictured:
            return title_of(source)
        return ""


def explained_results(cells: Sequence[SolvedCell]) -> Iterator[AnsweredQuestion]:
    """Find the texts below code that explain it, as the text above it asks: "Plot …. Explain …".

    Each is the last of its part: another one behind it may be the course's own.
    """
    exercise = ExerciseLevel()
    for index, cell in enumerate(without_sums(cells)):
        heading = heading_of(cell)
        exercise.follow(heading)
        if cell.kind != "markdown":
            continue
        asked = _asked_to_explain(cell.source)
        answer = _text_below_code(cells, index)
        if asked and answer is not None:
            is_sure = exercise.is_inside or says_points(cell.source)
            yield AnsweredQuestion(index, answer, asked, is_sure)


def _text_below_code(cells: Sequence[SolvedCell], index: int) -> int | None:
    """Find the text that ends a part, with nothing but code between it and a cell; else None."""
    below = cells[index + 1 :]
    count = 0
    for cell in below:
        if cell.kind != "code":
            break
        count += 1
    if count == 0 or count == len(below):
        return None

    answer = below[count]
    if not _may_answer(answer):
        return None
    if count + 1 < len(below) and not _begins_part(below[count + 1]):
        return None
    return index + 1 + count


def _begins_part(cell: SolvedCell) -> bool:
    """Return whether a text begins another part, or asks for something."""
    if cell.kind != "markdown":
        return False
    return heading_of(cell) is not None or asks(cell)


def _is_item(text: str) -> bool:
    return ITEM.match(text) is not None


def _only_words_follow(cells: Sequence[SolvedCell], index: int) -> bool:
    """Return whether a numbered heading has no code below it: it is answered in words."""
    heading = heading_of(cells[index])
    if heading is None or not _is_item(heading.text):
        return False
    for cell in cells[index + 1 :]:
        if cell.kind == "code":
            return False
        if heading_of(cell) is not None:
            return True
    return True


def _numbers_question(cell: SolvedCell, question: str) -> bool:
    """Return whether a text numbers its question, or calls it one."""
    for line in unwrapped_lines(cell.source):
        if line.lstrip().startswith("#"):
            continue
        if question_in(line) == question:
            words = clean(line)
            return _is_item(line) or opens_exercise(words) or is_pointed_at(words)
    asking = asking_line(cell.source)
    return opens_exercise(clean(asking))


def asked_in_words(source: str) -> str:
    """Find the question of a text that is answered in words, such as "explain …"; empty if none."""
    return question_in(source) or _asked_to_explain(source)


def _asked_to_explain(source: str) -> str:
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
    if heading_of(cell) is not None or question_in(cell.source):
        return False
    if is_directive(cell.source, "solution-"):
        return False
    asking = asking_line(cell.source)
    unnumbered = ITEM.sub("", asking)
    line = clean(unnumbered)
    return not opens_exercise(line) and not asks_with_verb(line)


def is_picture(source: str) -> bool:
    """Return whether a text is a picture and nothing else."""
    return bool(_PICTURE.match(source))


def answered_items(cells: Sequence[SolvedCell]) -> Iterator[tuple[int, str]]:
    """Find the cells that answer the items of a list above them, each with its item.

    There are as many cells below the list as items in it, up to the next text that asks or begins
    another part.
    """
    for index, cell in enumerate(cells):
        if cell.kind != "markdown":
            continue
        items = items_in(cell.source)
        if len(items) < MIN_ITEMS:
            continue
        last = index + 1
        while last < len(cells) and not _begins_part(cells[last]):
            last += 1
        below = range(index + 1, last)
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
