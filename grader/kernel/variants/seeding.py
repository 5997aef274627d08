"""Record the seeds that code sets, and replace them if a replay asks for it.

Runs inside the student's kernel. In an ordinary run every seed is only recorded, so that the
reference can run with it. A replay may add an offset to each seed, replace it, or draw numbers
after it: this shows which answers depend on random numbers.
"""

from __future__ import annotations

import operator
import os
import random
import sys
import types
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from grader.kernel.recording.inspection import is_in_packages

MAX_RECORDED = 64
"""Most seeds of a run that are recorded: a loop may set one in each pass."""

SEED_END = 1 << 32
"""End of the seeds that numpy takes."""

LARGEST_RECORDED = (1 << 64) - 1

NO_NUMBER = "-"
"""How a seed is recorded that is no integer."""

STANDARD_LIBRARY = os.path.dirname(os.__file__)  # noqa: PTH120 - pathlib is not needed here

_FOLDER = os.path.dirname(__file__)  # noqa: PTH120

GRADER = os.path.dirname(_FOLDER)  # noqa: PTH120
"""Folder of the grader's own code in the kernel."""

OF_A_TEXT = "<string>"
"""File name of code that `exec` or `eval` runs: its caller decides to whom it belongs."""

OWN_FILES = (__file__, os.path.join(_FOLDER, "seed_hooks.py"))  # noqa: PTH118
"""Files with the functions between a call that sets a seed and the library."""

SEED_TYPES = (
    str,
    bytes,
    bytearray,
    float,
    list,
    tuple,
)
"""Types of seeds beside integers and arrays."""

Draw = Callable[[], Any]
"""Draws one number from a generator."""

Record = Callable[[str], None]
"""Receives the family and the number of a seed."""


@dataclass(frozen=True)
class SeedPlan:
    """How a run changes the seeds it sets: see `Seeding` in `grader/settings.py`."""

    offset: int = 0
    draws: int = 0
    every: int | None = None
    seeds: dict[str, list[int | None]] = field(default_factory=dict)

    def replacement(self, family: str, number: int) -> int | None:
        """Return the replacement for a family's n-th seed, from 0; None for none."""
        if self.every is not None:
            return self.every
        seeds = self.seeds.get(family, [])
        if number < len(seeds):
            return seeds[number]
        return None


UNCHANGED = SeedPlan()


class Seeds:
    """Intercepts each seed that code sets, in one kernel."""

    def __init__(self, record: Record, *, watches_draws: bool = False) -> None:
        """Initialise with a callback for seeds, and whether to detect that numbers are drawn."""
        self._record = record
        self._watches_draws = watches_draws
        self._plan = UNCHANGED
        self._counts: Counter[str] = Counter()
        self._states: dict[str, Any] = {}
        """States of the libraries' own generators when they were last looked at."""

    def begin_run(self, plan: SeedPlan, own_seed: int) -> int:
        """Begin a run under a plan.

        Args:
            plan: changes of seeds. own_seed: the seed that the grader sets before the first cell.

        Returns:
            The grader's seed, under that plan.
        """
        self._plan = plan
        self._counts.clear()
        self._states.clear()
        seed: int = shifted(own_seed, plan.offset)
        return seed

    def start(self) -> None:
        """Draw from the libraries' generators before the first cell, as the plan says."""
        for _ in range(self._plan.draws):
            self._draw_once()
        self.note_states()

    def _draw_once(self) -> None:
        random.random()
        numpy = sys.modules.get("numpy")
        if numpy is not None:
            numpy.random.random_sample()
        torch = sys.modules.get("torch")
        if torch is not None:
            torch.rand(1)

    def note_states(self) -> None:
        """Record the states of generators that are new."""
        if not self._watches_draws:
            return
        for library, state in _states().items():
            self._states.setdefault(library, state)

    @property
    def are_set(self) -> bool:
        """Whether the code set a seed."""
        return self._counts.total() > 0

    def have_drawn(self) -> bool:
        """Return whether the libraries' generators gave numbers since the last call."""
        if not self._watches_draws:
            return False
        before = self._states
        self._states = _states()
        return before != self._states

    def taken(self, family: str, seed: Any) -> Any:
        """Record a seed that code sets, and return the seed to set in its place.

        Args:
            family: the library of the seed, such as `torch`.
            seed: the argument; one that is not a seed is returned unchanged.
        """
        try:
            if not _is_seed(seed):
                return seed
            caller = sys._getframe(1)
            if not _is_of_the_notebook(caller):
                return seed
            return self._record_and_replace(family, seed)
        except Exception:  # noqa: BLE001 - an odd seed is between the student and the library
            return seed

    def _record_and_replace(self, family: str, seed: Any) -> Any:
        number = self._counts[family]
        self._counts[family] += 1
        if self._counts.total() <= MAX_RECORDED:
            text = _as_text(seed)
            self._record(f"{family} {text}")

        replacement = self._plan.replacement(family, number)
        if replacement is not None:
            seed = replacement
        return shifted(seed, self._plan.offset)

    def drawn(self, draw: Draw) -> None:
        """Draw as many numbers from a newly seeded generator as the plan says."""
        draws = self._plan.draws
        if not draws:
            return
        caller = sys._getframe(1)
        if not _is_of_the_notebook(caller):
            return
        for _ in range(draws):
            draw()


