"""Measure a network of a notebook: its outputs with filled-in numbers, and its parts.

Runs in the student's kernel, and for the reference in a trusted one. The expressions of a question
call the methods of `ModuleProbe`. Each method makes or copies the network, so that measurements do
not influence each other.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import math
import sys
import types
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from grader.kernel.probing.measured import Inside, no_context
from grader.kernel.probing.module_filling import (
    fill,
    modules_of,
    order_of,
    parameters_of,
    restore,
    saved,
    set_training,
    shape_of,
    tensors_of,
    unregistered,
)
from grader.kernel.probing.module_use import Use, watched
from grader.kernel.recording.inspection import SEQUENCES, class_attribute, is_module, is_tensor
from grader.kernel.recording.registered import mode_of, registered, set_mode
from grader.kernel.variants.start_modes import as_at_the_start

NETWORK_SEED = 1_618_033_988
"""The seed with which inputs are drawn, and a network is made and runs: the same in every run,
whatever seeds a notebook sets."""

LIBRARY = "torch.nn.modules."
"""Begins the names of the modules that define torch's own layers."""

MAX_KINDS = 60
"""Most kinds of layers that are distinguished."""

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


class NotAModule(Exception):
    """The object of the name is no network, and neither a class nor a factory of one."""


class NoSuperInit(Exception):
    """A class sets its layers before it calls `super().__init__()`."""


class NoForward(Exception):
    """A class has no `forward`."""


