"""Calls functions that a notebook defined, once its cells have run. Runs inside the student's kernel.

Standard library, and what is imported or the calls name. It knows no answers: it says what each call gave.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import random
import signal
import sys
import threading
import time
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.kernel.recorder import Recorder
from grader.kernel.values import describe

MAX_FUNCTIONS = 8
"""Most functions that are called where none has the name asked for: those defined last."""

MAX_WRAPPERS = 20
"""Most decorators that are looked through for the place of a function."""

WORLD = {"torch": "torch", "np": "numpy", "math": "math"}
"""What the expressions of a call may name, and the module that it is."""

VARIADIC = 0x04
"""Flag of code that takes any number of arguments: `inspect.CO_VARARGS`."""

Asked = Mapping[str, Any]
"""A question as JSON has it: `exercise`, `function`, `calls`."""


@dataclass(frozen=True)
class Definition:
    """A function as a cell left it."""

    function: types.FunctionType
    cell: int
    line: int
    """Its first line in the cell, from 1."""
    source: str


class Definitions:
    """The functions of a namespace, by name: the last definition of each counts.

    A name that a later cell gives to something else, as in `mse = mse(a, b)`, still stands for the function here.
    """

    def __init__(self) -> None:
        self._found: dict[str, Definition] = {}

    def note(self, namespace: dict[str, Any], recorder: Recorder) -> None:
        """Take down what a cell defined, when it has run."""
        for name, value in list(namespace.items()):
            if type(name) is not str or name.startswith("_") or not _is_own(value):
                continue
            known = self._found.get(name)
            if known is None or known.function is not value:
                line = _unwrapped(value).__code__.co_firstlineno + recorder.lines_above
                self._found.pop(name, None)  # so that the order is that of the last definitions
                self._found[name] = Definition(value, recorder.cell, line, recorder.line(line))

    def fitting(self, asked: Asked) -> dict[str, Definition]:
        """The function of the name asked for; without one, those that take as many arguments as it is given."""
        name = asked["function"]
        if name in self._found:
            return {name: self._found[name]}
        try:
            count = len(arguments(asked["calls"][0]))
        except Exception:  # noqa: BLE001 - the notebook may have broken what the expression names
            return {}
        fitting = {name: one for name, one in self._found.items() if _takes(one.function, count)}
        return dict(list(fitting.items())[-MAX_FUNCTIONS:])


def _is_own(value: Any) -> bool:
    """Whether a value is a function of the notebook's own; one that `torch.no_grad` wraps is."""
    return (
        type(value) is types.FunctionType
        and type(value.__module__) is str
        and value.__module__ == "__main__"
    )


def _unwrapped(function: types.FunctionType) -> types.FunctionType:
    """The function that the notebook wrote, below its decorators."""
    for _ in range(MAX_WRAPPERS):
        inner = function.__dict__.get("__wrapped__")
        if type(inner) is not types.FunctionType:
            break
        function = inner
    return function


def _takes(function: types.FunctionType, count: int) -> bool:
    """Whether a function can be called with so many arguments by place."""
    code = _unwrapped(function).__code__
    needed = code.co_argcount - len(function.__defaults__ or ())
    by_name = code.co_kwonlyargcount - len(function.__kwdefaults__ or {})
    return (
        needed <= count
        and by_name <= 0
        and (count <= code.co_argcount or bool(code.co_flags & VARIADIC))
    )


def arguments(call: str) -> tuple[Any, ...]:
    """What a function is called with, made anew: a function may change what it is given."""
    world: dict[str, Any] = {
        name: importlib.import_module(module) for name, module in WORLD.items() if name in call
    }
    given: tuple[Any, ...] = eval(f"together({call})", world | {"together": _together})
    return given


def _together(*given: Any) -> tuple[Any, ...]:
    return given


