"""Hook torch and torchviz, to record gradients, optimizer steps and drawn graphs.

Runs inside the student's kernel: imports the standard library, and what the student imports.
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
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from grader.kernel.recording.inspection import is_tensor
from grader.kernel.recording.recorder import Recorder
from grader.kernel.recording.values import GRAPHS, Described, Values, describe

MAX_LEAVES = 64
MAX_NODES = 20_000
MAX_EDGES = 60_000
MAX_LABEL = 120

SAME_OPERATIONS = {"ConvolutionBackward1": "ConvolutionBackward0"}
"""Names of nodes by another name: a traced network (`torch.jit.trace`) calls `_convolution`."""

Then = Callable[[Recorder, Any, Any], None]
"""Sees the first argument of a hooked function and what it returned."""

Function = Callable[..., Any]

OnImport = Callable[[types.ModuleType], None]
"""Sees a module once it is imported."""

Describe = Callable[[], Values]
"""Describes the values that a hook records, now or at a loop's end."""

NoteReached = Callable[[Sequence[Any]], None]
"""Sees the leaves that a gradient reached, in those passes of a line that are recorded."""


def when_imported(name: str, then: OnImport) -> None:
    """Call `then` with a module: now if it is imported, else as soon as it is."""
    module = sys.modules.get(name)
    if module is not None:
        then(module)
        return
    for finder in sys.meta_path:
        if isinstance(finder, _AfterImport) and finder.name == name:
            finder.functions.append(then)
            return
    finder = _AfterImport(name, then)
    sys.meta_path.insert(0, finder)


