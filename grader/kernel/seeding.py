"""Record the seeds that code sets, and put others in their place where a replay asks for it.

Runs inside the student's kernel. In an ordinary run every seed stays as it is: it is only recorded,
so that the reference can run with it. A replay may add an offset to each seed, replace them, and
draw numbers after each: an answer that hangs on them then shows.
"""

from __future__ import annotations

import contextlib
import functools
import operator
import os
import random
import sys
import types
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from grader.kernel.hooks import when_imported

MAX_RECORDED = 64
"""Most seeds of a run that are recorded: a loop may set one in each pass."""

SEED_END = 1 << 32
"""End of the seeds that numpy takes."""

NO_NUMBER = "-"
"""How a seed is recorded that is no integer."""

BIT_GENERATORS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
"""Classes of numpy that take a seed, beside `RandomState`."""

STANDARD_LIBRARY = os.path.dirname(os.__file__)  # noqa: PTH120 - pathlib is not needed here
LIBRARY_FOLDERS = ("site-packages", "dist-packages")
"""Where libraries lie: code there is not the notebook's."""

GRADER = __file__.removesuffix("seeding.py")
"""Folder of the grader's own code in the kernel."""

Draw = Callable[[], Any]
"""Draws one number from a generator."""

Record = Callable[[str], None]
"""Takes what is recorded of a seed: its family and its number."""


@dataclass(frozen=True)
class SeedPlan:
    """What becomes of the seeds that a run sets: see `Seeding` in `grader/settings.py`."""

    offset: int = 0
    draws: int = 0
    every: int | None = None
    seeds: dict[str, list[int | None]] = field(default_factory=dict)

    def replacement(self, family: str, number: int) -> int | None:
        """Return what takes the place of a family's seed, counted from 0; None: nothing."""
        if self.every is not None:
            return self.every
        seeds = self.seeds.get(family, [])
        if number < len(seeds):
            return seeds[number]
        return None


UNCHANGED = SeedPlan()


class Seeds:
    """Sees each seed that code sets, in one kernel."""

    def __init__(self, record: Record, *, watches_draws: bool = False) -> None:
        """Take what records a seed, and whether to find out if numbers are drawn."""
        self._record = record
        self._watches_draws = watches_draws
        self._plan = UNCHANGED
        self._counts: Counter[str] = Counter()
        self._states: dict[str, bytes] = {}
        """States of the libraries' own generators when they were last looked at."""

    def begin_run(self, plan: SeedPlan, own_seed: int) -> int:
        """Begin a run under a plan.

        Args:
            plan: what becomes of seeds.
            own_seed: the seed that the grader sets before the first cell.

        Returns:
            The grader's seed, under that plan.
        """
        self._plan = plan
        self._counts.clear()
        self._states.clear()
        seed: int = shifted(own_seed, plan.offset)
        return seed

    def start(self) -> None:
        """Draw from the libraries' own generators before the first cell, as the plan says."""
        for _ in range(self._plan.draws):
            random.random()
            if numpy := sys.modules.get("numpy"):
                numpy.random.random_sample()
            if torch := sys.modules.get("torch"):
                torch.rand(1)
        self.note_states()

    def note_states(self) -> None:
        """Note where generators stand that were not there before."""
        if self._watches_draws:
            self._states = {**_states(), **self._states}

    @property
    def are_set(self) -> bool:
        """Whether the code that ran has set a seed."""
        return self._counts.total() > 0

    def have_drawn(self) -> bool:
        """Tell whether the libraries' own generators gave numbers since the last call."""
        if not self._watches_draws:
            return False
        before = self._states
        self._states = _states()
        return before != self._states

    def taken(self, family: str, seed: Any) -> Any:
        """Return the seed to set in place of one that code sets, and record that one.

        Args:
            family: what it is the seed of, as `torch`.
            seed: as the code gives it; what is no seed comes back as it is.
        """
        try:
            if _is_seed(seed) and _is_of_the_notebook(sys._getframe(1)):
                return self._taken(family, seed)
            return seed
        except Exception:  # noqa: BLE001 - an odd seed is between the student and the library
            return seed

    def _taken(self, family: str, seed: Any) -> Any:
        number = self._counts[family]
        self._counts[family] += 1
        if self._counts.total() <= MAX_RECORDED:
            self._record(f"{family} {_as_text(seed)}")

        replacement = self._plan.replacement(family, number)
        if replacement is not None:
            return replacement
        return shifted(seed, self._plan.offset)

    def drawn(self, draw: Draw) -> None:
        """Draw numbers from a generator that was seeded, as many as the plan says."""
        if not self._plan.draws or not _is_of_the_notebook(sys._getframe(1)):
            return
        for _ in range(self._plan.draws):
            draw()


