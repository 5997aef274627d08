"""Proposes which value answers an exercise: what its code shows or binds last. Pure.

What a check of another kind needs (a series of losses, a function to be called) is proposed in `check_of` too, once
there is such a check.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.code import FUNCTION, names_bound, names_read
from grader.authoring.drafting.names import significant
from grader.authoring.drafting.solved import Piece, Task
from grader.notebook.code import parse_cell
from grader.trace import Array, Graph, Number, Value

SHOWING = ("print", "display")
_METHODS = (
    "abs argmax argmin clone cpu detach dot exp flatten log max mean min mm norm numpy pow prod ravel reshape round "
    "sqrt squeeze std sum t transpose unsqueeze var view"
)
PURE_METHODS = frozenset(_METHODS.split())
"""Methods that may be called once more without changing anything."""
AS_NUMBER = frozenset(("item", "tolist", "numpy", "detach", "cpu"))
"""Methods that only turn a value into another form of it."""
FORMS = frozenset(("float", "int", "round", "str", "repr", "format"))
RANDOM = re.compile(
    r"rand\w*|normal_?|uniform_?|bernoulli_?|multinomial|poisson|dropout\w*|shuffle|choices?|permutation|sample"
)
"""Functions that draw random numbers."""
ABOUT = frozenset(
    (
        "shape",
        "dtype",
        "device",
        "grad_fn",
        "requires_grad",
        "is_leaf",
        "ndim",
        "size",
        "len",
        "type",
    )
)
"""What tells of a tensor and is not its value."""
_CHANGING = re.compile(r"dropout|batch_?norm", re.IGNORECASE)
"""Layers that give something else, or become something else, when a network is called once more."""
MAX_CANDIDATES = 12
"""Most values that are looked at per exercise."""


@dataclass(frozen=True)
class Candidate:
    """A value that may answer an exercise."""

    cell: int
    line: int
    """The line, from 1, after which it stands."""
    expression: str


@dataclass(frozen=True)
class Proposal:
    """What is proposed as the answer of an exercise."""

    task: Task
    candidate: Candidate | None
    """None: marks of ours say it already, or a person reads it."""
    check: str
    others: tuple[str, ...] = ()
    """Other values that its cells give."""


def candidates(pieces: Sequence[Piece], task: Task) -> list[Candidate]:
    """The values that may answer an exercise, the most likely one first.

    They come from the lines that students do not get, last line first: a graph that is drawn, what is shown, what is
    bound. If these only define functions, from the lines further down that call them.
    """
    own = _Names.of(pieces)
    found: list[Candidate] = []
    functions: set[str] = set()
    for cell in reversed(task.cells):
        for statement in reversed(parse_cell(pieces[cell].source).body):
            if pieces[cell].taken.isdisjoint(_lines(statement)):
                continue
            if isinstance(statement, (*FUNCTION, ast.ClassDef)):
                functions.add(statement.name)
            found += own.of_statement(cell, statement)
    if functions and not found:
        found = list(_calls(pieces, task.cells[-1], functions, own))
    drawn = [one for one in found if "make_dot" in one.expression or one.expression in own.graphs]
    return list(dict.fromkeys([*drawn, *found]))[:MAX_CANDIDATES]


def _calls(
    pieces: Sequence[Piece], first: int, functions: set[str], own: _Names
) -> Iterator[Candidate]:
    """What calls of some functions give, nearest first.

    A call is marked below the functions themselves where its arguments are there already: then it is they that are
    looked at, and not the line that calls them.
    """
    before = {name for piece in pieces[: first + 1] for name in _bound(piece)}
    for cell in range(first, len(pieces)):
        for statement in (
            parse_cell(pieces[cell].source).body if pieces[cell].kind == "code" else ()
        ):
            if isinstance(statement, (*FUNCTION, ast.ClassDef)) or not functions & names_read(
                statement
            ):
                continue
            for node in ast.walk(statement):
                calls = (
                    isinstance(node, ast.Call) and called(node) in functions and own.is_pure(node)
                )
                if calls and names_read(node) - own.modules <= before | functions:
                    yield Candidate(first, len(pieces[first].source.split("\n")), ast.unparse(node))
            if pieces[cell].taken.isdisjoint(_lines(statement)):  # else it answers another exercise
                yield from own.of_statement(cell, statement)


def _lines(statement: ast.stmt) -> range:
    return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)


def _bound(piece: Piece) -> list[str]:
    return names_bound(parse_cell(piece.source)) if piece.kind == "code" else []


@dataclass(frozen=True)
class _Names:
    """What some names of a notebook are."""

    functions: frozenset[str]
    modules: frozenset[str]
    graphs: frozenset[str]
    models: frozenset[str]
    """What holds something to be called, such as a network that gives the same each time."""

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> _Names:
        """The names of a notebook."""
        nodes = [
            n
            for piece in pieces
            if piece.kind == "code"
            for n in ast.walk(parse_cell(piece.source))
        ]
        imports = (
            name
            for node in nodes
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in node.names
        )
        drawing = (
            n for n in nodes if isinstance(n, ast.Assign) and "make_dot" in names_read(n.value)
        )
        changing = any(_CHANGING.search(piece.source) for piece in pieces)
        return cls(
            frozenset(node.name for node in nodes if isinstance(node, FUNCTION)),
            frozenset((name.asname or name.name).partition(".")[0] for name in imports),
            frozenset(name for node in drawing for name in names_bound(node)),
            frozenset()
            if changing
            else frozenset(name for node in nodes for name in _made_by_a_call(node)),
        )

    def of_statement(self, cell: int, statement: ast.stmt) -> Iterator[Candidate]:
        """The values that a statement at top level shows or binds, last one first."""
        line = statement.end_lineno or statement.lineno
        for expression in _shown(statement):
            value = _bare(expression)
            if self.is_pure(value) and not _is_about(value) and names_read(value) - self.modules:
                yield Candidate(cell, line, ast.unparse(value))
        if isinstance(statement, (*FUNCTION, ast.ClassDef)):
            return
        turning = {
            name for n in ast.walk(statement) if isinstance(n, ast.For) for name in _loop_names(n)
        }
        for name in reversed(names_bound(statement)):
            if name not in turning:
                yield Candidate(cell, line, name)

    def is_pure(self, node: ast.expr) -> bool:
        """Whether an expression may be evaluated once more without changing what follows."""
        return all(self._is_harmless(inner) for inner in ast.walk(node))

    def _is_harmless(self, node: ast.AST) -> bool:
        if isinstance(node, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Starred)):
            return False
        if not isinstance(node, ast.Call):
            return True
        name = called(node)
        if RANDOM.fullmatch(name) or name.endswith("_"):
            return False
        if isinstance(node.func, ast.Name):
            known = self.functions | self.modules | self.models
            return name in known or name in ("abs", "sum", "max", "min")
        root = _root(node.func)
        return root in self.modules or name in PURE_METHODS or name in AS_NUMBER


def _made_by_a_call(node: ast.AST) -> list[str]:
    return (
        names_bound(node)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        else []
    )


def called(node: ast.Call) -> str:
    """The name of the function that is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _loop_names(loop: ast.For) -> set[str]:
    return {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}


