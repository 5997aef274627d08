"""Describe a solved notebook, the handout that students got, and how students answered it.

A course is written once: of each cell, the text that stands in each notebook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import dedent, indent
from typing import Any, Literal

Version = Literal["solved", "handout", "other", "typed"]
"""A notebook of a course.

`other` answers everything right, in another style; `typed` types in what should be computed, or
gives back a constant.
"""

VERSIONS: tuple[Version, ...] = ("solved", "handout", "other", "typed")

HOLE = "@@"
"""Stands in a template where an answer goes."""


@dataclass(frozen=True)
class TaughtCell:
    """A cell of a course; None: the cell is not in that notebook."""

    kind: Literal["code", "markdown", "raw"]
    solved: str | None
    handout: str | None
    other: str | None
    typed: str | None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    shown: str = ""
    """What the solved notebook shows below it, as saved."""
    raises: str = ""
    """The name of the exception that it is meant to raise; empty: none."""

    def text(self, version: Version) -> str | None:
        """Return the source in one of the notebooks."""
        source: str | None = getattr(self, version)
        return source


@dataclass(frozen=True)
class TaughtTask:
    """An exercise of a course, and what is fair to make of it."""

    words: str
    """Words of its title, or of its question."""
    checks: tuple[str, ...]
    """Kinds of checks that decide it fairly; the first is the best."""
    points: float = 1
    typed: float = 0
    """The share that a typed-in answer may earn: what it did compute."""


@dataclass(frozen=True)
class TaughtCourse:
    """A course: its cells, and its exercises."""

    name: str
    cells: Sequence[TaughtCell]
    tasks: Sequence[TaughtTask]
    files: Mapping[str, str] = field(default_factory=dict)
    """Data files that lie beside the notebook."""
    is_marked: bool = False
    """Whether marks in the solved notebook say, to the line, what is the answer in a cell."""

    def notebook(self, version: Version) -> dict[str, Any]:
        """Return one of the notebooks, as its file holds it."""
        cells = [_file_cell(cell, version) for cell in self.cells if cell.text(version) is not None]
        return {"cells": cells, "metadata": _PYTHON, "nbformat": 4, "nbformat_minor": 4}


_PYTHON = {
    "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"},
    "language_info": {"name": "python"},
}


def _file_cell(cell: TaughtCell, version: Version) -> dict[str, Any]:
    source = {"cell_type": cell.kind, "metadata": dict(cell.metadata), "source": cell.text(version)}
    if cell.kind != "code":
        return source
    outputs = _outputs(cell) if version == "solved" else []
    count = 1 if version == "solved" else None
    return source | {"outputs": outputs, "execution_count": count}


def _outputs(cell: TaughtCell) -> list[dict[str, Any]]:
    if cell.raises:
        error = {"ename": cell.raises, "evalue": "", "traceback": []}
        return [{"output_type": "error", **error}]
    if cell.shown:
        return [
            {"output_type": "stream", "name": "stdout", "text": dedent(cell.shown).lstrip("\n")}
        ]
    return []


def _plain(source: str) -> str:
    return dedent(source).strip("\n")


# Cells that all notebooks have


def text(source: str, **more: Any) -> TaughtCell:
    """Make a text of the course."""
    return _same("markdown", source, **more)


def code(source: str, **more: Any) -> TaughtCell:
    """Make a given cell of code."""
    return _same("code", source, **more)


def raw(source: str, **more: Any) -> TaughtCell:
    """Make a raw cell."""
    return _same("raw", source, **more)


def _same(kind: Literal["code", "markdown", "raw"], source: str, **more: Any) -> TaughtCell:
    plain = _plain(source)
    return TaughtCell(kind, plain, plain, plain, plain, **more)


# Cells with answers


def answer(
    solved: str, handout: str | None, *, other: str, typed: str | None = None, **more: Any
) -> TaughtCell:
    """Make a cell of code that is the answer.

    Args:
        solved: the instructor's.
        handout: what stands in its place; None: no cell.
        other: right, in another style.
        typed: typed in; None: left as in the handout.
        more: further fields of the cell.
    """
    blank = None if handout is None else _plain(handout)
    by_hand = blank if typed is None else _plain(typed)
    return TaughtCell("code", _plain(solved), blank, _plain(other), by_hand, **more)


def reply(solved: str, handout: str | None, other: str = "", **more: Any) -> TaughtCell:
    """Make a cell of words that holds an answer."""
    blank = None if handout is None else _plain(handout)
    return TaughtCell("markdown", _plain(solved), blank, _plain(other or solved), blank, **more)


def only_solved(
    source: str, kind: Literal["code", "markdown", "raw"] = "code", **more: Any
) -> TaughtCell:
    """Make a cell that only the instructor's notebook has."""
    return TaughtCell(kind, _plain(source), None, None, None, **more)


def only_handout(source: str, kind: Literal["code", "markdown", "raw"] = "code") -> TaughtCell:
    """Make a cell that only students have."""
    plain = _plain(source)
    return TaughtCell(kind, None, plain, plain, plain)


Fillings = str | Sequence[str]
"""What goes into the holes of a template, in order."""


def boxed(
    template: str,
    solved: Fillings,
    blank: Fillings,
    *,
    other: Fillings,
    typed: Fillings | None = None,
    **more: Any,
) -> TaughtCell:
    """Make a cell of given code with holes, each on a line of its own."""
    by_hand = blank if typed is None else typed
    texts = [_fill(template, filling) for filling in (solved, blank, other, by_hand)]
    return TaughtCell("code", *texts, **more)


def _fill(template: str, fillings: Fillings) -> str:
    remaining = [fillings] if isinstance(fillings, str) else list(fillings)
    lines: list[str] = []
    for line in _plain(template).split("\n"):
        if line.strip() != HOLE:
            lines.append(line)
            continue
        filling = _plain(remaining.pop(0))
        if filling:
            lines.append(indent(filling, line[: line.index(HOLE)]))
    assert not remaining, f"more fillings than holes: {remaining}"
    return "\n".join(lines)
