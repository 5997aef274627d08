"""Find the data that answers depend on, and how it is related. Pure."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.candidates import RANDOM
from grader.authoring.drafting.solved import DraftCell, Task
from grader.authoring.drafting.syntax import (
    called_name,
    line_range,
    names_bound,
    names_read,
    statements_of,
)
from grader.notebook.code import parse_cell
from grader.trace import Array, Event, Number, Run, Value

MIN_SIZE = 3
"""Fewest numbers that an input may have."""
MAX_SIZE = 64
"""Most numbers that an input may have: of larger data not every number is recorded."""
MAX_INPUTS = 5

READING = re.compile(r"load|read|open|from_csv|genfromtxt")
"""Beginnings of functions that read a file."""
ARITHMETIC = (
    ast.BinOp,
    ast.UnaryOp,
    ast.operator,
    ast.unaryop,
    ast.Constant,
    ast.Name,
    ast.Load,
)
"""Nodes that a relation between inputs is made of."""
RELATIVE_ERROR = 1e-6
"""How far numbers on a straight line may be from it, as a share of their size."""


@dataclass(frozen=True)
class NamedData:
    """A name that refers to data in the notebook."""

    name: str
    array: Array
    relation: str = ""
    """Expression in the names of other data that computes it; empty: none does."""
    drawn: bool = False
    """Whether it comes from random numbers or a file."""


@dataclass(frozen=True)
class FoundData:
    """The data of a notebook."""

    inputs: tuple[NamedData, ...]
    too_large: tuple[str, ...] = ()
    """Names of data with too many numbers to vary."""


@dataclass(frozen=True)
class GivenName:
    """The statement of the handout that first binds a name."""

    cell: int
    statement: ast.stmt


def find_data(
    cells: Sequence[DraftCell],
    tasks: Sequence[Task],
    run: Run,
) -> FoundData:
    """Find the data that students are given and answers depend on.

    Args:
        cells: the notebook's.
        tasks: its exercises.
        run: a run of it, in which each cell has its index among `cells`.
    """
    given = given_names(cells)
    needed = _needed_names(cells, tasks)
    arrays = _first_arrays(run, given)
    inputs: list[NamedData] = []
    too_large: list[str] = []

    for name, binding in given.items():
        array = arrays.get(name)
        if array is None or array.requires_grad:
            continue
        if name not in needed:
            continue
        if array.size > MAX_SIZE:
            too_large.append(name)
            continue
        if _can_vary(array) and _is_new(array, inputs):
            scalars = _known_scalars(run, given, binding.cell)
            data = _name_data(name, array, binding.statement, inputs, scalars)
            inputs.append(data)

    first_inputs = inputs[:MAX_INPUTS]
    return FoundData(tuple(first_inputs), tuple(too_large))


def given_names(cells: Sequence[DraftCell]) -> dict[str, GivenName]:
    """Find the names that the handout binds first, at top level, and not through an answer."""
    given: dict[str, GivenName] = {}
    answered: set[str] = set()
    for index, cell in enumerate(cells):
        for statement in statements_of(cell):
            lines = line_range(statement)
            names = _names_defined(statement)
            is_answer = not cell.removed_lines.isdisjoint(lines)
            reads_answer = not answered.isdisjoint(names_read(statement))
            new_names = []
            for name in names:
                if name not in given:
                    new_names.append(name)

            if is_answer or reads_answer:
                answered.update(new_names)
                continue
            for name in new_names:
                if name not in answered:
                    given[name] = GivenName(index, statement)
    return given


def _names_defined(statement: ast.stmt) -> list[str]:
    """List the names that a statement binds, including functions and classes."""
    names = names_bound(statement)
    defined = getattr(statement, "name", "")
    if defined:
        return [*names, defined]
    return names


def _needed_names(cells: Sequence[DraftCell], tasks: Sequence[Task]) -> set[str]:
    """Find the names that the answers read, and those they are computed from."""
    needed: set[str] = set()
    for task in tasks:
        for index in task.cells:
            tree = parse_cell(cells[index].source)
            needed |= names_read(tree)

    statements: list[ast.stmt] = []
    for cell in cells:
        statements.extend(statements_of(cell))

    while True:
        behind: set[str] = set()
        for statement in statements:
            defined = _names_defined(statement)
            if not needed.isdisjoint(defined):
                behind |= names_read(statement)
        if behind <= needed:
            return needed
        needed |= behind


def _first_arrays(run: Run, given: Mapping[str, GivenName]) -> dict[str, Array]:
    """Find the value of each name after the statement that defines it, if it is an array."""
    arrays: dict[str, Array] = {}
    for event, name, value in _top_level_values(run):
        binding = given.get(name)
        if binding is None or event.cell != binding.cell:
            continue
        if event.line != binding.statement.lineno:
            continue
        if isinstance(value, Array) and _is_finite(value):
            arrays.setdefault(name, value)
    return arrays


def _top_level_values(run: Run) -> Iterator[tuple[Event, str, Value | None]]:
    """List the names that statements at top level assigned, each with its value."""
    for event in run.events:
        if event.scope or event.kind != "value":
            continue
        for name in event.assigned:
            value = event.values.get(name)
            yield event, name, value


def _is_finite(array: Array) -> bool:
    return all(map(math.isfinite, array.elements))


def _known_scalars(
    run: Run,
    given: Mapping[str, GivenName],
    last_cell: int,
) -> dict[str, float]:
    """Find the first numbers of the names that are given up to a cell."""
    scalars: dict[str, float] = {}
    for _, name, value in _top_level_values(run):
        binding = given.get(name)
        if binding is None or binding.cell > last_cell:
            continue
        if isinstance(value, Number):
            scalars.setdefault(name, value.value)
    return scalars


def _can_vary(array: Array) -> bool:
    if array.size < MIN_SIZE:
        return False
    different = set(array.elements)
    return len(different) > 1


def _is_new(array: Array, inputs: Sequence[NamedData]) -> bool:
    """Return whether no other data has the same numbers: `x_t` of `x` is followed as `x` is."""
    known = [other.array.elements for other in inputs]
    return array.elements not in known


def _name_data(
    name: str,
    array: Array,
    statement: ast.stmt,
    known: Sequence[NamedData],
    scalars: Mapping[str, float],
) -> NamedData:
    """Describe data by the statement that defines it, and by other data known already."""
    match statement:
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            expression = _inline(value, scalars)
        case _:
            return NamedData(name, array)

    if _is_drawn(value):
        return NamedData(name, array, drawn=True)
    if _is_relation(expression, known):
        return NamedData(name, array, ast.unparse(expression))
    return NamedData(name, array, _linear_relation(array, known))


def _is_drawn(value: ast.expr) -> bool:
    for node in ast.walk(value):
        if isinstance(node, ast.Call):
            name = called_name(node)
            if RANDOM.fullmatch(name) or READING.match(name):
                return True
    return False


def _is_relation(expression: ast.expr, known: Sequence[NamedData]) -> bool:
    """Return whether an expression is arithmetic on other data, and reads nothing else."""
    for node in ast.walk(expression):
        if not isinstance(node, ARITHMETIC):
            return False
    names = names_read(expression)
    if not names:
        return False
    return names <= {data.name for data in known}


def _linear_relation(array: Array, known: Sequence[NamedData]) -> str:
    """Express numbers as a multiple of other data plus an offset; empty if impossible.

    `y` of `y = 2 * torch.arange(4)` beside `x = torch.arange(4)`: students may rely on it all
    the same.
    """
    for other in known:
        relation = _relation_to(array, other)
        if relation:
            return relation
    return ""


def _relation_to(array: Array, other: NamedData) -> str:
    """Write numbers as a multiple of others plus an offset; empty if they are not."""
    if other.relation:
        return ""
    original = other.array
    if not _are_alike(array, original):
        return ""

    pairs = list(zip(original.elements, array.elements, strict=True))
    line = _line_through(pairs)
    if line is None:
        return ""
    for x, y in pairs:
        if not line.goes_through(x, y):
            return ""
    return line.expression(other.name)


def _are_alike(array: Array, other: Array) -> bool:
    """Return whether arithmetic on one results in the kind and the shape of the other."""
    if array.origin == "list" or array.origin != other.origin:
        return False
    return array.shape == other.shape


@dataclass(frozen=True)
class _StraightLine:
    """A straight line, with a slope and an offset of few digits."""

    slope: float
    offset: float

    def goes_through(self, x: float, y: float) -> bool:
        """Return whether a point is on the line, except for rounding."""
        on_line = self.slope * x + self.offset
        error = abs(on_line - y)
        size = max(1.0, abs(y))
        return error <= RELATIVE_ERROR * size

    def expression(self, name: str) -> str:
        """Write the line as arithmetic on a name."""
        offset = self.offset
        multiple = f"{self.slope:g} * {name}"
        if offset > 0:
            return f"{multiple} + {offset:g}"
        if offset < 0:
            return f"{multiple} - {-offset:g}"
        return multiple


def _line_through(pairs: Sequence[tuple[float, float]]) -> _StraightLine | None:
    """Compute the line through the first and the last point; None if it is level or vertical."""
    x_first, y_first = min(pairs)
    x_last, y_last = max(pairs)
    if x_first == x_last:
        return None
    rise = y_last - y_first
    run = x_last - x_first
    slope = round(rise / run, 4)
    offset = round(y_first - slope * x_first, 4)
    if not slope:
        return None
    return _StraightLine(slope, offset)


def _inline(value: ast.expr, scalars: Mapping[str, float]) -> ast.expr:
    """Replace names by their numbers."""
    source = ast.unparse(value)
    copy = ast.parse(source, mode="eval")
    inliner = _ScalarInliner(scalars)
    inlined: ast.expr = inliner.visit(copy.body)
    return inlined


class _ScalarInliner(ast.NodeTransformer):
    """Replaces names by their numbers."""

    def __init__(self, scalars: Mapping[str, float]) -> None:
        self._scalars = scalars

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace a name; called by `ast`."""
        value = self._scalars.get(node.id)
        if value is None or not math.isfinite(value):
            return node
        if value == int(value):
            return ast.Constant(int(value))
        return ast.Constant(value)
