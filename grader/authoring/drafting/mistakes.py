"""Proposes known mistakes: what students of PyTorch often get wrong, tried on the lines of the answers. Pure.

A rule makes another line of a line. It knows nothing of the notebook but its tree; whether what it makes changes an
answer, and breaks nothing, is tried by running it.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.candidates import called
from grader.authoring.drafting.solved import Piece
from grader.notebook.code import parse_cell
from grader.reference.markers import MARKER

STEP_NAMES = frozenset(
    (
        "lr",
        "eta",
        "alpha",
        "learning_rate",
        "taxa",
        "taxa_aprendizado",
        "rate",
        "step_size",
        "passo",
    )
)
BIAS_NAMES = frozenset(("b", "bias", "b0", "b1", "b2", "intercept", "vies"))
LOSSES = ("MSELoss", "mse_loss", "L1Loss", "l1_loss", "BCELoss")
COUNT_NAMES = frozenset(("n", "m", "N", "M", "num", "total", "n_samples"))
_GRADIENT = re.compile(r"grad|^d[A-Z]?_?[a-z]$|^d[wb]\d?$|^dJ|^dL", re.IGNORECASE)
_BRACKETED = re.compile(rb"(?<![\w)\]])\($")
"""A bracket that is none of a call's."""


@dataclass(frozen=True)
class Edit:
    """Another line in place of one."""

    cell: int
    line: int
    """From 1."""
    instead: str


@dataclass(frozen=True)
class ProposedMistake:
    """A mistake that is proposed: one kind of change, wherever the answers have its place."""

    kind: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class _Change:
    """Another text in place of some columns of a line; columns count bytes, as a tree's do."""

    line: int
    start: int
    end: int
    text: str


class _Source:
    """The code of a cell, and pieces of it."""

    def __init__(self, source: str) -> None:
        self._lines = [line.encode() for line in source.split("\n")]

    def line(self, number: int) -> str:
        """A line, from 1."""
        return self._lines[number - 1].decode()

    def of(self, node: ast.expr) -> str:
        """What stands where a node is; its own text where it takes several lines."""
        if node.lineno != node.end_lineno:
            return ast.unparse(node)
        return self._lines[node.lineno - 1][node.col_offset : node.end_col_offset].decode()

    def changed(self, changes: Sequence[_Change]) -> str:
        """A line with all of some changes."""
        line = self._lines[changes[0].line - 1]
        for change in sorted(changes, key=lambda change: -change.start):
            line = line[: change.start] + change.text.encode() + line[change.end :]
        return line.decode()

    def put(self, node: ast.expr | ast.stmt, text: str) -> Iterator[_Change]:
        """Put a text in place of a node that stands on one line, and of brackets around it that are not needed then."""
        if node.lineno != node.end_lineno or node.end_col_offset is None:
            return
        start, end, line = node.col_offset, node.end_col_offset, self._lines[node.lineno - 1]
        if _is_closed(text) and _BRACKETED.search(line[:start]) and line[end : end + 1] == b")":
            start, end = start - 1, end + 1
        yield _Change(node.lineno, start, end, text)


def _is_closed(text: str) -> bool:
    """Whether a text is a name, or stands in brackets as a whole."""
    inside = text[1:-1]
    depths = itertools.accumulate((character == "(") - (character == ")") for character in inside)
    return text.isidentifier() or (
        text[:1] + text[-1:] == "()" and all(depth >= 0 for depth in depths)
    )


Rule = Callable[[ast.AST, _Source, bool], Iterator[_Change]]
"""Takes a node, the code it stands in, and whether it stands in a loop."""


def proposed_mistakes(pieces: Sequence[Piece], cells: Sequence[int]) -> list[ProposedMistake]:
    """The mistakes to try, the most telling kind first.

    Args:
        pieces: the notebook's.
        cells: those with answers.
    """
    found = []
    for kind, rule in RULES.items():
        edits = tuple(edit for cell in cells for edit in _edits(pieces[cell], cell, rule))
        if edits:
            found.append(ProposedMistake(kind, edits))
    return found


def _edits(piece: Piece, cell: int, rule: Rule) -> Iterator[Edit]:
    source = _Source(piece.source)
    by_line: dict[int, list[_Change]] = {}
    for node, looped in _nodes(parse_cell(piece.source), looped=False):
        for change in rule(node, source, looped):
            own = by_line.setdefault(change.line, [])
            if change.line in piece.taken and all(
                change.end <= o.start or o.end <= change.start for o in own
            ):
                own.append(change)
    for line, changes in sorted(by_line.items()):
        # A comment cannot follow a line that goes on behind a backslash, nor a mark another mark.
        text = source.line(line)
        if changes and not text.rstrip().endswith("\\") and not MARKER.match(text):
            yield Edit(cell, line, source.changed(changes).strip())