def _states() -> dict[str, Any]:
    """Describe the states of the libraries' own generators."""
    states: dict[str, Any] = {}
    states["random"] = random.getstate()

    numpy = sys.modules.get("numpy")
    if numpy is not None:
        _, key, position, *_ = numpy.random.get_state()
        states["numpy"] = (position, key.tobytes())

    torch = sys.modules.get("torch")
    if torch is not None:
        state = torch.default_generator.get_state()
        states["torch"] = state.tolist()
    return states


def shifted(seed: Any, offset: int) -> Any:
    """Return another seed of the same kind; the same one without an offset."""
    if not offset:
        return seed
    if isinstance(seed, str):
        return f"{seed}{offset}"
    if isinstance(seed, (bytes, bytearray)):
        return bytes(seed) * (offset + 1)
    if isinstance(seed, (list, tuple)):
        return [shifted(part, offset) for part in seed]

    number = _as_integer(seed)
    if number is None:
        return seed + offset  # a float, or an array
    above = number + offset
    if above < SEED_END:
        return above
    return number - offset


def _is_seed(seed: Any) -> bool:
    """Return whether a value is a seed, rather than a generator or None."""
    if isinstance(seed, SEED_TYPES):
        return True
    kind = type(seed)
    if kind.__name__ == "ndarray":
        return True
    return _as_integer(seed) is not None


def _is_of_the_notebook(frame: types.FrameType | None) -> bool:
    """Return whether the notebook's code sets a seed, directly or through a library.

    The grader sets seeds, too, and so do libraries while they are imported. Questions of the grader
    are the instructor's code in a text, which looks like code that `exec` runs. Torch seeds
    generators with numbers that it has drawn, as for the order of a `DataLoader`.
    """
    frame = _first_outer_frame(frame)
    if frame is None:
        return False
    module = str(frame.f_globals.get("__name__"))
    if module.startswith("torch."):
        return False

    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith((GRADER, "<frozen importlib")):
            return False
        if file != OF_A_TEXT and not _is_of_a_library(file):
            return True
        frame = frame.f_back
    return False


def _first_outer_frame(frame: types.FrameType | None) -> types.FrameType | None:
    """Return the first frame above the hooks."""
    while frame is not None:
        if frame.f_code.co_filename not in OWN_FILES:
            return frame
        frame = frame.f_back
    return None


def _is_of_a_library(file: str) -> bool:
    return file.startswith(STANDARD_LIBRARY) or is_in_packages(file)


def _as_integer(seed: Any) -> int | None:
    try:
        return operator.index(seed)
    except TypeError:
        return None


def _as_text(seed: Any) -> str:
    number = _as_integer(seed)
    if number is None:
        return NO_NUMBER
    if abs(number) > LARGEST_RECORDED:
        return NO_NUMBER
    return str(number)
