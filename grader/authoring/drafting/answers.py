"""Find which exercises build on which, and values named like an exercise. Pure."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.names import significant_words
from grader.authoring.drafting.solved import DraftCell, Task
from grader.authoring.drafting.syntax import names_bound, names_read
from grader.notebook.code import parse_cell


@dataclass(frozen=True)
class TakenAnswer:
    """The value that is used as an exercise's answer."""

    task: Task
    expression: str
    """Empty if the answer is already marked, or if a person grades the exercise."""


def named_like(task: Task, candidates: Sequence[AnswerCandidate]) -> AnswerCandidate | None:
    """Find the value named like the exercise; None if there is none."""
    words = significant_words(task.title)
    for candidate in candidates:
        if words and significant_words(candidate.expression) == words:
            return candidate
    return None


def find_needs(
    cells: Sequence[DraftCell],
    answers: Mapping[str, TakenAnswer],
) -> dict[str, tuple[str, ...]]:
    """Find the exercises that build on others: they read the name of an earlier answer.

    Args:
        cells: the notebook's.
        answers: the answer of each exercise by the exercise's id, in the notebook's order.

    Returns:
        The ids of the earlier exercises, by the id of the one that builds on them.
    """
    needs = {}
    earlier: dict[str, str] = {}
    for exercise, answer in answers.items():
        if not answer.expression:
            continue
        read = _names_read_from_before(cells, answer.task.cells)
        needed = []
        for variable, other in earlier.items():
            if variable in read:
                needed.append(other)
        if needed:
            needs[exercise] = tuple(dict.fromkeys(needed))
        variable = _variable_of(answer.expression)
        if variable:
            earlier[variable] = exercise
    return needs


def _names_read_from_before(cells: Sequence[DraftCell], indices: Collection[int]) -> set[str]:
    """Collect the names that cells read before they bind them."""
    read: set[str] = set()
    bound: set[str] = set()
    for index in indices:
        for statement in parse_cell(cells[index].source).body:
            read |= names_read(statement) - bound
            bound.update(names_bound(statement))
    return read


def _variable_of(expression: str) -> str:
    """Return the variable that an expression is a part of; empty if there is none."""
    node: ast.expr = ast.parse(expression, mode="eval").body
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return node.id
