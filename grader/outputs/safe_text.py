"""Make text of a student harmless: for terminals and pages. Nothing else escapes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text


def plain(text: str) -> str:
    """Text that cannot steer a terminal. SECURITY: no escape sequence, control or bidi character is left.

    Line breaks and tabs become spaces, so that one text stays on its own line. Square brackets stay: nothing
    shown is parsed as markup.
    """
    shown = "".join(_character(character) for character in _ESCAPES.sub("", text))
    return shown.strip()


def _character(character: str) -> str:
    if character in "\n\r\t\v\f\u2028\u2029":
        return " "
    category = unicodedata.category(character)
    # Cf holds the bidi overrides and isolates, and everything of no width.
    return {"Cc": "", "Cf": "", "Cs": "�", "Co": "�"}.get(category, character)


def safe(text: str, style: str = "") -> Text:
    """Text of a student's, an instructor's or ours, harmless to a terminal and never parsed as markup."""
    return Text(plain(text), style=style)


def broken(name: str) -> Text:
    """A name on as many lines as it needs, broken behind hyphens and underscores rather than cut."""
    lines = [""]
    for part in re.findall(r"[^-_ ]*[-_ ]?", plain(name)):
        lines[-1:] = (
            [lines[-1] + part]
            if len(lines[-1] + part) <= NAME_COLUMNS
            else [*filter(None, lines[-1:]), part]
        )
    wrapped = (
        line[at : at + NAME_COLUMNS] for line in lines for at in range(0, len(line), NAME_COLUMNS)
    )
    return Text("\n").join(safe(line) for line in wrapped)


_ESCAPES = re.compile(
    # CSI: colours, cursor, clearing
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    # OSC, DCS, …: titles, links
    r"|(?:\x1b[\]P^_X]|[\x9d\x90\x9e\x9f\x98])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
)
"""Escape sequences of ECMA-48, in their 7-bit and 8-bit forms."""


NAME_COLUMNS = 19
"""A longer name is broken into lines."""


_PART = re.compile(r"[^-_/ ]*[-_/ ]|[^-_/ ]+")


@dataclass(frozen=True)
class Breaking:
    """A text on as many lines as it needs, each broken behind `/`, `-`, `_` or a space; only a longer part is cut."""

    text: str
    """What is shown, harmless to a terminal."""
    style: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = (line.rstrip(" ") for line in self.lines(options.max_width))
        yield Text("\n".join(lines), self.style)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        longest = max((cell_len(part) for part in _PART.findall(self.text)), default=0)
        return Measurement(longest, cell_len(self.text)).with_maximum(options.max_width)

    def lines(self, width: int) -> Iterator[str]:
        """The lines at a width, in columns."""
        line = ""
        for part in _PART.findall(self.text):
            if line and cell_len(line + part.rstrip(" ")) > width:
                yield line
                line = ""
            *cut, rest = chop_cells(part, width) if cell_len(part.rstrip(" ")) > width else [part]
            yield from cut
            line += rest
        yield line
