"""Find the names that a cell reads, binds and changes. Pure.

In doubt, a name counts as read or changed: a cell too many costs time, a missing one is an error.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.kernel.portability.installs import INSTALL
from grader.notebook.code import parse_cell
from grader.notebook.imports import IMPORT

STATEFUL = (
    "seed",
    "manual_seed",
    "set_",
    "use_",
    "simplefilter",
    "filterwarnings",
)
"""Beginnings of the names of functions that change a library for all that follows."""

FILE_FUNCTIONS = (
    "save",
    "dump",
    "write",
    "open",
    "chdir",
    "mkdir",
    "makedirs",
    "touch",
    "unlink",
    "rmtree",
    "rename",
    "copyfile",
    "copytree",
    "unpack_archive",
    "extractall",
    "to_csv",
    "to_excel",
    "to_json",
    "to_parquet",
    "to_pickle",
    "tofile",
    "urlretrieve",
    "download",
)
"""Beginnings of the names of functions that change files or folders, which later cells read."""

FILE_MODULES = {
    "os": ("remove", "replace", "rmdir", "system", "popen", "symlink", "link"),
    "shutil": ("copy", "move"),
    "subprocess": ("",),
}
"""Functions of modules that do, by the beginnings of their names."""

SETTING_MAGIC = re.compile(
    r"%{1,2}(matplotlib|config|load_ext|reload_ext|autoreload|precision|pdb|xmode|colors"
    r"|time|timeit|capture)\b"
)
"""A magic that binds no name of the student's, and changes no file."""

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
"""Nodes that may change an object without a call: `w -= …` works in place, a loop exhausts an
iterator.
"""

_PART_OF_OBJECT = (ast.Attribute, ast.Subscript)
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITION = (*_FUNCTION, ast.ClassDef)
_LATER = (*_FUNCTION, ast.Lambda, ast.GeneratorExp)
"""Nodes that read their names when they are used, which may be in a later cell."""

Names = frozenset[str]

Effects = frozenset[Literal["library", "file", "anything"]]
"""Effects of a cell beside those on values of names.

`library`: on a library, such as setting a seed; `anything`: unknown.
"""

ALL_EFFECTS: Effects = frozenset({"library", "file", "anything"})


@dataclass(frozen=True)
class StatementNames:
    """The names in a statement."""

    names: Names
    """All names in it: after it, the value of any may contain, or be part of, that of another."""
    changes: bool
    """Whether it may change the values of its names."""


@dataclass(frozen=True)
class CellNames:
    """The names in a cell, by what it does with them."""

    reads: Names
    """Names that may have their earlier values: not those that the cell itself has assigned by
    then.
    """
    later: Names
    """Names that a function reads, whenever it is called."""
    binds: Names
    """Names that it assigns or defines."""
    imports: Names
    """Names that it imports."""
    statements: tuple[StatementNames, ...]
    """The names of each statement."""
    effects: Effects
    """Its effects on cells that share no name with it."""


# A class shares most of its cells, and each is asked for several times.
@functools.lru_cache(maxsize=1024)
def read_names(source: str) -> CellNames:
    """Find the names that a cell reads, binds, imports and changes."""
    tree = parse_cell(source)
    nodes = list(ast.walk(tree))
    return CellNames(
        reads=_read_from_before(tree),
        later=_read_later(nodes),
        binds=_bound(nodes),
        imports=frozenset(_imported(nodes)),
        statements=tuple(_statements(tree)),
        effects=frozenset(_effects(source, tree, nodes)),
    )


def _read_later(nodes: Sequence[ast.AST]) -> Names:
    """List the names that functions and generators read when they are called."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, _LATER):
            names |= _names(ast.walk(node))
    return frozenset(names)


def _bound(nodes: Sequence[ast.AST]) -> Names:
    """List the names that are assigned, deleted, defined or written into."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                names.add(node.id)
        elif isinstance(node, _DEFINITION):
            names.add(node.name)
        elif _is_written(node):
            names.add(root_name(node))
    return frozenset(names)


def _effects(
    source: str, tree: ast.Module, nodes: Sequence[ast.AST]
) -> Iterator[Literal["library", "file", "anything"]]:
    if _is_unclear(source, tree, nodes):
        yield "anything"
    calls = any(_calls(node, STATEFUL) for node in nodes)
    if calls or any(map(SETTING_MAGIC.match, _stripped_lines(source))):
        yield "library"
    if any(_calls(node, FILE_FUNCTIONS, FILE_MODULES) for node in nodes):
        yield "file"


