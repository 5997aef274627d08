"""Propose calls of the methods of a class that answers an exercise, one after another. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import Observed, Proposal, is_alike
from grader.authoring.drafting.proposals.calls import (
    call_like,
    parameter_requests,
    parameters,
    written_arguments,
)
from grader.authoring.drafting.proposals.functions import is_result
from grader.authoring.drafting.proposals.networks import is_same_each_time
from grader.authoring.drafting.proposals.notebook_code import (
    NotebookCode,
    PlacedStatement,
    TaskCode,
    is_network_class,
)
from grader.authoring.drafting.proposals.trials import evaluated
from grader.authoring.drafting.syntax import FUNCTION, names_read
from grader.trace import Items, Nothing, Value

VARIANTS = (0, 1, 2)
"""Instances that are made like the one that was seen, each with other numbers."""
SEEDS = (1, 2)
"""Each expression is tried under both, because random values decide nothing."""
MAX_METHODS = 6
CALLED = ("__call__", "__len__", "__getitem__")
"""Methods with a spelling of their own."""

Method = ast.FunctionDef | ast.AsyncFunctionDef


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Request the arguments of the methods of the exercise's classes."""
    for class_use in _classes_of(task):
        for method in class_use.methods:
            yield from class_use.requests(method).values()


def trials(task: TaskCode, observed: Observed) -> Iterator[str]:
    """List the expressions that make an instance, and call its methods."""
    for class_use in _classes_of(task):
        for reads_attributes in (True, False):
            for expression in class_use.expressions(observed, reads_attributes=reads_attributes):
                for seed in SEEDS:
                    yield evaluated(expression, seed)


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the expressions with results that no seed changes, unless all are alike."""
    equal: list[str] = []
    for class_use in _classes_of(task):
        for reads_attributes in (True, False):
            expressions = class_use.expressions(observed, reads_attributes=reads_attributes)
            results = telling(expressions, observed)
            equal += results
            if results:
                break
    if equal:
        yield Proposal("test", {"equal": tuple(equal)})


def telling(expressions: Sequence[str], observed: Observed) -> list[str]:
    """List the expressions with comparable results; none if a constant has all of them.

    Args:
        expressions: those that were tried under each of `SEEDS`.
        observed: their results.
    """
    comparable = []
    results = []
    for expression in expressions:
        values: list[Value] = []
        for seed in SEEDS:
            trial = evaluated(expression, seed)
            values += observed.tried(trial)
        if values and all(map(has_results, values)) and is_same_each_time(values):
            comparable.append(expression)
            results.append(values[0])
    distinct = []
    for value in results:
        if not is_alike(value, results[0]):
            distinct.append(value)
    return comparable if distinct else []


def has_results(value: Value) -> bool:
    """Return whether all results in a value are comparable, and none is None."""
    if isinstance(value, Items):
        return bool(value.entries) and all(map(has_results, value.entries))
    return is_result(value) and not isinstance(value, Nothing)


def _classes_of(task: TaskCode) -> Iterator[_ClassUse]:
    for placed in task.classes:
        match placed.node:
            case ast.ClassDef(decorator_list=[]) as node if not is_network_class(node):
                yield _ClassUse(task.code, placed, node)


@dataclass(frozen=True)
class _ClassUse:
    """A class of the exercise, and how the notebook used its methods."""

    code: NotebookCode
    placed: PlacedStatement
    node: ast.ClassDef

    @cached_property
    def methods(self) -> list[Method]:
        """The methods that may be called from outside, in the order of the class."""
        methods: list[Method] = []
        for inner in self.node.body:
            if not isinstance(inner, FUNCTION) or inner.decorator_list:
                continue
            is_public = not inner.name.startswith("_") or inner.name in ("__init__", *CALLED)
            if is_public:
                methods.append(inner)
        return methods

    def requests(self, method: Method) -> dict[str, AnswerCandidate]:
        """Request the values of a method's parameters."""
        return parameter_requests(self.placed.cell, method)

    def expressions(self, observed: Observed, *, reads_attributes: bool) -> list[str]:
        """Write expressions that make an instance and call the methods that were called.

        Args:
            observed: arguments that they had.
            reads_attributes: whether attributes show effects: not all can be compared.
        """
        expressions = []
        for variant in VARIANTS:
            instance = self._instance(observed, variant)
            results = self._results(observed, variant, reads_attributes=reads_attributes)
            if instance is not None and results:
                joined = ", ".join(results)
                expressions.append(f"(lambda it: ({joined}))({instance})")
        return list(dict.fromkeys(expressions))

    def _results(self, observed: Observed, variant: int, *, reads_attributes: bool) -> list[str]:
        """Write the calls of methods, each that returns nothing before what shows its effect.

        That is an attribute, or what the first method returns then.
        """
        results: list[str] = []
        effects: list[str] = []
        for method, call in self._calls(observed, variant):
            if not _returns(method):
                effects.append(call)
                continue
            results.append(_after(effects, call))
            effects = []
        seen = []
        if reads_attributes:
            seen = [f"it.{name}" for name in self._attributes_read]
        if effects and not seen:
            seen = results[:1]
        for result in seen:
            results.append(_after(effects, result))
            effects = []
        return results

    def _instance(self, observed: Observed, variant: int) -> str | None:
        """Write a call of the constructor: as seen with other numbers, or as in the notebook."""
        written = ""
        for method in self.methods:
            if method.name == "__init__":
                written = self._arguments(method, observed, variant) or ""
                if not written and parameters(method):
                    return self._spelled_instance()
        return f"{self.node.name}({written})"

    def _spelled_instance(self) -> str | None:
        """Write the first constructor call of the notebook that others can repeat."""
        for call in self.code.calls_of(self.node.name):
            others = names_read(call) - {self.node.name}
            if all(map(self._is_named, others)):
                return f"{self.node.name}({written_arguments(call)})"
        return None

    def _is_named(self, name: str) -> bool:
        if self.code.is_known(name):
            return True
        is_defined = name in self.code.definitions
        return is_defined and re.search(rf"\b{name}\b", self._handout) is not None

    def _calls(self, observed: Observed, variant: int) -> list[tuple[Method, str]]:
        """Write the calls of the methods that were called in the notebook."""
        calls = []
        for method in self.methods:
            if method.name == "__init__":
                continue
            arguments = self._arguments(method, observed, variant)
            if arguments is not None:
                calls.append((method, _written_call(method.name, arguments)))
        return calls[:MAX_METHODS]

    def _arguments(self, method: Method, observed: Observed, variant: int) -> str | None:
        """Write arguments of a method like those that it had; None if it was not called."""
        if not parameters(method):
            return "" if self._is_called(method.name) else None
        samples = [observed.samples.get(each, ()) for each in self.requests(method).values()]
        if not samples or not all(samples):
            return None
        first = [values[0] for values in samples]
        return call_like(first, variant)

    def _is_called(self, method: str) -> bool:
        if method in CALLED:
            return method == "__len__"
        return re.search(rf"\.{method}\(", self._other_code) is not None

    @cached_property
    def _other_code(self) -> str:
        """The code of the notebook outside of the class."""
        parts = []
        for placed in self.code.statements:
            if placed.node is not self.node:
                parts.append(ast.unparse(placed.node))
        return "\n".join(parts)

    @cached_property
    def _handout(self) -> str:
        """The code that students get."""
        parts = [cell.handout or "" for cell in self.code.code_cells.values()]
        return "\n".join(parts)

    @cached_property
    def _attributes_read(self) -> list[str]:
        """The public attributes that the class sets and the handout reads elsewhere."""
        own = set()
        for inner in ast.walk(self.node):
            match inner:
                case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                    own.add(name)
        read = []
        for name in sorted(own):
            pattern = rf"(?<!\bself)\.{name}\b(?!\s*\()"
            if not name.startswith("_") and re.search(pattern, self._handout):
                read.append(name)
        return read


def _returns(method: Method) -> bool:
    """Return whether a method returns a value."""
    return any(map(_is_return_of_value, ast.walk(method)))


def _is_return_of_value(node: ast.AST) -> bool:
    match node:
        case ast.Return(value=None | ast.Constant(value=None)):
            return False
        case ast.Return():
            return True
    return False


def _after(effects: Sequence[str], result: str) -> str:
    """Write an expression for a result after calls that return nothing."""
    if not effects:
        return result
    joined = ", ".join(effects)
    return f"({joined}, {result})[-1]"


def _written_call(method: str, arguments: str) -> str:
    """Write a call of a method of the instance `it`."""
    if method == "__call__":
        return f"it({arguments})"
    if method == "__len__":
        return "len(it)"
    if method == "__getitem__":
        return f"it[{arguments}]"
    return f"it.{method}({arguments})"
