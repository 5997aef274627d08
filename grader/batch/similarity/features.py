"""Find the traits of a notebook: features of its code and texts that can be compared. Pure.

A statement has three traits: its shape, with variables in place of names; its shape together with
the shapes of the statements that gave its names their values; and its shape with its very names.
The second links a statement to the statements it builds on, wherever they are. So new names, other
cells, lines put between and lines in another order change little: the idea of comparing programs by
their dependence graphs (Liu, Chen, Han and Yu, GPLAG, KDD 2006), one step deep.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from grader.batch.similarity.sentences import comments, sentences
from grader.batch.similarity.statements import (
    Import,
    Name,
    Statement,
    Token,
    read_statements,
)
from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold

MAX_CELLS = 400
"""Cells that are read of a notebook."""

MAX_CHARACTERS = 400_000
"""Characters that are read of a notebook."""

MAX_PIECES = 2_000
"""Statements and sentences that are kept of a notebook."""

MAX_LINE = 400
"""Characters kept of a line or sentence."""

Kind = Literal["shape", "links", "names", "numbers", "sentence"]

Cells = Sequence[NotebookCell]

Answers = Iterable[tuple[int, str]]
"""A student's answers to questions: the index of each cell, and the text."""


@dataclass(frozen=True)
class Trait:
    """Something that notebooks may share: two have it if it is equal."""

    kind: Kind
    key: str
    """Digest of the statement, or words of the sentence."""
    size: int
    """Tokens of the statement, or words of the sentence."""
    shape: str = ""
    """For links and names: the key of the statement's shape."""


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
    """First its shape or its words, then more specific traits."""

    @property
    def is_code(self) -> bool:
        """Whether it is a statement."""
        return self.traits[0].kind == "shape"


@dataclass(frozen=True)
class GivenWork:
    """Code and texts that are no evidence: from the handout, or expected in any solution."""

    sources: frozenset[str] = frozenset()
    """Sources of the handout's cells, white space folded."""
    traits: frozenset[Trait] = frozenset()
    """Traits of the handout and of the reference."""
    names: frozenset[str] = frozenset()
    """Names that the handout assigns."""
    imports: tuple[Import, ...] = ()
    """Names that the handout imports, with the full names of their objects."""
    numbers: frozenset[float] = frozenset()
    """Numbers in the handout or in the reference."""


NOTHING_GIVEN = GivenWork()


def read_given(handout: Cells, reference: Cells) -> GivenWork:
    """Read the code and texts of the handout and the reference.

    Args:
        handout: the cells that students get.
        reference: the cells of the solved notebook, without marks.
    """
    names: set[str] = set()
    imports: list[Import] = []
    for statement in _statements(handout):
        names.update(statement.binds)
        imports.extend(statement.imports)

    both = (*handout, *reference)
    numbers: set[float] = set()
    for statement in _statements(both):
        numbers.update(statement.numbers)

    texts = [cell.source for cell in both if cell.kind == "markdown"]
    pieces_given = read_pieces(handout, NOTHING_GIVEN)
    pieces_of_reference = read_pieces(reference, NOTHING_GIVEN, enumerate(texts))
    traits: set[Trait] = set()
    for piece in (*pieces_given, *pieces_of_reference):
        traits.update(piece.traits)

    sources = [fold(cell.source) for cell in handout]
    return GivenWork(
        sources=frozenset(sources),
        traits=frozenset(traits),
        names=frozenset(names),
        imports=tuple(imports),
        numbers=frozenset(numbers),
    )


def _statements(cells: Cells) -> Iterator[Statement]:
    for cell in cells:
        if cell.kind == "code":
            yield from read_statements(cell.source)


def read_pieces(cells: Cells, given: GivenWork, answers: Answers = ()) -> tuple[Piece, ...]:
    """Read what a student wrote: statements, comments, texts in code, and answers.

    A statement with the shape of a given one counts as given, whatever its names are. Text cells
    that answer no question are ignored: some may be from another year's handout.

    Args:
        cells: the notebook.
        given: code and texts that are no evidence.
        answers: the student's answers to questions, each with its cell.
    """
    pieces: list[Piece] = []
    for piece in _student_pieces(cells, given, answers):
        if len(pieces) == MAX_PIECES:
            break

        main_trait = piece.traits[0]
        if main_trait in given.traits:
            continue

        own_traits = [trait for trait in piece.traits if trait not in given.traits]
        traits = tuple(own_traits)
        own_piece = replace(piece, traits=traits)
        pieces.append(own_piece)
    return tuple(pieces)


def _student_pieces(cells: Cells, given: GivenWork, answers: Answers) -> Iterator[Piece]:
    """List the pieces outside of the handout's cells, in their order, and then the answers."""
    reader = PieceReader(cells, given)
    yield from reader.read()
    for cell, text in answers:
        yield from _sentence_pieces(cell, 0, text)