def _states() -> dict[str, bytes]:
    """Describe where the libraries' own generators stand."""
    states = {"random": repr(random.getstate()).encode()}
    if numpy := sys.modules.get("numpy"):
        _, key, position, *_ = numpy.random.get_state()
        states["numpy"] = key.tobytes() + bytes(str(position), "ascii")
    if torch := sys.modules.get("torch"):
        states["torch"] = bytes(torch.default_generator.get_state().tolist())
    return states


def shifted(seed: Any, offset: int) -> Any:
    """Return another seed of the same kind; without an offset the same."""
    if not offset:
        return seed
    match seed:
        case str():
            return f"{seed}{offset}"
        case bytes() | bytearray():
            return bytes(seed) + b"+" * offset
        case float():
            return seed + offset
        case list() | tuple():
            return [shifted(part, offset) for part in seed]

    number = _as_integer(seed)
    if number is not None:
        above = number + offset
        return above if above < SEED_END else number - offset
    if type(seed).__name__ == "ndarray":
        return seed + offset
    return seed  # a generator, say


def _is_seed(seed: Any) -> bool:
    """Tell whether a value is a seed, rather than a generator or nothing."""
    if isinstance(seed, (str, bytes, bytearray, float, list, tuple)):
        return True
    return type(seed).__name__ == "ndarray" or _as_integer(seed) is not None


def _is_of_the_notebook(frame: types.FrameType | None) -> bool:
    """Tell whether code of the notebook's sets a seed, by itself or through a library.

    The grader sets seeds, too, and so do libraries while they are imported. Torch seeds generators
    with numbers that it has drawn, as for the order of a `DataLoader`.
    """
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    if frame is None or _module_of(frame).startswith("torch."):
        return False

    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith((GRADER, "<frozen importlib")):
            return False
        if not _is_of_a_library(file):
            return True
        frame = frame.f_back
    return False


