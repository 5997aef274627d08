"""Detect answers that are one of several computed by the same code for written-out numbers. Pure.

A student who computes a step for every learning rate, in a list, a loop or with a function, has not
said which one is the answer. The last value of such code counts, and one that is named afterwards.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from grader.grading.printed_numbers import numbers_in
from grader.grading.search import Candidate
from grader.notebook.code import shared_tree
from grader.notebook.number_grids import (
    FILLING,
    MIN_NUMBERS,
    NO_NAMES,
    Loop,
    called_name,
    count_numbers,
    has_number,
    skeleton_of,
    tried_by_expression,
    tried_by_loop,
    tried_in_statement,
)
from grader.trace import Array, CodeCell, Event

PART = re.compile(r"(?P<parent>.*)(\[[^\[\]]*\]|\.\w+)")
"""The path of a value that is in another."""

INDEX = re.compile(r".*\[(?P<index>\d+)\]")

ARGUMENT = re.compile(r"argument\[(?P<index>\d+)\]")

NOTHING: frozenset[str] = frozenset()

CallPlace = tuple[int, int, int]
"""Cell, line and column of a call."""


@dataclass(frozen=True)
class Position:
    """The position of a value among those that one statement computes together."""

    index: int
    count: int

    @property
    def is_last(self) -> bool:
        """Whether no other value follows."""
        return self.index == self.count - 1


@dataclass(frozen=True)
class CallGroup:
    """Calls of one function that differ only in numbers."""

    function: str
    texts: dict[CallPlace, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many of them differ."""
        texts = set(self.texts.values())
        return len(texts)


