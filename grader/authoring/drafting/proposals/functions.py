"""Propose calls of a function that answers an exercise. Pure."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import (
    Field,
    Observed,
    Proposal,
    is_alike,
    is_comparable,
)
from grader.authoring.drafting.proposals.calls import parameter_requests, possible_calls
from grader.authoring.drafting.proposals.notebook_code import PlacedStatement, TaskCode
from grader.authoring.drafting.proposals.trials import called, changed, evaluated
from grader.authoring.drafting.syntax import called_name
from grader.notebook.folding import fold_words
from grader.trace import Array, Nothing, Value

MAX_CALLS = 5
MIN_CALLS = 2
MAX_ECHOES = 3
"""Calls of which the first argument is compared with the result."""
MAX_EXPRESSIONS = 20
"""Most functions of an exercise that are called in one test."""

_SEEDS = (1, 2)
"""A call is tried under both, since a function may draw numbers itself."""
_KEEPS = re.compile(
    r"\b(?:(?:not|never|without|sem|nao|sin|ne|sans|nicht|ohne|senza|non)(?: \w+){0,3}?"
    r"|no(?: (?:debe\w*|puede\w*|se))?)"  # in Spanish; in Portuguese it is `in the`
    r" (?:modif\w*|chang\w*|alter\w*|mutat\w*|verander\w*)(?: \w+){0,3}?"
    r" (?:inputs?|arguments?|tensors?|entradas?|argumentos?|eingab\w*|entree)\b"
)
"""Words, without accents, that ask for a function which keeps its arguments."""
_FUNCTION = re.compile(
    r"(?<! activation)(?<! loss)(?<! cost)(?<! objective)(?<! error)"
    r" (?:functions?|funcao|funcoes|funcion(?:es)?|fonctions?|funktion\w*|funzion[ei]|functie\w*"
    r"|funkcj\w*|methods?|metodos?|methode|def|lambda) "
    r"(?!d activation|d erreur|de ativacao|de activacion|de perda|de perdida|de perte|de cout"
    r"|de custo|de costo|de coste|di attivazione|di costo)"
    r"|関数|函数|함수|функци|συναρτησ|دالة"
)
"""Words, without accents, that ask for a function, and not for one of mathematics."""
_IN_PLACE = re.compile(r"[a-z]\w*_")
"""Methods that change their object."""


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Request the arguments of the exercise's functions."""
    for placed in functions_of(task):
        yield from parameter_requests(placed.cell, placed.node).values()


def functions_of(task: TaskCode) -> list[PlacedStatement]:
    """List the functions that an exercise defines, or that its marks name."""
    if not task.task.marked:
        return asked_functions(task)
    definitions = task.code.definitions.values()
    return [placed for placed in definitions if placed.cell in task.task.cells]


def asked_functions(task: TaskCode) -> list[PlacedStatement]:
    """List the functions of an answer that the handout names.

    Others are the reference's own helpers, which nobody else has. If it names none, a single one
    is asked for where the words speak of a function, whatever its name.
    """
    named = []
    for placed in task.functions:
        if re.search(rf"\b{placed.name}\b", task.code.handout_text):
            named.append(placed)
    if named or len(task.functions) != 1:
        return named
    return task.functions if _FUNCTION.search(task.words) else []


def trials(task: TaskCode, observed: Observed) -> Iterator[str]:
    """List the expressions that call the exercise's functions."""
    for placed in functions_of(task):
        name = placed.name
        changes = works_in_place(placed.node)
        for call in possible_calls(task, placed, observed):
            for seed in _SEEDS:
                yield called(name, call, seed)
            if changes:
                yield changed(name, call, _SEEDS[0])
        for call in possible_calls(task, placed, observed)[:MAX_ECHOES]:
            yield _echo(call)


def _echo(call: str) -> str:
    """Write the first argument of a call, as a trial."""
    return evaluated(f"(lambda *given, **named: given[0])({call})", _SEEDS[0])


