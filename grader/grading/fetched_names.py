"""Find the names that a notebook has from modules which are not there. Pure.

`from losses import mse` is no attempt of the student's by itself, but it is one where `mse` is
asked for: the function may be right, and nobody could call it. In the same way `fit(model, data)`
of such a module leaves a model untrained.
"""

from __future__ import annotations

import ast
import builtins
import functools
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from grader.grading.causes import LOGGERS, Cause, Causes, missing_packages
from grader.notebook.cell_names import read_names, root_name
from grader.notebook.code import shared_tree
from grader.notebook.imports import IMPORT, imports_in
from grader.trace import Trace

_COMPOUND = (ast.If, ast.With, ast.For, ast.While, ast.Try)
"""Statements that contain statements of the same namespace."""

_TRAINS = re.compile(r"train|fit|step|epoch|optimi[sz]|update|learn|sgd|run", re.IGNORECASE)
"""Part of the name of a function that may change what it is given."""

FromModules = dict[str, Cause]
"""Names that are from missing modules, and the cells that bound them."""


@dataclass
class _Bound:
    """The names that are from missing modules up to some place in a notebook."""

    modules: FromModules = field(default_factory=dict)
    """Modules themselves."""
    values: FromModules = field(default_factory=dict)
    """Parts of modules, and what their calls return."""

    def origin_of(self, name: str) -> Cause | None:
        """Return where a name is from; None if it is from no missing module."""
        return self.values.get(name) or self.modules.get(name)

    def forget(self, names: Iterable[str]) -> None:
        """Drop names that something else is bound to."""
        for name in names:
            self.modules.pop(name, None)
            self.values.pop(name, None)


class FetchedNames:
    """The names of a notebook that depend on modules which are not there."""

    def __init__(self, trace: Trace, causes: Causes) -> None:
        """Initialise with the trace, and why its cells failed."""
        self._trace = trace
        self._missing = missing_packages(trace) - LOGGERS
        self._bound = _Bound()
        self._changed: dict[str, Cause] = {}
        if self._missing:
            self._follow()
        self._open_names = causes.open_names

    def cause_of(self, name: str) -> Cause | None:
        """Return why a name has no value of the notebook's own; None if it has one."""
        fetched = self._bound.values.get(name)
        if fetched is not None or self._open_names is None:
            return fetched
        is_bound = name in self._bound_names or hasattr(builtins, name)
        return None if is_bound else self._open_names

    def cause_of_change(self, names: Iterable[str]) -> Cause | None:
        """Return why a name may lack what a missing function does with its argument."""
        for name in names:
            if name in self._changed:
                return self._changed[name]
        return None

    @functools.cached_property
    def _bound_names(self) -> set[str]:
        bound: set[str] = set()
        for cell in self._trace.cells:
            names = read_names(cell.source)
            bound |= names.binds | names.imports
        return bound

    def _follow(self) -> None:
        """Go through the statements that bind names, or pass them to missing functions."""
        for cell in self._trace.cells:
            tree = shared_tree(cell.source)
            for statement in _statements(tree.body):
                self._bind(statement, cell.cell)
            for name, origin in _passed_on(tree, self._bound):
                self._changed[name] = origin

    def _bind(self, statement: ast.stmt, cell: int) -> None:
        """Bind the names of a statement, to parts of missing modules or to something else."""
        bound = self._bound
        origin = self._origin_of(statement)
        names = read_names(ast.unparse(statement))
        bound.forget(names.binds | names.imports)
        if origin is not None:
            returned = replace(origin, cell=cell)
            bound.values.update(dict.fromkeys(names.binds, returned))
        if not isinstance(statement, IMPORT):
            return
        for imported in imports_in(statement):
            package = imported.package
            if package in self._missing:
                names_of_kind = bound.modules if imported.is_module else bound.values
                names_of_kind[imported.name] = Cause("machine", "package", package, cell)

    def _origin_of(self, statement: ast.stmt) -> Cause | None:
        """Return the missing module whose function returned what a statement binds names to."""
        if not isinstance(statement, ast.Assign):
            return None
        called = root_name(statement.value)
        return self._bound.origin_of(called)


def _statements(body: Collection[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the simple statements of a namespace, and its definitions, in their order."""
    for statement in body:
        if not isinstance(statement, _COMPOUND):
            yield statement
            continue
        for node in ast.iter_child_nodes(statement):
            if isinstance(node, ast.stmt):
                yield from _statements([node])
            if isinstance(node, ast.ExceptHandler):
                yield from _statements(node.body)


def _passed_on(tree: ast.Module, bound: _Bound) -> Iterator[tuple[str, Cause]]:
    """Yield the names that a cell passes to functions of missing modules which may change them."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        origin = bound.origin_of(root_name(node.func))
        if origin is None or not _TRAINS.search(ast.unparse(node.func)):
            continue
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        for name in map(root_name, arguments):
            if name:
                yield name, origin
