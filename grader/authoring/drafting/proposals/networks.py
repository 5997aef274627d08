"""Propose to compare a network that answers an exercise. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import Observed, Proposal, is_comparable
from grader.authoring.drafting.proposals.calls import (
    call_like,
    parameter_requests,
    written_arguments,
)
from grader.authoring.drafting.proposals.notebook_code import (
    NotebookCode,
    PlacedStatement,
    TaskCode,
    calls_in,
    is_network_class,
)
from grader.authoring.drafting.proposals.trials import evaluated, few
from grader.authoring.drafting.syntax import FUNCTION, called_name
from grader.grading.agreement import Tolerance, agrees
from grader.trace import Array, Module, Value

MAX_INPUTS = 2
GUESSED_INPUTS = ("torch.randn(4, {size})", "torch.randn(2, {size}, 28, 28)")
"""Inputs of a network that was never called, by the first size of its first layer."""
CONTAINED = ("Dropout", "BatchNorm1d", "BatchNorm2d", "LayerNorm", "MaxPool2d", "LSTM", "GRU")
"""Layers that a network's output alone does not show, or that an exercise asks for by name."""


@dataclass(frozen=True)
class Network:
    """A network that is measured: its name, and the arguments that make and call it."""

    name: str
    make: str
    inputs: tuple[str, ...]

    def trial(
        self,
        inputs: str,
        seed: int,
    ) -> str:
        """Write what a call of it gives, in eval mode, as a trial."""
        instance = f"{self.name}({self.make})" if self.is_class else self.name
        return evaluated(f"({instance}).eval()({inputs})", seed)

    @property
    def is_class(self) -> bool:
        """Whether it is made for each measurement."""
        return self.make != OBJECT


OBJECT = "-"
"""Stands for the arguments of what is no class."""


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Ask what the networks of an exercise are called with."""
    for placed in task.classes:
        method = _forward(placed.node)
        if method is not None:
            yield from parameter_requests(placed.cell, method).values()
    for placed, name in _bound_objects(task):
        yield from object_requests(
            task.code,
            placed.cell,
            name,
        )


def _forward(node: ast.stmt) -> ast.stmt | None:
    """Find the method `forward` of a class."""
    for inner in getattr(
        node,
        "body",
        [],
    ):
        if isinstance(inner, FUNCTION) and inner.name == "forward":
            return inner
    return None


def _bound_objects(task: TaskCode) -> Iterator[tuple[PlacedStatement, str]]:
    """List the names that an exercise binds to what a call gives, last one first."""
    for placed in reversed(task.others):
        match placed.node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call()):
                yield placed, name


def object_requests(
    code: NotebookCode,
    first: int,
    name: str,
) -> Iterator[AnswerCandidate]:
    """Ask what an object is called with, right before the statements at top level that call it."""
    for placed in code.statements:
        if placed.cell < first:
            continue
        for call in calls_in(placed.node):
            is_call = isinstance(call.func, ast.Name) and call.func.id == name
            if not is_call or len(call.args) != 1 or call.keywords:
                continue
            expression = few(f"{placed.cell}:{name}", ast.unparse(call.args[0]))
            yield AnswerCandidate(
                placed.cell,
                placed.node.lineno - 1,
                expression,
            )


def networks_of(
    task: TaskCode,
    observed: Observed,
) -> Iterator[Network]:
    """List the networks of an exercise that can be measured, the last one first."""
    for placed in reversed(task.classes):
        node = placed.node
        if isinstance(node, ast.ClassDef) and is_network_class(node):
            yield from _class_networks(
                task.code,
                placed,
                node,
                observed,
            )
    for placed, name in _bound_objects(task):
        mark = AnswerCandidate(
            placed.cell,
            placed.last_line,
            name,
        )
        value = observed.value(mark)
        if isinstance(value, Module) and value.parameters:
            seen = _inputs_of_object(
                task.code,
                placed.cell,
                name,
                observed,
            )
            yield Network(
                name,
                OBJECT,
                seen or _guessed_inputs(placed.node),
            )


def object_marks(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Ask what the names hold that an exercise binds to what a call gives."""
    for placed, name in _bound_objects(task):
        yield AnswerCandidate(
            placed.cell,
            placed.last_line,
            name,
        )