class PieceReader:
    """Read the code of a notebook from the top, keeping track of its names."""

    def __init__(self, cells: Cells, given: GivenWork) -> None:
        self._cells = tuple(_first_cells(cells))
        self._given = given
        self._libraries = dict(given.imports)
        """Full names of library objects, by the names that the notebook uses for them."""
        self._shapes: dict[str, str] = {}
        """For each name, the shape of the statement that gave it its value."""

        variables = set(given.names)
        for statement in _statements(self._cells):
            variables.update(statement.binds)
        self._variables = frozenset(variables)

    def read(self) -> Iterator[Piece]:
        """List the pieces of the code outside of the handout's cells, in order."""
        for index, cell in enumerate(self._cells):
            if cell.kind != "code":
                continue

            source = cell.source
            if fold(source) in self._given.sources:
                self._pass_over(source)
            else:
                yield from self._read_cell(index, source)

    def _pass_over(self, source: str) -> None:
        """Read a cell of the handout, so that later statements can be linked to it."""
        for statement in read_statements(source):
            self._traits(statement)

    def _read_cell(self, index: int, source: str) -> Iterator[Piece]:
        lines = source.split("\n")
        for statement in read_statements(source):
            number = statement.line
            traits = self._traits(statement)
            if traits:
                shown = _shown_line(lines, number)
                yield Piece(index, number, shown, traits)

            for text in statement.texts:
                yield from _sentence_pieces(index, number, text)

        for number, text in comments(source):
            yield from _sentence_pieces(index, number, text)

    def _traits(self, statement: Statement) -> tuple[Trait, ...]:
        """List the traits of a statement, and remember the names that it assigns."""
        self._libraries.update(statement.imports)
        for name, _ in statement.imports:
            self._shapes.pop(name, None)
        resolved = self._resolve_names(statement.tokens)
        shape = _digest(resolved)
        links = self._links(statement)
        for name in statement.binds:
            self._shapes[name] = shape

        size = len(statement.tokens)
        if not size:
            return ()

        traits = [Trait("shape", shape, size)]
        if any(links):
            links_key = _digest([shape, *links])
            link_trait = Trait("links", links_key, size, shape)
            traits.append(link_trait)
        names_key = _digest([shape, *statement.names])
        name_trait = Trait("names", names_key, size, shape)
        traits.append(name_trait)
        if self._has_unusual_number(statement):
            figures = map(repr, statement.numbers)
            numbers_key = _digest(figures)
            number_trait = Trait("numbers", numbers_key, size)
            traits.append(number_trait)
        return tuple(traits)

    def _links(self, statement: Statement) -> list[str]:
        """List for each variable of a statement the shape that gave it its value, if any."""
        links: list[str] = []
        for name in statement.names:
            if self._is_variable(name):
                shape = self._shapes.get(name, "")
                links.append(shape)
        return links

    def _has_unusual_number(self, statement: Statement) -> bool:
        for number in statement.numbers:
            if number not in self._given.numbers and _is_unusual(number):
                return True
        return False

    def _is_variable(self, name: str) -> bool:
        if name in self._shapes:
            return True
        return name in self._variables and name not in self._libraries

    def _resolve_names(self, tokens: Iterable[Token]) -> Iterator[str]:
        """Replace the names in tokens.

        A variable becomes its number among those of the statement, a name of a library its full
        name.
        """
        numbered: dict[str, str] = {}
        for token in tokens:
            if not isinstance(token, Name):
                yield token
                continue
            name = token.id
            if self._is_variable(name):
                number = len(numbered)
                next_name = f"name {number}"
                yield numbered.setdefault(name, next_name)
                continue
            full_name = self._libraries.get(name, name)
            first, *rest = full_name.split(".")
            yield first
            for part in rest:
                yield f".{part}"


def _first_cells(cells: Cells) -> Iterator[NotebookCell]:
    """List the first cells of a notebook, as far as they are read."""
    remaining = MAX_CHARACTERS
    for cell in cells[:MAX_CELLS]:
        remaining -= len(cell.source)
        if remaining < 0:
            return
        yield cell


def _sentence_pieces(cell: int, line: int, text: str) -> Iterator[Piece]:
    for sentence, words in sentences(text):
        size = words.count(" ") + 1
        trait = Trait("sentence", words, size)
        shown = sentence[:MAX_LINE]
        yield Piece(cell, line, shown, (trait,))


def _shown_line(lines: Sequence[str], number: int) -> str:
    """Return the beginning of a line, numbered from 1; the parser may count more lines."""
    if number > len(lines):
        return ""
    line = lines[number - 1]
    stripped = line.strip()
    return stripped[:MAX_LINE]


def _is_unusual(number: float) -> bool:
    """Return whether few come to a number by themselves: it has three digits that say something."""
    if not math.isfinite(number):
        return False

    size = abs(number)
    shown = f"{size:.6g}"
    mantissa, _, _ = shown.partition("e")
    digits = mantissa.replace(".", "")
    significant = digits.strip("0")
    return len(significant) >= 3


def _digest(parts: Iterable[str]) -> str:
    text = "\x1f".join(parts)
    data = text.encode("utf-8", "replace")
    digest = hashlib.blake2b(data, digest_size=8)
    return digest.hexdigest()
