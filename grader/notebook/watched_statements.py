"""List the statements of a notebook that its recorder watches, from its source alone.

A kernel's report about a statement is a claim. This module finds out which statements exist, with
the code that inserts probes, and runs nothing.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.kernel.portability.installs import INSTALL
from grader.kernel.portability.missing_packages import soften_imports
from grader.kernel.portability.newer_python import as_older_python
from grader.kernel.recording.instrument import Instrument
from grader.kernel.recording.sites import ProbeSite
from grader.notebook.code import cached_by_source

COMMANDS = ("%", "!", "?")
"""Beginnings of lines that IPython reads otherwise than Python does."""

COMMAND_CALL = "get_ipython().system()"
"""Stands for a command: a method of IPython, which a loop around the command names."""

ASSIGNED_COMMAND = re.compile(r"=\s*[!%].*$")
"""The end of a line that assigns the result of a command or a magic."""

MAX_STRINGS = 50
"""Most strings of a cell that are read as code."""

MIN_CODE = 4
"""Fewest characters of a string that may be code."""

WatchedStatement = ProbeSite
"""A statement with the names that it reads and binds, and its lines."""

Position = tuple[int, str]
"""First line of a statement in its cell, from 1, and the function that contains it."""

Statements = Sequence[WatchedStatement]


@dataclass(frozen=True)
class WatchedCell:
    """The watched statements of one cell."""

    lines: tuple[str, ...]
    """The cell as it was written."""
    statements: Mapping[Position, Statements]
    """Its watched statements."""
    in_strings: Statements
    """Those in its strings, which `exec` may run: they have no line of the cell."""
    calling: frozenset[int]
    """Lines of expressions that call something."""
    calls_in_strings: bool
    """Whether code in a string calls something."""
    is_python: bool
    """Whether it is Python but for its commands; else its statements are not known."""

    def at(self, line: int, scope: str) -> Statements:
        """List the statements that begin on a line, in one function."""
        position = (line, scope)
        return self.statements.get(position, ())

    def line(self, number: int) -> str:
        """Return a line, from 1; empty if there is none."""
        if not 0 < number <= len(self.lines):
            return ""
        return self.lines[number - 1]

    def is_command(self, number: int) -> bool:
        """Return whether a line is IPython's: a magic may run any code in it."""
        line = self.line(number)
        plain = _as_python(line)
        return plain != line


@cached_by_source
def watched_cell(source: str) -> WatchedCell:
    """List the watched statements of a cell.

    Args:
        source: the cell as it was written.
    """
    lines = source.split("\n")
    code = "\n".join(map(_as_python, lines))
    tree = _parsed(code)
    is_python = tree is not None
    if tree is None:
        tree = ast.Module([], [])

    strings = list(_code_in_strings(tree))
    # Both are asked before trees are instrumented, which adds calls.
    calling = frozenset(_calling_lines(tree))
    called: list[int] = []
    for each in strings:
        lines_of_calls = _calling_lines(each)
        called.extend(lines_of_calls)

    in_strings: list[WatchedStatement] = []
    for each in strings:
        in_strings += _statements(each)
    statements = _statements(tree)
    return WatchedCell(
        lines=tuple(lines),
        statements=_by_position(statements),
        in_strings=tuple(in_strings),
        calling=calling,
        calls_in_strings=bool(called),
        is_python=is_python,
    )


def _as_python(line: str) -> str:
    """Return a line as Python reads it, with IPython commands replaced."""
    text = line.strip()
    is_command = text.startswith(COMMANDS) or text.endswith("?")
    is_install = INSTALL.match(line) is not None
    if is_command or is_install:
        return line.replace(text, COMMAND_CALL)
    return ASSIGNED_COMMAND.sub(f"= {COMMAND_CALL}", line)


def _parsed(code: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the terminal must not show a student's "\d"
            return ast.parse(as_older_python(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _statements(tree: ast.Module) -> list[WatchedStatement]:
    """List the statements of a tree; the tree is instrumented on the way."""
    statements: list[WatchedStatement] = []

    def register(statement: WatchedStatement) -> str:
        statements.append(statement)
        return "probe"

    try:
        softened = soften_imports(tree)
        Instrument(register, substitute=False).visit(softened)
    except RecursionError:  # the statements found so far are listed
        return statements
    return statements


def _by_position(statements: list[WatchedStatement]) -> Mapping[Position, Statements]:
    by_position: dict[Position, list[WatchedStatement]] = {}
    for statement in statements:
        at_position = by_position.setdefault((statement.line, statement.scope), [])
        at_position.append(statement)
    return by_position


def _calling_lines(tree: ast.Module) -> Iterator[int]:
    """Yield the lines of expressions that call something."""
    for node in ast.walk(tree):
        for expression in _calling_expressions(node):
            last = expression.end_lineno or expression.lineno
            yield from range(expression.lineno, last + 1)


def _calling_expressions(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call():
            yield node
        case ast.For(iter=iterated) | ast.AsyncFor(iter=iterated):
            yield iterated
        case ast.With(items=items) | ast.AsyncWith(items=items):
            for item in items:
                yield item.context_expr
        case ast.FunctionDef(decorator_list=decorators) | ast.ClassDef(decorator_list=decorators):
            yield from decorators


def _code_in_strings(tree: ast.Module) -> Iterator[ast.Module]:
    texts = []
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if len(text) >= MIN_CODE:
                texts.append(text)
    for text in texts[:MAX_STRINGS]:
        code = _parsed(text)
        if code is not None:
            yield code
