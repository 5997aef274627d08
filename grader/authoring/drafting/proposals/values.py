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
    is_comparable,
)
from grader.authoring.drafting.proposals.notebook_code import LOOP, TaskCode, calls_in
from grader.authoring.drafting.syntax import called_name, names_bound, names_read
from grader.grading.agreement import Tolerance, agrees
from grader.trace import Array, Bool, Graph, Nothing, Number, Value

MAX_PARTS = 6
"""Most values that are asked for together."""
OFTEN = 10
"""How often a number stands in a notebook that stands there often."""
MIN_SERIES = 4
"""Fewest numbers of a series."""
EXACT_BAND = 0.02
"""Band of a series that is the same under each seed."""
BANDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5)
MAX_RISE = 0.1
"""How far a series may rise, as a share of its whole fall: the default of its check."""

ASKS_FOR_DTYPE = (
    r" (dtype|data type|int8|int16|int32|int64|float16|float32|float64|bfloat16|uint8"
    r"|half precision) "
)
ASKS_FOR_RANK = r" (rank|column vector|row vector|keepdim|unsqueeze|extra dimension|vetor coluna) "
GRADIENTS = ("grad", "value", "step", "shown", "printed")
"""Where a gradient may be: it counts whichever way autograd is asked for it."""
SEEDS = r" (seed|seeds|semente|semilla|graine) "
SERIES = (
    r" (curve|losses|history|each epoch|every epoch|per epoch|at each step|curva|perdas|historico"
    r"|cada epoca|por epoca|perdidas) "
)
"""Words that ask for a series, folded."""


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Ask what an exercise shows and binds."""
    yield from find_candidates(task.code.cells, task.task)


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the values of an exercise, the most likely one first."""
    candidates = find_candidates(task.code.cells, task.task)
    possible = [each for each in candidates if _can_be_compared(observed.value(each))]
    comparable = sorted(possible, key=_Order(task))
    named = named_like(task.task, comparable)
    if named is None:
        yield from _several(task, comparable, observed)
    ordered = comparable if named is None else [named, *comparable]
    for candidate in dict.fromkeys(ordered):
        yield from _one(task, candidate, observed)


