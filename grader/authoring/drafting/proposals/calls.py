"""Write calls of a function: with given data, and with arguments like those it had. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.arguments import ArgumentWriter, first_axis, stand_ins
from grader.authoring.drafting.proposals.base import Observed
from grader.authoring.drafting.proposals.notebook_code import (
    PlacedStatement,
    TaskCode,
    calls_in,
)
from grader.authoring.drafting.proposals.trials import few
from grader.authoring.drafting.syntax import DEFINITION, FUNCTION
from grader.kernel.probing.drafted import MAX_SAMPLES
from grader.notebook.code import parse_cell
from grader.trace import Array, Items, Value

MAX_SPELLED = 4
"""Most calls that are taken from the notebook as they are written."""
MAX_SCALED = 3
"""Most calls with one of the given arrays in other numbers."""
MAX_GUESSED = 3
"""Most parameters of a function of which the arguments are guessed."""
VECTORS = ((5, 5, 5), (6, 6, 6))
"""Per guessed call, the lengths of its arguments that are vectors."""
MATRICES = ((5, 3, 2), (6, 2, 2), (3, 3, 3), (4, 4, 4))
"""Per guessed call, the sizes of square arguments: first an image and its kernel."""
NUMBERS = ((2, 3, 4), (3, 4, 5), (5, 2, 3))
"""Per guessed call, its arguments that are numbers."""
VARIANTS = (0, 1, 2, 3)
"""Calls that are made like one that was seen, each with other numbers."""
KEEPING_VARIANTS = (1, 2)
"""Those that are also made with the same integers."""

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def parameter_requests(cell: int, node: ast.AST) -> dict[str, AnswerCandidate]:
    """Request the values of a function's parameters in its first calls, by name."""
    if not isinstance(node, FUNCTION) or node.decorator_list:
        return {}
    first = _first_own_line(node)
    if first is None:
        return {}
    function = f"{cell}:{node.lineno}"
    line_above = first.lineno - 1
    indent = " " * first.col_offset
    wanted = {}
    for name in parameters(node):
        expression = few(f"{function}:{name}", name)
        wanted[name] = AnswerCandidate(cell, line_above, expression, indent)
    return wanted


def _first_own_line(node: FunctionNode) -> ast.stmt | None:
    """Find the first statement of a body that starts on its own line, after a docstring."""
    body = node.body
    if ast.get_docstring(node) is not None:
        body = body[1:]
    if not body:
        return None
    first = body[0]
    if first.lineno == node.lineno:
        return None
    if isinstance(first, DEFINITION) and first.decorator_list:
        return None
    return first


def parameters(node: FunctionNode) -> list[str]:
    """List the parameters of a function, except `self`, `*args` and `**kwargs`."""
    positional = [*node.args.posonlyargs, *node.args.args]
    names = [each.arg for each in positional]
    return [name for name in names if name not in ("self", "cls")]


def possible_calls(task: TaskCode, placed: PlacedStatement, observed: Observed) -> list[str]:
    """List arguments for calls of a function: as the notebook writes them, and similar ones."""
    finder = _CallFinder(task, placed, observed)
    spelled = islice(finder.spelled(), MAX_SPELLED)
    scaled = islice(finder.scaled(), MAX_SCALED)
    renumbered = islice(finder.renumbered(), MAX_SCALED)
    calls = [*spelled, *scaled, *renumbered, *finder.like_those_seen()]
    if not calls:
        calls = list(_guessed_calls(placed.node))
    return list(dict.fromkeys(calls))


def _guessed_calls(node: ast.AST) -> Iterator[str]:
    """Guess arguments of a function that was never called: all of one kind, all different.

    A call that fails counts for nothing.
    """
    if not isinstance(node, FUNCTION):
        return
    count = len(parameters(node))
    if not 1 <= count <= MAX_GUESSED:
        return
    places = range(count)
    for lengths in VECTORS:
        vectors = map(_vector, lengths, places)
        yield ", ".join(vectors)
    for sizes in MATRICES:
        matrices = map(_matrix, sizes, places)
        yield ", ".join(matrices)
    for numbers in NUMBERS:
        first = map(str, numbers[:count])
        yield ", ".join(first)


def _vector(length: int, place: int) -> str:
    return f"torch.sin(torch.arange({length}.) * 1.3 + {place})"


def _matrix(size: int, place: int) -> str:
    numbers = _vector(size * size, place)
    return f"{numbers}.reshape({size}, {size})"


