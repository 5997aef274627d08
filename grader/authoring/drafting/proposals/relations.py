"""Propose a relation between the student's own values, if seeds change them. Pure."""

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
from grader.kernel.recording.aliases import MODULES
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
    """A name, and the expression of other names that it is bound to."""

    name: str
    expression: str
    others: tuple[str, ...]

    @property
    def function(self) -> str:
        """Name of the function that checks it."""
        return f"is_right_{self.name.strip('_').lower()}"

    @property
    def parameters(self) -> str:
        """Its parameters, named as in the notebook."""
        return ", ".join([self.name, *self.others])

    @property
    def code(self) -> str:
        """The function."""
        return RELATION.format(
            function=self.function,
            parameters=self.parameters,
            name=self.name,
            expression=self.expression,
        )

    @property
    def call(self) -> str:
        """The expression that calls it."""
        return f"{self.function}({self.parameters})"

    @property
    def trial(self) -> str:
        """The call as a trial."""
        return evaluated(self.call, 1, self.code)


def _relations(task: TaskCode) -> Iterator[_Relation]:
    """List the names that an exercise binds to expressions of others, the last one first."""
    for placed in reversed(task.others):
        for node in _simple_statements(placed.node):
            relation = _relation(task, node)
            if relation is not None:
                yield relation


def _simple_statements(node: ast.stmt) -> Iterator[ast.stmt]:
    """List a statement, or those inside a `with`."""
    if not isinstance(node, ast.With):
        yield node
        return
    for inner in node.body:
        yield from _simple_statements(inner)


def _relation(task: TaskCode, node: ast.stmt) -> _Relation | None:
    """Parse the binding of one name to an expression of others; None for anything else."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            pass
        case _:
            return None
    if isinstance(value, (ast.Name, ast.Lambda)):
        return None
    if _draws(value):
        return None

    names = names_read(value)
    modules = names & task.code.modules
    others = sorted(names - modules)
    own = []
    for each in others:
        if not hasattr(builtins, each):
            own.append(each)
    if not own:
        return None
    if name in names:
        return None
    if not modules.issubset(MODULES):
        return None
    return _Relation(name, ast.unparse(value), tuple(own))


def _draws(value: ast.expr) -> bool:
    """Return whether an expression draws numbers."""
    return any(RANDOM.fullmatch(called_name(call)) for call in calls_in(value))


@dataclass(frozen=True)
class _LoadedNetworks:
    """A network into which weights are loaded, and the one that saved them."""

    loaded: str
    saved: str

    @property
    def call(self) -> str:
        """The expression that compares them."""
        return f"has_the_same_weights({self.loaded}, {self.saved})"

    @property
    def trial(self) -> str:
        """The call as a trial."""
        return evaluated(self.call, 1, SAME_WEIGHTS)


def _loaded_networks(task: TaskCode) -> _LoadedNetworks | None:
    """Find the networks in exercises that save weights and load them."""
    loaded = ""
    saved = ""
    for placed in task.statements:
        for call in calls_in(placed.node):
            match call.func:
                case ast.Attribute(value=ast.Name(id=name), attr="load_state_dict"):
                    loaded = name
                case ast.Attribute(value=ast.Name(id=name), attr="state_dict"):
                    saved = name
    if not loaded:
        return None
    if not saved:
        return None
    if loaded == saved:
        return None
    return _LoadedNetworks(loaded, saved)


def trials(task: TaskCode, observed: Observed) -> Iterator[str]:
    """List the relations to try."""
    for relation in _relations(task):
        yield relation.trial
    networks = _loaded_networks(task)
    if networks is not None:
        yield networks.trial


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the last relation that holds for every seed; for loaded weights, their equality."""
    yield from _propose_same_weights(task, observed)

    held = list(_held_relations(task, observed))
    read: set[str] = set()
    for relation in held:
        read.update(relation.others)
    ends = []
    for relation in reversed(held):
        if relation.name not in read:
            ends.append(relation)
    if not ends:
        return
    calls = tuple(relation.call for relation in ends)
    code = "\n\n".join(relation.code for relation in ends)
    yield Proposal("test", {"holds": calls}, probes=code)


def _propose_same_weights(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    networks = _loaded_networks(task)
    if networks is None:
        return
    is_asked = _is_each_named(task, networks.loaded, networks.saved)
    if not is_asked:
        return
    if _is_held(networks.trial, observed):
        fields = {"holds": (networks.call,)}
        yield Proposal("test", fields, probes=SAME_WEIGHTS)


def _held_relations(task: TaskCode, observed: Observed) -> Iterator[_Relation]:
    """List the relations that hold between names of the handout that seeds change."""
    for relation in _relations(task):
        if not _is_held(relation.trial, observed):
            continue
        if not _is_each_named(task, relation.name, *relation.others):
            continue
        if _is_moved(relation.name, task, observed):
            yield relation


def _is_each_named(task: TaskCode, *names: str) -> bool:
    return all(map(task.code.is_named, names))


def _is_held(trial: str, observed: Observed) -> bool:
    values = observed.tried(trial)
    if not values:
        return False
    return all(map(is_true, values))


def _is_moved(name: str, task: TaskCode, observed: Observed) -> bool:
    """Return whether seeds change the numbers of a name."""
    cells = task.task.cells
    for request in observed.samples:
        if request.expression != name:
            continue
        if request.cell not in cells:
            continue
        if observed.stability(request) == "fixed":
            return False
        value = observed.value(request)
        return isinstance(value, Array | Number)
    return False
