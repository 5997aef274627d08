"""Choose the answer of each exercise, and see which exercises build on which. Pure.

Each check says itself which values it fits: see `grading.checks.base.Check.proposes`.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.names import significant_words
from grader.authoring.drafting.solved import DraftCell, Task
from grader.authoring.drafting.syntax import names_bound, names_read
from grader.grading.checks.registry import propose_check
from grader.notebook.code import parse_cell
from grader.trace import Value


@dataclass(frozen=True)
class ProposedAnswer:
    """A value that is proposed as the answer of an exercise."""

    task: Task
    candidate: AnswerCandidate | None
    """None: our own marks name the answer already, or a person grades it."""
    check: str
    others: tuple[str, ...] = ()
    """Other values that the cells of the exercise give."""


def check_for(value: Value | None) -> str:
    """Choose the check that fits a value; empty if none does."""
    return "" if value is None else propose_check(value)


def choose_answer(
    task: Task,
    candidates: Sequence[AnswerCandidate],
    values: Mapping[AnswerCandidate, Value],
) -> ProposedAnswer | None:
    """Choose the first candidate that can be checked; one called like the exercise comes first.

    Args:
        task: the exercise.
        candidates: its candidates, the most likely one first.
        values: what they gave when the notebook ran.

    Returns:
        The answer; None if no candidate can be checked.
    """
    checkable = [candidate for candidate in candidates if check_for(values.get(candidate))]
    if not checkable:
        return None

    answer = _named_like(task, checkable) or checkable[0]
    expressions = dict.fromkeys(candidate.expression for candidate in checkable)
    others = [expression for expression in expressions if expression != answer.expression]
    return ProposedAnswer(task, answer, check_for(values[answer]), tuple(others))


def _named_like(task: Task, candidates: Sequence[AnswerCandidate]) -> AnswerCandidate | None:
    words = significant_words(task.title)
    for candidate in candidates:
        if words and significant_words(candidate.expression) == words:
            return candidate
    return None


def find_needs(
    cells: Sequence[DraftCell],
    answers: Mapping[str, ProposedAnswer],
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
        if answer.candidate is None:
            continue
        read = _names_read_from_before(cells, answer.task.cells)
        needed = [other for variable, other in earlier.items() if variable in read]
        if needed:
            needs[exercise] = tuple(needed)
        earlier[_variable_of(answer.candidate.expression)] = exercise
    return needs


def _names_read_from_before(cells: Sequence[DraftCell], indices: Collection[int]) -> set[str]:
    """Collect the names that cells read, but for those that they bind first."""
    read: set[str] = set()
    bound: set[str] = set()
    for index in indices:
        for statement in parse_cell(cells[index].source).body:
            read |= names_read(statement) - bound
            bound.update(names_bound(statement))
    return read


def _variable_of(expression: str) -> str:
    """Name the variable that an expression is a part of; empty if it is no such part."""
    node: ast.expr = ast.parse(expression, mode="eval").body
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
