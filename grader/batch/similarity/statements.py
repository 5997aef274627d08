"""Read the statements of a code cell without comments, formatting and texts. Pure.

Their names are left open. Everything is bounded, since a student can write a cell of any size, and
an expression of any depth.
"""

from __future__ import annotations

import ast
import functools
import re
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.notebook.code import parse_cell
from grader.notebook.imports import IMPORT, package_of

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

NUMBER = "0"
"""Token for any number."""

TEXT = "''"
"""Token for any text."""

_PART_OF_OBJECT = (ast.Attribute, ast.Subscript)
_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NO_PART = (ast.stmt, ast.expr_context, ast.ExceptHandler, ast.match_case)
_SILENT = (ast.Pass, ast.Global, ast.Nonlocal)
_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|[^\w\s]")
_NO_CODE = ("#", "%", "!", "?")


@dataclass(frozen=True)
class Name:
    """A name in a statement."""

    id: str


Token = str | Name

Part = ast.AST | Token

Import = tuple[str, str]
"""An imported name, and the full name of its object."""


@dataclass(frozen=True)
class Statement:
    """A statement of a cell; of a compound one, its head."""

    line: int
    """Line in the cell, from 1."""
    tokens: tuple[Token, ...] = ()
    """Tokens in the order of the syntax tree; none if it only imports or is a mere text."""
    binds: tuple[str, ...] = ()
    """Names that it assigns or changes."""
    imports: tuple[Import, ...] = ()
    """Names that it imports."""
    numbers: tuple[float, ...] = ()
    """Numbers in it."""
    texts: tuple[str, ...] = ()
    """Texts in it, each cut."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names in it, each once."""
        names: dict[str, None] = {}
        for token in self.tokens:
            if isinstance(token, Name):
                names[token.id] = None
        return tuple(names)


@functools.lru_cache(maxsize=4096)  # a class shares most of its cells
def read_statements(source: str) -> tuple[Statement, ...]:
    """Read the statements of a code cell in their order, those inside others among them.

    Args:
        source: the cell; one that is no Python is read a line at a time.
    """
    source = source[:MAX_CELL]
    body = parse_cell(source).body
    if body:
        return tuple(_read_body(body))

    statements: list[Statement] = []
    all_lines = source.split("\n")
    lines = all_lines[:MAX_LINES]
    for number, line in enumerate(lines, 1):
        in_line = _read_line(line, number)
        statements.extend(in_line)
    return tuple(statements)


def _read_line(line: str, number: int) -> Iterator[Statement]:
    """Read a line of a cell that is no Python: by its syntax if it has any, else by its words."""
    code = line.strip()
    if not code or code.startswith(_NO_CODE):
        return

    complete = code
    if code.endswith(":"):
        complete = f"{code} pass"

    body = parse_cell(complete).body
    for statement in _read_body(body):
        yield replace(statement, line=number)
    if not body:
        yield _read_words(code, number)


def _read_words(code: str, number: int) -> Statement:
    tokens: list[Token] = []
    words = _TOKEN.findall(code)
    for word in words[:MAX_TOKENS]:
        if word.isidentifier():
            tokens.append(Name(word))
        else:
            tokens.append(word)
    return Statement(number, tuple(tokens))


def _read_body(body: Sequence[ast.stmt]) -> Iterator[Statement]:
    """Read statements and those inside them, without recursion."""
    remaining = list(reversed(body))
    for _ in range(MAX_STATEMENTS):
        if not remaining:
            return
        statement = remaining.pop()
        inside = list(_statements_inside(statement))
        remaining.extend(reversed(inside))
        if isinstance(statement, IMPORT):
            imports = tuple(_imports(statement))
            yield Statement(statement.lineno, imports=imports)
            continue
        if not isinstance(statement, _SILENT):
            reader = StatementReader(statement)
            yield reader.read()


def _statements_inside(statement: ast.AST) -> Iterator[ast.stmt]:
    """List the statements directly inside one, in the order in which they are written."""
    for _, value in ast.iter_fields(statement):
        if not isinstance(value, list):
            continue

        for child in value:
            match child:
                case ast.stmt():
                    yield child
                case ast.ExceptHandler() | ast.match_case():
                    yield from _statements_inside(child)


