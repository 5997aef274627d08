"""Put other numbers in place of the data. Runs inside the student's kernel.

In a variant every call, operator result and list passes through `Substitution`. It knows the
assignment's data by its numbers, and so follows it when it is renamed, inline or local to a
function, as tensor, array or list, in any float type.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from grader.kernel.inspection import is_ndarray, is_tensor

MIN_ELEMENTS = 2
MAX_LIST = 10_000


class VariantInput:
    """Data of the assignment: its own numbers, and those of one variant."""

    def __init__(self, name: str, original: list[float], other: list[float]) -> None:
        self.name = name
        self.original = original
        self.other = other
        self.integral = all(float(number).is_integer() for number in other)
        self.met = False
        """The numbers turned up in the notebook."""
        self.carried = False
        """The other numbers took their place."""


class Substitution:
    """Puts a variant's numbers in place of the data wherever it turns up."""

    def __init__(self, inputs: Iterable[Mapping[str, Any]], *, narrow: bool) -> None:
        """Take the inputs of one variant.

        Args:
            inputs: per input its name, `original` and `other`: flat lists of equal length.
            narrow: leave lists and integers alone: a list of whole numbers may be indices.
        """
        self.inputs = [
            VariantInput(item["name"], item["original"], item["other"]) for item in inputs
        ]
        self._narrow = narrow
        self._sizes = {len(item.original) for item in self.inputs}

    def carried(self) -> dict[str, bool]:
        """Tell which inputs turned up, and whether their other numbers could take their place."""
        return {item.name: item.carried for item in self.inputs if item.met}

    def __call__(self, value: Any) -> Any:
        """Replace a value that is the data by the variant's numbers in the same type and shape.

        Returns:
            The value itself where it is not the data.
        """
        try:
            return self._replaced(value)
        except Exception:  # noqa: BLE001 - an odd value is no data of ours; the student's code goes on
            return value

    def in_place(self, names: Iterable[str], *spaces: Mapping[str, Any]) -> None:
        """Write the variant's numbers into data filled in element by element (`x[i] = i`)."""
        for name in names:
            value = next((space[name] for space in spaces if name in space), None)
            if not is_tensor(value) and not is_ndarray(value):
                continue
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
            if value.numel() not in self._sizes:
                return value
            # What a graph computed stays part of that graph.
            if value.grad_fn is not None or value.is_complex():
                return value

            numbers = value.detach().reshape(-1).tolist()
            item = self._known(numbers, whole=not value.is_floating_point())
            if item is None:
                return value

            other = torch.tensor(item.other, dtype=value.dtype).reshape(value.shape)
            if value.requires_grad:
                other.requires_grad_(True)
            return other

    def _ndarray(self, value: Any) -> Any:
        numpy = sys.modules["numpy"]
        kind = value.dtype.kind
        if value.size not in self._sizes or kind not in "iuf":
            return value

        numbers = value.reshape(-1).tolist()
        item = self._known(numbers, whole=kind in "iu")
        if item is None:
            return value
        return numpy.array(item.other, dtype=value.dtype).reshape(value.shape)

    def _list(self, value: Any) -> Any:
        is_column = all(type(row) in (list, tuple) and len(row) == 1 for row in value)
        flat = [row[0] for row in value] if is_column else list(value)
        if len(flat) not in self._sizes:
            return value
        if not all(type(number) in (int, float) for number in flat):
            return value

        whole = all(type(number) is int for number in flat)
        item = self._known(flat, whole=whole)
        if item is None:
            return value

        other: list[Any] = list(item.other)
        if whole:
            other = [int(number) for number in other]
        if is_column:
            row_type = type(value[0])
            other = [row_type([number]) for number in other]
        return type(value)(other)

    def _known(self, flat: list[float], *, whole: bool) -> VariantInput | None:
        """Find the input that these numbers are, if other numbers can take their place here."""
        for item in self.inputs:
            if not _same_numbers(flat, item.original):
                continue
            item.met = True
            if whole and (self._narrow or not item.integral):
                return None
            item.carried = True
            return item
        return None


def _same_numbers(numbers: list[float], original: list[float]) -> bool:
    return len(numbers) == len(original) and all(map(_same, numbers, original))


def _same(value: float, original: float) -> bool:
    return abs(value - original) <= 1e-3 * abs(original) + 1e-6


def _write(value: Any, other: Any) -> None:
    """Give a tensor or array other numbers, so that it stays the same object.

    A read-only one stays as it is.
    """
    if is_tensor(value):
        with sys.modules["torch"].no_grad():
            value.copy_(other.detach())
    elif value.flags.writeable:
        value[...] = other
