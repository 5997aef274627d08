"""Propose how a value that seeds move follows from the student's own others. Pure."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass

from grader.authoring.drafting.candidates import RANDOM
from grader.authoring.drafting.proposals.base import Observed, Proposal
from grader.authoring.drafting.proposals.notebook_code import TaskCode, calls_in
from grader.authoring.drafting.proposals.trials import evaluated
from grader.authoring.drafting.syntax import called_name, names_read
from grader.grading.agreement import is_true
from grader.kernel.aliases import MODULES
from grader.trace import Array, Number

RELATION = '''\
def {function}({parameters}):
    """Tell whether {name} is what the reference computes from the same values."""
    right = torch.as_tensor({expression})
    given = torch.as_tensor({name})
    same_shape = given.shape == right.shape
    return same_shape and torch.allclose(given.double(), right.double(), rtol=1e-3, atol=1e-5)
'''
SAME_WEIGHTS = '''\
def has_the_same_weights(one, other):
    """Tell whether two networks have the same weights, and are not one network."""
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return one is not other and all(torch.equal(a, b) for a, b in pairs)
'''


@dataclass(frozen=True)
class _Relation:
    """A name, and the expression in other names that it is bound to."""

    name: str
    expression: str
    others: tuple[str, ...]

    @property
    def function(self) -> str:
        """Name of the function that tells whether it holds."""
        return f"is_right_{self.name.strip('_').lower()}"

    @property
    def code(self) -> str:
        """The function."""
        return RELATION.format(
            function=self.function,
            parameters=", ".join([self.name, *self.others]),
            name=self.name,
            expression=self.expression,
        )

    @property
    def call(self) -> str:
        """The expression that calls it."""
        arguments = ", ".join([self.name, *self.others])
        return f"{self.function}({arguments})"

    @property
    def trial(self) -> str:
        """The call as a trial."""
        return evaluated(
            self.call,
            1,
            self.code,
        )


def _relations(task: TaskCode) -> list[_Relation]:
    """List the names that an exercise binds at top level to what others give, last one first."""
    relations = []
    for placed in reversed(task.others):
        for node in _simple_statements(placed.node):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    relation = _relation(
                        task,
                        name,
                        value,
                    )
                    if relation is not None:
                        relations.append(relation)
    return relations


def _simple_statements(node: ast.stmt) -> Iterator[ast.stmt]:
    """List a statement, or those inside a `with`."""
    if isinstance(node, ast.With):
        for inner in node.body:
            yield from _simple_statements(inner)
        return
    yield node


def _relation(
    task: TaskCode,
    name: str,
    value: ast.expr,
) -> _Relation | None:
    names = names_read(value)
    others = [each for each in sorted(names) if each not in task.code.modules]
    own = [each for each in others if not _is_builtin(each)]
    modules = [each for each in names if each in task.code.modules]
    if not own or name in names or not set(modules) <= set(MODULES):
        return None
    draws = any(RANDOM.fullmatch(called_name(call)) for call in calls_in(value))
    if draws or isinstance(value, (ast.Name, ast.Lambda)):
        return None
    return _Relation(
        name,
        ast.unparse(value),
        tuple(own),
    )


def _is_builtin(name: str) -> bool:
    return hasattr(builtins, name)


def _loaded(task: TaskCode) -> tuple[str, str] | None:
    """Find the network that an exercise loads weights into, and the one that it saved."""
    loaded = saved = ""
    for placed in task.statements:
        for call in calls_in(placed.node):
            match call.func:
                case ast.Attribute(value=ast.Name(id=name), attr="load_state_dict"):
                    loaded = name
                case ast.Attribute(value=ast.Name(id=name), attr="state_dict"):
                    saved = name
    return (loaded, saved) if loaded and saved and loaded != saved else None


def trials(
    task: TaskCode,
    observed: Observed,
) -> Iterator[str]:
    """List the relations to try."""
    yield from (relation.trial for relation in _relations(task))
    names = _loaded(task)
    if names is not None:
        yield evaluated(
            _same_weights(names),
            1,
            SAME_WEIGHTS,
        )


def _same_weights(names: tuple[str, str]) -> str:
    return f"has_the_same_weights({names[0]}, {names[1]})"


def propose(
    task: TaskCode,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose the last relation that holds under every seed; of loaded weights, that they agree."""
    names = _loaded(task)
    if names is not None:
        same = _same_weights(names)
        is_asked = all(map(task.code.is_named, names))
        if is_asked and _is_held(
            evaluated(
                same,
                1,
                SAME_WEIGHTS,
            ),
            observed,
        ):
            yield Proposal(
                "test",
                {"holds": (same,)},
                probes=SAME_WEIGHTS,
            )
    held = []
    for relation in _relations(task):
        if _is_held(relation.trial, observed) and _is_measured(
            relation,
            task,
            observed,
        ):
            held.append(relation)
    read = {name for relation in held for name in relation.others}
    ends = [relation for relation in reversed(held) if relation.name not in read]
    if ends:
        calls = tuple(relation.call for relation in ends)
        code = "\n\n".join(relation.code for relation in ends)
        yield Proposal(
            "test",
            {"holds": calls},
            probes=code,
        )


def _is_held(
    trial: str,
    observed: Observed,
) -> bool:
    values = observed.tried(trial)
    return bool(values) and all(map(is_true, values))


def _is_measured(
    relation: _Relation,
    task: TaskCode,
    observed: Observed,
) -> bool:
    """Tell whether a name holds numbers that seeds move."""
    if not all(map(task.code.is_named, (relation.name, *relation.others))):
        return False
    for request in observed.samples:
        if request.expression != relation.name or request.cell not in task.task.cells:
            continue
        value = observed.value(request)
        return isinstance(value, Array | Number) and observed.stability(request) != "fixed"
    return False
