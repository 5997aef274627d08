"""Recognise the kind of a file that was submitted in place of a notebook."""

from __future__ import annotations

import re
import stat
from pathlib import Path, PurePosixPath
from typing import Literal

from grader.submissions.paths import NOTEBOOK

Kind = Literal[
    "notebook", "link", "pdf", "script", "document", "archive", "page", "picture", "data"
]

LOOKED_INTO = frozenset({".txt", ".url", ".webloc", ".html", ".htm", ".md", ".gdoc", ".desktop"})
"""Extensions of files that may contain a link to a notebook."""

MAX_LOOKED_BYTES = 2**16
"""Bytes at the beginning of a file in which a link is looked for."""

MAX_NOTEBOOK_BYTES = 50 * 2**20
"""Bytes at the beginning of a file in which the marks of a notebook are looked for."""

_BEFORE_JSON = b" \t\r\n\xef\xbb\xbf\xff\xfe"
"""White space and byte order marks."""

_BY_ENDING: dict[str, Kind] = {
    NOTEBOOK: "notebook",
    ".pdf": "pdf",
    ".py": "script",
    ".r": "script",
    ".html": "page",
    ".htm": "page",
    ".gdoc": "link",
    ".gsheet": "link",
    ".url": "link",
    ".webloc": "link",
    **dict.fromkeys((".doc", ".docx", ".odt", ".rtf", ".pages", ".ppt", ".pptx"), "document"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".heic", ".webp", ".gif", ".tiff"), "picture"),
    **dict.fromkeys((".zip", ".rar", ".7z", ".tar", ".tgz"), "archive"),
}
_LINK = re.compile(
    rb"https?://(?:colab\.research\.google\.com|colab\.google|(?:drive|docs)\.google\.com)/"
)


def kind_of(name: str, content: Path | None) -> Kind:
    """Return the kind of a file; `data` if nobody would submit it as a notebook.

    Args:
        name: the name of the file.
        content: path of its content; None if that is not needed or not there.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in LOOKED_INTO:
        content = None
    if content is not None and _LINK.search(_beginning(content)):
        return "link"

    return _BY_ENDING.get(suffix, "data")


def holds_notebook(file: Path) -> bool:
    """Return whether the content of a file is a notebook, whatever its name.

    A browser or a mail program may have given it another ending; one that is cut off is one, too.
    """
    beginning = _beginning(file, 64)
    if not beginning.lstrip(_BEFORE_JSON).startswith(b"{"):
        return False

    content = _beginning(file, MAX_NOTEBOOK_BYTES)
    has_cells = b'"cells"' in content or b'"worksheets"' in content
    if not has_cells:
        return False
    return b'"cell_type"' in content or b'"nbformat"' in content


def is_packed(file: Path) -> bool:
    """Return whether the content of a file is a zip, whatever its name."""
    return _beginning(file, 4) == b"PK\3\4"


def _beginning(file: Path, size: int = MAX_LOOKED_BYTES) -> bytes:
    """Read the first bytes of a file; empty for a pipe or a link.

    Zeros are removed, so that encodings with wide characters read the same.
    """
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            return b""

        with file.open("rb") as opened:
            return opened.read(size).replace(b"\0", b"")
    except OSError:
        return b""
