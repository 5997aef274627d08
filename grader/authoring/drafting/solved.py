"""What a solved notebook is read into: its cells line by line, and the exercises they answer. Plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from grader.reference.markers import MARKER

Kind = Literal["code", "markdown", "raw"]
Style = Literal["own", "nbgrader", "otter", "plain"]
"""Whose marks say what the answers are: ours, those of another grader, or nobody's."""


@dataclass(frozen=True)
class SolvedCell:
    """A cell of the instructor's file."""

    kind: Kind
    source: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    attachments: Mapping[str, Any] = field(default_factory=dict)
    """Images that its text shows."""
    place: int = -1
    """Its index in the file."""


@dataclass(frozen=True)
class Placeholders:
    """What stands in the handout where an answer was."""

    code: str
    """A comment."""
    text: str
    """A paragraph of markdown."""


@dataclass(frozen=True)
class Line:
    """A line of a cell, and where it stands."""

    text: str
    solved: bool = True
    """In the reference."""
    handed: bool = True
    """In the handout."""


@dataclass(frozen=True)
class Piece:
    """A cell of the reference, and what of it the handout has."""

    kind: Kind
    lines: tuple[Line, ...]
    attachments: Mapping[str, Any] = field(default_factory=dict)
    place: int = -1
    """Index of the cell in the instructor's file."""

    @property
    def source(self) -> str:
        """The cell as the reference has it."""
        return "\n".join(line.text for line in self.lines if line.solved)

    @property
    def handout(self) -> str | None:
        """The cell as students get it; None: they do not get it."""
        handed = [line.text for line in self.lines if line.handed]
        return "\n".join(handed).strip("\n") if handed else None

    def code_lines(self, line: int) -> int:
        """How many lines up to one (from 1) are code, and no marks of ours."""
        texts = [text.text for text in self.lines if text.solved][:line]
        return sum(
            not (found := MARKER.match(text)) or bool(found["code"].strip()) for text in texts
        )

    @property
    def taken(self) -> frozenset[int]:
        """The lines of the reference, from 1, that students do not get."""
        solved = [line for line in self.lines if line.solved]
        return frozenset(
            number for number, line in enumerate(solved, 1) if not line.handed and line.text.strip()
        )


@dataclass(frozen=True)
class Task:
    """An exercise as the solved notebook has it."""

    title: str
    cells: tuple[int, ...] = ()
    """The code cells that answer it, as places among the pieces."""
    points: float | None = None
    """What the notebook says it is worth; None: nothing."""
    name: str = ""
    """What the notebook calls it; empty: nothing."""
    question: str = ""
    """Of one that a person reads: what is asked, in words of the handout."""
    marked: bool = False
    """Whether marks of ours say its answer already."""


@dataclass(frozen=True)
class Reading:
    """A solved notebook, read."""

    style: Style
    pieces: tuple[Piece, ...]
    tasks: tuple[Task, ...]
    left_out: int = 0
    """Cells of tests, which are in neither notebook."""
    doubtful: tuple[int, ...] = ()
    """Texts that follow a question or an answer, and stay in the handout, as places among the pieces."""


def whole(cell: SolvedCell) -> Piece:
    """A cell that students get as it is."""
    return Piece(
        cell.kind,
        tuple(Line(text) for text in cell.source.split("\n")),
        cell.attachments,
        cell.place,
    )


def without_marks(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces, with no mark of ours in what students get."""
    return tuple(replace(piece, lines=tuple(_unmarked(piece))) for piece in pieces)


def _unmarked(piece: Piece) -> Iterable[Line]:
    for line in piece.lines:
        found = MARKER.match(line.text) if piece.kind == "code" and line.handed else None
        if found is None:
            yield line
            continue
        if line.solved:
            yield replace(line, handed=False)
        if found["code"].strip():
            yield Line(found["code"].rstrip(), solved=False)
