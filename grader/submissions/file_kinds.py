"""Tell what kind of file was handed in where a notebook was expected."""

from __future__ import annotations

import re
import stat
from pathlib import Path, PurePosixPath
from typing import Literal

from grader.submissions.paths import NOTEBOOK

Kind = Literal["notebook", "link", "pdf", "script", "document", "archive", "page", "data"]

LOOKED_INTO = frozenset({".txt", ".url", ".webloc", ".html", ".htm", ".md", ".gdoc", ".desktop"})
"""Endings of files that may hold a link to a notebook."""

MAX_LOOKED_BYTES = 2**16
"""Bytes at the beginning of a file in which a link is looked for."""

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
    **dict.fromkeys((".zip", ".rar", ".7z", ".tar", ".tgz"), "archive"),
}
_LINK = re.compile(
    rb"https?://(?:colab\.research\.google\.com|colab\.google|(?:drive|docs)\.google\.com)/"
)


def kind_of(name: str, content: Path | None) -> Kind:
    """Return the kind of a file; `data` if nobody would hand it in for a notebook.

    Args:
        name: the name of the file.
        content: where its content lies; None if that is not needed or not there.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in LOOKED_INTO:
        content = None
    if content is not None and _LINK.search(_beginning(content)):
        return "link"

    return _BY_ENDING.get(suffix, "data")


def _beginning(file: Path) -> bytes:
    """Read the first bytes of a file; nothing of a pipe or a link.

    Zeros are removed, so that encodings with wide characters read the same.
    """
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            return b""

        with file.open("rb") as opened:
            return opened.read(MAX_LOOKED_BYTES).replace(b"\0", b"")
    except OSError:
        return b""
