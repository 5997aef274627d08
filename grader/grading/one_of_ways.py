"""Tell an answer from one of several that the same code gives for numbers written down. Pure.

Whoever computes a step for every learning rate, in a list, a loop or by a function, has not said
which one it is. What such code gives last counts, as does what is named afterwards.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from grader.grading.printed_numbers import numbers_in
from grader.grading.search import Candidate
from grader.grading.several_answers import MAX_SOURCE
from grader.notebook.code import parse_cell
from grader.notebook.number_grids import (
    FILLING,
    MIN_NUMBERS,
    called,
    count_numbers,
    count_passes,
    count_ways,
    count_ways_in,
    has_number,
    shape_of,
)
from grader.trace import Array, CodeCell, Event

PART = re.compile(r"(?P<parent>.*)(\[[^\[\]]*\]|\.\w+)")
"""A value in another: its path, and that of the other."""

ARGUMENT = re.compile(r"argument\[(\d+)\]")

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Position:
    """Where a value stands among those that one statement gives together."""

    index: int
    count: int

    @property
    def is_last(self) -> bool:
        """Whether none comes after it."""
        return self.index == self.count - 1


class OneOfWays:
    """Which values of a notebook are one of several that its code tries."""

    def __init__(self, cells: Iterable[CodeCell]) -> None:
        """Take the cells of a trace; those of the handout try nothing."""
        self._trees: dict[int, ast.Module] = {}
        size = 0
        for cell in cells:
            size += len(cell.source)
            if not cell.handout and size <= MAX_SOURCE:
                self._trees[cell.cell] = parse_cell(cell.source)

    def count(self, candidate: Candidate) -> int:
        """Count the ways of which a value is one, and not the last; 0 if it stands by itself."""
        event = candidate.event
        tree = self._trees.get(event.cell)
        if tree is None:
            return 0
        position = _position(candidate)
        argument = ARGUMENT.match(candidate.place.path)
        if argument:
            position = Position(int(argument[1]), _count_arguments(tree, event))
        if position.count >= MIN_NUMBERS and self._tries(tree, event):
            return 0 if position.is_last else position.count
        passes = self._passes_around(tree, event)
        if passes >= MIN_NUMBERS:
            is_last = event.turn == "last" and position.is_last
            return 0 if is_last else passes
        return self._calls(tree, event)

    def least(self, right: Iterable[Candidate]) -> int:
        """Count the ways of which each right value is one; 0 if one stands by itself."""
        least = 0
        for candidate in right:
            count = self.count(candidate)
            if not count:
                return 0
            least = min(count, least or count)
        return least

    # What the notebook writes down

    def _nodes(self) -> Iterator[ast.AST]:
        for tree in self._trees.values():
            yield from ast.walk(tree)

    @cached_property
    def _known(self) -> Mapping[str, int]:
        """Names that stand for numbers which are written down, or for what is made of them."""
        known: dict[str, int] = {}
        for node in self._nodes():
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    count = count_numbers(value, {})
                    if count:
                        known[name] = count
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
            if isinstance(node, ast.FunctionDef) and self._has_grid(node):
                names.add(node.name)
        return frozenset(names)

    def _has_grid(self, function: ast.FunctionDef) -> bool:
        for node in ast.walk(function):
            if isinstance(node, ast.For) and count_passes(node, self._known) >= MIN_NUMBERS:
                return True
        return count_ways_in(function, self._known, NOTHING) >= MIN_NUMBERS

    @cached_property
    def _holding(self) -> frozenset[str]:
        """Names of lists and dicts that hold what comes of several numbers."""
        names: set[str] = set()
        for node in self._nodes():
            match node:
                case ast.Assign(targets=[ast.Name(id=name)]) if self._count_in(node):
                    names.add(name)
                case ast.For() if count_passes(node, self._known):
                    names.update(_filled_in(node))
        return frozenset(names)

    def _count_in(self, statement: ast.stmt) -> int:
        count = count_ways_in(statement, self._known, self._giving)
        return count if count >= MIN_NUMBERS else 0

    # Where a value stands

    def _tries(self, tree: ast.Module, event: Event) -> bool:
        """Tell whether what a statement gives together comes of several numbers."""
        if not self._holding.isdisjoint((*event.reads, *event.assigned)):
            return True
        return any(map(self._count_in, _statements_at(tree, event)))

    def _passes_around(self, tree: ast.Module, event: Event) -> int:
        """Count the numbers that the loops around a statement try together."""
        product = 1
        for node in ast.walk(tree):
            if not isinstance(node, ast.For) or not _is_around(node, event):
                continue
            runs_over_ways = isinstance(node.iter, ast.Name) and node.iter.id in self._holding
            passes = MIN_NUMBERS if runs_over_ways else count_passes(node, self._known)
            product *= max(1, passes)
        return product

    def _calls(self, tree: ast.Module, event: Event) -> int:
        """Count the calls of one function with a number each, if this one is not the last."""
        function, _, _ = event.scope.partition(".")
        if function in self._tried:
            return MIN_NUMBERS
        for group in self._call_groups.values():
            if group.function == function and group.count >= MIN_NUMBERS:
                return group.count
        place = (event.cell, event.end_line, MAX_SOURCE)
        for statement in _statements_at(tree, event):
            for node in ast.walk(statement):
                shape = shape_of(node) if called(node) in self._functions else ""
                found = self._call_groups.get(shape)
                if found and found.count >= MIN_NUMBERS and place < max(found.texts):
                    return found.count
        return 0

    @cached_property
    def _tried(self) -> frozenset[str]:
        """Functions of the notebook that are called for each of several numbers."""
        names: set[str] = set()
        for node in self._nodes():
            is_loop = isinstance(node, ast.For) and count_passes(node, self._known) >= MIN_NUMBERS
            if is_loop or count_ways(node, self._known, NOTHING) >= MIN_NUMBERS:
                names.update(map(called, ast.walk(node)))
        return self._functions & names

    @cached_property
    def _call_groups(self) -> Mapping[str, _CallGroup]:
        """The calls of own functions with written numbers, by all that is not a number in them."""
        groups: dict[str, _CallGroup] = {}
        for cell, tree in self._trees.items():
            for node in ast.walk(tree):
                name = called(node)
                if name not in self._functions or not isinstance(node, ast.Call):
                    continue
                if any(map(has_number, node.args)):
                    group = groups.setdefault(shape_of(node), _CallGroup(name))
                    group.texts[cell, node.lineno, node.col_offset] = ast.dump(node)
        return groups


@dataclass(frozen=True)
class _CallGroup:
    """Calls that differ in numbers only."""

    function: str
    texts: dict[tuple[int, int, int], str] = field(default_factory=dict)
    """The calls, by cell, line and column."""

    @property
    def count(self) -> int:
        """How many of them differ."""
        return len(set(self.texts.values()))


def _statements_at(tree: ast.Module, event: Event) -> Iterator[ast.stmt]:
    """Give the simple statements in the lines of an event."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt) or hasattr(node, "body"):
            continue
        if node.lineno == event.line and node.end_lineno == event.end_line:
            yield node


