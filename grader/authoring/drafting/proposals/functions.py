"""Propose to call a function that answers an exercise. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals import arguments
from grader.authoring.drafting.proposals.base import Observed, Proposal, is_comparable
from grader.authoring.drafting.proposals.notebook_code import (
    NotebookCode,
    PlacedStatement,
    TaskCode,
)
from grader.authoring.drafting.proposals.trials import called, changed, few
from grader.authoring.drafting.syntax import FUNCTION, called_name
from grader.grading.agreement import Tolerance, agrees
from grader.kernel.drafted import MAX_SAMPLES
from grader.trace import Array, Items, Nothing, Value

MAX_SPELLED = 4
"""Most calls that are taken from the notebook as they are written."""
MAX_CALLS = 5
MIN_CALLS = 2
MAX_GUESSED = 3
"""Most parameters of a function of which the arguments are guessed."""
GUESSES = (
    ("torch.randn(5)", "(2 * torch.randn(6) + 1)", "torch.rand(4)"),
    ("torch.randn(3, 3)", "(2 * torch.randn(4, 4) + 1)"),
    ("2", "3", "5"),
)
"""Arguments of functions that were never called; a call that fails counts for nothing."""
VARIANTS = (0, 1, 2, 3)
"""Calls that are made like one that was seen, each with other numbers."""

_IN_PLACE = re.compile(r"[a-z]\w*_")
"""Methods that change what they are called on."""


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Ask what the functions of an exercise are called with."""
    for placed in functions_of(task):
        yield from parameter_requests(placed.cell, placed.node).values()


def functions_of(task: TaskCode) -> list[PlacedStatement]:
    """List the functions that an exercise defines, or that its marks name."""
    if not task.task.marked:
        return task.functions
    return [placed for placed in task.code.definitions.values() if placed.cell in task.task.cells]


def parameter_requests(cell: int, node: ast.AST) -> dict[str, AnswerCandidate]:
    """Ask what a function's parameters hold the first times that it is called, by their names."""
    if not isinstance(node, FUNCTION) or node.decorator_list:
        return {}
    first = _first_own_line(node)
    if first is None:
        return {}
    indent = " " * first.col_offset
    wanted = {}
    for name in parameters(node):
        expression = few(f"{cell}:{node.lineno}:{name}", name)
        wanted[name] = AnswerCandidate(cell, first.lineno - 1, expression, indent)
    return wanted


def _first_own_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt | None:
    """Find the first statement of a body that stands on lines of its own, behind a docstring."""
    body = node.body
    if ast.get_docstring(node) is not None:
        body = body[1:]
    if not body or body[0].lineno == node.lineno:
        return None
    first = body[0]
    decorators = getattr(first, "decorator_list", None)
    return None if decorators else first


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """List the parameters of a function, but for `self` and what collects others."""
    positional = [*node.args.posonlyargs, *node.args.args]
    return [each.arg for each in positional if each.arg not in ("self", "cls")]


def trials(task: TaskCode, observed: Observed) -> Iterator[str]:
    """List the expressions that tell what calls of an exercise's functions give."""
    for placed in functions_of(task):
        for call in possible_calls(task.code, placed, observed):
            yield from _tried(placed.node, call)


def _tried(node: ast.stmt, call: str) -> Sequence[str]:
    """Write a call as trials: under two seeds, since a function may draw numbers itself."""
    name = getattr(node, "name", "")
    by_seed = [called(name, call, seed) for seed in (1, 2)]
    if works_in_place(node):
        by_seed.append(changed(name, call, 1))
    return by_seed


def works_in_place(node: ast.AST) -> bool:
    """Tell whether a function may change its arguments."""
    for inner in ast.walk(node):
        match inner:
            case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]) | ast.AugAssign():
                return True
            case ast.Call() if _IN_PLACE.fullmatch(called_name(inner)):
                return True
    return False


def possible_calls(code: NotebookCode, placed: PlacedStatement, observed: Observed) -> list[str]:
    """List arguments to call a function with: as the notebook writes them, and others like them."""
    node = placed.node
    name = getattr(node, "name", "")
    spelled = islice(_spelled_calls(code, name), MAX_SPELLED)
    calls = [*spelled, *_like_those_seen(code, placed, observed)]
    if not calls:
        calls = list(_guessed_calls(node))
    return list(dict.fromkeys(calls))


def _guessed_calls(node: ast.AST) -> Iterator[str]:
    """Guess the arguments of a function that was never called, alike for all its parameters."""
    if not isinstance(node, FUNCTION):
        return
    names = parameters(node)
    if not 1 <= len(names) <= MAX_GUESSED:
        return
    for guesses in GUESSES:
        yield from (", ".join([guess] * len(names)) for guess in guesses)