def _class_networks(
    code: NotebookCode,
    placed: PlacedStatement,
    node: ast.ClassDef,
    observed: Observed,
) -> Iterator[Network]:
    makes: dict[str, None] = {}
    for call in code.calls_of(node.name):
        parts = [*call.args, *(keyword.value for keyword in call.keywords)]
        if all(map(code.is_spelled, parts)):
            makes[written_arguments(call)] = None
    method = _forward(node)
    wanted = parameter_requests(placed.cell, method) if method is not None else {}
    samples = [observed.samples.get(request, ()) for request in wanted.values()]
    inputs = _inputs(samples) or _guessed_inputs(node)
    for make in makes or [""]:
        yield Network(
            node.name,
            make,
            inputs,
        )


def _inputs(samples: Sequence[Sequence[Value]]) -> tuple[str, ...]:
    """Write inputs of the shapes that were seen."""
    if not samples:
        return ()
    inputs: dict[str, None] = {}
    for values in zip(*samples, strict=False):
        written = call_like(values, 0)
        if written is not None:
            normal = _as_normal(values, written)
            inputs[normal] = None
    return tuple(inputs)[:MAX_INPUTS]


def _as_normal(
    values: Sequence[Value],
    written: str,
) -> str:
    """Write a single tensor of floats as `torch.randn`."""
    match values:
        case [Array(origin="tensor", dtype="float32", shape=shape)] if shape:
            short = min(shape[0], 4)
            sizes = ", ".join(map(str, (short, *shape[1:])))
            return f"torch.randn({sizes})"
    return written


def _inputs_of_object(
    code: NotebookCode,
    first: int,
    name: str,
    observed: Observed,
) -> tuple[str, ...]:
    inputs: dict[str, None] = {}
    for request in object_requests(
        code,
        first,
        name,
    ):
        samples = [observed.samples.get(request, ())]
        inputs.update(dict.fromkeys(_inputs(samples)))
    return tuple(inputs)[:MAX_INPUTS]


def _guessed_inputs(node: ast.AST) -> tuple[str, ...]:
    """Guess inputs by the first layer that is written with a number."""
    for call in calls_in(node):
        name = called_name(call)
        match call.args:
            case [ast.Constant(value=int(size)), *_] if name == "Linear":
                return (GUESSED_INPUTS[0].format(size=size),)
            case [ast.Constant(value=int(size)), *_] if name == "Conv2d":
                return (GUESSED_INPUTS[1].format(size=size),)
    return ()


def trials(
    task: TaskCode,
    observed: Observed,
) -> Iterator[str]:
    """List the expressions that tell what the networks of an exercise give."""
    for network in networks_of(task, observed):
        for inputs in network.inputs:
            yield from (network.trial(inputs, seed) for seed in (1, 2))


def propose(
    task: TaskCode,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose to compare the first network that gives something when it is called."""
    for network in networks_of(task, observed):
        inputs = tuple(
            each
            for each in network.inputs
            if _gives(
                network,
                each,
                observed,
            )
        )
        if not inputs:
            continue
        fields: dict[str, str | tuple[str, ...]] = {"module": network.name}
        if network.is_class and network.make:
            fields["make"] = network.make
        fields["inputs"] = inputs
        fields["compare"] = ("output", "parameters")
        contained = _contained(task)
        if contained:
            yield Proposal("module", {**fields, "contains": contained})
        yield Proposal("module", fields)
        yield Proposal("module", {**fields, "compare": ("output",)})
        yield Proposal("module", {**fields, "compare": ("shape", "parameters")})


def _gives(
    network: Network,
    inputs: str,
    observed: Observed,
) -> bool:
    """Tell whether a network gives something that can be compared."""
    values = observed.tried(network.trial(inputs, 1))
    return bool(values) and is_comparable(values[0])


def _contained(task: TaskCode) -> tuple[str, ...]:
    """List the layers that an exercise asks for by name, and that its answer has."""
    used: set[str] = set()
    for placed in task.statements:
        used.update(called_name(call) for call in calls_in(placed.node))
    return tuple(layer for layer in CONTAINED if layer in used and task.says(layer.lower()))


def is_same_each_time(values: Sequence[Value]) -> bool:
    """Tell whether all of some values agree."""
    return all(
        agrees(
            value,
            values[0],
            Tolerance(),
        )
        for value in values
    )
