"""Write the expressions to try once the cells of a notebook have run. Pure.

They call `grader.kernel.probing.drafted` in the notebook's kernel.
"""

from __future__ import annotations

HELPER = "__import__('grader.kernel.probing.drafted', fromlist=['few'])"


def few(key: str, expression: str) -> str:
    """Write an expression that gives a value at most a few times."""
    return f"{HELPER}.few({key!r}, {expression})"


def own_time() -> str:
    """Write an expression for a time that stops while other programs run."""
    return f"{HELPER}.own_time()"


def called(function: str, arguments: str, seed: int) -> str:
    """Write a call of a function."""
    return f"{HELPER}.called({function!r}, {arguments!r}, globals(), {seed})"


def changed(function: str, arguments: str, seed: int) -> str:
    """Write an expression for the first argument of a call afterwards."""
    return f"{HELPER}.changed({function!r}, {arguments!r}, globals(), {seed})"


def evaluated(expression: str, seed: int = 0, code: str = "") -> str:
    """Write an expression that sets a seed first, after some code."""
    return f"{HELPER}.evaluated({expression!r}, globals(), {seed}, {code!r})"


def unlearned(model: str, measure: str, code: str = "") -> str:
    """Write the measures of untrained models: they are a list."""
    return f"{HELPER}.unlearned({model!r}, {measure!r}, globals(), {code!r})"


def scored(model: str, measure: str, code: str = "") -> str:
    """Write the measure of a model."""
    return f"{HELPER}.scored({model!r}, {measure!r}, globals(), {code!r})"
