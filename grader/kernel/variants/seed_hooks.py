"""Hook the functions and classes of Python, numpy and torch that take a seed.

Runs inside the student's kernel. sklearn, pandas and scipy hand `random_state=` to numpy's.
"""

from __future__ import annotations

import contextlib
import functools
import random
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.kernel.recording.hooks import when_imported
from grader.kernel.variants.seeding import Seeds

BIT_GENERATORS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
"""Classes of numpy that take a seed, beside `RandomState`."""

Function = Callable[..., Any]

DrawOf = Callable[[Any], Any]
"""Draws one number from the seeded generator, which is the object of a method, or a result."""


@dataclass(frozen=True)
class _Setter:
    """A function, or a method of a class of generators, that sets a seed."""

    plain: Function
    family: str
    draw: DrawOf
    name: str = "seed"
    """Name of its argument."""
    is_method: bool = False

    def hooked(self, seeds: Seeds) -> Any:
        """Wrap a function to pass it the seed that it is to set."""

        @functools.wraps(self.plain)
        def seeded(*args: Any, **kwargs: Any) -> Any:
            call = list(args)
            self._put_seed(seeds, call, kwargs)
            result = self.plain(*call, **kwargs)

            generator = call[0] if self.is_method else result
            draw = functools.partial(self.draw, generator)
            seeds.drawn(draw)
            return result

        return seeded

    def _put_seed(self, seeds: Seeds, call: list[Any], kwargs: dict[str, Any]) -> None:
        """Replace the seed in the arguments of a call, if there is one."""
        position = 1 if self.is_method else 0
        name = self.name
        if len(call) > position:
            seed = call[position]
            call[position] = seeds.taken(self.family, seed)
        elif name in kwargs:
            seed = kwargs[name]
            kwargs[name] = seeds.taken(self.family, seed)


def install(seeds: Seeds) -> None:
    """Hook all functions and classes that take a seed, now or when they are imported."""
    _hook_random(seeds)
    for library, hook in (("numpy", _hook_numpy), ("torch", _hook_torch)):
        on_import = functools.partial(_hook, hook, seeds)
        when_imported(library, on_import)


def _hook(
    hook: Callable[[Seeds, Any], None],
    seeds: Seeds,
    module: types.ModuleType,
) -> None:
    """Hook a library; a version that cannot be hooked stays unchanged."""
    with contextlib.suppress(Exception):
        hook(seeds, module)
        seeds.note_states()


def _hook_random(seeds: Seeds) -> None:
    own = _Setter(
        plain=random.seed,
        family="random",
        draw=_draw_from_random,
        name="a",
    )
    method = _Setter(
        plain=random.Random.seed,
        family="random.Random",
        draw=random.Random.random,
        name="a",
        is_method=True,
    )
    random.seed = own.hooked(seeds)
    random.Random.seed = method.hooked(seeds)  # type: ignore[method-assign]


def _draw_from_random(_: Any) -> float:
    return random.random()


def _hook_numpy(seeds: Seeds, numpy: Any) -> None:
    module = numpy.random
    legacy = module.mtrand

    def draw_from_own(_: Any) -> Any:
        return module.random_sample()

    own = _Setter(legacy.seed, "numpy", draw_from_own)
    legacy.seed = own.hooked(seeds)
    module.seed = legacy.seed

    plain = legacy.RandomState
    family = "numpy.RandomState"
    methods = {}
    for name in ("__init__", "seed"):
        function = getattr(plain, name)
        setter = _Setter(function, family, plain.random_sample, is_method=True)
        methods[name] = setter.hooked(seeds)
    legacy.RandomState = _make_subclass(plain, methods)
    module.RandomState = legacy.RandomState
    _hook_generators(seeds, module)


def _hook_generators(seeds: Seeds, module: Any) -> None:
    """Hook numpy's `Generator` and its bit generators."""
    family = "numpy.Generator"
    setter = _Setter(module.default_rng, family, module.Generator.random)
    module.default_rng = setter.hooked(seeds)

    for name in BIT_GENERATORS:
        plain = getattr(module, name, None)
        if plain is None:
            continue
        setter = _Setter(plain.__init__, family, plain.random_raw, is_method=True)
        replaced = _make_subclass(plain, {"__init__": setter.hooked(seeds)})
        setattr(module, name, replaced)


def _hook_torch(seeds: Seeds, torch: Any) -> None:
    def draw(generator: Any) -> Any:
        return torch.rand(1, generator=generator)

    own = _Setter(torch.random.manual_seed, "torch", draw)
    torch.random.manual_seed = own.hooked(seeds)
    torch.manual_seed = torch.random.manual_seed

    plain = torch._C.Generator
    setter = _Setter(plain.manual_seed, "torch.Generator", draw, is_method=True)
    torch.Generator = _make_subclass(plain, {"manual_seed": setter.hooked(seeds)})


def _make_subclass(plain: Any, names: dict[str, Any]) -> Any:
    """Create a subclass that instances of the base class belong to as well.

    Libraries make some of them by themselves.
    """
    metaclass = type(plain)

    def is_instance(_: Any, instance: Any) -> bool:
        return isinstance(instance, plain)

    def is_subclass(_: Any, other: type) -> bool:
        return issubclass(other, plain)

    checks = {
        "__instancecheck__": is_instance,
        "__subclasscheck__": is_subclass,
    }
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
