"""Read the code of a solved notebook: what is given, defined and called. Pure."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.authoring.drafting.inputs import given_names
from grader.authoring.drafting.solved import DraftCell, Task
from grader.authoring.drafting.syntax import (
    DEFINITION,
    FUNCTION,
    called_name,
    imported_names,
    line_range,
    names_bound,
    names_read,
    root_name,
    statements_of,
)
from grader.notebook.code import parse_cell
from grader.notebook.folding import fold_words
from grader.notebook.slicing import cells_behind

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
    """A statement at top level of a notebook."""

    cell: int
    node: ast.stmt
    is_answer: bool
    """Whether it has lines that students do not get."""

    @property
    def name(self) -> str:
        """The name of the function or class that it defines; empty: it defines neither."""
        return self.node.name if isinstance(self.node, DEFINITION) else ""

    @property
    def last_line(self) -> int:
        """Its last line (from 1) in its cell."""
        return self.node.end_lineno or self.node.lineno


class NotebookCode:
    """The code of a solved notebook."""

    def __init__(self, cells: Sequence[DraftCell]) -> None:
        """Read the cells of a notebook."""
        self.cells = cells
        sources = [cell.source for cell in cells if cell.kind == "code"]
        self.modules = imported_names(sources)
        self.statements: list[PlacedStatement] = []
        for index, cell in enumerate(cells):
            for node in statements_of(cell):
                is_answer = not cell.removed_lines.isdisjoint(line_range(node))
                placed = PlacedStatement(
                    index,
                    node,
                    is_answer,
                )
                self.statements.append(placed)
        self.given = self._given_names()
        self.definitions = {
            placed.node.name: placed
            for placed in self.statements
            if isinstance(placed.node, DEFINITION)
        }

    def _given_names(self) -> frozenset[str]:
        """Find the names that the handout binds, and no answer binds anew."""
        bound_anew: set[str] = set()
        for placed in self.statements:
            if placed.is_answer:
                bound_anew.update(names_bound(placed.node))
        return frozenset(given_names(self.cells)) - bound_anew

    @cached_property
    def begun(self) -> frozenset[str]:
        """Names that lines of the handout bind, also those that answers fill."""
        names: set[str] = set()
        for cell in self.cells:
            if cell.kind == "code":
                names.update(names_bound(parse_cell(cell.handout or "")))
        return frozenset(names)

    @property
    def last_cell(self) -> int:
        """Index of the last cell with code."""
        return self.statements[-1].cell if self.statements else 0

    def behind(self, cell: int) -> list[int]:
        """List the cells that give a cell the names that it reads, and itself."""
        order = [
            (index, each.source) for index, each in enumerate(self.cells) if each.kind == "code"
        ]
        return cells_behind(
            order,
            [cell],
            effects=frozenset(),
        )

    @cached_property
    def drawing_cells(self) -> frozenset[int]:
        """Indices of the cells with code that may draw numbers."""
        code = [(index, cell) for index, cell in enumerate(self.cells) if cell.kind == "code"]
        return frozenset(index for index, cell in code if DRAWS_NUMBERS.search(cell.source))

    @property
    def handout(self) -> str:
        """The handout's texts and code, in folded words."""
        parts = [cell.handout or "" for cell in self.cells]
        return fold_words("\n".join(parts))

    def is_spelled(self, node: ast.expr) -> bool:
        """Tell whether an expression reads nothing but modules, builtins and given names."""
        for inner in ast.walk(node):
            if isinstance(inner, (ast.Lambda, ast.NamedExpr, ast.Await, ast.Starred)):
                return False
        return all(map(self.is_known, names_read(node)))

    def is_known(self, name: str) -> bool:
        """Tell whether a name is a module's, a builtin or given."""
        if name in self.modules or name in self.given:
            return True
        return hasattr(builtins, name)

    @cached_property
    def named(self) -> frozenset[str]:
        """Names that are bound at top level, by answers too, and that the handout names."""
        text = "\n".join(cell.handout or "" for cell in self.cells)
        written = set(re.findall(r"\w+", text))
        marked = set(re.findall(r"`(\w+)`", text))
        bound: set[str] = set()
        for placed in self.statements:
            bound.update(names_bound(placed.node))
        long = {name for name in bound if len(name) > 1 and name in written}
        return frozenset(long | (bound & marked) | (bound & self.begun))

    def is_named(self, name: str) -> bool:
        """Tell whether the handout names a variable, so that each student's notebook has it."""
        return name in self.named or name in self.begun or name in self.given

    @cached_property
    def words(self) -> str:
        """The texts of the handout, in folded words."""
        texts = [cell.handout or "" for cell in self.cells if cell.kind == "markdown"]
        return fold_words("\n".join(texts))

    def calls_of(self, name: str) -> Iterator[ast.Call]:
        """List the calls of a function, or of what a name holds."""
        for placed in self.statements:
            for node in ast.walk(placed.node):
                if isinstance(node, ast.Call) and _calls(node, name):
                    yield node

    def made_of(self, class_name: str) -> dict[str, ast.Call]:
        """List the names that hold an instance of a class, each with the call that makes it."""
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
        """Tell whether some code takes gradient steps in a loop, or calls a function that does."""
        if _has_training_loop(node):
            return True
        for call in calls_in(node):
            name = called_name(call)
            placed = self.definitions.get(name)
            if placed is None or placed.node is node:
                continue
            if isinstance(placed.node, FUNCTION) and _takes_steps(placed.node):
                return True
        return False


