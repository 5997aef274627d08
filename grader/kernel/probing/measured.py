"""Measure a model with an author's expression: in eval mode, without gradients, on plain values.

Runs in the student's kernel. SECURITY: a model can influence its own outputs, but nothing else:
they reach the expression as plain tensors and numbers, so that no method of a student's class takes
part in the measurement.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from grader.kernel.probing.models import modules_of, tensors_of
from grader.kernel.recording.inspection import class_attribute, is_module, is_ndarray, is_tensor
from grader.kernel.recording.namespaces import Namespace
from grader.kernel.recording.registered import mode_of, registered, set_mode

MODES = frozenset(
    {"eval", "train", "to", "cpu", "cuda", "float", "double", "half", "requires_grad_", "zero_grad"}
)
"""Methods of a module that change nothing while it is measured, and return the model itself."""

PLAIN = (bool, int, float, complex, str, bytes, type(None))
"""Types without behaviour of their own."""

ARRAY_KINDS = "biufcUS"
"""Kinds of numpy's arrays without objects."""

Inside = Callable[[], contextlib.AbstractContextManager[None]]
"""Makes a context in which the notebook's own code runs: see `Originals.restored`."""


def no_context() -> contextlib.AbstractContextManager[None]:
    """Create a context that changes nothing."""
    return contextlib.nullcontext()


class NoPlainValue(Exception):
    """A model returned something other than tensors and numbers, or containers of them."""


class MeasuredModel:
    """Wraps a model while it is measured, and makes its outputs plain.

    It has the methods and attributes of the model. It stays in eval mode, whatever methods are
    called.
    """

    def __init__(self, model: Any, dtype: Any = None, inside: Inside = no_context) -> None:
        """Initialise with the model.

        Args:
            model: a module, or anything that is called.
            dtype: of its parameters; None: it has none, or several.
            inside: creates the context in which it is called.
        """
        self.__model = model
        self.__dtype = dtype
        self.__inside = inside
        self.output_form_ = ""
        """Form of its last output, without the number of examples."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the model with inputs of the dtype of its parameters."""
        result = self.__give(self.__model, args, kwargs)
        self.output_form_ = form_of(result)
        return result

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the model; a method returns plain values."""
        if name in MODES:
            return self.__stay
        if name == "parameters":
            return self.__parameters

        torch = sys.modules["torch"]
        with self.__inside(), torch._C._EnableTorchFunction():
            value = getattr(self.__model, name)
        if callable(value) and not is_module(value):
            return lambda *args, **kwargs: self.__give(value, args, kwargs)
        return self.__plain(value)

    def __getitem__(self, index: Any) -> Any:
        """Return a part of the model, such as a layer of a `Sequential`."""
        with self.__inside():
            part = self.__model[index]
        return self.__plain(part)

    def __stay(self, *_args: Any, **_kwargs: Any) -> MeasuredModel:
        return self

    def __parameters(self, *_args: Any) -> Iterator[Any]:
        tensors = tensors_of(self.__model)
        return map(plain, tensors)

    def __plain(self, value: Any) -> Any:
        if is_module(value):
            return MeasuredModel(value, self.__dtype, self.__inside)
        return plain(value)

    def __give(self, function: Any, args: Any, kwargs: Any) -> Any:
        torch = sys.modules["torch"]
        inputs = [_own_copy(value, self.__dtype) for value in args]
        named_inputs = _own_copy(kwargs, self.__dtype)
        before = torch.get_default_dtype()
        if self.__dtype is not None:
            torch.set_default_dtype(self.__dtype)
        try:
            with self.__inside():
                with torch._C._EnableTorchFunction():
                    result = function(*inputs, **named_inputs)
                # SECURITY: what is called when an object is gone has to be called here.
                given = _own_copy(self.__plain(result), None)
                del result
                inputs.clear()
                named_inputs.clear()
        finally:
            torch.set_default_dtype(before)
        return given


def _own_copy(value: Any, dtype: Any) -> Any:
    """Copy a model's inputs, in the dtype of its parameters.

    SECURITY: a view gives access to its whole base, such as a table with the labels.
    """
    kind = type(value)
    if is_tensor(value):
        copied = value.clone()
        is_converted = dtype is not None and copied.is_floating_point()
        if not is_converted:
            return copied
        return copied.to(dtype)
    if is_ndarray(value):
        return value.copy()
    if kind in (list, tuple):
        return kind(_own_copy(item, dtype) for item in value)
    if kind is dict:
        return {name: _own_copy(item, dtype) for name, item in value.items()}
    return value


def form_of(result: Any) -> str:
    """Describe the shape of a model's output, with N for the number of examples."""
    if is_tensor(result) or is_ndarray(result):
        other_sizes = map(str, result.shape[1:])
        sizes = ["N", *other_sizes]
        shown = sizes[: len(result.shape)]
        comma = "," if len(shown) == 1 else ""
        joined = ", ".join(shown)
        return f"({joined}{comma})"
    if type(result) is tuple:
        forms = map(form_of, result)
        joined = ", ".join(forms)
        return f"tuple({joined})"
    return type(result).__name__


