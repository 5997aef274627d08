"""Split notebooks into blocks of text, in which questions and answers are looked for. Pure."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold
from grader.notebook.headings import HEADING
from grader.notebook.prose import fold_prose, prose_of, word_spans

MAX_CELL = 200_000
"""Most characters of a cell that are read; no one writes more, but a program can."""

MAX_BLOCKS = 10_000
"""Most blocks of a notebook that are read."""

Cells = Sequence[NotebookCell]
Phrases = Sequence[str]
Lines = Sequence[str]
Handout = tuple[NotebookCell, ...]
TextBlocks = tuple["TextBlock", ...]
Sources = frozenset[str]

_FENCE = re.compile(r" {0,3}(```|~~~)")
_NUMBERED_ITEM = re.compile(r"[\s>#*_]*(\d{1,2})[\s*_]*\\?[.):º](?=[\s*_]|$)")
_BULLET = re.compile(r"\s*[-*+]\s")
_OPENINGS = (HEADING, _NUMBERED_ITEM, _BULLET)
_CLOSING = re.compile(r"(?:\(\)|[*_`.,;:?!)\]])*\s*")


@dataclass(frozen=True)
class TextBlock:
    """A paragraph, heading or list item."""

    cell: int
    text: str
    """With the line ends after it: the blocks of a cell, put together, are the cell."""
    key: str
    """Its folded words, each between blanks, without the number of a numbered item."""
    is_heading: bool
    number: int | None
    """Number of a numbered item."""

    def split_at(self, key: str) -> tuple[str, str]:
        """Return the text before and after some of its words."""
        text = self.text
        begin, end = self.span(key)
        before = text[:begin]
        after = without_closing(text[end:])
        return before, after

    def span(self, key: str) -> tuple[int, int]:
        """Return the position of some of its words in its text."""
        spans = word_spans(self.text)
        if self.number is not None:
            spans = spans[1:]
        words = key.split()
        position = self.key.index(key)
        first = self.key.count(" ", 0, position)
        last = first + len(words) - 1
        begin, _ = spans[first]
        _, end = spans[last]
        return begin, end


def without_closing(text: str) -> str:
    """Remove emphasis and punctuation at the beginning of a text, left over from a question."""
    return _CLOSING.sub("", text, count=1)


def phrase_key(question: str) -> str:
    """Fold a phrase to match block keys: its last word may be the beginning of a word."""
    composed = unicodedata.normalize("NFC", question)
    return _item_key(composed).rstrip()


def split_notebook(cells: Cells, phrases: Phrases, handout_code: Sources) -> TextBlocks:
    """Split all cells into blocks; a code cell only if it is prose and not the handout's.

    Args:
        cells: the cells of a notebook.
        phrases: keys of the phrases that find questions: a line with one begins a block.
        handout_code: folded sources of the handout's code cells.
    """
    blocks = _all_blocks(cells, phrases, handout_code)
    return tuple(islice(blocks, MAX_BLOCKS))


@functools.lru_cache(maxsize=64)
def split_handout(handout: Handout, phrases: tuple[str, ...]) -> TextBlocks:
    """Split a handout into blocks. Cached: it is called for every question of a class."""
    return split_notebook(handout, phrases, frozenset())


def _all_blocks(cells: Cells, phrases: Phrases, handout_code: Sources) -> Iterator[TextBlock]:
    for index, cell in enumerate(cells):
        text = _text_of(cell, handout_code)
        lines = text.splitlines(keepends=True)
        edges = {0, len(lines)}
        first_lines = _first_lines(lines, phrases)
        edges.update(first_lines)
        edges_in_order = sorted(edges)
        for begin, end in pairwise(edges_in_order):
            block_text = "".join(lines[begin:end])
            yield _block(index, block_text)


def _text_of(cell: NotebookCell, handout_code: Sources) -> str:
    beginning = cell.source[:MAX_CELL]
    source = unicodedata.normalize("NFC", beginning)
    if cell.kind != "code":
        return source
    if fold(cell.source) in handout_code:
        return ""
    return prose_of(source)


def _first_lines(lines: Lines, phrases: Phrases) -> Iterator[int]:
    """Yield the indices of the lines that begin a block; in fenced code none does."""
    question_lines = _phrase_lines(lines, phrases)
    in_fence = False
    before = ""
    for index, line in enumerate(lines):
        asks = index in question_lines
        begins = asks or _opens(line) or _stands_apart(line, before)
        if begins and not in_fence:
            yield index
        if _FENCE.match(line):
            in_fence = not in_fence
        before = line


def _opens(line: str) -> bool:
    """Return whether a line is a heading or a list item."""
    return any(opening.match(line) for opening in _OPENINGS)


def _stands_apart(line: str, before: str) -> bool:
    """Return whether a line follows an empty line or a heading."""
    if not line.strip():
        return False
    if not before.strip():
        return True
    return HEADING.match(before) is not None


def _phrase_lines(lines: Lines, phrases: Phrases) -> set[int]:
    """Return the indices of the lines in which a phrase begins; it may go on in the next one."""
    words: list[str] = []
    line_of_word: list[int] = []
    for index, line in enumerate(lines):
        text_of_line = fold_prose(line)
        for word in text_of_line.split():
            words.append(word)
            line_of_word.append(index)

    joined = " ".join(words)
    text = f" {joined} "
    found: set[int] = set()
    for phrase in filter(None, phrases):
        position = text.find(phrase)
        while position >= 0:
            words_before = text.count(" ", 0, position)
            line_index = line_of_word[words_before]
            found.add(line_index)
            next_character = position + 1
            position = text.find(phrase, next_character)
    return found


def _block(cell: int, text: str) -> TextBlock:
    item = _NUMBERED_ITEM.match(text)
    heading = HEADING.match(text)
    number = int(item[1]) if item else None
    return TextBlock(
        cell=cell,
        text=text,
        key=_item_key(text),
        is_heading=heading is not None,
        number=number,
    )


def _item_key(text: str) -> str:
    """Fold the words of a text, without the number of a numbered item."""
    key = fold_prose(text)
    if not _NUMBERED_ITEM.match(text):
        return key
    words = key.split()
    own_words = words[1:]
    joined = " ".join(own_words)
    return f" {joined} "
