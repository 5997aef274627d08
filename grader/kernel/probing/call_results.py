"""Watch the results of calls in an author's code. Runs in the student's kernel.

SECURITY: a function of the student's may return an object that equals anything. Its results go
through `CallResults`, which can make them plain.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection
from typing import Any

from grader.kernel.probing.overrides import has_overrides, plain_or_none
from grader.kernel.recording.inspection import class_attribute
from grader.kernel.recording.namespaces import Namespace

SEEN = "_grader_seen"
"""Name of the function that receives each result of a call."""

MAX_ITEMS = 200
"""Longest list or tuple with items that are looked at one by one."""

MAX_LOOKS = 32
"""Results after which replaced functions are looked for: it takes 0.05 ms."""


def _nothing_replaced() -> bool:
    return False


class CallResults:
    """Looks at the results of calls while an author's code runs once."""

    def __init__(
        self,
        named: Collection[str],
        *,
        makes_plain: bool = False,
        are_replaced: Callable[[], bool] = _nothing_replaced,
    ) -> None:
        """Initialise with the names that the code reads.

        Args:
            named: names of the notebook that the code reads.
            makes_plain: whether objects with their own comparisons are replaced by their contents.
            are_replaced: returns whether functions are replaced at the moment.
        """
        self._named = named
        self._makes_plain = makes_plain
        self._are_replaced = are_replaced
        self._looks = MAX_LOOKS
        self._known: dict[type, bool] = {}
        self.has_overrides = False
        """Whether a result had comparisons of its own."""
        self.saw_replaced = False
        """Whether functions were replaced after a call: the call may have done so for one use."""

    def __call__(self, result: Any) -> Any:
        """Return a result, made plain where that is asked for."""
        if self._looks > 0 and not self.saw_replaced:
            self._looks -= 1
            self.saw_replaced = self._are_replaced()

        kind = type(result)
        if kind not in (list, tuple) or len(result) > MAX_ITEMS:
            return self._taken(result)

        items = [self._taken(item) for item in result]
        if self._makes_plain and self.has_overrides:
            return kind(items)
        return result

    def _taken(self, value: Any) -> Any:
        if not self._answers_itself(value):
            return value
        self.has_overrides = True
        if self._makes_plain:
            return plain_or_none(value)
        return value

    def _answers_itself(self, value: Any) -> bool:
        """Return whether a value has comparisons of its own that the code does not ask for."""
        kind = type(value)
        if kind not in self._known:
            is_own = has_overrides(value)
            self._known[kind] = is_own and not self._is_asked_for(kind)
        return self._known[kind]

    def _is_asked_for(self, kind: type) -> bool:
        """Return whether the code is about a class; functions begin with a small letter."""
        name: str = class_attribute(kind, "__name__")
        if name not in self._named:
            return False
        return name[:1].isupper()

    def run(self, code: str | ast.Module, names: Namespace, file: str = "<string>") -> None:
        """Run statements of the author's.

        Args:
            code: the statements.
            names: the names that they can use.
            file: their file name in tracebacks.
        """
        tree = copy.deepcopy(code)
        if isinstance(tree, str):
            tree = ast.parse(tree)
        names[SEEN] = self
        watched = _watched(tree)
        compiled = compile(watched, file, "exec")
        exec(compiled, names)

    def give(self, expression: str, names: Namespace) -> Any:
        """Evaluate an expression of the author's."""
        tree = ast.parse(expression.strip(), mode="eval")
        names[SEEN] = self
        watched = _watched(tree)
        compiled = compile(watched, "<string>", "eval")
        return eval(compiled, names)


def _watched(tree: ast.Module | ast.Expression) -> Any:
    """Let the result of each call in a tree go through `SEEN`."""
    watching = _Watching().visit(tree)
    return ast.fix_missing_locations(watching)


class _Watching(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        name = ast.Name(SEEN, ast.Load())
        watching = ast.Call(name, [node], [])
        return ast.copy_location(watching, node)