def _nodes(node: ast.AST, *, looped: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Every node below one, outer ones first, and whether it stands in a loop."""
    for child in ast.iter_child_nodes(node):
        yield child, looped
        yield from _nodes(child, looped=looped or isinstance(child, (ast.For, ast.While)))


# The rules


def _is_gradient(node: ast.AST) -> bool:
    names = (getattr(inner, "attr", getattr(inner, "id", "")) for inner in ast.walk(node))
    return any(_GRADIENT.search(name) for name in names if isinstance(name, str))


def _step(node: ast.AST) -> ast.expr | None:
    """What a gradient step takes off: `lr * w.grad` of `w = w - lr * w.grad` and of `w -= lr * w.grad`."""
    if (
        isinstance(node, ast.AugAssign)
        and isinstance(node.op, ast.Sub)
        and _is_gradient(node.value)
    ):
        return node.value
    value = node.value if isinstance(node, ast.Assign) else None
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub):
        return value.right if _is_gradient(value.right) and not _is_gradient(value.left) else None
    return None


def _plus_sign(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    step = _step(node)
    if step is None or not isinstance(node, (ast.Assign, ast.AugAssign)):
        return
    if isinstance(node, ast.AugAssign):
        yield from source.put(node, f"{source.of(node.target)} += {source.of(node.value)}")
    elif isinstance(node.value, ast.BinOp):
        yield from source.put(
            node.value, f"{source.of(node.value.left)} + {source.of(node.value.right)}"
        )


def _zeroed_first(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    if (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and called(node.value) == "step"
    ):
        of = source.of(node.value.func).removesuffix(".step")
        yield from source.put(node, f"{of}.zero_grad(); {source.of(node.value)}")
    step = _step(node)
    held = (
        [n for n in ast.walk(step) if isinstance(n, ast.Attribute) and n.attr == "grad"]
        if step
        else []
    )
    if held and isinstance(node, (ast.Assign, ast.AugAssign)) and node.lineno == node.end_lineno:
        yield _Change(
            node.lineno, node.col_offset, node.col_offset, f"{source.of(held[0])}.zero_(); "
        )


def _gradient_kept(node: ast.AST, source: _Source, looped: bool) -> Iterator[_Change]:
    if not looped:
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        if called(node.value) in ("zero_", "zero_grad"):
            yield from source.put(node, "pass")
    elif (
        isinstance(node, ast.Assign)
        and ast.unparse(node.value) == "None"
        and _is_gradient(node.targets[0])
    ):
        yield from source.put(node, "pass")


def _renamed(old: str, new: str) -> Rule:
    """A rule that calls another function: a method, or one of a module."""

    def rule(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
        if isinstance(node, ast.Attribute) and node.attr == old and node.end_lineno is not None:
            line, end = node.end_lineno, node.end_col_offset or 0
            yield _Change(line, end - len(old), end, new)
        if (
            isinstance(node, ast.keyword)
            and node.arg == "reduction"
            and ast.unparse(node.value) == repr(old)
        ):
            yield from source.put(node.value, repr(new))

    return rule


def _sum_for_mean(node: ast.AST, source: _Source, looped: bool) -> Iterator[_Change]:
    yield from _renamed("mean", "sum")(node, source, looped)
    if isinstance(node, ast.Call) and called(node) in LOSSES and not node.keywords:
        inside = "".join(f"{source.of(argument)}, " for argument in node.args)
        yield from source.put(node, f"{source.of(node.func)}({inside}reduction='sum')")


def _square(node: ast.AST) -> ast.expr | None:
    """What is squared: `e` of `e ** 2`, `e.pow(2)` and `torch.square(e)`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and _is_two(node.right):
        return node.left
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "pow" and len(node.args) == 1 and _is_two(node.args[0]):
            return node.func.value
        if node.func.attr == "square":
            return node.args[0] if node.args else node.func.value
    return None


def _is_two(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in (2, 2.0)


def _in_brackets(node: ast.expr, source: _Source) -> str:
    plain = isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant))
    return source.of(node) if plain else f"({source.of(node)})"


