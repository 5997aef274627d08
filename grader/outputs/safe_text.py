"""Make students' text safe for terminals and pages. No other module strips control characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

NAME_COLUMNS = 19
"""A longer name is broken into lines."""

LINE_BREAKS_AND_TABS = "\n\r\t\v\f\u2028\u2029"

REPLACEMENTS = {
    "Cc": "",
    "Cf": "",
    "Cs": "\ufffd",
    "Co": "\ufffd",
}
"""The replacement for a character, by its Unicode category.

Controls (Cc) are dropped, and so is Cf: it holds the bidi overrides and isolates, and everything
of no width. Surrogates (Cs) and private characters (Co) become a replacement character.
"""

_ESCAPES = re.compile(
    # CSI: colours, cursor, clearing
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    # OSC, DCS, …: titles, links
    r"|(?:\x1b[\]P^_X]|[\x9d\x90\x9e\x9f\x98])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
)
"""Escape sequences of ECMA-48, in their 7-bit and 8-bit forms."""

_NAME_PART = re.compile(r"[^-_ ]*[-_ ]?")
"""A part of a name: a line may end behind it."""

_PATH_PART = re.compile(r"[^-_/ ]*[-_/ ]|[^-_/ ]+")
"""A part of a path: a line may end behind it."""


def plain(text: str) -> str:
    """Remove everything from a text that could control a terminal.

    SECURITY: no escape sequence, control or bidi character is left.

    Line breaks and tabs become spaces, so that one text stays on its own line. Square brackets
    stay: nothing shown is parsed as markup.
    """
    without_escapes = _ESCAPES.sub("", text)
    characters = [_harmless(character) for character in without_escapes]
    return "".join(characters).strip()


def _harmless(character: str) -> str:
    if character in LINE_BREAKS_AND_TABS:
        return " "
    category = unicodedata.category(character)
    return REPLACEMENTS.get(category, character)


def safe(text: str, style: str = "") -> Text:
    """Return a text that is safe on a terminal and never parsed as markup."""
    return Text(plain(text), style=style)


def wrapped_name(name: str) -> Text:
    """Wrap a name after hyphens, underscores and spaces; cut only longer parts."""
    line = ""
    lines = []
    for part in _NAME_PART.findall(plain(name)):
        if line and len(line + part) > NAME_COLUMNS:
            lines.append(line)
            line = ""
        line += part
    lines.append(line)

    rows: list[Text] = []
    for line in lines:
        rows += _pieces(line)
    return Text("\n").join(rows)


def _pieces(line: str) -> Iterator[Text]:
    for start in range(0, len(line), NAME_COLUMNS):
        piece = line[start : start + NAME_COLUMNS]
        yield safe(piece)


@dataclass(frozen=True)
class WrappedText:
    """A text on as many lines as it needs.

    A line ends behind `/`, `-`, `_` or a space; only a part that is longer than a line is cut.
    """

    text: str
    """The text shown, harmless to a terminal."""
    style: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = [line.rstrip(" ") for line in self.lines(options.max_width)]
        yield Text("\n".join(lines), self.style)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        parts = _PATH_PART.findall(self.text)
        widths = [cell_len(part) for part in parts]
        longest = max(widths, default=0)
        measurement = Measurement(longest, cell_len(self.text))
        return measurement.with_maximum(options.max_width)

    def lines(self, width: int) -> Iterator[str]:
        """Wrap the text at a width in columns, without losing any of it."""
        line = ""
        for part in _PATH_PART.findall(self.text):
            visible = part.rstrip(" ")

            if line and cell_len(line + visible) > width:
                yield line
                line = ""

            if cell_len(visible) <= width:
                line += part
                continue

            *full_lines, remainder = chop_cells(part, width)
            yield from full_lines
            line += remainder
        yield line
