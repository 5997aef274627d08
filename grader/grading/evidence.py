"""Format a value and its place, for the report."""

from __future__ import annotations

from grader.grading.agreement import as_number
from grader.grading.knowledge import Headings
from grader.grading.search import Candidate
from grader.report import Evidence, Where
from grader.trace import (
    Array,
    Bool,
    Graph,
    Items,
    Module,
    Nothing,
    Number,
    Other,
    Text,
    Trace,
    Value,
)

MAX_TEXT = 200
"""Most characters of a path or value that evidence shows."""

MAX_SOURCE = 400
"""Most characters of a line that evidence shows."""

MAX_SHOWN_ELEMENTS = 6
"""Most elements of a tensor or list that are shown."""

BRACKETS = {"tuple": "({})", "list": "[{}]", "dict": "{{{}}}"}

UNNAMED = ("argument[", "printed[", "return", "make_dot")
"""Beginnings of the paths of values that have no name of the student's own."""


class Places:
    """Translates places of a trace into places of the student's notebook."""

    def __init__(self, trace: Trace, headings: Headings) -> None:
        self._sources = {cell.cell: cell.source for cell in trace.cells}
        self._headings = headings

    def where(self, cell: int, line: int = 0) -> Where:
        """Return the place of a line, with the line itself and the heading above it."""
        lines = self._sources.get(cell, "").split("\n")
        source = ""
        if 0 < line <= len(lines):
            source = lines[line - 1].strip()
        return Where(
            cell=cell,
            line=line,
            source=source[:MAX_SOURCE],
            heading=self._headings(cell),
        )

    def evidence(self, candidate: Candidate | None) -> Evidence | None:
        """Show a value and its place; None if there is none."""
        if candidate is None:
            return None

        place = candidate.place
        path = place.path
        name = "" if path.startswith(UNNAMED) else path
        where = self.where(place.cell, place.line)
        source = candidate.event.source[:MAX_SOURCE]
        if source:
            # The line of a function is that of the cell which defines it, and the recorder alone
            # knows which.
            line = place.line
            if not _begins_alike(source, where.source):
                line = 0
            where = where.model_copy(update={"source": source, "line": line})
        value = show(candidate.value)
        return Evidence(
            where=where,
            name=name[:MAX_TEXT],
            value=value[:MAX_TEXT],
        )


def _begins_alike(source: str, line: str) -> bool:
    """Return whether a statement is on a line, which may have others, or a comment, beside it."""
    first, _, _ = source.partition("\n")
    code = first.strip()
    return bool(line) and code in line


def show(value: Value) -> str:
    """Format a value for instructors."""
    match value:
        case Number():
            return f"{value.value:.7g}"
        case Array():
            return _show_array(value)
        case Graph():
            return f"make_dot({len(value.labels)})"
        case Bool() | Text():
            return str(value.value)
        case Nothing():
            return "None"
        case Module():
            return f"{value.name}({value.parameters})"
        case Items():
            return _show_items(value)
        case Other():
            return value.type
    return value.kind


def _show_items(items: Items) -> str:
    parts = [show(entry) for entry in items.entries[:MAX_SHOWN_ELEMENTS]]
    if items.form == "dict":
        pairs = zip(items.keys, parts, strict=False)
        parts = [f"{key}: {part}" for key, part in pairs]
    more = ""
    if len(items.entries) > MAX_SHOWN_ELEMENTS:
        more = ", …"
    joined = ", ".join(parts)
    return BRACKETS[items.form].format(joined + more)


def _show_array(array: Array) -> str:
    number = as_number(array)
    if number is not None:
        return f"{number:.7g}"
    elements = array.elements[:MAX_SHOWN_ELEMENTS]
    parts = [f"{element:.6g}" for element in elements]
    shown = ", ".join(parts)
    more = ", …" if array.size > MAX_SHOWN_ELEMENTS else ""
    return f"[{shown}{more}]"