def plain(value: Any) -> Any:
    """Convert a value to types of libraries: tensors without subclass and gradient.

    Raises:
        NoPlainValue: it is an object of another kind, or contains one.
    """
    kind = type(value)
    if kind in PLAIN:
        return value
    if is_tensor(value):
        return _plain_tensor(value)
    if is_ndarray(value):
        return _plain_array(value)
    if issubclass(kind, tuple):
        items = tuple.__iter__(value)
        return tuple(map(plain, items))
    if issubclass(kind, list):
        items = list.__iter__(value)
        return list(map(plain, items))
    if issubclass(kind, dict):
        entries = dict.items(value)
        return {plain(key): plain(item) for key, item in entries}
    return _plain_scalar(value)


def _plain_tensor(value: Any) -> Any:
    torch = sys.modules["torch"]
    with torch._C.DisableTorchFunction():
        # SECURITY: the operations of such a tensor are its class's own, whatever its class is then.
        if torch._C._dispatch_keys(value).has(torch._C.DispatchKey.Python):
            raise NoPlainValue("a tensor with operations of its own")
        if type(value) is not torch.Tensor:
            value = torch.Tensor.as_subclass(value, torch.Tensor)
        return torch.Tensor.detach(value)


def _plain_array(value: Any) -> Any:
    numpy = sys.modules["numpy"]
    array = numpy.ndarray.view(value, numpy.ndarray)
    if array.dtype.kind not in ARRAY_KINDS:
        raise NoPlainValue(f"an array of {array.dtype}")
    return array


def _plain_scalar(value: Any) -> Any:
    kind = type(value)
    numpy = sys.modules.get("numpy")
    if numpy is not None and issubclass(kind, numpy.generic):
        return plain(numpy.generic.item(value))
    torch = sys.modules["torch"]
    if kind in (torch.dtype, torch.device):
        return value
    raise NoPlainValue(class_attribute(kind, "__name__"))


def measured(objects: Namespace, name: str, inside: Inside = no_context) -> Namespace:
    """Prepare the objects of an expression: the wrapped model, and plain tensors and arrays.

    Args:
        objects: by their names.
        name: that of the model.
        inside: creates the context in which it is called.
    """
    prepared: Namespace = {}
    for own_name, value in objects.items():
        if own_name == name:
            dtype = _dtype_of(value)
            prepared[own_name] = MeasuredModel(value, dtype, inside)
        elif is_tensor(value) or is_ndarray(value):
            prepared[own_name] = plain(value)
        else:
            prepared[own_name] = value
    return prepared


def _dtype_of(model: Any) -> Any:
    """Return the dtype of a model's parameters; None if there are none or several dtypes."""
    torch = sys.modules["torch"]
    dtypes = set()
    with torch._C.DisableTorchFunction():
        for tensor in tensors_of(model):
            if torch.is_floating_point(tensor):
                dtypes.add(tensor.dtype)
    if len(dtypes) != 1:
        return None
    return dtypes.pop()


@contextlib.contextmanager
def measuring(model: Any) -> Iterator[None]:
    """Put a model into eval mode, without gradients; restore it afterwards."""
    torch = sys.modules["torch"]
    modules = modules_of(model)
    states = [_state(module) for module in modules]
    for module in modules:
        set_mode(module, training=False)
    # Modes for functions of torch may be on that a notebook switched on: they do not count here.
    try:
        with torch.no_grad(), torch._C.DisableTorchFunction():
            yield
    finally:
        with torch.no_grad(), torch._C.DisableTorchFunction():
            for module, (training, buffers) in zip(modules, states, strict=True):
                set_mode(module, training=training)
                for buffer, before in buffers:
                    torch.Tensor.copy_(buffer, before)


def _state(module: Any) -> tuple[Any, list[tuple[Any, Any]]]:
    """Return a module's mode, and its buffers, each with a copy."""
    torch = sys.modules["torch"]
    buffers: list[tuple[Any, Any]] = []
    with torch.no_grad(), torch._C.DisableTorchFunction():
        for _, buffer in registered(module, "_buffers"):
            if is_tensor(buffer):
                copied = torch.Tensor.clone(buffer)
                buffers.append((buffer, copied))
    return mode_of(module), buffers
