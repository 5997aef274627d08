"""Read the measurements of a network, and compare them with the reference's. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.assignment import Exercise, module_calls
from grader.grading.agreement import Expected
from grader.grading.checks.probed import Probed
from grader.grading.expectation import Expectation
from grader.trace import Array, Items, Number, Text, Value

IMPLIED = frozenset(
    (
        "ReLU",
        "ReLU6",
        "LeakyReLU",
        "ELU",
        "GELU",
        "SiLU",
        "Tanh",
        "Sigmoid",
        "Softplus",
        "Softmax",
        "LogSoftmax",
    )
)
"""Layers that a right output implies, however they are written."""

OWN_WEIGHTS = "parameters("
"""Begins the name of a layer that is none of torch: see `kernel.probing.module_probes`."""

QUIET = ("none", "dropout", "flatten")
"""Steps that change no number in eval mode."""


@dataclass(frozen=True)
class Share:
    """One comparison."""

    kind: str
    """`output`, `shape`, `parameters`, `layers`, `contains`, `method` or `gradients`."""
    right: bool
    probed: Sequence[Probed]
    """Its measurements."""
    what: str = ""
    """The layer, or the call of a method."""


@dataclass(frozen=True)
class Measured:
    """The measurements of one network."""

    exercise: Exercise
    expectation: Expectation
    by_expression: Mapping[str, Probed]

    @cached_property
    def outputs(self) -> list[Probed]:
        """Output of `forward` for each input."""
        outputs = []
        for inputs in self.exercise.inputs:
            expression = module_calls.output(inputs)
            probed = self.by_expression.get(expression)
            if probed is not None:
                outputs.append(probed)
        return outputs

    @cached_property
    def numbers_right(self) -> bool:
        """Whether the outputs have the right numbers for all inputs."""
        if not self.outputs:
            return False
        return all(map(self.is_right, self.outputs))

    @cached_property
    def shape_right(self) -> bool:
        """Whether the outputs have the right shape for all inputs."""
        return all(map(self._has_right_shape, self.outputs))

    @cached_property
    def shares(self) -> list[Share]:
        """All comparisons; a right output implies the right network."""
        shares: list[Share] = []
        for what in self.exercise.compare:
            share = self._compare_property(what)
            shares.append(share)
        for layer in self.exercise.contains:
            share = self._containing(layer)
            shares.append(share)
        for call in self.exercise.methods:
            expression = module_calls.method(call)
            share = self._share("method", expression, call)
            shares.append(share)
        if self.exercise.gradients:
            expression = self._expression("gradients")
            share = self._share("gradients", expression)
            shares.append(share)
        return shares

    def _compare_property(self, what: str) -> Share:
        if what == "output":
            return Share(what, self.numbers_right, self.outputs)
        if what == "shape":
            return Share(what, self.shape_right, self.outputs)
        expression = self._expression(what)
        return self._share(what, expression, is_implied=self.numbers_right)

    def _containing(self, layer: str) -> Share:
        expression = module_calls.contains(layer, self.exercise.first_inputs)
        is_implied = self.numbers_right and layer in IMPLIED
        return self._share("contains", expression, layer, is_implied=is_implied)

    def _share(
        self,
        kind: str,
        expression: str,
        what: str = "",
        *,
        is_implied: bool = False,
    ) -> Share:
        probed = self.by_expression[expression]
        right = is_implied or self.is_right(probed)
        return Share(kind, right, [probed], what)

    def is_right(self, probed: Probed) -> bool:
        """Return whether an expression gave the same as in the reference."""
        found = probed.found
        if found is None:
            return False
        credit = found.credit(self.expectation, probed.label)
        return credit > 0

    def _expression(self, what: str) -> str:
        inputs = self.exercise.first_inputs
        return module_calls.measured(what, inputs)

    def _read_property(self, what: str) -> Probed:
        expression = self._expression(what)
        return self.by_expression[expression]

    def expected(self, probed: Probed) -> Expected | None:
        """Return the value of an expression in the reference; None if unknown."""
        values = self.expectation.values(probed.label)
        if not values:
            return None
        return values[0]

    def _has_right_shape(self, probed: Probed) -> bool:
        value = probed.value
        if value is None:
            return False
        expected = self.expected(probed)
        if expected is None:
            return False
        return shape_of(value) == shape_of(expected)

    # Facts

    @property
    def problems(self) -> Probed:
        """The common mistakes that were found; an expression fails if no network could be made."""
        return self.by_expression[module_calls.PROBLEMS]

    @property
    def is_unregistered(self) -> bool:
        """Whether it has layers or weights that are not registered with it."""
        return "unregistered" in _texts(self.problems.value)

    @property
    def parameter_count(self) -> int | None:
        """The number of its parameters; None if unknown."""
        value = self._read_property("parameters").value
        if not isinstance(value, Text):
            return None
        text = value.value
        if not text.isdecimal():
            return None
        return int(text)

    @property
    def has_as_many_parameters(self) -> bool:
        """Whether it has as many parameters as the reference's."""
        return self._agrees("parameters")

    @property
    def other_layers(self) -> list[str]:
        """Its layers that the reference does not have, by kind and shapes."""
        own, expected = self._counts("layers")
        return list(own - expected)

    def steps(self) -> tuple[list[str], list[str]]:
        """Return its steps and the reference's, without those that change no number."""
        own_steps, expected_steps = self._all_steps()
        return _computing_steps(own_steps), _computing_steps(expected_steps)

    def _all_steps(self) -> tuple[list[str], list[str]]:
        probed = self._read_property("steps")
        expected = self.expected(probed)
        return _texts(probed.value), _texts(expected)

    @property
    def lacks_flatten(self) -> bool:
        """Whether the reference flattens, and this network came as far and does not."""
        own_steps, expected_steps = self._all_steps()
        if "flatten" not in expected_steps or "flatten" in own_steps:
            return False
        place = expected_steps.index("flatten")
        return place == 0 or expected_steps[place - 1] in own_steps

    @property
    def is_written_otherwise(self) -> bool:
        """Whether it has as many parameters, but written so that weights cannot be carried over.

        A weight of shape (in, out) or (in,) replaces one of shape (out, in), or the steps of a
        layer are written out with the network's own weights. Two of these with the same shape may
        be used in another order.
        """
        if not self.has_as_many_parameters:
            return False
        own_layers, expected_layers = self._counts("layers")
        if self._agrees("layers"):
            return any(map(_is_exchangeable, own_layers))
        own, expected = self._counts("shapes")
        if _without_axis_order(own) != _without_axis_order(expected):
            return False
        if own != expected:
            return True
        differing = (own_layers - expected_layers) + (expected_layers - own_layers)
        return any(name.startswith(OWN_WEIGHTS) for name in differing)

    def _agrees(self, what: str) -> bool:
        probed = self._read_property(what)
        return self.is_right(probed)

    def _counts(self, what: str) -> tuple[Counter[str], Counter[str]]:
        """Return how often each layer or shape occurs, here and in the reference."""
        probed = self._read_property(what)
        expected = self.expected(probed)
        return _counter(probed.value), _counter(expected)


