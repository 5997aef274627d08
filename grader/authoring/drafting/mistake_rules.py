"""Define common mistakes of PyTorch students: a rule per kind of mistake. Pure.

A rule changes the line of one node. It knows only the notebook's syntax tree.
"""

from __future__ import annotations

import ast
import re
from ast import (
    Add,
    Assign,
    Attribute,
    AugAssign,
    BinOp,
    Call,
    Constant,
    Div,
    Expr,
    For,
    MatMult,
    Mult,
    Name,
    Pow,
    Sub,
    UnaryOp,
    USub,
    keyword,
)
from collections.abc import Callable
from dataclasses import dataclass

from grader.authoring.drafting.replacements import CellSource, Replacement
from grader.authoring.drafting.syntax import called_name

_RATES = "lr eta alpha learning_rate taxa taxa_aprendizado rate step_size passo"
RATE_NAMES = frozenset(_RATES.split())
"""Names of a learning rate."""
BIAS_NAMES = frozenset(("b", "bias", "b0", "b1", "b2", "intercept", "vies"))
COUNT_NAMES = frozenset(("n", "m", "N", "M", "num", "total", "n_samples"))
COUNTING = frozenset(("len", "numel", "shape", "size"))
"""Functions and attributes that count elements."""
LOSSES = ("MSELoss", "mse_loss", "L1Loss", "l1_loss", "BCELoss")
_GRADIENT = re.compile(r"grad|^d[A-Z]?_?[a-z]$|^d[wb]\d?$|^dJ|^dL", re.IGNORECASE)


Changes = list[Replacement]
"""Changes of a rule; empty if its mistake does not apply."""


@dataclass(frozen=True)
class Site:
    """A node that a rule may change, and its surrounding code."""

    node: ast.AST
    source: CellSource
    in_loop: bool

    def text(self, node: ast.expr) -> str:
        """Return the text of a node."""
        return self.source.text(node)

    def operand(self, node: ast.expr) -> str:
        """Return the text of a node, in brackets if it needs some to be part of another."""
        return self.source.operand(node)

    def replace(self, node: ast.expr | ast.stmt, text: str) -> Changes:
        """Replace a node by a text."""
        return self.source.replace(node, text)

    def put_before(self, statement: ast.stmt, text: str) -> Changes:
        """Insert a text before a statement."""
        return self.source.put_before(statement, text)


Rule = Callable[[Site], Changes]
"""Makes its mistake at a site, if it fits there."""


# Gradient steps


def plus_sign(site: Site) -> Changes:
    """Step uphill: `w + lr * w.grad`."""
    if _gradient_step(site.node) is None:
        return []
    match site.node:
        case AugAssign(target=target, value=step) as statement:
            text = f"{site.text(target)} += {site.text(step)}"
            return site.replace(statement, text)
        case Assign(value=BinOp(left=left, right=right) as difference):
            text = f"{site.text(left)} + {site.text(right)}"
            return site.replace(difference, text)
    return []


def zeroed_first(site: Site) -> Changes:
    """Zero the gradient before the step that uses it."""
    match site.node:
        case Expr(value=Call() as call) as statement if called_name(call) == "step":
            optimizer = site.text(call.func).removesuffix(".step")
            return site.replace(statement, f"{optimizer}.zero_grad(); {site.text(call)}")
        case Assign() | AugAssign() as statement:
            gradient = _stored_gradient(statement)
            if gradient is not None:
                return site.put_before(statement, f"{site.text(gradient)}.zero_(); ")
    return []


def gradient_kept(site: Site) -> Changes:
    """Forget to zero the gradient in a loop."""
    match site.node:
        case Expr(value=Call() as call) as statement:
            zeroes = called_name(call) in ("zero_", "zero_grad")
        case Assign(targets=[target, *_], value=Constant(value=None)) as statement:
            zeroes = _is_gradient(target)
        case _:
            return []
    if not zeroes or not site.in_loop:
        return []
    return site.replace(statement, "pass")


def rate_tenfold(site: Site) -> Changes:
    """Take ten times the learning rate."""
    return _scale_rates(site, 10.0)


def rate_tenth(site: Site) -> Changes:
    """Take a tenth of the learning rate."""
    return _scale_rates(site, 0.1)


