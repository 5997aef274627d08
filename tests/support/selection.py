"""Tell which test files hold tests of the kinds asked for: to import all takes half a minute."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from pathlib import Path

KINDS = ("kernel", "browser")
"""Marks that `make` chooses tests by. A file must name those that it gives: `mark.kernel`."""

_WHOLE_FILE = re.compile(r"^pytestmark = .*", re.MULTILINE)


def may_hold_tests(path: Path, expression: str) -> bool:
    """Tell whether a file may hold tests that an expression of pytest's option `-m` chooses.

    Args:
        path: a file of Python.
        expression: marks, as in `kernel and not browser`; empty: every test.
    """
    named, given_to_all = _kinds_of(path)
    choices = [_choices(kind in named, kind in given_to_all) for kind in KINDS]
    marks_of_tests = product(*choices)
    return any(_is_chosen(expression, marks) for marks in marks_of_tests)


def _choices(named: bool, given_to_all: bool) -> tuple[bool, ...]:
    """List whether a test of a file has a mark: one of them may have it, and another not."""
    if given_to_all:
        return (True,)
    return (True, False) if named else (False,)


@cache
def _kinds_of(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return the kinds that a file names, and those that it gives to all its tests."""
    text = path.read_text("utf-8")
    whole_file = "\n".join(_WHOLE_FILE.findall(text))
    named = frozenset(kind for kind in KINDS if f"mark.{kind}" in text)
    given_to_all = frozenset(kind for kind in KINDS if f"mark.{kind}" in whole_file)
    return named, given_to_all


def _is_chosen(expression: str, marks: tuple[bool, ...]) -> bool:
    if not expression:
        return True
    try:
        return bool(eval(expression, {"__builtins__": {}}, dict(zip(KINDS, marks, strict=True))))
    except (NameError, SyntaxError):
        return True  # it asks for other marks, too
