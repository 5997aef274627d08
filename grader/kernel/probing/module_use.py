"""Record what a network does while its `forward` runs. Runs in the student's kernel.

It records the order in which parameters are used, the layers that are called, and the sequence of
operations, so that networks can be compared however they are written.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from grader.kernel.recording.inspection import NUMBERS, class_attribute, is_tensor

MAX_STEPS = 64
"""Most steps that are noted: a list of more is no value of a trace."""

STEPS = {
    "linear": "linear bilinear",
    "conv": "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d",
    "embedding": "embedding embedding_bag",
    "rnn": "rnn_tanh rnn_relu rnn_tanh_cell rnn_relu_cell",
    "lstm": "lstm lstm_cell",
    "gru": "gru gru_cell",
    "attention": "multi_head_attention_forward scaled_dot_product_attention",
    "batch norm": "batch_norm instance_norm",
    "layer norm": "layer_norm rms_norm",
    "group norm": "group_norm",
    "max pooling": "max_pool1d max_pool2d max_pool3d adaptive_max_pool1d adaptive_max_pool2d",
    "average pooling": "avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d adaptive_avg_pool2d",
    "dropout": "dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout",
    "ReLU": "relu relu_",
    "ReLU6": "relu6 hardtanh",
    "leaky ReLU": "leaky_relu leaky_relu_ prelu rrelu",
    "ELU": "elu elu_ selu celu",
    "GELU": "gelu",
    "SiLU": "silu mish hardswish",
    "softplus": "softplus",
    "tanh": "tanh tanh_",
    "sigmoid": "sigmoid sigmoid_ hardsigmoid",
    "softmax": "softmax softmin",
    "log-softmax": "log_softmax logsigmoid",
    "flatten": "flatten",
}
"""Steps of a network as people name them, and what torch calls their operations."""

STEP_OF: dict[str, str] = {}
"""The step, by what torch calls its operation."""

for _step, _names in STEPS.items():
    for _name in _names.split():
        STEP_OF[_name] = _step

RESHAPING = ("view", "reshape", "squeeze")
"""Operations that flatten where the result has fewer axes."""

PRODUCTS = ("matmul", "__matmul__", "mm", "__rmatmul__", "bmm", "einsum", "addmm")
"""Operations that are a linear layer where a parameter is among their arguments."""

RIGHT_OPERANDS = {"matmul": 1, "__matmul__": 1, "mm": 1, "addmm": 2}
"""Products, and the index of their right operand.

A parameter there has the shape (in, out), where a linear layer has (out, in).
"""

CLAMPS = ("clamp", "clamp_", "clip", "clamp_min", "clamp_min_", "threshold")
MAXIMA = ("max", "maximum", "fmax")
"""Operations that are a ReLU where their bound is 0."""

LOOKED_AT = frozenset(
    (
        *("shape", "size", "dim", "ndim", "numel", "stride", "is_contiguous"),
        *("dtype", "device", "layout", "is_cuda", "is_nested", "requires_grad", "grad"),
        *("is_floating_point", "is_complex", "element_size", "data_ptr", "nelement"),
    )
)
"""Ways to look at a parameter without using its numbers."""


@dataclass
class Use:
    """The record of a network's `forward`."""

    order: list[int] = field(default_factory=list)
    """The `id` of each parameter and buffer, in the order of first use."""
    on_the_right: set[int] = field(default_factory=set)
    """Those of them that are first used as the right operand of a product."""
    steps: list[str] = field(default_factory=list)
    """Its steps, by their names in `STEPS`."""
    layers: Counter[str] = field(default_factory=Counter)
    """How often a module of each class was called, by the names of the class and its bases."""
    functions: Counter[str] = field(default_factory=Counter)
    """Number of calls of each function of torch, by its simplified name."""

    def has(self, layer: str) -> bool:
        """Return whether a kind of layer was used, as a module or as a function.

        Args:
            layer: name of the class, as `Dropout`; without a number of axes, any number counts.
        """
        if self.layers[layer] > 0:
            return True
        key = plain_name(layer)
        if key == layer.lower():
            return self.functions[key] > 0
        # A function that a module of another number of axes called is no use of this layer.
        by_modules = 0
        for name, count in self.layers.items():
            if plain_name(name) == key:
                by_modules += count
        return self.functions[key] > by_modules


def plain_name(name: str) -> str:
    """Return the name of a layer or function, such that both forms have the same name.

    `BatchNorm2d` and `batch_norm` are one, `MaxPool2d` and `max_pool2d`, `ReLU` and `relu_`.
    """
    plain = name.lower().replace("_", "")
    plain = plain.removesuffix("forward")
    if plain.startswith(("batchnorm", "instancenorm", "dropout")):
        plain = plain.rstrip("d").rstrip("0123456789")
    return plain