def works_in_place(node: ast.AST) -> bool:
    """Return whether a function may change its arguments."""
    return any(map(_writes_into, ast.walk(node)))


def _writes_into(node: ast.AST) -> bool:
    """Return whether a statement or a call modifies an existing object."""
    match node:
        case ast.AugAssign():
            return True
        case ast.Assign(targets=[target]):
            return isinstance(target, (ast.Subscript, ast.Attribute))
        case ast.Call():
            name = called_name(node)
            return _IN_PLACE.fullmatch(name) is not None
    return False


@dataclass(frozen=True)
class _TriedFunction:
    """A function of an exercise, and the results of its calls."""

    task: TaskCode
    placed: PlacedStatement
    observed: Observed

    @property
    def name(self) -> str:
        return self.placed.name

    @cached_property
    def calls(self) -> list[str]:
        """Arguments of its calls."""
        return possible_calls(self.task, self.placed, self.observed)

    def written(self, call: str) -> str:
        """Write a call of it."""
        return f"{self.name}({call})"

    def returned(self, call: str, seed: int) -> Sequence[Value]:
        """Return the result of a call in each run."""
        trial = called(self.name, call, seed)
        return self.observed.tried(trial)

    def always_returned(self, call: str) -> Value | None:
        """Return the result of a call if no seed changes it and it is comparable; else None."""
        first, second = [self.returned(call, seed) for seed in _SEEDS]
        if not first or not second:
            return None

        expected = first[0]
        for value in (*first, *second):
            if not is_result(value):
                return None
            if not is_alike(value, expected):
                return None
        return expected

    def draws_numbers(self, call: str) -> bool:
        """Return whether the results of a call are arrays that change with the seed."""
        first, second = [self.returned(call, seed) for seed in _SEEDS]
        if not first or not second:
            return False
        values = [*first, *second]
        if any(value.kind != "array" for value in values):
            return False
        return not all(is_alike(value, first[0]) for value in values)

    def changed_argument(self, call: str) -> Value | None:
        """Return the first argument after a call that returns nothing."""
        returned = self.returned(call, _SEEDS[0])
        if not returned:
            return None
        if not all(isinstance(value, Nothing) for value in returned):
            return None

        trial = changed(self.name, call, _SEEDS[0])
        remaining = self.observed.tried(trial)
        if not remaining:
            return None
        first = remaining[0]
        if not is_comparable(first):
            return None
        return first

    def right_calls(self) -> list[str]:
        """List the calls with comparable results, the most telling first.

        None if all have the same result.
        """
        values = map(self.always_returned, self.calls)
        return _most_telling(self.calls, values)

    @property
    def changes_form(self) -> bool:
        """Whether it only changes the shape or dtype of its first argument.

        Shapes are equal for values but for axes of length 1, and dtypes do not count: whoever gives
        the argument back would pass.
        """
        for call in self.calls[:MAX_ECHOES]:
            value = self.always_returned(call)
            arguments = self.observed.tried(_echo(call))
            if value is None or not arguments:
                continue
            match value, arguments[0]:
                case Array(origin="tensor" | "array"), Array(origin="tensor" | "array") as given:
                    is_other = (value.shape, value.dtype) != (given.shape, given.dtype)
                    if is_other and is_alike(value, given):
                        return True
        return False

    def form_proposal(self, calls: Sequence[str]) -> Proposal:
        """Propose to compare shapes and dtypes, too."""
        expressions = []
        for call in calls[:MAX_CALLS]:
            form = "(lambda it: (tuple(it.shape), str(it.dtype), it))"
            expressions.append(f"{form}({self.written(call)})")
        return Proposal("test", {"equal": tuple(expressions)})

    def changing_calls(self) -> list[str]:
        """List the calls that return nothing, and change their first argument."""
        values = map(self.changed_argument, self.calls)
        return _most_telling(self.calls, values)

    def proposal(self, calls: Sequence[str]) -> Proposal:
        """Propose the first of some calls; the mark follows the definition."""
        mark = AnswerCandidate(self.placed.cell, self.placed.last_line, self.name)
        first = tuple(calls[:MAX_CALLS])
        fields: dict[str, Field] = {"function": self.name, "calls": first}
        return Proposal("function", fields, (mark,))


