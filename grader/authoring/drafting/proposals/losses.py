"""Write measures of a model out of the loss that its training computes. Pure."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from grader.authoring.drafting.proposals.notebook_code import NotebookCode, calls_in
from grader.authoring.drafting.syntax import called_name, names_read

MAX_DEPTH = 6
LOSSES = ("loss", "mse", "entropy", "criter", "cost", "perda", "perdida")
"""Parts of the names of losses, in small letters."""
SHARES: Mapping[str, str] = {
    "BCEWithLogitsLoss": "(({given} > 0) == ({asked} > 0.5)).float().mean()",
    "binary_cross_entropy_with_logits": "(({given} > 0) == ({asked} > 0.5)).float().mean()",
    "BCELoss": "(({given} > 0.5) == ({asked} > 0.5)).float().mean()",
    "binary_cross_entropy": "(({given} > 0.5) == ({asked} > 0.5)).float().mean()",
    "CrossEntropyLoss": "({given}.argmax(1) == {asked}).float().mean()",
    "cross_entropy": "({given}.argmax(1) == {asked}).float().mean()",
    "NLLLoss": "({given}.argmax(1) == {asked}).float().mean()",
    "nll_loss": "({given}.argmax(1) == {asked}).float().mean()",
}
"""Per loss of classes, the share of right ones among what a model gives."""

Assigned = dict[str, ast.expr]
"""What names were bound to last."""


def losses_of(
    code: NotebookCode,
    model: str,
) -> Iterator[tuple[str, bool]]:
    """List losses of a model on whole data, and shares of right classes.

    Returns:
        Pairs of an expression, and whether a higher number is better.
    """
    bound = _Bound({}, {})
    for placed in code.statements:
        bound.inside = {}
        for node in _in_order(placed.node):
            match node:
                case ast.Assign(value=value):
                    for call in calls_in(value):
                        yield from _measures(
                            code,
                            call,
                            model,
                            bound,
                        )
                    bound.inside.update(assigned_names(node))
        bound.before |= bound.inside


def assigned_names(node: ast.Assign) -> Iterator[tuple[str, ast.expr]]:
    """List the names that an assignment binds, each with the expression that it is bound to."""
    match node.targets, node.value:
        case [ast.Name(id=name)], value:
            yield name, value
        case [ast.Tuple(elts=targets)], ast.Tuple(elts=values) if len(targets) == len(values):
            for target, value in zip(
                targets,
                values,
                strict=True,
            ):
                if isinstance(target, ast.Name):
                    yield target.id, value


def _in_order(node: ast.AST) -> Iterator[ast.stmt]:
    """List the statements in a statement, in the order in which they stand; none of a function."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
            yield from _in_order(child)
    if isinstance(node, ast.Assign):
        yield node


def _measures(
    code: NotebookCode,
    call: ast.Call,
    model: str,
    bound: _Bound,
) -> Iterator[tuple[str, bool]]:
    assigned = bound.before | bound.inside
    if len(call.args) != 2 or not _is_loss(call, assigned):
        return
    given, asked = (
        _whole(
            code,
            each,
            model,
            bound,
        )
        for each in call.args
    )
    if given is None or asked is None or model not in names_read(given):
        return
    given_text = ast.unparse(given)
    asked_text = ast.unparse(asked)
    share = SHARES.get(_kind(call, assigned))
    if share is not None:
        yield share.format(given=given_text, asked=asked_text), True
    function = _written_function(
        code,
        call,
        assigned,
    )
    if function:
        yield f"{function}({given_text}, {asked_text})", False


def _is_loss(
    call: ast.Call,
    assigned: Assigned,
) -> bool:
    names = [called_name(call).lower(), _kind(call, assigned).lower()]
    return any(part in name for name in names for part in LOSSES)


def _kind(
    call: ast.Call,
    assigned: Assigned,
) -> str:
    """Name the loss that is called: of what a name was bound to, or the function."""
    made = assigned.get(called_name(call)) if isinstance(call.func, ast.Name) else None
    if isinstance(made, ast.Call):
        return called_name(made)
    return called_name(call)


def _written_function(
    code: NotebookCode,
    call: ast.Call,
    assigned: Assigned,
) -> str:
    """Write the loss that is called, made anew where an answer makes it; empty: it is unknown."""
    text = ast.unparse(call.func)
    if all(map(code.is_known, names_read(call.func))):
        return text
    made = assigned.get(text)
    if made is not None and code.is_spelled(made):
        return ast.unparse(made)
    return ""


def _whole(
    code: NotebookCode,
    node: ast.expr,
    model: str,
    bound: _Bound,
) -> ast.expr | None:
    """Write an expression on all data in place of a batch; None: it needs what is not there."""
    written: ast.expr = ast.parse(ast.unparse(node), mode="eval").body
    for _ in range(MAX_DEPTH):
        written = _WithoutBatches(code).visit(written)
        inlined = bound.to_inline(code, names_read(written) - {model})
        if inlined is None:
            return None
        if not inlined:
            return written
        new = Inliner(inlined).visit(written)
        written = ast.parse(ast.unparse(new), mode="eval").body
    return None


@dataclass
class _Bound:
    """What names were bound to last: before a statement at top level, and inside it."""

    before: Assigned
    inside: Assigned

    def to_inline(
        self,
        code: NotebookCode,
        names: Collection[str],
    ) -> Assigned | None:
        """Choose the names to write out; None: one is neither there nor can be written out."""
        inlined: Assigned = {}
        for name in names:
            if name in self.inside:
                inlined[name] = self.inside[name]
            elif code.is_known(name) or name in code.named:
                continue
            elif name in self.before:
                inlined[name] = self.before[name]
            else:
                return None
        return inlined


class _WithoutBatches(ast.NodeTransformer):
    """Takes all rows where some are taken by an index that changes."""

    def __init__(self, code: NotebookCode) -> None:
        self._code = code

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Strip an index that reads names of a loop; called by `ast`."""
        inner = self.visit(node.value)
        if all(map(self._code.is_known, names_read(node.slice))):
            node.value = inner
            return node
        result: ast.expr = inner
        return result


class Inliner(ast.NodeTransformer):
    """Puts expressions in place of the names that hold what they give."""

    def __init__(self, expressions: Mapping[str, ast.expr]) -> None:
        """Take the expressions, by the names."""
        self._expressions = expressions

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace a name; called by `ast`."""
        return self._expressions.get(node.id, node)
