"""Compare the sources of cells by their lines. Runs inside the student's kernel."""

from __future__ import annotations


def is_part(source: str, cell: str) -> bool:
    """Return whether a source equals a cell with some of its lines left blank."""
    lines = source.split("\n")
    cell_lines = cell.split("\n")
    if len(lines) != len(cell_lines):
        return False
    pairs = zip(lines, cell_lines, strict=True)
    return all(line in ("", cell_line) for line, cell_line in pairs)


def line_breaks(source: str) -> int:
    """Count the line breaks of a source, without trailing ones."""
    return source.rstrip().count("\n")


def blank_lines(source: str) -> int:
    """Count the leading blank lines of a source.

    IPython leaves them out and counts from the next.
    """
    lines = source.split("\n")
    for index, line in enumerate(lines):
        if line.strip():
            return index
    return 0
