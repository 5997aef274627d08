"""Evaluate expressions of the author's in a notebook's namespace, once its cells have run.

Runs in the student's kernel, and for the reference in a trusted one. Knows no answers: it tells
what each expression gave. An expression sees the names that it reads and nothing else of the
notebook, so that no name which a student gave a builtin changes it.
"""

from __future__ import annotations

import base64
import os
import pathlib
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.kernel.aliases import DATA, modules_named_in
from grader.kernel.calls import MIN_SECONDS, Caller, Outcome, QuestionData
from grader.kernel.namespaces import Namespace
from grader.kernel.pipe import EventData
from grader.kernel.probe_names import stand_ins
from grader.kernel.recorder import Recorder
from grader.kernel.values import Values, describe

NOWHERE = -1
"""Stands for the cell of what no cell did."""

RESULT = "result"
"""Path of what an expression gave."""


@dataclass(frozen=True)
class Subject:
    """What the names of a question stand for in a notebook."""

    objects: Namespace
    """By the name that the question gives it; a name is missing where nothing stands for it."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The notebook's own name, by the name that it stands in for."""

    @property
    def label(self) -> str:
        """The notebook's own names that stand in for others, as `net for model`."""
        pairs = [f"{own} for {asked}" for asked, own in self.names.items()]
        return ", ".join(pairs)


class Prober:
    """Evaluates the expressions of questions, and sends what they gave."""

    def __init__(self, recorder: Recorder, caller: Caller) -> None:
        """Take what sends events, and what guards an evaluation."""
        self._recorder = recorder
        self._caller = caller
        self._held_out: tempfile.TemporaryDirectory[str] | None = None

    def lay_in(self, name: str, content: str) -> None:
        """Write a held-out file; the host sends this once the cells have run.

        Args:
            name: its path below the folder that expressions know as `DATA`.
            content: in base64.
        """
        if self._held_out is None:
            self._held_out = tempfile.TemporaryDirectory()
        path = os.path.join(self._held_out.name, name)  # noqa: PTH118 - as everywhere in the kernel
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(base64.b64decode(content))

    def take_out(self) -> None:
        """Remove the held-out files: the notebook's cells may run again after the questions."""
        if self._held_out is not None:
            self._held_out.cleanup()
            self._held_out = None

    def ask(
        self, question: QuestionData, namespace: Namespace, prefix: str, seconds: float
    ) -> None:
        """Evaluate the expressions of a question, for each object that its names may stand for.

        Args:
            question: the question.
            namespace: the notebook's.
            prefix: begins the labels.
            seconds: longest time for all of it.
        """
        label = f"{prefix}{question['exercise']}"
        deadline = time.monotonic() + seconds
        for subject in _subjects(question, namespace):
            missing = [name for name in question["names"] if name not in subject.objects]
            values = described(subject.objects)
            self._send(f"{label}(0)", subject, values, ", ".join(missing))
            if missing:
                continue
            for number in range(1, len(question["calls"]) + 1):
                remaining = max(MIN_SECONDS, deadline - time.monotonic())
                result, error = self.outcome(question, number, subject.objects, remaining)
                text = "" if error is None else type(error).__name__
                self._send(f"{label}({number})", subject, {RESULT: result}, text)
                if isinstance(error, KeyboardInterrupt):  # the host's time is over
                    return

    def outcome(
        self,
        question: QuestionData,
        number: int,
        objects: Namespace,
        seconds: float | None = None,
    ) -> Outcome:
        """Evaluate one expression, and describe what it gave or raised.

        Args:
            question: the question.
            number: of the expression, from 1.
            objects: what its names stand for.
            seconds: longest time it may take; None: the caller has set a time already.
        """
        code = question["code"]
        expression = question["calls"][number - 1]

        def evaluated() -> Any:
            names = modules_named_in(code + expression) | objects
            if self._held_out is not None:
                names[DATA] = pathlib.Path(self._held_out.name)
            exec(code, names)
            return _plain(eval(expression, names))

        return self._caller.result_of(evaluated, seconds)

    def _send(self, label: str, subject: Subject, values: Values, text: str = "") -> None:
        event: EventData = {
            "run": label,
            "kind": "call",
            "turn": "1",
            "values": values,
            "text": text[:200],
            "cell": NOWHERE,
            "scope": subject.label[:200],
        }
        self._recorder.send(event)


def _subjects(question: QuestionData, namespace: Namespace) -> Iterator[Subject]:
    """Give what the names of a question may stand for: one, or several where a name is missing."""
    objects: Namespace = {}
    missing: list[str] = []
    for name in question["names"]:
        if name in namespace:
            objects[name] = namespace[name]
        else:
            missing.append(name)

    if len(missing) != 1:  # which objects stand in for several names, nobody can tell
        yield Subject(objects)
        return
    asked = missing[0]
    found = stand_ins(namespace, leave_out=objects.values())
    for own, value in found:
        yield Subject({**objects, asked: value}, {asked: own})
    if not found:
        yield Subject(objects)


def described(objects: Namespace) -> Values:
    """Describe what the names of a question stand for."""
    return {name: describe(value) for name, value in objects.items()}


def _plain(result: Any) -> Any:
    """Return a result in types that can be described: a shape as a tuple, a dtype as its name."""
    kind = type(result)
    if kind.__module__ != "torch":
        return result
    if kind.__name__ == "Size":
        return tuple(result)
    if kind.__name__ in ("dtype", "device", "layout", "memory_format"):
        return str(result)
    return result
