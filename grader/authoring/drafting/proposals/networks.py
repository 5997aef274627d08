"""Propose to compare a network that answers an exercise. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import Field, Observed, Proposal, is_comparable
from grader.authoring.drafting.proposals.calls import (
    call_like,
    parameter_requests,
    parameters,
    written_arguments,
)
from grader.authoring.drafting.proposals.notebook_code import (
    NotebookCode,
    PlacedStatement,
    TaskCode,
    calls_in,
    is_network_class,
)
from grader.authoring.drafting.proposals.own_design import is_own_design, is_signature_told
from grader.authoring.drafting.proposals.trials import evaluated, few
from grader.authoring.drafting.syntax import FUNCTION, called_name
from grader.grading.agreement import Tolerance, agrees
from grader.trace import Array, Module, Value

MAX_INPUTS = 2
GUESSED_INPUTS = {
    "Linear": "torch.randn(4, {size})",
    "Conv2d": "torch.randn(2, {size}, 28, 28)",
}
"""Inputs of a network that was never called, by its first layer, and that layer's first size."""
UNSEEN_INPUTS = ("torch.arange(6).reshape(2, 3)",)
"""Inputs of a network that was never called and has no such layer: those of one that looks up."""
CONTAINED = ("Dropout", "BatchNorm1d", "BatchNorm2d", "LayerNorm", "MaxPool2d", "LSTM", "GRU")
"""Layers that a network's output alone does not show, or that an exercise asks for by name."""


OBJECT = "-"
"""Stands for the arguments of an object, which has none."""


@dataclass(frozen=True)
class Network:
    """A network to measure: its name, and the arguments to construct and call it."""

    name: str
    make: str
    inputs: tuple[str, ...]

    @property
    def is_class(self) -> bool:
        """Whether it is constructed for each measurement."""
        return self.make != OBJECT

    def trial(self, inputs: str, seed: int) -> str:
        """Write a call of it in eval mode, as a trial."""
        instance = self.name
        if self.is_class:
            instance = f"{self.name}({self.make})"
        expression = f"({instance}).eval()({inputs})"
        return evaluated(expression, seed)


@dataclass(frozen=True)
class _BoundObject:
    """A name that an exercise binds to the result of a call."""

    name: str
    placed: PlacedStatement

    @property
    def mark(self) -> AnswerCandidate:
        """Requests the value of the name."""
        placed = self.placed
        return AnswerCandidate(placed.cell, placed.last_line, self.name)


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Request the arguments of the exercise's networks."""
    for placed in task.classes:
        for method in ("forward", "__init__"):
            wanted = _requests_in(placed, method)
            yield from wanted.values()
    for bound in _bound_objects(task):
        yield from _object_requests(task.code, bound)


def _requests_in(placed: PlacedStatement, method: str) -> dict[str, AnswerCandidate]:
    """Request the parameters of a class's method."""
    body = getattr(placed.node, "body", [])
    for inner in body:
        if not isinstance(inner, FUNCTION):
            continue
        if inner.name == method:
            return parameter_requests(placed.cell, inner)
    return {}


def _bound_objects(task: TaskCode) -> Iterator[_BoundObject]:
    """List the names that an exercise binds to results of calls, the last one first."""
    for placed in reversed(task.others):
        match placed.node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call()):
                yield _BoundObject(name, placed)


def _object_requests(code: NotebookCode, bound: _BoundObject) -> Iterator[AnswerCandidate]:
    """Request the arguments of an object, before top-level statements that call it."""
    for placed in code.statements:
        if placed.cell < bound.placed.cell:
            continue
        key = f"{placed.cell}:{bound.name}"
        line_above = placed.node.lineno - 1
        for argument in _only_arguments(placed.node, bound.name):
            expression = few(key, argument)
            yield AnswerCandidate(placed.cell, line_above, expression)


