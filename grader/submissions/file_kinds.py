"""What kind of file was handed in, where it should have been a notebook."""

from __future__ import annotations

import re
import stat
from pathlib import Path, PurePosixPath
from typing import Literal

Kind = Literal["notebook", "link", "pdf", "script", "document", "archive", "page", "data"]

NOTEBOOK = ".ipynb"
LOOKED_INTO = frozenset({".txt", ".url", ".webloc", ".html", ".htm", ".md", ".gdoc", ".desktop"})
"""Endings of files that may hold a link to a notebook."""
MAX_LOOKED_BYTES = 2**16

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
    """The kind of a file; `data` if it is none that is handed in for a notebook.

    Args:
        name: its name.
        content: where what is in it lies; None if that is not needed or not there.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in LOOKED_INTO and content is not None and _LINK.search(_beginning(content)):
        return "link"
    return _BY_ENDING.get(suffix, "data")


def _beginning(file: Path) -> bytes:
    """The first bytes of a file, without zeros, so that wide encodings read the same; nothing of a pipe or a link."""
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            return b""
        with file.open("rb") as opened:
            return opened.read(MAX_LOOKED_BYTES).replace(b"\0", b"")
    except OSError:
        return b""
