"""Replace the data by other numbers. Runs inside the student's kernel.

In a variant, every call, operator result and list goes through `Substitution`. It recognises the
assignment's data by its numbers, and so follows it when it is renamed, inline or local to a
function, as tensor, array or list, in any float type.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from grader.kernel.recording.inspection import NUMBERS, SEQUENCES, is_ndarray, is_tensor
from grader.kernel.variants.varied_data import VariantNumbers, VariedData, varied_data

MIN_ELEMENTS = 2
MAX_LIST = 10_000

MAX_PARTS = 16
"""Most values that a function returns together, each of which may be data."""


class Substitution:
    """Replaces the data by a variant's numbers wherever it occurs."""

    def __init__(self, inputs: Iterable[VariantNumbers], *, narrow: bool) -> None:
        """Initialise with the inputs of one variant.

        Args:
            inputs: the data that the variant changes; see `VariantNumbers`.
            narrow: leave lists and integers alone: a list of whole numbers may be indices.
        """
        self._narrow = narrow
        self._sizes: set[int] = set()
        self.inputs: list[VariedData] = []
        for numbers in inputs:
            item = varied_data(numbers)
            if item is not None:
                self.inputs.append(item)
                self._sizes.add(item.size)

    def carried(self) -> dict[str, bool]:
        """Return which inputs occurred, and whether they could be replaced."""
        return {item.name: item.carried for item in self.inputs if item.met}

    def problem(self) -> str:
        """Explain why some data was not replaced; empty if nothing went wrong."""
        for item in self.inputs:
            if item.problem:
                return f"{item.name}: {item.problem}"
        return ""

    def __call__(self, value: Any) -> Any:
        """Replace data by the variant's numbers, in the same type and shape.

        Returns:
            The value itself if it is not the data.
        """
        try:
            return self._replace(value)
        except Exception:  # noqa: BLE001 - an odd value is no data of ours; the student's code goes on
            return value

    def in_place(self, names: Iterable[str], *spaces: Mapping[str, Any]) -> None:
        """Write the variant's numbers into data that is filled element by element (`x[i] = i`)."""
        for name in names:
            value = _look_up(name, spaces)
            if not is_tensor(value) and not is_ndarray(value):
                continue
            other = self(value)
            if other is not value and not _write(value, other):
                _rebind(name, other, spaces)

    def _replace(self, value: Any) -> Any:
        if is_tensor(value):
            return self._tensor(value)
        if is_ndarray(value):
            return self._ndarray(value)
        if type(value) in SEQUENCES:
            return self._list(value)
        return value

    def _tensor(self, value: Any) -> Any:
        torch = sys.modules["torch"]
        if type(value) not in (torch.Tensor, torch.nn.Parameter):
            return value

        with torch._C.DisableTorchFunction():
            if value.numel() not in self._sizes:
                return value
            # Values that a graph computed stay part of that graph.
            if value.grad_fn is not None:
                return value
            if value.is_complex():
                return value

            detached = value.detach()
            flat = detached.reshape(-1)
            whole = not value.is_floating_point()
            item = self._find_data(flat, whole=whole)
            if item is None:
                return value

            other = item.as_tensor(value.dtype)
            other = other.reshape(value.shape)
            if value.device.type != "cpu":
                other = other.to(value.device)
            if value.requires_grad:
                other.requires_grad_(True)
            return other

    def _ndarray(self, value: Any) -> Any:
        kind = value.dtype.kind
        if value.size not in self._sizes or kind not in "iuf":
            return value

        flat = value.reshape(-1)
        item = self._find_data(flat, whole=kind in "iu")
        if item is None:
            return value
        other = item.as_array(value.dtype)
        return other.reshape(value.shape)

    def _list(self, value: Any) -> Any:
        if len(value) <= MAX_PARTS and any(map(_is_array, value)):
            return self._parts(value)
        if not MIN_ELEMENTS <= len(value) <= MAX_LIST:
            return value

        is_column = all(map(_is_row_of_one, value))
        flat = list(value)
        if is_column:
            flat = [row[0] for row in value]
        if len(flat) not in self._sizes:
            return value

        if not all(map(_is_number, flat)):
            return value

        whole = all(map(_is_int, flat))
        item = self._find_data(flat, whole=whole)
        if item is None:
            return value

        other = item.as_list()
        if whole:
            other = [int(number) for number in other]
        if is_column:
            row_type = type(value[0])
            other = [row_type([number]) for number in other]
        return type(value)(other)

    def _parts(self, value: Any) -> Any:
        """Replace data among the results of a function: `X, y = make_moons()`."""
        parts: list[Any] = []
        is_changed = False
        for part in value:
            other = part
            if _is_array(part):
                other = self._replace(part)
            parts.append(other)
            is_changed = is_changed or other is not part
        if not is_changed:
            return value
        kind = type(value)
        return kind(parts)

    def _find_data(self, flat: Any, *, whole: bool) -> VariedData | None:
        """Find the data with these numbers, if it can be replaced here."""
        for item in self.inputs:
            if item.size != len(flat) or not item.is_like(flat):
                continue
            item.met = True
            others = functools.partial(self._variants_but, item)
            if not item.prepare(flat, others):
                return None
            is_narrow = self._narrow and item.may_be_indices
            keeps_numbers = is_narrow or not item.integral
            if whole and keeps_numbers:
                return None
            item.carried = True
            return item
        return None

    def _variants_but(self, item: VariedData) -> dict[str, Any]:
        """Return the variants of the other data, by name."""
        variants: dict[str, Any] = {}
        for other in self.inputs:
            variant = other.variant() if other is not item else None
            if variant is not None:
                variants[other.name] = variant
        return variants


def _look_up(name: str, spaces: Iterable[Mapping[str, Any]]) -> Any:
    for space in spaces:
        if name in space:
            return space[name]
    return None


def _is_array(value: Any) -> bool:
    return is_tensor(value) or is_ndarray(value)


def _is_row_of_one(row: Any) -> bool:
    return type(row) in SEQUENCES and len(row) == 1


def _is_number(value: Any) -> bool:
    return type(value) in NUMBERS


def _is_int(value: Any) -> bool:
    return type(value) is int


def _write(value: Any, other: Any) -> bool:
    """Overwrite the numbers of a tensor or array, so that it stays the same object.

    Returns:
        Whether it could be written to.
    """
    if is_tensor(value):
        with sys.modules["torch"].no_grad():
            value.copy_(other.detach())
        return True
    if not value.flags.writeable:
        return False
    value[...] = other
    return True


def _rebind(name: str, other: Any, spaces: Iterable[Mapping[str, Any]]) -> None:
    """Bind a name to other numbers; has no effect in a function."""
    for space in spaces:
        if name in space and isinstance(space, dict):
            space[name] = other
            return
