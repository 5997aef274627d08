"""Decide which names files may have in a notebook's working directory, by an allow-list."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

MAX_DEPTH = 4
"""Parts that a name has at most."""

_PART = re.compile(r"\w[\w .()+-]{0,98}")


def is_plain(name: str) -> bool:
    """Return whether a file may have this relative path, with `/` between its parts.

    SECURITY: each part begins with a letter, a digit or an underscore. So it has no hidden files,
    no `..`, no options, no control characters, no targets of links and no drive letters.
    """
    parts = PurePosixPath(name).parts
    if not 0 < len(parts) <= MAX_DEPTH:
        return False
    return all(_is_plain_part(part) for part in parts)


def _is_plain_part(part: str) -> bool:
    if part.endswith((" ", ".")):
        return False
    return _PART.fullmatch(part) is not None
