"""Find functions that need a missing package, though no cell called them. Pure.

Questions call such functions once the cells have run. A placeholder for the package computes
nothing, so a correct function returns something else, or raises.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from grader.grading.causes import missing_packages
from grader.notebook.cell_names import read_names
from grader.notebook.code import shared_tree
from grader.notebook.imports import EVERYTHING, imports_in
from grader.trace import Trace

Trees = Mapping[int, ast.Module]

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class _Names:
    """Names that a notebook defines and lacks."""

    packages: Mapping[str, str]
    """Per name that is from a missing package, the package."""
    known: Collection[str]
    """The names that the notebook binds or imports."""

    def package_of(self, name: str) -> str:
        """Return the package of a name; empty if it has none."""
        package = self.packages.get(name)
        if package is not None:
            return package
        is_known = name in self.known or hasattr(builtins, name)
        if is_known:
            return ""
        return self.packages.get(EVERYTHING, "")


def packages_in_functions(trace: Trace) -> dict[int, str]:
    """Return the cells with functions that use a missing package, each with its name."""
    missing = missing_packages(trace)
    if not missing:
        return {}
    trees = {}
    for cell in trace.cells:
        trees[cell.cell] = shared_tree(cell.source)

    names = _names_of(trace, trees, missing)
    packages: dict[int, str] = {}
    for cell_index, tree in trees.items():
        for name in _names_in_functions(tree):
            package = names.package_of(name)
            if package:
                packages.setdefault(cell_index, package)
    return packages


def _names_of(trace: Trace, trees: Trees, missing: Collection[str]) -> _Names:
    packages: dict[str, str] = {}
    known: set[str] = set()
    for tree in trees.values():
        for imported in imports_in(tree):
            known.add(imported.name)
            if imported.package in missing:
                packages[imported.name] = imported.package

    for cell in trace.cells:
        cell_names = read_names(cell.source)
        known |= cell_names.binds
    return _Names(packages, known)


def _names_in_functions(tree: ast.Module) -> Iterator[str]:
    """Yield the names that functions read and do not bind themselves."""
    looked_at: set[ast.AST] = set()
    for function in ast.walk(tree):
        if not isinstance(function, _FUNCTION) or function in looked_at:
            continue
        nodes = list(ast.walk(function))
        looked_at.update(nodes)
        bound = set(_bound_by(nodes))
        for node in nodes:
            match node:
                case ast.Name(id=name) if name not in bound:
                    yield name


def _bound_by(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names that nodes bind, except imports."""
    for node in nodes:
        match node:
            case ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.FunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield name
            case ast.ExceptHandler(name=str(name)):
                yield name
