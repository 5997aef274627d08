"""Build the expressions that measure a network: see `kernel.probing.module_probes`. Pure."""

from __future__ import annotations

import ast

from grader.kernel.recording.aliases import PROBED


def output(inputs: str) -> str:
    """Return the expression for the output of `forward`.

    Args:
        inputs: its arguments, as expressions between commas.
    """
    return f"{PROBED}.output({inputs})"


def method(call: str) -> str:
    """Return the expression for the result of another method, as `encode(torch.ones(2))`."""
    name, _, rest = call.strip().partition("(")
    inputs = rest.removesuffix(")")
    return _with_name("method", name.strip(), inputs.strip())


def contains(layer: str, inputs: str) -> str:
    """Return the expression for whether a kind of layer is used."""
    return _with_name("contains", layer, inputs)


def _with_name(what: str, name: str, inputs: str) -> str:
    arguments = repr(name)
    if inputs:
        arguments += f", {inputs}"
    return f"{PROBED}.{what}({arguments})"


def measured(what: str, inputs: str) -> str:
    """Return the expression for a property: `parameters`, `layers`, `shapes`, `gradients`, `steps`.

    Args:
        what: the property.
        inputs: arguments of `forward`, which may have to run once.
    """
    return f"{PROBED}.{what}({inputs})"


def is_method(expression: str) -> bool:
    """Return whether an expression calls another method."""
    return expression.startswith(f"{PROBED}.method(")


def in_words(expression: str) -> str:
    """Format an expression as the author knows it: `output(torch.ones(1, 4))`."""
    return expression.removeprefix(f"{PROBED}.")


PROBLEMS = f"{PROBED}.problems()"
"""The expression that names common problems."""


def is_call_of_a_name(call: str) -> bool:
    """Return whether a text is a call of a plain name."""
    try:
        tree = ast.parse(call.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    match tree.body:
        case ast.Call(func=ast.Name()):
            return True
    return False