def _shown(statement: ast.stmt) -> Iterator[ast.expr]:
    """The expressions that a statement shows, last one first."""
    if not isinstance(statement, ast.Expr):
        return
    value = statement.value
    if not (isinstance(value, ast.Call) and called(value) in SHOWING):
        if not (isinstance(value, ast.Call) and _root(value.func) in ("plt", "pyplot")):
            yield value
        return
    for argument in reversed(value.args):
        if isinstance(argument, ast.JoinedStr):
            parts = [part.value for part in argument.values if isinstance(part, ast.FormattedValue)]
            yield from reversed(parts)
        elif not isinstance(argument, ast.Constant):
            yield argument


def _bare(node: ast.expr) -> ast.expr:
    """An expression without what only turns its value into a number to print: `loss` of `float(loss.item())`."""
    while isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in AS_NUMBER and not node.args:
            node = node.func.value
        elif isinstance(node.func, ast.Name) and node.func.id in FORMS and node.args:
            node = node.args[0]
        else:
            break
    # `w.data` of a display is `w`.
    return node.value if isinstance(node, ast.Attribute) and node.attr == "data" else node


def _is_about(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return _is_about(node.value)
    name = called(node) if isinstance(node, ast.Call) else getattr(node, "attr", "")
    return name in ABOUT


def check_of(value: Value | None) -> str:
    """How a value can be checked: `graph`, `value`, or empty if it cannot."""
    if isinstance(value, Graph):
        return "graph" if value.labels else ""
    if isinstance(value, Array):
        return "value" if value.elements and all(map(math.isfinite, value.elements)) else ""
    return "value" if isinstance(value, Number) and math.isfinite(value.value) else ""


def chosen(
    task: Task, found: Sequence[Candidate], values: Mapping[Candidate, Value]
) -> Proposal | None:
    """The first of some candidates that can be checked; None if none can. One called like the exercise comes first.

    Args:
        task: the exercise.
        found: its candidates, the most likely one first.
        values: what they gave when the notebook ran.
    """
    fitting = [(one, check) for one in found if (check := check_of(values.get(one)))]
    if not fitting:
        return None
    wanted = significant(task.title)
    first, check = next(
        (one for one in fitting if wanted and significant(one[0].expression) == wanted), fitting[0]
    )
    others = dict.fromkeys(
        one.expression for one, _ in fitting if one.expression != first.expression
    )
    return Proposal(task, first, check, tuple(others))


def needed(
    pieces: Sequence[Piece], proposals: Mapping[str, Proposal]
) -> dict[str, tuple[str, ...]]:
    """Which exercises build on which: those that read the name of an earlier one's answer."""
    found: dict[str, tuple[str, ...]] = {}
    earlier: dict[str, str] = {}
    for name, proposal in proposals.items():
        if proposal.candidate is None:
            continue
        read = _read_by(pieces, proposal.task.cells)
        found[name] = tuple(other for variable, other in earlier.items() if variable in read)
        earlier[root_of(proposal.candidate.expression)] = name
    return {name: others for name, others in found.items() if others}


def _read_by(pieces: Sequence[Piece], cells: Collection[int]) -> set[str]:
    """Names that some cells read from before: not those that they bind first."""
    read: set[str] = set()
    bound: set[str] = set()
    for cell in cells:
        for statement in parse_cell(pieces[cell].source).body:
            read |= names_read(statement) - bound
            bound.update(names_bound(statement))
    return read


def root_of(expression: str) -> str:
    """The name that an expression begins with; empty if it is more than a name with parts."""
    node: ast.expr = ast.parse(expression, mode="eval").body
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
