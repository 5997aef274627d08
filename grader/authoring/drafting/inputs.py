"""Finds the data that answers depend on, and how it is related. Pure."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.candidates import RANDOM, called
from grader.authoring.drafting.code import names_bound, names_read
from grader.authoring.drafting.solved import Piece, Task
from grader.notebook.code import parse_cell
from grader.trace import Array, Event, Number, Run

FEWEST, MOST = 3, 64
"""Numbers that an input may have."""
MAX_INPUTS = 5
READING = re.compile(r"load|read|open|from_csv|genfromtxt")
"""Beginnings of functions that read a file."""
OPERATORS = (ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Constant, ast.Name, ast.Load)
"""What a relation between inputs is made of."""


@dataclass(frozen=True)
class Data:
    """A name that holds data in the notebook."""

    name: str
    array: Array
    relation: str = ""
    """Of data computed from other data: how, in names of these; empty: it is not."""
    drawn: bool = False
    """Whether it comes from random numbers or a file."""


@dataclass(frozen=True)
class FoundData:
    """The data of a notebook."""

    inputs: tuple[Data, ...]
    too_large: tuple[str, ...] = ()
    """Names of data with more numbers than can be told apart from others."""


def find_data(pieces: Sequence[Piece], tasks: Sequence[Task], run: Run) -> FoundData:
    """The data that students are given and answers depend on.

    Args:
        pieces: the notebook's.
        tasks: its exercises.
        run: a run of it, with the place of each cell among the pieces as its index.
    """
    given = _given(pieces)
    wanted = _needed(pieces, tasks)
    first = _first_values(run, given)
    found: list[Data] = []
    large: list[str] = []
    for name, (cell, statement) in given.items():
        array = first.get(name)
        if name not in wanted or array is None or array.requires_grad:
            continue
        if array.size > MOST:
            large.append(name)
        elif array.size >= FEWEST and len(set(array.elements)) > 1 and _is_new(array, found):
            scalars = {n: v for n, v in _scalars(run).items() if n in given and given[n][0] <= cell}
            found.append(_data(name, array, statement, found, scalars))
    return FoundData(tuple(found[:MAX_INPUTS]), tuple(large))


def _given(pieces: Sequence[Piece]) -> dict[str, tuple[int, ast.stmt]]:
    """The names that lines of the handout bind first, at top level, and not by way of an answer."""
    found: dict[str, tuple[int, ast.stmt]] = {}
    answers: set[str] = set()
    for cell, piece in enumerate(pieces):
        for statement in parse_cell(piece.source).body if piece.kind == "code" else ():
            taken = piece.taken.intersection(
                range(statement.lineno, (statement.end_lineno or 0) + 1)
            )
            bound = [*names_bound(statement), *filter(None, [getattr(statement, "name", "")])]
            if taken or answers & names_read(statement):
                answers.update(name for name in bound if name not in found)
            else:
                found.update(
                    (name, (cell, statement))
                    for name in bound
                    if name not in found and name not in answers
                )
    return found


def _needed(pieces: Sequence[Piece], tasks: Sequence[Task]) -> set[str]:
    """Names that the answers read, and those behind these."""
    statements = [
        s for piece in pieces if piece.kind == "code" for s in parse_cell(piece.source).body
    ]
    behind = [({*names_bound(s), getattr(s, "name", "")}, names_read(s)) for s in statements]
    cells = {cell for task in tasks for cell in task.cells}
    wanted = {name for cell in cells for name in names_read(parse_cell(pieces[cell].source))}
    while more := {name for bound, read in behind if bound & wanted for name in read} - wanted:
        wanted |= more
    return wanted


def _first_values(run: Run, given: Mapping[str, tuple[int, ast.stmt]]) -> dict[str, Array]:
    """What each name held after the statement that gives it, if that is an array."""
    found: dict[str, Array] = {}
    for event in run.events:
        for name in event.assigned if event.kind == "value" and not event.scope else ():
            cell, statement = given.get(name, (-1, None))
            array = _array(event, name)
            if array and statement and (cell, statement.lineno) == (event.cell, event.line):
                found.setdefault(name, array)
    return found


def _array(event: Event, name: str) -> Array | None:
    value = event.values.get(name)
    return value if isinstance(value, Array) and all(map(math.isfinite, value.elements)) else None


def _scalars(run: Run) -> dict[str, float]:
    """The numbers that names hold first at top level."""
    found: dict[str, float] = {}
    for event in run.events:
        for name in event.assigned if event.kind == "value" and not event.scope else ():
            value = event.values.get(name)
            if isinstance(value, Number):
                found.setdefault(name, value.value)
    return found


def _is_new(array: Array, found: Sequence[Data]) -> bool:
    """Whether no other data has the same numbers: `x_t` of `x` is followed as `x` is."""
    return all(other.array.elements != array.elements for other in found)


def _data(
    name: str,
    array: Array,
    statement: ast.stmt,
    found: Sequence[Data],
    scalars: Mapping[str, float],
) -> Data:
    value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
    if value is None:
        return Data(name, array)
    calls = [called(node) for node in ast.walk(value) if isinstance(node, ast.Call)]
    drawn = any(RANDOM.fullmatch(name) or READING.match(name) for name in calls)
    expression = _Inlined(scalars).visit(ast.parse(ast.unparse(value), mode="eval").body)
    names, known = names_read(expression), {one.name for one in found}
    simple = all(isinstance(node, OPERATORS) for node in ast.walk(expression))
    if simple and not drawn and names & known and names <= known:
        return Data(name, array, ast.unparse(expression))
    lines = (line for one in found if not drawn and (line := _on_a_line(array, one)))
    return Data(name, array, next(lines, ""), drawn)


def _on_a_line(array: Array, other: Data) -> str:
    """How numbers are made of others by a multiple and an offset that can be written; empty if they are not.

    `y` of `y = 2 * torch.arange(4)` beside `x = torch.arange(4)`: students may rely on it all the same.
    """
    if (
        other.relation
        or (array.shape, array.origin) != (other.array.shape, other.array.origin)
        or array.origin == "list"
    ):
        return ""
    (x0, y0), (x1, y1) = sorted(zip(other.array.elements, array.elements, strict=True))[
        :: len(array.elements) - 1
    ][:2]
    slope = round((y1 - y0) / (x1 - x0), 4) if x1 != x0 else 0.0
    offset = round(y0 - slope * x0, 4)
    pairs = zip(other.array.elements, array.elements, strict=True)
    if not slope or any(abs(slope * x + offset - y) > 1e-6 * max(1.0, abs(y)) for x, y in pairs):
        return ""
    sign = "-" if offset < 0 else "+"
    return f"{slope:g} * {other.name}" + (f" {sign} {abs(offset):g}" if offset else "")


class _Inlined(ast.NodeTransformer):
    """Puts numbers in place of the names that hold them."""

    def __init__(self, scalars: Mapping[str, float]) -> None:
        self._scalars = scalars

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name; called by `ast`."""
        value = self._scalars.get(node.id)
        return node if value is None else ast.Constant(int(value) if value == int(value) else value)
