"""Recognise the assignment's data, and compute a variant's numbers. Runs in student kernels.

Data of up to 64 numbers is recognised by them, and comes with its replacement. Larger data is
recognised by a sample of 64 and a summary, and an expression of the author's computes the
replacement from the data itself, so that a million numbers need not be transferred.
"""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.kernel.recording.values import sample_indices, summarise
from grader.kernel.variants.start_modes import as_at_the_start

RELATIVE_TOLERANCE = 1e-3
ABSOLUTE_TOLERANCE = 1e-6
"""How far a number may be from the data's: in float16 it is followed, too."""

GENERATOR = "g"
"""Name of the seeded generator that expressions may use."""

GENERATOR_SEED = 20_011
"""Its default seed at the beginning of each expression: equal expressions draw the same."""

MAX_PROBLEM = 300
"""Most characters of an expression's error that are reported."""

EXACT_COUNTS = 2
"""The first numbers of a summary are counts: of NaN and of infinities."""

VariantNumbers = Mapping[str, Any]
"""Data of a variant as JSON: `name` and `original`, with `other`, or with an `expression` and a
description of the data that `original` is a sample of: `size`, `summary`, `shape`, `origin` and
`dtype`. An expression that draws has a `seed` of its own, and the `shared_seed` of the generator.
"""


Variants = Callable[[], Mapping[str, Any]]
"""Gives the variants of other data by name, as expressions may use them."""


class VariedData:
    """Data of the assignment: its own numbers, and those of one variant."""

    may_be_indices = True
    """Whether whole numbers of it may be indices of something else."""

    def __init__(self, numbers: VariantNumbers) -> None:
        self.name: str = numbers["name"]
        self.original: list[float] = numbers["original"]
        self.size = len(self.original)
        self.other: list[float] = numbers["other"]
        self.integral = all(map(_is_integer, self.other))
        """The other numbers are whole."""
        self.met = False
        """The numbers turned up in the notebook."""
        self.carried = False
        """The other numbers took their place."""
        self.problem = ""
        """Why there are no other numbers."""

    def is_like(self, flat: Any) -> bool:
        """Return whether flat numbers equal the data: a list, a tensor or an array."""
        numbers = _listed(flat)
        return same_numbers(numbers, self.original)

    def prepare(self, flat: Any, others: Variants) -> bool:
        """Compute the replacement; return whether there is one."""
        return True

    def as_tensor(self, dtype: Any) -> Any:
        """Return the replacement as a flat tensor."""
        torch = sys.modules["torch"]
        return torch.tensor(self.other, dtype=dtype)

    def as_array(self, dtype: Any) -> Any:
        """Return the replacement as a flat array."""
        numpy = sys.modules["numpy"]
        return numpy.array(self.other, dtype=dtype)

    def as_list(self) -> list[Any]:
        """Return the replacement as a list."""
        return list(self.other)

    def variant(self) -> Any:
        """Return the replacement as other data's expressions use it; None if there is none."""
        torch = sys.modules.get("torch")
        if torch is None:
            return None
        return torch.tensor(self.other)


