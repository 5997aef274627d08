"""Read a solved notebook beside the course's own handout: its further lines are answers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from grader.authoring.drafting.code import parses
from grader.authoring.drafting.readers.answered_texts import answered_items, asked_in_words
from grader.authoring.drafting.readers.blocks import only_prepares, only_shows
from grader.authoring.drafting.readers.comments import is_blank_or_comment, strings_alone
from grader.authoring.drafting.readers.headings import (
    BADGE_LINE,
    DIRECTIVE_LINE,
    HEADING_LINE,
    clean,
    title_of,
)
from grader.authoring.drafting.readers.leftovers import has_content
from grader.authoring.drafting.readers.marked_code import AnswerSpot
from grader.authoring.drafting.readers.marks import marks_in
from grader.authoring.drafting.readers.own_parts import cells_of_own_parts
from grader.authoring.drafting.readers.sections import Section, find_sections, title_cell
from grader.authoring.drafting.readers.solution_cells import is_unsolved
from grader.authoring.drafting.readers.tasks import WordedTask, make_tasks
from grader.authoring.drafting.readers.uncommented import asks_to_uncomment, is_commented_out
from grader.authoring.drafting.readers.worded import folded_code
from grader.authoring.drafting.solved import (
    DraftCell,
    DraftLine,
    SolvedCell,
    SolvedNotebook,
    Task,
    draft_cell,
)
from grader.authoring.drafting.source import CourseHandout
from grader.authoring.drafting.syntax import DEFINITION, line_range
from grader.errors import AssignmentError
from grader.notebook.cells import NotebookCell
from grader.notebook.code import parse_cell
from grader.notebook.folding import split_words
from grader.notebook.imports import IMPORT
from grader.notebook.line_alignment import LineAlignment, LinePlace, OtherLine, align_lines

MAX_PLACEHOLDER_WORDS = 8
"""Most words of a line in an answer's place."""
MIN_COMMON = 0.3
"""Least share of the handout's lines that a solved notebook of it has."""
SIMILAR = 0.6
"""Share of a line's words from which on it is a line of the handout in another wording."""
REVISED_LINES = 2
"""Most lines of given code that are another version of one line of the handout."""


def read_with_handout(
    cells: Sequence[SolvedCell], handout: CourseHandout, own_tasks: Sequence[Task] = ()
) -> SolvedNotebook:
    """Read the cells and exercises of a solved notebook whose handout is given.

    Args:
        cells: the solved notebook's.
        handout: the course's own.
        own_tasks: exercises that this grader's own marks name.

    Raises:
        AssignmentError: the handout has all answers, or is that of another notebook.
    """
    reader = _HandoutReader(cells, handout)
    tasks = reader.tasks()
    if not tasks:
        problem = "it has every answer of the solved notebook already."
        advice = "Give the notebook without answers, or leave --handout out."
        raise AssignmentError(problem, advice, where=handout.path)
    if own_tasks:
        worded = []
        for task in tasks:
            if task.question:
                worded.append(task)
        tasks = (*own_tasks, *worded)
    return SolvedNotebook(
        style="own" if own_tasks else "handout", cells=tuple(reader.drafted), tasks=tasks
    )


def check_handout(cells: Sequence[SolvedCell], handout: CourseHandout) -> None:
    """Check that a handout belongs to a solved notebook.

    Raises:
        AssignmentError: it is that of another one.
    """
    alignment = align_lines(_plain(cells), _plain(handout.cells))
    _check_same(alignment, handout)


