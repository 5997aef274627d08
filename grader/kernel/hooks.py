"""Hooks on torch and torchviz: gradients as backward leaves them, optimizer steps, graphs as they are drawn.

Runs inside the student's kernel: standard library, and what the student imports.
"""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from grader.kernel.recorder import Recorder
from grader.kernel.values import GRAPHS, Described, describe, is_tensor

MAX_LEAVES = 64
MAX_NODES = 20_000
MAX_EDGES = 60_000


def when_imported(name: str, then: Callable[[types.ModuleType], None]) -> None:
    """Call `then` with a module: now if it is imported, else as soon as it is."""
    module = sys.modules.get(name)
    if module is not None:
        then(module)
    else:
        sys.meta_path.insert(0, _AfterImport(name, then))


class _AfterImport(importlib.abc.MetaPathFinder):
    """Finds a module as the others would, and runs a function after it is loaded."""

    def __init__(self, name: str, then: Callable[[types.ModuleType], None]) -> None:
        self._name = name
        self._then = then
        self._searching = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find the module this waits for. Also called by who only asks whether it is there: it waits on."""
        if fullname != self._name or self._searching:
            return None
        self._searching = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._searching = False
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def exec_module(module: types.ModuleType) -> None:
                load(module)
                if self in sys.meta_path:
                    sys.meta_path.remove(self)
                    self._then(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def install(recorder: Recorder) -> None:
    """Hook torch and torchviz, now or when they are imported."""
    when_imported("torch", functools.partial(_hook_torch, recorder))
    when_imported("torchviz", functools.partial(_hook_torchviz, recorder))


def _hook_torch(recorder: Recorder, torch: types.ModuleType) -> None:
    autograd = torch.autograd
    autograd.backward = _after(recorder, autograd.backward, "tensors", _after_backward)
    autograd.grad = _after(recorder, autograd.grad, "outputs", _after_grad)
    optimizers = importlib.import_module("torch.optim.optimizer")
    optimizers.register_optimizer_step_post_hook(functools.partial(_after_step, recorder))


def _hook_torchviz(recorder: Recorder, torchviz: types.ModuleType) -> None:
    hooked = _after(recorder, torchviz.make_dot, "var", _after_make_dot)
    for module in (torchviz, torchviz.dot):
        setattr(module, "make_dot", hooked)  # noqa: B010 - mypy knows no such attribute of a module


Then = Callable[[Recorder, Any, Any], None]
"""Sees the first argument of a hooked function and what it gave."""


def _after(
    recorder: Recorder, function: Callable[..., Any], first: str, then: Then
) -> Callable[..., Any]:
    """A function that does the same, then lets `then` look; `first` is its first argument's name."""

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        try:
            then(recorder, args[0] if args else kwargs.get(first), result)
        except Exception as error:  # noqa: BLE001 - a hook must not end the student's cell
            recorder.note(f"hook: {type(error).__name__}")
        return result

    return wrapped


def _leaves(outputs: Any) -> Iterable[Any]:
    """The leaves a backward from these tensors reaches, each once, nearest first."""
    tensors = [outputs] if is_tensor(outputs) else list(outputs or ())
    todo = [
        tensor.grad_fn for tensor in tensors if is_tensor(tensor) and tensor.grad_fn is not None
    ]
    seen = set(todo)
    found = 0
    for node in todo:
        variable = getattr(node, "variable", None)
        if variable is not None and found < MAX_LEAVES:
            found += 1
            yield variable
        for following, _ in node.next_functions:
            if following is not None and following not in seen and len(seen) < MAX_NODES:
                seen.add(following)
                todo.append(following)


def _after_backward(recorder: Recorder, outputs: Any, _result: Any) -> None:
    def prepare() -> Callable[[], dict[str, Described]]:
        held = [weakref.ref(leaf) for leaf in _leaves(outputs)]
        return lambda: _gradients(recorder, [leaf for ref in held if (leaf := ref()) is not None])

    recorder.hook("grad", prepare)


def _gradients(recorder: Recorder, leaves: list[Any]) -> dict[str, Described]:
    return {
        f"{recorder.name_of(leaf) or f'leaf[{index}]'}.grad": describe(leaf.grad)
        for index, leaf in enumerate(leaves)
        if leaf.grad is not None
    }


def _after_grad(recorder: Recorder, _outputs: Any, gradients: Any) -> None:
    def prepare() -> Callable[[], dict[str, Described]]:
        described = {
            f"grad[{index}]": describe(gradient) for index, gradient in enumerate(gradients or ())
        }
        known = {path: value for path, value in described.items() if value["kind"] != "other"}
        return lambda: known

    recorder.hook("grad", prepare)


def _after_step(recorder: Recorder, optimizer: Any, _args: Any, _kwargs: Any) -> None:
    def prepare() -> Callable[[], dict[str, Described]]:
        parameters = [
            parameter for group in optimizer.param_groups for parameter in group["params"]
        ]
        return lambda: {
            recorder.name_of(parameter) or f"parameter[{index}]": describe(parameter)
            for index, parameter in enumerate(parameters[:MAX_LEAVES])
        }

    recorder.hook("step", prepare)


def _after_make_dot(recorder: Recorder, output: Any, drawing: Any) -> None:
    described = autograd_graph(output)
    GRAPHS[id(drawing)] = (drawing, described)
    recorder.hook("graph", lambda: lambda: {"make_dot": described})


def autograd_graph(output: Any) -> Described:
    """The autograd graph of a tensor, or of the first of several: node 0 is its `grad_fn`."""
    if not is_tensor(output):
        output = next(iter(output), None)
    labels: list[str] = []
    edges: list[tuple[int, int]] = []
    index: dict[Any, int] = {}
    todo = [output.grad_fn] if getattr(output, "grad_fn", None) is not None else []
    for node in todo:
        index[node] = len(index)
    for node in todo:
        labels.append(_label(node))
        for following, _ in node.next_functions:
            if following is None:
                continue
            if following not in index and len(index) < MAX_NODES:
                index[following] = len(index)
                todo.append(following)
            if following in index and len(edges) < MAX_EDGES:
                edges.append((index[node], index[following]))
    return {"kind": "graph", "labels": labels, "edges": edges}


def _label(node: Any) -> str:
    variable = getattr(node, "variable", None)
    if variable is None:
        return str(node.name())[:120]
    parameter = isinstance(variable, sys.modules["torch"].nn.Parameter)
    return f"{'parameter' if parameter else 'leaf'}{tuple(variable.shape)}"
