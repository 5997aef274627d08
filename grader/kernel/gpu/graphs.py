"""Stand in for CUDA graphs on the processor. Runs inside the student's kernel.

Captured operations are recorded one by one, and undone; each replay repeats them on the same
tensors, as a GPU does.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

Operation = tuple[Any, tuple[Any, ...], dict[str, Any], Any]
"""A function of torch, its arguments, and its result."""


def replace_graphs(torch: Any, ask: Callable[[], None]) -> None:
    """Replace the functions and classes of `torch.cuda.graphs`.

    Args:
        torch: the module.
        ask: notes that a GPU was asked for.
    """
    cuda_graph = _graph_class(torch, ask)
    for module in (torch.cuda, torch.cuda.graphs):
        module.CUDAGraph = cuda_graph
        module.graph = _Capture
        module.make_graphed_callables = functools.partial(_return_callables, ask)
        module.graph_pool_handle = _pool_handle


def _graph_class(torch: Any, ask: Callable[[], None]) -> Any:
    class CUDAGraph:
        """Stands for a graph of operations."""

        def __init__(self, *_: Any, **__: Any) -> None:
            ask()
            self._tape: Any = None

        def capture_begin(self, *_: Any, **__: Any) -> None:
            """Begin to record operations."""
            self._tape = _tape(torch)
            self._tape.__enter__()

        def capture_end(self) -> None:
            """Undo the recorded operations: nothing is computed while a graph is captured."""
            self._tape.__exit__(None, None, None)
            self._tape.undo()

        def replay(self) -> None:
            """Do it again."""
            self._tape.replay()

        def pool(self) -> tuple[int, int]:
            """Return the handle by which other graphs may share memory."""
            return (0, 0)

        def reset(self) -> None:
            """Do nothing: results stay."""

        def enable_debug_mode(self) -> None:
            """Do nothing."""

        def debug_dump(self, *_: Any, **__: Any) -> None:
            """Do nothing."""

    return CUDAGraph


class _Capture:
    """Stands for `with torch.cuda.graph(g):`."""

    def __init__(self, cuda_graph: Any, *_: Any, **__: Any) -> None:
        self._graph = cuda_graph

    def __enter__(self) -> None:
        self._graph.capture_begin()

    def __exit__(self, *_: object) -> None:
        self._graph.capture_end()


def _return_callables(ask: Callable[[], None], callables: Any, *_: Any, **__: Any) -> Any:
    ask()
    return callables


def _pool_handle() -> tuple[int, int]:
    return (0, 0)


def _tape(torch: Any) -> Any:
    """Create a context that records operations."""
    modes = torch.utils._python_dispatch

    class Tape(modes.TorchDispatchMode):  # type: ignore[misc, name-defined]
        """Records operations, and the earlier contents of tensors that they change."""

        def __init__(self) -> None:
            super().__init__()
            self._operations: list[Operation] = []
            self._before: dict[int, tuple[Any, Any]] = {}
            self._made: set[int] = set()

        def __torch_dispatch__(
            self, function: Any, _types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            named = kwargs or {}
            self._keep_changed(function, args)
            result = function(*args, **named)
            before = {_memory_of(tensor) for tensor in _tensors(torch, args)}
            after = {_memory_of(tensor) for tensor in _tensors(torch, result)}
            self._made |= after - before  # a view shows memory that was there
            self._operations.append((function, args, named, result))
            return result

        def _keep_changed(self, function: Any, args: Any) -> None:
            for argument, value in zip(function._schema.arguments, args, strict=False):
                alias = argument.alias_info
                if alias is None or not alias.is_write:
                    continue
                for tensor in _tensors(torch, value):
                    is_own = _memory_of(tensor) in self._made
                    if not is_own and id(tensor) not in self._before:
                        self._before[id(tensor)] = (tensor, tensor.clone())

        def undo(self) -> None:
            """Restore the changed tensors."""
            with torch.no_grad():
                for tensor, before in self._before.values():
                    tensor.data.copy_(before)

        def replay(self) -> None:
            """Do it again, into the same tensors."""
            with torch.no_grad():
                for operation in self._operations:
                    _do_again(torch, operation)

    return Tape()


def _do_again(torch: Any, operation: Operation) -> None:
    function, args, named, result = operation
    again = function(*args, **named)
    pairs = zip(_tensors(torch, result), _tensors(torch, again), strict=False)
    for tensor, new in pairs:
        if new.data_ptr() != tensor.data_ptr():
            tensor.data.copy_(new)


def _memory_of(tensor: Any) -> int:
    """Return a key that identifies the memory of a tensor."""
    storage: int = tensor.untyped_storage()._cdata
    return storage


def _tensors(torch: Any, value: Any) -> list[Any]:
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [tensor for item in value for tensor in _tensors(torch, item)]
    return []
