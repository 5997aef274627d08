"""Propose properties of an optimizer, a loader, a data set, or a class that is no network. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import (
    Observed,
    Proposal,
    is_comparable,
)
from grader.authoring.drafting.proposals.networks import is_same_each_time, object_marks
from grader.authoring.drafting.proposals.notebook_code import (
    NotebookCode,
    TaskCode,
    is_network_class,
    made_by,
)
from grader.authoring.drafting.proposals.trials import evaluated
from grader.authoring.drafting.syntax import names_read
from grader.trace import Module, Text

OPTIMIZER = re.compile(r"SGD|Adam\w*|RMSprop|Adagrad|Adadelta|LBFGS|NAdam|RAdam|Rprop|ASGD")
OPTIONS = ("lr", "momentum", "weight_decay", "betas", "nesterov")
"""Options of an optimizer that an exercise may ask for."""
LOADER = re.compile(r"\w*Loader")
DATA_SET = re.compile(r"\w*(Dataset|Subset)")
MAX_EXPRESSIONS = 6


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Ask what the names hold that an exercise binds to objects, and of which type it is."""
    for mark in object_marks(task):
        yield mark
        yield _type_request(mark)


def _type_request(mark: AnswerCandidate) -> AnswerCandidate:
    return replace(mark, expression=f"type({mark.expression}).__name__")


def trials(
    task: TaskCode,
    observed: Observed,
) -> Iterator[str]:
    """List the expressions that may tell what an exercise made."""
    for expression in _expressions(task, observed):
        for seed in (1, 2):
            yield evaluated(expression, seed)


def _expressions(
    task: TaskCode,
    observed: Observed,
) -> list[str]:
    expressions: list[str] = []
    for mark in object_marks(task):
        if task.code.is_named(mark.expression):
            expressions += _of_object(
                mark.expression,
                task,
                observed,
                mark,
            )
    for placed in task.classes:
        if isinstance(placed.node, ast.ClassDef) and not is_network_class(placed.node):
            of_class = list(_of_class(task.code, placed.node.name))
            expressions += [_with_another(each) for each in of_class]
    return list(dict.fromkeys(expressions))


def _of_object(
    name: str,
    task: TaskCode,
    observed: Observed,
    mark: AnswerCandidate,
) -> Sequence[str]:
    value = observed.value(mark)
    told = observed.value(_type_request(mark))
    kind = told.value if isinstance(told, Text) else ""
    if OPTIMIZER.fullmatch(kind):
        return _of_optimizer(name, task)
    if LOADER.fullmatch(kind):
        return [f"[len(batch[0]) for batch in {name}]", f"tuple(next(iter({name}))[0].shape)"]
    if DATA_SET.fullmatch(kind):
        return [f"len({name})", f"{name}[0]"]
    if isinstance(value, Module) and value.parameters == 0:
        return [f"type({name}).__name__"]
    return []


def _of_optimizer(
    name: str,
    task: TaskCode,
) -> list[str]:
    """Ask for the kind of an optimizer, and for the options that the code sets."""
    code = "\n".join(ast.unparse(placed.node) for placed in task.others)
    options = ["lr"]
    options += [option for option in OPTIONS[1:] if f"{option}=" in code]
    asked = [f"{name}.defaults[{option!r}]" for option in options]
    parameters = f"sum(p.numel() for g in {name}.param_groups for p in g['params'])"
    return [f"type({name}).__name__", *asked, parameters]


def _of_class(
    code: NotebookCode,
    class_name: str,
) -> Iterator[str]:
    """Find the expressions of a notebook that use an instance, with the instance made in them."""
    made = code.made_of(class_name)
    spelled = {
        name: call
        for name, call in made.items()
        if all(map(code.is_spelled, [*call.args, *(each.value for each in call.keywords)]))
    }
    for placed in code.statements:
        for node in ast.walk(placed.node):
            if isinstance(node, (ast.Call, ast.Attribute, ast.Subscript, ast.BinOp)):
                written = _with_instances(
                    code,
                    node,
                    spelled,
                    class_name,
                )
                if written:
                    yield written


def _with_another(expression: str) -> str:
    """Write an expression beside one with other numbers, so that no constant is both."""
    tree = ast.parse(expression, mode="eval")
    other = ast.unparse(_OtherNumbers().visit(tree))
    return expression if other == expression else f"({expression}, {other})"


class _OtherNumbers(ast.NodeTransformer):
    """Puts other numbers in place of those that are written."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Replace a number; called by `ast`."""
        match node.value:
            case bool():
                return node
            case int() | float() as number:
                return ast.Constant(number + 1)
        return node


def _with_instances(
    code: NotebookCode,
    node: ast.expr,
    made: dict[str, ast.Call],
    class_name: str,
) -> str:
    """Write an expression with instances in place of their names; empty if it uses none."""
    if isinstance(
        getattr(
            node,
            "ctx",
            None,
        ),
        (ast.Store, ast.Del),
    ):
        return ""
    if made_by(node, class_name) is node or _shows(node):
        return ""
    names = names_read(node)
    uses = names & set(made) or class_name in names
    others = names - set(made) - {class_name}
    if not uses or not all(map(code.is_known, others)):
        return ""
    source = ast.unparse(node)
    for name, call in made.items():
        source = re.sub(
            rf"(?<![\w.]){name}\b",
            ast.unparse(call),
            source,
        )
    return source


def _shows(node: ast.expr) -> bool:
    """Tell whether an expression shows something, or is a method that is not called."""
    match node:
        case ast.Call(func=ast.Name(id="print" | "display")):
            return True
    return False


def propose(
    task: TaskCode,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose the expressions that give something to compare, whatever is drawn."""
    told = []
    for expression in _expressions(task, observed):
        values = [value for seed in (1, 2) for value in observed.tried(evaluated(expression, seed))]
        if values and all(map(is_comparable, values)) and is_same_each_time(values):
            told.append(expression)
    if told:
        yield Proposal("test", {"equal": tuple(told[:MAX_EXPRESSIONS])})
