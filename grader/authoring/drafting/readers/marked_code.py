"""Remove answers between a course's own marks from the students' version of a code cell. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.code import headers_in, parses
from grader.authoring.drafting.readers.blocks import (
    Block,
    block_below,
    blocks_in,
    end_of_block,
    end_of_paragraph,
    first_line,
    is_compound,
    only_shows,
    statement_at,
    statement_lines,
)
from grader.authoring.drafting.readers.comments import is_blank_or_comment
from grader.authoring.drafting.readers.marks import AnswerMark, marks_in
from grader.authoring.drafting.readers.regions import blank_out
from grader.authoring.drafting.solved import (
    DraftCell,
    DraftLine,
    SolvedCell,
    draft_cell,
    keep_whole,
)
from grader.authoring.drafting.syntax import (
    DEFINITION,
    FUNCTION,
    leading_space,
    names_bound,
    names_read,
)
from grader.notebook.code import parse_cell

ENDS = ("end", "solution")
"""Kinds of marks that begin no answer of their own."""

_BOX = re.compile(r"^\s*#[\s#*=~_+-]*$")
"""A line of a box around a mark."""
_EMPTY = re.compile(r"^\s*(pass|\.\.\.|raise NotImplementedError\b.*|return|return None)\s*(#.*)?$")
"""A line in the place of a missing answer."""
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?![\w(.])")
_ARTICLES = frozenset({"a", "A", "o", "I"})
"""Words of a sentence that names may be called like."""
_GAP = re.compile(r"^\s*[\w., ]+=\s*(None|\.\.\.|\"\"|'')\s*(#.*)?$")
"""A line that assigns a missing value."""


@dataclass(frozen=True)
class AnswerSpot:
    """Lines of a cell that answer what a comment asks for."""

    lines: frozenset[int]
    """Numbers (from 1) of the lines of the reference."""
    words: str = ""
    """Request of the comment."""
    is_begun: bool = False
    """Whether the course's own handout begins the function or class that it is in."""


@dataclass(frozen=True)
class MarkedCell:
    """A code cell, read by its marks."""

    cell: DraftCell
    spots: tuple[AnswerSpot, ...]
    """Its answers; none: nothing in it is marked."""
    is_doubtful: bool = False
    """Whether code below a mark stays that may be a part of the answer."""


def read_marked(cell: SolvedCell) -> MarkedCell:
    """Remove the marked code from the students' version of a code cell.

    The marks themselves stay, and so does the code around them. Names that given code reads and
    only the answer assigns get a placeholder.
    """
    reader = _MarkReader(cell)
    spots = tuple(reader.spots())
    if not spots:
        return MarkedCell(keep_whole(cell), ())
    drafted = reader.draft(spots)
    return MarkedCell(drafted, spots, reader.is_doubtful)


