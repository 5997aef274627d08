"""Compares what a notebook was saved with to what a fresh run prints. Pure."""

from __future__ import annotations

import math

from grader.checks.finding import PRINTED_NUMBER


def contradicted(saved: str, printed: str) -> tuple[str, str] | None:
    """The first number that a fresh run prints otherwise, as saved and as printed; None if they agree.

    Only outputs of the same count of numbers are compared: others were made by other code.
    """
    before = [found[0] for found in PRINTED_NUMBER.finditer(saved)]
    now = [found[0] for found in PRINTED_NUMBER.finditer(printed)]
    if len(before) != len(now):
        return None
    pairs = zip(before, now, strict=True)
    return next(
        ((a, b) for a, b in pairs if not math.isclose(_number(a), _number(b), rel_tol=1e-3, abs_tol=1e-6)),
        None,
    )


def _number(text: str) -> float:
    return float(text.replace(",", "."))