class TaskCode:
    """The code that answers one exercise."""

    def __init__(
        self,
        code: NotebookCode,
        task: Task,
    ) -> None:
        """Read the answer of an exercise."""
        self.code = code
        self.task = task
        self.statements: list[PlacedStatement] = []
        for index in task.cells:
            lines = task.answers_with(index, code.cells[index])
            for placed in code.statements:
                if placed.cell == index and not lines.isdisjoint(line_range(placed.node)):
                    self.statements.append(placed)
        self.raw_text = f"{task.title}\n{task.words}"
        self.text = self.raw_text.casefold()
        """Its words, as they are but in small letters."""
        self.words = fold_words(self.text)

    @property
    def functions(self) -> list[PlacedStatement]:
        """The functions that it defines."""
        return [placed for placed in self.statements if isinstance(placed.node, FUNCTION)]

    @property
    def classes(self) -> list[PlacedStatement]:
        """The classes that it defines."""
        return [placed for placed in self.statements if isinstance(placed.node, ast.ClassDef)]

    @property
    def others(self) -> list[PlacedStatement]:
        """Its statements that define neither."""
        return [placed for placed in self.statements if not isinstance(placed.node, DEFINITION)]

    @property
    def trains(self) -> bool:
        """Whether it trains a model."""
        return any(self.code.trains(placed.node) for placed in self.statements)

    @property
    def trains_at_top_level(self) -> bool:
        """Whether it trains a model itself, and does not only define what does."""
        return any(self.code.trains(placed.node) for placed in self.others)

    @property
    def draws(self) -> bool:
        """Whether it draws a figure."""
        for placed in self.statements:
            for call in calls_in(placed.node):
                if DRAWING.fullmatch(called_name(call)) and isinstance(call.func, ast.Attribute):
                    return True
        return False

    def names(self, name: str) -> bool:
        """Tell whether its words name a variable: as code, or a name that is no common word."""
        if not name.isidentifier():
            return False
        if re.search(rf"`{re.escape(name)}`", self.raw_text):
            return True
        is_rare = "_" in name or any(each.isdigit() for each in name)
        return is_rare and re.search(rf"\b{re.escape(name)}\b", self.raw_text) is not None

    def says(self, pattern: str) -> bool:
        """Tell whether its words have a pattern, in folded words."""
        return re.search(pattern, self.words) is not None


def calls_in(node: ast.AST) -> Iterator[ast.Call]:
    """List the calls in some code."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            yield inner


def made_by(
    value: ast.expr,
    class_name: str,
) -> ast.Call | None:
    """Find the call of a class behind `Net(3)`, or `Net(3).to(device)`."""
    node = value
    while isinstance(node, ast.Call):
        if _calls(node, class_name):
            return node
        if not isinstance(node.func, ast.Attribute):
            return None
        node = node.func.value
    return None


def _calls(
    call: ast.Call,
    name: str,
) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == name


def is_network_class(node: ast.ClassDef) -> bool:
    """Tell whether a class is a network: it derives from `nn.Module`, and has `forward`."""
    defined = {inner.name for inner in node.body if isinstance(inner, FUNCTION)}
    return bool(node.bases) and "forward" in defined


def _has_training_loop(node: ast.AST) -> bool:
    loops = [inner for inner in ast.walk(node) if isinstance(inner, LOOP)]
    return any(map(_takes_steps, loops))


def _takes_steps(node: ast.AST) -> bool:
    """Tell whether some code computes gradients, and moves what they are of."""
    names = {called_name(call) for call in calls_in(node)}
    if names.isdisjoint(("backward", "grad")):
        return False
    if not names.isdisjoint(STEPPING):
        return True
    return any(_moves(inner) for inner in ast.walk(node))


def _moves(node: ast.AST) -> bool:
    """Tell whether a statement is a step: `w -= lr * w.grad`, `w = w - lr * g`."""
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
