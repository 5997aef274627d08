"""Answer a notebook's calls about a GPU that is not here. Runs inside the student's kernel.

`torch.cuda.is_available()` and `device_count()` keep telling the truth; calls that would raise do
something harmless: waiting for the GPU returns at once, its memory is not in use.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import time
import types
from collections.abc import Callable, Collection
from typing import Any

from grader.kernel.recording.hooks import when_imported

NAME = "no GPU here, the processor"

MEMORY_BYTES = 16 << 30
"""Memory that the stand-in reports, in bytes: that of the usual GPU of Colab."""

CAPABILITY = (0, 0)
"""Below every real one: code that asks takes the way of the oldest GPUs, in float32."""

TENSOR_TYPES = (
    "BFloat16Tensor",
    "BoolTensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "HalfTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
)

Answer = Callable[..., Any]
Answers = dict[str, Answer]
"""Functions by the names of those they replace."""

Ask = Callable[[str], None]
"""Notes that a device was asked for, such as `cuda`."""


def install(torch: Any, absent: Collection[str], ask: Ask, processor: Any) -> None:
    """Replace the functions of `torch.cuda` and the like that would raise.

    Args:
        torch: the module.
        absent: types of the devices that are not here.
        ask: called with the type whenever one of the functions is.
        processor: the device that is here.
    """
    state = _generator_state(torch)
    answers: dict[str, Answers] = {
        "cuda": {**_queries(), **_actions(), **_statistics(), **state},
        "xpu": {**_queries(), **_actions(), **state},
        "mps": {**_actions(), **_memory_of_mps(), **state},
    }
    for kind, functions in answers.items():
        module = getattr(torch, kind, None)
        if kind not in absent or module is None:
            continue
        for name, replacement in _classes().items():
            if hasattr(module, name):
                setattr(module, name, replacement)
        note = functools.partial(ask, kind)
        _replace_functions(module, functions, note)

    for name in TENSOR_TYPES:
        setattr(torch.cuda, name, getattr(torch, name))
    _replace_accelerator(torch, ask, processor)
    _keep_attention(torch)


def _replace_functions(module: Any, functions: Answers, note: Callable[[], None]) -> None:
    """Replace functions of a module.

    Args:
        module: the module.
        functions: replacements by name; names that the module lacks are left out.
        note: called whenever the notebook calls one.
    """
    for name, function in functions.items():
        plain = getattr(module, name, None)
        if plain is not None:
            answer = _answering(plain, function, note)
            setattr(module, name, answer)


def _answering(plain: Answer, function: Answer, note: Callable[[], None]) -> Answer:
    """Make a function that answers the notebook, and lets torch itself call the plain one."""

    @functools.wraps(plain)
    def answer(*args: Any, **kwargs: Any) -> Any:
        if is_of_torch(sys._getframe(1)):
            return plain(*args, **kwargs)
        note()
        return function(*args, **kwargs)

    return answer


def is_of_torch(frame: types.FrameType) -> bool:
    """Return whether a frame is torch's own, so that the notebook did not ask."""
    module = frame.f_globals.get("__name__")
    if not isinstance(module, str):
        return False
    return module.partition(".")[0] == "torch"


def _constant_function(value: Any) -> Answer:
    """Create a function that always returns the same value."""

    def answer(*_: Any, **__: Any) -> Any:
        return value

    return answer


_nothing = _constant_function(None)


def _queries() -> Answers:
    properties = types.SimpleNamespace(
        name=NAME,
        major=CAPABILITY[0],
        minor=CAPABILITY[1],
        total_memory=MEMORY_BYTES,
        multi_processor_count=1,
        max_threads_per_multi_processor=1,
        warp_size=1,
        is_integrated=False,
        is_multi_gpu_board=False,
    )
    return {
        "current_device": _constant_function(0),
        "get_device_name": _constant_function(NAME),
        "get_device_capability": _constant_function(CAPABILITY),
        "get_device_properties": _constant_function(properties),
        "can_device_access_peer": _constant_function(False),
        "mem_get_info": _constant_function((MEMORY_BYTES, MEMORY_BYTES)),
        "device_memory_used": _constant_function(0),
        "memory_usage": _constant_function(0),
        "utilization": _constant_function(0),
        "temperature": _constant_function(0),
        "power_draw": _constant_function(0),
        "clock_rate": _constant_function(0),
        "is_current_stream_capturing": _constant_function(False),
        "get_sync_debug_mode": _constant_function(0),
    }


