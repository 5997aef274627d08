"""Find the cells that say that they are a solution, and the exercise's cells above them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from grader.authoring.drafting.readers.marks import opens_solution
from grader.authoring.drafting.solved import DraftCell, DraftLine, SolvedCell, draft_cell
from grader.notebook.format import table

_TAGS = frozenset({"solution", "solutions", "answer", "solucao", "remove_solution", "instructor"})
_UNSOLVED = re.compile(
    r"raise NotImplementedError\b|^\s*[\w.,\[\] ]+=\s*(\.\.\.|None)\s*(#.*)?$|^\s*\.\.\.\s*$"
    r"|=\s*#|^\s*pass\s*$|=\s*(\"\"|'')\s*(#.*)?$|#\s*@param\b",
    re.MULTILINE,
)
"""Texts in the places where students write."""
_OPEN = re.compile(r"[=(,]\s*$", re.MULTILINE)
"""An end of a line that something is missing behind."""
_MISSING = re.compile(r"[(=]\s*(\.\.\.|None)\s*[,)]|\bNotImplemented\b")
"""An argument, or a result, that marks a missing one."""
_BLANK = re.compile(
    r"<(?=[^\W\d_])[^<>=\n\"']{3,}(?<=[\w.!])>"  # <YOUR CODE>
    r"|(?<!\w)_{2,}(?!\w)|\?{2,}"
)
"""Text to be replaced by code, which is no Python, or an unknown name."""


def is_unsolved(source: str) -> bool:
    """Return whether code has places where students write, or does not parse without an answer."""
    patterns = (_UNSOLVED, _OPEN, _MISSING, _BLANK)
    return any(pattern.search(source) for pattern in patterns)


def fill_blanks(source: str) -> str:
    """Put `...` in place of blanks such as `<YOUR CODE>`, so that the rest can be parsed."""
    return _BLANK.sub("...", source)


def is_solution_cell(cell: SolvedCell) -> bool:
    """Return whether the tags or the first lines of a cell mark it as a solution."""
    if _is_tagged(cell.metadata):
        return True
    if cell.kind != "code":
        return False
    return opens_solution(cell.source)


def _is_tagged(metadata: Mapping[str, Any]) -> bool:
    tags = metadata.get("tags")
    if isinstance(tags, list) and any(tag in _TAGS for tag in tags if isinstance(tag, str)):
        return True
    # The extension "exercise2" of Jupyter: the first cell of a group is the exercise.
    is_first = bool(metadata.get("solution2_first"))
    in_group = bool(metadata.get("solution2")) or bool(table(metadata.get("solution")))
    return in_group and not is_first


def exercise_cell_of(cells: Sequence[SolvedCell], solution: int) -> int | None:
    """Find the cell that students solve, above the one with its solution; None: there is none.

    Args:
        cells: the notebook's.
        solution: index of the solution.
    """
    for index in range(solution - 1, -1, -1):
        cell = cells[index]
        if cell.kind != "code":
            continue
        is_exercise = not is_solution_cell(cell) and bool(_UNSOLVED.search(cell.source))
        if not is_exercise:
            return None
        return index
    return None


def join_exercise(exercise: SolvedCell, solution: SolvedCell) -> DraftCell:
    """Make one cell of an exercise, which students get, and its solution."""
    lines = [DraftLine(text, in_handout=False) for text in solution.text_lines]
    lines += [DraftLine(text, in_reference=False) for text in exercise.text_lines]
    return draft_cell(solution, lines)
