"""Write code for a newer Python as this release reads it. Imports the standard library alone.

Colab may have a newer Python than the grader: that is no mistake of the student's.
"""

from __future__ import annotations

import sys
from typing import Any

from grader.kernel.portability.newer_strings import is_python, with_older_strings
from grader.kernel.portability.type_parameters import OlderCode, define, without_type_parameters

MAX_SOURCE = 100_000
"""Characters of the longest code that is rewritten."""

KNOWN_UP_TO = (3, 14)
"""Release up to which new syntax is known here."""


def as_older_python(code: str) -> str:
    """Rewrite code that this release cannot parse, if a newer one can.

    Returns:
        The code as it was if that does not make it Python. Lines stay where they are.
    """
    return _rewritten(code).code


def install(shell: Any) -> None:
    """Make a shell rewrite its cells.

    Args:
        shell: the kernel's IPython shell.
    """
    if sys.version_info < KNOWN_UP_TO:
        shell.input_transformers_post.append(rewrite_lines)


def rewrite_lines(lines: list[str]) -> list[str]:
    """Rewrite the lines of a cell; an input transformer of IPython."""
    rewritten = _rewritten("".join(lines))
    define(rewritten.parameters)
    return rewritten.code.splitlines(keepends=True)


def _rewritten(code: str) -> OlderCode:
    if len(code) > MAX_SOURCE or is_python(code):
        return OlderCode(code)
    plain_strings = with_older_strings(code)
    older = without_type_parameters(plain_strings)
    return older if is_python(older.code) else OlderCode(code)
