"""Limit a cell's displays: pictures by number and size, other output as text.

Runs inside the student's kernel. Pictures are for the pages that people read; a cell that shows too
many continues without them.
"""

from __future__ import annotations

import base64
import contextlib
import io
import sys
from collections.abc import Mapping
from typing import Any

from grader.kernel.recording.recorder import Recorder
from grader.kernel.recording.streams import OutputLimit

CELL_PICTURES = 6
"""Most pictures of one cell: a figure for each epoch leaves room for those of later cells."""

NOTEBOOK_PICTURES = 12
"""Most pictures of a notebook: see `running/pictures.py`."""

MAX_CHARACTERS = 400_000
"""Most characters of one picture in base64: see `trace.MAX_PICTURE_CHARACTERS`."""

MAX_SIDES = (900, 600, 300)
"""Longest sides, in pixels, that a picture which is too large is given, until it fits."""

JPEG_QUALITY = 80

MEDIA = ("image/", "audio/", "video/", "application/pdf")
"""Beginnings of the MIME types that do not count as text."""

Bundle = dict[str, Any]
"""Data of a display, by MIME type."""


class Displays:
    """Limits the displays of one kernel."""

    def __init__(self, recorder: Recorder, limit: OutputLimit) -> None:
        """Initialise with the recorder, and the counter of a cell's output."""
        self._recorder = recorder
        self._limit = limit
        self._of_notebook = NOTEBOOK_PICTURES
        self._of_cell = CELL_PICTURES
        self._noted = False

    def install(self, shell: Any) -> None:
        """Route a shell's displays through this object."""
        self._bound_publisher(shell.display_pub)
        self._bound_results(shell.displayhook)

    def _bound_publisher(self, publisher: Any) -> None:
        publish = publisher.publish
        clear_output = publisher.clear_output

        def bounded_publish(data: Any, *args: Any, **named: Any) -> None:
            bundle = self.bounded(data)
            if bundle:
                publish(bundle, *args, **named)

        def bounded_clear(wait: bool = False) -> None:
            if self._limit.grants_message():
                clear_output(wait)

        publisher.publish = bounded_publish
        publisher.clear_output = bounded_clear

    def _bound_results(self, displayhook: Any) -> None:
        write = displayhook.write_format_data

        def bounded_write(format_dict: Any, *args: Any, **named: Any) -> None:
            write(self.bounded(format_dict), *args, **named)

        displayhook.write_format_data = bounded_write

    def begin_cell(self) -> None:
        """Reset the count of pictures for the next cell."""
        self._of_cell = CELL_PICTURES

    @property
    def wants_picture(self) -> bool:
        """Return whether another picture may be kept; note it if not."""
        if self._limit.hidden:
            return False
        wanted = min(self._of_cell, self._of_notebook) > 0
        if not wanted:
            self._note()
        return wanted

    def _note(self) -> None:
        if not self._noted:
            self._noted = True
            self._recorder.note("picture left-out")

    def bounded(self, data: Any) -> Any:
        """Return the parts of a display that may be sent: some pictures, and short texts.

        Args:
            data: its data by MIME type; anything else is returned unchanged.
        """
        if not isinstance(data, Mapping):
            return data
        if not self._limit.grants_message():
            return {}

        bundle: Bundle = {}
        media: Bundle = {}
        for kind, value in data.items():
            if str(kind).startswith(MEDIA):
                media[kind] = value
            else:
                self._add_text(bundle, kind, value)

        if media and self.wants_picture:
            self._add_media(bundle, media)
        return bundle

    def _add_text(self, bundle: Bundle, kind: str, value: Any) -> None:
        """Add text within the limit: plain text may be cut, HTML and the like may not."""
        is_text = isinstance(value, str)
        size = len(value) if is_text else len(str(value))
        granted = self._limit.grant(size)
        if granted == size:
            bundle[kind] = value
        elif is_text and kind == "text/plain":
            bundle[kind] = value[:granted]

    def _add_media(self, bundle: Bundle, media: Bundle) -> None:
        """Add the pictures of one display; large ones are made smaller."""
        self._of_cell -= 1
        self._of_notebook -= 1

        for kind, value in media.items():
            characters = len(value)
            if not isinstance(value, str):  # as base64
                characters = characters * 4 // 3
            if characters <= MAX_CHARACTERS:
                bundle[kind] = value
                continue
            self._note()
            with contextlib.suppress(Exception):
                bundle["image/jpeg"] = smaller_picture(value)


def smaller_picture(value: Any) -> str:
    """Convert a picture to a JPEG of at most 900 pixels a side.

    Args:
        value: the picture's bytes, or their base64.

    Returns:
        The JPEG in base64.

    Raises:
        ValueError: it is too large even so.
        Exception: it is no picture that Pillow reads, or there is no Pillow.
    """
    pillow = sys.modules["PIL.Image"]
    data = value
    if isinstance(value, str):
        data = base64.b64decode(value)
    with pillow.open(io.BytesIO(data)) as picture:
        picture.thumbnail((MAX_SIDES[0], MAX_SIDES[0]))
        painted = picture.convert("RGBA")
    white = pillow.new("RGBA", painted.size, "white")
    white.alpha_composite(painted)
    opaque = white.convert("RGB")

    for side in MAX_SIDES:
        opaque.thumbnail((side, side))
        file = io.BytesIO()
        opaque.save(file, "JPEG", quality=JPEG_QUALITY)
        text = base64.b64encode(file.getvalue()).decode("ascii")
        if len(text) <= MAX_CHARACTERS:
            return text
    raise ValueError("The picture is too large.")