def backward_twice(site: Site) -> Changes:
    """Run backward twice, so that gradients add up."""
    match site.node:
        case Expr(value=Call(args=[], keywords=[]) as call) as statement:
            if called_name(call) == "backward" and not site.in_loop:
                backward = site.text(call.func)
                return site.replace(statement, f"{backward}(retain_graph=True); {backward}()")
    return []


def one_pass_less(site: Site) -> Changes:
    """Go through a loop one time less."""
    match site.node:
        case For(iter=Call(args=[count]) as call) if called_name(call) == "range":
            return site.replace(count, f"{site.text(count)} - 1")
    return []


def no_gradient(site: Site) -> Changes:
    """Compute something without recording its graph."""
    match site.node:
        case Assign(value=Call(func=Name(id=name))) as statement if name != "make_dot":
            return site.put_before(statement, "with torch.no_grad(): ")
    return []


# Losses


def mean_for_sum(site: Site) -> Changes:
    """Take the mean instead of the sum."""
    return _rename(site, "sum", "mean")


def sum_for_mean(site: Site) -> Changes:
    """Take the sum instead of the mean."""
    match site.node:
        case Call(keywords=[]) as call if called_name(call) in LOSSES:
            arguments = []
            for argument in call.args:
                arguments.append(site.text(argument))
            inside = ", ".join([*arguments, "reduction='sum'"])
            return site.replace(call, f"{site.text(call.func)}({inside})")
    return _rename(site, "mean", "sum")


def no_square(site: Site) -> Changes:
    """Forget the square."""
    match _squared(site.node):
        case (square, base):
            return site.replace(square, site.operand(base))
    return []


def absolute_error(site: Site) -> Changes:
    """Take the absolute value instead of the square."""
    match _squared(site.node):
        case (square, base):
            return site.replace(square, f"abs({site.text(base)})")
    return []


def minus_left_out(site: Site) -> Changes:
    """Forget a minus sign; that of a number is part of it."""
    match site.node:
        case UnaryOp(op=USub(), operand=Constant()):
            return []
        case UnaryOp(op=USub(), operand=operand) as negated:
            return site.replace(negated, site.text(operand))
    return []


def log_left_out(site: Site) -> Changes:
    """Forget the logarithm."""
    match site.node:
        case Call(func=Attribute(attr="log", value=value), args=args) as call:
            inside = args[0] if args else value
            return site.replace(call, site.operand(inside))
    return []


def least_for_most(site: Site) -> Changes:
    """Take the position of the least value instead of the largest."""
    return _rename(site, "argmax", "argmin")


# Algebra


def no_transpose(site: Site) -> Changes:
    """Forget to transpose a matrix."""
    match site.node:
        case (
            Attribute(attr="T" | "mT", value=matrix)
            | Call(func=Attribute(attr="t" | "transpose", value=matrix))
        ) as transposed:
            return site.replace(transposed, site.operand(matrix))
    return []


def elementwise(site: Site) -> Changes:
    """Multiply element by element instead of as matrices."""
    match site.node:
        case BinOp(left=left, op=MatMult(), right=right) as product:
            text = f"{site.text(left)} * {site.text(right)}"
            return site.replace(product, text)
    return []


def not_divided(site: Site) -> Changes:
    """Forget to divide by a count."""
    match site.node:
        case BinOp(left=left, op=Div(), right=count) as quotient if _is_count(count):
            return site.replace(quotient, site.operand(left))
    return []


def other_axis(site: Site) -> Changes:
    """Reduce along the other axis."""
    match site.node:
        case keyword(arg="dim" | "axis", value=Constant() as axis):
            return site.replace(axis, "1" if axis.value == 0 else "0")
    return []


def no_bias(site: Site) -> Changes:
    """Forget to add the bias."""
    match site.node:
        case BinOp(left=left, op=Add(), right=Name(id=name)) as total:
            if name in BIAS_NAMES:
                return site.replace(total, site.operand(left))
    return []


def factor_left_out(site: Site) -> Changes:
    """Forget a factor of two."""
    match site.node:
        case BinOp(left=Constant(value=2), op=Mult(), right=right) as product:
            return site.replace(product, site.text(right))
    return []


