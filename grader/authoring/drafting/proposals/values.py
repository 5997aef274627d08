"""Propose values: those that an exercise shows or binds, and how they depend on seeds. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.authoring.drafting.answers import named_like
from grader.authoring.drafting.candidates import AnswerCandidate, find_candidates
from grader.authoring.drafting.proposals.base import (
    Field,
    Observed,
    Proposal,
    is_alike,
    is_comparable,
)
from grader.authoring.drafting.proposals.by_products import by_products_of
from grader.authoring.drafting.proposals.drawn import is_filled_list, propose_list
from grader.authoring.drafting.proposals.free_choice import is_free_choice
from grader.authoring.drafting.proposals.notebook_code import LOOP, NotebookCode, TaskCode
from grader.authoring.drafting.solved import DraftCell
from grader.authoring.drafting.syntax import names_bound, names_read
from grader.notebook.typed_values import how_typed
from grader.trace import DRAWN, Array, Bool, Graph, Nothing, Number, Value

MAX_PARTS = 6
"""Most values that are asked for together."""
OFTEN = 10
"""Number of occurrences from which a number counts as frequent in a notebook."""
ASKS_FOR_DTYPE = (
    r" (dtype|data type|int8|int16|int32|int64|float16|float32|float64|bfloat16|uint8"
    r"|half precision) "
)
ASKS_FOR_RANK = r" (rank|column vector|row vector|keepdim|unsqueeze|extra dimension|vetor coluna) "
GRADIENTS = ("grad", "value", "step", "shown", "printed")
"""Where a gradient may be: it counts whichever way autograd is asked for it."""
_SETS_A_SEED = re.compile(r"seed\s*\(|(?:default_rng|RandomState)\(\s*[^)\s]|random_state\s*=")
SEEDS = r" (seed|seeds|semente|semilla|graine|random state) "


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Request the values that an exercise shows and binds."""
    yield from find_candidates(task.code.cells, task.task)


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the values of an exercise, the most likely first."""
    yield from _ValueProposer(task, observed).propose()


def propose_fixed(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the first value of an exercise that no seed changes, if there is one."""
    yield from _ValueProposer(task, observed).propose_fixed()


