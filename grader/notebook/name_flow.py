"""Follow the names of a cell in the order in which it uses them. Pure.

`cell_names` says what a cell may read, in doubt too much. Here, in doubt, a cell needs nothing.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.notebook.code import parse_cell

Names = frozenset[str]

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSION = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

_WORD = re.compile(r"[^\W\d]\w*")

PYTHON_MAGICS = ("%%capture", "%%time", "%%prun")
"""Cell magics that run the rest of their cell in the notebook; `%%timeit` is one of them."""

_FIRST = ("value", "iter", "test", "items", "decorator_list", "bases", "generators")
"""Fields of a node that are evaluated before what it binds."""


@dataclass(frozen=True)
class NameFlow:
    """What a cell needs of others, and what it gives them."""

    needs: Names
    """Names that it reads and has not bound before."""
    later: Names
    """Names that a function in it reads whenever it is called, and that it does not bind."""
    gives: Names
    """Names that it binds at top level without having read them before."""
    binds: Names
    """Names that it binds at top level."""


@functools.lru_cache(maxsize=1024)
def name_flow(source: str) -> NameFlow:
    """Follow the names of a cell.

    One that does not parse may bind any word in it.
    """
    code = "" if _is_other_language(source) else source
    statements = parse_cell(code).body
    if statements or not has_code(code):
        return flow_of(statements)
    words = frozenset(_WORD.findall(code))
    return NameFlow(needs=frozenset(), later=frozenset(), gives=words, binds=words)


def has_code(source: str) -> bool:
    """Tell whether a cell has a line that is neither blank nor a comment or magic."""
    lines = [line.strip() for line in source.split("\n")]
    return any(line and not line.startswith(("#", "%", "!")) for line in lines)


def _is_other_language(source: str) -> bool:
    """Tell whether a cell's first line is a magic that does not run the rest as Python."""
    first_line = source.lstrip().partition("\n")[0]
    return first_line.startswith("%%") and not first_line.startswith(PYTHON_MAGICS)


def flow_of(statements: Iterable[ast.AST]) -> NameFlow:
    """Follow the names of statements in their order."""
    needs: set[str] = set()
    later: set[str] = set()
    binds: set[str] = set()
    for use in _uses(statements):
        if use.binds:
            binds.add(use.name)
        elif use.later:
            later.add(use.name)
        elif use.name not in binds:
            needs.add(use.name)
    return NameFlow(
        needs=frozenset(needs),
        later=frozenset(later - binds),
        gives=frozenset(binds - needs),
        binds=frozenset(binds),
    )


@dataclass(frozen=True)
class _Use:
    """One use of a name."""

    name: str
    binds: bool = False
    later: bool = False
    """It is read when a function is called."""


def _uses(nodes: Iterable[ast.AST]) -> Iterator[_Use]:
    for node in nodes:
        yield from _uses_in(node)


def _uses_in(node: ast.AST) -> Iterator[_Use]:
    """List the uses of names in a node, in the order of their evaluation."""
    if isinstance(node, ast.Name):
        yield _Use(node.id, binds=isinstance(node.ctx, ast.Store))
    elif isinstance(node, ast.alias):
        name = node.asname or node.name.partition(".")[0]
        yield _Use(name, binds=True)
    elif isinstance(node, _FUNCTION):
        yield from _uses_in_function(node)
    elif isinstance(node, _COMPREHENSION):
        yield from _free(ast.iter_child_nodes(node), ())
    elif isinstance(node, ast.ClassDef):
        yield from _uses([*node.decorator_list, *node.bases])
        yield from _free(node.body, ())
        yield _Use(node.name, binds=True)
    elif isinstance(node, ast.AugAssign):
        yield from _uses_in(node.value)
        yield from _read_in(node.target)
    else:
        yield from _uses(_in_order(node))


def _read_in(target: ast.AST) -> Iterator[_Use]:
    """List the names in a target that is changed in place: each is read."""
    for inner in ast.walk(target):
        if isinstance(inner, ast.Name):
            yield _Use(inner.id)


def _uses_in_function(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
) -> Iterator[_Use]:
    arguments = node.args
    yield from _uses(arguments.defaults)
    for default in arguments.kw_defaults:
        if default is not None:
            yield from _uses_in(default)

    parameters: list[str] = []
    for inner in ast.walk(arguments):
        if isinstance(inner, ast.arg):
            parameters.append(inner.arg)

    body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    for use in _free(body, parameters):
        yield _Use(use.name, later=True)

    if not isinstance(node, ast.Lambda):
        yield from _uses(node.decorator_list)
        yield _Use(node.name, binds=True)


def _free(nodes: Iterable[ast.AST], bound: Iterable[str]) -> Iterator[_Use]:
    """List the names that a scope of its own reads from outside."""
    uses = list(_uses(nodes))
    local = {use.name for use in uses if use.binds}
    local.update(bound)
    for use in uses:
        if use.name not in local:
            yield use


def _in_order(node: ast.AST) -> list[ast.AST]:
    """List the children of a node: what is evaluated, then what is bound, then its statements."""
    first: list[ast.AST] = []
    others: list[ast.AST] = []
    for field, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        nodes = [child for child in children if isinstance(child, ast.AST)]
        if field in _FIRST:
            first.extend(nodes)
        else:
            others.extend(nodes)
    return [*first, *others]