class _HandoutReader:
    """Finds the lines that only the solved notebook has, and the texts that ask for them."""

    def __init__(self, cells: Sequence[SolvedCell], handout: CourseHandout) -> None:
        self._cells = cells
        self._alignment = align_lines(_plain(cells), _plain(handout.cells))
        _check_same(self._alignment, handout)
        self.drafted: list[DraftCell] = []
        for index, cell in enumerate(cells):
            self.drafted.append(self._draft(index, cell))
        self._spots: dict[int, list[AnswerSpot]] = {}
        self._minor: set[int] = set()
        """Cells with answers that only import or show."""
        self._items = dict(answered_items(cells))
        self._title_cell = title_cell(cells)
        self._texts = self._given_texts()
        self._sections = find_sections(self._texts)

    def tasks(self) -> tuple[Task, ...]:
        """Make an exercise of each part of the notebook that has answers."""
        for section in self._sections:
            self._read_code(section)
        self._drop_own_exercises()
        worded = list(self._worded())
        self._drop_trials({answer.cell for answer in worded})
        return make_tasks(self.drafted, self._sections, self._spots, worded)

    def _drop_own_exercises(self) -> None:
        """Leave out code below exercises that the handout does not have, if there is other."""
        shared = set()
        for index, cell in enumerate(self._cells):
            numbers = range(1, len(cell.text_lines) + 1)
            is_given = any(self._is_given(index, number) for number in numbers)
            if is_given or self._others(index):
                shared.add(index)
        own = cells_of_own_parts(self._cells, shared)
        remaining = {}
        for index, spots in self._spots.items():
            if index not in own:
                remaining[index] = spots
        if remaining:
            self._spots = remaining

    def _drop_trials(self, answered: set[int]) -> None:
        """Leave out code that only imports or shows in sections that are answered in words."""
        for cell in answered:
            section = _section_of(self._sections, cell)
            inside = section.cells if section is not None else []
            for index in self._minor.intersection(inside):
                self._spots.pop(index, None)

    def _draft(self, index: int, cell: SolvedCell) -> DraftCell:
        """Draft a cell with the lines that only the handout has in their places."""
        others = self._others(index)
        lines: list[DraftLine] = []
        number = 0
        for number, text in enumerate(cell.text_lines, 1):
            lines.extend(_handout_lines(others, number))
            is_blank = not text.strip()
            is_given = is_blank or self._is_given(index, number)
            lines.append(DraftLine(text, in_handout=is_given))
        lines.extend(_handout_lines(others, number + 1))
        return draft_cell(cell, lines)

    def _others(self, index: int) -> Sequence[OtherLine]:
        """List the lines that only the handout has, in place of a cell's own."""
        return self._alignment.other_lines.get(index, [])

    def _is_given(self, index: int, number: int) -> bool:
        """Return whether the handout has a line, as it is or commented out."""
        if LinePlace(index, number) in self._alignment.common:
            return True
        cell = self._cells[index]
        if cell.kind != "code":
            return False
        others = [other.text for other in self._others(index)]
        return is_commented_out(cell.text_lines[number - 1], others)

    def _given_texts(self) -> list[SolvedCell]:
        """Return the cells with the handout's texts; texts that only answer are left out."""
        given = []
        for cell_number, cell in enumerate(self._cells):
            if cell.kind != "markdown":
                given.append(cell)
                continue
            answer = set(self._answer_lines(cell_number, cell))
            texts = []
            for number, text in enumerate(cell.text_lines, 1):
                if number not in answer:
                    texts.append(text)
            given.append(replace(cell, source="\n".join(texts)))
        return given

    def _read_code(self, section: Section) -> None:
        """Find the answers in the code of a section.

        Code that only imports or shows is an answer only if an exercise has no other.
        """
        major = {}
        minor = {}
        for index in section.cells:
            if self._is_revised(index):
                continue
            spots = list(self._spots_in(index))
            minor_spots = []
            for spot in spots:
                if self._is_minor(index, spot):
                    minor_spots.append(spot)
            if len(minor_spots) < len(spots):
                major[index] = spots
            elif spots:
                minor[index] = spots

        self._spots.update(major)
        is_asked = section.is_exercise or section.asks
        for index, spots in minor.items():
            is_alone = is_asked and not section.is_title and not major
            if is_alone or index in self._items:
                self._spots[index] = spots
                self._minor.add(index)

    def _spots_in(self, index: int) -> Iterator[AnswerSpot]:
        """Find the answers in a code cell: lines without given code between them."""
        source = self._cells[index].source
        strings = strings_alone(source)
        marks: dict[int, str] = {}
        for mark in marks_in(source):
            if not asks_to_uncomment(mark.words):
                marks[mark.comment.line] = mark.words
        lines: set[int] = set()
        words = ""
        number = 0
        for line in self.drafted[index].lines:
            number += line.in_reference
            is_code = not is_blank_or_comment(line.text) and number not in strings
            if not line.in_reference:
                words = _words_of_mark(line.text) or words
            elif not line.in_handout and line.text.strip():
                lines.add(number)
            elif is_code or marks.get(number):
                if self._has_code(index, lines):
                    yield self._spot(index, lines, words)
                    words = ""
                lines = set()
                words = marks.get(number) or words
        if self._has_code(index, lines):
            yield self._spot(index, lines, words)

    def _spot(self, index: int, lines: set[int], words: str) -> AnswerSpot:
        """Make the spot of some lines of a cell."""
        is_begun = False
        for statement in parse_cell(self._cells[index].source).body:
            if not isinstance(statement, DEFINITION) or lines.isdisjoint(line_range(statement)):
                continue
            is_begun = is_begun or self._is_given(index, statement.lineno)
        return AnswerSpot(frozenset(lines), words, is_begun)

    def _has_code(self, index: int, lines: set[int]) -> bool:
        cell = self._cells[index]
        texts = cell.text_lines
        for number in lines - strings_alone(cell.source):
            text = texts[number - 1]
            if not is_blank_or_comment(text):
                return True
        return False

    def _is_revised(self, index: int) -> bool:
        """Return whether a code cell is only a revision of the handout's.

        Courses mend given code in one notebook and not in the other. If an answer is missing, the
        handout has a placeholder, a mark, or fewer lines.
        """
        texts = [other.text for other in self._others(index)]
        code = []
        for text in texts:
            if not is_blank_or_comment(text):
                code.append(text)
        handout = "\n".join(texts)
        is_marked = marks_in(self._cells[index].source) or marks_in(handout)
        if not code or is_marked or is_unsolved(handout):
            return False
        if not parses(self.drafted[index].handout or ""):
            return False
        lines = self.drafted[index].lines
        answer = []
        for line in lines:
            if not line.in_handout:
                answer.append(line)
        return len(answer) <= REVISED_LINES * len(code)

    def _is_minor(self, index: int, spot: AnswerSpot) -> bool:
        """Return whether an answer only imports, prepares or shows, in place of nothing."""
        for statement in parse_cell(self._cells[index].source).body:
            if spot.lines.isdisjoint(line_range(statement)):
                continue
            is_import = isinstance(statement, IMPORT)
            if not is_import and not only_shows(statement) and not only_prepares(statement):
                return False
        return not self._others(index)

    def _worded(self) -> Iterator[WordedTask]:
        """Find the answers in words, each with its question."""
        asked: dict[str, None] = {}
        for index, cell in enumerate(self._cells):
            lines = self._answer_lines(index, cell)
            question = ""
            if lines:
                question = self._question(index, lines)
            if question and question not in asked:
                asked[question] = None
                yield WordedTask(index, question)

    def _answer_lines(self, index: int, cell: SolvedCell) -> list[int]:
        """List the lines of words that only the solved notebook has, and that are no rewording."""
        if self._spots.get(index) or index == self._title_cell:
            return []
        others = [other.text for other in self._others(index)]
        if others and not any(map(_may_be_replaced, others)):
            return []
        own = {}
        hidden = folded_code(cell.source)
        for number, text in enumerate(cell.text_lines, 1):
            is_shown = text.strip() and number not in hidden
            is_no_prose = DIRECTIVE_LINE.match(text) or BADGE_LINE.match(text)
            if is_shown and not is_no_prose and not self._is_given(index, number):
                own[number] = text
        is_code = cell.kind == "code"
        if is_code and self._has_code(index, set(own)):
            return []

        numbers = []
        has_heading = any(map(HEADING_LINE.match, others))
        for number, text in own.items():
            is_heading = cell.kind == "markdown" and HEADING_LINE.match(text)
            if is_heading and has_heading:
                continue
            is_reworded = any(_is_rewording(text, other) for other in others)
            if not is_reworded:
                numbers.append(number)
        return numbers

    def _question(self, index: int, lines: Sequence[int]) -> str:
        """Find the question that a text answers; empty if there is none."""
        item = self._items.get(index)
        if item:
            return item
        cell = self._cells[index]
        texts_above = cell.text_lines[: lines[0] - 1]
        above = "\n".join(texts_above)
        own_question = asked_in_words(above)
        if own_question:
            return own_question
        asked = self._asked_above(index)
        if cell.kind == "code":
            return asked

        section = _section_of(self._sections, index)
        answer = []
        for number in lines:
            answer.append(cell.text_lines[number - 1])
        if section is None or any(map(HEADING_LINE.match, answer)):
            return ""
        is_unasked = section.is_title or not self._awaits_words(index, section)
        if asked or is_unasked:
            return asked
        for said in (above, *reversed(section.texts)):
            if said.strip():
                return title_of(said)
        return section.title

    def _awaits_words(self, index: int, section: Section) -> bool:
        """Return whether words are asked for in a section that puts no question."""
        if self._others(index):
            return True
        has_code = any(cell in self._spots for cell in section.cells)
        return section.is_exercise and not has_code

    def _asked_above(self, index: int) -> str:
        """Find the nearest question in the texts of the same section that is answered in words."""
        section = _section_of(self._sections, index)
        first = section.first if section else 0
        for cell in reversed(self._texts[first:index]):
            asked = ""
            if cell.kind == "markdown":
                asked = asked_in_words(cell.source)
            if asked:
                return asked
        return ""


