"""Analyse the code of a solved notebook: given names, definitions and calls. Pure."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.authoring.drafting.inputs import given_names
from grader.authoring.drafting.readers.solution_cells import fill_blanks
from grader.authoring.drafting.solved import DraftCell, Task
from grader.authoring.drafting.syntax import (
    FUNCTION,
    called_name,
    imported_names,
    line_range,
    names_bound,
    names_of_loops,
    names_read,
    root_name,
    statements_of,
)
from grader.kernel.recording.aliases import MODULES
from grader.notebook.code import parse_cell
from grader.notebook.folding import fold_words
from grader.notebook.slicing import cells_behind

NOT_SPELLED = (ast.Lambda, ast.NamedExpr, ast.Await, ast.Starred)
"""Expressions that are not repeated as they are written."""
PLAIN_BASES = frozenset(("object", "ABC"))
"""Bases that make no class a network."""
LOOP = (ast.For, ast.While)
STEPPING = ("step", "sub_", "add_", "copy_")
"""Methods that move a parameter."""
DRAWING = re.compile(
    r"plot|scatter|imshow|hist|bar|barh|contourf?|show|subplots?|figure|matshow|pie|boxplot|heatmap"
    r"|semilog[xy]|loglog|fill_between|pairplot|lineplot|scatterplot|savefig"
)
"""Functions that draw."""
DRAWS_NUMBERS = re.compile(
    r"rand|seed|normal_|shuffle|Generator|default_rng|permutation|[Dd]ropout|DataLoader"
    r"|nn\.(Linear|Conv|Embedding|LSTM|GRU|RNN|Transformer|Bilinear)"
)
"""Code that draws numbers, also as the first weights of a layer."""


@dataclass(frozen=True)
class PlacedStatement:
    """A top-level statement of a notebook."""

    cell: int
    node: ast.stmt
    is_answer: bool
    """Whether it has lines that students do not get."""

    @property
    def name(self) -> str:
        """The name of the function or class that it defines; empty if it defines neither."""
        match self.node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                return name
            case ast.ClassDef(name=name):
                return name
        return ""

    @property
    def last_line(self) -> int:
        """Its last line (from 1) in its cell."""
        return self.node.end_lineno or self.node.lineno

    def stands_on(self, lines: frozenset[int]) -> bool:
        """Return whether it includes some lines (from 1) of its cell."""
        return not lines.isdisjoint(line_range(self.node))


def _placed_statements(cells: Mapping[int, DraftCell]) -> Iterator[PlacedStatement]:
    for index, cell in cells.items():
        for node in statements_of(cell):
            lines = line_range(node)
            is_answer = not cell.removed_lines.isdisjoint(lines)
            yield PlacedStatement(index, node, is_answer)


def _handout_of(cells: Iterable[DraftCell]) -> str:
    parts = [cell.handout or "" for cell in cells]
    return "\n".join(parts)


class NotebookCode:
    """The code of a solved notebook."""

    def __init__(self, cells: Sequence[DraftCell]) -> None:
        """Read the cells of a notebook."""
        self.cells = cells
        self.code_cells: dict[int, DraftCell] = {}
        self.texts: list[DraftCell] = []
        for index, cell in enumerate(cells):
            if cell.kind == "code":
                self.code_cells[index] = cell
            elif cell.kind == "markdown":
                self.texts.append(cell)

        sources = [cell.source for cell in self.code_cells.values()]
        self.modules = imported_names(sources)
        self.given = set(given_names(cells))
        """Names that the handout binds, and no answer binds anew."""
        self.bound: set[str] = set()
        """Names that are bound at top level, by answers too."""
        self._bindings: Counter[str] = Counter()
        self.statements: list[PlacedStatement] = []
        self.definitions: dict[str, PlacedStatement] = {}
        for placed in _placed_statements(self.code_cells):
            self._add(placed)

    def _add(self, placed: PlacedStatement) -> None:
        self.statements.append(placed)
        if placed.name:
            self.definitions[placed.name] = placed
        names = names_bound(placed.node)
        self.bound.update(names)
        self._bindings.update({*names, *names_of_loops(placed.node)})
        if placed.is_answer:
            self.given.difference_update(names)

    @cached_property
    def begun(self) -> frozenset[str]:
        """Names that the handout binds, including those that answers fill."""
        names: set[str] = set()
        for cell in self.code_cells.values():
            tree = parse_cell(fill_blanks(cell.handout or ""))
            names.update(names_bound(tree))
        return frozenset(names)

    @property
    def last_cell(self) -> int:
        """Index of the last cell with code."""
        if not self.statements:
            return 0
        return self.statements[-1].cell

    def behind(self, cell: int) -> list[int]:
        """List the cells that define the names a cell reads, and the cell itself."""
        order = []
        for index, each in self.code_cells.items():
            order.append((index, each.source))
        return cells_behind(order, [cell], effects=frozenset())

    @cached_property
    def drawing_cells(self) -> frozenset[int]:
        """Indices of the code cells that may draw random numbers."""
        drawing: set[int] = set()
        for index, cell in self.code_cells.items():
            if DRAWS_NUMBERS.search(cell.source):
                drawing.add(index)
        return frozenset(drawing)

    @cached_property
    def handout_text(self) -> str:
        """The handout's texts and code, as they are."""
        return _handout_of(self.cells)

    @property
    def handout(self) -> str:
        """The handout's texts and code, as normalised words."""
        return fold_words(self.handout_text)

    def is_spelled(self, node: ast.expr) -> bool:
        """Return whether an expression reads only modules, builtins and given names."""
        for inner in ast.walk(node):
            if isinstance(inner, NOT_SPELLED):
                return False
        return all(map(self.is_known, names_read(node)))

    def is_bound_once(self, node: ast.expr) -> bool:
        """Return whether the names in an expression never change."""
        return all(self._bindings[name] <= 1 for name in names_read(node))

    def is_known(self, name: str) -> bool:
        """Return whether a name is a module, a builtin or given."""
        if name in self.modules or name in self.given:
            return True
        is_always_there = name in MODULES or hasattr(builtins, name)
        return is_always_there and name not in self.bound

    @cached_property
    def named(self) -> frozenset[str]:
        """Names bound at top level, also by answers, that the handout mentions."""
        text = self.handout_text
        names = set(self.begun)
        names.update(re.findall(r"\w\w+", text))
        names.update(re.findall(r"`(\w+)`", text))
        return frozenset(names & self.bound)

    def is_named(self, name: str) -> bool:
        """Return whether the handout mentions a variable, so that each notebook should have it."""
        if name in self.begun or name in self.given:
            return True
        return name in self.named

    def is_surely_named(self, name: str) -> bool:
        """Return whether the handout mentions a variable, and not only a word spelled like it."""
        if name in self.begun or name in self.given or self.is_known(name):
            return True
        is_like_no_word = re.search(r"_|\d|[a-z][A-Z]", name) is not None
        if f"`{name}`" in self.handout_text:
            return True
        return is_like_no_word and name in self.named

    @cached_property
    def words(self) -> str:
        """The texts of the handout, as normalised words."""
        text = _handout_of(self.texts)
        return fold_words(text)

    def calls_of(self, name: str) -> Iterator[ast.Call]:
        """List the calls of a function, or of a name's value."""
        for placed in self.statements:
            for call in calls_in(placed.node):
                if _calls(call, name):
                    yield call

    def made_of(self, class_name: str) -> dict[str, ast.Call]:
        """List the names of a class's instances, each with the call that creates it."""
        made = {}
        for placed in self.statements:
            for node in ast.walk(placed.node):
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value):
                        call = made_by(value, class_name)
                        if call is not None:
                            made[name] = call
        return made

    def trains(self, node: ast.AST) -> bool:
        """Return whether code takes gradient steps in a loop, or calls a function that does."""
        if _has_training_loop(node):
            return True
        for name in called_names(node):
            placed = self.definitions.get(name)
            if placed is None or placed.node is node:
                continue
            if not isinstance(placed.node, FUNCTION):
                continue
            if _takes_steps(placed.node):
                return True
        return False