class _ValueProposer:
    """Proposes the values of one exercise."""

    def __init__(self, task: TaskCode, observed: Observed) -> None:
        self._task = task
        self._observed = observed
        self._comparable: list[AnswerCandidate] = []
        by_products = by_products_of(task)
        for candidate in requests(task):
            if by_products.has(candidate):
                continue
            value = observed.value(candidate)
            if _can_be_compared(value):
                self._comparable.append(candidate)

    def propose(self) -> Iterator[Proposal]:
        """Propose several values together if they belong together, then each alone."""
        candidates = sorted(self._comparable, key=_Order(self._task))
        if is_free_choice(self._task) or any(map(self._is_named_and_drawn, candidates)):
            # Where the values that its text names depend on its draws, all others are by-products.
            return
        named = named_like(self._task.task, candidates)
        if named is None:
            yield from self._together(candidates)
        else:
            candidates.insert(0, named)
        answer: Value | None = None
        for candidate in dict.fromkeys(candidates):
            is_other = answer is not None and self._is_on_the_way(candidate, answer)
            for proposal in self._one(candidate):
                yield replace(proposal, is_other=is_other)
                answer = answer or proposal.value

    def _is_named_and_drawn(self, candidate: AnswerCandidate) -> bool:
        if not self._task.names(candidate.expression):
            return False
        return self._hangs_on_own_draws(candidate)

    def _is_on_the_way(self, candidate: AnswerCandidate, answer: Value) -> bool:
        """Return whether a value differs from the likeliest answer, and no words name it."""
        value = self._observed.value(candidate)
        if value is None or is_alike(value, answer):
            return False
        if not self._task.names(candidate.expression):
            return True
        return self._changes_later(candidate)

    def _changes_later(self, candidate: AnswerCandidate) -> bool:
        """Return whether an expression has another value further down."""
        for other in self._comparable:
            is_below = (other.cell, other.line) > (candidate.cell, candidate.line)
            if is_below and other.expression == candidate.expression:
                return True
        return False

    def propose_fixed(self) -> Iterator[Proposal]:
        """Propose the first computed value, if no seed changes it."""
        for candidate in self._comparable:
            if _is_typed_in(self._task, candidate):
                continue
            if self._observed.stability(candidate) == "fixed":
                yield from self._one(candidate)
            return

    def _one(self, candidate: AnswerCandidate) -> Iterator[Proposal]:
        """Propose one value, if no seed changes it."""
        task = self._task
        value = self._observed.value(candidate)
        is_setting = _is_typed_in(task, candidate) and (task.trains or not _only_types_in(task))
        if value is None or is_setting or is_free_choice(task):
            return
        if isinstance(value, Graph):
            yield Proposal("graph", {}, (candidate,), value)
            return

        if is_filled_list(task, candidate, value):
            yield from propose_list(candidate, value, self._observed)
        if self._hangs_on_own_draws(candidate):
            return
        fields = self._fields([candidate])
        strict = self._strict(value)
        if strict:
            fields["strict"] = strict
        yield Proposal("value", fields, (candidate,), value)

    def _together(self, candidates: Sequence[AnswerCandidate]) -> Iterator[Proposal]:
        """Propose all values that an exercise shows together, or does not use further."""
        task = self._task
        ends = _asked_together(task) or _shown_together(task) or _ends(task)
        parts: dict[str, AnswerCandidate] = {}
        for candidate in reversed(candidates):
            name = candidate.expression
            if name in ends:
                parts[name] = candidate
        computed = {}
        for name, candidate in parts.items():
            if not _is_written_out(task, candidate):
                computed[name] = candidate
        # A value that is written out beside computed ones is a setting.
        parts = computed or parts
        if task.trains or not 2 <= len(parts) <= MAX_PARTS:
            return

        marks = tuple(parts.values())
        values = [self._observed.value(mark) for mark in marks]
        if any(isinstance(value, Graph) for value in values):
            return
        if any(map(self._hangs_on_own_draws, marks)):
            return
        fields = {"all": True, **self._fields(marks)}
        yield Proposal("value", fields, marks, values[0])

    def _hangs_on_own_draws(self, candidate: AnswerCandidate) -> bool:
        return hangs_on_own_draws(self._task, candidate, self._observed)

    def _fields(self, marks: Sequence[AnswerCandidate]) -> dict[str, Field]:
        """Return the fields for the place of some values, unless it is the default."""
        fields: dict[str, Field] = {}
        if all(map(self._is_gradient, marks)):
            fields["look_in"] = GRADIENTS
        if any(map(self._needs_place, marks)):
            fields["where"] = "here"
        return fields

    def _strict(self, value: Value) -> tuple[str, ...]:
        """List the required properties of values besides numbers, by the text."""
        if not isinstance(value, Array) or value.origin == "list":
            return ()
        strict = []
        if self._task.says(ASKS_FOR_RANK):
            strict.append("rank")
        if self._task.says(ASKS_FOR_DTYPE):
            strict.append("dtype")
        return tuple(strict)

    def _is_gradient(self, candidate: AnswerCandidate) -> bool:
        """Return whether a backward computed a value, rather than the student's formula."""
        value = self._observed.value(candidate)
        if not isinstance(value, Array):
            return False
        if not candidate.expression.endswith(".grad"):
            return False
        for event in self._observed.run.events:
            if event.kind != "grad":
                continue
            for gradient in event.values.values():
                if is_alike(gradient, value):
                    return True
        return False

    def _needs_place(self, candidate: AnswerCandidate) -> bool:
        """Return whether a value also occurs elsewhere: in given cells, or because it is common."""
        value = self._observed.value(candidate)
        match value:
            case None:
                return False
            case Bool() | Nothing():
                return True
            case Number(value=0 | 1):
                return True
        if self._answers_another(value):
            return True
        cells = self._cells_with(value)
        if len(cells) >= OFTEN:
            return True
        return not all(cell.has_answer for cell in cells)

    def _answers_another(self, value: Value) -> bool:
        """Return whether an answer in other cells assigns the same value."""
        own = set(self._task.task.cells)
        cells = self._task.code.cells
        for event in self._observed.run.events:
            if event.cell in own or not 0 <= event.cell < len(cells):
                continue
            if event.kind != "value" or not cells[event.cell].has_answer:
                continue
            for name in event.assigned:
                other = event.values.get(name)
                if other is not None and is_alike(other, value):
                    return True
        return False

    def _cells_with(self, value: Value) -> list[DraftCell]:
        """List the cells that show or bind a value, each as often as it does."""
        cells = self._task.code.cells
        places = []
        for event in self._observed.run.events:
            if event.kind not in ("value", "shown"):
                continue
            if not 0 <= event.cell < len(cells):
                continue
            for other in event.values.values():
                if is_alike(other, value):
                    places.append(cells[event.cell])
        return places


