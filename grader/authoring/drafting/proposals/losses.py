"""Write measures of a model from the loss in its training loop. Pure."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from grader.authoring.drafting.candidates import RANDOM
from grader.authoring.drafting.proposals.notebook_code import NotebookCode, calls_in
from grader.authoring.drafting.syntax import DEFINITION, called_name, names_read

MAX_DEPTH = 6
LOSSES = ("loss", "mse", "entropy", "criter", "cost", "perda", "perdida")
"""Parts of the names of losses, in small letters."""
LOADING = ("DataLoader", "tqdm")
"""Functions that yield the items of their first argument."""
OF_ANY_SIGN = "(({given} > 0) == ({asked} > 0.5)).float().mean()"
OF_SHARES = "(({given} > 0.5) == ({asked} > 0.5)).float().mean()"
OF_SCORES = "({given}.argmax(1) == {asked}).float().mean()"
SHARES: Mapping[str, str] = {
    "BCEWithLogitsLoss": OF_ANY_SIGN,
    "binary_cross_entropy_with_logits": OF_ANY_SIGN,
    "BCELoss": OF_SHARES,
    "binary_cross_entropy": OF_SHARES,
    "CrossEntropyLoss": OF_SCORES,
    "cross_entropy": OF_SCORES,
    "NLLLoss": OF_SCORES,
    "nll_loss": OF_SCORES,
}
"""Per loss of classes, an expression for the share of right outputs of a model."""

Assigned = dict[str, ast.expr]
"""Last values assigned to names."""

Loss = tuple[str, bool]
"""An expression, and whether a higher number is better."""


def losses_of(code: NotebookCode, model: str) -> Iterator[Loss]:
    """List losses of a model on whole data, and accuracies."""
    bound = _Bound({}, {})
    for placed in code.statements:
        bound.inside = {}
        for node in _in_order(placed.node):
            if isinstance(node, ast.For):
                bound.inside.update(_batches(node, bound))
            if not isinstance(node, ast.Assign):
                continue
            for call in calls_in(node.value):
                yield from _measures(code, call, model, bound)
            bound.inside.update(_assigned_names(node))
        bound.before |= bound.inside


def _assigned_names(node: ast.Assign) -> Iterator[tuple[str, ast.expr]]:
    """List the names that an assignment binds, each with its expression."""
    match node.targets, node.value:
        case [ast.Name(id=name)], value:
            yield name, value
        case [ast.Tuple(elts=targets)], ast.Tuple(elts=values):
            if len(targets) != len(values):
                return
            for target, value in zip(targets, values, strict=True):
                if isinstance(target, ast.Name):
                    yield target.id, value


def _batches(loop: ast.For, bound: _Bound) -> Iterator[tuple[str, ast.expr]]:
    """List the variables of a loop over batches of a `TensorDataset`, with all their rows."""
    taken = loop.target
    data = _tensors_in(loop.iter, bound.before | bound.inside)
    if not isinstance(taken, ast.Tuple) or len(taken.elts) != len(data):
        return
    for target, tensor in zip(taken.elts, data, strict=True):
        if isinstance(target, ast.Name):
            yield target.id, tensor


def _tensors_in(node: ast.expr, assigned: Assigned) -> list[ast.expr]:
    """List the tensors of a data set that an expression loads, through names."""
    for _ in range(MAX_DEPTH):
        match node:
            case ast.Call(args=tensors) if called_name(node) == "TensorDataset":
                return tensors
            case ast.Call(args=[data, *_]) if called_name(node) in LOADING:
                node = data
            case ast.Name(id=name) if name in assigned:
                node = assigned[name]
            case _:
                break
    return []


def _in_order(node: ast.AST) -> Iterator[ast.stmt]:
    """List the statements in a statement, in order, without those of functions."""
    if isinstance(node, DEFINITION):
        return
    if isinstance(node, ast.stmt):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _in_order(child)


def _measures(code: NotebookCode, call: ast.Call, model: str, bound: _Bound) -> Iterator[Loss]:
    """Write the loss that a call computes, and the accuracy, on whole data."""
    assigned = bound.before | bound.inside
    kind = _kind(call, assigned)
    if not _is_loss(call, kind):
        return
    if len(call.args) != 2:
        return
    given_node, asked_node = call.args
    if isinstance(given_node, ast.Starred) or isinstance(asked_node, ast.Starred):
        return
    given = _whole(code, given_node, model, bound)
    if given is None:
        return
    asked = _whole(code, asked_node, model, bound)
    if asked is None:
        return
    if model not in names_read(given):
        return

    given_text = ast.unparse(given)
    asked_text = ast.unparse(asked)
    if kind in SHARES:
        share = SHARES[kind].format(given=given_text, asked=asked_text)
        yield share, True
    function = _written_function(code, call, assigned)
    if function:
        loss = f"{function}({given_text}, {asked_text})"
        yield loss, False


def _is_loss(call: ast.Call, kind: str) -> bool:
    names = called_name(call), kind
    in_small_letters = " ".join(names).lower()
    return any(part in in_small_letters for part in LOSSES)


def _kind(call: ast.Call, assigned: Assigned) -> str:
    """Return the kind of loss that is called, by its function or its name's definition."""
    match call.func:
        case ast.Name(id=name):
            made = assigned.get(name)
            if isinstance(made, ast.Call):
                return called_name(made)
    return called_name(call)


