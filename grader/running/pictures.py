"""Keeps the pictures that cells display, for the pages that people read. Checks never see them.

SECURITY: a picture is a student's bytes. It is kept only as PNG or JPEG, by its first bytes and not by what its message
says, as data that a page shows in an `img`; and few and small ones only.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from grader.trace import MAX_PICTURE_CHARACTERS, Picture, PictureType

MAX_PICTURES = 12
"""Most pictures of one notebook."""
MAX_CHARACTERS = 2_000_000
"""Most of all its pictures together, in base64."""

_BEGINS: dict[PictureType, bytes] = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
}


class Pictures:
    """The pictures of one notebook, in the order they were displayed."""

    def __init__(self) -> None:
        self.kept: list[Picture] = []
        self._characters = 0

    def take(self, cell: int, data: Any) -> None:
        """Keep the picture of a message, if it has one.

        Args:
            cell: index of the cell that displayed it.
            data: the `data` of a `display_data` or `execute_result` message: text by MIME type, or anything at all.
        """
        for kind, begins in _BEGINS.items():
            text = data.get(kind) if isinstance(data, dict) else None
            if isinstance(text, str) and self._fits(text) and _decoded(text).startswith(begins):
                self._characters += len(text)
                self.kept.append(Picture(cell=cell, type=kind, data="".join(text.split())))
                return

    def _fits(self, text: str) -> bool:
        fits = len(text) <= min(MAX_PICTURE_CHARACTERS, MAX_CHARACTERS - self._characters)
        return fits and len(self.kept) < MAX_PICTURES


def _decoded(text: str) -> bytes:
    """The bytes of base64, which may be broken into lines; none if it is not base64."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
