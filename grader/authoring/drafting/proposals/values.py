"""Propose to compare values: what an exercise shows or binds, and how it stands to seeds. Pure."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from grader.authoring.drafting.answers import named_like
from grader.authoring.drafting.candidates import AnswerCandidate, find_candidates
from grader.authoring.drafting.proposals.base import (
    Field,
    Observed,
    Proposal,
    is_alike,
    is_comparable,
)
from grader.authoring.drafting.proposals.drawn import is_filled_list, propose_list
from grader.authoring.drafting.proposals.free_choice import is_free_choice
from grader.authoring.drafting.proposals.notebook_code import LOOP, TaskCode
from grader.authoring.drafting.syntax import names_bound, names_read
from grader.trace import Array, Bool, Graph, Nothing, Number, Value

MAX_PARTS = 6
"""Most values that are asked for together."""
OFTEN = 10
"""How often a number stands in a notebook that stands there often."""
ASKS_FOR_DTYPE = (
    r" (dtype|data type|int8|int16|int32|int64|float16|float32|float64|bfloat16|uint8"
    r"|half precision) "
)
ASKS_FOR_RANK = r" (rank|column vector|row vector|keepdim|unsqueeze|extra dimension|vetor coluna) "
GRADIENTS = ("grad", "value", "step", "shown", "printed")
"""Where a gradient may be: it counts whichever way autograd is asked for it."""
SEEDS = r" (seed|seeds|semente|semilla|graine) "


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Ask what an exercise shows and binds."""
    yield from find_candidates(task.code.cells, task.task)


def propose(
    task: TaskCode,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose the values of an exercise, the most likely one first."""
    candidates = find_candidates(task.code.cells, task.task)
    possible = []
    for each in candidates:
        if _can_be_compared(observed.value(each)):
            possible.append(each)
    comparable = sorted(possible, key=_Order(task))
    named = named_like(task.task, comparable)
    if named is None:
        yield from _several(
            task,
            comparable,
            observed,
        )
    ordered = comparable if named is None else [named, *comparable]
    for candidate in dict.fromkeys(ordered):
        yield from _one(
            task,
            candidate,
            observed,
        )


def propose_fixed(
    task: TaskCode,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose the first value of an exercise that is the same under each seed, if there is one."""
    for candidate in find_candidates(task.code.cells, task.task):
        if not _can_be_compared(observed.value(candidate)) or is_typed_in(task, candidate):
            continue
        if observed.stability(candidate) == "fixed":
            yield from _one(
                task,
                candidate,
                observed,
            )
        return


class _Order:
    """Sorts the values of an exercise, the most likely one first."""

    def __init__(self, task: TaskCode) -> None:
        """Take the exercise."""
        self._task = task
        self._bound: set[str] = set()
        self._read: set[str] = set()
        for node in task.bindings:
            self._bound.update(names_bound(node))
            self._read |= names_read(node)

    def __call__(self, candidate: AnswerCandidate) -> tuple[bool, bool, bool]:
        """Return what a value is sorted by: those that words name, then those that are computed."""
        name = candidate.expression
        is_named = self._task.names(name) and name not in self._read
        is_typed = is_typed_in(self._task, candidate)
        return not is_named, is_typed, self._only_inspects(candidate)

    def _only_inspects(self, candidate: AnswerCandidate) -> bool:
        """Tell whether a value only shows a part, or a sum, of what the exercise binds."""
        node = ast.parse(candidate.expression, mode="eval").body
        match node:
            case ast.Name() | ast.Attribute(attr="grad"):
                return False
            case ast.Subscript(slice=ast.UnaryOp()):  # `losses[-1]` is the last loss
                return False
        read = names_read(node)
        return bool(read) and read <= self._bound | self._task.code.modules


def is_typed_in(
    task: TaskCode,
    candidate: AnswerCandidate,
) -> bool:
    """Tell whether an exercise binds a name to a number or a text that is written there."""
    for placed in task.statements:
        match placed.node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant()):
                if name == candidate.expression:
                    return True
    return False


def _can_be_compared(value: Value | None) -> bool:
    match value:
        case Graph(labels=labels):
            return bool(labels)
        case Nothing():
            return False
    return is_comparable(value)