class _MarkReader:
    """Reads the marks of one cell."""

    def __init__(self, cell: SolvedCell) -> None:
        self._cell = cell
        self._texts = cell.text_lines
        self._tree = parse_cell(cell.source)
        self._marks = marks_in(cell.source)
        self._alone: list[AnswerMark] = []
        self._ends_of_lines: list[AnswerMark] = []
        for mark in self._marks:
            if mark.comment.is_alone:
                self._alone.append(mark)
            else:
                self._ends_of_lines.append(mark)
        self._end = len(self._texts) + 1
        self._blanked: set[int] = set()
        """First lines of statements that a comment behind them marks."""
        self.is_doubtful = False

    def spots(self) -> list[AnswerSpot]:
        """Find the answers, in order."""
        return sorted(self._spots(), key=lambda spot: min(spot.lines))

    def _spots(self) -> Iterator[AnswerSpot]:
        taken: set[int] = set()
        for index, mark in enumerate(self._alone):
            if mark.kind in ENDS or mark.comment.line in taken:
                continue
            later = self._alone[index + 1 :]
            lines = self._lines_below(mark, later) - taken
            answer = self._without_gaps(lines)
            taken |= answer
            if self._has_code(answer):
                yield AnswerSpot(frozenset(answer), mark.words)

        for mark in self._ends_of_lines:
            lines = self._lines_beside(mark) - taken
            taken |= lines
            if self._has_code(lines):
                words = mark.words or self._words_above(mark)
                yield AnswerSpot(frozenset(lines), words)

    def _without_gaps(self, lines: set[int]) -> set[int]:
        """Leave out the placeholders that an answer begins with: they are the course's own."""
        kept = sorted(lines)
        while self._has_code(kept[1:]):
            text = self._texts[kept[0] - 1]
            if not _GAP.match(text):
                break
            kept.pop(0)
        return set(kept)

    def _has_code(self, lines: Iterable[int]) -> bool:
        """Return whether some lines hold more than comments and placeholders."""
        for number in lines:
            text = self._texts[number - 1]
            is_empty = _EMPTY.match(text) or _GAP.match(text)
            if not is_empty and not is_blank_or_comment(text):
                return True
        return False

    def _lines_below(self, mark: AnswerMark, later: Sequence[AnswerMark]) -> set[int]:
        """Find the lines that answer a mark that has a line of its own."""
        start = self._end_of_instruction(mark)
        end = _matching_end(mark, later, self._texts)
        if end is not None:
            return self._lines_between(start, end)
        if mark.kind == "begin":
            return self._lines_of_block(mark, start, self._end)

        next_mark = self._end
        if later:
            next_mark = later[0].comment.line
        if self._has_marked_lines(mark, next_mark):
            return set()
        return self._lines_of_block(mark, start, next_mark)

    def _end_of_instruction(self, mark: AnswerMark) -> int:
        """Find the last line of the comments that a mark begins: they are for students."""
        last = mark.comment.last
        for number in range(last + 1, self._end):
            text = self._texts[number - 1]
            if not text.strip().startswith("#"):
                break
            last = number
        return last

    def _lines_between(self, start: int, end: int) -> set[int]:
        """Return the lines between two marks, but for the box around the second one."""
        last = end - 1
        while last > start and _BOX.match(self._texts[last - 1]):
            last -= 1
        return set(range(start + 1, last + 1))

    def _has_marked_lines(self, mark: AnswerMark, next_mark: int) -> bool:
        """Return whether code up to the next mark has marks at its ends that state the request."""
        for other in self._ends_of_lines:
            if mark.comment.line < other.comment.line < next_mark:
                return True
        return False

    def _lines_of_block(
        self,
        mark: AnswerMark,
        start: int,
        next_mark: int,
    ) -> set[int]:
        """Find the statements below a mark that nothing ends."""
        column = len(mark.comment.indent)
        block = block_below(self._tree, mark.comment.last, column)
        below = []
        for statement in block:
            if first_line(statement) < next_mark:
                below.append(statement)
        if not below or any(map(self._holds_marks, below)):
            return set()
        count = self._count_answer(mark, block, next_mark)
        if not count:
            return set()

        rest = below[count:]
        self.is_doubtful |= not mark.words and not all(map(only_shows, rest))
        end = statement_lines(block[count - 1]).stop
        lines = set(range(start + 1, end))
        for header, _ in headers_in(block[:count]):
            lines.difference_update(header)
        return lines

    def _count_answer(
        self,
        mark: AnswerMark,
        block: Block,
        next_mark: int,
    ) -> int:
        """Count the statements of a block that answer a mark."""
        if mark.kind != "todo" or self._is_only_mark(block):
            return end_of_block(block, next_mark)
        asking = []
        for other in self._marks:
            if other.kind == "todo":
                asking.append(other)
        return end_of_paragraph(
            block,
            self._texts,
            next_mark,
            is_one_of_many=len(asking) > 1,
        )

    def _holds_marks(self, statement: ast.stmt) -> bool:
        """Return whether a definition has marks inside, which delimit the answer."""
        if not isinstance(statement, DEFINITION):
            return False
        return self._count_marks(statement) > 0

    def _count_marks(self, statement: ast.stmt) -> int:
        lines = statement_lines(statement)
        return sum(mark.comment.line in lines for mark in self._marks)

    def _is_only_mark(self, block: Block) -> bool:
        """Return whether a block ends a function that has one mark: it asks for all of the rest."""
        for node in ast.walk(self._tree):
            if not isinstance(node, FUNCTION) or node.body[-1] is not block[-1]:
                continue
            return self._count_marks(node) == 1
        return False

    def _lines_beside(self, mark: AnswerMark) -> set[int]:
        """Find the lines of the statement that has a mark behind it.

        Within a statement of several lines only that line is marked.
        """
        line = mark.comment.line
        statement = statement_at(self._tree, line)
        if statement is None:
            return set()
        lines = statement_lines(statement)
        if is_compound(statement):
            header = 1 if isinstance(statement, DEFINITION) else 0
            return set(lines[header:])
        if line not in (lines[0], lines[-1]):
            return {line}
        self._blanked.add(lines[0])
        return set(lines)

    def _words_above(self, mark: AnswerMark) -> str:
        words = ""
        for other in self._alone:
            if other.comment.line < mark.comment.line:
                words = other.words
        return words

    def draft(self, spots: Sequence[AnswerSpot]) -> DraftCell:
        """Draft the cell without its answers."""
        for with_dots in (False, True):
            lines = list(self._draft_lines(spots, with_dots=with_dots))
            drafted = draft_cell(self._cell, lines)
            if parses(drafted.handout or "") or not parses(drafted.source):
                break
        return drafted

    def _draft_lines(self, spots: Sequence[AnswerSpot], *, with_dots: bool) -> Iterator[DraftLine]:
        removed: set[int] = set()
        starts: dict[int, AnswerSpot] = {}
        for answer in spots:
            removed |= answer.lines
            starts[min(answer.lines)] = answer
        kept_names = _KeptNames(self._tree, removed)

        for number, text in enumerate(self._texts, 1):
            spot = starts.get(number)
            if spot is not None and number not in self._blanked:
                names = kept_names.missing(spot)
                yield from self._placeholders(spot, names, with_dots=with_dots)
            if number not in removed:
                yield DraftLine(text)
                continue
            yield DraftLine(text, in_handout=False)
            yield from self._left_of(number)

    def _placeholders(
        self,
        spot: AnswerSpot,
        names: Sequence[str],
        *,
        with_dots: bool,
    ) -> Iterator[DraftLine]:
        """Return the lines in the place of an answer."""
        indent = self._indent_of(spot)
        for name in names:
            yield DraftLine(f"{indent}{name} = ...", in_reference=False)
        if with_dots and indent:
            yield DraftLine(f"{indent}...", in_reference=False)

    def _indent_of(self, spot: AnswerSpot) -> str:
        for number in sorted(spot.lines):
            text = self._texts[number - 1]
            if not is_blank_or_comment(text):
                return leading_space(text)
        return ""

    def _left_of(self, number: int) -> Iterator[DraftLine]:
        """Return the students' version of a line of an answer with a mark behind it."""
        statement = statement_at(self._tree, number)
        if statement is None:
            return
        text = self._texts[number - 1]
        comment = _comment_behind(text)
        first = first_line(statement)
        if first not in self._blanked:
            marked = []
            for mark in self._ends_of_lines:
                marked.append(mark.comment.line)
            if number in marked:
                indent = leading_space(text)
                yield DraftLine(indent + comment, in_reference=False)
        elif number == first:
            last = self._texts[statement_lines(statement)[-1] - 1]
            code = text.removesuffix(comment).rstrip()
            blanked = f"{blank_out(code)}  {_comment_behind(last)}"
            yield DraftLine(blanked.rstrip(), in_reference=False)


