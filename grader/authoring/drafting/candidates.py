"""Find the values that may answer an exercise: those that its code shows or binds last. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.solved import DraftCell, Task
from grader.authoring.drafting.syntax import (
    DEFINITION,
    called_name,
    imported_names,
    line_range,
    names_bound,
    names_read,
    root_name,
    statements_of,
)
from grader.notebook.code import parse_cell

MAX_CANDIDATES = 12
"""Most values that are looked at per exercise."""

SHOWING = ("print", "display")
PLOTTING = ("plt", "pyplot")

_METHODS = (
    "abs add all amax amin any argmax argmin argsort astype bmm bool chunk clamp clip clone copy "
    "cos cpu cumprod cumsum detach diag diagonal div dot double eq exp expand flatten flip float "
    "floor gather ge gt half index_select int isinf isnan le log log_softmax logsumexp long "
    "lt masked_fill masked_select matmul max mean median min mm movedim mul mv ne nonzero norm "
    "numpy outer permute pow prod quantile ravel relu repeat reshape roll round sigmoid sign sin "
    "softmax sort split sqrt square squeeze stack std sub sum swapaxes t tanh to topk trace "
    "transpose tril triu unfold unique unsqueeze var view where"
)
_TEXT_METHODS = "count endswith find get index items join keys lower replace startswith strip upper"
PURE_METHODS = frozenset([*_METHODS.split(), *_TEXT_METHODS.split(), "values"])
"""Methods that may be called once more without changing anything."""
PURE_FUNCTIONS = frozenset(("abs", "sum", "max", "min"))
"""Functions without a module that may be called once more without changing anything."""
_MAKERS = "arange diag eye full linspace logspace meshgrid ones stack tril triu zeros"
MAKERS = frozenset(_MAKERS.split())
"""Functions that create a tensor from no value of the notebook."""
CONVERTING_METHODS = frozenset(("item", "tolist", "numpy", "detach", "cpu"))
"""Methods that only turn a value into another form of it."""
CONVERTING_FUNCTIONS = frozenset(("float", "int", "round", "str", "repr", "format"))
"""Functions that only turn a value into another form of it."""
_PROPERTIES = "shape dtype device grad_fn requires_grad is_leaf ndim size len type"
PROPERTIES = frozenset(_PROPERTIES.split())
"""Attributes and functions that describe a tensor and are not its value."""
RANDOM = re.compile(
    r"rand\w*|normal_?|uniform_?|bernoulli_?|multinomial|poisson|dropout\w*"
    r"|shuffle|choices?|permutation|sample"
)
"""Functions that draw random numbers."""
_CHANGING_LAYER = re.compile(r"dropout|batch_?norm", re.IGNORECASE)
"""Layers with another output, or another state, when a network is called again."""
ASSIGNMENT = (ast.Assign, ast.AugAssign, ast.AnnAssign)
_IMPURE = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Starred)
"""Expressions that may affect later code."""


@dataclass(frozen=True)
class AnswerCandidate:
    """A value that may answer an exercise."""

    cell: int
    line: int
    """Line (from 1) below which it is marked."""
    expression: str
    indent: str = ""
    """White space that the mark begins with, inside a loop or a function."""


def find_candidates(cells: Sequence[DraftCell], task: Task) -> list[AnswerCandidate]:
    """Find the values that may answer an exercise, the most likely first.

    They come from the lines that students do not get, last line first: drawn graphs, shown values,
    assigned names. If these lines only define functions, they come from the lines further down that
    call them.

    Args:
        cells: the notebook's.
        task: the exercise.
    """
    names = _NotebookNames.of(cells)
    candidates: list[AnswerCandidate] = []
    functions: set[str] = set()
    for index in reversed(task.cells):
        lines = task.answers_with(index, cells[index])
        for statement in reversed(answer_statements(cells[index], lines)):
            if isinstance(statement, DEFINITION):
                functions.add(statement.name)
            given = _names_of_given_lines(statement, lines)
            for candidate in names.candidates_in(index, statement):
                if candidate.expression not in given:
                    candidates.append(candidate)

    if functions and not candidates:
        last = task.cells[-1]
        candidates.extend(_call_candidates(cells, last, functions, names))
    graphs = []
    for candidate in candidates:
        if names.is_graph(candidate.expression):
            graphs.append(candidate)
    distinct = dict.fromkeys([*graphs, *candidates])
    return list(distinct)[:MAX_CANDIDATES]


def answer_statements(cell: DraftCell, lines: Collection[int]) -> list[ast.stmt]:
    """List the top-level statements of a cell that include some of its lines."""
    statements = []
    for statement in parse_cell(cell.source).body:
        if not set(lines).isdisjoint(line_range(statement)):
            statements.append(statement)
    return statements


def _names_of_given_lines(statement: ast.stmt, lines: Collection[int]) -> set[str]:
    """List the names that given lines in a loop or block bind, and that follow no answer in it.

    What a function gives may follow any answer: a step changes the network that it calls.

    Args:
        statement: a statement at top level.
        lines: those of the answer, in the same cell.
    """
    assigning = []
    for node in ast.walk(statement):
        if isinstance(node, ASSIGNMENT):
            assigning.append(node)
    answered: set[str] = set()
    count = -1
    while count < len(answered):
        count = len(answered)
        for node in assigning:
            is_answer = not set(lines).isdisjoint(line_range(node))
            follows = _calls_function(node) or not answered.isdisjoint(names_read(node))
            if is_answer or follows:
                answered.update(names_bound(node))
    return set(names_bound(statement)) - answered


def _calls_function(node: ast.AST) -> bool:
    """Return whether code calls anything but methods that only compute something of a value."""
    for inner in ast.walk(node):
        match inner:
            case ast.Call(func=ast.Attribute(attr=method)) if method in PURE_METHODS:
                continue
            case ast.Call():
                return True
    return False


def _is_removed(cell: DraftCell, statement: ast.stmt) -> bool:
    return not cell.removed_lines.isdisjoint(line_range(statement))


def _call_candidates(
    cells: Sequence[DraftCell],
    first: int,
    functions: set[str],
    names: _NotebookNames,
) -> Iterator[AnswerCandidate]:
    """Find the results of calls of some functions, nearest first.

    A call is marked below the functions themselves if its arguments are there already: then the
    functions are looked at, and not the line that calls them.

    Args:
        cells: the notebook's.
        first: index of the last cell that defines the functions.
        functions: their names.
        names: what names of the notebook stand for.
    """
    end_line = cells[first].source.count("\n") + 1
    available = _names_bound_up_to(cells, first) | functions | names.modules

    for index in range(first, len(cells)):
        cell = cells[index]
        for statement in statements_of(cell):
            is_definition = isinstance(statement, DEFINITION)
            if is_definition or functions.isdisjoint(names_read(statement)):
                continue
            for call in names.pure_calls(statement, functions):
                if names_read(call) <= available:
                    yield AnswerCandidate(first, end_line, ast.unparse(call))
            # A line that students do not get answers another exercise; one that compares is a test.
            if not _is_removed(cell, statement) and not _compares(statement):
                yield from names.candidates_in(index, statement)


def _compares(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Compare) for node in ast.walk(statement))


def _names_bound_up_to(cells: Sequence[DraftCell], last: int) -> set[str]:
    names: set[str] = set()
    for cell in cells[: last + 1]:
        if cell.kind == "code":
            names.update(names_bound(parse_cell(cell.source)))
    return names


@dataclass(frozen=True)
class _NotebookNames:
    """Classifies the names of a notebook."""

    functions: frozenset[str]
    modules: frozenset[str]
    graphs: frozenset[str]
    models: frozenset[str]
    """Names of callables with the same result each time, such as a network."""

    @classmethod
    def of(cls, cells: Sequence[DraftCell]) -> _NotebookNames:
        """Collect the names of a notebook."""
        sources = []
        for cell in cells:
            if cell.kind == "code":
                sources.append(cell.source)
        functions: set[str] = set()
        graphs: set[str] = set()
        models: set[str] = set()
        for source in sources:
            for node in ast.walk(parse_cell(source)):
                match node:
                    case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                        functions.add(name)
                    case ast.Assign(value=value):
                        if isinstance(value, ast.Call):
                            models.update(names_bound(node))
                        if "make_dot" in names_read(value):
                            graphs.update(names_bound(node))

        if any(_CHANGING_LAYER.search(cell.source) for cell in cells):
            models.clear()
        return cls(
            functions=frozenset(functions),
            modules=imported_names(sources),
            graphs=frozenset(graphs),
            models=frozenset(models),
        )

    def is_graph(self, expression: str) -> bool:
        """Return whether an expression draws a graph, or names one that is drawn."""
        return "make_dot" in expression or expression in self.graphs

    def candidates_in(self, cell: int, statement: ast.stmt) -> Iterator[AnswerCandidate]:
        """Find the values that a top-level statement shows or binds, the last one first."""
        line = statement.end_lineno or statement.lineno
        for shown in _shown_expressions(statement):
            value = _without_conversion(shown)
            if self._may_answer(value):
                yield AnswerCandidate(cell, line, ast.unparse(value))

        if isinstance(statement, DEFINITION):
            return
        counters = _loop_counters(statement)
        for name in reversed(names_bound(statement)):
            if name not in counters:
                yield AnswerCandidate(cell, line, name)

    def pure_calls(self, statement: ast.stmt, functions: set[str]) -> Iterator[ast.Call]:
        """Find the calls of some functions that can be repeated."""
        for node in ast.walk(statement):
            if not isinstance(node, ast.Call):
                continue
            if called_name(node) in functions and self._is_pure(node):
                yield node

    def _may_answer(self, value: ast.expr) -> bool:
        if _is_property(value) or not self._is_pure(value):
            return False
        if names_read(value) - self.modules:
            return True
        if not isinstance(value, ast.Call):
            return False
        return called_name(value) in MAKERS

    def _is_pure(self, node: ast.expr) -> bool:
        """Return whether an expression may be evaluated again without affecting later code."""
        return all(self._is_harmless(inner) for inner in ast.walk(node))

    def _is_harmless(self, node: ast.AST) -> bool:
        if isinstance(node, _IMPURE):
            return False
        if not isinstance(node, ast.Call):
            return True

        name = called_name(node)
        if RANDOM.fullmatch(name) or name.endswith("_"):
            return False
        if isinstance(node.func, ast.Name):
            known = self.functions | self.modules | self.models
            return name in known | PURE_FUNCTIONS
        is_pure_method = name in PURE_METHODS | CONVERTING_METHODS
        if is_pure_method:
            return True
        return root_name(node.func) in self.modules


def _loop_counters(statement: ast.stmt) -> set[str]:
    """Find the names that loops in a statement bind in each pass."""
    counters: set[str] = set()
    for node in ast.walk(statement):
        if not isinstance(node, ast.For):
            continue
        for target in ast.walk(node.target):
            if isinstance(target, ast.Name):
                counters.add(target.id)
    return counters


def _shown_expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """Find the expressions that a statement shows, the last one first."""
    match statement:
        case ast.Expr(value=ast.Call() as call):
            if called_name(call) in SHOWING:
                for argument in reversed(call.args):
                    yield from _expressions_in(argument)
            elif root_name(call.func) not in PLOTTING:
                yield call
        case ast.Expr(value=value):
            yield value


def _expressions_in(argument: ast.expr) -> Iterator[ast.expr]:
    """Find the expressions in an argument of `print`, last one first."""
    if isinstance(argument, ast.JoinedStr):
        for part in reversed(argument.values):
            if isinstance(part, ast.FormattedValue):
                yield part.value
    elif not isinstance(argument, ast.Constant):
        yield argument


def _without_conversion(node: ast.expr) -> ast.expr:
    """Strip conversions to a number: `loss` of `float(loss.item())`."""
    while True:
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=name), args=[]) if (
                name in CONVERTING_METHODS
            ):
                node = value
            case ast.Call(func=ast.Name(id=name), args=[value, *_]) if name in CONVERTING_FUNCTIONS:
                node = value
            case ast.Attribute(value=value, attr="data"):
                return value  # `w.data` of a display is `w`
            case _:
                return node


def _is_property(node: ast.expr) -> bool:
    """Return whether an expression describes a tensor, such as its shape, and is not its value."""
    match node:
        case ast.Subscript(value=value):
            return _is_property(value)
        case ast.Call():
            return called_name(node) in PROPERTIES
        case ast.Attribute(attr=name):
            return name in PROPERTIES
    return False