class LargeData(VariedData):
    """Data recognised by a sample and a summary, and varied by an expression."""

    may_be_indices = False

    def __init__(self, numbers: VariantNumbers) -> None:
        without_others = {**numbers, "other": ()}
        super().__init__(without_others)
        self.size = numbers["size"]
        self.integral = False
        self._form = numbers
        self._variant: Any = None
        """Value of the expression; None: it was not evaluated yet."""
        self._flat: Any = None
        """The same, as a flat tensor."""

    def is_like(self, flat: Any) -> bool:
        """Return whether flat numbers have the data's sample and summary."""
        sample = _sample(flat)
        numbers = _listed(sample)
        if not same_numbers(numbers, self.original):
            return False
        original = self._form["summary"]
        if not original:
            return True
        summary = _summary(flat)
        return _same_summary(summary, original)

    def prepare(self, flat: Any, others: Variants) -> bool:
        """Evaluate the expression on the data, once per run.

        Args:
            flat: the data, as a flat tensor, array or list.
            others: returns the variants of other data.
        """
        if self._flat is not None:
            return True
        try:
            self._evaluate(flat, others)
        except Exception as error:  # noqa: BLE001 - the instructor's expression, on a student's data
            kind = type(error).__name__
            problem = f"{kind}: {error}"
            self.problem = problem[:MAX_PROBLEM]
            return False
        return True

    def _evaluate(self, flat: Any, others: Variants) -> None:
        torch = sys.modules["torch"]
        numpy = sys.modules["numpy"]
        expression = self._form["expression"]
        shared_seed = self._form.get("shared_seed", GENERATOR_SEED)
        own_seed = self._form.get("seed", GENERATOR_SEED)
        with as_at_the_start(own_seed), torch.no_grad():
            generator = torch.Generator()
            generator.manual_seed(shared_seed)
            names = {"torch": torch, "np": numpy, "math": math, "random": random}
            names[GENERATOR] = generator
            other_variants = others()
            names.update(other_variants)
            names[self.name] = self._in_form(flat)
            variant = eval(expression, names)
            numbers = torch.as_tensor(variant).detach()
            flat_numbers = numbers.reshape(-1).clone()

        count = flat_numbers.numel()
        if count != self.size:
            raise ValueError(f"it has {count} numbers, the data has {self.size}")

        self._variant = variant
        self._flat = flat_numbers
        is_whole = flat_numbers == flat_numbers.round()
        self.integral = bool(is_whole.all())

    def _in_form(self, flat: Any) -> Any:
        """Return the data in the reference's type and shape, as a copy."""
        origin = self._form["origin"]
        dtype = self._form["dtype"]
        shape = self._form["shape"]
        if origin == "list":
            return _listed(flat)
        if origin == "array":
            numpy = sys.modules["numpy"]
            numbers = _listed_or_array(flat)
            array = numpy.array(numbers, dtype)
            return array.reshape(shape)

        torch = sys.modules["torch"]
        torch_dtype = getattr(torch, dtype)
        tensor = torch.as_tensor(flat).to(torch_dtype)
        return tensor.clone().reshape(shape)

    def as_tensor(self, dtype: Any) -> Any:
        """Return the replacement as a flat tensor."""
        tensor = self._flat.to(dtype)
        return tensor.clone()

    def as_array(self, dtype: Any) -> Any:
        """Return the replacement as a flat array."""
        array = self._flat.numpy()
        return array.astype(dtype)

    def as_list(self) -> list[Any]:
        """Return the replacement as a list."""
        numbers: list[Any] = self._flat.tolist()
        return numbers

    def variant(self) -> Any:
        """Return the expression's value; None if it was not evaluated."""
        return self._variant


def varied_data(numbers: VariantNumbers) -> VariedData | None:
    """Create the data of a variant's entry; None if the entry is not about numbers."""
    if "expression" in numbers:
        return LargeData(numbers)
    if "other" in numbers:
        return VariedData(numbers)
    return None


def _listed(flat: Any) -> list[float]:
    if type(flat) is list:
        return flat
    numbers: list[float] = flat.tolist()
    return numbers


def _listed_or_array(flat: Any) -> Any:
    torch = sys.modules["torch"]
    if isinstance(flat, torch.Tensor):
        return torch.Tensor.numpy(flat)
    return flat


def _sample(flat: Any) -> Any:
    indices = sample_indices(len(flat))
    if type(flat) is list:
        return [flat[index] for index in indices]
    return flat[indices]


def _summary(flat: Any) -> list[float]:
    torch = sys.modules["torch"]
    wide = torch.as_tensor(flat).to(torch.float64)
    return summarise(wide)


def _same_summary(summary: Sequence[float], original: Sequence[float]) -> bool:
    counts = list(summary[:EXACT_COUNTS])
    original_counts = list(original[:EXACT_COUNTS])
    if counts != original_counts:
        return False
    # Sums and projections may cancel: their tolerance depends on the size of the summands.
    sums = original[EXACT_COUNTS:]
    largest = max(abs(number) for number in sums)
    tolerance = RELATIVE_TOLERANCE * largest + ABSOLUTE_TOLERANCE
    for number, other in zip(summary, original, strict=True):
        # A NaN is within no tolerance.
        if not abs(number - other) <= tolerance:
            return False
    return True


def same_numbers(numbers: Sequence[float], original: Sequence[float]) -> bool:
    """Return whether numbers equal those of the data, within a tolerance."""
    if len(numbers) != len(original):
        return False
    return all(map(_same, numbers, original))


def _same(value: float, original: float) -> bool:
    tolerance = RELATIVE_TOLERANCE * abs(original) + ABSOLUTE_TOLERANCE
    difference = abs(value - original)
    if difference <= tolerance or value == original:
        return True
    return math.isnan(value) and math.isnan(original)


def _is_integer(number: float) -> bool:
    wide = float(number)
    return wide.is_integer()
