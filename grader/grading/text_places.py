"""Find possible answers to questions with words that were overwritten or moved. Pure.

A student may overwrite a question, or answer above it or in a comment at the end. Such a text may
not be the answer, so a person reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.grading.text_blocks import TextBlock, split_handout, split_notebook
from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold, without_accents
from grader.notebook.headings import headings
from grader.notebook.prose import QUOTED_WORDS, fold_prose, prose_of

FILLERS = frozenset(
    ("resposta", "respostas", "respuesta", "respuestas", "resp", "r", "answer", "answers")
)
"""Words that announce an answer and are none."""

_LABEL = re.compile(
    r"[\s#>*_\"'(]*(?:print\W+)?"
    r"(?:q|question|questao|pergunta|pregunta|cuestion|answer|resposta|respuesta|resp|r)"
    r"[\s_.#*]{0,3}(?P<number>\d{1,2})\b\W*"
)
"""Label before a text that says which question it answers; without accents and case."""

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
        question = phrases[0]
        blocks = split_handout(tuple(handout), phrases)
        self.handout_keys = {block.key for block in blocks}
        for block in blocks:
            if question in block.key:
                self.asked_in = block.cell
                self.number = block.number
                break

        code_of_handout = _folded_code(handout)
        given = frozenset(code_of_handout.values())
        own_code = _folded_code(cells)
        self.own_code = {index for index, source in own_code.items() if source not in given}
        self.blocks = split_notebook(cells, phrases, given)

    def own_blocks(self) -> Iterator[TextBlock]:
        """Yield the blocks that are neither the handout's nor questions."""
        for block in self.blocks:
            key = block.key
            words = key.split()
            if key in self.handout_keys or FILLERS.issuperset(words):
                continue
            if _holds_any(key, self.phrases):
                continue
            is_code = block.cell in self.own_code
            is_note = is_code or block.is_heading
            if is_note and len(words) < QUOTED_WORDS:
                continue
            yield block

    def edges(self) -> tuple[int, int]:
        """Return the cells around the question: the nearest of the handout's."""
        before = -1
        cells_above = self.handout[: self.asked_in]
        for target in reversed(cells_above):
            position = self._position(target)
            if position is not None:
                before = position
                break

        after = len(self.cells)
        first_below = self.asked_in + 1
        for target in self.handout[first_below:]:
            position = self._position(target)
            if position is None:
                continue
            if position > before:
                after = position
                break
        return before, after

    def _position(self, target: NotebookCell) -> int | None:
        """Return the last cell that is, or begins like, a cell of the handout."""
        if not self._tells_places_apart(target):
            return None

        words = fold_prose(target.source)
        asked = [phrase for phrase in self.phrases if phrase in words]
        numbered = list(enumerate(self.cells))
        for index, cell in reversed(numbered):
            if _is_like(cell, target, asked):
                return index
        return None

    def _tells_places_apart(self, target: NotebookCell) -> bool:
        """Return whether a handout cell is neither blank nor a placeholder nor repeated."""
        source = fold(target.source)
        if not source:
            return False
        if target.kind == "code" and prose_of(target.source):
            return False  # it is a comment
        sources = [fold(cell.source) for cell in self.handout]
        return sources.count(source) == 1


def _folded_code(cells: Cells) -> dict[int, str]:
    """Fold the sources of the code cells, by index."""
    folded: dict[int, str] = {}
    for index, cell in enumerate(cells):
        if cell.kind == "code":
            folded[index] = fold(cell.source)
    return folded


def _holds_any(text: str, phrases: Iterable[str]) -> bool:
    return any(phrase in text for phrase in phrases)


def _is_like(cell: NotebookCell, target: NotebookCell, asked: Sequence[str]) -> bool:
    """Return whether a cell is one of the handout, has its heading, or puts its question."""
    if fold(cell.source) == fold(target.source):
        return True

    given_headings = set(headings(target))
    own_headings = headings(cell)
    if given_headings.intersection(own_headings):
        return True
    if cell.kind != "markdown":
        return False
    text = fold_prose(cell.source)
    return _holds_any(text, asked)


