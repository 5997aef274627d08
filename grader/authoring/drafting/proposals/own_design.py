"""Find out whether the words of an exercise settle the layers of its network. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from grader.authoring.drafting.proposals.free_choice import asked_numbers, leaves_a_choice
from grader.authoring.drafting.proposals.notebook_code import PlacedStatement, TaskCode, calls_in
from grader.authoring.drafting.syntax import FUNCTION, called_name

_LAYER = re.compile(r"(Lazy)?(Linear|Conv[123]d|ConvTranspose[123]d|LSTM|GRU|RNN|Embedding)")
"""Layers with an input size and an output size."""
_OUTPUT_NAMES = ("out_features", "out_channels", "hidden_size", "embedding_dim")
_SIZE_WORDS = (
    r"hidden|units?|neurons?|channels?|filters?|features?|dims?|dimensions?|layers?|embed\w*|width"
    r"|ocult[ao]s?|unidades|neur[óo]ni?os?|neuronas|canais|canales|filtros|camadas?|capas?|cach[ée]e?s?"
)
_SIZE_LINE = re.compile(rf"(?:\b|_)(?:{_SIZE_WORDS})(?:\b|_)", re.IGNORECASE)
"""A line that speaks of the size of layers."""
_NUMBER = re.compile(r"\d+")


def is_own_design(task: TaskCode) -> bool:
    """Return whether students choose the inner sizes of a network themselves.

    They do if the handout says none of these sizes, or leaves a choice and does not say all.
    """
    chosen = set(_inner_sizes(task))
    untold = chosen - _told_numbers(task)
    if not untold:
        return False
    return untold == chosen or leaves_a_choice(task)


def is_signature_told(task: TaskCode, placed: PlacedStatement) -> bool:
    """Return whether the handout shows how an object of a class is created."""
    cell = task.code.cells[placed.cell]
    if "def __init__" in cell.given_text:
        return True
    return re.search(rf"(?<!class )\b{placed.name}\(", task.code.handout_text) is not None


def _inner_sizes(task: TaskCode) -> Iterator[float]:
    """List the output sizes of the layers in front of the last one that are written as numbers."""
    for placed in task.statements:
        layers = []
        for call in calls_in(placed.node):
            size = _output_size(call)
            if size is not None:
                layers.append(size)
        values = _values_of_parameters(task, placed)
        for size in layers[:-1]:
            match size:
                case ast.Constant(value=int(number)):
                    yield float(number)
                case ast.Name(id=name) if name in values:
                    yield values[name]


def _output_size(call: ast.Call) -> ast.expr | None:
    if _LAYER.fullmatch(called_name(call)) is None:
        return None
    for keyword in call.keywords:
        if keyword.arg in _OUTPUT_NAMES:
            return keyword.value
    match call.args:
        case [size, *_] if called_name(call).startswith("Lazy"):
            return size
        case [_, size, *_]:
            return size
    return None


def _values_of_parameters(task: TaskCode, placed: PlacedStatement) -> dict[str, float]:
    """Return the numbers that a class gets for the parameters of its `__init__`, if it chose them.

    If the handout shows the parameters, they are no choice.
    """
    if not isinstance(placed.node, ast.ClassDef) or is_signature_told(task, placed):
        return {}
    values: dict[str, float] = {}
    calls = list(task.code.calls_of(placed.name))
    for inner in placed.node.body:
        if isinstance(inner, FUNCTION) and inner.name == "__init__":
            for name, node in _given_to(inner, calls):
                match node:
                    case ast.Constant(value=int(number)):
                        values[name] = float(number)
    return values


def _given_to(
    function: ast.FunctionDef | ast.AsyncFunctionDef, calls: Iterable[ast.Call]
) -> Iterator[tuple[str, ast.expr]]:
    """List the values of a method's parameters: defaults, then arguments of calls."""
    all_names = [argument.arg for argument in function.args.args]
    names = all_names[1:]
    defaults = reversed(function.args.defaults)
    yield from zip(reversed(names), defaults, strict=False)
    for call in calls:
        yield from zip(names, call.args, strict=False)
        for keyword in call.keywords:
            if keyword.arg:
                yield keyword.arg, keyword.value


def _told_numbers(task: TaskCode) -> set[float]:
    """List the numbers in the words of an exercise, its given lines, and lines about sizes."""
    told = asked_numbers(task)
    texts = []
    for index in task.task.cells:
        cell = task.code.cells[index]
        texts.append(cell.handout or "")
    for line in task.code.handout_text.split("\n"):
        if _SIZE_LINE.search(line):
            texts.append(line)
    for text in texts:
        numbers = _NUMBER.findall(text)
        told.update(map(float, numbers))
    return told
