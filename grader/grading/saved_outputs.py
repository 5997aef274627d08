"""Compares what a notebook was saved with to what a fresh run prints and displays. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.grading.search import PRINTED_NUMBER


def contradicted(
    saved: str, printed: str, displayed: Sequence[float] = ()
) -> tuple[str, str] | None:
    """The first number that a fresh run gives otherwise, as saved and as it is now; None if they agree.

    Only outputs of the same count of numbers are compared: others were made by other code.

    Args:
        saved: the saved outputs of a cell, as text.
        printed: what the cell prints now.
        displayed: the numbers of what it displays at its end. They are compared to the printed precision of what was
            saved; what was saved without decimals is exact.
    """
    before = [found[0] for found in PRINTED_NUMBER.finditer(saved)]
    now = [found[0] for found in PRINTED_NUMBER.finditer(printed)]
    if len(before) != len(now) + len(displayed):
        return None
    pairs = [(a, b, 1e-6) for a, b in zip(before, now, strict=False)]
    pairs += [(a, f"{b:.7g}", _unit(a)) for a, b in zip(before[len(now) :], displayed, strict=True)]
    return next(
        (
            (a, b)
            for a, b, unit in pairs
            if not math.isclose(_number(a), _number(b), rel_tol=1e-3, abs_tol=unit)
        ),
        None,
    )


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _unit(text: str) -> float:
    """A unit of the last place of a number with decimals; next to nothing for one without."""
    mantissa, _, exponent = text.replace(",", ".").lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return max(1e-6, 10.0 ** (int(exponent or 0) - decimals)) if decimals else 1e-6
