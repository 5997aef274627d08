"""Record which tensors a notebook trains, by an optimizer or by hand. Runs in its kernel.

Tensors and optimizers are held weakly. Like everything that comes from a kernel, this evidence is a
claim.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import types
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.kernel.recording.hooks import when_imported
from grader.kernel.recording.inspection import is_tensor

MAX_OPTIMIZERS = 64
"""Most optimizers with parameters of other shapes that are remembered."""

Tensors = list[Any]

Mark = tuple[float, float] | None
"""Sum and norm of a tensor, which reveal a change; None if they cannot be computed."""

Shapes = Counter[tuple[int, ...]]
"""How many parameters have each shape."""


@dataclass(frozen=True)
class Evidence:
    """The evidence that some tensors were trained."""

    how: str = ""
    """`optimizer`; `by hand`: a gradient reached them and they changed; `copied`: an optimizer
    changed parameters of these shapes, of which they may be a copy; empty: nothing shows it."""
    steps: int = 0
    """Steps of an optimizer on these tensors."""
    last: int = 0
    """Number of the last of these steps, among all steps in this kernel."""


@dataclass
class _Tensor:
    """A tensor of an optimizer, or one that a gradient reached."""

    reference: weakref.ref[Any]
    before: Mark
    """As it was then."""
    steps: int = 0
    last: int = 0

    def is_of(self, tensor: Any) -> bool:
        """Return whether it is this tensor, and not a later one at the same address."""
        return self.reference() is tensor

    def has_changed(self, tensor: Any) -> bool:
        """Return whether its values have changed."""
        if self.before is None:
            return True
        return self.before != _mark(tensor)


class Training:
    """Records, in one kernel, which tensors were trained."""

    def __init__(self) -> None:
        """Initialise without trained tensors."""
        self.steps = 0
        """Steps of all optimizers."""
        self._tensors: dict[int, _Tensor] = {}
        self._by_shapes: list[Shapes] = []
        """Shapes of the parameters that one optimizer stepped."""
        self._known_optimizers: weakref.WeakSet[Any] = weakref.WeakSet()

    def install(self) -> None:
        """Watch the steps of torch's optimizers, now or when it is imported."""
        when_imported("torch", self._hook)

    def _hook(self, _torch: types.ModuleType) -> None:
        optimizers = importlib.import_module("torch.optim.optimizer")
        optimizers.register_optimizer_step_pre_hook(self._before_step)
        optimizers.register_optimizer_step_post_hook(self._after_step)

    def _before_step(self, optimizer: Any, _args: Any, _kwargs: Any) -> None:
        with contextlib.suppress(Exception):  # it must not end the student's cell
            if optimizer in self._known_optimizers:
                return
            for parameter in _parameters(optimizer):
                self._entry(parameter)

    def _after_step(self, optimizer: Any, _args: Any, _kwargs: Any) -> None:
        with contextlib.suppress(Exception):
            self._count_step(optimizer)

    def _count_step(self, optimizer: Any) -> None:
        self.steps += 1
        stepped = [each for each in _parameters(optimizer) if each.grad is not None]
        for parameter in stepped:
            entry = self._entry(parameter)
            entry.steps += 1
            entry.last = self.steps
        if stepped and optimizer not in self._known_optimizers:
            self._known_optimizers.add(optimizer)
            self._note_shapes(_shapes(stepped))

    def clear(self) -> None:
        """Forget everything: another run begins."""
        self.steps = 0
        self._tensors.clear()
        self._by_shapes.clear()
        self._known_optimizers.clear()

    def _note_shapes(self, shapes: Shapes) -> None:
        if shapes not in self._by_shapes and len(self._by_shapes) < MAX_OPTIMIZERS:
            self._by_shapes.append(shapes)

    def note_reached(self, leaves: Iterable[Any]) -> None:
        """Record tensors that a gradient reached."""
        with contextlib.suppress(Exception):
            for leaf in leaves:
                self._entry(leaf)

    def _entry(self, tensor: Any) -> _Tensor:
        key = id(tensor)
        entry = self._tensors.get(key)
        if entry is None or not entry.is_of(tensor):
            entry = _Tensor(weakref.ref(tensor, self._forget(key)), _mark(tensor))
            self._tensors[key] = entry
        return entry

    def _forget(self, key: int) -> Any:
        """Create a callback that forgets a deleted tensor, unless another has its address."""
        tensors = self._tensors

        def forget(reference: weakref.ref[Any]) -> None:
            entry = tensors.get(key)
            if entry is not None and entry.reference is reference:
                del tensors[key]

        return forget

    def of(self, tensors: Tensors) -> Evidence:
        """Return the evidence that a model's tensors were trained."""
        known = list(self._known_tensors(tensors))
        steps = max((entry.steps for _, entry in known), default=0)
        last = max((entry.last for _, entry in known), default=0)
        if any(entry.has_changed(tensor) for tensor, entry in known):
            how = "optimizer" if steps else "by hand"
            return Evidence(how, steps, last)
        if steps:
            return Evidence("", steps, last)

        shapes = _shapes(tensors)
        is_copied = any(stepped <= shapes for stepped in self._by_shapes)
        return Evidence("copied" if is_copied else "")

    def _known_tensors(self, tensors: Tensors) -> Iterator[tuple[Any, _Tensor]]:
        for tensor in tensors:
            entry = self._tensors.get(id(tensor))
            if entry is not None and entry.is_of(tensor):
                yield tensor, entry


def _parameters(optimizer: Any) -> Iterator[Any]:
    for group in optimizer.param_groups:
        yield from group["params"]


def _shapes(tensors: Iterable[Any]) -> Shapes:
    return Counter(tuple(tensor.shape) for tensor in tensors if is_tensor(tensor))


def _mark(tensor: Any) -> Mark:
    torch = sys.modules["torch"]
    try:
        with torch._C.DisableTorchFunction(), torch.no_grad():
            total = torch.Tensor.sum(tensor, dtype=torch.float64).item()
            norm = torch.linalg.vector_norm(tensor, dtype=torch.float64).item()
    except Exception:  # noqa: BLE001 - an odd tensor has none
        return None
    return total, norm
