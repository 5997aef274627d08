"""Detect answers that a notebook contains once for each way that may be right. Pure.

Trying until something is right is learning; but a student who submits every learning rate and sign
has not said which one is the answer. So if the same code is repeated again and again with other
numbers, the last one counts. A few more attempts after a right answer do not matter.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.grading.checks.outcome import Outcome, RaisedFlag, message
from grader.grading.expectation import Expectation
from grader.grading.search import Candidate, Kinds, Values, find
from grader.notebook.code import kept, shared_tree
from grader.trace import CodeCell, Event, Graph, Value

MIN_OTHERS = 3
"""So many other answers, and the right one not the last, are for a person."""

MAX_LAST = 4
"""Most values of the last statement that count as its answer."""

SIGNS = (ast.operator, ast.unaryop, ast.UnaryOp, ast.expr_context)
"""Nodes that make no difference."""

MIN_TELLING = 10
"""Nodes of a statement that is alike also under other names; shorter ones must use the same."""

_Simple = ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Return

Place = tuple[int, int]
"""A cell, and the first line of a statement in it."""

ByStatement = dict[tuple[int, int, int], list[Candidate]]
"""What statements gave, by their cells, first lines, and order."""


@dataclass(frozen=True)
class Offered:
    """The answers of one piece of code that is repeated with other numbers."""

    count: int
    """How many different ones there are."""
    last: Sequence[Candidate]
    """What the last one gives."""


def offered_together(
    answer: Candidate, offered: Iterable[Candidate], cells: Iterable[CodeCell]
) -> Offered | None:
    """Find the answers of statements that are like the answer's.

    Args:
        answer: a right one.
        offered: all values that the submission offers.
        cells: its code.

    Returns:
        None if there are too few of them to matter.
    """
    alike = _statements_like(answer, cells)
    if alike.total() <= MIN_OTHERS:
        return None
    among = [candidate for candidate in offered if _place_of(candidate) in alike]
    return _together(among)


def drawn_together(drawn: Iterable[Candidate], cells: Iterable[CodeCell]) -> Offered | None:
    """Collect the graphs that a submission draws as answers to one question.

    Args:
        drawn: what was drawn, in its order.
        cells: its code.

    Returns:
        None if there are too few of them to matter.
    """
    own_cells = {cell.cell for cell in cells if not cell.handout}
    among = []
    for candidate in drawn:
        if isinstance(candidate.value, Graph) and candidate.event.cell in own_cells:
            among.append(candidate)
    return _together(among)


def right_everywhere(
    values: Values, look_in: Kinds, expectation: Expectation, least: float
) -> Iterator[Candidate]:
    """Yield the values that agree with the reference in every run.

    Args:
        values: what the submission computed.
        look_in: kinds of events that count.
        expectation: what the reference gives, per run.
        least: least share of the points that they earn.
    """
    labels = [run.label for run in values.trace.runs if run.label in expectation.runs]
    for found in find(values, look_in, expectation):
        candidate = found.candidate
        is_right = found.credit >= least
        for label in labels:
            at_place = values.at(label, candidate.place, look_in)
            credits = [one.credit(expectation, label) for one in at_place]
            is_right = is_right and any(credits)
        if is_right:
            yield candidate


def one_of_several(answer: Candidate, count: int) -> Outcome:
    """Leave it to a person which of many answers counts."""
    why = message("several.which", count=count)
    flag = RaisedFlag("several-answers", answer)
    return Outcome("pending", why, found=answer, flags=(flag,))


def _together(candidates: Iterable[Candidate]) -> Offered | None:
    by_statement = _by_statement(candidates)
    values: set[Value] = set()
    for given in by_statement.values():
        values.update(candidate.value for candidate in given)
    count = len(values)
    if count <= MIN_OTHERS:
        return None
    last_statement = max(by_statement)
    last = by_statement.pop(last_statement)
    own = _without_known(last, by_statement) or last
    return Offered(count, own[-MAX_LAST:])


def _by_statement(candidates: Iterable[Candidate]) -> ByStatement:
    """Group values by the statements that gave them, of which a line may hold several.

    The passes of a loop are one statement.
    """
    by_statement: ByStatement = {}
    ordinals: dict[tuple[Place, Sequence[str], int], int] = {}
    seen: Counter[tuple[Place, Sequence[str], str]] = Counter()
    previous: Event | None = None
    for candidate in candidates:
        event = candidate.event
        place = _place_of(candidate)
        turn = (place, event.assigned, event.turn)
        if event is not previous:
            seen[turn] += 1
            previous = event
        key = (place, event.assigned, seen[turn])
        ordinal = ordinals.setdefault(key, len(ordinals))
        values = by_statement.setdefault((*place, ordinal), [])
        values.append(candidate)
    return by_statement


def _without_known(last: Sequence[Candidate], before: ByStatement) -> list[Candidate]:
    """Drop values that a statement only shows again, such as other attributes of an object."""
    known = set()
    for candidates in before.values():
        for candidate in candidates:
            known.add((candidate.place.path, candidate.value))
    return [one for one in last if (one.place.path, one.value) not in known]


def _place_of(candidate: Candidate) -> Place:
    return candidate.event.cell, candidate.event.line


def _statements_like(answer: Candidate, cells: Iterable[CodeCell]) -> Counter[Place]:
    """Count the statements per place that differ from the answer's only in numbers and signs."""
    shapes: dict[Place, list[str]] = {}
    for cell in cells:
        if cell.handout:
            continue
        for line, shape in _shapes(cell.source):
            in_line = shapes.setdefault((cell.cell, line), [])
            in_line.append(shape)

    own_shapes = set(shapes.get(_place_of(answer), ()))
    alike: Counter[Place] = Counter()
    for place, in_line in shapes.items():
        count = sum(shape in own_shapes for shape in in_line)
        if count:
            alike[place] = count
    return alike


@kept
def _shapes(source: str) -> Sequence[tuple[int, str]]:
    """List line and shape of the simple statements in a cell; called for each exercise."""
    tree = shared_tree(source)
    shapes = []
    for node in ast.walk(tree):
        if isinstance(node, _Simple):
            shape = _shape(node)
            shapes.append((node.lineno, shape))
    return shapes


def _shape(statement: ast.stmt) -> str:
    """Write a statement without its numbers and operators, and a long one without its names."""
    nodes = [node for node in ast.walk(statement) if not isinstance(node, SIGNS)]
    is_telling = len(nodes) >= MIN_TELLING
    parts: list[str] = []
    names: dict[str, int] = {}
    for node in nodes:
        part = type(node).__name__
        if isinstance(node, ast.Attribute):
            part = "" if isinstance(node.ctx, ast.Store) else node.attr
        elif isinstance(node, ast.Name):
            number = names.setdefault(node.id, len(names))
            part = str(number) if is_telling else node.id
        parts.append(part)
    return " ".join(parts)
