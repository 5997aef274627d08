"""Reads the statements of a code cell: without comments, formatting and texts, their names left open. Pure.

Everything is bounded, since a student can write a cell of any size, and an expression of any depth.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.notebook.code import parse_cell

MAX_CELL = 50_000
"""Characters that are read of a cell."""
MAX_LINES = 500
"""Lines that are read of a cell that is no Python."""
MAX_STATEMENTS = 1_000
"""Statements that are read of a cell."""
MAX_TOKENS = 300
"""Tokens that are read of a statement."""
MAX_TEXT = 2_000
"""Characters that are kept of a text in the code."""

NUMBER, TEXT = "0", "''"
"""What stands for any number, and for any text."""

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_IMPORT = (ast.Import, ast.ImportFrom)
_SILENT = (ast.Pass, ast.Global, ast.Nonlocal)
_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|[^\w\s]")
_NO_CODE = ("#", "%", "!", "?")


@dataclass(frozen=True)
class Name:
    """A name in a statement."""

    id: str


Token = str | Name


@dataclass(frozen=True)
class Statement:
    """A statement of a cell; of a compound one, its head."""

    line: int
    """In the cell, from 1."""
    tokens: tuple[Token, ...] = ()
    """What it says, in the order of its syntax tree; empty if it only imports or is a mere text."""
    binds: tuple[str, ...] = ()
    """The names that it gives a value, or changes the value of."""
    imports: tuple[tuple[str, str], ...] = ()
    """Names that stand for something of a library, with its full name."""
    numbers: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names in it, each once."""
        return tuple(dict.fromkeys(token.id for token in self.tokens if isinstance(token, Name)))


@functools.lru_cache(maxsize=4096)  # a class shares most of its cells
def read_statements(source: str) -> tuple[Statement, ...]:
    """The statements of a code cell in their order, those inside others among them.

    Args:
        source: the cell; one that is no Python is read a line at a time.
    """
    lines = source[:MAX_CELL].split("\n")
    body = parse_cell("\n".join(lines)).body
    if body:
        return tuple(_statements(body))
    return tuple(
        statement
        for number, line in enumerate(lines[:MAX_LINES], 1)
        for statement in _of_line(line, number)
    )


def _of_line(line: str, number: int) -> Iterator[Statement]:
    code = line.strip()
    if not code or code.startswith(_NO_CODE):
        return
    body = parse_cell(f"{code} pass" if code.endswith(":") else code).body
    yield from (replace(statement, line=number) for statement in _statements(body))
    if not body:
        tokens = _TOKEN.findall(code)[:MAX_TOKENS]
        yield Statement(
            number, tuple(Name(token) if token.isidentifier() else token for token in tokens)
        )


def _statements(body: Sequence[ast.stmt]) -> Iterator[Statement]:
    todo = list(reversed(body))
    for _ in range(MAX_STATEMENTS):
        if not todo:
            return
        statement = todo.pop()
        todo.extend(reversed(list(_inside(statement))))
        if isinstance(statement, _IMPORT):
            yield Statement(statement.lineno, imports=tuple(_imports(statement)))
        elif not isinstance(statement, _SILENT):
            yield _Reader(statement).statement()


def _inside(statement: ast.AST) -> Iterator[ast.stmt]:
    """The statements directly inside one, in the order in which they are written."""
    for _, value in ast.iter_fields(statement):
        for child in value if isinstance(value, list) else ():
            if isinstance(child, ast.stmt):
                yield child
            elif isinstance(child, (ast.ExceptHandler, ast.match_case)):
                yield from _inside(child)


def _imports(statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    module = (
        f"{statement.module}." if isinstance(statement, ast.ImportFrom) and statement.module else ""
    )
    for alias in statement.names:
        whole = module + alias.name
        if alias.asname or module:
            yield alias.asname or alias.name, whole
        else:
            root = alias.name.partition(".")[0]
            yield root, root


class _Reader:
    """Reads one statement, without recursion."""

    def __init__(self, statement: ast.stmt) -> None:
        self._statement = statement
        self._tokens: list[Token] = []
        self._binds: dict[str, None] = {}
        self._numbers: list[float] = []
        self._texts: list[str] = []

    def statement(self) -> Statement:
        """The statement."""
        todo: list[ast.AST | Token] = [self._statement]
        while todo and len(self._tokens) < MAX_TOKENS:
            part = todo.pop()
            if isinstance(part, ast.Constant):
                self._constant(part.value)
            elif isinstance(part, ast.AST):
                self._bind(part)
                todo.extend(reversed(_parts(part)))
            else:
                self._tokens.append(part)
        return Statement(
            line=self._statement.lineno,
            tokens=() if self._tokens == [TEXT] else tuple(self._tokens),
            binds=tuple(self._binds),
            numbers=tuple(self._numbers),
            texts=tuple(self._texts),
        )

    def _constant(self, value: object) -> None:
        if isinstance(value, (bool, type(None), type(...))):
            token = str(value)
        elif isinstance(value, (int, float, complex)):
            token = NUMBER
            self._numbers.append(_as_float(value))
        else:
            token = TEXT
            self._texts.append(value[:MAX_TEXT] if isinstance(value, str) else "")
        if token not in (NUMBER, TEXT) or self._tokens[-1:] != [
            token
        ]:  # a list of numbers, however long
            self._tokens.append(token)

    def _bind(self, node: ast.AST) -> None:
        if isinstance(node, (*_FUNCTION, ast.ClassDef)):
            self._binds[node.name] = None
        elif isinstance(node, ast.arg):
            self._binds[node.arg] = None
        elif isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and not isinstance(
            node.ctx, ast.Load
        ):
            root: ast.AST = node
            while isinstance(root, (ast.Attribute, ast.Subscript)):
                root = root.value
            if isinstance(root, ast.Name):
                self._binds[root.id] = None


def _as_float(value: complex) -> float:
    try:
        return float(value.real)
    except OverflowError:  # an integer of any size
        return 0.0


def _parts(node: ast.AST) -> Sequence[ast.AST | Token]:
    """What a node consists of, but for statements inside it."""
    match node:
        case ast.Name():
            return (Name(node.id),)
        case ast.arg():
            return (Name(node.arg),)
        case ast.Attribute():
            return (node.value, f".{node.attr}")
        case ast.Expr():
            return (node.value,)
        case ast.AugAssign():  # `w -= g` is `w = w - g`
            return ("Assign", node.target, "BinOp", node.target, node.op, node.value)
        case ast.AnnAssign():
            return ("Assign", node.target, *([node.value] if node.value else []))
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return ("def", Name(node.name), node.args, *node.decorator_list)
        case ast.ClassDef():
            return ("class", Name(node.name), *node.bases)
        case ast.keyword():
            return (f"{node.arg or '**'}=", node.value)
        case ast.JoinedStr():
            return (TEXT, *node.values)
        case _:
            return (
                type(node).__name__,
                *(child for child in ast.iter_child_nodes(node) if _is_part(child)),
            )


def _is_part(node: ast.AST) -> bool:
    return not isinstance(node, (ast.stmt, ast.expr_context, ast.ExceptHandler, ast.match_case))
