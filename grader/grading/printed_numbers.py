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


def numbers_in(text: str, *, rough: bool = False) -> Iterator[PrintedNumber | None]:
    """Read each number in a text; None for one that is too coarse or too large to be an answer.

    Args:
        text: the printed text.
        rough: also read rough numbers. A print of 31.36 on some data may be 45 or 4.5 on other
            data.
    """
    for match in PRINTED_NUMBER.finditer(text):
        yield _read(match[0], rough=rough)


def _read(printed: str, *, rough: bool) -> PrintedNumber | None:
    """Read a printed number; None if it is too coarse or too large to be an answer."""
    text = printed.replace(",", ".").lower()
    mantissa, _, exponent = text.partition("e")
    whole, point, decimals = mantissa.partition(".")
    digits = whole.lstrip("+-0") + decimals
    significant = digits.lstrip("0")
    is_rough = not point or len(significant) < MIN_SIGNIFICANT_DIGITS
    if is_rough and not rough:
        return None

    exponent = exponent or "0"
    # As a float, since an integer of thousands of digits is refused.
    if abs(float(exponent)) > MAX_EXPONENT:
        return None

    places = len(decimals)
    if not places:
        lacking = MIN_SIGNIFICANT_DIGITS - len(significant)
        places = max(0, lacking)
    last_place = int(exponent) - places
    half_unit: float = 0.5 * 10.0**last_place
    return PrintedNumber(float(text), half_unit)
