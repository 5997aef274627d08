"""Take the answers between a course's own marks out of what students get of a code cell. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
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
from grader.authoring.drafting.readers.comments import is_comment_line
from grader.authoring.drafting.readers.marks import AnswerMark, marks_in
from grader.authoring.drafting.readers.regions import blank_out
from grader.authoring.drafting.solved import DraftCell, DraftLine, SolvedCell, draft_cell
from grader.authoring.drafting.syntax import (
    DEFINITION,
    FUNCTION,
    leading_space,
    names_bound,
    names_read,
)
from grader.notebook.code import parse_cell

_BOX = re.compile(r"^\s*#[\s#*=~_+-]*$")
"""A line of a box around a mark."""
_EMPTY = re.compile(r"^\s*(pass|\.\.\.|raise NotImplementedError\b.*|return|return None)\s*(#.*)?$")
"""A line that stands where an answer is missing."""
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?![\w(.])")
_ARTICLES = frozenset({"a", "A", "o", "I"})
"""Words of a sentence that names may be called like."""
_GAP = re.compile(r"^\s*[\w., ]+=\s*(None|\.\.\.|\"\"|'')\s*(#.*)?$")
"""A line that gives a name to what is missing."""


@dataclass(frozen=True)
class AnswerSpot:
    """Lines of a cell that answer what a comment asks for."""

    lines: frozenset[int]
    """Numbers (from 1) of the lines of the reference."""
    words: str = ""
    """What the comment asks for."""


@dataclass(frozen=True)
class MarkedCell:
    """A code cell, read by its marks."""

    cell: DraftCell
    spots: tuple[AnswerSpot, ...]
    """Its answers; none: nothing in it is marked."""
    is_doubtful: bool = False
    """Whether code below a mark stays that may be a part of the answer."""


def read_marked(cell: SolvedCell) -> MarkedCell:
    """Take what is marked out of what students get of a code cell.

    The marks themselves stay, and so does the code around them. What given code reads and only the
    answer binds gets a placeholder.
    """
    reader = _MarkReader(cell)
    spots = tuple(reader.spots())
    if not spots:
        return MarkedCell(draft_cell(cell, [DraftLine(text) for text in cell.text_lines]), ())
    return MarkedCell(reader.draft(spots), spots, reader.is_doubtful)


class _MarkReader:
    """Reads the marks of one cell."""

    def __init__(self, cell: SolvedCell) -> None:
        self._cell = cell
        self._texts = cell.text_lines
        self._tree = parse_cell(cell.source)
        self._marks = marks_in(cell.source)
        self._ends_of_lines = [mark for mark in self._marks if not mark.comment.is_alone]
        self._blanked: set[int] = set()
        """First lines of statements that a comment behind them marks."""
        self.is_doubtful = False

    def spots(self) -> list[AnswerSpot]:
        """Find the answers, in order."""
        return sorted(self._spots(), key=lambda spot: min(spot.lines))

    def _spots(self) -> Iterator[AnswerSpot]:
        alone = [mark for mark in self._marks if mark.comment.is_alone]
        taken: set[int] = set()
        for index, mark in enumerate(alone):
            if mark.kind in ("end", "solution") or mark.comment.line in taken:
                continue
            lines = self._lines_below(mark, alone[index + 1 :]) - taken
            answer = self._without_gaps(lines)
            taken |= answer
            if self._has_code(answer):
                yield AnswerSpot(frozenset(answer), mark.words)

        for mark in self._ends_of_lines:
            lines = self._lines_beside(mark) - taken
            taken |= lines
            if self._has_code(lines):
                yield AnswerSpot(frozenset(lines), mark.words or self._words_above(mark, alone))

    def _without_gaps(self, lines: set[int]) -> set[int]:
        """Leave out the placeholders that an answer begins with: they are the course's own."""
        kept = sorted(lines)
        while kept and self._is_gap(kept):
            kept.pop(0)
        return set(kept)

    def _is_gap(self, lines: Sequence[int]) -> bool:
        text = self._texts[lines[0] - 1]
        later = [self._texts[number - 1] for number in lines[1:]]
        return bool(_GAP.match(text)) and any(not is_comment_line(other) for other in later)

    def _has_code(self, lines: Collection[int]) -> bool:
        """Tell whether some lines hold more than comments and placeholders."""
        texts = [self._texts[number - 1] for number in lines]
        code = [text for text in texts if not is_comment_line(text)]
        return any(not _EMPTY.match(text) and not _GAP.match(text) for text in code)

    def _lines_below(self, mark: AnswerMark, later: Sequence[AnswerMark]) -> set[int]:
        """Find the lines that answer a mark that has a line of its own."""
        start = self._end_of_instruction(mark)
        end = _matching_end(mark, later, self._texts)
        if end is not None:
            return self._lines_between(start, end)
        if mark.kind == "begin":
            return self._lines_of_block(mark, start, len(self._texts) + 1)
        if self._has_marked_lines(mark, later):
            return set()

        next_mark = len(self._texts) + 1
        if later:
            next_mark = later[0].comment.line
        return self._lines_of_block(mark, start, next_mark)

    def _end_of_instruction(self, mark: AnswerMark) -> int:
        """Find the last line of the comments that a mark begins: they are for students."""
        last = mark.comment.last
        for number in range(last + 1, len(self._texts) + 1):
            text = self._texts[number - 1]
            if not text.strip().startswith("#"):
                break
            last = number
        return last

    def _lines_between(self, start: int, end: int) -> set[int]:
        """Give the lines between two marks, but for the box around the second one."""
        last = end - 1
        while last > start and _BOX.match(self._texts[last - 1]):
            last -= 1
        return set(range(start + 1, last + 1))

    def _has_marked_lines(self, mark: AnswerMark, later: Sequence[AnswerMark]) -> bool:
        """Tell whether code up to the next mark has marks at its ends: they say what is asked."""
        stop = later[0].comment.line if later else len(self._texts) + 1
        marked = [other.comment.line for other in self._ends_of_lines]
        return any(mark.comment.line < line < stop for line in marked)

    def _lines_of_block(self, mark: AnswerMark, start: int, next_mark: int) -> set[int]:
        """Find the statements below a mark that nothing ends."""
        block = block_below(self._tree, mark.comment.last, len(mark.comment.indent))
        if not block or first_line(block[0]) >= next_mark:
            return set()
        below = [statement for statement in block if first_line(statement) < next_mark]
        if any(map(self._holds_marks, below)):
            return set()
        is_rest = mark.kind != "todo" or self._is_only_mark(block)
        if is_rest:
            count = end_of_block(block, next_mark)
        else:
            asking = [other for other in self._marks if other.kind == "todo"]
            count = end_of_paragraph(block, self._texts, next_mark, is_one_of_many=len(asking) > 1)
        if not count:
            return set()

        end = statement_lines(block[count - 1]).stop
        rest = [statement for statement in block[count:] if first_line(statement) < next_mark]
        computing = [statement for statement in rest if not only_shows(statement)]
        self.is_doubtful |= bool(computing) and not mark.words
        kept = {number for header, _ in headers_in(block[:count]) for number in header}
        return set(range(start + 1, end)) - kept

    def _holds_marks(self, statement: ast.stmt) -> bool:
        """Tell whether a definition has marks inside: they say what in it is the answer."""
        if not isinstance(statement, DEFINITION):
            return False
        lines = statement_lines(statement)
        return any(mark.comment.line in lines for mark in self._marks)

    def _is_only_mark(self, block: Block) -> bool:
        """Tell whether a block ends a function that has one mark: it asks for all of the rest."""
        for node in ast.walk(self._tree):
            if not isinstance(node, FUNCTION) or node.body[-1] is not block[-1]:
                continue
            lines = statement_lines(node)
            marks = [mark for mark in self._marks if mark.comment.line in lines]
            return len(marks) == 1
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
            return (
                set(lines[1:]) if isinstance(statement, (*FUNCTION, ast.ClassDef)) else set(lines)
            )
        if line not in (lines[0], lines[-1]):
            return {line}
        self._blanked.add(lines[0])
        return set(lines)

    def _words_above(self, mark: AnswerMark, alone: Sequence[AnswerMark]) -> str:
        above = [other for other in alone if other.comment.line < mark.comment.line]
        return above[-1].words if above else ""

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
        marked_ends = {mark.comment.line: mark for mark in self._ends_of_lines}

        for number, text in enumerate(self._texts, 1):
            spot = starts.get(number)
            if spot is not None and number not in self._blanked:
                indent = self._indent_of(spot)
                for name in kept_names.missing(spot):
                    yield DraftLine(f"{indent}{name} = ...", in_reference=False)
                if with_dots and indent:
                    yield DraftLine(f"{indent}...", in_reference=False)
            if number not in removed:
                yield DraftLine(text)
                continue
            yield DraftLine(text, in_handout=False)
            yield from self._left_of(number, marked_ends.get(number))

    def _indent_of(self, spot: AnswerSpot) -> str:
        for number in sorted(spot.lines):
            text = self._texts[number - 1]
            if not is_comment_line(text):
                return leading_space(text)
        return ""

    def _left_of(self, number: int, mark: AnswerMark | None) -> Iterator[DraftLine]:
        """Give what students get of a line of an answer."""
        text = self._texts[number - 1]
        statement = statement_at(self._tree, number)
        is_blanked = statement is not None and first_line(statement) in self._blanked
        if is_blanked and statement is not None and number == first_line(statement):
            end = statement_lines(statement).stop - 1
            comment = _comment_behind(self._texts[end - 1])
            code = text[: len(text) - len(_comment_behind(text))].rstrip()
            yield DraftLine(f"{blank_out(code)}  {comment}".rstrip(), in_reference=False)
        elif mark is not None and not is_blanked:
            comment = _comment_behind(text)
            yield DraftLine(f"{leading_space(text)}{comment}", in_reference=False)