class _AfterImport(importlib.abc.MetaPathFinder):
    """Finds a module through the other finders, and runs callbacks after it is loaded.

    There is one per module. Each asks all others, so that several for a module that is not there
    would ask each other in every order.
    """

    def __init__(self, name: str, then: OnImport) -> None:
        self.name = name
        self.functions = [then]
        """In the order in which they run."""
        self._searching = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find the module that callbacks wait for.

        Also called for one who only asks whether the module is there: this waits on.
        """
        if fullname != self.name or self._searching:
            return None

        self._searching = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._searching = False

        if spec is not None and spec.loader is not None:
            self._watch(spec.loader)
        return spec

    def _watch(self, loader: Any) -> None:
        """Make a loader run the callbacks once it has loaded the module."""
        load = loader.exec_module

        def exec_module(module: types.ModuleType) -> None:
            load(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
                for then in self.functions:
                    then(module)

        loader.exec_module = exec_module


def _ignore_leaves(_leaves: Sequence[Any]) -> None:
    """Ignore leaves that a gradient reached; the default callback."""


def install(recorder: Recorder, note_reached: NoteReached = _ignore_leaves) -> None:
    """Hook torch and torchviz, now or when they are imported."""
    when_imported("torch", functools.partial(_hook_torch, recorder, note_reached))
    when_imported("torchviz", functools.partial(_hook_torchviz, recorder))


def _hook_torch(recorder: Recorder, note_reached: NoteReached, torch: types.ModuleType) -> None:
    autograd = torch.autograd
    after_backward = functools.partial(_after_backward, note_reached)
    after_grad = functools.partial(_after_grad, note_reached)
    autograd.backward = _call_afterwards(recorder, autograd.backward, "tensors", after_backward)
    autograd.grad = _call_afterwards(recorder, autograd.grad, "outputs", after_grad)

    optimizers = importlib.import_module("torch.optim.optimizer")
    after_step = functools.partial(_after_step, recorder)
    optimizers.register_optimizer_step_post_hook(after_step)


def _hook_torchviz(recorder: Recorder, torchviz: types.ModuleType) -> None:
    hooked = _call_afterwards(recorder, torchviz.make_dot, "var", _after_make_dot)
    for module in (torchviz, torchviz.dot):
        setattr(module, "make_dot", hooked)  # noqa: B010 - mypy knows no such attribute of a module


def _call_afterwards(recorder: Recorder, function: Function, first: str, then: Then) -> Function:
    """Wrap a function to call `then` with its arguments and result.

    Args:
        recorder: what records.
        function: the function of torch.
        first: name of its first argument.
        then: called after it.
    """

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        try:
            argument = args[0] if args else kwargs.get(first)
            then(recorder, argument, result)
        except Exception as error:  # noqa: BLE001 - a hook must not end the student's cell
            recorder.note(f"hook: {type(error).__name__}")
        return result

    return wrapped


def _leaves(outputs: Any) -> Iterator[Any]:
    """List the leaves that a backward from tensors reaches, each once, nearest first."""
    queue = _grad_fns(outputs)
    met = set(queue)
    leaves = 0

    for node in queue:
        variable = getattr(node, "variable", None)
        if variable is not None and leaves < MAX_LEAVES:
            leaves += 1
            yield variable
        for following, _ in node.next_functions:
            if following is None or following in met:
                continue
            if len(met) < MAX_NODES:
                met.add(following)
                queue.append(following)


def _grad_fns(outputs: Any) -> list[Any]:
    tensors = [outputs] if is_tensor(outputs) else list(outputs or ())
    grad_fns: list[Any] = []
    for tensor in tensors:
        if not is_tensor(tensor):
            continue
        grad_fn = tensor.grad_fn
        if grad_fn is not None:
            grad_fns.append(grad_fn)
    return grad_fns


def _after_backward(
    note_reached: NoteReached, recorder: Recorder, outputs: Any, _result: Any
) -> None:
    def prepare() -> Describe:
        leaves = list(_leaves(outputs))
        note_reached(leaves)
        # Weak: references kept until the loop's end must not keep the student's tensors alive.
        references = [weakref.ref(leaf) for leaf in leaves]
        return lambda: _gradients(recorder, references)

    recorder.hook("grad", prepare)


def _gradients(recorder: Recorder, references: list[weakref.ref[Any]]) -> Values:
    """Describe the gradients of the leaves that are still there."""
    leaves: list[Any] = []
    for reference in references:
        leaf = reference()
        if leaf is not None:
            leaves.append(leaf)

    gradients: Values = {}
    for index, leaf in enumerate(leaves):
        gradient = leaf.grad
        if gradient is None:
            continue
        name = recorder.name_of(leaf) or f"leaf[{index}]"
        gradients[f"{name}.grad"] = describe(gradient)
    return gradients


def _after_grad(
    note_reached: NoteReached, recorder: Recorder, outputs: Any, gradients: Any
) -> None:
    def prepare() -> Describe:
        note_reached(list(_leaves(outputs)))
        known: Values = {}
        for index, gradient in enumerate(gradients or ()):
            described = describe(gradient)
            if described["kind"] != "other":
                known[f"grad[{index}]"] = described
        return lambda: known

    recorder.hook("grad", prepare)


def _after_step(recorder: Recorder, optimizer: Any, _args: Any, _kwargs: Any) -> None:
    def prepare() -> Describe:
        parameters: list[Any] = []
        for group in optimizer.param_groups:
            parameters.extend(group["params"])
        first_parameters = parameters[:MAX_LEAVES]
        return lambda: _parameters(recorder, first_parameters)

    try:
        recorder.hook("step", prepare)
    except Exception as error:  # noqa: BLE001 - a hook must not end the student's cell
        recorder.note(f"hook: {type(error).__name__}")


def _parameters(recorder: Recorder, parameters: list[Any]) -> Values:
    """Describe the parameters of an optimizer."""
    values: Values = {}
    for index, parameter in enumerate(parameters):
        name = recorder.name_of(parameter) or f"parameter[{index}]"
        values[name] = describe(parameter)
    return values


def _after_make_dot(recorder: Recorder, output: Any, drawing: Any) -> None:
    described = autograd_graph(output)
    GRAPHS[id(drawing)] = (drawing, described)

    def prepare() -> Describe:
        return lambda: {"make_dot": described}

    recorder.hook("graph", prepare)


def autograd_graph(output: Any) -> Described:
    """Describe the autograd graph of a tensor, or of the first of several.

    Node 0 is its `grad_fn`.
    """
    if not is_tensor(output):
        outputs = iter(output)
        output = next(outputs, None)
    root = getattr(output, "grad_fn", None)
    queue = [] if root is None else [root]
    numbers = dict.fromkeys(queue, 0)
    labels: list[str] = []
    edges: list[tuple[int, int]] = []

    for node in queue:
        label = _label(node)
        labels.append(label)
        for following, _ in node.next_functions:
            if following is None:
                continue

            if following not in numbers:
                if len(numbers) == MAX_NODES:
                    continue
                numbers[following] = len(numbers)
                queue.append(following)

            if len(edges) < MAX_EDGES:
                edge = (numbers[node], numbers[following])
                edges.append(edge)

    return {
        "kind": "graph",
        "labels": labels,
        "edges": edges,
    }


def _label(node: Any) -> str:
    variable = getattr(node, "variable", None)
    if variable is None:
        name = str(node.name())
        name = SAME_OPERATIONS.get(name, name)
        return name[:MAX_LABEL]

    torch = sys.modules["torch"]
    is_parameter = isinstance(variable, torch.nn.Parameter)
    kind = "parameter" if is_parameter else "leaf"
    shape = tuple(variable.shape)
    return f"{kind}{shape}"