@contextlib.contextmanager
def watched(module: Any, tensors: Iterable[Any]) -> Iterator[Use]:
    """Record a network's operations during a `with` statement.

    Args:
        module: the network.
        tensors: its parameters and buffers.
    """
    torch = sys.modules["torch"]
    use = Use()
    known = {id(tensor) for tensor in tensors}

    def called(layer: Any, _: Any) -> None:
        for kind in class_attribute(type(layer), "__mro__"):
            use.layers[class_attribute(kind, "__name__")] += 1

    register = torch.nn.modules.module.register_module_forward_pre_hook
    handle = register(called)
    try:
        with _watching_mode()(use, known):
            yield use
    finally:
        handle.remove()


@functools.cache
def _watching_mode() -> Any:
    """Create the class of the mode that intercepts operations: torch is not imported yet."""
    torch = sys.modules["torch"]

    class Watching(torch.overrides.TorchFunctionMode):  # type: ignore[misc, name-defined]
        """Sees each operation of torch, and does it."""

        def __init__(self, use: Use, known: set[int]) -> None:
            super().__init__()
            self._use = use
            self._known = known

        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            named = kwargs or {}
            result = func(*args, **named)
            operation = _Operation(func, args, named, result)
            with contextlib.suppress(Exception):  # odd arguments are not recorded, and do no harm
                _note(self._use, self._known, operation)
            return result

    return Watching


@dataclass(frozen=True)
class _Operation:
    """An operation of torch."""

    function: Any
    arguments: tuple[Any, ...]
    named: dict[str, Any]
    result: Any

    @property
    def name(self) -> str:
        """Its name; for an attribute access, the attribute's name."""
        name: str = getattr(self.function, "__name__", "")
        if name == "__get__":
            name = getattr(self.function.__self__, "__name__", "")
        return name

    def tensors(self) -> Iterator[Any]:
        """Yield the tensors among its arguments, also those within a list."""
        everything = [*self.arguments, *self.named.values()]
        for argument in everything:
            if type(argument) in (list, tuple):
                yield from filter(is_tensor, argument)
            elif is_tensor(argument):
                yield argument


def _note(use: Use, known: set[int], operation: _Operation) -> None:
    name = operation.name
    if name in LOOKED_AT:
        return
    uses_parameter = False
    for tensor in operation.tensors():
        key = id(tensor)
        if key not in known:
            continue
        uses_parameter = True
        if key not in use.order:
            use.order.append(key)
            if _is_on_the_right(operation, tensor):
                use.on_the_right.add(key)

    step = _step_of(operation, uses_parameter=uses_parameter)
    if step and len(use.steps) < MAX_STEPS:
        use.steps.append(step)
    function = "relu" if step == "ReLU" else plain_name(name)
    use.functions[function] += 1
    if step == "flatten" and function != "flatten":
        use.functions["flatten"] += 1


def _is_on_the_right(operation: _Operation, tensor: Any) -> bool:
    index = RIGHT_OPERANDS.get(operation.name)
    arguments = operation.arguments
    if index is None or index >= len(arguments):
        return False
    is_matrix = len(tensor.shape) == 2
    return is_matrix and arguments[index] is tensor


def _step_of(operation: _Operation, *, uses_parameter: bool) -> str:
    """Return the step of a network that an operation performs; empty if none."""
    name = operation.name
    if name in STEP_OF:
        return STEP_OF[name]
    if name in PRODUCTS and uses_parameter:
        return "linear"
    may_be_relu = name in CLAMPS or name in MAXIMA
    if may_be_relu and _has_bound_zero(operation):
        return "ReLU"
    if name in RESHAPING and _has_fewer_axes(operation):
        return "flatten"
    return ""


def _has_fewer_axes(operation: _Operation) -> bool:
    """Return whether the result of an operation has fewer axes than its first argument."""
    first, *_ = operation.arguments
    result = operation.result
    return len(result.shape) < len(first.shape)


def _has_bound_zero(operation: _Operation) -> bool:
    """Return whether an operation clips at 0."""
    arguments = operation.arguments
    if operation.name in MAXIMA:
        operands = arguments[:2]
        return any(map(_is_zeros, operands))
    low = operation.named.get("min")
    if low is None and len(arguments) > 1:
        low = arguments[1]
    if type(low) not in NUMBERS:
        return False
    return bool(low == 0)


def _is_zeros(value: Any) -> bool:
    return is_tensor(value) and not value.any()