def _comment_behind(text: str) -> str:
    """Give the comment at the end of a line that a mark says has one."""
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

    Marks that stand right below it, with nothing but comments between, belong to it, too; behind
    code, another mark that begins an answer has the end.
    """
    for other in later:
        if other.kind == "end":
            return other.comment.line
        between = texts[mark.comment.last : other.comment.line - 1]
        has_code = not all(map(is_comment_line, between))
        if other.kind == "begin" or has_code:
            return None
    return None


class _KeptNames:
    """Knows which names the given code of a cell reads, and only an answer binds."""

    def __init__(self, tree: ast.Module, removed: Collection[int]) -> None:
        self._statements = []
        for block in blocks_in(tree):
            self._statements += [statement for statement in block if not is_compound(statement)]
        kept = [statement for statement in self._statements if not _is_in(statement, removed)]
        self._read: set[str] = set()
        self._bound = _parameters(tree)
        for statement in kept:
            self._read |= names_read(statement)
            self._bound.update(names_bound(statement))
        for node in ast.walk(tree):
            if isinstance(node, (ast.For, ast.While, ast.If)) and not _is_in(node, removed):
                self._read |= names_read(node.iter if isinstance(node, ast.For) else node.test)

    def missing(self, spot: AnswerSpot) -> list[str]:
        """List the names that an answer binds first and that given code or its words name."""
        names: list[str] = []
        for statement in self._statements:
            if _is_in(statement, spot.lines) and isinstance(statement, (ast.Assign, ast.AnnAssign)):
                names.extend(names_bound(statement))
        asked = set(_NAME.findall(spot.words)) - _ARTICLES
        wanted = (self._read | asked) - self._bound
        missing = [name for name in names if name in wanted]
        self._bound.update(missing)
        return list(dict.fromkeys(missing))


def _is_in(statement: ast.stmt, lines: Collection[int]) -> bool:
    return statement.lineno in lines


def _parameters(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            names.add(node.arg)
    return names