def _only_arguments(node: ast.stmt, name: str) -> Iterator[str]:
    """List the arguments of a name's calls with a single one."""
    for call in calls_in(node):
        match call:
            case ast.Call(func=ast.Name(id=called), args=[argument], keywords=[]):
                if called == name:
                    yield ast.unparse(argument)


def object_marks(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Request the values of names that an exercise binds to results of calls."""
    for bound in _bound_objects(task):
        yield bound.mark


def networks_of(task: TaskCode, observed: Observed) -> Iterator[Network]:
    """List the networks of an exercise that can be measured, the last one first."""
    for placed in reversed(task.classes):
        node = placed.node
        if not isinstance(node, ast.ClassDef):
            continue
        if not is_network_class(node):
            continue
        required = _required_parameters(node)
        unknown = [name for name in required if not task.code.is_known(name)]
        says_names = all(re.search(rf"\b{name}\b", task.raw_text) for name in unknown)
        if not says_names and not is_signature_told(task, placed):
            continue
        wanted = _requests_in(placed, "forward")
        inputs = _inputs(wanted.values(), observed)
        makes = _ways_to_make(task.code, node.name) or _made_like_seen(placed, observed)
        for make in makes or _made_of_given(task.code, node):
            guessed = _guessed_inputs(node, _sizes(node, make)) or UNSEEN_INPUTS
            yield Network(node.name, make, inputs or guessed)

    for bound in _bound_objects(task):
        value = observed.value(bound.mark)
        if not isinstance(value, Module):
            continue
        if not value.parameters:
            continue
        inputs = _inputs_of_object(task.code, bound, observed)
        inputs = inputs or _guessed_inputs(bound.placed.node, {})
        yield Network(bound.name, OBJECT, inputs)


def _ways_to_make(code: NotebookCode, class_name: str) -> Sequence[str]:
    """List the arguments of a class's calls without unknown names."""
    makes: dict[str, None] = {}
    for call in code.calls_of(class_name):
        keywords = [keyword.value for keyword in call.keywords]
        parts = [*call.args, *keywords]
        if not all(map(code.is_spelled, parts)):
            continue
        arguments = written_arguments(call)
        makes[arguments] = None
    return list(makes)


def _made_like_seen(placed: PlacedStatement, observed: Observed) -> Sequence[str]:
    """Write the observed arguments of a class, if the notebook uses the student's names."""
    wanted = _requests_in(placed, "__init__")
    samples = []
    for request in wanted.values():
        samples.append(observed.samples.get(request, ()))
    for values in zip(*samples, strict=False):
        made = call_like(values, 0)
        if made is not None:
            return [made]
    return []


def _made_of_given(code: NotebookCode, node: ast.ClassDef) -> Sequence[str]:
    """Construct a class that was never used: with given names of its parameters."""
    names = _required_parameters(node)
    if all(map(code.is_known, names)):
        return [", ".join(names)]
    return [""]


def _required_parameters(node: ast.ClassDef) -> list[str]:
    """List the parameters of a class's `__init__` that have no default."""
    for inner in node.body:
        if isinstance(inner, FUNCTION) and inner.name == "__init__":
            names = parameters(inner)
            count = len(names) - len(inner.args.defaults)
            return names[:count]
    return []


def _inputs(wanted: Iterable[AnswerCandidate], observed: Observed) -> tuple[str, ...]:
    """Write inputs of the observed shapes."""
    samples = []
    for request in wanted:
        samples.append(observed.samples.get(request, ()))
    inputs: dict[str, None] = {}
    for values in zip(*samples, strict=False):
        written = call_like(values, 0)
        if written is None:
            continue
        normal = _as_normal(values, written)
        inputs[normal] = None
    return tuple(inputs)[:MAX_INPUTS]


def _as_normal(values: Sequence[Value], written: str) -> str:
    """Write a single tensor of floats as `torch.randn`."""
    match values:
        case [Array(origin="tensor", dtype="float32", shape=[length, *others])]:
            sizes = [min(length, 4), *others]
            written_sizes = ", ".join(map(str, sizes))
            return f"torch.randn({written_sizes})"
    return written


def _inputs_of_object(
    code: NotebookCode, bound: _BoundObject, observed: Observed
) -> tuple[str, ...]:
    inputs: dict[str, None] = {}
    for request in _object_requests(code, bound):
        seen = _inputs([request], observed)
        inputs.update(dict.fromkeys(seen))
    return tuple(inputs)[:MAX_INPUTS]


def _guessed_inputs(node: ast.AST, sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Guess inputs by the first layer with a known size.

    Args:
        node: the code that makes the layers.
        sizes: values of names in it.
    """
    for call in calls_in(node):
        guess = GUESSED_INPUTS.get(called_name(call))
        first = _first_argument(call)
        if guess is None or first is None:
            continue
        match first:
            case ast.Constant(value=int(size)):
                return (guess.format(size=size),)
            case ast.Name(id=name) if name in sizes:
                return (guess.format(size=sizes[name]),)
    return ()


def _first_argument(call: ast.Call) -> ast.expr | None:
    """Return the input size of a layer."""
    if call.args:
        return call.args[0]
    for keyword in call.keywords:
        if keyword.arg in ("in_features", "in_channels"):
            return keyword.value
    return None


def _sizes(node: ast.ClassDef, make: str) -> dict[str, int]:
    """List the numbers in a class's arguments, by the parameters of its `__init__`."""
    for inner in node.body:
        if isinstance(inner, FUNCTION) and inner.name == "__init__":
            return _numbers_given(parameters(inner), make)
    return {}


def _numbers_given(names: Sequence[str], arguments: str) -> dict[str, int]:
    call = ast.parse(f"f({arguments})", mode="eval").body
    if not isinstance(call, ast.Call):
        return {}
    given: dict[str | None, ast.expr] = dict(zip(names, call.args, strict=False))
    for keyword in call.keywords:
        given[keyword.arg] = keyword.value
    numbers = {}
    for name, value in given.items():
        match value:
            case ast.Constant(value=int(number)) if name is not None:
                numbers[name] = number
    return numbers


def trials(task: TaskCode, observed: Observed) -> Iterator[str]:
    """List the expressions that evaluate the exercise's networks."""
    for network in networks_of(task, observed):
        for inputs in network.inputs:
            yield network.trial(inputs, 1)
            yield network.trial(inputs, 2)


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose to compare the first network that can be called."""
    contained = _contained(task)
    if is_own_design(task):
        return
    for network in networks_of(task, observed):
        inputs = tuple(_usable_inputs(network, observed))
        if not inputs:
            continue

        fields: dict[str, Field] = {"module": network.name}
        if network.is_class and network.make:
            fields["make"] = network.make
        fields["inputs"] = inputs
        fields["compare"] = ("output", "parameters")
        if contained:
            yield Proposal("module", {**fields, "contains": contained})
        yield Proposal("module", fields)
        for compare in (("output",), ("shape", "parameters")):
            yield Proposal("module", {**fields, "compare": compare})


def _usable_inputs(network: Network, observed: Observed) -> Iterator[str]:
    """List the inputs for which a network's output can be compared."""
    for inputs in network.inputs:
        trial = network.trial(inputs, 1)
        values = observed.tried(trial)
        if not values:
            continue
        if is_comparable(values[0]):
            yield inputs


def _contained(task: TaskCode) -> tuple[str, ...]:
    """List the layers that an exercise asks for by name, and that its answer has."""
    used: set[str] = set()
    for placed in task.statements:
        names = map(called_name, calls_in(placed.node))
        used.update(names)
    layers = []
    for layer in CONTAINED:
        if layer not in used:
            continue
        if task.says(layer.lower()):
            layers.append(layer)
    return tuple(layers)


def is_same_each_time(values: Sequence[Value]) -> bool:
    """Return whether there are comparable values, and all agree."""
    if not values:
        return False
    if not all(map(is_comparable, values)):
        return False
    first = values[0]
    return all(agrees(value, first, Tolerance()) for value in values)