class _Order:
    """Sort key of an exercise's values, the most likely first."""

    def __init__(self, task: TaskCode) -> None:
        """Initialise with the exercise."""
        self._task = task
        self._bound: set[str] = set()
        self._read: set[str] = set()
        for node in task.bindings:
            self._bound.update(names_bound(node))
            self._read |= names_read(node)

    def __call__(self, candidate: AnswerCandidate) -> tuple[bool, bool, bool]:
        """Return the sort key of a value: those in the words first, then computed ones."""
        name = candidate.expression
        is_named = self._task.names(name) and name not in self._read
        is_typed = _is_typed_in(self._task, candidate)
        return not is_named, is_typed, self._only_inspects(candidate)

    def _only_inspects(self, candidate: AnswerCandidate) -> bool:
        """Return whether a value only shows a part, or a sum, of values of the exercise."""
        node = ast.parse(candidate.expression, mode="eval").body
        match node:
            case ast.Name() | ast.Attribute(attr="grad"):
                return False
            case ast.Subscript(slice=ast.UnaryOp()):  # `losses[-1]` is the last loss
                return False
        read = names_read(node)
        if not read:
            return False
        return read <= self._bound | self._task.code.modules


def _is_typed_in(task: TaskCode, candidate: AnswerCandidate) -> bool:
    """Return whether an exercise binds a name to a written-out number or text."""
    for placed in task.statements:
        match placed.node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant()):
                if name == candidate.expression:
                    return True
    return False


def _only_types_in(task: TaskCode) -> bool:
    """Return whether an exercise computes nothing: each of its lines writes out a value."""
    for node in task.bindings:
        match node:
            case ast.Assign(value=ast.Constant()):
                continue
        return False
    return not task.functions and not task.classes


def _is_written_out(task: TaskCode, candidate: AnswerCandidate) -> bool:
    """Return whether an exercise binds a name to numbers as they are: `torch.tensor([1, 2])`."""
    for placed in task.statements:
        match placed.node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if name == candidate.expression:
                    return how_typed(value) == "bare"
    return False


def _can_be_compared(value: Value | None) -> bool:
    match value:
        case Graph(labels=labels):
            return bool(labels)
        case Nothing():
            return False
    return is_comparable(value)


def hangs_on_own_draws(task: TaskCode, candidate: AnswerCandidate, observed: Observed) -> bool:
    """Return whether a value depends on seeds, and not only through given data with a seed."""
    if observed.stability(candidate) == "fixed":
        return False
    if _asks_for_seed(task) and not task.trains:
        return False
    code = task.code
    drawing = observed.drawing | code.drawing_cells
    behind = drawing.intersection(code.behind(candidate.cell))
    if not behind or not _sets_a_seed(code, observed):
        return True
    return any(code.cells[cell].has_answer for cell in behind)


def _sets_a_seed(code: NotebookCode, observed: Observed) -> bool:
    """Return whether a cell sets a seed, in its own code or in a module's."""
    for event in observed.run.events:
        if event.kind == "seed" and event.text != DRAWN:
            return True
    return any(_SETS_A_SEED.search(cell.source) for cell in code.code_cells.values())


def _asks_for_seed(task: TaskCode) -> bool:
    """Return whether the notebook's words name a seed, and an answer sets it."""
    if not re.search(SEEDS, task.code.words):
        return False
    last_cell = task.statements[-1].cell
    for placed in task.code.statements:
        if not placed.is_answer or placed.cell > last_cell:
            continue
        if re.search("seed|random_state", ast.unparse(placed.node)):
            return True
    return False


def _asked_together(task: TaskCode) -> set[str]:
    """Return the names that the words ask for, as code, if they are several: `mean` and `std`.

    A typed-in number is a setting, which others may write in the line that uses it.
    """
    asked: set[str] = set()
    for node in task.bindings:
        match node:
            case ast.Assign(value=ast.Constant(value=int() | float())):
                continue
        for name in names_bound(node):
            if f"`{name}`" in task.raw_text:
                asked.add(name)
    if len(asked) < 2:
        return set()
    return asked


def _shown_together(task: TaskCode) -> set[str]:
    """List the values that the last line of an exercise shows: `print(a.grad, b.grad)`."""
    if not task.others:
        return set()
    names = set()
    for shown in _shown(task.others[-1].node):
        match shown:
            case ast.Constant() | ast.JoinedStr():
                continue
            case ast.Name() | ast.Attribute():
                names.add(ast.unparse(shown))
            case _:
                return set()
    return names


def _shown(statement: ast.stmt) -> Sequence[ast.expr]:
    """List the values that `print` or a tuple shows together."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=shown)):
            return shown
        case ast.Expr(value=ast.Tuple(elts=shown)):
            return shown
    return ()


def _ends(task: TaskCode) -> set[str]:
    """List the names that an exercise binds at top level, and only shows afterwards."""
    bound: set[str] = set()
    read: set[str] = set()
    for node in task.bindings:
        if isinstance(node, LOOP):
            return set()
        read |= names_read(node)
        bound.update(names_bound(node))
    return bound - read