class Caller:
    """Calls functions and tells what they gave, without a trace of what happens inside."""

    def __init__(self, recorder: Recorder, seed: int) -> None:
        """Take what records, and the seed that each call begins with."""
        self._recorder = recorder
        self._seed = seed

    def ask(self, asked: Asked, definitions: Definitions, prefix: str, seconds: float) -> None:
        """Call what the notebook has of a function, with all that it is to be called with.

        Args:
            asked: the question.
            definitions: the notebook's functions.
            prefix: begins the labels of these calls.
            seconds: longest time for all of them; each function has an equal share.
        """
        functions = definitions.fitting(asked)
        label = f"{prefix}{asked['exercise']}"
        for name, one in functions.items():
            self._say(f"{label}(0)", name, one, {})
        for name, one in functions.items():
            deadline = time.monotonic() + seconds / len(functions)
            for number, call in enumerate(asked["calls"], start=1):
                given, error = self.outcome(
                    one.function, call, max(0.01, deadline - time.monotonic())
                )
                raised = type(error).__name__ if error is not None else ""
                self._say(f"{label}({number})", name, one, {name[:200]: given}, raised)
                if isinstance(error, TimeoutError):
                    break
                if isinstance(error, KeyboardInterrupt):  # the host's time is over
                    return

    def outcome(
        self, function: Any, call: str, seconds: float | None = None
    ) -> tuple[dict[str, Any], BaseException | None]:
        """What a function gave, described; and what it raised, which is then described by its type.

        Args:
            function: what to call.
            call: what it is given.
            seconds: longest time it may take; None: who asks has set a time already.
        """
        pid = os.getpid()
        limit = contextlib.nullcontext() if seconds is None else within(seconds)
        try:
            with self._recorder.paused(), _silence(), _as_at_the_start(self._seed), limit:
                result: tuple[dict[str, Any], BaseException | None] = (
                    describe(function(*arguments(call))),
                    None,
                )
        except BaseException as error:  # noqa: BLE001 - a function may raise what it likes, SystemExit too
            result = {"kind": "other", "type": type(error).__name__[:200]}, error
        if os.getpid() != pid:  # SECURITY: a child that it forked is no kernel
            os._exit(0)
        return result

    def _say(
        self, label: str, name: str, one: Definition, values: dict[str, Any], error: str = ""
    ) -> None:
        place = {
            "cell": one.cell,
            "line": one.line,
            "end_line": one.line,
            "source": one.source,
            "scope": name[:200],
        }
        event = {"run": label, "kind": "call", "turn": "1", "values": values, "text": error[:200]}
        self._recorder.send(event | place)


class _Nowhere:
    """What is printed into it is gone."""

    def write(self, text: str) -> int:
        """Take a text."""
        return len(text)

    def flush(self) -> None:
        """There is nothing to write out."""


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    nowhere: Any = _Nowhere()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        yield


@contextlib.contextmanager
def _as_at_the_start(seed: int) -> Iterator[None]:
    """Seeds and torch's modes as a run begins with; afterwards as they were."""
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    undo: list[Any] = [(random.setstate, random.getstate())]
    random.seed(seed)
    if numpy is not None:
        undo.append((numpy.random.set_state, numpy.random.get_state()))
        numpy.random.seed(seed)
    if torch is not None:
        undo += [
            (torch.default_generator.set_state, torch.default_generator.get_state()),
            (torch.set_default_dtype, torch.get_default_dtype()),
            (torch.set_grad_enabled, torch.is_grad_enabled()),
        ]
        torch.default_generator.manual_seed(seed)
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)
    try:
        yield
    finally:
        for restore, state in undo:
            restore(state)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """End what takes longer with an exception: a mistake in a loop may be one without end.

    Where there are no such signals, and in a thread, which gets none, the time is the host's to watch.
    """
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def late(*_: object) -> None:
        raise TimeoutError(f"it took longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def by_exercise(questions: Iterable[Asked]) -> dict[str, Asked]:
    """Questions by the exercise that asks them."""
    return {question["exercise"]: question for question in questions}
