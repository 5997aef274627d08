"""Know code that a handout has already, as a comment: "uncomment the line below". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNCOMMENT = re.compile(r"\b(uncomment|descoment[ea]|décommente[zr]?)\b", re.IGNORECASE)


def asks_to_uncomment(words: str) -> bool:
    """Return whether a mark asks for code that the handout has, and not for an answer."""
    return _UNCOMMENT.search(words) is not None


def is_commented_out(line: str, others: Iterable[str]) -> bool:
    """Return whether a line of code is in a comment of other lines."""
    code = _code_of(line)
    if not code:
        return False
    for other in others:
        comment = other.lstrip()
        if not comment.startswith("#"):
            continue
        commented = comment.lstrip("# \t")
        if _code_of(commented) == code:
            return True
    return False


def _code_of(line: str) -> str:
    """Return the code of a line, without the comment behind it."""
    code, _, _ = line.partition(" #")
    return code.strip()