def _written_function(code: NotebookCode, call: ast.Call, assigned: Assigned) -> str:
    """Write the loss function, constructed again if an answer makes it; empty if unknown."""
    text = ast.unparse(call.func)
    names = names_read(call.func)
    if all(map(code.is_known, names)):
        return text
    made = assigned.get(text)
    if made is None:
        return ""
    if not code.is_spelled(made):
        return ""
    return ast.unparse(made)


def _whole(code: NotebookCode, node: ast.expr, model: str, bound: _Bound) -> ast.expr | None:
    """Write an expression on all data in place of a batch; None if a name is unavailable."""
    without_batches = _WithoutBatches(code)
    written: ast.expr = copied(node)
    for _ in range(MAX_DEPTH):
        written = without_batches.visit(written)
        names = names_read(written) - {model}
        expressions = bound.to_inline(code, names)
        if expressions is None:
            return None
        if not expressions:
            return written
        written = inlined(written, expressions)
    return None


@dataclass
class _Bound:
    """The last expressions bound to names: before a top-level statement, and inside it."""

    before: Assigned
    inside: Assigned

    def to_inline(self, code: NotebookCode, names: Collection[str]) -> Assigned | None:
        """Choose the names to inline; None if one is neither available nor can be inlined."""
        expressions: Assigned = {}
        for name in names:
            if name in self.inside:
                expressions[name] = self.inside[name]
            elif is_there(code, name) and not self._is_better_written_out(code, name):
                continue
            elif name in self.before:
                expressions[name] = self.before[name]
            else:
                return None
        return expressions

    def _is_better_written_out(self, code: NotebookCode, name: str) -> bool:
        """Return whether to inline a name that may be only a word of the texts."""
        if code.is_surely_named(name) or name not in self.before:
            return False
        value = self.before[name]
        called = map(called_name, calls_in(value))
        if any(map(RANDOM.fullmatch, called)):
            return False
        return all(is_there(code, read) or read in self.before for read in names_read(value))


class _WithoutBatches(ast.NodeTransformer):
    """Removes subscripts that select the rows of a batch."""

    def __init__(self, code: NotebookCode) -> None:
        self._code = code

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Remove an index that reads names of a loop; called by `ast`."""
        inner: ast.expr = self.visit(node.value)
        names = names_read(node.slice)
        if not all(map(self._code.is_known, names)):
            return inner
        node.value = inner
        return node


def is_there(code: NotebookCode, name: str) -> bool:
    """Return whether each student's notebook should have a name."""
    if code.is_known(name):
        return True
    return name in code.named


def copied(node: ast.expr) -> ast.expr:
    """Copy an expression, so that it can be changed."""
    source = ast.unparse(node)
    return ast.parse(source, mode="eval").body


def inlined(node: ast.expr, expressions: Mapping[str, ast.expr]) -> ast.expr:
    """Replace names in an expression by the expressions they are bound to.

    Args:
        node: the expression, which is changed.
        expressions: the others, by the names.
    """
    new = _Inliner(expressions).visit(node)
    return copied(new)


class _Inliner(ast.NodeTransformer):
    """Replaces names by the expressions they are bound to."""

    def __init__(self, expressions: Mapping[str, ast.expr]) -> None:
        self._expressions = expressions

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace a name; called by `ast`."""
        return self._expressions.get(node.id, node)