def _actions() -> Answers:
    return {
        "init": _nothing,
        "set_device": _nothing,
        "synchronize": _nothing,
        "ipc_collect": _nothing,
        "set_per_process_memory_fraction": _nothing,
        "set_stream": _nothing,
        "set_sync_debug_mode": _nothing,
        "current_stream": Stream,
        "default_stream": Stream,
    }


def _statistics() -> Answers:
    return {
        "memory_summary": _constant_function(""),
        "reset_peak_memory_stats": _nothing,
        "reset_max_memory_allocated": _nothing,
        "reset_max_memory_cached": _nothing,
        "reset_accumulated_memory_stats": _nothing,
    }


def _memory_of_mps() -> Answers:
    return {
        "empty_cache": _nothing,
        "seed": _nothing,
        "current_allocated_memory": _constant_function(0),
        "driver_allocated_memory": _constant_function(0),
        "recommended_max_memory": _constant_function(MEMORY_BYTES),
    }


def _generator_state(torch: Any) -> Answers:
    """Answer for the GPU's generator, which nothing draws from: the processor's is left alone."""
    return {
        "initial_seed": _constant_function(0),
        "get_rng_state": lambda *_, **__: torch.get_rng_state(),
        "set_rng_state": _nothing,
    }


class Event:
    """Stands for an event of a GPU: a point in time."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self._seconds = 0.0

    def record(self, *_: Any, **__: Any) -> None:
        """Take the time: all that was asked for before is done."""
        self._seconds = time.perf_counter()

    def elapsed_time(self, end: Event) -> float:
        """Return the milliseconds until another event."""
        return (end._seconds - self._seconds) * 1000

    def query(self) -> bool:
        """Return whether it has come."""
        return True

    def wait(self, *_: Any) -> None:
        """Go on."""

    def synchronize(self) -> None:
        """Go on."""


class Stream:
    """Stands for a stream of a GPU: its operations are done at once."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.device_index = 0

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def record_event(self, event: Event | None = None) -> Event:
        """Record an event, which is now."""
        recorded = Event() if event is None else event
        recorded.record()
        return recorded

    def query(self) -> bool:
        """Return whether all is done."""
        return True

    def synchronize(self) -> None:
        """Go on."""

    def wait_event(self, _event: Any) -> None:
        """Go on."""

    def wait_stream(self, _stream: Any) -> None:
        """Go on."""


class Context(contextlib.ContextDecorator):
    """Stands for `with torch.cuda.device(0):` and `with torch.cuda.stream(s):`."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.idx = 0

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def do_in_context(*_: Any, **__: Any) -> Context:
    """Make a context in which nothing else happens."""
    return Context()


def _classes() -> dict[str, Any]:
    return {
        "Event": Event,
        "Stream": Stream,
        "ExternalStream": Stream,
        "StreamContext": Context,
        "stream": Context,
        "device": Context,
        "device_of": Context,
    }


def _replace_accelerator(torch: Any, ask: Ask, processor: Any) -> None:
    """Make `torch.accelerator` do without one, unless one is here."""
    accelerator = getattr(torch, "accelerator", None)
    if accelerator is None or accelerator.is_available():
        return

    def current_accelerator(check_available: bool = False) -> Any:
        if not check_available:
            return processor
        return None

    answers: Answers = {
        "current_accelerator": current_accelerator,
        "current_device_index": _constant_function(0),
        "current_device_idx": _constant_function(0),
        "set_device_index": _nothing,
        "set_device_idx": _nothing,
        "current_stream": Stream,
        "set_stream": _nothing,
        "synchronize": _nothing,
        "device_index": Context,
    }
    note = functools.partial(ask, "accelerator")
    _replace_functions(accelerator, answers, note)


def _keep_attention(torch: Any) -> None:
    """Make attention computed where a notebook allows only what GPUs have for it."""

    def add_plain_kernel(attention: types.ModuleType) -> None:
        plain: Answer = attention.sdpa_kernel
        math = attention.SDPBackend.MATH

        @functools.wraps(plain)
        def sdpa_kernel(backends: Any, *args: Any, **kwargs: Any) -> Any:
            allowed = list(backends) if isinstance(backends, (list, tuple)) else [backends]
            return plain([*allowed, math], *args, **kwargs)

        setattr(attention, "sdpa_kernel", sdpa_kernel)  # noqa: B010 - unknown to mypy

    torch.backends.cuda.enable_math_sdp = _nothing
    when_imported("torch.nn.attention", add_plain_kernel)
