"""Stand in for profilers, memory, caches and streams of a GPU. Runs in the kernel."""

from __future__ import annotations

import collections
import functools
import importlib
from collections.abc import Callable
from typing import Any

from grader.kernel.gpu.answers import Event, Stream, do_in_context
from grader.kernel.gpu.graphs import replace_graphs
from grader.kernel.gpu.spread import replace_spreading

NO_HISTORY: dict[str, list[Any]] = {"segments": [], "device_traces": []}
"""A snapshot of memory that nothing is in."""

CONTEXTS = (
    ("torch.autograd.profiler", "emit_nvtx"),
    ("torch.cuda.profiler", "profile"),
    ("torch.mps.profiler", "profile"),
    ("torch.cuda", "use_mem_pool"),
    ("torch.cuda.memory", "use_mem_pool"),
)
"""Contexts in which nothing else happens here: module and name."""

ACTIONS = (
    ("torch.cuda", "_sleep"),
    ("torch.cuda.memory", "_record_memory_history"),
    ("torch.cuda.memory", "_dump_snapshot"),
    ("torch.cuda.profiler", "start"),
    ("torch.cuda.profiler", "stop"),
    ("torch.cuda.profiler", "init"),
    ("torch.mps.profiler", "start"),
    ("torch.mps.profiler", "stop"),
)
"""Functions that do nothing here: module and name."""


class Counts(collections.OrderedDict[str, int]):
    """Statistics of memory, each of which is 0."""

    def __missing__(self, name: str) -> int:
        return 0


class MemoryPool:
    """Stands for a pool of a GPU's memory."""

    id = (0, 0)

    def __init__(self, *_: Any, **__: Any) -> None:
        """Initialise with the allocator of a pool."""

    def snapshot(self, *_: Any) -> list[Any]:
        """Return nothing: nothing is in it."""
        return []


class PlanCache:
    """Stands for the plans of Fourier transforms that a GPU keeps."""

    size = 0
    max_size = 4096

    def __getitem__(self, _device: Any) -> PlanCache:
        return self

    def clear(self) -> None:
        """Do nothing."""


def install(torch: Any, ask: Callable[[str], None]) -> None:
    """Replace functions that would raise without a CUDA GPU.

    Args:
        torch: the module.
        ask: notes the device that was asked for.
    """
    ask_for_cuda = functools.partial(ask, "cuda")

    def do_nothing(*_: Any, **__: Any) -> None:
        ask_for_cuda()

    for name, function in ACTIONS:
        _put(name, function, do_nothing)
    for name, context in CONTEXTS:
        _put(name, context, do_in_context)

    for module in (torch.cuda, torch.cuda.memory):
        module.memory_stats = lambda *_, **__: Counts()
        module.memory_snapshot = lambda *_, **__: []
        module.list_gpu_processes = lambda *_, **__: "no processes are running"
        module.MemPool = MemoryPool
    torch.cuda.memory._snapshot = lambda *_, **__: NO_HISTORY
    torch.backends.cuda.cufft_plan_cache = PlanCache()
    torch.Stream = Stream
    torch.Event = Event
    _leave_out_devices(torch)
    replace_graphs(torch, ask_for_cuda)
    replace_spreading(torch, ask_for_cuda)


def _put(module_name: str, name: str, replacement: Callable[..., Any]) -> None:
    """Replace a function of a module, if it exists.

    `__wrapped__` is kept: torch's compiler looks for `use_mem_pool.__wrapped__`.
    """
    module = importlib.import_module(module_name)
    original = getattr(module, name, None)
    if original is None:
        return

    @functools.wraps(original)
    def stand_in(*args: Any, **kwargs: Any) -> Any:
        return replacement(*args, **kwargs)

    setattr(module, name, stand_in)


def _leave_out_devices(torch: Any) -> None:
    """Make `fork_rng` keep the processor's generator alone: there is no other."""
    plain = torch.random.fork_rng

    @functools.wraps(plain)
    def fork_rng(*_: Any, enabled: bool = True, **__: Any) -> Any:
        return plain(devices=(), enabled=enabled)

    torch.random.fork_rng = fork_rng
