"""Which cells an answer needs: those before it that bind or change what it reads. Pure.

It may take a cell too many, which costs time, never one too few.
"""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.kernel.installs import INSTALL
from grader.notebook.code import parse_cell

STATEFUL = (
    "seed",
    "manual_seed",
    "set_",
    "use_",
    "simplefilter",
    "filterwarnings",
    "save",
    "dump",
    "write",
    "open",
)
"""Beginnings of functions that change a library, or a file, for all that follows."""

UNCLEAR = frozenset({"exec", "eval", "globals", "locals", "vars", "get_ipython"})
"""Names by which a cell may bind any other."""

HARMLESS = frozenset(
    {
        "print",
        "display",
        "len",
        "float",
        "int",
        "str",
        "type",
        "abs",
        "round",
        "isinstance",
        "range",
        "_grader_mark",
    }
)
"""Functions that change nothing they are given; the last is what marks a reference's answers."""

_WRITING = (ast.AugAssign, ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.comprehension)
"""What may change an object without a call: `w -= …` works in place, a loop uses up an iterator."""

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_IMPORT = (ast.Import, ast.ImportFrom)
_LATER = (*_FUNCTION, ast.Lambda, ast.GeneratorExp)
"""What reads its names when it is used, which may be in a later cell."""


@dataclass(frozen=True)
class _Statement:
    names: frozenset[str]
    """All names in it: after it, any of these may hold, or be part of, another."""
    changes: bool
    """Whether it may change what its names hold."""


@dataclass(frozen=True)
class _Cell:
    reads: frozenset[str]
    """Names whose value from before may be read: not those that the cell itself has bound by then."""
    later: frozenset[str]
    """Names that a function reads, whenever it is called."""
    binds: frozenset[str]
    imports: frozenset[str]
    statements: tuple[_Statement, ...]
    always: bool
    """Nothing can be said of it, or it changes a library: it is always needed."""


def cells_behind(order: Sequence[tuple[int, str]], wanted: Iterable[int]) -> list[int]:
    """The cells to run for some cells to compute what they did.

    A cell reads what those before it made of a name; what a function in it reads may also have been bound after it.

    Args:
        order: index and source of each cell, in the order they ran; a cell that ran twice stands there twice.
        wanted: indices of the cells whose values matter; one that did not run is passed over.

    Returns:
        Indices, sorted, the wanted ones among them.
    """
    needed = set(wanted).intersection(cell for cell, _ in order)
    last = max((place for place, (cell, _) in enumerate(order) if cell in needed), default=-1)
    cells = {cell: _cell(source) for cell, source in order[: last + 1]}
    thing = _things(cells.values())
    changers: dict[str, set[int]] = {}
    for index, cell in cells.items():
        changed = {
            thing[name]
            for part in cell.statements
            if part.changes
            for name in part.names
            if name in thing
        }
        for name in cell.binds | cell.imports | changed:
            changers.setdefault(name, set()).add(index)
    needed |= {index for index, cell in cells.items() if cell.always}
    first = {cell: place for place, (cell, _) in reversed(list(enumerate(order[: last + 1])))}
    final = {cell: place for place, (cell, _) in enumerate(order[: last + 1])}
    todo = list(needed)
    for index in todo:
        cell = cells[index]
        whenever = _changers_of(cell.later, changers, thing)
        before = {
            other
            for other in _changers_of(cell.reads, changers, thing)
            if first[other] < final[index]
        }
        found = (whenever | before) - needed
        needed |= found
        todo.extend(found)
    return sorted(needed)


def names_bound_by(source: str) -> frozenset[str]:
    """The names that a cell assigns or defines; not those that it imports."""
    return _cell(source).binds


def _changers_of(
    names: frozenset[str], changers: Mapping[str, set[int]], thing: Mapping[str, str]
) -> set[int]:
    """The cells that bind or change what some names hold, or what they are joined with."""
    held = names | {thing[name] for name in names if name in thing}
    return {cell for name in held for cell in changers.get(name, ())}


def _things(cells: Iterable[_Cell]) -> Mapping[str, str]:
    """Per name of the student's own, what stands for all the names it is joined with by statements.

    `opt = SGD([w])` joins `opt` and `w`, so that `opt.step()` may change `w`. What is imported or built in joins
    nothing: `torch` is in every statement.
    """
    cells = tuple(cells)
    bound = frozenset().union(*(cell.binds for cell in cells))
    foreign = frozenset(dir(builtins)).union(HARMLESS, *(cell.imports for cell in cells)) - bound
    groups: dict[str, list[str]] = {}
    for names in (part.names - foreign for cell in cells for part in cell.statements):
        largest = max((groups.setdefault(name, [name]) for name in names), key=len, default=[])
        for name in names:
            group = groups[name]
            if group is not largest:
                largest.extend(group)
                groups.update(dict.fromkeys(group, largest))
    return {name: f"things with {group[0]}" for name, group in groups.items()}


