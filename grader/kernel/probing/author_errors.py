"""Tell exceptions of an author's own functions from those of a student's code.

Runs in the student's kernel. An author's function may be written for one kind of object, and raise
on another that is as right: for tensors, and not for a data frame.
"""

from __future__ import annotations

import types
from collections.abc import Iterator

from grader.kernel.probing.overrides import OWN_MODULES
from grader.kernel.recording.aliases import AUTHORS_MODULE
from grader.kernel.recording.inspection import is_main

RAISED_IN = "(raised in)"
"""Path of the record of the place where an exception was raised, if that is no student's code."""

AUTHORS = "author"
"""An author's function raised, and called none of the student's to do so."""

EXPRESSION = "expression"
"""The expression itself raised, or a library that it called."""

ENDED = (TimeoutError, KeyboardInterrupt)
"""Exceptions that end a call from outside."""


def place_of(error: BaseException | None) -> str:
    """Return where an exception was raised: `AUTHORS`, `EXPRESSION`; empty for a student's code."""
    if not isinstance(error, Exception) or isinstance(error, ENDED):
        return ""
    is_in_function = False
    is_students = False
    for frame in _frames(error.__traceback__):
        module = frame.f_globals.get("__name__")
        if module == AUTHORS_MODULE:
            is_in_function = is_in_function or _is_named(frame)
        elif _is_students(module):
            if is_in_function:
                return ""
            is_students = True
    if is_in_function:
        return AUTHORS
    return "" if is_students else EXPRESSION


def _frames(traceback: types.TracebackType | None) -> Iterator[types.FrameType]:
    """List the frames that an exception went through, the outermost first."""
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next


def _is_named(frame: types.FrameType) -> bool:
    """Return whether a frame is that of a `def`: the others are called `<module>` and the like."""
    return not frame.f_code.co_name.startswith("<")


def _is_students(module: object) -> bool:
    if is_main(module):
        return True
    if type(module) is not str:
        return False
    package, _, _ = module.partition(".")
    return package in OWN_MODULES
