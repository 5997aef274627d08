"""Follow the names of a cell in the order in which it uses them. Pure.

`cell_names` finds what a cell may read; in doubt, it reports too much. Here, in doubt, a cell needs
nothing.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.notebook.code import parse_cell
from grader.notebook.imports import package_of

Names = frozenset[str]

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

_NO_NAMES: Names = frozenset()

_NO_CODE = ("#", "%", "!")
"""Matches the beginning of a comment, a magic or a command."""

_WORD = re.compile(r"[^\W\d]\w*")

PYTHON_MAGICS = ("%%capture", "%%time", "%%prun")
"""Cell magics that run the rest of their cell in the notebook; `%%timeit` is one of them."""

_FIRST = ("value", "iter", "test", "items", "decorator_list", "bases", "generators")
"""Fields of a node that are evaluated before its names are assigned."""


@dataclass(frozen=True)
class NameFlow:
    """The names that a cell needs, and those it defines."""

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
    code = source
    if _is_other_language(source):
        code = ""
    statements = parse_cell(code).body
    if statements or not has_code(code):
        return flow_of(statements)
    words = _WORD.findall(code)
    bound = frozenset(words)
    return NameFlow(needs=_NO_NAMES, later=_NO_NAMES, gives=bound, binds=bound)


def has_code(source: str) -> bool:
    """Return whether a cell has a line that is not blank, a comment or a magic."""
    for line in source.split("\n"):
        code = line.strip()
        if not code:
            continue
        if not code.startswith(_NO_CODE):
            return True
    return False


def _is_other_language(source: str) -> bool:
    """Return whether a cell's first line is a magic that does not run the rest as Python."""
    code = source.lstrip()
    first_line, _, _ = code.partition("\n")
    if not first_line.startswith("%%"):
        return False
    return not first_line.startswith(PYTHON_MAGICS)


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
    """List the uses of names in a node, in the order of evaluation."""
    if isinstance(node, _Function):
        yield from _uses_in_function(node)
        return
    if isinstance(node, _Comprehension):
        children = ast.iter_child_nodes(node)
        yield from _free(children, ())
        return
    match node:
        case ast.Name(id=name, ctx=context):
            is_bound = isinstance(context, ast.Store)
            yield _Use(name, is_bound)
        case ast.alias(name=full_name, asname=as_name):
            package = package_of(full_name)
            name = as_name or package
            yield _Use(name, binds=True)
        case ast.ClassDef(name=name):
            yield from _uses(node.decorator_list)
            yield from _uses(node.bases)
            yield from _free(node.body, ())
            yield _Use(name, binds=True)
        case ast.AugAssign(target=target, value=value):
            yield from _uses_in(value)
            yield from _read_in(target)
        case _:
            children_in_order = _in_order(node)
            yield from _uses(children_in_order)


def _read_in(target: ast.AST) -> Iterator[_Use]:
    """List the names in a target that is modified in place: each is read."""
    for inner in ast.walk(target):
        if isinstance(inner, ast.Name):
            yield _Use(inner.id)


def _uses_in_function(node: _Function) -> Iterator[_Use]:
    arguments = node.args
    yield from _uses(arguments.defaults)
    for default in arguments.kw_defaults:
        if default is not None:
            yield from _uses_in(default)

    parameters: list[str] = []
    for inner in ast.walk(arguments):
        if isinstance(inner, ast.arg):
            parameters.append(inner.arg)

    for use in _free(_body_of(node), parameters):
        yield _Use(use.name, later=True)

    if not isinstance(node, ast.Lambda):
        yield from _uses(node.decorator_list)
        yield _Use(node.name, binds=True)


def _body_of(function: _Function) -> Sequence[ast.AST]:
    if isinstance(function, ast.Lambda):
        return [function.body]
    return function.body


def _free(nodes: Iterable[ast.AST], bound: Iterable[str]) -> Iterator[_Use]:
    """List the names that a nested scope reads from outside."""
    uses = list(_uses(nodes))
    local = {use.name for use in uses if use.binds}
    local.update(bound)
    for use in uses:
        if use.name not in local:
            yield use


def _in_order(node: ast.AST) -> list[ast.AST]:
    """List the children of a node: expressions, then assigned targets, then statements."""
    first: list[ast.AST] = []
    others: list[ast.AST] = []
    for field, value in ast.iter_fields(node):
        nodes = first if field in _FIRST else others
        children = value
        if not isinstance(value, list):
            children = [value]
        for child in children:
            if isinstance(child, ast.AST):
                nodes.append(child)
    return first + others
