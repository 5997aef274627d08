"""Tell the answers of an exercise from the values that it only prepares. Pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.notebook_code import TaskCode
from grader.authoring.drafting.proposals.training import has_network, training_statement
from grader.authoring.drafting.syntax import names_bound, names_read

MOVES = ("to", "cuda", "cpu")
"""Methods that move a tensor to a device."""


@dataclass(frozen=True)
class ByProducts:
    """Values of an exercise that are none of its answers."""

    before: tuple[int, int]
    """Cell and line (from 1) before which there is no answer."""
    moved: frozenset[str]
    """Names whose values only move to another device."""
    functions: frozenset[str]
    """Functions that the exercise defines, on which its answer hangs; empty: none."""
    used: frozenset[str]
    """Names bound by what calls them, directly or not."""

    def has(self, candidate: AnswerCandidate) -> bool:
        """Return whether a value is one of them."""
        if (candidate.cell, candidate.line) < self.before:
            return True
        if candidate.expression in self.moved:
            return True
        if not self.functions:
            return False
        return names_read(ast.parse(candidate.expression)).isdisjoint(self.functions | self.used)


def by_products_of(task: TaskCode) -> ByProducts:
    """Tell what an exercise prepares from what it answers: it trains, or defines functions."""
    before = (0, 0)
    if task.trains_at_top_level and has_network(task):
        first = training_statement(task)
        before = (first.cell, first.node.lineno)
    moved = set()
    for node in task.bindings:
        moved |= _moved_names(node)
    functions = {placed.name for placed in task.functions}
    used: set[str] = set()
    for placed in task.code.statements:
        if not names_read(placed.node).isdisjoint(functions | used):
            used.update(names_bound(placed.node))
    return ByProducts(before, frozenset(moved), frozenset(functions), frozenset(used))


def _moved_names(node: ast.stmt) -> set[str]:
    """Find the names that a statement only moves: `x, y = x.to(device), y.to(device)`."""
    moved = set()
    for inner in ast.walk(node):
        match inner:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method), args=args):
                if method in MOVES and all(map(_is_device, args)):
                    moved.add(name)
    return moved & set(names_bound(node))


def _is_device(node: ast.expr) -> bool:
    match node:
        case ast.Name(id=name):
            return "dev" in name.casefold()
        case ast.Constant(value=str()):
            return True
    return False