def _comment_behind(text: str) -> str:
    """Return the comment at the end of a line that a mark refers to."""
    position = text.rfind("#")
    if position < 0:
        return ""
    before = text[:position]
    while before.endswith("#"):
        before = before[:-1]
    return text[len(before) :]


def _matching_end(
    mark: AnswerMark,
    later: Sequence[AnswerMark],
    texts: Sequence[str],
) -> int | None:
    """Find the line of the end that belongs to a mark.

    Marks right below it, with nothing but comments between, also belong to it; behind code, another
    mark that begins an answer has the end.
    """
    for other in later:
        if other.kind == "end":
            return other.comment.line
        between = texts[mark.comment.last : other.comment.line - 1]
        has_code = not all(map(is_blank_or_comment, between))
        if other.kind == "begin" or has_code:
            return None
    return None


class _KeptNames:
    """Knows which names the given code of a cell reads, and only an answer binds."""

    def __init__(self, tree: ast.Module, removed: Collection[int]) -> None:
        self._statements: list[ast.stmt] = []
        self._read: set[str] = set()
        self._bound = _parameters(tree)
        for block in blocks_in(tree):
            for statement in block:
                if not is_compound(statement):
                    self._statements.append(statement)
                if statement.lineno not in removed:
                    self._keep(statement)

    def _keep(self, statement: ast.stmt) -> None:
        """Note the names of a statement that students get."""
        match statement:
            case ast.For(iter=condition) | ast.While(test=condition) | ast.If(test=condition):
                self._read |= names_read(condition)
            case _ if not is_compound(statement):
                self._read |= names_read(statement)
                self._bound.update(names_bound(statement))

    def missing(self, spot: AnswerSpot) -> list[str]:
        """List the names that an answer binds first and that given code or its words name."""
        names: list[str] = []
        for statement in self._statements:
            is_answer = statement.lineno in spot.lines
            if is_answer and isinstance(statement, (ast.Assign, ast.AnnAssign)):
                names.extend(names_bound(statement))
        asked = set(_NAME.findall(spot.words)) - _ARTICLES
        wanted = (self._read | asked) - self._bound
        missing = []
        for name in names:
            if name in wanted:
                missing.append(name)
        self._bound.update(missing)
        return list(dict.fromkeys(missing))


def _parameters(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            names.add(node.arg)
    return names
