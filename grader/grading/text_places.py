"""Find what may be the answer to a question where its own words are gone, or stand below it. Pure.

A student may write over a question, above it, or in a comment at the end. Nobody can be sure that
such a text is the answer, so that a person reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.grading.text_blocks import TextBlock, split_handout, split_notebook
from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold, without_accents
from grader.notebook.headings import headings
from grader.notebook.prose import QUOTED_WORDS, fold_prose, prose_of

FILLERS = frozenset(("resposta", "respostas", "resp", "r", "answer", "answers"))
"""Words that announce an answer and are none."""

_LABEL = re.compile(
    r"[\s#>*_\"'(]*(?:print\W+)?"
    r"(?:q|question|questao|pergunta|answer|resposta|resp|r)[\s_.#*]{0,3}(?P<number>\d{1,2})\b\W*"
)
"""What stands before a text that says which question it answers; without accents and case."""

_COMMENT = re.compile(r"\s*(?:#|[\"']|print\()")

Cells = Sequence[NotebookCell]
Phrases = tuple[str, ...]


@dataclass(frozen=True)
class NearText:
    """A text that may be an answer, and the cell in which it begins."""

    text: str
    cell: int


class _Place:
    """The place of a question in a handout and in a student's notebook."""

    def __init__(self, cells: Cells, handout: Cells, phrases: Phrases) -> None:
        self.cells = cells
        self.handout = handout
        self.phrases = phrases
        self.number: int | None = None
        self.asked_in = len(handout)
        blocks = split_handout(tuple(handout), phrases)
        self.handout_keys = {block.key for block in blocks}
        for block in blocks:
            if phrases[0] in block.key:
                self.asked_in = block.cell
                self.number = block.number
                break

        code = frozenset(fold(cell.source) for cell in handout if cell.kind == "code")
        self.own_code = {
            index
            for index, cell in enumerate(cells)
            if cell.kind == "code" and fold(cell.source) not in code
        }
        self.blocks = split_notebook(cells, phrases, code)

    def own_blocks(self) -> Iterator[TextBlock]:
        """Give the blocks that neither are the handout's nor put a question."""
        for block in self.blocks:
            words = block.key.split()
            if block.key in self.handout_keys or FILLERS.issuperset(words):
                continue
            if any(phrase in block.key for phrase in self.phrases):
                continue
            is_note = block.is_heading or block.cell in self.own_code
            if is_note and len(words) < QUOTED_WORDS:
                continue
            yield block

    def edges(self) -> tuple[int, int]:
        """Return the cells that the question stood between: the nearest of the handout's."""
        before = -1
        for target in reversed(self.handout[: self.asked_in]):
            position = self._position(target)
            if position is not None:
                before = position
                break

        after = len(self.cells)
        for target in self.handout[self.asked_in + 1 :]:
            position = self._position(target)
            if position is not None and position > before:
                after = position
                break
        return before, after

    def _position(self, target: NotebookCell) -> int | None:
        """Return the last cell of the notebook that is, or begins like, one of the handout."""
        if not self._tells_places_apart(target):
            return None

        words = fold_prose(target.source)
        asked = [phrase for phrase in self.phrases if phrase in words]
        for index in reversed(range(len(self.cells))):
            if _is_like(self.cells[index], target, asked):
                return index
        return None

    def _tells_places_apart(self, target: NotebookCell) -> bool:
        """Tell whether a cell of the handout is neither blank nor a placeholder nor repeated."""
        source = fold(target.source)
        is_comment = target.kind == "code" and prose_of(target.source)
        if not source or is_comment:
            return False

        sources = [fold(cell.source) for cell in self.handout]
        return sources.count(source) == 1


def _is_like(cell: NotebookCell, target: NotebookCell, asked: Sequence[str]) -> bool:
    """Tell whether a cell is one of the handout, has its heading, or puts its question."""
    if fold(cell.source) == fold(target.source):
        return True

    given_headings = set(headings(target))
    if given_headings.intersection(headings(cell)):
        return True
    if cell.kind != "markdown":
        return False

    text = fold_prose(cell.source)
    return any(phrase in text for phrase in asked)