def _is_unclear(source: str, tree: ast.Module, nodes: Sequence[ast.AST]) -> bool:
    """Return whether a cell may bind any name."""
    has_code = False
    for line in _stripped_lines(source):
        if _is_magic(line) and not SETTING_MAGIC.match(line):
            return True
        if line and not line.startswith(("#", "%")):
            has_code = True
    if has_code and not tree.body:
        return True  # it is no Python

    if not UNCLEAR.isdisjoint(_names(nodes)):
        return True
    return any(map(_is_star, nodes))


def _stripped_lines(source: str) -> list[str]:
    return [line.strip() for line in source.split("\n")]


def _is_magic(line: str) -> bool:
    if not line.startswith(("%", "!")):
        return False
    return not INSTALL.match(line)


def _is_star(node: ast.AST) -> bool:
    if not isinstance(node, ast.alias):
        return False
    return node.name == "*"


def _read_from_before(tree: ast.Module) -> Names:
    """List the names in a cell, except those it has rebound before they are read."""
    read: set[str] = set()
    bound: set[str] = set()
    for statement in tree.body:
        targets = _bound_anew(statement)
        read |= _read_in(statement, targets) - bound
        bound |= _names(targets)
        if isinstance(statement, IMPORT):
            bound |= _imported(ast.walk(statement))
    return frozenset(read)


def _read_in(statement: ast.stmt, targets: Sequence[ast.AST]) -> Names:
    """List the names in a statement, except those it rebinds."""
    bound: set[int] = {id(statement)}  # of a function or class, its own name
    for target in targets:
        if isinstance(target, ast.Name):
            bound.add(id(target))

    nodes = [node for node in ast.walk(statement) if id(node) not in bound]
    return _names(nodes)


def _bound_anew(statement: ast.stmt) -> list[ast.AST]:
    """List the names that a statement certainly rebinds, independently of their values."""
    if isinstance(statement, _DEFINITION):
        return [statement]
    if isinstance(statement, ast.AnnAssign):
        if statement.value is None:
            return []
        return [statement.target]
    if not isinstance(statement, ast.Assign):
        return []

    targets: list[ast.AST] = list(statement.targets)
    for target in targets:  # grows while it is walked
        if isinstance(target, (ast.Tuple, ast.List)):
            targets.extend(target.elts)
        elif isinstance(target, ast.Starred):
            targets.append(target.value)
    return targets


def _statements(tree: ast.Module) -> Iterator[StatementNames]:
    """List each statement with its names.

    A function is one statement; of a compound statement, what is not in the statements inside.
    """
    statements: list[ast.stmt] = list(tree.body)
    for statement in statements:  # grows while it is walked
        is_function = isinstance(statement, _FUNCTION)
        nodes: list[ast.AST] = [statement]
        for node in nodes:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.stmt) and not is_function:
                    statements.append(child)
                else:
                    nodes.append(child)

        changes = not is_function and _may_change_any(nodes)
        yield StatementNames(_names(nodes), changes)

        # A call of a class may change what its methods name.
        if isinstance(statement, ast.ClassDef):
            inside = ast.walk(statement)
            yield StatementNames(_names(inside), changes=False)


def _may_change_any(nodes: Iterable[ast.AST]) -> bool:
    """Return whether any of some nodes may change an object."""
    return any(_is_written(node) or _may_change(node) for node in nodes)


def _names(nodes: Iterable[ast.AST]) -> Names:
    """List the names that are read, bound or defined in some nodes."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, _DEFINITION):
            names.add(node.name)
    return frozenset(names)


def _imported(nodes: Iterable[ast.AST]) -> set[str]:
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.alias):
            name = node.asname or node.name
            names.add(name.partition(".")[0])
    return names


def _is_written(node: ast.AST) -> bool:
    if not isinstance(node, _PART_OF_OBJECT):
        return False
    return not isinstance(node.ctx, ast.Load)


def _may_change(node: ast.AST) -> bool:
    """Return whether a node may change a named object."""
    if not isinstance(node, ast.Call):
        return isinstance(node, _WRITING)

    function = node.func
    if isinstance(function, ast.Name):
        return function.id not in HARMLESS
    return True


def _calls(
    node: ast.AST, beginnings: tuple[str, ...], modules: Mapping[str, tuple[str, ...]] | None = None
) -> bool:
    """Return whether a node calls a function whose name has one of some prefixes.

    Args:
        node: the node.
        beginnings: of names of functions, of any object.
        modules: for functions of some modules, by its name, more of them.
    """
    if not isinstance(node, ast.Call):
        return False

    function = node.func
    root = root_name(function)
    if not isinstance(function, ast.Attribute):
        return root.startswith(beginnings)
    of_module = (modules or {}).get(root, ())
    return function.attr.startswith(beginnings + of_module)


def root_name(node: ast.AST) -> str:
    """Return the name at the start of a chain of attributes, indices and calls."""
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, _PART_OF_OBJECT):
            node = node.value
        elif isinstance(node, ast.Name):
            return node.id
        else:
            return ""
