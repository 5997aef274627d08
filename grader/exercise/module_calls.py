"""Write the expressions by which a network is measured: see `kernel.module_probes`. Pure."""

from __future__ import annotations

import ast

from grader.kernel.aliases import PROBED


def output(inputs: str) -> str:
    """Return the expression for what `forward` gives.

    Args:
        inputs: its arguments, as expressions between commas.
    """
    return f"{PROBED}.output({inputs})"


def method(call: str) -> str:
    """Return the expression for what a call of another method gives, as `encode(torch.ones(2))`."""
    tree = ast.parse(call.strip(), mode="eval").body
    assert isinstance(tree, ast.Call)
    assert isinstance(tree.func, ast.Name)
    arguments = call.strip()[len(tree.func.id) :].strip()
    inside = arguments[1:-1].strip()
    between = ", " if inside else ""
    return f"{PROBED}.method({tree.func.id!r}{between}{inside})"


def contains(layer: str, inputs: str) -> str:
    """Return the expression that tells whether a kind of layer is used."""
    between = ", " if inputs else ""
    return f"{PROBED}.contains({layer!r}{between}{inputs})"


def measured(what: str, inputs: str) -> str:
    """Return the expression for a property: `parameters`, `layers`, `shapes`, `gradients`, `steps`.

    Args:
        what: the property.
        inputs: arguments of `forward`, which may have to run once.
    """
    return f"{PROBED}.{what}({inputs})"


def is_method(expression: str) -> bool:
    """Tell whether an expression is that of a call of another method."""
    return expression.startswith(f"{PROBED}.method(")


def in_words(expression: str) -> str:
    """Write an expression as the author knows it: `output(torch.ones(1, 4))`."""
    return expression.removeprefix(f"{PROBED}.")


PROBLEMS = f"{PROBED}.problems()"
"""The expression that names what commonly goes wrong."""


def is_call_of_a_name(call: str) -> bool:
    """Tell whether a text is a call of something that has a plain name."""
    try:
        tree = ast.parse(call.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return False
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name)