def _spelled_calls(code: NotebookCode, name: str) -> Iterator[str]:
    """List the arguments of the notebook's calls that read nothing but what is given."""
    for call in code.calls_of(name):
        parts: list[ast.expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
        if all(map(code.is_spelled, parts)) and _all_named(call):
            yield written_arguments(call)


def _all_named(call: ast.Call) -> bool:
    return all(keyword.arg for keyword in call.keywords)


def written_arguments(call: ast.Call) -> str:
    """Write the arguments of a call as the notebook does."""
    positional = [ast.unparse(argument) for argument in call.args]
    named = [f"{each.arg}={ast.unparse(each.value)}" for each in call.keywords]
    return ", ".join([*positional, *named])


def _like_those_seen(
    code: NotebookCode, placed: PlacedStatement, observed: Observed
) -> Iterator[str]:
    """Write arguments of the kinds that a function was called with, with other numbers."""
    wanted = parameter_requests(placed.cell, placed.node)
    if not wanted:
        return
    own = _own_containers(code, getattr(placed.node, "name", ""))
    samples = [observed.samples.get(request, ()) for request in wanted.values()]
    count = min(map(len, samples))
    for number in range(min(count, MAX_SAMPLES)):
        values = [of_parameter[number] for of_parameter in samples]
        for variant in VARIANTS:
            call = call_like(values, variant, own)
            if call is not None:
                yield call


def _own_containers(code: NotebookCode, name: str) -> list[str]:
    """List the arguments of a function's first call; empty for what is not given by name."""
    for call in code.calls_of(name):
        if not call.keywords:
            return [_if_named(code, each) for each in call.args]
    return []


def _if_named(code: NotebookCode, node: ast.expr) -> str:
    is_given = isinstance(node, ast.Name) and code.is_known(node.id)
    return ast.unparse(node) if is_given else ""


def call_like(values: Sequence[Value], variant: int, own: Sequence[str] = ()) -> str | None:
    """Write the arguments of a call of which the arguments were seen; None: some cannot be.

    Args:
        values: the arguments.
        variant: 0 for the first; others give other numbers.
        own: names of given lists, tuples and the like, which stay as they are; empty: none.
    """
    form = arguments.first_axis(values, variant)
    written = [arguments.argument(value, variant, form) for value in values]
    if len(own) == len(values):
        pairs = zip(values, own, strict=True)
        kept = [name if _is_container(value) else "" for value, name in pairs]
        written = [name or text for name, text in zip(kept, written, strict=True)]
    known = [text for text in written if text is not None]
    return ", ".join(known) if len(known) == len(values) else None


def _is_container(value: Value) -> bool:
    """Tell whether a value is a list, tuple or dict, the insides of which are not all known."""
    if isinstance(value, Array):
        return value.origin == "list"
    return isinstance(value, Items)


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose calls of the function of an exercise; of several functions, expressions."""
    functions = task.functions
    if len(functions) == 1:
        yield from propose_calls(task, functions[0], observed)
    expressions: list[str] = []
    for placed in functions:
        name = getattr(placed.node, "name", "")
        calls = right_calls(task.code, placed, observed)
        expressions += [f"{name}({call})" for call in calls[:MAX_CALLS]]
    if expressions:
        yield Proposal("test", {"equal": tuple(expressions[:20])})
    yield from _propose_shapes(task, observed)


def propose_calls(
    task: TaskCode, placed: PlacedStatement, observed: Observed
) -> Iterator[Proposal]:
    """Propose calls of one function."""
    name = getattr(placed.node, "name", "")
    mark = AnswerCandidate(placed.cell, placed.last_line, name)
    calls = right_calls(task.code, placed, observed)
    if len(calls) >= MIN_CALLS:
        fields = {"function": name, "calls": tuple(calls[:MAX_CALLS])}
        yield Proposal("function", fields, (mark,))
    changing = _changing_calls(task.code, placed, observed)
    if len(changing) >= MIN_CALLS:
        fields = {"function": name, "calls": tuple(changing[:MAX_CALLS])}
        yield Proposal("function", {**fields, "changes": True}, (mark,))


def right_calls(code: NotebookCode, placed: PlacedStatement, observed: Observed) -> list[str]:
    """List the calls that give something to compare, whatever is drawn: the most telling first.

    None if all give the same.
    """
    name = getattr(placed.node, "name", "")
    values: dict[str, Value] = {}
    for call in possible_calls(code, placed, observed):
        first = observed.tried(called(name, call, 1))
        second = observed.tried(called(name, call, 2))
        if _is_the_same(first, second):
            values[call] = first[0]
    return _different(values)


def _is_the_same(first: Sequence[Value], second: Sequence[Value]) -> bool:
    """Tell whether something to compare came out each time, and always the same."""
    everything = [*first, *second]
    if not first or not second or not all(map(is_comparable, everything)):
        return False
    return all(agrees(value, first[0], Tolerance()) for value in everything)


def _different(values: dict[str, Value]) -> list[str]:
    """Sort calls so that each gives another value than those before; none if all give the same."""
    fresh: list[str] = []
    repeated: list[str] = []
    for call, value in values.items():
        known = [values[other] for other in fresh]
        is_known = any(agrees(value, other, Tolerance()) for other in known)
        target = repeated if is_known else fresh
        target.append(call)
    return [*fresh, *repeated] if len(fresh) > 1 else []


def _changing_calls(code: NotebookCode, placed: PlacedStatement, observed: Observed) -> list[str]:
    """List the calls of a function that returns nothing, and changes its first argument."""
    name = getattr(placed.node, "name", "")
    values: dict[str, Value] = {}
    for call in possible_calls(code, placed, observed):
        returned = observed.tried(called(name, call, 1))
        if not returned or not all(isinstance(value, Nothing) for value in returned):
            continue
        left = observed.tried(changed(name, call, 1))
        if left and is_comparable(left[0]):
            values[call] = left[0]
    return _different(values)


def _propose_shapes(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the shapes of what a function returns that draws numbers itself."""
    expressions: list[str] = []
    for placed in task.functions:
        name = getattr(placed.node, "name", "")
        for call in possible_calls(task.code, placed, observed):
            given = observed.tried(called(name, call, 1))
            if given and all(value.kind == "array" for value in given):
                expressions.append(f"tuple({name}({call}).shape)")
    distinct = list(dict.fromkeys(expressions))
    if len(distinct) >= MIN_CALLS:
        yield Proposal("test", {"equal": tuple(distinct[:MAX_CALLS])})
