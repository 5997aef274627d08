"""Propose properties of an optimizer, a loader, a data set, or an object of another class. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import Observed, Proposal
from grader.authoring.drafting.proposals.calls import OtherNumbers
from grader.authoring.drafting.proposals.methods import has_results
from grader.authoring.drafting.proposals.networks import is_same_each_time, object_marks
from grader.authoring.drafting.proposals.notebook_code import (
    NotebookCode,
    TaskCode,
    is_network_class,
    made_by,
)
from grader.authoring.drafting.proposals.trials import evaluated
from grader.authoring.drafting.syntax import names_bound, names_read
from grader.trace import Module, Text, Value

OPTIMIZER = re.compile(r"SGD|Adam\w*|RMSprop|Adagrad|Adadelta|LBFGS|NAdam|RAdam|Rprop|ASGD")
OPTIONS = ("lr", "momentum", "weight_decay", "betas", "nesterov")
"""Options of an optimizer that an exercise may ask for."""
LOADER = re.compile(r"\w*Loader")
DATA_SET = re.compile(r"\w*(Dataset|Subset)")
MAX_EXPRESSIONS = 6
SEEDS = (1, 2)
"""Each expression is tried under both, because random values decide nothing."""
USES = (ast.Call, ast.Attribute, ast.Subscript, ast.BinOp)
"""Expressions that may use an instance of a class."""


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Request the types and values of objects that an exercise binds to names."""
    for mark in object_marks(task):
        yield mark
        yield _type_request(mark)


def _type_request(mark: AnswerCandidate) -> AnswerCandidate:
    return replace(mark, expression=f"type({mark.expression}).__name__")


def trials(task: TaskCode, observed: Observed) -> Iterator[str]:
    """List the expressions that may describe an exercise's objects."""
    for expression in _expressions(task, observed):
        for seed in SEEDS:
            yield evaluated(expression, seed)


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the expressions with comparable values that no seed changes."""
    telling = []
    for expression in _expressions(task, observed):
        if _is_telling(expression, observed):
            telling.append(expression)
    if telling:
        equal = tuple(telling[:MAX_EXPRESSIONS])
        yield Proposal("test", {"equal": equal})


def _is_telling(expression: str, observed: Observed) -> bool:
    values: list[Value] = []
    for seed in SEEDS:
        trial = evaluated(expression, seed)
        values += observed.tried(trial)
    if not values or not all(map(has_results, values)):
        return False
    return is_same_each_time(values)


def _expressions(task: TaskCode, observed: Observed) -> list[str]:
    expressions: list[str] = []
    for mark in object_marks(task):
        if task.code.is_named(mark.expression) and not _is_bound_below(task, mark):
            expressions += _of_object(task, mark, observed)
    for placed in task.classes:
        match placed.node:
            case ast.ClassDef(name=name) as node if not is_network_class(node):
                uses = _ClassUses(task.code, name)
                expressions += map(_with_another, uses.expressions())
    return list(dict.fromkeys(expressions))


def _is_bound_below(task: TaskCode, mark: AnswerCandidate) -> bool:
    """Return whether another exercise binds a name anew: it is asked for at the end."""
    own = set(task.task.cells)
    for placed in task.code.statements:
        is_below = placed.cell > mark.cell and placed.cell not in own
        if is_below and mark.expression in names_bound(placed.node):
            return True
    return False


def _of_object(task: TaskCode, mark: AnswerCandidate, observed: Observed) -> Sequence[str]:
    """Write expressions that distinguish objects of a type."""
    name = mark.expression
    kind = observed.value(_type_request(mark))
    match kind:
        case Text(value=type_name) if OPTIMIZER.fullmatch(type_name):
            return _of_optimizer(task, name)
        case Text(value=type_name) if LOADER.fullmatch(type_name):
            lengths = f"[len(batch[0]) for batch in {name}]"
            shape = f"tuple(next(iter({name}))[0].shape)"
            return [lengths, shape]
        case Text(value=type_name) if DATA_SET.fullmatch(type_name):
            return [f"len({name})", f"{name}[0]"]
    match observed.value(mark):
        case Module(parameters=0):
            return [f"type({name}).__name__"]
    return []


def _of_optimizer(task: TaskCode, name: str) -> list[str]:
    """Write expressions for the kind of an optimizer, and the options that the code sets."""
    lines = [ast.unparse(placed.node) for placed in task.others]
    code = "\n".join(lines)
    asked = [f"type({name}).__name__"]
    for option in OPTIONS:
        if option == "lr" or f"{option}=" in code:
            asked.append(f"{name}.defaults[{option!r}]")
    asked.append(f"sum(p.numel() for g in {name}.param_groups for p in g['params'])")
    return asked


class _ClassUses:
    """Finds the expressions of a notebook that use instances of a class."""

    def __init__(self, code: NotebookCode, class_name: str) -> None:
        """Initialise with the notebook's code, and the name of a class in it."""
        self._code = code
        self._class_name = class_name
        self._instances: dict[str, ast.Call] = {}
        for name, call in code.made_of(class_name).items():
            keywords = [keyword.value for keyword in call.keywords]
            arguments = [*call.args, *keywords]
            if all(map(code.is_spelled, arguments)):
                self._instances[name] = call

    def expressions(self) -> Iterator[str]:
        """Write each with instances in place of names, so that others can evaluate it."""
        for placed in self._code.statements:
            for node in ast.walk(placed.node):
                if isinstance(node, USES) and self._uses_instance(node):
                    source = ast.unparse(node)
                    copy = ast.parse(source, mode="eval")
                    whole = _MadeInPlace(self._instances).visit(copy)
                    yield ast.unparse(whole)

    def _uses_instance(self, node: ast.expr) -> bool:
        """Return whether an expression uses an instance, and otherwise only known names."""
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del()):
                return False
            case ast.Subscript(ctx=ast.Store() | ast.Del()):
                return False
            case ast.Call(func=ast.Name(id="print" | "display")):
                return False
        if made_by(node, self._class_name) is node:
            return False
        names = names_read(node)
        own = {self._class_name, *self._instances}
        if names.isdisjoint(own):
            return False
        return all(map(self._code.is_known, names - own))


class _MadeInPlace(ast.NodeTransformer):
    """Replaces names of instances by the calls that create them."""

    def __init__(self, instances: Mapping[str, ast.Call]) -> None:
        """Initialise with the calls, by the names of the instances."""
        self._instances = instances

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace a name; called by `ast`."""
        return self._instances.get(node.id, node)


def _with_another(expression: str) -> str:
    """Write an expression together with one with other numbers: no constant equals both."""
    tree = ast.parse(expression, mode="eval")
    other = ast.unparse(OtherNumbers().visit(tree))
    if other == expression:
        return expression
    return f"({expression}, {other})"
