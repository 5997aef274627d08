"""Rewrite calls and operators of an answer equivalently, and set other seeds. Pure."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator

from grader.authoring.validation.rewrite_source import CellSource, single_target, transformed
from grader.authoring.validation.rewrites import (
    CellChange,
    Rewrite,
    RewriteKind,
    SolvedNotebook,
    changed_cell,
)

SEEDING = frozenset({"manual_seed", "seed", "default_rng", "RandomState"})
"""Functions that take a seed."""

SEED_KEYWORDS = frozenset({"random_state", "seed"})
"""Keywords that do."""

REDUCTIONS = frozenset({"mean", "sum"})
"""Methods of tensors that torch has as functions, too."""

SEED_WORDS = r"(?:seed|semente|semilla|random_state)[^\d\n]{{0,30}}{}\b"
"""Words by which a handout asks for a seed."""


class _OtherSeeds(ast.NodeTransformer):
    """Sets another seed wherever one is set that the handout does not ask for."""

    def __init__(self, notebook: SolvedNotebook) -> None:
        self._text = "\n".join(sorted(notebook.handout_text))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if _name(node.func) in SEEDING and node.args:
            node.args[0] = self._other(node.args[0])
        for keyword in node.keywords:
            if keyword.arg in SEED_KEYWORDS:
                keyword.value = self._other(keyword.value)
        return node

    def _other(self, seed: ast.expr) -> ast.expr:
        match seed:
            case ast.Constant(value=int(number)) if not isinstance(number, bool):
                asked_for = SEED_WORDS.format(number)
                if re.search(asked_for, self._text, re.IGNORECASE) is None:
                    return ast.Constant(number + 1)
        return seed


class _OtherShuffles(ast.NodeTransformer):
    """Adds a generator to each loader that shuffles."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        match keywords.get("shuffle"):
            case ast.Constant(value=True) if _name(node.func) == "DataLoader":
                if keywords.keys().isdisjoint({"generator", "sampler", None}):
                    generator = ast.parse("torch.Generator().manual_seed(4711)", mode="eval").body
                    node.keywords.append(ast.keyword("generator", generator))
        return node


class _Functions(ast.NodeTransformer):
    """Writes `torch.mean(x)` for `x.mean()`."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=name), args=[], keywords=[]):
                if name in REDUCTIONS:
                    return ast.Call(_of_torch(name), [value], [])
        return node


class _Products(ast.NodeTransformer):
    """Writes `torch.matmul(a, b)` for `a @ b`."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.MatMult):
            return ast.Call(_of_torch("matmul"), [node.left, node.right], [])
        return node


class _Tensors(ast.NodeTransformer):
    """Removes `.item()`."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr="item"), args=[]):
                return value
        return node


class _NumpyNumbers(ast.NodeTransformer):
    """Converts each numeric answer to a numpy number."""

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        node.value = _called("__import__('numpy').float64(float(x))", node.value)
        return node


def _called(text: str, value: ast.expr) -> ast.expr:
    """Write a call with a value in place of its `x`."""
    call = ast.parse(text, mode="eval")
    for node in ast.walk(call):
        match node:
            case ast.Call(args=[ast.Name(id="x")]):
                node.args = [value]
    return call.body


def _of_torch(name: str) -> ast.expr:
    text = f"torch.{name}"
    return ast.parse(text, mode="eval").body


def _name(function: ast.expr) -> str:
    match function:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def other_seeds(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Set another seed wherever the notebook's own code sets one."""
    yield from _everywhere("seed", notebook, _OtherSeeds(notebook))


def other_shuffles(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Make loaders shuffle in another order."""
    yield from _everywhere("shuffled", notebook, _OtherShuffles())


def torch_functions(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Call functions of torch in place of a tensor's methods."""
    yield from _in_answers("torch-function", notebook, _Functions(), set())


def products(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Call `matmul` in place of the operator."""
    yield from _in_answers("matmul", notebook, _Products(), set())


def tensors(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Keep a numeric answer as the tensor that it is converted from."""
    names = set(_numbers(notebook))
    if names:
        yield from _in_answers("item", notebook, _Tensors(), names)


def numpy_numbers(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Convert a numeric answer to a numpy number."""
    names = set(_numbers(notebook))
    if names:
        yield from _in_answers("numpy", notebook, _NumpyNumbers(), names)


def _numbers(notebook: SolvedNotebook) -> list[str]:
    """List the names of numeric answers."""
    names: list[str] = []
    for answered in notebook.answers:
        number = answered.number
        if number is None or not math.isfinite(number):
            continue
        names += answered.names[:1]
    return names


def _everywhere(
    kind: RewriteKind, notebook: SolvedNotebook, transformer: ast.NodeTransformer
) -> Iterator[Rewrite]:
    """Transform the notebook's own code, in all cells together."""
    cells = [cell for cell, _ in notebook.own_sources()]
    for rewrite in _transformed(kind, notebook, transformer, cells, set()):
        yield Rewrite(kind, rewrite.changes, separable=False)


def _in_answers(
    kind: RewriteKind,
    notebook: SolvedNotebook,
    transformer: ast.NodeTransformer,
    names: set[str],
) -> Iterator[Rewrite]:
    """Transform the cells with an answer; only bindings of some names, if there are any."""
    yield from _transformed(kind, notebook, transformer, notebook.answer_cells, names)


def _transformed(
    kind: RewriteKind,
    notebook: SolvedNotebook,
    transformer: ast.NodeTransformer,
    cells: list[int],
    names: set[str],
) -> Iterator[Rewrite]:
    changes: list[CellChange] = []
    for cell in cells:
        source = CellSource(notebook.source(cell))

        def takes(statement: ast.stmt, source: CellSource = source) -> bool:
            if names and single_target(statement) not in names:
                return False
            return not all(notebook.is_given(line) for line in source.lines_of(statement))

        new = transformed(source, transformer, takes)
        if new != source.source:
            changes.append(changed_cell(cell, source.source, [new]))
    if changes:
        yield Rewrite(kind, tuple(changes))