def _module_of(frame: types.FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _is_of_a_library(file: str) -> bool:
    return file.startswith(STANDARD_LIBRARY) or any(folder in file for folder in LIBRARY_FOLDERS)


def _as_integer(seed: Any) -> int | None:
    try:
        return operator.index(seed)
    except TypeError:
        return None


def _as_text(seed: Any) -> str:
    number = _as_integer(seed)
    if number is None or abs(number) >= 1 << 64:
        return NO_NUMBER
    return str(number)


def install(seeds: Seeds) -> None:
    """Have all functions and classes that take a seed ask for it, now or when they are imported."""
    _hook_random(seeds)
    when_imported("numpy", functools.partial(_hook, _hook_numpy, seeds))
    when_imported("torch", functools.partial(_hook, _hook_torch, seeds))


def _hook(hook: Callable[[Seeds, Any], None], seeds: Seeds, module: types.ModuleType) -> None:
    """Hook a library; one of another version that cannot be hooked stays as it is."""
    with contextlib.suppress(Exception):
        hook(seeds, module)
        seeds.note_states()


def _hook_random(seeds: Seeds) -> None:
    plain = random.Random.seed
    own: Any = random._inst

    @functools.wraps(plain)
    def seed(self: Any, *args: Any, **kwargs: Any) -> None:
        family = "random" if self is own else "random.Random"
        args, kwargs = _with_seed(seeds, family, args, kwargs, "a")
        plain(self, *args, **kwargs)
        seeds.drawn(self.random)

    random.Random.seed = seed  # type: ignore[method-assign]
    random.seed = own.seed


def _hook_numpy(seeds: Seeds, numpy: Any) -> None:
    module = numpy.random
    legacy = module.mtrand
    legacy.seed = _around(seeds, legacy.seed, "numpy", module.random_sample)
    module.seed = legacy.seed

    random_state = _seeded_class(seeds, legacy.RandomState, "numpy.RandomState")
    _add_seed_method(seeds, random_state)
    legacy.RandomState = module.RandomState = random_state
    module.default_rng = _default_rng(seeds, module.default_rng)
    for name in BIT_GENERATORS:
        plain = getattr(module, name, None)
        if plain is None:
            continue
        replaced = _seeded_class(seeds, plain, "numpy.Generator")
        setattr(module, name, replaced)


def _hook_torch(seeds: Seeds, torch: Any) -> None:
    def draw() -> Any:
        return torch.rand(1)

    replaced = _around(seeds, torch.random.manual_seed, "torch", draw)
    torch.manual_seed = torch.random.manual_seed = replaced
    plain = torch._C.Generator

    def manual_seed(self: Any, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = _with_seed(seeds, "torch.Generator", args, kwargs, "seed")
        plain.manual_seed(self, *args, **kwargs)
        seeds.drawn(lambda: torch.rand(1, generator=self))
        return self

    manual_seed.__doc__ = plain.manual_seed.__doc__
    torch.Generator = _like(plain, {"manual_seed": manual_seed})


Arguments = tuple[tuple[Any, ...], dict[str, Any]]


def _with_seed(
    seeds: Seeds, family: str, args: tuple[Any, ...], kwargs: dict[str, Any], name: str
) -> Arguments:
    """Return the arguments of a call with the seed to set, if they hold one."""
    if args:
        first = seeds.taken(family, args[0])
        return (first, *args[1:]), kwargs
    if name in kwargs:
        seed = seeds.taken(family, kwargs[name])
        return args, {**kwargs, name: seed}
    return args, kwargs


def _around(seeds: Seeds, plain: Callable[..., Any], family: str, draw: Draw) -> Any:
    """Make a function that sets a library's own seed as `plain` does."""

    @functools.wraps(plain)
    def seeded(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = _with_seed(seeds, family, args, kwargs, "seed")
        result = plain(*args, **kwargs)
        seeds.drawn(draw)
        return result

    return seeded


def _default_rng(seeds: Seeds, plain: Callable[..., Any]) -> Any:
    @functools.wraps(plain)
    def default_rng(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = _with_seed(seeds, "numpy.Generator", args, kwargs, "seed")
        generator = plain(*args, **kwargs)
        seeds.drawn(generator.random)
        return generator

    return default_rng


def _seeded_class(seeds: Seeds, plain: Any, family: str) -> Any:
    """Make a class of generators like one of numpy's."""

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        args, kwargs = _with_seed(seeds, family, args, kwargs, "seed")
        plain.__init__(self, *args, **kwargs)
        draw = getattr(self, "random_sample", None) or self.random_raw
        seeds.drawn(draw)

    return _like(plain, {"__init__": init})


def _add_seed_method(seeds: Seeds, random_state: Any) -> None:
    """Have `RandomState.seed` ask for its seed, too."""
    plain = random_state.seed

    @functools.wraps(plain)
    def seed(self: Any, *args: Any, **kwargs: Any) -> None:
        args, kwargs = _with_seed(seeds, "numpy.RandomState", args, kwargs, "seed")
        plain(self, *args, **kwargs)
        seeds.drawn(self.random_sample)

    random_state.seed = seed


def _like(plain: Any, names: dict[str, Any]) -> Any:
    """Make a class that inherits from another, and that instances of the other belong to as well.

    Libraries make some of them by themselves.
    """
    metaclass = type(plain)

    def is_instance(_: Any, instance: Any) -> bool:
        return isinstance(instance, plain)

    def is_subclass(_: Any, other: type) -> bool:
        return issubclass(other, plain)

    checks = {"__instancecheck__": is_instance, "__subclasscheck__": is_subclass}
    alike = type(metaclass.__name__, (metaclass,), checks)

    def reduce(self: Any) -> Any:
        # It is pickled as one of the library's own: this class is not found by its name.
        own = type(self)
        make, args, *state = plain.__reduce__(self)
        other_args = [plain if arg is own else arg for arg in args]
        other_make = plain if make is own else make
        return (other_make, tuple(other_args), *state)

    namespace: dict[str, Any] = {
        "__slots__": (),
        "__reduce__": reduce,
        "__module__": plain.__module__,
        "__qualname__": plain.__qualname__,
        "__doc__": plain.__doc__,
        **names,
    }
    return alike(plain.__name__, (plain,), namespace)