def propose_properties(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the shape, the dtype and the range of the tensors of an exercise that are drawn."""
    for candidate in find_candidates(task.code.cells, task.task):
        yield from _properties(task, candidate, observed)


def propose_series(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the lists that an exercise fills and is asked for, or that the handout begins."""
    for candidate in find_candidates(task.code.cells, task.task):
        value = observed.value(candidate)
        is_given = candidate.expression in task.code.begun
        is_asked = task.says(SERIES) or task.names(candidate.expression)
        if value is None or not (is_given or is_asked):
            continue
        if _is_filled_list(task, candidate, value):
            yield from _series(candidate, value, observed)


def propose_fixed(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the first value of an exercise that is the same under each seed, if there is one."""
    for candidate in find_candidates(task.code.cells, task.task):
        if not _can_be_compared(observed.value(candidate)) or is_typed_in(task, candidate):
            continue
        if observed.stability(candidate) == "fixed":
            yield from _one(task, candidate, observed)
        return


class _Order:
    """Sorts the values of an exercise, the most likely one first."""

    def __init__(self, task: TaskCode) -> None:
        """Take the exercise."""
        self._task = task
        self._bound: set[str] = set()
        self._read: set[str] = set()
        for placed in task.others:
            self._bound.update(names_bound(placed.node))
            if not isinstance(placed.node, ast.Expr):
                self._read |= names_read(placed.node)

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


def is_typed_in(task: TaskCode, candidate: AnswerCandidate) -> bool:
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


def _one(task: TaskCode, candidate: AnswerCandidate, observed: Observed) -> Iterator[Proposal]:
    """Propose one value, if it is the same under each seed."""
    value = observed.value(candidate)
    if value is None or (task.trains and is_typed_in(task, candidate)):
        return
    if isinstance(value, Graph):
        yield Proposal("graph", {}, (candidate,), value)
        return

    if _is_filled_list(task, candidate, value):
        yield from _series(candidate, value, observed)
    if not hangs_on_own_draws(task, candidate, observed):
        fields = _fields(task, candidate, value, observed)
        yield Proposal("value", fields, (candidate,), value)


def hangs_on_own_draws(task: TaskCode, candidate: AnswerCandidate, observed: Observed) -> bool:
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
    task: TaskCode, candidate: AnswerCandidate, value: Value, observed: Observed
) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    if _is_gradient(candidate, observed):
        fields["look_in"] = GRADIENTS
    if needs_place(task, value, observed):
        fields["where"] = "here"
    strict = _strict(task, value)
    if strict:
        fields["strict"] = strict
    return fields


def _strict(task: TaskCode, value: Value) -> tuple[str, ...]:
    if not isinstance(value, Array) or value.origin == "list":
        return ()
    strict = []
    if task.says(ASKS_FOR_RANK):
        strict.append("rank")
    if task.says(ASKS_FOR_DTYPE):
        strict.append("dtype")
    return tuple(strict)


def needs_place(task: TaskCode, value: Value, observed: Observed) -> bool:
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
            if agrees(other, value, Tolerance()):
                count[is_given] += 1
    return count[True] > 0 or count.total() >= OFTEN


def _is_cell(task: TaskCode, cell: int) -> bool:
    return 0 <= cell < len(task.code.cells)


def _is_gradient(candidate: AnswerCandidate, observed: Observed) -> bool:
    """Tell whether an answer is what a backward left behind: one worked out by hand is none."""
    value = observed.value(candidate)
    if not candidate.expression.endswith(".grad") or not isinstance(value, Array):
        return False
    for event in observed.run.events:
        if event.kind == "grad":
            for gradient in event.values.values():
                if agrees(gradient, value, Tolerance()):
                    return True
    return False


# Several values


def _several(
    task: TaskCode, comparable: Sequence[AnswerCandidate], observed: Observed
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
    if any(hangs_on_own_draws(task, mark, observed) for mark in marks):
        return
    first = values[0]
    if first is None:
        return
    fields: dict[str, Field] = {"all": True}
    if all(_is_gradient(mark, observed) for mark in marks):
        fields["look_in"] = GRADIENTS
    if any(value is not None and needs_place(task, value, observed) for value in values):
        fields["where"] = "here"
    yield Proposal("value", fields, marks, first)


def _shown_together(task: TaskCode) -> set[str]:
    """Name the values that the last line of an exercise shows: `print(a.grad, b.grad)`."""
    if not task.others:
        return set()
    match task.others[-1].node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=shown)):
            pass
        case ast.Expr(value=ast.Tuple(elts=shown)):
            pass
        case _:
            return set()
    values = [each for each in shown if not isinstance(each, (ast.Constant, ast.JoinedStr))]
    if not all(isinstance(each, (ast.Name, ast.Attribute)) for each in values):
        return set()
    return {ast.unparse(each) for each in values}


def _ends(task: TaskCode) -> set[str]:
    """Name what an exercise binds at top level, and reads nowhere but to show it."""
    bound: dict[str, None] = {}
    read: set[str] = set()
    for placed in task.others:
        node = placed.node
        if isinstance(node, LOOP):
            return set()
        if isinstance(node, ast.Expr):
            continue
        read |= names_read(node)
        bound.update(dict.fromkeys(names_bound(node)))
    return set(bound) - read


# Series


def _is_filled_list(task: TaskCode, candidate: AnswerCandidate, value: Value) -> bool:
    if not isinstance(value, Array) or value.origin != "list" or len(value.shape) != 1:
        return False
    if value.size < MIN_SERIES:
        return False
    for placed in task.statements:
        for call in calls_in(placed.node):
            match call.func:
                case ast.Attribute(value=ast.Name(id=name), attr="append"):
                    if name == candidate.expression:
                        return True
    return False


def _series(candidate: AnswerCandidate, value: Value, observed: Observed) -> Iterator[Proposal]:
    """Propose a list of numbers that falls, within a band that holds under each seed."""
    lists = [each for each in observed.all_values(candidate) if isinstance(each, Array)]
    if not isinstance(value, Array) or not all(_falls(each.elements) for each in lists):
        return
    last = value.elements[-1]
    if not last:
        return
    spread = max(abs(each.elements[-1] - last) / abs(last) for each in lists)
    is_fixed = observed.stability(candidate) == "fixed"
    wanted = EXACT_BAND if is_fixed else 1.5 * spread
    bands = [band for band in BANDS if band >= wanted - 1e-9]
    if bands:
        yield Proposal("series", {"series": {"band": bands[0]}}, (candidate,), value)


def _falls(numbers: Sequence[float]) -> bool:
    """Tell whether numbers end below the first, and do not rise much on the way."""
    fall = numbers[0] - min(numbers)
    if numbers[-1] >= numbers[0]:
        return False
    lowest = numbers[0]
    for number in numbers:
        if number > lowest + MAX_RISE * fall:
            return False
        lowest = min(lowest, number)
    return True


# Values that seeds move


def _properties(
    task: TaskCode, candidate: AnswerCandidate, observed: Observed
) -> Iterator[Proposal]:
    """Propose what a tensor has under every seed."""
    value = observed.value(candidate)
    name = candidate.expression
    if not isinstance(value, Array) or not name.isidentifier() or value.origin == "list":
        return
    if observed.stability(candidate) == "fixed" or value.size < 2:
        return
    if not task.code.is_named(name):
        return
    arrays = [each for each in observed.all_values(candidate) if isinstance(each, Array)]
    shapes = {each.shape for each in arrays}
    if len(shapes) > 1:
        return
    tensor = f"torch.as_tensor({name})"
    holds = [f"tuple({name}.shape) == {value.shape!r} and len({tensor}.unique()) > 1"]
    if value.origin == "tensor":
        holds.append(f"{name}.dtype == torch.{value.dtype}")
    if _is_in_range(task, name):
        holds += _range(tensor, arrays)
    yield Proposal("test", {"holds": tuple(holds)})


def _is_in_range(task: TaskCode, name: str) -> bool:
    """Tell whether an exercise draws a value between 0 and 1, or makes it a share."""
    for placed in task.others:
        if name in names_bound(placed.node):
            called = {called_name(call) for call in calls_in(placed.node)}
            if called & {"rand", "rand_like", "sigmoid", "softmax", "random", "uniform_"}:
                return True
    return False


def _range(tensor: str, arrays: Sequence[Array]) -> Iterator[str]:
    """Ask for the range of numbers that keep one under each seed."""
    lows = [min(each.elements) for each in arrays if each.elements]
    highs = [max(each.elements) for each in arrays if each.elements]
    if not lows or arrays[0].dtype == "bool":
        return
    if min(lows) >= 0 and max(highs) <= 1:
        yield f"bool((({tensor} >= 0) & ({tensor} <= 1)).all())"
