"""Replace parts of a line of code, by the columns of its syntax tree's nodes. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

_BRACKETED = re.compile(rb"(?<![\w)\]])\($")
"""An opening bracket that is none of a call's."""
_Atom = ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.Constant
"""An expression that never needs brackets."""


@dataclass(frozen=True)
class Replacement:
    """A replacement for some columns of a line; columns count bytes, as in a tree."""

    line: int
    start: int
    end: int
    text: str

    def overlaps(self, other: Replacement) -> bool:
        """Return whether two replacements on one line touch the same columns."""
        if self.end <= other.start:
            return False
        return self.start < other.end


class CellSource:
    """The code of a cell, line by line."""

    def __init__(self, source: str) -> None:
        self._lines = [line.encode() for line in source.split("\n")]

    def line(self, number: int) -> str:
        """Return a line, from 1."""
        return self._lines[number - 1].decode()

    def text(self, node: ast.expr) -> str:
        """Return the source of a node.

        That of a node on several lines is unparsed.
        """
        if node.lineno != node.end_lineno:
            return ast.unparse(node)
        line = self._lines[node.lineno - 1]
        return line[node.col_offset : node.end_col_offset].decode()

    def operand(self, node: ast.expr) -> str:
        """Return the text of a node, in brackets if it needs some to be part of another."""
        text = self.text(node)
        if isinstance(node, _Atom):
            return text
        return f"({text})"

    def replace(self, node: ast.expr | ast.stmt, text: str) -> list[Replacement]:
        """Replace a node that is on one line.

        Brackets around the node go too, where the text needs none.
        """
        if node.lineno != node.end_lineno or node.end_col_offset is None:
            return []
        start = node.col_offset
        end = node.end_col_offset
        line = self._lines[node.lineno - 1]
        opens = _BRACKETED.search(line[:start])
        closes = line[end:].startswith(b")")
        if opens and closes and _needs_no_brackets(text):
            start -= 1
            end += 1
        return [Replacement(node.lineno, start, end, text)]

    def put_before(self, statement: ast.stmt, text: str) -> list[Replacement]:
        """Insert a text before a statement that is on one line."""
        if statement.lineno != statement.end_lineno:
            return []
        column = statement.col_offset
        return [Replacement(statement.lineno, column, column, text)]

    def apply(self, replacements: Sequence[Replacement]) -> str:
        """Return a line with some replacements applied."""
        line = self._lines[replacements[0].line - 1]
        for replacement in sorted(replacements, key=_start, reverse=True):
            before = line[: replacement.start]
            after = line[replacement.end :]
            line = before + replacement.text.encode() + after
        return line.decode()


def _start(replacement: Replacement) -> int:
    return replacement.start


def _needs_no_brackets(text: str) -> bool:
    """Return whether a text is a name, or completely in brackets."""
    if text.isidentifier():
        return True
    if not text.startswith("(") or not text.endswith(")"):
        return False
    depth = 0
    for character in text[1:-1]:
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        if depth < 0:
            return False
    return True
