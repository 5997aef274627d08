"""Recognise exercises that ask for any value of a kind. Pure."""

from __future__ import annotations

import ast
import re

from grader.authoring.drafting.names import strip_number
from grader.authoring.drafting.proposals.notebook_code import TaskCode, called_names
from grader.authoring.drafting.syntax import names_bound, names_read
from grader.notebook.imports import IMPORT

TENSOR_MAKERS = frozenset(("tensor", "zeros", "ones", "full", "array", "Tensor", "FloatTensor"))
"""Functions that create a tensor of numbers written out in their arguments."""
MIN_COMMON = 2
"""Fewest numbers of a literal in the words that ask for it; one may be that of its axes."""
_DATA_MAKERS = re.compile(r"arange|linspace|logspace|make_\w+|meshgrid")
"""Functions that make data of numbers in their arguments."""
_BUILTINS = frozenset(("float", "int", "len", "max", "min", "range", "round", "sum", "zip"))
_USUAL = frozenset((0.0, 1.0, 2.0))
"""Numbers that need not be asked for: a start, a step, an axis, an exponent."""
_CHOICE = re.compile(
    r"\b(?:may|can|could|might) (?:be different|differ|vary)\b|\bfeel free\b"
    r"|\bof your (?:own )?choice\b"
    r"|\bany (?:combination|number|values?|architecture|model|network|layers?) (?:of|you)\b"
    r"|\b(?:as|whatever|however|which(?:ever)?|what) you (?:like|want|prefer|wish)\b"
    r"|\byour own (?:architecture|model|network|data|choice)\b|\byou (?:may|can) (?:also )?choose\b"
    r"|\bcomo (?:quiser|preferir|quieras|prefieras)\b|\b(?:à|a|da|de) sua escolha\b"
    r"|\ba (?:tu|su) elecci[óo]n\b|\bpod(?:e|em|en) (?:ser diferentes?|variar|escolher|elegir)\b"
    r"|\bde votre choix\b|\bau choix\b|\beurer wahl\b|\bihrer wahl\b|\ba (?:tua )?scelta\b",
    re.IGNORECASE,
)
"""Words that leave a choice to students."""
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
    """Return whether an exercise asks for any value of a kind: data or a literal of one's choice.

    If its text asks for a certain one, the numbers are in the text.
    """
    if not task.bindings or task.functions or task.classes:
        return False
    asked = asked_numbers(task)
    return _is_chosen_literal(task, asked) or _is_chosen_data(task, asked)


def leaves_a_choice(task: TaskCode) -> bool:
    """Return whether the words of an exercise say that answers may differ."""
    return _CHOICE.search(task.text) is not None


def asked_numbers(task: TaskCode) -> set[float]:
    """List the numbers in the words of an exercise, but for that of the exercise itself."""
    asked = _numbers_in_words(task)
    for line in task.raw_text.split("\n"):
        asked.update(_numbers_in(strip_number(line)))
    return asked


def _is_chosen_data(task: TaskCode, asked: set[float]) -> bool:
    """Return whether an exercise makes data of nothing that is given, with numbers of its own."""
    bound: set[str] = set()
    written: set[float] = set()
    makes = False
    for node in task.bindings:
        if isinstance(node, IMPORT):
            continue
        if not isinstance(node, ast.Assign):
            return False
        if not names_read(node) <= task.code.modules | bound | _BUILTINS:
            return False
        bound.update(names_bound(node))
        for name in called_names(node):
            makes = makes or _DATA_MAKERS.fullmatch(name) is not None
        written |= _numbers_written(node)
    if not makes:
        return False
    ends = {number + 1 for number in asked}  # of `arange(1, 10)`, for "the numbers 1 to 9"
    return leaves_a_choice(task) or not written - _USUAL <= asked | ends


def _is_chosen_literal(task: TaskCode, asked: set[float]) -> bool:
    for node in task.bindings:
        if not isinstance(node, ast.Assign) or not _is_literal(task, node.value):
            return False
        written = _numbers_written(node.value)
        common = written & asked
        if common == written or len(common) >= MIN_COMMON:
            return False
    return True


def _numbers_written(node: ast.AST) -> set[float]:
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
