"""Read the numbers in printed text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PRINTED_NUMBER = re.compile(
    r"(?<![\w.,])[-+]?[0-9]+(?:[.,][0-9]*)?(?:[eE][-+]?[0-9]+)?(?!\w|[.,]\d)"
)

MIN_SIGNIFICANT_DIGITS = 3

MAX_EXPONENT = 300
"""A printed number with a larger exponent, of either sign, is no answer: floats end near 1e308."""


@dataclass(frozen=True)
class PrintedNumber:
    """A printed number, and half a unit of its last place."""

    number: float
    half_unit: float


def numbers_in(text: str) -> Iterator[PrintedNumber | None]:
    """Read each number in a text; None for one that is too rough, or too large, to be an answer."""
    for match in PRINTED_NUMBER.finditer(text):
        yield _read(match[0])


def _read(printed: str) -> PrintedNumber | None:
    """Read a printed number; None if it is too rough, or too large, to be an answer."""
    text = printed.replace(",", ".").lower()
    mantissa, _, exponent = text.partition("e")
    _, point, decimals = mantissa.partition(".")
    if not point:
        return None

    digits = mantissa.replace(".", "")
    significant = digits.lstrip("+-0")
    if len(significant) < MIN_SIGNIFICANT_DIGITS:
        return None

    exponent = exponent or "0"
    # As a float, since an integer of thousands of digits is refused.
    if abs(float(exponent)) > MAX_EXPONENT:
        return None

    last_place = int(exponent) - len(decimals)
    half_unit: float = 0.5 * 10.0**last_place
    return PrintedNumber(float(text), half_unit)