class Alternatives:
    """The values of a notebook that are one of several which its code tries."""

    def __init__(self, cells: Iterable[CodeCell]) -> None:
        """Initialise with the cells of a trace; those of the handout try nothing."""
        self._trees: dict[int, ast.Module] = {}
        for cell in cells:
            if not cell.handout:
                self._trees[cell.cell] = shared_tree(cell.source)

    def least(self, right: Iterable[Candidate]) -> int:
        """Count the ways of which each right value is one; 0 if one is computed by itself."""
        least = 0
        for candidate in right:
            count = self.count(candidate)
            if not count:
                return 0
            least = min(count, least or count)
        return least

    def count(self, candidate: Candidate) -> int:
        """Count the ways of which a value is one, but not the last; 0 if computed by itself."""
        event = candidate.event
        if event.cell not in self._trees:
            return 0
        position = self._position(candidate)
        if position.count >= MIN_NUMBERS and self._tries(event):
            if position.is_last:
                return 0
            return position.count

        passes = self._passes_around(event)
        if passes < MIN_NUMBERS:
            return self._count_calls(event)
        is_last = event.turn == "last" and position.is_last
        if is_last:
            return 0
        return passes

    # Numbers that the notebook writes down

    def _nodes(self) -> Iterator[ast.AST]:
        for tree in self._trees.values():
            yield from ast.walk(tree)

    @cached_property
    def _loops(self) -> Mapping[int, Sequence[Loop]]:
        """The loops of each cell."""
        loops: dict[int, list[Loop]] = defaultdict(list)
        for cell, tree in self._trees.items():
            for node in ast.walk(tree):
                match node:
                    case ast.For() | ast.While():
                        loops[cell].append(node)
        return loops

    @cached_property
    def _simple_statements(self) -> Mapping[tuple[int, int, int], Sequence[ast.stmt]]:
        """The statements without a body, by cell, first and last line."""
        statements: dict[tuple[int, int, int], list[ast.stmt]] = defaultdict(list)
        for cell, tree in self._trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.stmt) and not hasattr(node, "body"):
                    last_line = node.end_lineno or node.lineno
                    statements[cell, node.lineno, last_line].append(node)
        return statements

    def _statements_at(self, event: Event) -> Sequence[ast.stmt]:
        """List the simple statements in the lines of an event."""
        lines = (event.cell, event.line, event.end_line)
        return self._simple_statements.get(lines, ())

    @cached_property
    def _known(self) -> Mapping[str, int]:
        """Number of written-out numbers that each name refers to."""
        known: dict[str, int] = {}
        for node in self._nodes():
            for name, value in _assigned(node):
                known[name] = count_numbers(value, NO_NAMES)
        return known

    @cached_property
    def _functions(self) -> frozenset[str]:
        """Functions that the notebook defines."""
        names = set()
        for node in self._nodes():
            match node:
                case ast.FunctionDef(name=name):
                    names.add(name)
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda()):
                    names.add(name)
        return frozenset(names)

    @cached_property
    def _giving(self) -> frozenset[str]:
        """Functions of the notebook that try several numbers in themselves."""
        names = set()
        for node in self._nodes():
            match node:
                case ast.FunctionDef(name=name):
                    if any(map(self._is_grid, ast.walk(node))):
                        names.add(name)
        return frozenset(names)

    @cached_property
    def _tried(self) -> frozenset[str]:
        """Functions of the notebook that are called for each of several numbers."""
        names: set[str] = set()
        for node in self._nodes():
            if self._is_grid(node):
                inside = map(called_name, ast.walk(node))
                names.update(inside)
        return self._functions & names

    @cached_property
    def _holding(self) -> frozenset[str]:
        """Names of lists and dicts with values computed from several numbers."""
        names: set[str] = set()
        for node in self._nodes():
            match node:
                case ast.Assign(targets=[ast.Name(id=name)]):
                    if self._tries_in(node):
                        names.add(name)
                case ast.For() | ast.While():
                    if tried_by_loop(node, self._known):
                        filled = _filled_in(node)
                        names.update(filled)
        return frozenset(names)

    @cached_property
    def _call_groups(self) -> Mapping[str, CallGroup]:
        """The calls of own functions with written numbers, by all that is not a number in them."""
        groups: dict[str, CallGroup] = {}
        for cell, tree in self._trees.items():
            for call in self._own_calls(tree):
                if not any(map(has_number, call.args)):
                    continue
                skeleton = skeleton_of(call)
                name = called_name(call)
                group = groups.setdefault(skeleton, CallGroup(name))
                place = (cell, call.lineno, call.col_offset)
                group.texts[place] = ast.dump(call)
        return groups

    def _own_calls(self, tree: ast.AST) -> Iterator[ast.Call]:
        """Yield the calls of functions that the notebook defines."""
        for node in ast.walk(tree):
            match node:
                case ast.Call():
                    if called_name(node) in self._functions:
                        yield node

    def _is_grid(self, node: ast.AST) -> bool:
        match node:
            case ast.For() | ast.While():
                count = tried_by_loop(node, self._known)
            case _:
                count = tried_by_expression(node, self._known, NOTHING)
        return count >= MIN_NUMBERS

    def _tries_in(self, statement: ast.stmt) -> bool:
        count = tried_in_statement(statement, self._known, self._giving)
        return count >= MIN_NUMBERS

    # Positions of values

    def _tries(self, event: Event) -> bool:
        """Return whether a statement computes values from several numbers together."""
        names = {*event.reads, *event.assigned}
        if names & self._holding:
            return True
        statements = self._statements_at(event)
        return any(map(self._tries_in, statements))

    def _passes_around(self, event: Event) -> int:
        """Count the numbers that the loops around a statement try together."""
        product = 1
        for loop in self._loops.get(event.cell, ()):
            if _is_around(loop, event):
                passes = self._passes(loop)
                product *= max(1, passes)
        return product

    def _passes(self, loop: Loop) -> int:
        match loop:
            case ast.For(iter=ast.Name(id=name)):
                if name in self._holding:
                    return MIN_NUMBERS
        return tried_by_loop(loop, self._known)

    def _count_calls(self, event: Event) -> int:
        """Count the calls of one function with a number each, if this one is not the last."""
        if event.scope:
            return self._count_calls_of(event.scope)
        for statement in self._statements_at(event):
            for call in self._own_calls(statement):
                skeleton = skeleton_of(call)
                found = self._call_groups.get(skeleton)
                if found is None or found.count < MIN_NUMBERS:
                    continue
                last_cell, last_line, _ = max(found.texts)
                if (event.cell, event.end_line) < (last_cell, last_line):
                    return found.count
        return 0

    def _count_calls_of(self, scope: str) -> int:
        """Count the calls with a number each of the function in which something happened."""
        function, _, _ = scope.partition(".")
        if function in self._tried:
            return MIN_NUMBERS
        for group in self._call_groups.values():
            if group.function == function and group.count >= MIN_NUMBERS:
                return group.count
        return 0

    def _position(self, candidate: Candidate) -> Position:
        """Return the position of a value among those beside it."""
        event = candidate.event
        path = candidate.place.path
        index = _index_in(path)
        if event.kind == "printed":
            numbers = list(numbers_in(event.text))
            return Position(index, len(numbers))
        if ARGUMENT.match(path):
            statements = self._statements_at(event)
            count = _count_arguments(statements)
            return Position(index, count)
        if path in event.assigned:
            index = event.assigned.index(path)
            return Position(index, len(event.assigned))
        return _position_in(path, event)


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that a statement assigns, each with its expression."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            for each, value in zip(names, values, strict=False):
                match each:
                    case ast.Name(id=name):
                        yield name, value


def _index_in(path: str) -> int:
    """Return the last index in a path; 0 if there is none."""
    match = INDEX.match(path)
    if match is None:
        return 0
    return int(match["index"])


def _position_in(path: str, event: Event) -> Position:
    """Find the position of a value in a list, a dict or an object."""
    parent = _parent(path)
    whole = event.values.get(parent or "")
    if isinstance(whole, Array):
        index = _index_in(path)
        return Position(index, len(whole.elements))
    if path not in event.values:
        return Position(0, 1)
    beside = [other for other in event.values if _parent(other) == parent]
    return Position(beside.index(path), len(beside))


def _parent(path: str) -> str | None:
    match = PART.fullmatch(path)
    if match is None:
        return None
    return match["parent"]


def _count_arguments(statements: Iterable[ast.stmt]) -> int:
    """Count the arguments of a call in some statements."""
    most = 0
    for statement in statements:
        for node in ast.walk(statement):
            match node:
                case ast.Call(args=arguments):
                    most = max(most, len(arguments))
    return most


def _is_around(loop: Loop, event: Event) -> bool:
    last_line = loop.end_lineno or 0
    return loop.lineno <= event.line and event.end_line <= last_line


def _filled_in(loop: Loop) -> Iterator[str]:
    """Yield the names of lists and dicts that a loop fills."""
    for node in ast.walk(loop):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
                if method in FILLING:
                    yield name
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                yield name
