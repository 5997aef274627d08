"""Keep the pictures that cells display, for the pages that people read. Checks ignore them.

SECURITY: a picture is a student's bytes. Only PNG and JPEG are kept, as recognised by their first
bytes and not by their message's type, and pages show them only as data in an `img`. Their number
and size are limited.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from grader.trace import MAX_PICTURE_CHARACTERS, Picture, PictureType

MAX_PICTURES = 12
"""Most pictures of one notebook."""
MAX_CHARACTERS = 2_000_000
"""Most characters of all pictures of a notebook together, in base64."""

_FIRST_BYTES: dict[PictureType, bytes] = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
}


class Pictures:
    """The pictures of one notebook, in the order of their display."""

    def __init__(self) -> None:
        self.kept: list[Picture] = []
        self._characters = 0

    def take(self, cell: int, data: Any) -> None:
        """Keep the picture in a message, if there is one.

        Args:
            cell: index of the cell that displayed it.
            data: the `data` of a `display_data` or `execute_result` message: text by MIME type, or
                anything at all.
        """
        if not isinstance(data, dict):
            return
        for kind in _FIRST_BYTES:
            text = data.get(kind)
            if isinstance(text, str) and self._fits(text) and _is_picture(kind, text):
                self._characters += len(text)
                picture = Picture(cell=cell, type=kind, data=_without_line_breaks(text))
                self.kept.append(picture)
                return

    def _fits(self, text: str) -> bool:
        remaining = MAX_CHARACTERS - self._characters
        fits = len(text) <= min(MAX_PICTURE_CHARACTERS, remaining)
        return fits and len(self.kept) < MAX_PICTURES


def _is_picture(kind: PictureType, text: str) -> bool:
    return _decoded(text).startswith(_FIRST_BYTES[kind])


def _without_line_breaks(text: str) -> str:
    return "".join(text.split())


def _decoded(text: str) -> bytes:
    """Decode base64, possibly in several lines; empty if it is invalid."""
    try:
        return base64.b64decode(_without_line_breaks(text), validate=True)
    except (binascii.Error, ValueError):
        return b""
