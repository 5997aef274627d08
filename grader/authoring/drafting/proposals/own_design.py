"""Find out whether the words of an exercise settle the layers of its network. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

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
        sizes = [_output_size(call) for call in calls_in(placed.node)]
        layers = [size for size in sizes if size is not None]
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
    is_lazy = called_name(call).startswith("Lazy")
    position = 0 if is_lazy else 1
    if len(call.args) > position:
        return call.args[position]
    return None


def _values_of_parameters(task: TaskCode, placed: PlacedStatement) -> dict[str, float]:
    """Return the numbers that a class gets for the parameters of its `__init__`, if it chose them.

    If the handout shows the parameters, they are no choice.
    """
    if not isinstance(placed.node, ast.ClassDef) or is_signature_told(task, placed):
        return {}
    values: dict[str, float] = {}
    for inner in placed.node.body:
        if isinstance(inner, FUNCTION) and inner.name == "__init__":
            names = [argument.arg for argument in inner.args.args]
            defaults = inner.args.defaults
            for name, default in zip(names[len(names) - len(defaults) :], defaults, strict=True):
                values.update(_as_number(name, default))
            for call in task.code.calls_of(placed.name):
                for name, argument in zip(names[1:], call.args, strict=False):
                    values.update(_as_number(name, argument))
                for keyword in call.keywords:
                    values.update(_as_number(keyword.arg or "", keyword.value))
    return values


def _as_number(name: str, node: ast.expr) -> dict[str, float]:
    match node:
        case ast.Constant(value=int(number)):
            return {name: float(number)}
    return {}


def _told_numbers(task: TaskCode) -> set[float]:
    """List the numbers in the words of an exercise, its given lines, and lines about sizes."""
    told = asked_numbers(task)
    texts = [task.code.cells[index].handout or "" for index in task.task.cells]
    texts += [line for line in task.code.handout_text.split("\n") if _SIZE_LINE.search(line)]
    for text in texts:
        told.update(map(float, _NUMBER.findall(text)))
    return told