@functools.lru_cache(
    maxsize=1024
)  # a class shares most of its cells, and each is asked for several times
def _cell(source: str) -> _Cell:
    tree = parse_cell(source)
    nodes = list(ast.walk(tree))
    lines = [line.strip() for line in source.split("\n")]
    names = _names(nodes)
    bound = {
        node.id
        for node in nodes
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    defined = {node.name for node in nodes if isinstance(node, (*_FUNCTION, ast.ClassDef))}
    written = {_root(node) for node in nodes if _is_written(node)}
    unknown = not tree.body and any(line and not line.startswith("#") for line in lines)
    magic = any(line.startswith(("%", "!")) and not INSTALL.match(line) for line in lines)
    star = any(isinstance(node, ast.alias) and node.name == "*" for node in nodes)
    return _Cell(
        reads=_read_from_before(tree),
        later=_names(
            inner for node in nodes if isinstance(node, _LATER) for inner in ast.walk(node)
        ),
        binds=frozenset(bound | defined | written),
        imports=frozenset(_imported(nodes)),
        statements=tuple(_statements(tree)),
        always=unknown
        or magic
        or star
        or not names.isdisjoint(UNCLEAR)
        or any(map(_is_stateful, nodes)),
    )


def _read_from_before(tree: ast.Module) -> frozenset[str]:
    """Names in a cell, but for those that a statement of it has bound anew before they are read."""
    found: set[str] = set()
    bound: set[str] = set()
    for statement in tree.body:
        targets = _bound_anew(statement)
        given = {id(node) for node in targets if isinstance(node, ast.Name)}
        read = _names(
            node for node in ast.walk(statement) if id(node) not in given and node is not statement
        )
        found |= read - bound
        bound |= _names(targets) | (
            _imported(ast.walk(statement)) if isinstance(statement, _IMPORT) else set()
        )
    return frozenset(found)


def _bound_anew(statement: ast.stmt) -> list[ast.AST]:
    """What a statement surely binds, with nothing of what the name held before."""
    if isinstance(statement, (*_FUNCTION, ast.ClassDef)):
        return [statement]
    if isinstance(statement, ast.AnnAssign):
        return [statement.target] if statement.value is not None else []
    todo: list[ast.AST] = list(statement.targets) if isinstance(statement, ast.Assign) else []
    for target in todo:
        if isinstance(target, (ast.Tuple, ast.List)):
            todo.extend(target.elts)
        elif isinstance(target, ast.Starred):
            todo.append(target.value)
    return todo


def _statements(tree: ast.Module) -> Iterator[_Statement]:
    """Each statement: a function as a whole, of a compound one what is not in the statements inside."""
    todo: list[ast.stmt] = list(tree.body)
    for statement in todo:
        whole = isinstance(statement, _FUNCTION)
        nodes: list[ast.AST] = [statement]
        for node in nodes:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.stmt) and not whole:
                    todo.append(child)
                else:
                    nodes.append(child)
        changes = not whole and any(_is_written(node) or _may_change(node) for node in nodes)
        yield _Statement(_names(nodes), changes)
        if isinstance(
            statement, ast.ClassDef
        ):  # a call of the class may change what its methods name
            yield _Statement(_names(ast.walk(statement)), False)


def _names(nodes: Iterable[ast.AST]) -> frozenset[str]:
    found = {node.id if isinstance(node, ast.Name) else _defined(node) for node in nodes}
    return frozenset(found - {""})


def _defined(node: ast.AST) -> str:
    return node.name if isinstance(node, (*_FUNCTION, ast.ClassDef)) else ""


def _imported(nodes: Iterable[ast.AST]) -> set[str]:
    return {
        (node.asname or node.name).partition(".")[0]
        for node in nodes
        if isinstance(node, ast.alias)
    }


def _is_written(node: ast.AST) -> bool:
    return isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load)


def _may_change(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return not (isinstance(node.func, ast.Name) and node.func.id in HARMLESS)
    return isinstance(node, _WRITING)


def _is_stateful(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else _root(node.func)
    return name.startswith(STATEFUL)


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