def find_near(
    cells: Cells, handout: Cells, phrases: Phrases, question_cell: int | None
) -> NearText | None:
    """Find what may be the answer to a question that has none below its own words.

    Args:
        cells: the student's notebook.
        handout: the notebook as it was handed out; nothing in it is an answer.
        phrases: keys of the phrases that find the questions, that of this one first.
        question_cell: the cell with the question; None if its words are gone.
    """
    place = _Place(cells, handout, phrases)
    if question_cell is None:
        return _numbered(place) or _labelled(place) or _in_place(place)
    return _labelled(place) or _above(place, question_cell)


def _numbered(place: _Place) -> NearText | None:
    """Return the item with the number of the question, where the question stood."""
    before, after = place.edges()
    taken: list[TextBlock] = []
    for block in place.own_blocks():
        if not before < block.cell < after:
            continue
        if block.number is not None:
            if taken:
                break
            if block.number == place.number:
                taken.append(block)
        elif taken:
            taken.append(block)
    return _joined(taken)


def _in_place(place: _Place) -> NearText | None:
    """Return all own text between the cells that the question stood between.

    Where nothing of the handout is left, that is all longer text.
    """
    before, after = place.edges()
    blocks = [block for block in place.own_blocks() if before < block.cell < after]
    if before < 0 and after == len(place.cells):
        blocks = [block for block in blocks if len(block.key.split()) >= QUOTED_WORDS]
    numbers = {block.number for block in blocks} - {None}
    if place.number is not None and numbers and place.number not in numbers:
        blocks = [block for block in blocks if block.number is None]
    return _joined(blocks)


def _above(place: _Place, question_cell: int) -> NearText | None:
    """Return own text right above the question, below all code and all that was handed out.

    Where another question stands right above, its answer may be meant: only if that one has its
    answer above itself, too, is the text this one's.
    """
    before, _ = place.edges()
    last_code = max((index for index in place.own_code if index < question_cell), default=-1)
    first = max(before, last_code)
    blocks: list[TextBlock] = []
    for block in place.own_blocks():
        if first < block.cell < question_cell:
            blocks.append(block)

    asked_above = _asked_in(place, first)
    if asked_above and _above_other(place, first) is None:
        return None
    return _joined(blocks)


def _asked_in(place: _Place, index: int) -> bool:
    if not 0 <= index < len(place.cells):
        return False
    words = fold_prose(place.cells[index].source)
    return any(phrase in words for phrase in place.phrases[1:])


def _above_other(place: _Place, index: int) -> TextBlock | None:
    """Return own text in the cell above another question, if it is no code."""
    for block in place.own_blocks():
        if block.cell == index - 1 and block.cell not in place.own_code:
            return block
    return None


def _labelled(place: _Place) -> NearText | None:
    """Return a text that says by its label which question it answers, also one among code."""
    if place.number is None:
        return None
    for index, cell in enumerate(place.cells):
        is_code = cell.kind == "code"
        if is_code and index not in place.own_code:
            continue

        lines = cell.source.split("\n")
        for line_index, line in enumerate(lines):
            if _label_of(line) != place.number:
                continue

            text = _text_from(lines[line_index:], is_code=is_code)
            words = fold_prose(text).split()
            if len(words) > QUOTED_WORDS:
                return NearText(text, index)
    return None


def _label_of(line: str) -> int | None:
    """Return the number of the question that a line says it answers."""
    bare = without_accents(line)
    label = _LABEL.match(bare)
    if not label:
        return None
    return int(label["number"])


def _text_from(lines: Sequence[str], *, is_code: bool) -> str:
    """Return the lines from a label to the next one; among code, only comments and strings."""
    if is_code and not _COMMENT.match(lines[0]):
        return ""
    taken = [lines[0]]
    for line in lines[1:]:
        if _label_of(line) is not None:
            break
        if is_code and not _COMMENT.match(line):
            break
        taken.append(line)
    return "\n".join(taken).strip()


def _joined(blocks: Sequence[TextBlock]) -> NearText | None:
    if not blocks:
        return None
    text = "".join(block.text for block in blocks)
    return NearText(text.strip(), blocks[0].cell)
