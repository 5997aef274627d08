"""Find the names that a notebook has from modules which are not there. Pure.

`from losses import mse` is no attempt of the student's by itself, but it is one where `mse` is
asked for: the function may be right, and nobody could call it.
"""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Collection, Iterator, Mapping

from grader.grading.causes import LOGGERS, Cause, Causes, missing_packages, runs_script
from grader.notebook.cell_names import read_names, root_name
from grader.notebook.code import shared_tree
from grader.trace import Trace

_COMPOUND = (ast.If, ast.With, ast.For, ast.While, ast.Try)
"""Statements that contain statements of the same namespace."""


EVERYTHING = "*"
"""Stands for the names of `from … import *`."""


class FetchedNames:
    """The names of a notebook that are last bound to something of a missing module.

    Names are bound by an import, or by what a call of such a module returns.
    """

    def __init__(self, trace: Trace, causes: Causes) -> None:
        """Initialise with the trace, and why its cells failed."""
        self._trace = trace
        self._fetched: dict[str, Cause] = {}
        self._everything: Cause | None = None
        """Why names are unknown that nothing else binds: a module or script had them."""
        missing = missing_packages(trace) - LOGGERS
        if missing:
            self._follow(missing)
        for cell in trace.cells:
            cause = causes.failed.get(cell.cell)
            if cause is not None and cause.reason == "path" and runs_script(cell.source):
                self._everything = self._everything or cause

    def cause_of(self, name: str) -> Cause | None:
        """Return why a name has no value of the notebook's own; None if it has one."""
        fetched = self._fetched.get(name)
        if fetched is not None or self._everything is None:
            return fetched
        is_bound = name in self._bound_names or hasattr(builtins, name)
        return None if is_bound else self._everything

    @functools.cached_property
    def _bound_names(self) -> set[str]:
        bound: set[str] = set()
        for cell in self._trace.cells:
            names = read_names(cell.source)
            bound |= names.binds | names.imports
        return bound

    def _follow(self, missing: Collection[str]) -> None:
        """Go through the statements that bind names."""
        fetched = self._fetched
        for cell in self._trace.cells:
            for statement in _statements(shared_tree(cell.source).body):
                bound = _fetched_by(statement, missing, fetched)
                if not bound:
                    names = read_names(ast.unparse(statement))
                    for name in names.binds | names.imports:
                        fetched.pop(name, None)
                for name, package in bound.items():
                    fetched[name] = Cause("machine", "package", package, cell.cell)
        self._everything = fetched.pop(EVERYTHING, None)


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


def _fetched_by(
    statement: ast.stmt, missing: Collection[str], fetched: Mapping[str, Cause]
) -> dict[str, str]:
    """Return the names that a statement has from missing modules, each with its module."""
    match statement:
        case ast.ImportFrom(module=str(module), names=aliases):
            package, _, _ = module.partition(".")
            if package in missing:
                return {alias.asname or alias.name: package for alias in aliases}
        case ast.Import(names=aliases):
            modules = {}
            for alias in aliases:
                package, _, _ = alias.name.partition(".")
                if package in missing:
                    modules[alias.asname or package] = package
            return modules
        case ast.Assign(targets=targets, value=value):
            cause = fetched.get(root_name(value))
            if cause is not None:
                return {name: cause.what for target in targets for name in _names_in(target)}
    return {}


def _names_in(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
