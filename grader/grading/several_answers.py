"""Detect answers that a notebook gives in several versions, one of which may be right. Pure.

Trying until something is right is learning; but a student who submits every learning rate and sign
has not said which one is the answer. So if the same code is repeated again and again with other
numbers, the last one counts. A few more attempts after a right answer do not matter.
"""

from __future__ import annotations

import ast
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.grading.checks.outcome import Outcome, RaisedFlag, message
from grader.grading.expectation import Expectation
from grader.grading.search import Candidate, Kinds, Values, find
from grader.notebook.code import cached_by_source, shared_tree
from grader.trace import Array, CodeCell, Event, Graph, Value

MIN_OTHERS = 3
"""So many other answers, and the right one not the last, are for a person."""

MAX_LAST = 4
"""Most values of the last statement that count as its answer."""

SIGNS = (ast.operator, ast.unaryop, ast.UnaryOp, ast.expr_context)
"""Nodes that do not count as a difference."""

MIN_TELLING = 10
"""Nodes of a statement that is alike also under other names; shorter ones must use the same."""

_Simple = ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr | ast.Return
_Loop = ast.For | ast.While
_Block = _Loop | ast.FunctionDef

Place = tuple[int, int]
"""A cell, and the first line of a statement in it."""

ByStatement = dict[tuple[int, int, int], list[Candidate]]
"""Values of statements, by their cells, first lines, and order."""


@dataclass(frozen=True)
class Form:
    """How a statement is written."""

    shape: str
    """Without its numbers and operators, and without its names if it is a long one."""
    names: tuple[str, ...]
    """Its names, each once, in the order in which they occur."""
    numbers: tuple[str, ...]
    """Its numbers, texts and operators."""
    index: int = 0
    """Which statement of a loop or function it is, if the rest describes all of that."""

    def is_like(self, other: Form) -> bool:
        """Return whether two statements may be two answers to one exercise.

        They are not if they differ in one name alone: such is a step of another parameter.
        """
        if (self.shape, self.index) != (other.shape, other.index):
            return False
        if self.numbers != other.numbers:
            return True
        pairs = zip(self.names, other.names, strict=False)
        changed = [before for before, after in pairs if before != after]
        return len(changed) != 1


Forms = Sequence[Form]
"""A statement's own form, and that of the loop or function that contains it."""


@dataclass(frozen=True)
class Offered:
    """The answers of one piece of code that is repeated with other numbers."""

    count: int
    """How many different ones there are."""
    last: Sequence[Candidate]
    """Value of the last one."""


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
    extent = _extent(answer)
    among: list[Candidate] = []
    for candidate in offered:
        if _place_of(candidate) in alike and _extent(candidate) == extent:
            among.append(candidate)
    return _together(among)


def drawn_together(drawn: Iterable[Candidate], cells: Iterable[CodeCell]) -> Offered | None:
    """Collect the graphs that a submission draws as answers to one question.

    Args:
        drawn: the graphs, in their order.
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
        expectation: the reference's values, per run.
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
    """Group values by the statements that computed them, of which a line may contain several.

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
    """Count the statements per place that repeat the answer's with other numbers."""
    written: dict[Place, list[Forms]] = defaultdict(list)
    for cell in cells:
        if cell.handout:
            continue
        for line, forms in _statements_in(cell.source):
            written[cell.cell, line].append(forms)

    own_forms: set[Form] = set()
    for forms in written.get(_place_of(answer), ()):
        own_forms.update(forms)

    alike: Counter[Place] = Counter()
    for place, statements in written.items():
        count = sum(_is_any_like(forms, own_forms) for forms in statements)
        if count:
            alike[place] = count
    return alike


def _is_any_like(forms: Forms, others: Iterable[Form]) -> bool:
    return any(form.is_like(other) for form, other in itertools.product(forms, others))


@cached_by_source
def _statements_in(source: str) -> Sequence[tuple[int, Forms]]:
    """List the simple statements and loops in a cell by line; called for each exercise."""
    tree = shared_tree(source)
    in_blocks: dict[ast.AST, Form] = {}
    # An inner block comes later, and replaces the form of the outer one.
    for node in ast.walk(tree):
        if isinstance(node, _Block):
            in_blocks.update(_forms_in_block(node))

    statements = []
    for node in ast.walk(tree):
        if isinstance(node, _Simple | _Loop):
            forms = [_form(node)]
            if node in in_blocks:
                forms.append(in_blocks[node])
            statements.append((node.lineno, forms))
    return statements


def _forms_in_block(block: ast.stmt) -> Iterator[tuple[ast.AST, Form]]:
    """Yield each simple statement of a loop or function, with the form of the whole."""
    whole = _form(block)
    statements = [node for node in ast.walk(block) if isinstance(node, _Simple)]
    for index, statement in enumerate(statements, start=1):
        yield statement, replace(whole, index=index)


def _form(statement: ast.stmt) -> Form:
    """Describe a statement; a short one is like those with the same names only."""
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

    numbers = _numbers_and_signs(statement)
    return Form(" ".join(parts), tuple(names), tuple(numbers))


def _numbers_and_signs(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        match node:
            case ast.Constant(value=value):
                yield repr(value)
            case ast.operator() | ast.unaryop():
                kind = type(node)
                yield kind.__name__


def _extent(candidate: Candidate) -> tuple[int, bool]:
    """Count the elements of a value, and say whether it is an element itself."""
    value = candidate.value
    is_element = "[" in candidate.place.path
    size = value.size if isinstance(value, Array) else 1
    return size, is_element