class _CallFinder:
    """Finds arguments for calls of one function of a notebook."""

    def __init__(self, task: TaskCode, placed: PlacedStatement, observed: Observed) -> None:
        self._code = task.code
        self._tests = task.task.tests
        self._name = placed.name
        self._samples: list[Sequence[Value]] = []  # of each parameter, call by call
        requests = parameter_requests(placed.cell, placed.node)
        for request in requests.values():
            seen = observed.samples.get(request, ())
            self._samples.append(seen)

    def spelled(self) -> Iterator[str]:
        """List arguments as written in the notebook that read only given names."""
        in_tests = self._calls_in_tests()
        in_notebook = self._code.calls_of(self._name)
        networks = self._networks_given()
        for call in (*in_tests, *in_notebook):
            for each in _with_networks(call, networks):
                if self._can_be_repeated(each):
                    yield written_arguments(each)

    def scaled(self) -> Iterator[str]:
        """Write the notebook's calls with scaled numbers in one of the given arrays.

        Where arguments belong together, as probabilities and rewards do, no others would do.
        """
        for call in self._code.calls_of(self._name):
            if not self._can_be_repeated(call):
                continue
            for place, argument in enumerate(call.args):
                if isinstance(argument, ast.Name) and self._holds_floats(place):
                    code = f"2 * {argument.id} + 1"
                    other = ast.parse(code, mode="eval")
                    scaled = _with_argument(call, place, other.body)
                    yield written_arguments(scaled)

    def renumbered(self) -> Iterator[str]:
        """Write the notebook's calls with other numbers than those in their code.

        The other arguments, such as a dtype, stay: they cannot be made up.
        """
        for call in self._code.calls_of(self._name):
            if not self._can_be_repeated(call):
                continue
            copy = ast.parse(ast.unparse(call), mode="eval").body
            other = OtherNumbers().visit(copy)
            yield written_arguments(other)

    def _holds_floats(self, place: int) -> bool:
        """Return whether an argument was an array of floats each time."""
        if place >= len(self._samples):
            return False
        return all(_is_float_array(value) for value in self._samples[place])

    def _calls_in_tests(self) -> Iterator[ast.Call]:
        """List the calls of the function in the test cells of its exercise."""
        for source in self._tests:
            code = source.replace(">>> ", "")
            tree = parse_cell(code)
            for call in calls_in(tree):
                function = call.func
                if isinstance(function, ast.Name) and function.id == self._name:
                    yield call

    def _networks_given(self) -> dict[int, list[str]]:
        """List possible replacements for networks among the arguments, by position."""
        networks: dict[int, list[str]] = {}
        for place, values in enumerate(self._samples):
            for value in values:
                others = stand_ins(value)
                if others:
                    networks[place] = others
        return networks

    def _can_be_repeated(self, call: ast.Call) -> bool:
        parts = list(call.args)
        for keyword in call.keywords:
            if not keyword.arg:  # `**options`
                return False
            parts.append(keyword.value)
        if not all(map(self._code.is_spelled, parts)):
            return False
        return all(map(self._code.is_bound_once, parts))

    def like_those_seen(self) -> Iterator[str]:
        """Write arguments of the observed kinds with other numbers."""
        own = self._own_containers()
        calls = zip(*self._samples, strict=False)
        for values in islice(calls, MAX_SAMPLES):
            for variant in VARIANTS:
                call = call_like(values, variant, own)
                if call is not None:
                    yield call
        yield from self._with_same_integers(own)

    def _with_same_integers(self, own: Sequence[str]) -> Iterator[str]:
        """Write the first call with other arrays, but the same axes and shapes."""
        first = []
        for values in self._samples:
            if values:
                first.append(values[0])
        if not first or len(first) < len(self._samples):
            return
        for variant in KEEPING_VARIANTS:
            call = call_like(first, variant, own, keeps_integers=True)
            if call is not None:
                yield call

    def _own_containers(self) -> list[str]:
        """List the arguments of the first call; empty for those not passed by name."""
        for call in self._code.calls_of(self._name):
            if not call.keywords:
                names = map(self._given_name, call.args)
                return list(names)
        return []

    def _given_name(self, node: ast.expr) -> str:
        if not isinstance(node, ast.Name):
            return ""
        if not self._code.is_bound_once(node):
            return ""
        if not self._code.is_known(node.id):
            return ""
        return node.id


class OtherNumbers(ast.NodeTransformer):
    """Replaces written numbers by others."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Replace a number; called by `ast`."""
        match node.value:
            case bool():
                return node
            case int() | float() as number:
                return ast.Constant(number + 1)
        return node


def _with_argument(call: ast.Call, place: int, argument: ast.expr) -> ast.Call:
    """Replace one argument."""
    positional = list(call.args)
    positional[place] = argument
    return ast.Call(call.func, positional, call.keywords)


def _with_networks(call: ast.Call, networks: Mapping[int, Sequence[str]]) -> Iterator[ast.Call]:
    """Replace arguments that are networks, with different ones each time."""
    count = min(map(len, networks.values()), default=1)
    for number in range(count):
        changed = call
        for place, others in networks.items():
            if place < len(call.args):
                code = others[number]
                network = ast.parse(code, mode="eval")
                changed = _with_argument(changed, place, network.body)
        yield changed


def written_arguments(call: ast.Call) -> str:
    """Write the arguments of a call as in the notebook."""
    written = []
    for argument in call.args:
        code = ast.unparse(argument)
        written.append(code)
    for keyword in call.keywords:
        value = ast.unparse(keyword.value)
        written.append(f"{keyword.arg}={value}")
    return ", ".join(written)


def call_like(
    values: Sequence[Value],
    variant: int,
    own: Sequence[str] = (),
    *,
    keeps_integers: bool = False,
) -> str | None:
    """Write arguments like those of an observed call; None if some cannot be written.

    Args:
        values: the arguments.
        variant: 0 for the first; others give other numbers.
        own: names of given lists, tuples and the like, which stay as they are; empty: none.
        keeps_integers: whether integers and the lengths of axes stay, too.
    """
    form = first_axis(values, 0 if keeps_integers else variant)
    names = own
    if len(own) != len(values):
        names = [""] * len(values)
    written = []
    for position, value in enumerate(values):
        writer = ArgumentWriter(variant, position, form, keeps_integers)
        text = writer.write(value)
        if _is_container(value):
            text = names[position] or text
        if text is None:
            return None
        written.append(text)
    return ", ".join(written)


def _is_float_array(value: Value) -> bool:
    return isinstance(value, Array) and value.origin != "list" and value.dtype.startswith("float")


def _is_container(value: Value) -> bool:
    """Return whether a value is a list, tuple or dict with unknown contents."""
    if isinstance(value, Array):
        return value.origin == "list"
    return isinstance(value, Items)
