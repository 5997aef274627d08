"""Recognise exercises that ask for any value of a kind. Pure."""

from __future__ import annotations

import ast
import re

from grader.authoring.drafting.names import strip_number
from grader.authoring.drafting.proposals.notebook_code import TaskCode, called_names
from grader.authoring.drafting.syntax import names_read

TENSOR_MAKERS = frozenset(("tensor", "zeros", "ones", "full", "array", "Tensor", "FloatTensor"))
"""Functions that create a tensor of numbers written out in their arguments."""
MIN_COMMON = 2
"""Fewest numbers of a literal in the words that ask for it; one may be that of its axes."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?![\d.]*-?[dD]\b)")
"""A number that is not one of axes, as in "2-d"."""
NUMBER_WORDS = (
    "two|dois|duas|dos",
    "three|tres",
    "four|quatro|cuatro",
    "five|cinco",
    "six|seis",
    "seven|sete|siete",
    "eight|oito|ocho",
    "nine|nove|nueve",
    "ten|dez|diez",
)
"""Numbers from 2 on as words, folded."""


def is_free_choice(task: TaskCode) -> bool:
    """Return whether an exercise asks for any value of a kind: a literal of one's choice.

    If its text asks for a certain literal, the numbers are in the text.
    """
    if not task.bindings or task.functions or task.classes:
        return False
    asked = _numbers_in_words(task)
    for line in task.raw_text.split("\n"):
        asked.update(_numbers_in(strip_number(line)))
    for node in task.bindings:
        if not isinstance(node, ast.Assign) or not _is_literal(task, node.value):
            return False
        written = _numbers_written(node.value)
        common = written & asked
        if common == written or len(common) >= MIN_COMMON:
            return False
    return True


def _numbers_written(node: ast.expr) -> set[float]:
    """List the numbers in an expression."""
    numbers = set()
    for inner in ast.walk(node):
        match inner:
            case ast.Constant(value=bool()):
                continue
            case ast.Constant(value=int() | float() as number):
                numbers.add(float(number))
    return numbers


def _is_literal(task: TaskCode, node: ast.expr) -> bool:
    """Return whether an expression builds a tensor or a list of written-out numbers."""
    if isinstance(node, ast.Constant):
        return False
    reads_modules_only = names_read(node) <= task.code.modules
    if not reads_modules_only:
        return False
    return called_names(node) <= TENSOR_MAKERS


def _numbers_in(text: str) -> set[float]:
    return {float(number) for number in _NUMBER.findall(text)}


def _numbers_in_words(task: TaskCode) -> set[float]:
    """List the numbers that an exercise spells out: "seven ones"."""
    numbers = set()
    for number, written in enumerate(NUMBER_WORDS, start=2):
        if task.says(rf" ({written}) "):
            numbers.add(float(number))
    return numbers