class ModuleProbe:
    """Measures one network, called by the expressions of a question."""

    def __init__(
        self,
        subject: Any,
        arguments: str,
        names: Mapping[str, Any],
        inside: Inside = no_context,
    ) -> None:
        """Initialise with the network, or its class or factory.

        Args:
            subject: a module, a class, or a function that returns a module.
            arguments: of the class or function, as expressions between commas.
            names: the names that the arguments may use.
            inside: creates the context in which the network's code runs.
        """
        self._subject = subject
        self._arguments = arguments
        self._names = dict(names)
        self._inside = inside

    def output(self, *inputs: Any, **named: Any) -> Any:
        """Return the output of `forward`, in eval mode."""
        return self._call_filled("__call__", (inputs, named), training=False)

    def method(self, name: str, *inputs: Any, **named: Any) -> Any:
        """Return the result of another method, in eval mode."""
        return self._call_filled(name, (inputs, named), training=False)

    def parameters(self, *inputs: Any, **named: Any) -> str:
        """Return the number of elements of all parameters, as text.

        Args:
            inputs: of `forward`, which may have to run for layers to know their sizes.
            named: its keyword arguments.
        """
        with self._network() as network:
            self._infer_sizes(network, (inputs, named))
            shapes = map(shape_of, parameters_of(network))
            sizes = map(math.prod, shapes)
            return str(sum(sizes))

    def layers(self, *inputs: Any, **named: Any) -> dict[str, int]:
        """Count the layers that have parameters, by kind and shapes."""
        with self._network() as network:
            self._infer_sizes(network, (inputs, named))
            kinds = map(_kind_of, modules_of(network))
            counts = Counter(filter(None, kinds))
        return _first_kinds(counts)

    def shapes(self, *inputs: Any, **named: Any) -> dict[str, int]:
        """Count the parameters by shape."""
        with self._network() as network:
            self._infer_sizes(network, (inputs, named))
            shapes = map(_shape_text, parameters_of(network))
            counts = Counter(shapes)
        return _first_kinds(counts)

    def contains(self, layer: str, *inputs: Any, **named: Any) -> bool:
        """Return whether `forward` uses a kind of layer, in train mode or in eval mode."""
        arguments = (inputs, named)
        in_training, _ = self._use("__call__", arguments, training=True)
        evaluated, error = self._use("__call__", arguments, training=False)
        if error is not None:
            raise error
        return in_training.has(layer) or evaluated.has(layer)

    def gradients(self, *inputs: Any, **named: Any) -> bool:
        """Return whether a backward in train mode reaches all parameters that require gradients."""
        torch = sys.modules["torch"]
        with self._network() as network:
            set_training(network, training=True)
            arguments = (inputs, named)
            result = self._call(network, "__call__", arguments)
            trained = [each for each in parameters_of(network) if each.requires_grad]
            total = torch.zeros(())
            for tensor in _float_tensors(result):
                # Not the plain sum: that of a softmax is 1, whatever the parameters are.
                flat = tensor.reshape(-1)
                positions = torch.arange(flat.numel(), dtype=flat.dtype)
                weighted = flat * torch.cos(positions)
                total = total + weighted.sum()
            if not trained or not total.requires_grad:
                return False
            found = torch.autograd.grad(total, trained, allow_unused=True)
        return all(gradient is not None for gradient in found)

    def steps(self, *inputs: Any, **named: Any) -> list[str]:
        """List the steps of `forward`, as far as it runs."""
        arguments = (inputs, named)
        use, _ = self._use("__call__", arguments, training=False)
        return use.steps or ["none"]

    def problems(self) -> list[str]:
        """List common mistakes in a network's class."""
        with self._network() as network:
            if not unregistered(network):
                return ["none"]
            return ["unregistered"]

    # A network, made anew or copied

    @contextlib.contextmanager
    def _network(self) -> Iterator[Any]:
        """Provide a network to work with; one that cannot be copied is restored afterwards."""
        with as_at_the_start(NETWORK_SEED):
            if not is_module(self._subject):
                yield self._make_network()
                return
            try:
                with self._inside():
                    network = copy.deepcopy(self._subject)
            except Exception:  # noqa: BLE001 - a class may hold objects that cannot be copied
                with _restored_afterwards(self._subject):
                    yield self._subject
                return
            yield network

    def _make_network(self) -> Any:
        """Call the class, or the function.

        Raises:
            NotAModule: it returns no network. NoSuperInit: it sets layers too early.
        """
        subject = self._subject
        if not callable(subject):
            raise NotAModule
        args, named = self._new_arguments()
        args, named = _fit_to_signature(subject, args, named)
        try:
            with self._inside():
                network = subject(*args, **named)
        except AttributeError as error:
            if "__init__() call" in str(error):
                raise NoSuperInit from error
            raise
        if not is_module(network):
            raise NotAModule
        if "_modules" not in object.__getattribute__(network, "__dict__"):
            raise NoSuperInit
        return network

    def _new_arguments(self) -> Arguments:
        """Create new arguments: a class may change them."""
        names = {**self._names, "together": _pack_arguments}
        arguments: Arguments = eval(f"together({self._arguments})", names)
        return arguments

    # Its forward

    def _call_filled(self, method: str, inputs: Arguments, *, training: bool) -> Any:
        """Call a method of the network, filled in the order in which the method uses parameters."""
        with self._network() as network:
            set_training(network, training=training)
            with watched(network, tensors_of(network)) as use:
                self._call(network, method, _copy_changeable(inputs))
            order = order_of(network, use)

        with self._network() as network:
            set_training(network, training=training)
            self._infer_sizes(network, inputs)
            fill(network, order)
            return self._call(network, method, _copy_changeable(inputs))

    def _use(
        self, method: str, inputs: Arguments, *, training: bool
    ) -> tuple[Use, BaseException | None]:
        """Call a method of the network; return the parts that it used until it ended, or raised."""
        with self._network() as network:
            set_training(network, training=training)
            with watched(network, tensors_of(network)) as use:
                try:
                    self._call(network, method, _copy_changeable(inputs))
                except Exception as error:  # noqa: BLE001 - a network may raise what it likes
                    return use, error
        return use, None

    def _call(self, network: Any, method: str, inputs: Arguments) -> Any:
        torch = sys.modules["torch"]
        dtype = _dtype_of(network)
        args, named = _with_dtype(inputs, dtype)
        with as_at_the_start(NETWORK_SEED):
            torch.set_default_dtype(dtype)
            if method == "__call__" and not _can_be_called(network):
                raise NoForward
            with self._inside():
                if method != "__call__":
                    return getattr(network, method)(*args, **named)
                return network(*args, **named)

    def _infer_sizes(self, network: Any, inputs: Arguments) -> None:
        """Run `forward` once if layers infer their sizes from it."""
        torch = sys.modules["torch"]
        is_lazy = torch.nn.parameter.is_lazy
        if any(map(is_lazy, tensors_of(network))):
            self._call(network, "__call__", _copy_changeable(inputs))


