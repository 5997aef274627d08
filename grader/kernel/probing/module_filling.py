"""Fill the parameters of a network with fixed numbers, the same for equivalent networks.

Runs in the student's kernel, and for the reference in a trusted one: so outputs can be compared
without transferring weights. The n-th parameter of a shape, in the order of use, gets the same
numbers, whatever its name is and wherever it is defined.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grader.kernel.probing.module_use import Use
from grader.kernel.recording.inspection import is_module, is_tensor
from grader.kernel.recording.registered import registered, set_mode

MAX_DEPTH = 64
"""Modules within modules that are looked into."""

MEANS = ("running_mean", "moving_mean")
VARIANCES = ("running_var", "moving_var")
"""Names of buffers with statistics of training; other buffers stay unchanged."""

TABLES = ("_parameters", "_buffers", "_modules")
"""Attributes in which a module registers its parameters, buffers and submodules."""

BIAS_WIDTH = 0.5
"""Parameters with one axis are filled with numbers between this and its opposite."""

GAIN = math.sqrt(6)
"""Others are filled up to this by the square root of their inputs: through a ReLU, the variance
stays the same (He et al. 2015).
"""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Order:
    """The order in which a network uses its parameters and buffers."""

    positions: tuple[int, ...]
    """Positions among all parameters and buffers, as `tensors_of` lists them."""
    on_the_right: frozenset[int]
    """Those of them that have the shape (in, out)."""


def modules_of(module: Any, depth: int = 0) -> Iterator[Any]:
    """Yield a network and all modules in it, without calling a student's methods."""
    yield module
    if depth >= MAX_DEPTH:
        return
    table = _table(module, "_modules")
    for inner in table.values():
        if is_module(inner):
            yield from modules_of(inner, depth + 1)


def shape_of(tensor: Any) -> Shape:
    """Return the shape of a tensor, bypassing its class."""
    torch = sys.modules["torch"]
    with torch._C.DisableTorchFunction():
        return tuple(torch.Tensor.size(tensor))


def parameters_of(module: Any) -> list[Any]:
    """List the parameters of a network, each once, in the order in which they were registered."""
    parameters = []
    for table, tensor in _entries(module):
        if table == "_parameters":
            parameters.append(tensor)
    return parameters


def tensors_of(module: Any) -> list[Any]:
    """List parameters and buffers, each once, in the order in which they were registered."""
    return [tensor for _, tensor in _entries(module)]


def order_of(module: Any, use: Use) -> Order:
    """Find the order in which a network uses parameters and buffers; unused ones come last."""
    positions: dict[int, int] = {}
    for position, tensor in enumerate(tensors_of(module)):
        positions[id(tensor)] = position

    # A network may have made parameters anew while it ran.
    used = [positions[key] for key in use.order if key in positions]
    unused = [position for position in positions.values() if position not in used]
    on_the_right = {positions[key] for key in use.on_the_right if key in positions}
    return Order((*used, *unused), frozenset(on_the_right))


def fill(module: Any, order: Order) -> None:
    """Fill the parameters of a network, and the statistics of its normalisation layers.

    Args:
        module: the network.
        order: the order in which a network like it uses them.
    """
    torch = sys.modules["torch"]
    tensors = tensors_of(module)
    roles = _roles(module)
    counts: Counter[Any] = Counter()
    with torch._C.DisableTorchFunction(), torch.no_grad():
        for position in order.positions:
            tensor = tensors[position]
            key = id(tensor)
            role = roles.get(key, "")
            if not role or not tensor.is_floating_point():
                continue
            target = tensor
            if position in order.on_the_right:
                target = tensor.t()
            shape = shape_of(target)
            kind = (role, shape)
            counts[kind] += 1
            numbers = numbers_for(role, shape, counts[kind])
            target.copy_(numbers)


def numbers_for(role: str, shape: Shape, number: int) -> Any:
    """Compute the numbers of a parameter.

    Args:
        role: `parameter`, `mean` or `variance`.
        shape: its shape, outputs first.
        number: which of that shape it is, from 1.

    Returns:
        A float32 tensor.
    """
    torch = sys.modules["torch"]
    name = f"{role} {shape} {number}".encode()
    digest = hashlib.sha256(name).digest()
    seed = int.from_bytes(digest[:6], "big")
    generator = torch.Generator()
    generator.manual_seed(seed)
    low, high = _bounds(role, shape)
    numbers = torch.empty(shape, dtype=torch.float32)
    return numbers.uniform_(low, high, generator=generator)


def _bounds(role: str, shape: Shape) -> tuple[float, float]:
    if role == "variance":
        return 0.5, 1.5
    width = BIAS_WIDTH
    if len(shape) > 1:
        inputs = math.prod(shape[1:])
        width = GAIN / math.sqrt(max(1, inputs))
    return -width, width


def saved(module: Any) -> list[tuple[Any, Any]]:
    """Copy the numbers of all parameters and buffers."""
    copies = []
    for tensor in tensors_of(module):
        numbers = tensor.detach().clone()
        copies.append((tensor, numbers))
    return copies


def restore(copies: Sequence[tuple[Any, Any]]) -> None:
    """Restore the numbers that `saved` copied."""
    torch = sys.modules["torch"]
    with torch.no_grad():
        for tensor, numbers in copies:
            tensor.copy_(numbers)


def set_training(module: Any, *, training: bool) -> None:
    """Set the mode of a network, bypassing `train` and `eval`, which a class may override."""
    for inner in modules_of(module):
        set_mode(inner, training=training)


def unregistered(module: Any) -> bool:
    """Return whether a network has layers or weights that are not registered with it.

    They are in a plain list, tuple or dict, or are tensors that require gradients without being
    parameters.
    """
    known = {id(tensor) for tensor in tensors_of(module)}
    for inner in modules_of(module):
        attributes = object.__getattribute__(inner, "__dict__")
        for name, value in list(attributes.items()):
            if name in TABLES:
                continue
            for weight in _weights_in(value):
                if id(weight) not in known:
                    return True
    return False


def _weights_in(value: Any) -> Iterator[Any]:
    """Yield the tensors in a value that require gradients, also those of layers."""
    for item in _contents(value):
        if is_module(item):
            yield from parameters_of(item)
        elif is_tensor(item) and item.is_leaf and item.requires_grad:
            yield item


def _contents(value: Any) -> Iterable[Any]:
    """Return the entries of a list, tuple or dict, or the value itself."""
    if type(value) in (list, tuple):
        return list(value)
    if type(value) is dict:
        return list(value.values())
    return [value]


def _roles(module: Any) -> dict[int, str]:
    """Map the `id` of each tensor to be filled to its role."""
    roles: dict[int, str] = {}
    for inner in modules_of(module):
        parameters = _table(inner, "_parameters")
        for parameter in parameters.values():
            key = id(parameter)
            roles[key] = "parameter"

        buffers = _table(inner, "_buffers")
        for name, buffer in buffers.items():
            key = id(buffer)
            if name in MEANS:
                roles[key] = "mean"
            elif name in VARIANCES:
                roles[key] = "variance"
    return roles


def _entries(module: Any) -> Iterator[tuple[str, Any]]:
    met: set[int] = set()
    for inner in modules_of(module):
        for table in ("_parameters", "_buffers"):
            for tensor in _table(inner, table).values():
                key = id(tensor)
                if not is_tensor(tensor) or key in met:
                    continue
                met.add(key)
                yield table, tensor


def _table(module: Any, name: str) -> dict[str, Any]:
    return dict(registered(module, name))