def is_result(value: Value) -> bool:
    """Return whether a check can compare the result of a call; it may contain infinities.

    A mask, for example, replaces some numbers by them.
    """
    if is_comparable(value):
        return True
    if not isinstance(value, Array) or not value.elements or value.summary:
        return False
    has_nan = any(map(math.isnan, value.elements))
    return not has_nan and any(map(math.isfinite, value.elements))


def _most_telling(calls: Iterable[str], values: Iterable[Value | None]) -> list[str]:
    """Sort calls so that each has another result than those before; empty if all are equal.

    Args:
        calls: the arguments of each.
        values: the result of each; None: nothing to compare.
    """
    known: list[Value] = []
    fresh: list[str] = []
    repeated: list[str] = []
    for call, value in zip(calls, values, strict=True):
        if value is None:
            continue
        if any(is_alike(value, other) for other in known):
            repeated.append(call)
        else:
            fresh.append(call)
            known.append(value)
    if len(fresh) < 2:
        return []
    return [*fresh, *repeated]


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose calls of the exercise's function; for several functions, expressions."""
    asked = asked_functions(task)
    if len(asked) == 1:
        yield from propose_calls(task, asked[0], observed)
    yield from _propose_together(task, observed)
    yield from _propose_shapes(task, observed)


def propose_one(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose calls of the only function that an exercise asks for."""
    [asked] = asked_functions(task)
    yield from propose_calls(task, asked, observed)


def propose_calls(
    task: TaskCode,
    placed: PlacedStatement,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose calls of one function."""
    function = _TriedFunction(task, placed, observed)
    calls = function.right_calls()
    if len(calls) >= MIN_CALLS:
        if function.changes_form:
            yield function.form_proposal(calls)
        proposal = function.proposal(calls)
        if _asks_to_keep(task, placed.node):
            yield replace(proposal, fields={**proposal.fields, "keeps": True})
        yield proposal

    changing = function.changing_calls()
    if len(changing) >= MIN_CALLS:
        proposal = function.proposal(changing)
        fields = {**proposal.fields, "changes": True}
        yield replace(proposal, fields=fields)


def _asks_to_keep(task: TaskCode, node: ast.stmt) -> bool:
    """Return whether the words of an exercise or its function forbid to change arguments."""
    words = ""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        words = ast.get_docstring(node) or ""
    return any(map(_KEEPS.search, (task.words, fold_words(words))))


def _propose_together(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose a test with one expression for each function: a tuple of results."""
    expressions: list[str] = []
    for placed in asked_functions(task):
        function = _TriedFunction(task, placed, observed)
        calls = function.right_calls()[:MAX_CALLS]
        if not calls:
            continue
        written = map(function.written, calls)
        joined = ", ".join(written)
        expressions.append(f"({joined})")

    if expressions:
        compared = tuple(expressions[:MAX_EXPRESSIONS])
        yield Proposal("test", {"equal": compared})


def _propose_shapes(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the shapes of the results of a function that draws numbers itself."""
    expressions: list[str] = []
    for placed in asked_functions(task):
        function = _TriedFunction(task, placed, observed)
        for call in function.calls:
            if not function.draws_numbers(call):
                continue
            written = function.written(call)
            expressions.append(f"tuple({written}.shape)")

    distinct = list(dict.fromkeys(expressions))
    if len(distinct) >= MIN_CALLS:
        compared = tuple(distinct[:MAX_CALLS])
        yield Proposal("test", {"equal": compared})
