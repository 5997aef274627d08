"""The traits of a notebook: what is in it that may be in another, too. Pure.

A statement is looked at in three ways: its shape, with variables in place of names; its shape together with those of
the statements that gave its names their values; and with its very names. The second links a statement to what it
builds on, wherever that stands. So new names, other cells, lines put between and lines in another order change little:
the idea of comparing programs by their dependence graphs (Liu, Chen, Han and Yu, GPLAG, KDD 2006), one step deep.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from grader.batch.similarity.statements import Name, Statement, Token, read_statements
from grader.notebook.cells import NotebookCell, fold, words

MAX_CELLS = 400
"""Cells that are read of a notebook."""
MAX_CHARACTERS = 400_000
"""Characters that are read of a notebook."""
MAX_PIECES = 2_000
"""Statements and sentences that are kept of a notebook."""
MAX_LINE = 400
"""Characters kept of a line or sentence."""

Kind = Literal["shape", "links", "names", "numbers", "sentence"]


@dataclass(frozen=True)
class Trait:
    """Something that notebooks may share: two have it if it is equal."""

    kind: Kind
    key: str
    size: int
    """Tokens of the statement, or words of the sentence."""
    shape: str = ""
    """Of what says more of a statement than its shape: the key of that."""


@dataclass(frozen=True)
class Piece:
    """A statement or a sentence of a notebook."""

    cell: int
    """Index of the cell, from 0."""
    line: int
    """Line in the cell, from 1; 0 for a sentence of an answer."""
    source: str
    """The line, or the sentence."""
    traits: tuple[Trait, ...]
    """Its shape or its words, and then what says more of it."""

    @property
    def is_code(self) -> bool:
        """Whether it is a statement."""
        return self.traits[0].kind == "shape"


@dataclass(frozen=True)
class Given:
    """What is no evidence of anything: everyone was given it, or is expected to come to it."""

    sources: frozenset[str] = frozenset()
    """Sources of the handout's cells, white space folded."""
    traits: frozenset[Trait] = frozenset()
    """What is in the handout or in the reference."""
    names: frozenset[str] = frozenset()
    """Names that the handout gives a value."""
    imports: tuple[tuple[str, str], ...] = ()
    """What the handout imports: names, and what they stand for."""
    numbers: frozenset[float] = frozenset()
    """Numbers in the handout or in the reference."""


def read_given(handout: Sequence[NotebookCell], reference: Sequence[NotebookCell]) -> Given:
    """What is in the handout or in the reference.

    Args:
        handout: the cells that students get.
        reference: those of the solved notebook, without marks.
    """
    statements = [
        s for cell in handout if cell.kind == "code" for s in read_statements(cell.source)
    ]
    solved = [s for cell in reference if cell.kind == "code" for s in read_statements(cell.source)]
    texts = [cell.source for cell in (*handout, *reference) if cell.kind == "markdown"]
    pieces = (*read_pieces(handout, Given()), *read_pieces(reference, Given(), enumerate(texts)))
    return Given(
        sources=frozenset(fold(cell.source) for cell in handout),
        traits=frozenset(trait for piece in pieces for trait in piece.traits),
        names=frozenset(name for statement in statements for name in statement.binds),
        imports=tuple(pair for statement in statements for pair in statement.imports),
        numbers=frozenset(
            number for statement in (*statements, *solved) for number in statement.numbers
        ),
    )


def read_pieces(
    cells: Sequence[NotebookCell], given: Given, answers: Iterable[tuple[int, str]] = ()
) -> tuple[Piece, ...]:
    """What a student wrote: statements, comments, texts in code, and answers, but for what is given.

    A statement with the shape of a given one is given, whatever its names are. Other text cells say nothing: some may
    be those of another year's handout.

    Args:
        cells: the notebook.
        given: what is no evidence.
        answers: what the student wrote after the questions, each with its cell.
    """
    written = (
        *_Notebook(cells, given).pieces(),
        *(p for cell, text in answers for p in _prose(cell, 0, text)),
    )
    own = (piece for piece in written if piece.traits[0] not in given.traits)
    return tuple(
        replace(piece, traits=tuple(trait for trait in piece.traits if trait not in given.traits))
        for piece in islice(own, MAX_PIECES)
    )


