"""Tell what a handout lost of the lines that a course gives, and which answers it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.support.course_shapes.shape import TaughtCell, TaughtCourse

Notebook = Mapping[str, Any]
"""A notebook, as its file holds it."""

SHORTEST_ANSWER = 8
"""Lines with fewer characters, such as `pass`, give nothing away."""

_SETS_THE_SCENE = re.compile(
    r"#|import |from \S+ import |def |class |@|return \w+$"
    r"|print\(|torch\.manual_seed\("
    r"|\w+ = (-?[\d.e-]+|\[\]|None)(?=\s*#|$)"
)
"""Lines that may stay where nobody marked the answer: they say what is to be made, or with what."""


def lost_lines(course: TaughtCourse, handout: Notebook) -> list[str]:
    """List the lines of code that the course gives, and that a drafted handout lacks.

    In a cell with an answer that nobody marked, any line may be a part of it.
    """
    kept = lines_of(handout)
    return [line for line in _given_lines(course) if line not in kept]


def _given_lines(course: TaughtCourse) -> Iterator[str]:
    for cell in course.cells:
        is_given = cell.solved == cell.handout
        if cell.kind == "code" and (is_given or course.is_marked):
            solved = _lines(cell.solved)
            lines = (line for line in _lines(cell.handout) if line in solved)
            yield from (line for line in lines if not line.startswith("#"))


def leaked_lines(course: TaughtCourse, handout: Notebook) -> list[str]:
    """List the lines of answers, in code and in words, that a drafted handout holds."""
    given = {line for cell in course.cells for line in _lines(cell.handout)}
    held = lines_of(handout)
    answers = [line for cell in course.cells for line in _answer_lines(cell)]
    return [line for line in answers if line in held and line not in given]


def _answer_lines(cell: TaughtCell) -> Iterator[str]:
    for line in _lines(cell.solved):
        sets_the_scene = cell.kind == "code" and _SETS_THE_SCENE.match(line)
        if len(line) >= SHORTEST_ANSWER and not sets_the_scene:
            yield line


def lines_of(notebook: Notebook) -> set[str]:
    """Return the lines of all cells of a notebook, without the space around them."""
    sources = ("".join(cell["source"]) for cell in notebook["cells"])
    return {line for source in sources for line in _lines(source)}


def _lines(source: str | None) -> list[str]:
    stripped = (line.strip() for line in (source or "").split("\n"))
    return [line for line in stripped if line]


def asks_for(words: str, texts: Iterable[object]) -> bool:
    """Tell whether texts about an exercise hold some words, in any case and with any marks."""
    return _letters(words) in _letters(" ".join(map(str, texts)))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))
