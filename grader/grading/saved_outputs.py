"""Compare a notebook's saved outputs with those of a fresh run. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.grading.printed_numbers import PRINTED_NUMBER

RTOL = 1e-3
"""Relative tolerance of a saved number."""

ATOL = 1e-6
"""Absolute tolerance of a saved number, at least."""


@dataclass(frozen=True)
class _NumberPair:
    """A number as saved, and as a fresh run prints it."""

    saved: str
    fresh: str
    atol: float = ATOL

    @property
    def agrees(self) -> bool:
        saved = _as_float(self.saved)
        fresh = _as_float(self.fresh)
        return math.isclose(saved, fresh, rel_tol=RTOL, abs_tol=self.atol)


def contradicted(
    saved: str, printed: str, displayed: Sequence[float] = ()
) -> tuple[str, str] | None:
    """Return the first number that differs in a fresh run, as saved and as it is now.

    Outputs are compared only if they have the same number of numbers: others come from other code.

    Args:
        saved: the saved outputs of a cell, as text.
        printed: the cell's printed text now.
        displayed: the numbers that it displays at its end. They are compared to the printed
            precision of the saved ones; a number that was saved without decimals is exact.

    Returns:
        None if all numbers agree.
    """
    saved_numbers = _numbers(saved)
    printed_numbers = _numbers(printed)
    count = len(printed_numbers)
    if len(saved_numbers) != count + len(displayed):
        return None

    pairs = list(map(_NumberPair, saved_numbers, printed_numbers))
    pairs += _displayed_pairs(saved_numbers[count:], displayed)
    for pair in pairs:
        if not pair.agrees:
            return pair.saved, pair.fresh
    return None


def _displayed_pairs(saved: Sequence[str], displayed: Sequence[float]) -> Iterator[_NumberPair]:
    for text, number in zip(saved, displayed, strict=True):
        fresh = f"{number:.7g}"
        atol = _last_place(text)
        yield _NumberPair(text, fresh, atol)


def _numbers(text: str) -> list[str]:
    matches = PRINTED_NUMBER.finditer(text)
    return [match[0] for match in matches]


def _as_float(text: str) -> float:
    return float(text.replace(",", "."))


def _last_place(text: str) -> float:
    """Return one unit in the last decimal place of a number; close to 0 without decimals."""
    number = text.replace(",", ".").lower()
    mantissa, _, exponent = number.partition("e")
    _, _, decimals = mantissa.partition(".")
    if not decimals:
        return ATOL
    last_place = int(exponent or 0) - len(decimals)
    unit: float = 10.0**last_place
    return max(ATOL, unit)
