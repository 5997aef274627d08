"""Write calls of a function: with what is given, and with arguments like those it had. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals import arguments
from grader.authoring.drafting.proposals.base import Observed
from grader.authoring.drafting.proposals.notebook_code import (
    NotebookCode,
    PlacedStatement,
    TaskCode,
    calls_in,
)
from grader.authoring.drafting.proposals.trials import few
from grader.authoring.drafting.syntax import FUNCTION
from grader.kernel.drafted import MAX_SAMPLES
from grader.notebook.code import parse_cell
from grader.trace import Array, Items, Value

MAX_SPELLED = 4
"""Most calls that are taken from the notebook as they are written."""
MAX_GUESSED = 3
"""Most parameters of a function of which the arguments are guessed."""
GUESSES = (
    ("torch.sin(torch.arange(5.))", "(2 * torch.cos(torch.arange(6.)) + 1)"),
    ("torch.sin(torch.arange(9.)).reshape(3, 3)", "torch.cos(torch.arange(16.)).reshape(4, 4)"),
    ("2", "3", "5"),
)
"""Arguments of functions that were never called; a call that fails counts for nothing."""
VARIANTS = (0, 1, 2, 3)
"""Calls that are made like one that was seen, each with other numbers."""


def parameter_requests(
    cell: int,
    node: ast.AST,
) -> dict[str, AnswerCandidate]:
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
        wanted[name] = AnswerCandidate(
            cell,
            first.lineno - 1,
            expression,
            indent,
        )
    return wanted


def _first_own_line(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt | None:
    """Find the first statement of a body that stands on lines of its own, behind a docstring."""
    body = node.body
    if ast.get_docstring(node) is not None:
        body = body[1:]
    if not body or body[0].lineno == node.lineno:
        return None
    first = body[0]
    decorators = getattr(
        first,
        "decorator_list",
        None,
    )
    return None if decorators else first


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """List the parameters of a function, but for `self` and what collects others."""
    positional = [*node.args.posonlyargs, *node.args.args]
    return [each.arg for each in positional if each.arg not in ("self", "cls")]


def possible_calls(
    task: TaskCode,
    placed: PlacedStatement,
    observed: Observed,
) -> list[str]:
    """List arguments to call a function with: as the notebook writes them, and others like them."""
    code = task.code
    node = placed.node
    name = getattr(
        node,
        "name",
        "",
    )
    written = [*_calls_in_tests(task, name), *code.calls_of(name)]
    networks = _networks_given(placed, observed)
    spelled = islice(_spelled_calls(code, written, networks), MAX_SPELLED)
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


def _calls_in_tests(
    task: TaskCode,
    name: str,
) -> Iterator[ast.Call]:
    """List the calls of a function in the test cells of an exercise."""
    for source in task.task.tests:
        for call in calls_in(parse_cell(source.replace(">>> ", ""))):
            if isinstance(call.func, ast.Name) and call.func.id == name:
                yield call


def _networks_given(placed: PlacedStatement, observed: Observed) -> dict[int, list[str]]:
    """List the networks that may stand for those that a function is given, by their places."""
    networks: dict[int, list[str]] = {}
    wanted = parameter_requests(placed.cell, placed.node)
    for place, request in enumerate(wanted.values()):
        for value in observed.samples.get(request, ()):
            stand_ins = arguments.stand_ins(value)
            if stand_ins:
                networks[place] = stand_ins
    return networks


def _spelled_calls(
    code: NotebookCode,
    calls: Iterable[ast.Call],
    networks: Mapping[int, Sequence[str]],
) -> Iterator[str]:
    """List the arguments of calls that read nothing but what is given, and networks."""
    for call in calls:
        for each in _with_networks(call, networks):
            keywords = []
            for keyword in each.keywords:
                keywords.append(keyword.value)
            parts = [*each.args, *keywords]
            if not all(map(code.is_spelled, parts)) or not all(map(code.is_bound_once, parts)):
                continue
            if _all_named(each):
                yield written_arguments(each)


def _with_networks(call: ast.Call, networks: Mapping[int, Sequence[str]]) -> Iterator[ast.Call]:
    """Put networks in place of the arguments that are some: each time others."""
    count = min(map(len, networks.values()), default=1)
    for number in range(count):
        positional = list(call.args)
        for place, stand_ins in networks.items():
            if place < len(positional):
                positional[place] = ast.parse(stand_ins[number], mode="eval").body
        yield ast.Call(call.func, positional, call.keywords)


def _all_named(call: ast.Call) -> bool:
    return all(keyword.arg for keyword in call.keywords)


def written_arguments(call: ast.Call) -> str:
    """Write the arguments of a call as the notebook does."""
    positional = []
    for argument in call.args:
        positional.append(ast.unparse(argument))
    named = []
    for each in call.keywords:
        named.append(f"{each.arg}={ast.unparse(each.value)}")
    return ", ".join([*positional, *named])


def _like_those_seen(
    code: NotebookCode,
    placed: PlacedStatement,
    observed: Observed,
) -> Iterator[str]:
    """Write arguments of the kinds that a function was called with, with other numbers."""
    wanted = parameter_requests(placed.cell, placed.node)
    if not wanted:
        return
    own = _own_containers(
        code,
        getattr(
            placed.node,
            "name",
            "",
        ),
    )
    samples = []
    for request in wanted.values():
        samples.append(observed.samples.get(request, ()))
    count = min(map(len, samples))
    for number in range(min(count, MAX_SAMPLES)):
        values = []
        for of_parameter in samples:
            values.append(of_parameter[number])
        for variant in VARIANTS:
            call = call_like(
                values,
                variant,
                own,
            )
            if call is not None:
                yield call


def _own_containers(
    code: NotebookCode,
    name: str,
) -> list[str]:
    """List the arguments of a function's first call; empty for what is not given by name."""
    for call in code.calls_of(name):
        if not call.keywords:
            return [_if_named(code, each) for each in call.args]
    return []


def _if_named(
    code: NotebookCode,
    node: ast.expr,
) -> str:
    if not isinstance(node, ast.Name) or not code.is_bound_once(node):
        return ""
    return node.id if code.is_known(node.id) else ""


def call_like(
    values: Sequence[Value],
    variant: int,
    own: Sequence[str] = (),
) -> str | None:
    """Write the arguments of a call of which the arguments were seen; None: some cannot be.

    Args:
        values: the arguments.
        variant: 0 for the first; others give other numbers.
        own: names of given lists, tuples and the like, which stay as they are; empty: none.
    """
    form = arguments.first_axis(values, variant)
    written: list[str | None] = []
    for position, value in enumerate(values):
        varied = arguments.Varied(variant, position)
        text = arguments.argument(value, varied, form)
        written.append(text)
    if len(own) == len(values):
        pairs = zip(
            values,
            own,
            strict=True,
        )
        kept = [name if _is_container(value) else "" for value, name in pairs]
        written = [
            name or text
            for name, text in zip(
                kept,
                written,
                strict=True,
            )
        ]
    known = [text for text in written if text is not None]
    return ", ".join(known) if len(known) == len(values) else None


def _is_container(value: Value) -> bool:
    """Tell whether a value is a list, tuple or dict, the insides of which are not all known."""
    if isinstance(value, Array):
        return value.origin == "list"
    return isinstance(value, Items)
