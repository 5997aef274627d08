"""Temporarily restore the seeds and modes that a run begins with. Runs in the student's kernel."""

from __future__ import annotations

import contextlib
import gc
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

ENDING = {signal.SIGINT, getattr(signal, "SIGALRM", signal.SIGINT)}
"""Signals by which the grader ends code that takes too long."""

CHILD_ENDED = getattr(signal, "SIGCHLD", None)
"""Signal that a child has ended; torch handles it once a loader has had workers."""

Restorer = tuple[Callable[[Any], Any], Any]
"""A function, and the argument with which it restores something."""


@contextlib.contextmanager
def as_at_the_start(seed: int) -> Iterator[None]:
    """Set seeds and torch's modes as at the beginning of a run; restore them afterwards."""
    modes = saved_modes()
    random.seed(seed)

    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed)

    torch = sys.modules.get("torch")
    if torch is not None:
        torch.default_generator.manual_seed(seed)
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)

    try:
        yield
    finally:
        put_back(modes)


def put_back(modes: list[Restorer]) -> None:
    """Restore seeds and modes that were saved."""
    for restore, state in modes:
        restore(state)


def saved_modes() -> list[Restorer]:
    """List callbacks that restore the current seeds and torch's modes."""
    state = random.getstate()
    modes: list[Restorer] = [(random.setstate, state)]

    numpy = sys.modules.get("numpy")
    if numpy is not None:
        generator = numpy.random
        modes.append((generator.set_state, generator.get_state()))

    torch = sys.modules.get("torch")
    if torch is not None:
        generator = torch.default_generator
        modes.append((generator.set_state, generator.get_state()))
        modes.append((torch.set_default_dtype, torch.get_default_dtype()))
        modes.append((torch.set_grad_enabled, torch.is_grad_enabled()))
    return modes


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Disable callbacks, tracing and signal handlers that a notebook's run has left behind.

    SECURITY: they could change functions of torch for a moment, or read the measured data.
    """
    callbacks = gc.callbacks[:]
    profile, trace = sys.getprofile(), sys.gettrace()
    handlers = _handlers()
    silence_callbacks()
    try:
        yield
    finally:
        gc.callbacks[:] = callbacks
        sys.setprofile(profile)
        sys.settrace(trace)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def silence_callbacks() -> None:
    """Disable callbacks, tracing and signal handlers, except those of the grader."""
    gc.callbacks.clear()
    sys.setprofile(None)
    sys.settrace(None)
    for number in _handlers():
        # Ignored, SIGCHLD would take from a process how its children ended.
        rest = signal.SIG_DFL if number == CHILD_ENDED else signal.SIG_IGN
        signal.signal(number, rest)


def _handlers() -> dict[int, Any]:
    """Return the signal handlers, except those by which the grader ends code."""
    handlers: dict[int, Any] = {}
    if threading.current_thread() is not threading.main_thread():
        return handlers  # only the main thread gets signals, and may set their handlers
    for number in signal.valid_signals() - ENDING:
        handler = signal.getsignal(number)
        if callable(handler):
            handlers[number] = handler
    return handlers
