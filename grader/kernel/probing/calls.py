"""Call functions of a notebook, once its cells have run. Runs in the student's kernel.

Imports the standard library, and modules that are imported already or that the calls name. Knows no
answers: it reports what each call returned.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import signal
import threading
import time
import types
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from grader.kernel.probing.expression_names import (
    ExpressionNames,
    GivenMissing,
    OwnMissing,
    OwnUnclear,
)
from grader.kernel.probing.plain_results import plain
from grader.kernel.recording.aliases import modules_named_in
from grader.kernel.recording.callables import CallForm
from grader.kernel.recording.definitions import Definition, Definitions
from grader.kernel.recording.namespaces import Namespace
from grader.kernel.recording.recorder import Recorder
from grader.kernel.recording.values import Described, Values, describe
from grader.kernel.variants.start_modes import as_at_the_start, undisturbed

_TOGETHER = "_grader_together"

MIN_SECONDS = 0.05
"""Shortest time for a call: a timer of 0 s would never end it."""

PATIENCE = 4
"""A time limit is reached after so many times as much time in any case."""

SCHEDSTAT = Path("/proc/self/schedstat")
"""File in which Linux reports how long this process waited for a processor."""

QuestionData = dict[str, Any]
"""A `grader.trace.Question` as JSON has it: `exercise`, `function`, `calls`, `names`, `code`."""

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
"""Those by position, and those by name."""

Outcome = tuple[Described, BaseException | None]
"""A function's described result, and its exception, which is then described by its type."""


class ArgumentsFailed(Exception):
    """The arguments of a call read objects of the notebook, and could not be made from them."""


def _find_called(question: QuestionData, definitions: Definitions) -> list[Definition]:
    """Find the callable that a question names."""
    try:
        first_call = question["calls"][0]
        form = _call_form(first_call)
    except Exception:  # noqa: BLE001 - the notebook may have broken the named object
        return []
    return definitions.fitting(question["function"], form)


def _run_coroutine(result: Any) -> Any:
    """Run a coroutine that awaits nothing, and return its result; pass other results through."""
    if type(result) is not types.CoroutineType:
        return result
    try:
        result.send(None)
    except StopIteration as end:
        return end.value
    result.close()
    return result


def _call_form(call: str) -> CallForm:
    """Read how a call passes its arguments."""
    parts = _parts_of(call)
    names = []
    for part in parts:
        if isinstance(part, ast.keyword) and part.arg:
            names.append(part.arg)
    positional = len(parts) - len(names)
    return CallForm(positional, tuple(names))


def _parts_of(call: str) -> list[ast.AST]:
    """List the arguments of a call as they are written."""
    tree: Any = ast.parse(f"f({call})", mode="eval")
    return [*tree.body.args, *tree.body.keywords]


def arguments(call: str, objects: Namespace | None = None, code: str = "") -> Arguments:
    """Create the arguments of a call; each call gets new ones, since functions may change them.

    Args:
        call: the arguments, as source.
        objects: objects of the notebook that they name.
        code: statements that run first.
    """
    names: Namespace = {**modules_named_in(code + call), **(objects or {})}
    exec(code, names)
    names[_TOGETHER] = _pack_arguments
    values: Arguments = eval(f"{_TOGETHER}({call})", names)
    return values


def _arguments_of(question: QuestionData, call: str, objects: Namespace) -> Arguments:
    """Create the arguments of a call; a failure is not that of the function.

    Raises:
        ArgumentsFailed: they read objects of the notebook, and an exception was raised.
    """
    try:
        return arguments(call, objects, question["code"])
    except (GivenMissing, OwnMissing, OwnUnclear):
        raise
    except Exception as error:
        if not question["names"]:
            raise
        raise ArgumentsFailed from error


def _pack_arguments(*values: Any, **named: Any) -> Arguments:
    return values, named


def _as_text(values: tuple[Any, ...]) -> str:
    """Describe values as one text; NaN equals NaN in it."""
    return json.dumps([describe(value) for value in values])


class ArgumentsChanged(Exception):
    """A function changed its arguments, though it should keep them; it has a result all the same.

    `grading.checks.function` knows it by name.
    """