def shape_of(value: Expected) -> object:
    """Return the shape of a tensor, or of all tensors in a tuple, list or dict."""
    match value:
        case Array():
            return value.shape
        case Items():
            return tuple(map(shape_of, value.entries))
        case Number():
            return ()
    return value.kind


def _computing_steps(steps: Sequence[str]) -> list[str]:
    return [step for step in steps if step not in QUIET]


def _texts(value: Value | Expected | None) -> list[str]:
    if not isinstance(value, Items):
        return []
    return [entry.value for entry in value.entries if isinstance(entry, Text)]


def _counter(value: Value | Expected | None) -> Counter[str]:
    counts: Counter[str] = Counter()
    if not isinstance(value, Items):
        return counts
    for key, entry in zip(value.keys, value.entries, strict=False):
        if isinstance(entry, Number):
            name = key.strip("'")
            counts[name] = int(entry.value)
    return counts


def _is_exchangeable(layer: str) -> bool:
    """Return whether a layer has two parameters of the same shape."""
    if not layer.startswith(OWN_WEIGHTS):
        return False
    listed = layer.removeprefix(OWN_WEIGHTS).removesuffix(")")
    shapes = listed.split(", ")
    return len(set(shapes)) < len(shapes)


def _without_axis_order(shapes: Counter[str]) -> Counter[str]:
    """Count shapes irrespective of the order of their axes, without axes of length 1."""
    turned: Counter[str] = Counter()
    for shape, count in shapes.items():
        axes = [axis for axis in shape.split("×") if axis != "1"]
        axes.sort()
        turned["×".join(axes)] += count
    return turned