class _Notebook:
    """A notebook while it is read from the top."""

    def __init__(self, cells: Sequence[NotebookCell], given: Given) -> None:
        self._cells = tuple(_bounded(cells))
        self._given = given
        written = (
            s for cell in self._cells if cell.kind == "code" for s in read_statements(cell.source)
        )
        self._variables = given.names | {name for statement in written for name in statement.binds}
        self._libraries = dict(given.imports)
        self._shapes: dict[str, str] = {}
        """By name, the shape of the statement that gave it its value."""

    def pieces(self) -> Iterator[Piece]:
        """What is in the code outside of the handout's cells, in order."""
        for index, cell in enumerate(self._cells):
            if cell.kind == "code":
                yield from self._pieces(
                    index, cell.source, own=fold(cell.source) not in self._given.sources
                )

    def _pieces(self, index: int, source: str, *, own: bool) -> Iterator[Piece]:
        """What is in a cell; of one of the handout's nothing, but what follows may be linked to it."""
        lines = source.split("\n")
        for statement in read_statements(source):
            traits = tuple(self._traits(statement))
            if own and traits:
                line = "".join(lines[statement.line - 1 : statement.line]).strip()
                yield Piece(index, statement.line, line[:MAX_LINE], traits)
            for text in statement.texts if own else ():
                yield from _prose(index, statement.line, text)
        for line_number, text in comments(source) if own else ():
            yield from _prose(index, line_number, text)

    def _traits(self, statement: Statement) -> Iterator[Trait]:
        """The traits of a statement, which the next ones are linked to."""
        self._libraries.update(statement.imports)
        for name, _ in statement.imports:
            self._shapes.pop(name, None)
        shape = _digest(self._resolved(statement.tokens))
        links = [self._shapes.get(name, "") for name in statement.names if self._is_variable(name)]
        self._shapes.update(dict.fromkeys(statement.binds, shape))
        if not statement.tokens:
            return
        size = len(statement.tokens)
        yield Trait("shape", shape, size)
        if any(links):
            yield Trait("links", _digest([shape, *links]), size, shape)
        yield Trait("names", _digest([shape, *statement.names]), size, shape)
        if any(
            _is_unusual(number) for number in statement.numbers if number not in self._given.numbers
        ):
            yield Trait("numbers", _digest(repr(number) for number in statement.numbers), size)

    def _is_variable(self, name: str) -> bool:
        return name in self._shapes or (name in self._variables and name not in self._libraries)

    def _resolved(self, tokens: Iterable[Token]) -> Iterator[str]:
        """The tokens: a variable by its place among those of the statement, a library's by its full name."""
        places: dict[str, str] = {}
        for token in tokens:
            if not isinstance(token, Name):
                yield token
            elif self._is_variable(token.id):
                yield places.setdefault(token.id, f"name {len(places)}")
            else:
                first, *rest = self._libraries.get(token.id, token.id).split(".")
                yield from (first, *(f".{part}" for part in rest))


def _bounded(cells: Sequence[NotebookCell]) -> Iterator[NotebookCell]:
    left = MAX_CHARACTERS
    for cell in cells[:MAX_CELLS]:
        left -= len(cell.source)
        if left < 0:
            return
        yield cell


def _prose(cell: int, line: int, text: str) -> Iterator[Piece]:
    for sentence, said in sentences(text):
        yield Piece(
            cell, line, sentence[:MAX_LINE], (Trait("sentence", said, said.count(" ") + 1),)
        )


def _is_unusual(number: float) -> bool:
    """Whether few would come to a number by themselves: it has three digits that say something."""
    digits = f"{abs(number):.6g}".partition("e")[0].replace(".", "").strip("0")
    return math.isfinite(number) and len(digits) >= 3


def _digest(parts: Iterable[str]) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()


MAX_PROSE = 20_000
"""Characters in which sentences are looked for."""
LEAST_WORDS = 5
"""A sentence of fewer words is anybody's."""
LEAST_PLAIN = 4
"""So many of them stand there as words: an address, a list of numbers and a line of code that is commented out have
fewer."""
MAX_WORDS = 60
"""Words by which a sentence is known."""

# All take time that grows with the text only, whatever is in it.
_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s|\n")
_PLAIN = re.compile(r"""["'“‘(*_]*[^\W\d_]{2,}[-,;:.!?…"'”’)*_]*""")
_COMMENT = re.compile(r"""^(?:[^"'#\n]*[ \t])?\#+([^\n]*)$""", re.MULTILINE)


def sentences(text: str) -> Iterator[tuple[str, str]]:
    """The sentences of a text that say something: each as written, and its words without case, accents and signs."""
    text = text[:MAX_PROSE]
    start = 0
    for end in (*(found.end() for found in _SENTENCE_END.finditer(text)), len(text)):
        said = words(text[start:end]).split()[:MAX_WORDS]
        if len(said) >= LEAST_WORDS and sum(map(_is_plain, text[start:end].split())) >= LEAST_PLAIN:
            yield text[start:end].strip(), " ".join(said)
        start = end


def comments(source: str) -> Iterator[tuple[int, str]]:
    """The comments of code, each with its line, from 1."""
    for found in _COMMENT.finditer(source[:MAX_PROSE]):
        yield source.count("\n", 0, found.start()) + 1, found[1]


def _is_plain(word: str) -> bool:
    return _PLAIN.fullmatch(word) is not None
