"""Other numbers in place of the data. Runs inside the student's kernel: standard library, and what is imported.

In a variant every call, operator result and list passes through `Substitution`, which knows the assignment's data by
its numbers: it is followed when renamed, inline, local to a function, as tensor, array or list, in any float type.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from grader.kernel.values import is_ndarray, is_tensor

MIN_ELEMENTS = 2
MAX_LIST = 10_000


class Input:
    """Data of the assignment: its own numbers, and those of one variant."""

    def __init__(self, name: str, original: list[float], other: list[float]) -> None:
        self.name = name
        self.original = original
        self.other = other
        self.integral = all(float(number).is_integer() for number in other)
        self.seen = False
        self.carried = False


class Substitution:
    """Puts a variant's numbers in place of the data wherever it turns up."""

    def __init__(self, inputs: Iterable[Mapping[str, Any]], *, narrow: bool) -> None:
        """Take the inputs of one variant.

        Args:
            inputs: per input its name, `original` and `other`: flat lists of equal length.
            narrow: leave lists and integers alone: a list of whole numbers may be indices.
        """
        self.inputs = [Input(item["name"], item["original"], item["other"]) for item in inputs]
        self._narrow = narrow
        self._sizes = {len(item.original) for item in self.inputs}

    def carried(self) -> dict[str, bool]:
        """The inputs that were seen, and whether their other numbers could take their place."""
        return {item.name: item.carried for item in self.inputs if item.seen}

    def __call__(self, value: Any) -> Any:
        """The value, or the variant's numbers in the same type, dtype and shape if it is the data."""
        try:
            return self._replaced(value)
        except Exception:  # noqa: BLE001 - an odd value is no data of ours; the student's code goes on
            return value

    def in_place(self, names: Iterable[str], *spaces: Mapping[str, Any]) -> None:
        """Write the variant's numbers into data that was filled in element by element (`x[i] = i`)."""
        for name in names:
            value = next((space[name] for space in spaces if name in space), None)
            if is_tensor(value) or is_ndarray(value):
                other = self(value)
                if other is not value:
                    _write(value, other)

    def _replaced(self, value: Any) -> Any:
        if is_tensor(value):
            return self._tensor(value)
        if is_ndarray(value):
            return self._ndarray(value)
        if type(value) in (list, tuple) and MIN_ELEMENTS <= len(value) <= MAX_LIST:
            return self._list(value)
        return value

    def _tensor(self, value: Any) -> Any:
        torch = sys.modules["torch"]
        if type(value) not in (torch.Tensor, torch.nn.Parameter):
            return value
        with torch._C.DisableTorchFunction():
            if value.numel() not in self._sizes or value.grad_fn is not None or value.is_complex():
                return value
            item = self._known(
                value.detach().reshape(-1).tolist(), whole=not value.is_floating_point()
            )
            if item is None:
                return value
            numbers = torch.tensor(item.other, dtype=value.dtype).reshape(value.shape)
            return numbers.requires_grad_(value.requires_grad) if value.requires_grad else numbers

    def _ndarray(self, value: Any) -> Any:
        numpy = sys.modules["numpy"]
        if value.size not in self._sizes or value.dtype.kind not in "iuf":
            return value
        item = self._known(value.reshape(-1).tolist(), whole=value.dtype.kind in "iu")
        return (
            value
            if item is None
            else numpy.array(item.other, dtype=value.dtype).reshape(value.shape)
        )

    def _list(self, value: Any) -> Any:
        column = all(type(row) in (list, tuple) and len(row) == 1 for row in value)
        flat = [row[0] for row in value] if column else list(value)
        if len(flat) not in self._sizes or not all(type(number) in (int, float) for number in flat):
            return value
        whole = all(type(number) is int for number in flat)
        item = self._known(flat, whole=whole)
        if item is None:
            return value
        other: list[Any] = [int(number) for number in item.other] if whole else list(item.other)
        return type(value)([type(value[0])([number]) for number in other] if column else other)

    def _known(self, flat: list[float], *, whole: bool) -> Input | None:
        """The input these numbers are, if other numbers can take their place here."""
        for item in self.inputs:
            if len(flat) == len(item.original) and all(map(_same, flat, item.original)):
                item.seen = True
                if whole and (self._narrow or not item.integral):
                    return None
                item.carried = True
                return item
        return None


def _same(value: float, original: float) -> bool:
    return abs(value - original) <= 1e-3 * abs(original) + 1e-6


def _write(value: Any, other: Any) -> None:
    """Give a tensor or array other numbers without making it another object; a read-only one stays as it is."""
    if is_tensor(value):
        with sys.modules["torch"].no_grad():
            value.copy_(other.detach())
    elif value.flags.writeable:
        value[...] = other
