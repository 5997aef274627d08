"""Keep what the handout's given cells define, whatever later code does to it. Runs in the kernel.

A given cell may have been merged, split or commented, so statements are recognised wherever they
are. Knows the handout's statements, and no answers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.kernel.recording.copies import copied, is_same
from grader.kernel.recording.definitions import names_bound_in
from grader.kernel.recording.namespaces import Namespace

NOTE_GIVEN = "_grader_note_given"
"""Builtin that records the result of a given statement."""

Position = tuple[int, int]
"""Line and column of a statement in its cell."""


@dataclass(frozen=True)
class GivenStatement:
    """A top-level statement in a given cell of the handout."""

    name: str
    """The name that is asked for."""
    binds: bool
    """Whether it assigns the name; otherwise it mentions it, and may change its value."""


@dataclass(frozen=True)
class FoundStatement:
    """A given statement in a cell of the notebook."""

    position: Position
    name: str
    own_name: str
    """The name that it has here."""
    binds: bool

    @property
    def is_exact(self) -> bool:
        """Whether the name is the handout's."""
        return self.name == self.own_name


@dataclass
class _Kept:
    """A copy of a name's value."""

    value: Any
    is_exact: bool


class GivenStatements:
    """The handout's statements about the names that questions ask for."""

    def __init__(self, sources: Mapping[str, Iterable[str]]) -> None:
        """Initialise with the statements of given cells that mention each name."""
        self._exact: dict[str, list[GivenStatement]] = {}
        self._renamed: dict[str, list[str]] = {}
        for name, statements in sources.items():
            for source in statements:
                self._add(name, source)

    def _add(self, name: str, source: str) -> None:
        (statement,) = ast.parse(source).body
        binds = name in names_bound_in(statement)
        key = ast.dump(statement)
        exact = self._exact.setdefault(key, [])
        exact.append(GivenStatement(name, binds))
        if _target_of(statement) == name:
            without_name = _without_target(statement)
            renamed = self._renamed.setdefault(without_name, [])
            renamed.append(name)

    def find_in(self, tree: ast.Module) -> list[FoundStatement]:
        """Find given statements at the top level of a cell."""
        if not self._exact:
            return []
        found: list[FoundStatement] = []
        for statement in tree.body:
            found += self._given_like(statement)
        return found

    def _given_like(self, statement: ast.stmt) -> Iterator[FoundStatement]:
        position = _position(statement)
        source = ast.unparse(statement)
        (plain,) = ast.parse(source).body
        key = ast.dump(plain)
        for given in self._exact.get(key, ()):
            yield FoundStatement(position, given.name, given.name, given.binds)
        own_name = _target_of(plain)
        if not own_name:
            return
        without_name = _without_target(plain)
        for name in self._renamed.get(without_name, ()):
            if name != own_name:
                yield FoundStatement(position, name, own_name, binds=True)


class Givens:
    """The values of names that given statements bound, in one run."""

    def __init__(self) -> None:
        """Initialise without values."""
        self._kept: dict[str, _Kept] = {}
        self._is_unchanged = False

    def has(self, name: str) -> bool:
        """Return whether a given statement bound a name."""
        return name in self._kept

    def value(self, name: str) -> Any:
        """Return a copy of a name's given value."""
        return copied(self._kept[name].value)

    def before(self, found: FoundStatement, namespace: Namespace) -> None:
        """Check, before a given statement, whether the student's code changed the name's value."""
        kept = self._kept.get(found.name)
        self._is_unchanged = False
        if kept is not None and not found.binds and found.own_name in namespace:
            current = namespace[found.own_name]
            self._is_unchanged = is_same(kept.value, current)

    def after(self, found: FoundStatement, namespace: Namespace) -> None:
        """Keep a name's value after a given statement, unless the student's code changed it."""
        if not found.binds and not self._is_unchanged:
            return
        kept = self._kept.get(found.name)
        if kept is not None and not found.is_exact:  # the first, and none beside the exact one
            return
        if found.own_name in namespace:
            value = copied(namespace[found.own_name])
            self._kept[found.name] = _Kept(value, found.is_exact)


def watch(tree: ast.Module, found: Iterable[FoundStatement]) -> None:
    """Make a cell report before and after each given statement that it runs.

    Args:
        tree: the cell's, already instrumented, so that code added here is not recorded.
        found: given statements in it.
    """
    by_position: dict[Position, list[FoundStatement]] = {}
    for each in found:
        at_position = by_position.setdefault(each.position, [])
        at_position.append(each)

    body: list[ast.stmt] = []
    for statement in tree.body:
        position = _position(statement)
        noted = by_position.pop(position, [])
        body += _notes_at(statement, noted, "before")
        body.append(statement)
        if isinstance(statement, ast.Expr):  # the last of a cell is shown: nothing may follow it
            _note_through(statement, noted)
        else:
            body += _notes_at(statement, noted, "after")
    tree.body = body


def _note_through(statement: ast.Expr, noted: Iterable[FoundStatement]) -> None:
    """Pass the value of an expression through the notes that follow it."""
    for found in noted:
        statement.value = _note(found, "after", statement.value)
    ast.fix_missing_locations(statement)


def _notes_at(
    statement: ast.stmt, noted: Iterable[FoundStatement], stage: str
) -> Iterator[ast.stmt]:
    """Yield statements that note; tracebacks locate them at another statement."""
    for found in noted:
        note = _note(found, stage)
        added = ast.copy_location(ast.Expr(note), statement)
        yield ast.fix_missing_locations(added)


def _note(found: FoundStatement, stage: str, *values: ast.expr) -> ast.Call:
    arguments = (found.name, found.own_name, found.binds, stage)
    said: list[ast.expr] = [ast.Constant(argument) for argument in arguments]
    function = ast.Name(NOTE_GIVEN, ast.Load())
    return ast.Call(function, [*said, *values], [])


def _position(statement: ast.stmt) -> Position:
    return statement.lineno, statement.col_offset


def _target_of(statement: ast.stmt) -> str:
    """Return the name that an assignment binds; empty if it is not a single name."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return ""
    target = statement.targets[0]
    if not isinstance(target, ast.Name):
        return ""
    return target.id


def _without_target(statement: ast.stmt) -> str:
    """Format an assignment to one name without the name; empty for anything else."""
    if not isinstance(statement, ast.Assign):
        return ""
    return ast.dump(statement.value)
