"""Run an author's test cell, and record the result of each assertion.

Runs in the student's kernel, and for the reference in a trusted one. It knows no answers beyond the
author's assertions.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grader.kernel.probing.author_errors import place_of
from grader.kernel.probing.call_results import CallResults
from grader.kernel.recording.namespaces import Namespace

TEST_FILE = "<test>"
"""File name of the author's code in tracebacks."""

MAX_MESSAGE = 300

ENDED = (TimeoutError, KeyboardInterrupt)
"""Exceptions that end the whole test: the time is over."""

RAISING = "raises"
"""Ends the names of functions by which a `with` asserts that something is raised."""


@dataclass(frozen=True)
class AssertionResult:
    """The result of an assertion."""

    error: str = ""
    """Type of its exception; empty: the assertion holds."""
    line: int = 0
    """Line of the author's code that raised it, from 1."""
    message: str = ""
    """Message of the author's `assert`."""
    raised_in: str = ""
    """Where it was raised: see `author_errors.place_of`; empty for an assertion."""

    @property
    def holds(self) -> bool:
        """Whether nothing was raised."""
        return not self.error


def assertions_in(code: str) -> list[ast.stmt]:
    """List the assertions at the top level of some code."""
    tree = ast.parse(code)
    testing = _testing_functions(tree)
    return [statement for statement in tree.body if _asserts(statement, testing)]


def _testing_functions(tree: ast.Module) -> frozenset[str]:
    """List the functions that make assertions when they are called."""
    names = set()
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and any(map(_is_assertion, ast.walk(statement))):
            names.add(statement.name)
    return frozenset(names)


def _asserts(statement: ast.stmt, testing: frozenset[str]) -> bool:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return False
    for node in ast.walk(statement):
        if _is_assertion(node):
            return True
        if isinstance(node, ast.Call) and _called_name(node) in testing:
            return True
    return False


def _is_assertion(node: ast.AST) -> bool:
    """Return whether a node asserts: also as `np.testing.assert_allclose(a, b)` does."""
    match node:
        case ast.Assert() | ast.Raise():
            return True
        case ast.With(items=items):
            contexts = (item.context_expr for item in items)
            calls = (call for call in contexts if isinstance(call, ast.Call))
            return any(_called_name(call).lower().endswith(RAISING) for call in calls)
        case ast.Call():
            return _called_name(node).startswith("assert")
    return False


def _called_name(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


class AssertionRun:
    """Runs a test cell once, and collects results on the way."""

    def __init__(self, code: str, *, shares: bool) -> None:
        """Initialise with the test cell's code.

        Args:
            code: the statements.
            shares: whether each assertion is reported, and those after a failed one run; otherwise
                the first failure ends the test.
        """
        self._code = code
        self._shares = shares
        self.results: list[AssertionResult] = []

    @property
    def count(self) -> int:
        """Number of results at the end."""
        if not self._shares:
            return 1
        return len(assertions_in(self._code))

    def run(self, names: Namespace, results: CallResults | None = None) -> None:
        """Run the code. A time-out is raised after earlier results are kept.

        Args:
            names: the names that it can use.
            results: watches the results of its calls.
        """
        results = results or CallResults(names)
        tree = ast.parse(self._code)
        counted = {ast.dump(each, include_attributes=True) for each in assertions_in(self._code)}
        broken = AssertionResult()
        for statement in tree.body:
            result = _result_of(statement, names, results)
            if not self._shares:
                if not result.holds:
                    self.results.append(result)
                    return
                continue
            if ast.dump(statement, include_attributes=True) in counted:
                is_cause = not broken.holds and not result.holds
                self.results.append(broken if is_cause else result)
            elif not result.holds and broken.holds:
                broken = result
        if not self._shares:
            self.results.append(AssertionResult())

    def all_results(self, error: BaseException | None) -> Sequence[AssertionResult]:
        """Return all results; assertions that did not run get the error that ended the cell."""
        ended = AssertionResult("NotRun" if error is None else type(error).__name__)
        missing = self.count - len(self.results)
        return [*self.results, *[ended] * missing]


def _result_of(statement: ast.stmt, names: Namespace, results: CallResults) -> AssertionResult:
    module = ast.Module([statement], [])
    try:
        results.run(module, names, TEST_FILE)
    except ENDED:
        raise
    except BaseException as error:  # noqa: BLE001 - a function may raise what it likes, SystemExit too
        frames = list(_frames(error.__traceback__))
        lines = [line for file, line in frames if file == TEST_FILE]
        is_last = bool(frames) and frames[-1][0] == TEST_FILE
        is_asserted = isinstance(error, AssertionError)
        return AssertionResult(
            error=type(error).__name__[:200],
            line=lines[-1] if lines else statement.lineno,
            message=_message_of(error) if is_last else "",
            raised_in="" if is_asserted else place_of(error),
        )
    return AssertionResult()


def _frames(traceback: types.TracebackType | None) -> Iterator[tuple[str, int]]:
    while traceback is not None:
        yield traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
        traceback = traceback.tb_next


def _message_of(error: BaseException) -> str:
    """Return the message of the author's `assert`; a library's message may contain the answer."""
    if type(error) is not AssertionError:
        return ""
    arguments: tuple[Any, ...] = error.args
    message = arguments[0] if arguments else ""
    if type(message) is not str:
        return ""
    return message[:MAX_MESSAGE]
