"""Set seeds and modes for a while as a run begins with them. Runs inside the student's kernel."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

Restorer = tuple[Callable[[Any], Any], Any]
"""A function, and the argument with which it puts something back as it was."""


@contextlib.contextmanager
def as_at_the_start(seed: int) -> Iterator[None]:
    """Set seeds and torch's modes as a run begins with them; put them back afterwards."""
    restorers = _saved_modes()
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
        for restore, state in restorers:
            restore(state)


def _saved_modes() -> list[Restorer]:
    """List what puts seeds and torch's modes back as they are now."""
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
