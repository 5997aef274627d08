"""Align a notebook with the handout by its texts, to find the section of each cell. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold_words

Cells = Sequence[NotebookCell]

Section = int
"""Index in the handout of the first of the text cells that a section begins with; -1: before the
first."""

BEFORE_ALL: Section = -1

SIMILAR = 0.75
"""Share of the words of two texts from which on one is an edited version of the other."""
MIN_WORDS = 4
"""Fewest words of a text that can be recognised by most of them."""
MAX_EDITED = 8
"""Most texts of the handout that a text is compared with."""


class Alignment:
    """The places of a handout's sections in a notebook.

    A section begins with consecutive text cells of the handout, and ends where the next one begins.
    Text by a student begins none.
    """

    def __init__(self, cells: Cells, handout: Cells) -> None:
        """Initialise with the cells of the notebook and of the handout."""
        self._begins = dict(_beginnings(cells, handout))
        self._count = len(cells)

    @property
    def present(self) -> frozenset[Section]:
        """The sections that the notebook has."""
        return frozenset(self._begins.values()) | {BEFORE_ALL}

    def section(self, cell: int) -> Section | None:
        """Return the section of a cell; None for a cell that is not in the notebook."""
        if not 0 <= cell < self._count:
            return None
        nearest = -1
        section = BEFORE_ALL
        for begin, begun in self._begins.items():
            if nearest < begin <= cell:
                nearest = begin
                section = begun
        return section


def _beginnings(cells: Cells, handout: Cells) -> Mapping[int, Section]:
    """Find the text cells of the handout in a notebook, each with its section."""
    sections = _sections(handout)
    aligned = _aligned(cells, handout)
    begins: dict[int, Section] = {}
    for cell, given in aligned.items():
        begins[cell] = sections[given]
    return begins


def _sections(handout: Cells) -> Mapping[int, Section]:
    """Return, by text cell of the handout, the first of consecutive text cells."""
    texts = _texts(handout)
    sections: dict[int, Section] = {}
    section: Section | None = None
    for index, cell in enumerate(handout):
        if cell.kind == "code":
            section = None
        elif index in texts:
            if section is None:
                section = index
            sections[index] = section
    return sections


def _aligned(cells: Cells, handout: Cells) -> Mapping[int, int]:
    """Return, by text cell of a notebook that the handout has, its index in the handout."""
    texts = _texts(cells)
    given = _texts(handout)
    words = _words(cells, texts)
    given_words = _words(handout, given)

    aligned: dict[int, int] = {}
    matcher = SequenceMatcher(None, words, given_words, autojunk=False)
    for block in matcher.get_matching_blocks():
        cells_of_block = texts[block.a : block.a + block.size]
        given_of_block = given[block.b : block.b + block.size]
        pairs = zip(cells_of_block, given_of_block, strict=True)
        aligned.update(pairs)

    counts = Counter(given_words)
    missing = dict(zip(given, given_words, strict=True))
    for index in aligned.values():
        del missing[index]
    for cell, text in zip(texts, words, strict=True):
        if cell in aligned:
            continue
        for index, given_text in missing.items():
            # A section that was moved, or a text that was written below.
            if counts[given_text] == 1 and text.startswith(given_text):
                aligned[cell] = index
                del missing[index]
                break
    return _with_edited(aligned, dict(zip(texts, words, strict=True)), missing)


def _with_edited(
    aligned: Mapping[int, int], words: Mapping[int, str], missing: Mapping[int, str]
) -> Mapping[int, int]:
    """Add the texts that differ in a few words from the next ones of the handout.

    Args:
        aligned: the texts that are equal, with their indices in the handout.
        words: all texts of the notebook, by cell.
        missing: those of the handout that the notebook lacks as they are.
    """
    edited = dict(aligned)
    remaining = dict(missing)
    last = -1  # of the handout's text above
    for cell, text in words.items():
        if cell in aligned:
            last = aligned[cell]
            continue
        following = []
        for index in remaining:
            if index > last:
                following.append(index)
        for index in following[:MAX_EDITED]:
            if _is_edited(text, remaining[index]):
                edited[cell] = last = index
                del remaining[index]
                break
    return edited


def _is_edited(text: str, given: str) -> bool:
    """Return whether two texts share most of their words."""
    words = Counter(text.split())
    given_words = Counter(given.split())
    longest = max(words.total(), given_words.total())
    common = (words & given_words).total()
    return longest >= MIN_WORDS and common >= SIMILAR * longest


def _words(cells: Cells, texts: Sequence[int]) -> list[str]:
    words = []
    for index in texts:
        folded = fold_words(cells[index].source)
        words.append(folded)
    return words


def _texts(cells: Cells) -> list[int]:
    texts = []
    for index, cell in enumerate(cells):
        if cell.kind != "markdown":
            continue
        words = fold_words(cell.source)
        if words.strip():
            texts.append(index)
    return texts
