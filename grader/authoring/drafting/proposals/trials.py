"""Write the expressions that are tried once the cells of a notebook have run. Pure.

They call `grader.kernel.drafted` in the notebook's kernel.
"""

from __future__ import annotations

HELPER = "__import__('grader.kernel.drafted', fromlist=['few'])"


def few(key: str, expression: str) -> str:
    """Write an expression so that it gives something the first times only."""
    return f"{HELPER}.few({key!r}, {expression})"


def own_time() -> str:
    """Write what tells a time in which other programs do not count."""
    return f"{HELPER}.own_time()"


def called(function: str, arguments: str, seed: int) -> str:
    """Write a call of a function."""
    return f"{HELPER}.called({function!r}, {arguments!r}, globals(), {seed})"


def changed(function: str, arguments: str, seed: int) -> str:
    """Write what a call of a function leaves in its first argument."""
    return f"{HELPER}.changed({function!r}, {arguments!r}, globals(), {seed})"


def evaluated(expression: str, seed: int = 0, code: str = "") -> str:
    """Write an expression that begins with a seed, behind some code."""
    return f"{HELPER}.evaluated({expression!r}, globals(), {seed}, {code!r})"


def unlearned(model: str, measure: str, code: str = "") -> str:
    """Write the measures of a model that has not learned anything: they are a list."""
    return f"{HELPER}.unlearned({model!r}, {measure!r}, globals(), {code!r})"


def scored(model: str, measure: str, code: str = "") -> str:
    """Write the measure of a model."""
    return f"{HELPER}.scored({model!r}, {measure!r}, globals(), {code!r})"