def find_near(
    cells: Cells, handout: Cells, phrases: Phrases, question_cell: int | None
) -> NearText | None:
    """Find a possible answer to a question that has none below its own words.

    Args:
        cells: the student's notebook.
        handout: the notebook as it was handed out; nothing in it is an answer.
        phrases: keys of the phrases that find the questions, that of this one first.
        question_cell: the cell with the question; None if its words are gone.
    """
    place = _Place(cells, handout, phrases)
    if question_cell is None:
        return _numbered(place) or _labelled(place) or _in_place(place)
    return _labelled(place) or _above(place, question_cell) or _below_list(place, question_cell)


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
    return _join(taken)


def _below_list(place: _Place, question_cell: int) -> NearText | None:
    """Return the answer to a numbered question in a cell below the whole list of questions.

    That is the item with its number, or else the whole text.
    """
    if place.number is None:
        return None
    item = _numbered(place)
    if item and item.cell > question_cell:
        return item
    _, after = place.edges()
    below: list[TextBlock] = []
    for block in place.own_blocks():
        if question_cell < block.cell < after:
            below.append(block)
    return _join(below)


def _in_place(place: _Place) -> NearText | None:
    """Return the student's text between the cells around the question.

    Where nothing of the handout is left, that is all longer text.
    """
    before, after = place.edges()
    is_anywhere = before < 0 and after == len(place.cells)
    blocks: list[TextBlock] = []
    numbers: set[int] = set()
    for block in place.own_blocks():
        if not before < block.cell < after:
            continue
        if is_anywhere and _is_short(block):
            continue
        blocks.append(block)
        if block.number is not None:
            numbers.add(block.number)

    is_of_others = bool(numbers) and place.number not in numbers
    if place.number is not None and is_of_others:
        blocks = [block for block in blocks if block.number is None]
    return _join(blocks)


def _is_short(block: TextBlock) -> bool:
    words = block.key.split()
    return len(words) < QUOTED_WORDS


def _above(place: _Place, question_cell: int) -> NearText | None:
    """Return the student's text directly above the question, below all code and handout text.

    If another question is right above, the text may be the answer to that one. It is this one's
    only if the other also has its answer above itself.
    """
    before, _ = place.edges()
    code_above = [index for index in place.own_code if index < question_cell]
    first = max(before, *code_above, -1)
    blocks: list[TextBlock] = []
    for block in place.own_blocks():
        if first < block.cell < question_cell:
            blocks.append(block)

    asked_above = _asked_in(place, first)
    if asked_above and _above_other(place, first) is None:
        return None
    return _join(blocks)


def _asked_in(place: _Place, index: int) -> bool:
    if not 0 <= index < len(place.cells):
        return False
    cell = place.cells[index]
    text = fold_prose(cell.source)
    other_questions = place.phrases[1:]
    return _holds_any(text, other_questions)


def _above_other(place: _Place, index: int) -> TextBlock | None:
    """Return the student's text in the cell above another question, unless it is code."""
    above = index - 1
    if above in place.own_code:
        return None
    for block in place.own_blocks():
        if block.cell == above:
            return block
    return None


def _labelled(place: _Place) -> NearText | None:
    """Return a text with a label that names the question, possibly among code."""
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

            lines_below = lines[line_index:]
            text = _text_from(lines_below, is_code=is_code)
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
    taken: list[str] = []
    for line in lines:
        if taken and _label_of(line) is not None:
            break
        if is_code and not _COMMENT.match(line):
            break
        taken.append(line)
    text = "\n".join(taken)
    return text.strip()


def _join(blocks: Sequence[TextBlock]) -> NearText | None:
    if not blocks:
        return None
    text = "".join(block.text for block in blocks)
    first = blocks[0]
    return NearText(text.strip(), first.cell)
