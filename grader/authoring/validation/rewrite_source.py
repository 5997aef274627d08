"""Edit statements in the source of a cell, and keep everything else as written. Pure."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator, Sequence

from grader.notebook.code import parse_cell

SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return)
"""Statements without others inside."""

Edit = tuple[ast.stmt, str]
"""A statement, and its replacement; further lines are indented like it."""

_IDENTIFIER = r"(?<![\w.]){}(?!\w)"


class CellSource:
    """The source of a cell, and its statements."""

    def __init__(self, source: str) -> None:
        """Initialise with the source; one that is no Python has no statements."""
        self.source = source
        self.tree = parse_cell(source)
        self._code = source.encode()
        self._line_starts = [0]
        for line_feed in re.finditer(rb"\n", self._code):
            self._line_starts.append(line_feed.end())

    @property
    def statements(self) -> list[ast.stmt]:
        """Its statements at the top level."""
        return self.tree.body

    @property
    def has_magic(self) -> bool:
        """Whether it begins with a magic for the whole cell."""
        return self.source.lstrip().startswith("%%")

    def simple_statements(self) -> Iterator[ast.stmt]:
        """Yield the statements without nested ones, at any depth."""
        for node in ast.walk(self.tree):
            if isinstance(node, SIMPLE):
                yield node

    def lines_of(self, statement: ast.stmt) -> list[str]:
        """Return the lines of a statement."""
        lines = self.source.split("\n")
        return lines[statement.lineno - 1 : statement.end_lineno]

    def edited(self, edits: Sequence[Edit]) -> str:
        """Replace statements that do not overlap."""
        code = self._code
        for statement, text in sorted(edits, key=_place, reverse=True):
            start, end = self._span(statement)
            indent = " " * statement.col_offset
            indented = text.replace("\n", f"\n{indent}")
            before = code[:start]
            behind = code[end:]
            code = before + indented.encode() + behind
        return code.decode()

    def _span(self, node: ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._line_starts[node.lineno - 1] + node.col_offset
        end = self._line_starts[node.end_lineno - 1] + node.end_col_offset
        return start, end


def _place(edit: Edit) -> tuple[int, int]:
    statement, _ = edit
    return statement.lineno, statement.col_offset


def transformed(
    cell: CellSource,
    transformer: ast.NodeTransformer,
    takes: Callable[[ast.stmt], bool],
) -> str:
    """Rewrite the simple statements of a cell with a transformer.

    Args:
        cell: the cell.
        transformer: returns another tree.
        takes: returns whether to transform a statement.
    """
    edits: list[Edit] = []
    for statement in cell.simple_statements():
        if not takes(statement):
            continue
        before = ast.dump(statement)
        new = transformer.visit(copy.deepcopy(statement))
        if ast.dump(new) != before:
            text = ast.unparse(ast.fix_missing_locations(new))
            edits.append((statement, text))
    return cell.edited(edits)


def count_name(name: str, sources: Sequence[str]) -> int:
    """Count the occurrences of a name in some sources, including text and comments."""
    escaped = re.escape(name)
    pattern = _IDENTIFIER.format(escaped)
    text = "\n".join(sources)
    return len(re.findall(pattern, text))


def single_target(statement: ast.stmt) -> str:
    """Return the name that a statement assigns; empty if it is not a single name."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
    return ""
