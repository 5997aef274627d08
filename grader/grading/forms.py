"""Compare the form of right numbers with the reference's: shape and dtype. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.grading.agreement import Expected
from grader.trace import Array, Items


class FormFault(NamedTuple):
    """A property in which a value differs from the reference's."""

    name: str
    """`rank` or `dtype`."""
    found: str
    wanted: str


def form_faults(value: Expected, expected: Expected, strict: Sequence[str]) -> list[FormFault]:
    """List how the form of a value that agrees differs from the expected one.

    Args:
        value: the value.
        expected: the expected one.
        strict: the properties that count: `rank` (the whole shape), `dtype`.
    """
    faults = dict.fromkeys(_faults(value, expected))
    return [fault for fault in faults if fault.name in strict]


def _faults(value: Expected, expected: Expected) -> Iterator[FormFault]:
    if isinstance(value, Items) and isinstance(expected, Items):
        for entry, other in zip(value.entries, expected.entries, strict=False):
            yield from _faults(entry, other)
        return
    shape = _shape(value)
    wanted_shape = _shape(expected)
    if shape != wanted_shape:
        yield FormFault("rank", shape, wanted_shape)
    dtype = _dtype(value)
    wanted_dtype = _dtype(expected)
    if dtype != wanted_dtype:
        yield FormFault("dtype", dtype, wanted_dtype)


def _shape(value: Expected) -> str:
    if not isinstance(value, Array):
        return "()"
    return str(value.shape)


def _dtype(value: Expected) -> str:
    if isinstance(value, Array):
        return value.dtype
    return value.kind
