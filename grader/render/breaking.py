"""A text that is broken behind signs where a column is too narrow for it: a path in the middle of no word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

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