def _count_arguments(tree: ast.Module, event: Event) -> int:
    """Count the arguments of the call in the line of an event."""
    most = 0
    for statement in _statements_at(tree, event):
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                most = max(most, len(node.args))
    return most


def _is_around(loop: ast.For, event: Event) -> bool:
    return loop.lineno <= event.line and event.end_line <= (loop.end_lineno or 0)


def _filled_in(loop: ast.For) -> Iterator[str]:
    """Give the names of lists and dicts into which a loop puts something."""
    for node in ast.walk(loop):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
                if method in FILLING:
                    yield name
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                yield name


def _position(candidate: Candidate) -> Position:
    """Say where a value stands among those beside it."""
    event = candidate.event
    path = candidate.place.path
    if event.kind == "printed":
        count = len(list(numbers_in(event.text)))
        index = int(path.removeprefix("printed[").removesuffix("]"))
        return Position(index, count)
    if path in event.assigned:
        return Position(event.assigned.index(path), len(event.assigned))

    match = PART.fullmatch(path)
    if match is None:
        return Position(0, 1)
    parent = match["parent"]
    whole = event.values.get(parent)
    if isinstance(whole, Array):
        _, _, index_text = path.rpartition("[")
        return Position(int(index_text.rstrip("]")), len(whole.elements))
    beside = [other for other in event.values if _parent(other) == parent]
    return Position(beside.index(path), len(beside))


def _parent(path: str) -> str:
    match = PART.fullmatch(path)
    return match["parent"] if match else ""
