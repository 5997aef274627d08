"""Find functions whose code needs a package that is not there, though no cell called them. Pure.

What is asked at the end calls them. A stand-in for the package computes nothing, so that a right
function gives something else there, or raises.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from grader.grading.causes import missing_packages
from grader.notebook.cell_names import read_names
from grader.notebook.code import parse_cell
from grader.trace import Trace

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class _Imported:
    """What a notebook imports of packages that are not there."""

    names: Mapping[str, str]
    """Per name, its package."""
    everything_of: str
    """A package of which all names are imported; empty: none."""
    known: Collection[str]
    """The names that the notebook binds or imports."""

    def package_of(self, name: str) -> str:
        """Return the package that a name is from, or may be from; empty if it is from none."""
        package = self.names.get(name, "")
        if package or name in self.known or hasattr(builtins, name):
            return package
        return self.everything_of


def packages_in_functions(trace: Trace) -> dict[int, str]:
    """Return the cells with functions that use a package which is not there, each with its name."""
    missing = missing_packages(trace)
    if not missing:
        return {}
    trees = {cell.cell: parse_cell(cell.source) for cell in trace.cells}
    imported = _imported(trace, trees, missing)
    packages: dict[int, str] = {}
    for cell, tree in trees.items():
        for name in _names_in_functions(tree):
            package = imported.package_of(name)
            if package:
                packages.setdefault(cell, package)
    return packages


def _imported(trace: Trace, trees: Mapping[int, ast.Module], missing: Collection[str]) -> _Imported:
    names: dict[str, str] = {}
    everything_of = ""
    for tree in trees.values():
        for name, package in _imports(tree):
            if package not in missing:
                continue
            if name == "*":
                everything_of = package
            names[name] = package

    known: set[str] = set()
    for cell in trace.cells:
        cell_names = read_names(cell.source)
        known |= cell_names.binds
        known |= cell_names.imports
    for tree in trees.values():
        known.update(name for name, _ in _imports(tree))
    return _Imported(names, everything_of, known)


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Give each name that is imported, with the package that it is from."""
    for node in ast.walk(tree):
        module = ""
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
        elif not isinstance(node, ast.Import):
            continue
        for alias in node.names:
            path = module or alias.name
            package, _, _ = path.partition(".")
            name, _, _ = (alias.asname or alias.name).partition(".")
            yield name, package


def _names_in_functions(tree: ast.Module) -> Iterator[str]:
    """Give the names that functions read and do not bind themselves."""
    for function in ast.walk(tree):
        if not isinstance(function, _FUNCTION):
            continue
        nodes = list(ast.walk(function))
        bound = set(_bound_by(nodes))
        for node in nodes:
            if isinstance(node, ast.Name) and node.id not in bound:
                yield node.id


def _bound_by(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Give the names that some nodes bind, but for those that they import."""
    for node in nodes:
        match node:
            case ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.ExceptHandler(name=str(name)):
                yield name