def _no_square(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    squared = _square(node)
    if squared is not None and isinstance(node, ast.expr):
        yield from source.put(node, _in_brackets(squared, source))


def _absolute(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    squared = _square(node)
    if squared is not None and isinstance(node, ast.expr):
        yield from source.put(node, f"abs({source.of(squared)})")


def _no_transpose(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield from source.put(node, _in_brackets(node.value, source))
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("t", "transpose")
    ):
        yield from source.put(node, _in_brackets(node.func.value, source))


def _elementwise(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield from source.put(node, f"{source.of(node.left)} * {source.of(node.right)}")


def _not_divided(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)):
        return
    counts = {getattr(n, "id", getattr(n, "attr", "")) for n in ast.walk(node.right)}
    if counts & (COUNT_NAMES | {"len", "numel", "shape", "size"}):
        yield from source.put(node, _in_brackets(node.left, source))


def _other_axis(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    if (
        isinstance(node, ast.keyword)
        and node.arg in ("dim", "axis")
        and isinstance(node.value, ast.Constant)
    ):
        yield from source.put(node.value, "1" if node.value.value == 0 else "0")


def _minus_left_out(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    if (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and not isinstance(node.operand, ast.Constant)
    ):
        yield from source.put(node, source.of(node.operand))


def _log_left_out(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "log"
    ):
        inside = node.args[0] if node.args else node.func.value
        yield from source.put(node, _in_brackets(inside, source))


def _no_bias(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add)
        and getattr(node.right, "id", "") in BIAS_NAMES
    ):
        yield from source.put(node, _in_brackets(node.left, source))


def _rates(node: ast.AST) -> Iterator[ast.Constant]:
    """The learning rates that a node says: `lr = 0.1`, `SGD([w], lr=0.1)`, `w - 0.1 * w.grad`."""
    said: list[ast.expr] = []
    if isinstance(node, ast.Assign) and any(
        getattr(t, "id", "") in STEP_NAMES for t in node.targets
    ):
        said.append(node.value)
    if isinstance(node, ast.keyword) and node.arg in STEP_NAMES:
        said.append(node.value)
    if (
        (step := _step(node)) is not None
        and isinstance(step, ast.BinOp)
        and isinstance(step.op, ast.Mult)
    ):
        said += [step.left, step.right]
    for value in said:
        if isinstance(value, ast.Constant) and type(value.value) is float:
            yield value


def _rate(factor: float) -> Rule:
    """A rule that takes another learning rate."""

    def rule(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
        for value in _rates(node):
            # Twelve digits: 0.1 / 10 is to be read as 0.01.
            yield from source.put(value, repr(float(f"{float(value.value) * factor:.12g}")))  # type: ignore[arg-type]

    return rule


def _factor_left_out(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and _is_two(node.left):
        yield from source.put(node, source.of(node.right))


def _backward_twice(node: ast.AST, source: _Source, looped: bool) -> Iterator[_Change]:
    if looped or not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return
    if called(node.value) == "backward" and not node.value.args and not node.value.keywords:
        of = source.of(node.value.func)
        yield from source.put(node, f"{of}(retain_graph=True); {of}()")


def _one_pass_less(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    turns = node.iter if isinstance(node, ast.For) else None
    if isinstance(turns, ast.Call) and called(turns) == "range" and len(turns.args) == 1:
        yield from source.put(turns.args[0], f"{source.of(turns.args[0])} - 1")


def _no_gradient(node: ast.AST, source: _Source, _looped: bool) -> Iterator[_Change]:
    if not (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
    ):
        return
    if node.lineno == node.end_lineno and called(node.value) != "make_dot":
        yield _Change(node.lineno, node.col_offset, node.col_offset, "with torch.no_grad(): ")


RULES: dict[str, Rule] = {
    "plus-sign": _plus_sign,
    "zeroed-first": _zeroed_first,
    "gradient-kept": _gradient_kept,
    "mean-for-sum": _renamed("sum", "mean"),
    "sum-for-mean": _sum_for_mean,
    "no-square": _no_square,
    "absolute-error": _absolute,
    "no-transpose": _no_transpose,
    "elementwise": _elementwise,
    "not-divided": _not_divided,
    "other-axis": _other_axis,
    "minus-left-out": _minus_left_out,
    "log-left-out": _log_left_out,
    "no-bias": _no_bias,
    "rate-tenfold": _rate(10.0),
    "rate-tenth": _rate(0.1),
    "factor-left-out": _factor_left_out,
    "backward-twice": _backward_twice,
    "one-pass-less": _one_pass_less,
    "no-gradient": _no_gradient,
    "least-for-most": _renamed("argmax", "argmin"),
}
"""What is tried, the most telling first. The words for each stand in the catalogues."""