RULES: dict[str, Rule] = {
    "plus-sign": plus_sign,
    "zeroed-first": zeroed_first,
    "gradient-kept": gradient_kept,
    "mean-for-sum": mean_for_sum,
    "sum-for-mean": sum_for_mean,
    "no-square": no_square,
    "absolute-error": absolute_error,
    "no-transpose": no_transpose,
    "elementwise": elementwise,
    "not-divided": not_divided,
    "other-axis": other_axis,
    "minus-left-out": minus_left_out,
    "log-left-out": log_left_out,
    "no-bias": no_bias,
    "rate-tenfold": rate_tenfold,
    "rate-tenth": rate_tenth,
    "factor-left-out": factor_left_out,
    "backward-twice": backward_twice,
    "one-pass-less": one_pass_less,
    "no-gradient": no_gradient,
    "least-for-most": least_for_most,
}
"""The rules, the most telling first. The texts of each mistake are in the catalogues."""


# Patterns of rules


def _is_gradient(node: ast.AST) -> bool:
    """Return whether some code names a gradient."""
    for inner in ast.walk(node):
        match inner:
            case Attribute(attr=name) | Name(id=name) if _GRADIENT.search(name):
                return True
    return False


def _gradient_step(node: ast.AST) -> ast.expr | None:
    """Find the subtracted part of a gradient step: `lr * w.grad` of `w = w - lr * w.grad`."""
    match node:
        case AugAssign(op=Sub(), value=step) if _is_gradient(step):
            return step
        case Assign(value=BinOp(left=weight, op=Sub(), right=step)):
            if _is_gradient(step) and not _is_gradient(weight):
                return step
            return None
    return None


def _stored_gradient(node: ast.AST) -> ast.expr | None:
    """Find the `w.grad` that a gradient step uses."""
    step = _gradient_step(node)
    if step is None:
        return None
    for inner in ast.walk(step):
        if isinstance(inner, Attribute) and inner.attr == "grad":
            return inner
    return None


def _squared(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """Find a square and its base: `e ** 2`, `e.pow(2)` or `torch.square(e)`, and `e`."""
    match node:
        case BinOp(left=base, op=Pow(), right=Constant(value=2)) as square:
            return square, base
        case Call(func=Attribute(attr="pow", value=base), args=[Constant(value=2)]) as square:
            return square, base
        case Call(func=Attribute(attr="square"), args=[base, *_]) as square:
            return square, base
        case Call(func=Attribute(attr="square", value=base)) as square:
            return square, base
    return None


def _is_count(node: ast.expr) -> bool:
    """Return whether some code counts elements."""
    for inner in ast.walk(node):
        match inner:
            case Attribute(attr=name) | Name(id=name) if name in COUNT_NAMES | COUNTING:
                return True
    return False


def _rename(
    site: Site,
    old: str,
    new: str,
) -> Changes:
    """Call another function: a method, one of a module, or a loss's reduction."""
    match site.node:
        case Attribute(attr=name, end_lineno=int(line), end_col_offset=int(end)) if name == old:
            return [Replacement(line, end - len(old), end, new)]
        case keyword(arg="reduction", value=Constant(value=name) as reduction) if name == old:
            return site.replace(reduction, repr(new))
    return []


def _scale_rates(site: Site, factor: float) -> Changes:
    changes = []
    for rate in _rates(site.node):
        match rate:
            case Constant(value=float(number)):
                # Twelve digits: 0.1 / 10 is to be read as 0.01.
                scaled = float(f"{number * factor:.12g}")
                changes += site.replace(rate, repr(scaled))
    return changes


def _rates(node: ast.AST) -> list[ast.expr]:
    """Find the learning rates in a node: `lr = 0.1`, `SGD([w], lr=0.1)`, `w - 0.1 * w.grad`."""
    rates = []
    match node:
        case Assign(targets=targets, value=value) if any(map(_is_rate, targets)):
            rates.append(value)
        case keyword(arg=str(name), value=value) if name in RATE_NAMES:
            rates.append(value)
    match _gradient_step(node):
        case BinOp(left=left, op=Mult(), right=right):
            rates += [left, right]
    return rates


def _is_rate(target: ast.expr) -> bool:
    if not isinstance(target, Name):
        return False
    return target.id in RATE_NAMES