def _dtype_of(network: Any) -> Any:
    """Return the dtype of a network's parameters; torch's default if there are none or several."""
    torch = sys.modules["torch"]
    dtypes = set()
    with torch._C.DisableTorchFunction():
        for parameter in parameters_of(network):
            if parameter.is_floating_point():
                dtypes.add(parameter.dtype)
    if len(dtypes) != 1:
        return torch.float32
    return dtypes.pop()


def _with_dtype(value: Any, dtype: Any) -> Any:
    """Convert inputs to the dtype of the network's parameters, which a notebook may have set."""
    kind = type(value)
    if is_tensor(value) and value.is_floating_point():
        return value.to(dtype)
    if kind in SEQUENCES:
        converted = [_with_dtype(inner, dtype) for inner in value]
        return kind(converted)
    if kind is not dict:
        return value
    entries = {}
    for key, inner in value.items():
        entries[key] = _with_dtype(inner, dtype)
    return entries


def _copy_changeable(inputs: Arguments) -> Arguments:
    """Copy the objects that a network may change; return those that cannot be copied."""
    try:
        return copy.deepcopy(inputs)
    except Exception:  # noqa: BLE001 - a tensor with a history, say
        return inputs


def _pack_arguments(*args: Any, **named: Any) -> Arguments:
    return args, named


def _fit_to_signature(subject: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Arguments:
    """Fit arguments to the signature of a class or function.

    Other names of parameters are allowed: a keyword argument with an unknown name is passed by
    position. A class without parameters contains its sizes.
    """
    try:
        signature = inspect.signature(subject)
    except (TypeError, ValueError):
        return args, named
    by_position = (*args, *named.values())
    nothing: Arguments = ((), {})
    tries = [(args, named), (by_position, {}), nothing]
    for some_args, some_named in tries:
        with contextlib.suppress(TypeError):
            signature.bind(*some_args, **some_named)
            return some_args, some_named
    return args, named


@contextlib.contextmanager
def _restored_afterwards(network: Any) -> Iterator[None]:
    """Restore the numbers and the mode of a network afterwards."""
    copies = saved(network)
    modes = []
    for inner in modules_of(network):
        modes.append((inner, mode_of(inner)))
    try:
        yield
    finally:
        restore(copies)
        for inner, mode in modes:
            set_mode(inner, training=mode)


def _float_tensors(result: Any) -> Iterator[Any]:
    if is_tensor(result):
        if result.is_floating_point() and result.requires_grad:
            yield result
    elif type(result) in (tuple, list):
        for inner in result:
            yield from _float_tensors(inner)
    elif type(result) is dict:
        for inner in result.values():
            yield from _float_tensors(inner)


def _kind_of(module: Any) -> str:
    """Describe a layer by its class and the shapes of its parameters; empty if it has none."""
    own = [tensor for _, tensor in registered(module, "_parameters") if is_tensor(tensor)]
    if not own:
        return ""
    shapes = ", ".join(map(_shape_text, own))
    name = _library_name(type(module))
    return f"{name}({shapes})"


def _library_name(kind: type) -> str:
    """Return the name of a class of torch, or of the class it is derived from."""
    for base in class_attribute(kind, "__mro__"):
        module = class_attribute(base, "__module__")
        name: str = class_attribute(base, "__name__")
        if name == "Module":
            break
        if type(module) is str and module.startswith(LIBRARY):
            return name
    return "parameters"


def _first_kinds(counts: Counter[str]) -> dict[str, int]:
    """Return as many kinds as a trace can store, in the order of their names."""
    kinds = sorted(counts)
    first = kinds[:MAX_KINDS]
    return {kind: counts[kind] for kind in first} or {"none": 0}


def _can_be_called(network: Any) -> bool:
    """Return whether a class has a `forward`, or a `__call__` of its own."""
    torch = sys.modules["torch"]
    base = torch.nn.Module
    kind = type(network)
    if kind.forward is not base.forward:
        return True
    return kind.__call__ is not base.__call__


def _shape_text(tensor: Any) -> str:
    lengths = map(str, shape_of(tensor))
    return "×".join(lengths) or "1"


def is_subject(value: Any) -> bool:
    """Return whether a value may be a network, or its class or factory."""
    if is_module(value) or is_module_class(value):
        return True
    return type(value) is types.FunctionType


def is_module_class(value: Any) -> bool:
    """Return whether a value is a class of networks."""
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    if not issubclass(type(value), type):
        return False
    bases = class_attribute(value, "__mro__")
    return torch.nn.Module in bases
