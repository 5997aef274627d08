"""Limit how much of a notebook is read.

Honest notebooks stay within these limits. Without them, a malicious file could take the grader
hours, or all memory: docs/limits.md.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

from grader.errors import SubmissionUnreadable
from grader.notebook.cells import NotebookCell

MAX_OBJECTS = 200_000
MAX_ITEMS = 3_000_000
"""Most objects and lists, and items of both, in a notebook file.

SECURITY: an item of two bytes takes up to a hundred times that in memory. A notebook of a thousand
cells has some 5,000 objects; plots that keep their points in the file have more items.
"""

MAX_CELLS = 1_000
"""Most cells of a notebook. Each cell of code costs the grader some 10 ms, whatever it does."""

MAX_MARKS = 100_000
"""Most characters of all code that are neither letters nor digits: some 8,000 lines.

SECURITY: a tree of syntax has a few nodes for each of them, of a hundred bytes or more.
"""

MAX_CODE_MIB = 8
MAX_TEXT_MIB = 2
"""Most text in cells of code, and in other cells; pictures in them do not count."""

MIB = 2**20
_ASCII_WORD = string.ascii_letters + string.digits + "_"
_BEYOND_ASCII = bytes(range(128, 256))
_IN_WORDS = _ASCII_WORD.encode() + _BEYOND_ASCII
"""Bytes of words in UTF-8: those of letters beyond ASCII are taken as theirs."""

_CONTENT = re.compile(r"(;base64,)[A-Za-z0-9+/=]{64,}")


def check_parts(data: bytes) -> None:
    """Refuse a file with too many parts, before building anything from it.

    Raises:
        SubmissionUnreadable: it has more objects or items than any notebook.
    """
    objects = data.count(b"{")
    objects += data.count(b"[")
    if objects > MAX_OBJECTS:
        raise _too_many_parts()
    items = data.count(b",")
    if items > MAX_ITEMS:
        raise _too_many_parts()


def check_count(cells: int) -> None:
    """Refuse a notebook of too many cells.

    Raises:
        SubmissionUnreadable: it has more than any notebook.
    """
    if cells > MAX_CELLS:
        raise _too_many_parts()


def check_text(cells: Sequence[NotebookCell]) -> None:
    """Refuse a notebook of too much code or text.

    Raises:
        SubmissionUnreadable: it has more of it than any notebook.
    """
    code_size = 0
    text_size = 0
    for cell in cells:
        size = len(cell.source)
        if cell.kind == "code":
            code_size += size
        else:
            text_size += size
    if code_size > MAX_CODE_MIB * MIB:
        raise _too_much_text()
    if text_size > MAX_TEXT_MIB * MIB:
        raise _too_much_text()

    marks = 0
    for cell in cells:
        if cell.kind == "code":
            marks += _count_marks(cell.source)
    if marks > MAX_MARKS:
        raise _too_much_text()


def _count_marks(source: str) -> int:
    data = source.encode("utf-8", "replace")
    marks = data.translate(None, _IN_WORDS)
    return len(marks)


def _too_much_text() -> SubmissionUnreadable:
    return SubmissionUnreadable(
        "unreadable.too-much-text",
        code=MAX_CODE_MIB,
        text=MAX_TEXT_MIB,
    )


def without_pictures(cell: NotebookCell) -> NotebookCell:
    """Remove embedded pictures from a text cell: Jupyter and Colab store them there."""
    if cell.kind == "code" or ";base64," not in cell.source:
        return cell
    source = _CONTENT.sub(r"\1", cell.source)
    return cell.model_copy(update={"source": source})


def _too_many_parts() -> SubmissionUnreadable:
    return SubmissionUnreadable("unreadable.too-many-parts", cells=MAX_CELLS)
