"""Names that files in a notebook's working directory may have: an allow-list."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

MAX_DEPTH = 4
_PART = re.compile(r"\w[\w .()+-]{0,98}")


def is_plain(name: str) -> bool:
    """Whether a relative path, with `/` between its parts, is one that a file may be laid out under.

    SECURITY: each part begins with a letter, a digit or an underscore, so there are no hidden files, no `..` and no
    options in it; there are no controls, no links' targets and no drive letters either.
    """
    parts = PurePosixPath(name).parts
    return 0 < len(parts) <= MAX_DEPTH and all(
        _PART.fullmatch(part) and not part.endswith((" ", ".")) for part in parts
    )
