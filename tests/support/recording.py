"""Run cells in this process with the recorder, as the kernel would: fast, and without IPython."""

from __future__ import annotations

import ast
import builtins
import functools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import dedent
from typing import Any

from grader.kernel.recording.definitions import NOTE_NAME, Definitions
from grader.kernel.recording.instrument import SUBSTITUTE_NAME
from grader.kernel.recording.recorder import Recorder
from grader.kernel.variants.substitution import Substitution
from grader.trace import Array, Event, Value


class Recording:
    """One namespace, and the events of the cells that ran in it."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.sent: list[dict[str, Any]] = []
        self.recorder = Recorder(self.sent.append, self.names)
        self.cells = 0

    def run(self, source: str, definitions: Definitions | None = None) -> list[Event]:
        """Run a cell, and parse its events as strictly as the grader does.

        Args:
            source: the cell.
            definitions: notes what the cell gives up in favour of something else.
        """
        source = dedent(source).strip("\n")
        return self.run_tree(ast.parse(source), source, definitions)

    def run_tree(
        self, tree: ast.AST, source: str, definitions: Definitions | None = None
    ) -> list[Event]:
        """Run the tree of a cell, in which the kernel may have replaced something."""
        before = len(self.sent)
        self.recorder.begin_cell(self.cells, source)
        self.cells += 1
        substitution = self.recorder.substitution
        if definitions is not None:
            definitions.note_rebindings(tree)
            note = functools.partial(definitions.note, self.names, self.recorder)
            setattr(builtins, NOTE_NAME, note)
        tree = self.recorder.instrument(substitute=substitution is not None).visit(tree)
        setattr(builtins, SUBSTITUTE_NAME, substitution or (lambda value: value))
        try:
            exec(compile(tree, f"<cell {self.cells}>", "exec"), self.names)
        finally:
            self.recorder.end_cell()
        return self.events(before)

    def events(self, start: int = 0) -> list[Event]:
        """Parse all events, or those from a number on."""
        return [
            Event.model_validate_json(json.dumps(event, allow_nan=False))
            for event in self.sent[start:]
        ]

    def renew(self) -> None:
        """Forget everything, but keep the recorder, which torch's hooks hold."""
        self.names.clear()
        self.names["__name__"] = "__main__"
        self.sent.clear()
        self.recorder.substitution = None
        self.recorder.begin_run("base", self.names)


def of_kind(events: list[Event], kind: str) -> list[Event]:
    """List the events of one kind."""
    return [event for event in events if event.kind == kind]


def at(events: list[Event], path: str) -> list[Any]:
    """List what was at a path, event after event: a number, a text, or a tuple of elements."""
    return [plain(event.values[path]) for event in events if path in event.values]


def plain(value: Value) -> Any:
    """Turn a described value into Python's."""
    return value.elements if isinstance(value, Array) else getattr(value, "value", value.kind)


@contextmanager
def other_numbers(
    recording: Recording, *inputs: tuple[list[float], list[float]], narrow: bool = False
) -> Iterator[Any]:
    """Run cells with other numbers in place of the data."""
    items = [
        {"name": f"x{n}", "original": original, "other": other}
        for n, (original, other) in enumerate(inputs)
    ]
    recording.recorder.substitution = Substitution(items, narrow=narrow)
    yield recording.recorder.substitution
    recording.recorder.substitution = None