class TaskCode:
    """The code that answers one exercise."""

    def __init__(self, code: NotebookCode, task: Task) -> None:
        """Read the answer of an exercise."""
        self.code = code
        self.task = task
        self.statements: list[PlacedStatement] = []
        self.functions: list[PlacedStatement] = []
        """The functions that it defines."""
        self.classes: list[PlacedStatement] = []
        """The classes that it defines."""
        self.others: list[PlacedStatement] = []
        """Its statements that define neither."""
        self.bindings: list[ast.stmt] = []
        """Those of the others that do more than to evaluate an expression."""
        for index in task.cells:
            lines = task.answers_with(index, code.cells[index])
            for placed in code.statements:
                if placed.cell == index and placed.stands_on(lines):
                    self._add(placed)

        self.raw_text = f"{task.title}\n{task.words}"
        self.text = self.raw_text.casefold()
        """Its words, as they are but in small letters."""
        self.words = fold_words(self.text)

    def _add(self, placed: PlacedStatement) -> None:
        self.statements.append(placed)
        match placed.node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.functions.append(placed)
            case ast.ClassDef():
                self.classes.append(placed)
            case ast.Expr():
                self.others.append(placed)
            case node:
                self.others.append(placed)
                self.bindings.append(node)

    @property
    def trains(self) -> bool:
        """Whether it trains a model."""
        nodes = [placed.node for placed in self.statements]
        return any(map(self.code.trains, nodes))

    @property
    def trains_at_top_level(self) -> bool:
        """Whether it trains a model itself, rather than only defining a function that does."""
        nodes = [placed.node for placed in self.others]
        return any(map(self.code.trains, nodes))

    @property
    def draws(self) -> bool:
        """Whether it draws a figure."""
        return any(map(_draws, self.calls))

    @property
    def calls(self) -> Iterator[ast.Call]:
        """The calls in its statements."""
        for placed in self.statements:
            yield from calls_in(placed.node)

    def names(self, name: str) -> bool:
        """Return whether its words mention a variable: as code, or by an unusual name."""
        if not name.isidentifier():
            return False
        if f"`{name}`" in self.raw_text:
            return True
        if not re.search(r"_|\d", name):
            return False
        return re.search(rf"\b{name}\b", self.raw_text) is not None

    def says(self, pattern: str) -> bool:
        """Return whether its words match a pattern, as normalised words."""
        return re.search(pattern, self.words) is not None