def _imports(statement: ast.Import | ast.ImportFrom) -> Iterator[Import]:
    """List the names that an import assigns, each with the full name of its object."""
    prefix = ""
    if isinstance(statement, ast.ImportFrom) and statement.module:
        prefix = f"{statement.module}."

    for alias in statement.names:
        name = alias.name
        if alias.asname or prefix:
            own_name = alias.asname or name
            yield own_name, prefix + name
        else:
            root = package_of(name)
            yield root, root


class StatementReader:
    """Read one statement, without recursion."""

    def __init__(self, statement: ast.stmt) -> None:
        self._statement = statement
        self._tokens: list[Token] = []
        self._binds: dict[str, None] = {}
        self._numbers: list[float] = []
        self._texts: list[str] = []

    def read(self) -> Statement:
        """Return the statement."""
        remaining: list[Part] = [self._statement]
        while remaining and len(self._tokens) < MAX_TOKENS:
            part = remaining.pop()
            if isinstance(part, ast.Constant):
                self._add_constant(part.value)
            elif isinstance(part, ast.AST):
                self._note_binding(part)
                inside = _parts(part)
                remaining.extend(reversed(inside))
            else:
                self._tokens.append(part)

        tokens = tuple(self._tokens)
        if tokens == (TEXT,):
            tokens = ()
        return Statement(
            line=self._statement.lineno,
            tokens=tokens,
            binds=tuple(self._binds),
            numbers=tuple(self._numbers),
            texts=tuple(self._texts),
        )

    def _add_constant(self, value: object) -> None:
        match value:
            case bool() | None | types.EllipsisType():
                token = str(value)
                self._tokens.append(token)
            case int() | float() | complex():
                number = _as_float(value)
                self._numbers.append(number)
                self._add_once(NUMBER)
            case str():
                text = value[:MAX_TEXT]
                self._texts.append(text)
                self._add_once(TEXT)
            case _:
                self._texts.append("")
                self._add_once(TEXT)

    def _add_once(self, token: str) -> None:
        """Add a token; a list of numbers or texts counts once, however long it is."""
        last = self._tokens[-1:]
        if last != [token]:
            self._tokens.append(token)

    def _note_binding(self, node: ast.AST) -> None:
        name = _bound_name(node)
        if name is not None:
            self._binds[name] = None


def _bound_name(node: ast.AST) -> str | None:
    """Return the name that a node assigns or changes."""
    if isinstance(node, _DEFINITION):
        return node.name
    if isinstance(node, ast.arg):
        return node.arg

    if not isinstance(node, (ast.Name, *_PART_OF_OBJECT)):
        return None
    if isinstance(node.ctx, ast.Load):
        return None

    root: ast.AST = node
    while isinstance(root, _PART_OF_OBJECT):
        root = root.value
    if isinstance(root, ast.Name):
        return root.id
    return None


def _as_float(value: complex) -> float:
    try:
        return float(value.real)
    except OverflowError:  # an integer of any size
        return 0.0


def _parts(node: ast.AST) -> Sequence[Part]:
    """List the parts of a node, but for statements inside it."""
    match node:
        case ast.Name():
            name = Name(node.id)
            return (name,)
        case ast.arg():
            name = Name(node.arg)
            return (name,)
        case ast.Attribute():
            return (node.value, f".{node.attr}")
        case ast.Expr():
            return (node.value,)
        case ast.AugAssign():  # `w -= g` is `w = w - g`
            target = node.target
            return ("Assign", target, "BinOp", target, node.op, node.value)
        case ast.AnnAssign(target=target, value=None):
            return ("Assign", target)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            return ("Assign", target, value)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            name = Name(node.name)
            return ("def", name, node.args, *node.decorator_list)
        case ast.ClassDef():
            name = Name(node.name)
            return ("class", name, *node.bases)
        case ast.keyword():
            keyword = node.arg or "**"
            return (f"{keyword}=", node.value)
        case ast.JoinedStr():
            return (TEXT, *node.values)
        case _:
            nodes = ast.iter_child_nodes(node)
            children = filter(_is_part, nodes)
            return (type(node).__name__, *children)


def _is_part(node: ast.AST) -> bool:
    return not isinstance(node, _NO_PART)
