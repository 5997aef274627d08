"""Read what was measured of one network, and compare it with the reference's. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.exercise import Exercise, module_calls
from grader.grading.agreement import Expected, as_number
from grader.grading.checks.probed import Probed
from grader.grading.expectation import Expectation
from grader.trace import Array, Items, Text, Value

IMPLIED = frozenset(
    (
        *("ReLU", "ReLU6", "LeakyReLU", "ELU", "GELU", "SiLU", "Tanh", "Sigmoid", "Softplus"),
        *("Softmax", "LogSoftmax"),
    )
)
"""Layers that a right output tells of, however they are written down."""

QUIET = ("none", "dropout", "flatten")
"""Steps that change no number in eval mode."""


@dataclass(frozen=True)
class Share:
    """One thing that is compared."""

    kind: str
    """`output`, `shape`, `parameters`, `layers`, `contains`, `method` or `gradients`."""
    right: bool
    probed: Sequence[Probed]
    """What was measured for it."""
    what: str = ""
    """The layer, or the call of a method."""


@dataclass(frozen=True)
class Measured:
    """What was measured of one network."""

    exercise: Exercise
    expectation: Expectation
    by_expression: Mapping[str, Probed]

    @cached_property
    def outputs(self) -> list[Probed]:
        """What `forward` gave, for each of the inputs."""
        expressions = map(module_calls.output, self.exercise.inputs)
        return [self.by_expression[each] for each in expressions if each in self.by_expression]

    @cached_property
    def numbers_right(self) -> bool:
        """Whether `forward` gave the right numbers for all inputs."""
        return bool(self.outputs) and all(map(self.is_right, self.outputs))

    @cached_property
    def shape_right(self) -> bool:
        """Whether what `forward` gave has the right shape for all inputs."""
        return all(map(self._has_right_shape, self.outputs))

    @cached_property
    def shares(self) -> list[Share]:
        """All things that are compared; a right output tells that the network is the right one."""
        exercise = self.exercise
        shares: list[Share] = []
        for what in exercise.compare:
            if what == "output":
                shares.append(Share(what, self.numbers_right, self.outputs))
            elif what == "shape":
                shares.append(Share(what, self.shape_right, self.outputs))
            else:
                measured = self._measured(what)
                right = self.numbers_right or self.is_right(measured)
                shares.append(Share(what, right, [measured]))
        for layer in exercise.contains:
            expression = module_calls.contains(layer, exercise.first_inputs)
            probed = self.by_expression[expression]
            is_implied = self.numbers_right and layer in IMPLIED
            shares.append(Share("contains", is_implied or self.is_right(probed), [probed], layer))
        for call in exercise.methods:
            probed = self.by_expression[module_calls.method(call)]
            shares.append(Share("method", self.is_right(probed), [probed], call))
        if exercise.gradients:
            probed = self._measured("gradients")
            shares.append(Share("gradients", self.is_right(probed), [probed]))
        return shares

    def is_right(self, probed: Probed) -> bool:
        """Tell whether an expression gave what it gives in the reference."""
        found = probed.found
        return found is not None and found.credit(self.expectation, probed.label) > 0

    def _measured(self, what: str) -> Probed:
        expression = module_calls.measured(what, self.exercise.first_inputs)
        return self.by_expression[expression]

    def _has_right_shape(self, probed: Probed) -> bool:
        value = probed.value
        if value is None:
            return False
        shape = shape_of(value)
        return any(shape == shape_of(each) for each in self.expectation.values(probed.label))

    # Facts

    @property
    def problems(self) -> Probed:
        """What was found of common mistakes; it fails where no network could be made."""
        return self.by_expression[module_calls.PROBLEMS]

    @property
    def is_unregistered(self) -> bool:
        """Whether it has layers or weights that it does not know as its own."""
        return "unregistered" in _texts(self.problems.value)

    @property
    def parameter_count(self) -> int | None:
        """The number of its parameters; None where it is not known."""
        value = self._measured("parameters").value
        return int(value.value) if isinstance(value, Text) and value.value.isdigit() else None

    @property
    def has_as_many_parameters(self) -> bool:
        """Whether it has as many parameters as the reference's."""
        return self._agrees("parameters")

    @property
    def other_layers(self) -> list[str]:
        """Its layers that the reference's does not have, by kind and shapes."""
        own, expected = self._counts("layers")
        return list(own - expected)

    def steps(self) -> tuple[list[str], list[str]]:
        """Return its steps, and the reference's; those that change no number are left out."""
        probed = self._measured("steps")
        expected = self.expectation.values(probed.label)
        own_steps = _texts(probed.value)
        expected_steps = _texts(expected[0]) if expected else []
        return _loud(own_steps), _loud(expected_steps)

    @property
    def lacks_flatten(self) -> bool:
        """Whether the reference's flattens, and this one did not."""
        probed = self._measured("steps")
        expected = self.expectation.values(probed.label)
        in_reference = bool(expected) and "flatten" in _texts(expected[0])
        return in_reference and "flatten" not in _texts(probed.value)

    @property
    def is_written_otherwise(self) -> bool:
        """Whether weights could not be given over: as many parameters, written in another way.

        A weight of shape (in, out) stands where the reference has (out, in), or the steps of a
        layer are written out with weights of the network's own.
        """
        if not self.has_as_many_parameters or self._agrees("layers"):
            return False
        own, expected = self._counts("shapes")
        if _turned(own) != _turned(expected):
            return False
        own_layers, expected_layers = self._counts("layers")
        differing = (own_layers - expected_layers) + (expected_layers - own_layers)
        return own != expected or any(name.startswith("parameters(") for name in differing)

    def _agrees(self, what: str) -> bool:
        probed = self._measured(what)
        return self.is_right(probed)

    def _counts(self, what: str) -> tuple[Counter[str], Counter[str]]:
        """Return how often each layer or shape is there, and how often it is in the reference."""
        probed = self._measured(what)
        expected = self.expectation.values(probed.label)
        reference = expected[0] if expected else None
        return _counter(probed.value), _counter(reference)


def shape_of(value: Expected) -> object:
    """Return the shape of a tensor, and of all tensors in a tuple, list or dict."""
    match value:
        case Array():
            return value.shape
        case Items():
            return tuple(map(shape_of, value.entries))
    return () if as_number(value) is not None else value.kind


def _loud(steps: Sequence[str]) -> list[str]:
    return [step for step in steps if step not in QUIET]


def _texts(value: Value | Expected | None) -> list[str]:
    if not isinstance(value, Items):
        return []
    return [entry.value for entry in value.entries if isinstance(entry, Text)]


def _counter(value: Value | Expected | None) -> Counter[str]:
    counts: Counter[str] = Counter()
    if isinstance(value, Items):
        for key, entry in zip(value.keys, value.entries, strict=False):
            number = as_number(entry)
            counts[key.strip("'")] = int(number or 0)
    return counts


def _turned(shapes: Counter[str]) -> Counter[str]:
    """Count shapes without the order of their axes."""
    turned: Counter[str] = Counter()
    for shape, count in shapes.items():
        axes = sorted(shape.split("×"))
        turned["×".join(axes)] += count
    return turned