def calls_in(node: ast.AST) -> Iterator[ast.Call]:
    """List the calls in some code."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            yield inner


def called_names(node: ast.AST) -> set[str]:
    """List the functions that code calls, without modules."""
    return {called_name(call) for call in calls_in(node)}


def _draws(call: ast.Call) -> bool:
    """Return whether a call draws a figure."""
    is_method = isinstance(call.func, ast.Attribute)
    if not is_method:
        return False
    return DRAWING.fullmatch(called_name(call)) is not None


def made_by(value: ast.expr, class_name: str) -> ast.Call | None:
    """Find the constructor call in `Net(3)`, or `Net(3).to(device)`."""
    node = value
    while isinstance(node, ast.Call):
        if _calls(node, class_name):
            return node
        if not isinstance(node.func, ast.Attribute):
            return None
        node = node.func.value
    return None


def _calls(call: ast.Call, name: str) -> bool:
    match call.func:
        case ast.Name(id=called):
            return called == name
    return False


def is_network_class(node: ast.ClassDef) -> bool:
    """Return whether a class derives from `nn.Module` and has `forward`."""
    bases = [ast.unparse(base) for base in node.bases]
    if set(bases) <= PLAIN_BASES:
        return False
    methods = []
    for inner in node.body:
        if isinstance(inner, FUNCTION):
            methods.append(inner.name)
    return "forward" in methods


def _has_training_loop(node: ast.AST) -> bool:
    loops = []
    for inner in ast.walk(node):
        if isinstance(inner, LOOP):
            loops.append(inner)
    return any(map(_takes_steps, loops))


def _takes_steps(node: ast.AST) -> bool:
    """Return whether code computes gradients, and updates parameters."""
    names = called_names(node)
    if names.isdisjoint(("backward", "grad")):
        return False
    if not names.isdisjoint(STEPPING):
        return True
    return any(map(_moves, ast.walk(node)))


def _moves(node: ast.AST) -> bool:
    """Return whether a statement is a step: `w -= lr * w.grad`, `w = w - lr * g`."""
    match node:
        case ast.AugAssign(op=ast.Sub() | ast.Add(), value=value):
            return not isinstance(value, ast.Constant)
        case ast.Assign(targets=[target], value=ast.BinOp(left=left, op=ast.Sub())):
            name = _root(target)
            return bool(name) and name == _root(left)
    return False


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    return root_name(node)
