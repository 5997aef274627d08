"""Find the block of statements that follows a mark, and where the answer in it ends. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from grader.authoring.drafting.syntax import DEFINITION, line_range, root_name
from grader.notebook.code import DRAWING, SHOWING

Block = Sequence[ast.stmt]
"""Consecutive statements at one depth."""

_COMPOUND = (
    *DEFINITION,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.If,
    ast.With,
    ast.AsyncWith,
    ast.Try,
)
_PREPARING_VALUE = re.compile(r"\bcuda\.is_available\(|\bmps\.is_available\(|^torch\.device\(")
_PREPARING_CALL = re.compile(
    r"\bseed(_all)?$|\bset_(printoptions|default_\w+|style|theme|context|seed)$|\bstyle\.use$"
    r"|\brcParams\.update$|\bfilterwarnings$|\bseed_everything$"
)
_BLOCKS = ("body", "orelse", "finalbody")


def blocks_in(tree: ast.Module) -> Iterator[Block]:
    """Yield the blocks of a cell, from the outermost."""
    for node in ast.walk(tree):
        for field in _BLOCKS:
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def block_below(tree: ast.Module, line: int, column: int) -> Block:
    """Find the statements that follow a line in its block; none if the block ends there.

    Args:
        tree: the cell.
        line: counted from 1.
        column: where the line begins.
    """
    nearest: Block = ()
    for block in blocks_in(tree):
        below = []
        for statement in block:
            if first_line(statement) > line:
                below.append(statement)
        if not below:
            continue
        if not nearest or first_line(below[0]) < first_line(nearest[0]):
            nearest = below
    if nearest and nearest[0].col_offset < column:
        return ()
    return nearest


def statement_at(tree: ast.Module, line: int) -> ast.stmt | None:
    """Find the innermost statement that contains a line."""
    innermost = None
    for block in blocks_in(tree):
        for statement in block:
            if line in statement_lines(statement):
                innermost = statement
    return innermost


def is_compound(statement: ast.stmt) -> bool:
    """Return whether a statement has a block."""
    return isinstance(statement, _COMPOUND)


def first_line(statement: ast.stmt) -> int:
    """Return the first line (from 1) of a statement, with its decorators."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def statement_lines(statement: ast.stmt) -> range:
    """Return the lines (from 1) of a statement, with its decorators."""
    return range(first_line(statement), line_range(statement).stop)


def tests_or_shows(statement: ast.stmt) -> bool:
    """Return whether a statement only shows or tests values."""
    match statement:
        case ast.Assert():
            return True
        case ast.Expr(value=ast.Call(func=function)):
            name = root_name(function)
            return name in SHOWING or name in DRAWING
        case ast.Expr(value=(ast.Name() | ast.Attribute() | ast.Subscript() | ast.Tuple())):
            return True
    return False


def only_shows(statement: ast.stmt) -> bool:
    """Return whether a statement only shows, tests or returns values."""
    return tests_or_shows(statement) or returns_names(statement)


def only_prepares(statement: ast.stmt) -> bool:
    """Return whether a statement only chooses a device, sets a seed, or sets up libraries."""
    match statement:
        case ast.Assign(value=value):
            return _PREPARING_VALUE.search(ast.unparse(value)) is not None
        case ast.Expr(value=ast.Call(func=function)):
            return _PREPARING_CALL.search(ast.unparse(function)) is not None
    return False


def returns_names(statement: ast.stmt) -> bool:
    """Return whether a statement returns names, and computes nothing."""
    match statement:
        case ast.Return(value=ast.Name()):
            return True
        case ast.Return(value=ast.Tuple(elts=parts)):
            return all(isinstance(part, ast.Name) for part in parts)
    return False


def end_of_paragraph(
    block: Block,
    texts: Sequence[str],
    next_mark: int,
    *,
    is_one_of_many: bool,
) -> int:
    """Count the statements of a block that answer a comment above it.

    They end at the next mark, and with the paragraph: where a cell has many marks, or if the next
    paragraph begins with a comment, only shows, or tests.

    Args:
        block: what follows the comment.
        texts: the lines of the cell.
        next_mark: line (from 1) of the next mark; beyond the last line if there is none.
        is_one_of_many: whether the cell has other marks, so that each asks for little.
    """
    count = 0
    for index, statement in enumerate(block):
        if first_line(statement) >= next_mark:
            break
        if index and _begins_given(block[index - 1], statement, texts, is_one_of_many):
            break
        count = index + 1
    return _without_shown(block, count)


def end_of_block(block: Block, next_mark: int) -> int:
    """Count the statements of a block up to the next mark, without its last shows and tests."""
    before = []
    for statement in block:
        if first_line(statement) < next_mark:
            before.append(statement)
    return _without_shown(block, len(before))


def _without_shown(block: Block, count: int) -> int:
    """Leave out the statements that only show, test or return, at the end of an answer."""
    while count > 1:
        last = block[count - 1]
        if not only_shows(last):
            break
        count -= 1
    return count


def _begins_given(
    last: ast.stmt,
    statement: ast.stmt,
    texts: Sequence[str],
    is_one_of_many: bool,
) -> bool:
    """Return whether a statement begins a paragraph that is no part of the answer.

    Args:
        last: the statement before it.
        statement: the statement.
        texts: the lines of the cell.
        is_one_of_many: whether the cell has other marks.
    """
    if tests_or_shows(statement):
        return True
    between = texts[line_range(last).stop - 1 : first_line(statement) - 1]
    is_new = any(not text.strip() for text in between)
    has_comment = any(text.strip() for text in between)
    return is_new and (has_comment or is_one_of_many)