def _one(
    task: TaskCode,
    candidate: AnswerCandidate,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose one value, if it is the same under each seed."""
    value = observed.value(candidate)
    if value is None or (task.trains and is_typed_in(task, candidate)):
        return
    if is_free_choice(task):
        return
    if isinstance(value, Graph):
        yield Proposal(
            "graph",
            {},
            (candidate,),
            value,
        )
        return

    if is_filled_list(
        task,
        candidate,
        value,
    ):
        yield from propose_list(
            candidate,
            value,
            observed,
        )
    if not hangs_on_own_draws(
        task,
        candidate,
        observed,
    ):
        fields = _fields(
            task,
            candidate,
            value,
            observed,
        )
        yield Proposal(
            "value",
            fields,
            (candidate,),
            value,
        )


def hangs_on_own_draws(
    task: TaskCode,
    candidate: AnswerCandidate,
    observed: Observed,
) -> bool:
    """Tell whether a value moves with the seeds, and not with given data alone."""
    if observed.stability(candidate) == "fixed" or seed_is_asked_for(task):
        return False
    code = task.code
    drawing = observed.drawing | code.drawing_cells
    behind = drawing.intersection(code.behind(candidate.cell))
    return not behind or any(code.cells[cell].removed_lines for cell in behind)


def seed_is_asked_for(task: TaskCode) -> bool:
    """Tell whether the words of the notebook say which seed to set, and an answer sets it."""
    if not re.search(SEEDS, task.code.words):
        return False
    answers = [placed for placed in task.code.statements if placed.is_answer]
    before = [placed for placed in answers if placed.cell <= task.statements[-1].cell]
    return any("seed" in ast.unparse(placed.node) for placed in before)


def _fields(
    task: TaskCode,
    candidate: AnswerCandidate,
    value: Value,
    observed: Observed,
) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    if _is_gradient(candidate, observed):
        fields["look_in"] = GRADIENTS
    if needs_place(
        task,
        value,
        observed,
    ):
        fields["where"] = "here"
    strict = _strict(task, value)
    if strict:
        fields["strict"] = strict
    return fields


def _strict(
    task: TaskCode,
    value: Value,
) -> tuple[str, ...]:
    if not isinstance(value, Array) or value.origin == "list":
        return ()
    strict = []
    if task.says(ASKS_FOR_RANK):
        strict.append("rank")
    if task.says(ASKS_FOR_DTYPE):
        strict.append("dtype")
    return tuple(strict)


def needs_place(
    task: TaskCode,
    value: Value,
    observed: Observed,
) -> bool:
    """Tell whether a value stands elsewhere too: in given cells, or since it occurs often."""
    match value:
        case Bool() | Nothing():
            return True
        case Number(value=0 | 1):
            return True
    count: Counter[bool] = Counter()
    for event in observed.run.events:
        if event.kind not in ("value", "shown") or not _is_cell(task, event.cell):
            continue
        is_given = not task.code.cells[event.cell].removed_lines
        for other in event.values.values():
            if is_alike(other, value):
                count[is_given] += 1
    return count[True] > 0 or count.total() >= OFTEN


def _is_cell(
    task: TaskCode,
    cell: int,
) -> bool:
    return 0 <= cell < len(task.code.cells)


def _is_gradient(
    candidate: AnswerCandidate,
    observed: Observed,
) -> bool:
    """Tell whether an answer is what a backward left behind: one worked out by hand is none."""
    value = observed.value(candidate)
    if not candidate.expression.endswith(".grad") or not isinstance(value, Array):
        return False
    for event in observed.run.events:
        if event.kind == "grad":
            for gradient in event.values.values():
                if is_alike(gradient, value):
                    return True
    return False


def _several(
    task: TaskCode,
    comparable: Sequence[AnswerCandidate],
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose all values that an exercise shows together, or computes nothing else from."""
    ends = _shown_together(task) or _ends(task)
    parts = [each for each in comparable if each.expression in ends]
    distinct = {each.expression: each for each in reversed(parts)}
    if not 2 <= len(distinct) <= MAX_PARTS or task.trains:
        return
    marks = tuple(distinct.values())
    values = [observed.value(mark) for mark in marks]
    if any(isinstance(value, Graph) for value in values):
        return
    if any(
        hangs_on_own_draws(
            task,
            mark,
            observed,
        )
        for mark in marks
    ):
        return
    first = values[0]
    if first is None:
        return
    fields: dict[str, Field] = {"all": True}
    if all(_is_gradient(mark, observed) for mark in marks):
        fields["look_in"] = GRADIENTS
    if any(
        value is not None
        and needs_place(
            task,
            value,
            observed,
        )
        for value in values
    ):
        fields["where"] = "here"
    yield Proposal(
        "value",
        fields,
        marks,
        first,
    )


def _shown_together(task: TaskCode) -> set[str]:
    """Name the values that the last line of an exercise shows: `print(a.grad, b.grad)`."""
    if not task.others:
        return set()
    last = task.others[-1].node
    values = [each for each in _shown(last) if not isinstance(each, (ast.Constant, ast.JoinedStr))]
    if all(isinstance(each, (ast.Name, ast.Attribute)) for each in values):
        return {ast.unparse(each) for each in values}
    return set()


def _shown(statement: ast.stmt) -> Sequence[ast.expr]:
    """List what `print` or a tuple shows together."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=shown)):
            return shown
        case ast.Expr(value=ast.Tuple(elts=shown)):
            return shown
    return ()


def _ends(task: TaskCode) -> set[str]:
    """Name what an exercise binds at top level, and reads nowhere but to show it."""
    bound: set[str] = set()
    read: set[str] = set()
    for node in task.bindings:
        if isinstance(node, LOOP):
            return set()
        read |= names_read(node)
        bound.update(names_bound(node))
    return bound - read