class Caller:
    """Calls functions and reports what they returned, without recording what happens inside."""

    def __init__(self, recorder: Recorder, seed: int) -> None:
        """Initialise with the recorder, and the seed that each call begins with."""
        self._recorder = recorder
        self._folder = os.getcwd()  # noqa: PTH109 - where the run begins
        self.seed = seed
        self.expression_names = ExpressionNames()
        """Given values and own answers of the current run."""

    def ask(
        self,
        question: QuestionData,
        definitions: Definitions,
        namespace: Namespace,
        prefix: str,
        seconds: float,
    ) -> None:
        """Call the function that a question asks for, with all of its argument lists.

        Args:
            question: the question.
            definitions: the notebook's functions.
            namespace: the notebook's.
            prefix: begins the labels of these calls.
            seconds: time limit of all of them; each function has an equal share.
        """
        functions = _find_called(question, definitions)
        label = f"{prefix}{question['exercise']}"
        for definition in functions:
            self._send(f"{label}(0)", definition, {})

        for definition in functions:
            deadline = time.monotonic() + seconds / len(functions)
            for number in range(1, len(question["calls"]) + 1):
                remaining = max(MIN_SECONDS, deadline - time.monotonic())
                function = definition.refer()
                result, error = self.outcome(question, number, function, namespace, remaining)
                self._send(
                    f"{label}({number})",
                    definition,
                    values={definition.name: result},
                    error=error,
                )

                if isinstance(error, TimeoutError):
                    break
                if isinstance(error, KeyboardInterrupt):  # the time limit of the host
                    return

    def outcome(
        self,
        question: QuestionData,
        number: int,
        function: Any,
        namespace: Namespace,
        seconds: float | None = None,
    ) -> Outcome:
        """Call a function, and describe its result, its changed arguments, or its exception.

        Args:
            question: the question.
            number: of the call, from 1.
            function: the function.
            namespace: the notebook's.
            seconds: its time limit; None: the caller has set one.
        """
        call = question["calls"][number - 1]
        objects = {name: namespace[name] for name in question["names"] if name in namespace}
        objects |= self.expression_names.of(question, namespace)
        has_changed = False

        def called() -> Any:
            nonlocal has_changed
            given, named = _arguments_of(question, call, objects)
            passed = (*given, *named.values())
            before = _as_text(passed) if question["keeps"] else ""
            result = _run_coroutine(function(*given, **named))
            if question["changes"]:
                return passed
            if question["keeps"]:
                has_changed = _as_text(passed) != before
            return plain(result)

        result, error = self.result_of(called, seconds)
        if has_changed and error is None:
            return result, ArgumentsChanged()
        return result, error

    def result_of(self, action: Callable[[], Any], seconds: float | None = None) -> Outcome:
        """Run an action on a notebook's objects, and describe the result.

        Seeds and modes are as at the start of a run.

        Args:
            action: returns the result, or raises.
            seconds: its time limit; None: the caller has set one.
        """
        pid = os.getpid()
        limit = contextlib.nullcontext() if seconds is None else within(seconds)
        outcome: Outcome
        try:
            _leave_removed_folder(self._folder)
            start = as_at_the_start(self.seed)
            with self._recorder.paused(), _silence(), undisturbed(), start, limit:
                outcome = (describe(action()), None)
        except BaseException as error:  # noqa: BLE001 - a function may raise what it likes, SystemExit too
            name = type(error).__name__[:200]
            outcome = ({"kind": "other", "type": name}, error)
        if os.getpid() != pid:  # SECURITY: a child that it forked is no kernel
            os._exit(0)
        return outcome

    def _send(
        self,
        label: str,
        definition: Definition,
        values: Values,
        error: BaseException | None = None,
    ) -> None:
        text = ""
        if error is not None:
            text = type(error).__name__
        elif not values:  # the listing of callables
            text = definition.ready_made
        event = {
            "run": label,
            "kind": "call",
            "turn": "1",
            "values": values,
            "text": text[:200],
            "cell": definition.cell,
            "line": definition.line,
            "end_line": definition.line,
            "source": definition.source,
            "scope": definition.name,
        }
        self._recorder.send(event)


class _Silence:
    """A stream that discards its output."""

    def write(self, text: str) -> int:
        """Ignore a text."""
        return len(text)

    def flush(self) -> None:
        """Do nothing."""


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    stream: Any = _Silence()
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        yield


def _leave_removed_folder(start: str) -> None:
    """Return to the first working directory, if the current one was removed."""
    try:
        os.getcwd()  # noqa: PTH109
    except OSError:
        with contextlib.suppress(OSError):
            os.chdir(start)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise an exception if a call takes too long: a mistake in a loop may make it endless.

    Time for which a busy machine keeps it waiting does not count. If there are no such signals, and
    in a thread, which gets none, the host watches the time.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not hasattr(signal, "setitimer") or not in_main_thread:
        yield
        return
    began = time.monotonic()
    waited_before = waited_s()

    def late(*_: object) -> None:
        elapsed = time.monotonic() - began
        waited = waited_s() - waited_before
        own = max(elapsed - waited, elapsed / PATIENCE)
        if own < seconds:
            remaining = max(seconds - own, MIN_SECONDS)
            signal.setitimer(signal.ITIMER_REAL, remaining)
            return
        raise TimeoutError(f"it took longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def waited_s() -> float:
    """Return how many seconds this process was ready to run but had no processor.

    Returns:
        The time, 0 where the system does not say; see `grader.running.time_limit`.
    """
    try:
        text = SCHEDSTAT.read_text()
        _, waited_ns, *_ = text.split()
        return int(waited_ns) / 1e9
    except (OSError, ValueError):
        return 0.0


def names_of(questions: Iterable[QuestionData]) -> frozenset[str]:
    """List the names of the functions that questions ask for."""
    names = (question["function"] for question in questions)
    return frozenset(name for name in names if name)


def by_exercise(questions: Iterable[QuestionData]) -> dict[str, QuestionData]:
    """Map each question to its exercise."""
    return {question["exercise"]: question for question in questions}
