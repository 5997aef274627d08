"""Show where a value stands and what it is, for the report."""

from __future__ import annotations

from grader.grading.expectation import as_number
from grader.grading.knowledge import Headings
from grader.grading.search import Candidate
from grader.report import Evidence, Where
from grader.trace import Array, Graph, Other, Trace, Value


class Places:
    """Turns places of a trace into places of the student's notebook."""

    def __init__(self, trace: Trace, headings: Headings) -> None:
        self._sources = {cell.cell: cell.source.split("\n") for cell in trace.cells}
        self._headings = headings

    def where(self, cell: int, line: int = 0) -> Where:
        """The place of a line, with the line itself and the heading above it."""
        lines = self._sources.get(cell, [])
        source = lines[line - 1].strip()[:400] if 0 < line <= len(lines) else ""
        return Where(cell=cell, line=line, source=source, heading=self._headings(cell))

    def evidence(self, candidate: Candidate | None) -> Evidence | None:
        """Show a value and its place; None if there is none."""
        if candidate is None:
            return None
        place = candidate.place
        name = "" if place.path.startswith(UNNAMED) else place.path
        # The line of a function is that of the cell which defines it, and the recorder alone knows which.
        where = self.where(place.cell, place.line)
        where = where.model_copy(update={"source": candidate.event.source[:400] or where.source})
        return Evidence(where=where, name=name[:MAX_TEXT], value=show(candidate.value)[:MAX_TEXT])


def show(value: Value) -> str:
    """A value as an instructor reads it."""
    if isinstance(value, Array):
        number = as_number(value)
        if number is not None:
            return f"{number:.7g}"
        shown = ", ".join(f"{element:.6g}" for element in value.elements[:6])
        return f"[{shown}{', …' if value.size > 6 else ''}]"
    if isinstance(value, Graph):
        return f"make_dot({len(value.labels)})"
    if isinstance(value, Other):
        return value.type
    return (
        f"{value.value:.7g}" if value.kind == "number" else str(getattr(value, "value", value.kind))
    )


MAX_TEXT = 200
"""Most characters of a path or value that evidence shows."""


UNNAMED = ("argument[", "printed[", "return", "make_dot")
"""Paths of values that have no name of the student's own."""