def _plain(cells: Sequence[SolvedCell]) -> list[NotebookCell]:
    return [NotebookCell(kind=cell.kind, source=cell.source) for cell in cells]


def _handout_lines(others: Sequence[OtherLine], before: int) -> Iterator[DraftLine]:
    for other in others:
        if other.before == before:
            yield DraftLine(other.text, in_reference=False)


def _section_of(sections: Sequence[Section], cell: int) -> Section | None:
    before = []
    for section in sections:
        if section.first <= cell:
            before.append(section)
    if not before:
        return None
    return before[-1]


def _words_of_mark(line: str) -> str:
    """Return the request of a comment of the handout; empty if it is no mark or has no text."""
    for mark in marks_in(line.strip()):
        if mark.words and not asks_to_uncomment(mark.words):
            return mark.words
    return ""


def _may_be_replaced(other: str) -> bool:
    """Return whether a line of the handout may mark the place of an answer."""
    if not has_content(other):
        return True
    if HEADING_LINE.match(other):
        return False
    text = clean(other)
    return len(text.split()) <= MAX_PLACEHOLDER_WORDS


def _is_rewording(text: str, other: str) -> bool:
    """Return whether a line of text is a rewording of a line of the handout."""
    blank = other.strip().rstrip("_. ")
    if text.strip().startswith(blank):
        return False
    words = split_words(text)
    other_words = split_words(other)
    matcher = SequenceMatcher(None, words, other_words, autojunk=False)
    common = sum(block.size for block in matcher.get_matching_blocks())
    return common >= SIMILAR * len(words)


def _check_same(alignment: LineAlignment, handout: CourseHandout) -> None:
    """Check that most lines of a handout are in the solved notebook."""
    count = 0
    for cell in handout.cells:
        filled = []
        for text in cell.text_lines:
            if text.strip():
                filled.append(text)
        count += len(filled)
    common = len(alignment.other_common)
    if common < MIN_COMMON * count:
        problem = f"it is the handout of another notebook: they share {common} of {count} lines."
        raise AssignmentError(problem, "Check which one belongs to it.", where=handout.path)
